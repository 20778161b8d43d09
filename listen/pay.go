package listen

import (
	"context"
	"errors"
	"fmt"

	"lastword"
)

// A Payer is a Source whose place asks money.
type Payer interface {
	// Spending tells what this month has cost so far, as it is counted, and what was
	// forecast. It calls nobody.
	Spending(ctx context.Context) (lastword.Spending, error)
}

// A Forecaster is a Payer that can ask its place what its settings would cost. That
// may itself cost a little, which is counted. The forecast is kept.
type Forecaster interface {
	Payer
	Forecast(ctx context.Context) (lastword.Forecast, error)
}

// Spending tells what a channel has cost; false where its place asks no money.
func (p *Places) Spending(ctx context.Context, company, channel int64) (lastword.Spending, bool, error) {
	at, err := p.open(ctx, company, channel)
	if errors.Is(err, lastword.ErrDenied) { // wrong settings show by themselves
		return lastword.Spending{}, false, nil
	}
	if err != nil {
		return lastword.Spending{}, false, err
	}
	payer, ok := at.source.(Payer)
	if !ok {
		return lastword.Spending{}, false, nil
	}
	s, err := payer.Spending(ctx)
	return s, err == nil, err
}

// Forecast asks what a channel would cost and keeps the answer; false where its
// place cannot be asked. The errors are those of Source.Poll.
func (p *Places) Forecast(ctx context.Context, company, channel int64) (bool, error) {
	at, err := p.open(ctx, company, channel)
	if err != nil {
		return false, err
	}
	asked, ok := at.source.(Forecaster)
	if !ok {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, tryWithin)
	defer cancel()
	if _, err := asked.Forecast(ctx); err != nil {
		return false, fmt.Errorf("listen: forecast of channel %d: %w", channel, err)
	}
	return true, nil
}
