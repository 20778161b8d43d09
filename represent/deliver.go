package represent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lastword"
)

const (
	// patience is how long after its time a post is tried where a place cannot be
	// reached. Then a person is asked: a later post would surprise.
	patience = 24 * time.Hour
	// attempt is how long one may take at the most before nobody makes it any more:
	// longer than a job may run.
	attempt = 11 * time.Minute
	// soon is when to look again for something that is about to happen.
	soon = 3 * time.Second
)

// later says that a job shall be done again in a while.
type later struct{ wait time.Duration }

func (l *later) Error() string          { return "not before " + l.wait.String() }
func (l *later) RetryIn() time.Duration { return l.wait }

// Do does a Publish or a TakeDown job (IDs are versions), or an Unfurl job (IDs are
// stories). It may be done twice. An error means that it should be done again;
// where a place asked for a pause, or the time has not come, the error has a
// method RetryIn() time.Duration.
func (s *Step) Do(ctx context.Context, job lastword.Job) error {
	do := map[lastword.JobKind]func(context.Context, int64, int64) error{
		lastword.Publish: s.publish, lastword.TakeDown: s.takeDown, lastword.Unfurl: s.unfurl}[job.Kind]
	if do == nil {
		return fmt.Errorf("represent: a job of kind %q: %w", job.Kind, lastword.ErrInvalid)
	}
	for _, id := range job.IDs {
		if err := do(ctx, job.Company, id); err != nil {
			return err
		}
	}
	return nil
}

// publish brings one released version out, at its time and at most once: the
// attempt is claimed before it is made, and whoever comes after a claimed attempt
// looks at the place what arrived.
func (s *Step) publish(ctx context.Context, company, id int64) error {
	out, err := s.Store.OutgoingVersion(ctx, company, id)
	switch {
	case errors.Is(err, lastword.ErrNotFound):
		return nil // published or taken back meanwhile
	case errors.Is(err, lastword.ErrForbidden):
		s.Log.WarnContext(ctx, "post is no longer released as the rule demands", "company", company, "version", id)
		return s.Store.Unpublished(ctx, company, id, "why.not_released", nil)
	case err != nil:
		return fmt.Errorf("version %d: %w", id, err)
	}
	v, ok := out.Cleared.Version()
	if !ok || v.ID != id || v.Company != company {
		return fmt.Errorf("version %d came out of the outbox uncleared: %w", id, lastword.ErrForbidden)
	}
	if wait := s.waits(v, out); wait > 0 {
		return &later{wait}
	}
	if why := s.hindered(v, out); why != "" {
		return s.Store.Unpublished(ctx, company, id, why, nil)
	}
	now := s.Now()
	if err := s.Store.ClaimVersion(ctx, company, id, out.Attempts, now, now.Add(attempt)); err != nil {
		if errors.Is(err, lastword.ErrConflict) {
			return &later{soon} // somebody is at it
		}
		return err
	}
	got, err := s.give(ctx, v, out)
	if err != nil {
		return s.unpublished(ctx, v, got, err)
	}
	return s.Store.Published(ctx, company, id, got, s.Now())
}

// waits is how long it must wait: for its time, for another attempt, or for what it
// links to.
func (s *Step) waits(v lastword.Version, out lastword.OutgoingVersion) time.Duration {
	now := s.Now()
	wait := max(v.Due.Sub(now), out.Busy.Sub(now), 0)
	if wait == 0 && v.Cites != 0 && out.Cited == lastword.Released {
		wait = soon
	}
	return wait
}

// hindered says why nobody should publish it any more.
func (s *Step) hindered(v lastword.Version, out lastword.OutgoingVersion) string {
	switch {
	case v.Cites != 0 && out.Cited != lastword.Sent:
		return "why.cites"
	case out.Attempts == 0 && s.overdue(v):
		return "why.late"
	}
	return ""
}

// overdue reports whether a post is so late that it would surprise.
func (s *Step) overdue(v lastword.Version) bool {
	from := v.Released
	if v.Due.After(from) {
		from = v.Due
	}
	return s.Now().Sub(from) > patience
}

// give publishes a version, or puts its words in the place of those it replaces.
func (s *Step) give(ctx context.Context, v lastword.Version, out lastword.OutgoingVersion) ([]lastword.Placed, error) {
	if v.Replaces == 0 {
		return s.Places.Publish(ctx, out.Cleared, out.Placed)
	}
	if err := s.Places.Amend(ctx, out.Cleared, out.Placed); err != nil {
		return nil, err
	}
	return out.Placed, nil
}

// unpublished says what becomes of a version that did not go out, or not all of
// it. An error means: try again.
func (s *Step) unpublished(ctx context.Context, v lastword.Version, got []lastword.Placed, err error) error {
	kept := context.WithoutCancel(ctx) // what arrived must be known, even where we are being stopped
	why := s.fate(ctx, v, err)
	if why == "" {
		return errors.Join(fmt.Errorf("version %d: %w", v.ID, err), s.Store.EndAttempt(kept, v.Company, v.ID, got))
	}
	s.Log.WarnContext(ctx, "post not published", "company", v.Company, "version", v.ID, "channel", v.Channel, "why", why, "err", err)
	return s.Store.Unpublished(kept, v.Company, v.ID, why, got)
}

// fate returns why it failed, for a person; nothing where waiting may help.
func (s *Step) fate(ctx context.Context, v lastword.Version, err error) string {
	switch {
	case ctx.Err() != nil:
		return ""
	case errors.Is(err, lastword.ErrGone):
		return "why.post_gone"
	case errors.Is(err, lastword.ErrDenied), errors.Is(err, lastword.ErrForbidden):
		return keyOf(err, "why.denied")
	case errors.Is(err, lastword.ErrInvalid), errors.Is(err, lastword.ErrNotFound):
		return keyOf(err, "why.post_invalid")
	case s.overdue(v):
		return "why.unreachable"
	}
	return ""
}

// takeDown removes a published version at its place.
func (s *Step) takeDown(ctx context.Context, company, id int64) error {
	v, err := s.Store.Version(ctx, company, id)
	if err != nil || v.State != lastword.Taken {
		return err
	}
	stands, err := s.Store.Placed(ctx, company, id)
	if err != nil {
		return err
	}
	err = s.Places.Remove(ctx, company, v.Channel, stands)
	switch {
	case err == nil, errors.Is(err, lastword.ErrGone):
		return s.Store.TakenDown(ctx, company, id, "")
	case ctx.Err() != nil:
		return err
	case errors.Is(err, lastword.ErrDenied), errors.Is(err, lastword.ErrForbidden):
		return s.Store.TakenDown(ctx, company, id, keyOf(err, "why.denied"))
	case errors.Is(err, lastword.ErrInvalid), errors.Is(err, lastword.ErrNotFound):
		return s.Store.TakenDown(ctx, company, id, keyOf(err, "why.post_stays"))
	}
	return fmt.Errorf("version %d: %w", id, err)
}
