package theme

import (
	"cmp"
	"math"
	"slices"
	"sync"

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
	shape  shape     // how it is put
	row    []term    // at.plain with what each term tells, of length 1
	tells  []float32 // what each term of row tells, see stream.idf
	near   []link    // the nearest others, likest first
	bound  []float32 // how likely each of them wants the same; 0 or none where that is not worked out yet, see crowd.ties
	home   *cluster  // its theme or the seed it is in; nil for none
	weight float32   // with which it is part of home's centre
	fit    float64
	part   *cluster // theme of which whole tells
	whole  float32  // share of the theme that holds together with this voice, 0…1
	finer  int32    // its group when the crowd is parted more closely
	held   bool     // a person placed it: it stays
	words  []named  // as a name may be made of them; nil: not read yet
}

// A crowd is the recent voices, each knowing those that are most like it.
type crowd struct {
	nodes    []*node
	byID     map[int64]int32
	lists    [][]link  // by dense number of a term: who has it
	searches sync.Pool // of *search
	varied   float32   // how variously the voices are put, 0…1; see survey
}

// A search is what one look for neighbours needs.
type search struct {
	score   []float32 // by place in the crowd, zero between searches
	hit     []int32
	found   []link
	order   []term
	distant []link
	unread  []term // of order, by rising number: too common to be looked up

	stands []uint16 // by dense number of a term: where it stands in one voice's row, from 1; zero between
	both   []bool   // by place in that row: whether another voice has the term, too

	board []float32 // by dense number of a term, for sums; zero between them
}

const (
	nearest  = 12   // neighbours that a voice knows
	readMost = 1500 // postings read to find them; those that tell most come first
	compared = 48   // candidates whose likeness is worked out exactly
	blend    = 0.85 // share of what words mean in a likeness, where all are known
	sparse   = 1000 // voices up to which all their neighbours are found anew each time
	lonesome = 3    // neighbours that a voice may lose before others are found for it
	frequent = 0.08 // share of the voices beyond which a term tells little
	dull     = 0.6  // what such a term counts
)

func newCrowd() *crowd {
	return &crowd{varied: 0.5, byID: map[int64]int32{}, searches: sync.Pool{New: func() any { return new(search) }}}
}

// of returns the voice with an id, or nil.
func (c *crowd) of(id int64) *node {
	if at, ok := c.byID[id]; ok {
		return c.nodes[at]
	}
	return nil
}

// enter takes voices in and lets them and the others know each other.
func (c *crowd) enter(ns []*node, s *stream) {
	first := len(c.nodes)
	c.nodes = append(c.nodes, ns...)
	parallel(len(ns), func(i int) { c.weigh(ns[i], s) })
	for i, n := range ns {
		c.byID[n.item.ID] = int32(first + i)
		c.post(int32(first + i))
	}
	parallel(len(ns), func(i int) { c.meet(int32(first + i)) })
	for i, n := range ns {
		for _, l := range n.near {
			if int(l.to) < first {
				c.nodes[l.to].greet(link{int32(first + i), l.w})
			}
		}
	}
}

// Voices that are as near as alike to their nearest are orders to a machine or what
// a form lets one say; those that are no nearer than apart are posts.
const (
	apartly = 0.38
	alikely = 0.52
)

// survey finds how variously the voices are put: by how near they are to their
// nearest. Of a handful nothing is known.
func (c *crowd) survey() {
	if len(c.nodes) < firstTime {
		return
	}
	sum, all := float32(0), float32(0)
	for _, n := range c.nodes {
		for _, l := range n.near[:min(len(n.near), 3)] {
			sum += l.w
		}
		all += 3
	}
	c.varied = min(max((alikely-sum/max(all, 1))/(alikely-apartly), 0), 1)
}

// greet notes a newcomer if it is nearer than those known.
func (n *node) greet(l link) {
	at, _ := slices.BinarySearchFunc(n.near, l, func(a, b link) int { return cmp.Compare(b.w, a.w) })
	if at < nearest {
		n.near = slices.Insert(n.near, at, l)
		n.near = n.near[:min(len(n.near), nearest)]
		if at < len(n.bound) {
			n.bound = slices.Insert(n.bound, at, 0)
			n.bound = n.bound[:min(len(n.bound), nearest)]
		}
	}
}

// keep lets go of all but the latest voices, and weighs the others anew with
// what the stream knows now about how common words are. It returns those that
// went: they know no neighbours any more, whose places are others now.
func (c *crowd) keep(latest int, s *stream, space *Space) (gone []*node) {
	drop := max(len(c.nodes)-latest, 0)
	gone = c.nodes[:drop]
	for _, n := range gone {
		delete(c.byID, n.item.ID)
		n.near, n.bound = nil, nil
	}
	c.nodes = slices.Clone(c.nodes[drop:])
	c.lists = make([][]link, len(s.id))
	s.reckonAll()
	if space != nil {
		space.recentre(c.nodes)
	}
	parallel(len(c.nodes), func(i int) {
		n := c.nodes[i]
		s.reweigh(&n.at)
		c.weigh(n, s)
	})
	for i, n := range c.nodes {
		c.byID[n.item.ID] = int32(i)
		c.post(int32(i))
	}
	parallel(len(c.nodes), func(i int) {
		n := c.nodes[i]
		if before := len(n.near); len(c.nodes) < sparse || c.shift(n, int32(drop)) < before-lonesome {
			c.meet(int32(i))
		}
	})
	return gone
}

