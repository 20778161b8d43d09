package theme

import (
	"cmp"
	"slices"

	"lastword"
)

// Config is what a Clusterer needs from outside.
type Config struct {
	Names    []string        // the company's own; they weigh nothing
	Lang     string          // in which themes are named where enough of their voices are
	NewID    func() int64    // ids for new themes; required
	Embedder Embedder        // nil means NewTerms(Names)
	Sense    *Sense          // what words mean; nil means LoadSense()
	Pool     int             // single voices kept waiting; 0 means 3,000
	Copies   int             // recent texts that may be copied; 0 means 20,000
	Window   int             // recent voices that are compared with each other; 0 means 20,000
	Space    *Space          // of the items' Far; nil means that they have none
	Judged   []lastword.Pair // what people said of pairs of themes, the latest first
	Settled  int             // voices there were when they were last gathered anew; see Clusterer.Settled
}

// A Placement says where a voice is now.
type Placement struct {
	Voice    int64
	Theme    int64    // 0 = none yet
	Fit      float64  // calibrated, 0…1; compare with lastword.Sure
	CopyOf   int64    // the voice it is a near-copy of, or 0
	Left     bool     // it left its theme for none
	New      bool     // the theme was founded with this placement
	Evidence Evidence // zero for a copy, which fits as its original does
}

// A Clusterer places voices into themes as they come, and now and then gathers
// the recent ones anew. It is deterministic and not safe for concurrent use.
type Clusterer struct {
	cfg     Config
	stream  *stream
	index   index
	crowd   *crowd
	themes  map[int64]*cluster
	openers [][]opener // by dense number of a word, the themes that it opens, best first; while all are gathered
	nouns   nouns
	copies  *copies
	pool    []*cluster // seeds, oldest first
	again   map[int64]bool
	settled int             // size of the crowd when it was last gathered
	since   int             // voices that came after
	revived bool            // restored, and not gathered anew since
	own     map[string]bool // words of the company's names
	house   map[string]bool // of them, those of its first name, which name no theme
	unsaved []*cluster      // changed since the last call of Changed
}

// Where one theme ends and the next begins, as likenesses 0…1. Chosen on the
// calibration half of the intents and by reading what real posts gather into.
const (
	join   = 0.45 // least to belong at all, perhaps as a doubtful voice
	firm   = 0.50 // least to move a theme's centre with full weight
	pull   = 0.30 // the weight of a voice that only leans towards a theme
	strong = 0.50 // least at which two voices alone are a theme
	ripe   = 8    // voices at which a theme's first ones are judged again
	likely = 0.40 // least Fit at which a voice joins a theme before all are gathered anew
)

// New returns a Clusterer without themes.
func New(cfg Config) *Clusterer {
	if cfg.Embedder == nil {
		cfg.Embedder = NewTerms(cfg.Names)
	}
	if cfg.Sense == nil {
		cfg.Sense = LoadSense()
	}
	cfg.Pool, cfg.Copies, cfg.Window = cmp.Or(cfg.Pool, 3000), cmp.Or(cfg.Copies, 20000), cmp.Or(cfg.Window, 20000)
	return &Clusterer{
		cfg: cfg, index: newIndex(), stream: newStream(cfg.Sense).tasting(tasteOf(cfg.Judged)), crowd: newCrowd(), themes: map[int64]*cluster{}, nouns: nouns{},
		copies: newCopies(cfg.Copies), again: map[int64]bool{}, own: NewTerms(cfg.Names).own, house: NewTerms(cfg.Names[:min(len(cfg.Names), 1)]).own, settled: cfg.Settled,
	}
}

// place finds the best home for a voice and settles it there.
func (c *Clusterer) place(from *newcomer) []Placement {
	n, t := from.node, from.text
	best, e := from.best, from.why
	if best == nil {
		best, e = c.judge(n)
	}
	if best == nil || !e.belongs() || best.id != 0 && e.Fit() < likely || best.id == 0 && n.item.Kinds == 0 {
		t.home = c.seed(n)
		return []Placement{{Voice: n.item.ID}}
	}
	t.home, t.fit = best, best.fit(e)
	c.lean(best, n, e)
	switch {
	case best.id == 0 && best.ready():
		return c.found(best)
	case best.id == 0:
		return []Placement{{Voice: n.item.ID}}
	case best.n == ripe:
		return c.settle(best, false)
	}
	return []Placement{{Voice: n.item.ID, Theme: best.id, Fit: t.fit, Evidence: e}}
}

