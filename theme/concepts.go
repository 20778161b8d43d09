package theme

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed concepts.txt
var conceptTable string

// A lexicon knows which words of a language speak of the same thing: stem, or
// two neighbouring stems joined by "-", → features.
type lexicon map[string][]uint32

// lexicons by language, read once and never changed.
var lexicons = sync.OnceValue(func() map[string]lexicon { return readConcepts(conceptTable) })

// readConcepts reads a table with one concept a line, its words by language.
func readConcepts(table string) map[string]lexicon {
	all := map[string]lexicon{"de": {}, "en": {}, "fr": {}}
	for line := range strings.Lines(table) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		name, words, _ := strings.Cut(line, "|")
		id := hash('k', strings.TrimSpace(name), "")
		for i, part := range strings.SplitN(words, "|", 3) {
			lang := [3]string{"de", "en", "fr"}[i]
			for _, w := range strings.Fields(part) {
				all[lang].enter(lang, w, id)
			}
		}
	}
	return all
}

func (l lexicon) enter(lang, words string, id uint32) {
	stems := strings.Split(words, "-")
	for i, w := range stems {
		stems[i] = stem(lang, w)
	}
	key := strings.Join(stems, "-")
	for _, known := range l[key] {
		if known == id {
			return
		}
	}
	l[key] = append(l[key], id)
}

const shortestPart = 4 // bytes of a part of a compound

// compound returns what the parts of a German compound speak of, when the
// whole of it is not in the lexicon: "ersatzsenkel" speaks of laces.
func (l lexicon) compound(stem string) (left, right []uint32) {
	if len(stem) < 2*shortestPart || len(stem) > 64 {
		return nil, nil
	}
	for i := 3; i <= len(stem)-shortestPart; i++ {
		if right = l[stem[i:]]; right != nil {
			return l.first(stem[:i]), right
		}
	}
	for i := len(stem) - 3; i > shortestPart; i-- {
		if left = l.first(stem[:i]); left != nil {
			return left, nil
		}
	}
	return nil, nil
}

// first looks a compound's first part up, with or without what links it to the
// second.
func (l lexicon) first(part string) []uint32 {
	for _, link := range [7]string{"", "s", "n", "e", "es", "en", "er"} {
		if p, ok := strings.CutSuffix(part, link); ok && len(p) >= shortestPart && l[p] != nil {
			return l[p]
		}
	}
	return nil
}
