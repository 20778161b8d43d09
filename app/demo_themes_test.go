package app

import (
	"testing"

	"lastword"

	"lastword/demo"
)

// TestDemoThemes looks at the themes of the demo as a director does who opens it: a
// good share of their voices is sure, and those want what the theme is about.
func TestDemoThemes(t *testing.T) {
	t.Parallel()
	p, err := setUpDemo(t.Context(), Config{Data: t.TempDir(), Listen: "127.0.0.1:0", Log: "error"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	of := wishesByKey(t)
	vs, err := p.DB.FindVoices(t.Context(), p.company.ID, lastword.VoiceFilter{Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[int64]map[string]int{}
	for _, v := range vs {
		if v.Theme == 0 || v.Own {
			continue
		}
		if counts[v.Theme] == nil {
			counts[v.Theme] = map[string]int{}
		}
		counts[v.Theme][of[v.Key]]++
	}
	alone, checked, right := 0, 0, 0
	for _, v := range vs {
		switch {
		case v.Theme == 0 || v.Own || v.Fit < lastword.Sure && v.FitBy == 0:
			continue
		case v.FitBy != 0:
			checked++
		default:
			alone++
		}
		if of[v.Key] != "" && of[v.Key] == commonest(counts[v.Theme]) {
			right++
		}
	}
	t.Logf("%d sure by themselves, %d by a person's word; %d of them want what their theme is about", alone, checked, right)
	if alone < 40 || checked < 20 {
		t.Errorf("%d voices are sure by themselves and %d by a person's word, want 40 and 20", alone, checked)
	}
	if right < (alone+checked)*9/10 {
		t.Errorf("%d of %d sure voices want what their theme is about", right, alone+checked)
	}
}

func wishesByKey(t *testing.T) map[string]string {
	t.Helper()
	wishes, err := demo.Wishes()
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]string{}
	for _, w := range wishes {
		for _, k := range w.Keys {
			of[k] = w.Name
		}
	}
	return of
}

func commonest(counts map[string]int) string {
	best := ""
	for wish, n := range counts {
		if wish != "" && (best == "" || n > counts[best] || n == counts[best] && wish < best) {
			best = wish
		}
	}
	return best
}
