package mastodon

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// address finds web addresses in a text, and remote mentions addresses of
// accounts elsewhere, with what stands before them.
var (
	addressIn     = regexp.MustCompile(`(?i)https?://[^\s<>"“”„]+`)
	remoteMention = regexp.MustCompile(`(^|[^/\w])@(\w+(?:[\w.-]*\w)?)@\w+(?:[.-]+\w+)*`)
)

// closing are the marks that end the sentence around an address.
const closing = ".,;:!?)]}'*_…"

// count is how long a text is as the server counts it. Mastodon counts extended
// grapheme clusters (UAX #29), an address as characters_reserved_per_url however
// long it is, and of an address of an account the part before the domain
// (entities/Instance). Of what other servers count the longest is taken: code
// points, an address as it is but not below that number.
func (in instance) count(text string) int {
	own := in.genuine()
	text = addressIn.ReplaceAllStringFunc(text, func(at string) string {
		rest := at[len(strings.TrimRight(at, closing)):]
		n := in.perURL
		if !own {
			n = max(n, utf8.RuneCountInString(at)-utf8.RuneCountInString(rest))
		}
		return strings.Repeat("x", min(n, len(at)+defaultMost)) + rest
	})
	if !own {
		return utf8.RuneCountInString(text)
	}
	text = remoteMention.ReplaceAllString(text, "$1@$2")
	n := 0
	for g := graphemes.FromString(text); g.Next(); {
		n++
	}
	return n
}
