package listen

import (
	"math"
	"slices"
	"time"

	"lastword"
)

// Silence is an alarm: a channel that brings less than its own past predicts
// says so. What is usual at an hour is the channel's level, times what its
// weekday, times what the hour of such a day has of it. How much that swings is
// measured too, over stretches as long as the one in question, so that a place
// where people talk by fits and starts needs a longer silence than one with an
// even stream. The count in a stretch is then taken for negative binomial
// (Poisson's, with a level that swings), and the alarm is a stretch in which so
// few would come by chance three times in a hundred thousand.

const (
	// RhythmBack is how much of the past is looked at.
	RhythmBack = 26 * 7 * 24 * time.Hour

	leastUsual = 4.0  // voices usual in a stretch that is judged
	leastPast  = 20   // voices before it
	leastDays  = 10   // days with a voice before it
	leastWeeks = 3    // weeks before it
	recent     = 28   // days over which a falling level is followed
	swingUsual = 0.25 // variance of the level, relative, that is taken for granted
	swingTrust = 3.0  // and how many stretches that is worth
	borrow     = 30.0 // voices of which a weekday's or an hour's own share begins to count
)

// A bar is what a stretch must be below.
type bar struct {
	rareness float64 // the probability of as few by chance
	part     float64 // of what is usual, at most
	fresh    float64 // voices usual in the latest stretch, which must be as poor
}

// An alarm that stands is not ended by chance either, but by a few voices.
var (
	begins = bar{rareness: 3e-5, part: 0.3, fresh: 6}
	stands = bar{rareness: 3e-3, part: 0.5, fresh: 3}
)

// stretches are how long the silences are that are looked for, in hours.
var stretches = [...]int{6, 12, 24, 48, 4 * 24, 7 * 24, 14 * 24, 28 * 24, 56 * 24}

// Silence judges the time until now, in which the channel has been heard; was says
// that it was silent when it was last judged. The zero Quiet means that all is as
// usual, or that too little is known.
func Silence(r lastword.Rhythm, now time.Time, was bool) lastword.Quiet {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		zone = time.UTC
	}
	now = now.Add(-r.Lag)
	p := newPast(r.Hours, now, zone)
	b := begins
	if was {
		b = stands
	}
	if p == nil || !p.poor(p.fresh(b.fresh), b.part) {
		return lastword.Quiet{}
	}
	heard := now.Sub(r.From)
	for _, n := range stretches {
		if time.Duration(n)*time.Hour > heard || n > len(p.voices)-leastWeeks*7*24 {
			break
		}
		if q, silent := p.judge(n, b); silent {
			return q
		}
	}
	return lastword.Quiet{}
}

// A past is the hours that are looked at, the last one ending now.
type past struct {
	first  int64 // hours since 1970
	voices []float64
	days   *days
	usual  []float64 // of each hour, by the whole past
}

// newPast returns nil where too little is known of a channel.
func newPast(hours []lastword.Hour, now time.Time, zone *time.Location) *past {
	end := now.Unix() / 3600
	begin := end - int64(RhythmBack/time.Hour)
	hours = slices.DeleteFunc(slices.Clone(hours), func(h lastword.Hour) bool { return h.At < begin || h.At >= end || h.Voices <= 0 })
	if len(hours) == 0 || end-hours[0].At < (leastWeeks*7)*24 {
		return nil
	}
	p := &past{first: hours[0].At, voices: make([]float64, end-hours[0].At)}
	for _, h := range hours {
		p.voices[h.At-p.first] += float64(h.Voices)
	}
	p.days = daysOf(p.first, len(p.voices), zone)
	if !p.tame() {
		return nil
	}
	p.usual = p.days.shares(p.voices).spread(p.days)
	return p
}

// tame bounds the days on which far more came than usual: one storm must not make
// all that follows look poor. It reports whether enough is known.
func (p *past) tame() bool {
	sums := p.days.sums(p.voices)
	busy := slices.DeleteFunc(slices.Clone(sums), func(n float64) bool { return n == 0 })
	total := 0.0
	for _, n := range busy {
		total += n
	}
	if len(busy) < leastDays || total < leastPast {
		return false
	}
	slices.Sort(busy)
	most := 3 * max(1, busy[len(busy)/2])
	for i, d := range p.days.of {
		if sums[d] > most {
			p.voices[i] *= most / sums[d]
		}
	}
	return true
}

