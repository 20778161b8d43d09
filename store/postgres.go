package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"lastword"
)

// A pgEngine is a PostgreSQL database, shared by any number of processes.
type pgEngine struct {
	pool   *pgxpool.Pool
	stored atomic.Int64 // voices that this process stored
}

// learnAt is how many voices after its start a process lets PostgreSQL look at
// its tables, and each time four times as many. Until then the server takes
// them for empty, and reads them from end to end; it would look by itself only
// after a minute, in which a large import stands still.
const learnAt, learnUntil = 1000, 1 << 20

// learn looks at what statements ask by: how texts are spread nobody asks, and to find
// it out takes longest.
const learn = `ANALYZE company, voice (company, id, channel, identity, network, key, said_at, gone_at, parent, root, own, language, kinds,
	feeling, about, version, copy_of, theme, fit, fit_by, circle, answer), identity (company, id, person, network, key),
	person (company, id, weight, last_heard), hit, theme (company, id, open, voices, last_at, decision, into_id)`

// grown tells that voices were stored.
func (e *pgEngine) grown(ctx context.Context, n int) error {
	now := e.stored.Add(int64(n))
	for at := int64(learnAt); at < learnUntil; at *= 4 {
		if now >= at && now-int64(n) < at {
			_, err := e.pool.Exec(ctx, learn)
			return translate(err)
		}
	}
	return nil
}

func openPostgres(ctx context.Context, url string) (*pgEngine, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The address may hold a password: the cause stays out of the message.
		return nil, fmt.Errorf("store: the database address cannot be read: %w", lastword.ErrInvalid)
	}
	if cfg.ConnConfig.ConnectTimeout == 0 {
		cfg.ConnConfig.ConnectTimeout = answersWithin
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("store: reach PostgreSQL at %s: %w", cfg.ConnConfig.Host, translate(err))
	}
	return &pgEngine{pool: pool}, nil
}

func (e *pgEngine) dialect() dialect { return postgres }

func (e *pgEngine) close() error {
	e.pool.Close()
	return nil
}

func (e *pgEngine) read(ctx context.Context, f func(querier) error) error {
	return e.in(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly, IsoLevel: pgx.RepeatableRead},
		func(q querier, _ any) error { return f(q) })
}

// tries is how often a transaction that lost against another one is run.
const tries = 5

func (e *pgEngine) write(ctx context.Context, f func(querier, any) error) error {
	var err error
	for range tries {
		if err = e.in(ctx, pgx.TxOptions{}, f); !lostRace(err) {
			return err
		}
	}
	return err
}

func (e *pgEngine) in(ctx context.Context, o pgx.TxOptions, f func(querier, any) error) error {
	err := pgx.BeginTxFunc(ctx, beginner{e.pool}, o, func(t pgx.Tx) error { return f(pgTx{t}, t) })
	return translate(err)
}

// answersWithin is how long a server may take to let a transaction begin. One
// that keeps its connections and answers nothing would let a page wait for ever.
const answersWithin = 10 * time.Second

// A beginner begins transactions of a pool within the time; what they then do
// may take longer.
type beginner struct{ pool *pgxpool.Pool }

func (b beginner) BeginTx(ctx context.Context, o pgx.TxOptions) (pgx.Tx, error) {
	within, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	t, err := b.pool.BeginTx(within, o)
	if err != nil && within.Err() != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("PostgreSQL does not answer: %w: %w", lastword.ErrUnavailable, err)
	}
	return t, err
}

type pgTx struct{ tx pgx.Tx }

func (t pgTx) dialect() dialect { return postgres }

func (t pgTx) exec(ctx context.Context, q string, args ...any) (int64, error) {
	tag, err := t.tx.Exec(ctx, q, args...)
	return tag.RowsAffected(), err
}

func (t pgTx) query(ctx context.Context, q string, args ...any) (rows, error) {
	rs, err := t.tx.Query(ctx, q, args...)
	return pgRows{rs}, err
}

type pgRows struct{ pgx.Rows }

func (r pgRows) columns() []string {
	fields := r.FieldDescriptions()
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}

func (t pgTx) queryRow(ctx context.Context, q string, args ...any) row {
	return t.tx.QueryRow(ctx, q, args...)
}

// PostgreSQL's error classes that somebody can act on (appendix A of its manual).
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	uniqueViolation      = "23505"
)

// lostRace reports whether the transaction would succeed if it were run again.
func lostRace(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == serializationFailure || e.Code == deadlockDetected || e.Code == uniqueViolation)
}

// pgFailure tells the failures of PostgreSQL that somebody can act on.
func pgFailure(err error) error {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch {
		case e.Code == uniqueViolation:
			return fmt.Errorf("%w: %w", lastword.ErrConflict, err)
		case e.Code[:2] == "53", e.Code[:2] == "57", e.Code[:2] == "08":
			return fmt.Errorf("PostgreSQL is not available: %w: %w", lastword.ErrUnavailable, err)
		}
		return nil
	}
	var dial *pgconn.ConnectError
	var op *net.OpError
	cut := errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
	if errors.As(err, &dial) || errors.As(err, &op) || cut {
		return fmt.Errorf("PostgreSQL cannot be reached: %w: %w", lastword.ErrUnavailable, err)
	}
	return nil
}
