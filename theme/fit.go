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
	Key    float64 // of the word that opens the theme best: share of its voices that say it times that of those who say it that are in it, 0…1
	Second float64 // the same of the second best word
	Odds   float64 // sum of how much likelier the voice's words are in the theme than elsewhere, in nats
	Varied float64 // how variously the company's voices put what they want, 0 as orders to a machine, 1 as posts
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
		e.Odds, math.Log1p(e.Odds), e.Key, e.Second, math.Sqrt(e.Key),
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
	alike, posts := weights(), postWeights()
	return e.FitWith(alike[:], posts[:])
}

// FitWith is Fit by other weights of the traits: of voices that are put alike, and
// of posts. A model of one hardly knows how like each other two of the other are
// that want the same; how like a company's voices are on the whole tells which of
// the two to heed.
func (e Evidence) FitWith(alike, posts []float64) float64 {
	x := e.Traits()
	if e.Past {
		past := pastWeights()
		return logistic(dotTraits(past[:], x) - opposed*e.Facing)
	}
	z := (1-e.Varied)*dotTraits(alike, x) + e.Varied*dotTraits(posts, x)
	return logistic(z - opposed*e.Facing)
}

func dotTraits(w, traits []float64) float64 {
	z := 0.0
	for i, x := range w {
		z += x * traits[i]
	}
	return z
}

// traits is how many inputs the models have.
const traits = 31

// weights of the logistic model that turns Evidence into Fit where voices are put
// alike, as bench.CalibrateThemes finds them with seed 1:
//
//	go test ./bench -run TestShippedWeightsAreCalibrated -v
func weights() [traits]float64 {
	return [traits]float64{
		0.383955, 0.541101, 0.445290, 0.458645, 0.523239, 0.255559, 0.541287, -0.189508, -0.227733, 0.259654,
		-0.089615, 0.027271, 0.409607, 0.436411, 0.251270, 0.332357, -0.094199, 0.487070, 0.457283, 0.460140,
		-0.497644, -0.570723, -0.488967, -0.016518, 0.140806, 0.264382, 0.023755, 0.376869, 0.276414, -0.136125,
		0.022010,
	}
}

// postWeights are those for posts, from the same test.
func postWeights() [traits]float64 {
	return [traits]float64{
		0.717250, 0.780249, 1.210768, 1.565739, 0.394801, -0.352664, -0.032675, -2.018078, 0.120053, -0.499585,
		0.391539, -0.112681, -0.893608, 0.794077, 0.982363, 0.775483, 1.160171, -1.994515, -0.783749, -0.567282,
		0.055272, 0.659017, 0.200455, 0.311335, -1.419246, -0.627697, 0.140823, -0.711394, 2.815740, -0.971293,
		-0.867192,
	}
}

// pastWeights are a model of the first traits, those that hardly need the recent
// voices, fitted on the same intents. It stands for a theme of which only the centre
// is known.
func pastWeights() [13]float64 {
	return [13]float64{
		-2.597903, 2.778982, -0.512108, 1.271203, 1.431882, -0.755047, 2.756219, -0.081153,
		-0.206848, 1.748730, -1.641199, -1.264226, 2.068861,
	}
}
