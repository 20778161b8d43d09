package bench

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"lastword"
	"lastword/theme"
)

// Clustering compares found groups with known ones.
type Clustering struct {
	V     float64 `json:"v"`     // V-measure (Rosenberg and Hirschberg 2007)
	ARI   float64 `json:"ari"`   // adjusted Rand index (Hubert and Arabie 1985)
	BCube float64 `json:"bcube"` // F1 of B-cubed precision and recall (Bagga and Baldwin 1998)
}

// String is the three figures in the order of the fields.
func (c Clustering) String() string { return fmt.Sprintf("%.3f / %.3f / %.3f", c.V, c.ARI, c.BCube) }

// A crossing counts voices by found group and known intent.
type crossing struct {
	cell    map[[2]int]float64
	found   map[int]float64
	known   map[int]float64
	voices  float64
	intents map[string]int
}

func cross(found []int, voices []intentVoice) *crossing {
	x := &crossing{cell: map[[2]int]float64{}, found: map[int]float64{}, known: map[int]float64{}, intents: map[string]int{}}
	for i, f := range found {
		k, ok := x.intents[voices[i].intent]
		if !ok {
			k = len(x.intents)
			x.intents[voices[i].intent] = k
		}
		x.cell[[2]int{f, k}]++
		x.found[f]++
		x.known[k]++
		x.voices++
	}
	return x
}

func (x *crossing) clustering() Clustering {
	return Clustering{V: x.vMeasure(), ARI: x.rand(), BCube: x.bCubed()}
}

func entropy(counts map[int]float64, n float64) float64 {
	h := 0.0
	for _, key := range keys(counts) {
		h -= counts[key] / n * math.Log(counts[key]/n)
	}
	return h
}

// keys come sorted, so that sums of floats are the same in every run.
func keys(m map[int]float64) []int {
	ks := make([]int, 0, len(m))
	for k := range m {
		ks = append(ks, k)
	}
	slices.Sort(ks)
	return ks
}

func (x *crossing) cells() [][2]int {
	ks := make([][2]int, 0, len(x.cell))
	for k := range x.cell {
		ks = append(ks, k)
	}
	slices.SortFunc(ks, func(a, b [2]int) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	return ks
}

func (x *crossing) vMeasure() float64 {
	joint := 0.0
	for _, k := range x.cells() {
		joint -= x.cell[k] / x.voices * math.Log(x.cell[k]/x.voices)
	}
	hf, hk := entropy(x.found, x.voices), entropy(x.known, x.voices)
	if hf+hk == 0 {
		return 1
	}
	return 2 * (hf + hk - joint) / (hf + hk)
}

func (x *crossing) rand() float64 {
	pairs := func(n float64) float64 { return n * (n - 1) / 2 }
	both, f, k := 0.0, 0.0, 0.0
	for _, n := range x.cell {
		both += pairs(n)
	}
	for _, n := range x.found {
		f += pairs(n)
	}
	for _, n := range x.known {
		k += pairs(n)
	}
	expected := f * k / pairs(x.voices)
	return (both - expected) / ((f+k)/2 - expected)
}

func (x *crossing) bCubed() float64 {
	precision, recall := 0.0, 0.0
	for _, k := range x.cells() {
		n := x.cell[k]
		precision += n * n / x.found[k[0]]
		recall += n * n / x.known[k[1]]
	}
	return 2 * precision * recall / (precision + recall) / x.voices
}

// judge scores placements against the intents.
func judge(voices []intentVoice, places []theme.Placement) ThemeSet {
	groups, themes := groups(places)
	x := cross(groups, voices)
	r := ThemeSet{Voices: len(voices), Intents: len(x.known), Themes: themes, Quality: x.clustering()}
	right, strict := agreement(voices, places)
	order := make([]int, 0, len(places))
	sure := map[int64]bool{}
	for i, p := range places {
		if p.Theme == 0 {
			r.Singles++
			continue
		}
		order = append(order, i)
		if p.Fit >= lastword.Sure {
			sure[p.Theme] = true
			r.Sure++
			r.SurePure += oneIf(right[i])
			r.SureOthers += oneIf(strict[i])
		}
	}
	all := float64(len(voices))
	r.SurePure, r.SureOthers, r.SureThemes = r.SurePure/max(r.Sure, 1), r.SureOthers/max(r.Sure, 1), len(sure)
	r.Singles, r.Sure = r.Singles/all, r.Sure/all
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(places[b].Fit, places[a].Fit) })
	r.Bulk = float64(longest(order, right, 0.95)) / all
	return r
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// groups numbers the themes; a single voice is a group of its own.
func groups(places []theme.Placement) (group []int, themes int) {
	byTheme := map[int64]int{}
	group = make([]int, len(places))
	for i, p := range places {
		if p.Theme == 0 {
			group[i] = -1 - i
			continue
		}
		g, ok := byTheme[p.Theme]
		if !ok {
			g = len(byTheme)
			byTheme[p.Theme] = g
		}
		group[i] = g
	}
	return group, len(byTheme)
}

// agreement says of each voice whether it is of its theme's commonest intent,
// and whether it is of the commonest intent of the theme's other voices.
func agreement(voices []intentVoice, places []theme.Placement) (right, strict []bool) {
	counts := intentCounts(voices, places)
	right, strict = make([]bool, len(places)), make([]bool, len(places))
	for i, p := range places {
		own, other := counts[p.Theme][voices[i].intent], 0
		for intent, n := range counts[p.Theme] {
			if intent != voices[i].intent {
				other = max(other, n)
			}
		}
		right[i] = own >= other
		strict[i] = own-1 > other || own-1 == other && own > 1 && other == 0
	}
	return right, strict
}

// longest returns how many of the first voices in order are answered at once
// when at least the share pure of them must be right.
func longest(order []int, right []bool, pure float64) int {
	best, good := 0, 0.0
	for i, at := range order {
		if good += oneIf(right[at]); good >= pure*float64(i+1) {
			best = i + 1
		}
	}
	return best
}
