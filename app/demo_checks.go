package app

import (
	"cmp"
	"context"
	"slices"

	"lastword"
	"lastword/demo"
)

// What a colleague has looked through by now: some doubtful voices of each of the
// larger themes. What she said of them makes the machine surer of the rest.
const (
	lookedThrough = 12 // themes
	lookedAt      = 5  // voices of each
)

// check lets somebody of the service say of doubtful voices whether they belong, by
// what they were written about.
func (p *play) check(ctx context.Context) error {
	wishes, err := demo.Wishes()
	if err != nil {
		return err
	}
	of := map[string]string{}
	for _, w := range wishes {
		for _, key := range w.Keys {
			of[key] = w.Name
		}
	}
	themes, err := p.DB.Themes(ctx, p.company.ID, lastword.ThemeFilter{Limit: 100})
	if err != nil {
		return err
	}
	slices.SortStableFunc(themes, func(a, b lastword.Theme) int { return cmp.Compare(b.Voices, a.Voices) })
	for _, t := range themes[:min(len(themes), lookedThrough)] {
		if err := p.lookThrough(ctx, t, of); err != nil {
			return err
		}
	}
	return nil
}

// lookThrough takes the latest doubtful voices of a theme one by one.
func (p *play) lookThrough(ctx context.Context, t lastword.Theme, of map[string]string) error {
	vs, err := p.DB.FindVoices(ctx, p.company.ID, lastword.VoiceFilter{Theme: t.ID, Limit: 1000})
	if err != nil {
		return err
	}
	counts := map[string]int{}
	for _, v := range vs {
		counts[of[v.Key]]++
	}
	var yes, no []int64
	for _, v := range vs {
		if v.Own || v.CopyOf != 0 || v.FitBy != 0 || v.Fit >= lastword.Sure || len(yes)+len(no) == lookedAt {
			continue
		}
		if wish := of[v.Key]; wish != "" && 2*counts[wish] > len(vs) {
			yes = append(yes, v.ID)
		} else {
			no = append(no, v.ID)
		}
	}
	if len(yes) > 0 {
		if err := p.themes.Confirm(ctx, p.members[3], yes); err != nil {
			return err
		}
	}
	if len(no) > 0 {
		return p.themes.Reject(ctx, p.members[3], no)
	}
	return nil
}
