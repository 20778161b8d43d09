package model

import (
	"errors"
	"sync"
	"time"

	"lastword"
)

// A fuse leaves an endpoint alone that keeps failing (a circuit breaker; Nygard
// 2007): for longer each time, so that what waits behind it is not held up.
type fuse struct {
	mu     sync.Mutex
	digest string // of what it is for
	fails  int
	until  time.Time
}

const (
	blows   = 3 // failures in a row
	rest    = 30 * time.Second
	restMax = 10 * time.Minute
)

// fuse returns a company's fuse; another address or model gets a new one.
func (s *Step) fuse(m lastword.Model) *fuse {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fuses == nil {
		s.fuses = map[int64]*fuse{}
	}
	f := s.fuses[m.Company]
	if f == nil || f.digest != m.Digest() {
		f = &fuse{digest: m.Digest()}
		s.fuses[m.Company] = f
	}
	return f
}

func (f *fuse) closed(now time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Before(f.until) {
		return errBroken
	}
	return nil
}

// note remembers how a call went. After the rest a single failure is enough.
func (f *fuse) note(now time.Time, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		f.fails, f.until = 0, time.Time{}
		return
	}
	f.fails++
	if errors.Is(err, lastword.ErrDenied) {
		f.fails = max(f.fails, blows) // it will not change its mind
	}
	if over := f.fails - blows; over >= 0 {
		f.until = now.Add(min(rest<<min(over, 8), restMax))
	}
}
