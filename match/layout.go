package match

import "slices"

// What stands before a query's code: its number in the Set and what is peculiar
// to it, the length of the code, and its ID in two halves.
const (
	isMany    uint32 = 1 << 31 // filed more than once: may be wanted more than once
	hasForms  uint32 = 1 << 30
	queryBits uint32 = hasForms - 1
	headWords        = 4
)

// layOut writes the rules as code, those filed under one term back to back, so
// that a term's queries are read from memory in one go.
func (b *builder) layOut() *Set {
	s := &Set{from: make([]uint32, len(b.all)+2), queries: len(b.rules)}
	for _, r := range b.rules {
		for _, at := range b.places(r) {
			s.from[at+1] += headWords + r.size()
		}
	}
	for i := 1; i < len(s.from); i++ {
		s.from[i] += s.from[i-1]
	}
	s.code = make([]uint32, s.from[len(s.from)-1])
	next := slices.Clone(s.from)
	for _, r := range b.rules {
		for _, at := range b.places(r) {
			next[at] += b.write(s.code[next[at]:], r)
		}
	}
	s.forms = b.finalForms()
	return s
}

// places returns the final numbers of the terms a rule is filed under; 0 is the
// place of rules tried on every post.
func (b *builder) places(r rule) []uint32 {
	if len(r.anchors) == 0 {
		return []uint32{0}
	}
	places := make([]uint32, len(r.anchors))
	for i, id := range r.anchors {
		places[i] = b.final[id]
	}
	return places
}

// size is how many words of code the clauses take.
func (r rule) size() uint32 {
	n := 0
	for _, c := range r.clauses {
		n += len(c)
	}
	return uint32(n)
}

// write puts a rule's code at the start of to and returns its length.
func (b *builder) write(to []uint32, r rule) uint32 {
	to[0], to[1] = r.query, r.size()
	to[2], to[3] = uint32(r.id), uint32(uint64(r.id)>>32)
	if len(r.anchors) > 1 {
		to[0] |= isMany
	}
	at := uint32(headWords)
	for _, c := range r.clauses {
		for _, l := range c {
			if l&litForm != 0 {
				to[0] |= hasForms
			}
			to[at] = b.finalLit(l)
			at++
		}
		to[at-1] |= litLast
	}
	return at
}

func (b *builder) finalLit(l lit) lit {
	if l&litForm != 0 {
		return l
	}
	return l&^litID | b.final[l&litID]
}

func (b *builder) finalForms() []form {
	forms := slices.Clone(b.forms)
	for i := range forms {
		f := &forms[i]
		for k, l := range f.lits {
			f.lits[k] = b.finalLit(l)
		}
		f.rows, f.others = b.finalRows(f.rows), b.finalRows(f.others)
	}
	return forms
}

// finalRows returns rows renumbered. It leaves the given ones alone: the middle
// group of a chain is a side of two forms.
func (b *builder) finalRows(rows [][]uint32) [][]uint32 {
	out := make([][]uint32, len(rows))
	for i, row := range rows {
		out[i] = b.finalRow(row)
	}
	return out
}

func (b *builder) finalRow(row []uint32) []uint32 {
	out := make([]uint32, len(row))
	for i, id := range row {
		out[i] = b.final[id]
	}
	return out
}
