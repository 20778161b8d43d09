package app

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lastword"
	"lastword/internal/badplace"
)

// A wrongClock can be put back and forward while the program runs.
type wrongClock struct{ off atomic.Int64 }

func (c *wrongClock) now() time.Time      { return time.Now().Add(time.Duration(c.off.Load())) }
func (c *wrongClock) put(d time.Duration) { c.off.Store(int64(d)) }

// A clock that is put back by a day or forward by a year, while the program
// runs and while it does not, stops no channel, loses no voice and doubles no
// number; what another machine leased under the wrong time is not held for long.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	h.query("Hobel")
	stream := badplace.NewJetstream()
	t.Cleanup(stream.Close)
	stream.CutAfter = 1 // so that after each post the channel must become due again
	h.config.Inner = []string{strings.TrimPrefix(stream.URL(), "http://")}
	channel := h.channel(lastword.Channel{Connector: "bluesky", Name: "Strom", Settings: map[string]string{"hosts": stream.URL()}})
	c, said := &wrongClock{}, 0
	const day, year = 24 * time.Hour, 365 * 24 * time.Hour
	for _, begin := range []time.Duration{0, year, 0, -day} {
		c.put(begin)
		h.runningAt(c, func(a *App) {
			for _, off := range []time.Duration{begin, begin - day, begin + year, begin} {
				c.put(off)
				said++
				stream.Say(did(said), rkey(said), fmt.Sprintf("Der Hobel Nummer %d ist stumpf.", said))
				await(t, fmt.Sprintf("post %d is heard, begun at %v, now %v", said, begin, off), longest, func() bool { return len(h.voices(a)) == said })
			}
		})
		h.insideAt(c, func(a *App) { // a machine that then dies
			_, err := a.DB.LeaseOne(t.Context(), "elsewhere/1/1", h.company.ID, channel.ID, c.now().Add(30*time.Second))
			h.must(err)
		})
	}
	h.inside(func(a *App) {
		ids := map[int64]bool{}
		for _, v := range h.voices(a) {
			ids[v.ID] = true
		}
		if len(ids) != said {
			t.Errorf("%d voices have %d numbers", said, len(ids))
		}
		h.auditHolds(a)
	})
}

// Numbers rise though the clock goes back.
func TestNumbersRiseUnderAnyClock(t *testing.T) {
	t.Parallel()
	h, c := newHouse(t, ""), &wrongClock{}
	h.insideAt(c, func(a *App) {
		last := a.DB.NewID()
		for n, off := range []time.Duration{time.Hour, -24 * time.Hour, 365 * 24 * time.Hour, 0} {
			c.put(off)
			for range 1000 {
				next := a.DB.NewID()
				if next <= last {
					t.Fatalf("jump %d: %d comes after %d", n, next, last)
				}
				last = next
			}
		}
	})
}

// insideAt opens the house's program under a clock of its own.
func (h *house) insideAt(c *wrongClock, f func(*App)) {
	h.Helper()
	o := h.config.storeOptions(slog.New(slog.DiscardHandler))
	o.Now = c.now
	a, err := open(context.WithoutCancel(h.Context()), h.config, o, shipped())
	h.must(err)
	defer func() { h.must(a.Close()) }()
	f(a)
}

// runningAt lets it listen, work and serve, too.
func (h *house) runningAt(c *wrongClock, f func(*App)) {
	h.Helper()
	h.insideAt(c, func(a *App) {
		l, err := listener(h.Context(), h.config.Listen)
		h.must(err)
		ctx, stop := context.WithCancel(context.WithoutCancel(h.Context()))
		done := make(chan error, 1)
		go func() { done <- a.Serve(ctx, l) }()
		defer func() {
			stop()
			h.must(<-done)
		}()
		f(a)
	})
}
