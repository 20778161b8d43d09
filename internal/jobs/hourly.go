package jobs

import (
	"time"

	"github.com/riverqueue/river"

	"lastword"
)

// hourly is a schedule: at each half hour, when the hour is one and the same in every
// time zone that is off by whole or by half hours.
type hourly struct{}

// Next is the coming half past.
func (hourly) Next(now time.Time) time.Time {
	half := now.Truncate(time.Hour).Add(30 * time.Minute)
	if !half.After(now) {
		half = half.Add(time.Hour)
	}
	return half
}

// atNight is the job that looks for which companies it is night. One that nobody did
// within the hour is not caught up with: the next one looks again.
func atNight() (river.JobArgs, *river.InsertOpts) {
	return args{Job: lastword.Job{Kind: lastword.Night}}, &river.InsertOpts{Queue: string(lastword.Night), MaxAttempts: 3}
}
