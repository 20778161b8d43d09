package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"lastword/internal/text"
)

func TestHeadline(t *testing.T) {
	t.Parallel()
	long := strings.TrimSpace(strings.Repeat("lang ", 40))
	for _, c := range []struct{ s, headline, body string }{
		{"Titel\n\nText", "Titel", "Text"}, {" Titel \r\n Text ", "Titel", "Text"}, {"Nur ein Satz.", "Nur ein Satz.", "Nur ein Satz."},
		{long + "\n\nText", strings.TrimSpace(strings.Repeat("lang ", 12)) + " …", long + "\n\nText"},
		{strings.Repeat("ä", 200), strings.Repeat("ä", 60), strings.Repeat("ä", 200)}, {"", "", ""},
	} {
		if headline, body := text.Headline(c.s, 120); headline != c.headline || body != c.body {
			t.Errorf("%q: %q, %q", c.s, headline, body)
		}
	}
}

func TestParagraphs(t *testing.T) {
	t.Parallel()
	if got := text.Paragraphs("a <b>\nc\r\n\r\n \nd & e\n\n", "<p>", "</p>"); got != "<p>a &lt;b&gt;<br>c</p><p>d &amp; e</p>" {
		t.Errorf("got %q", got)
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	if !text.Same("a b\n\nc", " a  b c") || text.Same("a b", "a c") || text.Same("", "a") {
		t.Error("wrong")
	}
}

func FuzzHeadline(f *testing.F) {
	f.Add("Titel\n\nText")
	f.Fuzz(func(t *testing.T, s string) {
		headline, _ := text.Headline(s, 120)
		if n := utf8.RuneCountInString(headline); n > 120 {
			t.Errorf("%q: %d characters", s, n)
		}
		if got := text.Paragraphs(s, "<p>", "</p>"); strings.Count(got, "<") != 2*strings.Count(got, "<p>")+strings.Count(got, "<br>") {
			t.Errorf("%q: markup of its own: %q", s, got)
		}
	})
}
