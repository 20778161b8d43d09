package hackernews

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
)

// Where the two interfaces are.
const (
	official = "https://hacker-news.firebaseio.com/v0/"
	index    = "https://hn.algolia.com/api/v1/search_by_date"
)

const (
	indexed    = 10 * time.Minute // Algolia knows of what is older than this
	catchAfter = 30 * time.Minute // beyond this, what was missed is read from there
	span       = 30 * time.Minute // asked for at once; the place says some 300 things in it
	hitsMost   = 1000             // that one question brings
	itemsMost  = 300              // read one by one, in one go
	batchSize  = 25
	lateTries  = 10 // of an item that is numbered and not there yet
)

// A cursor is how far the place has been heard.
type cursor struct {
	At   int64  `json:"t,omitempty"` // Unix seconds up to which the index was read
	Item int64  `json:"i,omitempty"` // the last item read
	Seen int64  `json:"s,omitempty"` // Unix seconds when it was
	Late []late `json:"l,omitempty"`
}

// A late item is numbered and not there yet.
type late struct {
	ID    int64
	Tries int
}

type source struct {
	host  listen.Host
	back  time.Duration
	roots map[int64]int64 // comment → story, of what this run read
	asked time.Time       // what changed, last
}

// Poll implements listen.Source.
func (s *source) Poll(ctx context.Context, at string, hear listen.Hear) error {
	c, err := s.begin(at)
	if err != nil {
		return err
	}
	return s.step(ctx, &c, hear)
}

func (s *source) begin(at string) (c cursor, err error) {
	if at == "" {
		return cursor{At: s.host.Now().Add(-s.back).Unix()}, nil
	}
	if err := json.Unmarshal([]byte(at), &c); err != nil {
		return c, fmt.Errorf("hackernews: cursor: %w", err)
	}
	return c, nil
}

// Stream implements listen.Streamer: the API tells whenever the newest item is
// another (Server-Sent Events, as Firebase's REST interface sends them), and
// every half minute that it is there.
func (s *source) Stream(ctx context.Context, at string, hear listen.Hear) error {
	c, err := s.begin(at)
	if err != nil {
		return err
	}
	if err := s.step(ctx, &c, hear); err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	watch := time.AfterFunc(silence, func() { end(errSilent) })
	defer watch.Stop()
	r, err := http.NewRequestWithContext(httpx.Endless(ctx), http.MethodGet, official+"maxitem.json", nil)
	if err != nil {
		return fmt.Errorf("hackernews: %w", err)
	}
	r.Header.Set("Accept", "text/event-stream")
	resp, err := httpx.Do(s.host.HTTP, r)
	if err != nil {
		return s.ended(ctx, s.explain(ctx, err))
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		name, isEvent := strings.CutPrefix(lines.Text(), "event:")
		switch strings.TrimSpace(name) {
		case "put", "keep-alive":
			watch.Stop() // reading has its own limits
			if err := s.step(ctx, &c, hear); err != nil {
				return s.ended(ctx, err)
			}
			watch.Reset(silence)
		case "cancel", "auth_revoked":
			if isEvent {
				return fmt.Errorf("hackernews: the stream was ended: %w", lastword.ErrUnavailable)
			}
		}
	}
	err = lines.Err()
	return s.ended(ctx, fmt.Errorf("hackernews: stream: %w", errors.Join(lastword.ErrUnavailable, err)))
}

// changesEvery is how often the list of changes is read; it is renewed twice a
// minute.
const changesEvery = 30 * time.Second

const silence = 90 * time.Second

var errSilent = errors.New("hackernews: the stream fell silent")

// ended names the reason why a stream ended.
func (s *source) ended(ctx context.Context, err error) error {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errSilent):
		return errors.Join(errSilent, lastword.ErrUnavailable)
	case cause != nil:
		return cause
	}
	return err
}

