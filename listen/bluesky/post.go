package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"lastword"
	"lastword/listen"
)

// What a post may bring along (lexicons app.bsky.embed.images and .external), and
// how long the network's own app lets a description be.
const (
	maxImages = 4
	maxBlob   = 1_000_000
	maxAlt    = 2000
)

// Manner implements listen.Mannered.
func (a *account) Manner(context.Context) lastword.Manner {
	return lastword.Manner{
		Network: lastword.Network{Name: network, Title: "Bluesky", Reply: true, Limit: maxGraphemes, Unit: lastword.Graphemes, MaxBytes: maxBytes},
		Thread:  true, Cards: true, Pictures: maxImages, LongAlt: maxAlt,
	}
}

// Post implements listen.Poster. Each part has a record key made from the
// idempotency key and its number, and a service keeps one record under a key: what
// a former attempt has brought out is found there.
func (a *account) Post(ctx context.Context, p listen.Post) ([]listen.Receipt, error) {
	for _, part := range p.Parts {
		if err := fits(part); err != nil {
			return nil, err
		}
	}
	var got []listen.Receipt
	var thread replyRef
	for i, part := range p.Parts {
		post := a.compose(ctx, listen.Reply{Key: p.Key, Made: later(p.Said, i), Text: part, Lang: p.Lang})
		if i > 0 {
			parent := thread
			post.Reply = &parent
		}
		here, err := a.part(ctx, partKey(p, i), post, func() (any, error) {
			if i > 0 {
				return nil, nil
			}
			return a.embed(ctx, p)
		})
		if err != nil {
			return got, err
		}
		if thread.Parent = here; i == 0 {
			thread.Root = here
		}
		at, err := parseATURI(here.URI)
		if err != nil {
			return got, fmt.Errorf("bluesky: the new post has no address: %w", lastword.ErrUnavailable)
		}
		got = append(got, receipt(at))
	}
	return got, nil
}

// later lets the parts of a thread be said one after another.
func later(t time.Time, part int) time.Time { return t.Add(time.Duration(part) * time.Second) }

// partKey makes the record key of a part. That of the first is that of a post.
func partKey(p listen.Post, part int) tid {
	if part == 0 {
		return publishKey(p.Made, p.Key)
	}
	return publishKey(p.Made, p.Key+"/"+strconv.Itoa(part))
}

// part finds or makes the record of one part. What it brings along is uploaded only
// where it is to be made.
func (a *account) part(ctx context.Context, key tid, p newPost, embed func() (any, error)) (strongRef, error) {
	here, found, err := a.there(ctx, key, p)
	if err != nil || found {
		return here, err
	}
	if p.Embed, err = embed(); err != nil {
		return strongRef{}, err
	}
	did, _, err := a.login.account(ctx)
	if err != nil {
		return strongRef{}, err
	}
	err = a.login.call(ctx, call{nsid: "com.atproto.repo.createRecord", post: true, body: map[string]any{
		"repo": did, "collection": postCollection, "rkey": key.String(), "record": p,
	}}, &here)
	var no *callError
	if err == nil && here.CID != "" {
		return here, nil
	}
	if err != nil && (!errors.As(err, &no) || errors.Is(err, lastword.ErrDenied)) {
		return strongRef{}, err
	}
	// Refused, or taken without a word: what stands there tells.
	there, found, failed := a.there(ctx, key, p)
	if failed == nil && !found && err == nil {
		failed = fmt.Errorf("bluesky: nothing is known of the new post: %w", lastword.ErrUnavailable)
	}
	if failed != nil || found {
		return there, failed
	}
	return strongRef{}, err
}

