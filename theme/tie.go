package theme

import "math"

// ties are the traits from which it follows how likely two voices want the same:
// how like they are, what they share, what the one says that the other does not,
// and where they stand. The first is constant.
type ties [13]float32

// against is what it counts that two voices stand on different sides of something:
// it is no question of likeness, so it is not learnt from sets in which nobody
// wants more or less of anything.
const against = -1.5

// ties weighs two voices that are so like each other.
func (n *node) ties(o *node, likes float32, s *stream) ties {
	a, b := n.row, o.row
	var most, sum, best, rareA, rareB, shared, saidA, saidB float32
	both := 0
	for x, y := 0, 0; x < len(a) || y < len(b); {
		switch {
		case y == len(b) || x < len(a) && a[x].n < b[y].n:
			rareA, saidA = max(rareA, s.idf(a[x].n)), saidA+a[x].w*a[x].w
			x++
		case x == len(a) || b[y].n < a[x].n:
			rareB, saidB = max(rareB, s.idf(b[y].n)), saidB+b[y].w*b[y].w
			y++
		default:
			tells, part := s.idf(a[x].n), a[x].w*b[y].w
			most, sum, best, shared = max(most, tells), sum+tells, max(best, part), shared+part
			both++
			x, y = x+1, y+1
		}
	}
	log := func(n int) float32 { return float32(math.Log1p(float64(n))) }
	return ties{1, likes, n.at.means.dot(&o.at.means), shared, n.at.known + o.at.known, most, sum, best,
		max(rareA, rareB), min(rareA, rareB), max(saidA, saidB), min(saidA, saidB), log(both) - (log(len(a))+log(len(b)))/2}
}

// tie is how likely two voices want the same, 0…1.
func (n *node) tie(o *node, likes float32, s *stream) float32 {
	w, z := tieWeights(), float32(0)
	for i, t := range n.ties(o, likes, s) {
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
	return ties{-0.130983, 1.087159, 0.916634, 0.718424, -0.674941, 0.290381, 0.041062, -0.047360, -0.027579, 0.087880, -1.150305, -0.112942, 0.505239}
}

// Ties yields pairs of recent voices that are neighbours, and what speaks for and
// against that they want the same.
func (c *Clusterer) Ties(yield func(a, b int64, traits []float64) bool) {
	for _, n := range c.crowd.nodes {
		for _, l := range n.near {
			o := c.crowd.nodes[l.to]
			all := n.ties(o, l.w, c.stream)
			traits := make([]float64, len(all))
			for i, t := range all {
				traits[i] = float64(t)
			}
			if !yield(n.item.ID, o.item.ID, traits) {
				return
			}
		}
	}
}
