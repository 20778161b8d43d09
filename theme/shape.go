package theme

import (
	"math"

	"lastword/internal/text"
)

// A shape is how a voice is put, whatever it is about: whether it asks or bids shows
// in its first word, what is to be done often in its last.
type shape struct {
	first, last uint32 // hashed words; 0 for none
	stand       stand
}

func shapeOf(it Item) shape {
	var s shape
	toks, before := it.read(), ""
	poles, turned := polesOf()[it.Lang], false
	for i, tok := range toks {
		if tok.Kind > text.Hashtag {
			before = ""
			continue
		}
		if poles != nil {
			ends := i+1 == len(toks) || toks[i+1].Kind > text.Hashtag
			s.stand = s.stand.and(poles.of(before, tok.Text, ends && turned))
			turned = !ends && (turned || turns(tok.Text))
		}
		before = tok.Text
		if greets(tok.Text) {
			continue
		}
		s.last = hash('o', tok.Text, "")
		if s.first == 0 {
			s.first = s.last
		}
	}
	return s
}

// A variety counts words of which each voice has one.
type variety struct {
	counts map[uint32]float64
	all    float64
	spread float64 // sum of count × log count
}

func (t *variety) add(word uint32) {
	if word == 0 {
		return
	}
	if t.counts == nil {
		t.counts = map[uint32]float64{}
	}
	n := t.counts[word]
	t.counts[word] = n + 1
	t.all++
	t.spread += xlogx(n+1) - xlogx(n)
}

func xlogx(x float64) float64 {
	if x == 0 {
		return 0
	}
	return x * math.Log(x)
}

// entropy is how many words it takes to open, or to end, in nats: 0 where all are
// the same.
func (t *variety) entropy() float64 {
	if t.all == 0 {
		return 0
	}
	return max(math.Log(t.all)-t.spread/t.all, 0)
}

// share is how many have the same word as a voice, without that voice where it is
// one of them.
func (t *variety) share(word uint32, own bool) float64 {
	n, all := t.counts[word], t.all
	if own {
		n, all = n-1, all-1
	}
	return max(n, 0) / max(all, 1)
}

// A sides counts on which side of each opposite voices stand.
type sides struct{ plus, minus [opposites]int32 }

func (s *sides) add(of stand) {
	for i := range opposites {
		s.plus[i] += int32(of.plus >> i & 1)
		s.minus[i] += int32(of.minus >> i & 1)
	}
}

// against is the largest share of those who take a side that stand on the other one
// than a voice, 0…1. who is alone there is against nobody.
func (s *sides) against(of stand) float64 {
	most := 0.0
	for i := range opposites {
		plus, minus := s.plus[i], s.minus[i]
		switch up, down := of.plus>>i&1 == 1, of.minus>>i&1 == 1; {
		case up == down:
			continue
		case down:
			plus, minus = minus, plus
		}
		most = max(most, float64(minus)/float64(max(plus+minus, 1)))
	}
	return most
}

// A manner is how the voices of a theme are put.
type manner struct {
	opens, ends variety
	sides       sides
}

func (m *manner) add(s shape) {
	m.opens.add(s.first)
	m.ends.add(s.last)
	m.sides.add(s.stand)
}
