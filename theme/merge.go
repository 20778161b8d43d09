package theme

import (
	"cmp"
	"maps"
	"slices"

	"lastword"
)

// Suggest returns up to most pairs of themes that a person may want to merge,
// likest first. It looks for average linkage: how much the voices of the one
// are like those of the other on average, compared with those of one theme
// among themselves. Pairs on which a person said something are left out.
func (c *Clusterer) Suggest(most int) []lastword.Pair {
	pairs, least := []lastword.Pair{}, askFrom(c.cfg.Judged)
	for _, id := range slices.Sorted(maps.Keys(c.themes)) {
		a := c.themes[id]
		if a.into != nil {
			continue
		}
		for b, l := range c.beside(a) {
			p := lastword.PairOf(a.id, b.id)
			p.Likeness = float64(l)
			known := slices.ContainsFunc(pairs, func(q lastword.Pair) bool { return q.A == p.A && q.B == p.B })
			if l >= least && !known && !c.judgedPair(p.A, p.B) {
				pairs = append(pairs, p)
			}
		}
	}
	slices.SortFunc(pairs, func(p, q lastword.Pair) int {
		return cmp.Or(cmp.Compare(q.Likeness, p.Likeness), cmp.Compare(p.A, q.A), cmp.Compare(p.B, q.B))
	})
	return pairs[:min(most, len(pairs))]
}

// beside yields the themes near a theme and how like they are.
func (c *Clusterer) beside(a *cluster) func(yield func(*cluster, float32) bool) {
	return func(yield func(*cluster, float32) bool) {
		for _, b := range c.index.near(a.centre(c.stream)) {
			if b == a || b.id == 0 || b.praises() != a.praises() {
				continue
			}
			if !yield(b, likeness(a, b, c.stream)) {
				return
			}
		}
	}
}

// centre is the middle of a theme as a point between the themes.
func (c *cluster) centre(s *stream) *point {
	p := &point{pull: make([]term, 0, indexedTerms), mass: c.norm, long: 1}
	for _, t := range strongest(c, s) {
		idf := s.idf(t.n)
		p.pull = append(p.pull, term{t.n, t.w * idf * idf / max(c.norm, 1e-9)})
	}
	sortTerms(p.pull)
	return p
}

// likeness follows from three cosines: for voices of length 1 the mean cosine
// between two groups is that of their centres times how close each group is to
// its own; within one group it is that closeness squared.
func likeness(a, b *cluster, s *stream) float32 {
	dot, i := float32(0), 0
	for _, t := range a.terms {
		for i < len(b.terms) && b.terms[i].n < t.n {
			i++
		}
		if i < len(b.terms) && b.terms[i].n == t.n {
			idf := s.idf(t.n)
			dot += t.w * b.terms[i].w * idf * idf
		}
	}
	if a.norm <= 0 || b.norm <= 0 {
		return 0
	}
	loose, tight := min(a.close, b.close), max(a.close, b.close)
	return min(dot/(a.norm*b.norm)*loose/max(tight, 1e-9), 1)
}

// Home returns the theme that a theme was merged into, or the theme itself.
func (c *Clusterer) Home(id int64) int64 {
	if cl := c.themes[id]; cl != nil {
		return cl.home().id
	}
	return id
}
