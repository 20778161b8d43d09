package listen

import (
	"errors"
	"time"

	"lastword"
	"lastword/internal/httpx"
)

const (
	pollEvery    = 5 * time.Minute  // where neither source nor connector says
	pollMost     = 24 * time.Hour   // nothing may silence itself for longer
	pollLeast    = time.Second      //
	firstWait    = 30 * time.Second // after a failure; doubled with each further one
	longestWait  = time.Hour        //
	refusedAgain = 6 * time.Hour    // a refusal may pass by itself: a place's own mistake
	steady       = time.Minute      // a stream that lasted so long did work
)

// judge says how the channel fares after a run that ended with err, and when it
// is tried again.
func (h *hearing) judge(err error) lastword.Health {
	now, health := h.Now(), h.leased.Health
	health.LastTry, health.Dropped = h.began, h.drops.counts()
	switch {
	case errors.Is(err, errStopping): // others may go on at once
		health.NextTry = now
		if h.wasFine() {
			health.State, health.Why, health.Fails = lastword.Fine, "", 0
		}
	case err == nil:
		h.succeeded(&health, now)
	case refused(err):
		health.State, health.Why, health.NextTry = lastword.Refused, why(err), now.Add(refusedAgain)
		health.Fails++
	case h.streams && (h.wasFine() || now.Sub(h.began) >= steady) && waitOf(err) == 0: // connections end
		h.succeeded(&health, now)
	default:
		health.Fails++
		health.State, health.Why = lastword.Failing, why(err)
		health.NextTry = now.Add(backoff(health.Fails, waitOf(err), h.jitter()))
	}
	return health
}

func (h *hearing) succeeded(health *lastword.Health, now time.Time) {
	info := Info{}
	if c := connector(h.Connectors, h.leased.Connector); c != nil {
		info = c.Info()
	}
	health.State, health.Why, health.Fails = lastword.Fine, "", 0
	switch asked := time.Duration(h.next.Load()); {
	case h.streams:
		health.NextTry = now.Add(time.Second + time.Duration(h.jitter()*float64(time.Second)))
	case asked > 0:
		health.NextTry = now.Add(min(pollMost, max(pollLeast, asked)))
	case info.Once:
		health.State, health.NextTry = lastword.Done, now
	case info.Every > 0:
		health.NextTry = now.Add(info.Every)
	default:
		health.NextTry = now.Add(pollEvery)
	}
}

// refused reports whether a person must act.
func refused(err error) bool {
	var own *ownError
	return !errors.As(err, &own) && (errors.Is(err, lastword.ErrDenied) || errors.Is(err, lastword.ErrInvalid))
}

// why returns a text of the catalogue that tells a person of err.
func why(err error) string {
	var mistake *lastword.Mistake
	switch {
	case errors.As(err, &mistake):
		return mistake.Key
	case errors.Is(err, lastword.ErrDenied):
		return "why.denied"
	case errors.Is(err, lastword.ErrInvalid):
		return "why.invalid"
	case errors.Is(err, lastword.ErrUnavailable):
		return "why.unavailable"
	}
	return "why.internal"
}

// backoff is how long to wait after the n-th failure in a row: 30 s, doubled
// each time up to an hour, with up to a fifth more by chance so that channels
// spread; and not less than the place asked for.
func backoff(n int, asked time.Duration, chance float64) time.Duration {
	wait := firstWait
	for ; n > 1 && wait < longestWait; n-- {
		wait *= 2
	}
	wait = max(min(wait, longestWait), min(asked, pollMost))
	return wait + time.Duration(chance*float64(wait)/5)
}

// RetryIn returns how long the place wishes us to wait.
func (e *RetryAfter) RetryIn() time.Duration { return e.Wait }

// waitOf returns how long a place asked us to wait, or 0.
func waitOf(err error) time.Duration {
	var asked *RetryAfter
	if errors.As(err, &asked) {
		return asked.Wait
	}
	wait, _ := httpx.RetryAfter(err)
	return wait
}
