package lastword

import "time"

// A Rhythm is how many voices a channel has brought, by the hour in which they
// were said.
type Rhythm struct {
	Zone  string        // IANA time zone of the company, whose Sundays count
	Lag   time.Duration // how late things are heard after they were said
	From  time.Time     // since when the channel has been heard without a break
	Hours []Hour        // rising; hours without a voice are left out
}

// An Hour is one hour of a Rhythm.
type Hour struct {
	At     int64 // hours since 1970 in UTC
	Voices int
}

// Quiet is by how much a channel brings less than its rhythm predicts.
type Quiet struct {
	Since   time.Time // what was said before came as usual; zero: the channel is as it always was
	Usual   float64   // voices that are usual in the time since
	Brought int       // voices that came
}
