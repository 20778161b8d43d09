package understand

import (
	"iter"
	"math"
	"slices"
	"strings"
	"unicode"

	"lastword/internal/text"
)

// tongues is how many languages the model tells apart by their words; others
// are known by their script only, or by what the place says.
const tongues = 16

const (
	tongueBits  = 19
	tongueGram  = 6   // longest character n-gram
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
	checks  []uint8     // per row; 0: empty
	weights []tongueRow // per row
}

// languageNumbers is what it knows beside its table.
type languageNumbers struct {
	Tags [tongues][2]byte // ISO 639-1
	Unit float32
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
	sums, n := m.weigh(tokens)
	if n == 0 {
		return said
	}
	p := m.probabilities(&sums, n, said)
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

// weigh sums up what the n-grams of the words in tokens say, and returns how many
// there are. It stops where what is still to come would change nothing.
func (m *languages) weigh(tokens []text.Token) (sums [tongues]int32, n int) {
	var room [256]uint32
	checked := 0
	for w := range tongueWords(tokens) {
		grams := wordGrams(w, room[:0])
		m.add(&sums, grams)
		if n += len(grams); n > checked+enoughGrams {
			if checked = n; m.sure(&sums, n) {
				break
			}
		}
	}
	return sums, n
}

// enoughGrams is after how many n-grams each a text may be clear, and clearMargin
// how much more the best language has to have than the next, in logarithms.
const (
	enoughGrams = 150
	clearMargin = 25
)

func (m *languages) sure(sums *[tongues]int32, n int) bool {
	first, second := int32(math.MinInt32), int32(math.MinInt32)
	for _, s := range sums {
		if s > first {
			first, second = s, first
		} else {
			second = max(second, s)
		}
	}
	return m.Unit*tongueScale(n)*float32(first-second) > clearMargin
}

// probabilities weighs the sums over n n-grams and, a little, what the place says.
func (m *languages) probabilities(sums *[tongues]int32, n int, said string) [tongues]float64 {
	by := m.Unit * tongueScale(n)
	var z [tongues]float64
	for k, sum := range sums {
		z[k] = float64(by * float32(sum))
	}
	if k := m.index(said); k >= 0 {
		z[k] += tonguePrior
	}
	return softmax(z)
}

// A tongueRow holds what an n-gram says of each language, a byte for each, more by
// tongueZero: so eight of them are added at once.
type tongueRow [tongues / 8]uint64

const (
	tongueZero = 128
	evenBytes  = 0x00ff00ff00ff00ff
	// tongueZeros is eight zeros. To add 128 to a byte is to flip its highest bit.
	tongueZeros = 0x8080808080808080
)

func (r *tongueRow) set(k int, weight int8) {
	shift := 8 * (k % 8)
	r[k/8] &^= 0xff << shift
	r[k/8] |= uint64(uint8(int(weight)+tongueZero)) << shift
}

func (r *tongueRow) get(k int) int8 {
	return int8(int(uint8(r[k/8]>>(8*(k%8)))) - tongueZero)
}

// add adds the rows of grams, of which there are less than 256, to sums.
func (m *languages) add(sums *[tongues]int32, grams []uint32) {
	var lanes [2 * len(tongueRow{})]uint64 // sixteen bits for each language
	rows := int32(0)
	for _, hash := range grams {
		s := hash & (1<<tongueBits - 1)
		if m.checks[s] != tongueCheck(hash) {
			continue
		}
		rows++
		for i, w := range m.weights[s] {
			lanes[2*i] += w & evenBytes
			lanes[2*i+1] += w >> 8 & evenBytes
		}
	}
	for k := range sums {
		lane := lanes[2*(k/8)+k%2] >> (16 * (k % 8 / 2))
		sums[k] += int32(uint16(lane)) - tongueZero*rows
	}
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

// tongueWords yields the words by which a language is told, as far as they are
// read. Hashtags are read only where there is nothing else: they are often foreign.
func tongueWords(tokens []text.Token) iter.Seq[string] {
	return func(yield func(string) bool) {
		runes := 0
		for _, kind := range []text.Kind{text.Word, text.Hashtag} {
			for _, t := range tokens {
				if t.Kind != kind || runes >= tongueRunes {
					continue
				}
				runes += len(t.Text)
				if !yield(t.Text) {
					return
				}
			}
			if runes > 0 {
				return
			}
		}
	}
}

// tongueGrams returns the hashes of the n-grams of the words in tokens.
func tongueGrams(tokens []text.Token) []uint32 {
	var grams []uint32
	for w := range tongueWords(tokens) {
		grams = wordGrams(w, grams)
	}
	return grams
}

// marked returns the letters of a word as it counts for its language, with a mark
// at either end.
func marked(word string) []rune {
	var room [maxRunes + 2]rune
	return slices.Clone(markedIn(&room, word))
}

func markedIn(room *[maxRunes + 2]rune, word string) []rune {
	n := 1
	room[0] = '_'
	for _, r := range word {
		if n > maxRunes {
			break
		}
		room[n] = r
		n++
	}
	room[n] = '_'
	return room[:n+1]
}

// wordGrams appends the hashes of the character n-grams of a word, with a mark
// at either end, and of the word itself where it is longer.
func wordGrams(word string, buf []uint32) []uint32 {
	var room [maxRunes + 2]rune
	runes := markedIn(&room, word)
	for i := range runes {
		h := uint32(fnvOffset)
		for j := i; j < min(i+tongueGram, len(runes)); j++ {
			h = (h ^ uint32(runes[j])) * fnvPrime
			if j > i || i > 0 && i < len(runes)-1 {
				buf = append(buf, finish(h))
			}
		}
	}
	if len(runes) > tongueGram {
		buf = append(buf, finish(mixString(77, word)))
	}
	return buf
}

// gramHash is the hash that wordGrams gives to an n-gram.
func gramHash(gram string) uint32 {
	h := uint32(fnvOffset)
	for _, r := range gram {
		h = (h ^ uint32(r)) * fnvPrime
	}
	return finish(h)
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
