package bench

import (
	"math"
	"math/rand/v2"
	"slices"

	"lastword/internal/text"
)

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

func (t *tally) reliability() []EvalBin {
	bins := make([]EvalBin, len(t.sure))
	for i, bin := range t.sure {
		bins[i] = EvalBin{float64(i) / 10, float64(i+1) / 10, int(bin.n), ratio(bin.p, bin.n), ratio(bin.yes, bin.n)}
	}
	return bins
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// wordsShared counts the words that two texts share, and those of either.
func wordsShared(said, are string) entry {
	var e entry
	left := map[string]float64{}
	for _, w := range text.Words(are) {
		left[w]++
		e.are++
	}
	for _, w := range text.Words(said) {
		e.said++
		if left[w] > 0 {
			left[w]--
			e.hits++
		}
	}
	return e
}

// An entry is what one row adds to the counts of one label.
type entry struct {
	label           int
	hits, said, are float64
}

// A sheet collects what was judged, by label, and by group of near-copies so that
// it can be resampled.
type sheet struct {
	names   []string
	tallies []tally
	place   map[int]int // group → where its entries are
	entries [][]entry
	sure    bool // there are probabilities
}

func newSheet(names ...string) *sheet {
	return &sheet{names: names, tallies: make([]tally, len(names)), place: map[int]int{}, sure: true}
}

// add notes whether a row was said to bear a label, and does; p is the promise.
func (s *sheet) add(group, label int, said, is bool, p float64) {
	s.tallies[label].add(said, is, p)
	e := entry{label: label, said: one(said), are: one(is), hits: one(said && is)}
	if e.said+e.are > 0 {
		s.note(group, e)
	}
}

// count notes counts that are none of whole rows, such as of words.
func (s *sheet) count(group, label int, e entry) {
	e.label = label
	t := &s.tallies[label]
	t.hits, t.said, t.are = t.hits+e.hits, t.said+e.said, t.are+e.are
	s.note(group, e)
}

func (s *sheet) note(group int, e entry) {
	i, ok := s.place[group]
	if !ok {
		i = len(s.entries)
		s.place[group] = i
		s.entries = append(s.entries, nil)
	}
	s.entries[i] = append(s.entries[i], e)
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// resamples is how often rows are drawn anew for an interval.
const resamples = 1000

// report returns every label with its intervals, and the mean F1 of the first
// ones with its own.
func (s *sheet) report(seed uint64, mean int) (labels []EvalLabel, f1 float64, span Interval) {
	random := rand.New(rand.NewPCG(seed, 17))
	drawn := make([][3][]float64, len(s.names)) // per label: precision, recall, F1
	var means []float64
	for range resamples {
		counts := s.draw(random)
		sum := 0.0
		for i, c := range counts {
			f := ratio(2*c.hits, c.said+c.are)
			drawn[i][0] = append(drawn[i][0], ratio(c.hits, c.said))
			drawn[i][1] = append(drawn[i][1], ratio(c.hits, c.are))
			drawn[i][2] = append(drawn[i][2], f)
			if i < mean {
				sum += f
			}
		}
		means = append(means, ratio(sum, float64(mean)))
	}
	for i, name := range s.names {
		l := s.tallies[i].label(name)
		if s.sure {
			l.Reliability = s.tallies[i].reliability()
		} else {
			l.ECE = 0
		}
		l.PrecisionInterval, l.RecallInterval, l.F1Interval = middle(drawn[i][0]), middle(drawn[i][1]), middle(drawn[i][2])
		labels = append(labels, l)
		if i < mean {
			f1 += l.F1 / float64(mean)
		}
	}
	return labels, f1, middle(means)
}

// draw counts as many groups as there are, drawn with replacement.
func (s *sheet) draw(random *rand.Rand) []entry {
	counts := make([]entry, len(s.names))
	for range s.entries {
		for _, e := range s.entries[random.IntN(len(s.entries))] {
			c := &counts[e.label]
			c.hits, c.said, c.are = c.hits+e.hits, c.said+e.said, c.are+e.are
		}
	}
	return counts
}

// middle returns the interval that holds 95 of 100 of the values.
func middle(values []float64) Interval {
	if len(values) == 0 {
		return Interval{}
	}
	slices.Sort(values)
	at := func(share float64) float64 { return values[int(math.Round(share*float64(len(values)-1)))] }
	return Interval{at(0.025), at(0.975)}
}
