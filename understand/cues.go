package understand

import (
	"iter"
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"

	"lastword/internal/text"
)

// cues is a set of linguistic signs, which small training sets cannot teach
// word by word.
type cues uint64

// The signs. Their order is part of the shipped model: raise Version with it.
const (
	cueAsks      = iota // a question mark
	cueAsksLast         // and nothing but addresses after it
	cueAsksAgain        // several
	cueAskWord          // a sentence opens with a question word
	cueAskVerb          // … with a verb and its subject, and asks
	cueExclaims
	cueExclaimsAgain
	cueTrails // an ellipsis
	cueShouts // a word in capitals
	cuePlease
	cueThanks
	cueGreets
	cueMust     // must, shall, need
	cueCould    // could, would: Konjunktiv II
	cueShould   // should
	cueWishVerb // wish, want, hope, demand
	cueImperative
	cueInfinitive // a sentence ends in an infinitive: "… besser fördern"
	cueRather     // more, instead, at last
	cueNegates
	cueNothing // is missing, is lacking
	cueBroken
	cueAgain // again, still, since weeks
	cueGood
	cueBad
	cueGladEmoji
	cueSadEmoji
	cueI
	cueWe
	cueYou
	cueMentionFirst
	cueRetweet
	cueLink
	cueTag
	cueTags // three or more
	cueShort
	cueMedium
	cueLong
	cueNoVerb // no finite verb of the common ones
	cueBut
	cueIf
	cueQuotes
	cueNumber
	cueNews // a colon early and a link: a headline
	cueFirstSmall
	cueWishPhrase    // a set form of wish: "wäre schön, wenn", "please add"
	cuePlainQuestion // somebody is asked, with a question word or the verb first
	cueLaughs        // an emoji that laughs
	cueWinks         // … that winks: said in jest
	cueApplauds      // … that applauds or loves
	cueCount         // how many there are
)

// universal are the signs that hold in any language.
const universal cues = 1<<cueAsks | 1<<cueAsksLast | 1<<cueAsksAgain | 1<<cueExclaims | 1<<cueExclaimsAgain |
	1<<cueTrails | 1<<cueGladEmoji | 1<<cueSadEmoji | 1<<cueMentionFirst | 1<<cueRetweet | 1<<cueLink | 1<<cueTag |
	1<<cueTags | 1<<cueLaughs | 1<<cueWinks | 1<<cueApplauds | 1<<cueShort | 1<<cueMedium | 1<<cueLong | 1<<cueQuotes | 1<<cueNumber

func (c *cues) add(cue int)     { *c |= 1 << cue }
func (c cues) has(cue int) bool { return c&(1<<cue) != 0 }

// all yields every cue in c.
func (c cues) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for ; c != 0; c &= c - 1 {
			if !yield(bits.TrailingZeros64(uint64(c))) {
				return
			}
		}
	}
}

// readCues reads the signs of the text s with its tokens.
func readCues(s string, tokens []text.Token) cues {
	var c cues
	r := cueReader{s: s, opens: true}
	for i, t := range tokens {
		r.token(&c, tokens, i, t)
	}
	r.endSentence(&c, false)
	r.whole(&c, tokens)
	readPhrases(&c, tokens)
	return c
}

// cueReader remembers where in a sentence it is.
type cueReader struct {
	s        string
	opens    bool   // the next word opens a sentence
	opener   string // the word that opened it
	second   string
	last     string // the last word
	asks     int
	exclaims int
	tags     int
	words    int
	verb     bool
	tail     bool // after the last question mark came more words
}

func (r *cueReader) token(c *cues, tokens []text.Token, i int, t text.Token) {
	switch t.Kind {
	case text.Word:
		r.word(c, t)
	case text.Punct:
		r.mark(c, t)
	case text.Emoji:
		r.emoji(c, t)
	case text.Hashtag:
		r.tags++
		r.last = ""
	case text.URL:
		c.add(cueLink)
	case text.Number:
		c.add(cueNumber)
		r.last = ""
	case text.Mention:
		if i == 0 || i == 1 && tokens[0].Text == "." {
			c.add(cueMentionFirst)
		}
	}
}

func (r *cueReader) word(c *cues, t text.Token) {
	word := t.Text
	r.words++
	r.tail = true
	switch {
	case r.opens:
		r.opener, r.second, r.opens = word, "", false
	case r.second == "":
		r.second = word
	}
	r.last = word
	if cue := wordCue(word); cue >= 0 {
		c.add(cue)
	}
	r.verb = r.verb || commonVerb(word)
	if len(word) > 3 && r.s[t.Start:t.End] == strings.ToUpper(word) {
		c.add(cueShouts)
	}
	if r.words == 1 && word == "rt" {
		c.add(cueRetweet)
		r.opens = true
	}
}

func (r *cueReader) mark(c *cues, t text.Token) {
	switch t.Text {
	case "?":
		r.asks += t.End - t.Start
		r.tail = false
		r.endSentence(c, true)
	case "!":
		r.exclaims += t.End - t.Start
		r.endSentence(c, false)
	case ".", "…":
		if t.End-t.Start > 1 {
			c.add(cueTrails)
		}
		r.endSentence(c, false)
	case "\"", "“", "„", "»", "«":
		c.add(cueQuotes)
	case ":":
		if r.words < 8 {
			c.add(cueNews)
		}
		r.opens = true
	case "-", "–", ";", ",":
		r.endClause(c)
	}
}

func (r *cueReader) emoji(c *cues, t text.Token) {
	if cue := emojiCue(t.Text); cue >= 0 {
		c.add(cue)
	}
	switch emojiFeeling(t.Text) {
	case 1:
		c.add(cueGladEmoji)
	case -1:
		c.add(cueSadEmoji)
	}
}

// endClause judges a clause by its last word.
func (r *cueReader) endClause(c *cues) {
	if len(r.last) > 4 && strings.HasSuffix(r.last, "en") {
		c.add(cueInfinitive)
	}
}

// endSentence judges a sentence by its first two words and its last.
func (r *cueReader) endSentence(c *cues, asks bool) {
	switch {
	case r.opener == "":
	case askWord(r.opener):
		c.add(cueAskWord)
	case asks && (subject(r.second) || commonVerb(r.opener)):
		c.add(cueAskVerb)
	case !asks && imperative(r.opener, r.second):
		c.add(cueImperative)
	}
	r.endClause(c)
	r.opens, r.opener, r.second, r.last = true, "", "", ""
}

// whole adds the signs of the text as a whole.
func (r *cueReader) whole(c *cues, tokens []text.Token) {
	set := func(cue int, on bool) {
		if on {
			c.add(cue)
		}
	}
	set(cueAsks, r.asks > 0)
	set(cueAsksAgain, r.asks > 1)
	set(cueAsksLast, r.asks > 0 && !r.tail)
	set(cueExclaims, r.exclaims > 0)
	set(cueExclaimsAgain, r.exclaims > 1)
	set(cueTag, r.tags > 0)
	set(cueTags, r.tags > 2)
	set(cueShort, r.words < 8)
	set(cueMedium, r.words >= 8 && r.words < 20)
	set(cueLong, r.words >= 20)
	set(cueNoVerb, !r.verb)
	if len(tokens) > 0 {
		first, _ := utf8.DecodeRuneInString(r.s[tokens[0].Start:])
		set(cueFirstSmall, unicode.IsLower(first))
	}
}
