package listen

import (
	"strings"
	"time"
)

// Gap is the reason under which a source tells Host.Dropped that something may be
// missing, for good; the place is a Span, after what it is missing of.
const Gap = "gap"

// Span names the time between two moments, as ISO 8601 writes intervals. Where
// from is zero, nobody knows where it begins.
func Span(from, until time.Time) string {
	begin := "…"
	if !from.IsZero() {
		begin = from.UTC().Format(time.RFC3339)
	}
	return begin + "/" + until.UTC().Format(time.RFC3339)
}

// Spanned reads a Span at the end of a place, and what stands before it. Beginning
// and end are zero where they are not known.
func Spanned(place string) (of string, from, until time.Time) {
	of, span := "", place
	if at := strings.LastIndex(place, " "); at >= 0 {
		of, span = place[:at], place[at+1:]
	}
	begin, end, ok := strings.Cut(span, "/")
	if !ok {
		return place, from, until
	}
	until, err := time.Parse(time.RFC3339, end)
	if err != nil {
		return place, from, time.Time{}
	}
	if at, err := time.Parse(time.RFC3339, begin); err == nil {
		from = at
	}
	return of, from, until
}
