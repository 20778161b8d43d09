package theme_test

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/theme"
)

var anna = lastword.Member{ID: 5, Company: 1, Name: "Anna", Role: lastword.Staff}

// said returns the invented voices as stored, understood and without a theme.
func said() (vs []lastword.Voice, ids []int64) {
	for _, it := range items() {
		vs = append(vs, voiceOf(it, 0, 0))
		ids = append(ids, it.ID)
	}
	return vs, ids
}

func gathered(t *testing.T) (*shelf, *theme.Step) {
	t.Helper()
	vs, ids := said()
	s := newShelf(t, vs...)
	step := &theme.Step{Store: s, Desk: s}
	if err := step.Do(t.Context(), lastword.Job{Kind: lastword.Gather, Company: 1, IDs: ids}); err != nil {
		t.Fatal(err)
	}
	return s, step
}

// about returns the ids of the voices about something.
func about(what string) (ids []int64) {
	for i, v := range invented {
		if v.about == what {
			ids = append(ids, int64(i+1))
		}
	}
	return ids
}

// together is how many voices about something share one theme.
func together(s *shelf, what string) (most int) {
	count := map[int64]int{}
	for _, id := range about(what) {
		if th := s.voices[id].Theme; th != 0 {
			count[th]++
			most = max(most, count[th])
		}
	}
	return most
}

func TestDoTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	s, step := gathered(t)
	if len(s.themes) < 4 {
		t.Fatalf("%d themes", len(s.themes))
	}
	voices, themes, saves := s.voices, s.themes, s.saves
	s.voices, s.themes = map[int64]lastword.Voice{}, map[int64]lastword.Theme{}
	for id, v := range voices {
		s.voices[id] = v
	}
	for id, th := range themes {
		s.themes[id] = th
	}
	_, ids := said()
	if err := step.Do(t.Context(), lastword.Job{Kind: lastword.Gather, Company: 1, IDs: ids}); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(voices, s.voices) || !reflect.DeepEqual(themes, s.themes) || s.saves != saves {
		t.Error("the same job changed something the second time")
	}
}

func TestDoAfterARestart(t *testing.T) {
	t.Parallel()
	vs, ids := said()
	s := newShelf(t, vs...)
	for i := range ids {
		step := &theme.Step{Store: s, Desk: s} // a new program for each voice
		if err := step.Do(t.Context(), lastword.Job{Kind: lastword.Gather, Company: 1, IDs: ids[i : i+1]}); err != nil {
			t.Fatal(err)
		}
	}
	for _, what := range []string{"half", "laces", "wide", "service"} {
		if n := together(s, what); n < 3 {
			t.Errorf("%s: %d voices in one theme, want 3 at least", what, n)
		}
	}
}

func TestDoKeepsMemoryBounded(t *testing.T) {
	t.Parallel()
	vs, ids := said()
	s := newShelf(t, vs...)
	step := &theme.Step{Store: s, Desk: s, Features: 1} // forgets after each job
	for i := range ids {
		if err := step.Do(t.Context(), lastword.Job{Kind: lastword.Gather, Company: 1, IDs: ids[i : i+1]}); err != nil {
			t.Fatal(err)
		}
	}
	if n := together(s, "half"); n < 3 {
		t.Errorf("%d voices about half sizes in one theme, want 3 at least", n)
	}
}

func TestDoStartsAnewWhenOthersChangedAThemeMeanwhile(t *testing.T) {
	t.Parallel()
	vs, ids := said()
	s := newShelf(t, vs...)
	once := sync.Once{}
	s.before = func(s *shelf) {
		once.Do(func() {
			v := s.voices[1]
			v.Theme, v.FitBy = 777, 9 // a person was faster
			s.themes[777] = lastword.Theme{ID: 777, Company: 1, Name: "Halbgrößen", NamedBy: 9}
			s.voices[1] = v
			s.stamp++
		})
	}
	step := &theme.Step{Store: s, Desk: s}
	if err := step.Do(t.Context(), lastword.Job{Kind: lastword.Gather, Company: 1, IDs: ids}); err != nil {
		t.Fatal(err)
	}
	if v := s.voices[1]; v.Theme != 777 || v.FitBy != 9 {
		t.Errorf("the machine moved a voice that a person placed: %+v", v)
	}
	if s.themes[777].Name != "Halbgrößen" || together(s, "laces") < 3 {
		t.Error("the job was not done after the conflict")
	}
}

