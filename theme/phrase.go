package theme

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"lastword/internal/text"
)

// nouns knows of each word, by hash, how much speaks for its being a noun:
// German capitals within a sentence, in other languages an article before it.
type nouns map[uint32]int8

const (
	knownNouns = 1 << 18 // words watched
	surelyNoun = 2
)

// A clue is what one use of a word, by hash, says about its being a noun.
type clue struct {
	id uint32
	d  int8
}

// clues watches the words of one voice.
func clues(v Item) []clue {
	us := units(v)
	capitals := writesCapitals(us)
	var cs []clue
	for i, u := range us {
		if i > 0 && !u.opens && u.capital && title(us[i-1].folded) {
			cs = append(cs, clue{hash('h', u.folded, ""), 1})
		}
		if d := evidence(us, i, v.Lang, capitals); d != 0 {
			cs = append(cs, clue{hash('n', u.folded, ""), d})
		}
	}
	return cs
}

func (ns nouns) learn(cs []clue) {
	for _, c := range cs {
		ns.count(c.id, c.d)
	}
}

func (ns nouns) count(id uint32, d int8) {
	n, ok := ns[id]
	if !ok && len(ns) >= knownNouns {
		return
	}
	ns[id] = min(max(n+d, -100), 100)
}

// person reports whether a word, by the hash of what stands behind a title, is how
// somebody is called, who is no theme: as often as every third time that it is used
// as a noun it stands there.
func (ns nouns) person(id uint32, known int8) bool {
	const often = 3
	called := int(ns[id])
	return called > 0 && often*called >= int(known)
}

// evidence is +1 if the unit is used as a noun, -1 if surely not, else 0.
func evidence(us []unit, i int, lang string, capitals bool) int8 {
	u := us[i]
	switch {
	case lang == "de" && !u.opens && capitals && u.capital:
		return 1
	case lang == "de" && !u.opens && capitals:
		return -1
	case lang == "de" || u.opens:
		return 0
	case i+1 < len(us) && !us[i+1].opens && !text.Stop(lang, us[i+1].folded):
		return 0 // "a wide fit": the noun comes last
	}
	return determined(us[:i], lang)
}

// determined judges the word that follows us by the nearest word before it that
// is no adjective: "a (wide) …" is followed by a noun, "to …" by a verb.
func determined(us []unit, lang string) int8 {
	for i := len(us) - 1; i >= 0 && i >= len(us)-3; i-- {
		switch w := us[i].folded; {
		case determines(w):
			return 1
		case i == len(us)-1 && beforeVerb(w):
			return -1
		case us[i].opens || text.Stop(lang, w):
			return 0
		}
	}
	return 0
}

// A unit is a word as a name shows it; "E-Mail" is one.
type unit struct {
	folded     string
	start, end int32 // in the text
	opens      bool  // first of its sentence or behind a mark
	capital    bool
	kind       text.Kind
}

// units returns the words of a voice, parted at hyphens no more.
func units(v Item) []unit {
	tokens := v.read()
	us := make([]unit, 0, len(tokens))
	opens := true
	for i, t := range tokens {
		if t.Kind > text.Hashtag {
			opens = opens || !hyphen(tokens, i)
			continue
		}
		if n := len(us); n > 0 && i > 1 && hyphen(tokens, i-1) {
			us[n-1].folded += "-" + t.Text
			us[n-1].end = int32(t.End)
			continue
		}
		start := t.Start
		if t.Kind == text.Hashtag {
			start++
		}
		r, _ := utf8.DecodeRuneInString(v.Text[start:])
		us = append(us, unit{t.Text, int32(start), int32(t.End), opens, unicode.IsUpper(r), t.Kind})
		opens = false
	}
	return us
}

// hyphen reports whether tokens[i] is a hyphen within a word.
func hyphen(tokens []text.Token, i int) bool {
	return i > 0 && i+1 < len(tokens) && tokens[i].Text == "-" && tokens[i].End == tokens[i].Start+1 &&
		tokens[i-1].End == tokens[i].Start && tokens[i+1].Start == tokens[i].End &&
		tokens[i-1].Kind <= text.Hashtag && tokens[i+1].Kind <= text.Hashtag
}

