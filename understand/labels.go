package understand

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"lastword"
)

// Our own readings of texts that others collected: by the text's id, what a
// reader found under the guideline of kinds.de, without the text itself.
//
//go:embed labels/*.tsv
var labels embed.FS

// A labelled is one line of labels/<set>.tsv: id, codes, and where in the text,
// its white space made single, the words of the wish begin and end, in runes.
type labelled struct {
	codes    string
	from, to int
	chosen   bool // read because the machine was unsure of it
}

// The sources of examples whose kinds were read: kinds.de, by one reader, and
// what several others read for us.
const (
	oneReader   = "kinds"
	ownReadings = "read"
)

// The codes of labels: the kinds, a notice, and, for texts whose feeling nobody
// had judged before, the feeling. "-" with nothing else says that it is none.
const (
	codeWish     = 'w'
	codeProblem  = 'p'
	codePraise   = 'l'
	codeQuestion = 'q'
	codeNotice   = 'n'
)

// readLabels reads the readings of one set.
func readLabels(set string) (map[string]labelled, error) {
	data, err := labels.ReadFile("labels/" + set + ".tsv")
	if err != nil {
		return nil, err
	}
	all := map[string]labelled{}
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 4 {
			return nil, fmt.Errorf("labels/%s.tsv: %q: %w", set, line, lastword.ErrInvalid)
		}
		l := labelled{codes: f[1]}
		if l.from, err = strconv.Atoi(f[2]); err == nil {
			l.to, err = strconv.Atoi(f[3])
		}
		if err != nil {
			return nil, fmt.Errorf("labels/%s.tsv: %w", set, err)
		}
		all[f[0]] = l
	}
	return all, nil
}

// readReadings returns the texts that were read for us, from the sets below
// folder that hold them: some taken by chance, and in <set>.chosen.tsv some of
// which the machine had been unsure.
func readReadings(folder string) ([]Example, error) {
	var examples []Example
	for _, set := range []struct{ name, file, lang string }{
		{"mobasa-dev", "sentiment/mobasa-dev.de.jsonl", "de"},
		{"mobasa-aspects", "sentiment/mobasa-aspects-train.de.json", "de"},
		{"sb10k", "sentiment/sb10k.de.jsonl", "de"},
		{"potts", "sentiment/potts.de.jsonl", "de"},
		{"urr-golden", "kinds/urr-golden.en.jsonl", "en"},
		{"urr-reviews", "kinds/urr-reviews.en.jsonl", "en"},
	} {
		read, err := readLabels(set.name)
		if err != nil {
			return nil, err
		}
		chosen, err := readLabels(set.name + ".chosen")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for id, l := range chosen {
			l.chosen = true
			read[id] = l
		}
		err = jsonl(filepath.Join(folder, set.file), func(r struct {
			ID   identifier
			Text string
		}) {
			l, ok := read[string(r.ID)]
			if !ok {
				return
			}
			delete(read, string(r.ID)) // some sets hold a text twice
			e := l.example(r.Text, set.lang)
			e.Domain = domainOf(set.name)
			examples = append(examples, e)
		})
		if err != nil {
			return nil, err
		}
		if len(read) > 0 {
			return nil, fmt.Errorf("labels/%s.tsv: %d texts are not in the set: %w", set.name, len(read), lastword.ErrInvalid)
		}
	}
	return examples, nil
}

// An identifier is a JSON string or number.
type identifier string

// UnmarshalJSON implements json.Unmarshaler.
func (id *identifier) UnmarshalJSON(b []byte) error {
	*id = identifier(strings.Trim(string(b), `"`))
	return nil
}

// example is what a text teaches that was read.
func (l labelled) example(text, lang string) Example {
	text = strings.Join(strings.Fields(text), " ")
	e := Example{Source: ownReadings, Text: text, Lang: lang, Known: every, NoticeKnown: true, Chosen: l.chosen, again: true}
	for _, c := range l.codes {
		switch c {
		case codeWish:
			e.Kinds |= lastword.Wish
		case codeProblem:
			e.Kinds |= lastword.Problem
		case codePraise:
			e.Kinds |= lastword.Praise
		case codeQuestion:
			e.Kinds |= lastword.Question
		case codeNotice:
			e.Notice = true
		case '+', '0', '-':
			if lang == "en" {
				e.Felt, e.Feeling = true, map[rune]lastword.Feeling{'+': 1, '0': 0, '-': -1}[c]
			}
		}
	}
	if l.codes == string(codeNotice) {
		e.Known &^= lastword.Problem // a notice of a defect is both to some readers
	}
	if calm := lastword.Praise | lastword.Question; e.Notice || e.Kinds&calm != 0 && e.Kinds&^calm == 0 {
		// Who praises or only asks, and who announces, does not insult. Without
		// these the machine would know insults from politics alone.
		e.OffensiveKnown = lang == "de"
	}
	if runes := []rune(text); l.to > l.from && l.to <= len(runes) {
		e.Wish = string(runes[l.from:l.to])
	}
	return e
}
