package understand

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"lastword"
	"lastword/internal/text"
)

// An Example is one text with what people said of it.
type Example struct {
	Source  string // the set it comes from
	Domain  string // whose public wrote it: texts of one domain are alike in topic and tone
	Text    string
	Lang    string // "de" or "en"
	Kinds   lastword.Kinds
	Known   lastword.Kinds // the kinds that were judged; of the others nothing is known
	Wish    string         // the words that carry the wish, if it is one and they are known
	Feeling lastword.Feeling
	Felt    bool // Feeling was judged
	Notice  bool // no person's own words: an operator's notice, a headline, an advertisement, a bot

	Offensive bool // insults, abuses or is profane

	NoticeKnown, OffensiveKnown bool // they were judged
	Weak                        bool // a rule judged, not a person
	Chosen                      bool // one that was hard to judge: its kinds say nothing of how common those are
	again                       bool // its text, or many like it, are among the examples already
}

// A Sample is a text with its language.
type Sample struct {
	Text, Lang string
	Words      int // 1, 2, or 0 for a sentence; -1 for a post
}

const (
	sentence  = 0
	wholePost = -1
)

// Sets are the labelled texts to learn from.
type Sets struct {
	Examples []Example
	Samples  []Sample
}

// every is the set of all kinds.
const every = lastword.Wish | lastword.Problem | lastword.Praise | lastword.Question

// ReadSets reads the labelled texts below folder: only those whose licence
// allows to ship what was learnt from them. Their origin stands in the NOTICE
// beside the models.
func ReadSets(folder string) (Sets, error) {
	var sets Sets
	for _, read := range []func(string) ([]Example, error){readKinds, readReadings, readBook, readFeelings, readReviews, readOffences} {
		examples, err := read(folder)
		if err != nil {
			return Sets{}, fmt.Errorf("understand: read sets: %w", err)
		}
		sets.Examples = append(sets.Examples, examples...)
	}
	samples, err := readSamples(filepath.Join(folder, "language"))
	if err != nil {
		return Sets{}, fmt.Errorf("understand: read sets: %w", err)
	}
	sets.Samples = samples
	return sets, nil
}

// jsonl hands every line of a file to take, decoded.
func jsonl[T any](name string, take func(T)) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close() // only read from
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var row T
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return fmt.Errorf("%s:%d: %w", filepath.Base(name), n, err)
		}
		take(row)
	}
	return lines.Err()
}

func readKinds(folder string) ([]Example, error) {
	type row struct {
		Source, Text, Wish string
		Kinds              []string
	}
	var examples []Example
	err := jsonl(filepath.Join(folder, "kinds", "kinds.de.jsonl"), func(r row) {
		e := Example{Source: oneReader, Domain: domainOf(r.Source), Text: r.Text, Lang: "de", Known: every, Wish: r.Wish}
		for _, name := range r.Kinds {
			e.Kinds |= kindNamed(name)
		}
		examples = append(examples, e)
	})
	return examples, err
}

// domainOf names the domain of a set or of a part of one: "mobasa-dev" is of
// "mobasa".
func domainOf(set string) string {
	domain, _, _ := strings.Cut(set, "-")
	return domain
}

func kindNamed(name string) lastword.Kinds {
	for _, k := range lastword.AllKinds {
		if k.String() == name {
			return k
		}
	}
	return 0
}

// travellers is the set whose texts are the most like those a company hears: what
// people say of buses and trains. In the others friends chat.
const travellers = "mobasa-dev"

