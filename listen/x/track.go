package x

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"lastword"
	"lastword/listen"
)

// A track is how far one list of posts has been heard. X hands lists over newest
// first; where reading breaks off (a limit, a month that is used up), what was
// read and paid for is handed over all the same, and a gap remains: everything
// after Since and before Until. Above it all is heard up to Top.
type track struct {
	Since uint64 `json:"s"`
	Until uint64 `json:"u,omitempty"`
	Top   uint64 `json:"t,omitempty"`
}

// heard moves the track to a post that came by itself.
func (t *track) heard(id uint64) {
	if t.Until != 0 {
		t.Top = max(t.Top, id)
	} else {
		t.Since = max(t.Since, id)
	}
}

// X makes ids of the time (Snowflake): milliseconds since this moment, shifted.
const (
	idEpoch = 1_288_834_974_657
	idShift = 22
)

// idAt is lower than the ids of all posts from t on.
func idAt(t time.Time) uint64 { return uint64(max(t.UnixMilli()-idEpoch, 0)) << idShift }

func timeOf(id uint64) time.Time { return time.UnixMilli(int64(id>>idShift) + idEpoch) }

// A list is one place where posts are read.
type list struct {
	path  string
	query url.Values
	page  string // name of the parameter that asks for the next page
	least int    // posts that a page may ask for
	price int64  // of each
}

const (
	pageMost  = 100
	pagesMost = 10 // at once
	batchSize = 100
)

// A reader reads lists and pays for them.
type reader struct {
	host  listen.Host
	api   api
	meter *meter
	self  string // id of the own account, or empty
}

// read hands over what is new in a list. Save makes a cursor of a track.
func (r reader) read(ctx context.Context, l list, t track, hear listen.Hear, save func(track) string) error {
	if t.Until != 0 {
		next, err := r.stretch(ctx, l, t, hear, save)
		if err != nil || next.Until != 0 {
			return err
		}
		t = next
	}
	next, err := r.stretch(ctx, l, t, hear, save)
	if err == nil && next.Until != 0 {
		r.host.Next(soon)
	}
	return err
}

// soon is when reading goes on that one poll did not finish.
const soon = time.Minute

// stretch reads what lies in the gap of t, or else all that is newer.
func (r reader) stretch(ctx context.Context, l list, t track, hear listen.Hear, save func(track) string) (track, error) {
	gap := t.Until != 0
	posts, whole, err := r.collect(ctx, l, t)
	if ctx.Err() != nil {
		return t, ctx.Err()
	}
	if !whole {
		if len(posts) == 0 {
			return t, err
		}
		t.Until = posts[0].id
		if !gap {
			t.Top = posts[len(posts)-1].id
		}
		return t, errors.Join(err, hear(ctx, r.events(posts), save(t)))
	}
	for from := 0; from == 0 || from < len(posts); from += batchSize {
		batch := posts[min(from, len(posts)):min(from+batchSize, len(posts))]
		next := t
		switch {
		case gap && from+batchSize >= len(posts):
			next = track{Since: t.Top}
		case len(batch) > 0:
			next.Since = batch[len(batch)-1].id
		}
		if err := r.hand(ctx, batch, next, hear, save); err != nil {
			return t, err
		}
		t = next
	}
	return t, nil
}

func (r reader) hand(ctx context.Context, posts []post, t track, hear listen.Hear, save func(track) string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return hear(ctx, r.events(posts), save(t))
}

// events makes events of posts, and counts what is none.
func (r reader) events(posts []post) []lastword.Event {
	var events []lastword.Event
	for _, p := range posts {
		e, drop := p.event(r.self)
		if drop != "" {
			r.host.Dropped(drop, p.ID)
			continue
		}
		events = append(events, e)
	}
	return events
}

// collect reads page after page, newest first, and returns the posts oldest
// first. Whole says that nothing between is missing. What was read comes beside
// an error.
func (r reader) collect(ctx context.Context, l list, t track) (posts []post, whole bool, err error) {
	q := url.Values{}
	for k, v := range l.query {
		q[k] = v
	}
	q.Set("since_id", strconv.FormatUint(t.Since, 10))
	if t.Until != 0 {
		q.Set("until_id", strconv.FormatUint(t.Until, 10))
	}
	for range pagesMost {
		var page wirePage
		if page, err = r.page(ctx, l, q); err != nil {
			break
		}
		for _, raw := range page.Data {
			p, ok := readPost(raw, page)
			if !ok {
				r.host.Dropped(dropUnreadable, l.path)
				continue
			}
			posts = append(posts, p)
		}
		if page.Meta.NextToken == "" {
			whole = true
			break
		}
		q.Set(l.page, page.Meta.NextToken)
	}
	slices.SortFunc(posts, func(a, b post) int { return compare(a.id, b.id) })
	posts = slices.CompactFunc(posts, func(a, b post) bool { return a.id == b.id })
	return posts, whole, err
}

func compare(a, b uint64) int {
	if a < b {
		return -1
	}
	return int(min(a-b, 1))
}

// page reads one, no larger than the month still allows, and pays for it.
func (r reader) page(ctx context.Context, l list, q url.Values) (page wirePage, err error) {
	left, err := r.meter.left(ctx)
	if err != nil {
		return page, err
	}
	most := pageMost
	if each := l.price + r.meter.prices.user; each > 0 {
		most = int(min(left/each, pageMost))
	}
	if most < l.least {
		return page, r.meter.used()
	}
	q.Set("max_results", strconv.Itoa(most))
	if err := r.api.get(ctx, l.path, q, &page); err != nil {
		return page, err
	}
	cost := int64(len(page.Data))*l.price + int64(len(page.Includes.Users))*r.meter.prices.user
	return page, r.meter.spend(ctx, hearing, cost)
}

// decodeCursor reads one of ours into c.
func decodeCursor(s string, c any) error {
	if s == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(s), c); err != nil {
		return fmt.Errorf("x: cursor: %w", err)
	}
	return nil
}

func encodeCursor(c any) string {
	b, err := json.Marshal(c)
	if err != nil {
		return "" // numbers and short words cannot fail to be written
	}
	return string(b)
}