// step hears everything until now: from the index where much was missed, then
// item by item, then what was changed.
func (s *source) step(ctx context.Context, c *cursor, hear listen.Hear) error {
	now := s.host.Now()
	if c.At == 0 && now.Sub(time.Unix(c.Seen, 0)) > catchAfter {
		c.At = c.Seen - int64(indexed/time.Second) // a little twice, and nothing not at all
	}
	if c.At != 0 {
		if err := s.catchUp(ctx, c, hear); err != nil {
			return err
		}
	}
	newest, err := s.newest(ctx)
	if err != nil {
		return err
	}
	if c.Item == 0 {
		c.Item = newest
	}
	if err := s.follow(ctx, c, newest, hear); err != nil {
		return err
	}
	return s.changes(ctx, c, hear)
}

// catchUp reads the index from c.At on, oldest first.
func (s *source) catchUp(ctx context.Context, c *cursor, hear listen.Hear) error {
	until := s.host.Now().Add(-indexed).Unix()
	width := int64(span / time.Second)
	for c.At < until {
		to := min(c.At+width, until)
		hits, all, err := s.search(ctx, c.At, to)
		if err != nil {
			return err
		}
		if !all && width > 1 {
			width /= 2
			continue
		}
		var events []lastword.Event
		for _, h := range hits {
			i, ok := h.item()
			if !ok {
				s.host.Dropped("unreadable", h.ObjectID)
				continue
			}
			c.Item = max(c.Item, i.ID)
			if e, ok := i.event(h.StoryID); ok {
				events = append(events, e)
			}
		}
		c.At = to
		if err := s.hand(ctx, c, events, hear); err != nil {
			return err
		}
		width = int64(span / time.Second)
	}
	c.At, c.Seen = 0, s.host.Now().Unix()
	return nil
}

