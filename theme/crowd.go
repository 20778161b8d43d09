package theme

import (
	"cmp"
	"math"
	"slices"

	"lastword"
)

// A link is one voice's nearness to another, 0…1.
type link struct {
	to int32 // where it stands in the crowd
	w  float32
}

// A node is a recent voice among the others.
type node struct {
	item   Item
	at     point
	row    []term   // at.plain with what each term tells, of length 1
	near   []link   // the nearest others, likest first
	home   *cluster // its theme or the seed it is in; nil for none
	weight float32  // with which it is part of home's centre
	fit    float64
	part   *cluster // theme of which whole tells
	whole  float32  // share of the theme that holds together with this voice, 0…1
	finer  int32    // its group when the crowd is parted more closely
	held   bool     // a person placed it: it stays
}

// A crowd is the recent voices, each knowing those that are most like it.
type crowd struct {
	nodes []*node
	byID  map[int64]int32
	lists [][]link // by dense number of a term: who has it
	score []float32
	hit   []int32
	order []term
}

const (
	nearest  = 12   // neighbours that a voice knows, among many
	fewNear  = 4    // among few
	perNear  = 20   // voices for each neighbour more
	readMost = 6000 // postings read to find them; the rarest terms come first
	compared = 48   // candidates whose likeness is worked out exactly
	blend    = 0.7  // share of what words mean in a likeness, where all are known
	frequent = 0.08 // share of the voices beyond which a term tells little
	dull     = 0.6  // what such a term counts
)

func newCrowd() *crowd { return &crowd{byID: map[int64]int32{}} }

// of returns the voice with an id, or nil.
func (c *crowd) of(id int64) *node {
	if at, ok := c.byID[id]; ok {
		return c.nodes[at]
	}
	return nil
}

// enter takes a voice in and lets it and the others know each other.
func (c *crowd) enter(n *node, s *stream) {
	at := int32(len(c.nodes))
	c.nodes = append(c.nodes, n)
	c.score = append(c.score, 0)
	c.byID[n.item.ID] = at
	n.row = c.rowOf(n.at.plain, s)
	c.meet(at)
	c.post(at)
	for _, l := range n.near {
		c.nodes[l.to].greet(link{at, l.w}, c.circle())
	}
}

// greet notes a newcomer if it is nearer than those known.
func (n *node) greet(l link, most int) {
	at, _ := slices.BinarySearchFunc(n.near, l, func(a, b link) int { return cmp.Compare(b.w, a.w) })
	if at < most {
		n.near = slices.Insert(n.near, at, l)
		n.near = n.near[:min(len(n.near), most)]
	}
}

// circle is how many neighbours a voice knows: in a small crowd the twelfth
// nearest is a stranger.
func (c *crowd) circle() int { return min(fewNear+len(c.nodes)/perNear, nearest) }

// keep lets go of all but the latest voices, and learns everybody's neighbours
// anew with what the stream knows now about how common words are.
func (c *crowd) keep(latest int, s *stream) {
	if drop := len(c.nodes) - latest; drop > 0 {
		for _, n := range c.nodes[:drop] {
			delete(c.byID, n.item.ID)
		}
		c.nodes = slices.Clone(c.nodes[drop:])
		c.score = c.score[:len(c.nodes)]
	}
	c.lists = make([][]link, len(s.id))
	for i, n := range c.nodes {
		c.byID[n.item.ID] = int32(i)
		s.reweigh(&n.at)
		n.row = c.rowOf(n.at.plain, s)
		c.post(int32(i))
	}
	for i := range c.nodes {
		c.meet(int32(i))
	}
}

// rowOf weighs a voice's terms for comparison.
func (c *crowd) rowOf(plain []term, s *stream) []term {
	row, square := make([]term, 0, len(plain)), float32(0)
	for _, t := range plain {
		w := t.w * s.idf(t.n)
		if s.seen[t.n] > frequent*s.voices && s.voices > 100 {
			w *= dull
		}
		row = append(row, term{t.n, w})
		square += w * w
	}
	by := 1 / max(float32(math.Sqrt(float64(square))), 1e-9)
	for i := range row {
		row[i].w *= by
	}
	return row
}

// post makes a voice findable.
func (c *crowd) post(at int32) {
	for _, t := range c.nodes[at].row {
		if grow := int(t.n) + 1 - len(c.lists); grow > 0 {
			c.lists = append(c.lists, make([][]link, grow)...)
		}
		c.lists[t.n] = append(c.lists[t.n], link{at, t.w})
	}
}

// meet finds a voice's nearest neighbours.
func (c *crowd) meet(at int32) {
	n := c.nodes[at]
	near := c.candidates(at)
	for i := range near {
		near[i].w = n.likes(c.nodes[near[i].to])
	}
	likest(near)
	near = slices.DeleteFunc(near[:min(len(near), c.circle())], func(l link) bool { return l.w <= 0 })
	n.near = append(n.near[:0], near...)
}

// candidates returns the voices that share most with one, rare terms first.
func (c *crowd) candidates(at int32) []link {
	c.order = append(c.order[:0], c.nodes[at].row...)
	slices.SortFunc(c.order, func(a, b term) int {
		if x, y := c.posted(a), c.posted(b); x != y {
			return x - y
		}
		return int(a.n - b.n)
	})
	read := 0
	for _, t := range c.order {
		if read += c.posted(t); read > readMost {
			break
		}
		if int(t.n) >= len(c.lists) {
			continue
		}
		for _, l := range c.lists[t.n] {
			if c.score[l.to] == 0 {
				c.hit = append(c.hit, l.to)
			}
			c.score[l.to] += t.w * l.w
		}
	}
	return c.best(at)
}

// best picks the highest scores but that of the voice itself, and wipes the
// board.
func (c *crowd) best(self int32) []link {
	const far = 0.25 // of the highest score: what is below is not worth sorting
	most := float32(0)
	c.score[self] = 0
	for _, h := range c.hit {
		most = max(most, c.score[h])
	}
	found := make([]link, 0, 4*compared)
	for _, h := range c.hit {
		if c.score[h] > far*most {
			found = append(found, link{h, c.score[h]})
		}
		c.score[h] = 0
	}
	c.hit = c.hit[:0]
	likest(found)
	return found[:min(len(found), compared)]
}

func (c *crowd) posted(t term) int {
	if int(t.n) >= len(c.lists) {
		return 0
	}
	return len(c.lists[t.n])
}

// likes is how like two voices are, 0…1: by their words and, as far as those are
// known, by what they mean. Who only praises asks for nothing, and is not like
// one who does.
func (n *node) likes(o *node) float32 {
	m := blend * min(n.at.known, o.at.known)
	w := m*max(n.at.means.dot(&o.at.means), 0) + (1-m)*dotTerms(n.row, o.row)
	if (n.item.Kinds == lastword.Praise) != (o.item.Kinds == lastword.Praise) {
		w *= dull
	}
	return min(w, 1)
}

// dotTerms is the dot product of two sparse vectors.
func dotTerms(a, b []term) float32 {
	d, j := float32(0), 0
	for _, t := range a {
		for j < len(b) && b[j].n < t.n {
			j++
		}
		if j < len(b) && b[j].n == t.n {
			d += t.w * b[j].w
		}
	}
	return d
}

func likest(ls []link) {
	slices.SortFunc(ls, func(a, b link) int {
		switch {
		case a.w > b.w:
			return -1
		case a.w < b.w:
			return 1
		}
		return int(a.to - b.to)
	})
}
