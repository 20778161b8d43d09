package theme

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"sync"
)

const (
	resolution = 3 // of the communities: more makes more and smaller themes

	finest    = 3.5  // resolution among many voices
	many      = 2000 // voices
	scant     = 20   // voices among which twice the resolution is taken
	seam      = 0.72 // modularity at which a community falls apart into its own
	least     = 4    // voices on either side of a seam
	crack     = 0.5  // modularity up to which two communities are one
	aside     = 0.2  // share of the links that go to the other
	closer    = 4    // times as many to see whether a theme holds together
	fewest    = 3    // voices that make a community a theme
	asking    = 2    // of them, those that are of some kind
	firstTime = 24   // voices before they are gathered anew for the first time
	growth    = 0.25 // of the crowd until the next time
	small     = 200  // voices up to which a handful is enough
	handful   = 4    // voices
	busy      = 1000 // voices beyond which it takes twice the growth
	crowded   = 5000 // and beyond which four times
	unlikely  = 0.15 // Fit below which a voice is in no theme at all
	steady    = 0.02 // change of Fit that is not worth telling
)

// due reports whether enough voices came to look at all of them anew.
func (c *Clusterer) due() bool {
	n := len(c.crowd.nodes)
	if n < firstTime {
		return false
	}
	more := growth * float64(min(c.settled, n))
	switch {
	case n <= small:
		more = min(more, handful)
	case n > crowded:
		more *= 4
	case n > busy:
		more *= 2
	}
	return c.since > 0 && float64(c.since) >= more
}

// Settled returns how many voices there were when they were last gathered anew.
func (c *Clusterer) Settled() int { return c.settled }

// Consolidate gathers the recent voices anew, however few came since that was
// done last. It returns the placements that changed; what a person named or touched
// only grows, and what is decided does not change at all.
func (c *Clusterer) Consolidate() []Placement {
	if c.since == 0 && !c.revived {
		return nil
	}
	defer func() {
		for _, th := range c.themes {
			th.still = false
		}
	}()
	for _, th := range c.themes {
		th.still = th.decided
	}
	return c.regroup()
}

// regroup gathers the recent voices anew, by who is near whom instead of in the
// order in which they came. A theme stays the theme that most of its voices go
// to; what a person named, decided or touched keeps all that it has and only
// grows. It returns the placements that changed.
func (c *Clusterer) regroup() []Placement {
	for _, n := range c.crowd.keep(c.cfg.Window, c.stream, c.cfg.Space) {
		if th := n.theme(); th != nil {
			th.recent = false // it lives on without voices that could be gathered
		}
	}
	c.crowd.survey()
	c.thin()
	c.settled, c.since, c.revived = len(c.crowd.nodes), 0, false
	before := make([]placing, len(c.crowd.nodes))
	for i, n := range c.crowd.nodes {
		before[i] = placing{n.theme(), n.fit}
	}
	groups := c.groups()
	homes := c.identify(groups)
	found := c.rehouse(groups, homes, before)
	c.reseed()
	return c.moved(before, found)
}

// mostKnown is how many features are known before those are let go of that are used no
// more. Most of them are words that one person put beside each other, once.
const mostKnown = 300_000

// thin lets go of what no recent voice said and no theme is about.
func (c *Clusterer) thin() {
	if c.Features() < mostKnown {
		return
	}
	used := make([]bool, len(c.stream.id))
	for _, n := range c.crowd.nodes {
		for _, t := range n.at.plain {
			used[t.n] = true
		}
	}
	for _, cl := range c.index.slots {
		if cl == nil {
			continue
		}
		for _, t := range cl.terms {
			used[t.n] = true
		}
		for _, n := range cl.found {
			used[n] = true
		}
	}
	c.stream.forget(used)
}

// A placing is where a voice was, and how well it fitted.
type placing struct {
	theme *cluster
	fit   float64
}

// theme returns the theme of a voice, or nil.
func (n *node) theme() *cluster {
	if n.home == nil || n.home.home().id == 0 {
		return nil
	}
	return n.home.home()
}

// stays reports whether a voice may not be moved from where it is.
func (n *node) stays() bool {
	th := n.theme()
	return th != nil && (n.held || th.fixed)
}

// groups parts the crowd into communities: positions in the crowd by group. The
// voices that stay are one node per theme.
func (c *Clusterer) groups() [][]int32 {
	at := make([]int32, len(c.crowd.nodes))
	knots, count := map[*cluster]int32{}, int32(0)
	for i, n := range c.crowd.nodes {
		if !n.stays() {
			at[i] = count
			count++
			continue
		}
		k, ok := knots[n.theme()]
		if !ok {
			k = count
			knots[n.theme()] = k
			count++
		}
		at[i] = k
	}
	near := make([][]link, count)
	bonds := c.crowd.bonds()
	for i, n := range c.crowd.nodes {
		for j, l := range n.near {
			near[at[i]] = append(near[at[i]], link{at[l.to], bonds[i][j]})
		}
	}
	g := newGraph(near)
	level := resolutionOf(len(c.crowd.nodes))
	var part, fine []int32
	var both sync.WaitGroup
	both.Go(func() { part = communities(g, level) })
	both.Go(func() { fine = communities(g, closer*level) })
	both.Wait()
	g.mended(part, aside, crack)
	g.halved(part, least, seam)
	for i, n := range c.crowd.nodes {
		n.finer = fine[at[i]]
	}
	out := make([][]int32, len(near))
	for i := range c.crowd.nodes {
		p := part[at[i]]
		out[p] = append(out[p], int32(i))
	}
	return slices.DeleteFunc(out, func(g []int32) bool { return len(g) == 0 })
}

