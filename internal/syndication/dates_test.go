package syndication_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"lastword/internal/syndication"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	want := time.Date(2025, 3, 5, 13, 4, 9, 0, time.UTC)
	minute := want.Truncate(time.Minute)
	midnight := want.Truncate(24 * time.Hour)
	for s, want := range map[string]time.Time{
		"2025-03-05T13:04:09Z":                   want,
		"2025-03-05T14:04:09+01:00":              want,
		"2025-03-05T14:04:09.000+0100":           want,
		"2025-03-05t13:04:09z":                   want,
		"2025-03-05T13:04:09":                    want,
		"2025-03-05 13:04:09":                    want,
		"2025-03-05 13:04:09 UTC":                want,
		"2025-03-05 at 13:04:09":                 want,
		"2025-03-05T13:04Z":                      minute,
		"2025-03-05T13:04:09-00:00:00":           want,
		"2025-03-05":                             midnight,
		"2025/03/05":                             midnight,
		"20250305":                               midnight,
		"1741179849":                             want,
		"Wed, 05 Mar 2025 13:04:09 GMT":          want,
		"Wed, 05 Mar 2025 14:04:09 +0100":        want,
		"Wed, 05 Mar 2025 14:04:09 +01:00":       want,
		"Wed, 5 March 2025 08:04:09 EST":         want,
		"Wed, 5 Mar 2025 13:04 UT":               minute,
		"Wednesday, 05-Mar-25 13:04:09 GMT":      want,
		"Wed Mar  5 13:04:09 UTC 2025":           want,
		"Wed Mar 05 2025 14:04:09 GMT+0100 (CET": want,
		"05 Mar 25 13:04 Z":                      minute,
		"March 5, 2025 1:04 PM":                  minute,
		"March 5th, 2025":                        {},
		"Mar 5, 2025, 1:04 p.m.":                 minute,
		"3/5/2025 1:04:09 PM":                    want,
		"Mi, 05 Mär 2025 14:04:09 +0100":         want,
		"Mittwoch, 5. März 2025 14:04:09 MEZ":    want,
		"Mittwoch, den 5. März 2025 um 13:04":    minute,
		"5.3.2025":                               midnight,
		"05.03.2025 13:04 Uhr":                   minute,
		"05.03.2025, 13:04:09":                   want,
		"05.03.25 13:04":                         minute,
		"5. Mrz. 2025":                           midnight,
		"05/03/2025":                             midnight,
		"05/03/2025 - 13:04":                     minute,
		"Do, 10. Okt 2024 12:00:00 MESZ":         time.Date(2024, 10, 10, 10, 0, 0, 0, time.UTC),
		"24. Dezember 2024":                      time.Date(2024, 12, 24, 0, 0, 0, 0, time.UTC),
		"1. Jänner 2025":                         time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC),
		"31 Mai 1999":                            time.Date(1999, 5, 31, 0, 0, 0, 0, time.UTC),
		"2025-02-30":                             {},
		"2025-13-05":                             {},
		"yesterday":                              {},
		"":                                       {},
		"-":                                      {},
		"0000-00-00 00:00:00":                    {},
		"Thu, 01 Jan 1970 00:00:00 GMT":          {},
		"12:30":                                  {},
	} {
		got, ok := syndication.ParseDate(s)
		if !got.Equal(want) && !(want.IsZero() && !ok) || ok == want.IsZero() {
			t.Errorf("ParseDate(%q) = %v, %v; want %v", s, got, ok, want)
		}
	}
}

// Whatever Go writes in the layouts of feeds is read back as the same moment.
func TestParseDateReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", 900*rapid.IntRange(-48, 56).Draw(t, "quarters"))
		in := time.Unix(rapid.Int64Range(200_000, 4e9).Draw(t, "at"), 0).In(zone)
		layout := rapid.SampledFrom([]string{
			time.RFC3339, time.RFC1123Z, time.RubyDate, "2 January 2006 15:04:05 -0700", "02.01.2006 15:04:05 -0700",
			"2006-01-02 15:04:05-07:00", "Mon, January 2 2006 15:04:05 -0700", "2006-01-02T15:04:05.000-0700",
		}).Draw(t, "layout")
		s := in.Format(layout)
		if got, ok := syndication.ParseDate(s); !ok || !got.Equal(in) {
			t.Fatalf("ParseDate(%q) = %v, %v", s, got, ok)
		}
	})
}
