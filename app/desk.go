package app

import (
	"context"

	"lastword"

	"lastword/theme"
)

// desk is what people do to themes from the pages.
type desk struct{ *theme.Step }

// Split makes a new theme of some voices and gives it a name, if there is one.
func (d desk) Split(ctx context.Context, m lastword.Member, from int64, voices []int64, name string) (int64, error) {
	id, err := d.Step.Split(ctx, m, from, voices)
	if err != nil || name == "" {
		return id, err
	}
	return id, d.Rename(ctx, m, id, name)
}

// Move places voices into a theme; 0 takes them out of any.
func (d desk) Move(ctx context.Context, m lastword.Member, voices []int64, to int64) error {
	if to == 0 {
		return d.Reject(ctx, m, voices)
	}
	return d.Step.Move(ctx, m, voices, to)
}

// channels is what people do to channels from the pages.
type channels struct{ *App }

// Open checks a channel's settings without calling out.
func (c channels) Open(ch lastword.Channel) error { return c.places.Valid(ch) }

// Check reaches out once and returns what is wrong.
func (c channels) Check(ctx context.Context, company, channel int64) error {
	ch, err := c.DB.Secret(ctx, company, channel)
	if err != nil {
		return err
	}
	if h := c.places.Test(ctx, ch); h.State != lastword.Fine {
		return &lastword.Mistake{Key: h.Why}
	}
	return nil
}

// Spending tells what a channel has cost this month.
func (c channels) Spending(ctx context.Context, company, channel int64) (lastword.Spending, bool, error) {
	return c.places.Spending(ctx, company, channel)
}

// Forecast asks what a channel would cost.
func (c channels) Forecast(ctx context.Context, company, channel int64) (bool, error) {
	return c.places.Forecast(ctx, company, channel)
}

// PollNow asks for a poll as soon as possible.
func (c channels) PollNow(ctx context.Context, company, channel int64) error {
	if err := c.DB.PollSoon(ctx, company, channel); err != nil {
		return err
	}
	c.runner.Wake()
	return nil
}
