package bench

import (
	"math"
	"os"
	"strings"
	"testing"

	"lastword/theme"
)

const sharedData = "../../shared/data"

func needThemes(t *testing.T) ThemeOptions {
	t.Helper()
	if _, err := os.Stat(sharedData + "/themes"); err != nil {
		t.Skip("the shared data is not here: themes are not measured")
	}
	return ThemeOptions{Data: sharedData, Seed: 1}
}

// What one may rely on, on intents that neither meanings nor calibration saw;
// with seed 1 the sure voices are about 97, 95 and 95 % pure.
func TestShippedThemes(t *testing.T) {
	t.Parallel()
	notUnderRace(t)
	o := needThemes(t)
	o.Quick = true
	r, err := Themes(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", r)
	if len(r.Sets) != 3 {
		t.Fatalf("%d sets, want 3", len(r.Sets))
	}
	for _, s := range r.Sets {
		if s.SurePure < 0.87 || s.Sure < 0.12 {
			t.Errorf("%s: %.1f%% sure, %.1f%% of them pure", s.Name, 100*s.Sure, 100*s.SurePure)
		}
		if s.Quality.V < 0.6 {
			t.Errorf("%s: V %.3f", s.Name, s.Quality.V)
		}
	}
}

func TestManyThemes(t *testing.T) {
	t.Parallel()
	notUnderRace(t)
	r, err := manyThemes(t.Context(), 1, 300)
	if err != nil {
		t.Fatal(err)
	}
	if r.Themes < 300 || r.Micros <= 0 || r.ModelSize < 100 || r.ModelSize > 1100 {
		t.Errorf("%+v", r)
	}
}

// A check of weights that no others could fail would check nothing.
func TestDriftTellsModelsApart(t *testing.T) {
	t.Parallel()
	es := []example{{x: []float64{1, 2}, weight: 1}, {x: []float64{1, -1}, weight: 3}}
	one := []float64{0.5, 1}
	if d := drift(es, one, one); d != 0 {
		t.Errorf("a model is %v off itself", d)
	}
	if d := drift(es, one, []float64{0.5, -1}); d < 0.3 {
		t.Errorf("two that say the opposite are %v apart", d)
	}
	if d := drift(es, one, one[:1]); d != 1 {
		t.Errorf("models of other traits are %v apart", d)
	}
}

func TestKMeansFindsClearGroups(t *testing.T) {
	t.Parallel()
	var voices []intentVoice
	for i := range 60 {
		about := [3]string{"sole detached glue", "laces torn weak", "parcel late courier"}[i%3]
		v := theme.Item{Text: about + " " + [5]string{"monday", "again", "sadly", "twice", "honestly"}[i%5], Lang: "en"}
		voices = append(voices, intentVoice{v, about})
	}
	if q := kmeans(voices, 3, 4); q.V < 0.99 {
		t.Errorf("%v", q)
	}
}

// The weights in package theme are those that calibration finds.
func TestShippedWeightsAreCalibrated(t *testing.T) {
	t.Parallel()
	notUnderRace(t)
	c, err := CalibrateThemes(t.Context(), needThemes(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.6f pure %.3f share %.3f of %d", c.Weights, c.Pure, c.Share, c.Examples)
	t.Logf("posts %.6f", c.Posts)
	t.Logf("beside %.6f", c.Beside)
	t.Logf("ties %.6f", c.Ties)
	t.Logf("past %.6f", c.Past)
	if c.Pure < 0.95 {
		t.Errorf("%.1f%% pure", 100*c.Pure)
	}
	for _, m := range []struct {
		name string
		off  float64
	}{{"Fit's", c.Drift.Weights}, {"posts'", c.Drift.Posts}, {"ties'", c.Drift.Ties}, {"Suggest's", c.Drift.Beside}, {"past themes'", c.Drift.Past}} {
		t.Logf("%s weights are %.4f off", m.name, m.off)
		if m.off > 0.02 { // where voices go depends a little on the weights before
			t.Errorf("%s weights in package theme say something else than calibration by %.3f on average: they are old", m.name, m.off)
		}
	}
}

// The table of common features in package theme is what its sources give.
func TestCommonFeatures(t *testing.T) {
	t.Parallel()
	needThemes(t)
	made, err := CommonFeatures(sharedData)
	if err != nil {
		t.Fatal(err)
	}
	held, err := os.ReadFile("../theme/common.txt")
	if err != nil {
		t.Fatal(err)
	}
	if string(made) != string(held) {
		t.Errorf("theme/common.txt is old: %d lines, its sources give %d",
			strings.Count(string(held), "\n"), strings.Count(string(made), "\n"))
	}
}

func TestClusteringScores(t *testing.T) {
	t.Parallel()
	said := func(intents string) (vs []intentVoice) {
		for _, i := range intents {
			vs = append(vs, intentVoice{intent: string(i)})
		}
		return vs
	}
	perfect := cross([]int{5, 5, 7, 7}, said("aabb")).clustering()
	if perfect != (Clustering{1, 1, 1}) {
		t.Errorf("perfect groups score %v", perfect)
	}
	// Worked by hand: entropies ln 2 and ln 4, joint ln 4; all pairs apart.
	apart := cross([]int{1, 2, 3, 4}, said("aabb")).clustering()
	want := Clustering{V: 2.0 / 3, ARI: 0, BCube: 2.0 / 3}
	if math.Abs(apart.V-want.V) > 1e-9 || math.Abs(apart.ARI) > 1e-9 || math.Abs(apart.BCube-want.BCube) > 1e-9 {
		t.Errorf("groups of one score %v, want %v", apart, want)
	}
}

func TestHalvesShareNoIntent(t *testing.T) {
	t.Parallel()
	all := map[string]bool{"a": true, "b": true, "c": true, "d": true, "e": true}
	a, b := halfOf(all, calibrating), halfOf(all, reporting)
	for i := range all {
		if a[i] == b[i] {
			t.Errorf("intent %s is in both halves or in none", i)
		}
	}
}