// fresh is the shortest stretch until now in which so many are usual.
func (p *past) fresh(enough float64) (hours int) {
	sum := 0.0
	for i := len(p.usual) - 1; i >= 0 && sum < enough; i-- {
		sum += p.usual[i]
		hours++
	}
	return hours
}

// poor reports whether the last hours brought at most a part of what is usual.
func (p *past) poor(hours int, part float64) bool {
	from := len(p.voices) - hours
	return total(p.voices[from:]) <= part*total(p.usual[from:])
}

func total(xs []float64) (sum float64) {
	for _, x := range xs {
		sum += x
	}
	return sum
}

// judge asks of the last hours whether they are too poor, by what was before
// them alone.
func (p *past) judge(hours int, b bar) (lastword.Quiet, bool) {
	before := len(p.voices) - hours
	came := total(p.voices[before:])
	if came > b.part*total(p.usual[before:]) {
		return lastword.Quiet{}, false // the past would have to be much poorer than the whole
	}
	known := p.voices[:before]
	if total(known) < leastPast || p.days.busy(known) < leastDays {
		return lastword.Quiet{}, false
	}
	usual := p.days.shares(known).spread(p.days)
	expected := total(usual[before:]) * p.falling(known, usual)
	if expected < leastUsual || came > b.part*expected {
		return lastword.Quiet{}, false
	}
	if tail(int(came), expected, p.swing(known, usual, hours)) >= b.rareness {
		return lastword.Quiet{}, false
	}
	return p.since(before, usual), true
}

// falling is what the last weeks before a stretch bring of what was usual, at
// most all: a channel that dies away slowly is no alarm.
func (p *past) falling(known, usual []float64) float64 {
	from := max(0, len(known)-recent*24)
	want := total(usual[from:len(known)])
	if want <= 0 {
		return 1
	}
	return min(1, (total(known[from:])+1)/(want+1))
}

// swing is the variance of the level over stretches of so many hours, relative to
// its square: by moments, from what fell below the level. What rises above it
// makes no silence.
func (p *past) swing(known, usual []float64, hours int) float64 {
	excess, square, n := 0.0, 0.0, 0.0
	for end := len(known); end >= hours; end -= max(hours, 24) {
		want, got := total(usual[end-hours:end]), total(known[end-hours:end])
		if want < 0.5 {
			continue
		}
		n++
		square += want * want
		if got < want {
			excess += 2*(want-got)*(want-got) - want
		}
	}
	trust := swingTrust
	if n > 0 {
		trust *= square / n
	} else {
		square, trust = 0, 1
	}
	return max(0, (excess+trust*swingUsual)/(square+trust))
}

// since says where the silence begins: after the last stretch that brought
// something as usual.
func (p *past) since(before int, usual []float64) lastword.Quiet {
	begin, want, got := before, total(usual[before:]), total(p.voices[before:])
	if got == 0 { // silent since the last voice
		for begin > 0 && p.voices[begin-1] == 0 {
			begin--
			want += usual[begin]
		}
	}
	return lastword.Quiet{
		Since: time.Unix((p.first+int64(begin))*3600, 0).UTC(), Usual: want, Brought: int(math.Round(got)),
	}
}

// tail is the probability of at most n where mean are usual and the level swings:
// P(N ≤ n) of the negative binomial distribution with this mean and the size
// 1/swing; Poisson's where it does not swing.
func tail(n int, mean, swing float64) float64 {
	if swing < 1e-6 {
		swing = 1e-6
	}
	size := 1 / swing
	// P(0) = (size/(size+mean))^size; P(k) = P(k-1)·(k-1+size)/k·mean/(size+mean)
	p := math.Exp(size * (math.Log(size) - math.Log(size+mean)))
	sum := p
	for k := 1; k <= n; k++ {
		p *= (float64(k) - 1 + size) / float64(k) * mean / (size + mean)
		sum += p
	}
	return min(1, sum)
}
