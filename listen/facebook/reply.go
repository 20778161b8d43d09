package facebook

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/meta"
	"lastword/internal/text"
	"lastword/listen"
)

// message is what may be said by Messenger.
func message() lastword.Network {
	return lastword.Network{Name: Name, Title: "Messenger", Reply: true, Limit: maxMessage, Unit: lastword.Characters}
}

// Options implements listen.Chooser.
//
// A message is answered within a day of it, within a week where Meta granted the
// feature Human Agent, and after that by nobody. A comment is answered below it,
// or within a week by one message to whoever wrote it.
func (s *source) Options(to lastword.Post) []lastword.ReplyOption {
	r, ok := refOf(to)
	switch {
	case !ok:
		return []lastword.ReplyOption{{Closed: true, Why: "why.by_hand", At: to.URL}}
	case r.Kind == kindMessage:
		return s.messageWays(to)
	}
	public := lastword.ReplyOption{At: to.URL}
	if r.Closed {
		public.Closed, public.Why = true, "why.meta_comments_closed"
	}
	if !r.Privately {
		return []lastword.ReplyOption{public}
	}
	private := lastword.ReplyOption{Private: true, Until: to.SaidAt.Add(meta.PrivateReply), At: to.URL, Network: message()}
	if s.set.private || to.Private {
		return []lastword.ReplyOption{private, public}
	}
	return []lastword.ReplyOption{public, private}
}

func (s *source) messageWays(to lastword.Post) []lastword.ReplyOption {
	ways := []lastword.ReplyOption{
		{Private: true, Until: to.SaidAt.Add(meta.Window), At: to.URL, Network: message()},
		// Meta's own inbox takes a person's answer for a week.
		{Private: true, ByHand: true, Why: "why.meta_window_hand", Until: to.SaidAt.Add(meta.HumanWindow), At: to.URL, Network: message()},
	}
	if s.set.human {
		ways[0].Until = to.SaidAt.Add(meta.HumanWindow)
	}
	if !ways[1].Open(s.host.Now()) {
		for i := range ways {
			ways[i].Closed, ways[i].Why = true, "why.meta_window"
		}
	}
	return ways
}

func refOf(to lastword.Post) (ref, bool) {
	var r ref
	ok := json.Unmarshal([]byte(to.Ref), &r) == nil && !to.Own
	switch r.Kind {
	case kindMessage:
		_, is := meta.IsMessage(to.Key)
		return r, ok && is && meta.ID(r.Person)
	case kindComment, kindPost, kindReview:
		return r, ok && meta.ID(strings.TrimPrefix(to.Key, reviewKey))
	}
	return r, false
}

// way is how Reply answers: the first way that is open and needs no hand.
func (s *source) way(to lastword.Post) (ref, lastword.ReplyOption, error) {
	r, ok := refOf(to)
	if !ok {
		return r, lastword.ReplyOption{}, fmt.Errorf("facebook: no voice that can be answered: %w", lastword.ErrInvalid)
	}
	why := ""
	for _, o := range s.Options(to) {
		if o.Open(s.host.Now()) && !o.ByHand {
			return r, o, nil
		}
		why = o.Why
	}
	if why == "" {
		why = "why.too_old"
	}
	return r, lastword.ReplyOption{}, &lastword.Mistake{Key: why}
}

