package theme

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// A Sound is what tells of a theme as a whole whether all of its voices want the
// same, as it was when all were last gathered. Of a theme that is younger nothing is
// known: zero.
type Sound struct {
	Heard  float64 // 1 where anything is known
	Tied   float64 // mean Tied of its voices, and so on
	Kin    float64
	Share  float64
	Lead   float64
	Ahead  float64
	Likes  float64
	Key    float64
	Odds   float64 // of the logarithm of one more
	Known  float64
	Called float64 // mean of how well the word of a voice that opens any other theme best does, see keyring, 0…1
	Drawn  float64 // mean of how well a voice's words together open the other theme that they open best
	Kept   float64 // mean of how well they open their own, less that
	Astray float64 // share of the voices that another theme draws more
	Strewn float64 // by how many other themes they are drawn, for each voice
	Toward float64 // share of those that the same other theme draws
}

// A drawing is how far a voice's words are at home in another theme: what all in a
// theme share is often only how they put it, and what each says beside that is what
// it wants.
type drawing struct {
	called, drawn, kept float64
	by                  *cluster // the other theme, where it is worth speaking of
}

// An opener is a theme that a word opens.
type opener struct {
	theme *cluster
	opens float32
}

const (
	mostOpened = 4    // themes that a word is known to open
	slight     = 0.05 // drawn below which a voice is drawn by nobody
)

// rejudge works out anew how well each voice fits where it is, and returns what
// speaks for it; nothing for one that a person placed or whose theme may not
// change.
func (c *Clusterer) rejudge(members map[*cluster][]*node) []Evidence {
	found := c.hearAll(members)
	parallel(len(c.crowd.nodes), func(i int) {
		n := c.crowd.nodes[i]
		switch th := n.theme(); {
		case th == nil:
		case n.held || th.still:
			found[i] = Evidence{}
		default:
			found[i].Sound = th.sound
			n.fit = th.fit(found[i])
		}
	})
	return found
}

// hearAll gathers what speaks for each voice that is in a theme, and finds by that how
// sound the themes are.
func (c *Clusterer) hearAll(members map[*cluster][]*node) []Evidence {
	c.listOpeners(members)
	found := make([]Evidence, len(c.crowd.nodes))
	parallel(len(c.crowd.nodes), func(i int) {
		if n := c.crowd.nodes[i]; n.theme() != nil {
			found[i] = c.evidence(n, n.theme(), c.rivals(n))
		}
	})
	themes := slices.SortedFunc(maps.Keys(members), byID)
	parallel(len(themes), func(i int) { themes[i].sound = c.soundOf(themes[i], members[themes[i]], found) })
	c.openers = nil
	return found
}

// listOpeners finds which themes each word opens, those that it opens best.
func (c *Clusterer) listOpeners(members map[*cluster][]*node) {
	c.openers = make([][]opener, len(c.stream.id))
	counts := make([]float32, len(c.stream.id))
	var said []int32
	for _, th := range slices.SortedFunc(maps.Keys(members), byID) {
		ns := members[th]
		for _, n := range ns {
			for _, t := range n.at.plain {
				if counts[t.n]++; counts[t.n] == 2 {
					said = append(said, t.n)
				}
			}
		}
		for _, t := range said {
			here := counts[t]
			all := max(float32(len(c.crowd.lists[t])), here)
			c.openers[t] = opened(c.openers[t], opener{th, here / float32(len(ns)+1) * here / (all + 1)})
		}
		said = said[:0]
		for _, n := range ns {
			for _, t := range n.at.plain {
				counts[t.n] = 0
			}
		}
	}
}

// opened adds a theme to those that a word opens, if it is one of the best.
func opened(all []opener, o opener) []opener {
	at, _ := slices.BinarySearchFunc(all, o, func(a, b opener) int { return cmp.Compare(b.opens, a.opens) })
	if at == mostOpened {
		return all
	}
	all = slices.Insert(all, at, o)
	return all[:min(len(all), mostOpened)]
}

// drawing works out how a voice in a theme is drawn by the others.
func (c *Clusterer) drawing(n *node, cl *cluster) drawing {
	var d drawing
	var room [32]opener
	sums := append(room[:0], opener{theme: cl})
	for _, t := range n.at.plain {
		for _, o := range c.openers[t.n] {
			if o.theme != cl {
				d.called = max(d.called, float64(o.opens))
			}
			i := slices.IndexFunc(sums, func(s opener) bool { return s.theme == o.theme })
			if i < 0 {
				i = len(sums)
				sums = append(sums, opener{theme: o.theme})
			}
			sums[i].opens += o.opens
		}
	}
	var most opener
	for _, s := range sums[1:] {
		if s.opens > most.opens || s.opens == most.opens && s.theme.id < most.theme.id {
			most = s
		}
	}
	d.drawn, d.kept = float64(most.opens), float64(sums[0].opens-most.opens)
	if most.opens >= slight {
		d.by = most.theme
	}
	return d
}

// soundOf finds how sound a theme is, given what speaks for each voice of the crowd.
func (c *Clusterer) soundOf(th *cluster, ns []*node, found []Evidence) Sound {
	s, by, all := Sound{Heard: 1}, map[*cluster]float64{}, float64(len(ns))
	for _, n := range ns {
		e, d := &found[c.crowd.byID[n.item.ID]], c.drawing(n, th)
		s.Tied, s.Kin, s.Share, s.Lead, s.Ahead = s.Tied+e.Tied, s.Kin+e.Kin, s.Share+e.Share, s.Lead+e.Lead, s.Ahead+e.Ahead
		s.Likes, s.Key, s.Odds, s.Known = s.Likes+e.Likes, s.Key+e.Key, s.Odds+math.Log1p(e.Odds), s.Known+e.Known
		s.Called, s.Drawn, s.Kept = s.Called+d.called, s.Drawn+d.drawn, s.Kept+d.kept
		if d.kept < 0 {
			s.Astray++
		}
		if d.by != nil {
			by[d.by]++
			s.Toward = max(s.Toward, by[d.by])
		}
	}
	s.Strewn = float64(len(by))
	for _, x := range [...]*float64{&s.Tied, &s.Kin, &s.Share, &s.Lead, &s.Ahead, &s.Likes, &s.Key, &s.Odds, &s.Known, &s.Called, &s.Drawn, &s.Kept, &s.Astray, &s.Toward, &s.Strewn} {
		*x /= all
	}
	return s
}
