// Package app wires the program together. Read it to see what runs: a store, a
// runner that listens, workers for durable jobs, and the pages.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"lastword"
	"lastword/answer"
	"lastword/brief"
	"lastword/decide"
	"lastword/internal/httpx"
	"lastword/internal/jobs"
	"lastword/listen"
	"lastword/listen/feed"
	"lastword/match"
	"lastword/model"
	"lastword/notice"
	"lastword/represent"
	"lastword/store"
	"lastword/theme"
	"lastword/understand"
	"lastword/web"
)

// An App is the program with all its parts.
type App struct {
	Config Config
	DB     *store.DB
	Log    *slog.Logger

	now        func() time.Time
	rehearsal  bool // a throw-away company
	runner     *listen.Runner
	places     *places
	client     *httpx.Client
	understand *understand.Step
	themes     *theme.Step
	decisions  *decide.Step
	answers    *answer.Step
	briefs     *brief.Step
	stories    *represent.Step
	lender     *httpx.Client // to endpoints of models, which may take their time
	models     *model.Step
	courier    *httpx.Client // to other programs of the companies
	notices    *notice.Step
	hub        *feed.Hub      // nil where hubs cannot reach us
	hooks      *hooks         // nil where places cannot reach us
	shown      *shown         // as hooks
	farewells  sync.WaitGroup // what is told to places after a page was answered
}

// Open opens the store and puts the parts together. Connectors are those that
// ship, unless others are given.
func Open(ctx context.Context, c Config, connectors ...listen.Connector) (*App, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if len(connectors) == 0 {
		connectors = shipped()
	}
	return open(ctx, c, c.storeOptions(c.logger()), connectors)
}

func open(ctx context.Context, c Config, o store.Options, connectors []listen.Connector) (*App, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	db, err := store.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	a, err := assemble(c, db, o.Log, o.Now, connectors)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return a, nil
}

func assemble(c Config, db *store.DB, log *slog.Logger, now func() time.Time, connectors []listen.Connector) (*App, error) {
	model, err := understand.Load()
	if err != nil {
		return nil, err
	}
	a := &App{Config: c, DB: db, Log: log, now: now}
	a.client = httpx.New(httpx.Options{Version: Version(), Public: c.Public, Allow: c.Inner})
	if a.hub, err = a.newHub(); err != nil {
		return nil, err
	}
	if a.hooks, err = a.newHooks(); err != nil {
		return nil, err
	}
	connectors = a.pushable(connectors)
	client := func(lastword.Channel) *http.Client { return a.client.HTTP() }
	a.runner = &listen.Runner{Store: db, Connectors: connectors, Client: client, Dial: a.client.Dial, Hook: a.hooks.address, Compile: compile,
		Now: now, Log: log, Owner: owner()}
	a.places = &places{&listen.Places{Accounts: db, Connectors: connectors, Client: client, Dial: a.client.Dial, Hook: a.hooks.address, Now: now, Log: log}}
	a.understand = &understand.Step{Store: db, Model: model}
	a.lendModels(now)
	a.sendNotices()
	a.themes = &theme.Step{Store: db, Desk: db, Meanings: a.models, Words: a.models, Wordings: db, Log: log}
	a.places.Album = db
	if a.shown, err = a.newShown(); err != nil {
		return nil, err
	}
	a.places.Shown = a.shown.address
	a.stories = &represent.Step{Store: db, Places: a.places, Pages: pages{a}, Now: now, Log: log, Home: a.home}
	a.decisions = &decide.Step{Store: db, Now: now}
	a.answers = &answer.Step{Store: db, Places: a.places, Now: now, Rand: rand.Reader, Log: log,
		Words: a.models, Tones: db}
	a.briefs = &brief.Step{Store: db}
	return a, nil
}

