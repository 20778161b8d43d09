package syndication

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// ParseDate reads a date as feeds write it: RFC 3339, RFC 822 and 850 with
// their variants, dates of databases, and dates in English and German words. A
// time without a zone is taken as UTC, a day without a time as its midnight.
func ParseDate(s string) (time.Time, bool) {
	d := date{day: -1, month: -1, year: -1}
	if len(s) > 100 {
		return time.Time{}, false
	}
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == '(' || r == ')' }) {
		d.take(word)
	}
	return d.time()
}

// date gathers what the words of a date say, in any order.
type date struct {
	day, month, year  int
	hour, minute, sec int
	nano              int
	offset            int // seconds east of UTC
	clock             bool
	pm, am            bool
	bad               bool
	swapped           bool // written with slashes: month and day may be swapped
}

func (d *date) time() (time.Time, bool) {
	d.settle()
	if d.bad || d.day < 1 || d.month < 1 || d.month > 12 || d.year < 1970 || d.year > 9999 ||
		d.hour > 24 || d.minute > 59 || d.sec > 60 {
		return time.Time{}, false
	}
	t := time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.sec, d.nano, time.UTC)
	if d.hour < 24 && d.sec < 60 && t.Day() != d.day {
		return time.Time{}, false // the 30th of February
	}
	t = t.Add(-time.Duration(d.offset) * time.Second)
	return t, t.Unix() > 24*3600 // the epoch stands for no date
}

// settle applies what is known only once all is read.
func (d *date) settle() {
	if d.swapped && d.day <= 12 && (d.month > 12 || d.am || d.pm) {
		d.day, d.month = d.month, d.day
	}
	switch {
	case d.pm && d.hour < 12:
		d.hour += 12
	case d.am && d.hour == 12:
		d.hour = 0
	}
	if d.year >= 0 && d.year < 100 {
		d.year += 1900
		if d.year < 1970 {
			d.year += 100
		}
	}
}

func (d *date) take(word string) {
	low := strings.ToLower(word)
	switch c := low[0]; {
	case c == '+' || c == '-':
		d.zone(low)
	case c < '0' || c > '9':
		d.word(low)
	case strings.Contains(low, ":"):
		d.dateAndTime(low)
	default:
		d.numbers(low)
	}
}

// dateAndTime reads "15:04", "15:04:05.9+01:00", "3:04pm", and each after a date
// and a T.
func (d *date) dateAndTime(s string) {
	if day, clock, ok := strings.Cut(s, "t"); ok && strings.Count(day, "-") == 2 {
		d.numbers(day)
		s = clock
	}
	end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) && r != ':' && r != '.' })
	rest := ""
	if end >= 0 {
		s, rest = s[:end], s[end:]
	}
	if !d.clock {
		d.time24(s)
	}
	if rest != "" {
		d.take(strings.TrimLeft(rest, ":"))
	}
}

func (d *date) time24(s string) {
	d.clock = true
	if whole, fraction, ok := strings.Cut(s, "."); ok {
		s = whole
		if n, err := strconv.Atoi((fraction + "000000000")[:9]); err == nil {
			d.nano = n
		}
	}
	for i, part := range strings.Split(strings.Trim(s, ":"), ":") {
		n, err := strconv.Atoi(part)
		if err != nil || i > 2 {
			d.bad = d.bad || err != nil
			return
		}
		*[]*int{&d.hour, &d.minute, &d.sec}[i] = n
	}
}

// numbers reads "2006-01-02", "2006/01/02", "02.01.2006", "02/01/2006",
// "02-Jan-06", "20060102", a single day or year, or seconds since 1970.
func (d *date) numbers(s string) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '.' || r == '/' })
	if len(parts) == 3 {
		if len(parts[0]) == 4 {
			parts[0], parts[2] = parts[2], parts[0]
		} else {
			d.swapped = strings.Contains(s, "/")
		}
		d.day, d.year = number(parts[0]), number(parts[2])
		if d.month = number(parts[1]); d.month < 0 {
			d.month = month(parts[1])
		}
		return
	}
	for _, part := range parts {
		d.number(part)
	}
}

func (d *date) number(s string) {
	n := number(s)
	switch {
	case n < 0:
		d.word(s)
	case len(s) == 8 && n >= 1970_01_01:
		d.year, d.month, d.day = n/1_00_00, n/1_00%1_00, n%1_00
	case len(s) == 10:
		t := time.Unix(int64(n), 0).UTC()
		d.year, d.month, d.day = t.Year(), int(t.Month()), t.Day()
		d.hour, d.minute, d.sec = t.Clock()
	case len(s) == 4:
		d.year = n
	case d.day < 0:
		d.day = n
	case d.year < 0:
		d.year = n
	}
}

// word reads a month, a zone, or am and pm. Other words (weekdays, "Uhr", "um",
// "at") say nothing more.
func (d *date) word(s string) {
	s = strings.Trim(s, ".")
	if m := month(s); m > 0 {
		d.month = m
		return
	}
	if hours, ok := zones[s]; ok {
		d.offset = int(hours * 3600)
		return
	}
	if i := strings.IndexAny(s, "+-"); i > 0 { // "gmt+1"
		d.zone(s[i:])
	}
	d.pm = d.pm || s == "pm" || s == "p.m"
	d.am = d.am || s == "am" || s == "a.m"
}

// zone reads "+0100", "+01:00", "-7", "+02:00:00".
func (d *date) zone(s string) {
	if s == "" {
		return
	}
	digits := strings.ReplaceAll(strings.TrimLeft(s, "+-"), ":", "")
	n := number(digits)
	switch {
	case n < 0 || len(digits) > 6:
		return
	case len(digits) <= 2:
		n *= 100
	case len(digits) == 6:
		n /= 100
	}
	d.offset = n/100*3600 + n%100*60
	if s[0] == '-' {
		d.offset = -d.offset
	}
}

func number(s string) int {
	n, err := strconv.ParseUint(s, 10, 40)
	if err != nil {
		return -1
	}
	return int(n)
}

// month returns 1…12 for the name of a month, or 0.
func month(s string) int { return months[strings.ToLower(strings.Trim(s, "."))] }

var months = map[string]int{
	"january": 1, "januar": 1, "jan": 1, "jänner": 1, "jaenner": 1, "jän": 1,
	"february": 2, "februar": 2, "feb": 2, "feber": 2,
	"march": 3, "mar": 3, "märz": 3, "maerz": 3, "mär": 3, "mrz": 3,
	"april": 4, "apr": 4,
	"may": 5, "mai": 5,
	"june": 6, "juni": 6, "jun": 6,
	"july": 7, "juli": 7, "jul": 7,
	"august": 8, "aug": 8,
	"september": 9, "sept": 9, "sep": 9,
	"october": 10, "oktober": 10, "oct": 10, "okt": 10,
	"november": 11, "nov": 11,
	"december": 12, "dezember": 12, "dec": 12, "dez": 12,
}

// zones are hours east of UTC (RFC 822 §5, and what German and other European
// feeds write). An unknown zone counts as UTC.
var zones = map[string]float64{
	"z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1,
	"cet": 1, "mez": 1, "met": 1, "cest": 2, "mesz": 2, "mest": 2, "eet": 2, "eest": 3, "msk": 3,
	"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
	"ist": 5.5, "jst": 9, "aest": 10, "aedt": 11,
}

// when returns the first of the texts that is a date.
func when(texts ...string) time.Time {
	for _, s := range texts {
		if t, ok := ParseDate(s); ok {
			return t
		}
	}
	return time.Time{}
}
