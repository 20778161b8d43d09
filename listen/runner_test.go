package listen_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"lastword"
	"lastword/listen"
	"lastword/store"
)

func TestPollsAndKeepsWhatIsWanted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var cursors []string
		place := polls("place", 10*time.Minute, func(ctx context.Context, h listen.Host, cursor string, hear listen.Hear) error {
			cursors = append(cursors, cursor)
			h.Dropped("broken", "item 7")
			return hear(ctx, []lastword.Event{said("place", 1, "Ihre Kaffeemühle ist laut"), said("place", 2, "Schönes Wetter")}, "c"+cursor)
		})
		h := newHouse(t, place)
		c := h.channel("place", nil)
		q := h.query("Kaffeemühle")
		h.start(h.runner)
		time.Sleep(21 * time.Minute)
		synctest.Wait()
		if vs := h.voices(); len(vs) != 1 || vs[0].Key != "1" {
			t.Fatalf("kept %+v", vs)
		}
		if want := []string{"", "c", "cc"}; !slices.Equal(cursors, want) {
			t.Errorf("polled from %q, want %q", cursors, want)
		}
		health := h.health(c)
		if health.State != lastword.Fine || health.Heard != 1 || health.Dropped["broken"] != 3 || health.Dropped[listen.Unwanted] != 3 {
			t.Errorf("health %+v", health)
		}
		if got, err := h.db.Query(t.Context(), h.company.ID, q.ID); err != nil || got.Hits != 1 {
			t.Errorf("query %+v, %v", got, err)
		}
		if us, err := h.db.Unreadable(t.Context(), h.company.ID, c.ID, 10); err != nil || len(us) != 1 || us[0].Place != "item 7" {
			t.Errorf("unreadable %+v, %v", us, err)
		}
	})
}

func TestFileIsReadOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		place := polls("file", time.Minute, func(ctx context.Context, _ listen.Host, _ string, hear listen.Hear) error {
			return hear(ctx, []lastword.Event{said("file", 1, "Irgendwas")}, "end")
		})
		place.info.Once = true
		h := newHouse(t, place)
		c := h.channel("file", func(c *lastword.Channel) { c.All = true })
		h.start(h.runner)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if n := len(place.opened()); n != 1 || h.health(c).State != lastword.Done || len(h.voices()) != 1 {
			t.Errorf("read %d times, %+v", n, h.health(c))
		}
	})
}

// waits returns the pauses between tries, in seconds.
func waits(tries []time.Time) []int {
	var all []int
	for i := 1; i < len(tries); i++ {
		all = append(all, int(tries[i].Sub(tries[i-1]).Round(time.Second)/time.Second))
	}
	return all
}

// Failures back off; a refusal waits for a person; a place that says how long is
// obeyed.
func TestFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		err   error
		state lastword.HealthState
		why   string
		waits []int // between tries
		next  time.Duration
	}{
		{"away", lastword.ErrUnavailable, lastword.Failing, "why.unavailable", []int{30, 60, 120}, 240 * time.Second},
		{"odd", errors.New("odd"), lastword.Failing, "why.internal", []int{30}, 60 * time.Second},
		{"asked", &listen.RetryAfter{Wait: 3 * time.Hour, Err: lastword.ErrUnavailable}, lastword.Failing, "why.unavailable", nil, 3 * time.Hour},
		{"denied", lastword.ErrDenied, lastword.Refused, "why.denied", nil, 6 * time.Hour},
		{"wrong", &lastword.Mistake{Key: "connector.x.wrong", Field: "f"}, lastword.Refused, "connector.x.wrong", nil, 6 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				place := polls("place", time.Minute, func(context.Context, listen.Host, string, listen.Hear) error { return tt.err })
				h := newHouse(t, place)
				c := h.channel("place", nil)
				h.start(h.runner)
				total := 10
				for _, w := range tt.waits {
					total += w
				}
				time.Sleep(time.Duration(total) * time.Second)
				synctest.Wait()
				got := waits(place.opened())
				if !slices.EqualFunc(got, tt.waits, func(a, b int) bool { return a >= b && a <= b+2 }) {
					t.Errorf("waited %v, want %v", got, tt.waits)
				}
				health := h.health(c)
				if health.State != tt.state || health.Why != tt.why || health.Fails != len(tt.waits)+1 {
					t.Errorf("health %+v", health)
				}
				if next := health.NextTry.Sub(health.LastTry).Round(time.Second); next != tt.next {
					t.Errorf("next try after %s, want %s", next, tt.next)
				}
			})
		})
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n, chance := rapid.IntRange(1, 1000).Draw(t, "n"), rapid.Float64Range(0, 0.999).Draw(t, "chance")
		asked := time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "asked"))
		got := listen.Backoff(n, asked, chance)
		if got < 30*time.Second || got < min(asked, 24*time.Hour) || got > 29*time.Hour || asked == 0 && got > 72*time.Minute {
			t.Fatalf("%s", got)
		}
		if more := listen.Backoff(n+1, asked, chance); more < got {
			t.Fatalf("%s after %d, %s after one more", got, n, more)
		}
	})
}

