package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"lastword"
	"lastword/theme"
)

// Collections from which the common features come, by language; all of them may
// be shipped from (see NOTICE).
var commonSets = map[string][]string{
	"de": {"sentiment/sb10k.de.jsonl", "sentiment/potts.de.jsonl", "sentiment/mobasa-dev.de.jsonl",
		"moderation/germeval2018-training.de.jsonl", "language/sentences/de.txt"},
	"en": {"kinds/urr-reviews.en.jsonl", "kinds/urr-golden.en.jsonl", "language/sentences/en.txt"},
}

// CommonFeatures makes the table that package theme embeds: features that are
// common whatever people talk about, with the share of texts that have them in
// ten-thousandths. The share of a feature is the median over the collections of
// its language, so that the subject of one collection does not count.
func CommonFeatures(data string) ([]byte, error) {
	const least = 40 // ten-thousandths
	shares := map[uint32]int{}
	for _, lang := range slices.Sorted(maps.Keys(commonSets)) {
		var all []map[uint32]int
		for _, file := range commonSets[lang] {
			one, err := featureShares(filepath.Join(data, file), lang)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
		for f := range all[0] {
			if s := medianShare(all, f); s >= least {
				shares[f] = max(shares[f], s)
			}
		}
	}
	var b strings.Builder
	for _, f := range slices.Sorted(maps.Keys(shares)) {
		fmt.Fprintf(&b, "%08x %d\n", f, shares[f])
	}
	return []byte(b.String()), nil
}

func medianShare(all []map[uint32]int, f uint32) int {
	s := make([]int, len(all))
	for i, one := range all {
		s[i] = one[f]
	}
	slices.Sort(s)
	return s[len(s)/2]
}

// featureShares returns how many of ten thousand texts of a file have each
// feature.
func featureShares(file, lang string) (map[uint32]int, error) {
	texts, err := readTexts(file)
	if err != nil {
		return nil, err
	}
	if len(texts) == 0 {
		return nil, fmt.Errorf("bench: %s has no texts: %w", filepath.Base(file), lastword.ErrInvalid)
	}
	terms, counts := theme.NewTerms(nil), map[uint32]int{}
	for _, t := range texts {
		for _, f := range terms.Embed(theme.Item{Text: t, Lang: lang}, nil).Words() {
			counts[f.ID]++
		}
	}
	for f, n := range counts {
		counts[f] = n * 10000 / len(texts)
	}
	return counts, nil
}

// readTexts reads a file of JSON lines with a text each, or of plain lines.
func readTexts(file string) ([]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	defer f.Close()
	var texts []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		row := struct{ Text string }{lines.Text()}
		if strings.HasSuffix(file, ".jsonl") {
			if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
				return nil, fmt.Errorf("bench: %s: %w", filepath.Base(file), err)
			}
		}
		texts = append(texts, row.Text)
	}
	return texts, lines.Err()
}