func readFeelings(folder string) ([]Example, error) {
	type row struct{ Text, Sentiment string }
	var examples []Example
	for _, set := range []string{travellers, "sb10k", "potts"} {
		name := filepath.Join(folder, "sentiment", set+".de.jsonl")
		err := jsonl(name, func(r row) {
			if feeling, ok := feelingNamed(r.Sentiment); ok {
				examples = append(examples, Example{Source: set, Domain: domainOf(set), Text: r.Text, Lang: "de", Feeling: feeling, Felt: true})
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return examples, nil
}

// feelingNamed knows three feelings; a mixed one is none of them.
func feelingNamed(name string) (lastword.Feeling, bool) {
	for _, f := range []lastword.Feeling{lastword.Negative, lastword.Neutral, lastword.Positive} {
		if f.String() == name {
			return f, true
		}
	}
	return 0, false
}

// readReviews reads the English app reviews. Nobody judged their kinds, but
// their stars, the topics found by hand and a few plain words tell some of them.
func readReviews(folder string) ([]Example, error) {
	type row struct {
		Text, Stars, Kind string
		Classes           []string
	}
	var examples []Example
	seen := map[string]bool{}
	for _, set := range []string{"urr-golden", "urr-reviews"} {
		name := filepath.Join(folder, "kinds", set+".en.jsonl")
		err := jsonl(name, func(r row) {
			if r.Text == "" || seen[r.Text] {
				return
			}
			seen[r.Text] = true
			examples = append(examples, review(set, r.Text, r.Stars, append(r.Classes, r.Kind)))
		})
		if err != nil {
			return nil, err
		}
	}
	return examples, nil
}

// review judges an app review by what is known of it.
func review(set, s, stars string, classes []string) Example {
	e := Example{Source: set, Domain: domainOf(set), Text: s, Lang: "en", Felt: true, Weak: true}
	tokens := text.Tokens(s)
	c := readCues(s, tokens)
	e.Feeling = map[string]lastword.Feeling{"1": -1, "2": -1, "3": 0, "4": 1, "5": 1}[stars]
	var f features
	f.readSigns(s, tokens)
	wishes, offends := theGrammar().taken(f.signs)
	e.wishOfReview(wishes, c)
	e.Offensive, e.OffensiveKnown = offends, true
	e.problemOfReview(c, classes)
	e.praiseOfReview(c, stars)
	e.judge(lastword.Question, c.has(cueAskWord) && c.has(cueAsks) || c.has(cueAskVerb), !c.has(cueAsks) && !c.has(cueAskWord))
	return e
}

// judge notes a kind as there, as not there, or as unknown.
func (e *Example) judge(k lastword.Kinds, yes, no bool) {
	switch {
	case yes:
		e.Kinds |= k
		e.Known |= k
	case no:
		e.Known |= k
	}
}

func (e *Example) wishOfReview(wishes bool, c cues) {
	weak := c.has(cuePlease) || c.has(cueWishVerb) || c.has(cueShould) || c.has(cueCould) || c.has(cueImperative) || c.has(cueMust)
	e.judge(lastword.Wish, wishes, !weak)
}

func (e *Example) problemOfReview(c cues, classes []string) {
	found := false
	for _, class := range classes {
		found = found || class == "ERROR" || class == "PROBLEM_DISCOVERY"
	}
	e.judge(lastword.Problem,
		e.Feeling < 0 && (found || c.has(cueBroken) || c.has(cueNegates) || c.has(cueBad)) || found && c.has(cueBroken),
		e.Feeling > 0 && !found && !c.has(cueBroken) && !c.has(cueNegates) && !c.has(cueBut) && !c.has(cueBad))
}

func (e *Example) praiseOfReview(c cues, stars string) {
	e.judge(lastword.Praise, stars == "5" && c.has(cueGood) || e.Feeling > 0 && c.has(cueThanks),
		e.Feeling < 0 && !c.has(cueGood) && !c.has(cueThanks))
}

// readOffences reads the German posts of which people judged whether they offend.
func readOffences(folder string) ([]Example, error) {
	type row struct {
		Text      string
		Offensive bool
	}
	var examples []Example
	err := jsonl(filepath.Join(folder, "moderation", "germeval2018-training.de.jsonl"), func(r row) {
		examples = append(examples, Example{Source: "germeval2018", Domain: "germeval2018", Text: r.Text, Lang: "de", Offensive: r.Offensive, OffensiveKnown: true, again: true})
	})
	return examples, err
}

// readSamples reads folder/<single-words|word-pairs|sentences>/<language>.txt.
func readSamples(folder string) ([]Sample, error) {
	var samples []Sample
	for n, kind := range []string{"sentences", "single-words", "word-pairs"} {
		files, err := filepath.Glob(filepath.Join(folder, kind, "*.txt"))
		if err != nil {
			return nil, err
		}
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			lang := strings.TrimSuffix(filepath.Base(name), ".txt")
			for line := range strings.Lines(string(data)) {
				if line = strings.TrimSpace(line); line != "" {
					samples = append(samples, Sample{line, lang, n})
				}
			}
		}
	}
	return samples, nil
}
