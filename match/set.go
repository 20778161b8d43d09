package match

import (
	"math"
	"sync"

	"lastword"
)

// A Set is many queries, asked together. It does not change, and any number of
// goroutines may use it at once.
type Set struct {
	queries int

	words   dict
	phrases *pairs // nil if no query has a phrase
	wild    *wild  // nil if no query has a wildcard
	asks    [fieldIs + 1]bool
	sigils  bool // a query asks for # or @
	places  bool // a query asks where words stand

	from  []uint32 // by term: where its queries' code starts; [0] is tried always
	code  []uint32
	forms []form

	pool sync.Pool // of *matcher
}

// Len returns how many queries the Set has.
func (s *Set) Len() int { return s.queries }

// Match appends to into the ID of every query that wants the post, each once, in
// no particular order, and returns the extended slice.
func (s *Set) Match(p *lastword.Post, into []int64) []int64 {
	m := s.matcher()
	into = m.match(p, into)
	s.giveBack(m)
	return into
}

// Tried returns how many queries Match has to run for the post, a query filed
// under several of its words once for each: the cost of the post.
func (s *Set) Tried(p *lastword.Post) int {
	m := s.matcher()
	m.match(p, nil)
	tried := m.tried
	s.giveBack(m)
	return tried
}

// maxKept is how many words a matcher may have room for and still be used again:
// one very long post should not be remembered for ever.
const maxKept = 1 << 16

func (s *Set) giveBack(m *matcher) {
	if cap(m.hashes) <= maxKept {
		s.pool.Put(m)
	}
}

func (s *Set) matcher() *matcher {
	if m, ok := s.pool.Get().(*matcher); ok {
		return m
	}
	return &matcher{
		set:  s,
		has:  make([]uint64, len(s.from)/64+1),
		many: make([]uint64, s.queries/64+1),
		body: math.MaxInt,
	}
}

// A matcher is what one goroutine needs to match one post at a time.
type matcher struct {
	set    *Set
	reader reader
	text   []byte // of the field being read, padded
	fold   []byte

	hashes []uint64 // by position: the word's
	sigils []signed // words with a sigil; kept where a query asks for one
	body   int      // position of the text's first word; the title's come before
	plain  []uint32 // by position: the word's term, or 0
	spots  spots    // where terms stand; kept for NEAR
	runs   []run

	has   []uint64 // the post's terms, as bits
	found []uint32 // the post's terms, as numbers

	many   []uint64 // wanted queries that are filed more than once, as bits
	wanted []uint32 // the same, as numbers
	blocks []block
	tried  int

	reached uint32 // keeps the reads for their own sake
}

// signed is a word with a sigil.
type signed struct {
	at    int
	sigil byte
}

func (m *matcher) match(p *lastword.Post, into []int64) []int64 {
	if p.Title != "" {
		m.scan(p.Title)
	}
	m.body = len(m.hashes)
	m.scan(p.Text)
	m.lookWords()
	m.lookSigils()
	m.lookFields(p)
	if m.set.phrases != nil {
		m.lookPhrases()
	}
	into = m.runAll(into)
	m.forget()
	return into
}

// lookWords finds the terms that the words are. It comes after all words are
// taken: so the processor waits for many places of the table at once.
func (m *matcher) lookWords() {
	words := &m.set.words
	for at, h := range m.hashes {
		id := words.get(h)
		m.plain = append(m.plain, id)
		if id != 0 {
			m.markAt(id, at)
		}
	}
}

func (m *matcher) lookSigils() {
	for _, x := range m.sigils {
		if id := m.set.words.get(hashSigil(m.hashes[x.at], x.sigil)); id != 0 {
			m.markAt(id, x.at)
		}
	}
}

// markAt notes a term and where it stands. Title and text are set so far apart
// that nothing reaches across.
func (m *matcher) markAt(id uint32, at int) {
	if m.set.places {
		if at >= m.body {
			at += MaxNear + MaxTerms
		}
		m.spots.add(id, uint32(at))
	}
	m.mark(id)
}

// mark notes a term.
func (m *matcher) mark(id uint32) {
	if bit := uint64(1) << (id & 63); m.has[id>>6]&bit == 0 {
		m.has[id>>6] |= bit
		m.found = append(m.found, id)
	}
}

// A block is the code of the queries filed under one term.
type block struct{ from, to uint32 }

// runAll runs the queries filed under the post's terms, and those always tried.
// It first reaches for the start of every block, so that the processor waits for
// all of them at once.
func (m *matcher) runAll(into []int64) []int64 {
	m.tried = 0
	from, code := m.set.from, m.set.code
	m.blocks = append(m.blocks[:0], block{from[0], from[1]})
	for _, id := range m.found {
		if b := (block{from[id], from[id+1]}); b.from < b.to {
			m.blocks = append(m.blocks, b)
		}
	}
	for _, b := range m.blocks[1:] {
		m.reached += code[b.from]
	}
	for _, b := range m.blocks {
		into = m.run(code[b.from:b.to], into)
	}
	return into
}

// run runs queries back to back.
func (m *matcher) run(code []uint32, into []int64) []int64 {
	for len(code) >= headWords {
		head, size, id := code[0], code[1], int64(uint64(code[2])|uint64(code[3])<<32)
		code = code[headWords:]
		m.tried++
		body := code[:size]
		code = code[size:]
		if head&hasForms == 0 && m.holds(body) || head&hasForms != 0 && m.holdsForms(body) {
			if head&isMany == 0 || m.first(head&queryBits) {
				into = append(into, id)
			}
		}
	}
	return into
}

// holds runs one query's code, in which every lit is a term.
func (m *matcher) holds(code []lit) bool {
	got := uint64(0)
	for _, l := range code {
		got |= m.has[l&litID>>6]>>(l&63) ^ uint64(l>>30)
		if l&litLast == 0 {
			continue
		}
		if got&1 == 0 {
			return false
		}
		got = 0
	}
	return true
}

// first reports whether a query is wanted for the first time.
func (m *matcher) first(q uint32) bool {
	bit := uint64(1) << (q & 63)
	if m.many[q>>6]&bit != 0 {
		return false
	}
	m.many[q>>6] |= bit
	m.wanted = append(m.wanted, q)
	return true
}

// forget makes ready for the next post.
func (m *matcher) forget() {
	for _, id := range m.found {
		m.has[id>>6] = 0
	}
	for _, q := range m.wanted {
		m.many[q>>6] = 0
	}
	m.hashes, m.sigils, m.plain = m.hashes[:0], m.sigils[:0], m.plain[:0]
	m.found, m.wanted, m.body = m.found[:0], m.wanted[:0], math.MaxInt
	m.spots.forget()
}
