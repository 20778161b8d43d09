package bluesky

import (
	"fmt"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"lastword"
)

// Count returns the length of a text as the network counts it: in extended
// grapheme clusters (UAX #29) and in bytes of UTF-8. A post may have at most
// 300 of the one and 3,000 of the other (lexicon app.bsky.feed.post).
func Count(s string) (clusters, bytes int) {
	for g := graphemes.FromString(s); g.Next(); {
		clusters++
	}
	return clusters, len(s)
}

// fits returns an error that wraps lastword.ErrInvalid where no post can have
// this text.
func fits(text string) error {
	clusters, bytes := Count(text)
	switch {
	case clusters == 0:
		return fmt.Errorf("bluesky: the text is empty: %w", lastword.ErrInvalid)
	case clusters > maxGraphemes || bytes > maxBytes:
		return fmt.Errorf("bluesky: the text has %d graphemes and %d bytes, of %d and %d allowed: %w",
			clusters, bytes, maxGraphemes, maxBytes, lastword.ErrInvalid)
	}
	return nil
}
