package theme

import "math"

// A trust is what people's words on some voices of a theme say of all others that
// the machine put there: themes differ in how well they hold together, beyond
// what the evidence of a single voice tells. The log-odds of every voice in a
// theme are off by one and the same number, which is normal around 0 before
// anybody has looked (a random intercept; Gelman and Hill 2007, chapter 14), and
// is learnt by Laplace's approximation, one word after the other. The zero value
// has heard nothing.
type trust struct {
	mean  float32 // of that number
	heard float32 // how much more precise it has become, as inverse variance
}

// unsure is the variance of that number before anybody has looked. It is the
// likeliest on the calibration half of the intents.
const unsure = 2

func (t trust) variance() float64 { return 1 / (1.0/unsure + float64(t.heard)) }

// blur is by how much a variance flattens log-odds (MacKay 1992).
func blur(variance float64) float64 { return math.Sqrt(1 + math.Pi*variance/8) }

func odds(p float64) float64 {
	const edge = 0.005
	p = min(max(p, edge), 1-edge)
	return math.Log(p / (1 - p))
}

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// fit is the probability that a voice belongs to the theme, given what its
// evidence alone says.
func (t trust) fit(alone float64) float64 {
	if t == (trust{}) {
		return alone
	}
	return logistic((odds(alone)*blur(unsure) + float64(t.mean)) / blur(t.variance()))
}

// alone is what a voice's evidence said that t made fit of.
func (t trust) alone(fit float64) float64 {
	if t == (trust{}) {
		return fit
	}
	return logistic((odds(fit)*blur(t.variance()) - float64(t.mean)) / blur(unsure))
}

// told is the trust after a person said whether a voice belongs.
func (t trust) told(alone float64, belongs bool) trust {
	p := t.fit(alone)
	if t == (trust{}) {
		p = logistic(odds(alone))
	}
	y := 0.0
	if belongs {
		y = 1
	}
	t.heard += float32(p * (1 - p))
	t.mean += float32(t.variance() * (y - p))
	return t
}

// fit is how well a voice fits where its evidence speaks for it.
func (c *cluster) fit(e Evidence) float64 { return c.trust.fit(e.Fit()) }
