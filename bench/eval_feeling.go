package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"lastword"
	"lastword/understand"
)

// railSet is a set that no model that ships has learnt: its licence forbids it.
const railSet = "germeval2017-dev"

// feelingSets are the sets whose feeling is told one by one.
var feelingSets = [...]string{"mobasa-dev", "sb10k", "potts"}

// EvalFeeling measures the feeling on the German posts, over all sets and for each,
// and by the shipped model on what is said of a railway, whose names are given; or on
// a labelled file. ECE is that of the chosen feeling's probability.
func EvalFeeling(ctx context.Context, o EvalOptions) (EvalReport, error) {
	o = o.complete()
	r, start := EvalReport{What: "feeling", Seed: o.Seed}, time.Now()
	e := feelingEval{r: &r, wrong: mistakeList{most: o.Errors}, sheet: newSheet("negative", "neutral", "positive"), bySet: map[string]*sheet{}}
	r.Confusion = newConfusion(false, "negative", "neutral", "positive")
	if err := o.rows(ctx, &r, e.see); err != nil {
		return r, fmt.Errorf("bench: eval feeling: %w", err)
	}
	if r.Rows == 0 {
		return r, fmt.Errorf("bench: eval feeling: no line says its \"feeling\": %w", lastword.ErrInvalid)
	}
	r.Accuracy, r.ECE = ratio(e.chosen.hits, float64(r.Rows)), e.chosen.ece()
	e.pace.note(&r)
	r.Labels, r.MeanF1, r.MeanF1Interval = e.sheet.report(o.Seed, 3)
	if o.File == "" {
		if err := e.sets(ctx, o); err != nil {
			return r, fmt.Errorf("bench: eval feeling: %w", err)
		}
	}
	r.Misjudged = e.wrong.worst(func(row *rowJudged, label string) []understand.Reason {
		return row.model.Reasons(row.post(), label)
	})
	r.finish(start)
	return r, nil
}

type feelingEval struct {
	r      *EvalReport
	sheet  *sheet
	bySet  map[string]*sheet
	chosen tally
	pace   pace
	wrong  mistakeList
}

func (e *feelingEval) see(row *rowJudged) {
	if row.Feeling == nil {
		return
	}
	j := e.pace.judge(row, nil)
	e.note(e.sheet, row, j)
	if row.set != "" {
		e.note(e.of(row.set), row, j)
	}
	e.chosen.add(true, j.Feeling == *row.Feeling, j.PFeeling)
	e.r.Confusion.Counts[*row.Feeling+1][j.Feeling+1]++
	e.r.Rows++
	if j.Feeling != *row.Feeling {
		e.wrong.add(row, j.Feeling.String(), false, j.PFeeling, row.Feeling.String())
	}
}

func (e *feelingEval) note(s *sheet, row *rowJudged, j understand.Judgement) {
	for i := range 3 {
		f := lastword.Feeling(i) + lastword.Negative
		s.add(row.group, i, j.Feeling == f, *row.Feeling == f, j.Feelings[i])
	}
}

func (e *feelingEval) of(set string) *sheet {
	if e.bySet[set] == nil {
		e.bySet[set] = newSheet("negative", "neutral", "positive")
	}
	return e.bySet[set]
}

// sets adds a line for each set: the means over the three feelings.
func (e *feelingEval) sets(ctx context.Context, o EvalOptions) error {
	m, err := understand.Load()
	if err != nil {
		return err
	}
	rail, err := railRows(o)
	if err != nil {
		return err
	}
	err = showAll(ctx, m, rail, func(row *rowJudged) {
		if row.Feeling != nil {
			e.note(e.of(railSet), row, row.model.Judge(row.post(), railNames))
		}
	})
	for _, set := range append(feelingSets[:], railSet) {
		labels, f1, span := e.of(set).report(o.Seed, 3)
		mean := EvalLabel{Label: "mean, " + set, F1: f1, F1Interval: span}
		micro := tally{}
		for i, l := range labels {
			mean.Rows += l.Rows
			mean.Precision += l.Precision / 3
			mean.Recall += l.Recall / 3
			mean.ECE += l.ECE / 3
			micro.hits += e.of(set).tallies[i].hits
		}
		e.r.Labels = append(e.r.Labels, mean)
		if set == railSet { // the contest counted every row alike
			share := ratio(micro.hits, float64(mean.Rows))
			e.r.Labels = append(e.r.Labels, EvalLabel{Label: "micro, " + set, Rows: mean.Rows, Precision: share, Recall: share, F1: share})
		}
	}
	return err
}

// railRows reads what customers of a railway said, of which people judged whether
// it is about the railway and how they feel.
func railRows(o EvalOptions) ([]Labelled, error) {
	var rows []Labelled
	err := eachRow(filepath.Join(o.Data, "sentiment", railSet+".de.jsonl"), func(r struct {
		Text, Sentiment string
		Relevance       bool
	}) {
		l := Labelled{Text: r.Text, Lang: "de", About: &r.Relevance}
		for f := lastword.Negative; f <= lastword.Positive; f++ {
			if f.String() == r.Sentiment {
				l.Feeling = &f
			}
		}
		rows = append(rows, l)
	})
	return rows, err
}
