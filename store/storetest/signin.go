package storetest

import (
	"errors"
	"testing"
	"time"

	"lastword"
)

func testSigningIn(t *testing.T, f *fixture) {
	begun := lastword.SigningIn{Company: f.company.ID, Channel: f.channel.ID, State: "state-1", Session: "browser",
		Redirect: "https://here.example/channels/callback", Kept: map[string]string{"verifier": "v"}, Until: f.clock.Now().Add(time.Minute)}
	f.must(f.db.SaveSigningIn(t.Context(), begun))
	gone := func(what string, company int64, session, state string) {
		t.Helper()
		if _, err := f.db.TakeSigningIn(t.Context(), company, session, state); !errors.Is(err, lastword.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	gone("another browser", f.company.ID, "other", "state-1")
	gone("another company", f.company.ID+1, "browser", "state-1")
	gone("another state", f.company.ID, "browser", "state-2")
	got, err := f.db.TakeSigningIn(t.Context(), f.company.ID, "browser", "state-1")
	f.must(err)
	equal(t, "channel", got.Channel, f.channel.ID)
	equal(t, "redirect", got.Redirect, begun.Redirect)
	equal(t, "kept", got.Kept["verifier"], "v")
	equal(t, "until", got.Until.Equal(begun.Until), true)
	gone("a second time", f.company.ID, "browser", "state-1")

	begun.State = "late"
	f.must(f.db.SaveSigningIn(t.Context(), begun))
	f.clock.Add(time.Hour)
	got, err = f.db.TakeSigningIn(t.Context(), f.company.ID, "browser", "late")
	f.must(err)
	equal(t, "too late, and told so", got.Until.Before(f.clock.Now()), true)
	begun.State = "forgotten"
	f.must(f.db.SaveSigningIn(t.Context(), begun))
	f.clock.Add(48 * time.Hour)
	begun.State, begun.Until = "next", f.clock.Now().Add(time.Minute)
	f.must(f.db.SaveSigningIn(t.Context(), begun))
	gone("two days later", f.company.ID, "browser", "forgotten")
}

func testProbes(t *testing.T, f *fixture) {
	now, next := f.clock.Now(), f.clock.Now().Add(24*time.Hour)
	due := func() int64 {
		t.Helper()
		c, err := f.db.DueProbe(t.Context(), f.clock.Now(), f.clock.Now().Add(24*time.Hour))
		f.must(err)
		return c.ID
	}
	told := func() lastword.Probe {
		t.Helper()
		all, err := f.db.Probes(t.Context(), f.company.ID)
		f.must(err)
		return all[f.channel.ID]
	}
	equal(t, "due", due(), f.channel.ID)
	equal(t, "due twice", due(), 0)
	equal(t, "told before the answer", told().At.IsZero(), true)
	pulse, err := f.db.Pulse(t.Context(), f.company.ID)
	f.must(err)
	f.must(f.db.SaveProbe(t.Context(), f.company.ID, lastword.Probe{Channel: f.channel.ID, At: now, Next: next,
		Abilities: []lastword.Ability{{Name: "hear", Can: true, Until: next}, {Name: "reply", Why: "why.x_scope", Act: true}}}))
	got := told()
	equal(t, "abilities", len(got.Abilities), 2)
	equal(t, "until", got.Abilities[0].Until.Equal(next), true)
	equal(t, "act", got.Abilities[1].Act, true)
	after, err := f.db.Pulse(t.Context(), f.company.ID)
	f.must(err)
	equal(t, "pages are told", after > pulse, true)

	changed := f.channel.Channel
	_, err = f.db.SaveChannel(t.Context(), f.director, changed)
	f.must(err)
	equal(t, "of a changed channel", told().At.IsZero(), true)
	f.must(f.db.SaveProbe(t.Context(), f.company.ID, lastword.Probe{Channel: f.channel.ID, At: now, Next: next, Why: "why.denied", Refused: true}))
	equal(t, "an answer to what was before the change", told().Refused, false)
	f.must(f.db.BeginProbe(t.Context(), f.company.ID, f.channel.ID, next))
	equal(t, "asked by a person", due(), 0)
	f.must(f.db.SaveProbe(t.Context(), f.company.ID, lastword.Probe{Channel: f.channel.ID, At: now, Next: next, Why: "why.denied", Refused: true}))
	equal(t, "refused", told().Why, "why.denied")
	f.clock.Add(25 * time.Hour)
	equal(t, "a day later", due(), f.channel.ID)
	equal(t, "told meanwhile", told().Why, "why.denied")
	f.clock.Add(25 * time.Hour)
	changed.Paused = true
	_, err = f.db.SaveChannel(t.Context(), f.director, changed)
	f.must(err)
	equal(t, "paused", due(), 0)
}
