package text

import (
	"strings"
	"unicode/utf8"
)

const (
	joiner   = '\u200d' // holds emoji together: family, flags, professions
	keycap   = '\u20e3'
	emojiVar = '\ufe0f' // asks for the coloured form
)

func selector(r rune) bool { return 0xFE00 <= r && r <= 0xFE0F }

// isEmoji reports whether r starts an emoji. The blocks are those in which
// Unicode's emoji-data.txt has entries beyond single arrows and letters.
func isEmoji(r rune) bool {
	switch {
	case r < 0x203C:
		return false
	case r < 0x2300:
		return r == 0x203C || r == 0x2049
	}
	return 0x231A <= r && r <= 0x23FF || 0x25A0 <= r && r <= 0x27BF ||
		0x2B05 <= r && r <= 0x2B55 || 0x1F000 <= r && r <= 0x1FAFF
}

func skinTone(r rune) bool { return 0x1F3FB <= r && r <= 0x1F3FF }
func flagLetter(r rune) bool {
	return 0x1F1E6 <= r && r <= 0x1F1FF
}

// emojiEnd returns the end of the emoji at i with all that is joined to it
// (Unicode Technical Standard 51, ED-17).
func emojiEnd(s string, i int) int {
	r, n := utf8.DecodeRuneInString(s[i:])
	end := i + n
	if flagLetter(r) {
		if second, m := utf8.DecodeRuneInString(s[end:]); flagLetter(second) {
			return end + m
		}
		return end
	}
	for end < len(s) {
		r, n := utf8.DecodeRuneInString(s[end:])
		switch {
		case r == joiner:
			after, m := utf8.DecodeRuneInString(s[end+n:])
			if !isEmoji(after) {
				return end
			}
			end += n + m
		case selector(r), skinTone(r), r == keycap:
			end += n
		default:
			return end
		}
	}
	return end
}

// foldEmoji drops skin tone and variation selector, unless nothing would be left.
func foldEmoji(s string) string {
	folded := strings.Map(func(r rune) rune {
		if selector(r) || skinTone(r) {
			return -1
		}
		return r
	}, s)
	if folded == "" {
		return s
	}
	return folded
}

// emoticon reads a face of ASCII marks at i, such as :-) or ;D or <3, and
// returns its end and its form without nose; or i. It must stand apart from
// letters and digits, so that "12:30" and "foo(a:b)" hold none.
func emoticon(s string, i int) (end int, folded string) {
	if i > 0 && wordByte(s[i-1]) || i+1 >= len(s) {
		return i, ""
	}
	switch {
	case strings.HasPrefix(s[i:], "<3"), strings.HasPrefix(s[i:], "^^"):
		return apart(s, i, i+2, s[i:i+2])
	case strings.IndexByte(":;=", s[i]) < 0:
		return i, ""
	}
	mouth := i + 1
	if strings.IndexByte("-'o^", s[mouth]) >= 0 && mouth+1 < len(s) {
		mouth++
	}
	if strings.IndexByte(")(DPp/\\|*]3O", s[mouth]) < 0 {
		return i, ""
	}
	return apart(s, i, mouth+1, s[i:i+1]+s[mouth:mouth+1])
}

// apart takes the emoticon s[i:end] only if no letter or digit follows.
func apart(s string, i, end int, folded string) (int, string) {
	if end < len(s) && (wordByte(s[end]) || s[end] == '/') {
		return i, ""
	}
	for end < len(s) && s[end] == s[end-1] && s[end] != '/' { // :)))
		end++
	}
	return end, Fold(folded)
}
