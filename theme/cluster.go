package theme

import (
	"math"
	"slices"

	"lastword"
)

const (
	heldTerms    = 192 // terms a theme keeps in memory
	indexedTerms = 48  // of them, those that find it
)

// A cluster is a theme, or, with id 0, a seed: too few voices to be one yet.
type cluster struct {
	id      int64
	slot    int32
	into    *cluster // merged into this one, or nil
	terms   []term   // sum of its voices' plain terms
	norm    float32  // of terms × idf, when last weighed
	n       float32  // voices, near-copies counted once
	core    float32  // voices as they count for the centre
	long    float32  // sum of how long its voices are, as in point
	close   float32  // mean likeness of its voices to its centre
	means   meaning  // sum of what its voices mean
	known   float32  // sum of how much of that is known
	kinds   [4]int32 // voices of each kind, in the order of AllKinds
	only    int32    // voices that are praise and nothing else
	trust   trust    // what people said of its voices
	far     centre   // of its voices as an endpoint sees them
	manner  manner   // how its voices are put
	sound   Sound    // whether all of them want the same
	still   bool     // nothing of it may change now
	decided bool     // a decision stands on it
	fixed   bool     // a person named, decided or touched it

	name   string
	named  bool // by a person, or decided on under its name
	votes  []vote
	lang   string
	lead   int32 // of lang over all others (majority vote, Boyer and Moore)
	found  []int32
	next   float32 // size at which it is indexed and named anew
	voices []*node // those it was founded with, while it is young; all of them in the crowd
	tight  float32 // of a seed: the greatest likeness of two of its voices
	lost   bool    // a seed that was forgotten
	dirty  bool    // changed since it was last told
	recent bool    // made of voices of the crowd alone
}

// home follows merges to where the voices are now.
func (c *cluster) home() *cluster {
	for c.into != nil {
		c = c.into
	}
	return c
}

// clear empties a theme of voices, not of what people did to it.
func (c *cluster) clear() {
	*c = cluster{id: c.id, slot: c.slot, trust: c.trust, fixed: c.fixed, decided: c.decided, still: c.still, name: c.name, named: c.named, found: c.found, dirty: c.dirty, lang: c.lang}
}

// praises reports whether the theme gathers praise. Praise never joins a theme
// of wishes and problems: who likes something asks for nothing.
func (c *cluster) praises() bool { return 2*float32(c.only) > c.n }

// add takes one voice's plain terms in, or, with a negative weight, out.
func (c *cluster) add(p []term, weight float32) {
	i := len(c.terms) - 1
	c.terms = append(c.terms, make([]term, fresh(p, c.terms))...)
	for to, j := len(c.terms)-1, len(p)-1; j >= 0; to-- { // from the end, so that none is overwritten
		switch {
		case i >= 0 && c.terms[i].n > p[j].n:
			c.terms[to] = c.terms[i]
			i--
		case i >= 0 && c.terms[i].n == p[j].n:
			c.terms[to] = term{p[j].n, c.terms[i].w + p[j].w*weight}
			i, j = i-1, j-1
		default:
			c.terms[to] = term{p[j].n, p[j].w * weight}
			j--
		}
	}
	if weight < 0 {
		c.terms = slices.DeleteFunc(c.terms, func(t term) bool { return t.w <= 0 })
	}
}

// fresh counts the terms of p that are not in ts.
func fresh(p, ts []term) int {
	n, i := 0, 0
	for _, t := range p {
		for i < len(ts) && ts[i].n < t.n {
			i++
		}
		if i == len(ts) || ts[i].n != t.n {
			n++
		}
	}
	return n
}

// weigh cuts the terms to those that tell most and measures their length.
func (c *cluster) weigh(s *stream) {
	if len(c.terms) > heldTerms+heldTerms/4 {
		c.terms = top(c.terms, heldTerms, s)
	}
	square := float32(0)
	for _, t := range c.terms {
		w := t.w * s.idf(t.n)
		square += w * w
	}
	c.norm = float32(math.Sqrt(float64(square)))
}

