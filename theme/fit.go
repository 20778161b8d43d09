package theme

import "math"

// Evidence is what speaks for one voice's place in one theme. All of it can be
// explained to a person.
type Evidence struct {
	Likes  float64 // between the voice and the theme's centre without it, 0…1
	Cosine float64 // of their words alone
	Meant  float64 // of what they mean alone
	Ahead  float64 // Likes less that of the next best theme
	Share  float64 // of its nearest voices' nearness, what goes to the theme, 0…1
	Lead   float64 // Share less that of the next best theme
	Top    float64 // mean likeness of the three nearest voices in the theme, 0…1
	Whole  float64 // share of the theme that holds together with it when looked at more closely, 0…1
	Close  float64 // mean Likes of the theme's voices
	Voices float64 // in the theme besides this one, the unsure ones counted less
	Mass   float64 // how rare the voice's words are, 1 if nobody else has them
	Words  float64 // about how many of its words carry meaning
	Known  float64 // how much of what it says has a known meaning, 0…1
	Lent   bool    // an endpoint told where the voice lies
	Own    float64 // then, Likes as we alone see it
	Before float64 // and Ahead
}

// belongs reports whether a voice may be in the theme at all.
func (e Evidence) belongs() bool { return e.Likes >= join || e.Share >= 0.5 && e.Top >= 0.3 }

// Traits are the inputs of the logistic model behind Fit; the first is constant.
func (e Evidence) Traits() []float64 {
	n := math.Log1p(max(e.Voices, 0))
	return []float64{
		1, e.Share, e.Lead, e.Ahead, e.Likes, e.Share * e.Close, e.Whole * e.Share, n, e.Share * n, e.Whole, e.Whole * e.Whole, e.Whole * e.Close, e.Close,
	}
}

// unsureAlone is the most that a voice's Fit is where we alone see little that it
// shares with the theme: what an endpoint says may bring it there, but answers
// nobody. A person's word on some of the theme's voices makes such ones sure.
const unsureAlone = 0.9

// Fit returns the calibrated probability that a person would place the voice
// into the theme, 0…1.
func (e Evidence) Fit() float64 {
	switch {
	case e.Lent && e.Own < firm:
		return min(e.fit(), unsureAlone)
	case e.Lent && e.Likes >= firm: // two who agree are no less than the surer of them
		e.Likes, e.Ahead = max(e.Likes, e.Own), max(e.Ahead, e.Before)
	}
	return e.fit()
}

func (e Evidence) fit() float64 {
	z, w := 0.0, weights()
	for i, t := range e.Traits() {
		z += w[i] * t
	}
	return 1 / (1 + math.Exp(-z))
}

// weights of the logistic model that turns Evidence into Fit, as
// bench.CalibrateThemes finds them with seed 1:
//
//	go test ./bench -run TestShippedWeightsAreCalibrated -v
func weights() [13]float64 {
	return [13]float64{
		-2.597903, 2.778982, -0.512108, 1.271203, 1.431882, -0.755047, 2.756219, -0.081153,
		-0.206848, 1.748730, -1.641199, -1.264226, 2.068861,
	}
}
