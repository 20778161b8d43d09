package theme

import (
	"math"
	"slices"
)

// ties are the traits from which it follows how likely two voices want the same:
// how like they are, what they share, what the one says that the other does not,
// and where they stand. The first is constant.
type ties [13]float32

// against is what it counts that two voices stand on different sides of something:
// it is no question of likeness, so it is not learnt from sets in which nobody
// wants more or less of anything.
const against = -1.5

// ties returns how likely a voice wants the same as each of its neighbours, 0…1.
// It is worked out once for any two, until what all words tell is.
func (c *crowd) ties(n *node) []float32 {
	known := len(n.bound) == len(n.near) && !slices.Contains(n.bound, 0)
	if known {
		return n.bound
	}
	for len(n.bound) < len(n.near) {
		n.bound = append(n.bound, 0)
	}
	s := c.searches.Get().(*search)
	defer c.searches.Put(s)
	s.spread(c, n)
	for i, l := range n.near {
		if n.bound[i] == 0 {
			n.bound[i] = s.tie(n, c.nodes[l.to], l.w)
		}
	}
	s.fold(n)
	return n.bound
}

// spread makes a voice's terms findable by their number, fold undoes it.
func (s *search) spread(c *crowd, n *node) {
	if grow := len(c.lists) - len(s.stands); grow > 0 {
		s.stands = append(s.stands, make([]uint16, grow)...)
	}
	for i, t := range n.row[:min(len(n.row), math.MaxUint16)] {
		s.stands[t.n] = uint16(i + 1)
	}
	s.both = slices.Grow(s.both[:0], len(n.row))[:len(n.row)]
}

func (s *search) fold(n *node) {
	for _, t := range n.row {
		s.stands[t.n] = 0
	}
}

// traits are those of a voice that is spread, and another that is so like it.
func (s *search) traits(n, o *node, likes float32) ties {
	var most, sum, best, rare, rareO, shared, said, saidO float32
	both, row, stands, seen := 0, n.row, s.stands, s.both
	clear(seen)
	for i, t := range o.row {
		at := stands[t.n]
		if at == 0 {
			rareO, saidO = max(rareO, o.tells[i]), saidO+t.w*t.w
			continue
		}
		tells, part := o.tells[i], row[at-1].w*t.w
		most, sum, best, shared = max(most, tells), sum+tells, max(best, part), shared+part
		seen[at-1] = true
		both++
	}
	for i, t := range row {
		if !seen[i] {
			rare, said = max(rare, n.tells[i]), said+t.w*t.w
		}
	}
	return ties{1, likes, n.at.means.dot(&o.at.means), shared, n.at.known + o.at.known, most, sum, best,
		max(rare, rareO), min(rare, rareO), max(said, saidO), min(said, saidO), logOf(both) - (logOf(len(n.row))+logOf(len(o.row)))/2}
}

// logOf is the natural logarithm of one more than n.
func logOf(n int) float32 {
	if n < len(logs) {
		return logs[n]
	}
	return float32(math.Log1p(float64(n)))
}

// logs are those of few things, which are asked for again and again.
var logs = func() (all [128]float32) {
	for n := range all {
		all[n] = float32(math.Log1p(float64(n)))
	}
	return all
}()

// tie is how likely a voice that is spread wants the same as another, 0…1.
func (s *search) tie(n, o *node, likes float32) float32 {
	w, z := tieWeights(), float32(0)
	for i, t := range s.traits(n, o, likes) {
		z += w[i] * t
	}
	_, facing := n.shape.stand.facing(o.shape.stand)
	z += against * float32(facing)
	return float32(1 / (1 + math.Exp(-float64(z))))
}

// tieWeights are those of the logistic model that turns ties into their likelihood,
// as bench.CalibrateThemes finds them with seed 1:
//
//	go test ./bench -run TestShippedWeightsAreCalibrated -v
func tieWeights() ties {
	return ties{-0.133611, 1.080444, 0.904574, 0.718897, -0.683274, 0.296525, 0.041483, -0.046847, -0.019887, 0.079478, -1.158951, -0.103250, 0.499919}
}

// Ties yields pairs of recent voices that are neighbours, and what speaks for and
// against that they want the same.
func (c *Clusterer) Ties(yield func(a, b int64, traits []float64) bool) {
	s := new(search)
	for _, n := range c.crowd.nodes {
		s.spread(c.crowd, n)
		for _, l := range n.near {
			o := c.crowd.nodes[l.to]
			traits := make([]float64, 0, len(ties{}))
			for _, t := range s.traits(n, o, l.w) {
				traits = append(traits, float64(t))
			}
			if !yield(n.item.ID, o.item.ID, traits) {
				return
			}
		}
		s.fold(n)
	}
}
