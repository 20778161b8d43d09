package text

import (
	"hash/maphash"
	"strings"
	"sync/atomic"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/german"
)

// Stem returns the stem of a folded word by the Snowball rules for "de" and
// "en"; in any other language the word itself. A stem is for comparing, not
// for showing: German ones have lost their umlauts.
//
// No word of either language is longer than 64 bytes; what is stays as it is,
// because the rules take quadratic time.
func Stem(lang, word string) string {
	if len(word) > 64 || lang != "de" && lang != "en" {
		return word
	}
	place := &stems[maphash.String(stemSeed, word)%knownStems]
	if known := place.Load(); known != nil && known.word == word && known.lang == lang {
		return known.stem
	}
	env := snowballstem.NewEnv(word)
	if lang == "de" {
		german.Stem(env)
	} else {
		english.Stem(env)
	}
	stem := env.Current()
	place.Store(&stemmed{lang, strings.Clone(word), stem})
	return stem
}

// A stemmed word is kept, as most of what people write is the same few thousand
// words.
type stemmed struct{ lang, word, stem string }

// knownStems is how many are kept: about two megabytes.
const knownStems = 1 << 14

var (
	stems    [knownStems]atomic.Pointer[stemmed] // by the word's hash; the last one stays
	stemSeed = maphash.MakeSeed()
)
