package file

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Times lists the layouts, in the words of package time, in which a moment is
// understood beside Unix seconds, milliseconds and microseconds. German month
// names and a closing "Uhr" are read as well. Days with slashes are read day
// first unless a table's column shows that its months come first.
func Times() []string {
	return []string{
		time.RFC3339Nano,
		"2006-01-02T15:04:05.999999999",
		"2006-01-02T15:04:05.999999999Z0700",
		"2006-01-02T15:04",
		"2006-01-02 15:04:05.999999999",
		"2006-01-02 15:04:05.999999999Z07:00",
		"2006-01-02 15:04:05.999999999 Z07:00",
		"2006-01-02 15:04:05 -0700",
		"2006-01-02 15:04:05 MST",
		"2006-01-02 15:04",
		"2006-01-02",
		"2006/01/02 15:04:05",
		"2006/01/02 15:04",
		"2006/01/02",
		"Mon Jan _2 15:04:05 -0700 2006", // X, formerly Twitter
		"Mon Jan _2 15:04:05 2006",
		"Mon, 2 Jan 2006 15:04:05 -0700", // RFC 5322 §3.3
		"Mon, 2 Jan 2006 15:04:05 MST",
		"2 Jan 2006 15:04:05 -0700",
		"2.1.2006 15:04:05",
		"2.1.2006 15:04",
		"2.1.2006",
		"2.1.06 15:04:05",
		"2.1.06 15:04",
		"2.1.06",
		"2. January 2006 15:04:05",
		"2. January 2006 15:04",
		"2. January 2006",
		"2 January 2006 15:04",
		"2 January 2006",
		"2. Jan 2006 15:04",
		"2. Jan 2006",
		"2 Jan 2006 15:04",
		"2 Jan 2006",
		"January 2 2006 15:04:05",
		"January 2 2006 3:04 PM",
		"January 2 2006",
		"Jan 2 2006 15:04:05",
		"Jan 2 2006 3:04:05 PM",
		"Jan 2 2006 3:04 PM",
		"Jan 2 2006",
	}
}

func dayFirst() []string {
	return []string{"2/1/2006 15:04:05", "2/1/2006 15:04", "2/1/2006", "2/1/06 15:04", "2/1/06", "2-1-2006 15:04:05", "2-1-2006 15:04", "2-1-2006"}
}

func monthFirst() []string {
	return []string{"1/2/2006 15:04:05", "1/2/2006 3:04:05 PM", "1/2/2006 3:04 PM", "1/2/2006 15:04", "1/2/2006", "1/2/06 15:04", "1/2/06"}
}

// ParseTime reads a moment in any form of [Times]; zone is that of a moment
// which does not say its own. Only years from 1990 to 2099 are believed.
func ParseTime(s string, zone *time.Location, monthsFirst bool) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 6 || len(s) > 64 {
		return time.Time{}, false
	}
	if t, ok := unixTime(s); ok {
		return t, believable(t)
	}
	layouts := Times()
	if monthsFirst {
		layouts = append(layouts, monthFirst()...)
	}
	layouts = append(append(layouts, dayFirst()...), monthFirst()...)
	if t, ok := parseAny(s, layouts, zone); ok {
		return t, true
	}
	if english := inEnglish(s); english != s {
		return parseAny(english, layouts, zone)
	}
	return time.Time{}, false
}

// parseAny tries the layouts in their order. It never fails on purpose: what no
// layout fits is no time.
func parseAny(s string, layouts []string, zone *time.Location) (time.Time, bool) {
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil && believable(t) {
			return t, true
		}
	}
	return time.Time{}, false
}

func believable(t time.Time) bool { return 1990 <= t.Year() && t.Year() <= 2099 }

// unixTime reads seconds, milliseconds or microseconds since 1970 by their
// magnitude: seconds of believable years have nine or ten digits.
func unixTime(s string) (time.Time, bool) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return time.Time{}, false
	}
	switch {
	case f < 1e8:
		return time.Time{}, false
	case f < 1e11:
		return time.UnixMilli(int64(math.Round(f * 1e3))).UTC(), true
	case f < 1e14:
		return time.UnixMilli(int64(f)).UTC(), true
	case f < 1e16:
		return time.UnixMilli(int64(f / 1e3)).UTC(), true
	}
	return time.Time{}, false
}

// inEnglish turns what German programs write around a moment into what package
// time reads.
func inEnglish(s string) string {
	if !strings.ContainsAny(s, ",") && strings.IndexFunc(s, isLetter) < 0 {
		return s
	}
	s = strings.TrimSuffix(strings.TrimSuffix(s, " Uhr"), " uhr")
	if !strings.Contains(s, "GMT") && !englishComma(s) {
		s = strings.ReplaceAll(s, ",", "")
	}
	return strings.NewReplacer(
		"Januar ", "January ", "Jänner ", "January ", "Februar ", "February ", "März ", "March ", "Mai ", "May ",
		"Juni ", "June ", "Juli ", "July ", "Oktober ", "October ", "Dezember ", "December ",
		"Jan. ", "Jan ", "Feb. ", "Feb ", "Mrz. ", "Mar ", "Apr. ", "Apr ", "Jun. ", "Jun ", "Jul. ", "Jul ",
		"Aug. ", "Aug ", "Sept. ", "Sep ", "Sep. ", "Sep ", "Okt. ", "Oct ", "Nov. ", "Nov ", "Dez. ", "Dec ",
		" um ", " ", " at ", " ",
	).Replace(s)
}

// englishComma reports whether s begins as "Mon, 2 Jan" does (RFC 5322 §3.3).
func englishComma(s string) bool { return len(s) > 4 && s[3] == ',' }

func isLetter(r rune) bool { return 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' }

// saidAt is when a row was said; zero if neither it nor its id tells.
func (s shape) saidAt(stated, id, network string) (t time.Time, reason string) {
	if stated != "" {
		t, ok := ParseTime(stated, s.zone, s.monthFirst)
		switch {
		case ok && t.After(s.now.Add(24*time.Hour)):
			return time.Time{}, InFuture
		case ok:
			return t, ""
		}
		reason = BadTime
	}
	if t, ok := snowflake(id, s.now); ok && (network == "x" || network == "file") {
		return t, reason
	}
	return time.Time{}, reason
}

// twitterEpoch is the moment, in Unix milliseconds, from which the ids of X
// count: the time of a post is (id >> 22) + twitterEpoch.
const twitterEpoch = 1288834974657

// snowflake reads the time in an id of X; ok is false if the id cannot be one.
func snowflake(id string, now time.Time) (t time.Time, ok bool) {
	n, err := strconv.ParseUint(id, 10, 63)
	if err != nil || len(id) < 15 {
		return time.Time{}, false
	}
	t = time.UnixMilli(int64(n>>22) + twitterEpoch).UTC()
	return t, t.Before(now)
}