// resolutionOf is the resolution of the communities of so many voices. Many are
// parted more finely, as among many there are wishes that differ in one word; a
// handful are, too, as each of them is likely to be of another wish.
func resolutionOf(voices int) float32 {
	n := float32(voices)
	return (resolution + (finest-resolution)*min(n/many, 1)) * (1 + scant/n)
}

// A claim is how many voices of a group are in a theme now.
type claim struct {
	group  int
	theme  *cluster
	voices int
}

// identify decides which theme each group is: the one that most of its voices
// are in, those that must stay first, each theme once. A group without one is
// new if it is large enough to be a theme, and else nil.
func (c *Clusterer) identify(groups [][]int32) []*cluster {
	homes, taken := make([]*cluster, len(groups)), map[*cluster]bool{}
	for _, cl := range c.claims(groups) {
		if homes[cl.group] == nil && !taken[cl.theme] {
			homes[cl.group], taken[cl.theme] = cl.theme, true
		}
	}
	for g, members := range groups {
		if homes[g] == nil && c.worthy(members) {
			homes[g] = &cluster{id: c.cfg.NewID()}
			c.themes[homes[g].id] = homes[g]
			c.index.enter(homes[g])
		}
	}
	return homes
}

func (c *Clusterer) claims(groups [][]int32) []claim {
	var all []claim
	for g, members := range groups {
		votes := map[*cluster]int{}
		for _, i := range members {
			if th := c.crowd.nodes[i].theme(); th != nil {
				votes[th]++
			}
		}
		for th, n := range votes {
			all = append(all, claim{g, th, n})
		}
	}
	fixed := func(c claim) int {
		if c.theme.fixed {
			return 0
		}
		return 1
	}
	slices.SortFunc(all, func(a, b claim) int {
		return cmp.Or(cmp.Compare(fixed(a), fixed(b)), cmp.Compare(b.voices, a.voices), cmp.Compare(a.theme.id, b.theme.id), cmp.Compare(a.group, b.group))
	})
	return all
}

// worthy reports whether voices are enough to be a theme.
func (c *Clusterer) worthy(members []int32) bool {
	asked := 0
	for _, i := range members {
		if c.crowd.nodes[i].item.Kinds != 0 {
			asked++
		}
	}
	return asked >= asking && (len(members) >= fewest || c.pair(members))
}

// pair reports whether two voices agree clearly.
func (c *Clusterer) pair(members []int32) bool {
	if len(members) != 2 {
		return false
	}
	a, b := c.crowd.nodes[members[0]], c.crowd.nodes[members[1]]
	return a.resembles(b) >= strong
}

// rehouse moves the voices to their groups' themes and returns what speaks for
// each there. A theme of which none is left among the recent voices goes into the
// one that got most of them.
func (c *Clusterer) rehouse(groups [][]int32, homes []*cluster, before []placing) []Evidence {
	got, drawn := map[*cluster]map[*cluster]int{}, c.drawn()
	for g, members := range groups {
		for _, i := range members {
			n := c.crowd.nodes[i]
			old, home := n.theme(), homes[g]
			if n.stays() || home == nil && drawn[i] || home != nil && home.still {
				home = old
			}
			if old != nil && home != nil && home != old {
				if got[old] == nil {
					got[old] = map[*cluster]int{}
				}
				got[old][home]++
			}
			n.home = home
		}
	}
	members := c.members()
	c.rebuild(members)
	c.hold()
	for _, old := range slices.SortedFunc(maps.Keys(got), byID) {
		if old.n == 0 && !old.fixed {
			c.dissolve(old, got[old])
		}
	}
	found := c.rejudge(members)
	c.release(before)
	c.baptise(members)
	return found
}

func byID(a, b *cluster) int { return cmp.Compare(a.id, b.id) }

// drawn returns for each voice whether most of its neighbours are in its theme.
func (c *Clusterer) drawn() []bool {
	drawn := make([]bool, len(c.crowd.nodes))
	parallel(len(drawn), func(i int) {
		if th := c.crowd.nodes[i].theme(); th != nil {
			shares := c.shares(c.crowd.nodes[i])
			at := indexOf(shares, th)
			drawn[i] = at >= 0 && shares[at].share >= 0.5
		}
	})
	return drawn
}

