package bench

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"lastword/understand"
)

// EvalOptions say what the evaluations of package understand go by.
type EvalOptions struct {
	Data   string    // folder of the shared data
	Seed   uint64    // of training and resampling; understand.Seed where 0
	Folds  int       // parts that are held out in turn; 5 where 0
	File   string    // a labelled file to judge by a model as it is, instead of the shared data
	Model  string    // folder of that model, as Train writes it; empty: the one that is shipped
	About  []string  // what the company is called, for about-us
	Errors int       // how many misjudged texts are told for each label
	Err    io.Writer // where lines are told that cannot be read; nil: nowhere

	held *heldRows // rows with their models, for the next evaluation; nil: not kept
}

func (o EvalOptions) complete() EvalOptions {
	if o.Seed == 0 {
		o.Seed = understand.Seed
	}
	if o.Folds == 0 {
		o.Folds = 5
	}
	if o.Err == nil {
		o.Err = io.Discard
	}
	return o
}

// An EvalReport says how well something is told, on texts that the model under
// test has not learnt from.
type EvalReport struct {
	What           string          `json:"what"`
	Source         string          `json:"source"` // what it was measured on
	Folds          int             `json:"folds"`  // 0: one model, as it is
	Seed           uint64          `json:"seed"`
	Rows           int             `json:"rows"`
	Unread         int             `json:"unread"` // lines that could not be read
	Labels         []EvalLabel     `json:"labels"`
	MeanF1         float64         `json:"mean_f1"`
	MeanF1Interval Interval        `json:"mean_f1_interval"`
	Accuracy       float64         `json:"accuracy"` // share of rows where all labels are right
	ECE            float64         `json:"ece"`      // expected calibration error, 10 bins of equal width, mean over the labels
	TextsASecond   float64         `json:"texts_a_second"`
	Clock          string          `json:"clock"` // of TextsASecond
	Confusion      *Confusion      `json:"confusion,omitempty"`
	Misjudged      []EvalMisjudged `json:"misjudged,omitempty"`
	Seconds        float64         `json:"seconds"` // training and all
}

// An EvalLabel is how well one label is told. The intervals hold 95 of 100
// resamplings of the rows, near-copies together (percentile bootstrap; Efron and
// Tibshirani 1993).
type EvalLabel struct {
	Label             string    `json:"label"`
	Rows              int       `json:"rows"` // that bear it
	Precision         float64   `json:"precision"`
	PrecisionInterval Interval  `json:"precision_interval"`
	Recall            float64   `json:"recall"`
	RecallInterval    Interval  `json:"recall_interval"`
	F1                float64   `json:"f1"`
	F1Interval        Interval  `json:"f1_interval"`
	ECE               float64   `json:"ece"`
	Reliability       []EvalBin `json:"reliability,omitempty"` // none where there are no probabilities
}

// An Interval is its lower and its upper end.
type Interval [2]float64

// An EvalBin is the rows whose promised probability lies from From up to To.
type EvalBin struct {
	From     float64 `json:"from"`
	To       float64 `json:"to"`
	Rows     int     `json:"rows"`
	Promised float64 `json:"promised"` // mean probability
	True     float64 `json:"true"`     // share that bears the label
}

// A Confusion counts rows by what they are and what was said of them. Where a row
// may bear several labels it is a table of co-occurrences: a row counts in each
// pair of what it is and what was said.
type Confusion struct {
	Several bool     `json:"several"` // a row may bear several labels
	Are     []string `json:"are"`     // the labels of Counts' rows
	Said    []string `json:"said"`    // … of its columns
	Counts  [][]int  `json:"counts"`
}

func newConfusion(several bool, labels ...string) *Confusion {
	c := &Confusion{Several: several, Are: labels, Said: labels, Counts: make([][]int, len(labels))}
	for i := range c.Counts {
		c.Counts[i] = make([]int, len(labels))
	}
	return c
}

// An EvalMisjudged is one text that was judged wrongly.
type EvalMisjudged struct {
	Label   string   `json:"label"`
	Missed  bool     `json:"missed"`         // it bears the label; else it was said wrongly
	P       float64  `json:"p"`              // probability of the label
	Is      string   `json:"is"`             // what a person says of the text
	Text    string   `json:"text"`           //
	Line    int      `json:"line,omitempty"` // of the file
	Reasons []string `json:"reasons"`        // what spoke most for what was said, strongest first
}

