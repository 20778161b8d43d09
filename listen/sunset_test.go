package listen_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"lastword"
	"lastword/listen"
)

// A place says weeks before that the interface that is asked will be no more.
func TestAnInterfaceThatWillEndIsTold(t *testing.T) {
	t.Parallel()
	end := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	header := http.TimeFormat
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			w.Header().Set("Sunset", end.Format(header))
		}
	}))
	t.Cleanup(srv.Close)
	path := "/old"
	ask := func(ctx context.Context, host listen.Host, _ string, hear listen.Hear) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+path, nil)
		if err != nil {
			return err
		}
		resp, err := host.HTTP.Do(r)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
	place := polls("old", time.Hour, ask)
	known := polls("known", time.Hour, func(context.Context, listen.Host, string, listen.Hear) error { return nil })
	known.info.Ends = end.AddDate(0, 1, 0)
	h := newHouse(t, place, known)
	old, other := h.channel("old", nil), h.channel("known", nil)
	h.start(h.runner)
	waitFor(t, func() bool { return h.health(old).Ends.Equal(end) && h.health(other).Ends.Equal(end.AddDate(0, 1, 0)) })
	h.stop()
}

// waitFor waits until something is so, for as long as a slow machine may take.
func waitFor(t *testing.T, so func() bool) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("it does not come about")
		}
	}
}

// A channel that falls silent is shown to be, and is shown to speak again.
func TestAChannelFallsSilentAndSpeaksAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const days = 24 * time.Hour
		begin, quiet := time.Now(), time.Now().Add(45*days+9*time.Hour)
		loud := quiet.Add(4 * days)
		told := 0
		place := polls("shop", time.Hour, func(ctx context.Context, host listen.Host, _ string, hear listen.Hear) error {
			var events []lastword.Event
			for ; begin.Add(time.Duration(told) * 20 * time.Minute).Before(host.Now()); told++ { // three an hour
				e := said("shop", told, "Der Schuh drückt.")
				if e.Post.SaidAt = begin.Add(time.Duration(told) * 20 * time.Minute); e.Post.SaidAt.Before(quiet) || e.Post.SaidAt.After(loud) {
					events = append(events, e)
				}
			}
			return hear(ctx, events, "c")
		})
		h := newHouse(t, place)
		c := h.channel("shop", func(c *lastword.Channel) { c.All = true })
		poll := func(days int) lastword.Health {
			for range days {
				time.Sleep(24 * time.Hour)
				h.must(h.db.PollSoon(t.Context(), h.company.ID, c.ID))
				h.start(h.runner)
				time.Sleep(2 * time.Second)
				h.stop()
			}
			return h.health(c)
		}
		if got := poll(45); got.State != lastword.Fine {
			t.Errorf("after 45 days: %s, %+v", got.State, got.Quiet)
		}
		if got := poll(3); got.State != lastword.Silent || got.Quiet.Usual < 50 || got.Quiet.Brought != 0 {
			t.Errorf("after two silent days: %s, %+v", got.State, got.Quiet)
		}
		if got := poll(3); got.State != lastword.Fine || !got.Quiet.Since.IsZero() {
			t.Errorf("after it spoke: %s, %+v", got.State, got.Quiet)
		}
	})
}
