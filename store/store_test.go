package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"lastword"
	"lastword/internal/pgtest"
	"lastword/store"
	"lastword/store/storetest"
)

// server is the one PostgreSQL of these tests; TestMain ends it.
var server = sync.OnceValues(func() (*pgtest.Server, error) { return pgtest.Start(context.Background()) })

func TestMain(m *testing.M) {
	code := m.Run()
	if s, err := server(); err == nil {
		if err := s.Close(); err != nil {
			code = 1
		}
	}
	os.Exit(code)
}

func open(t testing.TB, o store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Exercise(t, func(t testing.TB, c *storetest.Clock) *store.DB {
		return open(t, store.Options{Folder: t.TempDir(), Now: c.Now})
	})
}

func TestPostgreSQL(t *testing.T) {
	t.Parallel()
	storetest.Exercise(t, func(t testing.TB, c *storetest.Clock) *store.DB {
		return open(t, store.Options{Folder: t.TempDir(), Postgres: pgtest.Open(t, server), Now: c.Now})
	})
}

func TestSecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	open(t, store.Options{Folder: folder})
	_, err := store.Open(t.Context(), store.Options{Folder: folder})
	var used *store.InUse
	if !errors.As(err, &used) || used.Folder != folder || used.PID == "" {
		t.Errorf("a second store on one folder: %v", err)
	}
}

func TestCredentialsNeedTheirKey(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	db, err := store.Open(t.Context(), store.Options{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	c, err := db.AddCompany(t.Context(), lastword.Company{Name: "Lind", Lang: "de", Rule: lastword.AnyDirector})
	if err != nil {
		t.Fatal(err)
	}
	ch, err := db.SaveChannel(t.Context(), lastword.Member{Company: c.ID}, lastword.Channel{Connector: "bluesky", Secrets: map[string]string{"password": "x"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(folder, "lastword.key")); err != nil {
		t.Fatal(err)
	}
	db = open(t, store.Options{Folder: folder})
	if _, err := db.Secret(t.Context(), c.ID, ch.ID); err == nil {
		t.Error("credentials were read without the key that sealed them")
	}
}

// Several programs may begin at a time on a store that has no tables yet: a command
// beside a server that has only just begun.
func TestBeginningTogether(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T, o store.Options) {
		const together = 4
		var all sync.WaitGroup
		for range together {
			all.Go(func() {
				db, err := store.Open(t.Context(), o)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := db.Companies(t.Context()); err != nil {
					t.Error(err)
				}
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	for range 5 {
		begin(t, store.Options{Folder: t.TempDir(), Join: true})
	}
	begin(t, store.Options{Folder: t.TempDir(), Postgres: pgtest.Open(t, server)})
}
