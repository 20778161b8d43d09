package listen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"lastword"
)

// supervisor owns the goroutines of one Run: one for each channel, so that a
// slow one holds up no other, and each waits for what it started.
type supervisor struct {
	*Runner
	group sync.WaitGroup

	mu      sync.Mutex
	running map[int64]context.CancelCauseFunc // by channel
}

// take starts the channels that are due. What the store cannot tell now it is
// asked again at the next look.
func (s *supervisor) take(ctx context.Context) {
	s.mu.Lock()
	free := s.most() - len(s.running)
	s.mu.Unlock()
	if free <= 0 {
		return
	}
	now := s.Now()
	leased, err := s.Store.Lease(ctx, s.Owner, now, now.Add(leaseFor), free)
	if err != nil && ctx.Err() == nil {
		s.Log.ErrorContext(ctx, "channels cannot be leased", "err", err)
	}
	for _, l := range leased {
		s.start(ctx, l)
	}
}

// start runs a channel in a goroutine of its own. One that runs already, under
// a lease that was lost meanwhile (its settings were changed), is stopped, and
// the new lease given back for the next look.
func (s *supervisor) start(ctx context.Context, l Leased) {
	run, cancel := context.WithCancelCause(ctx)
	s.mu.Lock()
	former := s.running[l.ID]
	if former == nil {
		s.running[l.ID] = cancel
	}
	s.mu.Unlock()
	if former != nil {
		former(errLost)
		cancel(nil)
		if err := s.Store.Release(ctx, l, l.Health); err != nil {
			s.Log.WarnContext(ctx, "lease not given back", "channel", l.ID, "err", err)
		}
		return
	}
	s.group.Go(func() {
		defer s.leave(l.ID)
		s.run(run, cancel, l)
	})
}

func (s *supervisor) leave(channel int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, channel)
}

// run listens once: a poll, or a stream until it ends. Then it gives the lease
// back with the time of the next try.
func (s *supervisor) run(ctx context.Context, cancel context.CancelCauseFunc, l Leased) {
	h := newHearing(s.Runner, l)
	err := h.holding(ctx, cancel, h.listen)
	h.end(context.WithoutCancel(ctx), err, h.judge)
}

// holding does something while the lease is prolonged. It ends ctx, and waits
// for all that it started.
func (h *hearing) holding(ctx context.Context, cancel context.CancelCauseFunc, do func(context.Context) error) error {
	var renewal sync.WaitGroup
	renewal.Go(func() { h.renew(ctx, cancel) })
	err := do(ctx)
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errLost):
		err = errLost
	case cause != nil:
		err = errStopping
	}
	cancel(nil)
	renewal.Wait()
	return err
}

// listen opens the channel's source and hears it. A connector that panics on
// what a stranger sent fails like any other; the program goes on.
func (h *hearing) listen(ctx context.Context) (err error) {
	defer h.survive(ctx, &err)
	source, err := h.open()
	if err != nil {
		return err
	}
	if s, ok := source.(Streamer); ok {
		h.streams = true
		return s.Stream(ctx, h.leased.Cursor, h.hear)
	}
	return source.Poll(ctx, h.leased.Cursor, h.hear)
}

func (h *hearing) open() (Source, error) {
	source, err := open(h.Connectors, h.leased.Channel, h.host(), h.Hook)
	h.namer, _ = source.(Namer)
	return source, err
}

// survive is deferred: it makes an error of a panic.
func (h *hearing) survive(ctx context.Context, err *error) {
	if p := recover(); p != nil {
		h.log.ErrorContext(ctx, "connector panicked", "panic", p, "stack", string(debug.Stack()))
		*err = fmt.Errorf("listen: %s panicked", h.leased.Connector)
	}
}

// open opens a source with settings and secrets as one.
func open(all []Connector, c lastword.Channel, host Host, hook func(int64) string) (Source, error) {
	known := connector(all, c.Connector)
	if known == nil {
		return nil, &lastword.Mistake{Key: "why.unknown_connector", Args: map[string]any{"Name": c.Connector}}
	}
	settings := make(map[string]string, len(c.Settings)+len(c.Secrets))
	for _, some := range []map[string]string{c.Settings, c.Secrets} {
		for name, value := range some {
			settings[name] = value
		}
	}
	acct := Account{Channel: c.ID, Settings: settings}
	if hook != nil {
		acct.Hook = hook(c.ID)
	}
	return known.Open(acct, host)
}

func (h *hearing) host() Host {
	host := Host{
		HTTP: h.sunset.watching(h.Client(h.leased.Channel)), Dial: h.Dial, Log: h.log, Now: h.Now,
		Dropped: h.drops.add, Next: func(d time.Duration) { h.next.Store(int64(d)) },
		Keep: func(ctx context.Context, secrets map[string]string) error {
			return h.Store.KeepSecrets(ctx, h.leased.Company, h.leased.ID, secrets)
		},
		Kept: kept(h.Store, h.leased.Channel),
	}
	if c := connector(h.Connectors, h.leased.Connector); c != nil {
		network := c.Info().Network.Name
		host.Voices = func(ctx context.Context, after string, most int) ([]string, error) {
			return h.Store.VoiceKeys(ctx, h.leased.Company, network, after, most)
		}
		host.Authors = func(ctx context.Context, keys []string) ([]string, error) {
			return h.Store.VoiceAuthors(ctx, h.leased.Company, network, keys)
		}
	}
	if !h.leased.All {
		host.Searches = h.searches
	}
	if h.Files != nil {
		host.Files = func(name string) (io.ReadSeekCloser, error) { return h.Files(h.leased.Channel, name) }
	}
	return host
}

// searches is Host.Searches.
func (h *hearing) searches(ctx context.Context) ([]string, error) {
	m, err := h.wanted.of(ctx, h.leased.Company)
	if err != nil {
		return nil, err
	}
	if s, ok := m.(Searcher); ok {
		return s.Searches(), nil
	}
	return nil, nil
}

var (
	errLost     = errors.New("listen: the lease was lost") // another process has it
	errStopping = errors.New("listen: stopping")
)

// renew prolongs the lease and tells how the channel fares, until ctx ends. It
// cancels the run when the lease is lost, or may be: nothing that is heard after
// that would be kept.
func (h *hearing) renew(ctx context.Context, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	until := h.Now().Add(leaseFor)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		next := h.Now().Add(leaseFor)
		err := h.Store.Renew(ctx, h.leased, next)
		switch {
		case err == nil:
			until = next
			h.report(ctx)
		case errors.Is(err, lastword.ErrConflict), !h.Now().Before(until):
			cancel(errLost)
			return
		case ctx.Err() == nil:
			h.log.WarnContext(ctx, "lease not renewed", "err", err)
		}
	}
}
