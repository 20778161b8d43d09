package theme

import (
	"cmp"
	"slices"
)

// A graph joins each node with others, in both directions, by dense numbers.
type graph struct {
	links [][]link
	self  []float32 // weight of a node's links to itself, each end counted
}

// newGraph joins nodes both ways, whichever of the two knows the other.
func newGraph(near [][]link) *graph {
	type edge struct {
		a, b int32
		w    float32
	}
	var es []edge
	for i, ls := range near {
		for _, l := range ls {
			es = append(es, edge{min(int32(i), l.to), max(int32(i), l.to), l.w})
		}
	}
	slices.SortFunc(es, func(x, y edge) int { return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b)) })
	g := &graph{links: make([][]link, len(near)), self: make([]float32, len(near))}
	for i := 0; i < len(es); {
		e := es[i]
		for i++; i < len(es) && es[i].a == e.a && es[i].b == e.b; i++ {
			e.w += es[i].w
		}
		if e.a == e.b {
			g.self[e.a] += 2 * e.w
			continue
		}
		g.links[e.a] = append(g.links[e.a], link{e.b, e.w})
		g.links[e.b] = append(g.links[e.b], link{e.a, e.w})
	}
	return g
}

// communities parts a graph into groups that are joined within more than chance
// would have it, by modularity (Newman and Girvan 2004), with the method of
// Louvain (Blondel et al. 2008). A higher resolution makes more and smaller
// groups. It returns the group of each node, numbered from 0.
func communities(g *graph, resolution float32) []int32 {
	of := make([]int32, len(g.links))
	for i := range of {
		of[i] = int32(i)
	}
	for level := g; ; {
		part := singly(len(level.links))
		if !level.improve(part, resolution) {
			break
		}
		n := renumber(part)
		for i := range of {
			of[i] = part[of[i]]
		}
		level = level.fold(part, n)
	}
	g.improve(of, resolution) // once more voice by voice, now that the groups are known
	renumber(of)
	return of
}

// halved parts each group that falls apart into groups of its own: those found
// within it alone are kept if its modularity by them is at least seam of what so
// many groups can have at most. A group of fewer than twice least is left whole.
func (g *graph) halved(part []int32, least int, seam float32) {
	members := make([][]int32, renumber(part))
	for i, p := range part {
		members[p] = append(members[p], int32(i))
	}
	next := int32(len(members))
	for _, ms := range members {
		if len(ms) < 2*least {
			continue
		}
		sub := g.among(ms)
		of := communities(sub, 1)
		if k := float32(renumber(of)); k < 2 || sub.modularity(of) < seam*(1-1/k) {
			continue
		}
		for i, m := range ms {
			part[m] = next + of[i]
		}
		next += int32(len(ms))
	}
	renumber(part)
}

// mended joins groups again where parting them tells hardly more than chance: a
// high resolution cuts what half of the people speak of. Of two groups of which
// one has at least a share of its links to the other, the modularity that they
// have alone must be at least crack of the most that two such groups can have.
func (g *graph) mended(part []int32, share, crack float32) {
	for {
		n := renumber(part)
		level := g.fold(part, n)
		degree, _ := level.degrees()
		a, b, least := int32(0), int32(0), crack
		for i, ls := range level.links {
			for _, l := range ls {
				if int32(i) < l.to && l.w >= share*min(degree[i], degree[l.to]) {
					if c := apart(level.self[i], level.self[l.to], l.w); c < least {
						a, b, least = int32(i), l.to, c
					}
				}
			}
		}
		if a == b {
			return
		}
		for i, p := range part {
			if p == b {
				part[i] = a
			}
		}
	}
}

// apart is the modularity of two groups with the weight within each, both ends
// counted, and that between them, as a share of what it would be without the
// latter.
func apart(a, b, between float32) float32 {
	total := a + b + 2*between
	x, y := (a+between)/total, (b+between)/total
	chance := x*x + y*y
	return ((a+b)/total - chance) / max(1-chance, 1e-9)
}

// among returns the graph of some nodes alone.
func (g *graph) among(nodes []int32) *graph {
	at := make(map[int32]int32, len(nodes))
	for i, n := range nodes {
		at[n] = int32(i)
	}
	sub := &graph{links: make([][]link, len(nodes)), self: make([]float32, len(nodes))}
	for i, n := range nodes {
		sub.self[i] = g.self[n]
		for _, l := range g.links[n] {
			if to, ok := at[l.to]; ok {
				sub.links[i] = append(sub.links[i], link{to, l.w})
			}
		}
	}
	return sub
}