// writesCapitals reports whether the writer uses capitals as the rules have
// them: some words, not all.
func writesCapitals(us []unit) bool {
	inside, capital := 0, 0
	for _, u := range us {
		if !u.opens {
			inside++
			if u.capital {
				capital++
			}
		}
	}
	return capital > 0 && capital < inside
}

// A phrase is a piece of a text that might name a theme.
type phrase struct {
	key   uint32 // of its stems: equal for inflected forms
	text  string
	form  float32 // how much it looks like a name, 0…1
	shape float32 // form, times how much its words tell
	words []telling
	act   bool // what happens to a thing, or is to be done with it
}

// A telling word is one that carries meaning, by its stem, and how much it tells.
type telling struct {
	key  uint32
	rare float32
}

const (
	wished        = 1.4 // how much better a name it is what stands in the words of a wish
	phraseUnits   = 4
	phraseLetters = 48
)

// A named is a word judged as a part of a name.
type named struct {
	unit
	may     bool   // stand at the border of a name, unless it is a person's
	bars    bool   // may not stand within one either
	carries bool   // stands at the border of a name, as things are known now
	frames  bool   // may not stand within one, as things are known now
	ours    bool   // a name of the company's: no name of a theme by itself
	known   int8   // as a noun
	watched uint32 // among the nouns
	titled  uint32 // among what stands behind a title
	key     uint32
	word    uint32 // as a feature
	rare    float32
}

// read judges the words of a voice as far as they stay what they are.
func (c *Clusterer) read(v Item) []named {
	us := units(v)
	us = us[:min(len(us), maxWords)]
	ns := make([]named, len(us))
	for i, u := range us {
		n := named{unit: u, watched: hash('n', u.folded, ""), titled: hash('h', u.folded, "")}
		n.bars = frames(u.folded) || greets(u.folded) || measures(u.folded) || fillers[u.folded] || title(u.folded)
		n.may = !n.bars && len(u.folded) > 1 && !text.Stop(v.Lang, u.folded) && !c.house[u.folded]
		n.ours = c.own[u.folded]
		if n.may {
			s := stem(v.Lang, u.folded)
			n.key, n.word = hash('p', s, ""), hash('w', s, "")&^letters
		}
		ns[i] = n
	}
	return ns
}

// weighed notes of words what is known of them now.
func (c *Clusterer) weighed(ns []named) []named {
	for i := range ns {
		n := &ns[i]
		n.known = c.nouns[n.watched]
		person := c.nouns.person(n.titled, n.known)
		n.frames, n.carries = n.bars || person, n.may && !person
		if n.carries {
			n.rare = c.stream.told(n.word)
		}
	}
	return ns
}

// phrases returns the noun-like phrases of a voice.
func (c *Clusterer) phrases(v Item) []phrase { return c.phrased(v, c.read(v)) }

// spoken is phrases, of a voice that is asked again and again.
func (c *Clusterer) spoken(n *node) []phrase {
	if n.words == nil {
		n.words = c.read(n.item)
	}
	return c.phrased(n.item, n.words)
}

// phrased is phrases, of the words that were read.
func (c *Clusterer) phrased(v Item, read []named) []phrase {
	ns := c.weighed(read)
	from, to := wishSpan(v)
	ps := make([]phrase, 0, 2*len(ns))
	for i := range ns {
		for j := i; ns[i].carries && j < len(ns) && j < i+phraseUnits && (j == i || !ns[j].opens); j++ {
			if p, ok := c.phrase(v, ns[i:j+1]); ok && !(p.act && goesOn(ns[j], ns[j+1:])) {
				if int(ns[i].start) >= from && int(ns[j].end) <= to {
					p.shape *= wished
					p.form *= wished
				}
				ps = append(ps, p)
			}
		}
	}
	return ps
}

