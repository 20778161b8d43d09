package threads

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/length"
	"lastword/internal/meta"
	"lastword/listen"
)

// What a post holds (docs/threads/posts, docs/threads/reference/publishing): up to
// twenty pictures in a row, of which we send ten; Threads fetches them from us.
const (
	maxPictures = 10
	maxAlt      = 1000
)

// counted is how Threads counts a post.
var counted = lastword.Network{Name: Name, Title: "Threads", Reply: true, Limit: limit, Unit: lastword.EmojiBytes}

// Manner implements listen.Mannered. Threads makes cards of links by itself.
func (s *source) Manner(context.Context) lastword.Manner {
	m := lastword.Manner{Network: counted, Thread: true, Unfurls: true}
	if s.hook != "" { // it can fetch pictures from us
		m.Pictures, m.LongAlt = maxPictures, maxAlt
	}
	return m
}

// Publish implements listen.Publisher. What is longer than a post becomes a
// thread, and its receipt is that of the first.
func (s *source) Publish(ctx context.Context, a listen.Reply) (listen.Receipt, error) {
	if strings.TrimSpace(a.Text) == "" {
		return listen.Receipt{}, fmt.Errorf("threads: nothing to publish: %w", lastword.ErrInvalid)
	}
	got, err := s.Post(ctx, listen.Post{Key: a.Key, Made: a.Made, Parts: length.Split(counted, a.Text), Lang: a.Lang})
	if len(got) == 0 {
		return listen.Receipt{}, err
	}
	return got[0], err
}

// Post implements listen.Poster. What a former attempt has already published is found
// and not published again.
func (s *source) Post(ctx context.Context, p listen.Post) ([]listen.Receipt, error) {
	if len(p.Pictures) > maxPictures {
		return nil, fmt.Errorf("threads: %d pictures, of %d allowed: %w", len(p.Pictures), maxPictures, lastword.ErrInvalid)
	}
	own, err := s.since(ctx, "me/threads", p.Made.Unix())
	if err != nil {
		return nil, err
	}
	if len(p.Parts) > 1 {
		replies, err := s.since(ctx, "me/replies", p.Made.Unix())
		if err != nil {
			return nil, err
		}
		own = append(own, replies...)
	}
	var all []listen.Receipt
	last := ""
	for i, part := range p.Parts {
		got, found := said(own, part, last)
		if !found && i < len(p.Known) {
			got, found = p.Known[i], true
		}
		if !found {
			var pictures []listen.Picture
			if i == 0 {
				pictures = p.Pictures
			}
			if got, err = s.make(ctx, part, last, pictures); err != nil {
				return all, err
			}
		}
		last = got.Key
		all = append(all, got)
	}
	return all, nil
}

var _ listen.Poster = (*source)(nil)

// form is what a post is made of: words alone, one picture, or several in a row.
func (s *source) form(ctx context.Context, token, said string, pictures []listen.Picture) (url.Values, error) {
	var rows []string
	for _, one := range pictures {
		if one.URL == "" {
			return nil, &lastword.Mistake{Key: "why.threads_unreachable"}
		}
		form := url.Values{"media_type": {"IMAGE"}, "image_url": {one.URL}}
		if one.Alt != "" {
			form.Set("alt_text", one.Alt)
		}
		if len(pictures) == 1 {
			form.Set("text", said)
			return form, nil
		}
		form.Set("is_carousel_item", "true")
		id, err := s.container(ctx, token, form)
		if err != nil {
			return nil, err
		}
		rows = append(rows, id)
	}
	if len(rows) > 0 {
		return url.Values{"media_type": {"CAROUSEL"}, "children": {strings.Join(rows, ",")}, "text": {said}}, nil
	}
	return url.Values{"media_type": {"TEXT"}, "text": {said}}, nil
}

// container makes one, and waits until Threads has fetched what it shows (docs/
// threads/troubleshooting, "Publishing does not return a media ID": status).
func (s *source) container(ctx context.Context, token string, form url.Values) (string, error) {
	id, err := s.graph.Make(ctx, token, "me/threads", form)
	if err != nil {
		return "", fmt.Errorf("threads: %w", meta.NotTaken(err))
	}
	if form.Get("media_type") == "TEXT" {
		return id, nil
	}
	return id, meta.Fetched(ctx, func(ctx context.Context) (string, error) {
		var state struct{ Status string }
		err := s.call(ctx, api.Request{URL: id, Query: url.Values{"fields": {"status"}}}, &state)
		return state.Status, err
	}, &lastword.Mistake{Key: "why.threads_picture"})
}
