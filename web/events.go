package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// pulses asks the store at most once a second and company for its pulse,
// however many listen.
type pulses struct {
	mu    sync.Mutex
	known map[int64]pulse
}

type pulse struct {
	value int64
	asked time.Time
}

const beat = time.Second

// now returns the pulse of a company, at most one beat old.
func (p *pulses) now(ctx context.Context, store Store, company int64, at time.Time) (int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k, ok := p.known[company]; ok && at.Sub(k.asked) < beat*9/10 {
		return k.value, nil
	}
	value, err := store.Pulse(ctx, company)
	if err != nil {
		return 0, err
	}
	if p.known == nil {
		p.known = map[int64]pulse{}
	}
	p.known[company] = pulse{value, at}
	return value, nil
}

// events tells a page, as it happens, that something of its company changed
// (HTML Living Standard, server-sent events). (GET /events)
func (s *site) events(v *visit) error {
	out := http.NewResponseController(v.w)
	if err := out.SetWriteDeadline(time.Time{}); err != nil {
		s.Log.Debug("no deadline to lift", "err", err) // a plain recorder has none
	}
	v.w.Header().Set("Content-Type", "text/event-stream")
	v.w.Header().Set("X-Accel-Buffering", "no")
	tick := time.NewTicker(beat)
	defer tick.Stop()
	last := v.r.Header.Get("Last-Event-ID")
	if last == "" {
		last = v.r.FormValue("since") // the pulse that the page was rendered at
	}
	for quiet := 0; ; quiet++ {
		n, err := s.pulses.now(v.ctx(), s.Store, v.company.ID, s.Now())
		if err != nil {
			return nil //nolint:nilerr // the page connects again by itself
		}
		if at := strconv.FormatInt(n, 10); at != last {
			if err := send(v.w, out, event(at)); err != nil {
				return nil //nolint:nilerr // the visitor left
			}
			last, quiet = at, 0
		} else if quiet >= 20 {
			if err := send(v.w, out, ": still here\n\n"); err != nil {
				return nil //nolint:nilerr // the visitor left
			}
			quiet = 0
		}
		select {
		case <-v.ctx().Done():
			return nil
		case <-tick.C:
		}
	}
}

func event(at string) string {
	return fmt.Sprintf("retry: 3000\nid: %s\nevent: changed\ndata: %s\n\n", at, at)
}

func send(w http.ResponseWriter, out *http.ResponseController, text string) error {
	if _, err := w.Write([]byte(text)); err != nil {
		return err
	}
	return out.Flush()
}
