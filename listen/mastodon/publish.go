package mastodon

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
)

// What a post may bring along where a server does not say (entities/Instance).
const (
	defaultPictures = 4
	defaultAlt      = 1500
)

// Manner implements listen.Mannered: it asks the server, once an hour.
func (a *account) Manner(ctx context.Context) lastword.Manner {
	h, err := a.where(ctx)
	if err != nil {
		h = a.known()
	}
	return lastword.Manner{Network: h.network(), Thread: true, Unfurls: true, Pictures: max(cmp.Or(h.pictures, defaultPictures), 0), LongAlt: cmp.Or(h.alt, defaultAlt)}
}

// Post implements listen.Poster. A part that a former attempt brought out is found
// by its words, in reply to the part before, and not said again.
func (a *account) Post(ctx context.Context, p listen.Post) ([]listen.Receipt, error) {
	h, err := a.where(ctx)
	if err != nil {
		return nil, err
	}
	for _, part := range p.Parts {
		if err := h.fits(url.Values{"status": {part}}); err != nil {
			return nil, err
		}
	}
	var got []listen.Receipt
	parent := id("")
	for i, part := range p.Parts {
		r := listen.Reply{Key: p.Key, Made: p.Made, Text: part, Lang: p.Lang}
		if i > 0 {
			r.Key += "-" + strconv.Itoa(i)
		}
		there, err := a.part(ctx, h, p, i, parent, r)
		if err != nil {
			return got, err
		}
		got = append(got, there)
		parent = id(strings.TrimPrefix(there.Key, h.domain+"/"))
	}
	return got, nil
}

// part finds or makes one part.
func (a *account) part(ctx context.Context, h home, p listen.Post, i int, parent id, r listen.Reply) (listen.Receipt, error) {
	if i < len(p.Known) && strings.HasPrefix(p.Known[i].Key, h.domain+"/") {
		return p.Known[i], nil
	}
	there, found, err := a.own(ctx, h, parent, r)
	if err != nil || found {
		return there, err
	}
	form := url.Values{"status": {r.Text}}
	if h.own.Source.is.Privacy != "" {
		form.Set("visibility", h.own.Source.is.Privacy)
	}
	if parent != "" {
		form.Set("in_reply_to_id", string(parent))
	}
	if i == 0 {
		for _, picture := range p.Pictures {
			media, err := a.upload(ctx, picture)
			if err != nil {
				return listen.Receipt{}, err
			}
			form.Add("media_ids[]", string(media))
		}
	}
	return a.post(ctx, h, form, r)
}

// own looks for the words among the latest of our own posts, in reply to the given
// one or to none.
func (a *account) own(ctx context.Context, h home, parent id, r listen.Reply) (listen.Receipt, bool, error) {
	var posts page
	k := get("/api/v1/accounts/"+string(h.own.ID)+"/statuses", url.Values{"limit": {"40"}, "exclude_reblogs": {"true"}})
	if err := a.client.do(ctx, urgent(k), &posts); err != nil {
		return listen.Receipt{}, false, a.explain(err)
	}
	there, found := a.same(h, posts, parent, r)
	return there, found, nil
}

// How long a server may take to make an image ready, in looks and between them.
const (
	looks = 30
	look  = 500 * time.Millisecond
)

// attachment is what we read of entities/MediaAttachment: it has no URL until it
// is ready.
type attachment struct {
	ID  id
	URL *string
}

// upload brings a picture with what it shows (methods/media, v2) and waits until
// the server has made it ready. One that no status names is forgotten there.
func (a *account) upload(ctx context.Context, p listen.Picture) (id, error) {
	body, kind := p.Packed("file", "picture", map[string]string{"description": p.Alt})
	var got attachment
	if err := a.client.do(ctx, call{method: http.MethodPost, path: "/api/v2/media", raw: body, kind: kind, urgent: true}, &got); err != nil {
		return "", a.unloaded(err)
	}
	for n := 0; got.ID != "" && got.URL == nil && n < looks; n++ {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(look):
		}
		if err := a.client.do(ctx, urgent(get("/api/v1/media/"+string(got.ID), nil)), &got); err != nil {
			return "", a.unloaded(err)
		}
	}
	if got.ID == "" || got.URL == nil {
		return "", fmt.Errorf("mastodon: %s takes long over a picture: %w", hostOf(a.set.base), lastword.ErrUnavailable)
	}
	return got.ID, nil
}

// unloaded says what a refused picture means.
func (a *account) unloaded(err error) error {
	switch statusOf(err) {
	case http.StatusUnauthorized:
		return fmt.Errorf("%w: %v", because(lastword.ErrDenied, "token-refused"), err)
	case http.StatusForbidden:
		return fmt.Errorf("%w: %v", because(lastword.ErrDenied, "scope-write"), err)
	}
	return err
}
