package x

import (
	"context"
	"strings"
	"unicode"

	"github.com/clipperhouse/uax29/v2/graphemes"

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
	for i, part := range parts(r.Text, limit) {
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

// parts divides a text into posts of at most the given weight: between
// paragraphs where one ends in the second half of a post, else between sentences,
// else between words, and within one only where it is longer than a post. Nothing
// is added, and nothing left out but the space between.
func parts(text string, most int) []string {
	var all []string
	for text = strings.TrimSpace(text); twittertext.Weigh(text) > most; {
		n := cut(text, most)
		all = append(all, strings.TrimSpace(text[:n]))
		text = strings.TrimSpace(text[n:])
	}
	if text != "" || len(all) == 0 {
		all = append(all, text)
	}
	return all
}

// cut returns where the first post ends.
func cut(text string, most int) int {
	var paragraph, sentence, word, hard int
	before := ' '
	end := 0
	for g := graphemes.FromString(text); g.Next(); {
		r := []rune(g.Value())[0]
		if unicode.IsSpace(r) && end > 0 && !unicode.IsSpace(before) {
			// Weights of beginnings rise, but for an address that grows out of words.
			if twittertext.Weigh(text[:end]) > most {
				break
			}
			word = end
			if strings.ContainsRune(".!?…", before) {
				sentence = end
			}
			if strings.HasPrefix(text[end:], "\n\n") {
				paragraph = end
			}
		}
		if word == 0 {
			if twittertext.Weigh(text[:g.End()]) > most {
				break
			}
			hard = g.End()
		}
		before, end = lastRune(g.Value()), g.End()
	}
	switch {
	case paragraph > word/2:
		return paragraph
	case sentence > word/2:
		return sentence
	case word > 0:
		return word
	}
	return max(hard, 1)
}

func lastRune(s string) rune {
	all := []rune(s)
	return all[len(all)-1]
}