// dissolve lets a theme go into the one that got most of its voices.
func (c *Clusterer) dissolve(old *cluster, got map[*cluster]int) {
	var into *cluster
	for _, th := range slices.SortedFunc(maps.Keys(got), byID) {
		if !c.judgedPair(old.id, th.id) && (into == nil || got[th] > got[into]) {
			into = th
		}
	}
	if into == nil {
		return // a person told it from all of them: it stays, without voices
	}
	c.index.leave(old)
	old.into, old.voices = into, nil
	c.touch(old)
}

// members returns the recent voices of each theme that has any.
func (c *Clusterer) members() map[*cluster][]*node {
	members := map[*cluster][]*node{}
	for _, n := range c.crowd.nodes {
		if th := n.theme(); th != nil {
			members[th] = append(members[th], n)
		}
	}
	return members
}

// rebuild works out the centres of the themes that have recent voices from
// those alone: what was said lately tells best what will be said next. A theme
// whose voices all went elsewhere is emptied; one whose voices were too long ago
// remains as it was. No theme is young any more: all its voices are judged now.
func (c *Clusterer) rebuild(members map[*cluster][]*node) {
	var full []*cluster
	for _, id := range slices.Sorted(maps.Keys(c.themes)) {
		cl := c.themes[id]
		cl.voices = nil
		switch {
		case cl.into != nil, cl.still:
		case len(members[cl]) > 0:
			full = append(full, cl)
		case cl.recent:
			cl.clear()
		}
	}
	parallel(len(full), func(i int) { c.refill(full[i], members[full[i]]) })
	for _, cl := range full {
		c.index.list(cl, c.stream)
		c.touch(cl)
	}
}

// refill makes a theme of exactly these voices.
func (c *Clusterer) refill(cl *cluster, ns []*node) {
	cl.clear()
	cl.recent = true
	for _, n := range ns {
		n.weight = 1
		if n.held {
			n.weight = taught
		}
		cl.count(n)
	}
	cl.terms = c.crowd.sum(ns)
	cl.weigh(c.stream)
	for _, n := range ns {
		cl.close += cl.see(&n.at, n.weight).likes / float32(len(ns))
	}
	cl.next = cl.n * 1.4
}

// gather adds a voice to a cluster.
func (c *cluster) gather(n *node) {
	c.add(n.at.plain, n.weight)
	c.count(n)
}

// count adds all of a voice but its words to the sums of a cluster.
func (c *cluster) count(n *node) {
	for i, x := range n.at.means {
		c.means[i] += n.weight * x
	}
	c.known += n.weight * n.at.known
	c.far.take(n.at.far, n.weight)
	c.n++
	c.core += n.weight
	c.long += n.at.long * n.weight
	c.countKinds(n.item.Kinds, 1)
	c.countLang(n.item.Lang)
	c.manner.add(n.shape)
}

// hold works out for each voice how much of its theme holds together with it.
func (c *Clusterer) hold() {
	type bit struct {
		theme *cluster
		finer int32
	}
	size, all := map[bit]float32{}, map[*cluster]float32{}
	for _, n := range c.crowd.nodes {
		if th := n.theme(); th != nil {
			size[bit{th, n.finer}]++
			all[th]++
		}
	}
	for _, n := range c.crowd.nodes {
		if th := n.theme(); th != nil {
			n.part, n.whole = th, size[bit{th, n.finer}]/all[th]
		}
	}
}

// release lets go the voices that came to a theme just now and hardly fit.
func (c *Clusterer) release(before []placing) {
	for i, n := range c.crowd.nodes {
		if n.theme() != nil && before[i].theme == nil && n.fit < unlikely {
			n.home = nil
		}
	}
}

// reseed makes the voices without a theme the single ones that wait, the latest
// of them.
func (c *Clusterer) reseed() {
	for _, s := range slices.Clone(c.pool) {
		c.forget(s)
	}
	var single []*node
	for _, n := range c.crowd.nodes {
		if n.theme() == nil {
			n.home = nil
			single = append(single, n)
		}
	}
	for _, n := range single[max(len(single)-c.cfg.Pool, 0):] {
		if t := c.copies.of(n.item.ID); t != nil {
			t.home = c.seed(n)
		}
	}
}

// moved returns the placements of the voices that are elsewhere than before, or
// fit there better or worse, and of their copies.
func (c *Clusterer) moved(before []placing, found []Evidence) []Placement {
	var placed []Placement
	for i, n := range c.crowd.nodes {
		th := n.theme()
		switch {
		case n.held, th == before[i].theme && (th == nil || math.Abs(n.fit-before[i].fit) < steady):
			continue
		case th == nil:
			p := Placement{Voice: n.item.ID, Left: true}
			placed = append(append(placed, p), c.follow(p)...)
			continue
		}
		delete(c.again, n.item.ID)
		p := Placement{Voice: n.item.ID, Theme: th.id, Fit: n.fit, New: before[i].theme == nil, Evidence: found[i]}
		placed = append(append(placed, p), c.follow(p)...)
	}
	return placed
}
