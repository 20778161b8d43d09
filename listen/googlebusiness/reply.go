package googlebusiness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/google"
	"lastword/internal/text"
	"lastword/listen"
)

// Reply implements listen.Replier. A review has one reply at most, and giving
// another replaces it: what somebody wrote by hand is never overwritten.
func (s *source) Reply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, error) {
	r, err := s.review(ctx, to)
	switch {
	case err != nil:
		return listen.Receipt{}, err
	case r.Reply.Comment != "" && text.Same(original(r.Reply.Comment), a.Text):
		return receipt(to), nil
	case r.Reply.Comment != "":
		return listen.Receipt{}, fmt.Errorf("googlebusiness: %w", &lastword.Mistake{Key: "why.answered"})
	}
	if err := s.give(ctx, r.Name, a); err != nil {
		return listen.Receipt{}, err
	}
	return receipt(to), nil
}

func (s *source) give(ctx context.Context, name string, a listen.Reply) error {
	if len(a.Text) > maxReply {
		return fmt.Errorf("googlebusiness: over %d bytes: %w", maxReply, lastword.ErrInvalid)
	}
	err := s.ask(ctx, api.Request{Method: http.MethodPut, URL: reviewsAt + name + "/reply", JSON: map[string]string{"comment": a.Text}}, nil)
	if err != nil {
		return notTaken(err)
	}
	return nil
}

func (s *source) review(ctx context.Context, to lastword.Post) (review, error) {
	if !reviewName.MatchString(to.Ref) || to.Own {
		return review{}, fmt.Errorf("googlebusiness: no review that can be answered: %w", lastword.ErrInvalid)
	}
	var raw json.RawMessage
	if err := s.ask(ctx, api.Request{URL: reviewsAt + to.Ref}, &raw); err != nil {
		return review{}, notTaken(err)
	}
	r, ok := readReview(raw)
	if !ok {
		return review{}, fmt.Errorf("googlebusiness: the review cannot be read: %w", lastword.ErrUnavailable)
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
	r, err := s.review(ctx, to)
	if errors.Is(err, lastword.ErrGone) {
		return listen.Receipt{}, false, nil
	}
	if err != nil || r.Reply.Comment == "" || !text.Same(original(r.Reply.Comment), a.Text) {
		return listen.Receipt{}, false, err
	}
	return receipt(to), true, nil
}

// Edit implements listen.Editor: replying again replaces the reply.
func (s *source) Edit(ctx context.Context, key string, a listen.Reply) error {
	name, err := nameOf(key)
	if err != nil {
		return err
	}
	return s.give(ctx, name, a)
}

// Remove implements listen.Editor.
func (s *source) Remove(ctx context.Context, key string) error {
	name, err := nameOf(key)
	if err != nil {
		return err
	}
	if err := s.ask(ctx, api.Request{Method: http.MethodDelete, URL: reviewsAt + name + "/reply"}, nil); err != nil {
		return notTaken(err)
	}
	return nil
}

// nameOf makes the name of the review of a Receipt's key.
func nameOf(key string) (string, error) {
	name, ok := strings.CutSuffix(key, "|reply")
	if !ok || !reviewName.MatchString(name) {
		return "", fmt.Errorf("googlebusiness: a key that is none: %w", lastword.ErrInvalid)
	}
	return name, nil
}

func receipt(to lastword.Post) listen.Receipt {
	return listen.Receipt{Key: to.Key + "|reply", URL: to.URL}
}
