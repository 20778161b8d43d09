package understand

import (
	"strings"
	"testing"

	"lastword/internal/text"
)

func TestSignsFileIsRight(t *testing.T) {
	t.Parallel()
	g, err := readGrammar(signsFile)
	if err != nil {
		t.Fatal(err)
	}
	if len(g.signs) < 150 {
		t.Errorf("only %d signs", len(g.signs))
	}
	for _, wrong := range []string{"NOSUCH word", "~x word", "~2"} {
		if _, err := readGrammar(wrong); err == nil {
			t.Errorf("%q is taken for a sign", wrong)
		}
	}
}

func TestSignsStandWhereTheyShould(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sign, in string
		want     bool
	}{
		{"bitte ~3 INF $", "Bitte die Tür bald reparieren.", true},
		{"bitte ~3 INF $", "Bitte die Tür bald reparieren, sonst", true},
		{"bitte ~3 INF $", "Bitte reparieren lassen wir das nicht hier", false},
		{"bitte ~1 INF $", "Bitte die rote Tür reparieren", false},
		{"^ wann", "@lind wann kommt er", true},
		{"^ wann", "Er weiß doch auch nicht genau, wann", false},
		{"wann ?", "Wann kommt er?", true},
		{"wann kommt ?", "Wann kommt er? Gut.", true},
		{"wann kommt ?", "Wann kommt er. Gut?", false},
		{"^ IMP doch", "Kommt doch her", true},
		{"NUM minuten", "schon 40 Minuten", true},
	} {
		g, err := readGrammar(c.sign)
		if err != nil {
			if c.want {
				t.Fatal(err)
			}
			continue
		}
		tokens := text.Tokens(c.in)
		n, asks := sentenceEnd(tokens)
		var found signSet
		g.find(&found, g.spoken(c.in, tokens[:n], nil), asks)
		if found.has(0) != c.want {
			t.Errorf("%q in %q: %v", c.sign, c.in, found.has(0))
		}
	}
}

func TestReadingsAreOfTheirTexts(t *testing.T) {
	t.Parallel()
	files, err := labels.ReadDir("labels")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		read, err := readLabels(strings.TrimSuffix(f.Name(), ".tsv"))
		if err != nil {
			t.Fatal(err)
		}
		for id, l := range read {
			if l.codes == "" || strings.Trim(l.codes, "wplqn+0-") != "" || l.from > l.to {
				t.Errorf("%s: %s is %+v", f.Name(), id, l)
			}
		}
	}
	e := labelled{codes: "wp", from: 7, to: 12}.example("  Schön,  öfter bitte", "de")
	if e.Wish != "öfter" || e.Kinds.String() != "wish+problem" {
		t.Errorf("%+v", e)
	}
}
