package listentest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
)

// A Place is somewhere scripted that a Source listens to: a test server that
// holds several batches of events, if the connector batches at all.
type Place struct {
	Network string                      // as in the connector's Info
	Open    func() listen.Source        // opens it afresh; no state may survive but the cursor
	Grow    func()                      // makes the place say something new; nil where it cannot
	Polls   int                         // polls needed to read it all; 0 means 1
	Limit   time.Duration               // for one poll; 0 means 10 s
	Keys    func(lastword.Event) string // tells events apart; nil means Op and key
}

// ExerciseSource checks what a Source promises while it polls: any cursor it
// ever gave leads on without a gap; an older one only repeats; hear's error stops
// it and comes back; nothing is handed over once the context has ended; the
// cursor moves by hear alone.
func ExerciseSource(t *testing.T, p Place) {
	t.Helper()
	for _, c := range []struct {
		name  string
		check func(context.Context, Place) error
	}{
		{"all is heard, well formed", wellFormed},
		{"every cursor leads on", everyCursor},
		{"the last cursor is the end", theEnd},
		{"an error of hear stops it", hearFails},
		{"a context that ends stops it", contextEnds},
		{"what is new comes alone", growing},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.check(t.Context(), p); err != nil {
				t.Error(err)
			}
		})
	}
}

func (p Place) key(e lastword.Event) string {
	if p.Keys != nil {
		return p.Keys(e)
	}
	return fmt.Sprint(e.Op, " ", e.Post.Network, " ", e.Post.Key, " ", e.Post.Author.Key)
}

