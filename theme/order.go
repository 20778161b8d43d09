package theme

import (
	"math"
	"slices"
)

// Terms and links are sorted again and again for every voice. As whole numbers,
// made of what they are sorted by and of what they are, they are sorted several
// times faster than by a function that compares two of them.

// rising orders floats as whole numbers.
func rising(w float32) uint32 {
	b := math.Float32bits(w)
	if b>>31 == 1 {
		return ^b
	}
	return b | 1<<31
}

// risen is the float that rising made a number of.
func risen(n uint32) float32 {
	if n>>31 == 1 {
		return math.Float32frombits(n &^ (1 << 31))
	}
	return math.Float32frombits(^n)
}

// room is how many keys are sorted without asking for memory.
const room = 128

// sortTerms puts terms in the order of their numbers.
func sortTerms(ts []term) {
	var keys [room]uint64
	ks := keys[:0]
	for _, t := range ts {
		ks = append(ks, uint64(t.n)<<32|uint64(math.Float32bits(t.w)))
	}
	slices.Sort(ks)
	for i, k := range ks {
		ts[i] = term{int32(k >> 32), math.Float32frombits(uint32(k))}
	}
}

// heaviest puts terms in the order of their weights, the heaviest first.
func heaviest(ts []term) {
	var keys [room]uint64
	ks := keys[:0]
	for _, t := range ts {
		ks = append(ks, uint64(^rising(t.w))<<32|uint64(t.n))
	}
	slices.Sort(ks)
	for i, k := range ks {
		ts[i] = term{int32(uint32(k)), risen(^uint32(k >> 32))}
	}
}

// likest puts links in the order of their weights, the nearest first.
func likest(ls []link) {
	var keys [room]uint64
	ks := keys[:0]
	for _, l := range ls {
		ks = append(ks, uint64(^rising(l.w))<<32|uint64(l.to))
	}
	slices.Sort(ks)
	for i, k := range ks {
		ls[i] = link{int32(uint32(k)), risen(^uint32(k >> 32))}
	}
}

// cheapest puts terms in the order of what it costs to read of each, by what each
// tells: the squares of their weights.
func cheapest(ts []term, cost func(term) int) {
	var keys [room]uint64
	ks := keys[:0]
	for i, t := range ts {
		ks = append(ks, uint64(rising(float32(cost(t))/max(t.w*t.w, 1e-20)))<<32|uint64(i))
	}
	slices.Sort(ks)
	was := slices.Clone(ts)
	for i, k := range ks {
		ts[i] = was[uint32(k)]
	}
}

// top returns the n terms that weigh most with their idf, in the order in which
// they stood.
func top(ts []term, n int, s *stream) []term {
	if n >= len(ts) {
		return slices.Clone(ts)
	}
	var keys [2 * room]uint64
	ks := keys[:0]
	for _, t := range ts {
		ks = append(ks, worth(t, s))
	}
	slices.Sort(ks)
	least := ks[len(ks)-n]
	out := make([]term, 0, n)
	for _, t := range ts {
		if worth(t, s) >= least {
			out = append(out, t)
		}
	}
	return out
}

// worth orders terms by their weight with their idf, and where that is the same
// by their feature: no two are the same.
func worth(t term, s *stream) uint64 {
	return uint64(rising(t.w*s.idf(t.n)))<<32 | uint64(^s.id[t.n])
}