// compile makes the queries of a company into one set. A query that cannot be
// read, which the pages never save, is left out.
func compile(queries []lastword.Query) (listen.Matcher, error) {
	var numbered []match.Numbered
	var words []string
	for _, q := range queries {
		if parsed, err := match.Parse(q.Text); err == nil && !q.Paused {
			numbered = append(numbered, match.Numbered{ID: q.ID, Query: parsed})
			words = append(words, parsed.Searches()...)
		}
	}
	slices.Sort(words)
	return wanted{match.Compile(numbered, nil), slices.Compact(words)}, nil
}

// wanted is what a company's queries want, and what to search for.
type wanted struct {
	*match.Set
	words []string
}

// Searches implements listen.Searcher.
func (w wanted) Searches() []string { return w.words }

// Close waits for what is still told to places, and lets go of the store.
func (a *App) Close() error {
	a.farewells.Wait()
	a.client.Close()
	a.lender.Close()
	a.courier.Close()
	return a.DB.Close()
}

// handlers say which step does which job.
func (a *App) handlers() map[lastword.JobKind]jobs.Handler {
	return map[lastword.JobKind]jobs.Handler{
		lastword.Understand: a.understand.Do,
		lastword.Reread:     a.understand.Reread,
		lastword.Gather:     a.themes.Do,
		lastword.DraftJob:   a.answers.Do,
		lastword.Deliver:    a.answers.Do,
		lastword.Mean:       a.themes.Mean,
		lastword.Word:       a.themes.Word,
		lastword.Tone:       a.answers.Learn,
		lastword.Night:      a.hourly,
		lastword.Tidy:       a.themes.Tidy,
		lastword.Tell:       a.notices.Do,
		lastword.Publish:    a.stories.Do,
		lastword.TakeDown:   a.stories.Do,
		lastword.Unfurl:     a.stories.Do,
	}
}

// quiet are the handlers of work that reaches nobody outside.
func (a *App) quiet() map[lastword.JobKind]jobs.Handler {
	h := a.handlers()
	for _, kind := range []lastword.JobKind{lastword.Deliver, lastword.Tell, lastword.Publish, lastword.TakeDown, lastword.Unfurl, lastword.Night} {
		delete(h, kind)
	}
	return h
}

// Handler returns the pages, and what lies before them.
func (a *App) Handler() (http.Handler, error) {
	s := &web.Server{
		Store: shelf{a.DB, a}, Themes: desk{a.themes}, Decisions: a.decisions, Answers: a.answers, Briefs: a.briefs,
		Channels: channels{a}, Models: models{a}, Couriers: couriers{a}, Stories: a.stories, Blogs: blogs{a}, Outlets: a.places.Outlets,
		Network: a.places.Network, Route: a.places.Route, Hook: a.hooks.address, Now: a.now, Log: a.Log,
		Public: strings.TrimSuffix(a.Config.Public, "/"), Imprint: a.Config.Imprint, Proxy: a.Config.Proxy, Origins: a.Config.Origin, Rehearsal: a.rehearsal,
	}
	for _, c := range a.runner.Connectors {
		s.Connectors = append(s.Connectors, c.Info())
	}
	pages, err := s.Handler()
	if err != nil {
		return nil, err
	}
	return a.beforePages(pages), nil
}

// grace is how long running work may take to end.
const grace = 10 * time.Second

// Serve serves pages on l, listens and works until ctx ends. It stops in order:
// accept no more, let running work finish within the grace, then cancel it.
func (a *App) Serve(ctx context.Context, l net.Listener) error {
	pages, err := a.Handler()
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: pages, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(a.Log.Handler(), slog.LevelWarn),
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve pages: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		soft, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		if err := server.Shutdown(soft); err != nil {
			return server.Close()
		}
		return nil
	})
	group.Go(func() error { return a.runner.Run(ctx) })
	group.Go(func() error {
		a.probes(ctx)
		return nil
	})
	group.Go(func() error { return a.DB.Queue().Run(ctx, a.handlers(), grace) })
	return group.Wait()
}
