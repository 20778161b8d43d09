package telegram

import (
	"context"
	"fmt"
	"unicode/utf16"

	"lastword"
	"lastword/listen"
)

// What a photo may be, and how much stands below it (core.telegram.org/bots/api,
// sendPhoto), in bytes and in UTF-16 units.
const (
	maxPicture = 10 << 20
	caption    = 1024
)

// Manner implements listen.Mannered. Telegram has no words for what a picture shows:
// they stay here.
func (b *bot) Manner(context.Context) lastword.Manner {
	return lastword.Manner{Network: about(), Pictures: 1, Caption: caption}
}

// Publish implements listen.Publisher: in the company's channel. What a former
// attempt has published is not published again.
func (b *bot) Publish(ctx context.Context, a listen.Reply) (listen.Receipt, error) {
	return b.publish(ctx, a, func() (listen.Receipt, error) {
		return b.send(ctx, sending{Chat: b.channel, Text: a.Text}, a)
	})
}

// Post implements listen.Poster: a text, or a picture with the text below it.
func (b *bot) Post(ctx context.Context, p listen.Post) ([]listen.Receipt, error) {
	a := p.Whole()
	a.Released = p.Said
	if len(p.Pictures) == 0 {
		return one(b.Publish(ctx, a))
	}
	return one(b.publish(ctx, a, func() (listen.Receipt, error) { return b.show(ctx, a, p.Pictures) }))
}

func one(got listen.Receipt, err error) ([]listen.Receipt, error) {
	if err != nil {
		return nil, err
	}
	return []listen.Receipt{got}, nil
}

// publish does what a former attempt has not done.
func (b *bot) publish(ctx context.Context, a listen.Reply, do func() (listen.Receipt, error)) (listen.Receipt, error) {
	if b.channel == "" {
		return listen.Receipt{}, mistake(fieldChannel, "nochannel")
	}
	if got, found, err := b.found(ctx, a); err != nil || found {
		return got, err
	}
	return do()
}

// show sends a picture with words below it.
func (b *bot) show(ctx context.Context, a listen.Reply, pictures []listen.Picture) (listen.Receipt, error) {
	if n := len(utf16.Encode([]rune(a.Text))); n > caption {
		return listen.Receipt{}, &lastword.Mistake{Key: "why.telegram_long"}
	}
	if len(pictures) > 1 || len(pictures[0].Bytes) == 0 || len(pictures[0].Bytes) > maxPicture {
		return listen.Receipt{}, fmt.Errorf("telegram: %d pictures, the first of %d bytes: %w", len(pictures), len(pictures[0].Bytes), lastword.ErrInvalid)
	}
	form, kind := pictures[0].Packed("photo", "bild", map[string]string{"chat_id": b.channel, "caption": a.Text})
	return b.noted(ctx, a, func() (made message, err error) {
		return made, b.upload(ctx, "sendPhoto", form, kind, &made)
	})
}