// search asks the index for what was said from one second until before another,
// and reports whether that is all.
func (s *source) search(ctx context.Context, from, to int64) (hits []hit, all bool, err error) {
	q := url.Values{
		"tags": {"(story,comment,poll)"}, "hitsPerPage": {strconv.Itoa(hitsMost)},
		"numericFilters": {fmt.Sprintf("created_at_i>=%d,created_at_i<%d", from, to)},
	}
	body, err := s.get(ctx, index+"?"+q.Encode())
	if err != nil {
		return nil, false, err
	}
	var said struct {
		Hits   []hit
		NbHits int `json:"nbHits"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return nil, false, fmt.Errorf("hackernews: index: %w", errors.Join(lastword.ErrUnavailable, err))
	}
	slices.SortStableFunc(said.Hits, func(a, b hit) int { return int(a.CreatedAt - b.CreatedAt) })
	return said.Hits, said.NbHits <= hitsMost, nil
}

// follow reads the items up to the newest, and those that were late.
func (s *source) follow(ctx context.Context, c *cursor, newest int64, hear listen.Hear) error {
	var events []lastword.Event
	waiting := c.Late
	c.Late = nil
	for _, l := range waiting {
		if err := s.read(ctx, c, l.ID, l.Tries, &events); err != nil {
			return err
		}
	}
	for range itemsMost {
		if c.Item >= newest {
			break
		}
		if err := s.read(ctx, c, c.Item+1, 0, &events); err != nil {
			return err
		}
		c.Item++
		if len(events) >= batchSize {
			if err := s.hand(ctx, c, events, hear); err != nil {
				return err
			}
			events = nil
		}
	}
	if c.Item >= newest {
		c.Seen = s.host.Now().Unix()
	}
	return s.hand(ctx, c, events, hear)
}

// read reads one item, and puts one that is not there yet among the late.
func (s *source) read(ctx context.Context, c *cursor, id int64, tries int, events *[]lastword.Event) error {
	i, there, err := s.item(ctx, id)
	if err != nil {
		return err
	}
	if !there {
		if tries++; tries < lateTries {
			c.Late = append(c.Late, late{id, tries})
		} else {
			s.host.Dropped("unreadable", strconv.FormatInt(id, 10))
		}
		return nil
	}
	if e, ok := i.event(s.root(i)); ok && i.said() {
		*events = append(*events, e)
	}
	return nil
}

// root is the story that an item belongs to, as far as this run has read what
// lies between.
func (s *source) root(i item) int64 {
	if len(s.roots) > 50_000 {
		clear(s.roots)
	}
	switch {
	case i.Type != "comment":
		s.roots[i.ID] = i.ID
	case s.roots[i.Parent] != 0:
		s.roots[i.ID] = s.roots[i.Parent]
	}
	return s.roots[i.ID]
}

// changes hears what became of items that are kept: edited, deleted, taken away.
// The API lists what changed in the last minute or so, kept or not.
func (s *source) changes(ctx context.Context, c *cursor, hear listen.Hear) error {
	now := s.host.Now()
	if s.host.Voices == nil || now.Sub(s.asked) < changesEvery {
		return nil
	}
	s.asked = now
	body, err := s.get(ctx, official+"updates.json")
	if err != nil {
		return err
	}
	var said struct{ Items []int64 }
	if err := json.Unmarshal(body, &said); err != nil {
		return fmt.Errorf("hackernews: updates: %w", errors.Join(lastword.ErrUnavailable, err))
	}
	var events []lastword.Event
	for _, id := range said.Items[:min(len(said.Items), itemsMost)] {
		kept, err := s.kept(ctx, id)
		if err != nil {
			return err
		}
		if !kept {
			continue
		}
		i, there, err := s.item(ctx, id)
		if err != nil {
			return err
		}
		if e, ok := i.event(s.root(i)); there && ok {
			if e.Op == lastword.Said {
				e.Op = lastword.Edited
			}
			events = append(events, e)
		}
	}
	if len(events) == 0 {
		return nil
	}
	return s.hand(ctx, c, events, hear)
}

// kept reports whether an item is among the voices: it is the next after all
// that come before it.
func (s *source) kept(ctx context.Context, id int64) (bool, error) {
	key := strconv.FormatInt(id, 10)
	last := len(key) - 1
	keys, err := s.host.Voices(ctx, key[:last]+string(key[last]-1)+"~", 1)
	return len(keys) == 1 && keys[0] == key, err
}

func (s *source) hand(ctx context.Context, c *cursor, events []lastword.Event, hear listen.Hear) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	text, err := json.Marshal(*c)
	if err != nil {
		return fmt.Errorf("hackernews: cursor: %w", err)
	}
	return hear(ctx, events, string(text))
}

func (s *source) newest(ctx context.Context) (int64, error) {
	body, err := s.get(ctx, official+"maxitem.json")
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(body)), 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("hackernews: the newest item is no number: %w", lastword.ErrUnavailable)
	}
	return n, nil
}

// item reads an item; there is false where it is not, yet or for us.
func (s *source) item(ctx context.Context, id int64) (i item, there bool, err error) {
	body, err := s.get(ctx, official+"item/"+strconv.FormatInt(id, 10)+".json")
	if err != nil {
		return i, false, err
	}
	i, there = readItem(body)
	return i, there && i.ID == id, nil
}

const maxAnswer = 16 << 20

// get reads an answer. Errors are those of a Source.
func (s *source) get(ctx context.Context, at string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, fmt.Errorf("hackernews: %w", err)
	}
	resp, err := httpx.Do(s.host.HTTP, r)
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
	body, err := httpx.Read(resp)
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	return body, nil
}

// explain gives errors the form of the contract. No account can be refused here,
// so whatever is wrong may pass.
func (s *source) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if wait, ok := httpx.RetryAfter(err); ok {
		return &listen.RetryAfter{Wait: wait, Err: fmt.Errorf("hackernews: %v: %w", err, lastword.ErrUnavailable)}
	}
	return fmt.Errorf("hackernews: %v: %w", err, lastword.ErrUnavailable)
}
