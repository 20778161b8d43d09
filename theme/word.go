package theme

import (
	"context"
	"errors"
	"fmt"

	"lastword"
	"lastword/internal/openai"
)

// Words asks a company's language model; see model.Step.Ask.
type Words interface {
	Uses(ctx context.Context, company int64) (embed, chat bool, err error)
	Ask(ctx context.Context, company int64, a lastword.Ask, into any) error
}

// Wordings keeps how themes were worded.
type Wordings interface {
	FindVoices(ctx context.Context, company int64, f lastword.VoiceFilter) ([]lastword.VoiceRow, error)
	// Wording returns lastword.ErrNotFound where a theme was not worded yet.
	Wording(ctx context.Context, company, theme int64) (lastword.Wording, error)
	// SaveWording replaces it; lastword.ErrConflict where a voice that was shown to the
	// model is gone.
	SaveWording(ctx context.Context, company int64, w lastword.Wording) error
}

const (
	wordy    = 3   // voices from which on a theme is worded
	regrown  = 1.5 // times as many until it is worded anew
	mostRead = 120 // voices among which those to show are picked
)

// speaks reports whether a company's themes are to be worded.
func (s *Step) speaks(ctx context.Context, company int64) (bool, error) {
	if s.Words == nil {
		return false, nil
	}
	_, chat, err := s.Words.Uses(ctx, company)
	return chat, err
}

// toWord leaves a job for each theme that has grown enough to be worded.
func (h *home) toWord(company int64, themes []lastword.Theme) []lastword.Job {
	if h.worded == nil {
		h.worded = map[int64]float32{}
	}
	var jobs []lastword.Job
	for _, t := range themes {
		cl := h.machine.themes[t.ID]
		if t.Into != 0 || cl == nil || cl.n < wordy || cl.n < regrown*h.worded[t.ID] {
			continue
		}
		h.worded[t.ID] = cl.n
		jobs = append(jobs, lastword.Job{Kind: lastword.Word, Company: company, IDs: []int64{t.ID}})
	}
	return jobs
}

// Word does a Word job: it lets the company's language model propose names for
// themes and sum them up. A theme keeps its name until a person takes another. What
// the model cannot do now is left until the theme grows.
func (s *Step) Word(ctx context.Context, job lastword.Job) error {
	for _, id := range job.IDs {
		chat, err := s.speaks(ctx, job.Company)
		if err == nil && chat {
			err = s.word(ctx, job.Company, id)
		}
		if err != nil {
			return fmt.Errorf("theme: word %d: %w", id, err)
		}
	}
	return nil
}

func (s *Step) word(ctx context.Context, company, id int64) error {
	t, err := s.Desk.Theme(ctx, company, id)
	if errors.Is(err, lastword.ErrNotFound) || err == nil && (t.Into != 0 || t.Voices < wordy) {
		return nil
	}
	if err != nil {
		return err
	}
	was, err := s.Wordings.Wording(ctx, company, id)
	if err == nil && float64(t.Voices) < regrown*float64(was.Voices) {
		return nil
	}
	if err != nil && !errors.Is(err, lastword.ErrNotFound) {
		return err
	}
	c, err := s.Store.Company(ctx, company)
	if err != nil {
		return err
	}
	shown, err := Shown(ctx, s.Wordings, company, id)
	if err != nil || len(shown) < 2 {
		return err
	}
	var said Worded
	err = s.Words.Ask(ctx, company, WordingAsk(c, shown), &said)
	w := lastword.Wording{Theme: id, Lang: c.Lang, Voices: t.Voices, Shown: idsOf(shown)}
	switch {
	case err == nil:
		w.Name, w.Sentences = said.Checked(c, shown)
	case !errors.Is(err, openai.ErrShape) && !errors.Is(err, openai.ErrCut):
		s.tell("a theme was not worded", company, err)
		return nil
	default: // it would answer the same again: nothing is kept, until the theme grows
		s.tell("the answer on a theme is of no use", company, err)
	}
	if err = s.Wordings.SaveWording(ctx, company, w); errors.Is(err, lastword.ErrConflict) {
		return nil
	}
	return err
}

func (s *Step) tell(what string, company int64, err error) {
	if s.Log != nil {
		s.Log.Info(what, "company", company, "err", err)
	}
}

// Shown returns the voices of a theme that a language model is shown: public ones
// that surely belong and differ from each other.
func Shown(ctx context.Context, w Wordings, company, theme int64) ([]lastword.Voice, error) {
	rows, err := w.FindVoices(ctx, company, lastword.VoiceFilter{Theme: theme, Limit: mostRead})
	if err != nil {
		return nil, err
	}
	voices := make([]lastword.Voice, 0, len(rows))
	byID := map[int64]lastword.Voice{}
	for _, r := range rows {
		if ours(r.Voice) && public(r.Voice) && r.CopyOf == 0 {
			voices = append(voices, r.Voice)
			byID[r.ID] = r.Voice
		}
	}
	var shown []lastword.Voice
	for _, id := range Quotes(voices, mostShown) {
		shown = append(shown, byID[id])
	}
	return shown, nil
}

func idsOf(voices []lastword.Voice) []int64 {
	ids := make([]int64, len(voices))
	for i, v := range voices {
		ids[i] = v.ID
	}
	return ids
}
