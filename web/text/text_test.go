package text_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lastword/web/text"
)

func catalogue(t testing.TB) *text.Catalogue {
	t.Helper()
	c, err := text.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func berlin(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestWhen(t *testing.T) {
	t.Parallel()
	z := berlin(t)
	now := time.Date(2026, 3, 30, 0, 30, 0, 0, z) // the night after the clocks went forward
	at := func(d, h, m int) time.Time { return time.Date(2026, 3, d, h, m, 0, 0, z) }
	c := catalogue(t)
	for _, tt := range []struct {
		at     time.Time
		de, en string
	}{
		{time.Time{}, "noch nie", "never yet"},
		{at(30, 0, 5), "heute 00:05", "today 00:05"},
		{at(29, 23, 59), "gestern 23:59", "yesterday 23:59"},
		{at(29, 1, 59), "gestern 01:59", "yesterday 01:59"},
		{at(28, 14, 10), "Samstag 14:10", "Saturday 14:10"},
		{at(24, 14, 10), "Dienstag 14:10", "Tuesday 14:10"},
		{at(23, 14, 10), "23. März", "23 Mar"},
		{at(31, 9, 0), "morgen 09:00", "tomorrow 09:00"},
		{time.Date(2025, 12, 31, 12, 0, 0, 0, z), "31. Dez. 2025", "31 Dec 2025"},
		{time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC), "gestern 00:30", "yesterday 00:30"}, // Berlin is an hour ahead
	} {
		if got := c.Reader("de", z, now).When(tt.at); got != tt.de {
			t.Errorf("German for %v: %q, want %q", tt.at, got, tt.de)
		}
		if got := c.Reader("en", z, now).When(tt.at); got != tt.en {
			t.Errorf("English for %v: %q, want %q", tt.at, got, tt.en)
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	de, en := c.Reader("de", nil, time.Time{}), c.Reader("en", nil, time.Time{})
	for _, tt := range []struct{ got, want string }{
		{de.Num(1234567), "1.234.567"}, {en.Num(1234567), "1,234,567"}, {de.Num(999), "999"}, {en.Num(-1000), "−1,000"},
		{de.Percent(.935), "94\u202f%"}, {en.Percent(.935), "94%"},
		{en.Span(0), "0\u00a0s"}, {en.Span(59), "59\u00a0s"}, {en.Span(60), "1\u00a0min"}, {de.Span(560), "9\u00a0min 20\u00a0s"},
		{de.List([]string{"a", "b", "c"}), "a, b und c"}, {en.List([]string{"a", "b"}), "a and b"}, {en.List(nil), ""},
		{de.N("drafts.release", 1), "Eine Antwort freigeben"}, {de.N("drafts.release", 1430), "1.430 Antworten freigeben"},
		{en.N("drafts.release", 143), "Release 143 answers"}, {de.N("theme.voices", 0), "keine Stimme"},
		{de.N("flash.saved", 1), "Gespeichert."}, {en.Tongue("pt-BR"), "Portuguese"}, {en.Tongue("tlh"), "tlh"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

// A number keeps its digits whatever stands between them.
func TestNumKeepsDigits(t *testing.T) {
	t.Parallel()
	r := catalogue(t).Reader("de", nil, time.Time{})
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 1<<40).Draw(t, "n")
		groups := strings.Split(r.Num(n), ".")
		for i, g := range groups {
			if len(g) > 3 || i > 0 && len(g) != 3 {
				t.Fatalf("%d is written %q", n, r.Num(n))
			}
		}
		if back := strings.Join(groups, ""); back != strings.TrimLeft(back, "0") && n != 0 {
			t.Fatalf("%d is written %q", n, r.Num(n))
		}
	})
}

func TestPick(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	for _, tt := range []struct {
		known []string
		want  string
	}{
		{nil, "de"}, {[]string{"en"}, "en"}, {[]string{"", "en-GB,en;q=0.9,de;q=0.8"}, "en"},
		{[]string{"tr", "fr-FR,fr;q=0.9,en;q=0.5"}, "en"}, {[]string{"de-AT"}, "de"}, {[]string{"\x00;;", "en"}, "en"},
	} {
		if got := c.Pick(tt.known...); got != tt.want {
			t.Errorf("for %q: %q, want %q", tt.known, got, tt.want)
		}
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]string{"de": "„x“", "de-CH": "„x“", "en": "“x”", "fr": "«\u202fx\u202f»", "sv": "”x”", "": "“x”"} {
		if open, end := text.Marks(lang); open+"x"+end != want {
			t.Errorf("%q: %q, want %q", lang, open+"x"+end, want)
		}
	}
}
