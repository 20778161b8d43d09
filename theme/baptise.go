package theme

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"lastword/internal/text"
)

const (
	asked    = 120  // voices of a theme whose words are weighed for its name
	usual    = 0.08 // share of a theme's voices from which on a word is usual there
	together = 0.12 // least share of them that says each word of a name of several
	acted    = 0.2  // the same where one of them is a verb
	enough   = 11   // letters from which on one word says enough
	besides  = 0.5  // least merit of a name's second word, of that of its first
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
		for key, n := range t.words {
			if float64(n) >= max(2, usual*float64(t.voices)) {
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
		ranked := c.named(cl.lang, tallies[i].ranked(spread, len(order)))
		cl.votes = votesOf(ranked)
		if !cl.named {
			c.call(cl, chosen(ranked, cl.lang, cl.name, taken))
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

// A tally is how often the phrases and words of some voices were said.
type tally struct {
	voices int
	said   map[uint32]*said
	words  map[uint32]int // voices that have a telling word, by its key
}

// A said phrase is one with what it is made of.
type said struct {
	vote
	form  float32
	words []telling
	act   bool
}

// weigh counts the phrases of a theme's surest voices, in the language in which
// the theme is named.
func (c *Clusterer) weigh(ns []*node) *tally {
	ns = c.speakers(ns)
	slices.SortStableFunc(ns, func(a, b *node) int { return cmp.Compare(b.fit, a.fit) })
	ns = ns[:min(len(ns), asked)]
	t := &tally{voices: len(ns), said: map[uint32]*said{}, words: map[uint32]int{}}
	for _, n := range ns {
		phrases, words := map[uint32]bool{}, map[uint32]bool{}
		for _, p := range c.spoken(n) {
			for _, w := range p.words {
				if !words[w.key] {
					words[w.key] = true
					t.words[w.key]++
				}
			}
			if !phrases[p.key] {
				phrases[p.key] = true
				t.count(p)
			}
		}
	}
	return t
}

func (t *tally) count(p phrase) {
	s := t.said[p.key]
	if s == nil {
		s = &said{vote: vote{key: p.key}, words: p.words, act: p.act}
		t.said[p.key] = s
	}
	s.vote.count(p)
	s.form = max(s.form, p.form)
}

// speakers are the voices in the language of the company, where enough of a
// theme's are, or else in the language that most of them are in.
func (c *Clusterer) speakers(ns []*node) []*node {
	const spoken = 0.1
	in := map[string]int{}
	for _, n := range ns {
		in[n.item.Lang]++
	}
	lang := c.cfg.Lang
	if own := in[lang]; own < 2 || float64(own) < spoken*float64(len(ns)) {
		lang = slices.MaxFunc(slices.Sorted(maps.Keys(in)), func(a, b string) int { return cmp.Compare(in[a], in[b]) })
	}
	return slices.DeleteFunc(slices.Clone(ns), func(n *node) bool { return n.item.Lang != lang })
}

// A ranking is a phrase and how well it names a theme.
type ranking struct {
	vote  vote
	merit float64
}

// ranked returns the phrases that may name a theme, best first: shaped like a
// name, of words that many of its voices say and that are usual in few other
// themes. A single voice may have put the words together, but each of them is
// said by more than one.
func (t *tally) ranked(spread map[uint32]int, themes int) []ranking {
	var rs []ranking
	for _, s := range t.said {
		if merit := t.merit(s, spread, themes); merit > 0 {
			rs = append(rs, ranking{s.vote, merit})
		}
	}
	slices.SortFunc(rs, func(a, b ranking) int {
		return cmp.Or(cmp.Compare(b.merit, a.merit), cmp.Compare(a.vote.text, b.vote.text))
	})
	return rs[:min(len(rs), heldVotes)]
}

// merit adds up what the words of a phrase are worth, the further ones less.
func (t *tally) merit(s *said, spread map[uint32]int, themes int) float64 {
	const further = 0.6
	worths, least := make([]float64, len(s.words)), together
	if s.act {
		least = acted
	}
	for i, w := range s.words {
		n := t.words[w.key]
		if n < 2 && t.voices > 1 || len(s.words) > 1 && float64(n) < least*float64(t.voices) {
			return 0
		}
		apart := math.Log(float64(themes+1)/float64(max(spread[w.key], 1))) / math.Log(float64(themes+1))
		worths[i] = math.Pow(float64(n)/float64(t.voices), 0.6) * float64(w.rare) * apart
	}
	slices.Sort(worths)
	sum, by := 0.0, 1.0
	for _, w := range slices.Backward(worths) {
		sum += by * w
		by *= further
	}
	return float64(s.form) * sum
}

// named leaves out single words that nobody used as nouns, where others are left: a
// verb that opens a sentence is capitalised, too, but names nothing.
func (c *Clusterer) named(lang string, rs []ranking) []ranking {
	if lang != "de" {
		return rs
	}
	for i := range rs {
		rs[i].vote.text = c.nominative(rs[i].vote.text)
	}
	nouns := slices.DeleteFunc(slices.Clone(rs), func(r ranking) bool {
		word := text.Fold(r.vote.text)
		return !strings.ContainsAny(word, " -") && c.nouns[hash('n', word, "")] <= 0
	})
	if len(nouns) == 0 {
		return rs
	}
	return nouns
}

// nominative is a single German noun as it heads a list: "(bei) Kinderschuhen" names
// "Kinderschuhe", where both that and one of them alone were heard of. "Rosinen" stay,
// as nobody speaks of a "Rosin".
func (c *Clusterer) nominative(name string) string {
	word := text.Fold(name)
	heard := func(w string) bool { return c.nouns[hash('n', w, "")] > 0 }
	if one, ok := strings.CutSuffix(word, "en"); ok && !strings.ContainsAny(word, " -") && heard(one+"e") && heard(one) {
		return name[:len(name)-1]
	}
	return name
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
func chosen(rs []ranking, lang, now string, taken map[string]bool) string {
	head, _, _ := strings.Cut(now, and(lang))
	head, _, _ = strings.Cut(head, ", ") // as names were once joined
	for _, r := range rs {
		if r = whole(r, rs); now != "" && r.vote.text == head && better*r.merit >= rs[0].merit && !taken[strings.ToLower(now)] {
			return now
		}
	}
	for i, r := range rs {
		if name := rounded(whole(r, rs[i+1:]), lang, rs[i+1:]); !taken[strings.ToLower(name)] {
			return name
		}
	}
	return now
}

// nearly is the least merit of a compound that takes its last word's place, of that
// word's.
const nearly = 0.4

// whole returns the compound that some of the voices say where others say its last word
// alone: "Größentabelle" tells more than "Tabelle". Else it is the word itself.
func whole(r ranking, others []ranking) ranking {
	const shortest = 4
	word := text.Fold(r.vote.text)
	if len(word) < shortest || strings.ContainsAny(word, " -") {
		return r
	}
	for _, o := range others {
		if o.merit < nearly*r.merit {
			break
		}
		if long := text.Fold(o.vote.text); len(long) >= len(word)+3 && !strings.Contains(long, " ") && strings.HasSuffix(long, word) {
			return o
		}
	}
	return r
}

// and joins two words in a language.
func and(lang string) string {
	switch lang {
	case "de":
		return " und "
	case "en":
		return " and "
	case "fr":
		return " et "
	}
	return ", "
}

// rounded adds a second word to a short one, which alone says little: "Etikett"
// becomes "Etikett und Drucker".
func rounded(r ranking, lang string, others []ranking) string {
	name := r.vote.text
	if strings.ContainsAny(name, " -") || utf8.RuneCountInString(name) >= enough {
		return name
	}
	for _, o := range others {
		if o.merit < besides*r.merit {
			break
		}
		if second := o.vote.text; !oblique(lang, second) && !strings.Contains(second, " ") && !vague(text.Fold(second)) && !overlap(name, second) && !synonyms(lang, name, second) && utf8.RuneCountInString(name+second) < longName {
			return name + and(lang) + second
		}
	}
	return name
}

// oblique reports whether a German noun looks as it does after "mit" or "von".
func oblique(lang, noun string) bool { return lang == "de" && strings.HasSuffix(noun, "ern") }

// synonyms reports whether two words speak of the same thing.
func synonyms(lang, a, b string) bool {
	known := lexicons()[lang]
	of := known[stem(lang, text.Fold(a))]
	return slices.ContainsFunc(known[stem(lang, text.Fold(b))], func(id uint32) bool { return slices.Contains(of, id) })
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
