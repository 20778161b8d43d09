package match

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A class says what a rune does to the word around it.
type class uint8

const (
	gap    class = iota // ends a word
	skip                // counts as not there
	letter              // is part of a word
	solo                // is a word by itself
)

// classOf judges one rune. Invalid UTF-8 arrives as utf8.RuneError, a gap.
func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		return classOfASCII(byte(r))
	case isCommonGap(r):
		return gap
	case unicode.IsLetter(r), unicode.IsDigit(r):
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai,
			unicode.Lao, unicode.Khmer, unicode.Myanmar) {
			return solo
		}
		return letter
	case unicode.In(r, unicode.Cf, unicode.Me):
		return skip
	case unicode.In(r, unicode.Mn, unicode.Mc):
		return classOfMark(r)
	case unicode.IsNumber(r): // the 2 of CO₂ and m²
		return classOfNumber(r)
	}
	return gap
}

// isCommonGap knows the marks and pictographs that posts are full of, without
// the search through tables; it says nothing that classOf would not find.
func isCommonGap(r rune) bool {
	switch {
	case r >= 0x2010 && r <= 0x2027, r >= 0x2030 && r <= 0x205E, // dashes, quotes, …
		r >= 0x2190 && r <= 0x245F, r >= 0x2500 && r <= 0x2775, // arrows, signs
		r >= 0x1F300 && r <= 0x1FAFF: // pictographs
		return true
	}
	return false
}

func classOfASCII(c byte) class {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_':
		return letter
	}
	return gap
}

// classOfMark drops accents and vowel points, and keeps the vowel signs without
// which the scripts of India would lose their words.
func classOfMark(r rune) class {
	switch {
	case unicode.In(r, unicode.Inherited, unicode.Hebrew, unicode.Arabic):
		return skip
	case unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		return skip
	}
	return letter
}

func classOfNumber(r rune) class {
	for _, x := range string(decompose(r, nil)) {
		if !unicode.IsLetter(x) && !unicode.IsDigit(x) {
			return gap
		}
	}
	return letter
}

// decompose returns r in normalisation form KD, as UTF-8 in buf. Cyrillic stays
// whole: й is a letter of its own, not an accented и. So does Hangul, which the
// form would take to pieces by rule, not by table.
func decompose(r rune, buf []byte) []byte {
	buf = utf8.AppendRune(buf[:0], r)
	if r < utf8.RuneSelf || unicode.Is(unicode.Cyrillic, r) {
		return buf
	}
	if d := norm.NFKD.Properties(buf).Decomposition(); d != nil {
		return d
	}
	return buf
}

// A unit is one folded rune. Made says that it was an umlaut or a ligature, so
// that an e after it is an e.
type unit struct {
	r    rune
	made bool
}

// fold appends what the letter r is taken for.
func fold(units []unit, r rune) []unit {
	if r < utf8.RuneSelf {
		return append(units, unit{r: unicode.ToLower(r)})
	}
	if unicode.Is(unicode.Hangul, r) || classOf(r) == solo {
		return append(units, unit{r: r})
	}
	from := len(units)
	var buf [utf8.UTFMax]byte
	d := decompose(r, buf[:])
	for len(d) > 0 {
		x, size := utf8.DecodeRune(d)
		d = d[size:]
		switch {
		case x == diaeresis && len(units) > from:
			units[len(units)-1].made = true
		case unicode.IsLetter(x), unicode.IsDigit(x):
			units = foldPlain(units, unicode.ToLower(x))
		case classOf(x) == letter:
			units = append(units, unit{r: x})
		}
	}
	return units
}

const diaeresis = '\u0308'

// foldPlain appends the lower-case letter x, which has no decomposition, by its
// nearest plain letters.
func foldPlain(units []unit, x rune) []unit {
	switch x {
	case 'ß':
		return append(units, unit{r: 's'}, unit{r: 's'})
	case 'æ':
		return append(units, unit{r: 'a', made: true})
	case 'œ', 'ø':
		return append(units, unit{r: 'o', made: true})
	case 'þ':
		return append(units, unit{r: 't'}, unit{r: 'h'})
	}
	if plain, ok := plainLetter[x]; ok {
		x = plain
	}
	return append(units, unit{r: x})
}

// plainLetter is what a keyboard without the letter would give.
var plainLetter = map[rune]rune{'đ': 'd', 'ð': 'd', 'ł': 'l', 'ı': 'i', 'ħ': 'h', 'ŧ': 't', 'ё': 'е', 'ς': 'σ'}

// undouble takes a digraph for its umlaut, by the rule of Snowball's "German2"
// stemmer, but leaves one that ends the word. Open says that the word goes on.
func undouble(units []unit, open bool) []unit {
	out := units[:0]
	var last, before unit
	for i, u := range units {
		ends := i == len(units)-1 && !open
		if u.r != 'e' || ends || !doubles(before, last) {
			out = append(out, u)
		}
		before, last = last, u
	}
	return out
}

// doubles reports whether an e after last, itself after before, makes an umlaut.
func doubles(before, last unit) bool {
	switch last.r {
	case 'a', 'o':
		return !last.made
	case 'u':
		return !last.made && !isVowelOrQ(before.r)
	}
	return false
}

func isVowelOrQ(r rune) bool {
	switch r {
	case 'a', 'e', 'i', 'o', 'u', 'y', 'q':
		return true
	}
	return false
}
