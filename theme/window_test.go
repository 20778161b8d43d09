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
	const window = 30
	c := theme.New(theme.Config{NewID: counter(), Window: window})
	for _, it := range murmur(3000, 120) {
		for _, p := range c.Assign(it) {
			if p.Voice < it.ID-4*window {
				t.Fatalf("when voice %d came, voice %d was placed anew", it.ID, p.Voice)
			}
		}
	}
}

// A theme outlives the voices that it was made of: who says the same later
// comes to it, however much else was said meanwhile.
func TestAThemeOutlivesItsWindow(t *testing.T) {
	t.Parallel()
	c := theme.New(theme.Config{NewID: counter(), Window: 60})
	say := func(id int64, text string) int64 {
		return c.Assign(theme.Item{ID: id, Text: text, Lang: "de", Kinds: lastword.Wish})[0].Theme
	}
	var first int64
	for i, text := range []string{
		"Bitte den Bergkönig in halben Größen", "Wann kommt der Bergkönig in halben Größen?",
		"Halbe Größen beim Bergkönig wären toll", "Beim Bergkönig fehlen halbe Größen",
	} {
		first = say(int64(10001+i), text)
	}
	if first == 0 {
		t.Fatal("four voices founded no theme")
	}
	for _, it := range murmur(500, 30) {
		c.Assign(it)
	}
	if late := c.Home(say(20001, "Gibt es den Bergkönig jetzt in halben Größen?")); late != c.Home(first) {
		t.Errorf("a late voice is in theme %d, the first ones were in %d", late, c.Home(first))
	}
}
