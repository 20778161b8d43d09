package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"lastword"
	"lastword/listen"
)

// How far notifications are read back at once: twenty pages of a hundred. What
// came live before is not read again, so that this is a busy week.
const (
	noticePages = 20
	noticePage  = 100
)

// overlap is how far notifications are read again behind what the stream has
// heard: the one may lag behind the other.
const overlap = 5 * time.Minute

// An account is a stream that knows whose company it listens for, and can
// answer.
type account struct {
	stream  *stream
	login   *login
	notices bool // read the notifications too
	told    atomic.Bool
}

// Poll implements listen.Source.
func (a *account) Poll(ctx context.Context, cursor string, hear listen.Hear) error {
	return a.listen(ctx, cursor, hear, a.stream.host.Now())
}

// Stream implements listen.Streamer.
func (a *account) Stream(ctx context.Context, cursor string, hear listen.Hear) error {
	return a.listen(ctx, cursor, hear, time.Time{})
}

// Names implements listen.Namer, as plain streams do.
func (a *account) Names(ctx context.Context, dids []string) (map[string]listen.Profile, error) {
	return a.stream.resolver.names(ctx, dids)
}

func (a *account) listen(ctx context.Context, at string, hear listen.Hear, until time.Time) error {
	c, err := parseCursor(at)
	if err != nil {
		return err
	}
	if err := a.know(ctx, &c); err != nil {
		return err
	}
	to := target{listener: listener{own: c.Own, all: !a.notices}, hear: hear, until: until}
	if a.notices {
		if to.seen, err = a.catchUp(ctx, &c, hear); err != nil {
			return err
		}
		dms := &chat{account: a, own: c.Own, rev: c.Chat, heardAt: c.ChatAt, at: c.String(), convos: map[string]convo{}}
		if err := dms.listen(ctx, hear); err != nil {
			return err
		}
		to.hear = dms.hearing(hear)
	}
	if !a.notices {
		back := &lookback{stream: a.stream, ask: a.signedIn, own: c.Own, found: c.Found, at: c.String()}
		if err := back.look(ctx, hear); err != nil {
			return err
		}
		to.hear = back.hearing(hear)
	}
	return a.stream.listen(ctx, c, to)
}

// know puts the own DID into the cursor. A service that is away does not keep
// us from listening to all others, once we know who we are.
func (a *account) know(ctx context.Context, c *cursor) error {
	did, _, err := a.login.account(ctx)
	if err == nil {
		c.Own = did
		return nil
	}
	if ctx.Err() != nil || c.Own == "" || !errors.Is(err, lastword.ErrUnavailable) {
		return err
	}
	a.stream.host.Log.Info("bluesky: listening without the own service", "why", err)
	return nil
}

// catchUp hears the notifications since the cursor. A service without them is
// told about once, and costs only what was said while nobody listened.
func (a *account) catchUp(ctx context.Context, c *cursor, hear listen.Hear) (seen bool, err error) {
	notices, err := a.unheard(ctx, c.Seen)
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case errors.Is(err, lastword.ErrDenied):
		return false, err
	case err != nil:
		a.stream.host.Log.Info("bluesky: no notifications", "why", err)
		if !a.told.Swap(true) {
			a.stream.host.Dropped(dropNoAppView, "listNotifications")
		}
		return false, nil
	}
	for batch := range slices.Chunk(notices, batchSize) {
		var events []lastword.Event
		for _, n := range batch {
			if ev, ok := a.stream.event(n, c.Own); ok {
				events = append(events, ev)
			}
			c.Seen = max(c.Seen, micros([]byte(n.IndexedAt)))
		}
		if err := hear(ctx, events, c.String()); err != nil {
			return false, err
		}
	}
	return true, nil
}

// A notice is one notification (lexicon app.bsky.notification.listNotifications).
type notice struct {
	URI, CID  string
	Author    profileView
	Record    json.RawMessage
	IndexedAt string
	Labels    []label
}

// A label is a judgement on a record or an account (lexicon
// com.atproto.label.defs#label). Neg takes an earlier one back.
type label struct {
	Val string
	Neg bool
}

// unheard returns the notifications since then (Unix microseconds), oldest
// first, as far back as noticePages allow.
func (a *account) unheard(ctx context.Context, since int64) ([]notice, error) {
	var all []notice
	next := ""
	for range noticePages {
		page, after, err := a.noticePage(ctx, next)
		if err != nil {
			return nil, err
		}
		for _, n := range page {
			if at := micros([]byte(n.IndexedAt)); at > 0 && at < since {
				slices.Reverse(all)
				return all, nil
			}
			all = append(all, n)
		}
		if next = after; next == "" || len(page) == 0 {
			slices.Reverse(all)
			return all, nil
		}
	}
	slices.Reverse(all)
	if since > 0 {
		a.stream.host.Dropped(listen.Gap, span(since, micros([]byte(all[0].IndexedAt))))
	}
	return all, nil
}

func (a *account) noticePage(ctx context.Context, from string) (page []notice, next string, err error) {
	q := url.Values{"limit": {"100"}, "reasons": {"mention", "reply", "quote"}}
	if from != "" {
		q.Set("cursor", from)
	}
	var got struct {
		Cursor        string
		Notifications []notice
	}
	err = a.login.call(ctx, call{nsid: "app.bsky.notification.listNotifications", query: q}, &got)
	if len(got.Notifications) > noticePage {
		got.Notifications = got.Notifications[:noticePage]
	}
	return got.Notifications, got.Cursor, err
}

// event makes a post of a notification, or of one that was found, or counts why
// not.
func (s *stream) event(n notice, own string) (lastword.Event, bool) {
	at, err := parseATURI(n.URI)
	r, ok := readRecord(n.Record)
	seen := micros([]byte(n.IndexedAt))
	if err != nil || !ok || seen == 0 || at.did != n.Author.DID || at.collection != postCollection {
		s.host.Dropped(dropNotice, clip(n.URI))
		return lastword.Event{}, false
	}
	for _, l := range slices.Concat(n.Labels, n.Author.Labels) {
		if !l.Neg {
			r.label(l.Val)
		}
	}
	switch {
	case r.hidden:
		s.host.Dropped(dropHidden, n.URI)
		return lastword.Event{}, false
	case len(r.text) > maxBytes:
		s.host.Dropped(dropLong, n.URI)
		return lastword.Event{}, false
	case r.text == "":
		return lastword.Event{}, false // a picture without words is no voice
	}
	p := r.post(at, n.CID, time.UnixMicro(seen))
	p.Author, p.Own = n.Author.profile().Author, own != "" && at.did == own
	return lastword.Event{Op: lastword.Said, Post: p}, true
}
