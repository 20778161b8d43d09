package understand

import (
	"cmp"
	"math"
	"slices"

	"lastword"
)

// calibrate teaches h how sure its scores are, on verdicts about examples that
// the weights behind them have not seen.
func (l *lesson) calibrate(h *head, seed uint64) { l.settle(h, l.unseen(seed)) }

// settle fits the last steps of h to such verdicts.
func (l *lesson) settle(h *head, verdicts []verdict) {
	for kind := range h.Opinions {
		points := l.points(verdicts, kind)
		soften(points, l.examples[0].Weak)
		h.Opinions[kind] = logistic(points)
		h.Least[kind] = float32(bestThreshold(&h.Opinions[kind], points, l.floor(kind)))
	}
	all := l.feltAs(verdicts, l.asAnybody)
	h.Mood = learnMood(all)
	h.Mood.favour(all)
	// Of what is said to a company the likeliest is taken: how rare a feeling is among
	// one company's customers tells nothing of another's.
	h.Customer = learnMood(l.feltAs(verdicts, l.asCustomer))
}

// What an example counts in the last steps, where an ordinary one counts 1. Found by
// cross-validation.
const (
	starsTell     = 0.03 // of a feeling that stars tell: who gives stars is hardly ever neutral
	chatTells     = 0.03 // of what customers feel, by chat
	readTells     = 0.05 // of kinds: readings of ours beside those of kinds.de, whose reader was one and the same
	bookTells     = 0.3  // … the phrase book: what people say, but not how often
	assemblyTells = 0.7  // … a citizens' assembly: nearly all of it wishes, in formal German
)

// assembly is the domain of the statements of a citizens' assembly.
const assembly = "klimarat"

// asAnybody is how much an example counts for what anybody feels.
func (l *lesson) asAnybody(e *Example) float64 {
	if e.Weak {
		return starsTell
	}
	return 1
}

// asCustomer is how much it counts for what customers feel.
func (l *lesson) asCustomer(e *Example) float64 {
	if l.measured && e.Source != travellers && e.Source != inventedPosts {
		return chatTells
	}
	return l.asAnybody(e)
}

