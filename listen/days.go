package listen

import "time"

// days says of every hour of a past which day it belongs to, and which kind of
// day that is.
type days struct {
	of      []int  // hour → day, counted from the first
	clock   []int  // hour → hour of the day, 0 to 23
	weekday []int  // day → 0 (Sunday) to 6
	feast   []bool // day → people do as on a Sunday, or may
}

func daysOf(first int64, hours int, zone *time.Location) *days {
	d := &days{of: make([]int, hours), clock: make([]int, hours)}
	last := 0
	for i := range hours {
		at := time.Unix((first+int64(i))*3600, 0).In(zone)
		if len(d.weekday) == 0 || at.Day() != last {
			last = at.Day()
			d.weekday = append(d.weekday, int(at.Weekday()))
			d.feast = append(d.feast, isFeast(at))
		}
		d.of[i], d.clock[i] = len(d.weekday)-1, at.Hour()
	}
	return d
}

// sums are the voices of each day.
func (d *days) sums(voices []float64) []float64 {
	sums := make([]float64, len(d.weekday))
	for i, n := range voices {
		sums[d.of[i]] += n
	}
	return sums
}

// busy counts the days with a voice.
func (d *days) busy(voices []float64) (n int) {
	for _, sum := range d.sums(voices) {
		if sum > 0 {
			n++
		}
	}
	return n
}

// shares are the parts that weekdays and hours have of a channel's level.
type shares struct {
	level   float64        // voices an hour
	weekday [7]float64     // 1: as much as on an average day
	clock   [2][24]float64 // of a working day, of a weekend: 1: as in an average hour
}

// shares learns them. Where little is known they are drawn towards 1, and days
// that people may keep as a Sunday teach nothing of their weekday.
func (d *days) shares(known []float64) shares {
	var s shares
	var said, hours [7]float64
	var saidAt, hoursAt [2][24]float64
	for i, n := range known {
		day := d.of[i]
		if w := d.weekday[day]; !d.feast[day] {
			said[w], hours[w] = said[w]+n, hours[w]+1
			k := weekend(w)
			saidAt[k][d.clock[i]] += n
			hoursAt[k][d.clock[i]]++
		}
	}
	all, span := total(said[:]), total(hours[:])
	if span == 0 {
		return s
	}
	s.level = all / span
	for w := range said {
		s.weekday[w] = drawn(said[w], s.level*hours[w])
	}
	for k := range saidAt {
		mean := total(saidAt[k][:]) / max(1, total(hoursAt[k][:]))
		for h := range saidAt[k] {
			s.clock[k][h] = drawn(saidAt[k][h], mean*hoursAt[k][h])
		}
	}
	return s
}

func weekend(weekday int) int {
	if weekday == 0 || weekday == 6 {
		return 1
	}
	return 0
}

// drawn is got over want, drawn towards 1 where both are few.
func drawn(got, want float64) float64 { return (got + borrow/7) / (want + borrow/7) }

// spread says what is usual in each hour, of the whole past. On days that people
// may keep as a Sunday it is what a Sunday brings, where that is less.
func (s shares) spread(d *days) []float64 {
	usual := make([]float64, len(d.of))
	for i := range usual {
		day, h := d.of[i], d.clock[i]
		w := d.weekday[day]
		usual[i] = s.level * s.weekday[w] * s.clock[weekend(w)][h]
		if d.feast[day] {
			usual[i] = min(usual[i], s.level*s.weekday[0]*s.clock[1][h])
		}
	}
	return usual
}

// isFeast reports whether a day is a public holiday somewhere in Germany, Austria
// or German-speaking Switzerland, or lies between Christmas and New Year. A
// channel is expected to bring no more than on a Sunday then; that one which
// keeps talking all the same does no harm.
func isFeast(at time.Time) bool {
	switch month, day := at.Month(), at.Day(); month {
	case time.January:
		if day <= 2 || day == 6 {
			return true
		}
	case time.May:
		if day == 1 {
			return true
		}
	case time.August:
		if day == 1 || day == 15 {
			return true
		}
	case time.October:
		if day == 3 || day == 26 || day == 31 {
			return true
		}
	case time.November:
		if day == 1 {
			return true
		}
	case time.December:
		if day == 8 || day >= 24 {
			return true
		}
	}
	switch at.YearDay() - easter(at.Year()) {
	case -2, -1, 0, 1, 39, 40, 49, 50, 60: // Good Friday to Easter Monday; Ascension and the day after; Whitsun; Corpus Christi
		return true
	}
	return false
}

// easter returns the day of the year of Easter Sunday in the Gregorian calendar
// (the anonymous algorithm, Nature, 20 April 1876).
func easter(year int) int {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	month, day := (h+l-7*m+114)/31, (h+l-7*m+114)%31+1
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).YearDay()
}
