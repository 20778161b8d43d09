package bench

import (
	"syscall"
	"time"
)

const matchClock = "CPU seconds of one thread"

// rusageThread asks for the calling thread alone (getrusage(2)).
const rusageThread = 1

// threadTime is the CPU time of the calling thread, so that what else the
// machine does is not tallied.
func threadTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(rusageThread, &u); err != nil {
		return time.Duration(time.Now().UnixNano())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
