package theme

import "math"

// A keyring is how well the words of a voice open a theme.
type keyring struct {
	best, second float64 // words: the share of the theme's other voices that say it, times the share of all others who say it that are there, 0…1
	odds         float64 // sum of how much likelier its words are there than elsewhere, in nats
}

// several is how many others of a theme must say a word for it to tell anything: of
// one, it is the two who say the same, and an advert that is sent twice is no theme.
const several = 1.5

// keys weighs what a voice says against who else says it: a word that most of the
// theme's voices and hardly any others say tells more than any likeness.
func (c *Clusterer) keys(n *node, cl *cluster) keyring {
	var k keyring
	own, self := n.own(cl), float32(0)
	if c.crowd.of(n.item.ID) == n {
		self = 1
	}
	in := cl.core - own
	recent := min(float32(cl.manner.opens.all)/max(cl.n, 1), 1) // share of the theme's voices that are in the crowd
	all := max(float32(len(c.crowd.nodes))-self, 1)
	j := 0
	for _, t := range n.at.plain {
		for j < len(cl.terms) && cl.terms[j].n < t.n {
			j++
		}
		if j == len(cl.terms) || cl.terms[j].n != t.n || int(t.n) >= len(c.crowd.lists) {
			continue
		}
		voices := min((cl.terms[j].w-own*t.w)/c.stream.usual(t.n), in)
		if voices < several {
			continue
		}
		here := voices * recent
		heard := max(float32(len(c.crowd.lists[t.n]))-self, here)
		k.turn(float64(voices/(in+1)*here/(heard+1)), (voices+0.1)/(in+1), (heard-here+0.5)/max(all-in*recent+1, 1))
	}
	return k
}

// turn tries one more word: how well it opens the theme, and how likely those in the
// theme and all others are to say it.
func (k *keyring) turn(opens float64, here, elsewhere float32) {
	switch {
	case opens > k.best:
		k.best, k.second = opens, k.best
	case opens > k.second:
		k.second = opens
	}
	k.odds += math.Log(float64(max(here/elsewhere, 1)))
}
