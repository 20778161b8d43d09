package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"lastword"
)

// A Labelled is one line of a labelled file: a text, and what a person says of it.
// What is nil, or an empty Language, nobody said (docs/labelled.md).
type Labelled struct {
	Line     int
	Text     string
	Title    string
	Lang     string // as the place says
	Kinds    *lastword.Kinds
	Wish     *string // the words that carry the wish
	Feeling  *lastword.Feeling
	About    *bool
	Language string // BCP 47 primary tag
}

// longestRow is the most bytes of a line.
const longestRow = 16 << 20

// ReadLabelled reads the lines of a labelled file. Empty lines are left out; of
// those that cannot be read bad is told, and the others are returned.
func ReadLabelled(r io.Reader, bad func(line int, err error)) ([]Labelled, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestRow)
	var all []Labelled
	for n := 1; lines.Scan(); n++ {
		raw := bytes.TrimSpace(lines.Bytes())
		if len(raw) == 0 {
			continue
		}
		l, err := readLabelled(raw)
		if err != nil {
			bad(n, err)
			continue
		}
		l.Line = n
		all = append(all, l)
	}
	return all, lines.Err()
}

func readLabelled(raw []byte) (Labelled, error) {
	var row struct {
		Text, Title, Lang, Language string
		Kinds                       *[]string
		Wish, Feeling               *string
		About                       *bool
	}
	if err := json.Unmarshal(raw, &row); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) && kind.Field != "" {
			return Labelled{}, fmt.Errorf("%q is a %s: see docs/labelled.md for what it may be", strings.ToLower(kind.Field), kind.Value)
		}
		return Labelled{}, errors.New("this is no JSON object")
	}
	l := Labelled{Text: row.Text, Title: row.Title, Lang: row.Lang, Wish: row.Wish, About: row.About, Language: strings.ToLower(row.Language)}
	if strings.TrimSpace(row.Text) == "" {
		return l, errors.New(`it has no "text"`)
	}
	if l.Wish != nil && (*l.Wish == "" || !strings.Contains(row.Text, *l.Wish)) {
		return l, errors.New(`"wish" is not found in "text": copy its words character by character, or leave it out`)
	}
	return l, l.readNames(row.Kinds, row.Feeling)
}

// readNames reads the labels that are one of a few words.
func (l *Labelled) readNames(kinds *[]string, feeling *string) error {
	if kinds != nil {
		l.Kinds = new(lastword.Kinds)
		for _, name := range *kinds {
			k, ok := lastword.KindNamed(name)
			if !ok {
				return fmt.Errorf("no kind is called %q: wish, problem, praise and question are known", name)
			}
			*l.Kinds |= k
		}
	}
	if feeling == nil {
		return nil
	}
	for f := lastword.Negative; f <= lastword.Positive; f++ {
		if f.String() == *feeling {
			l.Feeling = &f
			return nil
		}
	}
	return fmt.Errorf("no feeling is called %q: negative, neutral and positive are known", *feeling)
}
