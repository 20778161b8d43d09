package bench

import (
	"testing"

	"lastword"
	"lastword/theme"
)

func TestInventedPosts(t *testing.T) {
	t.Parallel()
	all, err := calibratingPosts()
	if err != nil {
		t.Fatal(err)
	}
	demo, err := reportingPosts()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, v := range demo.voices {
		known[v.item.Text] = true
	}
	if len(all) < 4 || len(demo.voices) < 450 {
		t.Fatalf("%d companies, %d posts of the demo's", len(all), len(demo.voices))
	}
	for _, p := range all {
		wants := map[string]int{}
		for _, v := range p.voices {
			wants[v.intent]++
			if known[v.item.Text] {
				t.Errorf("%s: %q is one of the demo's, too", p.name, v.item.Text)
			}
		}
		several := 0
		for _, n := range wants {
			if n > 5 {
				several++
			}
		}
		if several < 8 || len(p.voices) < 100 {
			t.Errorf("%s: %d posts, %d wants of several", p.name, len(p.voices), several)
		}
	}
}

// Of the posts of a company that no calibration knows, those that are sure want what
// their theme is about: more than nine in ten over four orders.
func TestSurePostsBelong(t *testing.T) {
	t.Parallel()
	notUnderRace(t)
	p, err := reportingPosts()
	if err != nil {
		t.Fatal(err)
	}
	sure, right := 0.0, 0.0
	for seed := range uint64(4) {
		voices := p.mixed(seed)
		_, places, _, err := stream(t.Context(), voices, nil, p.names...)
		if err != nil {
			t.Fatal(err)
		}
		pure, _ := agreement(voices, places)
		for i, place := range places {
			if place.Theme != 0 && place.Fit >= lastword.Sure {
				sure++
				right += oneIf(pure[i])
			}
		}
	}
	t.Logf("%.1f%% of %d posts are sure, %.1f%% of those rightly", 25*sure/float64(len(p.voices)), len(p.voices), 100*right/sure)
	if share := sure / 4 / float64(len(p.voices)); share < 0.06 || right < 0.9*sure {
		t.Errorf("%.1f%% sure, %.1f%% of them rightly", 100*share, 100*right/sure)
	}
}

func TestAmidLeavesThePostsAsTheyAre(t *testing.T) {
	t.Parallel()
	p, err := reportingPosts()
	if err != nil {
		t.Fatal(err)
	}
	amid, err := p.amid([]theme.Example{{Item: theme.Item{Text: "Guten Morgen, Welt", Lang: "de"}}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.voices); len(amid.voices) < n+n/5 || amid.voices[n-1].intent != p.voices[n-1].intent {
		t.Errorf("%d posts among %d", n, len(amid.voices))
	}
}