// While one job is saved the next is worked on; where saving fails, what came
// after is done again, too, and nothing is lost.
func TestJobsAtOnceLoseNothingWhenSavingFails(t *testing.T) {
	t.Parallel()
	alone, _ := gathered(t)
	vs, ids := said()
	s := newShelf(t, vs...)
	saves := 0
	s.before = func(s *shelf) {
		if saves++; saves%3 == 2 {
			s.stamp++ // somebody else changed a theme
		}
	}
	step := &theme.Step{Store: s, Desk: s}
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() {
			for range 20 { // as the queue tries again
				err := step.Do(t.Context(), lastword.Job{Kind: lastword.Gather, Company: 1, IDs: []int64{id}})
				if err == nil {
					return
				}
				if !errors.Is(err, lastword.ErrConflict) {
					t.Error(err)
					return
				}
			}
			t.Errorf("voice %d never found its place", id)
		})
	}
	all.Wait()
	for _, what := range []string{"half", "laces", "vegan"} {
		if got, want := together(s, what), together(alone, what); got < want-2 {
			t.Errorf("%s: %d voices are together, one after the other it was %d", what, got, want)
		}
	}
}

func TestDoGivesUpWhenItNeverSettles(t *testing.T) {
	t.Parallel()
	vs, ids := said()
	s := newShelf(t, vs...)
	s.before = func(s *shelf) { s.stamp++ }
	err := (&theme.Step{Store: s, Desk: s}).Do(t.Context(), lastword.Job{Kind: lastword.Gather, Company: 1, IDs: ids})
	if !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("%v, want a conflict", err)
	}
}

func TestDoLeavesOutWhatIsNotForThemes(t *testing.T) {
	t.Parallel()
	vs, ids := said()
	for i := range vs {
		switch i % 3 {
		case 0:
			vs[i].Own = true
		case 1:
			vs[i].About = 0.2
		default:
			vs[i].GoneAt = time.Unix(1, 0)
		}
	}
	s := newShelf(t, vs...)
	if err := (&theme.Step{Store: s, Desk: s}).Do(t.Context(), lastword.Job{Kind: lastword.Gather, Company: 1, IDs: ids}); err != nil {
		t.Fatal(err)
	}
	if s.saves != 0 || len(s.themes) != 0 {
		t.Errorf("%d themes of voices that are not for us", len(s.themes))
	}
}

// A voice that joins a decided theme is to be answered too.
func TestDoLeavesADraftJobForAStandingDecision(t *testing.T) {
	t.Parallel()
	s, step := gathered(t)
	th := s.themes[s.voices[1].Theme]
	th.Decision = 44
	s.themes[th.ID] = th
	s.stamp++
	late := voiceOf(theme.Item{ID: 900, Text: "Halbe Größen bitte! Größen!", Lang: "de", Kinds: wish}, 0, 0)
	s.voices[900] = late
	if err := step.Do(t.Context(), lastword.Job{Kind: lastword.Gather, Company: 1, IDs: []int64{900}}); err != nil {
		t.Fatal(err)
	}
	want := []lastword.Job{{Kind: lastword.DraftJob, Company: 1, IDs: []int64{44}}}
	if s.voices[900].Theme != th.ID || !reflect.DeepEqual(s.jobs, want) {
		t.Errorf("theme %d, jobs %+v, want theme %d and %+v", s.voices[900].Theme, s.jobs, th.ID, want)
	}
}

func TestCompaniesWorkAtOnce(t *testing.T) {
	t.Parallel()
	vs, ids := said()
	s := newShelf(t, vs...)
	step := &theme.Step{Store: s, Desk: s, Companies: 2}
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			if err := step.Do(t.Context(), lastword.Job{Kind: lastword.Gather, Company: 1, IDs: ids[i : i+1]}); err != nil {
				t.Error(err)
			}
			if err := step.Do(t.Context(), lastword.Job{Kind: lastword.Gather, Company: int64(2 + i), IDs: ids}); err != nil {
				t.Error(err) // other companies own none of these voices
			}
		})
	}
	all.Wait()
	if len(s.themes) == 0 {
		t.Error("no themes")
	}
}

