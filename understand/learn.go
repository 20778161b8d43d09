package understand

import (
	"cmp"
	"math"
	"slices"

	"lastword"
	"lastword/internal/text"
)

// What an example costs that is judged wrongly, found by cross-validation. Rare
// labels cost more, and so does what the first reader said of kinds.
const (
	wishCost       = 0.2
	kindCost       = 0.4
	questionCost   = 0.8
	feelingCost    = 0.1
	rareFactor     = 2
	firstFactor    = 2
	inventedFactor = 0.5 // of what nobody posted
)

// folds is how many parts calibration holds back in turn.
const folds = 5

// A lesson is the examples of one language, read.
type lesson struct {
	examples []Example
	group    []int // near-copies share one
	xs       []sparse
	slots    []uint32        // row of the table → hash that holds it, 0 if none
	weighs   []float32       // row of the table → how much it counts in learning
	public   map[string]bool // handles that many speak to: of companies, offices, papers
	doubted  [outputs][]bool // per example: others say that it was misread
	measured bool            // there are examples of kinds.de, which our own readings can be held against
	bare     bool            // no n-grams, only the cues that hold in any language
}

// learnHead makes the head of one language out of examples.
func learnHead(examples []Example, seed uint64, bare bool) *head {
	l := newLesson(examples, bare)
	l.doubt(seed)
	h := &head{}
	l.fill(h, l.weights(seed, func(int) bool { return true }))
	l.calibrate(h, seed)
	return h
}

func newLesson(examples []Example, bare bool) *lesson {
	l := &lesson{examples: examples, slots: make([]uint32, 1<<tableBits), bare: bare}
	texts := make([]string, len(examples))
	for i, e := range examples {
		texts[i] = e.Text
		l.measured = l.measured || e.Source == oneReader
	}
	l.group = Groups(texts)
	l.findPublic()
	if !bare {
		l.choose()
	}
	for i := range examples {
		f := l.featuresOf(i)
		l.xs = append(l.xs, l.vector(&f))
	}
	return l
}

func (l *lesson) featuresOf(i int) features {
	var r reading
	l.take(&r, i)
	if l.group[i]%2 == 0 {
		l.veil(&r)
	}
	r.f.read(r.s, r.tokens)
	return r.f
}

// take lets r read an example.
func (l *lesson) take(r *reading, i int) {
	r.take(l.examples[i].Text)
	if !l.bare {
		r.speaks(l.examples[i].Lang)
	}
	if l.addressed(i) {
		r.address()
	}
}

// addressed reports whether an example is read as said to the company: half of the
// phrase book, which is what companies hear.
func (l *lesson) addressed(i int) bool {
	return l.examples[i].Source == inventedPosts && l.group[i]%2 == 0
}

// veil takes the public handles in r for those of the company. So the head
// learns what is said to a company whose handle no example has.
func (l *lesson) veil(r *reading) {
	for _, t := range r.tokens {
		if t.Kind == text.Mention && l.public[t.Text] {
			r.f.ours = append(r.f.ours, t.Start)
		}
	}
}

// findPublic finds the handles that several examples with kinds speak to.
func (l *lesson) findPublic() {
	const several = 5
	speakers := map[string]int{}
	l.public = map[string]bool{}
	for i := range l.examples {
		if l.examples[i].Known == 0 {
			continue
		}
		for _, t := range text.Tokens(l.examples[i].Text) {
			if t.Kind != text.Mention {
				continue
			}
			if speakers[t.Text]++; speakers[t.Text] >= several {
				l.public[t.Text] = true
			}
		}
	}
}

// choose gives the rows of the table to the n-grams that most examples have,
// those judged by kind counting more, for there are few of them. What only one
// or two examples have teaches nothing.
func (l *lesson) choose() {
	df, all := map[uint32]int{}, 0
	for i := range l.examples {
		f, weight := l.featuresOf(i), 1
		if l.examples[i].Known != 0 {
			weight = 3
		}
		all += weight
		for _, hash := range distinct(f.words, f.chars, f.pairs) {
			df[hash] += weight
		}
	}
	l.slots = chooseSlots(df, 4, tableBits)
	l.weighs = make([]float32, len(l.slots))
	for s, hash := range l.slots {
		l.weighs[s] = float32((1 + math.Log(float64(all+1)/float64(df[hash]+1))) / usualIDF)
	}
}

// usualIDF is about what an n-gram of a text tells, as smoothed inverse document
// frequency in nats (Spärck Jones 1972), so that the gains mean what they say.
const usualIDF = 5

// chooseSlots returns for each of 1<<tableBits rows the most frequent of the
// hashes that fall on it and reach the least count; 0 for none.
func chooseSlots(df map[uint32]int, least, bits int) []uint32 {
	hashes := make([]uint32, 0, len(df))
	for hash, n := range df {
		if n >= least {
			hashes = append(hashes, hash)
		}
	}
	slices.SortFunc(hashes, func(a, b uint32) int { return cmp.Or(cmp.Compare(df[b], df[a]), cmp.Compare(a, b)) })
	slots := make([]uint32, 1<<bits)
	for _, hash := range hashes {
		if s := hash & (1<<bits - 1); slots[s] == 0 {
			slots[s] = hash
		}
	}
	return slots
}

func distinct(lists ...[]uint32) []uint32 {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}

