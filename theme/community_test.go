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

// What was cut although both sides are joined like one is made whole again; what
// is joined by little stays apart.
func TestCutsAreMended(t *testing.T) {
	t.Parallel()
	part := func(n int) []int32 {
		p := make([]int32, n)
		for i := range p {
			p[i] = int32(i / 6)
		}
		return p
	}
	whole := part(24)
	if newGraph(cliques(24)).mended(whole, aside, crack); !slices.Equal(groupsOf(whole), []int{24}) {
		t.Errorf("one clique cut in four became groups of %v", groupsOf(whole))
	}
	separate := part(24)
	if newGraph(cliques(6, 6, 6, 6)).mended(separate, aside, crack); !slices.Equal(groupsOf(separate), []int{6, 6, 6, 6}) {
		t.Errorf("four cliques became groups of %v", groupsOf(separate))
	}
}

// Apart worked by hand: a clique of four cut in two, each side with one link of
// its own and four between them, all of weight 1.
func TestApart(t *testing.T) {
	t.Parallel()
	if got, want := apart(2, 2, 4), float32(-1.0/3); got < want-1e-6 || got > want+1e-6 {
		t.Errorf("%v, want %v", got, want)
	}
	if got := apart(6, 6, 0); got != 1 {
		t.Errorf("%v with nothing between, want 1", got)
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
