package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"lastword"
)

// A sqliteEngine has one writer, which River shares, and several readers.
type sqliteEngine struct {
	writer, reader *pool
	texts          sync.Map // statement with $n → *statement
}

// readers is how many connections read at a time.
const readers = 4

// openSQLite opens the file, in WAL mode. A commit is on the disk before it is
// reported (synchronous=FULL), so what we acknowledge survives a power cut.
func openSQLite(path string) (*sqliteEngine, error) {
	writer, err := sql.Open("sqlite", dsn(path, "immediate"))
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	reader, err := sql.Open("sqlite", dsn(path, "deferred")+"&_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	reader.SetMaxOpenConns(readers)
	reader.SetMaxIdleConns(readers)
	return &sqliteEngine{writer: newPool(writer), reader: newPool(reader)}, nil
}

func dsn(path, lock string) string {
	pragmas := []string{
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)",
		"temp_store(MEMORY)", "cache_size(-32000)", "mmap_size(134217728)",
		"wal_autocheckpoint(4000)", "journal_size_limit(67108864)", "foreign_keys(1)",
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path)}
	return u.String() + "?_txlock=" + lock + "&_pragma=" + strings.Join(pragmas, "&_pragma=")
}

func (e *sqliteEngine) dialect() dialect { return sqlite }

func (e *sqliteEngine) close() error {
	return errors.Join(e.reader.Close(), e.writer.Close())
}

func (e *sqliteEngine) read(ctx context.Context, f func(querier) error) error {
	return e.in(ctx, e.reader, func(q querier, _ any) error { return f(q) })
}

func (e *sqliteEngine) write(ctx context.Context, f func(querier, any) error) error {
	return e.in(ctx, e.writer, f)
}

// grown has nothing to do: SQLite takes the index that fits, however large.
func (e *sqliteEngine) grown(context.Context, int) error { return nil }

// in runs f in a transaction of db. Once begun it is not cancelled: a context
// that ends while a statement runs leaves the driver's connection unusable, and
// our transactions are short.
func (e *sqliteEngine) in(ctx context.Context, db *pool, f func(querier, any) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return translate(err)
	}
	own := &sqliteTx{e: e, tx: t, pool: db, busy: map[string]bool{}}
	if err := f(own, t); err != nil {
		// The first error says what went wrong; after it a rollback can only fail
		// because SQLite has rolled back by itself.
		_ = t.Rollback()
		return translate(err)
	}
	err = translate(t.Commit())
	db.keep(ctx, own.wanted)
	return err
}

type sqliteTx struct {
	e      *sqliteEngine
	tx     *sql.Tx
	pool   *pool
	busy   map[string]bool // statements whose rows are being read
	wanted []string        // statements to be kept for the next time
}

// statement returns a statement that is prepared for this transaction, or nil. One
// whose rows are being read would begin anew.
func (t *sqliteTx) statement(ctx context.Context, text string) *sql.Stmt {
	s, again := t.pool.prepared(text)
	if again {
		t.wanted = append(t.wanted, text)
	}
	if s == nil || t.busy[text] {
		return nil
	}
	return t.tx.StmtContext(ctx, s)
}

func (t *sqliteTx) dialect() dialect { return sqlite }

