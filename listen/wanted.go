package listen

import (
	"context"
	"slices"
	"sync"
	"time"

	"lastword"
)

// queriesFor is how long compiled queries are used before the store is asked
// whether they changed.
const queriesFor = 2 * time.Second

// wanted holds each company's queries, compiled, for all its channels.
type wanted struct {
	*Runner
	mu        sync.Mutex
	companies map[int64]*compiled
}

// compiled is one company's set.
type compiled struct {
	mu      sync.Mutex
	queries []lastword.Query
	set     Matcher
	at      time.Time
	rings   uint64
}

func newWanted(r *Runner) *wanted { return &wanted{Runner: r, companies: map[int64]*compiled{}} }

// of returns what the company wants to hear, at most two seconds old.
func (w *wanted) of(ctx context.Context, company int64) (Matcher, error) {
	w.mu.Lock()
	c := w.companies[company]
	if c == nil {
		c = &compiled{}
		w.companies[company] = c
	}
	w.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	rings, now := w.rings.Load(), w.Now()
	if c.set != nil && c.rings == rings && now.Sub(c.at) < queriesFor {
		return c.set, nil
	}
	queries, err := w.Store.Queries(ctx, company)
	if err != nil {
		return nil, &ownError{err}
	}
	queries = slices.DeleteFunc(queries, func(q lastword.Query) bool { return q.Paused })
	if c.set == nil || !slices.EqualFunc(queries, c.queries, alike) {
		if c.set, err = w.compile(ctx, queries); err != nil {
			return nil, &ownError{err}
		}
	}
	c.queries, c.at, c.rings = queries, now, rings
	return c.set, nil
}

func alike(a, b lastword.Query) bool { return a.ID == b.ID && a.Text == b.Text }

// compile leaves out a query that cannot be compiled, and says so, rather than
// let it silence all others.
func (w *wanted) compile(ctx context.Context, queries []lastword.Query) (Matcher, error) {
	set, err := w.Compile(queries)
	if err == nil {
		return set, nil
	}
	good := slices.DeleteFunc(slices.Clone(queries), func(q lastword.Query) bool {
		_, bad := w.Compile([]lastword.Query{q})
		if bad != nil {
			w.Log.ErrorContext(ctx, "query left out", "company", q.Company, "query", q.ID, "err", bad)
		}
		return bad != nil
	})
	return w.Compile(good)
}
