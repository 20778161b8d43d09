package text

import (
	"strconv"
	"strings"
	"time"
)

// Num writes a whole number with the reader's separators: 12.345 or 12,345.
func (r Reader) Num(n int) string {
	s, sign := strconv.Itoa(n), ""
	if n < 0 {
		s, sign = s[1:], "−"
	}
	sep := ","
	if r.Lang() == "de" {
		sep = "."
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	return sign + s
}

// Percent writes a share between 0 and 1 in whole percent.
func (r Reader) Percent(share float64) string {
	n := strconv.Itoa(int(share*100 + .5))
	if r.Lang() == "de" {
		return n + "\u202f%" // DIN 5008 sets a narrow space before the sign
	}
	return n + "%"
}

// Span writes a number of seconds as minutes and seconds: "9 min 20 s".
func (r Reader) Span(seconds int) string {
	m, s := seconds/60, seconds%60
	switch {
	case m == 0:
		return strconv.Itoa(s) + "\u00a0s"
	case s == 0 || m >= 60:
		return r.Num(m) + "\u00a0min"
	}
	return strconv.Itoa(m) + "\u00a0min " + strconv.Itoa(s) + "\u00a0s"
}

// When says a time as a person does: "gestern 14:10", "Montag 14:10", "12. Nov.".
func (r Reader) When(t time.Time) string {
	if t.IsZero() {
		return r.T("date.never")
	}
	t = t.In(r.Zone)
	clock := t.Format("15:04")
	switch d := r.daysAgo(t); {
	case d == 0:
		return r.T("date.today", Args{"Time": clock})
	case d == 1:
		return r.T("date.yesterday", Args{"Time": clock})
	case d == -1:
		return r.T("date.tomorrow", Args{"Time": clock})
	case d > 1 && d < 7:
		return r.weekday(t) + " " + clock
	}
	return r.Short(t)
}

// daysAgo counts calendar days in the reader's zone; the future is negative.
func (r Reader) daysAgo(t time.Time) int {
	return int(midnight(r.Now).Sub(midnight(t)).Hours() / 24)
}

// midnight names t's calendar day at noon UTC, so that days differ by exactly
// 24 hours whatever the clocks of the zone do.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 12, 0, 0, 0, time.UTC)
}

// Short writes a day shortly: "12. Nov.", with its year if it is another one.
func (r Reader) Short(t time.Time) string {
	t = t.In(r.Zone)
	key := "date.short"
	if t.Year() != r.Now.Year() {
		key = "date.short_year"
	}
	month := r.T("month_short." + strconv.Itoa(int(t.Month())))
	return r.T(key, Args{"Day": t.Day(), "Month": month, "Year": t.Year()})
}

// Day writes a day in full without its year: "Sonntag, 22. November".
func (r Reader) Day(t time.Time) string {
	t = t.In(r.Zone)
	return r.T("date.day", Args{"Weekday": r.weekday(t), "Day": t.Day(), "Month": r.month(t)})
}

// Full writes a time in full, for those who want to know exactly.
func (r Reader) Full(t time.Time) string {
	t = t.In(r.Zone)
	return r.T("date.full", Args{
		"Weekday": r.weekday(t), "Day": t.Day(), "Month": r.month(t), "Year": t.Year(), "Time": t.Format("15:04"),
	})
}

// Machine writes a time for machines (RFC 3339, the datetime attribute).
func (r Reader) Machine(t time.Time) string { return t.In(r.Zone).Format(time.RFC3339) }

func (r Reader) weekday(t time.Time) string { return r.T("weekday." + strconv.Itoa(int(t.Weekday()))) }

func (r Reader) month(t time.Time) string { return r.T("month." + strconv.Itoa(int(t.Month()))) }

// List joins words as a sentence does: "a, b und c".
func (r Reader) List(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " " + r.T("list.and") + " " + items[last]
}

// Tongue names a language by its BCP 47 tag in the reader's words, or returns
// the tag where there is no word for it.
func (r Reader) Tongue(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if key := "tongue." + base; r.Has(key) {
		return r.T(key)
	}
	return tag
}

// Marks returns the quotation marks of a text's language (BCP 47).
func Marks(lang string) (open, end string) {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	switch base {
	case "de", "cs", "sk", "sl", "bg", "da", "is", "lt":
		return "„", "“"
	case "pl", "ro", "hu", "hr", "sr":
		return "„", "”"
	case "fr":
		return "«\u202f", "\u202f»"
	case "it", "es", "pt", "el", "ru", "uk", "nb", "no":
		return "«", "»"
	case "sv", "fi":
		return "”", "”"
	case "ja":
		return "「", "」"
	}
	return "“", "”"
}