func (t *sqliteTx) exec(ctx context.Context, q string, args ...any) (int64, error) {
	ctx = context.WithoutCancel(ctx)
	p := t.e.placed(q)
	var res sql.Result
	var err error
	if s := t.statement(ctx, p.text); s != nil {
		res, err = s.ExecContext(ctx, p.args(args)...)
	} else {
		res, err = t.tx.ExecContext(ctx, p.text, p.args(args)...)
	}
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (t *sqliteTx) query(ctx context.Context, q string, args ...any) (rows, error) {
	ctx = context.WithoutCancel(ctx)
	p := t.e.placed(q)
	rs, end, err := t.rows(ctx, p, args)
	if err != nil {
		return nil, err
	}
	names, err := rs.Columns()
	return sqliteRows{rs, names, end}, err
}

// rows runs a query; end is to be called after its rows were closed.
func (t *sqliteTx) rows(ctx context.Context, p *statement, args []any) (rs *sql.Rows, end func(), err error) {
	s := t.statement(ctx, p.text)
	if s == nil {
		rs, err = t.tx.QueryContext(ctx, p.text, p.args(args)...)
		return rs, func() {}, err
	}
	t.busy[p.text] = true
	rs, err = s.QueryContext(ctx, p.args(args)...)
	return rs, func() { delete(t.busy, p.text) }, err
}

func (t *sqliteTx) queryRow(ctx context.Context, q string, args ...any) row {
	ctx = context.WithoutCancel(ctx)
	p := t.e.placed(q)
	if s := t.statement(ctx, p.text); s != nil {
		return s.QueryRowContext(ctx, p.args(args)...)
	}
	return t.tx.QueryRowContext(ctx, p.text, p.args(args)...)
}

func (t *sqliteTx) many(ctx context.Context, q string, args [][]any) (affected int64, err error) {
	if len(args) == 0 {
		return 0, nil
	}
	ctx = context.WithoutCancel(ctx)
	p := t.e.placed(q)
	s := t.statement(ctx, p.text)
	if s == nil {
		if s, err = t.tx.PrepareContext(ctx, p.text); err != nil {
			return 0, err
		}
		defer s.Close()
	}
	for _, a := range args {
		res, err := s.ExecContext(ctx, p.args(a)...)
		if err != nil {
			return 0, err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return 0, err
		}
		affected += n
	}
	return affected, nil
}

type sqliteRows struct {
	*sql.Rows
	names []string
	end   func()
}

func (r sqliteRows) columns() []string { return slices.Clone(r.names) }

// Close ends the query; what went wrong is told by Err.
func (r sqliteRows) Close() {
	_ = r.Rows.Close()
	r.end()
}

// A statement has its parameters in the order of the text.
type statement struct {
	text  string
	order []int // which argument stands at each ?
}

// args puts arguments in the order of the text.
func (p *statement) args(args []any) []any {
	in := make([]any, len(p.order))
	for i, n := range p.order {
		in[i] = args[n-1]
	}
	return in
}

// placed turns each $n into a ?. SQLite would take ?n as well, but the driver
// then asks for the name of every parameter, which it finds by counting: a list
// of a thousand takes a million steps.
func (e *sqliteEngine) placed(q string) *statement {
	if p, ok := e.texts.Load(q); ok {
		return p.(*statement)
	}
	p := &statement{}
	parts := strings.Split(q, "$")
	p.text = parts[0]
	for _, part := range parts[1:] {
		digits := len(part) - len(strings.TrimLeft(part, "0123456789"))
		n, err := strconv.Atoi(part[:digits])
		if err != nil {
			p.text += "$" // no parameter: SQLite will say what is wrong
			digits = 0
		} else {
			p.text += "?"
			p.order = append(p.order, n)
		}
		p.text += part[digits:]
	}
	e.texts.Store(q, p)
	return p
}

// writeParam writes the n-th parameter, $n.
func writeParam(b *strings.Builder, n int) {
	b.WriteByte('$')
	b.WriteString(strconv.Itoa(n))
}

// sqliteFailure tells the failures of SQLite that somebody can act on.
func sqliteFailure(err error) error {
	var e *sqlitedriver.Error
	if !errors.As(err, &e) {
		return nil
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("the database is busy: %w: %w", lastword.ErrUnavailable, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("the disk is full: %w: %w", lastword.ErrUnavailable, err)
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
		return fmt.Errorf("the database file cannot be used: %w: %w", lastword.ErrUnavailable, err)
	case sqlite3.SQLITE_CONSTRAINT:
		return fmt.Errorf("%w: %w", lastword.ErrConflict, err)
	}
	return nil
}

// checkpoint moves the write-ahead log into the database, as far as readers let.
func (e *sqliteEngine) checkpoint(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	_, err := e.writer.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return translate(err)
}
