package text

import "unicode/utf8"

// EmojiBytes counts a text as Threads does: Unicode code points, but what makes up
// an emoji by its bytes in UTF-8 (docs/threads/posts, "Limitations").
func EmojiBytes(s string) int {
	n := 0
	for _, r := range s {
		if isEmoji(r) || r == joiner || r == keycap || selector(r) {
			n += utf8.RuneLen(r)
		} else {
			n++
		}
	}
	return n
}
