package mastodon

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"lastword"
	"lastword/internal/length"
)

// count is how long a text is as the server counts it. Mastodon counts extended
// grapheme clusters (UAX #29), an address as characters_reserved_per_url however
// long it is, and of an address of an account the part before the domain
// (entities/Instance). Of what other servers count the longest is taken: code
// points, an address as it is but not below that number.
func (in instance) count(text string) int {
	if in.genuine() {
		return length.Measure(in.network(), text).Used
	}
	text = length.Addresses(text, func(at string) string {
		return strings.Repeat("x", min(max(in.perURL, utf8.RuneCountInString(at)), len(at)+defaultMost))
	})
	return utf8.RuneCountInString(text)
}

// network is how a post of our own is counted; before anything is known of the
// server, as most count.
func (in instance) network() lastword.Network {
	n := networkOf(max(cmp.Or(in.most, defaultMost), 1))
	if in.genuine() || in.version == "" {
		n.Unit, n.PerURL = lastword.Graphemes, cmp.Or(in.perURL, defaultPerURL)
	}
	return n
}
