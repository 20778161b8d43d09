package answer_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"lastword"
	"lastword/answer"
	"lastword/internal/text"
)

func bluesky() lastword.Network {
	return lastword.Network{Name: "bluesky", Limit: 300, Unit: lastword.Graphemes, MaxBytes: 3000}
}

func x() lastword.Network { return lastword.Network{Name: "x", Limit: 280, Unit: lastword.Weighted} }

func march() time.Time { return time.Date(2027, time.March, 1, 0, 0, 0, 0, time.UTC) }

func TestComposeSaysItAll(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		got := answer.Compose(answer.Draft{
			Lang: "de", Kinds: lastword.Wish, Verdict: lastword.Later, When: march(),
			Reason: "uns fehlen dafür im Moment die Leute", Theme: "Ersatzteile für alte Modelle",
			Link: "https://firma.example/heard/abcdefghijklmnopqrstuv", Seed: seed,
		})
		for _, part := range []string{"1. März 2027", "Uns fehlen dafür im Moment die Leute.", "„Ersatzteile für alte Modelle“",
			"https://firma.example/heard/abcdefghijklmnopqrstuv"} {
			if !strings.Contains(got, part) {
				t.Errorf("seed %d: %q lacks %q", seed, got, part)
			}
		}
		if first := []rune(got)[0]; !unicode.IsUpper(first) {
			t.Errorf("seed %d: %q begins small", seed, got)
		}
		if strings.Contains(got, "!") || strings.Contains(got, "  ") {
			t.Errorf("seed %d: %q shouts or gapes", seed, got)
		}
	}
}

// Who asks is told, and not that it was decided; who praises is thanked without a
// reason. A question among wishes is answered as they are.
func TestComposeTellsWhoAsks(t *testing.T) {
	t.Parallel()
	told := answer.Draft{Lang: "de", Kinds: lastword.Question, Asked: lastword.Question, Verdict: lastword.Yes, Reason: "ja, bis Größe 49"}
	glad := answer.Draft{Lang: "en", Kinds: lastword.Praise, Asked: lastword.Praise, Verdict: lastword.Yes, Reason: "we will pass it on"}
	among := answer.Draft{Lang: "de", Kinds: lastword.Question, Asked: lastword.Wish, Verdict: lastword.Yes, Reason: "es kostet uns wenig"}
	for seed := range uint64(50) {
		told.Seed, glad.Seed, among.Seed = seed, seed, seed
		if got := answer.Compose(told); !strings.Contains(got, ". Ja, bis Größe 49. ") || strings.Contains(got, "Grund") || strings.Contains(got, "entschieden") {
			t.Errorf("seed %d: %q", seed, got)
		}
		if got := answer.Compose(glad); !strings.Contains(got, ". We will pass it on. ") || strings.Contains(strings.ToLower(got), "reason") {
			t.Errorf("seed %d: %q", seed, got)
		}
		if got := answer.Compose(among); !strings.Contains(strings.ToLower(got), " ja") {
			t.Errorf("seed %d: %q does not say yes", seed, got)
		}
	}
	told.Verdict, told.When = lastword.Later, march()
	if got := answer.Compose(told); !strings.Contains(got, "1. März 2027") {
		t.Errorf("%q does not say when", got)
	}
}

