package feed

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"lastword/internal/syndication"
)

// The bounds between which a feed is asked.
const (
	often  = 5 * time.Minute
	seldom = 24 * time.Hour
	pushed = 6 * time.Hour // at least, while a hub pushes: only a safety net
)

// perEntry is how often a feed is asked per usual gap between two entries: an
// entry then waits an eighth of that gap at most, and half of it on average.
const perEntry = 8

// learn takes the rhythm from the dates of a document: the mean gap between its
// newest twenty entries. Where entries have no dates, the time since the last
// one that was new has to do.
func (c *cursor) learn(items []syndication.Item, brought int, now time.Time) {
	var dates []int64
	for _, i := range items {
		if !i.Published.IsZero() && !i.Published.After(now) {
			dates = append(dates, i.Published.Unix())
		}
	}
	slices.Sort(dates)
	dates = dates[max(0, len(dates)-20):]
	switch n := len(dates); {
	case n > 1:
		c.Gap, c.Newest = (dates[n-1]-dates[0])/int64(n-1), dates[n-1]
	case brought > 0:
		if c.Newest > 0 {
			c.Gap = (now.Unix() - c.Newest) / int64(brought)
		}
		c.Newest = now.Unix()
	}
}

// due is how long to wait before asking again: the feed's rhythm, slower the
// longer it has been silent, never against its wish.
func (c *cursor) due(now time.Time) time.Duration {
	wait := time.Hour
	if c.Newest > 0 {
		quiet := now.Unix() - c.Newest
		wait = time.Duration(max(c.Gap, quiet)) * time.Second / perEntry
	}
	wait = max(wait, time.Duration(max(c.Wish, c.Every))*time.Second, often)
	if c.Sub != nil && c.Sub.Until > now.Unix() {
		wait = max(wait, pushed)
	}
	return min(wait, seldom)
}

// backoff is how long to wait after a failure: as long as it has failed already,
// so that the waits double.
func (c *cursor) backoff(now time.Time) time.Duration {
	return min(max(time.Duration(now.Unix()-c.Failed)*time.Second, often), seldom)
}

// spread moves d by up to a tenth either way, so that feeds do not march in
// step. It depends on nothing but its arguments.
func spread(d time.Duration, channel int64, now time.Time) time.Duration {
	n := idOf(strconv.FormatInt(channel, 10)+" "+strconv.FormatInt(now.Unix(), 10)) % 2001
	return d + d/10*time.Duration(int64(n)-1000)/1000
}

// wish is how long an answer may be kept (RFC 9111 §5.2.2.1, §5.3): the longest
// of max-age and Expires.
func wish(h http.Header, now time.Time) time.Duration {
	var longest time.Duration
	for part := range strings.SplitSeq(strings.ToLower(h.Get("Cache-Control")), ",") {
		part = strings.TrimSpace(part)
		if part == "no-cache" || part == "no-store" {
			return 0
		}
		if s, ok := strings.CutPrefix(part, "max-age="); ok {
			if n, err := strconv.ParseUint(strings.Trim(s, `"`), 10, 31); err == nil {
				longest = max(longest, time.Duration(n)*time.Second)
			}
		}
	}
	if at, err := http.ParseTime(h.Get("Expires")); err == nil {
		longest = max(longest, at.Sub(now))
	}
	return min(longest, seldom)
}
