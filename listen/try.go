package listen

import (
	"context"
	"errors"
	"time"

	"lastword"
)

const tryWithin = 20 * time.Second

// errHeard ends a trial: the place is there and lets us hear.
var errHeard = errors.New("listen: heard")

// Test opens a channel and hears its first batch without keeping anything, for
// whoever sets it up. The channel needs its secrets, and no id. Of the health,
// State (fine, failing or refused), Why and LastTry are set.
func (p *Places) Test(ctx context.Context, c lastword.Channel) lastword.Health {
	ctx, cancel := context.WithTimeout(ctx, tryWithin)
	defer cancel()
	health := lastword.Health{State: lastword.Fine, LastTry: p.Now()}
	err := p.try(ctx, c)
	switch {
	case err == nil || errors.Is(err, errHeard):
	case refused(err):
		health.State, health.Why = lastword.Refused, why(err)
	case errors.Is(err, context.DeadlineExceeded):
		health.State, health.Why = lastword.Failing, "why.unavailable"
	default:
		health.State, health.Why = lastword.Failing, why(err)
	}
	return health
}

func (p *Places) try(ctx context.Context, c lastword.Channel) error {
	source, err := open(p.Connectors, c, p.host(c), p.Hook)
	if err != nil {
		return err
	}
	return source.Poll(ctx, c.Cursor, func(context.Context, []lastword.Event, string) error { return errHeard })
}
