package theme_test

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"testing"

	"lastword"
)

// A shelf keeps voices and themes in memory and does what Store and Desk
// promise, so that the step is tested by what ends up stored. The same promises
// are tested on the databases where those are at home.
type shelf struct {
	t      *testing.T
	mu     sync.Mutex
	voices map[int64]lastword.Voice
	themes map[int64]lastword.Theme
	jobs   []lastword.Job
	stamp  int64
	ids    int64
	saves  int
	pairs  []lastword.Pair // as the machine found them last
	judged []lastword.Pair // the latest first
	before func(*shelf)    // runs before placements are saved; somebody else's act
}

func newShelf(t *testing.T, vs ...lastword.Voice) *shelf {
	s := &shelf{t: t, voices: map[int64]lastword.Voice{}, themes: map[int64]lastword.Theme{}, ids: 1000, stamp: 1}
	for _, v := range vs {
		s.voices[v.ID] = v
	}
	return s
}

func (s *shelf) Company(_ context.Context, id int64) (lastword.Company, error) {
	if id != 1 {
		return lastword.Company{}, lastword.ErrNotFound
	}
	return lastword.Company{ID: 1, Name: "Schuhwerk Falkenhorst"}, nil
}

func (s *shelf) Voices(_ context.Context, company int64, ids []int64) ([]lastword.Voice, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var vs []lastword.Voice
	for _, id := range ids {
		if v, ok := s.voices[id]; ok && v.Company == company {
			vs = append(vs, v)
		}
	}
	return vs, nil
}

func (s *shelf) SampleVoices(_ context.Context, company int64, most int) ([]lastword.Voice, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var vs []lastword.Voice
	for _, v := range s.voices {
		if v.Company == company {
			vs = append(vs, v)
		}
	}
	slices.SortFunc(vs, func(a, b lastword.Voice) int { return cmp.Compare(b.ID, a.ID) })
	return vs[:min(len(vs), most)], nil
}

func (s *shelf) LiveThemes(_ context.Context, company int64) ([]lastword.Theme, int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ts []lastword.Theme
	for _, t := range s.themes {
		if t.Company == company && t.Into == 0 {
			ts = append(ts, t)
		}
	}
	slices.SortFunc(ts, func(a, b lastword.Theme) int { return cmp.Compare(a.ID, b.ID) })
	return ts, s.stamp, nil
}

func (s *shelf) SavePlacements(_ context.Context, company, stamp int64, themes []lastword.Theme, m []lastword.Membership, next ...lastword.Job) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.before != nil {
		s.before(s)
	}
	if stamp != s.stamp {
		return 0, lastword.ErrConflict
	}
	for _, t := range themes {
		s.saveTheme(t)
	}
	for _, m := range m {
		v := s.voices[m.Voice]
		if v.FitBy == 0 && v.GoneAt.IsZero() {
			v.Theme, v.Fit, v.CopyOf = m.Theme, m.Fit, m.CopyOf
			s.voices[m.Voice] = v
		}
	}
	s.jobs = append(s.jobs, next...)
	s.saves++
	s.stamp++
	return s.stamp, nil
}

func (s *shelf) saveTheme(t lastword.Theme) {
	if old, ok := s.themes[t.ID]; ok {
		t.NamedBy, t.Decision = old.NamedBy, old.Decision
		if old.NamedBy != 0 {
			t.Name = old.Name
		}
	}
	s.themes[t.ID] = t
	for id, v := range s.voices {
		if t.Into != 0 && v.Theme == t.ID {
			v.Theme = t.Into
			s.voices[id] = v
		}
	}
}

func (s *shelf) NewID() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids++
	return s.ids
}

func (s *shelf) Theme(_ context.Context, company, id int64) (lastword.Theme, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.themes[id]
	if !ok || t.Company != company {
		return t, lastword.ErrNotFound
	}
	return t, nil
}

func (s *shelf) MoveVoices(_ context.Context, company, by int64, m []lastword.Membership, themes []lastword.Theme, next ...lastword.Job) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range themes {
		s.saveTheme(t)
	}
	for _, m := range m {
		v := s.voices[m.Voice]
		v.Theme, v.Fit, v.FitBy = m.Theme, m.Fit, m.By
		s.voices[m.Voice] = v
	}
	s.jobs = append(s.jobs, next...)
	s.stamp++
	return nil
}

func (s *shelf) PlacedVoices(_ context.Context, company, theme int64, most int) ([]lastword.Voice, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var vs []lastword.Voice
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(s.voices))) {
		if v := s.voices[id]; v.Theme == theme && v.FitBy == 0 && len(vs) < most {
			vs = append(vs, v)
		}
	}
	return vs, nil
}

func (s *shelf) MergeThemes(_ context.Context, company, by, from, into int64, model, words []byte, next ...lastword.Job) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := lastword.PairOf(from, into)
	p.Same, p.By, p.Words = 1, by, words
	s.judged = append([]lastword.Pair{p}, s.judged...)
	a, b := s.themes[from], s.themes[into]
	a.Into, b.Model = into, model
	s.saveTheme(b)
	s.saveTheme(a)
	s.jobs = append(s.jobs, next...)
	s.stamp++
	return nil
}

func (s *shelf) RenameTheme(_ context.Context, company, by, theme int64, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.themes[theme]
	t.Name, t.NamedBy = name, by
	s.themes[theme] = t
	s.stamp++
	return nil
}

func (s *shelf) SavePairs(_ context.Context, company int64, pairs []lastword.Pair) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pairs = pairs
	return nil
}

func (s *shelf) JudgePair(_ context.Context, company, by int64, p lastword.Pair) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.By = by
	s.judged = append([]lastword.Pair{p}, s.judged...)
	s.stamp++
	return nil
}

func (s *shelf) JudgedPairs(_ context.Context, company int64, most int) ([]lastword.Pair, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.judged[:min(len(s.judged), most)], nil
}