// Reply implements listen.Replier. Facebook keeps nothing beside an answer; that
// it is there already is told by its words, so that Reply looks first.
func (s *source) Reply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, error) {
	r, way, err := s.way(to)
	if err != nil {
		return listen.Receipt{}, err
	}
	limit := way.Network
	if limit.Limit == 0 {
		limit = connector{}.Info().Network
	}
	if err := meta.Fits(limit, a.Text, nil); err != nil {
		return listen.Receipt{}, err
	}
	me, err := s.me(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	if there, found, err := s.find(ctx, me, to, r, way, a); err != nil || found {
		return there, err
	}
	if way.Private {
		return s.write(ctx, me, to, r, a.Text)
	}
	id, err := s.graph.Make(ctx, me.Token, strings.TrimPrefix(to.Key, reviewKey)+"/comments", url.Values{"message": {a.Text}})
	if err != nil {
		return listen.Receipt{}, fmt.Errorf("facebook: %w", meta.NotTaken(err))
	}
	return listen.Receipt{Key: id, URL: web("", id)}, nil
}

func (s *source) write(ctx context.Context, me page, to lastword.Post, r ref, said string) (listen.Receipt, error) {
	recipient, late := map[string]string{"comment_id": to.Key}, false
	if r.Kind == kindMessage {
		recipient, late = map[string]string{"id": r.Person}, s.host.Now().Sub(to.SaidAt) >= meta.Window
	}
	id, err := s.graph.Send(ctx, me.Token, me.ID+"/messages", recipient, said, late)
	if err != nil {
		return listen.Receipt{}, fmt.Errorf("facebook: %w", err)
	}
	return listen.Receipt{Key: meta.MessageKey(id), URL: inbox(me.ID, "")}, nil
}

// Find implements listen.Replier for a key alone, which Facebook does not keep: it
// finds nothing, and FindReply is asked instead.
func (s *source) Find(context.Context, lastword.Post, string) (listen.Receipt, bool, error) {
	return listen.Receipt{}, false, nil
}

// FindReply implements listen.Finder.
func (s *source) FindReply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, bool, error) {
	r, way, err := s.way(to)
	if err != nil { // whatever was sent, no way is open any more: a comment may be there
		if r.Kind == kindMessage {
			way.Private = true
		} else if r.Kind == "" {
			return listen.Receipt{}, false, err
		}
	}
	me, err := s.me(ctx)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	return s.find(ctx, me, to, r, way, a)
}

// find looks for our own words, later than what they answer, in the conversation
// or below the voice.
func (s *source) find(ctx context.Context, me page, to lastword.Post, r ref, way lastword.ReplyOption, a listen.Reply) (listen.Receipt, bool, error) {
	if way.Private {
		person := r.Person
		if r.Kind != kindMessage {
			person = to.Author.Key
		}
		if !meta.ID(person) {
			return listen.Receipt{}, false, nil // Meta takes only one private reply to a comment anyway
		}
		id, found, err := s.graph.Sent(ctx, me.Token, me.ID+"/conversations", "messenger", me.ID, person, a.Text, to.SaidAt)
		if err != nil {
			return listen.Receipt{}, false, fmt.Errorf("facebook: %w", err)
		}
		return listen.Receipt{Key: meta.MessageKey(id), URL: inbox(me.ID, "")}, found, nil
	}
	q := url.Values{"fields": {commentFields}, "filter": {"stream"}, "order": {"reverse_chronological"}, "limit": {"100"}}
	all, _, err := s.graph.List(ctx, me.Token, strings.TrimPrefix(to.Key, reviewKey)+"/comments", q, "")
	if meta.Gone(err) {
		return listen.Receipt{}, false, nil // Reply says so, if it is asked
	}
	if err != nil {
		return listen.Receipt{}, false, fmt.Errorf("facebook: %w", err)
	}
	for _, raw := range all {
		c, ok := readEntry(raw)
		if ok && c.From.ID == me.ID && !c.Created.Before(to.SaidAt.Add(-meta.Clocks)) && text.Same(c.Message, a.Text) {
			return listen.Receipt{Key: c.ID, URL: web(c.Permalink, c.ID)}, true, nil
		}
	}
	return listen.Receipt{}, false, nil
}

// Edit implements listen.Editor. What went out by Messenger stays as it is.
func (s *source) Edit(ctx context.Context, key string, a listen.Reply) error {
	return s.change(ctx, key, api.Request{Method: http.MethodPost, Form: url.Values{"message": {a.Text}}})
}

// Remove implements listen.Editor.
func (s *source) Remove(ctx context.Context, key string) error {
	return s.change(ctx, key, api.Request{Method: http.MethodDelete})
}

func (s *source) change(ctx context.Context, key string, r api.Request) error {
	if _, is := meta.IsMessage(key); is {
		return &lastword.Mistake{Key: "why.meta_message_stays"}
	}
	if !meta.ID(key) {
		return fmt.Errorf("facebook: a key that is none: %w", lastword.ErrInvalid)
	}
	me, err := s.me(ctx)
	if err != nil {
		return err
	}
	r.URL = key
	if err := s.graph.Call(ctx, me.Token, r, nil); err != nil {
		return fmt.Errorf("facebook: %w", meta.NotTaken(err))
	}
	return nil
}
