package understand

import "math"

// A spelling says how each language goes on after some letters: a model of
// letter sequences with absolute discounting (Ney, Essen and Kneser 1994), each
// order leaning on the shorter one.
type spelling struct {
	counts map[string]*[tongues]float64 // by n-gram
	after  map[string]*follow           // by all but its last letter
	known  map[string]*[tongues]float64 // probabilities that were needed already
}

// A follow counts what comes after some letters: how often, and how many
// different letters.
type follow struct{ all, kinds [tongues]float64 }

// spellingDiscount is what is taken from every count for what was not seen;
// letters is about how many there are.
const (
	spellingDiscount = 0.6
	letters          = 200
)

func newSpelling() *spelling {
	return &spelling{map[string]*[tongues]float64{}, map[string]*follow{}, map[string]*[tongues]float64{}}
}

// add counts the n-grams of a word of a language.
func (s *spelling) add(word string, tongue int) {
	runes := marked(word)
	for i := 1; i < len(runes); i++ {
		for n := 1; n <= min(tongueGram, i+1); n++ {
			s.count(string(runes[i-n+1:i+1]), tongue)
		}
	}
}

func (s *spelling) count(gram string, tongue int) {
	c := s.counts[gram]
	if c == nil {
		c = new([tongues]float64)
		s.counts[gram] = c
	}
	before := s.after[withoutLast(gram)]
	if before == nil {
		before = &follow{}
		s.after[withoutLast(gram)] = before
	}
	if c[tongue] == 0 {
		before.kinds[tongue]++
	}
	c[tongue]++
	before.all[tongue]++
}

// probability returns how likely the last letter of gram is after the others, by
// language.
func (s *spelling) probability(gram string) *[tongues]float64 {
	if p := s.known[gram]; p != nil {
		return p
	}
	shorter := s.shorter(gram)
	p := new([tongues]float64)
	*p = *shorter
	if before := s.after[withoutLast(gram)]; before != nil {
		c := s.counts[gram]
		for k, all := range before.all {
			if all == 0 {
				continue
			}
			seen := 0.0
			if c != nil {
				seen = max(c[k]-spellingDiscount, 0)
			}
			p[k] = (seen + float64(float64(spellingDiscount*before.kinds[k])*shorter[k])) / all
		}
	}
	s.known[gram] = p
	return p
}

// shorter is the probability of gram's last letter without its first.
func (s *spelling) shorter(gram string) *[tongues]float64 {
	if rest := withoutFirst(gram); rest != "" {
		return s.probability(rest)
	}
	p := new([tongues]float64)
	for k := range p {
		p[k] = 1.0 / letters
	}
	return p
}

// tells returns what the first letter of gram adds to what the rest of it says of
// the languages, as logarithms whose mean is 0. Summed over all n-grams of a word
// that is the logarithm of the word's probability.
func (s *spelling) tells(gram string) [tongues]float64 {
	long, short := s.probability(gram), s.shorter(gram)
	var w [tongues]float64
	mean := 0.0
	for k := range w {
		w[k] = math.Log(long[k]) - math.Log(short[k])
		mean += w[k] / tongues
	}
	for k := range w {
		w[k] -= mean
	}
	return w
}

func withoutFirst(gram string) string {
	for i := range gram {
		if i > 0 {
			return gram[i:]
		}
	}
	return ""
}

func withoutLast(gram string) string {
	last := 0
	for i := range gram {
		last = i
	}
	return gram[:last]
}
