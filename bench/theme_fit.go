package bench

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"lastword"
	"lastword/theme"
)

// A Calibration is what [CalibrateThemes] finds for package theme to hold.
type Calibration struct {
	Weights  []float64 `json:"weights"`  // of theme.Evidence's traits
	Examples int       `json:"examples"` // placements they were fitted on
	Pure     float64   `json:"pure"`     // share pure among those then at Fit ≥ lastword.Sure
	Share    float64   `json:"share"`    // of the examples that reach it
}

// purer is the purity aimed at on the calibration half; one point above the
// promise, because unseen intents fare a little worse.
const purer = 0.96

// CalibrateThemes fits the logistic model behind theme.Evidence.Fit on the
// calibrating half of the intents, each set weighing the same, and shifts it so
// that the placements at Fit ≥ lastword.Sure are 96 % pure. Fitted is whether a
// voice's intent is the commonest of its theme's other voices; pure is a voice of
// its theme's commonest intent, as purity is usually counted.
func CalibrateThemes(ctx context.Context, o ThemeOptions) (Calibration, error) {
	var all []example
	for _, s := range themeSets {
		voices, err := intents(o, s.file, s.lang, calibrating)
		if err != nil {
			return Calibration{}, err
		}
		places, _, err := stream(ctx, voices)
		if err != nil {
			return Calibration{}, err
		}
		all = append(all, examples(voices, places)...)
	}
	if len(all) == 0 {
		return Calibration{}, fmt.Errorf("bench: themes: nothing to calibrate on: %w", lastword.ErrNotFound)
	}
	w := logistic(all)
	c := Calibration{Examples: len(all)}
	c.Weights, c.Pure, c.Share = shift(all, w)
	return c, nil
}

type example struct {
	x      []float64
	right  float64 // the commonest intent of the theme's other voices
	pure   float64 // the commonest intent of the theme
	weight float64
}

func examples(voices []intentVoice, places []theme.Placement) []example {
	right, strict := agreement(voices, places)
	var es []example
	for i, p := range places {
		if p.Theme != 0 && p.CopyOf == 0 {
			es = append(es, example{p.Evidence.Traits(), oneIf(strict[i]), oneIf(right[i]), 1})
		}
	}
	for i := range es {
		es[i].weight = 1 / float64(len(es))
	}
	return es
}

// logistic is weighted logistic regression by Newton's method with a small
// ridge (iteratively reweighted least squares).
func logistic(es []example) []float64 {
	const ridge, rounds = 1e-6, 25
	n := len(es[0].x)
	w := make([]float64, n)
	for range rounds {
		grad, hess := make([]float64, n), make([][]float64, n)
		for i := range hess {
			hess[i] = make([]float64, n)
			hess[i][i], grad[i] = ridge, -ridge*w[i]
		}
		for _, e := range es {
			p := 1 / (1 + math.Exp(-dot(w, e.x)))
			for i, xi := range e.x {
				grad[i] += e.weight * (e.right - p) * xi
				for j, xj := range e.x {
					hess[i][j] += e.weight * p * (1 - p) * xi * xj
				}
			}
		}
		for i, d := range solve(hess, grad) {
			w[i] += d
		}
	}
	return w
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

// solve is Gaussian elimination with partial pivoting; a and b are used up.
func solve(a [][]float64, b []float64) []float64 {
	n := len(b)
	for c := range n {
		best := c
		for r := c; r < n; r++ {
			if math.Abs(a[r][c]) > math.Abs(a[best][c]) {
				best = r
			}
		}
		a[c], a[best], b[c], b[best] = a[best], a[c], b[best], b[c]
		for r := c + 1; r < n; r++ {
			f := a[r][c] / a[c][c]
			for k := c; k < n; k++ {
				a[r][k] -= f * a[c][k]
			}
			b[r] -= f * b[c]
		}
	}
	for c := n - 1; c >= 0; c-- {
		b[c] = (b[c] - dot(a[c][c+1:], b[c+1:])) / a[c][c]
	}
	return b
}

// shift moves the constant weight so that Sure is where the examples above are
// as pure as promised.
func shift(es []example, w []float64) (shifted []float64, pure, share float64) {
	slices.SortStableFunc(es, func(a, b example) int { return cmp.Compare(dot(w, b.x), dot(w, a.x)) })
	good, sum, all, at := 0.0, 0.0, 0.0, 0
	for _, e := range es {
		all += e.weight
	}
	for i, e := range es {
		sum += e.weight
		good += e.weight * e.pure
		if good >= purer*sum {
			at, pure, share = i, good/sum, sum/all
		}
	}
	shifted = slices.Clone(w)
	shifted[0] += math.Log(lastword.Sure/(1-lastword.Sure)) - dot(w, es[at].x)
	return shifted, pure, share
}
