package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentences returns the sentences of s in order, without the white space
// around them. A sentence ends at a line break, and at marks such as . ! ? …
// before white space, unless the point belongs to an abbreviation or an ordinal
// number.
func Sentences(s string) []Span {
	var spans []Span
	start := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		end := i + n
		switch {
		case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
			spans = appendSpan(spans, s, start, i)
			start = end
		case ends(r):
			end = closeEnd(s, end)
			if stops(s, start, i, end) {
				spans = appendSpan(spans, s, start, end)
				start = end
			}
		}
		i = end
	}
	return appendSpan(spans, s, start, len(s))
}

func ends(r rune) bool {
	return r == '.' || r == '!' || r == '?' || r == '…' || r == '。' || r == '！' || r == '？'
}

// closeEnd takes further closing marks along: ?! ... .") and the like.
func closeEnd(s string, i int) int {
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !ends(r) && !strings.ContainsRune(")\"'“”»«’]", r) {
			break
		}
		i += n
	}
	return i
}

// stops reports whether the mark at i, which with its followers ends at end,
// closes the sentence that began at start.
func stops(s string, start, i, end int) bool {
	after, _ := utf8.DecodeRuneInString(s[end:])
	if end < len(s) && !unicode.IsSpace(after) && !isEmoji(after) && s[i] < utf8.RuneSelf {
		return false
	}
	return s[i] != '.' || end != i+1 || !abbreviation(lastWord(s[start:i]))
}

// lastWord returns the end of s after its last space, at most 16 bytes of it.
func lastWord(s string) string {
	s = s[max(0, len(s)-16):]
	return s[strings.LastIndexAny(s, " \t(\u00a0")+1:]
}

// abbreviation reports whether a point after word more likely shortens it, or
// makes it an ordinal, than ends a sentence.
func abbreviation(word string) bool {
	if n := utf8.RuneCountInString(word); n <= 2 && word != "" && !shortWord(word) {
		return true // initials, "z. B.", "3. Mai"
	}
	if strings.Contains(word, ".") && len(word) < 8 {
		return true // "z.B.", "e.g.", "1.2."
	}
	switch strings.ToLower(word) {
	case "bzw", "ca", "etc", "evtl", "ggf", "inkl", "max", "min", "mind", "nr", "prof", "std", "str", "tel",
		"usw", "vgl", "zzgl", "bspw", "sog", "abs", "art", "jan", "feb", "apr", "aug", "sept", "okt", "nov", "dez",
		"mrs", "mr", "ms", "vs", "approx", "dept", "est", "inc", "ltd", "oct", "dec", "jun", "jul":
		return true
	}
	return false
}

// shortWord lists words of two letters that do end sentences.
func shortWord(word string) bool {
	switch strings.ToLower(word) {
	case "an", "ab", "zu", "ja", "so", "da", "du", "er", "es", "wo", "um", "im", "ok", "on", "in", "it", "me", "up", "to", "go", "us", "is", "be", "do", "we", "he", "my", "no", "db", "tv", "pc":
		return true
	}
	return false
}

// appendSpan appends s[start:end] without the white space around it, if
// anything is left.
func appendSpan(spans []Span, s string, start, end int) []Span {
	piece := s[start:end]
	left := len(piece) - len(strings.TrimLeftFunc(piece, unicode.IsSpace))
	kept := len(strings.TrimSpace(piece))
	if kept == 0 {
		return spans
	}
	return append(spans, Span{start + left, start + left + kept})
}