// cosine between a point and the centre, both weighted with idf. less is taken
// off the centre first where the point is one of its own voices.
func (c *cluster) cosine(p *point, less float32) float32 {
	dot, j := float32(0), 0
	for _, t := range p.pull {
		for j < len(c.terms) && c.terms[j].n < t.n {
			j++
		}
		if j < len(c.terms) && c.terms[j].n == t.n {
			dot += t.w * c.terms[j].w
		}
	}
	norm := c.norm
	if less > 0 {
		own := less * p.mass
		norm = float32(math.Sqrt(float64(max(norm*norm-2*own*dot+own*own, 0))))
		dot -= own
	}
	if norm <= 0 || dot <= 0 {
		return 0
	}
	return dot / norm
}

// A sight is how like a voice is to a theme, each 0…1.
type sight struct {
	likes  float32 // as we see it, and, by the share of the theme's voices of which an endpoint told something, as that sees it
	own    float32 // as we see it
	cosine float32 // of their words alone
	meant  float32 // of what they mean alone
}

// see compares a voice with the theme; less is the weight with which the voice is
// part of it already.
func (c *cluster) see(p *point, less float32) sight {
	s := sight{cosine: c.cosine(p, less), meant: c.meant(p, less)}
	s.own = c.told(p, less, s.cosine, s.meant)
	s.likes = s.own
	if like, ok := c.far.alike(p.far, less); ok {
		share := min((c.far.weight-less)/max(c.core-less, 1e-9), 1)
		s.likes = share*blended(like, s.own, p.far.lang == c.lang) + (1-share)*s.own
	}
	return s
}

// lent is how much of what an endpoint says counts beside what we see.
const lent = 0.85

// blended is a likeness by an endpoint and our own together. Who speaks another
// language has no words in common with us, which proves nothing.
func blended(like, own float32, tongue bool) float32 {
	if !tongue {
		return like
	}
	return lent*like + (1-lent)*own
}

// told is how like a voice is to the theme as we see it, 0…1: the cosine of their
// words with the length of both texts made up for, and, as far as the words are
// known, that of what they mean.
func (c *cluster) told(p *point, less, cosine, meant float32) float32 {
	words := min(cosine*p.long*c.longer(less), 1)
	m := max(blend*min(p.known, (c.known-less*p.known)/max(c.core-less, 1e-9)), 0)
	return m*meant + (1-m)*words
}

// meant is the cosine of what a voice and the theme mean, 0…1.
func (c *cluster) meant(p *point, less float32) float32 {
	along := c.means.dot(&p.means)
	square := c.means.dot(&c.means) - 2*less*along + less*less
	if square <= 1e-9 {
		return 0
	}
	return max((along-less)/float32(math.Sqrt(float64(square))), 0)
}

// longer is long for a centre: what its voices say beside what they share
// vanishes as they grow more.
func (c *cluster) longer(less float32) float32 {
	if c.core <= 0 {
		return 1
	}
	return 1 + (c.long/c.core-1)/max(c.core-less, 1)
}

func (c *cluster) countKinds(k lastword.Kinds, by int32) {
	for i, kind := range lastword.AllKinds {
		if k&kind != 0 {
			c.kinds[i] = max(c.kinds[i]+by, 0)
		}
	}
	if k == lastword.Praise {
		c.only = max(c.only+by, 0)
	}
}

// mostKinds returns the kinds that most voices are of; the commonest one at
// least.
func (c *cluster) mostKinds() lastword.Kinds {
	var all lastword.Kinds
	best := 0
	for i, n := range c.kinds {
		if 2*float32(n) > c.n {
			all |= lastword.AllKinds[i]
		}
		if n > c.kinds[best] {
			best = i
		}
	}
	if all == 0 && c.kinds[best] > 0 {
		all = lastword.AllKinds[best]
	}
	return all
}

func (c *cluster) countLang(lang string) {
	switch {
	case lang == c.lang:
		c.lead++
	case c.lead <= 0:
		c.lang, c.lead = lang, 1
	default:
		c.lead--
	}
}
