package answer

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"lastword"
	"lastword/internal/text"
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
// Unicode code points, those of emoji by their bytes or not, units of UTF-16, or
// the weights of twitter-text, version 3.
func Measure(n lastword.Network, text string) Length {
	used := count(n.Unit, text)
	if over := n.Limit > 0 && used > n.Limit; over || n.MaxBytes == 0 || len(text) <= n.MaxBytes {
		return Length{Used: used, Limit: n.Limit, Unit: n.Unit, Over: over}
	}
	return Length{Used: len(text), Limit: n.MaxBytes, Unit: Bytes, Over: true}
}

func count(u lastword.Unit, said string) int {
	switch u {
	case lastword.Weighted:
		return twittertext.Weigh(said)
	case lastword.UTF16:
		return len(utf16.Encode([]rune(said)))
	case lastword.EmojiBytes:
		return text.EmojiBytes(said)
	case lastword.Graphemes:
		n := 0
		for g := graphemes.FromString(said); g.Next(); {
			n++
		}
		return n
	}
	return utf8.RuneCountInString(said)
}
