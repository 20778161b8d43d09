package bench

import (
	"os"
	"sort"
	"testing"
)

func TestGer(t *testing.T) {
	es, err := otherVoices("/work/shared/data")
	if err != nil {
		t.Fatal(err)
	}
	voices := shuffled(es, os.Getenv("SET"), 0)
	c, places, _, _ := stream(t.Context(), voices, nil)
	right, _ := agreement(voices, places)
	by := map[int64][]int{}
	for i, p := range places {
		if p.Fit >= .93 {
			by[p.Theme] = append(by[p.Theme], i)
		}
	}
	var ids []int64
	for id := range by {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(a, b int) bool { return len(by[ids[a]]) > len(by[ids[b]]) })
	for _, id := range ids {
		r := 0
		for _, i := range by[id] {
			r += int(oneIf(right[i]))
		}
		t.Logf("%s: sure %d, right %d", c.Name(id), len(by[id]), r)
		for _, i := range by[id][:min(len(by[id]), 7)] {
			t.Logf("        %.2f %v %s | %.150s", places[i].Fit, right[i], voices[i].intent, voices[i].item.Text)
		}
	}
}
