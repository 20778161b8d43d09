package theme

import (
	"bytes"
	"os"
	"testing"

	"lastword"
)

const sharedData = "../../shared/data"

// near is how near the meanings of two texts are.
func near(s *Sense, lang, a, b string) float32 {
	mean := func(said string) *meaning {
		var m meaning
		for _, f := range NewTerms(nil).Embed(Item{Text: said, Lang: lang, Kinds: lastword.Wish}, nil) {
			if at := s.find(f.ID); at >= 0 {
				s.add(&m, at, f.Weight)
			}
		}
		m.unit()
		return &m
	}
	return mean(a).dot(mean(b))
}

func TestSenseKnowsWhatPeopleMean(t *testing.T) {
	t.Parallel()
	s := LoadSense()
	if len(s.ids) < 20_000 {
		t.Fatalf("%d features, want more than 20,000: is the file whole?", len(s.ids))
	}
	same := near(s, "en", "my card has still not arrived in the post", "how long until the new card is delivered to me")
	other := near(s, "en", "my card has still not arrived in the post", "why was I charged a fee for paying by card")
	if same < other+0.2 {
		t.Errorf("waiting for a card is %.2f near waiting for it and %.2f near a fee", same, other)
	}
}

func TestSenseIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	packed, err := LoadSense().encode()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(packed, shippedSense) {
		t.Error("what was read is written differently")
	}
	for name, b := range map[string][]byte{"nothing": nil, "no file": []byte("hello"), "cut": shippedSense[:len(shippedSense)/2]} {
		if _, err := decodeSense(b); err == nil {
			t.Errorf("%s was read as a file of meanings", name)
		}
	}
}

// The shipped file is what the training command makes.
func TestShippedSenseIsTrained(t *testing.T) {
	t.Parallel()
	if raceEnabled {
		t.Skip("too slow under the race detector; the same test runs without it")
	}
	if _, err := os.Stat(sharedData + "/themes"); err != nil {
		t.Skip("the shared data is not here")
	}
	dir := t.TempDir()
	if _, _, err := Train(sharedData, dir, Seed); err != nil {
		t.Fatal(err)
	}
	made, err := os.ReadFile(dir + "/sense.zst")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, shippedSense) {
		t.Error("theme/model/sense.zst is old: run lastword train")
	}
}

// Texts of one intent come to lie together, and with the same seed at the same
// place.
func TestLearnBringsIntentsTogether(t *testing.T) {
	t.Parallel()
	var es []Example
	for range 40 {
		for intent, said := range map[string][]string{
			"card": {"card missing", "where is the card", "card late", "no card yet"},
			"fee":  {"fee too high", "why this fee", "fee again", "fee wrong"},
		} {
			for _, s := range said {
				es = append(es, Example{Item{Text: s, Lang: "en"}, "set", intent})
			}
		}
	}
	s := Learn(es, 3)
	if same, other := near(s, "en", "card missing", "no card yet"), near(s, "en", "card missing", "fee wrong"); same < other+0.5 {
		t.Errorf("one intent %.2f, two %.2f", same, other)
	}
}
