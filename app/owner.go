package app

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// started is when this process began, to tell it from an earlier one with the
// same number, as in a container.
var started = time.Now().UnixNano()

// owner names this process among others that share a store.
func owner() string {
	return fmt.Sprintf("%s/%d/%d", host(), os.Getpid(), time.Now().UnixNano())
}

func host() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return name
}

// gone reports whether an owner was a process of this machine that has ended.
func gone(owner string) bool {
	rest, here := strings.CutPrefix(owner, host()+"/")
	number, moment, ok := strings.Cut(rest, "/")
	pid, err := strconv.Atoi(number)
	if !here || !ok || err != nil || pid <= 0 {
		return false
	}
	if pid == os.Getpid() {
		at, err := strconv.ParseInt(moment, 10, 64)
		return err == nil && at < started
	}
	return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
