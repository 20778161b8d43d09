package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lastword"
	"lastword/listen"
)

// expireEvery is how often it is looked for what has to go; it goes an hour early
// rather than an hour late.
const expireEvery = time.Hour

// expire forgets what places let nobody keep any longer, of channels too that nobody
// hears: they are held, refused or removed. One company that fails keeps no other
// from it.
func (a *App) expire(ctx context.Context) error {
	companies, err := a.DB.Companies(ctx)
	if err != nil {
		return fmt.Errorf("expire: %w", err)
	}
	keepers := map[string]listen.Connector{}
	for _, c := range a.places.Connectors {
		if _, bounds := c.(listen.Keeper); bounds {
			keepers[c.Info().Name] = c
		}
	}
	var failed []error
	for _, c := range companies {
		if err := a.expireOf(ctx, c.ID, keepers); err != nil {
			failed = append(failed, fmt.Errorf("expire: company %d: %w", c.ID, err))
		}
	}
	return errors.Join(failed...)
}

func (a *App) expireOf(ctx context.Context, company int64, keepers map[string]listen.Connector) error {
	all, err := a.DB.Channels(ctx, company)
	if err != nil {
		return err
	}
	gone, err := a.DB.GoneChannels(ctx, company)
	if err != nil {
		return err
	}
	for i, c := range append(all, gone...) {
		known := keepers[c.Connector]
		if known == nil {
			continue
		}
		network := known.Info().Network.Name
		before := known.(listen.Keeper).Expired(c.Settings, c.Cursor, a.now().Add(expireEvery))
		if !before.IsZero() {
			n, err := a.DB.Expire(ctx, company, c.ID, network, before)
			if n > 0 {
				a.Log.InfoContext(ctx, "forgotten, for its place lets nobody keep it longer", "company", company, "channel", c.ID, "voices", n)
			}
			if err != nil {
				return err
			}
		}
		if i >= len(all) {
			if err := a.DB.ForgetGone(ctx, company, c.ID, network); err != nil {
				return err
			}
		}
	}
	return nil
}

// hourly does what is done once in an hour: what has to be forgotten goes, and where
// it is night, themes are put in order.
func (a *App) hourly(ctx context.Context, job lastword.Job) error {
	return errors.Join(a.expire(ctx), a.night(ctx, job))
}
