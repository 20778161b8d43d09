package web

import (
	"errors"
	"net/http"

	"lastword"
	"lastword/web/page"
)

// The machine asks, one thing at a time, whether two themes want the same and whether
// a voice belongs where it lies. One key answers; it never asks the same twice.

// pairAsked is the likeliest pair of themes, of one theme or of all where theme is 0;
// nil where there is nothing to ask.
func (s *site) pairAsked(v *visit, theme int64) (*page.PairView, error) {
	pairs, err := s.Store.Pairs(v.ctx(), v.company.ID, theme, 1)
	if err != nil || len(pairs) == 0 {
		return nil, err
	}
	p := pairs[0]
	if theme != 0 && p.B == theme {
		p.A, p.B = p.B, p.A
	}
	view := &page.PairView{Next: v.r.URL.RequestURI()}
	if v.r.Method != http.MethodGet {
		view.Next = to("themes", theme)
	}
	if view.A, err = s.Store.Theme(v.ctx(), v.company.ID, p.A); err != nil {
		return nil, err
	}
	view.B, err = s.Store.Theme(v.ctx(), v.company.ID, p.B)
	return view, err
}

// asks finds what there is to ask on a theme's page: a theme that may want the same,
// or else a voice that hardly belongs.
func (s *site) asks(v *visit, view *page.ThemeView) (err error) {
	if view.Asks, err = s.pairAsked(v, view.Theme.ID); err != nil || view.Asks != nil || view.Theme.Doubtful == 0 {
		return err
	}
	found, err := s.doubtful(v, view.Theme.ID, mostTimed)
	for i, r := range found {
		if r.Fit < odd && (view.Odd == nil || r.Fit < view.Odd.Fit) {
			view.Odd = &found[i]
		}
	}
	return err
}

// odd is the fit below which a voice rather does not belong.
const odd = 0.5

// judgePair takes a person's word on two themes: yes makes them one, and no is
// remembered. (POST /pairs)
func (s *site) judgePair(v *visit) error {
	a, b := v.number("a"), v.number("b")
	if a == 0 || b == 0 {
		return &lastword.Mistake{Key: "mistake.nothing_chosen"}
	}
	next := ours(v.word("next"), "/themes")
	if v.word("same") != "yes" {
		if err := s.Themes.TellApart(v.ctx(), v.member, a, b); err != nil {
			return err
		}
		v.tell(page.Flash{Key: "flash.apart", N: 1})
		return v.redirect(next)
	}
	from, into, err := s.direction(v, a, b)
	if err != nil {
		return err
	}
	if err := s.Themes.Merge(v.ctx(), v.member, from, into); err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.merged", N: 1})
	if next == to("themes", from) {
		next = to("themes", into)
	}
	return v.redirect(next)
}

// direction says which of two themes goes into the other: into the one that is
// decided, or named by a person, or else the larger one.
func (s *site) direction(v *visit, a, b int64) (from, into int64, err error) {
	ta, errA := s.Store.Theme(v.ctx(), v.company.ID, a)
	tb, errB := s.Store.Theme(v.ctx(), v.company.ID, b)
	if err := errors.Join(errA, errB); err != nil {
		return 0, 0, err
	}
	rank := func(t lastword.Theme) int {
		n := t.Voices
		if t.NamedBy != 0 {
			n += 1 << 40
		}
		if t.Decision != 0 {
			n += 1 << 50
		}
		return n
	}
	if rank(ta) > rank(tb) {
		return b, a, nil
	}
	return a, b, nil
}
