package youtube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"unicode/utf8"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/google"
	"lastword/internal/text"
	"lastword/listen"
)

// Options implements listen.Chooser.
func (s *source) Options(to lastword.Post) []lastword.ReplyOption {
	switch r, err := parseRef(to); {
	case err != nil:
		return []lastword.ReplyOption{{Closed: true, Why: "why.by_hand", At: to.URL}}
	case r.Closed:
		return []lastword.ReplyOption{{Closed: true, Why: "connector.youtube.error.thread-closed", At: to.URL}}
	}
	return []lastword.ReplyOption{{At: to.URL}}
}

func parseRef(p lastword.Post) (ref, error) {
	var r ref
	if json.Unmarshal([]byte(p.Ref), &r) != nil || !isID(r.Thread) || p.Own {
		return ref{}, fmt.Errorf("youtube: no comment that can be answered: %w", lastword.ErrInvalid)
	}
	return r, nil
}

// Reply implements listen.Replier. YouTube keeps nothing beside a comment; that
// an answer is there already is told by its words, so that Reply looks first. It
// costs 51 units.
func (s *source) Reply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, error) {
	r, err := parseRef(to)
	if err != nil {
		return listen.Receipt{}, err
	}
	if utf8.RuneCountInString(a.Text) > maxComment {
		return listen.Receipt{}, fmt.Errorf("youtube: over %d characters: %w", maxComment, lastword.ErrInvalid)
	}
	if there, found, err := s.FindReply(ctx, to, a); err != nil || found {
		return there, err
	}
	var raw json.RawMessage
	err = s.ask(ctx, api.Request{Method: http.MethodPost, URL: "comments", Query: url.Values{"part": {"snippet"}},
		JSON: map[string]any{"snippet": map[string]string{"parentId": r.Thread, "textOriginal": a.Text}}}, &raw)
	if err != nil {
		return listen.Receipt{}, notTaken(err)
	}
	c, ok := readComment(raw)
	if !ok {
		return listen.Receipt{}, fmt.Errorf("youtube: the new comment cannot be read: %w", lastword.ErrUnavailable)
	}
	return receipt(r, c.ID), nil
}

func receipt(r ref, id string) listen.Receipt {
	return listen.Receipt{Key: id, URL: "https://www.youtube.com/watch?v=" + r.Video + "&lc=" + id}
}

// notTaken says what a refusal means for one answer (docs/comments/insert,
// "Errors").
func notTaken(err error) error {
	closed := google.Has(err, "commentsDisabled", "parentCommentIsPrivate", "operationNotSupported")
	if closed && !errors.Is(err, lastword.ErrUnavailable) {
		return fmt.Errorf("youtube: %w", &lastword.Mistake{Key: "connector.youtube.error.thread-closed"})
	}
	return judged(google.NotTaken(err))
}

// Find implements listen.Replier for a key alone, which YouTube does not keep: it
// finds nothing, and FindReply is asked instead.
func (s *source) Find(context.Context, lastword.Post, string) (listen.Receipt, bool, error) {
	return listen.Receipt{}, false, nil
}

// FindReply implements listen.Finder: our channel's reply in the thread, later
// than what it answers, with the same words.
func (s *source) FindReply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, bool, error) {
	r, err := parseRef(to)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	me, err := s.channel(ctx)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	replies, err := s.replies(ctx, r.Thread)
	if err != nil {
		if err = notTaken(err); errors.Is(err, lastword.ErrGone) {
			err = nil // Reply says so, if it is asked
		}
		return listen.Receipt{}, false, err
	}
	for _, raw := range replies {
		c, ok := readComment(raw)
		if ok && c.Snippet.AuthorChannelID.Value == me && !c.Snippet.PublishedAt.Before(to.SaidAt) && text.Same(c.Snippet.Text, a.Text) {
			return receipt(r, c.ID), true, nil
		}
	}
	return listen.Receipt{}, false, nil
}

// Edit implements listen.Editor.
func (s *source) Edit(ctx context.Context, key string, a listen.Reply) error {
	if !isID(key) {
		return fmt.Errorf("youtube: a key that is none: %w", lastword.ErrInvalid)
	}
	err := s.ask(ctx, api.Request{Method: http.MethodPut, URL: "comments", Query: url.Values{"part": {"snippet"}},
		JSON: map[string]any{"id": key, "snippet": map[string]string{"textOriginal": a.Text}}}, nil)
	if err != nil {
		return notTaken(err)
	}
	return nil
}

// Remove implements listen.Editor.
func (s *source) Remove(ctx context.Context, key string) error {
	if !isID(key) {
		return fmt.Errorf("youtube: a key that is none: %w", lastword.ErrInvalid)
	}
	if err := s.ask(ctx, api.Request{Method: http.MethodDelete, URL: "comments", Query: url.Values{"id": {key}}}, nil); err != nil {
		return notTaken(err)
	}
	return nil
}