// tells is how much an example counts in the calibration of a kind.
func (l *lesson) tells(e *Example, kind int) float64 {
	switch {
	case l.measured && kind <= outQuestion && e.Source == inventedPosts:
		return bookTells
	case e.Chosen:
		return 0
	case !l.measured || kind > outQuestion:
		return 1
	case e.Source == ownReadings:
		return readTells
	case e.Domain == assembly:
		return assemblyTells
	}
	return 1
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
				l.take(&r, i)
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

// A point is one example for an opinion.
type point struct {
	x      [inputs]float64
	yes    bool
	target float64 // 1 for yes, softened
	weight float64
}

// points collects what the opinion on a kind can be learnt from.
func (l *lesson) points(verdicts []verdict, kind int) []point {
	var points []point
	for i := range l.examples {
		e := &l.examples[i]
		y, known := e.target(kind)
		if !known {
			continue
		}
		p := point{x: inputsOf(&verdicts[i]), yes: y > 0, weight: l.tells(e, kind)}
		if p.weight == 0 {
			continue
		}
		points = append(points, p)
	}
	return points
}

// soften sets Platt's targets, which never ask for certainty. Labels that
// nobody checked are taken to be wrong in one case of twenty.
func soften(points []point, weak bool) {
	yes := 0.0
	for i := range points {
		if points[i].yes {
			yes++
		}
	}
	hi, lo := (yes+1)/(yes+2), 1/(float64(len(points))-yes+2)
	if weak {
		hi, lo = 0.95, 0.05
	}
	for i := range points {
		points[i].target = lo
		if points[i].yes {
			points[i].target = hi
		}
	}
}

// logistic fits a logistic regression with a small ridge by Newton's method.
func logistic(points []point) opinion {
	const ridge, unheard = 1.0, -4 // where there is nothing to learn from, hardly ever
	var w [inputs]float64
	if len(points) == 0 {
		return opinion{inputs - 1: unheard}
	}
	for range 25 {
		var gradient [inputs]float64
		var hessian [inputs][inputs]float64
		for i := range w {
			gradient[i], hessian[i][i] = float64(ridge*w[i]), ridge
		}
		for n := range points {
			points[n].add(&gradient, &hessian, &w)
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

// add adds p's share to the gradient and the second derivatives at w.
func (p *point) add(gradient *[inputs]float64, hessian *[inputs][inputs]float64, w *[inputs]float64) {
	z := 0.0
	for i := range w {
		z += float64(w[i] * p.x[i])
	}
	s := sigmoid(z)
	slope := float64(p.weight * (s - p.target))
	bend := float64(p.weight * float64(s*(1-s)))
	for i := range p.x {
		gradient[i] += float64(slope * p.x[i])
		for j := range p.x {
			hessian[i][j] += float64(bend * float64(p.x[i]*p.x[j]))
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

// floor is the least probability at which a kind may be said. What is rather not so
// is not said, where readers judged: but for praise, which is rare, and costs little
// where it is none.
func (l *lesson) floor(kind int) float64 {
	if l.measured && (kind < outPraise || kind == outQuestion) {
		return 0.35
	}
	return 0.1
}

// bestThreshold returns the lowest probability by o from which on saying yes
// gives about the best F1 on points: a voice that is overlooked is worse than one
// that is looked at in vain. It is kept between a floor and .6: fewer examples than
// that would need are chance.
func bestThreshold(o *opinion, points []point, floor float64) float64 {
	const about = 0.005
	type said struct{ p, weight, yes float64 }
	ranked := make([]said, len(points))
	total := 0.0
	for i := range points {
		ranked[i] = said{p: o.probability(&points[i].x), weight: points[i].weight}
		if points[i].yes {
			ranked[i].yes = points[i].weight
			total += points[i].weight
		}
	}
	slices.SortStableFunc(ranked, func(a, b said) int { return cmp.Compare(b.p, a.p) })
	f1s := make([]float64, len(ranked))
	hits, all := 0.0, 0.0
	for i, s := range ranked {
		hits, all = hits+s.yes, all+s.weight
		f1s[i] = 2 * hits / (all + total)
	}
	threshold, best := 0.5, slices.Max(append(f1s, 0))
	for i, f1 := range f1s {
		if f1 > 0 && f1 >= best-about {
			threshold = ranked[i].p
		}
	}
	return min(max(threshold, floor), 0.6)
}

// A felt is one example with a judged feeling: what is known of it, the feeling's
// index and how much it counts.
type felt struct {
	x       [moodWidth]float64
	feeling int
	weight  float64
}

// learnMood fits the multinomial regression over the feeling scores of examples, by
// plain gradient descent.
func learnMood(points []felt) mood {
	m := mood{Favour: [3]float32{1, 1, 1}}
	for range 400 {
		m.descend(points)
	}
	return m
}

// feltAs collects what is known of the feelings of the examples by what weight says they count.
func (l *lesson) feltAs(verdicts []verdict, weight func(*Example) float64) (points []felt) {
	for i, e := range l.examples {
		if e.Felt && weight(&e) > 0 {
			points = append(points, felt{moodOf(&verdicts[i]), int(e.Feeling - lastword.Negative), weight(&e)})
		}
	}
	return points
}

func (m *mood) descend(points []felt) {
	var gradient [3][moodWidth]float64
	total := 0.0
	for n := range points {
		x := &points[n]
		p := m.probabilities(&x.x)
		p[x.feeling]--
		for i := range gradient {
			for j, v := range x.x {
				gradient[i][j] += float64(float64(x.weight*p[i]) * v)
			}
		}
		total += x.weight
	}
	rate := 2 / max(total, 1)
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
		ps[n] = m.probabilities(&x.x)
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
		got, weight := m.choose(p), points[n].weight
		said[got] += weight
		are[points[n].feeling] += weight
		if got == points[n].feeling {
			right[got] += weight
		}
	}
	sum := 0.0
	for i := range right {
		sum += 2 * right[i] / math.Max(said[i]+are[i], 1)
	}
	return sum / 3
}
