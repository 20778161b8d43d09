package theme

import (
	"cmp"
	"slices"

	"lastword"
)

// Restore returns a Clusterer that knows the themes, and goes on from the
// company's most recent voices: how common words are, which texts may be
// copied, and which single voices wait. themes are those not merged away.
// Voices of recent that are not placed are placed when they are assigned, or
// when a later voice agrees with them. A damaged model is an error.
func Restore(cfg Config, themes []lastword.Theme, recent []lastword.Voice) (*Clusterer, error) {
	return restore(cfg, themes, recent, nil)
}

// restore is Restore with where an endpoint says that recent voices lie.
func restore(cfg Config, themes []lastword.Theme, recent []lastword.Voice, far map[int64]lastword.Direction) (*Clusterer, error) {
	c := New(cfg)
	c.revived = true
	recent = slices.SortedFunc(slices.Values(recent), func(a, b lastword.Voice) int { return cmp.Compare(a.ID, b.ID) })
	recent = slices.DeleteFunc(recent, func(v lastword.Voice) bool { return !ours(v) })
	for _, v := range recent {
		if v.CopyOf == 0 {
			c.hear(ItemOf(v))
		}
	}
	for _, t := range themes {
		cl, err := revive(t, c.stream, cfg.Space)
		if err != nil {
			return nil, err
		}
		cl.weigh(c.stream)
		c.themes[cl.id] = cl
		c.index.enter(cl)
		c.index.list(cl, c.stream)
	}
	var nodes []*node
	for _, v := range recent {
		if n := c.recall(v, far[v.ID]); n != nil {
			nodes = append(nodes, n)
		}
	}
	if cfg.Space != nil {
		cfg.Space.recentre(nodes)
	}
	c.crowd.enter(nodes, c.stream)
	c.crowd.survey()
	for _, n := range nodes {
		if n.home != nil {
			n.home.manner.add(n.shape)
			continue
		}
		c.again[n.item.ID] = true
		if t := c.copies.of(n.item.ID); t != nil {
			t.home = c.await(n)
		}
	}
	c.hearAll(c.members())
	return c, nil
}

// hear learns from a voice without placing it.
func (c *Clusterer) hear(it Item) {
	x := c.cfg.Embedder.Embed(it, c.stream.heard)
	plain := c.stream.known(x)
	c.stream.learn(x, plain)
	at := c.stream.point(x, plain, it.Lang)
	c.stream.mix(&at)
	c.nouns.learn(clues(it))
}

// ours reports whether a voice takes part in themes. One that was not understood
// yet would be taken for something else than it says.
func ours(v lastword.Voice) bool {
	return v.Version != 0 && v.About >= 0.5 && !v.Announces() && !v.Own && v.GoneAt.IsZero() && v.Circle != lastword.Aside
}

// recall remembers one recent voice, and returns it unless it is a near-copy or
// belongs nowhere by a person's word.
func (c *Clusterer) recall(v lastword.Voice, far lastword.Direction) *node {
	it := ItemOf(v)
	it.Far = far
	sig, long := sign(it)
	t := c.copies.keep(heardText{voice: v.ID, original: v.CopyOf, home: c.themes[v.Theme], fit: v.Fit, sig: sig, long: long})
	if t.original != 0 {
		if o := c.copies.of(t.original); o != nil && t.home == nil {
			t.home = o.home
		}
		return nil
	}
	if v.Theme == 0 && v.FitBy != 0 {
		return nil
	}
	x := c.cfg.Embedder.Embed(it, c.stream.heard)
	plain := c.stream.known(x)
	c.stream.numbered(x, plain)
	at := c.stream.point(x, plain, v.Language)
	at.far = c.cfg.Space.bearing(it.Far, it.Lang)
	return &node{item: it, shape: shapeOf(it), at: at, home: t.home, fit: v.Fit, weight: 1, held: v.FitBy != 0}
}

// await puts a voice without a place to the single voices it agrees with. One
// that a theme would take is left to its own job.
func (c *Clusterer) await(n *node) *cluster {
	best, e := c.judge(n)
	switch {
	case best == nil || !e.belongs():
		return c.seed(n)
	case best.id != 0 || n.item.Kinds == 0:
		return nil
	}
	c.lean(best, n, e)
	return best
}

// Changed returns the themes that are new or changed since the last call, by
// rising ID: Name, Kinds, Lang, Model, and Into where a theme was merged away.
// company is written into each.
func (c *Clusterer) Changed(company int64) []lastword.Theme {
	slices.SortFunc(c.unsaved, func(a, b *cluster) int { return cmp.Compare(a.id, b.id) })
	ts := make([]lastword.Theme, len(c.unsaved))
	parallel(len(ts), func(i int) {
		cl := c.unsaved[i]
		cl.dirty = false
		ts[i] = lastword.Theme{ID: cl.id, Company: company, Name: cl.name, Kinds: cl.mostKinds(), Lang: cl.lang}
		if cl.into != nil {
			ts[i].Into = cl.home().id
		}
		ts[i].Model = cl.model(c.stream).encode()
		if cl.into != nil {
			cl.terms, cl.votes = nil, nil
		}
	})
	c.unsaved = nil
	return ts
}

// Live returns the ids of the themes that are not merged away, rising.
func (c *Clusterer) Live() []int64 {
	var ids []int64
	for id, cl := range c.themes {
		if cl.into == nil {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Features returns how many different features the Clusterer knows; its memory
// grows with them.
func (c *Clusterer) Features() int { return len(c.stream.number) }
