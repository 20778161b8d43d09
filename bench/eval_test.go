package bench

import (
	"context"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
)

func TestTallyCountsLabels(t *testing.T) {
	t.Parallel()
	var x tally
	x.add(true, true, 0.95)  // found
	x.add(true, false, 0.95) // said wrongly
	x.add(false, true, 0.05) // missed
	x.add(false, false, 0.05)
	got := x.label("wish")
	if got.Rows != 2 || got.Precision != 0.5 || got.Recall != 0.5 || got.F1 != 0.5 || math.Abs(got.ECE-0.45) > 1e-9 {
		t.Errorf("got %+v", got)
	}
}

func TestTallyCountsSharedWords(t *testing.T) {
	t.Parallel()
	x := newSheet("")
	x.count(0, 0, wordsShared("bitte baut einen Dimmer", "Baut einen Dimmer ein!"))
	if got := x.tallies[0].label(""); got.Precision != 0.75 || got.Recall != 0.75 {
		t.Errorf("got %+v", got)
	}
}

func TestEvaluationsStopWithTheirContext(t *testing.T) {
	t.Parallel()
	const data = "../../shared/data"
	if _, err := os.Stat(data); err != nil {
		t.Skip("the labelled texts are not here: ", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for _, eval := range []func(context.Context, EvalOptions) (EvalReport, error){EvalKinds, EvalFeeling, EvalWishes, EvalLanguage, EvalAbout} {
		if _, err := eval(ctx, EvalOptions{Data: data}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
}

// Two folds of single words are learnt in seconds; the aim is far below what
// the evaluation shows, so that only a broken model fails.
func TestLanguagesAreTold(t *testing.T) {
	t.Parallel()
	notUnderRace(t)
	const data = "../../shared/data"
	switch _, err := os.Stat(data); {
	case testing.Short():
		t.Skip("learns for half a minute")
	case err != nil:
		t.Skip("the labelled texts are not here: ", err)
	}
	r, err := EvalLanguage(t.Context(), EvalOptions{Data: data, Folds: 2})
	if err != nil {
		t.Fatal(err)
	}
	if r.Labels[0].F1 < 0.95 || !strings.Contains(r.String(), "single words") {
		t.Errorf("got %v", r)
	}
}
