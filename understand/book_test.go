package understand

import (
	"errors"
	"testing"

	"lastword"
)

// Every line of the phrase book can be read, says each thing once, and carries the
// words of its wish.
func TestBook(t *testing.T) {
	t.Parallel()
	es, err := readBook("")
	if err != nil {
		t.Fatal(err)
	}
	seen, wishes := map[string]bool{}, map[string]int{}
	for _, e := range es {
		if seen[e.Text] {
			t.Errorf("twice: %q", e.Text)
		}
		seen[e.Text] = true
		if e.Kinds&lastword.Wish != 0 {
			wishes[e.Lang]++
		}
		if !e.Chosen || e.Known&^lastword.Problem != every&^lastword.Problem || !e.Felt {
			t.Errorf("%q teaches how common its kinds are, or not all that it says: %+v", e.Text, e)
		}
	}
	if wishes["de"] < 300 || wishes["en"] < 50 {
		t.Errorf("wishes %v", wishes)
	}
}

func TestInventedLines(t *testing.T) {
	t.Parallel()
	e, err := invented("wp-\tSchon wieder zu. [[Macht doch mittags auf]]!", "de")
	if err != nil || e.Text != "Schon wieder zu. Macht doch mittags auf!" || e.Wish != "Macht doch mittags auf" || e.Kinds != lastword.Wish|lastword.Problem || e.Feeling != lastword.Negative {
		t.Errorf("%+v, %v", e, err)
	}
	for _, line := range []string{"", "w0", "w\tx", "wx\t[[y]]", "w0\tno words of it", "p-\tof [[what]]?", "q?\tx"} {
		if _, err := invented(line, "de"); !errors.Is(err, lastword.ErrInvalid) {
			t.Errorf("%q: %v", line, err)
		}
	}
}
