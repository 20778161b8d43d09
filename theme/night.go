package theme

import (
	"context"
	"errors"
	"fmt"

	"lastword"
)

// mostNightly is how many of the newest voices are gathered anew at night: those
// that are compared with each other.
const mostNightly = 20_000

// Tidy does a Tidy job: while nobody works it gathers a company's recent voices anew,
// by all that is known now, and finds the themes that may want the same. A theme on
// which a decision stands is left exactly as it is. It may run twice.
func (s *Step) Tidy(ctx context.Context, job lastword.Job) error {
	h := s.home(job.Company)
	err := lastword.ErrConflict
	for range tries {
		if err = s.tidy(ctx, h, job.Company); !errors.Is(err, lastword.ErrConflict) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("theme: tidy up for company %d: %w", job.Company, err)
	}
	return nil
}

func (s *Step) tidy(ctx context.Context, h *home, company int64) error {
	chat, err := s.speaks(ctx, company)
	if err != nil {
		return err
	}
	a, err := s.consolidate(ctx, h, company, chat)
	if err != nil {
		return err
	}
	return s.save(ctx, h, company, a)
}

// consolidate lets a machine that knows more of the past than usual gather all of it
// anew. As after assign, the right to save is held when it returns without an error.
func (s *Step) consolidate(ctx context.Context, h *home, company int64, chat bool) (assigned, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.machine = nil
	if err := s.wakeWith(ctx, h, company, h.space, mostNightly); err != nil {
		return assigned{}, err
	}
	h.machine.cfg.Settled = 0
	a := assigned{epoch: h.epoch, placed: memberships(h.machine.Consolidate())}
	a.themes = h.machine.Changed(company)
	a.pairs, h.suggested = h.machine.Suggest(mostPairs), h.machine.Settled()
	a.next = h.drafts(company, a.placed)
	if chat {
		a.next = append(a.next, h.toWord(company, a.themes)...)
	}
	h.saving.Lock()
	return a, nil
}

// mostPairs is how many pairs of themes a company's people are asked about.
const mostPairs = 40

// TellApart takes a member's word that two themes do not want the same. The machine
// does not ask again, and heeds from then on by what they differ.
func (s *Step) TellApart(ctx context.Context, by lastword.Member, a, b int64) error {
	return s.act(by, "tell apart", func() error {
		if a == b {
			return &lastword.Mistake{Key: "mistake.merge_same"}
		}
		ta, tb, err := s.two(ctx, by.Company, a, b)
		if err != nil {
			return err
		}
		p, err := pairWord(ta, tb, -1)
		if err != nil {
			return err
		}
		return s.Desk.JudgePair(ctx, by.Company, by.ID, p)
	})
}
