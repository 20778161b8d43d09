package match

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lastword"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		query, title, text string
		want               []string // the pieces; "T:" before those of the title
	}{
		{"groesse", "", "Die GRÖẞE 😡 der Größe", []string{"GRÖẞE", "Größe"}},
		{"bahn", "Bahn!", "\xff\xffBa\u200bhn\u200b😡 bahnhof", []string{"T:Bahn", "Ba\u200bhn"}},
		{"#ausfall", "", "Ausfall #Ausfall", []string{"#Ausfall"}},
		{"ausfall", "", "#Ausfall", []string{"#Ausfall"}},
		{`"guten morgen"`, "", "Guten,  Morgen guten Tag", []string{"Guten,  Morgen"}},
		{"aufzug NEAR/1 kaputt", "", "aufzug aufzug ist kaputt und kaputt", []string{"aufzug", "kaputt"}},
		{"bahn* OR zug", "", "Bahnhöfe ohne Zug", []string{"Bahnhöfe", "Zug"}},
		{"*bahn*", "", "Straßenbahnhaltestelle", []string{"Straßenbahnhaltestelle"}},
		{"bahn -zug", "", "Bahn", []string{"Bahn"}},
		{"-(-bahn OR zug) bus", "", "bus bahn", []string{"bus", "bahn"}},
		{"bahn -zug", "", "Bahn Zug", nil},
		{"site:example.org bahn", "", "Bahn https://www.example.org/x, ja", []string{"Bahn", "https://www.example.org/x"}},
		{"is:own", "", "wir", nil},
		{`"a b" "b c"`, "", "a b c", []string{"a b c"}},
	} {
		p := &lastword.Post{Title: c.title, Text: c.text, Own: true}
		var got []string
		for _, s := range Explain(mustParse(c.query), p) {
			got = append(got, shown(p, s))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("Explain(%s, %q) = %q, want %q", c.query, c.text, got, c.want)
		}
	}
}

func shown(p *lastword.Post, s Span) string {
	if s.Title {
		return "T:" + p.Title[s.Start:s.End]
	}
	return p.Text[s.Start:s.End]
}

func TestExplainOfOneWordIsThatWord(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := genPost(t)
		w := rapid.SampledFrom(words).Draw(t, "word")
		q, err := Parse(w)
		if err != nil || len(q.root.words) != 1 {
			t.Skip("not one word")
		}
		spans := Explain(q, p)
		if q.Matches(p) != (len(spans) > 0) {
			t.Fatalf("%q in %q: spans %v", w, p.Text, spans)
		}
		for _, s := range spans {
			if got := foldOf(strings.TrimPrefix(shown(p, s), "T:")); got != foldOf(w) {
				t.Fatalf("%q in %q: span %v holds %q", w, p.Text, s, got)
			}
		}
	})
}

func checkSpans(t interface{ Fatalf(string, ...any) }, q Query, p *lastword.Post) {
	spans := Explain(q, p)
	if len(spans) > 0 && !q.Matches(p) {
		t.Fatalf("%s explains what it does not want: %q", q, p.Text)
	}
	for i, s := range spans {
		field := p.Text
		if s.Title {
			field = p.Title
		}
		if s.Start < 0 || s.Start >= s.End || s.End > len(field) {
			t.Fatalf("%s in %q: span %v lies outside", q, field, s)
		}
		if i > 0 && spans[i-1].Title == s.Title && spans[i-1].End > s.Start || i > 0 && s.Title && !spans[i-1].Title {
			t.Fatalf("%s in %q: spans %v are out of order", q, field, spans)
		}
	}
}
