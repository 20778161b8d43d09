package understand

import (
	"context"
	"fmt"

	"lastword"
)

// A Store is what the step reads and writes.
type Store interface {
	// Voices returns those of ids that are there.
	Voices(ctx context.Context, company int64, ids []int64) ([]lastword.Voice, error)
	// SaveLabels keeps labels, and next with them, in one transaction.
	SaveLabels(ctx context.Context, company int64, labels []lastword.Label, next ...lastword.Job) error
	Company(ctx context.Context, id int64) (lastword.Company, error)
	// Taught returns a mark that is another one after every change of what the
	// company teaches by its corrections.
	Taught(ctx context.Context, company int64) (mark int64, err error)
	// Lessons returns what the company teaches, from its latest corrections that
	// hold, with the mark of it.
	Lessons(ctx context.Context, company int64, most int) (mark int64, lessons []lastword.Lesson, err error)
	// SampleVoices returns up to most stored voices, newest first.
	SampleVoices(ctx context.Context, company int64, most int) ([]lastword.Voice, error)
}

// A Step labels the voices of a job. One goroutine is enough: a batch of a
// thousand takes less time than it takes to store it.
type Step struct {
	Store Store
	Model *Model // as it is shipped

	taught layers
}

// Do labels the voices of a job that are not labelled under this [Version] yet,
// and leaves one job to gather those that are about the company. Voices that
// are gone, or the company's own, are left alone. To run it twice does no harm.
func (s *Step) Do(ctx context.Context, job lastword.Job) error {
	company, err := s.Store.Company(ctx, job.Company)
	if err != nil {
		return fmt.Errorf("understand: %w", err)
	}
	voices, err := s.Store.Voices(ctx, job.Company, job.IDs)
	if err != nil {
		return fmt.Errorf("understand: %w", err)
	}
	m, _, err := s.model(ctx, job.Company)
	if err != nil {
		return err
	}
	names := append([]string{company.Name}, company.Names...)
	var labels []lastword.Label
	next := lastword.Job{Kind: lastword.Gather, Company: job.Company}
	for i := range voices {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("understand: %w", err)
		}
		if v := &voices[i]; due(v) {
			label := labelVoice(m, v, names)
			labels = append(labels, label)
			if label.About >= ours && !label.Announces() {
				next.IDs = append(next.IDs, v.ID)
			}
		}
	}
	return s.save(ctx, job.Company, labels, next)
}

// ours is the probability from which on a voice counts as about the company.
const ours = 0.5

func due(v *lastword.Voice) bool {
	return v.Version != Version && !v.Own && v.GoneAt.IsZero()
}

// labelVoice judges one voice; what a person said of it stays.
func labelVoice(m *Model, v *lastword.Voice, names []string) lastword.Label {
	label := m.read(v.Post, names, true).Label
	label.Voice = v.ID
	if v.KindsBy != 0 {
		label.KindsBy, label.Kinds = v.KindsBy, v.Kinds
		label.Feeling, label.PFeeling = v.Feeling, 1
	}
	return onlyWishes(label)
}

func (s *Step) save(ctx context.Context, company int64, labels []lastword.Label, next lastword.Job) error {
	if len(labels) == 0 {
		return nil
	}
	var jobs []lastword.Job
	if len(next.IDs) > 0 {
		jobs = append(jobs, next)
	}
	if err := s.Store.SaveLabels(ctx, company, labels, jobs...); err != nil {
		return fmt.Errorf("understand: %w", err)
	}
	return nil
}
