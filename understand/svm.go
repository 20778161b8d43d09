package understand

import (
	"math/rand/v2"
	"slices"
)

// A sparse vector for training.
type sparse struct {
	cols   []uint32
	values []float32
	square float64 // of its length
}

func (x *sparse) add(col uint32, value float32) {
	x.cols = append(x.cols, col)
	x.values = append(x.values, value)
}

// merge brings the columns into order, each once, and measures the vector.
func (x *sparse) merge() {
	order := make([]uint64, len(x.cols))
	for i, col := range x.cols {
		order[i] = uint64(col)<<32 | uint64(i)
	}
	slices.Sort(order)
	merged := sparse{cols: make([]uint32, 0, len(order)), values: make([]float32, 0, len(order))}
	for _, o := range order {
		col, value := uint32(o>>32), x.values[uint32(o)]
		if n := len(merged.cols); n > 0 && merged.cols[n-1] == col {
			merged.values[n-1] += value
			continue
		}
		merged.add(col, value)
	}
	for _, v := range merged.values {
		merged.square += float64(v * v)
	}
	*x = merged
}

// svm fits a linear support vector machine with squared hinge loss to xs by
// dual coordinate descent (Hsieh et al., "A Dual Coordinate Descent Method for
// Large-scale Linear SVM", ICML 2008, algorithm 1). ys are +1 or -1; costs say
// how much each example counts. The same input and seed give the same weights.
func svm(xs []sparse, ys []int8, costs []float64, width int, seed uint64) []float32 {
	const rounds = 25
	w := make([]float32, width)
	alpha := make([]float64, len(xs))
	order := make([]int, len(xs))
	for i := range order {
		order[i] = i
	}
	random := rand.New(rand.NewPCG(seed, uint64(width)))
	for range rounds {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			alpha[i] = step(w, &xs[i], float64(ys[i]), alpha[i], costs[i])
		}
	}
	return w
}

// step improves one coordinate and returns its new value. The products are
// converted on purpose: that forbids fusing them, which some processors would.
func step(w []float32, x *sparse, y, alpha, cost float64) float64 {
	diagonal := 1 / (2 * cost)
	gradient := float64(y*dot(w, x)) - 1 + float64(alpha*diagonal)
	next := max(alpha-gradient/(x.square+diagonal), 0)
	if change := float32((next - alpha) * y); change != 0 {
		for n, col := range x.cols {
			w[col] += float32(change * x.values[n])
		}
	}
	return next
}

func dot(w []float32, x *sparse) float64 {
	var sum float32
	for n, col := range x.cols {
		sum += float32(w[col] * x.values[n])
	}
	return float64(sum)
}
