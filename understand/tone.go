package understand

import (
	"lastword/internal/text"
)

// A tone is how good or bad the words of a text sound: numbers from -1 to 1 that do
// not grow with its length, so that they hold for a tweet as for a letter.
type tone [tones]float32

// The numbers of a tone. Their order is part of the shipped model: raise Version
// with it.
const (
	toneBalance  = iota // good against bad
	toneGood            // how much is good
	toneBad             // how much is bad
	toneGoodRate        // … of the words
	toneBadRate
	toneOnlyGood
	toneOnlyBad
	toneBoth
	toneNeither
	toneFirst     // of the first sentence
	toneLast      // of the last
	toneAddressed // of the sentences that speak to the company
	toneEmoji     // of emoji
	toneGoodShare // share of the sentences that are good
	toneBadShare
	toneVeryGood // a strong word is there
	toneVeryBad
	toneDoubtful // praise with what spoils it behind: often irony
	toneGoodNot  // something good is denied
	toneBadNot   // something bad is
	toneUnreal   // something would be good
	tones        // how many there are
)

// A toneReader weighs the words of a text, clause by clause.
type toneReader struct {
	hits   []float32 // polar words of the clause, as they are meant
	places []int     // where they stand, in words

	word, not, boost, damp, too int // words of the clause, and where the last of a role stood; -9 is nowhere
	turned                      int // the hit that a negation behind it may turn, or -1
	unreal, you                 bool

	good, bad         float32 // of the sentence
	sentences         int
	sumGood, sumBad   float32
	goods, bads       int // sentences
	first, last       float32
	addressed         float32
	addressing        bool
	emoji, emojis     float32
	words             int
	polar             bool
	praised, doubtful bool
	t                 tone
}

const nowhere = -9

// readTone reads the tone of tokens, whose words are spelled as in f.norms.
func (f *features) readTone(tokens []text.Token) {
	f.tone = tone{}
	if f.lex == nil {
		return
	}
	r := toneReader{hits: f.hits[:0], places: f.places[:0]}
	r.clause()
	for i := range tokens {
		switch t := &tokens[i]; t.Kind {
		case text.Word, text.Hashtag:
			r.take(f.lex.of(f.norms[i]))
		case text.Number:
			r.word++
		case text.Emoji:
			if v := emojiFeeling(t.Text); v != 0 {
				r.emoji += float32(v)
				r.emojis++
			}
		case text.Punct:
			r.mark(t.Text)
		}
	}
	r.endSentence()
	f.tone, f.hits, f.places = r.sum(), r.hits, r.places
}

func (r *toneReader) mark(m string) {
	switch m[0] {
	case '.', '!', '?':
		r.endSentence()
	case ',', ';', ':', '(', ')', '-':
		r.endClause()
	default:
		if m == "…" {
			r.endSentence()
		} else if m == "–" {
			r.endClause()
		}
	}
}

// take weighs a word.
func (r *toneReader) take(s sense) {
	r.words++
	if s.is(roleTurns) {
		r.endClause()
	}
	r.word++
	if s.roles == 0 {
		return
	}
	r.you = r.you || s.is(roleYou)
	r.unreal = r.unreal || s.is(roleUnreal)
	if s.is(roleGreets) && len(r.hits) > 0 && r.places[len(r.hits)-1] == r.word-1 && r.hits[len(r.hits)-1] > 0 {
		r.hits[len(r.hits)-1] = 0
	}
	if s.is(roleAgain) && r.praised {
		r.doubtful = true
	}
	switch {
	case s.is(roleMuch) && r.too == r.word-1:
		r.hit(-1)
	case s.is(rolePolar) && s.value != 0 && !(s.is(roleDear) && r.word == 1):
		r.hit(float32(s.value) / 2)
	}
	if s.is(roleNegates) {
		r.not, r.turned = r.word, -1
		if n := len(r.hits) - 1; n >= 0 && r.word-r.places[n] <= 4 {
			r.turned = n
		}
	}
	if s.is(roleBoosts) {
		r.boost = r.word
	}
	if s.is(roleDamps) {
		r.damp = r.word
	}
	if s.is(roleToo) {
		r.too = r.word
	}
}