func TestComposeLetters(t *testing.T) {
	t.Parallel()
	d := answer.Draft{
		Network: lastword.Network{Name: "mail"}, Kinds: lastword.Problem, Verdict: lastword.Yes,
		Letter: true, By: "Erika Groß", House: "Weiß & Söhne GmbH",
	}
	tests := []struct {
		lang, to, reason string
		begins, holds    string
		ends             string
	}{
		{"de", "Frau Dr. Anna Muster", "Der Fehler liegt bei uns.", "Guten Tag Frau Dr. Muster,\n\n", "Der Fehler liegt bei uns.", "\nErika Groß\nWeiß & Söhne GmbH"},
		{"de", "Anna Muster", "Der Fehler liegt bei uns.", "Guten Tag,\n\n", "Der Fehler liegt bei uns.", "\nErika Groß\nWeiß & Söhne GmbH"},
		{"de-CH", "Herr Beat Muster", "Es lässt sich schließen", "Guten Tag Herr Muster\n\n", "Es lässt sich schliessen.", "\nErika Groß\nWeiß & Söhne GmbH"},
		{"en", "Mr John Doe", "The fault is ours", "Dear Mr Doe,\n\n", "The fault is ours.", "\nErika Groß\nWeiß & Söhne GmbH"},
		{"en", "Frau Kaufen Sie jetzt http://evil.example", "The fault is ours", "Hello,\n\n", "The fault is ours.", "\nErika Groß\nWeiß & Söhne GmbH"},
		{"de", "Frau Kaufen Sie jetzt evil.example", "Der Fehler liegt bei uns.", "Guten Tag,\n\n", "Der Fehler", "GmbH"},
	}
	for _, tt := range tests {
		d := d
		d.Lang, d.To, d.Reason = tt.lang, tt.to, tt.reason
		for d.Seed = range uint64(20) {
			got := answer.Compose(d)
			if !strings.HasPrefix(got, tt.begins) || !strings.Contains(got, tt.holds) || !strings.HasSuffix(got, tt.ends) {
				t.Errorf("%s, %q: %q", tt.lang, tt.to, got)
			}
			after := []rune(strings.TrimPrefix(got, tt.begins))[0]
			if small := strings.HasPrefix(got, "Guten Tag") && strings.Contains(tt.begins, ",\n"); small && unicode.IsUpper(after) &&
				!strings.HasPrefix(strings.TrimPrefix(got, tt.begins), "Ihr") {
				t.Errorf("%s: capital after the comma: %q", tt.lang, got)
			}
		}
	}
}

// Whatever the director typed and whatever a network allows: the text fits, is
// clean, says the same for the same seed, and has its link whole or not at all.
func TestComposeKeepsItsPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		link := rapid.SampledFrom([]string{"", "https://firma.example/heard/abcdefghijklmnopqrstuv"}).Draw(t, "link")
		d := answer.Draft{
			Network: lastword.Network{
				Limit:    rapid.IntRange(0, 700).Draw(t, "limit"),
				MaxBytes: rapid.SampledFrom([]int{0, 300, 3000}).Draw(t, "bytes"),
				Unit:     rapid.SampledFrom([]lastword.Unit{lastword.Graphemes, lastword.Characters, lastword.Weighted, lastword.UTF16, lastword.EmojiBytes}).Draw(t, "unit"),
			},
			Lang:    rapid.SampledFrom([]string{"de", "de-CH", "en", "fr", ""}).Draw(t, "lang"),
			Kinds:   lastword.Kinds(rapid.IntRange(0, 15).Draw(t, "kinds")),
			Verdict: rapid.SampledFrom(lastword.Verdicts).Draw(t, "verdict"),
			When:    march(), Reason: rapid.String().Draw(t, "reason"), Theme: rapid.String().Draw(t, "theme"),
			Link: link, Letter: rapid.Bool().Draw(t, "letter"), To: rapid.String().Draw(t, "to"),
			By: rapid.String().Draw(t, "by"), House: "Muster GmbH", Seed: rapid.Uint64().Draw(t, "seed"),
		}
		got := answer.Compose(d)
		if l := answer.Measure(d.Network, got); l.Over {
			t.Fatalf("%+v: %q", l, got)
		}
		if got != answer.Compose(d) {
			t.Fatal("not stable")
		}
		if got != text.Clean(got) {
			t.Fatalf("not clean: %q", got)
		}
		if i := strings.Index(got, "https://firma"); i >= 0 && !strings.Contains(got, link) {
			t.Fatalf("link is cut: %q", got)
		}
		if d.Lang == "de-CH" && !d.Letter && strings.Contains(got, "ß") {
			t.Fatalf("ß in Swiss spelling: %q", got)
		}
	})
}

