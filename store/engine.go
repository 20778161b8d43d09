package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

// An engine is one of the two databases. SQL is written once, with $n
// parameters; what must differ asks for the dialect.
type engine interface {
	dialect() dialect
	// read runs f on a connection that sees one consistent state.
	read(ctx context.Context, f func(querier) error) error
	// write runs f in a transaction and commits it unless f fails.
	write(ctx context.Context, f func(q querier, raw any) error) error
	// grown tells that so many voices were stored.
	grown(ctx context.Context, voices int) error
	close() error
}

type dialect int

const (
	sqlite dialect = iota
	postgres
)

// A querier is what both databases' transactions can do.
type querier interface {
	dialect() dialect
	exec(ctx context.Context, q string, args ...any) (affected int64, err error)
	query(ctx context.Context, q string, args ...any) (rows, error)
	queryRow(ctx context.Context, q string, args ...any) row
	// many runs q once for each list of args and returns how many rows changed.
	many(ctx context.Context, q string, args [][]any) (affected int64, err error)
}

type row interface{ Scan(dest ...any) error }

type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
	columns() []string
}

// A tx is one writing transaction. Every row that it makes has one time.
type tx struct {
	querier
	db  *DB
	now time.Time
	raw any // *sql.Tx or pgx.Tx, for the job queue
}

// write runs f in one transaction.
func (db *DB) write(ctx context.Context, f func(*tx) error) error {
	return db.engine.write(ctx, func(q querier, raw any) error {
		return f(&tx{querier: q, db: db, now: db.now().Truncate(time.Millisecond), raw: raw})
	})
}

// collect reads every row of a query with scan.
func collect[T any](ctx context.Context, q querier, scan func(row) (T, error), text string, args ...any) ([]T, error) {
	rs, err := q.query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rs.Close()
	var all []T
	for rs.Next() {
		v, err := scan(rs)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rs.Err()
}

// one reads a single row with scan; none is lastword.ErrNotFound.
func one[T any](ctx context.Context, q querier, scan func(row) (T, error), text string, args ...any) (T, error) {
	v, err := scan(q.queryRow(ctx, text, args...))
	return v, translate(err)
}

// scanInt scans one number.
func scanInt(r row) (int64, error) {
	var n int64
	return n, r.Scan(&n)
}

// inList appends values to args and returns what stands behind IN. Either
// database gets the list as one argument, so that a text is the same for lists
// of any length: an array for PostgreSQL, which takes a long list of parameters
// for a large share of the table, and JSON for SQLite.
func inList[T ~int64 | ~string](of interface{ dialect() dialect }, args *[]any, values []T) string {
	if len(values) == 0 {
		return "(NULL)"
	}
	if of.dialect() == postgres {
		*args = append(*args, values)
		return fmt.Sprintf("(SELECT unnest($%d%s))", len(*args), arrayCast(any(values[0])))
	}
	if list, ok := jsonList(values); ok {
		*args = append(*args, list)
		return fmt.Sprintf("(SELECT value FROM json_each($%d))", len(*args))
	}
	var b strings.Builder
	for i, v := range values {
		b.WriteByte("(,"[min(i, 1)])
		*args = append(*args, v)
		writeParam(&b, len(*args))
	}
	return b.String() + ")"
}

// jsonList writes values as a JSON array, unless one of them is a string that
// JSON, or what SQLite makes of it, would change.
func jsonList[T ~int64 | ~string](values []T) (string, bool) {
	for _, v := range values {
		s, isString := any(v).(string)
		if isString && (!utf8.ValidString(s) || strings.ContainsRune(s, 0)) {
			return "", false
		}
	}
	list, err := json.Marshal(values)
	return string(list), err == nil
}

func arrayCast(value any) string {
	if _, number := value.(int64); number {
		return "::bigint[]"
	}
	return "::text[]"
}

// chunk is how many values one statement's list takes at the most.
const chunk = 1024

// ms is a time as it is stored: Unix milliseconds, 0 for the zero time.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// at is the time of stored milliseconds.
func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// day is the day since 1970 of a time in UTC.
func day(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }

// bit is a flag as it is stored.
func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

var (
	_ row = (*sql.Row)(nil)
	_ row = pgx.Row(nil)
)
