package theme_test

import (
	"maps"
	"reflect"
	"testing"

	"lastword"
	"lastword/theme"
)

// At night everything is gathered anew, but for what is decided: of such a theme
// nothing changes, neither its voices nor how well they fit, nor name and model.
func TestTidyLeavesWhatIsDecided(t *testing.T) {
	t.Parallel()
	s, step := gathered(t)
	decided := s.voices[about("half")[0]].Theme
	th := s.themes[decided]
	th.Decision, th.Verdict = 77, lastword.Yes
	s.themes[decided] = th
	inside := func() map[int64]lastword.Voice {
		vs := map[int64]lastword.Voice{}
		for id, v := range s.voices {
			if v.Theme == decided {
				vs[id] = v
			}
		}
		return vs
	}
	// Voices that came while the machine was not asked, about what was decided and
	// about something else.
	for i, words := range []string{"Halbe Größen, bitte!", "Halbe Größen wären ein Traum", "Bitte macht halbe Größen",
		"Der Katalog kommt zweimal", "Den Katalog bekomme ich zweimal", "Katalog doppelt, einmal genügt"} {
		id := int64(500 + i)
		s.voices[id] = voiceOf(theme.Item{ID: id, Text: words, Lang: "de", Kinds: wish}, 0, 0)
	}
	was, theme := inside(), s.themes[decided]
	if len(was) < 3 {
		t.Fatalf("%d voices want half sizes", len(was))
	}
	if err := step.Tidy(t.Context(), lastword.Job{Kind: lastword.Tidy, Company: 1}); err != nil {
		t.Fatal(err)
	}
	if now := inside(); !maps.EqualFunc(was, now, func(a, b lastword.Voice) bool { return reflect.DeepEqual(a, b) }) {
		t.Errorf("the decided theme had %d voices, now %d, or they changed", len(was), len(now))
	}
	if !reflect.DeepEqual(theme, s.themes[decided]) {
		t.Errorf("the decided theme was %+v, is %+v", theme, s.themes[decided])
	}
	if home := s.voices[503].Theme; home == 0 || home != s.voices[505].Theme {
		t.Error("voices about the catalogue were not gathered overnight")
	}
	saves := s.saves
	if err := step.Tidy(t.Context(), lastword.Job{Kind: lastword.Tidy, Company: 1}); err != nil {
		t.Fatal(err)
	}
	if s.saves > saves+1 || !reflect.DeepEqual(theme, s.themes[decided]) {
		t.Error("a second night changes what the first one left")
	}
}

func TestTidyOfNothing(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	step := &theme.Step{Store: s, Desk: s}
	if err := step.Tidy(t.Context(), lastword.Job{Kind: lastword.Tidy, Company: 1}); err != nil {
		t.Fatal(err)
	}
	if len(s.themes) != 0 {
		t.Error("themes out of nothing")
	}
}

// What people say about pairs of themes is not asked again, and moves the distance.
func TestToldApart(t *testing.T) {
	t.Parallel()
	s, step := gathered(t)
	a, b := s.voices[about("half")[0]].Theme, s.voices[about("wide")[0]].Theme
	if a == 0 || b == 0 || a == b {
		t.Fatalf("half sizes and wide ones are %d and %d", a, b)
	}
	if err := step.TellApart(t.Context(), anna, a, a); err == nil {
		t.Error("a theme was told apart from itself")
	}
	if err := step.TellApart(t.Context(), anna, a, b); err != nil {
		t.Fatal(err)
	}
	p := lastword.PairOf(a, b)
	if len(s.judged) != 1 || s.judged[0].A != p.A || s.judged[0].B != p.B || s.judged[0].Same != -1 || s.judged[0].By != anna.ID || len(s.judged[0].Words) == 0 {
		t.Fatalf("judged: %+v", s.judged)
	}
	if err := step.Tidy(t.Context(), lastword.Job{Kind: lastword.Tidy, Company: 1}); err != nil {
		t.Fatal(err)
	}
	for _, q := range s.pairs {
		if q.A == p.A && q.B == p.B {
			t.Error("asked again")
		}
	}
}

// A split is remembered as two themes that differ, a merge as two that do not.
func TestSplitAndMergeAreRemembered(t *testing.T) {
	t.Parallel()
	s, step := gathered(t)
	home := s.voices[about("half")[0]].Theme
	var some []int64
	for _, id := range about("half") {
		if s.voices[id].Theme == home && len(some) < 2 {
			some = append(some, id)
		}
	}
	part, err := step.Split(t.Context(), anna, home, some)
	if err != nil {
		t.Fatal(err)
	}
	if p := lastword.PairOf(home, part); len(s.judged) != 1 || s.judged[0].A != p.A || s.judged[0].B != p.B || s.judged[0].Same != -1 {
		t.Fatalf("after the split: %+v", s.judged)
	}
	if err := step.Merge(t.Context(), anna, part, home); err != nil {
		t.Fatal(err)
	}
	if s.judged[0].Same != 1 || len(s.judged[0].Words) == 0 {
		t.Errorf("after the merge: %+v", s.judged[0])
	}
}

// A notice is no customer's voice: it is in no theme, until a person says that it is.
func TestNoticesAreNotGathered(t *testing.T) {
	t.Parallel()
	vs, ids := said()
	for i := range vs {
		vs[i].Notice = .9
	}
	s := newShelf(t, vs...)
	step := &theme.Step{Store: s, Desk: s}
	job := lastword.Job{Kind: lastword.Gather, Company: 1, IDs: ids}
	if err := step.Do(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	if len(s.themes) != 0 {
		t.Fatalf("%d themes of notices", len(s.themes))
	}
	for id, v := range s.voices {
		v.KindsBy = anna.ID
		s.voices[id] = v
	}
	if err := step.Do(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	if len(s.themes) == 0 {
		t.Error("voices that a person vouched for are in no theme")
	}
}
