package listen

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"lastword"
)

// Album keeps pictures.
type Album interface {
	Picture(ctx context.Context, company int64, digest string) (lastword.Picture, []byte, error)
}

const (
	mannerPatience = 20 * time.Second // that a place may take to tell how it publishes
	mannerFor      = 10 * time.Minute // that what it told is used
)

// Outlets lists the company's channels that can publish, in the order in which
// they were connected. Those that cannot now say why.
func (p *Places) Outlets(ctx context.Context, company int64) ([]lastword.Outlet, error) {
	all, err := p.Accounts.Channels(ctx, company)
	if err != nil {
		return nil, fmt.Errorf("listen: channels of %d: %w", company, err)
	}
	var outlets []lastword.Outlet
	for _, c := range all {
		if connector(p.Connectors, c.Connector) == nil {
			continue
		}
		at, err := p.open(ctx, company, c.ID)
		if errors.Is(err, lastword.ErrDenied) {
			continue // what is wrong shows in the channel's health
		}
		if err != nil {
			return nil, err
		}
		publisher, ok := at.source.(Publisher)
		if !ok {
			continue
		}
		c.Secrets = nil
		o := lastword.Outlet{Channel: c, Manner: p.manner(at, c, publisher)}
		switch {
		case c.Paused:
			o.Why = "why.paused"
		case c.Health.State == lastword.Refused:
			o.Why = cmp.Or(c.Health.Why, "why.refused")
		}
		outlets = append(outlets, o)
	}
	return outlets, nil
}

// manner is how a channel publishes.
func (p *Places) manner(at *place, c lastword.Channel, publisher Publisher) lastword.Manner {
	m := lastword.Manner{Network: connector(p.Connectors, c.Connector).Info().Network}
	if told, ok := publisher.(Mannered); ok {
		m = at.told(told, p.Now())
	}
	if _, ok := publisher.(Editor); ok {
		m.Edit = true
	}
	if _, ok := publisher.(Remover); ok {
		m.Remove = true
	}
	if _, ok := publisher.(Poster); !ok {
		m.Pictures, m.Cards, m.Thread = 0, false, false
	}
	return m
}

// told is what the place told last of how it publishes. It is asked beside who wants
// to know, for no page waits for a network; until it answers, what the connector
// knows without asking is taken.
func (at *place) told(m Mannered, now time.Time) lastword.Manner {
	at.mu.Lock()
	defer at.mu.Unlock()
	if at.asked.IsZero() {
		nobody, cancel := context.WithCancel(context.Background())
		cancel()
		at.manner = m.Manner(nobody)
	}
	if now.Sub(at.asked) >= mannerFor {
		at.asked = now
		go at.ask(m)
	}
	return at.manner
}

func (at *place) ask(m Mannered) {
	ctx, cancel := context.WithTimeout(context.Background(), mannerPatience)
	defer cancel()
	told := m.Manner(ctx)
	at.mu.Lock()
	defer at.mu.Unlock()
	at.manner = told
}

// Publish publishes a cleared version through its channel, at that channel's pace.
// known are the parts of which former attempts told. The parts got so far come
// beside an error, which is one of Poster.Post, and lastword.ErrForbidden for
// what is not cleared.
func (p *Places) Publish(ctx context.Context, c lastword.ClearedVersion, known []lastword.Placed) ([]lastword.Placed, error) {
	v, at, err := p.outlet(ctx, c)
	if err != nil {
		return nil, err
	}
	post, err := p.post(ctx, v, known)
	if err != nil {
		return nil, err
	}
	switch to := at.source.(type) {
	case Poster:
		got, err := to.Post(ctx, post)
		return placedOf(got), at.heed(err, p.Now())
	case Publisher:
		if len(post.Pictures) > 0 {
			return nil, fmt.Errorf("listen: channel %d takes no pictures: %w", v.Channel, lastword.ErrInvalid)
		}
		got, err := to.Publish(ctx, post.Whole())
		if err != nil {
			return nil, at.heed(err, p.Now())
		}
		return placedOf([]Receipt{got}), nil
	}
	return nil, fmt.Errorf("listen: channel %d cannot publish: %w", v.Channel, lastword.ErrDenied)
}

