// Package listentest holds the promises that every connector makes to listen,
// as tests to run over each of them.
package listentest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
)

// Exercise checks what a connector promises before it reaches out: its Info is
// fit to be stored and shown, and Open tells each missing field and calls nobody.
// Settings are those of an account that opens.
func Exercise(t *testing.T, c listen.Connector, settings map[string]string) {
	t.Helper()
	for _, flaw := range append(info(c.Info()), signing(c)...) {
		t.Error(flaw)
	}
	for _, flaw := range opening(c, settings) {
		t.Error(flaw)
	}
}

var named = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// info returns what is wrong with i.
func info(i listen.Info) (flaws []string) {
	flaw := func(format string, args ...any) { flaws = append(flaws, fmt.Sprintf(format, args...)) }
	if !named.MatchString(i.Name) {
		flaw("the name %q is not %s", i.Name, named)
	}
	if i.Network.Name == "" || i.Network.Title == "" {
		flaw("the network has no name or title: %+v", i.Network)
	}
	if n := i.Network; n.Limit > 0 && n.Unit == "" || n.Limit < 0 || n.MaxBytes < 0 {
		flaw("the network's limit makes no sense: %+v", n)
	}
	if i.Every <= 0 && !i.Stream {
		flaw("nobody knows how often to poll")
	}
	seen := map[string]bool{}
	for _, f := range i.Fields {
		if !named.MatchString(f.Name) || seen[f.Name] {
			flaw("the field %q is misnamed or there twice", f.Name)
		}
		if f.Secret && f.Default != "" {
			flaw("the secret %q has a default", f.Name)
		}
		seen[f.Name] = true
	}
	if i.Shared != "" && !slices.ContainsFunc(i.Fields, func(f listen.Field) bool { return f.Name == i.Shared && !f.Secret }) {
		flaw("what accounts share, %q, is no field that is kept in the open", i.Shared)
	}
	return flaws
}

// signing returns what Info says wrongly of signing in.
func signing(c listen.Connector) (flaws []string) {
	i := c.Info()
	if _, can := c.(listen.Authorizer); can != i.SignIn.Offered {
		flaws = append(flaws, fmt.Sprintf("Info says that signing in is offered: %v, the connector that it can: %v", i.SignIn.Offered, can))
	}
	for _, f := range i.Fields {
		if f.Granted && !i.SignIn.Offered {
			flaws = append(flaws, fmt.Sprintf("nobody grants %q", f.Name))
		}
	}
	return flaws
}

// opening returns what is wrong with Open.
func opening(c listen.Connector, settings map[string]string) (flaws []string) {
	var called []string
	host := silent(&called)
	flaw := func(format string, args ...any) { flaws = append(flaws, fmt.Sprintf(format, args...)) }
	src, err := c.Open(listen.Account{Channel: 1, Settings: settings}, host)
	if err != nil || src == nil {
		flaw("Open with good settings: %v, %v", src, err)
	}
	if _, streams := src.(listen.Streamer); err == nil && streams != c.Info().Stream {
		flaw("Info says Stream is %v, the source that it is %v", c.Info().Stream, streams)
	}
	for _, f := range c.Info().Fields {
		if !f.Required {
			continue
		}
		for _, missing := range []string{"", " "} {
			without := maps.Clone(settings)
			without[f.Name] = missing
			_, err := c.Open(listen.Account{Channel: 1, Settings: without}, host)
			var m *lastword.Mistake
			if !errors.As(err, &m) || m.Field != f.Name || m.Key == "" {
				flaw("Open without %q: %v, want a Mistake in that field", f.Name, err)
			}
		}
	}
	for _, call := range called {
		flaw("Open reached out: %s", call)
	}
	return flaws
}

// silent is a Host that only notes what is asked of it.
func silent(called *[]string) listen.Host {
	note := func(what string) { *called = append(*called, what) }
	return listen.Host{
		HTTP: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			note(r.Method + " " + r.URL.Host)
			return nil, errors.New("listentest: nobody may be called")
		})},
		Dial: func(_ context.Context, _, addr string) (net.Conn, error) {
			note("dial " + addr)
			return nil, errors.New("listentest: nobody may be called")
		},
		Log:     slog.New(slog.DiscardHandler),
		Now:     time.Now,
		Dropped: func(reason, _ string) { note("dropped " + reason) },
		Next:    func(time.Duration) { note("next") },
		Files: func(name string) (io.ReadSeekCloser, error) {
			note("file " + name)
			return nil, errors.New("listentest: no file may be opened")
		},
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Host returns a Host for tests with a real place behind client: a clock that
// stands at now, drops counted in the map, the last wait of Next behind the
// function.
func Host(client *http.Client, now time.Time) (host listen.Host, drops map[string]int, next func() time.Duration) {
	drops = map[string]int{}
	var wait time.Duration
	host = listen.Host{
		HTTP:    client,
		Log:     slog.New(slog.DiscardHandler),
		Now:     func() time.Time { return now },
		Dropped: func(reason, _ string) { drops[reason]++ },
		Next:    func(d time.Duration) { wait = d },
	}
	return host, drops, func() time.Duration { return wait }
}

// A Heard is all that a poll handed over.
type Heard struct {
	Batches []Batch
}

// A Batch is one call of Hear.
type Batch struct {
	Events []lastword.Event
	Cursor string
}

// Hear takes a batch.
func (h *Heard) Hear(_ context.Context, events []lastword.Event, cursor string) error {
	h.Batches = append(h.Batches, Batch{events, cursor})
	return nil
}

// Cursor is the last one, or before where none came.
func (h *Heard) Cursor(before string) string {
	if len(h.Batches) == 0 {
		return before
	}
	return h.Batches[len(h.Batches)-1].Cursor
}

// Events are all events in order.
func (h *Heard) Events() []lastword.Event {
	var all []lastword.Event
	for _, b := range h.Batches {
		all = append(all, b.Events...)
	}
	return all
}
