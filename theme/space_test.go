package theme

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"lastword"
)

// drawn is a space of 1024 numbers in which texts of one subject lie together.
func drawnSpace() (*Space, func(subject int, rng *rand.Rand) lastword.Direction) {
	at := func(subject int, rng *rand.Rand) lastword.Direction {
		own := rand.New(rand.NewPCG(uint64(subject), 7))
		d := make(lastword.Direction, 1024)
		for i := range d {
			d[i] = int8(max(min(20*own.NormFloat64()+12*rng.NormFloat64(), 127), -127))
		}
		return d
	}
	rng, reference := rand.New(rand.NewPCG(1, 2)), map[int64]lastword.Direction{}
	for i := range Reference() {
		reference[int64(-1-i)] = at(1_000_000+i/2, rng)
	}
	return NewSpace("drawn", reference), at
}

// BenchmarkEndpoint places voices in batches, with and without an endpoint.
func BenchmarkEndpoint(b *testing.B) {
	for _, lent := range []bool{false, true} {
		b.Run(fmt.Sprint("lent=", lent), func(b *testing.B) {
			for b.Loop() {
				space, at := drawnSpace()
				if !lent {
					space = nil
				}
				ids := int64(1 << 40)
				c := New(Config{NewID: func() int64 { ids++; return ids }, Space: space})
				rng := rand.New(rand.NewPCG(3, 4))
				for from := range 20 {
					var items []Item
					for i := range 250 {
						subject := rng.IntN(80)
						it := Item{ID: int64(from*250 + i + 1), Lang: "de", Kinds: lastword.Wish,
							Text: fmt.Sprintf("Bitte subjekt%d endlich wort%d, weil grund%d und sache%d so ist", subject, rng.IntN(400), rng.IntN(400), rng.IntN(400))}
						if lent {
							it.Far = at(subject, rng)
						}
						items = append(items, it)
					}
					c.AssignBatch(items)
				}
			}
			b.ReportMetric(float64(b.N)*5000/b.Elapsed().Seconds(), "voices/s")
		})
	}
}

func TestSpaceIsMeasured(t *testing.T) {
	t.Parallel()
	space, at := drawnSpace()
	if space == nil {
		t.Fatal("a space that tells subjects apart is left aside")
	}
	rng := rand.New(rand.NewPCG(5, 6))
	a, b, c := space.bearing(at(1, rng), "de"), space.bearing(at(1, rng), "en"), space.bearing(at(2, rng), "de")
	same, _ := a.alike(b)
	other, _ := a.alike(c)
	if same < 0.5 || other > 0.35 || a.differ(b) >= a.differ(c) {
		t.Errorf("the same is %.2f alike, something else %.2f", same, other)
	}
	if _, ok := a.alike(nil); ok || space.bearing(lastword.Direction{1, 2}, "de") != nil {
		t.Error("what is not of this space has a likeness")
	}
	missing, flat := map[int64]lastword.Direction{}, map[int64]lastword.Direction{}
	for i := range Reference() {
		flat[int64(-1-i)] = lastword.Direction{1, 2, 3}
		if i > 0 {
			missing[int64(-1-i)] = at(i/2, rng)
		}
	}
	if NewSpace("x", missing) != nil || NewSpace("x", flat) != nil || NewSpace("x", nil) != nil {
		t.Error("a space that tells nothing is used")
	}
}

// A voice is compared with the others of its theme, as if it were not there.
func TestCentreWithoutOne(t *testing.T) {
	t.Parallel()
	space, at := drawnSpace()
	rng := rand.New(rand.NewPCG(8, 9))
	var all, rest centre
	one := space.bearing(at(1, rng), "de")
	all.take(one, 3)
	for range 4 {
		b := space.bearing(at(1, rng), "de")
		all.take(b, 1)
		rest.take(b, 1)
	}
	with, ok := all.alike(one, 3)
	without, _ := rest.alike(one, 0)
	if !ok || abs(with-without) > 0.001 {
		t.Errorf("%.4f and %.4f", with, without)
	}
	if _, ok := all.alike(nil, 0); ok {
		t.Error("a voice without a direction has a likeness")
	}
	saved := all.saved()
	again := model{far: saved}.encode()
	m, err := decode(again)
	if err != nil {
		t.Fatal(err)
	}
	back := m.far.revived(space)
	if like, _ := back.alike(one, 3); abs(like-with) > 0.02 {
		t.Errorf("%.3f before it was saved, %.3f after", with, like)
	}
	other := *space
	other.name++
	if m.far.revived(&other).in != nil || m.far.revived(nil).in != nil {
		t.Error("a centre lives on in another space")
	}
	if both := saved.plus(rest.saved()); both.weight != all.weight+rest.weight {
		t.Errorf("weight %.1f of both", both.weight)
	}
	if _, err := decode(append(again[:len(again)-5:len(again)-5], 0)); err == nil {
		t.Error("a cut model is read")
	}
}
