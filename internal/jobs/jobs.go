// Package jobs keeps and runs durable work: a thin hull around River, on SQLite
// or PostgreSQL. A job is inserted in the transaction of the data it follows
// from, and is run at least once, with growing pauses between attempts.
package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"lastword"
)

// A Handler does one kind of job. An error that offers RetryIn says when to try
// again; one that wraps lastword.ErrInvalid or lastword.ErrNotFound ends the job.
type Handler func(ctx context.Context, job lastword.Job) error

// A Queue keeps jobs in one database.
type Queue interface {
	// Migrate makes or updates the queue's own tables.
	Migrate(ctx context.Context) error
	// Insert adds jobs in tx, a *sql.Tx or pgx.Tx of the same database.
	Insert(ctx context.Context, tx any, jobs []lastword.Job) error
	// Run works until ctx ends, then lets running jobs finish within the grace.
	Run(ctx context.Context, handlers map[lastword.JobKind]Handler, grace time.Duration) error
}

// workers is how many jobs of a kind run at a time. One understands faster than
// anything is stored, and leaves the rest to those that gather: of one company, one
// gathers while another saves. Deliveries mostly wait for other servers.
var workers = map[lastword.JobKind]int{
	lastword.Understand: 1,
	lastword.Reread:     1,
	lastword.Gather:     2,
	lastword.DraftJob:   1,
	lastword.Deliver:    8,
	lastword.Mean:       1,
	lastword.Word:       2,
	lastword.Tone:       1,
	lastword.Tell:       4,
	lastword.Publish:    4,
	lastword.TakeDown:   2,
	lastword.Unfurl:     1,
}

// SQLite keeps jobs in the database behind db, which must be its only writer.
func SQLite(db *sql.DB, log *slog.Logger) (Queue, error) {
	return newQueue(riversqlite.New(db), log)
}

// Postgres keeps jobs in the database behind pool.
func Postgres(pool *pgxpool.Pool, log *slog.Logger) (Queue, error) {
	return newQueue(riverpgxv5.New(pool), log)
}

// attempts is how often a job is tried at the most: with pauses of up to ten
// minutes that is more than three days, as long as a place may well be down.
const attempts = 500

// args is River's envelope around a Job; all our jobs are of one River kind and
// are told apart by their queue.
type args struct {
	Job lastword.Job `json:"job"`
}

// Kind names the envelope in River's tables.
func (args) Kind() string { return "lastword" }

type queue[TTx any] struct {
	driver riverdriver.Driver[TTx]
	insert *river.Client[TTx]
	log    *slog.Logger
}

func newQueue[TTx any](driver riverdriver.Driver[TTx], log *slog.Logger) (*queue[TTx], error) {
	insert, err := river.NewClient(driver, &river.Config{Logger: log})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return &queue[TTx]{driver: driver, insert: insert, log: log}, nil
}

func (q *queue[TTx]) Migrate(ctx context.Context) error {
	m, err := rivermigrate.New(q.driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("jobs: migrate: %w", err)
	}
	return nil
}

func (q *queue[TTx]) Insert(ctx context.Context, tx any, jobs []lastword.Job) error {
	own, ok := tx.(TTx)
	if !ok {
		return fmt.Errorf("jobs: insert in a %T", tx)
	}
	params := make([]river.InsertManyParams, len(jobs))
	for i, j := range jobs {
		params[i] = river.InsertManyParams{
			Args:       args{Job: j},
			InsertOpts: &river.InsertOpts{Queue: string(j.Kind), MaxAttempts: attempts, ScheduledAt: j.NotBefore},
		}
	}
	if _, err := q.insert.InsertManyFastTx(ctx, own, params); err != nil {
		return fmt.Errorf("jobs: insert %d: %w", len(jobs), err)
	}
	return nil
}

func (q *queue[TTx]) Run(ctx context.Context, handlers map[lastword.JobKind]Handler, grace time.Duration) error {
	registry := river.NewWorkers()
	if err := river.AddWorkerSafely(registry, &worker{handlers: handlers}); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	queues := map[string]river.QueueConfig{}
	for kind := range handlers {
		queues[string(kind)] = river.QueueConfig{MaxWorkers: max(1, workers[kind])}
	}
	var periodic []*river.PeriodicJob
	if handlers[lastword.Night] != nil {
		periodic = append(periodic, river.NewPeriodicJob(hourly{}, atNight, nil))
	}
	client, err := river.NewClient(q.driver, &river.Config{
		PeriodicJobs: periodic,
		Queues:       queues, Workers: registry, Logger: q.log,
		FetchCooldown: 20 * time.Millisecond, FetchPollInterval: 250 * time.Millisecond,
		JobTimeout: 10 * time.Minute, RescueStuckJobsAfter: 15 * time.Minute, CompletedJobRetentionPeriod: time.Hour,
		ErrorHandler: failures{q.log},
	})
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	// Started outside ctx, so that running jobs are not cancelled with it.
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("jobs: start: %w", err)
	}
	<-ctx.Done()
	return stop(client, grace)
}

// stop lets running jobs finish, and cancels those that take longer than grace.
func stop[TTx any](client *river.Client[TTx], grace time.Duration) error {
	soft, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := client.Stop(soft)
	if err == nil || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	hard, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	return client.StopAndCancel(hard)
}

type worker struct {
	river.WorkerDefaults[args]
	handlers map[lastword.JobKind]Handler
}

// Work does one job.
func (w *worker) Work(ctx context.Context, j *river.Job[args]) error {
	handle, ok := w.handlers[j.Args.Job.Kind]
	if !ok {
		return river.JobCancel(fmt.Errorf("jobs: no handler for %q", j.Args.Job.Kind))
	}
	err := handle(ctx, j.Args.Job)
	var later interface{ RetryIn() time.Duration }
	switch {
	case errors.As(err, &later):
		return river.JobSnooze(max(time.Second, later.RetryIn()))
	case errors.Is(err, lastword.ErrInvalid), errors.Is(err, lastword.ErrNotFound):
		return river.JobCancel(err)
	}
	return err
}

// NextRetry waits a second, then twice as long each time, up to ten minutes.
func (w *worker) NextRetry(j *river.Job[args]) time.Time {
	wait := 10 * time.Minute
	if j.Attempt < 10 {
		wait = min(wait, time.Second<<max(0, j.Attempt-1))
	}
	return time.Now().Add(wait)
}

type failures struct{ log *slog.Logger }

// HandleError logs a failed attempt; River tries again by itself.
func (f failures) HandleError(_ context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	f.log.Warn("job failed", "kind", job.Queue, "job", job.ID, "attempt", job.Attempt, "error", err)
	return nil
}

// HandlePanic logs a panic with its place; River tries again by itself.
func (f failures) HandlePanic(_ context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	f.log.Error("job panicked", "kind", job.Queue, "job", job.ID, "panic", value, "trace", trace)
	return nil
}

var (
	_ Queue = (*queue[*sql.Tx])(nil)
	_ Queue = (*queue[pgx.Tx])(nil)
)
