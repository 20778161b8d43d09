package instagram

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/meta"
	"lastword/internal/text"
	"lastword/listen"
)

// What a post holds (docs/instagram-platform/content-publishing; …/reference/
// ig-user/media): a picture at least, which Instagram fetches from us.
const (
	maxCaption  = 2200
	maxPictures = 10
	maxAlt      = 1000
	publishes   = "instagram_business_content_publish"
)

// A poster is a source whose pictures Instagram can fetch.
type poster struct{ *source }

// Manner implements listen.Mannered.
func (*poster) Manner(context.Context) lastword.Manner {
	return lastword.Manner{Network: lastword.Network{Name: Name, Title: "Instagram", Reply: true, Limit: maxCaption, Unit: lastword.Characters},
		Pictures: maxPictures, LongAlt: maxAlt, Pictured: true}
}

// Publish implements listen.Publisher: without a picture nothing is published.
func (p *poster) Publish(context.Context, listen.Reply) (listen.Receipt, error) {
	return listen.Receipt{}, &lastword.Mistake{Key: "why.instagram_media"}
}

// Post implements listen.Poster. What a former attempt has published is found by its
// words and not published again.
func (p *poster) Post(ctx context.Context, post listen.Post) ([]listen.Receipt, error) {
	words := post.Whole().Text
	switch n := len(post.Pictures); {
	case n == 0:
		return nil, &lastword.Mistake{Key: "why.instagram_media"}
	case n > maxPictures || utf8.RuneCountInString(words) > maxCaption:
		return nil, fmt.Errorf("instagram: %d pictures and %d characters, of %d and %d: %w", n, utf8.RuneCountInString(words), maxPictures, maxCaption, lastword.ErrInvalid)
	}
	if there, found, err := p.published(ctx, post.Made, words); err != nil || found {
		return []listen.Receipt{there}, err
	}
	container, err := p.contain(ctx, post.Pictures, words)
	if err != nil {
		return nil, err
	}
	var made meta.Made
	if err := p.call(ctx, api.Request{URL: "me/media_publish", Form: url.Values{"creation_id": {container}}}, &made); err != nil {
		return nil, meta.NotTaken(err)
	}
	if !meta.ID(made.ID) {
		return nil, fmt.Errorf("instagram: nothing is known of the new post: %w", lastword.ErrUnavailable)
	}
	var m media
	if err := p.call(ctx, api.Request{URL: made.ID, Query: url.Values{"fields": {"id,permalink"}}}, &m); err != nil {
		p.host.Log.InfoContext(ctx, "instagram: nobody says where the new post stands", "why", err) // it stands all the same
	}
	return []listen.Receipt{{Key: made.ID, URL: web(m.Permalink)}}, nil
}

// published looks among the latest of our own posts.
func (p *poster) published(ctx context.Context, since time.Time, words string) (listen.Receipt, bool, error) {
	all, _, err := p.list(ctx, "me/media", url.Values{"fields": {mediaFields}, "limit": {"25"}}, "")
	if err != nil {
		return listen.Receipt{}, false, err
	}
	for _, raw := range all {
		m, ok := readMedia(raw)
		if ok && !m.Timestamp.Before(since.Add(-meta.Clocks)) && text.Same(m.Caption, words) {
			return listen.Receipt{Key: m.ID, URL: web(m.Permalink)}, true, nil
		}
	}
	return listen.Receipt{}, false, nil
}

// contain lets Instagram fetch the pictures and returns what is to be published: one
// alone, or several in a row (CAROUSEL).
func (p *poster) contain(ctx context.Context, pictures []listen.Picture, words string) (string, error) {
	var rows []string
	for _, one := range pictures {
		if one.URL == "" {
			return "", &lastword.Mistake{Key: "why.instagram_unreachable"}
		}
		form := url.Values{"image_url": {one.URL}}
		if one.Alt != "" {
			form.Set("alt_text", one.Alt)
		}
		if len(pictures) > 1 {
			form.Set("is_carousel_item", "true")
		} else {
			form.Set("caption", words)
		}
		id, err := p.container(ctx, form)
		if err != nil {
			return "", err
		}
		rows = append(rows, id)
	}
	if len(rows) == 1 {
		return rows[0], nil
	}
	return p.container(ctx, url.Values{"media_type": {"CAROUSEL"}, "children": {strings.Join(rows, ",")}, "caption": {words}})
}

// container makes one and waits until Instagram has fetched what it shows
// (…/reference/ig-container, status_code).
func (p *poster) container(ctx context.Context, form url.Values) (string, error) {
	var made meta.Made
	if err := p.call(ctx, api.Request{URL: "me/media", Form: form}, &made); err != nil {
		return "", meta.NotTaken(err)
	}
	if !meta.ID(made.ID) {
		return "", fmt.Errorf("instagram: nothing is known of the picture: %w", lastword.ErrUnavailable)
	}
	return made.ID, meta.Fetched(ctx, func(ctx context.Context) (string, error) {
		var state struct {
			Code string `json:"status_code"`
		}
		err := p.call(ctx, api.Request{URL: made.ID, Query: url.Values{"fields": {"status_code"}}}, &state)
		return state.Code, err
	}, &lastword.Mistake{Key: "why.instagram_picture"})
}

var _ listen.Poster = (*poster)(nil)
