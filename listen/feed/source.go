package feed

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"lastword"
	"lastword/internal/syndication"
	"lastword/listen"
)

// source is one feed.
type source struct {
	channel        int64
	at             *url.URL // as set up, without credentials
	user, password string
	comments       bool
	host           listen.Host
	hub            *Hub
}

// batch is how many events are handed over at a time.
const batch = 100

// Poll asks the feed once.
func (s *source) Poll(ctx context.Context, text string, hear listen.Hear) error {
	c, err := parse(text, digest(s.at.String()))
	if err != nil {
		return err
	}
	c.Sub = s.subscribed(c.Sub)
	p := &poll{source: s, cursor: c, hear: hear, now: s.host.Now(), saved: text, threads: s.comments}
	if err := p.run(ctx); err != nil {
		return p.failed(ctx, err)
	}
	s.host.Next(spread(p.cursor.due(p.now), s.channel, p.now))
	return nil
}

// poll is one asking, or one push.
type poll struct {
	*source
	cursor  cursor
	hear    listen.Hear
	now     time.Time
	saved   string // the last cursor that hear took
	threads bool   // read the comments too
}

func (p *poll) run(ctx context.Context) error {
	a, err := p.find(ctx)
	if err != nil {
		return err
	}
	p.cursor.Failed = 0
	p.cursor.Wish = int64(wish(a.header, p.now) / time.Second)
	if a.same {
		a.validate(&p.cursor)
		return p.renew(ctx)
	}
	brought, err := p.take(ctx, a.feed)
	if err != nil {
		return err
	}
	c := &p.cursor
	if c.Read == 0 {
		c.Read = p.now.Unix()
	}
	c.URL, c.Size, c.Every = a.moved, len(a.feed.Items), int64(a.feed.Every/time.Second)
	c.learn(a.feed.Items, brought, p.now)
	// Only now, with all of it handed over, may the feed be asked for what is
	// newer than this answer.
	a.validate(c)
	return p.subscribe(ctx, a)
}

// take hands over what is new in f and returns how many events that were.
func (p *poll) take(ctx context.Context, f syndication.Feed) (int, error) {
	if f.Damaged > 0 {
		p.host.Dropped("damaged", site(p.at))
	}
	before := p.cursor.Seen.byID()
	p.outran(f.Items, before)
	n := diff(f, p.cursor.Seen, p.at, p.now)
	read := map[uint64]bool{}
	if p.threads {
		n = p.withComments(ctx, f, n, read)
	}
	size := max(p.cursor.Size, len(f.Items))
	for from := 0; from < len(n.events); from += batch {
		to := min(from+batch, len(n.events))
		next := p.cursor
		next.Seen = p.cursor.Seen.with(n.marks[from:to], size)
		if err := p.save(ctx, n.events[from:to], next); err != nil {
			return 0, err
		}
		p.cursor = next
	}
	still := make([]mark, 0, len(f.Items))
	for _, i := range byAge(f.Items, p.now) {
		m := markOf(i, p.at)
		m.replies = before[m.id].replies
		if read[m.id] {
			m.replies = uint16(min(i.Replies, 1<<16-1))
		}
		still = append(still, m)
	}
	p.cursor.Seen = p.cursor.Seen.with(still, size)
	return len(n.events), nil
}

// outran tells of a feed that has moved on by more than it holds: what came between
// the newest entry that is known and the oldest that it has now is missing.
func (p *poll) outran(items []syndication.Item, known map[uint64]mark) {
	if len(known) == 0 || len(items) == 0 || p.cursor.Newest == 0 {
		return
	}
	oldest := p.now
	for _, i := range items {
		if _, seen := known[markOf(i, p.at).id]; seen || i.Published.IsZero() {
			return
		}
		if i.Published.Before(oldest) {
			oldest = i.Published
		}
	}
	if newest := time.Unix(p.cursor.Newest, 0); oldest.After(newest) {
		p.host.Dropped(listen.Gap, listen.Span(newest, oldest))
	}
}

// save hands over events with the cursor after them, or the cursor alone where
// it has changed.
func (p *poll) save(ctx context.Context, events []lastword.Event, c cursor) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	text, err := c.String()
	if err != nil {
		return err
	}
	if len(events) == 0 && text == p.saved {
		return nil
	}
	if err := p.hear(ctx, events, text); err != nil {
		return &unheard{err}
	}
	p.saved = text
	return nil
}

// unheard marks an error of ours: the feed is not to blame.
type unheard struct{ error }

func (u *unheard) Unwrap() error { return u.error }

// failed plans the next try and says what is wrong.
func (p *poll) failed(ctx context.Context, err error) error {
	var ours *unheard
	if errors.As(err, &ours) {
		return ours.error
	}
	if ctx.Err() != nil {
		return err
	}
	if p.cursor.Failed == 0 {
		p.cursor.Failed = p.now.Unix()
		if lost := p.remember(ctx); lost != nil {
			return errors.Join(lost, err)
		}
	}
	err = p.explain(err)
	wait := spread(p.cursor.backoff(p.now), p.channel, p.now)
	var asked *listen.RetryAfter
	if errors.As(err, &asked) {
		wait = max(asked.Wait, often)
	}
	p.host.Next(wait)
	return err
}

// remember notes since when the feed fails in the cursor that was saved last.
func (p *poll) remember(ctx context.Context) error {
	c, err := parse(p.saved, p.cursor.From)
	if err != nil {
		return err
	}
	c.Failed = p.cursor.Failed
	return p.save(ctx, nil, c)
}

// asking makes the request for at, with the validators where they are its own.
func (s *source) asking(ctx context.Context, at *url.URL, c *cursor) *http.Request {
	r := get(at).WithContext(ctx)
	r.Header.Set("Accept", "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1")
	if s.user != "" && at.Host == s.at.Host && at.Scheme == s.at.Scheme {
		r.SetBasicAuth(s.user, s.password)
	}
	if c == nil {
		return r
	}
	if c.ETag != "" {
		r.Header.Set("If-None-Match", c.ETag)
	}
	if c.Modified != "" {
		r.Header.Set("If-Modified-Since", c.Modified)
	}
	return r
}

// where is the address to ask: the one the feed moved to, else the one set up.
func (p *poll) where() (*url.URL, error) {
	if p.cursor.URL == "" {
		return p.at, nil
	}
	at, err := url.Parse(p.cursor.URL)
	if err != nil {
		return nil, fmt.Errorf("feed: cursor: moved to no address")
	}
	return at, nil
}
