package represent

import "time"

// At is the moment at which clocks in a zone show a day and a time. A time that a
// change to summer time leaves out is moved on by what was left out, as RFC 5545,
// 3.3.5 has it; of a time that comes twice it is the first. So whatever is planned
// by the clock happens once.
func At(zone *time.Location, day time.Time, hour, minute int) time.Time {
	y, m, d := day.Date()
	wall := time.Date(y, m, d, hour, minute, 0, 0, time.UTC)
	_, before := wall.Add(-24 * time.Hour).In(zone).Zone()
	_, after := wall.Add(24 * time.Hour).In(zone).Zone()
	for _, offset := range []int{max(before, after), min(before, after)} { // the larger one is the earlier moment
		at := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if at.Hour() == wall.Hour() && at.Minute() == wall.Minute() && at.Day() == wall.Day() {
			return at
		}
	}
	return wall.Add(-time.Duration(before) * time.Second).In(zone)
}

// OnDay is another day at the same time by the clock in a zone.
func OnDay(zone *time.Location, t, day time.Time) time.Time {
	t = t.In(zone)
	return At(zone, day, t.Hour(), t.Minute())
}
