package x

import (
	"context"

	"lastword"
	"lastword/internal/length"
	"lastword/internal/twittertext"
	"lastword/listen"
)

// Publish implements listen.Publisher. What is longer than a post becomes a
// thread, and its receipt is that of the first. What a former attempt has already
// published is found and not published again.
func (a *account) Publish(ctx context.Context, r listen.Reply) (listen.Receipt, error) {
	who, err := a.writer(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	own, err := a.since(ctx, who, r.Made)
	if err != nil {
		return listen.Receipt{}, err
	}
	var first, last listen.Receipt
	for i, part := range length.Split(lastword.Network{Limit: limit, Unit: lastword.Weighted}, r.Text) {
		got, found := published(own, part, last.Key, who.handle)
		if !found {
			if got, err = a.publish(ctx, who, part, last.Key); err != nil {
				return first, never(err)
			}
		}
		if last = got; i == 0 {
			first = got
		}
	}
	return first, nil
}

func (a *account) publish(ctx context.Context, who tokens, part, after string) (listen.Receipt, error) {
	price := a.set.prices.create
	if len(twittertext.URLs(part)) > 0 {
		price = max(price, a.set.prices.link)
	}
	p := newPost{Text: part}
	if after != "" {
		p.Reply = &newReply{To: after}
	}
	return a.create(ctx, who, price, p)
}

// published looks for a part of a thread among our own posts.
func published(own []post, part, after, handle string) (listen.Receipt, bool) {
	for _, p := range own {
		if p.referenced("replied_to") == after && p.referenced("quoted") == "" && same(p, part) {
			return listen.Receipt{Key: p.first(), URL: postURL(handle, p.ID)}, true
		}
	}
	return listen.Receipt{}, false
}
