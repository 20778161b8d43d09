package listen

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lastword"
)

// lendEvery is how often a channel that is taken is asked for again.
const lendEvery = 50 * time.Millisecond

// Lend opens one channel for a place that speaks to us by itself, such as a hub
// that pushes: use gets its Source, its last cursor, and the Hear that stores.
// While use runs, nobody else runs the channel; a poll in progress is waited for
// as long as ctx lasts. The rhythm of polling stays as it was, unless the source
// asks for another.
//
// It returns what use returns, lastword.ErrConflict where the lease was lost
// meanwhile, and lastword.ErrUnavailable when ctx ended before the channel was
// free.
func (r *Runner) Lend(ctx context.Context, company, channel int64, use func(ctx context.Context, src Source, cursor string, hear Hear) error) error {
	r.ready()
	l, err := r.await(ctx, company, channel)
	if err != nil {
		return err
	}
	h := newHearing(r, l)
	run, cancel := context.WithCancelCause(ctx)
	err = h.holding(run, cancel, func(ctx context.Context) (err error) {
		defer h.survive(ctx, &err)
		source, err := h.open()
		if err != nil {
			return err
		}
		return use(ctx, source, h.leased.Cursor, h.hear)
	})
	h.end(context.WithoutCancel(ctx), err, h.judgeLent)
	switch {
	case errors.Is(err, errLost):
		return fmt.Errorf("%w: %w", err, lastword.ErrConflict)
	case errors.Is(err, errStopping):
		return fmt.Errorf("%w: %w", err, lastword.ErrUnavailable)
	}
	return err
}

// await takes the lease as soon as it is free.
func (r *Runner) await(ctx context.Context, company, channel int64) (Leased, error) {
	tick := time.NewTicker(lendEvery)
	defer tick.Stop()
	for {
		l, err := r.Store.LeaseOne(ctx, r.Owner, company, channel, r.Now().Add(leaseFor))
		if err == nil || ctx.Err() == nil && !errors.Is(err, lastword.ErrConflict) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return l, fmt.Errorf("listen: channel %d is taken: %w", channel, lastword.ErrUnavailable)
		case <-tick.C:
		}
	}
}

// judgeLent says how a channel fares to which a place spoke by itself. What goes
// wrong then is told to the place: it says nothing of the next poll.
func (h *hearing) judgeLent(err error) lastword.Health {
	health := h.leased.Health
	health.Dropped = h.drops.counts()
	if err != nil || !h.wasFine() {
		return health
	}
	health.LastTry = h.began
	health.State, health.Why, health.Fails = lastword.Fine, "", 0
	if asked := time.Duration(h.next.Load()); asked > 0 {
		health.NextTry = h.Now().Add(min(pollMost, max(pollLeast, asked)))
	}
	return health
}
