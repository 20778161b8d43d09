package theme_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"lastword"
	"lastword/theme"
)

// murmur returns voices of invented words: each says three of the four words of
// one of many wishes, and some words that anybody says.
func murmur(voices, wishes int) []theme.Item {
	rng := rand.New(rand.NewPCG(1, 1))
	its := make([]theme.Item, voices)
	for i := range its {
		about, leave := rng.IntN(wishes), rng.IntN(4)
		var words []string
		for j := range 4 {
			if j != leave {
				words = append(words, fmt.Sprintf("wunsch%dwort%d", about, j))
			}
		}
		for range 4 {
			words = append(words, fmt.Sprintf("gerede%d", rng.IntN(30)))
		}
		its[i] = theme.Item{ID: int64(i + 1), Text: strings.Join(words, " "), Lang: "de", Kinds: lastword.Wish}
	}
	return its
}

// A voice that is no longer among the recent ones keeps the place that it was
// last told: nothing is said of it any more, and a young theme goes on without
// it.
func TestAVoiceBehindTheWindowStays(t *testing.T) {
	t.Parallel()
	for _, window := range []int{30, 60} {
		c := theme.New(theme.Config{NewID: counter(), Window: window})
		latest := int64(0)
		for _, it := range murmur(1200, 60) {
			latest = it.ID
			for _, p := range c.Assign(it) {
				if p.Voice < latest-int64(4*window) {
					t.Fatalf("window %d: when voice %d came, voice %d was placed anew", window, latest, p.Voice)
				}
			}
		}
	}
}

// A theme outlives the voices that it was made of: who says the same later
// comes to it, however much else was said meanwhile.
func TestAThemeOutlivesItsWindow(t *testing.T) {
	t.Parallel()
	c := theme.New(theme.Config{NewID: counter(), Window: 60})
	say := func(id int64) int64 {
		p := c.Assign(theme.Item{ID: id, Text: fmt.Sprintf("Bitte den Bergkönig in halben Größen anbieten, Größe %d passt nicht", id%7), Lang: "de", Kinds: lastword.Wish})
		return p[0].Theme
	}
	var first int64
	for id := int64(10001); id <= 10006; id++ {
		first = say(id)
	}
	if first == 0 {
		t.Fatal("six voices founded no theme")
	}
	for _, it := range murmur(500, 30) {
		c.Assign(it)
	}
	if late := c.Home(say(20001)); late != c.Home(first) {
		t.Errorf("a late voice is in theme %d, the first ones were in %d", late, c.Home(first))
	}
}
