package discourse

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
)

// A writer is a source with a key.
type writer struct{ *source }

// Options implements listen.Chooser.
func (w *writer) Options(to lastword.Post) []lastword.ReplyOption {
	if _, ours := w.idOf(to.Key); !ours { // another forum's
		return nil
	}
	allowed := lastword.Network{Limit: limit, Unit: lastword.Characters}
	r, ok := refOf(to)
	if !ok || r.Closed {
		return []lastword.ReplyOption{{Closed: true, Why: "why.topic_closed", At: to.URL, Network: allowed}}
	}
	return []lastword.ReplyOption{{At: to.URL, Network: allowed}}
}

func refOf(to lastword.Post) (r ref, ok bool) {
	err := json.Unmarshal([]byte(to.Ref), &r)
	return r, err == nil && r.Topic > 0
}

// A newPost makes one (docs.discourse.org, Creates a new topic, a new post, or a
// private message).
type newPost struct {
	Raw      string `json:"raw"`
	Topic    int64  `json:"topic_id,omitempty"`
	ReplyTo  int64  `json:"reply_to_post_number,omitempty"`
	Title    string `json:"title,omitempty"`
	Category int    `json:"category,omitempty"`
}

// Reply implements listen.Replier.
func (w *writer) Reply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, error) {
	r, ok := refOf(to)
	if _, ours := w.idOf(to.Key); !ok || !ours {
		return listen.Receipt{}, fmt.Errorf("discourse: %q is no post of this forum: %w", to.Key, lastword.ErrInvalid)
	}
	p := newPost{Raw: a.Text, Topic: r.Topic}
	if r.Number > 1 { // an answer to the first post belongs to the topic as a whole
		p.ReplyTo = r.Number
	}
	return w.create(ctx, p)
}

// create makes a post. One that waits for a moderator has no address yet: it is
// given that of its topic.
func (w *writer) create(ctx context.Context, p newPost) (listen.Receipt, error) {
	var said struct {
		ID      int64
		Topic   int64 `json:"topic_id"`
		Number  int64 `json:"post_number"`
		Action  string
		Pending struct{ ID int64 } `json:"pending_post"`
	}
	if err := w.ask(ctx, http.MethodPost, "/posts.json", nil, p, true, &said); err != nil {
		return listen.Receipt{}, w.judge(ctx, err)
	}
	if said.Action == "enqueued" {
		return listen.Receipt{Key: fmt.Sprintf("%s%s/review/%d", w.base.Host, w.base.Path, said.Pending.ID), URL: w.page(fmt.Sprintf("/t/%d", p.Topic))}, nil
	}
	if said.ID <= 0 {
		return listen.Receipt{}, fmt.Errorf("discourse: the new post has no id: %w", lastword.ErrUnavailable)
	}
	return listen.Receipt{Key: w.keyOf(said.ID), URL: w.page(fmt.Sprintf("/t/%d/%d", said.Topic, said.Number))}, nil
}

// judge says what a refusal of the key's owner means. Discourse answers 403 to a
// wrong key and to a closed topic alike; who we are tells them apart.
func (w *writer) judge(ctx context.Context, err error) error {
	switch code(err) {
	case http.StatusNotFound, http.StatusGone:
		return fmt.Errorf("%v: %w", err, lastword.ErrGone)
	case http.StatusUnauthorized, http.StatusForbidden:
		if _, failed := w.me(ctx); failed != nil {
			return failed
		}
		return fmt.Errorf("%v: %w", err, lastword.ErrInvalid)
	}
	return err
}

// me asks whose key it is. An error is lastword.ErrDenied where it is nobody's.
func (w *writer) me(ctx context.Context) (name string, err error) {
	var said struct {
		User struct{ Username string } `json:"current_user"`
	}
	err = w.ask(ctx, http.MethodGet, "/session/current.json", nil, nil, true, &said)
	switch code(err) {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return "", fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "connector.discourse.error.key_refused", Field: fieldKey, Kind: lastword.ErrDenied})
	}
	if err == nil && said.User.Username == "" {
		err = fmt.Errorf("discourse: the forum does not say who we are: %w", lastword.ErrUnavailable)
	}
	return said.User.Username, err
}

