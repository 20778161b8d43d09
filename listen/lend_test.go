package listen_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"lastword"
	"lastword/listen"
)

// lends tries to lend a channel within a limit and says what came in.
func (h *house) lends(c lastword.Channel, limit time.Duration, use func(ctx context.Context, src listen.Source, cursor string, hear listen.Hear) error) error {
	h.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return h.runner.Lend(ctx, h.company.ID, c.ID, use)
}

// What is pushed into a channel is sifted and kept like what is polled, goes on
// from its cursor, and leaves its rhythm alone.
func TestLend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var cursors []string
		place := polls("place", 10*time.Minute, func(ctx context.Context, _ listen.Host, cursor string, hear listen.Hear) error {
			cursors = append(cursors, cursor)
			return hear(ctx, nil, cursor+"p")
		})
		h := newHouse(t, place)
		c := h.channel("place", nil)
		h.query("Kaffee")
		h.start(h.runner)
		time.Sleep(5 * time.Minute)
		before := h.health(c)
		h.must(h.lends(c, 5*time.Minute, func(ctx context.Context, src listen.Source, cursor string, hear listen.Hear) error {
			if _, ok := src.(poller); !ok || cursor != "p" {
				t.Errorf("lent %T at %q", src, cursor)
			}
			time.Sleep(2 * time.Minute) // four leases long
			return hear(ctx, []lastword.Event{said("place", 1, "Kaffee"), said("place", 2, "Wetter")}, "pushed")
		}))
		after := h.health(c)
		if vs := h.voices(); len(vs) != 1 || vs[0].Key != "1" {
			t.Errorf("kept %+v", vs)
		}
		if after.State != lastword.Fine || !after.NextTry.Equal(before.NextTry) || after.Dropped[listen.Unwanted] != 1 {
			t.Errorf("health %+v, before %+v", after, before)
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if len(cursors) != 2 || cursors[1] != "pushed" {
			t.Errorf("polled from %q, want the second time from what was pushed", cursors)
		}
	})
}

// A channel is run once at a time: a loan waits for the poll and the poll for a
// loan, and a loan that waited too long is told so.
func TestLendWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		busy, most := 0, 0
		work := func() {
			busy++
			most = max(most, busy)
			time.Sleep(20 * time.Second)
			busy--
		}
		place := polls("place", time.Minute, func(context.Context, listen.Host, string, listen.Hear) error {
			work()
			return nil
		})
		h := newHouse(t, place)
		c := h.channel("place", nil)
		h.start(h.runner)
		time.Sleep(2 * time.Second)
		use := func(context.Context, listen.Source, string, listen.Hear) error {
			work()
			return nil
		}
		if err := h.lends(c, 5*time.Second, use); !errors.Is(err, lastword.ErrUnavailable) {
			t.Errorf("a channel that is taken: %v", err)
		}
		for range 4 {
			h.must(h.lends(c, time.Minute, use))
			time.Sleep(7 * time.Second)
		}
		if most != 1 {
			t.Errorf("the channel ran %d times at once", most)
		}
	})
}

// What goes wrong in a loan goes back to whoever speaks, and is no failure of
// the channel; when the channel is changed meanwhile, nothing more is kept.
func TestLendFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		place := polls("place", time.Hour, func(context.Context, listen.Host, string, listen.Hear) error { return nil })
		h := newHouse(t, place)
		c := h.channel("place", func(c *lastword.Channel) { c.All = true })
		h.start(h.runner)
		time.Sleep(2 * time.Second)
		broken := errors.New("broken")
		err := h.lends(c, time.Minute, func(context.Context, listen.Source, string, listen.Hear) error { return broken })
		if !errors.Is(err, broken) || h.health(c).State != lastword.Fine {
			t.Errorf("Lend = %v, %+v", err, h.health(c))
		}
		err = h.lends(c, time.Minute, func(context.Context, listen.Source, string, listen.Hear) error { panic("a stranger's bytes") })
		if err == nil || h.health(c).Fails != 0 {
			t.Errorf("Lend after a panic = %v, %+v", err, h.health(c))
		}
		err = h.lends(c, time.Minute, func(ctx context.Context, _ listen.Source, _ string, hear listen.Hear) error {
			_, err := h.db.SaveChannel(ctx, h.director, c)
			h.must(err)
			return hear(ctx, []lastword.Event{said("place", 1, "Kaffee")}, "x")
		})
		if err == nil || len(h.voices()) != 0 {
			t.Errorf("Lend of a changed channel = %v, %d voices", err, len(h.voices()))
		}
	})
}
