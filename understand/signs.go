package understand

import (
	_ "embed"
	"fmt"
	"iter"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"lastword/internal/text"
)

//go:embed signs.txt
var signsFile string

// mostSigns is how many signs signs.txt may hold.
const mostSigns = 512

// A signSet is the signs that a text bears, by their line.
type signSet [mostSigns / 64]uint64

func (s *signSet) add(n int)     { s[n>>6] |= 1 << (n & 63) }
func (s signSet) has(n int) bool { return s[n>>6]&(1<<(n&63)) != 0 }

// all yields every sign in s.
func (s signSet) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, part := range s {
			for ; part != 0; part &= part - 1 {
				if !yield(i<<6 + bits.TrailingZeros64(part)) {
					return
				}
			}
		}
	}
}

// mostClasses is how many classes of words signs.txt may name.
const mostClasses = 512

// A classes is a set of classes of words, by their number.
type classes [mostClasses / 64]uint64

func (c *classes) add(n int) { c[n>>6] |= 1 << (n & 63) }

func (c *classes) has(n int) bool { return c[n>>6]&(1<<(n&63)) != 0 }

func (c *classes) join(o classes) {
	for i, part := range o {
		c[i] |= part
	}
}

// all yields every class in c.
func (c *classes) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, part := range c {
			for ; part != 0; part &= part - 1 {
				if !yield(i<<6 + bits.TrailingZeros64(part)) {
					return
				}
			}
		}
	}
}

// Classes that are not words: how a word or its place looks.
const (
	classInfinitive = iota
	classImperative
	classNumber
	classMention
	firstClass
)

// A piece is one part of a sign: a class, and how many other words may stand
// before it.
type piece struct {
	class int
	gap   int
}

// A turn is how something is put: one line of signs.txt.
type turn struct {
	pieces []piece
	opens  bool // the first stands at the beginning of the sentence
	closes bool // the last stands at the end of a clause
	asks   bool // the sentence asks
	wish   bool // it is taken for a wish where nobody judged
	insult bool // likewise for an offence
}

// A grammar is signs.txt, read.
type grammar struct {
	words    map[string]classes
	prefixes map[string]classes // words of which only the beginning counts
	lengths  []int              // of the prefixes, in bytes, rising
	signs    []turn
	begins   [mostClasses][]int // by the class of their first piece, the signs
}

// theGrammar is read once. Our own file is right, or a test fails.
var theGrammar = sync.OnceValue(func() *grammar {
	g, err := readGrammar(signsFile)
	if err != nil {
		panic("understand: signs.txt: " + err.Error())
	}
	return g
})