// String returns the report for a terminal.
func (r EvalReport) String() string {
	var b strings.Builder
	how := "one model as it is"
	if r.Folds > 0 {
		how = fmt.Sprintf("%d folds, seed %d", r.Folds, r.Seed)
	}
	fmt.Fprintf(&b, "%s on %s: %d rows, %s, %.0f s\n", r.What, r.Source, r.Rows, how, r.Seconds)
	fmt.Fprintf(&b, "mean F1 %.3f %v, all right %.3f, ECE %.3f; %.0f texts a second (%s)\n", r.MeanF1, r.MeanF1Interval, r.Accuracy, r.ECE, r.TextsASecond, r.Clock)
	fmt.Fprintf(&b, "\n  %-22s %6s   %-21s %-21s %-21s %s\n", "", "rows", "precision", "recall", "F1", "ECE")
	for _, l := range r.Labels {
		fmt.Fprintf(&b, "  %-22s %6d   %.3f %v   %.3f %v   %.3f %v   %.3f\n", l.Label, l.Rows, l.Precision, l.PrecisionInterval,
			l.Recall, l.RecallInterval, l.F1, l.F1Interval, l.ECE)
	}
	r.writeReliability(&b)
	r.Confusion.write(&b)
	for _, m := range r.Misjudged {
		m.write(&b)
	}
	return strings.TrimRight(b.String(), "\n")
}

// String returns the interval's ends in brackets, or room for them where there is
// none.
func (i Interval) String() string {
	if i == (Interval{}) {
		return strings.Repeat(" ", len("[0.000 0.000]"))
	}
	return fmt.Sprintf("[%.3f %.3f]", i[0], i[1])
}

// writeReliability writes what was promised and came true, rows down by bin.
func (r EvalReport) writeReliability(b *strings.Builder) {
	var with []EvalLabel
	for _, l := range r.Labels {
		if len(l.Reliability) > 0 {
			with = append(with, l)
		}
	}
	if len(with) == 0 {
		return
	}
	fmt.Fprintf(b, "\nreliability: rows, promised → came true\n  %-9s", "")
	for _, l := range with {
		fmt.Fprintf(b, " %-22s", l.Label)
	}
	for i := range with[0].Reliability {
		fmt.Fprintf(b, "\n  %.1f – %.1f", with[0].Reliability[i].From, with[0].Reliability[i].To)
		for _, l := range with {
			bin := l.Reliability[i]
			if bin.Rows == 0 {
				fmt.Fprintf(b, " %-22s", "    –")
				continue
			}
			fmt.Fprintf(b, " %-22s", fmt.Sprintf("%5d  %.2f → %.2f", bin.Rows, bin.Promised, bin.True))
		}
	}
	b.WriteString("\n")
}

func (c *Confusion) write(b *strings.Builder) {
	if c == nil {
		return
	}
	name := "confusion"
	if c.Several {
		name = "co-occurrence, a row counting in every pair"
	}
	fmt.Fprintf(b, "\n%s: what they are, and what was said\n  %-10s", name, "")
	for _, said := range c.Said {
		fmt.Fprintf(b, " %8s", said)
	}
	for i, is := range c.Are {
		fmt.Fprintf(b, "\n  %-10s", is)
		for _, n := range c.Counts[i] {
			fmt.Fprintf(b, " %8d", n)
		}
	}
	b.WriteString("\n")
}

func (m EvalMisjudged) write(b *strings.Builder) {
	what := "said wrongly"
	if m.Missed {
		what = "missed"
	}
	fmt.Fprintf(b, "\n%s %s at %.2f", m.Label, what, m.P)
	if m.Line > 0 {
		fmt.Fprintf(b, ", line %d", m.Line)
	}
	fmt.Fprintf(b, "; it is %s\n  %s\n", m.Is, strings.Join(strings.Fields(m.Text), " "))
	if len(m.Reasons) > 0 {
		fmt.Fprintf(b, "  because of %s\n", strings.Join(m.Reasons, ", "))
	}
}

func (r *EvalReport) finish(start time.Time) { r.Seconds = time.Since(start).Seconds() }

// EvalReports are several reports.
type EvalReports []EvalReport

// String returns the reports for a terminal, one below the other.
func (rs EvalReports) String() string {
	var all []string
	for _, r := range rs {
		all = append(all, r.String())
	}
	return strings.Join(all, "\n\n")
}

// EvalAll measures kinds, wishes, feeling, about-us and language on the shared
// data, and trains for the first three of them only once.
func EvalAll(ctx context.Context, o EvalOptions) (EvalReports, error) {
	o.File, o.held = "", &heldRows{}
	var all EvalReports
	for _, eval := range []func(context.Context, EvalOptions) (EvalReport, error){EvalKinds, EvalWishes, EvalFeeling, EvalAbout, EvalLanguage} {
		r, err := eval(ctx, o)
		if err != nil {
			return all, err
		}
		all = append(all, r)
	}
	return all, nil
}
