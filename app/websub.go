package app

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/feed"
	"lastword/store"
)

// pushPath is below what WebSub hubs call us at. It stands before the pages: no
// session, no form, nothing but what its own signature proves.
const pushPath = "/websub/"

// lendFor is how long a hub may keep a channel, or wait for one that is polled.
const lendFor = 30 * time.Second

// newHub returns what lets hubs push, or nil where nobody outside can reach us.
// Its secrets follow from the key of the data folder, so that subscriptions
// outlive this process and every node of one store knows them.
func (a *App) newHub() (*feed.Hub, error) {
	if a.Config.Public == "" {
		return nil, nil
	}
	key, err := a.derived("websub")
	if err != nil {
		return nil, err
	}
	return feed.NewHub(strings.TrimSuffix(a.Config.Public, "/")+pushPath, key, a.lend, a.Log)
}

// derived is a key of its own for one use, that follows from the key of the data
// folder.
func (a *App) derived(use string) ([]byte, error) {
	master, err := os.ReadFile(filepath.Join(a.Config.Data, "lastword.key"))
	if err != nil {
		return nil, fmt.Errorf("the key of the data folder: %w", err)
	}
	key, err := hkdf.Key(sha256.New, master, nil, use, 32)
	if err != nil {
		return nil, fmt.Errorf("the key of the data folder: %w", err)
	}
	return key, nil
}

// pushable are the connectors, feeds as ones that a hub may push.
func (a *App) pushable(connectors []listen.Connector) []listen.Connector {
	connectors = slices.Clone(connectors)
	for i, c := range connectors {
		if c.Info().Name == feed.Name && a.hub != nil {
			connectors[i] = feed.New(a.hub)
		}
	}
	return connectors
}

// lend opens a channel while a hub speaks to us; see feed.Lend.
func (a *App) lend(ctx context.Context, channel int64, use func(context.Context, listen.Source, string, listen.Hear) error) error {
	ctx, cancel := context.WithTimeout(ctx, lendFor)
	defer cancel()
	c, err := a.channel(ctx, channel)
	if err != nil {
		return err
	}
	if c.Paused {
		return fmt.Errorf("channel %d is paused: %w", channel, lastword.ErrUnavailable)
	}
	return a.runner.Lend(ctx, c.Company, c.ID, use)
}

// channel finds a channel whose company is not known. Only a callback that is
// genuine asks for one.
func (a *App) channel(ctx context.Context, id int64) (lastword.Channel, error) {
	all, err := a.DB.Companies(ctx)
	if err != nil {
		return lastword.Channel{}, err
	}
	for _, company := range all {
		c, err := a.DB.Channel(ctx, company.ID, id)
		if !errors.Is(err, lastword.ErrNotFound) {
			return c, err
		}
	}
	return lastword.Channel{}, fmt.Errorf("channel %d: %w", id, lastword.ErrNotFound)
}

// beforePages lets hubs and other places that push in, and everybody else to the
// pages.
func (a *App) beforePages(pages http.Handler) http.Handler {
	if a.hub == nil {
		return pages
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, pushPath):
			a.hub.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, hookPath):
			a.hooks.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, shownPath):
			a.shown.ServeHTTP(w, r)
		default:
			pages.ServeHTTP(w, r)
		}
	})
}

// shelf is the store as the pages use it.
type shelf struct {
	*store.DB
	app *App
}

// DeleteChannel forgets a channel, and tells its hub afterwards: the page does
// not wait for that.
func (s shelf) DeleteChannel(ctx context.Context, m lastword.Member, id int64) error {
	c, err := s.DB.Channel(ctx, m.Company, id)
	if err != nil {
		return err
	}
	if err := s.DB.DeleteChannel(ctx, m, id); err != nil || c.Connector != feed.Name || s.app.hub == nil {
		return err
	}
	s.app.farewells.Go(func() { s.app.unsubscribe(context.WithoutCancel(ctx), c) })
	return nil
}

// SaveQuery keeps a query, which is heard from then on.
func (s shelf) SaveQuery(ctx context.Context, m lastword.Member, q lastword.Query) (lastword.Query, error) {
	q, err := s.DB.SaveQuery(ctx, m, q)
	if err == nil {
		s.app.runner.Wake()
	}
	return q, err
}

// unsubscribe ends a removed feed's subscription. Where that fails, the hub
// hears at its next push that the feed is gone.
func (a *App) unsubscribe(ctx context.Context, c lastword.Channel) {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	if err := a.hub.Unsubscribe(ctx, a.client.HTTP(), c.ID, c.Cursor); err != nil {
		a.Log.InfoContext(ctx, "the hub was not told that a feed is gone", "channel", c.ID, "err", err)
	}
}
