package x

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"lastword"
	"lastword/listen"
)

// Recent search (docs.x.com, GET /2/tweets/search/recent) and the counts of the
// same query.
const (
	searchPath  = "/2/tweets/search/recent"
	countPath   = "/2/tweets/counts/recent"
	searchLeast = 10
	searchBack  = 7*24*time.Hour - 10*time.Minute // how far both go back, with room for clocks
	countAfter  = time.Hour                       // without hearing, what waits is counted before it is read
)

// A search hears what anybody says with certain words.
type search struct {
	host  listen.Host
	api   api
	meter *meter
	set   settings
	query string
}

// searchable is the later of an id and the first that search still knows. What
// lies between is missed.
func searchable(host listen.Host, since uint64) uint64 {
	first := idAt(host.Now().Add(-searchBack))
	if since >= first {
		return since
	}
	if since != 0 {
		host.Dropped(dropMissed, timeOf(since).UTC().Format(time.RFC3339)+" – "+timeOf(first).UTC().Format(time.RFC3339))
	}
	return first
}

// Poll implements listen.Source.
func (s *search) Poll(ctx context.Context, cursor string, hear listen.Hear) error {
	t, err := s.begin(cursor)
	if err != nil {
		return err
	}
	return s.catchUp(ctx, &t, hear)
}

// begin reads the cursor, or makes the first.
func (s *search) begin(cursor string) (t track, err error) {
	if err := decodeCursor(cursor, &t); err != nil {
		return t, err
	}
	if t.Since == 0 {
		t.Since = idAt(s.host.Now().Add(-s.set.back))
	}
	t.Since = searchable(s.host, t.Since)
	return t, nil
}

// catchUp hears by search what t has not.
func (s *search) catchUp(ctx context.Context, t *track, hear listen.Hear) error {
	if err := s.afford(ctx, *t); err != nil {
		return err
	}
	q := fields()
	q.Set("query", s.query)
	l := list{path: searchPath, query: q, page: "next_token", least: searchLeast, price: s.set.prices.post}
	r := reader{host: s.host, api: s.api, meter: s.meter}
	for {
		err := r.read(ctx, l, *t, hear, func(next track) string {
			*t = next
			return encodeCursor(next)
		})
		if err != nil || t.Until == 0 {
			return err
		}
	}
}

// afford counts what waits before it is read, where that may be much: at first,
// and after a pause. What the month does not allow is not begun, so that a word
// too common costs one count and not the whole month.
func (s *search) afford(ctx context.Context, t track) error {
	if s.host.Now().Sub(timeOf(max(t.Since, t.Top))) < countAfter {
		return nil
	}
	if err := s.meter.allow(ctx, s.set.prices.count); err != nil {
		return err
	}
	q := url.Values{"query": {s.query}, "granularity": {"day"}, "since_id": {strconv.FormatUint(t.Since, 10)}}
	var said struct {
		Meta struct {
			Total int64 `json:"total_tweet_count"`
		}
	}
	if err := s.api.get(ctx, countPath, q, &said); err != nil {
		return err
	}
	if err := s.meter.spend(ctx, hearing, s.set.prices.count); err != nil {
		return err
	}
	left, err := s.meter.left(ctx)
	if err != nil {
		return err
	}
	total := min(max(said.Meta.Total, 0), 1e9)
	if cost := total * (s.set.prices.post + s.set.prices.user); cost > left {
		return fmt.Errorf("x: %d posts: %w", total, &lastword.Mistake{Key: "connector.x.error.too_many", Field: fieldWords,
			Args: map[string]any{"Count": total, "Cost": dollars(cost), "Left": dollars(max(left, 0))}, Kind: lastword.ErrDenied})
	}
	return nil
}
