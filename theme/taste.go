package theme

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"lastword"
)

// What people say of two themes teaches the distance: words by which themes differ
// that want the same tell less from then on, and those by which themes differ that
// do not, tell more. A taste is how much each feature counts, 1 where nothing was
// learnt.
type taste map[uint32]float32

const (
	mostApart = 16  // features that are kept of a pair
	lessonBy  = 0.6 // what one lesson does to the log of what a feature counts that alone sets two themes apart
	mostTaste = 2   // times as much as before, or as little
)

// tasteOf learns from what people said, the latest first.
func tasteOf(judged []lastword.Pair) taste {
	sums := map[uint32]float64{}
	for _, p := range judged {
		for _, f := range features(p.Words) {
			sums[f.ID] -= float64(p.Same) * lessonBy * float64(f.Weight)
		}
	}
	t := taste{}
	for id, sum := range sums {
		t[id] = float32(math.Exp(min(max(sum, -math.Log(mostTaste)), math.Log(mostTaste))))
	}
	return t
}

func (t taste) of(id uint32) float32 {
	if f, ok := t[id]; ok {
		return f
	}
	return 1
}

// differ returns by what two models differ, as bytes: the features that weigh more
// in the one than in the other, and their share of all that does. It is a few
// hashes of words, from which no text can be read.
func differ(a, b model) []byte {
	s := newStream(&Sense{})
	x, y := a.terms.unit(), b.terms.unit()
	var fs Vector
	for i, j := 0, 0; i < len(x) || j < len(y); {
		var f Feature
		switch {
		case j == len(y) || i < len(x) && x[i].ID < y[j].ID:
			f = x[i]
			i++
		case i == len(x) || y[j].ID < x[i].ID:
			f = y[j]
			j++
		default:
			f = Feature{x[i].ID, abs(x[i].Weight - y[j].Weight)}
			i, j = i+1, j+1
		}
		f.Weight *= s.told(f.ID)
		fs = append(fs, f)
	}
	slices.SortFunc(fs, func(a, b Feature) int { return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.ID, b.ID)) })
	fs = fs[:min(len(fs), mostApart)]
	sum := float32(0)
	for _, f := range fs {
		sum += f.Weight
	}
	var out []byte
	for _, f := range fs {
		out = binary.LittleEndian.AppendUint32(out, f.ID)
		out = append(out, byte(math.Round(255*float64(f.Weight/max(sum, 1e-9)))))
	}
	return out
}

// features reads what differ wrote. Bytes that it did not write teach nothing.
func features(b []byte) Vector {
	const size = 5
	if len(b)%size != 0 || len(b) > mostApart*size {
		return nil
	}
	var fs Vector
	for ; len(b) > 0; b = b[size:] {
		fs = append(fs, Feature{binary.LittleEndian.Uint32(b), float32(b[4]) / 255})
	}
	return fs
}

// pairWord is a person's word on two themes, with what is learnt from it.
func pairWord(a, b lastword.Theme, same int8) (lastword.Pair, error) {
	x, err := decode(a.Model)
	if err != nil {
		return lastword.Pair{}, err
	}
	y, err := decode(b.Model)
	if err != nil {
		return lastword.Pair{}, err
	}
	p := lastword.PairOf(a.ID, b.ID)
	p.Same, p.Words = same, differ(x, y)
	return p, nil
}

const (
	alike     = 0.80 // likeness worth asking a person about
	alikeMost = 0.95
	alikeOff  = 0.02 // what each word of a person moves it by
)

// askFrom is the likeness from which on a company's people are asked: less where
// they mostly say yes, and more where they say no.
func askFrom(judged []lastword.Pair) float32 {
	at := float32(alike)
	for _, p := range judged {
		if p.Likeness > 0 {
			at -= float32(p.Same) * alikeOff
		}
	}
	return min(max(at, alike-5*alikeOff), alikeMost)
}

// judged reports whether a person said something of two themes.
func (c *Clusterer) judgedPair(a, b int64) bool {
	p := lastword.PairOf(a, b)
	return slices.ContainsFunc(c.cfg.Judged, func(j lastword.Pair) bool { return j.A == p.A && j.B == p.B && j.Same != 0 })
}
