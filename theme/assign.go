package theme

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"lastword/internal/text"
)

// A newcomer is a voice on its way to its place.
type newcomer struct {
	item   Item
	vector Vector
	plain  []term // its words; those that the stream never heard without a number until they are learnt
	clues  []clue
	sig    signature
	long   bool // enough words for sig
	copyOf int64
	shape  shape
	text   *heardText // nil for a near-copy
	node   *node      // nil for a near-copy

	// Where it belongs as things stood before the others came; nil where that has to
	// be found out when it is its turn.
	best *cluster
	why  Evidence
}

// Assign places one voice. The placements are those that changed: that of the
// voice itself comes first, and those of earlier voices follow when the voice
// founds a theme with them, or lets them be judged better. A voice of no kind
// joins what others began but founds nothing. One that was assigned before has
// no placement.
func (c *Clusterer) Assign(v Item) []Placement { return c.assign(arriving([]Item{v}), nil) }

const (
	mostAtOnce  = 256 // voices that are placed at once
	shareAtOnce = 16  // and at most one for so many that are known, so that they find each other
)

// AssignBatch places voices in order and returns the last placement of each
// that changed, in the order in which they were first placed.
func (c *Clusterer) AssignBatch(vs []Item) []Placement { return c.assignAll(arriving(vs)) }

// arriving reads voices as far as that needs no Clusterer.
func arriving(vs []Item) []newcomer {
	all := make([]newcomer, len(vs))
	parallel(len(vs), func(i int) {
		n := &all[i]
		n.item = vs[i]
		n.item.tokens = text.Tokens(n.item.Text)
		n.clues, n.shape = clues(n.item), shapeOf(n.item)
		n.sig, n.long = sign(n.item)
	})
	return all
}

// assignAll is AssignBatch, of voices that were read.
func (c *Clusterer) assignAll(vs []newcomer) []Placement {
	var placed []Placement
	at := map[int64]int{}
	note := func(ps []Placement) {
		for _, p := range ps {
			i, ok := at[p.Voice]
			if !ok {
				i = len(placed)
				at[p.Voice] = i
				placed = append(placed, p)
			}
			p.New = p.New || placed[i].New
			placed[i] = p
		}
	}
	for len(vs) > 0 {
		n := c.atOnce(len(vs))
		note(c.assign(vs[:n], vs[n:]))
		vs = vs[n:]
	}
	if n := len(c.crowd.nodes); c.since > 0 && n >= firstTime && n <= small {
		note(c.regroup()) // few voices are soon gathered, and each counts
	}
	for i := range placed {
		placed[i].Theme = c.Home(placed[i].Theme)
	}
	return placed
}

// atOnce is how many of some voices are placed at once.
func (c *Clusterer) atOnce(voices int) int {
	return min(voices, max(len(c.crowd.nodes)/shareAtOnce, 1), mostAtOnce, max(c.cfg.Copies/4, 1))
}

// assign lets all of some voices enter before the first of them is placed: so
// most of the work can be done for many at once. While they are placed one after
// the other, those of the voices behind them that are next are embedded.
func (c *Clusterer) assign(vs, behind []newcomer) []Placement {
	var placed []Placement
	all := make([]newcomer, 0, len(vs))
	for _, n := range vs {
		back, known := c.returned(n.item.ID)
		placed = append(placed, back...)
		if !known {
			all = append(all, n)
		}
	}
	c.embed(all)
	first := len(c.crowd.nodes)
	c.enter(all)
	c.foresee(all, first)
	due := c.due()
	var next sync.WaitGroup
	if !due { // else what is known of words changes before it is their turn
		next.Go(func() { c.embed(behind[:c.atOnce(len(behind))]) })
	}
	for i := range all {
		if n := &all[i]; n.copyOf != 0 {
			placed = append(placed, c.copied(*n))
		} else if n.node != nil {
			placed = append(placed, c.place(n)...)
		}
	}
	if next.Wait(); due {
		placed = append(placed, c.regroup()...)
	}
	return placed
}

// embed tells what newcomers say, of which that is not known yet.
func (c *Clusterer) embed(all []newcomer) {
	parallel(len(all), func(i int) {
		if n := &all[i]; n.vector == nil {
			n.vector = c.cfg.Embedder.Embed(n.item, c.stream.heard)
			n.plain, n.item.tokens = c.stream.known(n.vector), nil
		}
	})
}

