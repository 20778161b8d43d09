package decide_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/decide"
	"lastword/store"
)

func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

// house is a company with one theme in a store of its own.
type house struct {
	*testing.T
	db                               *store.DB
	step                             *decide.Step
	company                          lastword.Company
	director, second, staff, adviser lastword.Member
	theme                            int64
}

func newHouse(t *testing.T, rule lastword.Rule) *house {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Folder: t.TempDir(), Now: noon})
	h := &house{T: t, db: db, step: &decide.Step{Store: db, Now: noon}}
	h.must(err)
	t.Cleanup(func() { h.must(db.Close()) })
	h.company, err = db.AddCompany(t.Context(), lastword.Company{Name: "Muster GmbH", Lang: "de", Zone: "Europe/Berlin", Rule: rule, Minutes: 10})
	h.must(err)
	h.director, h.second = h.member("Anna", lastword.Director), h.member("Jens", lastword.Director)
	h.staff, h.adviser = h.member("Kim", lastword.Staff), h.member("Mara", lastword.Adviser)
	h.theme = h.addTheme("Ersatzteile")
	return h
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) member(name string, role lastword.Role) lastword.Member {
	h.Helper()
	m, err := h.db.SaveMember(h.Context(), lastword.Member{Company: h.company.ID}, lastword.Member{Name: name, Role: role, Lang: "de"})
	h.must(err)
	return m
}

func (h *house) addTheme(name string) int64 {
	h.Helper()
	th := lastword.Theme{ID: h.db.NewID(), Company: h.company.ID, Name: name, Lang: "de"}
	_, stamp, err := h.db.LiveThemes(h.Context(), h.company.ID)
	h.must(err)
	_, err = h.db.SavePlacements(h.Context(), h.company.ID, stamp, []lastword.Theme{th}, nil)
	h.must(err)
	return th.ID
}

func (h *house) standing() lastword.Theme {
	h.Helper()
	th, err := h.db.Theme(h.Context(), h.company.ID, h.theme)
	h.must(err)
	return th
}

func yes() lastword.Decision {
	return lastword.Decision{Verdict: lastword.Yes, Reason: map[string]string{"de": " Viele haben darum gebeten. ", "en": "Many asked for it."}}
}

func TestDirectorDecides(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	d, err := h.step.Decide(t.Context(), h.director, h.theme, yes())
	h.must(err)
	if d.Stands.IsZero() || d.By != h.director.ID || d.Reason["de"] != "Viele haben darum gebeten." {
		t.Errorf("decided %+v", d)
	}
	if th := h.standing(); th.Decision != d.ID || th.Verdict != lastword.Yes {
		t.Errorf("theme has decision %d, %q", th.Decision, th.Verdict)
	}
	log, err := h.db.AuditTail(t.Context(), h.company.ID, 0, 1)
	h.must(err)
	if e := log[0]; e.Act != "decision.released" || e.By != h.director.ID || e.ID != d.ID || !strings.Contains(e.Detail, decide.Digest(d)) {
		t.Errorf("log says %+v", e)
	}
}

func TestNewDecisionSupersedes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	was, err := h.step.Decide(t.Context(), h.director, h.theme, yes())
	h.must(err)
	no := yes()
	no.Verdict = lastword.No
	is, err := h.step.Decide(t.Context(), h.second, h.theme, no)
	h.must(err)
	if is.Supersedes != was.ID || h.standing().Verdict != lastword.No {
		t.Errorf("%+v does not supersede %d", is, was.ID)
	}
	if _, err := h.step.Consent(t.Context(), h.second, was.ID, was.Digest()); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("consent to a superseded decision: %v", err)
	}
}

// Two directors who must both release: the first word alone does not stand.
func TestJointDirectors(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AllDirectors)
	d, err := h.step.Decide(t.Context(), h.director, h.theme, yes())
	h.must(err)
	again, err := h.step.Consent(t.Context(), h.director, d.ID, d.Digest())
	h.must(err)
	if !d.Stands.IsZero() || !again.Stands.IsZero() || h.standing().Decision != 0 {
		t.Fatal("one of two directors was enough")
	}
	if _, err := h.step.Consent(t.Context(), h.second, d.ID, strings.Repeat("0", 64)); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("consent to other content: %v", err)
	}
	both, err := h.step.Consent(t.Context(), h.second, d.ID, d.Digest())
	h.must(err)
	if both.Stands.IsZero() || h.standing().Decision != d.ID {
		t.Error("both directors were not enough")
	}
}

