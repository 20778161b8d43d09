package theme

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	asked    = 120  // voices of a theme whose words are weighed for its name
	usual    = 0.08 // share of a theme's voices from which on a phrase is usual there
	telling  = 11   // letters from which on one word says enough
	besides  = 0.35 // least merit of a name's second word, of that of its first
	longName = 60   // letters of a name made by the machine
)

// baptise names all themes together, so that each name says what sets its theme
// apart from the company's others. A theme keeps its name unless another is
// clearly better; no two get the same.
func (c *Clusterer) baptise(members map[*cluster][]*node) {
	order := slices.SortedFunc(maps.Keys(members), func(a, b *cluster) int {
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.id, b.id))
	})
	tallies := make([]*tally, len(order))
	parallel(len(order), func(i int) { tallies[i] = c.weigh(members[order[i]]) })
	spread := map[uint32]int{}
	for _, t := range tallies {
		for key, v := range t.votes {
			if float64(v.n) >= max(2, usual*float64(t.voices)) {
				spread[key]++
			}
		}
	}
	taken := map[string]bool{}
	for _, cl := range c.themes {
		if cl.into == nil && (cl.named || members[cl] == nil) {
			taken[strings.ToLower(cl.name)] = true
		}
	}
	for i, cl := range order {
		ranked := tallies[i].ranked(spread, len(order))
		cl.votes = votesOf(ranked)
		if !cl.named {
			c.call(cl, chosen(ranked, cl.name, taken))
		}
		if cl.name == "" {
			c.christen(cl, itemsOf(members[cl]))
		}
		taken[strings.ToLower(cl.name)] = true
	}
}

func itemsOf(ns []*node) []Item {
	items := make([]Item, len(ns))
	for i, n := range ns {
		items[i] = n.item
	}
	return items
}

// A tally is how often the phrases of some voices were said.
type tally struct {
	voices int
	votes  map[uint32]*vote
}

// weigh counts the phrases of a theme's surest voices.
func (c *Clusterer) weigh(ns []*node) *tally {
	ns = slices.Clone(ns)
	slices.SortStableFunc(ns, func(a, b *node) int { return cmp.Compare(b.fit, a.fit) })
	ns = ns[:min(len(ns), asked)]
	t := &tally{voices: len(ns), votes: map[uint32]*vote{}}
	for _, n := range ns {
		said := map[uint32]bool{}
		for _, p := range c.phrases(n.item) {
			if said[p.key] {
				continue
			}
			said[p.key] = true
			if t.votes[p.key] == nil {
				t.votes[p.key] = &vote{key: p.key}
			}
			t.votes[p.key].count(p)
		}
	}
	return t
}

// A ranking is a phrase and how well it names a theme.
type ranking struct {
	vote  vote
	merit float64
}

// ranked returns the phrases that more than one voice said, best first: said by
// many voices of this theme, usual in few other themes, and shaped like a name.
func (t *tally) ranked(spread map[uint32]int, themes int) []ranking {
	var rs []ranking
	for _, v := range t.votes {
		if v.n < 2 && t.voices > 1 {
			continue
		}
		apart := math.Log(float64(themes+1)/float64(max(spread[v.key], 1))) / math.Log(float64(themes+1))
		merit := math.Pow(float64(v.n)/float64(t.voices), 0.6) * float64(v.shape) * apart
		rs = append(rs, ranking{*v, merit})
	}
	slices.SortFunc(rs, func(a, b ranking) int {
		return cmp.Or(cmp.Compare(b.merit, a.merit), cmp.Compare(a.vote.text, b.vote.text))
	})
	return rs[:min(len(rs), heldVotes)]
}

func votesOf(rs []ranking) []vote {
	vs := make([]vote, len(rs))
	for i, r := range rs {
		vs[i] = r.vote
	}
	return vs
}

// chosen returns the best name that is not taken, or the present one if that is
// hardly worse.
func chosen(rs []ranking, now string, taken map[string]bool) string {
	head, _, _ := strings.Cut(now, ", ")
	for _, r := range rs {
		if now != "" && r.vote.text == head && better*r.merit >= rs[0].merit && !taken[strings.ToLower(now)] {
			return now
		}
	}
	for i, r := range rs {
		if name := rounded(r, rs[i+1:]); !taken[strings.ToLower(name)] {
			return name
		}
	}
	return now
}

// rounded adds a second phrase to a short word, which alone says little: "Leder"
// becomes "Leder, vegan".
func rounded(r ranking, others []ranking) string {
	name := r.vote.text
	if strings.ContainsAny(name, " -") || utf8.RuneCountInString(name) >= telling {
		return name
	}
	for _, o := range others {
		if o.merit < besides*r.merit {
			break
		}
		if !overlap(name, o.vote.text) && utf8.RuneCountInString(name+o.vote.text) < longName {
			return name + ", " + o.vote.text
		}
	}
	return name
}

// overlap reports whether two phrases share the beginning of a word.
func overlap(a, b string) bool {
	const same = 4
	for _, x := range strings.Fields(strings.ToLower(a)) {
		for _, y := range strings.Fields(strings.ToLower(b)) {
			if n := min(len(x), len(y), same); x[:n] == y[:n] || strings.Contains(y, x) {
				return true
			}
		}
	}
	return false
}
