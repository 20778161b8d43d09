package mastodon

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// reserve is how many calls of a window listening leaves to answers.
const reserve = 20

// budgets are what one account may still ask of its server. Reading and writing
// are counted apart: the headers of an answer tell of the limit that is closest,
// and that of a write lasts for hours.
type budgets struct {
	read, write budget
	renewing    sync.Mutex // held while the account's token is renewed: whoever waits finds a new one
}

func (b *budgets) of(method string) *budget {
	if method == "" || method == http.MethodGet {
		return &b.read
	}
	return &b.write
}

// A budget is one limit, as the server told it last (api/rate-limits). All that
// work for an account share it.
type budget struct {
	mu    sync.Mutex
	left  int
	keep  int // of it, for what is urgent
	reset time.Time
}

// wait returns how long to ask nothing, or 0, and counts the call that follows.
func (b *budget) wait(now time.Time, urgent bool) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !now.Before(b.reset) {
		return 0
	}
	least := b.keep
	if urgent {
		least = 0
	}
	if b.left <= least {
		return min(b.reset.Sub(now), maxWait)
	}
	b.left--
	return 0
}

// note takes what an answer says of the limit.
func (b *budget) note(resp *http.Response, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if resp.StatusCode == http.StatusTooManyRequests {
		b.left, b.reset = 0, now.Add(max(waitOf(resp, now), time.Second))
		return
	}
	left, err := strconv.Atoi(resp.Header.Get("X-RateLimit-Remaining"))
	at := resetOf(resp.Header, now)
	if err != nil || left < 0 || at.IsZero() {
		return
	}
	b.left, b.reset, b.keep = left, at, reserve
	if most, err := strconv.Atoi(resp.Header.Get("X-RateLimit-Limit")); err == nil {
		b.keep = min(reserve, most/10) // a small limit would be all reserve
	}
}

// resetOf reads X-RateLimit-Reset: a time (Mastodon), or in others seconds or
// milliseconds since 1970, or seconds from now.
func resetOf(h http.Header, now time.Time) time.Time {
	said := h.Get("X-RateLimit-Reset")
	if at, err := time.Parse(time.RFC3339, said); err == nil {
		return at
	}
	n, err := strconv.ParseInt(said, 10, 64)
	switch {
	case err != nil || n < 0:
		return time.Time{}
	case n < 1e9:
		return now.Add(min(time.Duration(n)*time.Second, maxWait))
	case n < 1e12:
		return time.Unix(n, 0)
	}
	return time.UnixMilli(n)
}
