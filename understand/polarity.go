package understand

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"lastword/internal/text"
)

//go:embed polarity.de.txt
var germanPolarity string

//go:embed polarity.en.txt
var englishPolarity string

// A role is how a word changes others, or what it is to them.
type role uint16

const (
	roleNegates role = 1 << iota // turns what follows, or the verb before it
	roleBoosts                   // very
	roleDamps                    // a bit
	roleUnreal                   // would: what is good there is not so yet
	roleTurns                    // but: begins another thought
	roleToo                      // too: with …
	roleMuch                     // … large or small it is bad
	roleGreets                   // day, regards: a good word before it is a formula
	roleDear                     // so begins a letter
	roleYou                      // speaks to the company
	roleAgain                    // again, still: makes praise doubtful
	rolePolar                    // bears a polarity, even 0
)

var roleNames = map[string]role{"not": roleNegates, "very": roleBoosts, "hardly": roleDamps, "were": roleUnreal, "but": roleTurns, "too": roleToo,
	"toomuch": roleMuch, "greet": roleGreets, "dear": roleDear, "you": roleYou, "again": roleAgain}

// A sense is what a lexicon knows of a word.
type sense struct {
	roles role
	value int8 // -2 … +2
}

func (s sense) is(r role) bool { return s.roles&r != 0 }

// An entry is what a lexicon knows of words that begin with the same letters: of
// those alone, with the ending of an adjective, with any ending.
type entry struct {
	hash                   uint64 // 0: there is none
	alone, adjective, open sense
}

// A lexicon says how good or bad the words of a language sound. It never changes.
type lexicon struct {
	begins  []entry // by hash, open addressing
	ends    []entry // likewise, of words read from behind
	endings []string
}

// lexicons are read once. Our own files are right, or a test fails.
var lexicons = sync.OnceValue(func() map[string]*lexicon {
	all := map[string]*lexicon{}
	for lang, file := range map[string]string{"de": germanPolarity, "en": englishPolarity} {
		l, err := readLexicon(file, adjectiveEndings[lang])
		if err != nil {
			panic("understand: polarity." + lang + ".txt: " + err.Error())
		}
		all[lang] = l
	}
	return all
})

// adjectiveEndings are what "-" stands for.
var adjectiveEndings = map[string][]string{
	"de": {"e", "er", "es", "en", "em", "ere", "erer", "eres", "eren", "erem", "st", "ste", "ster", "stes", "sten", "stem",
		"este", "ester", "estes", "esten", "estem", "estens", "stens", "erweise"},
	"en": {"s", "ly", "er", "est", "ness", "d", "ed", "ing", "y", "ier", "iest", "ish"},
}

func readLexicon(file string, endings []string) (*lexicon, error) {
	l := &lexicon{begins: make([]entry, 1<<14), ends: make([]entry, 1<<12), endings: endings}
	for n, line := range strings.Split(file, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Fields(line)
		s := sense{roles: roleNames[f[0]]}
		if s.roles == 0 {
			v, err := strconv.Atoi(f[0])
			if err != nil || v < -2 || v > 2 || len(f) < 2 {
				return nil, fmt.Errorf("line %d: %q is no polarity with words", n+1, f[0])
			}
			s = sense{rolePolar, int8(v)}
		}
		for _, w := range f[1:] {
			if err := l.add(w, s); err != nil {
				return nil, fmt.Errorf("line %d: %w", n+1, err)
			}
		}
	}
	return l, nil
}

// add learns a word as the file writes it.
func (l *lexicon) add(w string, s sense) error {
	word := text.FoldDigraphs(text.Fold(strings.Trim(w, "*-")))
	if len(word) < 1 || strings.ContainsAny(word, "*_") {
		return fmt.Errorf("%q is no word", w)
	}
	if strings.HasPrefix(w, "*") {
		forms := []string{""}
		if strings.HasSuffix(w, "-") {
			forms = append(forms, l.endings...)
		}
		for _, ending := range forms {
			at(l.ends, hashBack(word+ending)).alone.join(s)
		}
		return nil
	}
	e := at(l.begins, hashOf(word))
	switch {
	case strings.HasSuffix(w, "*"):
		e.open.join(s)
	case strings.HasSuffix(w, "-"):
		e.adjective.join(s)
	default:
		e.alone.join(s)
	}
	return nil
}

// join adds what another line says of the same word.
func (s *sense) join(o sense) {
	s.roles |= o.roles
	if o.is(rolePolar) {
		s.value = o.value
	}
}

// FNV-1a, 64 bits: a word's beginnings are hashed on the way.
const (
	longOffset = 14695981039346656037
	longPrime  = 1099511628211
)

func hashOf(word string) uint64 {
	h := uint64(longOffset)
	for i := range len(word) {
		h = (h ^ uint64(word[i])) * longPrime
	}
	return h
}

func hashBack(word string) uint64 {
	h := uint64(longOffset)
	for i := len(word) - 1; i >= 0; i-- {
		h = (h ^ uint64(word[i])) * longPrime
	}
	return h
}

// at returns the entry of a hash, a new one if there was none.
func at(table []entry, h uint64) *entry {
	i := h ^ h>>32
	for {
		e := &table[i&uint64(len(table)-1)]
		if e.hash == h || e.hash == 0 {
			e.hash = h
			return e
		}
		i++
	}
}

// lookUp returns the entry of a hash, or nil.
func lookUp(table []entry, h uint64) *entry {
	for i := h ^ h>>32; ; i++ {
		switch e := &table[i&uint64(len(table)-1)]; e.hash {
		case h:
			return e
		case 0:
			return nil
		}
	}
}

// of returns what is known of a word, folded and with its umlauts spelled out. The
// longest entry counts.
func (l *lexicon) of(word string) sense {
	var best sense
	h := uint64(longOffset)
	for i := range len(word) {
		h = (h ^ uint64(word[i])) * longPrime
		e := lookUp(l.begins, h)
		if e == nil {
			continue
		}
		rest := word[i+1:]
		switch {
		case rest == "" && e.alone.roles != 0:
			best = e.open
			best.join(e.adjective)
			best.join(e.alone)
		case e.adjective.roles != 0 && (rest == "" || len(rest) < 8 && slices.Contains(l.endings, rest)):
			best = e.adjective
		case e.open.roles != 0:
			best = e.open
		}
	}
	if best.roles == 0 && len(word) > 7 {
		best = l.ofEnd(word)
	}
	return best
}

// ofEnd returns what is known of what a compound ends in.
func (l *lexicon) ofEnd(word string) sense {
	var best sense
	h := uint64(longOffset)
	for i := len(word) - 1; i > 0; i-- {
		h = (h ^ uint64(word[i])) * longPrime
		if e := lookUp(l.ends, h); e != nil {
			best = e.alone
		}
	}
	return best
}
