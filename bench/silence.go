package bench

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
)

// SilenceOptions say what Silence measures.
type SilenceOptions struct {
	Data string // folder of the shared data
	Cuts int    // how often each stream is made to fall silent
	Seed uint64 // of the cuts and of the streams that are drawn
}

// A SilenceReport says how often a channel is said to be silent that is not, and
// how soon one that is.
type SilenceReport struct {
	Rows []SilenceRow `json:"rows"`
}

// A SilenceRow is one stream, judged at every full hour.
type SilenceRow struct {
	Stream   string  `json:"stream"`
	Real     bool    `json:"real"` // as it was said; else drawn
	Voices   int     `json:"voices"`
	PerDay   float64 `json:"per_day"`
	Months   float64 `json:"months"`    // in which enough was known to judge
	Alarms   int     `json:"alarms"`    // while nothing was cut
	PerMonth float64 `json:"per_month"` // alarms a month
	// Hours from a cut to the alarm; -1 where most cuts were not seen within eight weeks.
	SilentP50  float64 `json:"silent_p50_h"`
	SilentP90  float64 `json:"silent_p90_h"`
	TricklesP5 float64 `json:"trickle_p50_h"` // one voice in ten still comes
	Missed     float64 `json:"missed_p50"`    // voices that had come by then, had nothing been cut
	EndsP50    float64 `json:"ends_p50_h"`    // from the end of a silence to the end of its alarm
	JudgedUS   float64 `json:"judged_us"`     // microseconds for one judgement, on average
}

// String returns the report as a table.
func (r SilenceReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-34s %7s %7s %7s %7s %8s %10s %10s %10s %8s %8s\n", "stream", "voices", "a day", "months", "alarms",
		"a month", "silent p50", "p90", "1/10 p50", "missed", "ends p50")
	for _, x := range r.Rows {
		fmt.Fprintf(&b, "%-34s %7d %7.1f %7.1f %7d %8.3f %9.0fh %9.0fh %9.0fh %8.0f %7.0fh\n", x.Stream, x.Voices, x.PerDay,
			x.Months, x.Alarms, x.PerMonth, x.SilentP50, x.SilentP90, x.TricklesP5, x.Missed, x.EndsP50)
	}
	return strings.TrimRight(b.String(), "\n")
}

// Silence replays streams hour by hour.
func Silence(ctx context.Context, o SilenceOptions) (SilenceReport, error) {
	var r SilenceReport
	all, err := silenceStreams(o)
	if err != nil {
		return r, err
	}
	for _, s := range all {
		row, err := s.measure(ctx, o)
		if err != nil {
			return r, err
		}
		r.Rows = append(r.Rows, row)
	}
	return r, nil
}

// A said is voices by the hour in which they were said.
type said struct {
	name  string
	real  bool
	hours []lastword.Hour
}

const silenceZone = "Europe/Berlin"

// between returns what was said in hours from to until.
func (s said) between(from, until int64) []lastword.Hour {
	i, _ := slices.BinarySearchFunc(s.hours, from, func(h lastword.Hour, at int64) int { return int(h.At - at) })
	j, _ := slices.BinarySearchFunc(s.hours, until, func(h lastword.Hour, at int64) int { return int(h.At - at) })
	return s.hours[i:j]
}

func (s said) voices() (n int) {
	for _, h := range s.hours {
		n += h.Voices
	}
	return n
}

const backHours = int64(listen.RhythmBack / time.Hour)

// silentAt judges a stream at a full hour.
func (s said) silentAt(hour int64, was bool) bool {
	r := lastword.Rhythm{Zone: silenceZone, Hours: s.between(hour-backHours, hour)}
	return !listen.Silence(r, time.Unix(hour*3600, 0), was).Since.IsZero()
}

// learning is how long nothing is judged: the first three weeks.
const learning = 3 * 7 * 24

func (s said) measure(ctx context.Context, o SilenceOptions) (SilenceRow, error) {
	row := SilenceRow{Stream: s.name, Real: s.real, Voices: s.voices(), SilentP50: -1, SilentP90: -1, TricklesP5: -1, Missed: -1, EndsP50: -1}
	if len(s.hours) == 0 {
		return row, nil
	}
	first, last := s.hours[0].At, s.hours[len(s.hours)-1].At
	row.PerDay = float64(row.Voices) / (float64(last-first+1) / 24)
	began, was := time.Now(), false
	for hour := first + learning; hour <= last; hour++ {
		if err := ctx.Err(); err != nil {
			return row, err
		}
		is := s.silentAt(hour, was)
		if is && !was {
			row.Alarms++
		}
		was = is
	}
	judged := max(0, last-first-learning+1)
	if judged == 0 {
		return row, nil
	}
	row.JudgedUS = float64(time.Since(began).Microseconds()) / float64(judged)
	row.Months = float64(judged) / (24 * 365.25 / 12)
	row.PerMonth = float64(row.Alarms) / row.Months
	s.cuts(&row, first, last, o)
	return row, nil
}

