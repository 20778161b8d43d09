package listen_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lastword"
	"lastword/listen"
)

// spoken draws a channel's past: so many voices a working day, from eight to
// twenty, a fifth of that at weekends and on feast days, until the given time.
func spoken(perDay float64, from, until time.Time, seed uint64) lastword.Rhythm {
	rng := rand.New(rand.NewPCG(seed, 3))
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	r := lastword.Rhythm{Zone: "Europe/Berlin"}
	for at := from.Truncate(time.Hour); at.Before(until); at = at.Add(time.Hour) {
		local := at.In(berlin)
		share := 0.0
		if h := local.Hour(); h >= 8 && h < 20 {
			share = 1.0 / 12
		}
		if d := local.Weekday(); d == time.Saturday || d == time.Sunday || local.Month() == time.December && local.Day() >= 24 {
			share /= 5
		}
		n := 0
		for range 20 {
			if rng.Float64() < perDay*share/20 {
				n++
			}
		}
		if n > 0 {
			r.Hours = append(r.Hours, lastword.Hour{At: at.Unix() / 3600, Voices: n})
		}
	}
	return r
}

// alarms counts how often a channel is said to fall silent between two times.
func alarms(r lastword.Rhythm, from, until time.Time) (n int) {
	was := false
	for at := from; at.Before(until); at = at.Add(time.Hour) {
		is := !listen.Silence(r, at, was).Since.IsZero()
		if is && !was {
			n++
		}
		was = is
	}
	return n
}

var monday = time.Date(2026, 9, 7, 6, 0, 0, 0, time.UTC)

// Sundays, nights, German Unity Day, All Saints and Christmas are no silence.
func TestNoWolfOnSundays(t *testing.T) {
	t.Parallel()
	for _, perDay := range []float64{1, 8, 60} {
		begin, end := monday.AddDate(0, 0, -70), time.Date(2027, 1, 4, 0, 0, 0, 0, time.UTC)
		r := spoken(perDay, begin, end, 1)
		if n := alarms(r, monday.AddDate(0, 0, -40), end); n > 0 {
			t.Errorf("%g a day: %d alarms though nothing fell silent", perDay, n)
		}
	}
}

// A channel that falls silent says so, and by how much, and it ends by itself.
func TestSilenceIsAnAlarm(t *testing.T) {
	t.Parallel()
	r := spoken(20, monday.AddDate(0, 0, -90), monday, 2)
	at := monday
	var q lastword.Quiet
	for ; q.Since.IsZero(); at = at.Add(time.Hour) {
		if at.Sub(monday) > 4*24*time.Hour {
			t.Fatal("four days of silence, and no alarm")
		}
		q = listen.Silence(r, at, false)
	}
	if at.Sub(monday) < 6*time.Hour {
		t.Errorf("an alarm after %v", at.Sub(monday))
	}
	if q.Brought != 0 || q.Usual < 8 || q.Since.After(monday) || monday.Sub(q.Since) > 72*time.Hour {
		t.Errorf("said: %+v", q)
	}
	// It stands through the night, and while nothing comes.
	if listen.Silence(r, at.Add(30*time.Hour), true).Since.IsZero() {
		t.Error("the alarm ended while nothing came")
	}
	back := at.Add(48 * time.Hour).Truncate(24 * time.Hour)
	more := spoken(20, back, back.AddDate(0, 0, 10), 4)
	r.Hours = append(r.Hours, more.Hours...)
	ended := back
	for was := true; was; ended = ended.Add(time.Hour) {
		was = !listen.Silence(r, ended, true).Since.IsZero()
	}
	if ended.Sub(back) > 4*24*time.Hour {
		t.Errorf("the alarm ended after %v of voices", ended.Sub(back))
	}
}

// What is heard late, and what was not listened to, is no silence.
func TestWhatIsHeardLateIsNoSilence(t *testing.T) {
	t.Parallel()
	r := spoken(60, monday.AddDate(0, 0, -90), monday, 5)
	late := monday.Add(30 * time.Hour)
	if listen.Silence(r, late, false).Since.IsZero() {
		t.Fatal("thirty hours of silence, and no alarm")
	}
	lagging, begun := r, r
	lagging.Lag = 30 * time.Hour
	if q := listen.Silence(lagging, late, false); !q.Since.IsZero() {
		t.Errorf("a place that tells things a day later: %+v", q)
	}
	begun.From = late.Add(-5 * time.Hour)
	if q := listen.Silence(begun, late, false); !q.Since.IsZero() {
		t.Errorf("a channel that was off until now: %+v", q)
	}
}

// Too little is known of a channel that is new, or hardly ever says anything.
func TestTooLittleIsKnown(t *testing.T) {
	t.Parallel()
	young := spoken(200, monday.AddDate(0, 0, -14), monday, 6)
	for name, r := range map[string]lastword.Rhythm{"nothing": {}, "young": young, "rare": spoken(0.05, monday.AddDate(0, 0, -180), monday, 7)} {
		if q := listen.Silence(r, monday.AddDate(0, 0, 3), false); !q.Since.IsZero() {
			t.Errorf("%s: %+v", name, q)
		}
	}
}

// Whatever the past, judging it fails nowhere and makes no sense of nonsense.
func TestAnyPastIsJudged(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := lastword.Rhythm{Zone: rapid.SampledFrom([]string{"Europe/Berlin", "Nowhere/At_all", ""}).Draw(t, "zone")}
		at := monday.Unix()/3600 - 24*200
		for range rapid.IntRange(0, 300).Draw(t, "hours") {
			at += int64(rapid.IntRange(1, 60).Draw(t, "step"))
			r.Hours = append(r.Hours, lastword.Hour{At: at, Voices: rapid.IntRange(-1, 5000).Draw(t, "voices")})
		}
		q := listen.Silence(r, monday, rapid.Bool().Draw(t, "was"))
		if q.Since.IsZero() {
			return
		}
		if q.Since.After(monday) || q.Usual < 1 || q.Brought < 0 || float64(q.Brought) > q.Usual {
			t.Fatalf("%+v", q)
		}
	})
}
