package text

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Headline takes the headline off a text: its first line, if something follows
// it and it has at most limit characters. Otherwise the headline is the beginning
// of the first line, half as long at most, and the body is the whole text.
func Headline(s string, limit int) (headline, body string) {
	first, rest, _ := strings.Cut(strings.TrimSpace(s), "\n")
	first, rest = strings.TrimSpace(first), strings.TrimSpace(rest)
	if rest != "" && utf8.RuneCountInString(first) <= limit {
		return first, rest
	}
	words := strings.Fields(first)
	for n := len(words); n > 0; n-- {
		headline = strings.Join(words[:n], " ")
		if utf8.RuneCountInString(headline) > limit/2 {
			continue
		}
		if n < len(words) {
			headline += " …"
		}
		return headline, strings.TrimSpace(s)
	}
	cut := []rune(first) // one endless word
	return string(cut[:min(len(cut), limit/2)]), strings.TrimSpace(s)
}

var emptyLine = regexp.MustCompile(`\n\s*\n`)

// Paragraphs returns the paragraphs of a text, which empty lines divide, as HTML
// between opening and closing: nothing in the text is markup of its own, and line
// breaks stay.
func Paragraphs(s, opening, closing string) string {
	var out strings.Builder
	for _, part := range emptyLine.Split(strings.ReplaceAll(s, "\r\n", "\n"), -1) {
		if part = strings.TrimSpace(part); part != "" {
			out.WriteString(opening + strings.ReplaceAll(html.EscapeString(part), "\n", "<br>") + closing)
		}
	}
	return out.String()
}

// Same reports whether two texts say the same, however they are spaced.
func Same(a, b string) bool { return unspaced(a) == unspaced(b) }

func unspaced(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, Clean(s))
}
