package decide

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"lastword"
)

// Step is the hull around the last word. Its methods may be called by many at
// a time. Whatever is wrong in what somebody entered is a *lastword.Mistake;
// who may not is told lastword.ErrForbidden.
type Step struct {
	Store Store
	Now   func() time.Time
}

// Digest names exactly what is decided; a consent must repeat it.
func Digest(d lastword.Decision) string { return d.Digest() }

// Decide puts a decision on a theme by m's word. Of d it takes Verdict, When
// (the calendar day it shows in its own location) and Reason. A director's word
// is a consent too, so that it stands at once where the rule asks for one; by
// staff or an adviser it is a proposal. It returns the decision as kept.
func (s *Step) Decide(ctx context.Context, m lastword.Member, theme int64, d lastword.Decision) (lastword.Decision, error) {
	if !works(m) {
		return lastword.Decision{}, fmt.Errorf("decide: member %d: %w", m.ID, lastword.ErrForbidden)
	}
	d, err := s.prepare(ctx, m, theme, d)
	if err != nil {
		return lastword.Decision{}, err
	}
	if m.MayRelease() {
		return s.consent(ctx, m, d, true)
	}
	entry, err := s.entry(m, "decision.proposed", lastword.OfDecision, d.ID, told(d))
	if err != nil {
		return lastword.Decision{}, err
	}
	return d, s.Store.AddDecision(ctx, d, entry)
}

// Consent is a director's word on a decision that is there already: a further
// director's, or the acceptance of a proposal. Digest is of the content that
// the director saw; lastword.ErrConflict where it is no longer that, or where
// another decision has taken its place. Repeating a consent changes nothing.
func (s *Step) Consent(ctx context.Context, m lastword.Member, decision int64, digest string) (lastword.Decision, error) {
	if !m.MayRelease() {
		return lastword.Decision{}, fmt.Errorf("decide: member %d may not consent: %w", m.ID, lastword.ErrForbidden)
	}
	d, err := s.Store.Decision(ctx, m.Company, decision)
	if err != nil {
		return lastword.Decision{}, fmt.Errorf("decide: decision %d: %w", decision, err)
	}
	if d.Digest() != digest || d.SupersededBy != 0 {
		return lastword.Decision{}, fmt.Errorf("decide: decision %d is not what was shown: %w", decision, lastword.ErrConflict)
	}
	if !d.Stands.IsZero() {
		return d, nil
	}
	if _, err := s.checked(ctx, d); err != nil {
		return lastword.Decision{}, err // the day of a proposal may have passed
	}
	return s.consent(ctx, m, d, false)
}

// Reopen ends the standing decision of a theme. Only a director may: it takes
// back a director's word.
func (s *Step) Reopen(ctx context.Context, m lastword.Member, theme int64) error {
	if !m.MayRelease() {
		return fmt.Errorf("decide: member %d may not reopen: %w", m.ID, lastword.ErrForbidden)
	}
	entry, err := s.entry(m, "theme.reopened", lastword.OfTheme, theme, struct{}{})
	if err != nil {
		return err
	}
	return s.Store.ReopenTheme(ctx, m.Company, theme, entry)
}

// prepare makes the decision that will be kept, checked and with an id.
func (s *Step) prepare(ctx context.Context, m lastword.Member, theme int64, d lastword.Decision) (lastword.Decision, error) {
	t, err := s.Store.Theme(ctx, m.Company, theme)
	if err != nil {
		return d, fmt.Errorf("decide: theme %d: %w", theme, err)
	}
	if t.Into != 0 {
		return d, &lastword.Mistake{Key: "mistake.theme_merged", Kind: lastword.ErrConflict}
	}
	d, err = s.checked(ctx, lastword.Decision{
		Company: m.Company, Theme: theme,
		Verdict: d.Verdict, When: d.When, Reason: d.Reason,
		By: m.ID, Made: s.Now(),
	})
	if err != nil {
		return d, err
	}
	d.ID = s.Store.NewID()
	return d, nil
}

func (s *Step) checked(ctx context.Context, d lastword.Decision) (lastword.Decision, error) {
	c, err := s.Store.Company(ctx, d.Company)
	if err != nil {
		return d, fmt.Errorf("decide: company %d: %w", d.Company, err)
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return d, fmt.Errorf("decide: zone of company %d: %w", c.ID, err)
	}
	return check(d, c.Lang, s.Now().In(zone))
}

// consent records m's release of d and leaves the drafting as the next job.
func (s *Step) consent(ctx context.Context, m lastword.Member, d lastword.Decision, add bool) (lastword.Decision, error) {
	entry, err := s.entry(m, "decision.released", lastword.OfDecision, d.ID, told(d))
	if err != nil {
		return lastword.Decision{}, err
	}
	release := lastword.Release{
		Company: d.Company, Subject: lastword.OfDecision, ID: d.ID,
		Digest: d.Digest(), By: m.ID, At: entry.At,
	}
	next := lastword.Job{Kind: lastword.DraftJob, Company: d.Company, IDs: []int64{d.ID}}
	return s.Store.ConsentDecision(ctx, d, add, release, entry, next)
}

// detail is what the log keeps of a decision. The digest ties it to the exact
// content without repeating it.
type detail struct {
	Theme   int64            `json:"theme"`
	Verdict lastword.Verdict `json:"verdict"`
	Digest  string           `json:"digest"`
}

func told(d lastword.Decision) detail { return detail{d.Theme, d.Verdict, d.Digest()} }

func (s *Step) entry(m lastword.Member, act string, of lastword.Subject, id int64, what any) (lastword.Entry, error) {
	body, err := json.Marshal(what)
	if err != nil {
		return lastword.Entry{}, fmt.Errorf("decide: entry %s: %w", act, err)
	}
	return lastword.Entry{
		Company: m.Company, At: s.Now(), By: m.ID, Act: act, Subject: of, ID: id, Detail: string(body),
	}, nil
}

// works reports whether m is active under a role that we know.
func works(m lastword.Member) bool {
	roles := []lastword.Role{lastword.Director, lastword.Staff, lastword.Adviser}
	return m.Left.IsZero() && slices.Contains(roles, m.Role)
}