// shift renumbers a voice's neighbours, lets go of those that went, and measures
// anew how near the others are. It returns how many there are.
func (c *crowd) shift(n *node, drop int32) int {
	near := n.near[:0]
	for _, l := range n.near {
		if at := l.to - drop; at >= 0 {
			o := c.nodes[at]
			near = append(near, link{at, n.resembles(o)})
		}
	}
	likest(near)
	n.near = near
	return len(near)
}

// weigh weighs a voice's terms for comparison.
func (c *crowd) weigh(n *node, s *stream) {
	n.row, n.tells, n.bound = slices.Grow(n.row[:0], len(n.at.plain)), slices.Grow(n.tells[:0], len(n.at.plain)), n.bound[:0]
	square := float32(0)
	for _, t := range n.at.plain {
		tells := s.idf(t.n)
		w := t.w * tells
		if s.seen[t.n] > frequent*s.voices && s.voices > 100 {
			w *= dull
		}
		n.row, n.tells = append(n.row, term{t.n, w}), append(n.tells, tells)
		square += w * w
	}
	by := 1 / max(float32(math.Sqrt(float64(square))), 1e-9)
	for i := range n.row {
		n.row[i].w *= by
	}
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
	s := c.searches.Get().(*search)
	defer c.searches.Put(s)
	n := c.nodes[at]
	near := s.measured(c, n, s.candidates(c, at))
	if n.at.far != nil {
		near = s.farther(c, at, near)
	}
	likest(near)
	near = slices.DeleteFunc(near[:min(len(near), nearest)], func(l link) bool { return l.w <= 0 })
	n.near, n.bound = append(n.near[:0], near...), n.bound[:0]
}

// measured works out how like a voice its candidates are. Who cannot come among the
// nearest any more, however much of the unread terms it has, is left out unless an
// endpoint tells more of it.
func (s *search) measured(c *crowd, n *node, near []link) []link {
	const rounding = 1e-5
	left := rounding + norm(s.unread)
	var best [nearest]float32 // likeness of the nearest so far, rising
	kept := near[:0]
	for _, l := range near {
		o := c.nodes[l.to]
		means := n.at.means.dot(&o.at.means)
		if n.at.far == nil && n.blent(o, means, l.w+left) < best[0] {
			continue
		}
		l.w = n.likes(o, means, l.w+dotTerms(s.unread, o.row))
		kept = append(kept, l)
		for i := 0; i < nearest && l.w > best[i]; i++ {
			if i > 0 {
				best[i-1] = best[i]
			}
			best[i] = l.w
		}
	}
	return kept
}

// candidates returns the voices that share most with one, telling terms first,
// and the dot product of all but the unread ones.
func (s *search) candidates(c *crowd, at int32) []link {
	s.ready(c, at)
	score, hit, read := s.score, s.hit[:0], 0
	for i, t := range s.order {
		if read += c.posted(t); read > readMost {
			s.unread = append(s.unread, s.order[i:]...)
			sortTerms(s.unread)
			break
		}
		if int(t.n) >= len(c.lists) {
			continue
		}
		for _, l := range c.lists[t.n] {
			was := score[l.to]
			if was == 0 {
				hit = append(hit, l.to)
			}
			score[l.to] = was + t.w*l.w
		}
	}
	s.hit = hit
	return s.best(at)
}

// ready orders a voice's terms by how much they tell for what is to be read.
func (s *search) ready(c *crowd, at int32) {
	if grow := len(c.nodes) - len(s.score); grow > 0 {
		s.score = append(s.score, make([]float32, grow)...)
	}
	s.unread = s.unread[:0]
	s.order = append(s.order[:0], c.nodes[at].row...)
	cheapest(s.order, c.posted)
}

// best picks the highest scores but that of the voice itself, and wipes the
// board.
func (s *search) best(self int32) []link {
	least, score, found := s.cut(self), s.score, s.found[:0]
	for _, h := range s.hit {
		if w := score[h]; w > 0 && w >= least {
			found = append(found, link{h, w})
		}
		score[h] = 0
	}
	s.hit, s.found = s.hit[:0], found
	likest(found)
	return found[:min(len(found), compared)]
}

// farther adds those voices that an endpoint puts nearest and that share too few
// words with one to be found by them: by the signs of where they lie, which are
// compared quickly, and then exactly.
func (s *search) farther(c *crowd, at int32, near []link) []link {
	n, by := c.nodes[at], len(near)
	for _, l := range s.closest(c, at) {
		if !slices.ContainsFunc(near[:by], func(m link) bool { return m.to == l.to }) {
			o := c.nodes[l.to]
			near = append(near, link{l.to, n.resembles(o)})
		}
	}
	return near
}

