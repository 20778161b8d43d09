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
	Sound  Sound   // of the theme
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
	s := e.Sound
	return []float64{
		1, e.Share, e.Lead, e.Ahead, e.Likes, e.Share * e.Close, e.Whole * e.Share, n, e.Share * n, e.Whole, e.Whole * e.Whole, e.Whole * e.Close, e.Close,
		e.Tied, e.Kin, e.Tied * e.Kin, e.Top, e.Meant, e.Cosine, e.Mass, e.Known, math.Log1p(e.Words), e.Opens, e.Ends, e.Begun, e.Ended,
		e.Odds, math.Log1p(e.Odds), e.Key, e.Second, math.Sqrt(e.Key),
		s.Heard, s.Tied, s.Kin, s.Share, s.Lead, s.Ahead, s.Likes, s.Key, s.Odds, s.Known,
		s.Called, s.Drawn, s.Kept, s.Astray, s.Strewn, s.Toward,
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

// Traits are how many inputs the models have: those of a voice, and after them those of
// the whole theme. Of four companies' posts, those of the whole theme of one tell
// nothing of another's.
const (
	voiceTraits = 31
	traits      = voiceTraits + 16
)

// weights of the logistic model that turns Evidence into Fit where voices are put
// alike, as bench.CalibrateThemes finds them with seed 1:
//
//	go test ./bench -run TestShippedWeightsAreCalibrated -v
func weights() [traits]float64 {
	return [traits]float64{
		0.374678, 0.447849, 0.296155, 0.414818, 0.580833, 0.204667, 0.684844, -0.199658, -0.257254, 0.363208,
		-0.274232, 0.050778, 0.310274, 0.377623, 0.241262, 0.266308, 0.080234, 0.633178, 0.468081, 0.468714,
		-0.239911, -0.455885, -0.407781, -0.005640, 0.157297, 0.293918, 0.024690, 0.446159, 0.201052, -0.352183,
		-0.091314, 0.017766, 0.134706, -0.311121, 0.333954, 0.424262, 0.253947, -0.033032, 0.116927, -0.091580,
		-1.200506, -0.030689, -0.163117, 0.027262, 0.005406, -0.275959, 0.467085,
	}
}

// postWeights are those for posts, from the same test.
func postWeights() [voiceTraits]float64 {
	return [voiceTraits]float64{
		0.605592, 0.879157, 1.487520, 1.127653, 0.598660, 0.383625, -0.804562, -1.970249, -0.083025, -0.620582,
		0.835235, -0.018675, -0.612030, 0.711815, 0.955050, 0.309632, 1.832342, -1.110633, -0.563813, -0.245225,
		-0.270303, 0.540669, 0.704139, -0.237890, -1.667600, -0.591231, 0.099882, -0.401201, 2.183671, -1.304919,
		-0.806829,
	}
}

// pastWeights are a model of the first traits, those that hardly need the recent
// voices, from the same test. It stands for a theme of which only the centre
// is known.
func pastWeights() [13]float64 {
	return [13]float64{
		-1.164584, 1.035583, 0.277792, 0.554090, 2.147930, 0.579598, 1.839850, -0.119054, -0.210774, 0.755163,
		-0.567170, -0.504792, 0.329633,
	}
}

// A Holding is the weights that the package holds, each as bench.CalibrateThemes finds
// it.
type Holding struct {
	Weights []float64 // of Evidence's traits, where voices are put alike
	Posts   []float64 // of the same, for posts
	Past    []float64 // of the first of them, where a theme's voices are not known
	Ties    []float64 // of what Clusterer.Ties yields
	Beside  []float64 // of what Clusterer.Beside yields
}

// Shipped returns the weights that the package holds.
func Shipped() Holding {
	alike, posts, past, beside := weights(), postWeights(), pastWeights(), besideWeights
	h := Holding{Weights: alike[:], Posts: posts[:], Past: past[:], Beside: beside[:]}
	for _, w := range tieWeights() {
		h.Ties = append(h.Ties, float64(w))
	}
	return h
}
