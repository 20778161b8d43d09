package theme

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"lastword"
)

// Seed is the seed that the shipped Sense was learnt with.
const Seed = 1

// intentSets are the collections that Train learns from; see NOTICE.
var intentSets = [...]struct{ name, file, lang string }{
	{"Banking77", "banking77-train.en.jsonl", "en"},
	{"CLINC150", "clinc150-train.en.jsonl", "en"},
	{"MASSIVE de", "massive-train.de.jsonl", "de"},
}

// saidSets are collections of what people say, whatever they want; see NOTICE.
var saidSets = [...]struct{ lang, file string }{
	{"de", "sentiment/sb10k.de.jsonl"}, {"de", "sentiment/potts.de.jsonl"}, {"de", "sentiment/mobasa-dev.de.jsonl"},
	{"de", "moderation/germeval2018-training.de.jsonl"}, {"de", "language/sentences/de.txt"},
	{"en", "kinds/urr-reviews.en.jsonl"}, {"en", "kinds/urr-golden.en.jsonl"}, {"en", "language/sentences/en.txt"},
}

// ReadSaid reads texts without intents below data, in a fixed order.
func ReadSaid(data string) ([]Example, error) {
	var all []Example
	for _, s := range saidSets {
		b, err := os.ReadFile(filepath.Join(data, s.file))
		if err != nil {
			return nil, fmt.Errorf("theme: read what is said: %w", err)
		}
		for line := range strings.Lines(string(b)) {
			row := struct{ Text string }{strings.TrimSpace(line)}
			if filepath.Ext(s.file) == ".jsonl" {
				if err := json.Unmarshal([]byte(line), &row); err != nil {
					return nil, fmt.Errorf("theme: %s: %w", filepath.Base(s.file), err)
				}
			}
			all = append(all, Example{Item: Item{Text: row.Text, Lang: s.lang}, Set: "said " + s.lang})
		}
	}
	return all, nil
}

// ReadExamples reads the collections of texts with known intents below the
// folder data/themes, in a fixed order.
func ReadExamples(data string) ([]Example, error) {
	var all []Example
	for _, s := range intentSets {
		es, err := readExamples(filepath.Join(data, "themes", s.file), s.name, s.lang)
		if err != nil {
			return nil, err
		}
		all = append(all, es...)
	}
	return all, nil
}

func readExamples(file, set, lang string) ([]Example, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("theme: read examples: %w", err)
	}
	defer f.Close()
	var es []Example
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		var row struct{ Text, Intent string }
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return nil, fmt.Errorf("theme: %s, line %d: %w", filepath.Base(file), n, err)
		}
		if row.Intent != "oos" { // CLINC150's mark for no intent at all
			es = append(es, Example{Item{Text: row.Text, Lang: lang, Kinds: lastword.Wish}, set, row.Intent})
		}
	}
	return es, lines.Err()
}

// Train learns from the collections below data and writes sense.zst into folder.
// It returns how many texts it learnt from and how many bytes it wrote.
func Train(data, folder string, seed uint64) (texts, size int, err error) {
	es, err := ReadExamples(data)
	if err != nil {
		return 0, 0, err
	}
	said, err := ReadSaid(data)
	if err != nil {
		return 0, 0, err
	}
	es = append(es, said...)
	packed, err := Learn(es, seed).encode()
	if err != nil {
		return 0, 0, err
	}
	if err := os.WriteFile(filepath.Join(folder, "sense.zst"), packed, 0o644); err != nil {
		return 0, 0, fmt.Errorf("theme: train: %w", err)
	}
	return len(es), len(packed), nil
}
