package theme

import (
	"math"
	"slices"
)

// A stream knows how common each feature is among the company's voices. It
// gives features dense numbers, so that everything behind it works on slices.
type stream struct {
	number  map[uint32]int32   // feature → dense number
	id      []uint32           // dense number → feature
	seen    []float32          // dense number → voices that had it
	sum     []float32          // dense number → sum of what it weighed in them
	prior   []float32          // dense number → voices before the first that had it
	rare    []float32          // dense number → what it tells in general
	tells   []float32          // dense number → what it tells, see idf
	place   []int32            // dense number → where its meaning is in sense, or -1
	common  map[uint32]float32 // feature → share of any texts that have it
	taste   taste              // feature → what people taught that it counts
	counts  []float32          // dense number → the same
	sense   *Sense
	free    []int32            // dense numbers of features that were forgotten
	middle  meaning            // sum of what the voices mean
	tongues map[string]*tongue // by language
	voices  float32
	as      float32 // voices when all that the features tell was worked out
}

// A tongue is what the voices of one language mean together.
type tongue struct {
	middle meaning
	voices float32
}

func newStream(sense *Sense) *stream {
	return &stream{tongues: map[string]*tongue{}, number: map[uint32]int32{}, common: commonFeatures(), sense: sense}
}

// tasting lets features count as people taught.
func (s *stream) tasting(t taste) *stream {
	s.taste = t
	return s
}

// at returns the dense number of a feature, giving it one if it is new.
func (s *stream) at(id uint32) int32 {
	n, ok := s.number[id]
	if !ok {
		n = s.room()
		prior := priorSeen + priorVoices*s.common[id]
		s.number[id] = n
		s.id[n], s.seen[n], s.sum[n], s.prior[n], s.counts[n] = id, 0, 0, prior, s.taste.of(id)
		s.rare[n], s.place[n] = float32(math.Log(float64(priorVoices/prior))), s.sense.find(id)
		s.reckon(n)
	}
	return n
}

// room returns a number that no feature has.
func (s *stream) room() int32 {
	if last := len(s.free) - 1; last >= 0 {
		n := s.free[last]
		s.free = s.free[:last]
		return n
	}
	s.id, s.place = append(s.id, 0), append(s.place, 0)
	for _, all := range [...]*[]float32{&s.seen, &s.sum, &s.prior, &s.rare, &s.tells, &s.counts} {
		*all = append(*all, 0)
	}
	return int32(len(s.id) - 1)
}

// forget lets go of features that are not used any more: should they come again,
// they are new. Their numbers go to others.
func (s *stream) forget(used []bool) {
	for n, id := range s.id {
		if at, ok := s.number[id]; ok && at == int32(n) && !used[n] {
			delete(s.number, id)
			s.free = append(s.free, int32(n))
		}
	}
	slices.Reverse(s.free) // the lowest is taken first
}

// A stream begins as if priorVoices had been heard that talk of anything: the
// features that are common in general were in their share of them, every other
// one in priorSeen. Without it the first themes would count for less than the
// words that stand in one voice only, and "please" for as much as "laces".
const (
	priorVoices = 300
	priorSeen   = 2
)

// heard reports whether at least two voices had the feature.
func (s *stream) heard(id uint32) bool {
	n, ok := s.number[id]
	return ok && s.seen[n] >= 2
}

const (
	fromStream = 0.5 // share of what the company's own voices say about a word
	lonely     = 0.5 // weight that a word lacks as long as only one voice has it
)

// idf is what a feature tells, in nats: the mean of its smoothed inverse
// document frequencies (Spärck Jones 1972) in the company's stream and in
// general. What many customers speak of is common in the stream, but that is
// what themes are made of; what everybody always says is common in both. A word
// that one voice alone has can bring nobody together and counts half, so that
// people who tell much beside are still found.
func (s *stream) idf(n int32) float32 { return s.tells[n] }

// told is what a feature tells that may never have been heard.
func (s *stream) told(id uint32) float32 {
	if n, ok := s.number[id]; ok {
		return s.tells[n]
	}
	return s.rarest()
}

// reckon works out what a feature tells now.
func (s *stream) reckon(n int32) {
	stream := math.Log(float64((s.voices + priorVoices) / (s.seen[n] + s.prior[n])))
	if s.prior[n] > priorSeen { // "the" is rare among Germans, and tells no more for it
		stream = min(stream, float64(s.rare[n]))
	}
	w := fromStream*stream + (1-fromStream)*float64(s.rare[n])
	s.tells[n] = float32(max(w, 0)) * (1 - lonely/max(s.seen[n], 1)) * s.counts[n]
}

// rarest is the idf of a feature that no voice had before.
func (s *stream) rarest() float32 {
	return float32(math.Log(float64((s.voices + priorVoices) / priorSeen)))
}

const (
	memory = 1 << 17 // voices until the past counts half
	stale  = 1.1     // times as many voices until all is worked out again
)

// known returns the words of a voice by dense number, or -1 for those that no
// voice had.
func (s *stream) known(x Vector) []term {
	x = x.Words()
	plain := make([]term, len(x))
	for i, f := range x {
		n, ok := s.number[f.ID]
		if !ok {
			n = -1
		}
		plain[i] = term{n, f.Weight}
	}
	return plain
}

// numbered gives those of a voice's words a number that have none.
func (s *stream) numbered(x Vector, plain []term) {
	for i := range plain {
		if plain[i].n < 0 {
			plain[i].n = s.at(x[i].ID)
		}
	}
}

