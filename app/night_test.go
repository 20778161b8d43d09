package app

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"lastword"
)

// It is night where a company lives, not where the server stands.
func TestNight(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 27, 2, 30, 0, 0, time.UTC)
	for zone, want := range map[string]int{"Europe/Vienna": 3, "America/New_York": 21, "": 2, "Nowhere/At_All": 2} {
		if got := hourOf(lastword.Company{Zone: zone}, at); got != want {
			t.Errorf("in %q it is %d o'clock, want %d", zone, got, want)
		}
	}
}

// At night a Tidy job is left for each company where it is night, and for no other.
func TestNightLeavesWork(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 2, 30, 0, 0, time.UTC)
	c := Config{Data: t.TempDir(), Log: "error"}
	o := c.storeOptions(slog.New(slog.DiscardHandler))
	o.Now = func() time.Time { return now }
	a, err := open(t.Context(), c, o, shipped())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	for _, zone := range []string{"Europe/Vienna", "America/New_York"} {
		if _, err := a.DB.AddCompany(t.Context(), lastword.Company{Name: zone, Names: []string{zone}, Lang: "de", Zone: zone, Rule: lastword.AnyDirector, Minutes: 10}); err != nil {
			t.Fatal(err)
		}
	}
	left := func() int {
		n, err := a.DB.OpenJobs(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := a.night(t.Context(), lastword.Job{Kind: lastword.Night}); err != nil {
		t.Fatal(err)
	}
	if n := left(); n != 1 {
		t.Errorf("%d companies are tidied up at night, want the one in Vienna", n)
	}
	now = now.Add(5 * time.Hour)
	if err := a.night(t.Context(), lastword.Job{Kind: lastword.Night}); err != nil {
		t.Fatal(err)
	}
	if n := left(); n != 1 {
		t.Errorf("work was left by day: %d jobs", n)
	}
}