// modularity is how much more of a graph's weight lies within groups than chance
// would put there (Newman and Girvan 2004).
func (g *graph) modularity(part []int32) float32 {
	degree, total := g.degrees()
	if total == 0 {
		return 0
	}
	sum, within := make([]float32, len(part)), float32(0)
	for i, p := range part {
		sum[p] += degree[i]
		within += g.self[i]
		for _, l := range g.links[i] {
			if part[l.to] == p {
				within += l.w
			}
		}
	}
	q := within / total
	for _, s := range sum {
		q -= s / total * s / total
	}
	return q
}

func singly(n int) []int32 {
	part := make([]int32, n)
	for i := range part {
		part[i] = int32(i)
	}
	return part
}

// degrees returns the weight at each node and of all.
func (g *graph) degrees() (by []float32, total float32) {
	by = slices.Clone(g.self)
	for i, ls := range g.links {
		for _, l := range ls {
			by[i] += l.w
		}
		total += by[i]
	}
	return by, total
}

// A mover moves nodes between groups.
type mover struct {
	graph      *graph
	part       []int32
	degree     []float32
	sum        []float32 // of the degrees in each group
	per        float32   // resolution over all weight
	toward     []float32 // by group, the weight of one node's links to it
	neighbours []int32   // groups of one node's neighbours, its own first
}

const (
	mostSweeps = 30
	most       = 0.5 // share of a node's links that is enough for any group
)

// improve moves nodes to the group of most gain until none moves, and reports
// whether any did.
func (g *graph) improve(part []int32, resolution float32) (moved bool) {
	m := mover{graph: g, part: part, sum: make([]float32, len(part)), toward: make([]float32, len(part))}
	var total float32
	m.degree, total = g.degrees()
	if total == 0 {
		return false
	}
	m.per = resolution / total
	for i, p := range part {
		m.sum[p] += m.degree[i]
	}
	for range mostSweeps {
		again := false
		for i := range part {
			again = m.move(int32(i)) || again
		}
		if !again {
			break
		}
		moved = true
	}
	return moved
}

// move puts one node where it gains most.
func (m *mover) move(i int32) bool {
	own := m.part[i]
	m.neighbours = append(m.neighbours[:0], own)
	for _, l := range m.graph.links[i] {
		p := m.part[l.to]
		if m.toward[p] == 0 && p != own {
			m.neighbours = append(m.neighbours, p)
		}
		m.toward[p] += l.w
	}
	m.sum[own] -= m.degree[i]
	best, top := own, m.gain(i, own)
	for _, p := range m.neighbours[1:] {
		if gain := m.gain(i, p); gain > top+1e-6 {
			best, top = p, gain
		}
	}
	for _, p := range m.neighbours {
		m.toward[p] = 0
	}
	m.sum[best] += m.degree[i]
	m.part[i] = best
	return best != own
}

// gain is what a node adds to the modularity by being in a group. However large
// the group is, a node is welcome there whose links mostly go to it: without that
// no group could hold more than one part in resolution of all links, and what
// half of the people speak of would be cut to pieces.
func (m *mover) gain(i, group int32) float32 {
	return m.toward[group] - m.degree[i]*min(m.per*m.sum[group], most)
}

// renumber gives the groups numbers from 0 in the order of their first node, and
// returns how many there are.
func renumber(part []int32) int {
	number := map[int32]int32{}
	for i, p := range part {
		if _, ok := number[p]; !ok {
			number[p] = int32(len(number))
		}
		part[i] = number[p]
	}
	return len(number)
}

// fold makes each group one node.
func (g *graph) fold(part []int32, n int) *graph {
	near := make([][]link, n)
	out := &graph{self: make([]float32, n)}
	for i, ls := range g.links {
		out.self[part[i]] += g.self[i]
		for _, l := range ls {
			switch {
			case part[l.to] == part[i]:
				out.self[part[i]] += l.w
			case part[i] < part[l.to]:
				near[part[i]] = append(near[part[i]], link{part[l.to], l.w})
			}
		}
	}
	out.links = newGraph(near).links
	return out
}
