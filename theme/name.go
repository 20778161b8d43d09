package theme

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"lastword"
	"lastword/internal/text"
)

// A vote counts the voices that said a phrase. The words are kept only when a
// second voice says them: what a single person said is not ours to keep once it
// is deleted at its source.
type vote struct {
	key   uint32
	n     int32
	text  string
	lead  int32 // of text over other forms (majority vote)
	shape float32
}

const (
	heldVotes  = 64
	savedVotes = 8
	better     = 1.3 // how clearly a new name must win
)

// vote counts the phrases of one voice, each once.
func (c *cluster) vote(ps []phrase) {
	for i, p := range ps {
		if slices.ContainsFunc(ps[:i], func(q phrase) bool { return q.key == p.key }) {
			continue
		}
		if at := slices.IndexFunc(c.votes, func(v vote) bool { return v.key == p.key }); at >= 0 {
			c.votes[at].count(p)
		} else {
			c.stand(p)
		}
	}
}

func (v *vote) count(p phrase) {
	v.n++
	v.shape += (p.shape - v.shape) / float32(v.n)
	switch {
	case v.text == p.text:
		v.lead++
	case v.lead <= 0:
		v.text, v.lead = p.text, 1
	default:
		v.lead--
	}
}

// stand enters a phrase, in place of the weakest that only one voice said.
func (c *cluster) stand(p phrase) {
	v := vote{key: p.key, n: 1, shape: p.shape}
	if len(c.votes) < heldVotes {
		c.votes = append(c.votes, v)
		return
	}
	weakest := -1
	for i, w := range c.votes {
		if w.n == 1 && (weakest < 0 || w.shape < c.votes[weakest].shape) {
			weakest = i
		}
	}
	if weakest >= 0 {
		c.votes[weakest] = v
	}
}

// merit is how well a phrase names the theme: how many of its voices say it,
// how rare it is elsewhere, how much it looks like a name.
func (c *cluster) merit(v vote) float64 {
	return math.Pow(float64(v.n)/float64(max(c.n, 1)), 0.6) * float64(v.shape)
}

// candidates returns the votes that may name the theme, best first.
func (c *cluster) candidates() []vote {
	vs := slices.DeleteFunc(slices.Clone(c.votes), func(v vote) bool { return v.n < 2 || v.text == "" })
	slices.SortFunc(vs, func(a, b vote) int {
		return cmp.Or(cmp.Compare(c.merit(b), c.merit(a)), cmp.Compare(a.text, b.text))
	})
	return vs
}

// rename gives the theme a better name if there is a clearly better one and no
// person named it. Once all themes were named together, names change only when
// they are again: see baptise.
func (c *Clusterer) rename(cl *cluster) {
	if cl.id == 0 || cl.named || c.settled > 0 && cl.name != "" {
		return
	}
	vs := cl.candidates()
	if len(vs) == 0 {
		return
	}
	now := slices.IndexFunc(vs, func(v vote) bool { return v.text == cl.name })
	if cl.name != "" && now >= 0 && cl.merit(vs[0]) < better*cl.merit(vs[now]) {
		return
	}
	c.call(cl, vs[0].text)
}

// call gives a theme a name.
func (c *Clusterer) call(cl *cluster, name string) {
	if cl.name != name {
		cl.name = name
		c.touch(cl)
	}
}

// christen names a new theme; where no two voices share a phrase, by the best
// phrase of one of them, or by how its first voice begins.
func (c *Clusterer) christen(cl *cluster, vs []Item) {
	if c.rename(cl); cl.name != "" || len(vs) == 0 {
		return
	}
	var best phrase
	for _, v := range vs {
		for _, p := range c.phrases(v) {
			if p.shape > best.shape {
				best = p
			}
		}
	}
	cl.name = cmp.Or(best.text, opening(vs[0].Text), nameless)
}

// nameless is the name of a theme whose voices say nothing that can be written.
const nameless = "…"

// opening is the beginning of a text, cut between two words.
func opening(s string) string {
	s = strings.Join(strings.Fields(text.Clean(s)), " ")
	cut := 0
	for i, r := range s {
		if i > phraseLetters {
			return s[:cut] + "…"
		}
		if r == ' ' {
			cut = i
		}
	}
	return s
}

// Name returns what a theme made of these voices would be called, in words of
// theirs: a short noun-like phrase that most of them share and others do not
// say. names are the company's own and name nothing. It is empty without voices.
func Name(voices []lastword.Voice, names []string) string {
	c := New(Config{Names: names, NewID: func() int64 { return 1 }})
	cl := &cluster{id: 1}
	items := make([]Item, 0, len(voices))
	for _, v := range voices {
		it := ItemOf(v)
		items = append(items, it)
		c.nouns.learn(clues(it))
	}
	for _, it := range items {
		cl.n++
		cl.vote(c.phrases(it))
	}
	c.christen(cl, items)
	return cl.name
}

// merge adds the votes that another theme's phrase got.
func (c *cluster) merge(v vote) {
	at := slices.IndexFunc(c.votes, func(w vote) bool { return w.key == v.key })
	if at < 0 {
		if len(c.votes) < heldVotes {
			c.votes = append(c.votes, v)
		}
		return
	}
	w := &c.votes[at]
	w.n += v.n
	if w.text == v.text || w.lead >= v.lead {
		return
	}
	w.text, w.lead = v.text, v.lead
}

// cleanName checks a name that a person gives a theme.
func cleanName(name string) (string, error) {
	name = strings.Join(strings.Fields(text.Clean(name)), " ")
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return "", &lastword.Mistake{Key: "mistake.empty", Field: "name"}
	case n > longestName:
		return "", &lastword.Mistake{Key: "mistake.long", Args: map[string]any{"Max": longestName}, Field: "name"}
	}
	return name, nil
}

// longestName is the most characters of a name that a person gives.
const longestName = 120

// Name returns the name of a theme that the Clusterer knows, or "".
func (c *Clusterer) Name(theme int64) string {
	if cl := c.themes[theme]; cl != nil {
		return cl.home().name
	}
	return ""
}
