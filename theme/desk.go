package theme

import (
	"context"
	"fmt"
	"slices"

	"lastword"
)

// Desk is what people's acts on themes read and write. Each write is one
// transaction together with its corrections and its audit entry, recounts the
// themes touched, and makes LiveThemes return another stamp.
type Desk interface {
	// Theme returns a theme with its model; lastword.ErrNotFound if there is none.
	Theme(ctx context.Context, company, id int64) (lastword.Theme, error)

	// MoveVoices places voices by the word of a member: Theme (0 for none), Fit,
	// and FitBy = by. Their near-copies that no person placed go with them. Those
	// of m without By are the machine's own, as in Store.SavePlacements. It
	// saves the models of themes, by ID; one not yet there is added with Name,
	// Kinds and Lang. A theme whose Changed is not what the store has now was
	// changed meanwhile: lastword.ErrConflict, and nothing is saved.
	MoveVoices(ctx context.Context, company, by int64, m []lastword.Membership, themes []lastword.Theme, next ...lastword.Job) error

	// PlacedVoices returns the voices of a theme that the machine put there and that
	// are not answered yet, the latest first.
	PlacedVoices(ctx context.Context, company, theme int64, most int) ([]lastword.Voice, error)

	// MergeThemes moves all voices of from to into with their Fit, sets Into of
	// from, saves the model of into, and keeps the two as a judged Pair with words.
	MergeThemes(ctx context.Context, company, by, from, into int64, model, words []byte, next ...lastword.Job) error

	// JudgePair keeps a member's word on two themes.
	JudgePair(ctx context.Context, company, by int64, p lastword.Pair) error

	// JudgedPairs lists the pairs on which a person said something, the latest first.
	JudgedPairs(ctx context.Context, company int64, most int) ([]lastword.Pair, error)

	// RenameTheme sets a theme's name and NamedBy.
	RenameTheme(ctx context.Context, company, by, theme int64, name string) error
}

// Merge makes theme from a part of theme into. Both must be live and differ. A
// theme on which a decision stands cannot be merged away: what was said to its
// people would no longer fit.
func (s *Step) Merge(ctx context.Context, by lastword.Member, from, into int64) error {
	return s.act(by, "merge", func() error {
		if from == into {
			return &lastword.Mistake{Key: "mistake.merge_same"}
		}
		a, b, err := s.two(ctx, by.Company, from, into)
		if err != nil {
			return err
		}
		if a.Decision != 0 {
			return &lastword.Mistake{Key: "mistake.merge_decided", Kind: lastword.ErrConflict}
		}
		model, err := Merge(b.Model, a.Model)
		if err != nil {
			return err
		}
		p, err := pairWord(a, b, 1)
		if err != nil {
			return err
		}
		return s.Desk.MergeThemes(ctx, by.Company, by.ID, from, into, model, p.Words, draft(b)...)
	})
}

// Split makes a new theme of some voices of a theme, and returns its id. The
// voices surely belong to it: a person said so.
func (s *Step) Split(ctx context.Context, by lastword.Member, theme int64, voices []int64) (int64, error) {
	var id int64
	err := s.act(by, "split", func() error {
		t, err := s.live(ctx, by.Company, theme)
		if err != nil {
			return err
		}
		vs, err := s.voices(ctx, by.Company, voices)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(vs, func(v lastword.Voice) bool { return v.Theme != theme }) {
			return &lastword.Mistake{Key: "mistake.split_strangers", Field: "voices"}
		}
		l, err := s.lesson(ctx, by.Company)
		if err != nil {
			return err
		}
		part, err := l.split(&t, vs)
		if err != nil {
			return err
		}
		var ms []lastword.Membership
		for _, v := range vs {
			ms = append(ms, placement(by, v, part.ID, 1))
		}
		id = part.ID
		if err := s.Desk.MoveVoices(ctx, by.Company, by.ID, ms, []lastword.Theme{t, part}); err != nil {
			return err
		}
		p, err := pairWord(t, part, -1) // what was split is not to be joined again
		if err != nil {
			return err
		}
		return s.Desk.JudgePair(ctx, by.Company, by.ID, p)
	})
	return id, err
}

// Found makes a theme of one voice that is in none, so that it can be answered by
// itself, and returns the theme's id: that of its theme where it has one by now. Who
// says the same later joins it, and is answered by the same decision.
func (s *Step) Found(ctx context.Context, by lastword.Member, voice int64) (int64, error) {
	var id int64
	err := s.act(by, "found", func() error {
		vs, err := s.voices(ctx, by.Company, []int64{voice})
		if err != nil {
			return err
		}
		if id = vs[0].Theme; id != 0 {
			return nil
		}
		l, err := s.lesson(ctx, by.Company)
		if err != nil {
			return err
		}
		t, err := l.found(vs)
		if err != nil {
			return err
		}
		id = t.ID
		return s.Desk.MoveVoices(ctx, by.Company, by.ID, []lastword.Membership{placement(by, vs[0], id, 1)}, []lastword.Theme{t})
	})
	return id, err
}