// A stream goes on after the last cursor that was kept, soon after its end.
func TestStreamGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var cursors []string
		place := streams("place", func(ctx context.Context, _ listen.Account, cursor string, hear listen.Hear) error {
			cursors = append(cursors, cursor)
			n := len(cursors)
			if err := hear(ctx, []lastword.Event{said("place", n, "Kaffee")}, fmt.Sprint("kept", n)); err != nil {
				return err
			}
			for i := range 3 {
				time.Sleep(2 * time.Second)
				if err := hear(ctx, []lastword.Event{said("place", 1000*n+i, "Wetter")}, fmt.Sprint("empty", n, i)); err != nil {
					return err
				}
			}
			if n == 3 {
				return silent(ctx)
			}
			return lastword.ErrUnavailable
		})
		h := newHouse(t, place)
		c := h.channel("place", nil)
		h.query("Kaffee")
		h.start(h.runner)
		time.Sleep(time.Minute)
		synctest.Wait()
		if want := []string{"", "empty1 2", "empty2 2"}; !slices.Equal(cursors, want) {
			t.Errorf("streamed from %q, want %q", cursors, want)
		}
		if health := h.health(c); health.State != lastword.Fine || health.Fails != 0 || len(h.voices()) != 3 {
			t.Errorf("health %+v, %d voices", health, len(h.voices()))
		}
	})
}

// Stopping waits for what runs and gives the leases back, with the last cursor.
func TestStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		place := streams("place", func(ctx context.Context, _ listen.Account, cursor string, hear listen.Hear) error {
			if err := hear(ctx, []lastword.Event{said("place", 1, "Wetter")}, "last"); err != nil {
				return err
			}
			return silent(ctx)
		})
		h := newHouse(t, place)
		c := h.channel("place", nil)
		h.start(h.runner)
		time.Sleep(2 * time.Second)
		if ls, err := h.db.Leases(t.Context()); err != nil || len(ls) != 1 {
			t.Fatalf("leases %v, %v", ls, err)
		}
		h.stop()
		if ls, err := h.db.Leases(t.Context()); err != nil || len(ls) != 0 {
			t.Errorf("leases after the stop: %v, %v", ls, err)
		}
		got, err := h.db.Channel(t.Context(), h.company.ID, c.ID)
		h.must(err)
		if got.Cursor != "last" || got.Health.State != lastword.Fine || got.Health.NextTry.After(time.Now()) {
			t.Errorf("channel %+v", got)
		}
	})
}

// One channel that hangs and one that panics hold up no other.
func TestChannelsAreApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hangs := polls("hangs", time.Minute, func(ctx context.Context, _ listen.Host, _ string, _ listen.Hear) error { return silent(ctx) })
		panics := polls("panics", time.Minute, func(context.Context, listen.Host, string, listen.Hear) error { panic("a stranger's bytes") })
		works := polls("works", time.Minute, func(ctx context.Context, _ listen.Host, cursor string, hear listen.Hear) error {
			return hear(ctx, []lastword.Event{said("works", len(cursor), "Kaffee")}, cursor+".")
		})
		h := newHouse(t, hangs, panics, works)
		h.query("Kaffee")
		for range 3 {
			h.channel("hangs", nil)
		}
		bad := h.channel("panics", nil)
		unknown := h.channel("gone", nil)
		h.channel("works", nil)
		h.start(h.runner)
		time.Sleep(10*time.Minute + 30*time.Second)
		synctest.Wait()
		if n := len(h.voices()); n < 10 {
			t.Errorf("the working channel brought %d", n)
		}
		if n := len(hangs.opened()); n != 3 {
			t.Errorf("three hanging channels were opened %d times", n)
		}
		if health := h.health(bad); health.State != lastword.Failing || health.Why != "why.internal" {
			t.Errorf("panicking channel: %+v", health)
		}
		if health := h.health(unknown); health.State != lastword.Refused || health.Why != "why.unknown_connector" {
			t.Errorf("unknown connector: %+v", health)
		}
	})
}

