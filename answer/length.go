package answer

import (
	"lastword"
	"lastword/internal/length"
)

// Bytes is the unit of a Length whose text is short enough for the network's
// own unit and yet has too many bytes in UTF-8.
const Bytes = length.Bytes

// A Length is how long a text is as a network counts it.
type Length = length.Length

// Measure counts text by the rules of n; see length.Measure.
func Measure(n lastword.Network, text string) Length { return length.Measure(n, text) }

// TooLong reports whether n takes a text neither as one post nor as a thread.
func TooLong(n lastword.Network, text string) bool {
	return Measure(n, text).Over && len(length.Thread(n, text)) == 1
}
