// Package length counts texts as networks count them, and divides what is longer
// than a post into a thread without cutting anything off.
package length

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"lastword"
	"lastword/internal/twittertext"
)

// Bytes is the unit of a Length whose text is short enough for the network's
// own unit and yet has too many bytes in UTF-8.
const Bytes lastword.Unit = "bytes"

// A Length is how long a text is as a network counts it. Limit is 0 where none
// matters.
type Length struct {
	Used, Limit int
	Unit        lastword.Unit
	Over        bool
}

// Measure counts text by the rules of n: extended grapheme clusters of UAX #29,
// Unicode code points, or the weights of twitter-text, version 3. Where an
// address counts for a number of its own, that and how Mastodon counts the
// addresses of accounts (entities/Instance) are heeded.
func Measure(n lastword.Network, text string) Length {
	used := count(n, text)
	if over := n.Limit > 0 && used > n.Limit; over || n.MaxBytes == 0 || len(text) <= n.MaxBytes {
		return Length{Used: used, Limit: n.Limit, Unit: n.Unit, Over: over}
	}
	return Length{Used: len(text), Limit: n.MaxBytes, Unit: Bytes, Over: true}
}

func count(n lastword.Network, text string) int {
	if n.PerURL > 0 {
		text = Addresses(text, func(string) string { return strings.Repeat("x", n.PerURL) })
		text = remoteMention.ReplaceAllString(text, "$1@$2")
	}
	switch n.Unit {
	case lastword.Weighted:
		return twittertext.Weigh(text)
	case lastword.Graphemes:
		return Graphemes(text)
	}
	return utf8.RuneCountInString(text)
}

// Graphemes counts extended grapheme clusters (UAX #29).
func Graphemes(text string) (n int) {
	for g := graphemes.FromString(text); g.Next(); {
		n++
	}
	return n
}

// addressIn finds web addresses in a text, and remoteMention addresses of
// accounts elsewhere, with what stands before them.
var (
	addressIn     = regexp.MustCompile(`(?i)https?://[^\s<>"“”„]+`)
	remoteMention = regexp.MustCompile(`(^|[^/\w])@(\w+(?:[\w.-]*\w)?)@\w+(?:[.-]+\w+)*`)
)

// closing are the marks that end the sentence around an address.
const closing = ".,;:!?)]}'*_…"

// Addresses puts what f makes of each web address in its place; the marks that
// end the sentence around it stay.
func Addresses(text string, f func(address string) string) string {
	return addressIn.ReplaceAllStringFunc(text, func(at string) string {
		bare := at
		for {
			cut := strings.TrimRight(bare, closing)
			if strings.HasSuffix(bare, ")") && strings.Count(bare, "(") >= strings.Count(bare, ")") {
				cut = bare // a bracket that was opened in the address belongs to it
			}
			if cut == bare {
				break
			}
			bare = bare[:len(bare)-1]
		}
		return f(bare) + at[len(bare):]
	})
}

// First returns the first web address of a text, or "".
func First(text string) (first string) {
	Addresses(text, func(at string) string {
		if first == "" {
			first = at
		}
		return at
	})
	return first
}