// closest are the voices whose signs differ least from those of one.
func (s *search) closest(c *crowd, at int32) []link {
	n := c.nodes[at].at.far
	s.distant = s.distant[:0]
	reach := make([]int, len(n.at)+1) // voices by how many signs differ
	for i, o := range c.nodes {
		if o.at.far != nil && int32(i) != at {
			d := n.differ(o.at.far)
			reach[d]++
			s.distant = append(s.distant, link{int32(i), -float32(d)})
		}
	}
	most, found := 0, reach[0]
	for most < len(n.at) && found < compared {
		most++
		found += reach[most]
	}
	s.distant = slices.DeleteFunc(s.distant, func(l link) bool { return l.w < -float32(most) })
	likest(s.distant)
	return s.distant[:min(len(s.distant), compared)]
}

// cut returns a score that hardly more than the highest ones reach that are to be
// compared, so that the others need not be sorted.
func (s *search) cut(self int32) float32 {
	const steps = 64
	most, score := float32(0), s.score
	score[self] = 0
	for _, h := range s.hit {
		most = max(most, score[h])
	}
	if len(s.hit) <= compared || most == 0 {
		return 0
	}
	var reach [steps + 1]int32
	by := steps / most
	for _, h := range s.hit {
		reach[int(score[h]*by)]++
	}
	step, above := steps, reach[steps]
	for ; step > 0 && above < compared; step-- {
		above += reach[step-1]
	}
	return float32(step) / by * (1 - 1e-6) // so that rounding loses none
}

func (c *crowd) posted(t term) int {
	if int(t.n) >= len(c.lists) {
		return 0
	}
	return len(c.lists[t.n])
}

// likes is how like two voices are, 0…1: by the words that they share and, as far
// as those are known, by what they mean; and by what an endpoint says of both. Who only praises asks for nothing, and
// is not like one who does.
func (n *node) likes(o *node, means, shared float32) float32 {
	w := n.blent(o, means, shared)
	if like, ok := n.at.far.alike(o.at.far); ok {
		w = blended(like, w, n.item.Lang == o.item.Lang)
	}
	if (n.item.Kinds == lastword.Praise) != (o.item.Kinds == lastword.Praise) {
		w *= dull
	}
	return min(w, 1)
}

// blent is how like two voices are by the cosine of what they mean and by the words
// that they share.
func (n *node) blent(o *node, means, shared float32) float32 {
	m := blend * min(n.at.known, o.at.known)
	return m*max(means, 0) + (1-m)*shared
}

// resembles is how like two voices are, all of their words compared.
func (n *node) resembles(o *node) float32 {
	return n.likes(o, n.at.means.dot(&o.at.means), dotTerms(n.row, o.row))
}

// bonds returns how strongly each voice is tied to each of its neighbours: by how
// likely they want the same, squared, and by how many neighbours the two share (Jarvis and
// Patrick 1973). What two voices seem to have in common by chance, no others have;
// among few voices that proves little, as everybody has the same neighbours.
func (c *crowd) bonds() [][]float32 {
	bonds := make([][]float32, len(c.nodes))
	trust := math.Min(float64(len(c.nodes))/many, 1)
	parallel(len(c.nodes), func(i int) {
		n := c.nodes[i]
		bonds[i] = make([]float32, len(n.near))
		ties := c.ties(n)
		for j, l := range n.near {
			both := n.shares(c.nodes[l.to])
			shared := (both + 1.5) / (float32(len(n.near)+len(c.nodes[l.to].near)) - both)
			w := ties[j]
			bonds[i][j] = w * float32(math.Pow(float64(w*shared), trust))
		}
	})
	return bonds
}

// shares counts the neighbours that two voices have in common.
func (n *node) shares(o *node) (both float32) {
	for _, a := range n.near {
		for _, b := range o.near {
			if a.to == b.to {
				both++
				break
			}
		}
	}
	return both
}

// sum adds up the words of voices by their weights.
func (c *crowd) sum(ns []*node) []term {
	s := c.searches.Get().(*search)
	defer c.searches.Put(s)
	var all []term
	for _, n := range ns {
		for _, t := range n.at.plain {
			if s.on(t.n); s.board[t.n] == 0 {
				all = append(all, term{n: t.n})
			}
			s.board[t.n] += t.w * n.weight
		}
	}
	sortTerms(all)
	for i, t := range all {
		all[i].w, s.board[t.n] = s.board[t.n], 0
	}
	return all
}

// on makes the board long enough for a term.
func (s *search) on(n int32) {
	if grow := int(n) + 1 - len(s.board); grow > 0 {
		s.board = append(s.board, make([]float32, grow+len(s.board)/4)...)
	}
}

// norm is the length of a sparse vector.
func norm(ts []term) float32 {
	square := float32(0)
	for _, t := range ts {
		square += t.w * t.w
	}
	return float32(math.Sqrt(float64(square)))
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
