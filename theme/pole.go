package theme

import (
	_ "embed"
	"math/bits"
	"strings"
	"sync"
)

//go:embed poles.txt
var poleTable string

// opposites is how many lines poles.txt has at the most.
const opposites = 16

// A stand is on which side of which opposites a text stands: a bit for each line of
// poles.txt. On both sides is on none.
type stand struct{ plus, minus uint16 }

func (s stand) and(o stand) stand { return stand{s.plus | o.plus, s.minus | o.minus} }

// facing counts the opposites on which two texts stand on the same side, and those
// on which they face each other.
func (s stand) facing(o stand) (beside, facing int) {
	both, other := s.plus&s.minus, o.plus&o.minus
	a, b := stand{s.plus &^ both, s.minus &^ both}, stand{o.plus &^ other, o.minus &^ other}
	beside = bits.OnesCount16(a.plus&b.plus | a.minus&b.minus)
	facing = bits.OnesCount16(a.plus&b.minus | a.minus&b.plus)
	return beside, facing
}

// poles are the words of a language that take a side.
type poles struct {
	exact  map[string]stand
	begins map[string]stand // by the beginning of a word
	short  int              // bytes of the shortest beginning
	long   int              // and of the longest
}

// polesOf languages, read once and never changed.
var polesOf = sync.OnceValue(func() map[string]*poles { return readPoles(poleTable) })

// readPoles reads a table with one opposite a line, its words by language and side.
func readPoles(table string) map[string]*poles {
	all := map[string]*poles{}
	for _, lang := range []string{"de", "en"} {
		all[lang] = &poles{exact: map[string]stand{}, begins: map[string]stand{}, short: len(table)}
	}
	at := 0
	for line := range strings.Lines(table) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' || at == opposites {
			continue
		}
		_, words, _ := strings.Cut(line, "|")
		for i, part := range strings.SplitN(words, "|", 4) {
			side := stand{plus: 1 << at}
			if i%2 == 1 {
				side = stand{minus: 1 << at}
			}
			for _, w := range strings.Fields(part) {
				all[[2]string{"de", "en"}[i/2]].enter(w, side)
			}
		}
		at++
	}
	return all
}

func (p *poles) enter(w string, side stand) {
	begin, open := strings.CutSuffix(w, "*")
	if !open {
		p.exact[w] = p.exact[w].and(side)
		return
	}
	p.begins[begin] = p.begins[begin].and(side)
	p.short, p.long = min(p.short, len(begin)), max(p.long, len(begin))
}

// of returns which sides a word takes, given the word before it and whether it ends
// a clause in which something is turned. "Too dark" asks for light, and "no more" for
// nothing.
func (p *poles) of(before, w string, ends bool) stand {
	switch before {
	case "zu", "too", "so":
		s := p.side(w)
		return stand{s.minus, s.plus}
	case "nicht", "nichts", "kein", "keine", "keinen", "nie", "not", "no", "never", "any":
		return stand{}
	}
	s := p.side(w)
	if ends {
		s = s.and(p.exact[w+"."])
	}
	if before != "" {
		s = s.and(p.exact[before+"-"+w])
	}
	return s
}

// side returns which sides a word takes by itself.
func (p *poles) side(w string) stand {
	s := p.exact[w]
	for n := p.short; n <= min(p.long, len(w)); n++ {
		s = s.and(p.begins[w[:n]])
	}
	return s
}

// turns reports whether a word is a verb whose particle says in which direction.
func turns(w string) bool {
	for _, begin := range [...]string{"schalt", "mach", "dreh", "stell", "fahr", "turn", "switch", "put"} {
		if strings.HasPrefix(w, begin) {
			return true
		}
	}
	return false
}