// cutMost is how long a cut is waited for.
const cutMost = 8 * 7 * 24

// cuts lets the stream fall silent at moments spread over it, wholly and but for
// one voice in ten, and lets it come back after a week.
func (s said) cuts(row *SilenceRow, first, last int64, o SilenceOptions) {
	rng := rand.New(rand.NewPCG(o.Seed, 7))
	from, room := first+8*7*24, last-cutMost-(first+8*7*24)
	if room <= 0 || o.Cuts <= 0 {
		return
	}
	var silent, trickle, missed, ends []float64
	for range o.Cuts {
		at := from + rng.Int64N(room)
		if s.silentAt(at, false) {
			continue
		}
		n := s.cut(at, cutMost, func() bool { return false }).until(at)
		silent = append(silent, float64(n))
		lost := 0
		for _, h := range s.between(at, at+n) {
			lost += h.Voices
		}
		missed = append(missed, float64(lost))
		trickle = append(trickle, float64(s.cut(at, cutMost, func() bool { return rng.IntN(10) == 0 }).until(at)))
		if n < cutMost {
			ends = append(ends, float64(s.cut(at, n+1, func() bool { return false }).ends(at+n+1)))
		}
	}
	row.SilentP50, row.SilentP90 = seen(silent, 0.5), seen(silent, 0.9)
	row.TricklesP5, row.Missed, row.EndsP50 = seen(trickle, 0.5), quantile(missed, 0.5), seen(ends, 0.5)
}

// seen is a quantile of hours, or -1 where it was not seen in time.
func seen(hours []float64, q float64) float64 {
	if n := quantile(hours, q); n < cutMost {
		return n
	}
	return -1
}

func quantile(xs []float64, q float64) float64 {
	if len(xs) == 0 {
		return -1
	}
	xs = slices.Sorted(slices.Values(xs))
	return xs[min(len(xs)-1, int(q*float64(len(xs))))]
}

// cut leaves out the voices of so many hours, but for those that stay.
func (s said) cut(at, hours int64, stays func() bool) said {
	c := said{name: s.name}
	for _, h := range s.hours {
		if h.At >= at && h.At < at+hours {
			left := 0
			for range h.Voices {
				if stays() {
					left++
				}
			}
			h.Voices = left
		}
		if h.Voices > 0 {
			c.hours = append(c.hours, h)
		}
	}
	return c
}

// until counts the hours from a cut to the alarm.
func (s said) until(at int64) int64 {
	for n := int64(1); n < cutMost; n++ {
		if s.silentAt(at+n, false) {
			return n
		}
	}
	return cutMost
}

// ends counts the hours from the end of a silence to that of its alarm.
func (s said) ends(at int64) int64 {
	for n := int64(0); n < cutMost; n++ {
		if !s.silentAt(at+n, true) {
			return n
		}
	}
	return cutMost
}

// drawnStream draws a stream with so many voices a day: busy by day, half as busy
// at weekends and on holidays, on days that swing by a third.
func drawnStream(perDay float64, weeks int, seed uint64) said {
	rng := rand.New(rand.NewPCG(seed, uint64(perDay*1000)))
	zone, err := time.LoadLocation(silenceZone)
	if err != nil {
		zone = time.UTC
	}
	s := said{name: fmt.Sprintf("drawn, %g a day", perDay)}
	start := time.Date(2024, 1, 8, 0, 0, 0, 0, zone)
	for day := range weeks * 7 {
		mood := math.Exp(0.33*rng.NormFloat64() - 0.33*0.33/2)
		for clock := range 24 {
			at := time.Date(start.Year(), start.Month(), start.Day()+day, clock, 0, 0, 0, zone)
			share := max(0.02, math.Sin(math.Pi*float64(clock-5)/19)) / 12
			if w := at.Weekday(); w == time.Saturday || w == time.Sunday || at.Month() == time.December && at.Day() >= 24 {
				share /= 2
			}
			if n := poisson(rng, perDay*mood*share*7/6); n > 0 {
				s.hours = append(s.hours, lastword.Hour{At: at.Unix() / 3600, Voices: n})
			}
		}
	}
	return s
}

// poisson draws by multiplication (Knuth, TAOCP 2, 3.4.1).
func poisson(rng *rand.Rand, mean float64) int {
	n := 0
	for mean > 30 { // the sum of two is one
		n += poisson(rng, 30)
		mean -= 30
	}
	for p := rng.Float64(); p > math.Exp(-mean); p *= rng.Float64() {
		n++
	}
	return n
}
