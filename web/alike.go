package web

import (
	"cmp"
	"slices"

	fold "lastword/internal/text"

	"lastword"
)

// alike splits the other themes into the few whose names share most words with
// t's, most alike first, and the rest by name.
func alike(t lastword.Theme, all []lastword.Theme, most int) (near, rest []lastword.Theme) {
	mine := roots(t.Name)
	shared := map[int64]int{}
	for _, o := range all {
		if o.ID == t.ID {
			continue
		}
		for r := range roots(o.Name) {
			if mine[r] {
				shared[o.ID]++
			}
		}
		if rest = append(rest, o); shared[o.ID] > 0 {
			near = append(near, o)
		}
	}
	slices.SortStableFunc(near, func(a, b lastword.Theme) int { return cmp.Compare(shared[b.ID], shared[a.ID]) })
	near = near[:min(len(near), most)]
	rest = slices.DeleteFunc(rest, func(o lastword.Theme) bool {
		return slices.ContainsFunc(near, func(n lastword.Theme) bool { return n.ID == o.ID })
	})
	slices.SortFunc(rest, func(a, b lastword.Theme) int { return cmp.Compare(fold.Fold(a.Name), fold.Fold(b.Name)) })
	return near, rest
}

// roots are the beginnings of the longer words of a name: enough to see that
// "Wanderschuh" and "Wanderschuhe" are one thing.
func roots(name string) map[string]bool {
	const long, root = 4, 6
	out := map[string]bool{}
	for _, w := range fold.Words(name) {
		r := []rune(fold.Fold(w))
		if len(r) >= long {
			out[string(r[:min(len(r), root)])] = true
		}
	}
	return out
}
