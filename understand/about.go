package understand

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"lastword"
	"lastword/internal/text"
)

// How likely it is that a post is about the company, by the best sign that it
// bears. These are judgements, but for aboutNothing, which is the share of such
// posts among the travellers' of MobASA when the names of their companies are
// given. A voice without any sign stays in all the same (aboutHeard, ½), because
// a query or a channel of the company's brought it.
const (
	aboutUnknown = 1.0  // no names to look for
	aboutHandle  = 0.97 // the name is spoken to: @name, #name
	aboutName    = 0.93 // the name stands there
	aboutPart    = 0.9  // it is a part of a handle: @name_help
	aboutLink    = 0.85 // it links to an address with the name in it
	aboutShort   = 0.75 // the name stands there, but it is short
	aboutReply   = 0.7  // an answer in a thread, without the name
	aboutHeard   = 0.5  // no sign, but the company hears it
	aboutNothing = 0.28 // no sign, and nobody knows where it comes from
	aboutWord    = 0.4  // only as a common word: the name is "Blume", it says "blume"
	aboutSmall   = 0.55 // the same in German, whose writers often leave out the capitals of nouns
	aboutOther   = 0.3  // only as a part of somebody else's handle
)

// about returns the probability that the post, read by r, is about the bearer
// of names.
func (r *reading) about(post *lastword.Post, names []string) float64 {
	best, named := 0.0, false
	var bare []string
	for _, name := range names {
		tokens := text.Tokens(name)
		if len(tokens) == 0 {
			continue
		}
		named = true
		bare = append(bare, squash(name))
		best = max(best, r.aboutName(post, name, tokens))
	}
	if best < aboutPart {
		best = max(best, r.aboutParts(bare))
	}
	switch {
	case !named:
		return aboutUnknown
	case best > 0:
		return best
	case post.Parent != "":
		return aboutReply
	}
	return aboutNothing
}

func (r *reading) aboutName(post *lastword.Post, name string, words []text.Token) float64 {
	best, bare := r.aboutWords(name, words), squash(name)
	for _, t := range r.tokens {
		switch t.Kind {
		case text.Mention, text.Hashtag:
			p := aboutTag(squash(t.Text), bare)
			r.speaksTo(t, p)
			best = max(best, p)
		case text.URL:
			if len(bare) > 3 && strings.Contains(squash(host(t.Text)), bare) {
				best = max(best, aboutLink)
			}
		}
	}
	if len(bare) > 3 && strings.Contains(squash(host(post.URL)), bare) {
		best = max(best, aboutLink)
	}
	return best
}

// speaksTo remembers a handle that is the company's with probability p: what is
// said to a company is read otherwise than what is said to a friend.
func (r *reading) speaksTo(t text.Token, p float64) {
	if t.Kind == text.Mention && p >= aboutPart {
		r.f.ours = append(r.f.ours, t.Start)
	}
}

// aboutTag compares a handle or hashtag with a name. A part after the name often
// is a town or a country: @name_de, @nameHilft.
func aboutTag(tag, name string) float64 {
	switch {
	case name == "":
		return 0
	case tag == name:
		return aboutHandle
	case len(name) > 3 && strings.HasPrefix(tag, name):
		return aboutName
	case len(name) > 3 && strings.Contains(tag, name):
		return aboutOther
	}
	return 0
}

// aboutParts looks for handles that are made of names: @DB_Bahn is one of who is
// called "DB" and "Bahn".
func (r *reading) aboutParts(names []string) float64 {
	for _, t := range r.tokens {
		if t.Kind != text.Mention && t.Kind != text.Hashtag {
			continue
		}
		written := r.s[t.Start:t.End]
		for part := range strings.SplitSeq(strings.TrimLeft(written, "@#"), "_") {
			if len(part) > 1 && slices.Contains(names, squash(part)) {
				r.speaksTo(t, aboutPart)
				return aboutPart
			}
		}
	}
	return 0
}

// aboutWords looks for the words of a name in a row.
func (r *reading) aboutWords(name string, words []text.Token) float64 {
	best := 0.0
	for i := range r.tokens {
		if r.tokens[i].Kind == text.Mention || !sameWords(r.tokens[i:], words) {
			continue
		}
		best = max(best, r.weighName(name, words, r.tokens[i]))
	}
	return best
}

func sameWords(tokens, words []text.Token) bool {
	if len(tokens) < len(words) {
		return false
	}
	for i, w := range words {
		if tokens[i].Text != w.Text {
			return false
		}
	}
	return true
}

// weighName says how much a name found at token tells.
func (r *reading) weighName(name string, words []text.Token, at text.Token) float64 {
	first, _ := utf8.DecodeRuneInString(name)
	found, _ := utf8.DecodeRuneInString(r.s[at.Start:])
	switch {
	case len(words) > 1:
		return aboutName
	case text.Stop("de", at.Text) || text.Stop("en", at.Text):
		return aboutWord
	case utf8.RuneCountInString(name) < 4:
		return aboutShort
	case unicode.IsUpper(first) && unicode.IsLower(found) && r.writesCapitals() && r.lang == "de":
		return aboutSmall
	case unicode.IsUpper(first) && unicode.IsLower(found) && r.writesCapitals():
		return aboutWord
	}
	return aboutName
}

// writesCapitals reports whether the writer minds capitals at all.
func (r *reading) writesCapitals() bool {
	upper := 0
	for _, t := range r.tokens {
		first, _ := utf8.DecodeRuneInString(r.s[t.Start:])
		if unicode.IsUpper(first) {
			upper++
		}
	}
	return upper > 1
}

// squash keeps only the letters and digits of s, folded.
func squash(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text.FoldDigraphs(text.Fold(s)))
}

// host returns the host of a web address.
func host(url string) string {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		url = rest
	}
	if cut := strings.IndexAny(url, "/?#"); cut >= 0 {
		url = url[:cut]
	}
	return url
}