// A query that is saved is asked within two seconds; one that is broken silences
// no other.
func TestQueriesChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		place := streams("place", func(ctx context.Context, _ listen.Account, cursor string, hear listen.Hear) error {
			for i := 0; ; i++ {
				if err := hear(ctx, []lastword.Event{said("place", i, "Kaffee und Tee")}, fmt.Sprint(i)); err != nil {
					return err
				}
				time.Sleep(100 * time.Millisecond)
			}
		})
		h := newHouse(t, place)
		h.channel("place", nil)
		h.start(h.runner)
		time.Sleep(5050 * time.Millisecond)
		synctest.Wait()
		if n := len(h.voices()); n != 0 {
			t.Fatalf("%d voices without a query", n)
		}
		h.query("((Kaffee")
		h.query("Kaffee")
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if n := len(h.voices()); n < 10 || n > 30 {
			t.Errorf("%d voices in 3 s at 10 a second, at most 2 s late", n)
		}
		before := len(h.voices())
		tea := h.query("Tee")
		h.runner.Wake()
		time.Sleep(time.Second)
		synctest.Wait()
		got, err := h.db.Query(t.Context(), h.company.ID, tea.ID)
		h.must(err)
		if after := len(h.voices()); got.Hits < int64(after-before)-1 || got.Hits == 0 {
			t.Errorf("%d of %d voices after the bell are of the new query", got.Hits, after-before)
		}
	})
}

// A channel whose settings change is run anew with them, at once.
func TestSettingsChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var accounts []listen.Account
		place := streams("place", func(ctx context.Context, a listen.Account, _ string, hear listen.Hear) error {
			accounts = append(accounts, a)
			return silent(ctx)
		})
		h := newHouse(t, place)
		c := h.channel("place", func(c *lastword.Channel) {
			c.Settings, c.Secrets = map[string]string{"tag": "a"}, map[string]string{"token": "t"}
		})
		h.start(h.runner)
		time.Sleep(5 * time.Second)
		c.Settings["tag"] = "b"
		_, err := h.db.SaveChannel(t.Context(), h.director, c)
		h.must(err)
		h.runner.Wake()
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if len(accounts) != 2 || accounts[1].Settings["tag"] != "b" || accounts[1].Settings["token"] != "t" {
			t.Errorf("accounts %+v", accounts)
		}
	})
}

// Two processes share the channels: each is run by one of them, and all move on
// when one is stopped.
func TestTwoRunners(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		now, most := map[int64]int{}, 0
		count := func(channel int64, n int) {
			mu.Lock()
			defer mu.Unlock()
			now[channel] += n
			most = max(most, now[channel])
		}
		place := streams("place", func(ctx context.Context, a listen.Account, _ string, _ listen.Hear) error {
			count(a.Channel, 1)
			defer count(a.Channel, -1)
			return silent(ctx)
		})
		h := newHouse(t, place)
		for range 6 {
			h.channel("place", nil)
		}
		first, second := h.newRunner("first", place), h.newRunner("second", place)
		first.Most = 3
		h.start(first)
		time.Sleep(2 * time.Second)
		stopFirst := h.stop
		h.start(second)
		time.Sleep(2 * time.Minute)
		stopFirst()
		time.Sleep(3 * time.Second)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		running := 0
		for _, n := range now {
			running += n
		}
		if most != 1 || running != 6 {
			t.Errorf("%d of 6 channels run, one of them %d times at once", running, most)
		}
	})
}

// An edit that makes a voice unwanted still reaches it: of a young voice and of
// an old one.
func TestEditsReachTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		place := streams("place", func(ctx context.Context, _ listen.Account, _ string, hear listen.Hear) error {
			young, old := said("place", 1, "Kaffee kalt"), said("place", 2, "Kaffee bitter")
			old.Post.SaidAt = old.Post.SaidAt.Add(-time.Hour)
			err := hear(ctx, []lastword.Event{young, old}, "1")
			young.Op, young.Post.Text = lastword.Edited, "Hat sich erledigt"
			old.Op, old.Post.Text = lastword.Edited, "Auch erledigt"
			return errors.Join(err, hear(ctx, []lastword.Event{young, old}, "2"), silent(ctx))
		})
		h := newHouse(t, place)
		h.channel("place", nil)
		h.query("Kaffee")
		h.start(h.runner)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		vs := h.voices()
		if len(vs) != 2 || !strings.Contains(vs[0].Text, "erledigt") || !strings.Contains(vs[1].Text, "erledigt") {
			t.Errorf("voices %+v", vs)
		}
	})
}

