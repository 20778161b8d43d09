package text_test

import (
	"testing"

	"lastword/internal/text"
)

func TestPermanent(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"Größere Weiten: jetzt auch H!": "groessere-weiten-jetzt-auch-h-2s",
		"Café à la carte":               "cafe-a-la-carte-2s",
		"日本語":                           "2s",
		"":                              "2s",
		"-- a --":                       "a-2s",
	} {
		got := text.Permanent(title, 100)
		if got != want || text.IDOf(got) != 100 {
			t.Errorf("%q: %q, id %d", title, got, text.IDOf(got))
		}
	}
	for _, none := range []string{"", "-", "nothing to find!", "a-zzzzzzzzzzzzzzzzzzzz"} {
		if id := text.IDOf(none); id != 0 {
			t.Errorf("%q names %d", none, id)
		}
	}
}
