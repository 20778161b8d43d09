package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"lastword"
	"lastword/understand"
)

// railNames are what the railway of the shared data is called.
var railNames = []string{"Deutsche Bahn", "Bahn", "DB"}

// EvalAbout measures whether it is told if a text is about the company: on texts of
// which people judged whether they are about a railway, or on a labelled file.
// Accuracy is the contest's micro F1. Said is what is likelier than not; a text
// without any sign, at one half, stays in the house all the same, since a query or
// a channel of the company's brought it: that is counted by itself. About-us goes
// by rules, not by what was learnt, so there is nothing to hold out.
func EvalAbout(ctx context.Context, o EvalOptions) (EvalReport, error) {
	o = o.complete()
	r, start := EvalReport{What: "about us", Source: o.File}, time.Now()
	if o.File != "" && len(o.About) == 0 {
		return r, fmt.Errorf("bench: eval about: say with --about what the company is called: %w", lastword.ErrInvalid)
	}
	if len(o.About) == 0 {
		o.About = railNames
	}
	m, err := o.model()
	if err != nil {
		return r, fmt.Errorf("bench: eval about: %w", err)
	}
	read := o.labelled
	if o.File == "" {
		r.Source = railSet
		read = func(*EvalReport) ([]Labelled, error) { return railRows(o) }
	}
	rows, err := read(&r)
	if err != nil {
		return r, fmt.Errorf("bench: eval about: %w", err)
	}
	e := aboutEval{r: &r, names: o.About, sheet: newSheet("about us", "not about us", "about us, or doubtful"), wrong: mistakeList{most: o.Errors}}
	r.Confusion = newConfusion(false, "about us", "other")
	if err := showAll(ctx, m, rows, e.see); err != nil {
		return r, fmt.Errorf("bench: eval about: %w", err)
	}
	if r.Rows == 0 {
		return r, fmt.Errorf("bench: eval about: no line says whether it is \"about\" the company: %w", lastword.ErrInvalid)
	}
	r.Labels, r.MeanF1, r.MeanF1Interval = e.sheet.report(o.Seed, 2)
	r.Seed, r.Accuracy, r.ECE = o.Seed, ratio(e.right, float64(r.Rows)), e.sheet.tallies[0].ece()
	r.Misjudged = e.wrong.worst(func(row *rowJudged, _ string) []understand.Reason {
		return row.model.AboutReasons(row.post(), o.About)
	})
	e.pace.note(&r)
	r.finish(start)
	return r, nil
}

type aboutEval struct {
	r     *EvalReport
	names []string
	sheet *sheet
	pace  pace
	wrong mistakeList
	right float64
}

func (e *aboutEval) see(row *rowJudged) {
	if row.About == nil {
		return
	}
	p := e.pace.judge(row, e.names).About
	said, is := p > 0.5, *row.About
	e.sheet.add(row.group, 0, said, is, p)
	e.sheet.add(row.group, 1, !said, !is, 1-p)
	e.sheet.add(row.group, 2, p >= 0.5, is, p)
	e.r.Confusion.Counts[1-int(one(is))][1-int(one(said))]++
	e.r.Rows++
	e.right += one(said == is)
	switch {
	case said && !is:
		e.wrong.add(row, "about us", false, p, "not about us")
	case !said && is:
		e.wrong.add(row, "about us", true, p, "about us")
	}
}

// eachRow hands every line of a JSON Lines file of ours to take, decoded.
func eachRow[T any](name string, take func(T)) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close() // only read from
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, longestRow)
	for n := 1; lines.Scan(); n++ {
		var row T
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return fmt.Errorf("%s:%d: %w", filepath.Base(name), n, err)
		}
		take(row)
	}
	return lines.Err()
}
