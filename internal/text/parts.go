package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// Parts divides a text into posts of at most so much, as count measures it:
// between paragraphs where one ends in the second half of a post, else between
// sentences, else between words, and within one only where it is longer than a
// post. Nothing is added, and nothing left out but the space between.
func Parts(text string, most int, count func(string) int) []string {
	var all []string
	for text = strings.TrimSpace(text); count(text) > most; {
		n := cut(text, most, count)
		all = append(all, strings.TrimSpace(text[:n]))
		text = strings.TrimSpace(text[n:])
	}
	if text != "" || len(all) == 0 {
		all = append(all, text)
	}
	return all
}

// cut returns where the first post ends.
func cut(text string, most int, count func(string) int) int {
	var paragraph, sentence, word, hard int
	before := ' '
	end := 0
	for g := graphemes.FromString(text); g.Next(); {
		r := []rune(g.Value())[0]
		if unicode.IsSpace(r) && end > 0 && !unicode.IsSpace(before) {
			// Counts of beginnings rise, but for an address that grows out of words.
			if count(text[:end]) > most {
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
			if count(text[:g.End()]) > most {
				break
			}
			hard = g.End()
		}
		before, _ = utf8.DecodeLastRuneInString(g.Value())
		end = g.End()
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

// EmojiBytes counts a text as Threads does: Unicode code points, but what makes up
// an emoji by its bytes in UTF-8 (docs/threads/posts, "Limitations").
func EmojiBytes(s string) int {
	n := 0
	for _, r := range s {
		if isEmoji(r) || r == joiner || r == keycap || selector(r) {
			n += utf8.RuneLen(r)
		} else {
			n++
		}
	}
	return n
}
