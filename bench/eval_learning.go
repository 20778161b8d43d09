package bench

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"lastword"
	"lastword/understand"
)

// LearningOptions say what EvalLearning goes by.
type LearningOptions struct {
	Data  string
	Seed  uint64
	Seeds int   // how often each stream is dealt and walked anew; 5 where 0
	Steps []int // after how many corrections is looked; 0, 20, 50, 100, 200 where empty
}

// A LearningReport says what a company's corrections are worth.
type LearningReport struct {
	What    string           `json:"what"`
	Seeds   int              `json:"seeds"`
	Streams []LearningStream `json:"streams"`
	Seconds float64          `json:"seconds"`
}

// A LearningStream is one company's: what its public says is new to the model.
type LearningStream struct {
	Name   string          `json:"name"`
	Stream int             `json:"stream"` // voices to correct, mean
	Test   int             `json:"test"`   // voices to measure on, mean
	Points []LearningPoint `json:"points"`
}

// A LearningPoint is how well voices are read after so many corrections.
type LearningPoint struct {
	Corrections int             `json:"corrections"`
	Runs        int             `json:"runs"` // seeds whose stream held so many
	Looked      float64         `json:"looked"`
	Labels      []LearningLabel `json:"labels"`
	MeanF1      float64         `json:"mean_f1"`
	Interval    Interval        `json:"mean_f1_interval"`
	ECE         float64         `json:"ece"`
}

// A LearningLabel is the F1 of one label: the mean over the seeds, and the interval
// of that mean (Student's t, 95 of 100).
type LearningLabel struct {
	Label    string   `json:"label"`
	F1       float64  `json:"f1"`
	Interval Interval `json:"f1_interval"`
}

