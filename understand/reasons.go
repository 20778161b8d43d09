package understand

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"lastword"
	"lastword/internal/text"
)

// A Reason is one feature of a text and how far it moves the log-odds of a label.
type Reason struct {
	What   string // words in quotes, parts of words with _ at the edges of words, or the name of a sign
	Weight float64
}

// Reasons returns what in a post speaks for (Weight > 0) and against a label:
// "wish", "problem", "praise", "question", "negative", "neutral" or "positive",
// strongest first. It goes by the whole text; what the single sentences say besides
// is left out. A label that it does not know has none.
func (m *Model) Reasons(post lastword.Post, label string) []Reason {
	var r reading
	j := m.readInto(&r, post, nil, false)
	h := m.head(j.Language)
	towards, ok := h.towards(label)
	if !ok {
		return nil
	}
	r.f.read(r.s, r.tokens)
	w := weighing{h: h, towards: towards, sums: map[string]float64{}}
	w.grams(&r.f, r.tokens)
	w.signs(&r.f)
	w.tone(&r.f)
	reasons := make([]Reason, 0, len(w.sums))
	for what, weight := range w.sums {
		if weight != 0 {
			reasons = append(reasons, Reason{what, weight})
		}
	}
	slices.SortFunc(reasons, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)), cmp.Compare(a.What, b.What))
	})
	return reasons
}

// towards returns how far 1 more in each output moves the log-odds of a label.
func (h *head) towards(label string) (by [outputs]float64, ok bool) {
	if k, is := lastword.KindNamed(label); is {
		kind := slices.Index(lastword.AllKinds[:], k)
		for out := range outputs {
			by[out] = float64(h.Opinions[kind][out])
		}
		by[kind] += float64(h.Opinions[kind][outputs])
		return by, true
	}
	feeling, ok := feelingNamed(label)
	for n, out := range moodInputs {
		mine := h.Mood.Weights[feeling-lastword.Negative][n]
		for i, others := range h.Mood.Weights {
			if i != int(feeling-lastword.Negative) {
				by[out] += float64(mine-others[n]) / 2
			}
		}
	}
	return by, ok
}

// A weighing sums up what each feature adds to a label.
type weighing struct {
	h       *head
	towards [outputs]float64
	sums    map[string]float64
}

func (w *weighing) add(what string, weights [outputs]float32, by float32) {
	for out, x := range weights {
		w.sums[what] += w.towards[out] * float64(by*x)
	}
}

// grams weighs the n-grams in the order in which features.read makes them.
func (w *weighing) grams(f *features, tokens []text.Token) {
	byWord, byChar, _ := groupScales(f)
	n := 0
	for i := range f.norms {
		for j := i; j < min(i+maxWordGram, len(f.norms)); j++ {
			w.gram(`"`+strings.Join(f.norms[i:j+1], " ")+`"`, f.words[n], byWord)
			n++
		}
	}
	for i, t := range tokens {
		if t.Kind == text.Word || t.Kind == text.Hashtag {
			w.parts(f.norms[i], byChar)
		}
	}
}

// parts weighs the pieces of a word.
func (w *weighing) parts(word string, by float32) {
	runes := []rune("_" + word + "_")
	if len(runes) > maxRunes+2 {
		runes = append(runes[:maxRunes+1], '_')
	}
	var f features
	f.readGrams(runes)
	n := 0
	for i := range runes {
		for j := i + minCharGram - 1; j < min(i+maxCharGram, len(runes)); j++ {
			w.gram(string(runes[i:j+1]), f.chars[n], by)
			n++
		}
	}
}

func (w *weighing) gram(what string, hash uint32, by float32) {
	if len(w.h.rows) == 0 {
		return
	}
	r := &w.h.rows[slot(hash)]
	if r.Check != check(hash) {
		return
	}
	var weights [outputs]float32
	for out, x := range r.Weights {
		weights[out] = w.h.Unit[out] * float32(x)
	}
	w.add(what, weights, by)
}

func (w *weighing) signs(f *features) {
	for cue := range f.cues.all() {
		w.add("sign: "+cueName(cue), w.h.Cues[cue], cueGain)
	}
	names := signNames()
	for n := range f.signs.all() {
		w.add("turn: "+names[n], w.h.Signs[n], signGain)
	}
}

