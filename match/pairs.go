package match

// pairs finds phrases by two neighbouring words. A phrase is filed under its
// rarest pair; what else it has is compared where that pair stands.
type pairs struct {
	dict                // of two terms' numbers → place in list, from 1
	list  []phraseEntry // those that share a pair stand side by side
	words []uint32      // of phrases of more than two words
}

// A phraseEntry is a phrase seen from its pair.
type phraseEntry struct {
	term   uint32
	from   uint32 // in pairs.words
	size   uint16 // words to compare; 0 if there are but the two
	before uint8  // words of it before the pair
	last   bool   // the next has another pair
}

// hashPair hashes two terms' numbers; 0 stands for no term and is never asked.
func hashPair(a, b uint32) uint64 { return mix(uint64(a)<<32|uint64(b)^hashSeed, hashEnd) }

// lookPhrases marks the phrases whose words stand side by side.
func (m *matcher) lookPhrases() {
	for i := 1; i < len(m.plain); i++ {
		a, b := m.plain[i-1], m.plain[i]
		if a == 0 || b == 0 || i == m.body {
			continue
		}
		if n := m.set.phrases.get(hashPair(a, b)); n != 0 {
			m.checkPhrases(n-1, i-1)
		}
	}
}

// checkPhrases marks those from place n on whose pair stands at this position
// and whose other words stand beside it.
func (m *matcher) checkPhrases(n uint32, at int) {
	for {
		ph := &m.set.phrases.list[n]
		words := m.set.phrases.words[ph.from:][:ph.size]
		if ph.size == 0 || m.standsAt(words, at-int(ph.before)) {
			m.mark(ph.term)
		}
		if ph.last {
			return
		}
		n++
	}
}

// standsAt reports whether these words stand from position at on.
func (m *matcher) standsAt(words []uint32, at int) bool {
	if at < 0 || at+len(words) > len(m.plain) || at < m.body && at+len(words) > m.body {
		return false
	}
	for k, id := range words {
		if m.plain[at+k] != id {
			return false
		}
	}
	return true
}

// rarestPair returns where in a phrase the two neighbours stand that are least
// likely to meet.
func (b *builder) rarestPair(words []uint32) int {
	at := 0
	for i := 1; i+1 < len(words); i++ {
		if b.pairWeight(words, i) < b.pairWeight(words, at) {
			at = i
		}
	}
	return at
}

func (b *builder) pairWeight(words []uint32, i int) float64 {
	return b.all[words[i]].weight * b.all[words[i+1]].weight
}

// indexPhrases files every phrase under its rarest pair.
func (b *builder) indexPhrases(s *Set) {
	byPair := make(map[uint64][]uint32) // the phrases' terms
	var order []uint64
	for id, t := range b.all {
		if t.kind != phraseTerm {
			continue
		}
		at := b.rarestPair(t.words)
		h := hashPair(b.final[t.words[at]], b.final[t.words[at+1]])
		if byPair[h] == nil {
			order = append(order, h)
		}
		byPair[h] = append(byPair[h], uint32(id))
	}
	if len(order) == 0 {
		return
	}
	p := &pairs{}
	places := make([]uint32, len(order))
	for i, h := range order {
		places[i] = uint32(len(p.list) + 1)
		for _, id := range byPair[h] {
			p.add(b.final[id], b.rarestPair(b.all[id].words), b.finalRow(b.all[id].words))
		}
		p.list[len(p.list)-1].last = true
	}
	p.dict = newDict(order, places)
	s.phrases = p
}

func (p *pairs) add(term uint32, before int, words []uint32) {
	ph := phraseEntry{term: term, before: uint8(before)}
	if len(words) > 2 {
		ph.from, ph.size = uint32(len(p.words)), uint16(len(words))
		p.words = append(p.words, words...)
	}
	p.list = append(p.list, ph)
}
