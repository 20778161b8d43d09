package theme

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"lastword"
)

// A model is a theme as it is stored: everything but its name. It stays below
// about one kilobyte, and where an endpoint is used a byte more for each number of
// a direction.
type model struct {
	n, core, close, long float32
	kinds                [4]int32
	only                 int32
	trust                trust
	fixed                bool
	lang                 string
	lead                 int32
	terms                Vector
	votes                []vote
	far                  *savedCentre
}

const (
	modelVersion = 3 // 1 had no trust, 2 nothing of an endpoint
	savedTerms   = 110
	fractions    = 64 // of a voice, in n, core and long
)

var errModel = errors.New("theme: damaged model")

// encode writes the model: version, flags, counts, terms with weights in 8 bits
// of their square root, names.
func (m model) encode() []byte {
	b := []byte{modelVersion, 0}
	if m.fixed {
		b[1] = 1
	}
	for _, f := range [...]float32{m.n, m.core, m.long, m.close} {
		b = binary.AppendUvarint(b, uint64(math.Round(float64(max(f, 0))*fractions)))
	}
	for _, k := range append(m.kinds[:], m.only, m.lead) {
		b = binary.AppendUvarint(b, uint64(max(k, 0)))
	}
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(m.trust.mean))
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(m.trust.heard))
	b = appendText(b, m.lang)
	b = m.terms.append(b)
	b = binary.AppendUvarint(b, uint64(len(m.votes)))
	for _, v := range m.votes {
		b = binary.LittleEndian.AppendUint32(b, v.key)
		b = binary.AppendUvarint(b, uint64(max(v.n, 0)))
		b = binary.AppendUvarint(b, uint64(max(v.lead, 0)))
		b = binary.AppendUvarint(b, uint64(math.Round(float64(max(v.shape, 0))*fractions)))
		b = appendText(b, v.text)
	}
	return m.far.append(b)
}

func (x Vector) append(b []byte) []byte {
	most := float32(0)
	for _, f := range x {
		most = max(most, f.Weight)
	}
	b = binary.AppendUvarint(b, uint64(len(x)))
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(most))
	for _, f := range x {
		b = binary.LittleEndian.AppendUint32(b, f.ID)
		b = append(b, byte(max(1, math.Round(255*math.Sqrt(float64(f.Weight/most))))))
	}
	return b
}

// appendText writes at most 255 bytes.
func appendText(b []byte, s string) []byte {
	s = s[:min(len(s), 255)]
	return append(append(b, byte(len(s))), s...)
}

// decode reads a model. No bytes at all are a theme that knows nothing yet.
func decode(b []byte) (model, error) {
	if len(b) == 0 {
		return model{}, nil
	}
	r := reader{b: b}
	version := r.byte()
	if version < 1 || version > modelVersion {
		return model{}, fmt.Errorf("%w: version %d", errModel, version)
	}
	m := model{fixed: r.byte() == 1}
	for _, f := range [...]*float32{&m.n, &m.core, &m.long, &m.close} {
		*f = r.part()
	}
	for _, k := range [...]*int32{&m.kinds[0], &m.kinds[1], &m.kinds[2], &m.kinds[3], &m.only, &m.lead} {
		*k = r.count(math.MaxInt32)
	}
	if version > 1 {
		m.trust = r.trust()
	}
	m.lang = r.text()
	m.terms = r.terms()
	for range r.count(heldVotes) {
		m.votes = append(m.votes, vote{key: r.word(), n: r.count(math.MaxInt32), lead: r.count(math.MaxInt32), shape: r.part(), text: r.text()})
	}
	if version > 2 {
		m.far = r.centre()
	}
	if r.bad || len(r.b) > 0 {
		return model{}, errModel
	}
	return m, nil
}

// A reader takes values off its bytes; bad says that they did not suffice.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.bad, r.b = true, nil
		return make([]byte, n)
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) byte() byte   { return r.take(1)[0] }
func (r *reader) word() uint32 { return binary.LittleEndian.Uint32(r.take(4)) }
func (r *reader) text() string { return string(r.take(int(r.byte()))) }
func (r *reader) part() float32 {
	return float32(r.count(math.MaxInt32)) / fractions
}

// count reads a number up to most.
func (r *reader) count(most uint64) int32 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > most {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return int32(v)
}

func (r *reader) trust() trust {
	t := trust{math.Float32frombits(r.word()), math.Float32frombits(r.word())}
	if sum := t.mean + t.heard; sum-sum != 0 || t.heard < 0 { // not a number, or without end
		r.bad = true
	}
	return t
}

func (r *reader) terms() Vector {
	n := r.count(2 * savedTerms)
	most := math.Float32frombits(r.word())
	if r.bad || !(most >= 0) || math.IsInf(float64(most), 0) {
		r.bad = true
		return nil
	}
	x := make(Vector, 0, n)
	for range n {
		id, w := r.word(), float32(r.byte())/255
		r.bad = r.bad || len(x) > 0 && x[len(x)-1].ID >= id
		x = append(x, Feature{id, w * w * most})
	}
	return x
}

// model is what is kept of a theme.
func (c *cluster) model(s *stream) model {
	m := model{n: c.n, core: c.core, close: c.close, long: c.long, kinds: c.kinds, only: c.only, trust: c.trust, fixed: c.fixed,
		lang: c.lang, lead: c.lead}
	for _, t := range top(c.terms, savedTerms, s) {
		m.terms = append(m.terms, Feature{s.id[t.n], t.w})
	}
	m.terms = m.terms.sorted()
	m.votes = c.candidates()
	m.votes = slices.Clip(m.votes[:min(len(m.votes), savedVotes)])
	m.far = c.far.saved()
	return m
}

func (x Vector) sorted() Vector {
	slices.SortFunc(x, func(a, b Feature) int { return cmp.Compare(a.ID, b.ID) })
	return x
}

// revive makes a stored theme live again.
func revive(t lastword.Theme, s *stream, space *Space) (*cluster, error) {
	m, err := decode(t.Model)
	if err != nil {
		return nil, fmt.Errorf("theme %d: %w", t.ID, err)
	}
	c := &cluster{id: t.ID, name: t.Name, named: t.NamedBy != 0 || t.Decision != 0, n: m.n, core: m.core, close: m.close, long: m.long,
		kinds: m.kinds, only: m.only, trust: m.trust, lang: m.lang, lead: m.lead, votes: m.votes}
	c.decided = t.Decision != 0
	c.fixed = m.fixed || c.named || t.Decision != 0 || t.Verdict != ""
	for _, f := range m.terms {
		c.terms = append(c.terms, term{s.at(f.ID), f.Weight})
	}
	sortTerms(c.terms)
	c.far = m.far.revived(space)
	c.imagine(s)
	c.next = max(c.n+1, c.n*1.4)
	return c, nil
}

// imagine works out what a stored theme means from its words.
func (c *cluster) imagine(s *stream) {
	all, known := float32(0), float32(0)
	for _, t := range c.terms {
		idf := s.idf(t.n)
		tells := t.w * idf * t.w * idf
		all += tells
		if s.mean(&c.means, t) {
			known += tells
		}
	}
	c.means.unit()
	c.means = s.centred(c.means, c.lang)
	for i := range c.means {
		c.means[i] *= c.core * c.close
	}
	share := known / max(all, 1e-9)
	c.known = c.core * share * share
}
