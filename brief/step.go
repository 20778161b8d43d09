package brief

import (
	"context"
	"errors"
	"time"

	"lastword"
)

// Store is what a briefing is read from.
type Store interface {
	Company(ctx context.Context, id int64) (lastword.Company, error)
	Totals(ctx context.Context, company int64, since time.Time) (lastword.Totals, error)
	Themes(ctx context.Context, company int64, f lastword.ThemeFilter) ([]lastword.Theme, error)
	Theme(ctx context.Context, company, id int64) (lastword.Theme, error)
	FindVoices(ctx context.Context, company int64, f lastword.VoiceFilter) ([]lastword.VoiceRow, error)
	Facts
}

// Facts are what makes a theme, or a person, matter today.
type Facts interface {
	Days(ctx context.Context, company int64, themes []int64, until time.Time, n int) (map[int64][]int, error)
	DraftsByTheme(ctx context.Context, company int64) (map[int64]int, error)
	WeightBehind(ctx context.Context, company int64, themes []int64) (map[int64]int, error)
	DueDecisions(ctx context.Context, company int64, most int) ([]lastword.Decision, error)
	PeopleToCareFor(ctx context.Context, company int64, since time.Time, most int) ([]lastword.Person, error)
}

// A Step makes briefings.
type Step struct{ Store Store }

// What a briefing looks at. More would not fit into any day.
const (
	mostThemes = 60
	mostDue    = 20
	mostPeople = 20
	mostAlone  = 100
	trendDays  = 42
	silence    = 60 * 24 * time.Hour // after which an important person is long unheard
)

// Briefing says what matters most to the company in the minutes that it gives.
func (s *Step) Briefing(ctx context.Context, m lastword.Member, now time.Time) (Briefing, error) {
	situation, err := s.situation(ctx, m.Company, now)
	if err != nil {
		return Briefing{}, err
	}
	return Plan(situation), nil
}

func (s *Step) situation(ctx context.Context, company int64, now time.Time) (Situation, error) {
	sit := Situation{Now: now}
	c, err := s.Store.Company(ctx, company)
	if err != nil {
		return sit, err
	}
	sit.Minutes = c.Minutes
	if sit.Totals, err = s.Store.Totals(ctx, company, now.Add(-24*time.Hour)); err != nil {
		return sit, err
	}
	if sit.Due, err = s.Store.DueDecisions(ctx, company, mostDue); err != nil {
		return sit, err
	}
	if sit.Care, err = s.Store.PeopleToCareFor(ctx, company, now.Add(-silence), mostPeople); err != nil {
		return sit, err
	}
	alone := lastword.VoiceFilter{NoTheme: true, Original: true, Circle: []lastword.Circle{lastword.Open}, Limit: mostAlone + 1}
	if sit.Alone, err = s.Store.FindVoices(ctx, company, alone); err != nil {
		return sit, err
	}
	if sit.Further = len(sit.Alone) > mostAlone; sit.Further {
		sit.Alone = sit.Alone[:mostAlone]
	}
	sit.Themes, err = s.themes(ctx, company, now)
	return sit, err
}

// themes are those that wait for a decision, and those with drafts to release.
func (s *Step) themes(ctx context.Context, company int64, now time.Time) ([]ThemeFact, error) {
	drafts, err := s.Store.DraftsByTheme(ctx, company)
	if err != nil {
		return nil, err
	}
	themes, err := s.Store.Themes(ctx, company, lastword.ThemeFilter{Order: lastword.ByOpen, Limit: mostThemes})
	if err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(themes))
	listed := map[int64]bool{}
	for _, th := range themes {
		ids, listed[th.ID] = append(ids, th.ID), true
	}
	for id := range drafts {
		if listed[id] {
			continue
		}
		th, err := s.Store.Theme(ctx, company, id)
		if errors.Is(err, lastword.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		themes, ids = append(themes, th), append(ids, id)
	}
	days, err := s.Store.Days(ctx, company, ids, now, trendDays)
	if err != nil {
		return nil, err
	}
	weights, err := s.Store.WeightBehind(ctx, company, ids)
	if err != nil {
		return nil, err
	}
	facts := make([]ThemeFact, len(themes))
	for i, th := range themes {
		facts[i] = ThemeFact{Theme: th, Daily: days[th.ID], Important: weights[th.ID], Drafts: drafts[th.ID]}
	}
	return facts, nil
}
