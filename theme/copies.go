package theme

import (
	"math/bits"

	"lastword/internal/text"
)

// Near-copies are found by one-permutation MinHash (Li, Owen and Zhang 2012):
// 32 bins over the words and word pairs of a text, eight bands of four bins.
// Texts that share a band are copies if enough of all their bins agree.
const (
	bins      = 32
	bands     = 8
	inBand    = bins / bands
	minCopied = 6 // words; shorter texts are alike by chance
	longText  = 12
)

// A signature is the smallest shingle of each bin, and how many words it is of.
type signature struct {
	bin   [bins]uint32
	words int
}

// alike is how many bins must agree for a text to be a copy: their share
// estimates the Jaccard index of the shingles. People who want the same thing
// easily say the same six words, so short texts must agree almost wholly; of a
// long one a third may be cut off.
func (s *signature) alike() int {
	if s.words < longText {
		return 28
	}
	return 18
}

// sign returns the signature of a text without its web addresses, @names and a
// leading "RT". ok is false for a text too short to be told from others.
func sign(v Item) (sig signature, ok bool) {
	tokens := v.read()
	words := make([]string, 0, len(tokens))
	for _, t := range tokens {
		if t.Kind <= text.Emoji {
			words = append(words, t.Text)
		}
	}
	if len(words) > 0 && words[0] == "rt" {
		words = words[1:]
	}
	if len(words) < minCopied {
		return sig, false
	}
	sig.words = len(words)
	for i := range sig.bin {
		sig.bin[i] = ^uint32(0)
	}
	for i, w := range words {
		sig.take(mix(hash('1', w, "")))
		if i > 0 {
			sig.take(mix(hash('2', words[i-1], w)))
		}
	}
	sig.fill()
	return sig, true
}

// take sorts a shingle into its bin; the bin keeps the smallest.
func (s *signature) take(h uint32) {
	b := h >> (32 - 5)
	s.bin[b] = min(s.bin[b], h&(1<<27-1))
}

// fill gives empty bins the value of the next full one to the right, marked by
// the distance (rotation densification, Shrivastava and Li 2014).
func (s *signature) fill() {
	plain := s.bin
	for i := range s.bin {
		for d := 0; s.bin[i] == ^uint32(0) && d < bins; d++ {
			if v := plain[(i+d)%bins]; v != ^uint32(0) {
				s.bin[i] = mix(v + uint32(d))
			}
		}
	}
}

// mix spreads FNV's weak low bits over the word (MurmurHash3's finalizer).
func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

func (s *signature) band(i int) uint64 {
	h := uint64(i+1) * 0x9e3779b97f4a7c15
	for _, v := range s.bin[i*inBand : (i+1)*inBand] {
		h = bits.RotateLeft64((h^uint64(v))*0xff51afd7ed558ccd, 29)
	}
	return h
}

func (s *signature) agree(t *signature) int {
	n := 0
	for i := range s.bin {
		if s.bin[i] == t.bin[i] {
			n++
		}
	}
	return n
}

// A heardText is a recent text that later ones may copy.
type heardText struct {
	voice    int64
	original int64 // of which it is a copy, or 0
	home     *cluster
	fit      float64
	sig      signature
	long     bool    // enough words for sig
	copies   []int64 // those of this text, the first ones
}

// mostCopies of one text are remembered, to follow where it goes.
const mostCopies = 1000

// copies remembers the most recent texts.
type copies struct {
	ring  []heardText
	next  int
	byID  map[int64]int32
	bands map[uint64]int32 // band → the latest original that has it
}

func newCopies(limit int) *copies {
	return &copies{ring: make([]heardText, 0, limit), byID: map[int64]int32{}, bands: map[uint64]int32{}}
}

// original finds the text that sig copies.
func (c *copies) original(sig *signature, self int64) *heardText {
	for i := range bands {
		at, ok := c.bands[sig.band(i)]
		if !ok {
			continue
		}
		t := &c.ring[at]
		if t.voice != self && sig.agree(&t.sig) >= max(sig.alike(), t.sig.alike()) {
			return t
		}
	}
	return nil
}

// of returns the text of a voice, if it is remembered.
func (c *copies) of(voice int64) *heardText {
	if at, ok := c.byID[voice]; ok {
		return &c.ring[at]
	}
	return nil
}

// keep remembers a text in place of the oldest.
func (c *copies) keep(t heardText) *heardText {
	if len(c.ring) < cap(c.ring) {
		c.ring = append(c.ring, t)
	} else {
		c.drop(int32(c.next))
		c.ring[c.next] = t
	}
	if o := c.of(t.original); o != nil && t.original != 0 && len(o.copies) < mostCopies {
		o.copies = append(o.copies, t.voice)
	}
	at := int32(c.next)
	c.next = (c.next + 1) % cap(c.ring)
	c.byID[t.voice] = at
	if t.long && t.original == 0 {
		for i := range bands {
			c.bands[t.sig.band(i)] = at
		}
	}
	return &c.ring[at]
}

func (c *copies) drop(at int32) {
	t := &c.ring[at]
	if c.byID[t.voice] == at { // it may have been heard again since
		delete(c.byID, t.voice)
	}
	for i := range bands {
		if b := t.sig.band(i); t.long && c.bands[b] == at {
			delete(c.bands, b)
		}
	}
}
