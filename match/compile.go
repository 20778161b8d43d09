package match

import (
	"cmp"
	"slices"
)

// Numbered is a query and the number by which a Set names it.
type Numbered struct {
	ID int64
	Query
}

// Compile makes a Set of queries, whose IDs must differ. The frequencies, of
// words in posts like those to come, make it faster; they may be nil. A Set has
// room for 2^28 different terms, and for code of 16 GiB.
func Compile(queries []Numbered, f *Frequencies) *Set {
	b := builder{terms: terms{byKey: make(map[string]uint32, len(queries))}}
	for _, q := range queries {
		if q.root != nil {
			b.rules = append(b.rules, rule{id: q.ID, query: uint32(len(b.rules)), clauses: b.clauses(q.root, false, nil)})
		}
	}
	b.weigh(f)
	b.renumber()
	for i := range b.rules {
		b.file(&b.rules[i])
	}
	s := b.layOut()
	b.index(s)
	return s
}

// A builder turns queries into a Set.
type builder struct {
	terms
	rules []rule
	final []uint32 // number of a term as it came → number in the Set, from 1
}

// A rule is one query as clauses, and the terms it is filed under.
type rule struct {
	id      int64
	query   uint32 // its number in the Set
	clauses [][]lit
	anchors []uint32
}

// renumber gives terms their number in the Set: the most frequent come first, so
// that the bits that are asked for most lie side by side.
func (b *builder) renumber() {
	order := make([]uint32, len(b.all))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortStableFunc(order, func(x, y uint32) int { return cmp.Compare(b.all[y].weight, b.all[x].weight) })
	b.final = make([]uint32, len(b.all))
	for i, id := range order {
		b.final[id] = uint32(i + 1)
	}
}

// A cover is terms of which a post must have one for the query to want it.
type cover struct {
	terms  []uint32
	weight float64 // estimated share of posts that have one
}

// file chooses the rarest cover of a rule for its anchors and drops the clause
// that these fulfil by themselves. A rule without cover has no anchors: it is
// tried on every post.
func (b *builder) file(r *rule) {
	best, at := cover{}, -1
	for i, c := range r.clauses {
		if found, ok := b.coverAny(c); ok && (at < 0 || found.weight < best.weight) {
			best, at = found, i
		}
	}
	if at >= 0 {
		slices.Sort(best.terms)
		r.anchors = slices.Compact(best.terms)
		if !slices.ContainsFunc(r.clauses[at], func(l lit) bool { return l&^litID != 0 }) {
			r.clauses = slices.Delete(r.clauses, at, at+1)
		}
	}
	b.order(r.clauses)
}

// coverAny covers a clause: every one of its lits must be covered.
func (b *builder) coverAny(lits []lit) (cover, bool) {
	var all cover
	for _, l := range lits {
		c, ok := b.cover(l)
		if !ok {
			return cover{}, false
		}
		all.terms = append(all.terms, c.terms...)
		all.weight += c.weight
	}
	return all, true
}

func (b *builder) cover(l lit) (cover, bool) {
	switch {
	case l&litNot != 0:
		return cover{}, false
	case l&litForm == 0:
		return cover{terms: []uint32{l}, weight: b.all[l].weight}, true
	}
	f := b.forms[l&litID]
	switch f.kind {
	case allForm:
		return b.coverAll(f.lits)
	case anyForm:
		return b.coverAny(f.lits)
	case rowForm:
		return b.coverRows(f.rows), true
	}
	one, other := b.coverRows(f.rows), b.coverRows(f.others)
	if one.weight <= other.weight {
		return one, true
	}
	return other, true
}

// coverAll covers lits that must all hold by the best cover of one.
func (b *builder) coverAll(lits []lit) (best cover, ok bool) {
	for _, l := range lits {
		if c, covers := b.cover(l); covers && (!ok || c.weight < best.weight) {
			best, ok = c, true
		}
	}
	return best, ok
}

// coverRows covers rows of which one must stand in the post.
func (b *builder) coverRows(rows [][]uint32) (all cover) {
	for _, row := range rows {
		id := slices.MinFunc(row, func(x, y uint32) int { return cmp.Compare(b.all[x].weight, b.all[y].weight) })
		all.terms = append(all.terms, id)
		all.weight += b.all[id].weight
	}
	return all
}

// order puts first what decides soonest: the clause least likely to hold, and in
// it the lit most likely to; forms, which cost more, behind.
func (b *builder) order(clauses [][]lit) {
	if len(clauses) == 0 {
		return
	}
	for _, c := range clauses {
		slices.SortFunc(c, func(x, y lit) int {
			return cmp.Or(cmp.Compare(x&litForm, y&litForm), cmp.Compare(b.chance(y), b.chance(x)))
		})
	}
	slices.SortStableFunc(clauses, func(x, y []lit) int {
		return cmp.Or(cmp.Compare(x[len(x)-1]&litForm, y[len(y)-1]&litForm), cmp.Compare(b.chanceAny(x), b.chanceAny(y)))
	})
}

// chance estimates how often a lit holds.
func (b *builder) chance(l lit) float64 {
	share := 0.5
	if l&litForm == 0 {
		share = b.all[l&litID].weight
	}
	if l&litNot != 0 {
		return 1 - share
	}
	return share
}

func (b *builder) chanceAny(lits []lit) float64 {
	none := 1.0
	for _, l := range lits {
		none *= 1 - b.chance(l)
	}
	return 1 - none
}