// The columns of a vector: the rows of the table, the cues, and one that is
// always there.
const (
	firstCue  = 1 << tableBits
	firstSign = firstCue + cueCount
	firstTone = firstSign + mostSigns
	constant  = firstTone + tones
	width     = constant + 1
)

// vector weighs the features of f as head.score does.
func (l *lesson) vector(f *features) sparse {
	byWord, byChar, byPair := groupScales(f)
	x := sparse{cols: []uint32{constant}, values: []float32{1}}
	l.addGrams(&x, f.words, byWord)
	l.addGrams(&x, f.chars, byChar)
	l.addGrams(&x, f.pairs, byPair)
	for cue := range l.known(f.cues).all() {
		x.add(uint32(firstCue+cue), cueGain)
	}
	if !l.bare {
		for n := range f.signs.all() {
			x.add(uint32(firstSign+n), signGain)
		}
		for n, v := range f.tone {
			if v != 0 {
				x.add(uint32(firstTone+n), toneGain*v)
			}
		}
	}
	x.merge()
	return x
}

func (l *lesson) known(c cues) cues {
	if l.bare {
		return c & universal
	}
	return c
}

func (l *lesson) addGrams(x *sparse, hashes []uint32, by float32) {
	for _, hash := range hashes {
		if s := slot(hash); l.slots[s] != 0 && check(l.slots[s]) == check(hash) {
			x.add(s, by*l.weighs[s])
		}
	}
}

// doubt leaves those of our own readings of kinds out of learning that all
// others speak against: some were made by readers of other habits. In
// calibration they stay, for it must not think texts clearer than they are.
func (l *lesson) doubt(seed uint64) {
	const against = -0.5 // on the wrong side by so much, where 1 is beyond doubt
	if !l.measured {
		return
	}
	for out := outWish; out <= outQuestion; out++ {
		doubted := make([]bool, len(l.examples))
		for fold := range folds {
			w := l.fit(out, seed, func(i int) bool { return l.group[i]%folds != fold })
			for i := range l.examples {
				if l.group[i]%folds == fold && l.examples[i].Source == ownReadings {
					y, known := l.examples[i].target(out)
					doubted[i] = known && float64(y)*dot(w, &l.xs[i]) < against
				}
			}
		}
		l.doubted[out] = doubted
	}
}

// weights fits one machine per output on the examples that use keeps.
func (l *lesson) weights(seed uint64, use func(i int) bool) [outputs][]float32 {
	var ws [outputs][]float32
	for out := range ws {
		ws[out] = l.fit(out, seed, use)
	}
	return ws
}

func (l *lesson) fit(out int, seed uint64, use func(i int) bool) []float32 {
	var xs []sparse
	var ys []int8
	var costs []float64
	for i := range l.examples {
		y, known := l.examples[i].target(out)
		if !known || !use(i) || l.doubted[out] != nil && l.doubted[out][i] {
			continue
		}
		xs = append(xs, l.xs[i])
		ys = append(ys, y)
		costs = append(costs, l.examples[i].cost(out, y))
	}
	return svm(xs, ys, costs, width, seed+uint64(out))
}

// cost is what it costs to say of an output of e that it is not y.
func (e *Example) cost(out int, y int8) float64 {
	c := kindCost
	switch out {
	case outWish:
		c = wishCost
	case outQuestion:
		c = questionCost
	case outNegative, outPositive:
		c = feelingCost
	}
	if y > 0 {
		c *= rareFactor
	}
	switch e.Source {
	case oneReader:
		c *= firstFactor
	case inventedPosts:
		c *= inventedFactor
	}
	return c
}

// target returns what e says of an output: +1 or -1, if it is known.
func (e *Example) target(out int) (y int8, known bool) {
	switch out {
	case outNegative:
		return sign(e.Feeling == lastword.Negative), e.Felt
	case outPositive:
		return sign(e.Feeling == lastword.Positive), e.Felt
	case outNotice:
		return sign(e.Notice), e.NoticeKnown
	case outOffensive:
		return sign(e.Offensive), e.OffensiveKnown
	}
	k := lastword.AllKinds[out]
	return sign(e.Kinds&k != 0), e.Known&k != 0
}

func sign(yes bool) int8 {
	if yes {
		return 1
	}
	return -1
}

// fill puts weights into h as small integers.
func (l *lesson) fill(h *head, ws [outputs][]float32) {
	if !l.bare {
		h.rows = make([]row, 1<<tableBits)
	}
	for out, w := range ws {
		for s := range h.rows {
			w[s] *= l.weighs[s]
		}
		h.Unit[out] = unitOf(w[:firstCue])
		h.Bias[out] = w[constant]
		for cue := range cueCount {
			h.Cues[cue][out] = w[firstCue+cue]
		}
		for n := range mostSigns {
			h.Signs[n][out] = w[firstSign+n]
		}
		for n := range tones {
			h.Tones[n][out] = w[firstTone+n]
		}
		for s := range h.rows {
			h.rows[s].Weights[out] = int8(math.Round(float64(w[s] / h.Unit[out])))
		}
	}
	for s := range h.rows {
		if h.rows[s] != (row{}) {
			h.rows[s].Check = check(l.slots[s])
		}
	}
}

// unitOf returns the step at which the largest of ws just fits into an int8.
func unitOf(ws []float32) float32 {
	most := float32(1e-9)
	for _, w := range ws {
		most = max(most, w, -w)
	}
	return most / math.MaxInt8
}
