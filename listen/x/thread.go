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
	got, err := a.Post(ctx, listen.Post{Key: r.Key, Made: r.Made, Parts: length.Split(counted, r.Text), Lang: r.Lang})
	if len(got) == 0 {
		return listen.Receipt{}, err
	}
	return got[0], err
}

// counted is how X counts a post.
var counted = lastword.Network{Name: network, Title: "X", Limit: limit, Unit: lastword.Weighted}

// Manner implements listen.Mannered. X makes cards of links by itself. Pictures
// want a right of their own, which accounts that signed in long ago did not grant.
func (a *account) Manner(context.Context) lastword.Manner {
	m := lastword.Manner{Network: counted, Thread: true, Unfurls: true}
	if a.login.now().may(scopeMedia) {
		m.Pictures, m.LongAlt = maxPictures, maxAlt
	}
	return m
}

// Post implements listen.Poster.
func (a *account) Post(ctx context.Context, p listen.Post) ([]listen.Receipt, error) {
	who, err := a.writer(ctx)
	if err != nil {
		return nil, err
	}
	own, err := a.since(ctx, who, p.Made)
	if err != nil {
		return nil, err
	}
	var all []listen.Receipt
	var last listen.Receipt
	for i, part := range p.Parts {
		got, found := published(own, part, last.Key, who.handle)
		if !found && i < len(p.Known) {
			got, found = p.Known[i], true
		}
		if !found {
			var pictures []listen.Picture
			if i == 0 {
				pictures = p.Pictures
			}
			if got, err = a.publish(ctx, who, part, last.Key, pictures); err != nil {
				return all, never(err)
			}
		}
		last = got
		all = append(all, got)
	}
	return all, nil
}

var _ listen.Poster = (*account)(nil)

func (a *account) publish(ctx context.Context, who tokens, part, after string, pictures []listen.Picture) (listen.Receipt, error) {
	price := a.set.prices.create
	if len(twittertext.URLs(part)) > 0 {
		price = max(price, a.set.prices.link)
	}
	p := newPost{Text: part}
	if len(pictures) > 0 {
		ids, err := a.bring(ctx, who, price, pictures)
		if err != nil {
			return listen.Receipt{}, err
		}
		p.Media = &newMedia{IDs: ids}
	}
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
