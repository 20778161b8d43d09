package theme

import (
	"slices"

	"lastword"
)

// A rival is a cluster that a voice may belong to, as the voice sees it.
type rival struct {
	*cluster
	sight
	share float32 // of the voice's nearness to its neighbours, what goes to those in the cluster, 0…1
	top   float32 // how like the three nearest of them are, 0…1
	few   int     // of those three, how many there are
}

// judge returns the cluster that a voice fits best and what speaks for it.
func (c *Clusterer) judge(n *node) (*cluster, Evidence) {
	rivals := c.rivals(n)
	for _, cl := range c.index.near(&n.at) {
		if indexOf(rivals, cl) < 0 {
			rivals = append(rivals, rival{cluster: cl, sight: cl.see(&n.at, n.own(cl))})
		}
	}
	var best *cluster
	most := float32(0)
	for _, r := range rivals {
		if r.praises() != (n.item.Kinds == lastword.Praise) && n.item.Kinds != 0 {
			continue
		}
		if s := r.sight.likes + r.share; s > most {
			best, most = r.cluster, s
		}
	}
	if best == nil {
		return nil, Evidence{}
	}
	return best, c.evidence(n, best, rivals)
}

// rivals returns the clusters of a voice's neighbours, each once.
func (c *Clusterer) rivals(n *node) []rival {
	all := c.shares(n)
	for i := range all {
		all[i].sight = all[i].see(&n.at, n.own(all[i].cluster))
	}
	return all
}

// shares returns the clusters of a voice's neighbours, with what its neighbours
// alone say of them.
func (c *Clusterer) shares(n *node) []rival {
	const doubt = 0.3 // of somebody else: few neighbours prove little
	all, sum := make([]rival, 0, 8), float32(doubt)
	for _, l := range n.near {
		sum += l.w
		h := c.crowd.nodes[l.to].home
		if h == nil {
			continue
		}
		i := indexOf(all, h.home())
		if i < 0 {
			i = len(all)
			all = append(all, rival{cluster: h.home()})
		}
		r := &all[i]
		r.share += l.w
		if r.few < 3 {
			r.top += l.w / 3
			r.few++
		}
	}
	for i := range all {
		all[i].share /= sum
	}
	return all
}

// indexOf returns where a cluster is among rivals, or -1.
func indexOf(rivals []rival, cl *cluster) int {
	return slices.IndexFunc(rivals, func(r rival) bool { return r.cluster == cl })
}

// own is the weight with which a voice is part of a cluster's centre.
func (n *node) own(cl *cluster) float32 {
	if n.home == nil || n.home.home() != cl {
		return 0
	}
	return n.weight
}

// kin returns which share of a voice's ties goes to a cluster, and how likely it is
// that the three it is tied to most there want the same, both 0…1.
func (c *Clusterer) kin(n *node, cl *cluster) (share, likely float64) {
	const doubt = 0.3
	var best [3]float32
	in, all := float32(0), float32(doubt)
	ties := c.crowd.ties(n)
	for i, l := range n.near {
		o, tie := c.crowd.nodes[l.to], ties[i]
		all += tie
		if o.home == nil || o.home.home() != cl {
			continue
		}
		in += tie
		for i := range best {
			if tie > best[i] {
				tie, best[i] = best[i], tie
			}
		}
	}
	return float64(in / all), float64(best[0]+best[1]+best[2]) / 3
}

// evidence gathers what speaks for a voice's place in a cluster.
func (c *Clusterer) evidence(n *node, cl *cluster, rivals []rival) Evidence {
	own, mine := n.own(cl), rival{cluster: cl}
	if i := indexOf(rivals, cl); i >= 0 {
		mine = rivals[i]
	} else {
		mine.sight = cl.see(&n.at, own)
	}
	e := Evidence{
		Likes: float64(mine.sight.likes), Cosine: float64(mine.sight.cosine), Meant: float64(mine.sight.meant), Share: float64(mine.share), Top: float64(mine.top),
		Close: float64(cl.close), Voices: float64(cl.core - own), Mass: float64(n.at.mass / c.stream.rarest()),
		Words: float64(n.at.words), Known: float64(n.at.known), Whole: float64(c.whole(n, cl)), Lent: n.at.far != nil,
	}
	if e.Lent {
		e.Own = float64(mine.sight.own)
	}
	e.Tied, e.Kin = c.kin(n, cl)
	m := &cl.manner
	e.Past = m.opens.all == 0
	e.Opens, e.Ends = m.opens.entropy(), m.ends.entropy()
	e.Begun, e.Ended = m.opens.share(n.shape.first, own > 0), m.ends.share(n.shape.last, own > 0)
	k := c.keys(n, cl)
	e.Key, e.Second, e.Odds, e.Varied = k.best, k.second, k.odds, float64(c.crowd.varied)
	e.Sound = cl.sound
	e.Facing = m.sides.against(n.shape.stand)
	var next rival
	for _, r := range rivals {
		if r.cluster != cl && r.id != 0 {
			next.share, next.sight.likes, next.sight.own = max(next.share, r.share), max(next.sight.likes, r.sight.likes), max(next.sight.own, r.sight.own)
		}
	}
	e.Ahead, e.Lead = e.Likes-float64(next.sight.likes), e.Share-float64(next.share)
	if e.Lent {
		e.Before = e.Own - float64(next.sight.own)
	}
	return e
}

// whole is how much of a cluster holds together with a voice: as the last
// gathering found for it, or else for its neighbours there.
func (c *Clusterer) whole(n *node, cl *cluster) float32 {
	if n.part == cl && n.whole > 0 {
		return n.whole
	}
	sum, all := float32(0), float32(0)
	for _, l := range n.near {
		if o := c.crowd.nodes[l.to]; o.part == cl && o.whole > 0 {
			sum, all = sum+l.w*o.whole, all+l.w
		}
	}
	if all == 0 {
		return 0.5 // nothing is known
	}
	return sum / all
}