func TestProposalWaitsForDirector(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	for _, m := range []lastword.Member{h.staff, h.adviser} {
		d, err := h.step.Decide(t.Context(), m, h.theme, yes())
		h.must(err)
		if !d.Stands.IsZero() || h.standing().Decision != 0 {
			t.Fatalf("the word of %s stands", m.Role)
		}
		given, err := h.db.Consents(t.Context(), h.company.ID, lastword.OfDecision, d.ID, d.Digest())
		h.must(err)
		log, err := h.db.AuditTail(t.Context(), h.company.ID, 0, 1)
		h.must(err)
		if len(given) != 0 || log[0].Act != "decision.proposed" {
			t.Errorf("the proposal by %s is logged as %s, with consents %v", m.Role, log[0].Act, given)
		}
		if _, err := h.step.Consent(t.Context(), m, d.ID, d.Digest()); !errors.Is(err, lastword.ErrForbidden) {
			t.Errorf("%s consents: %v", m.Role, err)
		}
		if err := h.step.Reopen(t.Context(), m, h.theme); !errors.Is(err, lastword.ErrForbidden) {
			t.Errorf("%s reopens: %v", m.Role, err)
		}
	}
	d, err := h.step.Decide(t.Context(), h.staff, h.theme, yes())
	h.must(err)
	d, err = h.step.Consent(t.Context(), h.second, d.ID, d.Digest())
	h.must(err)
	if d.Stands.IsZero() || d.By != h.staff.ID {
		t.Errorf("accepted proposal: %+v", d)
	}
}

func TestProposalWhoseDayHasPassed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	d := yes()
	d.Verdict, d.When = lastword.Later, noon().AddDate(0, 0, 1)
	d, err := h.step.Decide(t.Context(), h.staff, h.theme, d)
	h.must(err)
	h.step.Now = func() time.Time { return noon().AddDate(0, 0, 2) }
	var m *lastword.Mistake
	if _, err := h.step.Consent(t.Context(), h.director, d.ID, d.Digest()); !errors.As(err, &m) || m.Key != "mistake.when_past" {
		t.Errorf("consent after the day: %v", err)
	}
}

func TestReopen(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	_, err := h.step.Decide(t.Context(), h.director, h.theme, yes())
	h.must(err)
	h.must(h.step.Reopen(t.Context(), h.director, h.theme))
	if th := h.standing(); th.Decision != 0 || th.Verdict != "" {
		t.Errorf("reopened theme has %d, %q", th.Decision, th.Verdict)
	}
}

