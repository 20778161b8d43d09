package app

import (
	"context"
	"maps"
	"net/url"

	"lastword"
)

// channels is what people do to channels from the pages.
type channels struct{ *App }

// Open checks a channel's settings without calling out.
func (c channels) Open(ctx context.Context, ch lastword.Channel, signing bool) error {
	ch, err := c.whole(ctx, ch)
	if err != nil {
		return err
	}
	return c.places.Valid(ch, signing)
}

// whole is a channel with the secrets that are stored, beside those it brings.
func (c channels) whole(ctx context.Context, ch lastword.Channel) (lastword.Channel, error) {
	if ch.ID == 0 {
		return ch, nil
	}
	stored, err := c.DB.Secret(ctx, ch.Company, ch.ID)
	if err != nil {
		return ch, err
	}
	secrets := map[string]string{}
	maps.Copy(secrets, stored.Secrets)
	maps.Copy(secrets, ch.Secrets)
	ch.Secrets = secrets
	return ch, nil
}

// Probe asks the place now what the channel may do there, and keeps the answer.
func (c channels) Probe(ctx context.Context, company, channel int64) (lastword.Probe, error) {
	ch, err := c.DB.Secret(ctx, company, channel)
	if err != nil {
		return lastword.Probe{}, err
	}
	next := c.now().Add(probeEvery)
	if err := c.DB.BeginProbe(ctx, company, channel, next); err != nil {
		return lastword.Probe{}, err
	}
	return c.probe(ctx, ch, next, true)
}

// PollNow asks for a poll as soon as possible.
func (c channels) PollNow(ctx context.Context, company, channel int64) error {
	if err := c.DB.PollSoon(ctx, company, channel); err != nil {
		return err
	}
	c.runner.Wake()
	return nil
}

// Authorize begins signing in at the place.
func (c channels) Authorize(ctx context.Context, ch lastword.Channel, redirect, state string) (string, map[string]string, error) {
	ch, err := c.whole(ctx, ch)
	if err != nil {
		return "", nil, err
	}
	return c.places.Authorize(ctx, ch, redirect, state)
}

// SignedIn ends it: what the place granted is kept, and the channel heard at once.
func (c channels) SignedIn(ctx context.Context, by lastword.Member, begun lastword.SigningIn, answer url.Values) error {
	ch, err := c.DB.Secret(ctx, by.Company, begun.Channel)
	if err != nil {
		return err
	}
	settings, secrets, err := c.places.Exchange(ctx, ch, begun, answer)
	if err != nil {
		return err
	}
	if ch.Settings == nil {
		ch.Settings = map[string]string{}
	}
	maps.Copy(ch.Settings, settings)
	ch.Secrets = secrets // all others stay as they are kept now
	// The grant was used up by the exchange: a visitor who leaves must not lose it.
	ctx = context.WithoutCancel(ctx)
	if _, err := c.DB.SaveChannel(ctx, by, ch); err != nil {
		return err
	}
	return c.PollNow(ctx, by.Company, ch.ID)
}

// Spending tells what a channel has cost this month.
func (c channels) Spending(ctx context.Context, company, channel int64) (lastword.Spending, bool, error) {
	return c.places.Spending(ctx, company, channel)
}

// Forecast asks what a channel would cost.
func (c channels) Forecast(ctx context.Context, company, channel int64) (bool, error) {
	return c.places.Forecast(ctx, company, channel)
}
