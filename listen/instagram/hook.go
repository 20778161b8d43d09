package instagram

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/meta"
	"lastword/internal/text"
	"lastword/listen"
)

// Receive implements listen.Receiver.
func (s *source) Receive(w http.ResponseWriter, r *http.Request, cursor string, hear listen.Hear) {
	ctx := r.Context()
	keep := func(events []lastword.Event) error {
		if len(events) == 0 {
			return nil
		}
		err := hear(ctx, events, cursor)
		if err != nil {
			s.host.Log.WarnContext(ctx, "instagram: what came could not be stored", "err", err)
		}
		return err
	}
	meta.Hook{
		// Which of the two signs depends on how the app was made.
		Secrets: []string{s.set.secret, s.set.hook}, Token: s.set.app, At: s.hook,
		Take: func(body []byte) error {
			events, err := s.delivered(ctx, body)
			return errors.Join(err, keep(events))
		},
		Forget: func(user string) error {
			return keep([]lastword.Event{{Op: lastword.AccountGone, Post: lastword.Post{Network: Name, Author: lastword.Author{Key: user}}}})
		},
	}.ServeHTTP(w, r)
}

// delivered returns what a push brings of our account. Instagram sends again what
// we cannot take because we do not know yet who we are.
func (s *source) delivered(ctx context.Context, body []byte) (events []lastword.Event, err error) {
	d, ok := meta.ReadDelivery(body)
	if !ok || d.Object != "instagram" {
		s.host.Dropped(dropPost, "push")
		return nil, nil
	}
	me, err := s.who(ctx)
	if errors.Is(err, lastword.ErrDenied) {
		return nil, nil // nobody has signed in: the first poll hears it
	}
	if err != nil {
		return nil, err
	}
	for _, e := range d.Entry {
		if e.ID != me.UserID && e.ID != me.ID {
			continue // another account of the same app
		}
		for _, c := range e.Changes {
			if event, ok := readChange(c, me, e.Time); ok {
				events = append(events, event)
			}
		}
		for _, m := range e.Messaging {
			if event, ok := m.Event(Name, refMessage); ok && m.Sender.ID != me.UserID && m.Sender.ID != me.ID {
				event.Post.URL = inbox
				events = append(events, event)
			}
		}
	}
	return events, nil
}

// readChange makes an event of a comment that was pushed. It carries no time but
// that of the push; false for what is no comment.
func readChange(c meta.Change, me account, at meta.Time) (lastword.Event, bool) {
	var v struct {
		comment
		Media struct{ ID string }
	}
	if c.Field != "comments" && c.Field != "live_comments" || json.Unmarshal(c.Value, &v) != nil {
		return lastword.Event{}, false
	}
	got := v.comment
	got.Timestamp = at
	fine := meta.ID(got.ID) && meta.ID(v.Media.ID) && !at.IsZero() && (got.ParentID == "" || meta.ID(got.ParentID)) && (got.From.ID == "" || meta.ID(got.From.ID))
	if !fine {
		return lastword.Event{}, false
	}
	p := got.post(me, v.Media.ID, "", "")
	return lastword.Event{Op: lastword.Said, Post: p}, p.Text != ""
}

// Names implements listen.Namer: who writes a message is named by a number only
// (docs/instagram-platform/…/messaging-api/user-profile).
func (s *source) Names(ctx context.Context, keys []string) (map[string]listen.Profile, error) {
	found := map[string]listen.Profile{}
	for _, key := range keys {
		if !meta.ID(key) {
			continue
		}
		var who meta.Account
		err := s.call(ctx, api.Request{URL: url.PathEscape(key), Query: url.Values{"fields": {"name,username"}}}, &who)
		switch {
		case meta.Refused(err) || meta.Gone(err) || meta.Has(err, 100):
		case err != nil:
			return found, err
		case who.Username != "":
			who.ID = key
			a := profile(who)
			a.Name = text.CleanTo(who.Name, 300)
			found[key] = listen.Profile{Author: a}
		}
	}
	return found, nil
}
