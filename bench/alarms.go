package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"lastword"
	"lastword/brief"
	"lastword/theme"
)

// AlarmReport says how often a real stream rings the alarm: posts to a railway over
// six years, day by day, gathered into themes.
type AlarmReport struct {
	Voices int     `json:"voices"`
	Themes int     `json:"themes"`
	Months float64 `json:"months"`
	Alarms int     `json:"alarms"`
	False  float64 `json:"false_per_month"` // with the same voices on the same days, but in themes by chance: no theme has a bad day
	Days   []Alarm `json:"days"`
}

// An Alarm is one that rang.
type Alarm struct {
	Day    string `json:"day"`
	Theme  string `json:"theme"`
	Voices int    `json:"voices"`
}

type toldDay struct {
	text    string
	day     int
	feeling float64
}

// Alarms replays o.Data/sentiment/mobasa-dev.de.jsonl.
func Alarms(ctx context.Context, o ThemeOptions) (AlarmReport, error) {
	told, err := toldDays(filepath.Join(o.Data, "sentiment", "mobasa-dev.de.jsonl"))
	if err != nil {
		return AlarmReport{}, err
	}
	var ids int64
	c := theme.New(theme.Config{NewID: func() int64 { ids++; return ids }})
	at := make([]int64, len(told))
	note := func(ps []theme.Placement) {
		for _, p := range ps {
			at[p.Voice-1] = p.Theme
		}
	}
	for i, v := range told {
		note(c.Assign(theme.Item{ID: int64(i + 1), Text: v.text, Lang: "de", Kinds: lastword.Problem}))
	}
	note(c.Consolidate())
	for i := range at {
		at[i] = c.Home(at[i])
	}
	r := AlarmReport{Voices: len(told), Themes: len(c.Live()), Months: float64(told[len(told)-1].day-told[0].day+1) / 30.4}
	r.Days, err = ring(ctx, told, at, c.Name)
	r.Alarms = len(r.Days)
	const rounds = 5
	rng := rand.New(rand.NewPCG(o.Seed, 31))
	for range rounds {
		rng.Shuffle(len(at), func(i, j int) { at[i], at[j] = at[j], at[i] })
		days, failed := ring(ctx, told, at, c.Name)
		if failed != nil {
			return r, failed
		}
		r.False += float64(len(days)) / rounds / r.Months
	}
	return r, err
}

func toldDays(file string) ([]toldDay, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("bench: alarms: %w", err)
	}
	defer f.Close()
	var told []toldDay
	for rows := json.NewDecoder(f); rows.More(); {
		var row struct {
			Text, Sentiment string
			Time            time.Time
		}
		if err := rows.Decode(&row); err != nil {
			return nil, fmt.Errorf("bench: alarms: %w", err)
		}
		told = append(told, toldDay{row.Text, int(row.Time.Unix() / 86400), -oneIf(row.Sentiment == "negative")})
	}
	slices.SortStableFunc(told, func(a, b toldDay) int { return a.day - b.day })
	if len(told) == 0 {
		return nil, fmt.Errorf("bench: alarms: %w", lastword.ErrNotFound)
	}
	return told, nil
}

// ring asks each evening for the day's briefing, and returns the alarms in it.
func ring(ctx context.Context, told []toldDay, at []int64, name func(int64) string) ([]Alarm, error) {
	const back = 42
	themes := map[int64]*brief.ThemeFact{}
	felt := map[int64]float64{}
	var alarms []Alarm
	first := told[0].day
	perDay := map[int64]map[int]int{}
	for i, v := range told {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if id := at[i]; id != 0 {
			if themes[id] == nil {
				themes[id] = &brief.ThemeFact{Theme: lastword.Theme{ID: id, Name: name(id)}}
				perDay[id] = map[int]int{}
			}
			perDay[id][v.day]++
			felt[id] += v.feeling
			themes[id].Voices++
			themes[id].Open++
		}
		if i+1 < len(told) && told[i+1].day == v.day || v.day-first < back {
			continue
		}
		s := brief.Situation{Now: time.Unix(int64(v.day)*86400, 0).UTC(), Minutes: 1000}
		for _, id := range sortedIDs(themes) {
			t := *themes[id]
			t.Feeling = felt[id] / float64(t.Voices)
			for d := v.day - back; d <= v.day; d++ {
				t.Daily = append(t.Daily, perDay[id][d])
			}
			s.Themes = append(s.Themes, t)
		}
		for _, item := range brief.Plan(s).Items {
			if item.Kind == brief.Alarm {
				alarms = append(alarms, Alarm{s.Now.Format(time.DateOnly), item.Title, perDay[item.Theme][v.day]})
			}
		}
	}
	return alarms, nil
}

func sortedIDs(m map[int64]*brief.ThemeFact) []int64 {
	ids := make([]int64, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// String is the figures and each alarm in a line.
func (r AlarmReport) String() string {
	s := fmt.Sprintf("%d voices in %d themes over %.1f months: %d alarms, %.2f a month; by chance %.3f a month",
		r.Voices, r.Themes, r.Months, r.Alarms, float64(r.Alarms)/max(r.Months, 1e-9), r.False)
	for _, a := range r.Days {
		s += fmt.Sprintf("\n%s  %3d  %s", a.Day, a.Voices, a.Theme)
	}
	return s
}
