package facebook

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/meta"
	"lastword/internal/text"
	"lastword/listen"
)

// What a post brings along: ten pictures in one story, and how long what they show
// may be; Facebook names no bound of its own for that.
const (
	maxPictures = 10
	maxAlt      = 1000
)

var address = regexp.MustCompile(`https?://[^\s<>"]+`)

// Publish implements listen.Publisher (docs/graph-api/reference/page/feed): a post
// of the Page, with a preview of the first address in it. What a former attempt
// has published is found and not published again.
func (s *source) Publish(ctx context.Context, a listen.Reply) (listen.Receipt, error) {
	return s.publish(ctx, a, nil)
}

// Manner implements listen.Mannered. Facebook makes cards of links by itself.
func (s *source) Manner(context.Context) lastword.Manner {
	return lastword.Manner{Network: lastword.Network{Name: Name, Title: "Facebook", Reply: true, Limit: maxPost, Unit: lastword.Characters},
		Unfurls: true, Pictures: maxPictures, LongAlt: maxAlt}
}

// Post implements listen.Poster.
func (s *source) Post(ctx context.Context, p listen.Post) ([]listen.Receipt, error) {
	if len(p.Pictures) > maxPictures {
		return nil, fmt.Errorf("facebook: %d pictures, of %d allowed: %w", len(p.Pictures), maxPictures, lastword.ErrInvalid)
	}
	got, err := s.publish(ctx, p.Whole(), p.Pictures)
	if err != nil {
		return nil, err
	}
	return []listen.Receipt{got}, nil
}

var _ listen.Poster = (*source)(nil)

func (s *source) publish(ctx context.Context, a listen.Reply, pictures []listen.Picture) (listen.Receipt, error) {
	if utf8.RuneCountInString(a.Text) > maxPost || strings.TrimSpace(a.Text) == "" {
		return listen.Receipt{}, fmt.Errorf("facebook: no text of 1 to %d characters: %w", maxPost, lastword.ErrInvalid)
	}
	me, err := s.me(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	all, _, err := s.graph.List(ctx, me.Token, me.ID+"/published_posts", url.Values{"fields": {postFields}, "limit": {"25"}}, "")
	if err != nil {
		return listen.Receipt{}, fmt.Errorf("facebook: %w", err)
	}
	for _, raw := range all {
		e, ok := readEntry(raw)
		if ok && !e.Created.Before(a.Made.Add(-meta.Clocks)) && text.Same(e.Message, a.Text) {
			return listen.Receipt{Key: e.ID, URL: web(e.Permalink, e.ID)}, nil
		}
	}
	form := url.Values{"message": {a.Text}}
	for i, one := range pictures {
		id, err := s.upload(ctx, me, one)
		if err != nil {
			return listen.Receipt{}, err
		}
		form.Set(fmt.Sprintf("attached_media[%d]", i), `{"media_fbid":"`+id+`"}`)
	}
	if link := address.FindString(a.Text); link != "" && len(pictures) == 0 {
		form.Set("link", strings.TrimRight(link, ".,;:!?)"))
	}
	id, err := s.graph.Make(ctx, me.Token, me.ID+"/feed", form)
	if err != nil {
		return listen.Receipt{}, fmt.Errorf("facebook: %w", meta.NotTaken(err))
	}
	return listen.Receipt{Key: id, URL: web("", id)}, nil
}

// upload brings a picture that is shown nowhere yet (docs/graph-api/reference/page/
// photos: source, published, alt_text_custom). Facebook forgets it after a day if no
// post shows it.
func (s *source) upload(ctx context.Context, me page, p listen.Picture) (string, error) {
	with := map[string]string{"published": "false"}
	if p.Alt != "" {
		with["alt_text_custom"] = p.Alt
	}
	body, kind := p.Packed("source", "picture", with)
	var got meta.Made
	err := s.graph.Call(ctx, me.Token, api.Request{Method: http.MethodPost, URL: me.ID + "/photos", Raw: body,
		Header: http.Header{"Content-Type": {kind}}}, &got)
	if err != nil {
		return "", fmt.Errorf("facebook: a picture: %w", meta.NotTaken(err))
	}
	if !meta.ID(got.ID) {
		return "", fmt.Errorf("facebook: nothing is known of the picture: %w", lastword.ErrUnavailable)
	}
	return got.ID, nil
}
