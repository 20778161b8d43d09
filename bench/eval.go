package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"lastword"
	"lastword/internal/text"
	"lastword/understand"
)

// EvalOptions say what the evaluations of package understand go by.
type EvalOptions struct {
	Data  string // folder of the shared data
	Seed  uint64 // of training; understand.Seed where 0
	Folds int    // parts that are held out in turn; 5 where 0
}

func (o EvalOptions) complete() EvalOptions {
	if o.Seed == 0 {
		o.Seed = understand.Seed
	}
	if o.Folds == 0 {
		o.Folds = 5
	}
	return o
}

// An EvalReport says how well something is told, on texts that the model under
// test has not learnt from.
type EvalReport struct {
	What     string      `json:"what"`
	Folds    int         `json:"folds"`
	Seed     uint64      `json:"seed"`
	Rows     int         `json:"rows"`
	Labels   []EvalLabel `json:"labels"`
	MeanF1   float64     `json:"mean_f1"`
	Accuracy float64     `json:"accuracy"` // of rows where all labels are right
	ECE      float64     `json:"ece"`      // expected calibration error, 10 bins of equal width
	Seconds  float64     `json:"seconds"`  // training and all
}

// An EvalLabel is how well one label is told.
type EvalLabel struct {
	Label     string  `json:"label"`
	Rows      int     `json:"rows"` // that bear it
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	ECE       float64 `json:"ece,omitempty"`
}

// String returns the report as a table.
func (r EvalReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d rows, %d folds, seed %d, %.0f s; mean F1 %.3f, all right %.3f, ECE %.3f\n",
		r.What, r.Rows, r.Folds, r.Seed, r.Seconds, r.MeanF1, r.Accuracy, r.ECE)
	for _, l := range r.Labels {
		fmt.Fprintf(&b, "  %-22s %6d  P %.3f  R %.3f  F1 %.3f  ECE %.3f\n", l.Label, l.Rows, l.Precision, l.Recall, l.F1, l.ECE)
	}
	return b.String()
}

// A tally counts how one label is told.
type tally struct {
	hits, said, are float64
	sure            [10]struct{ p, yes, n float64 }
}

func (t *tally) add(said, is bool, p float64) {
	bin := &t.sure[min(int(p*10), 9)]
	bin.p, bin.n = bin.p+p, bin.n+1
	if is {
		t.are++
		bin.yes++
	}
	if said {
		t.said++
	}
	if said && is {
		t.hits++
	}
}

func (t *tally) label(name string) EvalLabel {
	return EvalLabel{Label: name, Rows: int(t.are), Precision: ratio(t.hits, t.said), Recall: ratio(t.hits, t.are),
		F1: ratio(2*t.hits, t.said+t.are), ECE: t.ece()}
}

