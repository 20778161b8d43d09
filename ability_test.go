package lastword_test

import (
	"testing"
	"time"

	"lastword"
)

func TestProbeNeeds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	soon, sooner, later := now.Add(13*24*time.Hour), now.Add(time.Hour), now.Add(15*24*time.Hour)
	can := func(until time.Time) lastword.Ability { return lastword.Ability{Name: "hear", Can: true, Until: until} }
	lost := lastword.Ability{Name: "reply", Why: "why.x_scope", Act: true}
	for name, c := range map[string]struct {
		probe lastword.Probe
		why   string
		until time.Time
	}{
		"nothing is known":          {},
		"all is well":               {probe: lastword.Probe{Abilities: []lastword.Ability{can(time.Time{}), can(later)}}},
		"what the place has not":    {probe: lastword.Probe{Abilities: []lastword.Ability{{Name: "search", Why: "why.not_offered"}}}},
		"in part, and nothing lost": {probe: lastword.Probe{Abilities: []lastword.Ability{{Name: "hear", Can: true, Why: "why.x", Act: true}}}},
		"unreachable":               {probe: lastword.Probe{Why: "why.unavailable"}},
		"refused":                   {probe: lastword.Probe{Why: "why.denied", Refused: true, Abilities: []lastword.Ability{lost}}, why: "why.denied"},
		"a scope is missing":        {probe: lastword.Probe{Abilities: []lastword.Ability{can(time.Time{}), lost}}, why: "why.x_scope"},
		"ends soon":                 {probe: lastword.Probe{Abilities: []lastword.Ability{can(soon), can(sooner), can(later), lost}}, why: "why.ends_soon", until: sooner},
		"has ended":                 {probe: lastword.Probe{Abilities: []lastword.Ability{can(now.Add(-time.Hour))}}, why: "why.ends_soon", until: now.Add(-time.Hour)},
	} {
		why, until := c.probe.Need(now)
		if why != c.why || !until.Equal(c.until) {
			t.Errorf("%s: %q until %v, want %q until %v", name, why, until, c.why, c.until)
		}
	}
}