// Move places voices into a theme; the machine learns from it.
func (s *Step) Move(ctx context.Context, by lastword.Member, voices []int64, theme int64) error {
	return s.act(by, "move", func() error {
		if _, err := s.live(ctx, by.Company, theme); err != nil {
			return err
		}
		return s.place(ctx, by, voices, theme)
	})
}

// Confirm says that voices belong where they are; from then on they are sure.
func (s *Step) Confirm(ctx context.Context, by lastword.Member, voices []int64) error {
	return s.act(by, "confirm", func() error {
		vs, err := s.voices(ctx, by.Company, voices)
		if err != nil {
			return err
		}
		l, err := s.lesson(ctx, by.Company)
		if err != nil {
			return err
		}
		var ms []lastword.Membership
		var homes []int64
		for _, v := range vs {
			if v.Theme == 0 {
				return &lastword.Mistake{Key: "mistake.confirm_none", Field: "voices"}
			}
			if err := l.affirm(ctx, v); err != nil {
				return err
			}
			ms = append(ms, placement(by, v, v.Theme, 1))
			homes = append(homes, v.Theme)
		}
		more, err := l.refit(ctx, ms)
		if err != nil {
			return err
		}
		return s.Desk.MoveVoices(ctx, by.Company, by.ID, append(ms, more...), l.changed(), l.drafts(homes...)...)
	})
}

// Reject says that voices do not belong to their theme, nor to any other until
// a person places them.
func (s *Step) Reject(ctx context.Context, by lastword.Member, voices []int64) error {
	return s.act(by, "reject", func() error { return s.place(ctx, by, voices, 0) })
}

// Rename gives a theme a person's name, which the machine never changes again.
func (s *Step) Rename(ctx context.Context, by lastword.Member, theme int64, name string) error {
	return s.act(by, "rename", func() error {
		clean, err := cleanName(name)
		if err != nil {
			return err
		}
		if _, err := s.live(ctx, by.Company, theme); err != nil {
			return err
		}
		return s.Desk.RenameTheme(ctx, by.Company, by.ID, theme, clean)
	})
}

// act does one act of a member while the company's machine rests; the machine
// is restored before its next job, with what the person taught it.
func (s *Step) act(by lastword.Member, what string, do func() error) error {
	if by.ID == 0 || by.Company == 0 || !by.Left.IsZero() {
		return fmt.Errorf("theme: %s: %w", what, lastword.ErrForbidden)
	}
	h := s.home(by.Company)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.saving.Lock() // until what the machine did is kept
	defer h.saving.Unlock()
	h.machine = nil
	if err := do(); err != nil {
		return fmt.Errorf("theme: %s: %w", what, err)
	}
	return nil
}

// place moves voices to a theme, or with to 0 to none.
func (s *Step) place(ctx context.Context, by lastword.Member, voices []int64, to int64) error {
	vs, err := s.voices(ctx, by.Company, voices)
	if err != nil {
		return err
	}
	l, err := s.lesson(ctx, by.Company)
	if err != nil {
		return err
	}
	fit := 0.0
	if to != 0 {
		fit = 1
	}
	var ms []lastword.Membership
	for _, v := range vs {
		if err := l.move(ctx, v, to); err != nil {
			return err
		}
		ms = append(ms, placement(by, v, to, fit))
	}
	more, err := l.refit(ctx, ms)
	if err != nil {
		return err
	}
	return s.Desk.MoveVoices(ctx, by.Company, by.ID, append(ms, more...), l.changed(), l.drafts(to)...)
}

func placement(by lastword.Member, v lastword.Voice, theme int64, fit float64) lastword.Membership {
	return lastword.Membership{Voice: v.ID, Theme: theme, Fit: fit, CopyOf: v.CopyOf, By: by.ID}
}

// live returns a theme that is not merged away.
func (s *Step) live(ctx context.Context, company, id int64) (lastword.Theme, error) {
	t, err := s.Desk.Theme(ctx, company, id)
	if err == nil && t.Into != 0 {
		return t, fmt.Errorf("theme %d was merged: %w", id, lastword.ErrNotFound)
	}
	return t, err
}

func (s *Step) two(ctx context.Context, company, a, b int64) (ta, tb lastword.Theme, err error) {
	if ta, err = s.live(ctx, company, a); err != nil {
		return
	}
	tb, err = s.live(ctx, company, b)
	return
}

// voices returns all of the voices, none of them gone.
func (s *Step) voices(ctx context.Context, company int64, ids []int64) ([]lastword.Voice, error) {
	if len(ids) == 0 {
		return nil, &lastword.Mistake{Key: "mistake.nothing_chosen", Field: "voices"}
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	vs, err := s.Store.Voices(ctx, company, ids)
	if err != nil {
		return nil, err
	}
	if len(vs) != len(ids) {
		return nil, fmt.Errorf("some voices: %w", lastword.ErrNotFound)
	}
	if slices.ContainsFunc(vs, func(v lastword.Voice) bool { return !v.GoneAt.IsZero() }) {
		return nil, lastword.ErrGone
	}
	return vs, nil
}

func draft(t lastword.Theme) []lastword.Job {
	if t.Decision == 0 {
		return nil
	}
	return []lastword.Job{{Kind: lastword.DraftJob, Company: t.Company, IDs: []int64{t.Decision}}}
}
