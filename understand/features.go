package understand

import (
	"slices"

	"lastword/internal/text"
)

// A post is read up to these lengths; the gist of anything longer stands at its
// beginning.
const (
	maxTokens = 400
	maxRunes  = 24 // of one word
)

// The orders of n-gram: words in a row, and characters within a word with a
// mark at either end.
const (
	maxWordGram = 3
	minCharGram = 2
	maxCharGram = 6
)

// features is what a head sees of a text.
type features struct {
	words  []uint32 // hashes of word n-grams
	chars  []uint32 // hashes of character n-grams
	cues   cues
	signs  signSet
	pairs  []uint32 // hashes of two cues that stand together
	ours   []int    // where names stand that are spoken to and are the company's
	norms  []string // reused between texts
	room   []spoken // likewise
	lex    *lexicon // of the text's language; nil where there is none
	tone   tone
	hits   []float32 // reused, like room
	places []int
}

// read replaces f by the features of tokens, which are those of s or of a piece
// of it.
func (f *features) read(s string, tokens []text.Token) {
	f.words, f.chars, f.norms = f.words[:0], f.chars[:0], f.norms[:0]
	for _, t := range tokens {
		f.norms = append(f.norms, norm(t))
	}
	f.readWords()
	for i, t := range tokens {
		if t.Kind == text.Word || t.Kind == text.Hashtag {
			f.readChars(f.norms[i])
		}
		if t.Kind == text.Mention {
			f.readHandle(t)
		}
	}
	f.cues = readCues(s, tokens)
	f.readSigns(s, tokens)
	f.readPairs()
	f.readTone(tokens)
}

func (f *features) readPairs() {
	f.pairs = f.pairs[:0]
	for a := range f.cues.all() {
		for b := range (f.cues >> (a + 1)).all() {
			f.pairs = append(f.pairs, finish(uint32(a<<6+a+1+b)*2654435761))
		}
	}
}

// norm makes equal what only names or counts.
func norm(t text.Token) string {
	switch t.Kind {
	case text.Mention:
		return "@"
	case text.URL:
		return "://"
	case text.Number:
		return "0"
	case text.Word, text.Hashtag:
		return text.FoldDigraphs(t.Text)
	}
	return t.Text
}

// FNV-1a, 32 bits.
const (
	fnvOffset = 2166136261
	fnvPrime  = 16777619
)

func mixString(h uint32, s string) uint32 {
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * fnvPrime
	}
	return h
}

func (f *features) readWords() {
	for i := range f.norms {
		h := uint32(fnvOffset)
		for j := i; j < min(i+maxWordGram, len(f.norms)); j++ {
			h = mixString((h^' ')*fnvPrime, f.norms[j])
			f.words = append(f.words, finish(h))
		}
	}
}

func (f *features) readChars(word string) {
	var runes [maxRunes + 2]rune
	n := 1
	runes[0] = '_'
	for _, r := range word {
		if n > maxRunes {
			break
		}
		runes[n] = r
		n++
	}
	runes[n] = '_'
	f.readGrams(runes[:n+1])
}

// readHandle reads who is spoken to: whether a company, an office or a friend
// shows in how they call themselves.
func (f *features) readHandle(t text.Token) {
	const gram = 4
	if slices.Contains(f.ours, t.Start) {
		f.words = append(f.words, ourHandle)
		return
	}
	f.words = append(f.words, finish(mixString(handleSalt, t.Text)))
	for i := 0; i+gram <= len(t.Text); i++ {
		f.words = append(f.words, finish(mixString(handleSalt+1, t.Text[i:i+gram])))
	}
}

const (
	handleSalt = 0x2545f491 // keeps handles apart from words
	ourHandle  = 0x9d2c5680 // stands for any of the company's
)

func (f *features) readGrams(runes []rune) {
	for i := range runes {
		h := uint32(fnvOffset) ^ 0x5bd1e995 // apart from the words
		for j := i; j < min(i+maxCharGram, len(runes)); j++ {
			h = (h ^ uint32(runes[j])) * fnvPrime
			if j-i+1 >= minCharGram {
				f.chars = append(f.chars, finish(h))
			}
		}
	}
}

// finish spreads the entropy over all bits (the finalizer of MurmurHash3), since
// the low bits choose a row and the high ones check it.
func finish(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}
