package theme

import (
	"cmp"
	"iter"
	"maps"
	"math"
	"slices"

	"lastword"
)

// Suggest returns up to most pairs of themes that a person may want to merge,
// likest first. Likeness is how likely their voices want the same. Pairs on which a
// person said something are left out.
func (c *Clusterer) Suggest(most int) []lastword.Pair {
	pairs, least := []lastword.Pair{}, askFrom(c.cfg.Judged)
	for p, traits := range c.Beside() {
		if len(traits) > 1 {
			p.Likeness = logistic(dotTraits(besideWeights[:], traits))
		}
		if p.Likeness >= float64(least) && !c.judgedPair(p.A, p.B) {
			pairs = append(pairs, p)
		}
	}
	slices.SortFunc(pairs, func(p, q lastword.Pair) int {
		return cmp.Or(cmp.Compare(q.Likeness, p.Likeness), cmp.Compare(p.A, q.A), cmp.Compare(p.B, q.B))
	})
	return pairs[:min(most, len(pairs))]
}

// Beside yields the pairs of themes that are near each other, by rising ids, and what
// speaks for their wanting the same. The first trait is constant. Of themes that have
// no recent voices nothing is known but their words: there is only that trait, and
// Likeness is that of their words.
func (c *Clusterer) Beside() iter.Seq2[lastword.Pair, []float64] {
	return func(yield func(lastword.Pair, []float64) bool) {
		members, seen := c.members(), map[[2]int64]bool{}
		for _, id := range slices.Sorted(maps.Keys(c.themes)) {
			a := c.themes[id]
			if a.into != nil {
				continue
			}
			for _, b := range c.index.near(a.centre(c.stream)) {
				if b == a || b.id == 0 || b.into != nil || b.praises() != a.praises() {
					continue
				}
				p := lastword.PairOf(a.id, b.id)
				p.Likeness = float64(likeness(a, b, c.stream))
				if at := [2]int64{p.A, p.B}; !seen[at] && !yield(p, c.beside(a, b, members)) {
					return
				}
				seen[[2]int64{p.A, p.B}] = true
			}
		}
	}
}

// drawn is how many voices of a theme are compared with as many of another.
const drawn = 8

// beside are the traits of two themes: how like their words are and what they mean,
// how likely voices of the two want the same beside voices of each among themselves,
// and how many of the one's nearest voices are the other's.
func (c *Clusterer) beside(a, b *cluster, members map[*cluster][]*node) []float64 {
	if a.id > b.id {
		a, b = b, a
	}
	x, y := members[a], members[b]
	if len(x) == 0 || len(y) == 0 {
		return []float64{1}
	}
	across, within := c.together(some(x), some(y)), min(c.together(some(x), some(x)), c.together(some(y), some(y)))
	meant := float64(a.means.dot(&b.means)) / math.Sqrt(max(float64(a.means.dot(&a.means)*b.means.dot(&b.means)), 1e-9))
	to, from := c.reach(x, b), c.reach(y, a)
	small := math.Log1p(float64(min(a.n, b.n)))
	return []float64{1, float64(likeness(a, b, c.stream)), meant, across, within, across / max(within, 1e-6), max(to, from), min(to, from), small}
}

// some of a theme's voices, evenly drawn.
func some(ns []*node) []*node {
	if len(ns) <= drawn {
		return ns
	}
	few := make([]*node, drawn)
	for i := range few {
		few[i] = ns[i*len(ns)/drawn]
	}
	return few
}

// together is how likely voices of two groups want the same, on average.
func (c *Clusterer) together(xs, ys []*node) float64 {
	s := c.crowd.searches.Get().(*search)
	defer c.crowd.searches.Put(s)
	sum, n := float32(0), float32(0)
	for _, x := range xs {
		s.spread(c.crowd, x)
		for _, y := range ys {
			if x != y {
				sum += s.tie(x, y, x.resembles(y))
				n++
			}
		}
		s.fold(x)
	}
	return float64(sum / max(n, 1))
}

// reach is the share of voices' neighbours that are in a theme.
func (c *Clusterer) reach(ns []*node, to *cluster) float64 {
	in, all := 0, 0
	for _, n := range ns {
		for _, l := range n.near {
			all++
			if h := c.crowd.nodes[l.to].home; h != nil && h.home() == to {
				in++
			}
		}
	}
	return float64(in) / float64(max(all, 1))
}

// besideWeights are those of the logistic model behind Suggest, as
// bench.CalibrateThemes finds them with seed 1:
//
//	go test ./bench -run TestShippedWeightsAreCalibrated -v
var besideWeights = [9]float64{-1.940632, -1.214467, 2.701013, 2.939540, 0.438285, 1.674635, 0.551804, 1.063087, -0.760895}

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
