//go:build !linux

package bench

import "time"

const matchClock = "wall seconds"

// threadTime is the time of day: this system has no clock for one thread.
func threadTime() time.Duration { return time.Duration(time.Now().UnixNano()) }

// processTime is not known here.
func processTime() time.Duration { return 0 }

// peakRSS is not known here.
func peakRSS() int64 { return 0 }
