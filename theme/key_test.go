package theme

import (
	"fmt"
	"testing"

	"lastword"
)

// heard is a machine that has two themes, of straps and of laces, and the voice that
// was heard last.
func heard(t *testing.T, last string) (*Clusterer, *node, map[string]*cluster) {
	t.Helper()
	id := int64(0)
	c := New(Config{NewID: func() int64 { id++; return id }})
	var texts []string
	for i := range 12 {
		texts = append(texts, fmt.Sprintf("Bitte wieder Klettverschluss, Kinderschuh fa%dx fb%dy fc%dz", i, i, i),
			fmt.Sprintf("Schnürsenkel gerissen, Kinderschuh ga%dx gb%dy gc%dz", i, i, i),
			fmt.Sprintf("Paket verspätet angekommen, Kinderschuh ha%dx hb%dy hc%dz", i, i, i),
			fmt.Sprintf("Filiale in Wien eröffnen, Kinderschuh ia%dx ib%dy ic%dz", i, i, i))
	}
	for i, text := range append(texts, last) {
		c.Assign(Item{ID: int64(i + 1), Text: text, Lang: "de", Kinds: lastword.Wish})
	}
	c.Consolidate()
	of := map[string]*cluster{}
	for i, about := range []string{"straps", "laces"} {
		if of[about] = c.crowd.nodes[i].theme(); of[about] == nil {
			t.Fatalf("no theme of %s", about)
		}
	}
	if of["straps"] == of["laces"] {
		t.Fatal("straps and laces are one theme")
	}
	return c, c.crowd.nodes[len(c.crowd.nodes)-1], of
}

func TestAWordThatOnlyAThemeSaysOpensIt(t *testing.T) {
	t.Parallel()
	c, n, of := heard(t, "Klettverschluss!")
	in, out := c.keys(n, of["straps"]), c.keys(n, of["laces"])
	if in.best < 0.7 || in.odds < 1 {
		t.Errorf("the word of its theme opens it by %.2f, odds %.2f", in.best, in.odds)
	}
	if out.best > 0.1 || out.odds > 0.5 {
		t.Errorf("it opens the other by %.2f, odds %.2f", out.best, out.odds)
	}
}

func TestAWordThatAllSayOpensNothing(t *testing.T) {
	t.Parallel()
	c, n, of := heard(t, "Kinderschuh")
	for about, cl := range of {
		if k := c.keys(n, cl); k.best > 0.6 || k.odds > 1 {
			t.Errorf("%s: %+v", about, k)
		}
	}
}

func TestAVoicesOwnWordTellsNothing(t *testing.T) {
	t.Parallel()
	c, n, of := heard(t, "Klettverschluss Xylophon Quastenflosser")
	own, plain := c.keys(n, of["straps"]), keyring{}
	_, m, _ := heard(t, "Klettverschluss")
	c.crowd.nodes[len(c.crowd.nodes)-1] = m
	plain = c.keys(m, of["straps"])
	if own.odds > plain.odds+0.7 {
		t.Errorf("odds %.2f with words that nobody else has, %.2f without", own.odds, plain.odds)
	}
}

func TestHowVariouslyVoicesArePut(t *testing.T) {
	t.Parallel()
	alike, _, _ := heard(t, "Klettverschluss")
	if v := alike.crowd.varied; v > 0.5 {
		t.Errorf("voices that are put alike count as posts by %.2f", v)
	}
	id := int64(0)
	c := New(Config{NewID: func() int64 { id++; return id }})
	if c.crowd.varied != 0.5 {
		t.Errorf("before anything is known: %.2f", c.crowd.varied)
	}
	for i := range 40 {
		c.Assign(Item{ID: int64(i + 1), Text: fmt.Sprintf("wort%da wort%db wort%dc wort%dd", i, i, i, i), Lang: "de", Kinds: lastword.Wish})
	}
	c.Consolidate()
	if v := c.crowd.varied; v < 0.9 {
		t.Errorf("voices that have no word in common count as posts by %.2f only", v)
	}
}
