package understand

import (
	"strings"

	"lastword/internal/text"
)

// wishWords returns the words of s that carry the wish: the piece that was
// found, without the names, addresses and signs around it, without the label
// before it and the reason behind it. It is a substring of s.
func (r *reading) wishWords(piece text.Span) string {
	inside, _ := cutTokens(r.tokens, piece)
	inside = withoutEdges(inside)
	inside = withoutEdges(withoutOpening(inside))
	inside = withoutEdges(withoutBracket(inside))
	inside = withoutEdges(withoutReason(inside))
	if len(inside) == 0 {
		return strings.TrimSpace(r.s[piece.Start:piece.End])
	}
	start, end := inside[0].Start, inside[len(inside)-1].End
	return r.s[start:r.closed(end, piece.End)]
}

// withoutEdges takes what is no part of a wish from both ends.
func withoutEdges(ts []text.Token) []text.Token {
	for len(ts) > 0 && around(ts[0]) {
		ts = ts[1:]
	}
	for len(ts) > 0 && around(ts[len(ts)-1]) {
		ts = ts[:len(ts)-1]
	}
	return ts
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

// closed returns the end of the marks at end that close a sentence, but not
// beyond limit.
func (r *reading) closed(end, limit int) int {
	for end < limit && strings.IndexByte(".!?", r.s[end]) >= 0 {
		end++
	}
	return end
}

// fewest is how many words are left of a wish at least.
const fewest = 2

// enough reports whether ts still say something.
func enough(ts []text.Token) bool {
	words := 0
	for _, t := range ts {
		if t.Kind <= text.Hashtag {
			words++
		}
	}
	return words >= fewest
}

// withoutOpening takes a label from the beginning ("Vienna: more trees"), or a
// word that only joins the sentence to the one before.
func withoutOpening(ts []text.Token) []text.Token {
	const longest = 3 // words of a label
	for i, t := range ts[:min(longest+1, len(ts))] {
		if t.Kind == text.Punct && t.Text == ":" && i > 0 && enough(ts[i+1:]) {
			return ts[i+1:]
		}
		if t.Kind > text.Hashtag {
			break
		}
	}
	if len(ts) > 0 && joining(ts[0].Text) && enough(ts[1:]) {
		return ts[1:]
	}
	return ts
}

func joining(word string) bool {
	switch word {
	case "und", "aber", "also", "dann", "oder", "and", "but", "so", "then":
		return true
	}
	return false
}

// withoutBracket takes a bracket from the end that explains the wish, closed or
// cut off by the end of the sentence.
func withoutBracket(ts []text.Token) []text.Token {
	for i := len(ts) - 1; i > 0; i-- {
		switch {
		case ts[i].Kind != text.Punct:
		case ts[i].Text == ")" && len(withoutEdges(ts[i:])) > 0:
			return ts
		case ts[i].Text == "(" && enough(ts[:i]):
			return ts[:i]
		}
	}
	return ts
}

// withoutReason takes a clause from the end that says why, what for, or what
// else would happen.
func withoutReason(ts []text.Token) []text.Token {
	for i := range len(ts) - 1 {
		if ts[i].Kind == text.Punct && ts[i].Text == "," && reason(ts[i+1].Text) && enough(ts[:i]) {
			return ts[:i]
		}
	}
	return ts
}

func reason(word string) bool {
	switch word {
	case "damit", "um", "sonst", "bevor", "weil", "da", "denn", "insbesondere", "das", "dann", "so",
		"because", "since", "otherwise", "before", "then":
		return true
	}
	return false
}
