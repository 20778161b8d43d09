package listen_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/match"
	"lastword/store"
)

// script is a connector for places that do as they are told.
type script struct {
	info  listen.Info
	open  func(listen.Account, listen.Host) (listen.Source, error)
	mu    sync.Mutex
	tries []time.Time // when it was opened
}

func (s *script) Info() listen.Info { return s.info }

func (s *script) Open(a listen.Account, h listen.Host) (listen.Source, error) {
	s.mu.Lock()
	s.tries = append(s.tries, h.Now())
	s.mu.Unlock()
	return s.open(a, h)
}

func (s *script) opened() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]time.Time(nil), s.tries...)
}

// polls makes a connector whose sources poll by f.
func polls(name string, every time.Duration, f func(ctx context.Context, h listen.Host, cursor string, hear listen.Hear) error) *script {
	s := &script{info: listen.Info{Name: name, Network: lastword.Network{Name: name}, Every: every}}
	s.open = func(_ listen.Account, h listen.Host) (listen.Source, error) { return poller{h, f}, nil }
	return s
}

type poller struct {
	host listen.Host
	f    func(ctx context.Context, h listen.Host, cursor string, hear listen.Hear) error
}

func (p poller) Poll(ctx context.Context, cursor string, hear listen.Hear) error {
	return p.f(ctx, p.host, cursor, hear)
}

// streamer streams by f.
type streamer struct {
	poller
	account listen.Account
	stream  func(ctx context.Context, a listen.Account, cursor string, hear listen.Hear) error
}

func (s streamer) Stream(ctx context.Context, cursor string, hear listen.Hear) error {
	return s.stream(ctx, s.account, cursor, hear)
}

// streams makes a connector whose sources stream by f.
func streams(name string, f func(ctx context.Context, a listen.Account, cursor string, hear listen.Hear) error) *script {
	s := &script{info: listen.Info{Name: name, Network: lastword.Network{Name: name}, Stream: true}}
	s.open = func(a listen.Account, h listen.Host) (listen.Source, error) {
		return streamer{account: a, stream: f}, nil
	}
	return s
}

// silent streams nothing until it is stopped.
func silent(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// house is a company in a store of its own, with the clock of the test's bubble.
type house struct {
	*testing.T
	db       *store.DB
	runner   *listen.Runner
	company  lastword.Company
	director lastword.Member
	stop     func() // stops the runner and waits
}

func newHouse(t *testing.T, connectors ...*script) *house {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Folder: t.TempDir()})
	h := &house{T: t, db: db}
	h.must(err)
	h.company, err = db.AddCompany(t.Context(), lastword.Company{Name: "Muster GmbH", Lang: "de", Zone: "Europe/Berlin", Rule: lastword.AnyDirector, Minutes: 10})
	h.must(err)
	h.director, err = db.SaveMember(t.Context(), lastword.Member{Company: h.company.ID}, lastword.Member{Name: "Anna", Role: lastword.Director, Lang: "de"})
	h.must(err)
	h.runner = h.newRunner("one", connectors...)
	h.stop = func() {}
	t.Cleanup(func() {
		h.stop()
		h.must(db.Close())
	})
	return h
}

func (h *house) newRunner(owner string, connectors ...*script) *listen.Runner {
	all := make([]listen.Connector, len(connectors))
	for i, c := range connectors {
		all[i] = c
	}
	return &listen.Runner{
		Store: h.db, Connectors: all, Compile: compile, Now: time.Now, Owner: owner,
		Client: func(lastword.Channel) *http.Client { return http.DefaultClient },
		Log:    slog.New(slog.DiscardHandler), Jitter: func() float64 { return 0 },
		Files: func(lastword.Channel, string) (io.ReadSeekCloser, error) { return nil, lastword.ErrDenied },
	}
}

func compile(queries []lastword.Query) (listen.Matcher, error) {
	all := make([]match.Numbered, len(queries))
	for i, q := range queries {
		parsed, err := match.Parse(q.Text)
		if err != nil {
			return nil, err
		}
		all[i] = match.Numbered{ID: q.ID, Query: parsed}
	}
	return match.Compile(all, nil), nil
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// start runs a runner until stop is called, or the test ends.
func (h *house) start(runners ...*listen.Runner) {
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	for _, r := range runners {
		group.Go(func() {
			if err := r.Run(ctx); err != nil {
				h.Error(err)
			}
		})
	}
	h.stop = func() {
		cancel()
		group.Wait()
	}
}

func (h *house) channel(connector string, change func(*lastword.Channel)) lastword.Channel {
	h.Helper()
	c := lastword.Channel{Connector: connector, Name: connector}
	if change != nil {
		change(&c)
	}
	c, err := h.db.SaveChannel(context.Background(), h.director, c)
	h.must(err)
	return c
}

func (h *house) query(text string) lastword.Query {
	h.Helper()
	q, err := h.db.SaveQuery(context.Background(), h.director, lastword.Query{Name: text, Text: text})
	h.must(err)
	return q
}

func (h *house) health(c lastword.Channel) lastword.Health {
	h.Helper()
	c, err := h.db.Channel(context.Background(), h.company.ID, c.ID)
	h.must(err)
	return c.Health
}

func (h *house) voices() []lastword.VoiceRow {
	h.Helper()
	vs, err := h.db.FindVoices(context.Background(), h.company.ID, lastword.VoiceFilter{Limit: 10_000, Own: true})
	h.must(err)
	return vs
}

// said is a post of just now.
func said(network string, key int, text string) lastword.Event {
	return lastword.Event{Post: lastword.Post{Network: network, Key: fmt.Sprint(key), Text: text, SaidAt: time.Now(),
		Author: lastword.Author{Key: "who", Handle: "who"}}}
}
