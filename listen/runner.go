package listen

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"lastword"
)

// Runner runs every channel that this process has the lease of. Several
// processes may each run one over the same store: a channel is run by one of
// them at a time, and moves on when its owner is lost.
type Runner struct {
	Store      Store
	Connectors []Connector
	Client     func(lastword.Channel) *http.Client
	Compile    func([]lastword.Query) (Matcher, error)
	Now        func() time.Time
	Log        *slog.Logger
	Owner      string // names this process among others

	// Dial is Host.Dial; nil where channels may reach nothing but HTTP.
	Dial Dial
	// Hook returns the address at which the place of a channel may push; nil or
	// empty where nobody outside reaches us.
	Hook func(channel int64) string
	// Files opens a local file for a channel; nil where none may be read.
	Files func(c lastword.Channel, name string) (io.ReadSeekCloser, error)
	// Jitter returns a number in [0, 1) that spreads retries; nil means chance.
	Jitter func() float64
	// Most channels at once; 0 means 1,000.
	Most int

	once   sync.Once
	bell   chan struct{}
	rings  atomic.Uint64 // how often Wake was called
	wanted *wanted
	names  *names
}

// ready makes what all channels share.
func (r *Runner) ready() {
	r.once.Do(func() { r.bell, r.wanted, r.names = make(chan struct{}, 1), newWanted(r), newNames() })
}

// A Matcher tells which queries want a post. Match appends their ids to into and
// may be called by many at a time.
type Matcher interface {
	Match(p *lastword.Post, into []int64) []int64
}

// A Searcher is a Matcher that can tell what a place's own search is to be asked
// for; see Host.Searches.
type Searcher interface{ Searches() []string }

const (
	lookEvery  = time.Second      // for channels that are due
	leaseFor   = 30 * time.Second // after which a lost owner's channels move on
	renewEvery = leaseFor / 3
)

// Wake says that channels or queries have changed: due channels are looked for,
// and queries read anew, now rather than within two seconds.
func (r *Runner) Wake() {
	r.rings.Add(1)
	select {
	case r.ringing() <- struct{}{}:
	default: // it will look anyway
	}
}

func (r *Runner) ringing() chan struct{} {
	r.ready()
	return r.bell
}

// Run runs channels until ctx ends. Then it takes no more leases, stops what
// runs, waits for it and gives all leases back. It returns nil.
func (r *Runner) Run(ctx context.Context) error {
	r.ready()
	s := &supervisor{Runner: r, running: map[int64]context.CancelCauseFunc{}}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		s.take(ctx)
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-r.ringing():
		}
	}
	s.group.Wait()
	return nil
}

func (r *Runner) jitter() float64 {
	if r.Jitter != nil {
		return r.Jitter()
	}
	return rand.Float64()
}

func (r *Runner) most() int {
	if r.Most > 0 {
		return r.Most
	}
	return 1000
}

// connector returns the one of that name, or nil.
func connector(all []Connector, name string) Connector {
	for _, c := range all {
		if c.Info().Name == name {
			return c
		}
	}
	return nil
}
