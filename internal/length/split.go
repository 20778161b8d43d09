package length

import (
	"strings"
	"unicode"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"lastword"
)

// Split divides a text into posts that n takes: between paragraphs where one ends
// in the second half of a post, else between sentences, else between words, and
// within one only where it is longer than a post. Nothing is added, and nothing
// left out but the space between.
func Split(n lastword.Network, text string) []string {
	var all []string
	for text = strings.TrimSpace(text); over(n, text); {
		at := cut(n, text)
		all = append(all, strings.TrimSpace(text[:at]))
		text = strings.TrimSpace(text[at:])
	}
	if text != "" || len(all) == 0 {
		all = append(all, text)
	}
	return all
}

// Thread divides a text as Split does where it becomes no more posts than n
// threads; else it stays whole.
func Thread(n lastword.Network, text string) []string {
	if n.Thread > 1 && over(n, text) {
		if parts := Split(n, text); len(parts) <= n.Thread {
			return parts
		}
	}
	return []string{text}
}

func over(n lastword.Network, text string) bool { return Measure(n, text).Over }

// cut returns where the first post ends.
func cut(n lastword.Network, text string) int {
	var paragraph, sentence, word, hard int
	before := ' '
	end := 0
	for g := graphemes.FromString(text); g.Next(); {
		r := []rune(g.Value())[0]
		if unicode.IsSpace(r) && end > 0 && !unicode.IsSpace(before) {
			// Weights of beginnings rise, but for an address that grows out of words.
			if over(n, text[:end]) {
				break
			}
			word = end
			if strings.ContainsRune(".!?…", before) {
				sentence = end
			}
			if strings.HasPrefix(text[end:], "\n\n") {
				paragraph = end
			}
		}
		if word == 0 {
			if over(n, text[:g.End()]) {
				break
			}
			hard = g.End()
		}
		before, end = lastRune(g.Value()), g.End()
	}
	switch {
	case paragraph > word/2:
		return paragraph
	case sentence > word/2:
		return sentence
	case word > 0:
		return word
	}
	return max(hard, 1)
}

func lastRune(s string) rune {
	all := []rune(s)
	return all[len(all)-1]
}
