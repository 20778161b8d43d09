package theme

import (
	"testing"

	"lastword"
)

func TestTaste(t *testing.T) {
	t.Parallel()
	terms := NewTerms(nil)
	of := func(text string) model {
		return model{n: 3, core: 3, terms: terms.Embed(Item{Text: text, Lang: "de"}, nil).Words()}
	}
	words := differ(of("weisse Sohle für Stiefel"), of("schwarze Sohle für Stiefel"))
	white, sole := hash('w', stem("de", "weisse"), "")&^letters, hash('w', stem("de", "sohle"), "")&^letters
	apart, same := tasteOf([]lastword.Pair{{Same: -1, Words: words}}), tasteOf([]lastword.Pair{{Same: 1, Words: words}})
	if apart.of(white) <= 1 || same.of(white) >= 1 {
		t.Errorf("by the colour: %.2f told apart, %.2f merged", apart.of(white), same.of(white))
	}
	if apart.of(sole) != 1 {
		t.Errorf("what both have counts %.2f", apart.of(sole))
	}
	many := make([]lastword.Pair, 100)
	for i := range many {
		many[i] = lastword.Pair{Same: -1, Words: words}
	}
	if f := tasteOf(many).of(white); f > mostTaste+1e-6 {
		t.Errorf("a hundred lessons make %.2f", f)
	}
	if tasteOf([]lastword.Pair{{Same: 1, Words: []byte("damaged")}}).of(white) != 1 {
		t.Error("damaged bytes teach something")
	}
}

func TestAskFrom(t *testing.T) {
	t.Parallel()
	no, yes := lastword.Pair{Same: -1, Likeness: .6}, lastword.Pair{Same: 1, Likeness: .6}
	if askFrom(nil) != alike || askFrom([]lastword.Pair{no, no}) <= alike || askFrom([]lastword.Pair{yes}) >= alike {
		t.Error("people's words do not move what is asked")
	}
	if askFrom([]lastword.Pair{{Same: 1}}) != alike {
		t.Error("themes that a person merged unasked move what is asked")
	}
}

func TestStand(t *testing.T) {
	t.Parallel()
	of := func(text, lang string) stand { return shapeOf(Item{Text: text, Lang: lang}).stand }
	for _, c := range []struct {
		lang, a, b string
		facing     bool
	}{
		{"de", "Mach das Licht an", "mach bitte das licht wieder aus!", true},
		{"de", "Bitte lauter", "Bitte leiser", true},
		{"de", "Die Musik ist zu laut", "bitte leiser", false},
		{"de", "mehr Busse am Abend", "Bitte weniger Busse", true},
		{"de", "Fährt der Bus nicht mehr?", "weniger Busse", false},
		{"de", "Ich komme aus Graz", "Mach das Licht an", false},
		{"en", "turn the volume up", "turn down the volume", true},
		{"en", "please add a filter", "please remove the filter", true},
		{"en", "more colours", "more colors please", false},
		{"fr", "plus de couleurs", "moins de couleurs", false},
	} {
		if _, facing := of(c.a, c.lang).facing(of(c.b, c.lang)); facing > 0 != c.facing {
			t.Errorf("%q and %q: facing %d", c.a, c.b, facing)
		}
	}
	var m manner
	for range 3 {
		m.add(shapeOf(Item{Text: "mehr Busse", Lang: "de"}))
	}
	if m.sides.against(of("weniger Busse", "de")) != 1 || m.sides.against(of("mehr Züge", "de")) != 0 || m.sides.against(stand{}) != 0 {
		t.Error("a theme does not know on which side its voices stand")
	}
	if e := m.opens.entropy(); e != 0 {
		t.Errorf("three that begin alike have entropy %.2f", e)
	}
}
