package threads

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/meta"
	"lastword/internal/text"
	"lastword/listen"
)

// Options implements listen.Chooser: who replied to us or named us is answered by
// ourselves. Whoever was only found by words did not speak to us, and is answered
// by hand.
func (s *source) Options(to lastword.Post) []lastword.ReplyOption {
	switch kind, ok := kindOf(to); {
	case !ok:
		return []lastword.ReplyOption{{Closed: true, Why: "why.by_hand", At: to.URL}}
	case kind == kindFound:
		return []lastword.ReplyOption{{ByHand: true, Why: "why.threads_stranger", At: to.URL}}
	}
	return []lastword.ReplyOption{{At: to.URL}}
}

func kindOf(to lastword.Post) (string, bool) {
	var r ref
	ok := json.Unmarshal([]byte(to.Ref), &r) == nil && !to.Own && meta.ID(to.Key)
	return r.Kind, ok && (r.Kind == kindReply || r.Kind == kindMention || r.Kind == kindFound)
}

// Reply implements listen.Replier. Threads keeps nothing beside a post; that an
// answer is there already is told by its words, so that Reply looks first.
func (s *source) Reply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, error) {
	kind, ok := kindOf(to)
	switch {
	case !ok:
		return listen.Receipt{}, fmt.Errorf("threads: no post that can be answered: %w", lastword.ErrInvalid)
	case kind == kindFound:
		return listen.Receipt{}, &lastword.Mistake{Key: "why.threads_stranger"}
	}
	if err := meta.Fits(connector{}.Info().Network, a.Text, text.EmojiBytes); err != nil {
		return listen.Receipt{}, err
	}
	if there, found, err := s.FindReply(ctx, to, a); err != nil || found {
		return there, err
	}
	return s.make(ctx, a.Text, to.Key, nil)
}

// codeNotReady is how Threads refuses a container that it has not finished.
const codeNotReady = 24

// make publishes a post in the two steps of docs/threads/posts: a container, which
// nobody sees, and its publishing.
func (s *source) make(ctx context.Context, said, replyTo string, pictures []listen.Picture) (listen.Receipt, error) {
	token, err := s.token.Get(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	form, err := s.form(ctx, token, said, pictures)
	if err != nil {
		return listen.Receipt{}, err
	}
	if replyTo != "" {
		form.Set("reply_to_id", replyTo)
	}
	id, err := s.container(ctx, token, form)
	if err != nil {
		return listen.Receipt{}, err
	}
	id, err = s.graph.Make(ctx, token, "me/threads_publish", url.Values{"creation_id": {id}})
	if err != nil {
		if meta.Has(err, codeNotReady) || meta.Gone(err) { // the container of this very moment
			return listen.Receipt{}, fmt.Errorf("threads: %v: %w", err, lastword.ErrUnavailable)
		}
		return listen.Receipt{}, fmt.Errorf("threads: %w", meta.NotTaken(err))
	}
	var made struct{ Permalink string }
	if err := s.call(ctx, api.Request{URL: id, Query: url.Values{"fields": {"permalink"}}}, &made); err != nil {
		s.host.Log.WarnContext(ctx, "threads: the address of what was published is not known", "err", err)
	}
	return listen.Receipt{Key: id, URL: web(made.Permalink)}, nil
}

// Find implements listen.Replier for a key alone, which Threads does not keep: it
// finds nothing, and FindReply is asked instead.
func (s *source) Find(context.Context, lastword.Post, string) (listen.Receipt, bool, error) {
	return listen.Receipt{}, false, nil
}

// FindReply implements listen.Finder: our reply to the post with the same words,
// later than it.
func (s *source) FindReply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, bool, error) {
	own, err := s.since(ctx, "me/replies", max(to.SaidAt.Unix(), a.Made.Unix()-86_400))
	if err != nil {
		return listen.Receipt{}, false, err
	}
	got, found := said(own, a.Text, to.Key)
	return got, found, nil
}

// since lists what we said since then, Unix seconds, newest first.
func (s *source) since(ctx context.Context, path string, unix int64) (all []post, err error) {
	me, err := s.who(ctx)
	if err != nil {
		return nil, err
	}
	q := url.Values{"fields": {postFields}, "limit": {"100"}}
	if unix > 0 {
		q.Set("since", strconv.FormatInt(unix-int64(meta.Clocks.Seconds()), 10))
	}
	raws, _, err := s.list(ctx, path, q, "")
	if err != nil {
		return nil, err
	}
	for _, raw := range raws {
		if p, ok := readPost(raw); ok && p.Username == me.Username {
			all = append(all, p)
		}
	}
	return all, nil
}

// said looks among our own posts for words below a post, or by themselves.
func said(own []post, words, below string) (listen.Receipt, bool) {
	for _, p := range own {
		if p.RepliedTo.ID == below && text.Same(p.Text, words) {
			return listen.Receipt{Key: p.ID, URL: web(p.Permalink)}, true
		}
	}
	return listen.Receipt{}, false
}

// Remove implements listen.Remover (docs/threads/posts/delete-posts): a hundred a
// day. Nothing can be changed by a program.
func (s *source) Remove(ctx context.Context, key string) error {
	if !meta.ID(key) {
		return fmt.Errorf("threads: a key that is none: %w", lastword.ErrInvalid)
	}
	if err := s.call(ctx, api.Request{Method: http.MethodDelete, URL: key}, nil); err != nil {
		return meta.NotTaken(err)
	}
	return nil
}