// lean adds a voice to the cluster that it agrees with.
func (c *Clusterer) lean(best *cluster, n *node, e Evidence) {
	n.home, n.fit, n.weight = best, best.fit(e), leaning(e)
	c.take(best, n, float32(e.Likes))
	best.tight = max(best.tight, float32(e.Likes))
	if best.id == 0 || best.n <= ripe {
		best.voices = append(best.voices, n)
	}
}

// leaning is how much a voice counts for the centre of its theme.
func leaning(e Evidence) float32 {
	if e.Likes < firm {
		return pull
	}
	return 1
}

// ready reports whether a seed has become a theme: two voices that agree
// clearly, or three that agree.
func (c *cluster) ready() bool { return c.n >= 3 || c.n >= 2 && c.tight >= strong }

// seed puts a voice that agrees with none into the pool, in place of the oldest.
// One of no kind waits alone.
func (c *Clusterer) seed(n *node) *cluster {
	if len(n.at.plain) == 0 || n.item.Kinds == 0 {
		return nil
	}
	s := &cluster{}
	c.index.enter(s)
	n.home, n.weight = s, 1
	c.take(s, n, 1)
	s.voices = append(s.voices, n)
	if len(c.pool) >= c.cfg.Pool {
		c.forget(c.pool[0])
	}
	c.pool = append(c.pool, s)
	return s
}

func (c *Clusterer) forget(s *cluster) {
	if i := slices.Index(c.pool, s); i >= 0 {
		c.pool = slices.Delete(c.pool, i, i+1)
		c.index.leave(s)
		s.lost = true
		for _, n := range s.voices {
			if n.home == s {
				n.home = nil
			}
		}
	}
}

// take adds a voice to a cluster and, at certain sizes, indexes and names it
// anew: at each half more, so that the work per voice stays constant. A voice
// that only leans towards a theme hardly moves its centre, so that the theme
// does not drift away from what its sure voices want.
func (c *Clusterer) take(cl *cluster, n *node, likes float32) {
	cl.close = (cl.close*cl.core + likes*n.weight) / (cl.core + n.weight)
	cl.gather(n)
	cl.weigh(c.stream)
	c.touch(cl)
	if cl.id != 0 && (c.settled == 0 || cl.n <= ripe) { // else it is named with all the others
		cl.vote(c.spoken(n))
	}
	if cl.n >= cl.next {
		cl.next = max(cl.n+1, cl.n*1.4)
		c.index.list(cl, c.stream)
		c.rename(cl)
	}
}

// touch notes that a theme changed.
func (c *Clusterer) touch(cl *cluster) {
	if cl.id == 0 || cl.dirty {
		return
	}
	cl.dirty = true
	c.unsaved = append(c.unsaved, cl)
}

// found makes a seed a theme and places its voices, the last come first, and
// the copies of them that were heard meanwhile.
func (c *Clusterer) found(cl *cluster) []Placement {
	cl.id, cl.recent = c.cfg.NewID(), true
	c.themes[cl.id] = cl
	c.touch(cl)
	c.pool = slices.DeleteFunc(c.pool, func(s *cluster) bool { return s == cl })
	for _, n := range cl.voices {
		cl.vote(c.spoken(n))
	}
	c.christen(cl, itemsOf(cl.voices))
	return c.settle(cl, true)
}

// settle judges the voices of a young theme by all the others of it, those that
// came before included: what two voices have in common says less than what
// eight have. Those that the crowd let go keep the judgement they have, for
// nobody knows their neighbours any more.
func (c *Clusterer) settle(cl *cluster, fresh bool) []Placement {
	var placed []Placement
	for _, n := range slices.Backward(cl.voices) {
		delete(c.again, n.item.ID)
		p := Placement{Voice: n.item.ID, Theme: cl.id, New: fresh}
		if len(n.near) > 0 {
			p.Evidence = c.evidence(n, cl, c.rivals(n))
			n.fit = cl.fit(p.Evidence)
		}
		p.Fit = n.fit
		placed = append(placed, p)
	}
	for _, p := range placed {
		placed = append(placed, c.follow(p)...)
	}
	if cl.n >= ripe {
		cl.voices = nil
	}
	return placed
}

// follow remembers a placement and returns those of the voice's copies.
func (c *Clusterer) follow(p Placement) []Placement {
	t := c.copies.of(p.Voice)
	if t == nil {
		return nil
	}
	t.fit = p.Fit
	if p.Theme != 0 {
		t.home = c.themes[p.Theme]
	}
	var placed []Placement
	for _, id := range t.copies {
		if copied := c.copies.of(id); copied != nil {
			copied.fit, copied.home = p.Fit, t.home
			placed = append(placed, Placement{Voice: id, Theme: p.Theme, Fit: p.Fit, CopyOf: p.Voice, New: p.New, Left: p.Left})
		}
	}
	return placed
}
