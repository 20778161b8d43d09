package understand

import (
	"cmp"
	"math"
	"slices"

	"lastword"
)

// calibrate teaches h how sure its scores are, on verdicts about examples that
// the weights behind them have not seen.
func (l *lesson) calibrate(h *head, seed uint64) {
	verdicts := l.unseen(seed)
	for kind := range h.Opinions {
		xs, ys := l.points(verdicts, kind)
		h.Opinions[kind] = logistic(xs, soften(ys, l.examples[0].Weak))
		h.Least[kind] = float32(h.bestThreshold(l.examples, verdicts, kind))
	}
	h.Mood = l.learnMood(verdicts)
}

// unseen returns for every example the verdict by weights learnt from the other
// folds.
func (l *lesson) unseen(seed uint64) []verdict {
	verdicts := make([]verdict, len(l.examples))
	var r reading
	for fold := range folds {
		ws := l.weights(seed, func(i int) bool { return l.group[i]%folds != fold })
		for i := range l.examples {
			if l.group[i]%folds == fold {
				r.take(l.examples[i].Text)
				verdicts[i] = r.judge(l.scorer(&ws), 0)
			}
		}
	}
	return verdicts
}

// scorer is head.score with weights not yet made small.
func (l *lesson) scorer(ws *[outputs][]float32) scorer {
	return func(f *features) [outputs]float32 {
		x := l.vector(f)
		var s [outputs]float32
		for out, w := range ws {
			s[out] = float32(dot(w, &x))
		}
		return s
	}
}

// points collects what the opinion on a kind can be learnt from.
func (l *lesson) points(verdicts []verdict, kind int) (xs [][inputs]float64, ys []bool) {
	for i := range l.examples {
		if y, known := l.examples[i].target(kind); known && !l.examples[i].Chosen {
			xs = append(xs, inputsOf(&verdicts[i], kind))
			ys = append(ys, y > 0)
		}
	}
	return xs, ys
}

// soften returns Platt's targets, which never ask for certainty. Labels that
// nobody checked are taken to be wrong in one case of twenty.
func soften(ys []bool, weak bool) []float64 {
	yes := 0.0
	for _, y := range ys {
		if y {
			yes++
		}
	}
	hi, lo := (yes+1)/(yes+2), 1/(float64(len(ys))-yes+2)
	if weak {
		hi, lo = 0.95, 0.05
	}
	targets := make([]float64, len(ys))
	for i, y := range ys {
		targets[i] = lo
		if y {
			targets[i] = hi
		}
	}
	return targets
}

// logistic fits a logistic regression with a small ridge by Newton's method.
func logistic(xs [][inputs]float64, targets []float64) opinion {
	const ridge, unheard = 1.0, -4 // where there is nothing to learn from, hardly ever
	var w [inputs]float64
	if len(xs) == 0 {
		return opinion{inputs - 1: unheard}
	}
	for range 25 {
		var gradient [inputs]float64
		var hessian [inputs][inputs]float64
		for i := range w {
			gradient[i], hessian[i][i] = float64(ridge*w[i]), ridge
		}
		for n := range xs {
			addPoint(&gradient, &hessian, &w, &xs[n], targets[n])
		}
		move := solve(hessian, gradient)
		for i := range w {
			w[i] -= min(max(move[i], -2), 2) // a longer stride may overshoot
		}
	}
	var o opinion
	for i := range w {
		o[i] = float32(w[i])
	}
	return o
}

func addPoint(gradient *[inputs]float64, hessian *[inputs][inputs]float64, w, x *[inputs]float64, target float64) {
	z := 0.0
	for i := range w {
		z += float64(w[i] * x[i])
	}
	p := sigmoid(z)
	for i := range x {
		gradient[i] += float64((p - target) * x[i])
		for j := range x {
			hessian[i][j] += float64(float64(p*(1-p)) * float64(x[i]*x[j]))
		}
	}
}