func TestMergeByAPerson(t *testing.T) {
	t.Parallel()
	s, step := gathered(t)
	half, wide := s.voices[1].Theme, s.voices[about("wide")[1]].Theme
	before := maps.Clone(s.voices)
	if err := step.Merge(t.Context(), anna, wide, half); err != nil {
		t.Fatal(err)
	}
	for _, id := range about("wide") {
		if th := s.voices[id].Theme; before[id].Theme == wide && th != half {
			t.Errorf("voice %d is in %d", id, th)
		}
	}
	s.voices[900] = voiceOf(theme.Item{ID: 900, Text: "wide fit please, my feet are wide", Lang: "en", Kinds: wish}, 0, 0)
	if err := step.Do(t.Context(), lastword.Job{Kind: lastword.Gather, Company: 1, IDs: []int64{900}}); err != nil {
		t.Fatal(err)
	}
	if th := s.voices[900].Theme; th != half {
		t.Errorf("a later voice went to %d, want %d: the merged theme learned nothing", th, half)
	}
	if err := step.Merge(t.Context(), anna, wide, half); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("merged away twice: %v", err)
	}
}

func TestSplitByAPerson(t *testing.T) {
	t.Parallel()
	s, step := gathered(t)
	half := s.voices[1].Theme
	var move []int64
	for _, id := range about("half") {
		if s.voices[id].Theme == half && len(move) < 2 {
			move = append(move, id)
		}
	}
	part, err := step.Split(t.Context(), anna, half, move)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range move {
		if v := s.voices[id]; v.Theme != part || v.Fit != 1 || v.FitBy != anna.ID {
			t.Errorf("voice %d: theme %d, fit %.1f, by %d", id, v.Theme, v.Fit, v.FitBy)
		}
	}
	if s.themes[part].Name == "" || s.themes[part].Kinds == 0 {
		t.Errorf("the new theme %+v", s.themes[part])
	}
	var wrong *lastword.Mistake
	if _, err := step.Split(t.Context(), anna, part, about("laces")); !errors.As(err, &wrong) {
		t.Errorf("voices of another theme were split off: %v", err)
	}
}

// Who alone says something is answered by a theme of one; who says the same later
// joins it.
func TestFoundByAPerson(t *testing.T) {
	t.Parallel()
	vs, ids := said()
	vienna := about("vienna")
	first := vienna[0]
	s := newShelf(t, vs[first-1])
	step := &theme.Step{Store: s, Desk: s}
	if err := step.Do(t.Context(), lastword.Job{Kind: lastword.Gather, Company: 1, IDs: []int64{first}}); err != nil {
		t.Fatal(err)
	}
	if s.voices[first].Theme != 0 {
		t.Fatal("a single voice is a theme already")
	}
	own, err := step.Found(t.Context(), anna, first)
	if err != nil {
		t.Fatal(err)
	}
	if v := s.voices[first]; v.Theme != own || v.Fit != 1 || v.FitBy != anna.ID || s.themes[own].Name == "" || s.themes[own].Kinds != wish {
		t.Errorf("founded: %+v, %+v", v, s.themes[own])
	}
	if again, err := step.Found(t.Context(), anna, first); err != nil || again != own {
		t.Errorf("founded again: %d, %v", again, err)
	}
	for _, v := range vs {
		if v.ID != first {
			s.voices[v.ID] = v
		}
	}
	if err := step.Do(t.Context(), lastword.Job{Kind: lastword.Gather, Company: 1, IDs: ids}); err != nil {
		t.Fatal(err)
	}
	joined := 0
	for _, id := range vienna[1:] {
		if s.voices[id].Theme == own {
			joined++
		}
	}
	if joined == 0 {
		t.Error("nobody who says the same joined it")
	}
	if _, err := step.Found(t.Context(), anna, 4711); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("a voice that is not there: %v", err)
	}
}

// What was said in private gives no theme its name: others may read it.
func TestFoundInPrivate(t *testing.T) {
	t.Parallel()
	vs, _ := said()
	v := vs[about("service")[0]-1]
	v.Private, v.Theme = true, 0
	s := newShelf(t, v)
	own, err := (&theme.Step{Store: s, Desk: s}).Found(t.Context(), anna, v.ID)
	if err != nil || s.themes[own].Name != "Lob" {
		t.Errorf("%q, %v", s.themes[own].Name, err)
	}
}

