package instagram

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/meta"
	"lastword/internal/text"
	"lastword/listen"
)

// message is what may be said in a message.
func message() lastword.Network {
	return lastword.Network{Name: Name, Title: "Instagram", Reply: true, Limit: maxMessage, Unit: lastword.Characters, MaxBytes: maxMessage}
}

// Options implements listen.Chooser.
//
// A message is answered within a day of it, within a week where Meta granted the
// feature Human Agent, and after that by nobody. A comment is answered below the
// first of its thread, or within a week by one message to whoever wrote it. A
// hidden one takes only a message, and somebody else's post is answered by hand.
func (s *source) Options(to lastword.Post) []lastword.ReplyOption {
	r, ok := refOf(to)
	switch {
	case !ok:
		return []lastword.ReplyOption{{Closed: true, Why: "why.by_hand", At: to.URL}}
	case r.Kind == kindMention:
		return []lastword.ReplyOption{{ByHand: true, Why: "why.instagram_mention", At: to.URL}}
	case r.Kind == kindMessage:
		return s.messageWays(to)
	}
	public := lastword.ReplyOption{At: to.URL}
	if r.Hidden {
		public.Closed, public.Why = true, "why.instagram_hidden"
	}
	private := lastword.ReplyOption{Private: true, Until: to.SaidAt.Add(meta.PrivateReply), At: to.URL, Network: message()}
	if s.set.private || r.Hidden {
		return []lastword.ReplyOption{private, public}
	}
	return []lastword.ReplyOption{public, private}
}

func (s *source) messageWays(to lastword.Post) []lastword.ReplyOption {
	ways := []lastword.ReplyOption{
		{Private: true, Until: to.SaidAt.Add(meta.Window), At: to.URL, Network: message()},
		// In Instagram's own inbox a person may answer at any time.
		{Private: true, ByHand: true, Why: "why.instagram_window", At: to.URL, Network: message()},
	}
	if s.set.human {
		ways[0].Until = to.SaidAt.Add(meta.HumanWindow)
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
	case kindComment:
		return r, ok && meta.ID(to.Key) && meta.ID(r.Top)
	case kindMention:
		return r, ok
	}
	return r, false
}

// way is how Reply answers: the first way that is open and needs no hand.
func (s *source) way(to lastword.Post) (ref, lastword.ReplyOption, error) {
	r, ok := refOf(to)
	if !ok {
		return r, lastword.ReplyOption{}, fmt.Errorf("instagram: no voice that can be answered: %w", lastword.ErrInvalid)
	}
	why := "why.too_old"
	for _, o := range s.Options(to) {
		if o.Open(s.host.Now()) && !o.ByHand {
			return r, o, nil
		}
		if o.Why != "" {
			why = o.Why
		}
	}
	return r, lastword.ReplyOption{Private: r.Kind == kindMessage}, &lastword.Mistake{Key: why}
}

// Reply implements listen.Replier. Instagram keeps nothing beside an answer; that
// it is there already is told by its words, so that Reply looks first.
func (s *source) Reply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, error) {
	r, way, err := s.way(to)
	if err != nil {
		return listen.Receipt{}, err
	}
	limit := way.Network
	if !way.Private {
		limit = connector{}.Info().Network
	}
	if err := meta.Fits(limit, a.Text, nil); err != nil {
		return listen.Receipt{}, err
	}
	if there, found, err := s.find(ctx, to, r, way, a); err != nil || found {
		return there, err
	}
	token, err := s.token.Get(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	if way.Private {
		recipient, late := map[string]string{"comment_id": to.Key}, false
		if r.Kind == kindMessage {
			recipient, late = map[string]string{"id": r.Person}, s.host.Now().Sub(to.SaidAt) >= meta.Window
		}
		id, err := s.graph.Send(ctx, token, "me/messages", recipient, a.Text, late)
		if err != nil {
			return listen.Receipt{}, fmt.Errorf("instagram: %w", err)
		}
		return listen.Receipt{Key: meta.MessageKey(id), URL: inbox}, nil
	}
	id, err := s.graph.Make(ctx, token, r.Top+"/replies", url.Values{"message": {addressed(to, r, a.Text)}})
	if err != nil {
		return listen.Receipt{}, fmt.Errorf("instagram: %w", meta.NotTaken(err))
	}
	return listen.Receipt{Key: id, URL: to.URL}, nil
}

// addressed names whom an answer is for where it hangs on the first comment of the
// thread and not on theirs.
func addressed(to lastword.Post, r ref, said string) string {
	if r.Top == to.Key || !meta.ID(to.Author.Handle) {
		return said
	}
	if named := "@" + to.Author.Handle + " " + said; meta.Fits(connector{}.Info().Network, named, nil) == nil {
		return named
	}
	return said
}

// Find implements listen.Replier for a key alone, which Instagram does not keep: it
// finds nothing, and FindReply is asked instead.
func (s *source) Find(context.Context, lastword.Post, string) (listen.Receipt, bool, error) {
	return listen.Receipt{}, false, nil
}

// FindReply implements listen.Finder.
func (s *source) FindReply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, bool, error) {
	r, way, err := s.way(to)
	if err != nil && (r.Kind == "" || r.Kind == kindMention) {
		return listen.Receipt{}, false, nil // nothing was ever sent there
	}
	return s.find(ctx, to, r, way, a)
}

// find looks for our own words, later than what they answer, in the conversation
// or in the thread.
func (s *source) find(ctx context.Context, to lastword.Post, r ref, way lastword.ReplyOption, a listen.Reply) (listen.Receipt, bool, error) {
	me, err := s.who(ctx)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	if way.Private {
		person := r.Person
		if r.Kind != kindMessage {
			person = to.Author.Key
		}
		token, err := s.token.Get(ctx)
		if err != nil || !meta.ID(person) {
			return listen.Receipt{}, false, err
		}
		id, found, err := s.graph.Sent(ctx, token, "me/conversations", "instagram", me.UserID, person, a.Text, to.SaidAt)
		if err != nil {
			return listen.Receipt{}, false, fmt.Errorf("instagram: %w", err)
		}
		return listen.Receipt{Key: meta.MessageKey(id), URL: inbox}, found, nil
	}
	all, _, err := s.list(ctx, r.Top+"/replies", url.Values{"fields": {replyFields}, "limit": {"100"}}, "")
	if meta.Gone(err) {
		return listen.Receipt{}, false, nil // Reply says so, if it is asked
	}
	if err != nil {
		return listen.Receipt{}, false, err
	}
	sent := addressed(to, r, a.Text)
	for _, raw := range all {
		c, ok := readComment(raw)
		if ok && me.is(c.From) && !c.Timestamp.Before(to.SaidAt.Add(-meta.Clocks)) && text.Same(c.Text, sent) {
			return listen.Receipt{Key: c.ID, URL: to.URL}, true, nil
		}
	}
	return listen.Receipt{}, false, nil
}

// Remove implements listen.Remover. Messages stay; nothing can be changed.
func (s *source) Remove(ctx context.Context, key string) error {
	if _, is := meta.IsMessage(key); is {
		return &lastword.Mistake{Key: "why.meta_message_stays"}
	}
	if !meta.ID(key) {
		return fmt.Errorf("instagram: a key that is none: %w", lastword.ErrInvalid)
	}
	if err := s.call(ctx, api.Request{Method: http.MethodDelete, URL: key}, nil); err != nil {
		return meta.NotTaken(err)
	}
	return nil
}
