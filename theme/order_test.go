package theme

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestOrder compares the orders with those that comparing two at a time makes.
func TestOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 400 {
		ts, ls := make([]term, n), make([]link, n)
		for i, at := range r.Perm(n) {
			w := float32(r.IntN(40)-20) / 10 // many the same, zero and below among them
			ts[i], ls[i] = term{int32(at), w}, link{int32(at), w}
		}
		orders := map[string]struct {
			sort func([]term)
			less func(a, b term) int
		}{
			"number": {sortTerms, func(a, b term) int { return cmp.Compare(a.n, b.n) }},
			"weight": {heaviest, func(a, b term) int { return cmp.Or(cmp.Compare(b.w, a.w), cmp.Compare(a.n, b.n)) }},
			"links": {func(ts []term) {
				likest(ls)
				for i, l := range ls {
					ts[i] = term{l.to, l.w}
				}
			}, func(a, b term) int { return cmp.Or(cmp.Compare(b.w, a.w), cmp.Compare(a.n, b.n)) }},
		}
		for name, o := range orders {
			got, want := slices.Clone(ts), slices.Clone(ts)
			o.sort(got)
			slices.SortFunc(want, o.less)
			if !slices.Equal(got, want) {
				t.Fatalf("%d by %s: %v, want %v", n, name, got, want)
			}
		}
	}
}

// TestTop takes what weighs most, in the order in which it stood.
func TestTop(t *testing.T) {
	s := newStream(&Sense{})
	var ts []term
	for i, w := range []float32{.1, .9, .3, .9, .5} {
		ts = append(ts, term{s.at(uint32(100 - i)), w})
	}
	got := top(ts, 2, s)
	if want := []term{ts[1], ts[3]}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := top(ts, 9, s); !slices.Equal(got, ts) {
		t.Errorf("%v, want all", got)
	}
	cheap := slices.Clone(ts)
	cheapest(cheap, func(t term) int { return map[int32]int{ts[0].n: 0, ts[4].n: 1}[t.n] + int(t.n) })
	if cheap[0] != ts[0] || cheap[1] != ts[1] {
		t.Errorf("%v", cheap)
	}
}
