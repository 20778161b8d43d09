package listen_test

import (
	"testing"
	"time"

	"lastword/listen"
)

func TestSpans(t *testing.T) {
	t.Parallel()
	from, until := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC), time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		place, of   string
		from, until time.Time
	}{
		{listen.Span(from, until), "", from, until},
		{"public:local " + listen.Span(from, until), "public:local", from, until},
		{listen.Span(time.Time{}, until), "", time.Time{}, until},
		{"4711", "4711", time.Time{}, time.Time{}},
		{"a/b", "a/b", time.Time{}, time.Time{}},
		{"", "", time.Time{}, time.Time{}},
	} {
		of, from, until := listen.Spanned(c.place)
		if of != c.of || !from.Equal(c.from) || !until.Equal(c.until) {
			t.Errorf("%q: of %q from %v until %v", c.place, of, from, until)
		}
	}
}
