package match

import (
	"strconv"
	"strings"
	"unicode"
)

// A Query is a parsed search. It does not change and may be shared. The zero
// Query wants nothing.
type Query struct{ root *node }

// String returns the query in its canonical form, which parses to the same
// query: operators in English, no needless parentheses, words as they were
// written.
func (q Query) String() string {
	if q.root == nil {
		return ""
	}
	var b strings.Builder
	q.root.write(&b, 0)
	return b.String()
}

// An op says what a node of a query is.
type op uint8

// The order of the first three is their binding, loosest first.
const (
	opOr op = iota
	opAnd
	opNot
	opNear
	opWords
	opField
)

// A node is one part of a query.
type node struct {
	op   op
	kids []*node // of or, and, not

	groups [][]*node // of near: what stands beside what, each one of several words
	dists  []int     // of near: most words between groups[i] and groups[i+1]

	words  []pattern // of words: one, or several next to each other
	text   string    // of words: as it was written
	quoted bool      // of words: as a phrase

	field field  // of field
	value string // of field: folded for comparison
}

// A pattern is one word of a query.
type pattern struct {
	fold  string
	sigil byte // '#' or '@' that must stand before it, or 0
	head  bool // anything may come before it in the word
	tail  bool // anything may follow it in the word
}

// wild reports whether the pattern stands for more than one word.
func (p pattern) wild() bool { return p.head || p.tail }

// A field is what a query may ask of a post beside its words.
type field uint8

const (
	fieldAuthor field = iota
	fieldSite
	fieldLang
	fieldNetwork
	fieldIs
)

var fieldNames = [...]string{"author", "site", "lang", "network", "is"}

// String returns the name as it is written in a query.
func (f field) String() string { return fieldNames[f] }

// The values of is:.
const (
	isReply   = "reply"
	isOwn     = "own"
	isPrivate = "private"
)

// write appends the canonical form. Around says how many of the binding
// operators are open: what binds less tightly needs parentheses.
func (n *node) write(b *strings.Builder, around op) {
	if n.op < around {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	switch n.op {
	case opOr:
		n.writeKids(b, " OR ")
	case opAnd:
		n.writeKids(b, " ")
	case opNot:
		b.WriteByte('-')
		n.kids[0].write(b, opNot)
	case opNear:
		n.writeNear(b)
	case opWords:
		b.WriteString(n.quote())
	case opField:
		b.WriteString(n.field.String() + ":" + quoteValue(n.value))
	}
}

func (n *node) writeKids(b *strings.Builder, between string) {
	for i, k := range n.kids {
		if i > 0 {
			b.WriteString(between)
		}
		k.write(b, n.op)
	}
}

func (n *node) writeNear(b *strings.Builder) {
	for i, g := range n.groups {
		if i > 0 {
			b.WriteString(" NEAR/" + strconv.Itoa(n.dists[i-1]) + " ")
		}
		(&node{op: opOr, kids: g}).writeGroup(b)
	}
}

func (n *node) writeGroup(b *strings.Builder) {
	if len(n.kids) == 1 {
		n.kids[0].write(b, opNear)
		return
	}
	n.write(b, opNear)
}

func (n *node) quote() string {
	if n.quoted {
		return `"` + n.text + `"`
	}
	return n.text
}

func quoteValue(v string) string {
	if strings.ContainsFunc(v, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("()", r) }) {
		return `"` + v + `"`
	}
	return v
}

// terms counts what a query asks for: words, and fields.
func (n *node) terms() int {
	count := len(n.words)
	if n.op == opField {
		count++
	}
	for _, k := range n.kids {
		count += k.terms()
	}
	for _, g := range n.groups {
		for _, k := range g {
			count += k.terms()
		}
	}
	return count
}

// positive reports whether the tree wants anything, rather than only forbids.
func (n *node) positive(wanted bool) bool {
	switch n.op {
	case opNear, opWords, opField:
		return wanted
	case opNot:
		return n.kids[0].positive(!wanted)
	}
	for _, k := range n.kids {
		if k.positive(wanted) {
			return true
		}
	}
	return false
}