func readGrammar(file string) (*grammar, error) {
	r := grammarReader{g: &grammar{words: map[string]classes{}, prefixes: map[string]classes{}},
		names: map[string]int{"INF": classInfinitive, "IMP": classImperative, "NUM": classNumber, "AT": classMention}, next: firstClass}
	for n, line := range strings.Split(file, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		var err error
		if name, words, ok := strings.Cut(line, " = "); ok {
			err = r.class(name, strings.Fields(words))
		} else {
			err = r.sign(strings.Fields(line))
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
	}
	for p := range r.g.prefixes {
		if !slices.Contains(r.g.lengths, len(p)) {
			r.g.lengths = append(r.g.lengths, len(p))
		}
	}
	slices.Sort(r.g.lengths)
	if len(r.g.signs) > mostSigns {
		return nil, fmt.Errorf("%d signs are more than %d", len(r.g.signs), mostSigns)
	}
	return r.g, nil
}

// A grammarReader knows the classes so far by name.
type grammarReader struct {
	g     *grammar
	names map[string]int
	next  int
}

func (r *grammarReader) class(name string, words []string) error {
	n, err := r.number(name)
	if err != nil {
		return err
	}
	for _, w := range words {
		list := r.g.words
		if p, ok := strings.CutSuffix(w, "*"); ok {
			list, w = r.g.prefixes, p
		}
		c := list[w]
		c.add(n)
		list[w] = c
	}
	return nil
}

func (r *grammarReader) number(name string) (int, error) {
	if n, ok := r.names[name]; ok {
		return n, nil
	}
	if r.next == mostClasses {
		return 0, fmt.Errorf("too many classes at %q", name)
	}
	r.names[name] = r.next
	r.next++
	return r.next - 1, nil
}

func (r *grammarReader) sign(parts []string) error {
	var s turn
	gap := 0
	for _, p := range parts {
		switch {
		case p == "^":
			s.opens = true
		case p == "$":
			s.closes = true
		case p == "?":
			s.asks = true
		case p == "!wish":
			s.wish = true
		case p == "!offends":
			s.insult = true
		case p[0] == '~':
			n, err := strconv.Atoi(p[1:])
			if err != nil {
				return fmt.Errorf("%q is no gap", p)
			}
			gap = n
		default:
			n, err := r.named(p)
			if err != nil {
				return err
			}
			s.pieces = append(s.pieces, piece{n, gap})
			gap = 0
		}
	}
	if len(s.pieces) == 0 {
		return fmt.Errorf("a sign without words: %v", parts)
	}
	r.g.begins[s.pieces[0].class] = append(r.g.begins[s.pieces[0].class], len(r.g.signs))
	r.g.signs = append(r.g.signs, s)
	return nil
}

// named is the class with a name, or the class of one word alone.
func (r *grammarReader) named(p string) (int, error) {
	if n, ok := r.names[p]; ok {
		return n, nil
	}
	if strings.ToUpper(p) == p && strings.ToLower(p) != p && p != "I" {
		return 0, fmt.Errorf("no class %q", p)
	}
	if err := r.class(p, []string{strings.ToLower(p)}); err != nil {
		return 0, err
	}
	return r.names[p], nil
}

// A spoken word of a sentence.
type spoken struct {
	is   classes
	ends bool // a mark follows, or nothing
}

// readSigns reads the signs of the text s with its tokens.
func (f *features) readSigns(s string, tokens []text.Token) {
	g := theGrammar()
	f.signs = signSet{}
	for len(tokens) > 0 {
		n, asks := sentenceEnd(tokens)
		f.room = g.spoken(s, tokens[:n], f.room[:0])
		tokens = tokens[n:]
		g.find(&f.signs, f.room, asks)
	}
}

// spoken classes the words of a sentence, without those at its beginning that
// only name who is spoken to.
func (g *grammar) spoken(s string, tokens []text.Token, out []spoken) []spoken {
	for i := range tokens {
		t := &tokens[i]
		switch t.Kind {
		case text.Punct, text.Emoji, text.URL:
			if len(out) > 0 {
				out[len(out)-1].ends = true
			}
			continue
		case text.Mention:
			if len(out) == 0 {
				continue
			}
		}
		out = append(out, spoken{is: g.of(s, t, len(out) == 0)})
	}
	if len(out) > 0 {
		out[len(out)-1].ends = true
	}
	return out
}

// of returns the classes of a token.
func (g *grammar) of(s string, t *text.Token, opens bool) classes {
	switch t.Kind {
	case text.Number:
		return classes{1 << classNumber}
	case text.Mention:
		return classes{1 << classMention}
	}
	c := g.words[t.Text]
	for _, n := range g.lengths {
		if n > len(t.Text) {
			break
		}
		if p, ok := g.prefixes[t.Text[:n]]; ok {
			c.join(p)
		}
	}
	first, _ := utf8.DecodeRuneInString(s[t.Start:])
	if small := !unicode.IsUpper(first); small && infinitive(t.Text) {
		c.add(classInfinitive)
	} else if (small || opens) && len(t.Text) > 3 && strings.HasSuffix(t.Text, "t") {
		c.add(classImperative)
	}
	return c
}

func infinitive(w string) bool {
	return len(w) > 3 && w[len(w)-1] == 'n' && (w[len(w)-2] == 'e' || w[len(w)-2] == 'r' || w[len(w)-2] == 'l')
}

// taken reports whether a sign is among found that is taken for a wish, and one
// that is taken for an offence.
func (g *grammar) taken(found signSet) (wish, offends bool) {
	for n := range found.all() {
		wish = wish || g.signs[n].wish
		offends = offends || g.signs[n].insult
	}
	return wish, offends
}

// find adds the signs that a sentence bears.
func (g *grammar) find(found *signSet, words []spoken, asks bool) {
	var all classes
	for i := range words {
		all.join(words[i].is)
	}
	for class := range all.all() {
		for _, n := range g.begins[class] {
			s := &g.signs[n]
			if s.asks && !asks || found.has(n) || !s.may(&all) {
				continue
			}
			if s.stands(words) {
				found.add(n)
			}
		}
	}
}

// may reports whether a sentence with the classes all could bear s.
func (s *turn) may(all *classes) bool {
	for _, p := range s.pieces[1:] {
		if !all.has(p.class) {
			return false
		}
	}
	return true
}

func (s *turn) stands(words []spoken) bool {
	const openers = 3 // words that may stand before what begins a sentence: "sagt mal, wann …"
	for i := range words {
		if s.opens && i > openers {
			return false
		}
		if words[i].is.has(s.pieces[0].class) && s.follows(words, i, 1) {
			return true
		}
	}
	return false
}

// follows reports whether the pieces from n on follow the one at i.
func (s *turn) follows(words []spoken, i, n int) bool {
	if n == len(s.pieces) {
		return !s.closes || words[i].ends
	}
	p := s.pieces[n]
	for j := i + 1; j <= min(i+1+p.gap, len(words)-1); j++ {
		if words[j].is.has(p.class) && s.follows(words, j, n+1) {
			return true
		}
	}
	return false
}
