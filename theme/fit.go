package theme

import "math"

// Evidence is what speaks for one voice's place in one theme. All of it can be
// explained to a person.
type Evidence struct {
	Likes  float64 // Cosine with the length of both texts made up for, 0…1: decides the place
	Cosine float64 // between the voice and the theme without it, 0…1
	Ahead  float64 // Likes less that of the next best theme
	Close  float64 // mean Likes of the theme's voices
	Voices float64 // in the theme besides this one, the unsure ones counted less
	Mass   float64 // how rare the voice's words are, 1 if nobody else has them
	Words  float64 // about how many of its words carry meaning
}

// weights of the logistic model that turns Evidence into Fit, as
// bench.CalibrateThemes finds them with seed 1:
//
//	go test ./bench -run TestCalibrateThemes -v
func weights() [15]float64 {
	return [15]float64{
		-9.197671, -8.912918, 4.833194, 0.990781, 9.044465, 2.197288, 0.462835, -0.182140,
		-0.057590, -1.315140, 0.142419, 4.002377, 0.076914, 1.755704, -0.241129,
	}
}

// Traits are the inputs of the logistic model behind Fit; the first is constant.
func (e Evidence) Traits() []float64 {
	n, w := math.Log1p(max(e.Voices, 0)), math.Log1p(e.Words)
	return []float64{
		1, e.Likes, e.Cosine, e.Ahead, e.Close, n, e.Mass, w,
		e.Cosine * n, e.Close * n, e.Ahead * n, e.Likes * e.Likes, w * n, w * e.Cosine, n * n,
	}
}

// Fit returns the calibrated probability that a person would place the voice
// into the theme, 0…1.
func (e Evidence) Fit() float64 {
	z, w := 0.0, weights()
	for i, t := range e.Traits() {
		z += w[i] * t
	}
	return 1 / (1 + math.Exp(-z))
}
