package theme

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// cliques joins the nodes of each group all with all, and one group with the
// next by a single link.
func cliques(sizes ...int) [][]link {
	var near [][]link
	for _, size := range sizes {
		first := len(near)
		for i := range size {
			var ls []link
			for j := range i {
				ls = append(ls, link{int32(first + j), 0.5})
			}
			near = append(near, ls)
		}
		if first > 0 {
			near[first] = append(near[first], link{int32(first - 1), 0.1})
		}
	}
	return near
}

// groupsOf returns the sizes of the groups, in the order of their first node.
func groupsOf(part []int32) []int {
	sizes := make([]int, renumber(part))
	for _, p := range part {
		sizes[p]++
	}
	return sizes
}

func TestCommunitiesAreWhatHoldsTogether(t *testing.T) {
	t.Parallel()
	want := []int{5, 7, 4, 9}
	if got := groupsOf(communities(newGraph(cliques(want...)), 1)); !slices.Equal(got, want) {
		t.Errorf("groups of %v, want %v", got, want)
	}
}

func TestWhatFallsApartIsParted(t *testing.T) {
	t.Parallel()
	g := newGraph(cliques(9, 9, 9))
	part := make([]int32, 27)
	g.halved(part, least, seam)
	if got, want := groupsOf(part), []int{9, 9, 9}; !slices.Equal(got, want) {
		t.Errorf("groups of %v, want %v", got, want)
	}
}

// Modularity worked by hand: two pairs, each joined within, weight 1 each: all
// weight lies within, chance would put half there.
func TestModularity(t *testing.T) {
	t.Parallel()
	g := newGraph([][]link{nil, {{0, 1}}, nil, {{2, 1}}})
	if q := g.modularity([]int32{0, 0, 1, 1}); q < 0.4999 || q > 0.5001 {
		t.Errorf("%v, want 0.5", q)
	}
	if q := g.modularity([]int32{0, 0, 0, 0}); q != 0 {
		t.Errorf("%v in one group, want 0", q)
	}
}

// Folding keeps the modularity.
func TestFoldingKeepsModularity(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "nodes")
		near := make([][]link, n)
		for range rapid.IntRange(0, 30).Draw(t, "links") {
			a, b := rapid.IntRange(0, n-1).Draw(t, "a"), rapid.Int32Range(0, int32(n-1)).Draw(t, "b")
			near[a] = append(near[a], link{b, float32(rapid.IntRange(1, 8).Draw(t, "w")) / 8})
		}
		g := newGraph(near)
		part := make([]int32, n)
		for i := range part {
			part[i] = rapid.Int32Range(0, int32(n-1)).Draw(t, "group")
		}
		count := renumber(part)
		whole, folded := g.modularity(part), g.fold(part, count).modularity(singly(count))
		if d := whole - folded; d > 1e-4 || d < -1e-4 {
			t.Fatalf("modularity %v, folded %v", whole, folded)
		}
	})
}