func TestFitLeavesOutInOrder(t *testing.T) {
	t.Parallel()
	p := answer.Parts{
		Thanks: "Danke für Ihren Wunsch.", Topic: "Zu „X“:", Verdict: "Das machen wir.", Lead: "Der Grund:",
		Reason: "Viele haben darum gebeten, siehe https://firma.example/lang/und/weit.", Courtesy: "Fragen Sie gern.",
		LinkLead: "Mehr:", Link: "https://firma.example/h",
	}
	want := []string{
		"Danke für Ihren Wunsch. Zu „X“: Das machen wir. Der Grund: Viele haben darum gebeten, siehe https://firma.example/lang/und/weit. Fragen Sie gern. Mehr: https://firma.example/h",
		"Danke für Ihren Wunsch. Zu „X“: Das machen wir. Der Grund: Viele haben darum gebeten, siehe https://firma.example/lang/und/weit. Mehr: https://firma.example/h",
		"Danke für Ihren Wunsch. Das machen wir. Der Grund: Viele haben darum gebeten, siehe https://firma.example/lang/und/weit. Mehr: https://firma.example/h",
		"Danke für Ihren Wunsch. Das machen wir. Der Grund: Viele haben darum gebeten, siehe https://firma.example/lang/und/weit.",
		"Das machen wir. Der Grund: Viele haben darum gebeten, siehe https://firma.example/lang/und/weit.",
		"Das machen wir. Der Grund: Viele haben darum gebeten, siehe…",
		"Das machen wir. Der Grund: Viele haben darum gebeten…",
		"Das machen wir. Der Grund: Viele haben darum…",
		"Das machen wir. Der Grund: Viele haben…",
		"Das machen wir. Der Grund: Viele…",
		"Das machen wir.",
		"Das machen…",
		"Das…",
		"",
	}
	var got []string
	for limit := 200; limit > 0; limit-- {
		s := answer.Fit(lastword.Network{Limit: limit, Unit: lastword.Characters}, p)
		if len(got) == 0 || got[len(got)-1] != s {
			got = append(got, s)
		}
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	family := "👨‍👩‍👧‍👦"
	tests := []struct {
		n    lastword.Network
		text string
		want answer.Length
	}{
		{bluesky(), "Grüße " + family, answer.Length{Used: 7, Limit: 300, Unit: lastword.Graphemes}},
		{bluesky(), strings.Repeat(family, 200), answer.Length{Used: 5000, Limit: 3000, Unit: answer.Bytes, Over: true}},
		{lastword.Network{Name: "telegram", Limit: 10, Unit: lastword.UTF16}, "Grüße 😀👍", answer.Length{Used: 10, Limit: 10, Unit: lastword.UTF16}},
		{lastword.Network{Name: "telegram", Limit: 10, Unit: lastword.UTF16}, "Grüße 😀👍!", answer.Length{Used: 11, Limit: 10, Unit: lastword.UTF16, Over: true}},
		{x(), "Grüße " + family, answer.Length{Used: 8, Limit: 280, Unit: lastword.Weighted}},
		{x(), "Mehr: https://firma.example.com/heard/abcdefghijklmnopqrstuv", answer.Length{Used: 29, Limit: 280, Unit: lastword.Weighted}},
		{lastword.Network{Limit: 3, Unit: lastword.Characters}, "üäöß", answer.Length{Used: 4, Limit: 3, Unit: lastword.Characters, Over: true}},
		{lastword.Network{Limit: 500, Unit: lastword.EmojiBytes}, "Grüße " + family, answer.Length{Used: 31, Limit: 500, Unit: lastword.EmojiBytes}},
		{lastword.Network{}, strings.Repeat("a", 1e6), answer.Length{Used: 1e6}},
	}
	for _, tt := range tests {
		if got := answer.Measure(tt.n, tt.text); got != tt.want {
			t.Errorf("%.40q: %+v, want %+v", tt.text, got, tt.want)
		}
	}
}

// FuzzMeasure: counting foreign text ends, and never counts below nothing.
func FuzzMeasure(f *testing.F) {
	for _, s := range []string{"http://test.co", "t.co/abc(d)(", "a.b..c", "1⃣🏳️‍🌈", "\xff\xfe", "http://ß.de/(((", "ö.vermögensberatung"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if l := answer.Measure(x(), s); l.Used < 0 || l.Used == 0 && s != "" {
			t.Errorf("%q weighs %d", s, l.Used)
		}
	})
}