// failing is a store whose disk is full from its second save to its last bad one.
type failing struct {
	*store.DB
	saves, last int
}

func (f *failing) SaveHeard(ctx context.Context, l listen.Leased, cursor string, events []lastword.Event, hits [][]int64) (lastword.Saved, error) {
	if f.saves++; f.saves >= 2 && f.saves <= f.last {
		return lastword.Saved{}, lastword.ErrUnavailable
	}
	return f.DB.SaveHeard(ctx, l, cursor, events, hits)
}

// When a save fails, the cursor has not moved beyond what was kept, and all else
// is heard again: within one large hearing, which is several transactions, and
// from a source that goes on although Hear failed.
func TestSaveFails(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		size, last int
	}{{"one hearing", 1200, 2}, {"one hearing, and its end", 1200, 3}, {"many hearings", 100, 2}, {"many hearings, and their end", 100, 3}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				place := polls("place", time.Hour, func(ctx context.Context, _ listen.Host, cursor string, hear listen.Hear) (err error) {
					for at := len(cursor); at < 1200; at += tt.size {
						var events []lastword.Event
						for i := range tt.size {
							events = append(events, said("place", at+i, "Kaffee"))
						}
						err = hear(ctx, events, strings.Repeat(".", at+tt.size))
					}
					return err
				})
				h := newHouse(t, place)
				h.query("Kaffee")
				c := h.channel("place", nil)
				h.runner.Store = &failing{DB: h.db, last: tt.last}
				h.start(h.runner)
				time.Sleep(5 * time.Second)
				synctest.Wait()
				health := h.health(c)
				if n := len(h.voices()); health.State != lastword.Failing || health.Why != "why.unavailable" || n != min(500, tt.size) {
					t.Errorf("halfway: %+v, %d voices", health, n)
				}
				time.Sleep(3 * time.Minute)
				synctest.Wait()
				if n := len(h.voices()); n != 1200 {
					t.Errorf("%d voices of 1200", n)
				}
			})
		})
	}
}

// Whatever fails and whenever it stops: each wanted post is kept, once, and in
// large hearings too.
func TestNothingHeardIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const total = 2400
		chance, stops := rand.New(rand.NewPCG(1, 2)), rand.New(rand.NewPCG(3, 4))
		place := polls("place", 20*time.Second, func(ctx context.Context, _ listen.Host, cursor string, hear listen.Hear) error {
			at := 0
			if cursor != "" {
				if _, err := fmt.Sscan(cursor, &at); err != nil {
					return err
				}
			}
			for at < total {
				to := min(total, at+1+chance.IntN(1300))
				var events []lastword.Event
				for i := at; i < to; i++ {
					events = append(events, said("place", i, []string{"Kaffee", "Wetter"}[i%2]))
				}
				if chance.IntN(3) == 0 {
					return lastword.ErrUnavailable
				}
				if err := hear(ctx, events, fmt.Sprint(to)); err != nil {
					return err
				}
				at = to
			}
			return nil
		})
		h := newHouse(t, place)
		c := h.channel("place", nil)
		h.query("Kaffee")
		for range 12 {
			h.start(h.runner)
			time.Sleep(time.Duration(stops.IntN(60)) * time.Second)
			h.stop()
		}
		h.start(h.runner)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if n := len(h.voices()); n != total/2 || h.health(c).Heard != total/2 {
			t.Errorf("%d voices of %d, %+v", n, total/2, h.health(c))
		}
	})
}

// A connector learns what is kept of its network, and its secrets as they are now.
func TestHostLendsWhatIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var keys []string
		var secrets map[string]string
		net := polls("net", time.Hour, func(ctx context.Context, h listen.Host, cursor string, hear listen.Hear) error {
			var err error
			if err = hear(ctx, []lastword.Event{said("net", 2, "Zwei"), said("net", 1, "Eins"), said("net", 3, "Drei")}, "c"); err != nil {
				return err
			}
			if err = h.Keep(ctx, map[string]string{"refresh": "r2"}); err != nil {
				return err
			}
			if secrets, err = h.Kept(ctx); err != nil {
				return err
			}
			keys, err = h.Voices(ctx, "1", 10)
			return err
		})
		h := newHouse(t, net)
		h.channel("net", func(c *lastword.Channel) { c.All = true })
		h.start(h.runner)
		time.Sleep(3 * time.Second)
		h.stop()
		if fmt.Sprint(keys) != "[2 3]" || secrets["refresh"] != "r2" {
			t.Errorf("voices %v, secrets %v", keys, secrets)
		}
	})
}
