package match

import (
	"encoding/binary"
	"strings"
)

// A term is something a post has or has not: a word, a phrase, a field's value.
// While a Set is built terms are numbered as they come.
type term struct {
	kind   termKind
	word   pattern  // of a word
	words  []uint32 // of a phrase: its words' numbers
	key    string   // of a field: as in a query
	weight float64  // estimated share of posts that have it
}

type termKind uint8

const (
	wordTerm   termKind = iota // of exactly one spelling, with or without sigil
	prefixTerm                 // word*
	innerTerm                  // *word, *word*
	phraseTerm                 // of plain words only
	fieldTerm
)

// A lit is what a query tests: a term or a form, by number, perhaps negated.
type lit = uint32

const (
	litLast lit = 1 << 31 // ends its clause
	litNot  lit = 1 << 30
	litForm lit = 1 << 29
	litID   lit = litForm - 1
)

// A form is a test that is more than one bit: it is made only when it must be.
type form struct {
	kind   formKind
	lits   []lit      // of all and any
	rows   [][]uint32 // of row, one; of near, one side: numbers of terms next to each other
	others [][]uint32 // of near: the other side
	dist   int        // of near
}

type formKind uint8

const (
	allForm formKind = iota
	anyForm
	rowForm  // a phrase with patterns or sigils in it
	nearForm // one of rows near one of others
)

// terms numbers the terms and forms of all queries; what is alike gets one
// number.
type terms struct {
	byKey map[string]uint32
	all   []term
	forms []form
}

// intern returns the number of the term of this key, made by make if it is new.
func (t *terms) intern(key string, make func() term) uint32 {
	if id, ok := t.byKey[key]; ok {
		return id
	}
	made := make()
	id := uint32(len(t.all))
	t.byKey[key] = id
	t.all = append(t.all, made)
	return id
}

func (t *terms) word(p pattern) uint32 {
	return t.intern(p.key(), func() term {
		switch {
		case p.head:
			return term{kind: innerTerm, word: p}
		case p.tail:
			return term{kind: prefixTerm, word: p}
		}
		return term{kind: wordTerm, word: p}
	})
}

// key spells a pattern; two patterns have the same only if they are the same.
func (p pattern) key() string {
	if p.sigil == 0 && !p.wild() {
		return p.fold
	}
	var b strings.Builder
	if p.sigil != 0 {
		b.WriteByte(p.sigil)
	}
	if p.head {
		b.WriteByte('*')
	}
	b.WriteString(p.fold)
	if p.tail {
		b.WriteByte('*')
	}
	return b.String()
}

// leaf returns the lit of a word, a phrase, NEAR or a field.
func (t *terms) leaf(n *node) lit {
	switch n.op {
	case opNear:
		return t.near(n)
	case opField:
		key := n.field.String() + ":" + n.value
		return t.intern(key, func() term { return term{kind: fieldTerm, key: key} })
	}
	if len(n.words) == 1 {
		return t.word(n.words[0])
	}
	row := t.row(n)
	for _, w := range n.words {
		if w.sigil != 0 || w.wild() {
			return t.form(form{kind: rowForm, rows: [][]uint32{row}})
		}
	}
	key := phraseKey(row)
	return t.intern(key, func() term { return term{kind: phraseTerm, words: row} })
}

// phraseKey spells the numbers of a phrase's words behind a byte that no other
// key has in it.
func phraseKey(row []uint32) string {
	b := []byte{' '}
	for _, id := range row {
		b = binary.LittleEndian.AppendUint32(b, id)
	}
	return string(b)
}

func (t *terms) row(n *node) []uint32 {
	row := make([]uint32, len(n.words))
	for i, w := range n.words {
		row[i] = t.word(w)
	}
	return row
}

func (t *terms) form(f form) lit {
	t.forms = append(t.forms, f)
	return litForm | uint32(len(t.forms)-1)
}

// near returns the lit of a chain: each group near the next.
func (t *terms) near(n *node) lit {
	sides := make([][][]uint32, len(n.groups))
	for i, g := range n.groups {
		for _, k := range g {
			sides[i] = append(sides[i], t.row(k))
		}
	}
	var links []lit
	for i, d := range n.dists {
		links = append(links, t.form(form{kind: nearForm, rows: sides[i], others: sides[i+1], dist: d}))
	}
	if len(links) == 1 {
		return links[0]
	}
	return t.form(form{kind: allForm, lits: links})
}

// clauses appends the query as clauses that must all hold; each is a list of
// lits of which one must hold. What is nested deeper becomes a form.
func (t *terms) clauses(n *node, not bool, out [][]lit) [][]lit {
	switch {
	case n.op == opNot:
		return t.clauses(n.kids[0], !not, out)
	case n.op == opAnd && !not, n.op == opOr && not:
		for _, k := range n.kids {
			out = t.clauses(k, not, out)
		}
		return out
	}
	return append(out, t.clause(n, not, nil))
}

func (t *terms) clause(n *node, not bool, lits []lit) []lit {
	switch {
	case n.op == opNot:
		return t.clause(n.kids[0], !not, lits)
	case n.op == opOr && !not, n.op == opAnd && not:
		for _, k := range n.kids {
			lits = t.clause(k, not, lits)
		}
		return lits
	case n.op == opAnd, n.op == opOr:
		return append(lits, t.every(t.clauses(n, not, nil)))
	case not:
		return append(lits, t.leaf(n)|litNot)
	}
	return append(lits, t.leaf(n))
}

// every returns the lit that holds where all clauses do.
func (t *terms) every(clauses [][]lit) lit {
	all := form{kind: allForm}
	for _, c := range clauses {
		if len(c) == 1 {
			all.lits = append(all.lits, c[0])
		} else {
			all.lits = append(all.lits, t.form(form{kind: anyForm, lits: c}))
		}
	}
	return t.form(all)
}
