package bench

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"lastword"
	"lastword/theme"
)

// otherVoices reads what people said elsewhere than to a machine: statements of
// two conversations, told apart by the conversation, and posts about a railway,
// by the aspect that they speak of. Nothing is learnt from them.
func otherVoices(data string) ([]theme.Example, error) {
	var all []theme.Example
	for _, about := range []string{"energie", "wohnen"} {
		es, err := statements(filepath.Join(data, "discussion", "klimarat-"+about, "comments.csv"), about)
		if err != nil {
			return nil, err
		}
		all = append(all, es...)
	}
	es, err := aspects(filepath.Join(data, "sentiment", "germeval2017-dev.de.jsonl"))
	return append(all, es...), err
}

// statements reads one conversation of the Klimarat.
func statements(file, about string) ([]theme.Example, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fmt.Errorf("bench: statements about %s: %w", about, err)
	}
	var es []theme.Example
	for _, row := range rows[1:] {
		es = append(es, spokenGerman("Klimarat", row[len(row)-1], about))
	}
	return es, nil
}

// aspects reads the posts of GermEval 2017 that speak of exactly one aspect.
func aspects(file string) ([]theme.Example, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	defer f.Close()
	var es []theme.Example
	for rows := json.NewDecoder(f); rows.More(); {
		var row struct {
			Text     string
			Opinions []struct{ Category string }
		}
		if err := rows.Decode(&row); err != nil {
			return nil, fmt.Errorf("bench: %s: %w", filepath.Base(file), err)
		}
		of := map[string]bool{}
		for _, o := range row.Opinions {
			category, _, _ := strings.Cut(o.Category, "#")
			of[category] = true
		}
		for category := range of {
			if len(of) == 1 {
				es = append(es, spokenGerman("GermEval", row.Text, category))
			}
		}
	}
	return es, nil
}

func spokenGerman(set, said, intent string) theme.Example {
	return theme.Example{Item: theme.Item{Text: said, Lang: "de", Kinds: lastword.Wish}, Set: set, Intent: intent}
}

// measure gathers each set of voices and adds how well it went.
func (r *ThemeReport) measure(ctx context.Context, o ThemeOptions, es []theme.Example, sense *theme.Sense) error {
	for _, name := range setNames(es) {
		voices := shuffled(es, name, o.Seed)
		set, err := gather(ctx, name, voices, sense)
		if err != nil {
			return err
		}
		if !o.Quick {
			set.KMeans = kmeans(voices, set.Intents, o.Seed)
		}
		r.Sets = append(r.Sets, set)
	}
	return nil
}
