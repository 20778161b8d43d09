package bench

import (
	"math"
	"testing"
)

// A language that nothing told, or that no text is in, is counted as a mistake and
// makes no mean of its own.
func TestLanguagesThatWereOnlySaid(t *testing.T) {
	t.Parallel()
	var r EvalReport
	e := languageEval{r: &r, rows: []languageTold{{1, -1, "de", "de"}, {2, -1, "de", ""}, {3, -1, "en", "fi"}, {4, -1, "en", "en"}}}
	e.finish(EvalOptions{Seed: 1})
	if len(r.Labels) != 2 || r.Labels[0].Label != "de" || r.Labels[0].Recall != 0.5 || r.Labels[0].Precision != 1 || r.Accuracy != 0.5 {
		t.Errorf("labels %+v, accuracy %v", r.Labels, r.Accuracy)
	}
	if math.Abs(r.MeanF1-2.0/3) > 1e-9 || len(r.Confusion.Are) != 4 || r.Confusion.Are[2] != "none" || r.Confusion.Counts[0][2] != 1 {
		t.Errorf("mean %v, confusion %+v", r.MeanF1, r.Confusion)
	}
}
