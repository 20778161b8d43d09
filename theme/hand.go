package theme

import (
	"math"
	"slices"
)

// taught is how many voices one counts that a person put into a theme: they
// know better than the machine, and it shall learn quickly.
const taught = 3

// Merge returns the model of theme into after all voices of theme from have
// come to it.
func Merge(into, from []byte) ([]byte, error) {
	a, err := decode(into)
	if err != nil {
		return nil, err
	}
	b, err := decode(from)
	if err != nil {
		return nil, err
	}
	a.terms = a.terms.plus(b.terms, 1).kept()
	if all := a.core + b.core; all > 0 {
		a.close = (a.close*a.core + b.close*b.core) / all
	}
	a.n, a.core, a.long = a.n+b.n, a.core+b.core, a.long+b.long
	for i := range a.kinds {
		a.kinds[i] += b.kinds[i]
	}
	a.only += b.only
	a.far = a.far.plus(b.far)
	c := cluster{votes: a.votes, n: a.n}
	for _, v := range b.votes {
		c.merge(v)
	}
	a.votes = c.candidates()
	a.votes = a.votes[:min(len(a.votes), savedVotes)]
	a.fixed = true
	return a.encode(), nil
}

// Move returns the models of two themes after a person moved a voice from the
// one to the other. Either may be empty: a voice that had no theme, or that
// belongs to none. e must be the Embedder that the company's Clusterer has.
func Move(e Embedder, v Item, from, to []byte) (rest, more []byte, err error) {
	a, err := decode(from)
	if err != nil {
		return nil, nil, err
	}
	b, err := decode(to)
	if err != nil {
		return nil, nil, err
	}
	x := e.Embed(v, nil).Words().unit()
	if len(from) > 0 {
		w := float32(1)
		if v.Taught {
			w = taught
		}
		a.count(v, -w)
		a.terms = a.terms.plus(x, -w).kept()
		rest = a.encode()
	}
	if len(to) > 0 {
		b.count(v, taught)
		b.terms = b.terms.plus(x, taught).kept()
		more = b.encode()
	}
	return rest, more, nil
}

// Affirm returns the model of a theme after a person said that one of its voices
// surely belongs to it.
func Affirm(e Embedder, v Item, model []byte) ([]byte, error) {
	m, err := decode(model)
	if err != nil {
		return nil, err
	}
	n, kinds, only := m.n, m.kinds, m.only
	m.count(v, 1)
	m.n, m.kinds, m.only = n, kinds, only // it was counted when it came
	m.terms = m.terms.plus(e.Embed(v, nil).Words().unit(), 1).kept()
	return m.encode(), nil
}

// Split returns the models of a theme without some of its voices, and of a new
// theme made of those. Of no theme at all, whole is empty.
func Split(e Embedder, whole []byte, voices []Item) (rest, part []byte, err error) {
	a, err := decode(whole)
	if err != nil {
		return nil, nil, err
	}
	var b model
	for _, v := range voices {
		x := e.Embed(v, nil).Words().unit()
		a.count(v, -1)
		a.terms = a.terms.plus(x, -1)
		b.count(v, 1)
		b.terms = b.terms.plus(x, 1)
	}
	a.terms, b.terms = a.terms.kept(), b.terms.kept()
	b.close, b.lang = a.close, a.lang
	return a.encode(), b.encode(), nil
}

// count takes a voice into the numbers of a model that a person touched; by is
// negative for one that leaves.
func (m *model) count(v Item, by float32) {
	one := int32(1)
	if by < 0 {
		one = -1
	}
	long := float32(1)
	if m.core > 0 {
		long = m.long / m.core
	}
	c := cluster{kinds: m.kinds, only: m.only}
	c.countKinds(v.Kinds, one)
	m.kinds, m.only = c.kinds, c.only
	m.n, m.core = max(m.n+float32(one), 0), max(m.core+by, 0)
	m.long = m.core * long
	m.fixed = true
}

// unit scales a vector to length 1, as centres add voices up.
func (x Vector) unit() Vector {
	square := 0.0
	for _, f := range x {
		square += float64(f.Weight) * float64(f.Weight)
	}
	out := slices.Clone(x)
	for i := range out {
		out[i].Weight /= float32(math.Sqrt(square))
	}
	return out
}

// plus adds a vector, or with a negative weight takes it away; what falls to
// nothing is dropped.
func (x Vector) plus(y Vector, weight float32) Vector {
	sum := make(Vector, 0, len(x)+len(y))
	for i, j := 0, 0; i < len(x) || j < len(y); {
		switch {
		case j == len(y) || i < len(x) && x[i].ID < y[j].ID:
			sum = append(sum, x[i])
			i++
		case i == len(x) || y[j].ID < x[i].ID:
			sum = append(sum, Feature{y[j].ID, y[j].Weight * weight})
			j++
		default:
			sum = append(sum, Feature{x[i].ID, x[i].Weight + y[j].Weight*weight})
			i, j = i+1, j+1
		}
	}
	return slices.DeleteFunc(sum, func(f Feature) bool { return f.Weight <= 1e-6 })
}

// kept cuts a vector to what a model holds, by how common features are in
// general, as the company's stream is not at hand.
func (x Vector) kept() Vector {
	if len(x) <= savedTerms {
		return x
	}
	s := newStream(&Sense{})
	var ts []term
	for _, f := range x {
		ts = append(ts, term{s.at(f.ID), f.Weight})
	}
	var out Vector
	for _, t := range top(ts, savedTerms, s) {
		out = append(out, Feature{s.id[t.n], t.w})
	}
	return out.sorted()
}
