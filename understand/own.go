package understand

import (
	"math"
	"slices"

	"lastword"
)

// A company's own layer lies on top of the shipped model. It shifts the log-odds
// of the four kinds and of two feelings by a weight for each n-gram, cue and sign
// of the text, learnt from what people of the company put right.
//
// It is a ridge logistic regression with the shipped model's log-odds as offset,
// so that without evidence the shipped model holds, and it is made anew out of
// the corrections that hold: the same corrections give the same layer, in any
// order, and one that is undone leaves nothing behind.
//
// Only what a person changed teaches: what they set is so, what they took away is
// not. Of the other kinds nothing is known, since one key sets one kind. Nearest
// neighbours among the corrections, a single step for each, and counting voices
// that were left as they were all did worse (docs/hearing.md).

// The outputs of the layer: the kinds in the order of lastword.AllKinds, and two
// feelings.
const (
	ownNegative = iota + 4
	ownPositive
	ownOutputs
)

// Found by simulating directors on labelled streams (lastword eval learning).
const (
	ownRidge  = 1.0
	ownRounds = 15 // over all corrections; the weights hardly move after ten
	ownBits   = 16 // of the table's size
)

// MostLessons is how many lessons, the newest, make a layer: two hundred are learnt
// in some fifty milliseconds, these in half a second.
const MostLessons = 2000

// The columns of a lesson's vector: the rows of the table, the cues, the signs.
const (
	ownCue   = 1 << ownBits
	ownSign  = ownCue + cueCount
	ownWidth = ownSign + mostSigns
)

// An own is a company's layer.
type own struct {
	rows  []ownRow // 1 << ownBits
	Unit  [ownOutputs]float32
	cues  [cueCount][ownOutputs]float32
	signs [mostSigns][ownOutputs]float32
}

// An ownRow is what one n-gram says; the check tells it from others on its row.
type ownRow struct {
	check   uint16
	weights [ownOutputs]int8
}

// A shift is what the layer adds to the log-odds.
type shift [ownOutputs]float64

// Taught returns a Model that reads as m does and has learnt from a company's
// lessons besides. Lessons that m has learnt before do not count any more; with
// none it is the shipped model. Of more than MostLessons the last ones count.
func (m *Model) Taught(lessons []lastword.Lesson) *Model {
	t := &Model{languages: m.languages, heads: m.heads}
	lessons = lessons[max(0, len(lessons)-MostLessons):]
	if len(lessons) == 0 {
		return t
	}
	l := newOwnLesson(t, lessons)
	t.own = l.learn()
	return t
}

// An ownLesson is lessons, read.
type ownLesson struct {
	xs      []sparse
	offsets [][ownOutputs]float64 // the shipped model's log-odds
	targets [][ownOutputs]int8    // +1, -1, or 0 where nothing was said
	slots   []uint32              // row → hash that holds it, 0 if none
}

func newOwnLesson(m *Model, lessons []lastword.Lesson) *ownLesson {
	lessons = slices.Clone(lessons)
	slices.SortFunc(lessons, func(a, b lastword.Lesson) int { return compareLessons(a, b) })
	l := &ownLesson{}
	df := map[uint32]int{}
	all := make([]features, len(lessons))
	for i, lesson := range lessons {
		var r reading
		j := m.readInto(&r, lesson.Post, nil, false)
		r.f.read(r.s, r.tokens)
		all[i] = r.f
		for _, hash := range distinct(r.f.words, r.f.chars) {
			df[hash]++
		}
		l.offsets = append(l.offsets, offsetsOf(j))
		l.targets = append(l.targets, targetsOf(lesson))
	}
	l.slots = chooseSlots(df, 1, ownBits)
	for i := range all {
		l.xs = append(l.xs, l.vector(&all[i]))
	}
	return l
}

// compareLessons puts lessons into an order that does not depend on when they
// were given.
func compareLessons(a, b lastword.Lesson) int {
	switch {
	case a.Voice != b.Voice:
		return int(min(max(a.Voice-b.Voice, -1), 1))
	case a.Post.Text < b.Post.Text:
		return -1
	case a.Post.Text > b.Post.Text:
		return 1
	}
	return 0
}

func offsetsOf(j Judgement) [ownOutputs]float64 {
	var o [ownOutputs]float64
	for kind, p := range j.P {
		o[kind] = logit(p)
	}
	o[ownNegative], o[ownPositive] = logit(j.Feelings[0]), logit(j.Feelings[2])
	return o
}

// logit is the log-odds of p, kept finite.
func logit(p float64) float64 {
	p = min(max(p, 1e-6), 1-1e-6)
	return math.Log(p / (1 - p))
}

// targetsOf returns what a lesson says of every output. Who changes nothing says
// that the kinds are right.
func targetsOf(l lastword.Lesson) [ownOutputs]int8 {
	var y [ownOutputs]int8
	if l.Was.Kinds != l.Now.Kinds || l.Was.Feeling == l.Now.Feeling {
		for i, k := range lastword.AllKinds {
			switch {
			case l.Now.Kinds&k != 0:
				y[i] = 1
			case l.Was.Kinds&k != 0:
				y[i] = -1
			}
		}
	}
	if l.Was.Feeling == l.Now.Feeling {
		return y
	}
	for out, f := range map[int]lastword.Feeling{ownNegative: lastword.Negative, ownPositive: lastword.Positive} {
		switch f {
		case l.Now.Feeling:
			y[out] = 1
		case l.Was.Feeling:
			y[out] = -1
		}
	}
	return y
}