// tone weighs the numbers of a tone.
func (w *weighing) tone(f *features) {
	for n, v := range f.tone {
		if v == 0 {
			continue
		}
		weights := w.h.Tones[n]
		for out := range weights {
			weights[out] *= v
		}
		w.add("tone: "+toneNames[n], weights, toneGain)
	}
}

var toneNames = [tones]string{
	toneBalance: "good against bad words", toneGood: "good words", toneBad: "bad words", toneGoodRate: "many good words",
	toneBadRate: "many bad words", toneOnlyGood: "only good words", toneOnlyBad: "only bad words", toneBoth: "good and bad words",
	toneNeither: "neither good nor bad words", toneFirst: "of the first sentence", toneLast: "of the last sentence",
	toneAddressed: "of what is said to the company", toneEmoji: "of emoji", toneGoodShare: "good sentences",
	toneBadShare: "bad sentences", toneVeryGood: "very good words", toneVeryBad: "very bad words",
	toneDoubtful: "praise that is spoiled", toneGoodNot: "something good is denied", toneBadNot: "something bad is denied",
	toneUnreal: "something would be good",
}

// signNames are the signs as signs.txt puts them.
func signNames() []string {
	var names []string
	for line := range strings.Lines(signsFile) {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' && !strings.Contains(line, " = ") {
			names = append(names, line)
		}
	}
	return names
}

// cueName is a cue in a few words.
func cueName(cue int) string {
	if cue < len(cueNames) && cueNames[cue] != "" {
		return cueNames[cue]
	}
	return "another"
}

var cueNames = [...]string{
	cueAsks: "a question mark", cueAsksLast: "ends with a question mark", cueAsksAgain: "several question marks",
	cueAskWord: "opens with a question word", cueAskVerb: "opens with a verb and asks", cueExclaims: "an exclamation mark",
	cueExclaimsAgain: "several exclamation marks", cueTrails: "an ellipsis", cueShouts: "a word in capitals", cuePlease: "please",
	cueThanks: "thanks", cueGreets: "a greeting", cueMust: "must", cueCould: "could, would", cueShould: "should",
	cueWishVerb: "a verb of wishing", cueImperative: "an imperative", cueInfinitive: "ends in an infinitive",
	cueRather: "more, rather, at last", cueNegates: "a negation", cueNothing: "is missing", cueBroken: "broken", cueAgain: "again, still",
	cueGood: "a good word", cueBad: "a bad word", cueGladEmoji: "a glad emoji", cueSadEmoji: "a sad emoji", cueI: "I", cueWe: "we",
	cueYou: "you", cueMentionFirst: "opens with a @name", cueRetweet: "a retweet", cueLink: "a link", cueTag: "a hashtag",
	cueTags: "many hashtags", cueShort: "short", cueMedium: "of medium length", cueLong: "long", cueNoVerb: "no common verb",
	cueBut: "but", cueIf: "if", cueQuotes: "quotation marks", cueNumber: "a number", cueNews: "a headline's form",
	cueFirstSmall: "opens in small letters", cueWishPhrase: "a set form of wish", cuePlainQuestion: "a plain question",
	cueLaughs: "an emoji that laughs", cueWinks: "an emoji that winks", cueApplauds: "an emoji that applauds or loves",
}

// AboutReasons returns what spoke most for or against a post being about the
// bearer of names.
func (m *Model) AboutReasons(post lastword.Post, names []string) []Reason {
	var r reading
	p := m.readInto(&r, post, names, false).About
	what := map[float64]string{
		aboutUnknown: "no names to look for", aboutHandle: "the name is spoken to", aboutName: "the name stands there",
		aboutPart: "a handle made of the name", aboutLink: "a link to an address with the name", aboutShort: "a short name stands there",
		aboutReply: "an answer in a thread", aboutNothing: "no sign at all", aboutWord: "only as a common word",
		aboutSmall: "the name in small letters", aboutOther: "only in somebody else's handle",
	}[p]
	return []Reason{{cmp.Or(what, "a rule of about-us"), logit(p)}}
}
