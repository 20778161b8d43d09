package bench

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"lastword"
	"lastword/understand"
)

// A rowJudged is one labelled text with the model that shall judge it.
type rowJudged struct {
	Labelled
	model *understand.Model
	set   string // where it comes from
	group int    // near-copies share one
}

// post is what the model is shown.
func (r *rowJudged) post() lastword.Post {
	return lastword.Post{Title: r.Title, Text: r.Text, Lang: r.Lang}
}

// rows shows every row of the file that the options name, or else every German
// one of the shared data while a model is asked that was learnt without it.
func (o EvalOptions) rows(ctx context.Context, r *EvalReport, see func(*rowJudged)) error {
	if o.File == "" {
		r.Source, r.Folds, r.Seed = "the shared data, held out in turn", o.Folds, o.Seed
		if o.held != nil {
			return o.held.show(ctx, o, see)
		}
		return heldOut(ctx, o, see)
	}
	r.Source = o.File
	m, err := o.model()
	if err != nil {
		return err
	}
	rows, err := o.labelled(r)
	if err != nil {
		return err
	}
	return showAll(ctx, m, rows, see)
}

// heldRows are the rows of the shared data with models that were learnt without
// them, once they were needed.
type heldRows struct {
	rows []*rowJudged
	done bool
}

func (h *heldRows) show(ctx context.Context, o EvalOptions, see func(*rowJudged)) error {
	if !h.done {
		h.rows = nil
		if err := heldOut(ctx, o, func(r *rowJudged) { h.rows = append(h.rows, r) }); err != nil {
			return err
		}
		h.done = true
	}
	for _, r := range h.rows {
		see(r)
	}
	return nil
}

// labelled reads the file of the options and tells what cannot be read.
func (o EvalOptions) labelled(r *EvalReport) ([]Labelled, error) {
	f, err := os.Open(o.File)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read from
	return ReadLabelled(f, func(line int, err error) {
		r.Unread++
		fmt.Fprintf(o.Err, "%s, line %d: %v\n", o.File, line, err)
	})
}

// model opens the model that is judged as it is.
func (o EvalOptions) model() (*understand.Model, error) {
	if o.Model == "" {
		return understand.Load()
	}
	return understand.Open(os.DirFS(o.Model))
}

func showAll(ctx context.Context, m *understand.Model, rows []Labelled, see func(*rowJudged)) error {
	texts := make([]string, len(rows))
	for i, r := range rows {
		texts[i] = r.Text
	}
	groups := understand.Groups(texts)
	for i, r := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		see(&rowJudged{Labelled: r, model: m, group: groups[i]})
	}
	return nil
}

// heldOut trains once per fold without it and shows every example of it. Near-
// copies are in one fold, also across sets.
func heldOut(ctx context.Context, o EvalOptions, see func(*rowJudged)) error {
	sets, err := understand.ReadSets(o.Data)
	if err != nil {
		return err
	}
	german, groups := germanOf(sets)
	for fold := range o.Folds {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := oneFold(o, german, groups, fold, see); err != nil {
			return err
		}
	}
	return nil
}

// germanOf returns the German examples and their groups of near-copies.
func germanOf(sets understand.Sets) (german []understand.Example, groups []int) {
	var texts []string
	for _, e := range sets.Examples {
		if e.Lang == "de" {
			german = append(german, e)
			texts = append(texts, e.Text)
		}
	}
	return german, understand.Groups(texts)
}

func oneFold(o EvalOptions, all []understand.Example, groups []int, fold int, see func(*rowJudged)) error {
	const apart = 7 // another dealing than the one within training
	var learn []understand.Example
	for i, e := range all {
		if groups[i]/apart%o.Folds != fold {
			learn = append(learn, e)
		}
	}
	m, err := understand.Learn(understand.Sets{Examples: learn}, o.Seed)
	if err != nil {
		return err
	}
	for i, e := range all {
		if groups[i]/apart%o.Folds == fold {
			see(&rowJudged{Labelled: labelledOf(e), model: m, set: setOf(e), group: groups[i]})
		}
	}
	return nil
}

// setOf names what an example comes from; of kinds, also whose public wrote it.
func setOf(e understand.Example) string {
	if e.Source == "kinds" {
		return "kinds " + e.Domain
	}
	return e.Source
}

// labelledOf is an example as a line of a labelled file would say it. Kinds and
// words count where a person judged them under the guideline.
func labelledOf(e understand.Example) Labelled {
	l := Labelled{Text: e.Text, Lang: e.Lang}
	if e.Source == "kinds" {
		l.Kinds = &e.Kinds
		if e.Wish != "" {
			l.Wish = &e.Wish
		}
	}
	if e.Felt {
		l.Feeling = &e.Feeling
	}
	return l
}

// A pace measures how long the judging of texts takes.
type pace struct {
	texts int
	spent time.Duration
}

// judge asks the row's model.
func (p *pace) judge(r *rowJudged, names []string) understand.Judgement {
	runtime.LockOSThread() // its clock is that of one thread
	defer runtime.UnlockOSThread()
	start := threadTime()
	j := r.model.Judge(r.post(), names)
	p.spent += threadTime() - start
	p.texts++
	return j
}

func (p *pace) note(r *EvalReport) {
	r.TextsASecond, r.Clock = ratio(float64(p.texts), p.spent.Seconds()), matchClock
}

// A mistakeList keeps the texts that were judged most wrongly, by label.
type mistakeList struct {
	most int
	all  map[string][]mistakeMade
	keys []string
}

type mistakeMade struct {
	EvalMisjudged
	row *rowJudged
}

// add notes a misjudged row.
func (l *mistakeList) add(r *rowJudged, label string, missed bool, p float64, is string) {
	if l.most == 0 {
		return
	}
	if l.all == nil {
		l.all = map[string][]mistakeMade{}
	}
	if l.all[label] == nil {
		l.keys = append(l.keys, label)
	}
	l.all[label] = append(l.all[label], mistakeMade{EvalMisjudged{Label: label, Missed: missed, P: p, Is: is, Text: r.Text, Line: r.Line}, r})
}

// worst returns the most wrongly judged of each label, with the reasons.
func (l *mistakeList) worst(why func(r *rowJudged, label string) []understand.Reason) []EvalMisjudged {
	var out []EvalMisjudged
	slices.Sort(l.keys)
	wrong := func(m mistakeMade) float64 {
		if m.Missed {
			return 1 - m.P
		}
		return m.P
	}
	for _, key := range l.keys {
		made := l.all[key]
		slices.SortStableFunc(made, func(a, b mistakeMade) int { return cmp.Compare(wrong(b), wrong(a)) })
		for _, m := range made[:min(len(made), l.most)] {
			m.Reasons = reasonsFor(why(m.row, key), !m.Missed)
			out = append(out, m.EvalMisjudged)
		}
	}
	return out
}

// reasonsFor words the reasons that spoke for what was said: yes or no.
func reasonsFor(all []understand.Reason, yes bool) []string {
	const most = 5
	words := []string{}
	for _, r := range all {
		if (r.Weight > 0) == yes && len(words) < most {
			words = append(words, fmt.Sprintf("%s %+.2f", strings.TrimSpace(r.What), r.Weight))
		}
	}
	return words
}
