package theme

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

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
	packed, err := Learn(es, seed).encode()
	if err != nil {
		return 0, 0, err
	}
	if err := os.WriteFile(filepath.Join(folder, "sense.zst"), packed, 0o644); err != nil {
		return 0, 0, fmt.Errorf("theme: train: %w", err)
	}
	return len(es), len(packed), nil
}
