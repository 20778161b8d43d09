package match

import (
	"math"
	"unicode/utf8"

	"lastword"
)

// Frequencies knows how often words are used, learned from a sample of posts.
// With it [Compile] files queries under words that are truly rare. It is not
// safe for use while it learns.
type Frequencies struct {
	posts int
	seen  map[uint64]uint32 // hash of a word → posts that have it
}

// maxLearned bounds the memory of Frequencies, at some 40 bytes a word. What
// comes later is rare anyway.
const maxLearned = 1 << 20

// Learn counts the words of one more post.
func (f *Frequencies) Learn(p *lastword.Post) {
	if f.seen == nil {
		f.seen = make(map[uint64]uint32)
	}
	f.posts++
	here := make(map[uint64]bool)
	d := newDoc(p)
	for _, field := range d.fields {
		for _, t := range field {
			f.count(hashBytes([]byte(t.fold)), here)
		}
	}
}

func (f *Frequencies) count(h uint64, here map[uint64]bool) {
	n, known := f.seen[h]
	if here[h] || !known && len(f.seen) >= maxLearned {
		return
	}
	here[h] = true
	f.seen[h] = n + 1
}

// Posts returns how many posts were learned from.
func (f *Frequencies) Posts() int { return f.posts }

// share estimates which share of posts has the word.
func (f *Frequencies) share(fold string) float64 {
	if f == nil || f.posts == 0 {
		return guess(fold)
	}
	n := f.seen[hashBytes([]byte(fold))]
	return math.Max(float64(n), 0.5) / float64(f.posts)
}

// guess estimates a word's share by its length: one in four posts has a given
// word of two letters, and each letter more makes it rarer by two fifths.
func guess(fold string) float64 {
	return 0.25 * math.Pow(0.6, float64(utf8.RuneCountInString(fold)-2))
}

// Shares of posts that nothing was learned about.
const (
	shareOfField   = 0.2   // lang:, network:, is:
	shareOfSource  = 0.001 // author:, site:
	shareOfSigil   = 0.1   // of a word's posts, those that have it with # or @
	shareOfPhrase  = 0.1   // of its rarest word's posts
	shareOfPattern = 8     // of the posts of the pattern's letters as a word
)

// weigh estimates the share of posts that have each term. A phrase comes after
// its words.
func (t *terms) weigh(f *Frequencies) {
	for i := range t.all {
		x := &t.all[i]
		switch x.kind {
		case phraseTerm:
			x.weight = t.rarest(x.words) * shareOfPhrase
		case fieldTerm:
			x.weight = weightOfField(x.key)
		default:
			x.weight = weightOfWord(x.word, f)
		}
	}
}

// rarest returns the least weight of some terms.
func (t *terms) rarest(ids []uint32) float64 {
	least := 1.0
	for _, id := range ids {
		least = math.Min(least, t.all[id].weight)
	}
	return least
}

func weightOfWord(p pattern, f *Frequencies) float64 {
	share := f.share(p.fold)
	if p.wild() {
		share = math.Max(share, guess(p.fold)) * shareOfPattern
	}
	if p.sigil != 0 {
		share *= shareOfSigil
	}
	return math.Min(share, 1)
}

func weightOfField(key string) float64 {
	switch key[0] {
	case fieldNames[fieldAuthor][0], fieldNames[fieldSite][0]:
		return shareOfSource
	}
	return shareOfField
}
