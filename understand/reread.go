package understand

import (
	"context"
	"fmt"
	"math"
	"sync"

	"lastword"
)

// layers are the models of companies that taught something, as they were needed
// last.
type layers struct {
	mu    sync.Mutex
	of    map[int64]*layer
	order []int64 // the companies, the one that was needed last at the end
}

// A layer is the model of one company.
type layer struct {
	mu     sync.Mutex // held while it is made
	mark   int64      // what it was learnt from; 0: nothing yet
	model  *Model
	reread int64 // the mark under which the open voices were read last
}

// mostLayers is how many companies' layers, of half a megabyte, are kept.
const mostLayers = 64

// get returns the place of a company's layer.
func (l *layers) get(company int64) *layer {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = map[int64]*layer{}
	}
	for i, c := range l.order {
		if c == company {
			l.order = append(append(l.order[:i:i], l.order[i+1:]...), c)
			return l.of[c]
		}
	}
	if len(l.order) >= mostLayers {
		delete(l.of, l.order[0])
		l.order = l.order[1:]
	}
	l.of[company], l.order = &layer{}, append(l.order, company)
	return l.of[company]
}

// model returns the model with what a company has taught by now, and the mark of
// that. It is learnt anew whenever the corrections have changed, in this process
// or in another.
func (s *Step) model(ctx context.Context, company int64) (*Model, int64, error) {
	mark, err := s.Store.Taught(ctx, company)
	if err != nil {
		return nil, 0, fmt.Errorf("understand: %w", err)
	}
	if mark == 0 {
		return s.Model, 0, nil
	}
	l := s.taught.get(company)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mark == mark {
		return l.model, mark, nil
	}
	mark, lessons, err := s.Store.Lessons(ctx, company, MostLessons)
	if err != nil {
		return nil, 0, fmt.Errorf("understand: %w", err)
	}
	l.mark, l.model = mark, s.Model.Taught(lessons)
	return l.model, mark, nil
}

// MostReread is how many of the newest voices are read anew when a company has
// taught something; older ones keep what was understood of them.
const MostReread = 2000

// Reread reads the newest voices that still wait anew, with what the company has
// taught by now, and keeps what has changed; those that a person corrected stay.
// To run it twice does no harm.
func (s *Step) Reread(ctx context.Context, job lastword.Job) error {
	company, err := s.Store.Company(ctx, job.Company)
	if err != nil {
		return fmt.Errorf("understand: %w", err)
	}
	m, mark, err := s.model(ctx, job.Company)
	if err != nil {
		return err
	}
	l := s.taught.get(job.Company)
	if l.done(mark) {
		return nil // a job before this one came so late that it saw the same
	}
	voices, err := s.Store.SampleVoices(ctx, job.Company, MostReread)
	if err != nil {
		return fmt.Errorf("understand: %w", err)
	}
	labels, next, err := anew(ctx, m, voices, append([]string{company.Name}, company.Names...))
	if err != nil {
		return err
	}
	next.Company = job.Company
	if err := s.save(ctx, job.Company, labels, next); err != nil {
		return err
	}
	l.note(mark)
	return nil
}

// anew reads those of voices that wait, and returns the labels that are others
// now, with the job to gather those that want something only now.
func anew(ctx context.Context, m *Model, voices []lastword.Voice, names []string) ([]lastword.Label, lastword.Job, error) {
	var labels []lastword.Label
	next := lastword.Job{Kind: lastword.Gather}
	for i := range voices {
		if err := ctx.Err(); err != nil {
			return nil, next, fmt.Errorf("understand: %w", err)
		}
		v := &voices[i]
		if !waits(v) {
			continue
		}
		label := labelVoice(m, v, names)
		label.About = v.About // it is not taught, and a person may have taken the voice up again
		if !differs(v.Label, label) {
			continue
		}
		labels = append(labels, label)
		if v.Theme == 0 && label.Kinds != 0 {
			next.IDs = append(next.IDs, v.ID)
		}
	}
	return labels, next, nil
}

// done reports whether the open voices were read under mark.
func (l *layer) done(mark int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reread == mark && mark != 0
}

func (l *layer) note(mark int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reread = max(l.reread, mark)
}

// waits reports whether the machine's word on a voice still matters.
func waits(v *lastword.Voice) bool {
	return v.Version == Version && v.KindsBy == 0 && v.Circle <= lastword.Decided && v.About >= ours && !v.Own && v.GoneAt.IsZero()
}

// differs reports whether two labels differ by more than nobody would see.
func differs(a, b lastword.Label) bool {
	const seen = 0.005
	far := a.Kinds != b.Kinds || a.Feeling != b.Feeling || a.Wish != b.Wish || math.Abs(a.PFeeling-b.PFeeling) > seen
	for i := range a.P {
		far = far || math.Abs(a.P[i]-b.P[i]) > seen
	}
	return far
}
