package theme

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"lastword"
)

func TestTrustOfAThemeThatNobodyLookedAtIsThatOfItsVoices(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.Float64Range(0.01, 0.99).Draw(t, "p")
		if got := (trust{}).fit(p); got != p {
			t.Fatalf("%v became %v", p, got)
		}
	})
}

// What people say moves all voices the same way, and alone undoes fit.
func TestTrustLearns(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.Bool(), 1, 30).Draw(t, "words")
		p := rapid.Float64Range(0.05, 0.95).Draw(t, "p")
		var tr trust
		for _, belongs := range words {
			after := tr.told(p, belongs)
			if up := after.fit(p) > tr.fit(p); up != belongs && math.Abs(after.fit(p)-tr.fit(p)) > 0.02 {
				t.Fatalf("a word %v moved %v to %v", belongs, tr.fit(p), after.fit(p))
			}
			tr = after
		}
		if back := tr.alone(tr.fit(p)); math.Abs(back-p) > 0.02 && tr.fit(p) > 0.01 && tr.fit(p) < 0.99 {
			t.Fatalf("%v came back as %v", p, back)
		}
	})
}

func TestAHandfulThatBelongsMakesTheRestSure(t *testing.T) {
	t.Parallel()
	const likely = 0.85
	var all, mixed trust
	for i := range 9 {
		all = all.told(likely, true)
		mixed = mixed.told(likely, i%3 != 0)
	}
	if got := all.fit(likely); got < lastword.Sure {
		t.Errorf("nine of nine belong, and the tenth fits %.3f", got)
	}
	if got := mixed.fit(likely); got > 0.8 {
		t.Errorf("six of nine belong, and the tenth fits %.3f", got)
	}
	if got := mixed.fit(0.94); got >= lastword.Sure {
		t.Errorf("six of nine belong, and one that seemed sure fits %.3f", got)
	}
}

func TestOldModelsAreRead(t *testing.T) {
	t.Parallel()
	m := model{n: 3, core: 2, lang: "de", trust: trust{1, 2}}
	b := m.encode()
	again, err := decode(b)
	if err != nil || again.trust != m.trust {
		t.Fatalf("%+v, %v", again, err)
	}
	old := append([]byte{1}, b[1:len(b)-1]...) // and nothing of an endpoint
	for i := range old {
		if i+8 <= len(old) && math.Float32frombits(uint32(old[i])|uint32(old[i+1])<<8|uint32(old[i+2])<<16|uint32(old[i+3])<<24) == 1 {
			old = append(old[:i:i], old[i+8:]...)
			break
		}
	}
	was, err := decode(old)
	if err != nil || was.trust != (trust{}) || was.n != 3 || was.lang != "de" {
		t.Errorf("%+v, %v", was, err)
	}
}
