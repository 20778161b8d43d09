package theme

import (
	"context"
	"fmt"

	"lastword"
)

// Meanings tells where a company's endpoint puts texts; see model.Step.Directions.
// Whatever fails there, gathering goes on without.
type Meanings interface {
	// Directions returns where texts lie, those for which it can tell, and in which
	// space: empty where the company uses none. Texts that are not known are asked
	// about only where ask is set. A text of ours has a Voice below 0.
	Directions(ctx context.Context, company int64, said []lastword.Saying, ask bool) (space string, at map[int64]lastword.Direction)
}

// A reference is where a space has the texts by which it is measured.
type reference struct {
	space string
	at    map[int64]lastword.Direction
}

// measured is a new Space of that name, or nil.
func (r reference) measured(space string) *Space {
	if space == "" || r.space != space {
		return nil
	}
	return NewSpace(space, r.at)
}

// locate asks the company's endpoint where voices lie, before anybody waits for
// the machine, and returns in which space: none where it cannot be measured. later
// are those voices of which it did not tell though it told of others.
func (s *Step) locate(ctx context.Context, h *home, company int64, voices []lastword.Voice, items []Item) (space string, later []int64) {
	if s.Meanings == nil {
		return "", nil
	}
	said := sayings(voices)
	space, at := s.Meanings.Directions(ctx, company, said, true)
	if space == "" || !s.refer(ctx, h, company, space) {
		return "", nil
	}
	for i := range items {
		items[i].Far = at[items[i].ID]
	}
	for _, v := range said {
		if len(at) > 0 && at[v.Voice] == nil && v.Text != "" {
			later = append(later, v.Voice)
		}
	}
	return space, later
}

// refer makes sure that a space can be measured.
func (s *Step) refer(ctx context.Context, h *home, company int64, space string) bool {
	h.mu.Lock()
	known := h.reference.space == space
	h.mu.Unlock()
	if known {
		return true
	}
	texts := Reference()
	of, at := s.Meanings.Directions(ctx, company, texts, true)
	if of != space || len(at) != len(texts) {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reference = reference{space, at}
	return true
}

// kept returns what is known of where recent voices lie, without asking.
func (s *Step) kept(ctx context.Context, company int64, space string, recent []lastword.Voice) map[int64]lastword.Direction {
	if s.Meanings == nil || space == "" {
		return nil
	}
	of, at := s.Meanings.Directions(ctx, company, sayings(recent), false)
	if of != space {
		return nil
	}
	return at
}

// sayings are the texts of those voices that may leave the house: what was said in
// public, and is still to be seen there.
func sayings(voices []lastword.Voice) []lastword.Saying {
	said := make([]lastword.Saying, 0, len(voices))
	for _, v := range voices {
		if ours(v) && public(v) {
			said = append(said, lastword.Saying{Voice: v.ID, Text: ItemOf(v).Text})
		}
	}
	return said
}

func public(v lastword.Voice) bool { return !v.Private && !v.Hidden && v.GoneAt.IsZero() }

// Mean does a Mean job: it asks where voices lie that were gathered before there
// was an endpoint. The company's machine learns of it before its next job.
func (s *Step) Mean(ctx context.Context, job lastword.Job) error {
	if s.Meanings == nil {
		return nil
	}
	voices, err := s.Store.Voices(ctx, job.Company, job.IDs)
	if err != nil {
		return fmt.Errorf("theme: meanings for company %d: %w", job.Company, err)
	}
	if _, at := s.Meanings.Directions(ctx, job.Company, sayings(voices), true); len(at) == 0 {
		return nil
	}
	h := s.home(job.Company)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.saving.Lock() // until what the machine did is kept
	defer h.saving.Unlock()
	h.machine = nil
	return nil
}
