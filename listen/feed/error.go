package feed

import (
	"errors"
	"fmt"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/internal/syndication"
	"lastword/listen"
)

// patience is how long a feed that could be read once is given to come back
// before a person is asked to look.
const patience = 72 * time.Hour

// explain turns what went wrong into what the contract of a Source promises: a
// person's matter is a *lastword.Mistake of the kind lastword.ErrDenied, the
// rest wraps lastword.ErrUnavailable.
func (p *poll) explain(err error) error {
	if wait, ok := httpx.RetryAfter(err); ok {
		return &listen.RetryAfter{Wait: wait, Err: fmt.Errorf("feed: %w", unavailable(err))}
	}
	what, certain := diagnose(err)
	if what == "" {
		return fmt.Errorf("feed: %w", err)
	}
	worked := p.cursor.Read != 0 && p.now.Sub(time.Unix(p.cursor.Failed, 0)) < patience
	if worked && !certain {
		return fmt.Errorf("feed: %w", unavailable(err))
	}
	m := mistake(what, lastword.ErrDenied)
	m.Args = map[string]any{"Host": p.at.Host}
	return fmt.Errorf("feed: %s: %w", p.at.Host, m)
}

func unavailable(err error) error {
	if errors.Is(err, lastword.ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %w", lastword.ErrUnavailable, err)
}

func temporary(err error) bool { return errors.Is(err, lastword.ErrUnavailable) }

// diagnose names what a person must know, or nothing where waiting helps, and
// whether that is certain at once.
func diagnose(err error) (what string, certain bool) {
	var page *syndication.PageError
	var status *httpx.StatusError
	switch {
	case errors.Is(err, lastword.ErrUnavailable):
		return "", false
	case errors.Is(err, lastword.ErrGone):
		return "gone", true
	case errors.Is(err, lastword.ErrDenied):
		return "denied", true
	case errors.Is(err, httpx.ErrInner):
		return "inner", true
	case errors.Is(err, httpx.ErrTooLarge):
		return "too_large", true
	case errors.Is(err, syndication.ErrTooComplex):
		return "too_complex", true
	case errors.Is(err, httpx.ErrScheme), errors.Is(err, httpx.ErrRedirects):
		return "redirect", false
	case errors.Is(err, lastword.ErrNotFound):
		return "not_found", false
	case errors.As(err, &page):
		return "page", false
	case errors.Is(err, syndication.ErrNotFeed):
		return "not_a_feed", false
	case errors.Is(err, syndication.ErrBroken):
		return "broken", false
	case errors.As(err, &status):
		return "refused", false
	}
	return "", false
}
