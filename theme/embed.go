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

// An Item is one voice as the heart sees it.
type Item struct {
	ID     int64
	Text   string
	Wish   string // the words of Text that carry the wish, or empty
	Lang   string // BCP 47 primary tag
	Kinds  lastword.Kinds
	Thread string // the conversation it was said in, or empty

	Taught bool // a person placed it where it is

	Far lastword.Direction // where an endpoint says that it lies, or nil

	tokens []text.Token // of Text, while it is on its way to its place; nil: not read yet
}

// read returns the text's tokens.
func (v Item) read() []text.Token {
	if v.tokens != nil {
		return v.tokens
	}
	return text.Tokens(v.Text)
}

// ItemOf returns what the heart needs of a voice.
func ItemOf(v lastword.Voice) Item {
	said := v.Text
	if v.Title != "" {
		said = v.Title + "\n" + v.Text
	}
	return Item{ID: v.ID, Text: said, Wish: v.Wish, Lang: v.Language, Kinds: v.Kinds, Thread: threadOf(v.Post), Taught: v.FitBy != 0}
}

// threadOf names the conversation that a post belongs to or opens.
func threadOf(p lastword.Post) string {
	if key := cmp.Or(p.Root, p.Parent, p.Key); key != "" {
		return p.Network + "/" + key
	}
	return ""
}

// A Feature is one hashed trait of a text and how strongly it stands out.
type Feature struct {
	ID     uint32
	Weight float32
}

// A Vector is what a text is about: features by rising ID, each once; empty if
// the text says nothing. A word that carries meaning weighs about 1, so that
// the Euclidean norm grows with how much is said.
type Vector []Feature

// letters marks the features that are letter sequences. They tell what a word
// means that is written in another way, or was never seen; as words of their own
// they would count the same word twice.
const letters = 1 << 31

// Words are the features that are no letter sequences.
func (x Vector) Words() Vector {
	n, _ := slices.BinarySearchFunc(x, letters, func(f Feature, id uint32) int { return cmp.Compare(f.ID, id) })
	return x[:n]
}

// An Embedder turns a text into features. It must be pure: the same item and
// the same answers of heard give the same vector. heard reports whether the
// stem of a word stood on its own in the company's voices before; it lets a
// German compound be taken apart into words that customers really use.
type Embedder interface {
	Embed(v Item, heard func(stem uint32) bool) Vector
}

// Terms is the Embedder made of words: stems, pairs of neighbouring stems, stop
// words (weakly), parts of German compounds and letter sequences.
type Terms struct {
	own map[string]bool
}

// NewTerms returns Terms in which the company's own names, such as its name and
// those of its products' brand, weigh nothing: they stand in every voice.
func NewTerms(names []string) *Terms {
	t := &Terms{own: map[string]bool{}}
	for _, n := range names {
		for _, w := range text.Words(n) {
			t.own[w] = true
		}
	}
	return t
}

// What each kind of feature counts. Chosen on the calibration half of the
// intents (see bench.CalibrateThemes).
const (
	weightWord    = 1
	weightPair    = 0.5  // two words that carry meaning, stop words between them or not
	weightPart    = 0.7  // one side of a German compound
	weightConcept = 1.6  // what a word speaks of
	weightThread  = 1.0  // the conversation
	weightStop    = 0.4  // a stop word: "why", "not" and "when" tell intents apart
	weightLink    = 0.35 // a stop word and its neighbour
	weightTail    = 0.4  // how a German word ends
	weightChars   = 0.35 // all letter sequences of one word together
	beside        = 0.5  // times all these outside of the wish, where there is a wish
	maxWords      = 400  // a longer text says what it wants before that
	gram          = 4    // letters in a sequence
)

