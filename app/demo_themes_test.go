package app

import (
	"os"
	"sort"
	"testing"

	"lastword"

	"lastword/demo"
)

// TestDemoThemes
func TestDemoThemes(t *testing.T) {
	t.Parallel()
	p, err := setUpDemo(t.Context(), Config{Data: t.TempDir(), Listen: "127.0.0.1:0", Log: "error"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if os.Getenv("NIGHT") != "" {
		if err := p.themes.Tidy(t.Context(), lastword.Job{Kind: lastword.Tidy, Company: p.company.ID}); err != nil {
			t.Fatal(err)
		}
	}
	wishes, err := demo.Wishes()
	if err != nil {
		t.Fatal(err)
	}
	wishOf := map[string]string{}
	for _, w := range wishes {
		for _, k := range w.Keys {
			wishOf[k] = w.Name
		}
	}
	vs, err := p.DB.FindVoices(t.Context(), p.company.ID, lastword.VoiceFilter{Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	ths, err := p.DB.Themes(t.Context(), p.company.ID, lastword.ThemeFilter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	by := map[int64]map[string]int{}
	byTheme := map[int64][]lastword.VoiceRow{}
	n, asked := 0, 0
	for _, v := range vs {
		if v.Own {
			continue
		}
		n++
		if v.Kinds != 0 {
			asked++
		}
		if v.Theme == 0 {
			continue
		}
		if by[v.Theme] == nil {
			by[v.Theme] = map[string]int{}
		}
		by[v.Theme][wishOf[v.Key]]++
		byTheme[v.Theme] = append(byTheme[v.Theme], v)
	}
	sure, right, placed, placedRight := 0, 0, 0, 0
	for _, th := range ths {
		best := ""
		for w, k := range by[th.ID] {
			if w != "" && (best == "" || k > by[th.ID][best] || k == by[th.ID][best] && w < best) {
				best = w
			}
		}
		s, r := 0, 0
		for _, v := range byTheme[th.ID] {
			placed++
			if wishOf[v.Key] == best {
				placedRight++
			}
			if v.Fit >= lastword.Sure || v.FitBy != 0 {
				s++
				if wishOf[v.Key] == best {
					r++
				}
			}
		}
		sure, right = sure+s, right+r
		t.Logf("%-45s %3d voices, %s %d, sure %d right %d  %v", th.Name, len(byTheme[th.ID]), best, by[th.ID][best], s, r, by[th.ID])
		if os.Getenv("VOICES") != "" {
			sort.Slice(byTheme[th.ID], func(i, j int) bool { return byTheme[th.ID][i].Fit > byTheme[th.ID][j].Fit })
			for _, v := range byTheme[th.ID] {
				t.Logf("      %.3f %v %-10s %q", v.Fit, v.Kinds, wishOf[v.Key], v.Text)
			}
		}
	}
	t.Logf("%d voices, %d of a kind, %d placed (%d of their theme's wish), %d sure, %d right", n, asked, placed, placedRight, sure, right)
	ps, err := p.DB.JudgedPairs(t.Context(), p.company.ID, 100)
	t.Logf("pairs %v %v", ps, err)
}
