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
		host.Dropped(listen.Gap, listen.Span(timeOf(since), timeOf(first)))
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

// forecastKept is the name under which the last forecast is kept: when it was made
// (Unix seconds), and how many posts there were.
const forecastKept = "forecast"

// Spending implements listen.Payer.
func (s *search) Spending(ctx context.Context) (lastword.Spending, error) {
	sum, err := s.meter.Spending(ctx)
	if err != nil {
		return sum, err
	}
	s.meter.mu.Lock()
	defer s.meter.mu.Unlock()
	all, err := s.meter.read(ctx)
	if err != nil {
		return sum, err
	}
	var made, total int64
	if n, _ := fmt.Sscan(all[forecastKept], &made, &total); n == 2 {
		sum.Forecast = s.forecast(time.Unix(made, 0), total)
	}
	return sum, nil
}

// Forecast implements listen.Forecaster: X counts what was said in seven days.
func (s *search) Forecast(ctx context.Context) (lastword.Forecast, error) {
	total, err := s.count(ctx, url.Values{})
	if err != nil {
		return lastword.Forecast{}, err
	}
	f := s.forecast(s.host.Now(), total)
	if s.host.Keep == nil {
		return f, nil
	}
	return f, s.host.Keep(ctx, map[string]string{forecastKept: fmt.Sprint(f.Made.Unix(), total)})
}

// forecast takes each post for one of another person, which is the dearest case.
func (s *search) forecast(made time.Time, total int64) lastword.Forecast {
	return lastword.Forecast{Made: made, Posts: total, Monthly: total * (s.set.prices.post + s.set.prices.user) * 30 / 7}
}

// count asks how many posts there are, and pays for it.
func (s *search) count(ctx context.Context, q url.Values) (int64, error) {
	if err := s.meter.allow(ctx, s.set.prices.count); err != nil {
		return 0, err
	}
	q.Set("query", s.query)
	q.Set("granularity", "day")
	var said struct {
		Meta struct {
			Total int64 `json:"total_tweet_count"`
		}
	}
	if err := s.api.get(ctx, countPath, q, &said); err != nil {
		return 0, err
	}
	return min(max(said.Meta.Total, 0), 1e9), s.meter.spend(ctx, hearing, s.set.prices.count)
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
	total, err := s.count(ctx, url.Values{"since_id": {strconv.FormatUint(t.Since, 10)}})
	if err != nil {
		return err
	}
	left, err := s.meter.left(ctx)
	if err != nil {
		return err
	}
	if cost := total * (s.set.prices.post + s.set.prices.user); cost > left {
		return fmt.Errorf("x: %d posts: %w", total, &lastword.Mistake{Key: "connector.x.error.too_many", Field: fieldWords,
			Args: map[string]any{"Count": total, "Cost": dollars(cost), "Left": dollars(max(left, 0))}, Kind: lastword.ErrDenied})
	}
	return nil
}
