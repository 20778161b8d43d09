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
	Tied   float64 // of its ties to its neighbours, what goes to the theme, 0…1
	Kin    float64 // mean likelihood that the three it is tied to most in the theme want the same, 0…1
	Opens  float64 // how variously the theme's voices begin, in nats
	Ends   float64 // and end
	Begun  float64 // share of the theme's other voices that begin as this one does
	Ended  float64 // and end
	Facing float64 // share of them that want the opposite of something, 0…1
	Past   bool    // none of the theme's voices is among the recent ones: there are no neighbours to ask
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
		e.Tied, e.Kin, e.Tied * e.Kin, e.Top, e.Meant, e.Cosine, e.Mass, e.Known, math.Log1p(e.Words), e.Opens, e.Ends, e.Begun, e.Ended,
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

// opposed is what it takes off the log-odds of a voice that all others of the theme
// want the opposite of. It is not learnt: in the sets with known intents hardly
// anybody wants the opposite of anything.
const opposed = 2

func (e Evidence) fit() float64 {
	w := weights()
	return e.FitWith(w[:])
}

// FitWith is Fit by other weights of the traits.
func (e Evidence) FitWith(w []float64) float64 {
	traits, past := e.Traits(), pastWeights()
	z := dotTraits(past[:ofCentre], traits)
	if !e.Past { // two models that look at a voice from different sides err less together
		z = (z + dotTraits(w, traits)) / 2
	}
	return 1 / (1 + math.Exp(opposed*e.Facing-z))
}

func dotTraits(w, traits []float64) float64 {
	z := 0.0
	for i, x := range w {
		z += x * traits[i]
	}
	return z
}

// weights of the logistic model that turns Evidence into Fit, as
// bench.CalibrateThemes finds them with seed 1:
//
//	go test ./bench -run TestShippedWeightsAreCalibrated -v
func weights() [26]float64 {
	return [26]float64{
		-0.156922, 0.366770, 0.312793, 0.461684, 1.175188, 0.061788, 1.176493, 0.044446, -0.403299, 0.553828, -0.501388, -0.277184, 0.376269,
		0.471259, 1.325702, 1.834319, -0.712083, 0.378022, 0.231287, 0.925793, -0.766200, -0.333118, -0.427655, -0.110341, 0.356841, 0.437225,
	}
}

// ofCentre is how many traits hardly need the recent voices.
const ofCentre = 13

// pastWeights are a model of the first traits alone, fitted on the same intents. It
// stands alone for a theme of which only the centre is known.
func pastWeights() [26]float64 {
	return [26]float64{
		-2.597903, 2.778982, -0.512108, 1.271203, 1.431882, -0.755047, 2.756219, -0.081153,
		-0.206848, 1.748730, -1.641199, -1.264226, 2.068861,
	}
}
