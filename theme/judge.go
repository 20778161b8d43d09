package theme

import (
	"slices"

	"lastword"
)

// judge returns the cluster that a voice fits best and what speaks for it.
func (c *Clusterer) judge(n *node) (*cluster, Evidence) {
	rivals := c.rivals(n)
	for _, cl := range c.index.near(&n.at) {
		if !slices.Contains(rivals, cl) {
			rivals = append(rivals, cl)
		}
	}
	var best *cluster
	most := float32(0)
	for _, cl := range rivals {
		if cl.praises() != (n.item.Kinds == lastword.Praise) && n.item.Kinds != 0 {
			continue
		}
		if s := c.draw(n, cl); s > most {
			best, most = cl, s
		}
	}
	if best == nil {
		return nil, Evidence{}
	}
	return best, c.evidence(n, best, rivals)
}

// rivals returns the clusters of a voice's neighbours, each once.
func (c *Clusterer) rivals(n *node) []*cluster {
	var all []*cluster
	for _, l := range n.near {
		if h := c.crowd.nodes[l.to].home; h != nil && !slices.Contains(all, h.home()) {
			all = append(all, h.home())
		}
	}
	return all
}

// own is the weight with which a voice is part of a cluster's centre.
func (n *node) own(cl *cluster) float32 {
	if n.home == nil || n.home.home() != cl {
		return 0
	}
	return n.weight
}

// draw is how much a cluster draws a voice: by its centre and by the neighbours
// that are in it.
func (c *Clusterer) draw(n *node, cl *cluster) float32 {
	share, _ := c.neighbours(n, cl)
	return cl.likes(&n.at, n.own(cl)) + share
}

// neighbours returns which share of a voice's nearness goes to a cluster, and
// how like the three nearest of them are, both 0…1.
func (c *Clusterer) neighbours(n *node, cl *cluster) (share, top float32) {
	const doubt = 0.3 // of somebody else: few neighbours prove little
	in, all, counted := float32(0), float32(doubt), 0
	for _, l := range n.near {
		all += l.w
		if h := c.crowd.nodes[l.to].home; h == nil || h.home() != cl {
			continue
		}
		in += l.w
		if counted < 3 {
			top += l.w / 3
			counted++
		}
	}
	return in / all, top
}

// kin returns which share of a voice's ties goes to a cluster, and how likely it is
// that the three it is tied to most there want the same, both 0…1.
func (c *Clusterer) kin(n *node, cl *cluster) (share, likely float64) {
	const doubt = 0.3
	var best [3]float32
	in, all := float32(0), float32(doubt)
	for _, l := range n.near {
		o := c.crowd.nodes[l.to]
		tie := n.tie(o, l.w, c.stream)
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
func (c *Clusterer) evidence(n *node, cl *cluster, rivals []*cluster) Evidence {
	own := n.own(cl)
	e := Evidence{
		Likes: float64(cl.likes(&n.at, own)), Cosine: float64(cl.cosine(&n.at, own)), Meant: float64(cl.meant(&n.at, own)),
		Close: float64(cl.close), Voices: float64(cl.core - own), Mass: float64(n.at.mass / c.stream.rarest()),
		Words: float64(n.at.words), Known: float64(n.at.known),
	}
	e.Lent = n.at.far != nil
	if e.Lent {
		e.Own = float64(cl.told(&n.at, own))
	}
	e.Tied, e.Kin = c.kin(n, cl)
	m, mine := &cl.manner, own > 0
	e.Past = m.opens.all == 0
	e.Opens, e.Ends = m.opens.entropy(), m.ends.entropy()
	e.Begun, e.Ended = m.opens.share(n.shape.first, mine), m.ends.share(n.shape.last, mine)
	k := c.keys(n, cl)
	e.Key, e.Second, e.Odds, e.Varied = k.best, k.second, k.odds, float64(c.crowd.varied)
	e.Facing = m.sides.against(n.shape.stand)
	share, top := c.neighbours(n, cl)
	e.Share, e.Top, e.Whole = float64(share), float64(top), float64(c.whole(n, cl))
	second, next, ours := float32(0), float32(0), float32(0)
	for _, r := range rivals {
		if r == cl || r.id == 0 {
			continue
		}
		s, _ := c.neighbours(n, r)
		next, second = max(next, s), max(second, r.likes(&n.at, 0))
		if e.Lent {
			ours = max(ours, r.told(&n.at, 0))
		}
	}
	e.Ahead, e.Lead, e.Before = e.Likes-float64(second), e.Share-float64(next), e.Own-float64(ours)
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
