package bluesky_test

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
)

// A testHost lends what listen would, and remembers what was left out.
type testHost struct {
	listen.Host
	mu      sync.Mutex
	dropped map[string]int
	places  map[string]string // of the last item, by reason
}

func newHost(t testing.TB) *testHost {
	h := &testHost{dropped: map[string]int{}, places: map[string]string{}}
	h.Host = listen.Host{
		HTTP: &http.Client{Timeout: 30 * time.Second},
		Log:  slog.New(slog.NewTextHandler(t.Output(), nil)),
		Now:  time.Now,
		Dropped: func(reason, place string) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.dropped[reason]++
			h.places[reason] = place
		},
		Next: func(time.Duration) {},
	}
	return h
}

func (h *testHost) drops() map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.dropped)
}

func (h *testHost) place(reason string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.places[reason]
}

// noHear fails the test when anything is handed over.
func noHear(t testing.TB) listen.Hear {
	return func(_ context.Context, events []lastword.Event, _ string) error {
		if len(events) > 0 {
			t.Errorf("%d events were handed over, want none", len(events))
		}
		return nil
	}
}