// Embed implements [Embedder].
func (t *Terms) Embed(v Item, heard func(uint32) bool) Vector {
	from, to := wishSpan(v)
	e := embedding{lang: v.Lang, heard: heard, lexicon: lexicons()[v.Lang], features: make([]Feature, 0, 128)}
	if v.Thread != "" {
		e.add(hash('t', v.Thread, ""), weightThread)
	}
	for _, tok := range v.read() {
		if greets(tok.Text) {
			continue
		}
		if tok.Kind > text.Hashtag {
			e.near = ""
		}
		g := float32(1)
		if tok.Start < from || tok.End > to {
			g = beside
		}
		if !t.says(v.Lang, tok) {
			if tok.Kind <= text.Hashtag && !t.own[tok.Text] {
				e.link(tok.Text, g)
			}
			continue
		}
		e.word(tok.Text, g)
		if e.words == maxWords {
			break
		}
	}
	return joined(e.features)
}

// wishSpan returns where the wish stands in the text; all of it if nowhere.
func wishSpan(v Item) (from, to int) {
	if i := strings.Index(v.Text, v.Wish); v.Wish != "" && i >= 0 {
		return i, i + len(v.Wish)
	}
	return 0, len(v.Text)
}

// says reports whether a token can tell one subject from another.
func (t *Terms) says(lang string, tok text.Token) bool {
	return tok.Kind <= text.Hashtag && len(tok.Text) > 1 && !text.Stop(lang, tok.Text) && !t.own[tok.Text]
}

type embedding struct {
	lang     string
	heard    func(uint32) bool
	lexicon  lexicon
	features []Feature
	near     string // the stem before this one in the same run of words
	before   string // the content word before this one
	prev     string // the word before this one, stop word or not
	words    int
}

func (e *embedding) word(w string, g float32) {
	s := stem(e.lang, w)
	e.add(hash('w', s, ""), g*weightWord)
	if e.before != "" {
		e.add(hash('b', e.before, s), g*weightPair)
	}
	if e.prev != "" && e.prev != e.before {
		e.add(hash('q', e.prev, s), g*weightLink)
	}
	e.chars(w, g)
	e.tail(s, g)
	e.parts(w, g)
	e.number(w, g)
	e.speak(s, g, true)
	e.before, e.prev = s, s
	e.words++
}

// link adds a stop word.
func (e *embedding) link(w string, g float32) {
	e.add(hash('s', w, ""), g*weightStop)
	e.speak(stem(e.lang, w), g, false)
	if e.prev != "" {
		e.add(hash('q', e.prev, w), g*weightLink)
	}
	e.prev = w
}

// speak adds what a word speaks of, alone or with the one before it.
func (e *embedding) speak(s string, g float32, alone bool) {
	if e.near != "" {
		for _, id := range e.lexicon[e.near+"-"+s] {
			e.add(id, g*weightConcept)
		}
	}
	e.near = s
	if !alone {
		return
	}
	found := e.lexicon[s]
	for _, id := range found {
		e.add(id, g*weightConcept)
	}
	if found != nil || e.lang != "de" {
		return
	}
	left, right := e.lexicon.compound(s)
	for _, id := range left {
		e.add(id, g*weightConcept*weightPart)
	}
	for _, id := range right {
		e.add(id, g*weightConcept*weightPart)
	}
}

// number adds what kind of number a word is: "41,5" and "8.5" are both a half.
func (e *embedding) number(w string, g float32) {
	if w[0] < '0' || w[0] > '9' {
		return
	}
	if n := len(w); n > 2 && w[n-1] == '5' && (w[n-2] == ',' || w[n-2] == '.') {
		e.add(hash('d', "½", ""), g*weightConcept)
	}
}

func (e *embedding) add(id uint32, w float32) {
	e.features = append(e.features, Feature{id &^ letters, w})
}

// chars adds the letter sequences of a word, its borders included, so that
// typing errors, inflections and neighbouring languages still meet.
func (e *embedding) chars(w string, g float32) {
	var cut [66]int
	n := 0
	for i := range w {
		if n == len(cut)-1 {
			break
		}
		cut[n] = i
		n++
	}
	cut[n] = len(w)
	if n < gram {
		return
	}
	grams := n - gram + 1
	each := g * weightChars / float32(math.Sqrt(float64(grams)))
	for i := range grams {
		e.features = append(e.features, Feature{hash('c', w[cut[i]:cut[i+gram]], "") | letters, each})
	}
}

