package understand

import (
	"math"
	"strings"
	"unicode"

	"lastword/internal/text"
)

// tongues is how many languages the model tells apart by their words; others
// are known by their script only, or by what the place says.
const tongues = 16

const (
	tongueBits  = 18
	tongueGram  = 5   // longest character n-gram
	tongueRunes = 600 // as much of a text as is read
	// tonguePower makes texts of different length comparable: the evidence of n
	// n-grams counts n^(1-tonguePower) times that of one.
	tonguePower = 0.4
	// tonguePrior is the log-odds that the place's own word for the language adds.
	tonguePrior = 1.5
)

// A languages model tells languages apart by character n-grams and words.
type languages struct {
	languageNumbers
	checks  []uint8         // per row; 0: empty
	weights [][tongues]int8 // per row
}

// languageNumbers is what it knows beside its table.
type languageNumbers struct {
	Tags [tongues][2]byte // ISO 639-1
	Unit float32
	Bias [tongues]float32
}

// detect returns the BCP 47 primary tag of the language of tokens, which are
// those of s. said is what the place says. It returns "" where nothing tells.
func (m *languages) detect(s string, tokens []text.Token, said string) string {
	said = primary(said)
	if m == nil {
		return said
	}
	if tag := scriptOf(s); tag != "" {
		return sameScript(tag, said)
	}
	grams := tongueGrams(tokens, make([]uint32, 0, 512))
	if len(grams) == 0 {
		return said
	}
	p := m.probabilities(grams, said)
	best := 0
	for i := range p {
		if p[i] > p[best] {
			best = i
		}
	}
	if said != "" && m.index(said) < 0 && p[best] < 0.9 {
		return said // a language that we do not know; the place may
	}
	return string(m.Tags[best][:])
}

// probabilities weighs the evidence of grams and, a little, what the place says.
func (m *languages) probabilities(grams []uint32, said string) [tongues]float64 {
	by := m.Unit * tongueScale(len(grams))
	var sums [tongues]int32
	for _, hash := range grams {
		s := hash & (1<<tongueBits - 1)
		if m.checks[s] != tongueCheck(hash) {
			continue
		}
		for k, w := range m.weights[s] {
			sums[k] += int32(w)
		}
	}
	var z [tongues]float64
	for k, sum := range sums {
		z[k] = float64(m.Bias[k] + by*float32(sum))
	}
	if k := m.index(said); k >= 0 {
		z[k] += tonguePrior
	}
	return softmax(z)
}

func (m *languages) index(tag string) int {
	for k := range m.Tags {
		if tag == string(m.Tags[k][:]) {
			return k
		}
	}
	return -1
}

func tongueScale(n int) float32 {
	return float32(math.Pow(float64(max(n, 1)), -tonguePower))
}

func tongueCheck(hash uint32) uint8 { return uint8(hash>>24) | 1 }

func softmax(z [tongues]float64) [tongues]float64 {
	most, sum := z[0], 0.0
	for _, v := range z {
		most = max(most, v)
	}
	for k, v := range z {
		z[k] = math.Exp(v - most)
		sum += z[k]
	}
	for k := range z {
		z[k] /= sum
	}
	return z
}

// tongueGrams appends the hashes of the n-grams of the words in tokens to buf.
// Hashtags are read only where there is nothing else: they are often foreign.
func tongueGrams(tokens []text.Token, buf []uint32) []uint32 {
	for _, kind := range []text.Kind{text.Word, text.Hashtag} {
		runes := 0
		for _, t := range tokens {
			if t.Kind == kind && runes < tongueRunes {
				runes += len(t.Text)
				buf = wordGrams(t.Text, buf)
			}
		}
		if len(buf) > 0 {
			break
		}
	}
	return buf
}

// wordGrams appends the hashes of the character n-grams of a word, with a mark
// at either end, and of the word itself where it is longer.
func wordGrams(word string, buf []uint32) []uint32 {
	var runes [maxRunes + 2]rune
	n := 1
	runes[0] = '_'
	for _, r := range word {
		if n > maxRunes {
			break
		}
		runes[n] = r
		n++
	}
	runes[n] = '_'
	n++
	for i := range n {
		h := uint32(fnvOffset)
		for j := i; j < min(i+tongueGram, n); j++ {
			h = (h ^ uint32(runes[j])) * fnvPrime
			if j > i || i > 0 && i < n-1 {
				buf = append(buf, finish(h))
			}
		}
	}
	if n > tongueGram {
		buf = append(buf, finish(mixString(77, word)))
	}
	return buf
}

// primary returns the primary subtag of a BCP 47 tag in lower case, or "".
func primary(tag string) string {
	if cut := strings.IndexAny(tag, "-_"); cut >= 0 {
		tag = tag[:cut]
	}
	if len(tag) < 2 || len(tag) > 3 {
		return ""
	}
	tag = strings.ToLower(tag)
	if strings.Trim(tag, "abcdefghijklmnopqrstuvwxyz") != "" || tag == "und" {
		return ""
	}
	if tag == "no" {
		return "nb" // what "Norwegian" nearly always means
	}
	return tag
}

// scriptOf returns the language that the script of most letters of s stands
// for, or "" if that is Latin or there are none.
func scriptOf(s string) string {
	latin, other, kana := 0, 0, false
	tag := ""
	for i, r := range s {
		if i > 4*tongueRunes {
			break
		}
		if r < 0x370 || !unicode.IsLetter(r) {
			if unicode.IsLetter(r) {
				latin++
			}
			continue
		}
		if t := scriptTag(r); t != "" {
			other, tag = other+1, t
			kana = kana || t == "ja"
		}
	}
	switch {
	case 2*other <= latin:
		return ""
	case kana:
		return "ja"
	}
	return tag
}

// scripts pairs each script with the language that most of its texts are in.
func scriptTag(r rune) string {
	switch {
	case unicode.Is(unicode.Cyrillic, r):
		return "ru"
	case unicode.Is(unicode.Greek, r):
		return "el"
	case unicode.Is(unicode.Arabic, r):
		return "ar"
	case unicode.Is(unicode.Hebrew, r):
		return "he"
	case unicode.In(r, unicode.Hiragana, unicode.Katakana):
		return "ja"
	case unicode.Is(unicode.Han, r):
		return "zh"
	case unicode.Is(unicode.Hangul, r):
		return "ko"
	case unicode.Is(unicode.Thai, r):
		return "th"
	case unicode.Is(unicode.Devanagari, r):
		return "hi"
	}
	return ""
}

// sameScript lets the place tell languages of one script apart.
func sameScript(tag, said string) string {
	cousins := map[string]string{
		"ru": " uk bg sr mk be kk ky mn ", "ar": " fa ur ps ku ", "hi": " mr ne ", "he": " yi ", "zh": " ja ",
	}
	if said != "" && strings.Contains(cousins[tag], " "+said+" ") {
		return said
	}
	return tag
}
