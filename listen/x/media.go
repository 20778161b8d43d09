package x

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"lastword"
	"lastword/listen"
)

// What a post may bring along (docs.x.com, Media, Best practices; POST
// /2/media/metadata).
const (
	scopeMedia  = "media.write"
	maxPictures = 4
	maxAlt      = 1000
	maxPicture  = 5 << 20 // bytes
)

// bring uploads pictures with what they show, and returns their ids; X forgets
// those that no post names. Nothing is uploaded where the month does not bear what
// comes behind.
func (a *account) bring(ctx context.Context, who tokens, post int64, pictures []listen.Picture) ([]string, error) {
	if !who.may(scopeMedia) {
		return nil, fmt.Errorf("x: %w", &lastword.Mistake{Key: "connector.x.error.pictures", Field: fieldClient, Kind: lastword.ErrDenied})
	}
	if len(pictures) > maxPictures {
		return nil, fmt.Errorf("x: %d pictures, of %d allowed: %w", len(pictures), maxPictures, lastword.ErrInvalid)
	}
	if err := a.meter.allow(ctx, post+int64(len(pictures))*a.set.prices.alt); err != nil {
		return nil, err
	}
	var ids []string
	for _, p := range pictures {
		id, err := a.upload(ctx, p)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// upload brings the bytes of one picture (docs.x.com, POST /2/media/upload, at
// once) and what it shows.
func (a *account) upload(ctx context.Context, p listen.Picture) (string, error) {
	if len(p.Bytes) == 0 || len(p.Bytes) > maxPicture {
		return "", fmt.Errorf("x: a picture of %d bytes: %w", len(p.Bytes), lastword.ErrInvalid)
	}
	var said struct{ Data struct{ ID string } }
	body := map[string]any{"media": p.Bytes, "media_category": "tweet_image"} // bytes become base64
	if err := a.api.do(ctx, call{method: http.MethodPost, path: "/2/media/upload", body: body}, &said); err != nil {
		return "", err
	}
	id := said.Data.ID
	if id == "" || strings.Trim(id, "0123456789") != "" {
		return "", fmt.Errorf("x: the picture has no id: %w", lastword.ErrUnavailable)
	}
	if p.Alt == "" {
		return id, nil
	}
	if err := a.meter.spend(ctx, speaking, a.set.prices.alt); err != nil {
		return "", err
	}
	shows := map[string]any{"id": id, "metadata": map[string]any{"alt_text": map[string]string{"text": p.Alt}}}
	return id, a.api.do(ctx, call{method: http.MethodPost, path: "/2/media/metadata", body: shows}, nil)
}

// withPictures says of publishing that it goes without pictures.
func withPictures(publish listen.Ability, who tokens) listen.Ability {
	if publish.Can && !who.may(scopeMedia) {
		publish.Why = "why.x_no_pictures"
	}
	return publish
}

// pictured are the ids of what a post shows: an edit brings them along, or they
// would be gone. The key of a picture is its kind and its id.
func (p post) pictured() *newMedia {
	var m newMedia
	for _, key := range p.Attachments.MediaKeys {
		if id, is := strings.CutPrefix(key, "3_"); is && id != "" && strings.Trim(id, "0123456789") == "" {
			m.IDs = append(m.IDs, id)
		}
	}
	if len(m.IDs) == 0 {
		return nil
	}
	return &m
}
