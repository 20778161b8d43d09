package represent_test

import (
	"testing"
	"time"

	"lastword/represent"
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// In the night to 28 March 2027 the clocks of Berlin go from 2 to 3; in that to 31
// October 2027 from 3 back to 2.
func TestTheTwoNights(t *testing.T) {
	t.Parallel()
	zone := berlin(t)
	spring, autumn := time.Date(2027, 3, 28, 0, 0, 0, 0, time.UTC), time.Date(2027, 10, 31, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		day          time.Time
		hour, minute int
		want         string // in UTC
	}{
		{spring, 1, 59, "2027-03-28T00:59"},
		{spring, 2, 0, "2027-03-28T01:00"}, // is left out: 3:00 by the clock
		{spring, 2, 30, "2027-03-28T01:30"},
		{spring, 3, 0, "2027-03-28T01:00"},
		{spring, 9, 0, "2027-03-28T07:00"},
		{spring.AddDate(0, 0, -1), 9, 0, "2027-03-27T08:00"},
		{autumn, 1, 59, "2027-10-30T23:59"},
		{autumn, 2, 30, "2027-10-31T00:30"}, // comes twice: the first
		{autumn, 3, 0, "2027-10-31T02:00"},
		{autumn, 9, 0, "2027-10-31T08:00"},
		{autumn.AddDate(0, 0, -1), 9, 0, "2027-10-30T07:00"},
	} {
		got := represent.At(zone, tt.day, tt.hour, tt.minute)
		if at := got.UTC().Format("2006-01-02T15:04"); at != tt.want {
			t.Errorf("%s %d:%02d is %s, want %s", tt.day.Format(time.DateOnly), tt.hour, tt.minute, at, tt.want)
		}
	}
}

// Over every quarter of an hour of both nights: later by the clock is never earlier,
// and moved to the next day and back it is the same time by the clock.
func TestNightsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	zone := berlin(t)
	for _, day := range []time.Time{time.Date(2027, 3, 28, 0, 0, 0, 0, time.UTC), time.Date(2027, 10, 31, 0, 0, 0, 0, time.UTC)} {
		last := represent.At(zone, day.AddDate(0, 0, -1), 23, 45)
		for quarter := range 24 * 4 {
			got := represent.At(zone, day, quarter/4, quarter%4*15)
			gap := got.Hour() != quarter/4
			if got.Before(last) && !(day.Month() == time.March && quarter/4 == 3) { // 3:00 is where 2:00 was moved to
				t.Errorf("%v comes before %v", got, last)
			}
			next := represent.OnDay(zone, got, day.AddDate(0, 0, 1))
			if back := represent.OnDay(zone, next, day); !back.Equal(got) {
				t.Errorf("%v, a day on and back, is %v", got, back)
			}
			if gap && day.Month() == time.October {
				t.Errorf("%v: no time is left out in autumn", got)
			}
			last = got
		}
	}
}
