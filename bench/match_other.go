//go:build !linux

package bench

import "time"

const matchClock = "wall seconds"

// threadTime is the time of day: this system has no clock for one thread.
func threadTime() time.Duration { return time.Duration(time.Now().UnixNano()) }
