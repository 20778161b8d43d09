package understand

import (
	"strings"

	"lastword/internal/text"
)

// wishWords returns the words of s that carry the wish: the piece that was
// found, without the names, addresses and signs around it. It is a substring
// of s.
func (r *reading) wishWords(piece text.Span) string {
	inside, _ := cutTokens(r.tokens, piece)
	lo, hi := 0, len(inside)
	for lo < hi && around(inside[lo]) {
		lo++
	}
	for hi > lo && around(inside[hi-1]) && !closes(inside[hi-1]) {
		hi--
	}
	if lo == hi {
		return strings.TrimSpace(r.s[piece.Start:piece.End])
	}
	return r.s[inside[lo].Start:inside[hi-1].End]
}

// around reports whether a token at the edge of a wish is not part of it.
func around(t text.Token) bool {
	switch t.Kind {
	case text.Mention, text.URL, text.Emoji, text.Punct:
		return true
	case text.Hashtag:
		return false
	}
	return t.Text == "rt"
}

func closes(t text.Token) bool { return t.Text == "?" || t.Text == "!" || t.Text == "." }
