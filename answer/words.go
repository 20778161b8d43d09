package answer

import (
	"strings"
	"time"
	"unicode"

	"lastword"
)

// words are our own sentences in one language. Each list has at least four that
// say the same, so that many answers from one account are not one text. They
// are written as in the middle of a sentence; Compose sets the capitals.
type words interface {
	thanks(lastword.Kinds) []string
	verdict(lastword.Verdict, lastword.Kinds) []string // "{day}" is the day
	courtesy(lastword.Verdict) []string
	leads() []string
	links() []string
	topics() []string // "{theme}" is the name
	greeting(to string) string
	closings() []string
	day(time.Time) string
	small() bool // a letter goes on small after the greeting's comma
}

// wordsIn returns German for every tag of German, and English for all else.
func wordsIn(lang string) words {
	if primary(lang) == "de" {
		return german{}
	}
	return english{}
}

// written reports whether we have sentences in a language of ours.
func written(lang string) bool {
	p := primary(lang)
	return p == "de" || p == "en"
}

// primary returns the primary language subtag (RFC 5646 §2.2.1), lower case.
func primary(tag string) string {
	if i := strings.IndexAny(tag, "-_"); i >= 0 {
		tag = tag[:i]
	}
	return strings.ToLower(tag)
}

// surely returns how the person is called where the name itself begins with one
// of the titles; from a bare name nobody can tell. What a stranger gives as a
// name is taken only if it looks like one.
func surely(name string, titles ...string) (string, bool) {
	for _, title := range titles {
		rest, ok := strings.CutPrefix(name, title+" ")
		if last := lastName(rest); ok && last != "" {
			return title + " " + last, true
		}
	}
	return "", false
}

// lastName keeps what follows the first names; the degree of a doctor or a
// professor stays. It is empty where the last word is no name.
func lastName(name string) string {
	const longest = 40 // bytes
	all := strings.Fields(name)
	if len(all) == 0 || len(all[len(all)-1]) > longest || strings.ContainsFunc(all[len(all)-1], unnamed) {
		return ""
	}
	degrees := 0
	for degrees < len(all)-1 && (all[degrees] == "Dr." || all[degrees] == "Prof.") {
		degrees++
	}
	return strings.Join(append(all[:degrees:degrees], all[len(all)-1]), " ")
}

func unnamed(r rune) bool { return !unicode.IsLetter(r) && r != '-' && r != '\'' && r != '’' }