// String returns the report for a terminal.
func (r LearningReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "learning: %d seeds, %.0f s\n", r.Seeds, r.Seconds)
	for _, s := range r.Streams {
		fmt.Fprintf(&b, "\n%s: %d voices to look through, %d to measure on\n  corrections   looked   mean F1", s.Name, s.Stream, s.Test)
		for _, l := range s.Points[0].Labels {
			fmt.Fprintf(&b, "%21s", l.Label)
		}
		b.WriteString("        ECE\n")
		for _, p := range s.Points {
			fmt.Fprintf(&b, "  %11d   %6.0f   %.3f %v", p.Corrections, p.Looked, p.MeanF1, p.Interval)
			for _, l := range p.Labels {
				fmt.Fprintf(&b, "   %.2f [%.2f %.2f]", l.F1, l.Interval[0], l.Interval[1])
			}
			fmt.Fprintf(&b, "   %.3f\n", p.ECE)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// EvalLearning simulates directors who look through what their public says, put
// right what was read wrongly, with one key, and so teach the company's own layer.
// The model knows nothing of that public: all texts of its domain are left out of
// training. Half of the texts that were read with most care are kept to measure on;
// near-copies of them are not looked through.
//
// Whoever looks through presses the kind that matters most where it was not seen,
// or where one was seen that is not there; where only a second kind is missing they
// press nothing. They change a feeling that is wrong.
func EvalLearning(ctx context.Context, o LearningOptions) (LearningReport, error) {
	if o.Seed == 0 {
		o.Seed = understand.Seed
	}
	if o.Seeds == 0 {
		o.Seeds = 5
	}
	if len(o.Steps) == 0 {
		o.Steps = []int{0, 20, 50, 100, 200}
	}
	start := time.Now()
	r := LearningReport{What: "learning", Seeds: o.Seeds}
	sets, err := understand.ReadSets(o.Data)
	if err != nil {
		return r, fmt.Errorf("bench: eval learning: %w", err)
	}
	german, groups := germanOf(sets)
	for _, domain := range []struct{ name, title string }{{"mobasa", "a city's transport"}, {"klimarat", "a citizens' assembly"}} {
		streams, err := learnFrom(ctx, o, german, groups, domain.name, domain.title)
		if err != nil {
			return r, fmt.Errorf("bench: eval learning: %w", err)
		}
		r.Streams = append(r.Streams, streams...)
	}
	r.Seconds = time.Since(start).Seconds()
	return r, nil
}

// learnFrom trains a model that knows nothing of a domain and lets directors teach
// it that domain's kinds, and its feelings where those were judged.
func learnFrom(ctx context.Context, o LearningOptions, all []understand.Example, groups []int, domain, title string) ([]LearningStream, error) {
	theirs := map[int]bool{}
	for i, e := range all {
		if e.Domain == domain {
			theirs[groups[i]] = true
		}
	}
	w := walk{steps: o.Steps}
	var learn []understand.Example
	for i, e := range all {
		switch {
		case e.Domain == domain:
			w.voices = append(w.voices, voiceHeard{e, groups[i]})
		case !theirs[groups[i]]:
			learn = append(learn, e)
		}
	}
	var err error
	if w.base, err = understand.Learn(understand.Sets{Examples: learn}, o.Seed); err != nil {
		return nil, err
	}
	var streams []LearningStream
	for _, lore := range []lore{kindLore{}, feelingLore{}} {
		w.lore = lore
		s, err := w.seeds(ctx, o, title+", "+lore.name())
		if err != nil {
			return nil, err
		}
		if s.Test > 0 {
			streams = append(streams, s)
		}
	}
	return streams, nil
}

// A voiceHeard is one labelled text of a company's public.
type voiceHeard struct {
	understand.Example
	group int
}

// A lore is what directors put right: kinds, or feelings.
type lore interface {
	name() string
	labels() []string
	known(e *understand.Example) bool  // it was judged
	tested(e *understand.Example) bool // with most care
	// correct returns what a director makes of a voice that was judged so; false
	// where they leave it.
	correct(e *understand.Example, j understand.Judgement) (lastword.Lesson, bool)
	note(s *sheet, e *understand.Example, j understand.Judgement)
}

// A walk is directors on their way through one company's voices.
type walk struct {
	base   *understand.Model
	voices []voiceHeard
	lore   lore
	steps  []int
}

// seeds walks once per seed and brings the points together.
func (w *walk) seeds(ctx context.Context, o LearningOptions, title string) (LearningStream, error) {
	s := LearningStream{Name: title}
	runs := make([][]LearningPoint, o.Seeds)
	for i := range runs {
		stream, test := w.deal(o.Seed + uint64(i))
		s.Stream += len(stream) / o.Seeds
		s.Test += len(test) / o.Seeds
		var err error
		if runs[i], err = w.walk(ctx, stream, test); err != nil {
			return s, err
		}
	}
	if s.Test == 0 {
		return s, nil
	}
	for n := range w.steps {
		var points []LearningPoint
		for _, run := range runs {
			if n < len(run) {
				points = append(points, run[n])
			}
		}
		if len(points) > 0 {
			s.Points = append(s.Points, together(points))
		}
	}
	return s, nil
}

// deal keeps half of the carefully judged groups to measure on and shuffles the
// rest.
func (w *walk) deal(seed uint64) (stream, test []voiceHeard) {
	random := rand.New(rand.NewPCG(seed, 23))
	half := map[int]bool{}
	for _, v := range w.voices {
		if !w.lore.tested(&v.Example) {
			continue
		}
		if _, ok := half[v.group]; !ok {
			half[v.group] = random.IntN(2) == 0
		}
		if half[v.group] {
			test = append(test, v)
		}
	}
	for _, v := range w.voices {
		if w.lore.known(&v.Example) && !half[v.group] {
			stream = append(stream, v)
		}
	}
	random.Shuffle(len(stream), func(i, j int) { stream[i], stream[j] = stream[j], stream[i] })
	return stream, test
}

// walk looks through the stream and learns from each correction at once.
func (w *walk) walk(ctx context.Context, stream, test []voiceHeard) ([]LearningPoint, error) {
	var points []LearningPoint
	var lessons []lastword.Lesson
	m, next := w.base, 0
	look := func(looked int) {
		if next < len(w.steps) && len(lessons) == w.steps[next] {
			p := w.measure(m, test)
			p.Corrections, p.Looked = len(lessons), float64(looked)
			points = append(points, p)
			next++
		}
	}
	look(0)
	for i, v := range stream {
		if err := ctx.Err(); err != nil || next == len(w.steps) {
			return points, err
		}
		lesson, wrong := w.lore.correct(&v.Example, m.Judge(postOf(v), nil))
		if !wrong {
			continue
		}
		lesson.Voice, lesson.Post = int64(i+1), postOf(v)
		lessons = append(lessons, lesson)
		m = w.base.Taught(lessons)
		look(i + 1)
	}
	return points, nil
}

func postOf(v voiceHeard) lastword.Post { return lastword.Post{Text: v.Text, Lang: v.Lang} }

func (w *walk) measure(m *understand.Model, test []voiceHeard) LearningPoint {
	s := newSheet(w.lore.labels()...)
	for i := range test {
		w.lore.note(s, &test[i].Example, m.Judge(postOf(test[i]), nil))
	}
	p := LearningPoint{Runs: 1}
	for i, name := range s.names {
		l := s.tallies[i].label(name)
		p.Labels = append(p.Labels, LearningLabel{Label: name, F1: l.F1})
		p.MeanF1 += l.F1 / float64(len(s.names))
		p.ECE += l.ECE / float64(len(s.names))
	}
	return p
}

// together is the mean of the points of several seeds.
func together(points []LearningPoint) LearningPoint {
	n := float64(len(points))
	p := LearningPoint{Corrections: points[0].Corrections, Runs: len(points)}
	pick := func(of func(LearningPoint) float64) (float64, Interval) {
		var xs []float64
		for _, one := range points {
			xs = append(xs, of(one))
		}
		return meanInterval(xs)
	}
	for _, one := range points {
		p.Looked += one.Looked / n
		p.ECE += one.ECE / n
	}
	p.MeanF1, p.Interval = pick(func(q LearningPoint) float64 { return q.MeanF1 })
	for i, l := range points[0].Labels {
		l.F1, l.Interval = pick(func(q LearningPoint) float64 { return q.Labels[i].F1 })
		p.Labels = append(p.Labels, l)
	}
	return p
}

// meanInterval returns the mean of xs and its 95 % interval.
func meanInterval(xs []float64) (mean float64, span Interval) {
	for _, x := range xs {
		mean += x / float64(len(xs))
	}
	if len(xs) < 2 {
		return mean, Interval{mean, mean}
	}
	square := 0.0
	for _, x := range xs {
		square += (x - mean) * (x - mean)
	}
	// Student's t for 2 to 10 values; beyond, that of the normal distribution.
	t := []float64{12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26}
	wide := 1.96
	if len(xs)-2 < len(t) {
		wide = t[len(xs)-2]
	}
	wide *= math.Sqrt(square/float64(len(xs)-1)) / math.Sqrt(float64(len(xs)))
	return mean, Interval{mean - wide, mean + wide}
}

// kindLore is about kinds.
type kindLore struct{}

func (kindLore) name() string     { return "kinds" }
func (kindLore) labels() []string { return []string{"wish", "problem", "praise", "question"} }

func (kindLore) known(e *understand.Example) bool {
	const all = lastword.Wish | lastword.Problem | lastword.Praise | lastword.Question
	return e.Known == all && !e.Weak && !e.Chosen
}

func (kindLore) tested(e *understand.Example) bool { return e.Source == "kinds" }

func (kindLore) correct(e *understand.Example, j understand.Judgement) (lastword.Lesson, bool) {
	first := foremost(e.Kinds)
	l := lastword.Lesson{Was: lastword.Meaning{Kinds: j.Kinds}, Now: lastword.Meaning{Kinds: first}}
	right := j.Kinds&^e.Kinds == 0 && j.Kinds&first == first
	return l, !right
}

// foremost is the kind that matters most to who reads (GUIDE.md of the set).
func foremost(k lastword.Kinds) lastword.Kinds {
	for _, one := range []lastword.Kinds{lastword.Wish, lastword.Problem, lastword.Question, lastword.Praise} {
		if k&one != 0 {
			return one
		}
	}
	return 0
}

func (kindLore) note(s *sheet, e *understand.Example, j understand.Judgement) {
	for i, k := range lastword.AllKinds {
		s.tallies[i].add(j.Kinds&k != 0, e.Kinds&k != 0, j.P[i])
	}
}

// feelingLore is about feelings.
type feelingLore struct{}

func (feelingLore) name() string                        { return "feeling" }
func (feelingLore) labels() []string                    { return []string{"negative", "neutral", "positive"} }
func (feelingLore) known(e *understand.Example) bool    { return e.Felt && !e.Weak }
func (f feelingLore) tested(e *understand.Example) bool { return f.known(e) }

func (feelingLore) correct(e *understand.Example, j understand.Judgement) (lastword.Lesson, bool) {
	return lastword.Lesson{Was: lastword.Meaning{Feeling: j.Feeling}, Now: lastword.Meaning{Feeling: e.Feeling}}, j.Feeling != e.Feeling
}

func (feelingLore) note(s *sheet, e *understand.Example, j understand.Judgement) {
	for i := range 3 {
		f := lastword.Feeling(i) + lastword.Negative
		s.tallies[i].add(j.Feeling == f, e.Feeling == f, j.Feelings[i])
	}
}