func TestWhoMayNot(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	left := h.director
	left.Left = noon()
	unknown := h.director
	unknown.Role = "owner"
	for _, m := range []lastword.Member{left, unknown} {
		if _, err := h.step.Decide(t.Context(), m, h.theme, yes()); !errors.Is(err, lastword.ErrForbidden) {
			t.Errorf("%+v decides: %v", m, err)
		}
	}
	if _, err := h.step.Decide(t.Context(), lastword.Member{ID: 1, Company: 1, Role: lastword.Director}, h.theme, yes()); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("a director of another company decides: %v", err)
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	said := func(reason string) map[string]string { return map[string]string{"de": reason} }
	berlin, err := time.LoadLocation("Europe/Berlin")
	h.must(err)
	tests := []struct {
		d          lastword.Decision
		key, field string // "" means fine
	}{
		{lastword.Decision{Verdict: "maybe", Reason: said("Gut.")}, "mistake.verdict", "verdict"},
		{lastword.Decision{Verdict: lastword.Later, Reason: said("Gut.")}, "mistake.when_missing", "when"},
		{lastword.Decision{Verdict: lastword.Later, Reason: said("Gut."), When: noon()}, "mistake.when_past", "when"},
		{lastword.Decision{Verdict: lastword.Later, Reason: said("Gut."), When: noon().AddDate(3, 0, 1)}, "mistake.when_far", "when"},
		{lastword.Decision{Verdict: lastword.Later, Reason: said("Gut."), When: noon().AddDate(3, 0, 0)}, "", ""},
		{lastword.Decision{Verdict: lastword.Later, Reason: said("Gut."), When: time.Date(2026, 11, 24, 0, 0, 0, 0, berlin)}, "", ""},
		{lastword.Decision{Verdict: lastword.Yes}, "mistake.reason_missing", "reason.de"},
		{lastword.Decision{Verdict: lastword.Yes, Reason: map[string]string{"en": "Good."}}, "mistake.reason_missing", "reason.de"},
		{lastword.Decision{Verdict: lastword.Yes, Reason: said("…")}, "mistake.reason_missing", "reason.de"},
		{lastword.Decision{Verdict: lastword.Yes, Reason: map[string]string{"de": "Gut.", "Deutsch": "Gut."}}, "mistake.reason_language", "reason"},
		{lastword.Decision{Verdict: lastword.Yes, Reason: said("Eins.\nZwei.")}, "mistake.reason_lines", "reason.de"},
		{lastword.Decision{Verdict: lastword.Yes, Reason: said("Gut \u202egemeint.")}, "mistake.reason_characters", "reason.de"},
		{lastword.Decision{Verdict: lastword.Yes, Reason: said("Erster Satz. Zweiter Satz. Dritter Satz.")}, "mistake.reason_sentences", "reason.de"},
		{lastword.Decision{Verdict: lastword.Yes, Reason: said(strings.Repeat("ä", 281))}, "mistake.reason_too_long", "reason.de"},
		{lastword.Decision{Verdict: lastword.Yes, Reason: said(strings.Repeat("ä", 280))}, "", ""},
	}
	for _, tt := range tests {
		_, err := h.step.Decide(t.Context(), h.staff, h.theme, tt.d)
		var m *lastword.Mistake
		if tt.key == "" {
			if err != nil {
				t.Errorf("%+v: %v", tt.d, err)
			}
			continue
		}
		if !errors.As(err, &m) || m.Key != tt.key || m.Field != tt.field || !errors.Is(err, lastword.ErrInvalid) {
			t.Errorf("%+v: %v, want %s at %s", tt.d, err, tt.key, tt.field)
		}
	}
}

// The day is the one a person chose, wherever the clock that carries it stands.
func TestDayIsACalendarDay(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	berlin, err := time.LoadLocation("Europe/Berlin")
	h.must(err)
	want := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, in := range []time.Time{want, time.Date(2027, 3, 1, 0, 0, 0, 0, berlin), time.Date(2027, 3, 1, 23, 59, 0, 0, time.UTC)} {
		d := yes()
		d.Verdict, d.When = lastword.Later, in
		d, err := h.step.Decide(t.Context(), h.staff, h.theme, d)
		h.must(err)
		kept, err := h.db.Decision(t.Context(), h.company.ID, d.ID)
		h.must(err)
		if !kept.When.Equal(want) || kept.Digest() != d.Digest() {
			t.Errorf("%v is kept as %v", in, kept.When)
		}
	}
}

// Every fixed reason could be released as it stands, in both languages.
func TestReasonsAreReasons(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	for _, v := range lastword.Verdicts {
		for _, want := range append(lastword.AllKinds[:], 0) {
			de, en := decide.Reasons(v, want, "de"), decide.Reasons(v, want, "en")
			if len(de) < 5 || len(de) > 7 || len(en) != len(de) {
				t.Errorf("%s to %s has %d and %d reasons", v, want, len(de), len(en))
			}
			for i := range de {
				d := lastword.Decision{Verdict: v, When: noon().AddDate(0, 1, 0), Reason: map[string]string{"de": de[i], "en": en[i]}}
				if _, err := h.step.Decide(context.Background(), h.staff, h.theme, d); err != nil {
					t.Errorf("%q / %q: %v", de[i], en[i], err)
				}
			}
			if slices.Equal(de, en) {
				t.Errorf("%s to %s: German and English are the same", v, want)
			}
		}
	}
	if len(decide.Reasons("maybe", 0, "de")) != 0 {
		t.Error("an unknown verdict has reasons")
	}
}