// phrase judges one run of words as a name.
func (c *Clusterer) phrase(v Item, ns []named) (phrase, bool) {
	last, happens := ns[len(ns)-1], v.Lang == "de" && happening(ns)
	p := phrase{form: last.nounness(v.Lang), act: happens}
	if happens {
		p.form = happened
	}
	if !nameable(v, ns, happens) || !p.word(ns) {
		return phrase{}, false
	}
	content, rare := len(p.words), float32(0)
	for _, w := range p.words {
		rare += w.rare
	}
	p.form *= length(content, last.unit)
	if content == 1 && vague(last.folded) {
		p.form *= 0.5
	}
	if content > 1 && ns[0].known < 0 && v.Lang != "de" {
		p.form *= 0.4 // begins with a verb
	}
	p.shape = p.form * rare / float32(content)
	p.text = write(v, ns)
	if v.Lang == "de" {
		doubtful := false
		if p.text, doubtful = agreeing(ns, p.text); doubtful {
			p.shape, p.form = 0.6*p.shape, 0.6*p.form
		}
	}
	return p, true
}

// nameable reports whether words may be a name by where they begin and end, by their
// length and by their grammar; happens says that they tell what happens to a thing.
func nameable(v Item, ns []named, happens bool) bool {
	first, last := ns[0], ns[len(ns)-1]
	switch {
	case !first.carries, !last.carries && !happens, last.kind == text.Number:
		return false
	case utf8.RuneCountInString(v.Text[first.start:last.end]) > phraseLetters:
		return false
	}
	return len(ns) == 1 || happens || grammatical(v.Lang, ns)
}

// word takes in the words that tell something. It reports whether they can name
// anything: not where one frames them or is said twice ("Zug um Zug"), nor the
// company's own names alone, nor one with a number in it.
func (p *phrase) word(ns []named) bool {
	ours := true
	for _, n := range ns {
		switch {
		case n.frames, n.carries && slices.ContainsFunc(p.words, func(w telling) bool { return w.key == n.key }):
			return false
		case n.carries:
			p.key = n.key ^ p.key*31
			p.words = append(p.words, telling{n.key, n.rare})
			ours = ours && n.ours
		case !p.act:
			p.form *= 0.85
		}
	}
	return !ours && (len(p.words) > 1 || !strings.ContainsAny(ns[len(ns)-1].folded, "0123456789"))
}

// length prefers two or three words to one, unless it is a compound, and four.
func length(content int, last unit) float32 {
	switch {
	case content == 1 && len(last.folded) >= 11:
		return 0.9
	case content == 1:
		return 0.7
	case content < 4:
		return 1
	}
	return 0.8
}

// nounness is how much the last word of a name looks like a noun.
func (n named) nounness(lang string) float32 {
	switch {
	case n.known >= surelyNoun, n.known >= 0 && lang == "de" && n.capital && !n.opens:
		return 1
	case n.known < 0:
		return 0.2
	case lang == "de" && n.kind != text.Hashtag:
		return 0.15
	}
	return 0.6
}

// grammatical reports whether words make a name as German and English do: a
// noun with its adjectives before it, and perhaps a preposition with another
// behind it, as in "Wanderschuh ohne Leder". Of other languages nothing is known.
func grammatical(lang string, ns []named) bool {
	if lang != "de" && lang != "en" {
		return true
	}
	rest, ok := group(lang, ns)
	for ok && len(rest) > 0 {
		if !prepositions[rest[0].folded] {
			return false
		}
		into := rest[0].folded == "in"
		rest = rest[1:]
		if into && len(rest) > 0 && (rest[0].folded == "die" || rest[0].folded == "das") {
			return false // "Zucker in die Sorte" goes on with what is done
		}
		if len(rest) > 0 && articles[rest[0].folded] {
			rest = rest[1:]
		}
		rest, ok = group(lang, rest)
	}
	return ok
}

// group takes a noun with its adjectives off the words.
func group(lang string, ns []named) (rest []named, ok bool) {
	for i, n := range ns {
		last := i+1 == len(ns) || !ns[i+1].carries
		switch {
		case !n.carries:
			return nil, false
		case lang == "de" && n.noun():
			return ns[i+1:], i == 0 || last || !title(ns[0].folded)
		case lang == "de" && !n.adjective():
			return nil, false
		case lang == "en" && n.known < 0:
			return nil, false
		case lang == "en" && last:
			return ns[i+1:], true
		}
	}
	return nil, false
}