// vector weighs features as own.shift does.
func (l *ownLesson) vector(f *features) sparse {
	byWord, byChar, _ := groupScales(f)
	var x sparse
	l.addGrams(&x, f.words, byWord)
	l.addGrams(&x, f.chars, byChar)
	for cue := range f.cues.all() {
		x.add(uint32(ownCue+cue), cueGain)
	}
	for n := range f.signs.all() {
		x.add(uint32(ownSign+n), signGain)
	}
	x.merge()
	return x
}

func (l *ownLesson) addGrams(x *sparse, hashes []uint32, by float32) {
	for _, hash := range hashes {
		if s := hash & (1<<ownBits - 1); check(l.slots[s]) == check(hash) && l.slots[s] != 0 {
			x.add(s, by)
		}
	}
}

func (l *ownLesson) learn() *own {
	o := &own{rows: make([]ownRow, 1<<ownBits)}
	for s, hash := range l.slots {
		if hash != 0 {
			o.rows[s].check = check(hash)
		}
	}
	for out := range ownOutputs {
		w := l.fit(out)
		o.Unit[out] = unitOf(w[:ownCue])
		for s := range o.rows {
			o.rows[s].weights[out] = int8(math.Round(float64(w[s] / o.Unit[out])))
		}
		for cue := range cueCount {
			o.cues[cue][out] = w[ownCue+cue]
		}
		for n := range mostSigns {
			o.signs[n][out] = w[ownSign+n]
		}
	}
	return o
}

// fit minimises Σ log(1+exp(-y(offset+w·x))) + ownRidge/2·|w|² by dual coordinate
// ascent (Yu, Huang and Lin, "Dual coordinate descent methods for logistic
// regression and maximum entropy models", Machine Learning 85, 2011).
func (l *ownLesson) fit(out int) []float32 {
	w, alpha := make([]float32, ownWidth), make([]float64, len(l.xs))
	for range ownRounds {
		for i := range l.xs {
			y := float64(l.targets[i][out])
			if y == 0 {
				continue
			}
			z := l.offsets[i][out] + dot(w, &l.xs[i])
			next := bestAlpha(alpha[i], y*z, l.xs[i].square/ownRidge)
			change := float32((next - alpha[i]) * y / ownRidge)
			alpha[i] = next
			for n, col := range l.xs[i].cols {
				w[col] += float32(change * l.xs[i].values[n])
			}
		}
	}
	return w
}

// bestAlpha returns the a between 0 and 1 at which a = σ(-(margin+(a-now)·slope)),
// by Newton's method.
func bestAlpha(now, margin, slope float64) float64 {
	a := now
	for range 8 {
		s := sigmoid(-(margin + float64((a-now)*slope)))
		a -= (a - s) / (1 + float64(s*(1-s))*slope)
	}
	return min(max(a, 0), 1)
}

// listen returns score and a shift, which is what the layer says of the first
// text that is scored. Without a layer it stays nothing.
func (o *own) listen(score scorer) (scorer, *shift) {
	s := &shift{}
	if o == nil {
		return score, s
	}
	heard := false
	return func(f *features) [outputs]float32 {
		if !heard {
			*s, heard = o.shift(f), true
		}
		return score(f)
	}, s
}

// shift returns what the layer says of a text.
func (o *own) shift(f *features) shift {
	var s shift
	byWord, byChar, _ := groupScales(f)
	o.add(&s, f.words, byWord)
	o.add(&s, f.chars, byChar)
	for cue := range f.cues.all() {
		for k, w := range o.cues[cue] {
			s[k] += float64(cueGain * w)
		}
	}
	for n := range f.signs.all() {
		for k, w := range o.signs[n] {
			s[k] += float64(signGain * w)
		}
	}
	return s
}

func (o *own) add(s *shift, hashes []uint32, by float32) {
	var sums [ownOutputs]int32
	for _, hash := range hashes {
		r := &o.rows[hash&(1<<ownBits-1)]
		if r.check != check(hash) {
			continue
		}
		for k, w := range r.weights {
			sums[k] += int32(w)
		}
	}
	for k, sum := range sums {
		s[k] += float64(o.Unit[k] * by * float32(sum))
	}
}

// kind moves the probability of a kind.
func (s *shift) kind(p float64, kind int) float64 { return moved(p, s[kind]) }

// feelings moves the probabilities of negative, neutral and positive.
func (s *shift) feelings(p [3]float64) [3]float64 {
	p[0] *= math.Exp(s[ownNegative])
	p[2] *= math.Exp(s[ownPositive])
	sum := p[0] + p[1] + p[2]
	for i := range p {
		p[i] /= sum
	}
	return p
}

// moved is p with log-odds by more.
func moved(p, by float64) float64 {
	if by == 0 {
		return p
	}
	return sigmoid(logit(p) + by)
}