// Amend puts the words of a cleared version in the place of those that were
// published before, part by part. It may be done twice.
func (p *Places) Amend(ctx context.Context, c lastword.ClearedVersion, stands []lastword.Placed) error {
	v, at, err := p.outlet(ctx, c)
	if err != nil {
		return err
	}
	e, ok := at.source.(Editor)
	if !ok || len(stands) == 0 {
		return fmt.Errorf("listen: channel %d cannot change what was published: %w", v.Channel, lastword.ErrInvalid)
	}
	post, err := p.post(ctx, v, nil)
	if err != nil {
		return err
	}
	if len(stands) != len(post.Parts) {
		if len(stands) > 1 {
			return fmt.Errorf("listen: %d parts in the place of %d: %w", len(post.Parts), len(stands), lastword.ErrInvalid)
		}
		return at.heed(e.Edit(ctx, stands[0].Key, post.Whole()), p.Now())
	}
	for i, part := range post.Parts {
		one := post
		one.Parts = []string{part}
		if i > 0 {
			one.Title = ""
		}
		if err := at.heed(e.Edit(ctx, stands[i].Key, one.Whole()), p.Now()); err != nil {
			return err
		}
	}
	return nil
}

// Remove takes down what was published through a channel, the last part first.
func (p *Places) Remove(ctx context.Context, company, channel int64, stands []lastword.Placed) error {
	at, err := p.open(ctx, company, channel)
	if err != nil {
		return err
	}
	r, ok := at.source.(Remover)
	if !ok {
		return fmt.Errorf("listen: channel %d cannot take anything down: %w", channel, lastword.ErrInvalid)
	}
	for i := len(stands) - 1; i >= 0; i-- {
		err := at.heed(r.Remove(ctx, stands[i].Key), p.Now())
		if err != nil && !errors.Is(err, lastword.ErrGone) && !errors.Is(err, lastword.ErrNotFound) {
			return err
		}
	}
	return nil
}

// outlet opens the way of a cleared version and waits for its turn.
func (p *Places) outlet(ctx context.Context, c lastword.ClearedVersion) (lastword.Version, *place, error) {
	v, ok := c.Version()
	if !ok {
		return v, nil, fmt.Errorf("listen: a version that is not cleared: %w", lastword.ErrForbidden)
	}
	at, err := p.open(ctx, v.Company, v.Channel)
	if err != nil {
		return v, nil, err
	}
	if err := at.waits(p.Now()); err != nil {
		return v, nil, err
	}
	if err := at.limiter.Wait(ctx); err != nil {
		if ctx.Err() != nil {
			return v, nil, ctx.Err()
		}
		return v, nil, &RetryAfter{Wait: repliesEvery, Err: fmt.Errorf("too many posts at once: %w", lastword.ErrUnavailable)}
	}
	return v, at, nil
}

// post is what goes out of a version, with the bytes of its pictures.
func (p *Places) post(ctx context.Context, v lastword.Version, known []lastword.Placed) (Post, error) {
	post := Post{Key: strconv.FormatInt(v.ID, 10), Made: v.Made, Story: v.Story, Title: v.Title, Parts: v.Parts, Lang: v.Lang, Card: Card{Card: v.Card}}
	post.Said = latest(v.Made, v.Released, v.Due)
	for _, k := range known {
		post.Known = append(post.Known, Receipt{Key: k.Key, URL: k.URL})
	}
	for _, one := range v.Pictures {
		picture, err := p.picture(ctx, v.Company, one)
		if err != nil {
			return post, err
		}
		post.Pictures = append(post.Pictures, picture)
	}
	if v.Card.Picture != "" {
		thumb, err := p.picture(ctx, v.Company, lastword.Picture{Digest: v.Card.Picture})
		if err != nil {
			return post, err
		}
		post.Card.Thumb = &thumb
	}
	return post, nil
}

// picture loads a kept picture; what it shows is said by who released it.
func (p *Places) picture(ctx context.Context, company int64, one lastword.Picture) (Picture, error) {
	if p.Album == nil {
		return Picture{}, fmt.Errorf("listen: no pictures are kept: %w", lastword.ErrInvalid)
	}
	kept, bytes, err := p.Album.Picture(ctx, company, one.Digest)
	if err != nil {
		return Picture{}, fmt.Errorf("listen: picture %.8s: %w", one.Digest, err)
	}
	kept.Alt = one.Alt
	got := Picture{Picture: kept, Bytes: bytes}
	if p.Shown != nil {
		got.URL = p.Shown(company, one.Digest)
	}
	return got, nil
}

func latest(first time.Time, others ...time.Time) time.Time {
	for _, t := range others {
		if t.After(first) {
			first = t
		}
	}
	return first
}

func placedOf(got []Receipt) []lastword.Placed {
	var all []lastword.Placed
	for _, r := range got {
		all = append(all, lastword.Placed{Key: r.Key, URL: r.URL})
	}
	return all
}
