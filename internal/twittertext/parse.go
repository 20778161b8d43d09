package twittertext

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A Config is one of the published ways to count.
type Config struct {
	Max   int  // weight that a post may have
	Wide  int  // weight of a code point outside the light ranges
	Light bool // the light ranges weigh 1
	Emoji bool // an emoji sequence weighs Wide as a whole
}

// V1 is config/v1.json: 140 characters, each alike.
func V1() Config { return Config{Max: 140, Wide: 1} }

// V2 is config/v2.json: 280, with wide characters.
func V2() Config { return Config{Max: 280, Wide: 2, Light: true} }

// V3 is config/v3.json, by which X counts: 280, with wide characters and whole
// emoji. Longer posts of paying accounts are counted alike.
func V3() Config { return Config{Max: 280, Wide: 2, Light: true, Emoji: true} }

const urlWeight = 23 // of every web address: X puts one of its own in its place

// A Result is what X makes of a text.
type Result struct {
	Weight   int
	Permille int   // of Config.Max
	Valid    bool  // it could be posted
	Display  Range // what is shown
	InLimit  Range // what fits, and has nothing invalid in it
}

// A Range is a part of a text by its first and its last place, both included,
// in UTF-16 code units, as X counts places.
type Range struct{ Start, End int }

// Weigh counts a text by V3.
func Weigh(text string) int { return V3().Parse(text).Weight }

// Valid reports whether a text could be posted.
func (c Config) Valid(text string) bool { return c.Parse(text).Valid }

// Parse counts a text: in Unicode's form NFC, every web address as 23, every
// emoji sequence as one character where the configuration says so, every other
// code point by the range that it is in. Of a text that NFC makes shorter or
// longer, the places are right at its end.
func (c Config) Parse(text string) Result {
	short := norm.NFC.String(text)
	r := Result{Valid: true, Display: Range{End: max(units(text)-1, 0)}}
	found := URLs(short)
	place := 0 // of the next character
	for i := 0; i < len(short); {
		n, weight := c.step(short[i:])
		if len(found) > 0 && found[0].Start == i {
			n, weight = found[0].End-i, urlWeight
			found = found[1:]
		}
		r.Weight += weight
		place += units(short[i : i+n])
		i += n
		last, _ := utf8.DecodeLastRuneInString(short[:i])
		r.Valid = r.Valid && !invalid(last)
		if r.Valid && r.Weight <= c.Max {
			r.InLimit.End = place - 1
		}
	}
	r.Valid = r.Valid && r.Weight > 0 && r.Weight <= c.Max
	r.Permille = r.Weight * 1000 / c.Max
	r.InLimit.End += units(text) - units(short)
	return r
}

// step returns the bytes and the weight of what counts as one at the start of s.
func (c Config) step(s string) (n, weight int) {
	if c.Emoji {
		if n := emojiLength(s); n > 0 {
			return n, c.Wide
		}
	}
	r, n := utf8.DecodeRuneInString(s)
	if c.Light && light(r) {
		return n, 1
	}
	return n, c.Wide
}

// light are the ranges of config/v2.json and v3.json.
func light(r rune) bool {
	return r <= 0x10FF || 0x2000 <= r && r <= 0x200D || 0x2010 <= r && r <= 0x201F || 0x2032 <= r && r <= 0x2037
}

// units is the length of s in UTF-16 code units.
func units(s string) int {
	n := 0
	for _, r := range s {
		if n++; r > 0xFFFF {
			n++
		}
	}
	return n
}
