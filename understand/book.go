package understand

import (
	"embed"
	"fmt"
	"strings"

	"lastword"
)

// The phrase book: posts to companies of many trades, all invented by ourselves.
// What people labelled speaks mostly of buses and trains; here bakeries, banks and
// machine builders are wished something, thanked and asked. A line is codes, a tab
// and the text, as in labels/, with a feeling (+, 0 or -) at the end of the codes
// and the words of a wish in double brackets; book/en.tsv is English.
//
//go:embed book/*.tsv
var book embed.FS

// inventedPosts is the source of examples that nobody posted. They teach what
// people say, not how often.
const inventedPosts = "book"

// readBook returns the examples of the phrase book.
func readBook(string) ([]Example, error) {
	var examples []Example
	for _, lang := range []string{"de", "en"} {
		name := "book/" + lang + ".tsv"
		data, err := book.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(data)) {
			e, err := invented(strings.TrimSuffix(line, "\n"), lang)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			examples = append(examples, e)
		}
	}
	return examples, nil
}

// invented reads a line of the phrase book.
func invented(line, lang string) (Example, error) {
	codes, said, ok := strings.Cut(line, "\t")
	last := len(codes) - 1
	if !ok || last < 1 {
		return Example{}, fmt.Errorf("%q: %w", line, lastword.ErrInvalid)
	}
	feeling, ok := map[byte]lastword.Feeling{'+': lastword.Positive, '0': lastword.Neutral, '-': lastword.Negative}[codes[last]]
	before, wish, after := said, "", ""
	if from, rest, marked := strings.Cut(said, "[["); marked {
		before = from
		wish, after, _ = strings.Cut(rest, "]]")
	}
	e := labelled{codes: codes[:last], chosen: true}.example(before+wish+after, lang)
	if !ok || (wish != "") != (e.Kinds&lastword.Wish != 0) {
		return Example{}, fmt.Errorf("%q: %w", line, lastword.ErrInvalid)
	}
	e.Source, e.Domain, e.Wish, e.Felt, e.Feeling = inventedPosts, inventedPosts, wish, true, feeling
	return e, nil
}
