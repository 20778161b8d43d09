package theme

import (
	"slices"

	"lastword"
)

// Config is what a Clusterer needs from outside.
type Config struct {
	Names    []string     // the company's own; they weigh nothing
	NewID    func() int64 // ids for new themes; required
	Embedder Embedder     // nil means NewTerms(Names)
	Pool     int          // single voices kept waiting; 0 means 3,000
	Copies   int          // recent texts that may be copied; 0 means 20,000
}

// A Placement says where a voice is now.
type Placement struct {
	Voice    int64
	Theme    int64    // 0 = none yet
	Fit      float64  // calibrated, 0…1; compare with lastword.Sure
	CopyOf   int64    // the voice it is a near-copy of, or 0
	New      bool     // the theme was founded with this placement
	Evidence Evidence // zero for a copy, which fits as its original does
}

// A Clusterer places voices into themes as they come. It is deterministic and
// not safe for concurrent use.
type Clusterer struct {
	cfg     Config
	stream  *stream
	index   index
	themes  map[int64]*cluster
	nouns   nouns
	copies  *copies
	pool    []*cluster // seeds, oldest first
	again   map[int64]bool
	count   int
	own     map[string]bool // words of the company's names
	unsaved []*cluster      // changed since the last call of Changed
	moved   []*cluster      // changed since the last tidying
}

// Where one theme ends and the next begins, as likenesses 0…1. Chosen on the
// calibration half of the intents and by reading what real posts gather into.
const (
	join   = 0.40 // least to belong at all, perhaps as a doubtful voice
	firm   = 0.50 // least to move a theme's centre with full weight
	pull   = 0.30 // the weight of a voice that only leans towards a theme
	strong = 0.50 // least at which two voices alone are a theme
	ripe   = 8    // voices at which a theme's first ones are judged again
	tidyAt = 512  // voices between two looks for themes to be joined
)

// New returns a Clusterer without themes.
func New(cfg Config) *Clusterer {
	if cfg.Embedder == nil {
		cfg.Embedder = NewTerms(cfg.Names)
	}
	if cfg.Pool <= 0 {
		cfg.Pool = 3000
	}
	if cfg.Copies <= 0 {
		cfg.Copies = 20000
	}
	return &Clusterer{
		cfg: cfg, stream: newStream(), themes: map[int64]*cluster{}, nouns: nouns{},
		copies: newCopies(cfg.Copies), again: map[int64]bool{}, own: NewTerms(cfg.Names).own,
	}
}

