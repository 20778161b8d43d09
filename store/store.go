// Package store keeps everything, in SQLite or PostgreSQL, behind one DB.
//
// Exported methods open a transaction and pass it to unexported ones. All SQL
// of the program is here, written once for both databases; where they must
// differ, two statements stand side by side. Every statement names the company.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"lastword"
	"lastword/internal/jobs"
)

//go:embed migrations
var migrations embed.FS

// DB is the one store. Each step sees only the part that it declares.
type DB struct {
	engine engine
	queue  jobs.Queue
	seal   seal
	now    func() time.Time
	lock   *folderLock
	last   atomic.Int64 // id that NewID gave
}

// Options say where and how to keep things.
type Options struct {
	Folder   string // for SQLite, and for the key that seals credentials
	Postgres string // postgres://…; empty means SQLite in Folder
	Join     bool   // work beside a server that has the folder's SQLite database open
	Log      *slog.Logger
	Now      func() time.Time // nil means time.Now
	// Gone reports whether the process behind the owner of a lease has ended;
	// nil where nobody can tell. It is asked for SQLite only.
	Gone func(owner string) bool
}

// Open opens the store and brings its tables up to date. It returns ErrInUse
// where another process has the folder's SQLite database open.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	db := &DB{now: o.Now}
	if err := db.open(ctx, o); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *DB) open(ctx context.Context, o Options) (err error) {
	if db.seal, err = openSeal(o.Folder); err != nil {
		return err
	}
	if o.Postgres != "" {
		return db.openPostgres(ctx, o)
	}
	return db.openSQLite(ctx, o)
}

func (db *DB) openSQLite(ctx context.Context, o Options) error {
	lock, err := lockFolder(o.Folder)
	var used *InUse
	if err != nil && !(o.Join && errors.As(err, &used)) {
		return err
	}
	db.lock = lock
	e, err := openSQLite(databaseFile(o.Folder))
	if err != nil {
		return fmt.Errorf("store: open: %w", translate(err))
	}
	db.engine = e
	if db.queue, err = jobs.SQLite(e.writer.DB, o.Log); err != nil {
		return err
	}
	turn, err := awaitTurn(ctx, o.Folder)
	if err != nil {
		return err
	}
	err = db.migrate(ctx, goose.DialectSQLite3, e.writer.DB, "migrations/sqlite")
	if err = errors.Join(err, turn.release()); err != nil {
		return err
	}
	return db.recover(ctx, o.Gone)
}

func (db *DB) openPostgres(ctx context.Context, o Options) error {
	e, err := openPostgres(ctx, o.Postgres)
	if err != nil {
		return err
	}
	db.engine = e
	if db.queue, err = jobs.Postgres(e.pool, o.Log); err != nil {
		return err
	}
	std := stdlib.OpenDBFromPool(e.pool)
	return errors.Join(db.migratePostgres(ctx, std), std.Close())
}

// migrating is the advisory lock of whoever brings the tables up to date: several
// programs may begin at a time.
const migrating = 0x6c617374776f7264 // "lastword"

func (db *DB) migratePostgres(ctx context.Context, std *sql.DB) error {
	turn, err := std.Conn(ctx)
	if err != nil {
		return fmt.Errorf("store: migrate: %w", translate(err))
	}
	defer turn.Close() // it goes back to the pool, the lock released
	if _, err := turn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", int64(migrating)); err != nil {
		return fmt.Errorf("store: migrate: %w", translate(err))
	}
	err = db.migrate(ctx, goose.DialectPostgres, std, "migrations/postgres")
	_, free := turn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrating))
	return errors.Join(err, translate(free))
}

// migrate brings our tables and the queue's up to date.
func (db *DB) migrate(ctx context.Context, d goose.Dialect, at *sql.DB, folder string) error {
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	p, err := goose.NewProvider(d, at, files)
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("store: migrate: %w", translate(err))
	}
	return db.queue.Migrate(ctx)
}

// Alone reports whether no server works on the same SQLite database, so that
// jobs that are left here wait until somebody runs them.
func (db *DB) Alone() bool { return db.lock != nil }

// Queue returns the durable queue that shares the store's transactions.
func (db *DB) Queue() jobs.Queue { return db.queue }

// Close lets go of the database and the folder.
func (db *DB) Close() error {
	var err error
	if db.engine != nil {
		err = db.engine.close()
	}
	return errors.Join(err, db.lock.release())
}

// NewID returns a fresh id that rises with time, and with every call.
func (db *DB) NewID() int64 {
	for {
		last := db.last.Load()
		id := max(newID(db.now()), last+1)
		if db.last.CompareAndSwap(last, id) {
			return id
		}
	}
}

// epoch is where ids begin. A voice said before it gets the first ids.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// low is how many random bits an id ends with.
const low = 21

// newID returns an id that rises with t: 42 bits of milliseconds since 2000,
// which last until 2139, and 21 random ones. Two may be equal, if rarely: their
// tables refuse the second.
func newID(t time.Time) int64 {
	var b [4]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails (Go 1.24)
	r := int64(b[0])<<16 | int64(b[1])<<8 | int64(b[2])
	return idAt(t) | r&(1<<low-1)
}

// idAt is the lowest id of a voice said at t.
func idAt(t time.Time) int64 {
	since := max(1, t.Sub(epoch).Milliseconds())
	return min(since, 1<<42-1) << low
}

// enqueue leaves jobs in the transaction.
func (t *tx) enqueue(ctx context.Context, next []lastword.Job) error {
	if len(next) == 0 {
		return nil
	}
	return t.db.queue.Insert(ctx, t.raw, next)
}

// Enqueue leaves jobs that follow from nothing that is stored.
func (db *DB) Enqueue(ctx context.Context, next ...lastword.Job) error {
	return db.write(ctx, func(t *tx) error { return t.enqueue(ctx, next) })
}

// translate turns a database's error into one of the closed list where a caller
// can act on it; all others stay what they are: internal.
func translate(err error) error {
	if err == nil || acted(err) {
		return err
	}
	if errors.Is(err, sql.ErrNoRows) || errors.Is(err, pgx.ErrNoRows) {
		return lastword.ErrNotFound
	}
	if known := sqliteFailure(err); known != nil {
		return known
	}
	if known := pgFailure(err); known != nil {
		return known
	}
	return err
}

// acted reports whether the error is of the closed list already.
func acted(err error) bool {
	for _, known := range []error{lastword.ErrNotFound, lastword.ErrInvalid, lastword.ErrForbidden,
		lastword.ErrConflict, lastword.ErrGone, lastword.ErrUnavailable} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// pulse says that something worth showing live has changed.
func (t *tx) pulse(ctx context.Context, company int64) error {
	_, err := t.exec(ctx, `UPDATE company SET pulse = pulse + 1 WHERE id = $1`, company)
	return err
}

// columns lists names for a SELECT, each under the alias.
func columns(alias string, names ...string) string {
	return alias + "." + strings.Join(names, ", "+alias+".")
}

// fields splits a list of columns.
func fields(columns string) []string {
	names := strings.Split(columns, ",")
	for i, n := range names {
		names[i] = strings.TrimSpace(n)
	}
	return names
}
