package represent_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"lastword"
	"lastword/internal/length"
	"lastword/represent"
)

func short() lastword.Manner {
	return lastword.Manner{Network: lastword.Network{Name: "bluesky", Limit: 300, Unit: lastword.Graphemes, MaxBytes: 3000}, Thread: true, Cards: true, Pictures: 4, LongAlt: 2000}
}

func blog() lastword.Manner {
	return lastword.Manner{Network: lastword.Network{Name: "blog"}, Title: true, LongTitle: 150, Markup: true, Pictures: 10, Own: true}
}

func keys(wrong []*lastword.Mistake) string {
	var all []string
	for _, w := range wrong {
		all = append(all, w.Key)
	}
	return strings.Join(all, " ")
}

func TestFit(t *testing.T) {
	t.Parallel()
	home := represent.Home{URL: "https://lind.example/blog/lind/weite-h-1", Version: 7}
	long := strings.Repeat("Das ist ein Satz, der etwas sagt. ", 60)
	pictures := []lastword.Picture{{Digest: "a", Alt: "ein Leisten"}, {Digest: "b"}, {Digest: "c", Alt: "c"}, {Digest: "d", Alt: "d"}, {Digest: "e", Alt: "e"}}
	s := lastword.Story{Title: "Weite H", Text: "Wir machen **jetzt** Weite H.", Lang: "de", Due: time.Unix(1.8e9, 0)}

	c := represent.Fit(short(), s, home)
	if !slices.Equal(c.Parts, []string{"Wir machen jetzt Weite H."}) || c.Title != "" || c.Cites != 0 || c.Lang != "de" || !c.Due.Equal(s.Due) {
		t.Errorf("a short post: %+v", c)
	}
	if c := represent.Fit(blog(), s, home); c.Title != "Weite H" || c.Parts[0] != s.Text {
		t.Errorf("in the blog: %+v", c)
	}
	s.Text = long
	if c = represent.Fit(short(), s, represent.Home{}); len(c.Parts) < 5 || keys(represent.Wrong(short(), c)) != "" {
		t.Errorf("a long one without a blog is a thread of %d: %s", len(c.Parts), keys(represent.Wrong(short(), c)))
	}
	c = represent.Fit(short(), s, home)
	if len(c.Parts) != 1 || c.Cites != 7 || !strings.HasPrefix(c.Parts[0], "Weite H\n\nDas ist ein Satz") || !strings.HasSuffix(c.Parts[0], ".\n\n"+home.URL) {
		t.Errorf("a long one with a blog: %+v", c)
	}
	s.Text, s.Pictures = "Mit Bild: https://lind.example/h", pictures
	s.Card = lastword.Card{URL: "https://lind.example/h", Title: "Weite H"}
	if c = represent.Fit(short(), s, home); len(c.Pictures) != 4 || represent.LeftOut(short(), s) != 1 || c.Card.URL != "" {
		t.Errorf("five pictures: %+v", c)
	}
	if got := keys(represent.Wrong(short(), c)); got != "mistake.story_alt" {
		t.Errorf("a picture without words: %s", got)
	}
	s.Pictures = nil
	if c = represent.Fit(short(), s, home); c.Card != s.Card {
		t.Errorf("a card: %+v", c)
	}
	none := lastword.Manner{Network: lastword.Network{Limit: 20, Unit: lastword.Characters}}
	s.Title, s.Text = "", "Das ist länger, als hier etwas sein darf."
	if got := keys(represent.Wrong(none, represent.Fit(none, s, represent.Home{}))); got != "mistake.story_long" {
		t.Errorf("too long for a place without threads: %s", got)
	}
	if got := keys(represent.Wrong(blog(), represent.Fit(blog(), s, home))); got != "mistake.story_title" {
		t.Errorf("no headline: %s", got)
	}
	s.Text = "# Erste Zeile\n\nUnd der Rest."
	if c = represent.Fit(blog(), s, home); c.Title != "Erste Zeile" || c.Parts[0] != "Und der Rest." {
		t.Errorf("the first line for a headline: %+v", c)
	}
}

