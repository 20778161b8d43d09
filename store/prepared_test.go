package store

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
)

// TestPrepared runs statements again and again, one of them within its own rows,
// and more of them than are kept.
func TestPrepared(t *testing.T) {
	e, err := openSQLite(filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	ctx := context.Background()
	numbers := func(q querier, within func(int64)) (n int) {
		rs, err := q.query(ctx, `SELECT value FROM json_each($1)`, "[1,2,3]")
		if err != nil {
			t.Fatal(err)
		}
		defer rs.Close()
		for rs.Next() {
			var v int64
			if err := rs.Scan(&v); err != nil {
				t.Fatal(err)
			}
			within(v)
			n++
		}
		return n
	}
	for range 4 {
		err := e.read(ctx, func(q querier) error {
			if n := numbers(q, func(int64) { numbers(q, func(int64) {}) }); n != 3 {
				return fmt.Errorf("%d rows", n)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(e.reader.kept) != 1 {
		t.Errorf("%d statements are kept, want one", len(e.reader.kept))
	}
	for i := range 2 * mostPrepared {
		for range 3 {
			if err := e.read(ctx, func(q querier) error {
				_, err := one(ctx, q, scanInt, fmt.Sprintf(`SELECT %d`, i))
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(e.reader.kept) != mostPrepared {
		t.Errorf("%d statements are kept, want %d", len(e.reader.kept), mostPrepared)
	}
}