// solve returns x with a·x = b for a positive definite a (Gaussian elimination;
// such a needs no pivoting).
func solve(a [inputs][inputs]float64, b [inputs]float64) [inputs]float64 {
	for i := range b {
		for j := i + 1; j < inputs; j++ {
			f := a[j][i] / a[i][i]
			for k := i; k < inputs; k++ {
				a[j][k] -= float64(f * a[i][k])
			}
			b[j] -= float64(f * b[i])
		}
	}
	for i := inputs - 1; i >= 0; i-- {
		for k := i + 1; k < inputs; k++ {
			b[i] -= float64(a[i][k] * b[k])
		}
		b[i] /= a[i][i]
	}
	return b
}

// bestThreshold returns the probability from which on saying yes gives the best
// F1, kept between .2 and .6: fewer examples than that would need are chance.
func (h *head) bestThreshold(examples []Example, verdicts []verdict, kind int) float64 {
	type point struct {
		p   float64
		yes int
	}
	var points []point
	total := 0
	for i := range examples {
		if y, known := examples[i].target(kind); known && !examples[i].Chosen {
			points = append(points, point{h.probability(&verdicts[i], kind), int(y+1) / 2})
			total += int(y+1) / 2
		}
	}
	slices.SortStableFunc(points, func(a, b point) int { return cmp.Compare(b.p, a.p) })
	best, threshold, hits := 0.0, 0.5, 0
	for n, p := range points {
		hits += p.yes
		if f1 := 2 * float64(hits) / float64(n+1+total); f1 > best {
			best, threshold = f1, p.p
		}
	}
	return min(max(threshold, 0.2), 0.6)
}

// A felt is one example with a judged feeling: its scores and the feeling's index.
type felt struct {
	scores  *[outputs]float32
	feeling int
}

// learnMood fits the multinomial regression over the two feeling scores by plain
// gradient descent, and then the factors that favour rare feelings.
func (l *lesson) learnMood(verdicts []verdict) mood {
	var points []felt
	for i, e := range l.examples {
		if e.Felt {
			points = append(points, felt{&verdicts[i].whole, int(e.Feeling - lastword.Negative)})
		}
	}
	m := mood{Favour: [3]float32{1, 1, 1}}
	for range 400 {
		m.descend(points)
	}
	m.favour(points)
	return m
}

func (m *mood) descend(points []felt) {
	var gradient [3][len(moodInputs) + 1]float64
	for _, x := range points {
		p := m.probabilities(x.scores)
		p[x.feeling]--
		for i := range gradient {
			for j, out := range moodInputs {
				gradient[i][j] += float64(p[i] * float64(x.scores[out]))
			}
			gradient[i][len(moodInputs)] += p[i]
		}
	}
	rate := 2 / float64(max(len(points), 1))
	for i := range gradient {
		for j := range gradient[i] {
			m.Weights[i][j] -= float32(rate * gradient[i][j])
		}
	}
}

// favour tries factors for negative and positive and keeps those with the best
// mean F1 over the three feelings.
func (m *mood) favour(points []felt) {
	ps := make([][3]float64, len(points))
	for n, x := range points {
		ps[n] = m.probabilities(x.scores)
	}
	best, chosen := -1.0, m.Favour
	for negative := 0.6; negative < 3; negative *= 1.1 {
		for positive := 0.6; positive < 3; positive *= 1.1 {
			m.Favour = [3]float32{float32(negative), 1, float32(positive)}
			if f := m.meanF1(ps, points); f > best {
				best, chosen = f, m.Favour
			}
		}
	}
	m.Favour = chosen
}

func (m *mood) meanF1(ps [][3]float64, points []felt) float64 {
	var right, said, are [3]float64
	for n, p := range ps {
		got := m.choose(p)
		said[got]++
		are[points[n].feeling]++
		if got == points[n].feeling {
			right[got]++
		}
	}
	sum := 0.0
	for i := range right {
		sum += 2 * right[i] / math.Max(said[i]+are[i], 1)
	}
	return sum / 3
}