// Where nothing is published without a picture, the composer says so.
func TestPictured(t *testing.T) {
	t.Parallel()
	m := lastword.Manner{Pictures: 10, Pictured: true}
	c := lastword.Content{Parts: []string{"Neu."}}
	if got := keys(represent.Wrong(m, c)); got != "mistake.story_pictured" {
		t.Errorf("without one: %s", got)
	}
	c.Pictures = []lastword.Picture{{Digest: "a", Alt: "ein Leisten"}}
	if got := keys(represent.Wrong(m, c)); got != "" {
		t.Errorf("with one: %s", got)
	}
}

// A change has as many parts as what it changes, and is told so before it is released.
func TestAChangeKeepsItsParts(t *testing.T) {
	t.Parallel()
	old := lastword.Version{ID: 1, Content: lastword.Content{Parts: []string{"Eins.", "Zwei."}}}
	change := lastword.Version{ID: 2, Replaces: 1, Content: lastword.Content{Parts: []string{"Eins.", "Zwei."}}}
	all := []lastword.Version{old, change}
	if got := keys(represent.WrongOf(short(), change, all)); got != "" {
		t.Errorf("as many: %s", got)
	}
	change.Parts = append(change.Parts, "Drei.")
	wrong := represent.WrongOf(short(), change, all)
	if keys(wrong) != "mistake.story_change_parts" || wrong[0].Args["Stands"] != 2 || wrong[0].Args["Parts"] != 3 {
		t.Errorf("more: %v", wrong)
	}
	change.Replaces = 0
	if got := keys(represent.WrongOf(short(), change, all)); got != "" {
		t.Errorf("a new one: %s", got)
	}
}

// squeezed is a text without its spaces.
func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// A thread says everything, in order, and each of its parts fits.
func TestThreadsLoseNothing(t *testing.T) {
	t.Parallel()
	word := rapid.OneOf(rapid.StringMatching(`[a-zäöüß]{1,12}[.,!?]?`), rapid.Just("👩‍👩‍👧"), rapid.Just("https://lind.example/weite/h?x=1"), rapid.Just("\n\n"), rapid.StringMatching(`[a-z]{1,80}`))
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(word, 0, 120).Draw(t, "words"), " ")
		n := rapid.SampledFrom([]lastword.Network{
			{Limit: 300, Unit: lastword.Graphemes, MaxBytes: 3000}, {Limit: 500, Unit: lastword.Graphemes, PerURL: 23}, {Limit: 280, Unit: lastword.Weighted}, {Limit: 40, Unit: lastword.Characters},
		}).Draw(t, "network")
		parts := length.Split(n, text)
		for _, p := range parts {
			if l := length.Measure(n, p); l.Over {
				t.Fatalf("a part of %d of %d: %q", l.Used, l.Limit, p)
			}
		}
		if squeezed(strings.Join(parts, "")) != squeezed(text) {
			t.Fatalf("%q becomes %q", text, parts)
		}
	})
}

func TestUntracked(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://a.example/?utm_source=x&id=7&fbclid=y#top": "https://a.example/?id=7#top",
		"(https://a.example/p?UTM_Medium=a).":               "(https://a.example/p).",
		"[Wort](https://a.example/?gclid=1) und":            "[Wort](https://a.example/) und",
		"https://a.example/?q=utm_source&b=":                "https://a.example/?q=utm_source&b=",
		"https://a.example/?a=1&&utm%5Fid=3&b=%20":          "https://a.example/?a=1&&b=%20",
		"kein Link, utm_source=x":                           "kein Link, utm_source=x",
		"https://de.example/wiki/Hobel_(Werkzeug)":          "https://de.example/wiki/Hobel_(Werkzeug)",
	} {
		if got := represent.Untracked(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestDividedByHand(t *testing.T) {
	t.Parallel()
	parts := []string{"Eins.\n\nNoch eins.", "Zwei -- mit Strichen", "Drei"}
	if got := represent.Divided(represent.Joined(parts)); !slices.Equal(got, parts) {
		t.Errorf("there and back: %q", got)
	}
	if got := represent.Divided("---\r\n\r\n---\r\neins\r\n---\r\n"); !slices.Equal(got, []string{"eins"}) {
		t.Errorf("empty parts: %q", got)
	}
}