// poll reads from cursor to the end.
func (p Place) poll(ctx context.Context, cursor string, hear listen.Hear) error {
	for range max(p.Polls, 1) {
		if err := p.once(ctx, cursor, func(ctx context.Context, events []lastword.Event, next string) error {
			err := hear(ctx, events, next)
			if err == nil {
				cursor = next
			}
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

func (p Place) once(ctx context.Context, cursor string, hear listen.Hear) error {
	limit := p.Limit
	if limit == 0 {
		limit = 10 * time.Second
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errTooLong)
	defer cancel()
	err := p.Open().Poll(ctx, cursor, hear)
	if context.Cause(ctx) == errTooLong {
		return fmt.Errorf("%w of %s", errTooLong, limit)
	}
	return err
}

var errTooLong = errors.New("poll goes on beyond its limit")

func (p Place) all(ctx context.Context, cursor string) (*Heard, []string, error) {
	var h Heard
	err := p.poll(ctx, cursor, h.Hear)
	return &h, p.keys(h.Events()), err
}

func (p Place) keys(events []lastword.Event) []string {
	keys := make([]string, len(events))
	for i, e := range events {
		keys[i] = p.key(e)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func wellFormed(ctx context.Context, p Place) error {
	h, keys, err := p.all(ctx, "")
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		return errors.New("the place brings nothing: nothing is proved")
	}
	for _, b := range h.Batches {
		if b.Cursor == "" {
			return errors.New("a batch without a cursor")
		}
	}
	return wellSaid(h.Events(), p.Network)
}

func wellSaid(events []lastword.Event, network string) error {
	var last time.Time
	for _, e := range events {
		switch {
		case e.Post.Network != network:
			return fmt.Errorf("an event of network %q, want %q", e.Post.Network, network)
		case e.Op == lastword.Said && (e.Post.Key == "" || e.Post.SaidAt.IsZero()):
			return fmt.Errorf("a post without key or time: %+v", e.Post)
		case e.Op == lastword.Said && e.Post.Text == "" && e.Post.Title == "":
			return fmt.Errorf("a post that says nothing: %+v", e.Post)
		case aboutNothing(e):
			return fmt.Errorf("an event about nothing: %+v", e)
		case e.Op == lastword.Said && e.Post.Parent == "" && e.Post.SaidAt.Before(last):
			return fmt.Errorf("%q was said before the post handed over before it", e.Post.Key)
		}
		if e.Op == lastword.Said && e.Post.Parent == "" {
			last = e.Post.SaidAt
		}
	}
	return nil
}

// aboutNothing reports whether an event does not name what it is about.
func aboutNothing(e lastword.Event) bool {
	switch e.Op {
	case lastword.Deleted:
		return e.Post.Key == ""
	case lastword.AccountGone, lastword.AccountAway, lastword.AccountBack:
		return e.Post.Author.Key == ""
	case lastword.Returned:
		return e.Post.Key == "" || e.Post.SaidAt.IsZero() || e.Why == ""
	}
	return false
}

// everyCursor goes on from each cursor as after a crash: what came before it and
// what comes now are everything, and nothing that is not in everything.
func everyCursor(ctx context.Context, p Place) error {
	h, everything, err := p.all(ctx, "")
	if err != nil {
		return err
	}
	var before []lastword.Event
	for n, b := range h.Batches {
		before = append(before, b.Events...)
		again, _, err := p.all(ctx, b.Cursor)
		if err != nil {
			return fmt.Errorf("from cursor %d: %w", n, err)
		}
		if got := p.keys(append(slices.Clone(before), again.Events()...)); !slices.Equal(got, everything) {
			return fmt.Errorf("from cursor %d: %d events in all, want %d", n, len(got), len(everything))
		}
	}
	_, again, err := p.all(ctx, "")
	if err == nil && !slices.Equal(again, everything) {
		return fmt.Errorf("from the start once more: %d events, want the same %d", len(again), len(everything))
	}
	return err
}

func theEnd(ctx context.Context, p Place) error {
	h, everything, err := p.all(ctx, "")
	if err != nil {
		return err
	}
	again, more, err := p.all(ctx, h.Cursor(""))
	if err != nil {
		return err
	}
	if len(more) >= len(everything) {
		return fmt.Errorf("after all was heard, %d of %d events come again", len(more), len(everything))
	}
	for _, key := range more {
		if !slices.Contains(everything, key) {
			return fmt.Errorf("after all was heard, %q is new", key)
		}
	}
	return wellSaid(again.Events(), p.Network)
}

var errHear = errors.New("listentest: the store is full")

// hearFails lets each call of hear fail once, and goes on from the last cursor
// that was taken.
func hearFails(ctx context.Context, p Place) error {
	h, everything, err := p.all(ctx, "")
	if err != nil {
		return err
	}
	for n := range h.Batches {
		var taken Heard
		calls := 0
		err := p.poll(ctx, "", func(ctx context.Context, events []lastword.Event, cursor string) error {
			if calls++; calls == n+1 {
				return errHear
			}
			return taken.Hear(ctx, events, cursor)
		})
		if !errors.Is(err, errHear) {
			return fmt.Errorf("call %d of hear failed, and Poll returned %v", n, err)
		}
		if calls != n+1 {
			return fmt.Errorf("after call %d of hear failed, it was called %d times more", n, calls-n-1)
		}
		rest, _, err := p.all(ctx, taken.Cursor(""))
		if err != nil {
			return err
		}
		if got := p.keys(append(taken.Events(), rest.Events()...)); !slices.Equal(got, everything) {
			return fmt.Errorf("after call %d of hear failed: %d events in all, want %d", n, len(got), len(everything))
		}
	}
	return nil
}

// contextEnds ends the context before the poll, and within the first call of
// hear.
func contextEnds(ctx context.Context, p Place) error {
	ended, cancel := context.WithCancel(ctx)
	cancel()
	calls := 0
	count := func(context.Context, []lastword.Event, string) error { calls++; return nil }
	if err := p.once(ended, "", count); err == nil || calls > 0 {
		return fmt.Errorf("a poll under an ended context returned %v after %d calls of hear", err, calls)
	}
	var h Heard
	if err := p.poll(ctx, "", h.Hear); err != nil {
		return err
	}
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	err := p.poll(within, "", func(context.Context, []lastword.Event, string) error {
		calls++
		cancel()
		return nil
	})
	if calls > 1 {
		return fmt.Errorf("hear was called %d times more after the context ended", calls-1)
	}
	if len(h.Batches) > 1 && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("a poll whose context ended before its last batch returned %v", err)
	}
	return nil
}

func growing(ctx context.Context, p Place) error {
	if p.Grow == nil {
		return nil
	}
	h, before, err := p.all(ctx, "")
	if err != nil {
		return err
	}
	p.Grow()
	_, more, err := p.all(ctx, h.Cursor(""))
	if err != nil {
		return err
	}
	fresh := slices.DeleteFunc(slices.Clone(more), func(key string) bool { return slices.Contains(before, key) })
	if len(fresh) == 0 {
		return errors.New("the place grew, and nothing new was heard")
	}
	if len(more)-len(fresh) >= len(before) {
		return fmt.Errorf("for %d new events all %d old ones came again", len(fresh), len(before))
	}
	return nil
}
