package match

import (
	"slices"
	"sort"
	"strings"

	"lastword"
)

// Matches reports whether the query wants the post. It is the meaning of the
// language, word for word; [Set.Match] gives the same answer faster.
func (q Query) Matches(p *lastword.Post) bool {
	return q.root != nil && q.root.wants(newDoc(p))
}

// A doc is a post taken to words.
type doc struct {
	post   *lastword.Post
	fields [2][]token // title and text
}

func newDoc(p *lastword.Post) *doc {
	return &doc{post: p, fields: [2][]token{split(p.Title, false), split(p.Text, false)}}
}

func (n *node) wants(d *doc) bool {
	switch n.op {
	case opOr:
		for _, k := range n.kids {
			if k.wants(d) {
				return true
			}
		}
		return false
	case opAnd:
		for _, k := range n.kids {
			if !k.wants(d) {
				return false
			}
		}
		return true
	case opNot:
		return !n.kids[0].wants(d)
	case opNear:
		return n.nearIn(d)
	case opWords:
		return len(n.runs(d.fields[0])) > 0 || len(n.runs(d.fields[1])) > 0
	}
	return n.fieldIn(d.post)
}

// A run is where the words of a leaf stand in a field: tokens from up to, but
// not including, to.
type run struct{ from, to int }

// runs finds the words, one next to the other, in a field.
func (n *node) runs(field []token) []run {
	var found []run
	for i := 0; i+len(n.words) <= len(field); i++ {
		if n.at(field[i:]) {
			found = append(found, run{i, i + len(n.words)})
		}
	}
	return found
}

// at reports whether the words stand at the start of field.
func (n *node) at(field []token) bool {
	for i, w := range n.words {
		if !w.is(field[i]) {
			return false
		}
	}
	return true
}

// is reports whether the pattern is this token.
func (p pattern) is(t token) bool {
	switch {
	case p.sigil != 0 && p.sigil != t.sigil:
		return false
	case p.head && p.tail:
		return strings.Contains(t.fold, p.fold)
	case p.head:
		return strings.HasSuffix(t.fold, p.fold)
	case p.tail:
		return strings.HasPrefix(t.fold, p.fold)
	}
	return t.fold == p.fold
}

// nearIn reports whether each group has a word near one of the next group.
func (n *node) nearIn(d *doc) bool {
	for i := range n.dists {
		if len(n.pairs(i, d.fields[0])) == 0 && len(n.pairs(i, d.fields[1])) == 0 {
			return false
		}
	}
	return true
}

// pairs finds where groups i and i+1 stand near enough to each other.
func (n *node) pairs(i int, field []token) [][2]run {
	var found [][2]run
	seconds := groupRuns(n.groups[i+1], field)
	slices.SortFunc(seconds, func(a, b run) int { return a.from - b.from })
	for _, a := range groupRuns(n.groups[i], field) {
		first := sort.Search(len(seconds), func(k int) bool { return seconds[k].from >= a.from-n.dists[i]-MaxTerms })
		for _, b := range seconds[first:] {
			if b.from > a.to+n.dists[i] {
				break // a long text has many pairs that are far apart
			}
			between := max(b.from-a.to, a.from-b.to)
			if between >= 0 && between <= n.dists[i] {
				found = append(found, [2]run{a, b})
			}
		}
	}
	return found
}

func groupRuns(group []*node, field []token) []run {
	var all []run
	for _, n := range group {
		all = append(all, n.runs(field)...)
	}
	return all
}

// fieldIn reports whether the post has what a field asks for.
func (n *node) fieldIn(p *lastword.Post) bool {
	switch n.field {
	case fieldAuthor:
		return n.field.fold(p.Author.Handle) == n.value
	case fieldSite:
		return n.siteIn(p)
	case fieldLang:
		lang := n.field.fold(p.Lang)
		return lang == n.value || strings.HasPrefix(lang, n.value+"-")
	case fieldNetwork:
		return n.field.fold(p.Network) == n.value
	}
	return p.Parent != "" && n.value == isReply || p.Own && n.value == isOwn || p.Private && n.value == isPrivate
}

func (n *node) siteIn(p *lastword.Post) bool {
	return within(hostOf(p.URL), n.value) || len(n.linksIn(p.Title)) > 0 || len(n.linksIn(p.Text)) > 0
}

// linksIn finds the links in a text that lead to the site.
func (n *node) linksIn(text string) []link {
	var found []link
	for l, ok := nextLink(text, 0); ok; l, ok = nextLink(text, l.end) {
		if within(l.host, n.value) {
			found = append(found, l)
		}
	}
	return found
}

// within reports whether host is the site or one of its subdomains.
func within(host, site string) bool {
	return host == site || strings.HasSuffix(host, "."+site)
}
