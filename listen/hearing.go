package listen

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"lastword"
)

const (
	saveMost    = 500              // events in one transaction
	cursorEvery = 5 * time.Second  // how often a cursor is saved that brought nothing
	saveWithin  = 30 * time.Second // a save that has begun may end though we stop
)

// hearing is one run of one channel.
type hearing struct {
	*Runner
	leased  Leased
	namer   Namer // nil where the place names its authors
	log     *slog.Logger
	drops   *drops
	next    atomic.Int64 // a time.Duration that the source asked for; 0: none
	streams bool
	began   time.Time

	// Only the goroutine that hears uses these.
	cursor  string // as saved
	ahead   string // as heard; nothing between the two is wanted
	savedAt time.Time
	broken  error // what ended this run's hearing

	ear    ear
	sunset sunset

	mu   sync.Mutex
	fine bool // something was heard, so the place is there and takes us
}

func newHearing(r *Runner, l Leased) *hearing {
	return &hearing{
		Runner: r, leased: l, drops: newDrops(l.Health.Dropped), began: r.Now(),
		ear: newEar(l.Health), log: r.Log.With("company", l.Company, "channel", l.ID, "connector", l.Connector),
		cursor: l.Cursor, ahead: l.Cursor, savedAt: r.Now(),
	}
}

// hear is the Hear of this run. What could not be kept must be heard again, so
// after a failure it takes nothing more, even from a source that would go on.
func (h *hearing) hear(ctx context.Context, events []lastword.Event, cursor string) error {
	if h.broken == nil {
		h.broken = h.take(ctx, events, cursor)
	}
	return h.broken
}

// take drops what nobody wants before the store sees it and stores all else with
// the cursor. A cursor that brought nothing is saved now and then: hearing such a
// stretch again changes nothing.
func (h *hearing) take(ctx context.Context, events []lastword.Event, cursor string) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	h.isFine()
	m, err := h.wanted.of(ctx, h.leased.Company)
	if err != nil {
		return err
	}
	events, hits := h.sift(events, m)
	h.introduce(ctx, events, hits)
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if len(events) == 0 && h.Now().Sub(h.savedAt) < cursorEvery {
		h.ahead = cursor
		return nil
	}
	return h.save(ctx, events, hits, cursor)
}

// sift keeps what may be for us, and with it which queries want it.
func (h *hearing) sift(events []lastword.Event, m Matcher) ([]lastword.Event, [][]int64) {
	var kept []lastword.Event
	var hits [][]int64
	unwanted := 0
	for _, e := range events {
		var by []int64
		if e.Op == lastword.Said || e.Op == lastword.Edited {
			by = m.Match(&e.Post, nil)
			if len(by) == 0 && !h.leased.All && e.Op == lastword.Said {
				unwanted++
				continue
			}
		}
		kept, hits = append(kept, e), append(hits, by)
	}
	h.drops.count(Unwanted, unwanted)
	return kept, hits
}

// save stores events in transactions of bounded size. Only the last one moves
// the cursor: whatever happens between them, all is heard again.
func (h *hearing) save(ctx context.Context, events []lastword.Event, hits [][]int64, cursor string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveWithin)
	defer cancel()
	for {
		n, after := len(events), cursor
		if n > saveMost {
			n, after = saveMost, h.cursor
		}
		saved, err := h.Store.SaveHeard(ctx, h.leased, after, events[:n], hits[:n])
		if errors.Is(err, lastword.ErrConflict) {
			return errLost
		}
		if err != nil {
			return &ownError{err}
		}
		h.drops.count(Unwanted, unkept(events[:n], saved))
		if saved.New > 0 {
			h.ear.heard()
		}
		h.cursor, h.savedAt = after, h.Now()
		if events, hits = events[n:], hits[n:]; len(events) == 0 {
			h.ahead = cursor
			return nil
		}
	}
}

// unkept counts the posts that were looked up as edits and were none.
func unkept(events []lastword.Event, s lastword.Saved) int {
	said := 0
	for _, e := range events {
		if e.Op == lastword.Said || e.Op == lastword.Edited {
			said++
		}
	}
	return max(0, said-s.New-s.Known-s.Edited-s.Refused)
}

// ownError is a failure of ours, which says nothing about the place.
type ownError struct{ err error }

func (e *ownError) Error() string { return e.err.Error() }
func (e *ownError) Unwrap() error { return e.err }

func (h *hearing) isFine() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fine = true
}

func (h *hearing) wasFine() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.fine
}

// report tells how a run fares that goes on.
func (h *hearing) report(ctx context.Context) {
	health := h.leased.Health
	health.LastTry, health.NextTry = h.began, h.began
	health.Dropped = h.drops.counts()
	if h.wasFine() || h.Now().Sub(h.began) >= steady {
		health.State, health.Why, health.Fails = lastword.Fine, "", 0
	}
	h.quieten(ctx, &health)
	health.Ends = h.ends(health)
	if err := h.Store.Report(ctx, h.leased, health); err != nil && ctx.Err() == nil {
		h.log.WarnContext(ctx, "health not kept", "err", err)
	}
	h.showDrops(ctx)
}

// ends is when the interface will be no more. What a place said before holds until
// it answers otherwise.
func (h *hearing) ends(health lastword.Health) time.Time {
	var info Info
	if c := connector(h.Connectors, h.leased.Connector); c != nil {
		info = c.Info()
	}
	at := h.sunset.ends(info)
	if at.IsZero() && health.State != lastword.Fine && health.State != lastword.Silent {
		return health.Ends
	}
	return at
}

// showDrops keeps what could not be read where people can see it.
func (h *hearing) showDrops(ctx context.Context) {
	items := h.drops.unreadable()
	for part := range slices.Chunk(items, saveMost) {
		if err := h.Store.SaveUnreadable(ctx, h.leased.Company, h.leased.ID, part); err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "unreadable items not kept", "err", err)
		}
	}
}

// end keeps the last cursor and gives the lease back, with the health as judged.
// After a lost lease there is nothing to give back.
func (h *hearing) end(ctx context.Context, err error, judge func(error) lastword.Health) {
	ctx, cancel := context.WithTimeout(ctx, saveWithin)
	defer cancel()
	if errors.Is(err, errLost) {
		h.log.WarnContext(ctx, "lease lost")
		return
	}
	if h.ahead != h.cursor {
		if failed := h.save(ctx, nil, nil, h.ahead); failed != nil && err == nil {
			err = failed
		}
	}
	h.showDrops(ctx)
	health := judge(err)
	h.quieten(ctx, &health)
	health.Ends = h.ends(health)
	if health.State == lastword.Failing || health.State == lastword.Refused {
		h.log.WarnContext(ctx, "channel does not bring anything", "state", health.State, "why", health.Why, "fails", health.Fails, "err", err)
	}
	if err := h.Store.Release(ctx, h.leased, health); err != nil && !errors.Is(err, lastword.ErrConflict) {
		h.log.ErrorContext(ctx, "lease not given back", "err", err)
	}
}