// usual is what a feature weighs in a voice that has it.
func (s *stream) usual(n int32) float32 { return max(s.sum[n]/max(s.seen[n], 1), 1e-6) }

// learn counts one voice, whose words are numbered then.
func (s *stream) learn(x Vector, plain []term) {
	s.numbered(x, plain)
	s.voices++
	length := float32(0)
	for _, t := range plain {
		length += t.w * t.w
	}
	length = max(float32(math.Sqrt(float64(length))), 1e-9)
	for _, t := range plain {
		s.seen[t.n]++
		s.sum[t.n] += t.w / length
		s.reckon(t.n)
	}
	if s.voices >= memory {
		s.voices /= 2
		for i := range s.middle {
			s.middle[i] /= 2
		}
		for _, t := range s.tongues {
			t.voices /= 2
			for i := range t.middle {
				t.middle[i] /= 2
			}
		}
		for i := range s.seen {
			s.seen[i] /= 2
			s.sum[i] /= 2
		}
	}
	if s.voices > s.as*stale {
		s.reckonAll()
	}
}

// mix adds what a voice that was learnt means to the middle of all.
func (s *stream) mix(p *point) {
	t := s.tongues[p.lang]
	if t == nil {
		t = &tongue{}
		s.tongues[p.lang] = t
	}
	t.voices++
	for i, y := range p.raw {
		s.middle[i] += y
		t.middle[i] += y
	}
}

// reckonAll works out what all features tell now.
func (s *stream) reckonAll() {
	const at = 1024 // once
	s.as = s.voices
	parallel((len(s.tells)+at-1)/at, func(i int) {
		for n := i * at; n < min((i+1)*at, len(s.tells)); n++ {
			s.reckon(int32(n))
		}
	})
}

// A term is a feature by its dense number; a sparse vector is terms by rising
// number.
type term struct {
	n int32
	w float32
}

// A point is a voice between the themes.
type point struct {
	plain []term  // as embedded, of length 1: what a centroid adds up
	pull  []term  // plain × idf² / mass: times a centroid's term, its part of the cosine
	mass  float32 // length of plain × idf: how rare the voice's words are
	words float32 // about how many words carry meaning
	raw   meaning // where it lies among what words mean
	means meaning // where it lies as seen from the middle of all voices
	lang  string  // in which it was said
	known float32 // how much of what it says has a meaning, 0…1
	long  float32 // what a long text's cosine is multiplied with, at least 1

	far *bearing // where an endpoint says that it lies, or nil
}

const (
	pivot = 2.6 // norm of a text of about four words that carry meaning
	slope = 0.1 // how much of the norm beyond the pivot counts
)

// point weighs a vector with what the stream knows now. A long text says much
// beside what it shares with others, which would make every cosine small; so
// its norm counts less beyond a pivot (pivoted length normalisation; Singhal,
// Buckley and Mitra 1996).
func (s *stream) point(x Vector, plain []term, lang string) point {
	p := point{lang: lang, plain: plain, pull: make([]term, len(plain)), long: 1}
	length := float32(0)
	for _, t := range p.plain {
		s.mean(&p.raw, t)
		length += t.w * t.w
	}
	for _, f := range x[len(plain):] {
		if at := s.sense.find(f.ID); at >= 0 {
			s.sense.add(&p.raw, at, f.Weight)
		}
	}
	p.raw.unit()
	sortTerms(p.plain)
	p.words, length = length, float32(math.Sqrt(float64(length)))
	for i := range p.plain {
		p.plain[i].w /= length
	}
	s.reweigh(&p)
	if length > pivot {
		p.long = length / (pivot + slope*(length-pivot))
	}
	return p
}

// mean adds what a term means and reports whether that is known.
func (s *stream) mean(m *meaning, t term) bool {
	at := s.place[t.n]
	if at >= 0 {
		s.sense.add(m, at, t.w*s.counts[t.n])
	}
	return at >= 0
}

const (
	shared    = 0.7 // of the middle of all voices, what is taken off each
	midVoices = 20  // voices before there is a middle to speak of
)

// centred is a meaning as seen from the middle of the company's voices, in its own
// language as far as there are enough: what all of them speak of, such as money to a
// bank, sets none apart, and neither does the language.
func (s *stream) centred(m meaning, lang string) meaning {
	if s.voices < midVoices {
		return m
	}
	t, own := s.tongues[lang], float32(0)
	if t != nil {
		own = t.voices / (t.voices + midVoices)
	}
	for i, y := range s.middle {
		mid := (1 - own) * y / s.voices
		if own > 0 {
			mid += own * t.middle[i] / t.voices
		}
		m[i] -= shared * mid
	}
	m.unit()
	return m
}

// reweigh works out anew what a point's words tell.
func (s *stream) reweigh(p *point) {
	p.means = s.centred(p.raw, p.lang)
	square, known := float32(0), float32(0)
	for i, t := range p.plain {
		idf := s.idf(t.n)
		p.pull[i] = term{t.n, t.w * idf * idf}
		tells := t.w * idf * t.w * idf
		square += tells
		if s.place[t.n] >= 0 {
			known += tells
		}
	}
	p.known = known / max(square, 1e-9)
	p.known *= p.known // half a meaning is little to go by
	p.mass = float32(math.Sqrt(float64(square)))
	for i := range p.pull {
		p.pull[i].w /= max(p.mass, 1e-9)
	}
}
