package httpx

import (
	"context"
	"sync"
	"time"
)

// hosts keeps each host's turn: how many requests are under way, when the next
// may start, and until when the host asked to be left alone. A host that is
// idle and asked for nothing is forgotten.
type hosts struct {
	per  int
	pace time.Duration

	mu sync.Mutex
	at map[string]*host
}

type host struct {
	slots chan struct{}
	users int       // requests that wait or run
	next  time.Time // earliest start of the next request
	quiet time.Time // end of Retry-After
}

func newHosts(per int, pace time.Duration) *hosts {
	return &hosts{per: per, pace: pace, at: map[string]*host{}}
}

// enter waits for the turn at name and returns what must be called once when
// the request is over. While the host asked to be left alone it fails at once
// with a *WaitError.
func (hs *hosts) enter(ctx context.Context, name string) (leave func(), err error) {
	h, err := hs.join(name)
	if err != nil {
		return nil, err
	}
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		hs.part(name, h)
		return nil, ctx.Err()
	}
	leave = sync.OnceFunc(func() { <-h.slots; hs.part(name, h) })
	if err := hs.start(ctx, name, h); err != nil {
		leave()
		return nil, err
	}
	return leave, nil
}

func (hs *hosts) join(name string) (*host, error) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	h := hs.at[name]
	if h == nil {
		hs.sweep()
		h = &host{slots: make(chan struct{}, hs.per)}
		hs.at[name] = h
	}
	if wait := time.Until(h.quiet); wait > 0 {
		return nil, &WaitError{Host: name, Wait: wait}
	}
	h.users++
	return h, nil
}

// start takes the next free moment and waits for it. What queued behind a
// request that brought a Retry-After is turned away here.
func (hs *hosts) start(ctx context.Context, name string, h *host) error {
	hs.mu.Lock()
	now := time.Now()
	wait := max(h.next.Sub(now), 0)
	h.next = now.Add(wait + hs.pace)
	hs.mu.Unlock()
	if err := pause(ctx, wait); err != nil {
		return err
	}
	hs.mu.Lock()
	defer hs.mu.Unlock()
	if left := time.Until(h.quiet); left > 0 {
		return &WaitError{Host: name, Wait: left}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (hs *hosts) part(name string, h *host) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	h.users--
	hs.forget(name, h, time.Now())
}

// quiet remembers that the host asked to be left alone for d.
func (hs *hosts) quiet(name string, d time.Duration) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	h := hs.at[name]
	if h == nil {
		h = &host{slots: make(chan struct{}, hs.per)}
		hs.at[name] = h
	}
	if until := time.Now().Add(d); until.After(h.quiet) {
		h.quiet = until
	}
}

// sweep forgets hosts whose wait ran out while nobody asked. It walks the map
// only when it has grown, so that a million hosts cost no more than a few each.
func (hs *hosts) sweep() {
	if len(hs.at) < 64 || len(hs.at)&(len(hs.at)-1) != 0 {
		return
	}
	now := time.Now()
	for name, h := range hs.at {
		hs.forget(name, h, now)
	}
}

func (hs *hosts) forget(name string, h *host, now time.Time) {
	if h.users == 0 && now.After(h.next) && now.After(h.quiet) && hs.at[name] == h {
		delete(hs.at, name)
	}
}