// Assign places one voice. The placements are those that changed: that of the
// voice itself comes first, and those of earlier voices follow when the voice
// founds a theme with them, or lets them be judged better. A voice of no kind
// has none, nor has one that was assigned before.
func (c *Clusterer) Assign(v Item) []Placement {
	if v.Kinds == 0 {
		return nil
	}
	known := c.copies.of(v.ID)
	switch {
	case known != nil && !c.again[v.ID]:
		return nil
	case known != nil && known.home != nil && !known.home.lost:
		return c.wait(v.ID, known.home)
	}
	x := c.cfg.Embedder.Embed(v, c.stream.heard)
	sig, long := sign(v.Text)
	if long {
		if t := c.copies.original(&sig, v.ID); t != nil {
			return []Placement{c.copied(v.ID, t)}
		}
	}
	if !c.again[v.ID] {
		c.stream.learn(x)
		c.nouns.learn(v)
	}
	delete(c.again, v.ID)
	t := c.copies.keep(heardText{voice: v.ID, sig: sig, long: long})
	placed := c.place(member{item: v, at: c.stream.point(x)}, t)
	c.tidy()
	return placed
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

// copied places a near-copy where its original is.
func (c *Clusterer) copied(id int64, t *heardText) Placement {
	p := Placement{Voice: id, CopyOf: t.voice}
	if t.home != nil && t.home.home().id != 0 {
		p.Theme, p.Fit = t.home.home().id, t.fit
	}
	c.copies.keep(heardText{voice: id, original: t.voice, home: t.home, fit: t.fit})
	return p
}

// place finds the best home for a voice and settles it there.
func (c *Clusterer) place(m member, t *heardText) []Placement {
	best, e := c.judge(m, nil)
	if best == nil || e.Likes < join {
		t.home = c.seed(m)
		return []Placement{{Voice: m.item.ID}}
	}
	t.home, t.fit = best, e.Fit()
	c.lean(best, m, e)
	switch {
	case best.id == 0 && best.ready():
		return c.found(best)
	case best.id == 0:
		return []Placement{{Voice: m.item.ID}}
	case best.n == ripe:
		return c.settle(best, false)
	}
	return []Placement{{Voice: m.item.ID, Theme: best.id, Fit: t.fit, Evidence: e}}
}

// lean adds a voice to the cluster that it agrees with.
func (c *Clusterer) lean(best *cluster, m member, e Evidence) {
	m.w = 1
	if e.Likes < firm {
		m.w = pull
	}
	c.take(best, m, float32(e.Likes))
	best.tight = max(best.tight, float32(e.Likes))
	if best.id == 0 || best.n <= ripe {
		best.voices = append(best.voices, m)
	}
}

// ready reports whether a seed has become a theme: two voices that agree
// clearly, or three that agree.
func (c *cluster) ready() bool { return c.n >= 3 || c.n >= 2 && c.tight >= strong }

// judge returns the cluster that fits a voice best and what speaks for it.
// Where self is given, it is judged as the voice's home.
func (c *Clusterer) judge(m member, self *cluster) (*cluster, Evidence) {
	var best *cluster
	first, second := float32(0), float32(0)
	if self != nil {
		best, first = self, self.likes(m.at, m.w)
	}
	for _, cl := range c.index.near(m.at) {
		if cl == self || cl.praises() != (m.item.Kinds == lastword.Praise) {
			continue
		}
		s := cl.likes(m.at, 0)
		switch {
		case self == nil && s > first:
			second = rival(best, first, second)
			best, first = cl, s
		default:
			second = rival(cl, s, second)
		}
	}
	if best == nil {
		return nil, Evidence{}
	}
	e := Evidence{Likes: float64(first), Cosine: float64(best.cosine(m.at, m.w)), Ahead: float64(first - second), Close: float64(best.close),
		Voices: float64(best.core), Mass: float64(m.at.mass / c.stream.rarest()), Words: float64(m.at.words)}
	if self != nil {
		e.Voices -= float64(m.w)
	}
	return best, e
}

// rival raises second to s if cl is a theme; a single voice is no rival.
func rival(cl *cluster, s, second float32) float32 {
	if cl == nil || cl.id == 0 {
		return second
	}
	return max(s, second)
}

// seed puts a voice that agrees with none into the pool, in place of the oldest.
func (c *Clusterer) seed(m member) *cluster {
	if len(m.at.plain) == 0 {
		return nil
	}
	s := &cluster{}
	m.w = 1
	c.index.enter(s)
	c.take(s, m, 1)
	s.voices = append(s.voices, m)
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
	}
}

// take adds a voice to a cluster and, at certain sizes, indexes and names it
// anew: at each half more, so that the work per voice stays constant. A voice
// that only leans towards a theme hardly moves its centre, so that the theme
// does not drift away from what its sure voices want.
func (c *Clusterer) take(cl *cluster, m member, cosine float32) {
	cl.add(m.at.plain, m.w)
	cl.close = (cl.close*cl.core + cosine*m.w) / (cl.core + m.w)
	cl.n++
	cl.core += m.w
	cl.long += m.at.long * m.w
	cl.countKinds(m.item.Kinds, 1)
	cl.countLang(m.item.Lang)
	cl.weigh(c.stream)
	c.touch(cl)
	if cl.id != 0 {
		cl.vote(c.phrases(m.item))
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
	c.moved = append(c.moved, cl)
}

// found makes a seed a theme and places its voices, the last come first, and
// the copies of them that were heard meanwhile.
func (c *Clusterer) found(cl *cluster) []Placement {
	cl.id = c.cfg.NewID()
	c.themes[cl.id] = cl
	c.touch(cl)
	c.pool = slices.DeleteFunc(c.pool, func(s *cluster) bool { return s == cl })
	items := make([]Item, len(cl.voices))
	for i, m := range cl.voices {
		items[i] = m.item
		cl.vote(c.phrases(m.item))
	}
	c.christen(cl, items)
	return c.settle(cl, true)
}

// settle judges the voices of a young theme by all the others of it, those that
// came before included: what two voices have in common says less than what
// eight have.
func (c *Clusterer) settle(cl *cluster, fresh bool) []Placement {
	var placed []Placement
	for _, m := range slices.Backward(cl.voices) {
		delete(c.again, m.item.ID)
		_, e := c.judge(m, cl)
		placed = append(placed, Placement{Voice: m.item.ID, Theme: cl.id, Fit: e.Fit(), New: fresh, Evidence: e})
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
	var placed []Placement
	for _, id := range t.copies {
		if copied := c.copies.of(id); copied != nil {
			copied.fit = p.Fit
			placed = append(placed, Placement{Voice: id, Theme: p.Theme, Fit: p.Fit, CopyOf: p.Voice, New: p.New})
		}
	}
	return placed
}