// tail adds how a German word ends, where a compound says what it is: "senkel"
// and "schnürsenkel" are both laces, whether or not "schnür" was ever heard.
func (e *embedding) tail(stem string, g float32) {
	const long = 6
	if e.lang == "de" && len(stem) >= long && utf8.RuneStart(stem[len(stem)-long]) {
		e.add(hash('e', stem[len(stem)-long:], ""), g*weightTail)
	}
}

// parts takes a German compound apart at the border where both sides were
// heard as words: "kinderschuhe" is also about "schuhe".
func (e *embedding) parts(w string, g float32) {
	const shortest = 4
	if e.lang != "de" || e.heard == nil || len(w) < 2*shortest || len(w) > 64 {
		return
	}
	for i := shortest; i <= len(w)-shortest; i++ {
		if !utf8.RuneStart(w[i]) {
			continue
		}
		right := hash('w', stem(e.lang, w[i:]), "") &^ letters
		if !e.heard(right) {
			continue
		}
		if left, ok := e.left(w[:i]); ok {
			e.add(left, g*weightPart)
			e.add(right, g*weightPart)
			return
		}
	}
}

// left finds the first part of a compound, with or without what links it to
// the second (Fugenelement: -s-, -es-, -n-, -en-, -er-, -e-).
func (e *embedding) left(w string) (uint32, bool) {
	for _, link := range [7]string{"", "s", "n", "e", "es", "en", "er"} {
		part, ok := strings.CutSuffix(w, link)
		if !ok || len(part) < 3 {
			continue
		}
		if id := hash('w', stem(e.lang, part), "") &^ letters; e.heard(id) {
			return id, true
		}
	}
	return 0, false
}

// greets reports whether a word only opens or closes a letter; letters are not
// alike because they are polite.
func greets(w string) bool {
	switch w {
	case "hallo", "moin", "servus", "guten", "tag", "liebe", "lieber", "liebes", "geehrte", "geehrter", "damen", "herren",
		"gruß", "gruss", "grüße", "grüsse", "grüßen", "grüssen", "freundliche", "freundlichen", "freundlichem", "herzliche",
		"herzlichen", "mfg", "lg", "vg", "danke", "bitte", "hello", "hi", "hey", "dear", "regards", "sincerely", "cheers",
		"thanks", "thank", "please", "bonjour", "merci":
		return true
	}
	return false
}

// stem returns the form in which a folded word is compared. In German the
// stemmer drops the dots of umlauts; the spellings ae, oe and ue follow, except
// behind a vowel or q, where they are two sounds ("neue", "bequem").
func stem(lang, w string) string {
	s := text.Stem(lang, w)
	if lang != "de" || !strings.Contains(s, "ae") && !strings.Contains(s, "oe") && !strings.Contains(s, "ue") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		if s[i] == 'e' && i > 0 && strings.IndexByte("aou", s[i-1]) >= 0 &&
			(i == 1 || strings.IndexByte("aeiouq", s[i-2]) < 0) {
			continue
		}
		out = append(out, s[i])
	}
	return string(out)
}

// hash is 32-bit FNV-1a over the kind and the two strings.
func hash(kind byte, a, b string) uint32 {
	const prime = 16777619
	h := (uint32(2166136261) ^ uint32(kind)) * prime
	for i := range len(a) {
		h = (h ^ uint32(a[i])) * prime
	}
	h = (h ^ 0xff) * prime // never part of UTF-8: keeps a and b apart
	for i := range len(b) {
		h = (h ^ uint32(b[i])) * prime
	}
	return h
}

// joined sorts features and joins equal ones; a trait said again adds half as
// much.
func joined(fs []Feature) Vector {
	slices.SortFunc(fs, func(a, b Feature) int { return cmp.Compare(a.ID, b.ID) })
	out := fs[:0]
	for _, f := range fs {
		if n := len(out); n > 0 && out[n-1].ID == f.ID {
			out[n-1].Weight = max(out[n-1].Weight, f.Weight) + min(out[n-1].Weight, f.Weight)/2
			continue
		}
		out = append(out, f)
	}
	return Vector(out)
}