// noun reports whether a German word surely is one.
func (n named) noun() bool {
	return n.known >= surelyNoun || n.known >= 0 && n.capital && (!n.opens || n.known > 0)
}

// adjective reports whether a German word that is no noun may stand before one,
// in the form that a name has.
func (n named) adjective() bool {
	return len(n.folded) > 3 && (strings.HasSuffix(n.folded, "e") || strings.HasSuffix(n.folded, "er") || strings.HasSuffix(n.folded, "es"))
}

// title reports whether a word goes before a person's name.
func title(w string) bool { return titles[w] }

var (
	prepositions = set("ab an am auf aus bei beim bis durch für gegen im in ins mit nach ohne pro seit über um unter vom von vor wegen zu zum zur zwischen " +
		"about at for from in of on to with without")
	particles = set("sich nicht ab an auf aus ein los weg zu nie mit zurück kaputt")
	titles    = set("frau herr herrn familie mr mrs ms")
	articles  = set("der die das den dem des the a an")
)

func set(words string) map[string]bool {
	all := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		all[w] = true
	}
	return all
}

// write returns the words as a name shows them: nouns of a writer without
// capitals get theirs back, the first letter is a capital unless the word has
// one inside, as in iPhone.
func write(v Item, ns []named) string {
	var b strings.Builder
	for i, n := range ns {
		if i > 0 {
			b.WriteByte(' ')
		}
		w := v.Text[n.start:n.end]
		if i == 0 && w == strings.ToLower(w) || v.Lang == "de" && n.known >= surelyNoun {
			r, size := utf8.DecodeRuneInString(w)
			b.WriteRune(unicode.ToUpper(r))
			w = w[size:]
		}
		b.WriteString(w)
	}
	return b.String()
}

func determines(w string) bool {
	switch w {
	case "a", "an", "the", "my", "your", "our", "their", "this", "these", "any", "some", "no", "of", "new", "with", "without":
		return true
	}
	return false
}

func beforeVerb(w string) bool {
	switch w {
	case "to", "i", "you", "we", "they", "can", "could", "would", "will", "should", "please", "don't", "can't", "didn't",
		"won't", "doesn't", "not", "it", "he", "she", "be", "is", "are", "was", "been":
		return true
	}
	return false
}

// frames reports whether a word belongs to how something is said, not to what:
// it stands in the voices of every theme.
func frames(w string) bool {
	switch w {
	case "add", "allow", "also", "anyone", "back", "bad", "bring", "buy", "come", "else", "find", "fix", "give", "go", "good",
		"great", "guys", "hate", "help", "hope", "keep", "know", "lot", "love", "make", "makes", "need", "needs", "offer",
		"people", "possible", "put", "say", "see", "sell", "since", "still", "sure", "take", "tell", "thank", "thanks",
		"thing", "things", "think", "time", "today", "try", "trying", "use", "using", "wait", "waiting", "want", "wants",
		"way", "wish", "won't", "work", "working", "works", "year", "years", "show", "happened", "believe",
		"anbieten", "bekommen", "besser", "braucht", "brauche", "bräuchte", "danke", "dürfte", "endlich", "fehlt", "finde",
		"finden", "freue", "freuen", "frage", "fänd", "fände", "gebt", "gefällt", "gehen", "gekauft", "genau", "gut", "gute",
		"heute", "hoffe", "hätte", "hätten", "jahr", "jahre", "jahren", "kaufen", "klar", "kommen", "kommt", "leider", "leute",
		"machen", "macht", "mag", "merci", "möchte", "möchten", "möglich", "nie", "nächste", "nächsten", "problem", "sagen",
		"schade", "schön", "super", "tage", "tagen", "toll", "tolle", "trotzdem", "wochen", "wunsch", "wünsche", "wünschen",
		"wünschte", "zeit", "ständig", "geben", "steht", "lässt", "sagt", "mach", "zeig", "sag", "gib":
		return true
	}
	return false
}
