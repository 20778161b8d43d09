package answer

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The weights of twitter-text's config/v3.json, in whole characters.
const (
	addressWeight = 23
	emojiWeight   = 2
)

// weigh counts text as X does (twitter-text, version 3): in Unicode's form NFC,
// every web address as 23, every emoji sequence as 2, every other code point by
// the range it is in.
func weigh(text string) int {
	text = norm.NFC.String(text)
	total, from := 0, 0
	for _, a := range addresses(text) {
		total += weighPlain(text[from:a.start]) + addressWeight
		from = a.end
	}
	return total + weighPlain(text[from:])
}

func weighPlain(text string) int {
	total := 0
	for text != "" {
		if n := emojiPrefix(text); n > 0 {
			total += emojiWeight
			text = text[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(text)
		total += weight(r)
		text = text[n:]
	}
	return total
}

func weight(r rune) int {
	switch {
	case r <= 0x10FF, 0x2000 <= r && r <= 0x200D, 0x2010 <= r && r <= 0x201F, 0x2032 <= r && r <= 0x2037:
		return 1
	}
	return 2
}

const (
	joiner     = '\u200d'
	coloured   = '\ufe0f' // asks for the emoji form
	keycap     = '\u20e3'
	tagsEnd    = '\U000E007F'
	firstTag   = '\U000E0020'
	regionalA  = '\U0001F1E6'
	regionalZ  = '\U0001F1FF'
	lightSkin  = '\U0001F3FB'
	darkSkin   = '\U0001F3FF'
	blackChess = '\u265f' // with ©, ® and ™ an emoji only where coloured
)

// emojiPrefix returns the length in bytes of the emoji sequence at the start of
// s, or 0 (Unicode Technical Standard 51, ED-17). Which code points may start
// one is judged by block: within these blocks others weigh the same as an emoji.
func emojiPrefix(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	second, m := utf8.DecodeRuneInString(s[n:])
	switch {
	case r == '#' || r == '*' || '0' <= r && r <= '9':
		return keycapLength(s, n)
	case r == '©' || r == '®' || r == '™' || r == blackChess:
		if second == coloured {
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
	return joined(s)
}

func keycapLength(s string, n int) int {
	r, m := utf8.DecodeRuneInString(s[n:])
	if r == coloured {
		n += m
		r, m = utf8.DecodeRuneInString(s[n:])
	}
	if r == keycap {
		return n + m
	}
	return 0
}

// joined measures a pictograph with its modifiers, and those joined to it.
func joined(s string) int {
	end := 0
	for {
		_, n := utf8.DecodeRuneInString(s[end:])
		end += n
		end += modifiers(s[end:])
		r, n := utf8.DecodeRuneInString(s[end:])
		next, _ := utf8.DecodeRuneInString(s[end+n:])
		if r != joiner || !pictographic(next) {
			return end
		}
		end += n
	}
}

func modifiers(s string) int {
	end := 0
	for i, r := range s {
		tag := firstTag <= r && r <= tagsEnd
		if r != coloured && !tag && (r < lightSkin || r > darkSkin) {
			break
		}
		end = i + utf8.RuneLen(r)
	}
	return end
}

func regional(r rune) bool { return regionalA <= r && r <= regionalZ }

func pictographic(r rune) bool {
	switch {
	case r == '\u203c', r == '\u2049', r == '\u2139', r == '\u3030', r == '\u303d', r == '\u3297', r == '\u3299':
		return true
	case 0x2194 <= r && r <= 0x21AA, 0x231A <= r && r <= 0x23FF, 0x25A0 <= r && r <= 0x27BF, 0x2934 <= r && r <= 0x2935:
		return true
	}
	return 0x2B05 <= r && r <= 0x2B55 || 0x1F000 <= r && r <= 0x1FAFF
}