// foresee finds the themes of newcomers for all of them at once, from the first of
// them in the crowd on. Who is near to another newcomer waits for that one's place,
// and so does who belongs to a seed, which each voice may change.
func (c *Clusterer) foresee(all []newcomer, first int) {
	if len(all) < few {
		return
	}
	parallel(len(all), func(i int) {
		n := &all[i]
		if n.node == nil {
			return
		}
		c.crowd.ties(n.node) // they stay as they are
		if slices.ContainsFunc(n.node.near, func(l link) bool { return int(l.to) >= first }) {
			return
		}
		if best, why := c.judge(n.node); best != nil && best.id != 0 {
			n.best, n.why = best, why
		}
	})
}

// returned places a voice that was assigned before; known is false for one that
// needs a place as if it were new.
func (c *Clusterer) returned(id int64) (placed []Placement, known bool) {
	t := c.copies.of(id)
	switch {
	case t == nil:
		return nil, false
	case !c.again[id]:
		return nil, true
	case t.home == nil || t.home.lost:
		return nil, false
	}
	c.since++
	return c.wait(id, t.home), true
}

// enter learns from newcomers and lets them meet the voices that are there, and
// each other.
func (c *Clusterer) enter(all []newcomer) {
	var fresh []*newcomer
	for i := range all {
		n := &all[i]
		if t := c.copies.of(n.item.ID); t != nil && !c.again[n.item.ID] {
			continue // twice in one batch
		}
		if c.copy(n) {
			continue
		}
		c.since++
		n.text = c.copies.keep(heardText{voice: n.item.ID, sig: n.sig, long: n.long})
		if c.again[n.item.ID] {
			c.stream.numbered(n.vector, n.plain)
		} else {
			c.stream.learn(n.vector, n.plain)
			c.nouns.learn(n.clues)
		}
		delete(c.again, n.item.ID)
		if n.node = c.crowd.of(n.item.ID); n.node == nil {
			n.node = &node{item: n.item, shape: n.shape}
			fresh = append(fresh, n)
		}
	}
	nodes := make([]*node, len(fresh))
	parallel(len(fresh), func(i int) {
		nodes[i] = fresh[i].node
		nodes[i].at = c.stream.point(fresh[i].vector, fresh[i].plain, fresh[i].item.Lang)
		nodes[i].at.far = c.cfg.Space.bearing(nodes[i].item.Far, nodes[i].item.Lang)
	})
	for _, n := range nodes {
		c.stream.mix(&n.at)
	}
	c.crowd.enter(nodes, c.stream)
}

// copy reports whether a newcomer is a near-copy, and notes of which.
func (c *Clusterer) copy(n *newcomer) bool {
	if !n.long {
		return false
	}
	t := c.copies.original(&n.sig, n.item.ID)
	if t != nil {
		n.copyOf = t.voice
	}
	return t != nil
}

// copied places a near-copy where its original is.
func (c *Clusterer) copied(n newcomer) Placement {
	p, kept := Placement{Voice: n.item.ID, CopyOf: n.copyOf}, heardText{voice: n.item.ID, original: n.copyOf}
	if t := c.copies.of(n.copyOf); t != nil {
		kept.home, kept.fit = t.home, t.fit
		if t.home != nil && t.home.home().id != 0 {
			p.Theme, p.Fit = t.home.home().id, t.fit
		}
	}
	c.copies.keep(kept)
	return p
}

// wait places a voice that came back with a restart, and sits in a seed with
// those it agrees with, or alone.
func (c *Clusterer) wait(id int64, seed *cluster) []Placement {
	delete(c.again, id)
	if !seed.ready() {
		return []Placement{{Voice: id}}
	}
	placed := c.found(seed)
	own := slices.IndexFunc(placed, func(p Placement) bool { return p.Voice == id })
	placed[0], placed[own] = placed[own], placed[0]
	return placed
}

// few things are not worth to be done several at once.
const few = 16

// parallel does n things, several at once where that is worth it. They must not
// depend on each other. Whoever is free takes the next one, the caller included: it
// does not wait for a helper that the machine has no time for yet.
func parallel(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n/few)
	if workers < 2 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			do(i)
		}
	}
	var helpers sync.WaitGroup
	for range workers - 1 {
		helpers.Go(work)
	}
	work()
	helpers.Wait()
}