// there asks our own service for the record under a key. It returns an error that
// wraps lastword.ErrInvalid where another post stands there.
func (a *account) there(ctx context.Context, key tid, p newPost) (strongRef, bool, error) {
	did, _, err := a.login.account(ctx)
	if err != nil {
		return strongRef{}, false, err
	}
	at := atURI{did: did, collection: postCollection, rkey: key.String()}
	var got stored
	err = a.login.call(ctx, recordQuery(at), &got)
	var no *callError
	switch {
	case errors.As(err, &no) && no.gone():
		return strongRef{}, false, nil
	case err != nil:
		return strongRef{}, false, err
	}
	if r, ok := readRecord(got.Value); !ok || !p.same(r) || got.CID == "" {
		return strongRef{}, false, fmt.Errorf("bluesky: another post stands at %s: %w", at, lastword.ErrInvalid)
	}
	return strongRef{URI: at.String(), CID: got.CID}, true, nil
}

type imagesEmbed struct {
	Type   string       `json:"$type"`
	Images []imageEmbed `json:"images"`
}

type imageEmbed struct {
	Image  json.RawMessage `json:"image"`
	Alt    string          `json:"alt"`
	Aspect aspect          `json:"aspectRatio"`
}

type aspect struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

type externalEmbed struct {
	Type     string   `json:"$type"`
	External external `json:"external"`
}

type external struct {
	URI         string          `json:"uri"`
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Thumb       json.RawMessage `json:"thumb,omitempty"`
}

// embed uploads what the first part brings along: pictures, or else a card.
func (a *account) embed(ctx context.Context, p listen.Post) (any, error) {
	if len(p.Pictures) > 0 {
		all := imagesEmbed{Type: "app.bsky.embed.images"}
		for _, one := range p.Pictures {
			blob, err := a.upload(ctx, one)
			if err != nil {
				return nil, err
			}
			all.Images = append(all.Images, imageEmbed{Image: blob, Alt: one.Alt, Aspect: aspect{one.Width, one.Height}})
		}
		return all, nil
	}
	if p.Card.URL == "" {
		return nil, nil
	}
	card := external{URI: p.Card.URL, Title: p.Card.Title, Description: p.Card.Description}
	if p.Card.Thumb != nil {
		blob, err := a.upload(ctx, *p.Card.Thumb)
		if err != nil {
			return nil, err
		}
		card.Thumb = blob
	}
	return externalEmbed{Type: "app.bsky.embed.external", External: card}, nil
}

// upload brings the bytes of a picture (com.atproto.repo.uploadBlob). A service
// forgets those that no record names.
func (a *account) upload(ctx context.Context, p listen.Picture) (json.RawMessage, error) {
	if len(p.Bytes) == 0 || len(p.Bytes) > maxBlob {
		return nil, fmt.Errorf("bluesky: a picture of %d bytes: %w", len(p.Bytes), lastword.ErrInvalid)
	}
	var got struct{ Blob json.RawMessage }
	err := a.login.call(ctx, call{nsid: "com.atproto.repo.uploadBlob", post: true, raw: p.Bytes, kind: p.Type}, &got)
	if err == nil && len(got.Blob) == 0 {
		err = fmt.Errorf("bluesky: nothing is known of the picture: %w", lastword.ErrUnavailable)
	}
	return got.Blob, err
}

// Remove implements listen.Remover (com.atproto.repo.deleteRecord, which is content
// where nothing stands).
func (a *account) Remove(ctx context.Context, key string) error {
	if _, _, is := chatOf(key); is {
		return &lastword.Mistake{Key: "why.bluesky_message_stays"}
	}
	at, err := parseATURI(key)
	if err != nil || at.collection != postCollection {
		return fmt.Errorf("bluesky: %s is no post: %w", clip(key), lastword.ErrInvalid)
	}
	did, _, err := a.login.account(ctx)
	if err != nil {
		return err
	}
	if at.did != did {
		return fmt.Errorf("bluesky: %s is not our own: %w", at, lastword.ErrInvalid)
	}
	return a.login.call(ctx, call{nsid: "com.atproto.repo.deleteRecord", post: true,
		body: map[string]string{"repo": did, "collection": at.collection, "rkey": at.rkey}}, nil)
}

var (
	_ listen.Poster  = (*account)(nil)
	_ listen.Remover = (*account)(nil)
)
