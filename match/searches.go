package match

import "strings"

// Searches returns words and phrases of which every post that q wants holds at
// least one, as a place's own search takes them; none where there are no such: a
// query by author, language or site alone, or with words that begin anyhow.
func (q Query) Searches() []string {
	if q.root == nil {
		return nil
	}
	return q.root.searches()
}

func (n *node) searches() []string {
	switch n.op {
	case opWords:
		return n.search()
	case opOr:
		return union(n.kids)
	case opAnd: // any part will do: the one that needs the fewest searches
		var best []string
		for _, k := range n.kids {
			if some := k.searches(); some != nil && (best == nil || len(some) < len(best)) {
				best = some
			}
		}
		return best
	case opNear:
		for _, g := range n.groups {
			if all := union(g); all != nil {
				return all
			}
		}
	}
	return nil
}

// union needs every part: a post may hold any of them.
func union(parts []*node) []string {
	var all []string
	for _, k := range parts {
		some := k.searches()
		if some == nil {
			return nil
		}
		all = append(all, some...)
	}
	return all
}

// search is a word or phrase as it was written; one with an open beginning or end
// is none that a place could look up.
func (n *node) search() []string {
	for _, p := range n.words {
		if p.head || p.tail || strings.ContainsAny(p.fold, "*?") {
			return nil
		}
	}
	if n.text == "" {
		return nil
	}
	if n.quoted || len(n.words) > 1 {
		return []string{`"` + strings.ReplaceAll(n.text, `"`, "") + `"`}
	}
	return []string{n.text}
}