// Find implements listen.Replier. The forum keeps no keys of ours: FindReply looks
// for the text.
func (w *writer) Find(context.Context, lastword.Post, string) (listen.Receipt, bool, error) {
	return listen.Receipt{}, false, fmt.Errorf("discourse: nothing is found by a key: %w", lastword.ErrUnavailable)
}

// FindReply implements listen.Finder: it looks among what the account has posted
// since the answer was made.
func (w *writer) FindReply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, bool, error) {
	r, ok := refOf(to)
	if !ok {
		return listen.Receipt{}, false, nil
	}
	return w.findOwn(ctx, a, func(topic int64) bool { return topic == r.Topic }, func(raw string) bool { return same(raw, a.Text) })
}

const (
	clocks  = 2 * time.Minute // the forum's and ours may differ by
	ownMost = 60
)

// findOwn looks through the account's latest topics and replies (filters 4 and 5
// of /user_actions.json) for one that is wanted.
func (w *writer) findOwn(ctx context.Context, a listen.Reply, in func(topic int64) bool, wanted func(raw string) bool) (listen.Receipt, bool, error) {
	name, err := w.me(ctx)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	var said struct {
		Actions []struct {
			PostID    int64     `json:"post_id"`
			TopicID   int64     `json:"topic_id"`
			Number    int64     `json:"post_number"`
			CreatedAt time.Time `json:"created_at"`
		} `json:"user_actions"`
	}
	q := url.Values{"username": {name}, "filter": {"4,5"}, "offset": {"0"}}
	if err := w.ask(ctx, http.MethodGet, "/user_actions.json", q, nil, true, &said); err != nil {
		return listen.Receipt{}, false, w.judge(ctx, err)
	}
	for _, act := range said.Actions[:min(len(said.Actions), ownMost)] {
		if act.CreatedAt.Before(a.Made.Add(-clocks)) || !in(act.TopicID) {
			continue
		}
		var p wirePost
		path := fmt.Sprintf("/posts/by_number/%d/%d.json", act.TopicID, act.Number)
		if err := w.ask(ctx, http.MethodGet, path, nil, nil, true, &p); err != nil {
			if code(err) == http.StatusNotFound {
				continue
			}
			return listen.Receipt{}, false, err
		}
		if wanted(p.Raw) {
			return listen.Receipt{Key: w.keyOf(p.ID), URL: w.page(fmt.Sprintf("/t/%d/%d", act.TopicID, act.Number))}, true, nil
		}
	}
	return listen.Receipt{}, false, nil
}

// same compares texts; a forum strips the space around and may change that within.
func same(raw, sent string) bool {
	return strings.Join(strings.Fields(raw), " ") == strings.Join(strings.Fields(sent), " ")
}

// Edit implements listen.Editor.
func (w *writer) Edit(ctx context.Context, key string, a listen.Reply) error {
	id, ours := w.idOf(key)
	if !ours {
		return fmt.Errorf("discourse: %q is no post of this forum: %w", key, lastword.ErrInvalid)
	}
	raw, err := w.keeping(ctx, id, a.Text)
	if err != nil {
		return w.judged(ctx, err)
	}
	body := map[string]any{"post": map[string]string{"raw": raw}}
	err = w.ask(ctx, http.MethodPut, fmt.Sprintf("/posts/%d.json", id), nil, body, true, nil)
	return w.judged(ctx, err)
}

// Remove implements listen.Editor.
func (w *writer) Remove(ctx context.Context, key string) error {
	id, ours := w.idOf(key)
	if !ours {
		return fmt.Errorf("discourse: %q is no post of this forum: %w", key, lastword.ErrInvalid)
	}
	return w.judged(ctx, w.ask(ctx, http.MethodDelete, fmt.Sprintf("/posts/%d.json", id), nil, nil, true, nil))
}

func (w *writer) judged(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	return w.judge(ctx, err)
}

// Check implements listen.Checker.
func (w *writer) Check(ctx context.Context) ([]listen.Ability, error) {
	if _, err := w.me(ctx); err != nil {
		return nil, err
	}
	all := []listen.Ability{{Name: "stream", Why: "why.no_stream"}}
	for _, name := range []string{"hear", "search", "reply", "publish", "edit", "delete"} {
		all = append(all, listen.Ability{Name: name, Can: true})
	}
	return all, nil
}
