package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"lastword"
	"lastword/understand"
)

// lengths are the kinds of sample, in the order of understand.Sample.Words.
var lengths = [...]string{"sentences", "single words", "word pairs"}

// EvalLanguage measures the language of single words, pairs and sentences, each
// told by a model that has not learnt it, and of each language alone; or of a
// labelled file. Of the lengths F1 is the share told rightly. A language is told
// without a probability, so nothing is said of calibration.
func EvalLanguage(ctx context.Context, o EvalOptions) (EvalReport, error) {
	o = o.complete()
	r, start := EvalReport{What: "language", Seed: o.Seed}, time.Now()
	e := languageEval{r: &r, wrong: mistakeList{most: o.Errors}}
	err := e.run(ctx, o)
	if err != nil {
		return r, fmt.Errorf("bench: eval language: %w", err)
	}
	if len(e.rows) == 0 {
		return r, fmt.Errorf("bench: eval language: no line says its \"language\": %w", lastword.ErrInvalid)
	}
	e.finish(o)
	r.finish(start)
	return r, nil
}

// A languageTold is one text with its language and what was said of it.
type languageTold struct {
	group    int
	length   int // -1 where it does not matter
	is, said string
}

type languageEval struct {
	r     *EvalReport
	rows  []languageTold
	pace  pace
	wrong mistakeList
}

func (e *languageEval) run(ctx context.Context, o EvalOptions) error {
	if o.File != "" {
		return o.rows(ctx, e.r, func(row *rowJudged) {
			if row.Language != "" {
				e.tell(row, -1, row.Language, row.Lang)
			}
		})
	}
	e.r.Source, e.r.Folds = "the shared data, held out in turn", o.Folds
	sets, err := understand.ReadSets(o.Data)
	if err != nil {
		return err
	}
	texts := make([]string, len(sets.Samples))
	for i, s := range sets.Samples {
		texts[i] = s.Text
	}
	groups := understand.Groups(texts)
	for fold := range o.Folds {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := e.fold(o, sets, groups, fold); err != nil {
			return err
		}
	}
	return nil
}

// fold holds a part of the samples out; the posts, which are of two of the
// languages only and none of the samples, are learnt as for what ships.
func (e *languageEval) fold(o EvalOptions, sets understand.Sets, groups []int, fold int) error {
	learn := understand.Sets{Examples: sets.Examples}
	for i, s := range sets.Samples {
		if groups[i]%o.Folds != fold {
			learn.Samples = append(learn.Samples, s)
		}
	}
	m, err := understand.LearnLanguages(learn, o.Seed)
	if err != nil {
		return err
	}
	for i, s := range sets.Samples {
		if groups[i]%o.Folds == fold {
			row := rowJudged{Labelled: Labelled{Text: s.Text}, model: m, group: groups[i]}
			e.tell(&row, s.Words, s.Lang, "")
		}
	}
	return nil
}

// tell asks for the language of a text that the place calls hint.
func (e *languageEval) tell(row *rowJudged, length int, is, hint string) {
	runtime.LockOSThread() // its clock is that of one thread
	start := threadTime()
	said := row.model.Language(row.Text, hint)
	e.pace.spent += threadTime() - start
	e.pace.texts++
	runtime.UnlockOSThread()
	e.rows = append(e.rows, languageTold{row.group, length, is, said})
	if said != is {
		e.wrong.add(row, is, true, 0, is+", said to be "+said)
	}
}

// finish counts by length and by language. The mean is over the languages that
// texts are in.
func (e *languageEval) finish(o EvalOptions) {
	tags, real := e.tags()
	names := slices.Clone(tags)
	if at := slices.Index(names, ""); at >= 0 {
		names[at] = "none" // nothing told which
	}
	s := newSheet(append(slices.Clone(names), lengths[:]...)...)
	s.sure = false
	e.r.Confusion = newConfusion(false, names...)
	right := 0.0
	for _, row := range e.rows {
		is, said := slices.Index(tags, row.is), slices.Index(tags, row.said)
		e.r.Confusion.Counts[is][said]++
		s.add(row.group, is, said == is, true, 0)
		if said != is {
			s.add(row.group, said, true, false, 0)
		}
		if row.length >= 0 {
			s.count(row.group, len(tags)+row.length, entry{hits: one(said == is), said: 1, are: 1})
		}
		right += one(said == is)
	}
	labels, f1, span := s.report(o.Seed, real)
	e.r.Labels = labels[:real]
	if e.rows[0].length >= 0 {
		e.r.Labels = append(slices.Clone(labels[len(tags):]), labels[:real]...)
	}
	e.r.Rows, e.r.MeanF1, e.r.MeanF1Interval = len(e.rows), f1, span
	e.r.Accuracy = ratio(right, float64(len(e.rows)))
	e.r.Misjudged = e.wrong.worst(func(*rowJudged, string) []understand.Reason { return nil })
	e.pace.note(e.r)
}

// tags are all languages: first those that texts are in, and how many these are,
// then those that they were only said to be in.
func (e *languageEval) tags() (tags []string, real int) {
	var only []string
	for _, row := range e.rows {
		if !slices.Contains(tags, row.is) {
			tags = append(tags, row.is)
		}
	}
	for _, row := range e.rows {
		if !slices.Contains(tags, row.said) && !slices.Contains(only, row.said) {
			only = append(only, row.said)
		}
	}
	slices.Sort(tags)
	slices.Sort(only)
	return append(tags, only...), len(tags)
}
