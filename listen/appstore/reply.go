package appstore

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"lastword"
	"lastword/internal/text"
	"lastword/listen"
)

// Options implements listen.Chooser: who wrote in the public feed can only be
// answered in App Store Connect.
func (s *source) Options(to lastword.Post) []lastword.ReplyOption {
	switch {
	case s.key == nil || to.Ref == "":
		return []lastword.ReplyOption{{ByHand: true, Why: "connector.appstore.error.no-key", At: to.URL}}
	case to.Own:
		return []lastword.ReplyOption{{Closed: true, Why: "why.by_hand", At: to.URL}}
	}
	return []lastword.ReplyOption{{At: to.URL}}
}

// Reply implements listen.Replier. A review has one response at most, and giving
// another replaces it: what somebody wrote by hand is never overwritten.
func (s *source) Reply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, error) {
	if err := s.may(to); err != nil {
		return listen.Receipt{}, err
	}
	there, err := s.response(ctx, to)
	switch {
	case err != nil:
		return listen.Receipt{}, err
	case there != nil && text.Same(there.Attributes.Response, a.Text):
		return receipt(there.ID, to), nil
	case there != nil:
		return listen.Receipt{}, fmt.Errorf("appstore: %w", &lastword.Mistake{Key: "why.answered"})
	}
	return s.give(ctx, to, to.Ref, a)
}

// give makes or replaces the response to a review.
func (s *source) give(ctx context.Context, to lastword.Post, review string, a listen.Reply) (listen.Receipt, error) {
	if utf8.RuneCountInString(a.Text) > maxResponse {
		return listen.Receipt{}, fmt.Errorf("appstore: over %d characters: %w", maxResponse, lastword.ErrInvalid)
	}
	var got struct{ Data resource }
	err := s.ask(ctx, http.MethodPost, "/v1/customerReviewResponses", nil, map[string]any{"data": map[string]any{
		"type": "customerReviewResponses", "attributes": map[string]any{"responseBody": a.Text},
		"relationships": map[string]any{"review": map[string]any{"data": map[string]any{"type": "customerReviews", "id": review}}},
	}}, &got)
	if err != nil {
		return listen.Receipt{}, notTaken(err)
	}
	if !isID(got.Data.ID) {
		return listen.Receipt{}, fmt.Errorf("appstore: the new response cannot be read: %w", lastword.ErrUnavailable)
	}
	return receipt(got.Data.ID, to), nil
}

func (s *source) may(to lastword.Post) error {
	switch {
	case s.key == nil:
		return &lastword.Mistake{Key: "connector.appstore.error.no-key", Field: fieldKey, Kind: lastword.ErrDenied}
	case !isID(to.Ref):
		return fmt.Errorf("appstore: no review that can be answered: %w", lastword.ErrInvalid)
	}
	return nil
}

// Find implements listen.Replier for a key alone, which Apple does not keep: it
// finds nothing, and FindReply is asked instead.
func (s *source) Find(context.Context, lastword.Post, string) (listen.Receipt, bool, error) {
	return listen.Receipt{}, false, nil
}

// FindReply implements listen.Finder.
func (s *source) FindReply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, bool, error) {
	if err := s.may(to); err != nil {
		return listen.Receipt{}, false, err
	}
	there, err := s.response(ctx, to)
	switch {
	case errors.Is(err, lastword.ErrGone):
		return listen.Receipt{}, false, nil
	case err != nil || there == nil || !text.Same(there.Attributes.Response, a.Text):
		return listen.Receipt{}, false, err
	}
	return receipt(there.ID, to), true, nil
}

// response returns what stands below a review, nil for nothing.
func (s *source) response(ctx context.Context, to lastword.Post) (*resource, error) {
	var got struct {
		Data     resource
		Included []resource
	}
	if err := s.ask(ctx, "", "/v1/customerReviews/"+to.Ref, url.Values{"include": {"response"}}, nil, &got); err != nil {
		return nil, notTaken(err)
	}
	for _, r := range got.Included {
		if r.Type == "customerReviewResponses" && isID(r.ID) {
			return &r, nil
		}
	}
	return nil, nil
}

// notTaken says what a refusal means for one answer.
func notTaken(err error) error {
	var e *refusal
	if !errors.As(err, &e) {
		return err
	}
	switch e.status {
	case http.StatusNotFound:
		return fmt.Errorf("%v: %w", err, lastword.ErrGone)
	case http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity:
		return fmt.Errorf("%v: %w", err, lastword.ErrInvalid)
	}
	return judged(err)
}

// Edit implements listen.Editor: giving a response again replaces it.
func (s *source) Edit(ctx context.Context, key string, a listen.Reply) error {
	id, err := s.ours(key)
	if err != nil {
		return err
	}
	var got struct{ Data resource }
	if err := s.ask(ctx, "", "/v1/customerReviewResponses/"+id, url.Values{"include": {"review"}}, nil, &got); err != nil {
		return notTaken(err)
	}
	review := got.Data.Relationships.Review.Data
	if review == nil || !isID(review.ID) {
		return fmt.Errorf("appstore: a response to no review: %w", lastword.ErrUnavailable)
	}
	_, err = s.give(ctx, lastword.Post{}, review.ID, a)
	return err
}

// Remove implements listen.Editor.
func (s *source) Remove(ctx context.Context, key string) error {
	id, err := s.ours(key)
	if err != nil {
		return err
	}
	if err := s.ask(ctx, http.MethodDelete, "/v1/customerReviewResponses/"+id, nil, nil, nil); err != nil {
		return notTaken(err)
	}
	return nil
}

func (s *source) ours(key string) (id string, err error) {
	id, ok := strings.CutPrefix(key, "o")
	if !ok || !isID(id) {
		return "", fmt.Errorf("appstore: a key that is none: %w", lastword.ErrInvalid)
	}
	return id, s.may(lastword.Post{Ref: id})
}

func receipt(id string, to lastword.Post) listen.Receipt {
	return listen.Receipt{Key: "o" + id, URL: to.URL}
}

// Check implements listen.Checker.
func (s *source) Check(ctx context.Context) ([]listen.Ability, error) {
	if s.key == nil {
		if _, _, err := s.feed(ctx, 1); err != nil {
			return nil, err
		}
	} else if _, _, err := s.reviews(ctx, ""); err != nil {
		return nil, err
	}
	all := []listen.Ability{{Name: "hear", Can: true}, {Name: "reply", Can: true}, {Name: "edit", Can: true}, {Name: "delete", Can: true}}
	for i := range all[1:] {
		if s.key == nil {
			all[i+1] = listen.Ability{Name: all[i+1].Name, Why: "connector.appstore.error.no-key"}
		}
	}
	return all, nil
}
