package text

import (
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
	if len(word) > 64 {
		return word
	}
	switch lang {
	case "de":
		env := snowballstem.NewEnv(word)
		german.Stem(env)
		return env.Current()
	case "en":
		env := snowballstem.NewEnv(word)
		english.Stem(env)
		return env.Current()
	}
	return word
}
