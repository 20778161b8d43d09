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
	known := map[string]listen.Connector{}
	for _, c := range a.places.Connectors {
		known[c.Info().Name] = c
	}
	var failed []error
	for _, c := range companies {
		if err := a.expireOf(ctx, c.ID, known); err != nil {
			failed = append(failed, fmt.Errorf("expire: company %d: %w", c.ID, err))
		}
	}
	return errors.Join(failed...)
}

func (a *App) expireOf(ctx context.Context, company int64, known map[string]listen.Connector) error {
	all, err := a.DB.Channels(ctx, company)
	if err != nil {
		return err
	}
	gone, err := a.DB.GoneChannels(ctx, company)
	if err != nil {
		return err
	}
	for _, c := range append(all, gone...) {
		if err := a.expireFrom(ctx, c, known[c.Connector]); err != nil {
			return err
		}
	}
	for _, c := range gone {
		if at := known[c.Connector]; at != nil {
			if err := a.DB.ForgetGone(ctx, company, c.ID, at.Info().Network.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// expireFrom forgets what was heard through one channel, if its place bounds that.
func (a *App) expireFrom(ctx context.Context, c lastword.Channel, at listen.Connector) error {
	keeper, bounds := at.(listen.Keeper)
	if !bounds {
		return nil
	}
	before := keeper.Expired(c.Settings, c.Cursor, a.now().Add(expireEvery))
	if before.IsZero() {
		return nil
	}
	n, err := a.DB.Expire(ctx, c.Company, c.ID, at.Info().Network.Name, before)
	if n > 0 {
		a.Log.InfoContext(ctx, "forgotten, for its place lets nobody keep it longer", "company", c.Company, "channel", c.ID, "voices", n)
	}
	return err
}

// hourly does what is done once in an hour: what has to be forgotten goes, and where
// it is night, themes are put in order.
func (a *App) hourly(ctx context.Context, job lastword.Job) error {
	return errors.Join(a.expire(ctx), a.night(ctx, job))
}
