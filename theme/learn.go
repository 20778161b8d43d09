package theme

import (
	"cmp"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
)

// An Example is a text of which somebody said what it wants.
type Example struct {
	Item   Item
	Set    string // the collection; intents of one set are told from each other
	Intent string // empty where nobody said it: the text then wants the same as itself
}

// Settings of the training, chosen on intents that it did not see.
const (
	leastSeen   = 2    // texts that a feature must stand in
	rounds      = 8    // times each text is shown
	intents     = 36   // in a batch
	examples    = 8    // of each
	temperature = 0.1  // how sharply near and far are told apart
	dropped     = 0.3  // share of a text's features left out each time
	leastSaid   = 8    // texts that a feature must stand in which no text with an intent has
	droppedSaid = 0.5  // share left out of a text without an intent
	saidShare   = 0.3  // of the batches, those of texts without intents
	firstRate   = 0.05 // of learning; falls to a tenth
)

// Learn finds places for features such that texts with the same intent come to
// lie together and others apart (supervised contrastive loss, Khosla et al.
// 2020, with AdaGrad by row). Of a text without an intent, parts of it come to lie
// together (as in Gao et al. 2021): what is said in one breath belongs together. The same examples and seed give the same Sense on
// the same processor architecture.
func Learn(es []Example, seed uint64) *Sense {
	l := newLearner(es, seed)
	batch := newBatch(intents * examples)
	steps := rounds * l.told / len(batch)
	if len(l.said) > 0 {
		steps = int(float64(steps) / (1 - saidShare))
	}
	for step := range steps {
		l.draw(batch)
		batch.pull()
		l.learn(batch, firstRate*(1-0.9*float32(step)/float32(steps)))
	}
	return l.sense()
}

// A learner holds what is learnt so far.
type learner struct {
	rng  *rand.Rand
	ids  []uint32
	rows []meaning
	past []float32   // by row, the sum of squared gradients
	sets []intentSet // by name
	said []intentSet // those without intents: each text is one of its own
	told int         // texts with an intent
	all  int         // texts
}

type intentSet struct {
	texts   int
	intents [][][]place // texts of each intent
}

// A place is a feature by its row, and its weight in a text.
type place struct {
	row int32
	w   float32
}

