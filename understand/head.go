package understand

import "math"

// The outputs of a head, one per column of its table. The first four are the
// kinds, in the order of lastword.AllKinds; with the next two they are judged
// yes or no.
const (
	outWish = iota
	outProblem
	outPraise
	outQuestion
	outNotice
	outOffensive
	judged
	outNegative = iota - 1
	outPositive
	outputs
)

// tableBits fixes how many n-grams a head can know.
const tableBits = 18

// How much each group of features counts: all words together, all characters
// together, all pairs of cues together, each cue. Found by cross-validation;
// part of the shipped model.
const (
	wordGain = 1.5
	charGain = 0.7
	pairGain = 0.5
	cueGain  = 0.4
	signGain = 0.3
	toneGain = 0.5
)

// A row holds what one n-gram says of every output. The check tells it from
// others that fall on the same row; 0 means that the row is empty.
type row struct {
	Check   uint16
	Weights [outputs]int8
}

// A head judges the texts of one language.
type head struct {
	headNumbers
	rows []row // 1 << tableBits, or none: then only the cues speak
}

// headNumbers is what a head knows beside its table.
type headNumbers struct {
	Cues     [cueCount][outputs]float32
	Signs    [mostSigns][outputs]float32
	Tones    [tones][outputs]float32
	Unit     [outputs]float32 // what 1 in a row's column means
	Bias     [outputs]float32
	Opinions [judged]opinion
	Least    [judged]float32 // probability from which on it is given
	Mood     mood
	Customer mood // of those who speak of a company
}

// A scorer says what the features of a text mean for every output.
type scorer func(f *features) [outputs]float32

// score is the scorer of a learnt head.
func (h *head) score(f *features) [outputs]float32 {
	byWord, byChar, byPair := groupScales(f)
	s := h.Bias
	h.add(&s, f.words, byWord)
	h.add(&s, f.chars, byChar)
	h.add(&s, f.pairs, byPair)
	for cue := range f.cues.all() {
		for k, w := range h.Cues[cue] {
			s[k] += cueGain * w
		}
	}
	for n := range f.signs.all() {
		for k, w := range h.Signs[n] {
			s[k] += signGain * w
		}
	}
	for n, v := range f.tone {
		if v == 0 {
			continue
		}
		for k, w := range h.Tones[n] {
			s[k] += toneGain * v * w
		}
	}
	return s
}

// groupScales makes long and short texts comparable.
func groupScales(f *features) (byWord, byChar, byPair float32) {
	return scale(wordGain, len(f.words)), scale(charGain, len(f.chars)), scale(pairGain, len(f.pairs))
}

func scale(gain float64, n int) float32 {
	return float32(gain / math.Sqrt(float64(max(n, 1))))
}

// add adds the rows of hashes to s, as integers first, which is exact in any
// order.
func (h *head) add(s *[outputs]float32, hashes []uint32, by float32) {
	if len(h.rows) == 0 {
		return
	}
	var sums [outputs]int32
	for _, hash := range hashes {
		r := &h.rows[slot(hash)]
		if r.Check != check(hash) {
			continue
		}
		for k, w := range r.Weights {
			sums[k] += int32(w)
		}
	}
	for k, sum := range sums {
		s[k] += h.Unit[k] * by * float32(sum)
	}
}

// slot is the row of a hash; check tells it from others there, and is never 0.
func slot(hash uint32) uint32  { return hash & (1<<tableBits - 1) }
func check(hash uint32) uint16 { return uint16(hash>>16) | 1 }

// inputs is how many numbers an opinion goes by: the scores of the whole text,
// the best scores of its pieces, how many of them there are, and 1.
const inputs = outputs + judged + 2

// An opinion turns scores into the calibrated probability of one kind: a
// logistic regression over scores of texts that the table has not seen.
type opinion [inputs]float32

// inputsOf collects what the opinion on any kind goes by.
func inputsOf(v *verdict) [inputs]float64 {
	var x [inputs]float64
	for i, s := range v.whole {
		x[i] = float64(s)
	}
	for i, s := range v.best {
		x[outputs+i] = float64(s)
	}
	x[inputs-2], x[inputs-1] = v.size, 1
	return x
}

func (o *opinion) probability(x *[inputs]float64) float64 {
	sum := 0.0
	for i, w := range o {
		sum += float64(float64(w) * x[i])
	}
	return sigmoid(sum)
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// moodInputs are the scores that tell a feeling: those for negative and positive,
// those for problem and praise, since who has a problem is not glad, and that
// for a notice, which feels nothing.
var moodInputs = [...]int{outNegative, outPositive, outProblem, outPraise, outNotice}

// moodWidth is how many numbers a mood goes by: moodInputs and 1.
const moodWidth = len(moodInputs) + 1

// moodOf collects what the mood goes by.
func moodOf(v *verdict) (x [moodWidth]float64) {
	for j, out := range moodInputs {
		x[j] = float64(v.whole[out])
	}
	x[moodWidth-1] = 1
	return x
}

// mood turns scores into the probabilities of the three feelings: a multinomial
// logistic regression.
type mood struct {
	Weights [3][moodWidth]float32 // per feeling
	Favour  [3]float32            // factors under which the likeliest feeling is chosen
}

func (m *mood) probabilities(x *[moodWidth]float64) [3]float64 {
	var p [3]float64
	sum := 0.0
	for i, w := range m.Weights {
		z := 0.0
		for j := range w {
			z += float64(float64(w[j]) * x[j])
		}
		p[i] = math.Exp(max(min(z, 50), -50))
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// choose returns the index of the chosen feeling among p.
func (m *mood) choose(p [3]float64) int {
	best := 0
	for i := range p {
		if p[i]*float64(m.Favour[i]) > p[best]*float64(m.Favour[best]) {
			best = i
		}
	}
	return best
}