func TestMoveConfirmReject(t *testing.T) {
	t.Parallel()
	s, step := gathered(t)
	half := s.voices[1].Theme
	lace := about("laces")[0]
	if err := step.Move(t.Context(), anna, []int64{lace}, half); err != nil {
		t.Fatal(err)
	}
	if v := s.voices[lace]; v.Theme != half || v.Fit != 1 || v.FitBy != anna.ID {
		t.Errorf("moved: %+v", v)
	}
	if err := step.Confirm(t.Context(), anna, []int64{1}); err != nil {
		t.Fatal(err)
	}
	if v := s.voices[1]; v.Theme != half || v.Fit != 1 || v.FitBy != anna.ID {
		t.Errorf("confirmed: %+v", v)
	}
	if err := step.Reject(t.Context(), anna, []int64{lace}); err != nil {
		t.Fatal(err)
	}
	if v := s.voices[lace]; v.Theme != 0 || v.FitBy != anna.ID {
		t.Errorf("rejected: %+v", v)
	}
	_, ids := said()
	if err := step.Do(t.Context(), lastword.Job{Kind: lastword.Gather, Company: 1, IDs: ids}); err != nil {
		t.Fatal(err)
	}
	if s.voices[lace].Theme != 0 {
		t.Error("the machine placed a voice again that a person rejected")
	}
}

// What a person says of some voices of a theme holds for the others as well.
func TestConfirmingSomeMakesOthersSurer(t *testing.T) {
	t.Parallel()
	s, step := gathered(t)
	half := s.voices[1].Theme
	var ids []int64
	for id, v := range s.voices {
		if v.Theme == half {
			v.Fit = 0.85
			s.voices[id] = v
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	rest := ids[len(ids)-1]
	if err := step.Confirm(t.Context(), anna, ids[:len(ids)-1]); err != nil {
		t.Fatal(err)
	}
	surer := s.voices[rest]
	if surer.FitBy != 0 || surer.Theme != half || surer.Fit < 0.88 {
		t.Errorf("after %d others were confirmed: %.3f by %d", len(ids)-1, surer.Fit, surer.FitBy)
	}
	other := about("laces")[0]
	v := s.voices[other]
	v.Theme, v.Fit, v.FitBy = half, 0.9, 0
	s.voices[other] = v
	if err := step.Reject(t.Context(), anna, []int64{other}); err != nil {
		t.Fatal(err)
	}
	if got := s.voices[rest]; got.Fit >= surer.Fit {
		t.Errorf("one was rejected, and the rest fit %.3f, after %.3f", got.Fit, surer.Fit)
	}
}

func TestPeoplesMistakes(t *testing.T) {
	t.Parallel()
	s, step := gathered(t)
	half := s.voices[1].Theme
	gone := s.voices[2]
	gone.GoneAt = time.Unix(9, 0)
	s.voices[2] = gone
	left := anna
	left.Left = time.Unix(9, 0)
	ctx := t.Context()
	for name, c := range map[string]struct{ err, want error }{
		"empty name":       {step.Rename(ctx, anna, half, " \u200b "), lastword.ErrInvalid},
		"merge into self":  {step.Merge(ctx, anna, half, half), lastword.ErrInvalid},
		"no voices":        {step.Move(ctx, anna, nil, half), lastword.ErrInvalid},
		"unknown theme":    {step.Move(ctx, anna, []int64{1}, 4711), lastword.ErrNotFound},
		"unknown voice":    {step.Reject(ctx, anna, []int64{4711}), lastword.ErrNotFound},
		"a voice gone":     {step.Confirm(ctx, anna, []int64{2}), lastword.ErrGone},
		"who left":         {step.Rename(ctx, left, half, "Neu"), lastword.ErrForbidden},
		"of another house": {step.Rename(ctx, lastword.Member{ID: 5, Company: 2}, half, "Neu"), lastword.ErrNotFound},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
	if err := step.Rename(ctx, anna, half, "  Halbe\nGrößen "); err != nil || s.themes[half].Name != "Halbe Größen" || s.themes[half].NamedBy != anna.ID {
		t.Errorf("%v: %+v", err, s.themes[half])
	}
}