// hit notes a polar word, as what stands before it makes it.
func (r *toneReader) hit(v float32) {
	if r.boost == r.word-1 {
		v *= 1.5
	}
	if r.damp == r.word-1 {
		v *= 0.5
	}
	if r.word-r.not <= 5 {
		v = r.deny(v)
		r.turned = -1
	}
	if v >= 1 {
		r.t[toneVeryGood] = 1
	}
	if v <= -1 {
		r.t[toneVeryBad] = 1
	}
	if v > 0 {
		r.praised = true
	} else if r.praised {
		r.doubtful = true
	}
	r.polar = true
	r.hits, r.places = append(r.hits, v), append(r.places, r.word)
}

// deny is what becomes of v under a negation.
func (r *toneReader) deny(v float32) float32 {
	if v > 0 {
		r.t[toneGoodNot] = 1
		return -0.8 * v
	}
	r.t[toneBadNot] = 1
	return -0.4 * v
}

func (r *toneReader) clause() {
	r.hits, r.places = r.hits[:0], r.places[:0]
	r.word, r.not, r.boost, r.damp, r.too, r.turned, r.unreal = 0, nowhere, nowhere, nowhere, nowhere, -1, false
}

func (r *toneReader) endClause() {
	if r.turned >= 0 && r.hits[r.turned] > 0 {
		r.hits[r.turned] = r.deny(r.hits[r.turned])
	}
	for _, v := range r.hits {
		switch {
		case v > 0 && r.unreal:
			r.t[toneUnreal] = 1
			r.good += 0.3 * v
		case v > 0:
			r.good += v
		default:
			r.bad -= v
		}
	}
	r.clause()
}

func (r *toneReader) endSentence() {
	r.endClause()
	if r.words == 0 && r.good == 0 && r.bad == 0 {
		return
	}
	v := (r.good - r.bad) / (r.good + r.bad + 0.5)
	if r.sentences == 0 {
		r.first = v
	}
	if r.good != 0 || r.bad != 0 || r.sentences == 0 {
		r.last = v
	}
	if v > 0.1 {
		r.goods++
	}
	if v < -0.1 {
		r.bads++
	}
	if r.you {
		r.addressed += r.good - r.bad
	}
	r.sentences++
	r.sumGood, r.sumBad = r.sumGood+r.good, r.sumBad+r.bad
	r.good, r.bad, r.you = 0, 0, false
}

// sum is the tone of all that was read.
func (r *toneReader) sum() tone {
	t, g, b := r.t, r.sumGood, r.sumBad
	t[toneBalance] = (g - b) / (g + b + 0.7)
	t[toneGood], t[toneBad] = g/(g+1), b/(b+1)
	most := float32(max(r.words, 8))
	t[toneGoodRate], t[toneBadRate] = min(1, 6*g/most), min(1, 6*b/most)
	t[toneOnlyGood], t[toneOnlyBad] = flag(g > 0.2 && b == 0), flag(b > 0.2 && g == 0)
	t[toneBoth], t[toneNeither] = flag(g > 0.2 && b > 0.2), flag(!r.polar)
	t[toneFirst], t[toneLast] = r.first, r.last
	t[toneAddressed] = max(-1, min(1, r.addressed))
	if r.emojis > 0 {
		t[toneEmoji] = r.emoji / r.emojis
	}
	n := float32(max(r.sentences, 1))
	t[toneGoodShare], t[toneBadShare] = float32(r.goods)/n, float32(r.bads)/n
	t[toneDoubtful] = flag(r.doubtful)
	return t
}

func flag(on bool) float32 {
	if on {
		return 1
	}
	return 0
}
