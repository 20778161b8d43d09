package app

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"lastword"
	"lastword/store"
)

// TestAuditShows changes the log behind the program's back, in every way that
// leaves the company's own record alone, and finds each out.
func TestAuditShows(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		act string
		seq int64 // where the chain breaks
	}{
		"another text":            {`UPDATE audit SET detail = '{"name":"x"}' WHERE seq = 3`, 3},
		"another act":             {`UPDATE audit SET act = 'channel removed' WHERE seq = 3`, 3},
		"another member":          {`UPDATE audit SET by = by + 1 WHERE seq = 3`, 3},
		"another time":            {`UPDATE audit SET at = at + 1 WHERE seq = 3`, 3},
		"another thing":           {`UPDATE audit SET id = id + 1, subject = 'theme' WHERE seq = 3`, 3},
		"a gap":                   {`DELETE FROM audit WHERE seq = 3`, 4},
		"a gap, closed":           {`DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = seq - 1 WHERE seq > 3`, 3},
		"the beginning cut off":   {`DELETE FROM audit WHERE seq = 1`, 2},
		"the end cut off":         {`DELETE FROM audit WHERE seq = 6`, 6},
		"everything gone":         {`DELETE FROM audit`, 1},
		"an entry more":           {`INSERT INTO audit SELECT company, seq + 1, at, by, act, subject, id, detail, hash, prev FROM audit WHERE seq = 6`, 7},
		"two in another order":    {`UPDATE audit SET seq = -3 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = -3`, 3},
		"one that says what next": {`UPDATE audit SET prev = (SELECT b.hash FROM audit b WHERE b.seq = 1) WHERE seq = 4`, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "")
			for _, q := range []string{"Hobel", "Säge", "Zwinge", "Leim"} {
				h.query(q)
			}
			h.inside(func(a *App) {
				if n, _, err := a.DB.VerifyAudit(t.Context(), h.company.ID); err != nil || n != 6 {
					t.Fatalf("untouched: %d entries, %v", n, err)
				}
			})
			h.tamper(tt.act)
			h.inside(func(a *App) {
				_, _, err := a.DB.VerifyAudit(t.Context(), h.company.ID)
				var broken *store.Broken
				if !errors.As(err, &broken) || broken.Seq != tt.seq {
					t.Errorf("VerifyAudit = %v, want that entry %d does not hold", err, tt.seq)
				}
			})
		})
	}
}

// tamper does to the database what no program of ours would.
func (h *house) tamper(act string) {
	h.Helper()
	db, err := sql.Open("sqlite", filepath.Join(h.config.Data, "lastword.db"))
	h.must(err)
	_, err = db.ExecContext(h.Context(), act)
	h.must(errors.Join(err, db.Close()))
}

// The house's own acts are entries: who did what to what.
func TestAuditNamesWhoDidWhat(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	c := h.channel(lastword.Channel{Connector: "feed", Name: "Blog", Settings: map[string]string{"url": "https://blog.example/feed"}})
	h.inside(func(a *App) {
		tail, err := a.DB.AuditTail(t.Context(), h.company.ID, 0, 1)
		if err != nil || len(tail) != 1 || tail[0].By != h.director.ID || tail[0].Act != "channel added" || tail[0].ID != c.ID {
			t.Errorf("the log ends with %+v, %v", tail, err)
		}
	})
}
