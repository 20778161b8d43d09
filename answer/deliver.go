package answer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lastword"
)

// patience is how long after its release an answer is tried again where a place
// cannot be reached. Then a person is asked: a later answer would surprise.
const patience = 72 * time.Hour

// deliver brings one released answer out, at most once: the attempt is counted
// before it is made, and whoever comes after a counted attempt first looks at
// the place whether it arrived.
func (s *Step) deliver(ctx context.Context, company, id int64) error {
	out, err := s.Store.Outgoing(ctx, company, id)
	switch {
	case errors.Is(err, lastword.ErrNotFound):
		return nil // delivered, undone or withdrawn meanwhile
	case errors.Is(err, lastword.ErrForbidden):
		s.Log.WarnContext(ctx, "answer is no longer released as the rule demands", "company", company, "answer", id)
		return s.Store.Undelivered(ctx, company, id, lastword.Failed, "why.not_released")
	case err != nil:
		return fmt.Errorf("answer %d: %w", id, err)
	}
	a, ok := out.Cleared.Answer()
	if !ok || a.ID != id || a.Company != company {
		return fmt.Errorf("answer %d came out of the outbox uncleared: %w", id, lastword.ErrForbidden)
	}
	native, url, err := s.give(ctx, a, out)
	if err != nil {
		return s.undelivered(ctx, a, err)
	}
	return s.Store.Delivered(ctx, company, id, native, url, s.Now())
}

// give finds or makes the reply. What went wrong is an error of Places, or
// lastword.ErrGone where the voice has gone at its source.
func (s *Step) give(ctx context.Context, a lastword.Answer, out Outgoing) (native, url string, err error) {
	if out.Attempts > 0 {
		native, url, found, err := s.Places.Find(ctx, out.Cleared, out.To.Post)
		if err != nil || found {
			return native, url, err
		}
	}
	switch {
	case !out.To.GoneAt.IsZero():
		return "", "", lastword.ErrGone
	case out.To.Hidden:
		return "", "", &awayError{}
	}
	if err := s.Store.Attempted(ctx, a.Company, a.ID, s.Now()); err != nil {
		return "", "", &ownError{err}
	}
	return s.Places.Reply(ctx, out.Cleared, out.To.Post)
}

// ownError is a failure of ours, which says nothing about the place.
type ownError struct{ err error }

func (e *ownError) Error() string { return e.err.Error() }
func (e *ownError) Unwrap() error { return e.err }

// awayError says that the account of a voice is away and may come back.
type awayError struct{}

func (*awayError) Error() string { return "the account is away" }
func (*awayError) Unwrap() error { return lastword.ErrUnavailable }

// undelivered says what becomes of an answer that did not go out. An error
// means: try again.
func (s *Step) undelivered(ctx context.Context, a lastword.Answer, err error) error {
	to, why := s.fate(ctx, a, err)
	if to == lastword.Released {
		return fmt.Errorf("answer %d: %w", a.ID, err)
	}
	s.Log.WarnContext(ctx, "answer not delivered", "company", a.Company, "answer", a.ID,
		"channel", a.Channel, "state", to, "why", why, "err", err)
	return s.Store.Undelivered(ctx, a.Company, a.ID, to, why)
}

// fate returns the state that an error leads to, and its reason for a person;
// Released means that waiting may help.
func (s *Step) fate(ctx context.Context, a lastword.Answer, err error) (lastword.AnswerState, string) {
	var own *ownError
	var away *awayError
	late := s.Now().Sub(a.Released) > patience
	switch {
	case ctx.Err() != nil, errors.As(err, &own):
		return lastword.Released, ""
	case errors.Is(err, lastword.ErrGone):
		return lastword.Withdrawn, "why.gone"
	case errors.Is(err, lastword.ErrDenied):
		return lastword.Failed, "why.denied"
	case errors.Is(err, lastword.ErrForbidden): // the place lets no program answer this one
		return lastword.HandedOver, "why.by_hand"
	case errors.Is(err, lastword.ErrInvalid):
		return lastword.Failed, keyOf(err, "why.invalid")
	case late && errors.As(err, &away):
		return lastword.Withdrawn, "why.away"
	case late:
		return lastword.Failed, "why.unreachable"
	}
	return lastword.Released, ""
}
