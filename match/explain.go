package match

import (
	"cmp"
	"slices"

	"lastword"
)

// A Span is a piece of a post, in bytes of the original title or text.
type Span struct {
	Title      bool // of the title, rather than the text
	Start, End int
}

// Explain returns what in the post made the query want it: words, phrases and
// links, the title's first, in order, none overlapping another. It is empty
// where the query does not want the post, or wants it for something that is not
// in its words (its author, its network, a word that is absent).
func Explain(q Query, p *lastword.Post) []Span {
	if q.root == nil {
		return nil
	}
	d := newDoc(p)
	if !q.root.wants(d) {
		return nil
	}
	return merge(q.root.explain(d, true, nil))
}

// explain appends the spans of what makes the tree hold, or where holds is
// false, of what makes it fail: under two negations that is a word again.
func (n *node) explain(d *doc, holds bool, spans []Span) []Span {
	switch n.op {
	case opNot:
		return n.kids[0].explain(d, !holds, spans)
	case opOr, opAnd:
		for _, k := range n.kids {
			if k.wants(d) == holds {
				spans = k.explain(d, holds, spans)
			}
		}
		return spans
	}
	if !holds {
		return spans
	}
	return n.explainLeaf(d, spans)
}

func (n *node) explainLeaf(d *doc, spans []Span) []Span {
	switch n.op {
	case opNear:
		return n.explainNear(d, spans)
	case opField:
		return n.explainField(d.post, spans)
	}
	for f, field := range d.fields {
		for _, r := range n.runs(field) {
			spans = append(spans, r.span(f == 0, field))
		}
	}
	return spans
}

func (n *node) explainNear(d *doc, spans []Span) []Span {
	for f, field := range d.fields {
		for i := range n.dists {
			for _, pair := range n.pairs(i, field) {
				spans = append(spans, pair[0].span(f == 0, field), pair[1].span(f == 0, field))
			}
		}
	}
	return spans
}

func (n *node) explainField(p *lastword.Post, spans []Span) []Span {
	if n.field != fieldSite {
		return spans
	}
	for _, l := range n.linksIn(p.Title) {
		spans = append(spans, Span{Title: true, Start: l.start, End: l.end})
	}
	for _, l := range n.linksIn(p.Text) {
		spans = append(spans, Span{Start: l.start, End: l.end})
	}
	return spans
}

func (r run) span(title bool, field []token) Span {
	return Span{Title: title, Start: field[r.from].start, End: field[r.to-1].end}
}

// merge sorts spans and joins those that touch each other.
func merge(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int {
		if a.Title != b.Title {
			if a.Title {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
	})
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && out[n-1].Title == s.Title && s.Start < out[n-1].End {
			out[n-1].End = max(out[n-1].End, s.End)
			continue
		}
		out = append(out, s)
	}
	return out
}