func newLearner(es []Example, seed uint64) *learner {
	l := &learner{rng: rand.New(rand.NewPCG(seed, 64)), all: len(es)}
	terms := NewTerms(nil)
	texts, seen, told := make([]Vector, len(es)), map[uint32]int{}, map[uint32]int{}
	for i, e := range es {
		texts[i] = terms.Embed(e.Item, nil)
		for _, f := range texts[i] {
			seen[f.ID]++
			if e.Intent != "" {
				told[f.ID]++
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		if told[id] >= leastSeen || seen[id] >= leastSaid {
			l.ids = append(l.ids, id)
			l.rows = append(l.rows, l.start(seen[id]))
		}
	}
	l.past = make([]float32, len(l.ids))
	l.sort(es, texts)
	return l
}

// start is a random direction, the longer the rarer the feature: before
// anything is learnt, likeness is that of tf-idf.
func (l *learner) start(seen int) meaning {
	const smooth = 20
	n := float64(l.all + smooth)
	length := 0.1 + math.Log(n/float64(seen+smooth))/math.Log(n/smooth)
	var m meaning
	for i := range m {
		m[i] = float32(l.rng.NormFloat64() * length / math.Sqrt(senses))
	}
	return m
}

// sort files the texts by set and intent.
func (l *learner) sort(es []Example, texts []Vector) {
	sets, said := map[string]map[string][][]place{}, map[string]intentSet{}
	for i, e := range es {
		if e.Intent == "" {
			s := said[e.Set]
			s.intents = append(s.intents, [][]place{l.places(texts[i])})
			said[e.Set] = s
			continue
		}
		l.told++
		if sets[e.Set] == nil {
			sets[e.Set] = map[string][][]place{}
		}
		sets[e.Set][e.Intent] = append(sets[e.Set][e.Intent], l.places(texts[i]))
	}
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		var s intentSet
		for _, intent := range slices.Sorted(maps.Keys(sets[name])) {
			s.intents = append(s.intents, sets[name][intent])
			s.texts += len(sets[name][intent])
		}
		l.sets = append(l.sets, s)
	}
	for _, name := range slices.Sorted(maps.Keys(said)) {
		l.said = append(l.said, said[name])
	}
}

func (l *learner) places(x Vector) []place {
	ps := make([]place, 0, len(x))
	for _, f := range x {
		if row, ok := slices.BinarySearch(l.ids, f.ID); ok {
			ps = append(ps, place{int32(row), f.Weight})
		}
	}
	return ps
}

// A batch is texts that are compared with each other.
type batch []shown

type shown struct {
	intent int
	places []place
	at     meaning
	length float32 // of the sum before it became at
	pull   meaning // gradient of the loss by at
}

func newBatch(n int) batch { return make(batch, n) }

// draw fills a batch with texts of one set, some of each of many intents.
func (l *learner) draw(b batch) {
	set, drop := l.pick()
	order := l.some(len(set.intents))
	for i := range b {
		s := &b[i]
		s.intent = order[i/examples%len(order)]
		texts := set.intents[s.intent]
		s.places = s.places[:0]
		for _, p := range texts[l.rng.IntN(len(texts))] {
			if l.rng.Float64() >= drop {
				s.places = append(s.places, p)
			}
		}
		l.locate(s)
	}
}

// some are numbers below n, so many as a batch has intents, each once.
func (l *learner) some(n int) []int {
	if n < 4*intents {
		return l.rng.Perm(n)
	}
	var some []int
	for len(some) < intents {
		if i := l.rng.IntN(n); !slices.Contains(some, i) {
			some = append(some, i)
		}
	}
	return some
}

// pick chooses a set, as often as it has texts, or one without intents, and how much
// is left out of its texts.
func (l *learner) pick() (set intentSet, drop float64) {
	if len(l.said) > 0 && l.rng.Float64() < saidShare {
		return l.said[l.rng.IntN(len(l.said))], droppedSaid
	}
	n := l.rng.IntN(l.told)
	for _, s := range l.sets {
		if n < s.texts {
			return s, dropped
		}
		n -= s.texts
	}
	return l.sets[len(l.sets)-1], dropped
}

func (l *learner) locate(s *shown) {
	s.at, s.pull = meaning{}, meaning{}
	for _, p := range s.places {
		for i, x := range l.rows[p.row] {
			s.at[i] += p.w * x
		}
	}
	s.length = float32(math.Sqrt(float64(s.at.dot(&s.at)))) + 1e-9
	for i := range s.at {
		s.at[i] /= s.length
	}
}

// pull works out the gradient of the loss for every text of the batch.
func (b batch) pull() {
	like := make([]float64, len(b))
	for i := range b {
		same, all := 0, 0.0
		for j := range b {
			if j == i {
				continue
			}
			like[j] = math.Exp(float64(b[i].at.dot(&b[j].at)-1) / temperature)
			all += like[j]
			if b[j].intent == b[i].intent {
				same++
			}
		}
		for j := range b {
			if j == i {
				continue
			}
			g := like[j] / all
			if b[j].intent == b[i].intent {
				g -= 1 / float64(same)
			}
			b[i].draws(&b[j], float32(g/temperature/examples))
		}
	}
}

// draws adds what two texts do to each other's gradient.
func (s *shown) draws(o *shown, g float32) {
	for i := range s.pull {
		s.pull[i] += g * o.at[i]
		o.pull[i] += g * s.at[i]
	}
}

// learn moves the features of a batch against the gradient.
func (l *learner) learn(b batch, rate float32) {
	for i := range b {
		s := &b[i]
		along := s.pull.dot(&s.at) // what would only make the sum longer
		for j := range s.pull {
			s.pull[j] = (s.pull[j] - along*s.at[j]) / s.length
		}
		square := s.pull.dot(&s.pull) / senses
		for _, p := range s.places {
			l.past[p.row] += p.w * p.w * square
			step := rate * p.w / (float32(math.Sqrt(float64(l.past[p.row]))) + 1e-6)
			row := &l.rows[p.row]
			for j := range row {
				row[j] -= step * s.pull[j]
			}
		}
	}
}

// sense rounds what was learnt to eight bits a number.
func (l *learner) sense() *Sense {
	s := &Sense{ids: l.ids, scale: make([]float32, len(l.ids)), rows: make([]int8, 0, len(l.ids)*senses)}
	for i := range l.rows {
		row := &l.rows[i]
		most := slices.MaxFunc(row[:], func(a, b float32) int { return cmp.Compare(abs(a), abs(b)) })
		s.scale[i] = max(abs(most), 1e-9) / math.MaxInt8
		for _, x := range row {
			s.rows = append(s.rows, int8(math.Round(float64(x/s.scale[i]))))
		}
	}
	return s.parted()
}

func abs(x float32) float32 { return max(x, -x) }
