package twittertext

import (
	"strings"
	"sync"
	"unicode/utf8"
)

const (
	joiner     = '\u200d'
	variation  = '\ufe0f' // asks for the emoji form
	keycap     = '\u20e3'
	tagsEnd    = '\U000E007F'
	firstTag   = '\U000E0020'
	blackFlag  = '\U0001F3F4'
	regionalA  = '\U0001F1E6'
	regionalZ  = '\U0001F1FF'
	lightSkin  = '\U0001F3FB'
	darkSkin   = '\U0001F3FF'
	blackChess = '\u265f' // with ©, ® and ™ an emoji only where coloured
)

// joinedSequences are those of joinedEmoji, and the beginnings of them that end
// before a joiner.
var joinedSequences = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for s := range strings.SplitSeq(joinedEmoji, "\n") {
		for i, r := range s {
			if r == joiner && !known[s[:i]] {
				known[s[:i]] = false
			}
		}
		known[s] = true
	}
	return known
})

// emojiLength returns the length in bytes of the emoji sequence at the start of
// s, or 0 (Unicode Technical Standard 51, ED-17, as far as a sequence is
// recommended for general interchange). Which code points may start one is judged by block:
// within these blocks others weigh the same as an emoji.
func emojiLength(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	second, m := utf8.DecodeRuneInString(s[n:])
	switch {
	case r == '#' || r == '*' || '0' <= r && r <= '9':
		return keycapLength(s, n)
	case r == '©' || r == '®' || r == '™' || r == blackChess:
		if second == variation {
			return n + m
		}
		return 0
	case regional(r):
		if regional(second) {
			return n + m
		}
		return n
	case !pictographic(r):
		return 0
	}
	return joinedLength(s)
}

func keycapLength(s string, n int) int {
	r, m := utf8.DecodeRuneInString(s[n:])
	if r == variation {
		n += m
		r, m = utf8.DecodeRuneInString(s[n:])
	}
	if r == keycap {
		return n + m
	}
	return 0
}

// joinedLength measures a pictograph with its modifiers, and those joined to it
// as far as they are known to be one emoji.
func joinedLength(s string) int {
	bare, end, sure := "", 0, 0
	for {
		r, n := utf8.DecodeRuneInString(s[end:])
		if !pictographic(r) {
			return sure
		}
		bare += string(r)
		end += n
		end += modifiers(s[end:], r)
		whole, begun := joinedSequences()[bare]
		if whole || sure == 0 {
			sure = end
		}
		if next, n := utf8.DecodeRuneInString(s[end:]); begun && next == joiner {
			bare += string(joiner)
			end += n
			continue
		}
		return sure
	}
}

// modifiers measures the form or tone of the pictograph r, and the tags that
// make a flag of a region.
func modifiers(s string, r rune) int {
	m, n := utf8.DecodeRuneInString(s)
	if m == variation || lightSkin <= m && m <= darkSkin && strings.ContainsRune(tonedEmoji, r) {
		return n
	}
	end := 0
	for r == blackFlag && firstTag <= m && m <= tagsEnd {
		end += n
		m, n = utf8.DecodeRuneInString(s[end:])
	}
	return end
}

func regional(r rune) bool { return regionalA <= r && r <= regionalZ }

func pictographic(r rune) bool {
	switch {
	case strings.ContainsRune("\u203c\u2049\u2139\u3030\u303d\u3297\u3299", r):
		return true
	case 0x2194 <= r && r <= 0x21AA, 0x231A <= r && r <= 0x23FF, 0x24C2 == r, 0x25A0 <= r && r <= 0x27BF, 0x2934 <= r && r <= 0x2935:
		return true
	}
	return 0x2B05 <= r && r <= 0x2B55 || 0x1F000 <= r && r <= 0x1FAFF
}
