package match

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// wild finds the patterns that a word fits: those at its start by hashing every
// start of it, those further in by the three bytes of each that are rarest.
type wild struct {
	starts dict
	terms  []uint32 // by number in starts
	sizes  [maxStart + 1]bool
	sigils bool            // some start asks for # or @
	heads  [1 << 10]uint64 // hashes of the first three bytes of starts, as bits

	inners []inner         // in order of gram
	grams  [1 << 10]uint64 // hashes of grams, as bits
}

// maxStart is the longest word* that is found by hash, in folded bytes. A query
// has room for longer ones; they count as inner patterns without a head.
const maxStart = 63

// An inner is a pattern that may stand inside a word.
type inner struct {
	gram uint32 // three bytes of it
	at   int    // where in it they are
	fold []byte
	pattern
	term uint32
}

// hashGram makes 16 bits of a gram.
func hashGram(gram uint32) uint32 { return gram * 0x9E3779B1 >> 16 }

// may reports whether a word of these first bytes, the first lowest, can fit
// anything.
func (w *wild) may(folded uint64) bool {
	hash := hashGram(uint32(folded) & 0xFFFFFF)
	return w.heads[hash>>6]>>(hash&63)&1 != 0 || len(w.inners) > 0
}

// firstBytes puts the first three bytes of a word as may wants them.
func firstBytes[T string | []byte](word T) uint64 {
	return uint64(word[0]) | uint64(word[1])<<8 | uint64(word[2])<<16
}

// startHash goes on to the hash of a start longer by one byte.
func startHash(h uint64, c byte) uint64 { return mix(h^uint64(c), hashBlock) }

// lookWild marks the patterns that a word fits.
func (m *matcher) lookWild(word []byte, sigil byte) {
	if len(word) < MinWild || !m.set.wild.may(firstBytes(word)) {
		return
	}
	m.lookStarts(word, sigil)
	if len(m.set.wild.inners) > 0 {
		m.lookInners(word, sigil)
	}
}

func (m *matcher) lookStarts(word []byte, sigil byte) {
	w := m.set.wild
	h := uint64(hashSeed)
	for i, c := range word[:min(len(word), maxStart)] {
		h = startHash(h, c)
		if !w.sizes[i+1] {
			continue
		}
		if n := w.starts.get(h); n != 0 {
			m.markAt(w.terms[n-1], len(m.hashes)-1)
		}
		if sigil != 0 && w.sigils {
			if n := w.starts.get(hashSigil(h, sigil)); n != 0 {
				m.markAt(w.terms[n-1], len(m.hashes)-1)
			}
		}
	}
}

func (m *matcher) lookInners(word []byte, sigil byte) {
	gram := uint32(0)
	for i, c := range word {
		gram = (gram<<8 | uint32(c)) & 0xFFFFFF
		hash := hashGram(gram)
		if i >= 2 && m.set.wild.grams[hash>>6]>>(hash&63)&1 != 0 {
			m.checkInners(gram, word, i-2, sigil)
		}
	}
}

// checkInners marks the patterns with this gram, which stands at word[at:].
func (m *matcher) checkInners(gram uint32, word []byte, at int, sigil byte) {
	all := m.set.wild.inners
	i, _ := slices.BinarySearchFunc(all, gram, func(x inner, gram uint32) int { return cmp.Compare(x.gram, gram) })
	for ; i < len(all) && all[i].gram == gram; i++ {
		x := &all[i]
		from := at - x.at
		if from < 0 || x.sigil != 0 && x.sigil != sigil || !bytes.HasPrefix(word[from:], x.fold) {
			continue
		}
		if (x.head || from == 0) && (x.tail || from+len(x.fold) == len(word)) {
			m.markAt(x.term, len(m.hashes)-1)
		}
	}
}

// indexWild files every pattern.
func (b *builder) indexWild(s *Set) {
	w := &wild{}
	var hashes []uint64
	for id, t := range b.all {
		switch {
		case t.kind == innerTerm, t.kind == prefixTerm && len(t.word.fold) > maxStart:
			w.inners = append(w.inners, newInner(t.word, b.final[id]))
		case t.kind == prefixTerm:
			hashes = append(hashes, hashStart(t.word))
			w.terms = append(w.terms, b.final[id])
			head := hashGram(uint32(firstBytes(t.word.fold)))
			w.heads[head>>6] |= 1 << (head & 63)
			w.sizes[len(t.word.fold)] = true
			w.sigils = w.sigils || t.word.sigil != 0
		}
	}
	if len(hashes)+len(w.inners) == 0 {
		return
	}
	w.starts = newDict(hashes, nil)
	slices.SortFunc(w.inners, func(x, y inner) int { return cmp.Compare(x.gram, y.gram) })
	for _, x := range w.inners {
		hash := hashGram(x.gram)
		w.grams[hash>>6] |= 1 << (hash & 63)
	}
	s.wild = w
}

func hashStart(p pattern) uint64 {
	h := uint64(hashSeed)
	for i := range len(p.fold) {
		h = startHash(h, p.fold[i])
	}
	if p.sigil != 0 {
		h = hashSigil(h, p.sigil)
	}
	return h
}

// byUse has the letters of German and English from the most used to the least.
const byUse = "enirsathduloegcmwbfkpzvyjxq"

// newInner chooses the three bytes of a pattern whose letters are least used.
func newInner(p pattern, term uint32) inner {
	x := inner{fold: []byte(p.fold), pattern: p, term: term}
	best := -1
	for i := 0; i+3 <= len(p.fold); i++ {
		rarity := 0
		for _, c := range x.fold[i : i+3] {
			rarity += (strings.IndexByte(byUse, c) + len(byUse) + 1) % (len(byUse) + 1)
		}
		if rarity > best {
			best, x.at = rarity, i
		}
	}
	g := x.fold[x.at : x.at+3]
	x.gram = uint32(g[0])<<16 | uint32(g[1])<<8 | uint32(g[2])
	return x
}
