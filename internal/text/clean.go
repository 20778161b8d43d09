package text

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean returns s fit to be stored and shown: without control characters,
// without marks that reverse or hide text (bidi controls, zero-width
// characters except the joiner within an emoji, language tags), runs of white
// space as one space, at most one empty line in a row, nothing around it.
// Invalid UTF-8 becomes U+FFFD. Cleaning twice changes nothing.
func Clean(s string) string { return CleanTo(s, math.MaxInt) }

// CleanTo is [Clean] that keeps at most limit bytes, cut between two runes.
func CleanTo(s string, limit int) string {
	c := cleaner{limit: limit}
	c.out.Grow(min(len(s), limit, 1<<16))
	for i, r := range s {
		if r == joiner && (!c.emoji || !isEmoji(first(s[i+len("\u200d"):]))) {
			continue
		}
		if !c.take(r) {
			break
		}
	}
	return c.out.String()
}

// cleaner holds white space back until something follows it.
type cleaner struct {
	out    strings.Builder
	limit  int
	spaces int
	lines  int
	emoji  bool // the last rune belongs to an emoji
	cr     bool // the last rune was a carriage return
}

// take adds one rune; it returns false when there is no more room.
func (c *cleaner) take(r rune) bool {
	wasCR := c.cr
	c.cr = r == '\r'
	switch {
	case r == '\n' && wasCR: // one line break, counted at its first half
	case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085':
		c.lines++
	case unicode.IsSpace(r):
		c.spaces++
	case hidden(r):
	default:
		return c.write(r)
	}
	return true
}

func (c *cleaner) write(r rune) bool {
	gap := c.gap()
	if c.out.Len()+len(gap)+utf8.RuneLen(r) > c.limit {
		return false
	}
	c.out.WriteString(gap)
	c.out.WriteRune(r)
	c.spaces, c.lines = 0, 0
	c.emoji = isEmoji(r) || c.emoji && (selector(r) || skinTone(r))
	return true
}

func (c *cleaner) gap() string {
	switch {
	case c.out.Len() == 0:
		return ""
	case c.lines > 1:
		return "\n\n"
	case c.lines == 1:
		return "\n"
	case c.spaces > 0:
		return " "
	}
	return ""
}

// hidden reports whether r shows nothing by itself but may change or conceal
// what stands around it.
func hidden(r rune) bool {
	switch {
	case r < 0x80:
		return r < ' ' || r == 0x7F
	case unicode.IsControl(r), r == 0x00AD, r == 0x034F, r == 0x061C, r == 0xFEFF:
		return true
	case 0x200B <= r && r <= 0x200C, 0x200E <= r && r <= 0x200F: // zero width, direction marks
		return true
	case 0x202A <= r && r <= 0x202E, 0x2060 <= r && r <= 0x206F: // bidi overrides and isolates
		return true
	case 0xFFF9 <= r && r <= 0xFFFB, 0xE0000 <= r && r <= 0xE007F: // annotations, tags
		return true
	}
	return r == 0x180E || r == 0x115F || r == 0x1160 || r == 0x3164 || r == 0xFFA0
}

func first(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
