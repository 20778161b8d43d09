package googleplay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"encoding/json"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/google"
	"lastword/internal/text"
	"lastword/listen"
)

// Reply implements listen.Replier. A review has one reply at most, and giving
// another replaces it: what somebody wrote by hand is never overwritten.
func (s *source) Reply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, error) {
	if !isID(to.Ref) || to.Own {
		return listen.Receipt{}, fmt.Errorf("googleplay: no review that can be answered: %w", lastword.ErrInvalid)
	}
	r, err := s.review(ctx, to.Ref)
	switch {
	case err != nil:
		return listen.Receipt{}, err
	case r.answer != "" && text.Same(r.answer, a.Text):
		return receipt(to), nil
	case r.answer != "":
		return listen.Receipt{}, fmt.Errorf("googleplay: %w", &lastword.Mistake{Key: "why.answered"})
	}
	if err := s.give(ctx, to.Ref, a); err != nil {
		return listen.Receipt{}, err
	}
	return receipt(to), nil
}

func (s *source) give(ctx context.Context, id string, a listen.Reply) error {
	if utf8.RuneCountInString(a.Text) > maxReply {
		return fmt.Errorf("googleplay: over %d characters: %w", maxReply, lastword.ErrInvalid)
	}
	err := s.ask(ctx, api.Request{Method: http.MethodPost, URL: "/" + id + ":reply", JSON: map[string]string{"replyText": a.Text}}, nil)
	if err != nil {
		return notTaken(err)
	}
	return nil
}

func (s *source) review(ctx context.Context, id string) (review, error) {
	var raw json.RawMessage
	if err := s.ask(ctx, api.Request{URL: "/" + id}, &raw); err != nil {
		return review{}, notTaken(err)
	}
	r, ok := readReview(raw)
	if !ok {
		return review{}, fmt.Errorf("googleplay: the review cannot be read: %w", lastword.ErrUnavailable)
	}
	return r, nil
}

// notTaken says what a refusal means for one answer.
func notTaken(err error) error { return judged(google.NotTaken(err)) }

// Find implements listen.Replier for a key alone, which Google does not keep: it
// finds nothing, and FindReply is asked instead.
func (s *source) Find(context.Context, lastword.Post, string) (listen.Receipt, bool, error) {
	return listen.Receipt{}, false, nil
}

// FindReply implements listen.Finder.
func (s *source) FindReply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, bool, error) {
	if !isID(to.Ref) {
		return listen.Receipt{}, false, fmt.Errorf("googleplay: no review: %w", lastword.ErrInvalid)
	}
	r, err := s.review(ctx, to.Ref)
	if errors.Is(err, lastword.ErrGone) {
		return listen.Receipt{}, false, nil
	}
	if err != nil || r.answer == "" || !text.Same(r.answer, a.Text) {
		return listen.Receipt{}, false, err
	}
	return receipt(to), true, nil
}

// Edit implements listen.Editor: replying again replaces the reply.
func (s *source) Edit(ctx context.Context, key string, a listen.Reply) error {
	of, ok := strings.CutSuffix(key, "|reply")
	app, id, cut := strings.Cut(of, "|")
	if !ok || !cut || app != s.app || !isID(id) {
		return fmt.Errorf("googleplay: a key that is none: %w", lastword.ErrInvalid)
	}
	return s.give(ctx, id, a)
}

// Remove implements listen.Editor. The API has no way to take a reply back.
func (s *source) Remove(context.Context, string) error {
	return &lastword.Mistake{Key: "connector.googleplay.error.no-remove"}
}

func receipt(to lastword.Post) listen.Receipt {
	return listen.Receipt{Key: to.Key + "|reply", URL: to.URL}
}
