package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"lastword"
	"lastword/internal/jobs"
)

// A digestion does the steps that are left after an import, and notices when
// they get no further: the queue by itself tries for days.
type digestion struct {
	*App
	open  int // steps that were left at the last look
	all   int // the most that were left
	still int // looks at which nothing had changed

	mu     sync.Mutex
	doing  int
	failed error // of the last step that was tried; nil if it was done
}

const (
	lookAfter   = time.Second / 5
	mostPuzzled = 25  // looks: a store that refuses what is written is given up
	mostStill   = 300 // looks: anything else is
)

// digest understands and gathers what was heard, where no server runs that
// would do it.
func (a *App) digest(ctx context.Context, o ImportOptions) error {
	open, err := a.DB.OpenJobs(ctx)
	if err != nil || open == 0 {
		return err
	}
	d := &digestion{App: a, open: open, all: open}
	working, stop := context.WithCancel(ctx)
	defer stop()
	worked := make(chan error, 1)
	go func() { worked <- a.DB.Queue().Run(working, d.watched(a.quiet()), grace) }()
	tick := time.NewTicker(lookAfter)
	defer tick.Stop()
	for d.open > 0 {
		select {
		case err := <-worked:
			return err
		case <-tick.C:
		}
		if err := d.look(ctx); err != nil {
			stop()
			return errors.Join(err, <-worked)
		}
		fmt.Fprintf(o.Err, "\rUnderstanding what was said: %d of %d steps left   ", d.open, d.all)
	}
	stop()
	fmt.Fprintln(o.Err)
	return <-worked
}

// watched are the same handlers, and what becomes of each step is seen.
func (d *digestion) watched(handlers map[lastword.JobKind]jobs.Handler) map[lastword.JobKind]jobs.Handler {
	for kind, do := range handlers {
		handlers[kind] = func(ctx context.Context, j lastword.Job) error {
			d.step(1, nil)
			err := do(ctx, j)
			d.step(-1, err)
			return err
		}
	}
	return handlers
}

// step notes that a step begins, or how it ended.
func (d *digestion) step(more int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.doing += more
	if more < 0 {
		d.failed = err
	}
}

// look counts what is left. It returns an error once nothing gets on.
func (d *digestion) look(ctx context.Context) error {
	open, err := d.DB.OpenJobs(ctx)
	if err != nil {
		return err
	}
	d.mu.Lock()
	idle, failed := d.doing == 0, d.failed
	d.mu.Unlock()
	d.still++
	if open != d.open || !idle {
		d.still = 0
	}
	d.open, d.all = open, max(d.all, open)
	if d.still < mostPuzzled || open == 0 {
		return nil
	}
	return d.stuck(ctx, failed)
}

// stuck says what stops the steps, or nil while they may yet get on.
func (d *digestion) stuck(ctx context.Context, failed error) error {
	if errors.Is(failed, lastword.ErrUnavailable) {
		return failed
	}
	if err := d.DB.Writable(ctx); err != nil || d.still < mostStill {
		return err
	}
	return fmt.Errorf("%d steps are left and none gets on: %w", d.open, errors.Join(lastword.ErrUnavailable, failed))
}
