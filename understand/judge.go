package understand

import "lastword"

// A Judgement is all that the machine says of a post: what is kept with a voice,
// and beside it what decides whether it is kept as one that waits for an answer.
type Judgement struct {
	lastword.Label
	Feelings  [3]float64 // calibrated probability of negative, neutral and positive
	Offensive float64    // … that it insults or abuses
}

// Judge says what post means to a company that is called by names, and what
// kind of speech it is. What Label promises holds for it.
func (m *Model) Judge(post lastword.Post, names []string) Judgement {
	j := m.read(post, names, false)
	j.Label = onlyWishes(j.Label)
	return j
}
