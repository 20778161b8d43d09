package app

import (
	"context"
	"time"

	"lastword"
)

const (
	probeEvery = 24 * time.Hour   // for each channel
	probeLook  = 10 * time.Second // for channels whose place is to be asked
)

// probes asks the place of each channel once a day, and soon after it was
// changed, what it may do there: an access that ends, or was narrowed, is to be
// known before an answer fails.
func (a *App) probes(ctx context.Context) {
	tick := time.NewTicker(probeLook)
	defer tick.Stop()
	for {
		for a.probeNext(ctx) {
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// probeNext asks one place, if there is one to ask.
func (a *App) probeNext(ctx context.Context) bool {
	now := a.now()
	next := now.Add(probeEvery)
	c, err := a.DB.DueProbe(ctx, now, next)
	if err == nil && c.ID != 0 {
		_, err = a.probe(ctx, c, next, false)
	}
	if err != nil && ctx.Err() == nil {
		a.Log.WarnContext(ctx, "a channel's place was not asked what it may do", "channel", c.ID, "err", err)
	}
	return err == nil && c.ID != 0 && ctx.Err() == nil
}

// probe asks a place and keeps its answer under the asking that next names.
func (a *App) probe(ctx context.Context, c lastword.Channel, next time.Time, reach bool) (lastword.Probe, error) {
	p := a.places.Probe(ctx, c, reach)
	if err := ctx.Err(); err != nil { // we stop: that says nothing of the place
		return p, err
	}
	p.Next = next
	return p, a.DB.SaveProbe(ctx, c.Company, p)
}
