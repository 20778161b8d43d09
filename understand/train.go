package understand

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"lastword"
)

// Seed is the seed that the shipped models were trained with.
const Seed = 1

// A Report says what Train used and made.
type Report struct {
	Examples int            `json:"examples"` // texts with a kind or a feeling
	Samples  int            `json:"samples"`  // texts with a language
	Files    map[string]int `json:"files"`    // bytes by name
}

// String returns the report for a terminal.
func (r Report) String() string {
	s := fmt.Sprintf("learnt from %d labelled texts and %d language samples\n", r.Examples, r.Samples)
	total := 0
	for _, f := range slices.Sorted(maps.Keys(r.Files)) {
		s += fmt.Sprintf("%9d bytes  %s\n", r.Files[f], f)
		total += r.Files[f]
	}
	return s + fmt.Sprintf("%9d bytes together\n", total)
}

// Train learns from the sets below data (see [ReadSets]) and writes the files of
// the model into folder. The same data and seed give the same bytes on the same
// processor architecture.
func Train(data, folder string, seed uint64) (Report, error) {
	sets, err := ReadSets(data)
	if err != nil {
		return Report{}, err
	}
	if len(sets.Samples) == 0 || len(sets.in("en")) == 0 {
		return Report{}, fmt.Errorf("understand: train: the sets in %s are not complete: %w", data, lastword.ErrInvalid)
	}
	m, err := Learn(sets, seed)
	if err != nil {
		return Report{}, err
	}
	packed, err := m.encode()
	if err != nil {
		return Report{}, err
	}
	report := Report{len(sets.Examples), len(sets.Samples), map[string]int{}}
	for name, content := range packed {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			return Report{}, fmt.Errorf("understand: train: %w", err)
		}
		report.Files[name] = len(content)
	}
	return report, nil
}