// ece is the mean distance of what was promised from what came true (Guo et al.
// 2017).
func (t *tally) ece() float64 {
	sum, n := 0.0, 0.0
	for _, bin := range t.sure {
		sum += math.Abs(bin.p - bin.yes)
		n += bin.n
	}
	return ratio(sum, n)
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// heldOut trains once per fold without it and shows every example of it. Near-
// copies are in one fold, also across sets.
func heldOut(ctx context.Context, o EvalOptions, see func(m *understand.Model, e understand.Example)) error {
	sets, err := understand.ReadSets(o.Data)
	if err != nil {
		return err
	}
	var german []understand.Example
	var texts []string
	for _, e := range sets.Examples {
		if e.Lang == "de" {
			german = append(german, e)
			texts = append(texts, e.Text)
		}
	}
	groups := understand.Groups(texts)
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

func oneFold(o EvalOptions, all []understand.Example, groups []int, fold int, see func(*understand.Model, understand.Example)) error {
	const apart = 7 // another dealing than the one within training
	var learn, test []understand.Example
	for i, e := range all {
		if groups[i]/apart%o.Folds == fold {
			test = append(test, e)
		} else {
			learn = append(learn, e)
		}
	}
	m, err := understand.Learn(understand.Sets{Examples: learn}, o.Seed)
	if err != nil {
		return err
	}
	for _, e := range test {
		see(m, e)
	}
	return nil
}

func labelOf(m *understand.Model, e understand.Example) lastword.Label {
	return m.Label(lastword.Post{Text: e.Text, Lang: e.Lang}, nil)
}

// EvalKinds cross-validates wish, problem, praise and question on the German
// posts, and the wish on English suggestions by the shipped model, which has
// learnt nothing from them.
func EvalKinds(ctx context.Context, o EvalOptions) (EvalReport, error) {
	o = o.complete()
	r, start := EvalReport{What: "kinds", Folds: o.Folds, Seed: o.Seed}, time.Now()
	var tallies [4]tally
	right := 0.0
	err := heldOut(ctx, o, func(m *understand.Model, e understand.Example) {
		if e.Source != "kinds" {
			return
		}
		label := labelOf(m, e)
		for i, k := range lastword.AllKinds {
			tallies[i].add(label.Kinds&k != 0, e.Kinds&k != 0, label.P[i])
		}
		r.Rows++
		if label.Kinds == e.Kinds {
			right++
		}
	})
	if err != nil {
		return r, fmt.Errorf("bench: eval kinds: %w", err)
	}
	for i, k := range lastword.AllKinds {
		r.add(tallies[i].label(k.String()))
	}
	r.finish(right, start)
	english, err := englishWishes(o)
	r.Labels = append(r.Labels, english...)
	return r, err
}

// add takes a label into the report and its means.
func (r *EvalReport) add(l EvalLabel) {
	r.Labels = append(r.Labels, l)
	n := float64(len(r.Labels))
	r.MeanF1 += (l.F1 - r.MeanF1) / n
	r.ECE += (l.ECE - r.ECE) / n
}

func (r *EvalReport) finish(right float64, start time.Time) {
	r.Accuracy = ratio(right, float64(r.Rows))
	r.Seconds = time.Since(start).Seconds()
}

// englishWishes asks the shipped model about sentences from a software forum and
// hotel reviews that people judged to be suggestions or not.
func englishWishes(o EvalOptions) ([]EvalLabel, error) {
	m, err := understand.Load()
	if err != nil {
		return nil, fmt.Errorf("bench: eval kinds: %w", err)
	}
	var labels []EvalLabel
	for _, set := range [2]struct{ name, file string }{{"wish (en, forum)", "trialA"}, {"wish (en, hotels)", "trialB"}} {
		var t tally
		data, err := os.ReadFile(filepath.Join(o.Data, "kinds", "semeval2019-t9-"+set.file+".en.jsonl"))
		if err != nil {
			return nil, fmt.Errorf("bench: eval kinds: %w", err)
		}
		for line := range strings.Lines(string(data)) {
			var row struct {
				Text       string
				Suggestion bool
			}
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				return nil, fmt.Errorf("bench: eval kinds: %s: %w", set.file, err)
			}
			l := m.Label(lastword.Post{Text: row.Text, Lang: "en"}, nil)
			t.add(l.Kinds&lastword.Wish != 0, row.Suggestion, l.P[0])
		}
		labels = append(labels, t.label(set.name))
	}
	return labels, nil
}

// EvalFeeling cross-validates the feeling on the German posts, over all sets and
// for each. ECE is that of the chosen feeling's probability.
func EvalFeeling(ctx context.Context, o EvalOptions) (EvalReport, error) {
	o = o.complete()
	r, start := EvalReport{What: "feeling", Folds: o.Folds, Seed: o.Seed}, time.Now()
	bySet := map[string]*[3]tally{"": {}}
	var chosen tally
	err := heldOut(ctx, o, func(m *understand.Model, e understand.Example) {
		if !e.Felt {
			return
		}
		label := labelOf(m, e)
		if bySet[e.Source] == nil {
			bySet[e.Source] = &[3]tally{}
		}
		for i := range 3 {
			f := lastword.Feeling(i) + lastword.Negative
			bySet[""][i].add(label.Feeling == f, e.Feeling == f, 0)
			bySet[e.Source][i].add(label.Feeling == f, e.Feeling == f, 0)
		}
		chosen.add(true, label.Feeling == e.Feeling, label.PFeeling)
		r.Rows++
	})
	if err != nil {
		return r, fmt.Errorf("bench: eval feeling: %w", err)
	}
	for i := range 3 {
		l := bySet[""][i].label((lastword.Feeling(i) + lastword.Negative).String())
		l.ECE = chosen.ece()
		r.add(l)
	}
	r.finish(chosen.hits, start)
	for _, set := range []string{"mobasa-dev", "sb10k", "potts"} {
		r.Labels = append(r.Labels, meanOf(set, bySet[set]))
	}
	return r, nil
}

// meanOf is the mean over the three feelings in one set.
func meanOf(set string, t *[3]tally) EvalLabel {
	mean := EvalLabel{Label: "mean in " + set}
	if t == nil {
		return mean
	}
	for i := range t {
		l := t[i].label("")
		mean.Rows += l.Rows
		mean.Precision += l.Precision / 3
		mean.Recall += l.Recall / 3
		mean.F1 += l.F1 / 3
	}
	return mean
}

// EvalWishes cross-validates the words that carry a wish, on German posts that
// are one: precision and recall are of words, Accuracy is the share with exactly
// the words that a person marked, signs at the edges apart.
func EvalWishes(ctx context.Context, o EvalOptions) (EvalReport, error) {
	o = o.complete()
	r, start := EvalReport{What: "words of wishes", Folds: o.Folds, Seed: o.Seed}, time.Now()
	var found, all tally
	exact := 0.0
	err := heldOut(ctx, o, func(m *understand.Model, e understand.Example) {
		if e.Wish == "" || e.Source != "kinds" {
			return
		}
		r.Rows++
		got := labelOf(m, e).Wish
		all.addWords(got, e.Wish)
		if got == "" {
			return
		}
		found.addWords(got, e.Wish)
		if strings.Join(text.Words(got), " ") == strings.Join(text.Words(e.Wish), " ") {
			exact++
		}
	})
	if err != nil {
		return r, fmt.Errorf("bench: eval wishes: %w", err)
	}
	r.add(found.label("words, wish found"))
	r.finish(exact, start)
	r.Labels = append(r.Labels, all.label("words, any wish"))
	return r, nil
}

// addWords counts the words that two texts share.
func (t *tally) addWords(said, are string) {
	left := map[string]float64{}
	for _, w := range text.Words(are) {
		left[w]++
		t.are++
	}
	for _, w := range text.Words(said) {
		t.said++
		if left[w] > 0 {
			left[w]--
			t.hits++
		}
	}
}

// EvalLanguage cross-validates the language of single words, pairs and
// sentences. Labels are the three lengths; F1 is the share told rightly.
func EvalLanguage(ctx context.Context, o EvalOptions) (EvalReport, error) {
	o = o.complete()
	r, start := EvalReport{What: "language", Folds: o.Folds, Seed: o.Seed}, time.Now()
	sets, err := understand.ReadSets(o.Data)
	if err != nil {
		return r, fmt.Errorf("bench: eval language: %w", err)
	}
	texts := make([]string, len(sets.Samples))
	for i, s := range sets.Samples {
		texts[i] = s.Text
	}
	groups := understand.Groups(texts)
	var tallies [3]tally
	for fold := range o.Folds {
		if err := ctx.Err(); err != nil {
			return r, fmt.Errorf("bench: eval language: %w", err)
		}
		if err := languageFold(o, sets.Samples, groups, fold, &tallies); err != nil {
			return r, fmt.Errorf("bench: eval language: %w", err)
		}
	}
	right := 0.0
	for i, name := range []string{"sentences", "single words", "word pairs"} {
		l := tallies[i].label(name)
		l.ECE = 0
		r.add(l)
		r.Rows += l.Rows
		right += tallies[i].hits
	}
	r.finish(right, start)
	return r, nil
}

func languageFold(o EvalOptions, samples []understand.Sample, groups []int, fold int, tallies *[3]tally) error {
	var learn, test []understand.Sample
	for i, s := range samples {
		if groups[i]%o.Folds == fold {
			test = append(test, s)
		} else {
			learn = append(learn, s)
		}
	}
	m, err := understand.LearnLanguages(learn, o.Seed)
	if err != nil {
		return err
	}
	for _, s := range test {
		if m.Language(s.Text, "") == s.Lang {
			tallies[s.Words].add(true, true, 0)
		} else {
			tallies[s.Words].add(true, false, 0)
			tallies[s.Words].are++
		}
	}
	return nil
}
