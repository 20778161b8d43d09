package twittertext

import (
	"strings"
	"unicode"
)

func asciiLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

func asciiAlnum(r rune) bool { return asciiLetter(r) || '0' <= r && r <= '9' }

// accented is latinAccentChars of the published definitions.
func accented(r rune) bool {
	switch {
	case r < 0xC0, r == 0xD7, r == 0xF7:
		return false
	case r <= 0x24F, 0x300 <= r && r <= 0x36F, 0x1E00 <= r && r <= 0x1EFF:
		return true
	}
	return strings.ContainsRune("\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b\u02bb", r)
}

// accentedClass is accented as a part of a class of regexp.
const accentedClass = `\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{24F}\x{253}\x{254}\x{256}\x{257}\x{259}\x{25B}` +
	`\x{263}\x{268}\x{26F}\x{272}\x{289}\x{28B}\x{2BB}\x{300}-\x{36F}\x{1E00}-\x{1EFF}`

// space is spacesGroup of the published definitions.
func space(r rune) bool {
	switch {
	case 0x09 <= r && r <= 0x0D, 0x2000 <= r && r <= 0x200A:
		return true
	}
	return strings.ContainsRune(" \u0085\u00a0\u1680\u180e\u2028\u2029\u202f\u205f\u3000", r)
}

// invalid may stand nowhere in a post.
func invalid(r rune) bool { return r == 0xFFFE || r == 0xFEFF || r == 0xFFFF }

// directional marks turn the direction of writing.
func directional(r rune) bool {
	return 0x202A <= r && r <= 0x202E || 0x2066 <= r && r <= 0x2069 || r == 0x061C || r == 0x200E || r == 0x200F
}

// punct is the published class of that name: the marks of ASCII but for the
// quotation mark and the grave accent.
func punct(r rune) bool { return strings.ContainsRune(`!'#%&()*+,\-./:;<=>?@[]^_{|}~$`, r) }

// tagRune may stand in a hashtag, tagLetter makes one of it.
func tagRune(r rune) bool {
	return tagLetter(r) || unicode.Is(unicode.Nd, r) ||
		strings.ContainsRune("_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\u00b7", r)
}

func tagLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }

func hashSign(r rune) bool { return r == '#' || r == '＃' }

func atSign(r rune) bool { return r == '@' || r == '＠' }
