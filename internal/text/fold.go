package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns s in the form in which words are compared: Unicode NFC, lower
// case, ß as ss, typographic apostrophes as '. The umlauts ä, ö and ü stay
// letters of their own (see [FoldDigraphs]). Folding twice changes nothing;
// invalid UTF-8 becomes U+FFFD.
func Fold(s string) string {
	if isFolded(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	for _, r := range s {
		switch r {
		case 'ß', 'ẞ':
			b.WriteString("ss")
		case '’', '‘', 'ʼ', '´':
			b.WriteByte('\'')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return norm.NFC.String(b.String())
}

// isFolded is the short cut for the usual case: ASCII without capitals.
func isFolded(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

// FoldDigraphs spells the umlauts of an already folded word as ae, oe and ue, so
// that "fährt" and "faehrt" meet. It maps to the longer form only, because the
// other way round would turn "neue" into "neü".
func FoldDigraphs(folded string) string {
	if !strings.ContainsAny(folded, "äöü") {
		return folded
	}
	var b strings.Builder
	b.Grow(len(folded) + 4)
	for _, r := range folded {
		switch r {
		case 'ä':
			b.WriteString("ae")
		case 'ö':
			b.WriteString("oe")
		case 'ü':
			b.WriteString("ue")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
