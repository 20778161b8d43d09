package mastodon_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/mastodon"
)

// A host lends what listen would, at a time that the test sets.
type host struct {
	listen.Host
	mu      sync.Mutex
	now     time.Time
	dropped map[string]int
	places  []string
	log     strings.Builder
}

func newHost(t testing.TB) *host {
	h := &host{dropped: map[string]int{}, now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)}
	h.Host = listen.Host{
		HTTP: &http.Client{Transport: &http.Transport{}},
		Log:  slog.New(slog.NewTextHandler(t.Output(), nil)),
		Now: func() time.Time {
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.now
		},
		Dropped: func(reason, place string) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.dropped[reason]++
			h.places = append(h.places, reason+" "+place)
		},
		Next: func(time.Duration) {},
		Keep: func(context.Context, map[string]string) error { return nil },
	}
	t.Cleanup(h.HTTP.CloseIdleConnections)
	return h
}

func (h *host) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *host) drops() map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.dropped)
}

func (s *server) settings(more ...string) map[string]string {
	set := map[string]string{"instance": s.URL, "token": token}
	for i := 0; i < len(more); i += 2 {
		set[more[i]] = more[i+1]
	}
	return set
}

// account opens the account's connector.
func (s *server) open(h *host, more ...string) listen.Source {
	s.t.Helper()
	src, err := mastodon.New().Account().Open(listen.Account{Channel: 1, Settings: s.settings(more...)}, h.Host)
	if err != nil {
		s.t.Fatal(err)
	}
	mastodon.Hurry(src)
	return src
}

// public opens the other one, without an account.
func (s *server) public(h *host, more ...string) listen.Source {
	s.t.Helper()
	src, err := mastodon.New().Open().Open(listen.Account{Channel: 2, Settings: s.settings(append([]string{"token", ""}, more...)...)}, h.Host)
	if err != nil {
		s.t.Fatal(err)
	}
	mastodon.Hurry(src)
	return src
}

// An ear remembers what it hears.
type ear struct {
	mu     sync.Mutex
	events []lastword.Event
	cursor string
}

func (e *ear) hear(_ context.Context, events []lastword.Event, cursor string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.events = append(e.events, events...)
	e.cursor = cursor
	return nil
}

func (e *ear) all() []lastword.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.events)
}

func (e *ear) texts() []string {
	var all []string
	for _, ev := range e.all() {
		all = append(all, ev.Post.Text)
	}
	return all
}

// wait returns the first event that f wants.
func (e *ear) wait(t *testing.T, f func(lastword.Event) bool) lastword.Event {
	t.Helper()
	for range 12_000 {
		for _, ev := range e.all() {
			if f(ev) {
				return ev
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("it was not heard; heard %q", e.texts())
	return lastword.Event{}
}

func saying(text string) func(lastword.Event) bool {
	return func(e lastword.Event) bool { return e.Op == lastword.Said && strings.Contains(e.Post.Text, text) }
}

func noHear(t testing.TB) listen.Hear {
	return func(_ context.Context, events []lastword.Event, _ string) error {
		if len(events) > 0 {
			t.Errorf("%d events were handed over, want none", len(events))
		}
		return nil
	}
}

// streaming runs a source until the test ends or the returned function is
// called, which returns why it ended.
func streaming(t *testing.T, src listen.Source, e *ear) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- src.(listen.Streamer).Stream(ctx, e.cursor, e.hear) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { _ = stop() }) // why it ended is the test's own matter
	return stop
}

func wantMistake(t *testing.T, err error, what string) {
	t.Helper()
	var m *lastword.Mistake
	if !errors.As(err, &m) || m.Key != "connector.mastodon.error."+what {
		t.Errorf("the error is %v, want %q", err, what)
	}
}
