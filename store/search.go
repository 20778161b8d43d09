package store

import (
	"strings"
	"unicode"
)

// A searchTerm is words that follow each other; the last may be a beginning.
type searchTerm struct {
	words []string
	begin bool
}

// mostTerms bounds what one search may cost.
const mostTerms = 12

// searchTerms reads what a person typed: words, "phrases", and a trailing * for
// a beginning. Whatever else stands there separates words, so nothing typed is
// an operator of a database.
func searchTerms(s string) []searchTerm {
	var terms []searchTerm
	for i, part := range strings.Split(s, `"`) {
		if i%2 == 1 {
			terms = append(terms, searchTerm{words: searchWords(part)})
			continue
		}
		for _, f := range strings.Fields(part) {
			begin := strings.HasSuffix(f, "*")
			terms = append(terms, searchTerm{words: searchWords(f), begin: begin})
		}
	}
	kept := terms[:0]
	for _, t := range terms {
		if len(t.words) > 0 && len(kept) < mostTerms {
			kept = append(kept, t)
		}
	}
	return kept
}

func searchWords(s string) []string {
	return strings.FieldsFunc(strings.ToValidUTF8(s, " "), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	})
}

// sqliteMatch writes the terms for FTS5: quoted strings are phrases, and side by
// side means all of them.
func sqliteMatch(terms []searchTerm) string {
	parts := make([]string, len(terms))
	for i, t := range terms {
		parts[i] = `"` + strings.Join(t.words, " ") + `"`
		if t.begin {
			parts[i] += "*"
		}
	}
	return strings.Join(parts, " ")
}

// tsQuery writes the terms for PostgreSQL's to_tsquery.
func tsQuery(terms []searchTerm) string {
	parts := make([]string, len(terms))
	for i, t := range terms {
		words := make([]string, len(t.words))
		for j, w := range t.words {
			words[j] = "'" + w + "'"
		}
		parts[i] = "(" + strings.Join(words, " <-> ") + ")"
		if t.begin {
			parts[i] = strings.TrimSuffix(parts[i], "')") + "':*)"
		}
	}
	return strings.Join(parts, " & ")
}
