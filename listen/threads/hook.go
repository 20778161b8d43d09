package threads

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"lastword"
	"lastword/internal/meta"
	"lastword/listen"
)

// A delivery is one push (docs/threads/webhooks). Its values are one, or a list.
type delivery struct {
	Target string `json:"target_id"`
	Values values
}

type values []struct {
	Field string
	Value json.RawMessage
}

// UnmarshalJSON reads both forms.
func (v *values) UnmarshalJSON(raw []byte) error {
	type plain values
	var one plain = make(plain, 1)
	if json.Unmarshal(raw, &one[0]) == nil && one[0].Field != "" {
		*v = values(one)
		return nil
	}
	return json.Unmarshal(raw, (*plain)(v))
}

// Receive implements listen.Receiver.
func (s *source) Receive(w http.ResponseWriter, r *http.Request, cursor string, hear listen.Hear) {
	ctx := r.Context()
	keep := func(events []lastword.Event) error {
		if len(events) == 0 {
			return nil
		}
		err := hear(ctx, events, cursor)
		if err != nil {
			s.host.Log.WarnContext(ctx, "threads: what came could not be stored", "err", err)
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

// delivered returns what a push brings. Threads sends again what we cannot take
// because we do not know yet who we are.
func (s *source) delivered(ctx context.Context, body []byte) ([]lastword.Event, error) {
	var d delivery
	if json.Unmarshal(body, &d) != nil {
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
	var events []lastword.Event
	for _, v := range d.Values {
		if e, ok := readValue(v.Field, v.Value, me); ok {
			events = append(events, e)
		} else {
			s.host.Dropped(dropPost, "push")
		}
	}
	return events, nil
}

// readValue makes an event of what was pushed.
func readValue(field string, raw []byte, me account) (lastword.Event, bool) {
	if field == "delete" {
		var gone struct{ ID string }
		ok := json.Unmarshal(raw, &gone) == nil && meta.ID(gone.ID)
		return lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: Name, Key: gone.ID}}, ok
	}
	p, ok := readPost(raw)
	kind := map[string]string{"replies": kindReply, "mentions": kindMention, "publish": kindReply}[field]
	v := p.voice(me, kind)
	return lastword.Event{Op: lastword.Said, Post: v}, ok && kind != "" && v.Text != ""
}
