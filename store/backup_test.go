package store_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"lastword"
	"lastword/internal/pgtest"
	"lastword/store"
)

// filled makes a store with a company, a sealed credential and a few voices.
func filled(t *testing.T, o store.Options) (*store.DB, lastword.Company, lastword.Channel) {
	t.Helper()
	db := open(t, o)
	c, err := db.AddCompany(t.Context(), lastword.Company{Name: "Lind", Lang: "de", Zone: "Europe/Berlin", Rule: lastword.AnyDirector})
	if err != nil {
		t.Fatal(err)
	}
	m := lastword.Member{Company: c.ID}
	ch, err := db.SaveChannel(t.Context(), m, lastword.Channel{Connector: "file", All: true, Secrets: map[string]string{"password": "geheim"}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := db.LeaseOne(t.Context(), "test", c.ID, ch.ID, c.Made.Add(1e12))
	if err != nil {
		t.Fatal(err)
	}
	var events []lastword.Event
	for _, key := range []string{"a", "b", "c"} {
		events = append(events, lastword.Event{Post: lastword.Post{Network: "x", Key: key, Text: "Größe " + key + " fehlt", Author: lastword.Author{Key: key}}})
	}
	if _, err := db.SaveHeard(t.Context(), l, "3", events, nil); err != nil {
		t.Fatal(err)
	}
	post := lastword.Story{ID: db.NewID(), Company: c.ID, Text: "Neu", Lang: "de"}
	version := lastword.Version{ID: db.NewID(), Channel: ch.ID, Network: "x", Content: lastword.Content{Parts: []string{"Neu"}}}
	for _, err := range []error{
		db.AddStory(t.Context(), post, lastword.Entry{Company: c.ID, Detail: "{}"}),
		db.SavePicture(t.Context(), c.ID, lastword.Picture{Digest: "d", Type: "image/png", Width: 1, Height: 1}, []byte{0, 255}),
		db.SaveBlog(t.Context(), m, lastword.Blog{Company: c.ID, Name: "lind"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	row, err := db.Story(t.Context(), c.ID, post.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.SaveStory(t.Context(), row.Story, []lastword.Version{version}); err != nil {
		t.Fatal(err)
	}
	return db, c, ch
}

func TestBackup(t *testing.T) {
	t.Parallel()
	options := map[string]func(*testing.T) store.Options{
		"SQLite": func(t *testing.T) store.Options { return store.Options{Folder: t.TempDir()} },
		"PostgreSQL": func(t *testing.T) store.Options {
			return store.Options{Folder: t.TempDir(), Postgres: pgtest.Open(t, server)}
		},
	}
	for from, source := range options {
		for into, target := range options {
			t.Run(from+" into "+into, func(t *testing.T) {
				t.Parallel()
				db, c, ch := filled(t, source(t))
				var backup, want, got bytes.Buffer
				if err := errors.Join(db.Backup(t.Context(), &backup, true), db.Export(t.Context(), c.ID, &want)); err != nil {
					t.Fatal(err)
				}
				o := target(t)
				if err := store.Restore(t.Context(), o, bytes.NewReader(backup.Bytes())); err != nil {
					t.Fatal(err)
				}
				restored := open(t, o)
				if err := restored.Export(t.Context(), c.ID, &got); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(sorted(got.String()), sorted(want.String())) {
					t.Errorf("restored\n%s\nwant\n%s", got.String(), want.String())
				}
				secret, err := restored.Secret(t.Context(), c.ID, ch.ID)
				if err != nil || secret.Secrets["password"] != "geheim" {
					t.Errorf("credentials = %v, %v", secret.Secrets, err)
				}
				vs, err := restored.FindVoices(t.Context(), c.ID, lastword.VoiceFilter{Search: "größe b"})
				if err != nil || len(vs) != 1 {
					t.Errorf("search finds %d, %v", len(vs), err)
				}
			})
		}
	}
}

func sorted(s string) []string { return slices.Sorted(strings.Lines(s)) }

func TestBackupRefused(t *testing.T) {
	t.Parallel()
	db, _, _ := filled(t, store.Options{Folder: t.TempDir()})
	var backup bytes.Buffer
	if err := db.Backup(t.Context(), &backup, false); err != nil {
		t.Fatal(err)
	}
	full := t.TempDir()
	if err := store.Restore(t.Context(), store.Options{Folder: full}, bytes.NewReader(backup.Bytes())); err != nil {
		t.Fatal(err)
	}
	if err := store.Restore(t.Context(), store.Options{Folder: full}, bytes.NewReader(backup.Bytes())); !errors.Is(err, store.ErrNotEmpty) {
		t.Errorf("restored over a company: %v", err)
	}
	for name, b := range map[string][]byte{"cut short": backup.Bytes()[:backup.Len()*3/4], "not a backup": []byte("hello"), "empty": nil} {
		folder := t.TempDir()
		if err := store.Restore(t.Context(), store.Options{Folder: folder}, bytes.NewReader(b)); err == nil {
			t.Errorf("a backup that is %s was taken", name)
		}
		after := open(t, store.Options{Folder: folder})
		if cs, err := after.Companies(t.Context()); err != nil || len(cs) != 0 {
			t.Errorf("a backup that is %s left %d companies, %v", name, len(cs), err)
		}
	}
}

// TestBackupKnowsEveryTable fails when a migration adds a table that a backup
// would leave out.
func TestBackupKnowsEveryTable(t *testing.T) {
	t.Parallel()
	db := open(t, store.Options{Folder: t.TempDir()})
	missing, err := store.TablesWithoutBackup(t.Context(), db)
	if err != nil || len(missing) > 0 {
		t.Errorf("not in the backup: %v, %v", missing, err)
	}
}
