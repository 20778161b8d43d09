package bench

import (
	"os"
	"testing"

	"lastword/theme"
)

func TestTry(t *testing.T) {
	cal, _ := calibratingPosts()
	rep, err := reportingPosts()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(cal, rep) {
		var v, b, r, n, th, single float64
		for seed := range uint64(6) {
			voices := p.mixed(seed)
			c, places, _, _ := stream(t.Context(), voices, nil, p.names...)
			for _, p := range c.Consolidate() {
				places[p.Voice-1] = p
			}
			home(c, places)
			s := judge(voices, places)
			right, _ := agreement(voices, places)
			for i, p := range places {
				if p.Theme != 0 {
					r += oneIf(right[i])
					n++
				}
			}
			v += s.Quality.V / 6
			b += s.Quality.BCube / 6
			th += float64(s.Themes) / 6
			single += s.Singles / 6
		}
		t.Logf("%-10s V %.3f B3 %.3f right %.3f themes %.1f of %d singles %.3f", p.name, v, b, r/n, th, 0, single)
	}
	if os.Getenv("POSTS") != "" {
		return
	}
	o := needThemes(t)
	es, err := theme.ReadExamples(o.Data)
	if err != nil {
		t.Fatal(err)
	}
	seen, _ := parted(es)
	one, other := parted(seen)
	for _, fold := range [2][2][]theme.Example{{one, other}, {other, one}} {
		sense, err := learnt(o, fold[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range setNames(fold[1]) {
			voices := shuffled(fold[1], name, o.Seed)
			set, _ := gather(t.Context(), name, voices, sense)
			t.Logf("%-10s V %.3f/%.3f B3 %.3f/%.3f bulk %.3f/%.3f sure %.3f pure %.3f themes %d/%d ask %d/%d", name, set.Quality.V, set.Night.Quality.V, set.Quality.BCube, set.Night.Quality.BCube, set.Bulk, set.Night.Bulk, set.Sure, set.SurePure, set.Themes, set.Night.Themes, set.Night.AskedRight, set.Night.Asked)
		}
	}
}
