package theme

import (
	"slices"
	"sync"
)

// A posting says that the cluster in a slot has a term, and how much of the
// cluster's centre it makes.
type posting struct {
	slot int32
	w    float32
}

// An index finds the clusters that share rare terms with a voice without
// looking at the others.
type index struct {
	lists [][]posting // by dense number
	slots []*cluster
	free  []int32
	looks sync.Pool // of *look
}

// A look is what one search needs.
type look struct {
	score []float32 // by slot, zero between searches
	hit   []int32
	order []term
}

func newIndex() index { return index{looks: sync.Pool{New: func() any { return new(look) }}} }

// enter gives a cluster a slot.
func (x *index) enter(c *cluster) {
	if n := len(x.free); n > 0 {
		c.slot = x.free[n-1]
		x.free = x.free[:n-1]
		x.slots[c.slot] = c
		return
	}
	c.slot = int32(len(x.slots))
	x.slots = append(x.slots, c)
}

// leave takes a cluster out.
func (x *index) leave(c *cluster) {
	x.unlist(c)
	x.slots[c.slot] = nil
	x.free = append(x.free, c.slot)
}

func (x *index) unlist(c *cluster) {
	for _, n := range c.found {
		list := x.lists[n]
		if i := slices.IndexFunc(list, func(p posting) bool { return p.slot == c.slot }); i >= 0 {
			list[i] = list[len(list)-1]
			x.lists[n] = list[:len(list)-1]
		}
	}
	c.found = c.found[:0]
}

// list makes a cluster findable by its strongest terms.
func (x *index) list(c *cluster, s *stream) {
	x.unlist(c)
	if grow := len(s.id) - len(x.lists); grow > 0 {
		x.lists = append(x.lists, make([][]posting, grow)...)
	}
	for _, t := range strongest(c, s) {
		x.lists[t.n] = append(x.lists[t.n], posting{c.slot, t.w / max(c.norm, 1e-9)})
		c.found = append(c.found, t.n)
	}
}

func strongest(c *cluster, s *stream) []term {
	if len(c.terms) <= indexedTerms {
		return c.terms
	}
	return top(c.terms, indexedTerms, s)
}

const (
	lookAt = 6000 // postings read in one search; the rarest terms come first
	judged = 8    // clusters whose cosine is worked out exactly
)

// near returns the clusters that a point most likely belongs to, likeliest
// first, by the terms in the index alone. Several may search at a time, while
// nobody changes it.
func (x *index) near(p *point) []*cluster {
	l := x.looks.Get().(*look)
	defer x.looks.Put(l)
	if grow := len(x.slots) - len(l.score); grow > 0 {
		l.score = append(l.score, make([]float32, grow)...)
	}
	l.order = append(l.order[:0], p.pull...)
	heaviest(l.order)
	score, hit, read := l.score, l.hit[:0], 0
	for _, t := range l.order {
		if int(t.n) >= len(x.lists) {
			continue
		}
		list := x.lists[t.n]
		if read += len(list); read > lookAt && read > len(list) {
			break
		}
		for _, p := range list {
			was := score[p.slot]
			if was == 0 {
				hit = append(hit, p.slot)
			}
			score[p.slot] = was + t.w*p.w
		}
	}
	l.hit = hit
	return l.best(x.slots)
}

// best picks the highest scores and wipes the board.
func (l *look) best(slots []*cluster) []*cluster {
	var top [judged]posting
	n, least := 0, float32(0)
	for _, slot := range l.hit {
		w := l.score[slot]
		l.score[slot] = 0
		if n == judged && w <= least {
			continue
		}
		n = min(n+1, judged)
		i := n - 1
		for ; i > 0 && top[i-1].w < w; i-- {
			top[i] = top[i-1]
		}
		top[i] = posting{slot, w}
		least = top[n-1].w
	}
	l.hit = l.hit[:0]
	found := make([]*cluster, n)
	for i := range found {
		found[i] = slots[top[i].slot]
	}
	return found
}
