package app

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"lastword"
	"lastword/understand"
)

// kills is how often each scenario is ended at a random moment.
func kills() int {
	if testing.Short() {
		return 3
	}
	return 12
}

// rows is how many rows the imported file has.
const rows = 30_000

// A row is one line of the imported file.
type fileRow struct {
	ID      string    `json:"id"`
	Network string    `json:"network"`
	Author  person    `json:"author"`
	Time    time.Time `json:"time"`
	Text    string    `json:"text"`
	Parent  string    `json:"in_reply_to,omitempty"`
	Thread  string    `json:"thread,omitempty"`
}

type person struct {
	ID     string `json:"id"`
	Handle string `json:"handle"`
}

// invent returns rows with threads, authors and near-copies.
func invent(n int) []fileRow {
	chance := rand.New(rand.NewPCG(7, 11))
	things := []string{"Hobel", "Schraubzwinge", "Stechbeitel", "Japansäge", "Werkbank", "Raspel", "Bohrfutter", "Leimpinsel"}
	wishes := []string{
		"Ich wünsche mir den %s endlich auch für Linkshänder.", "Könnt ihr den %s bitte ohne Plastik verpacken?",
		"Schade, der Griff vom %s ist nach %d Wochen gebrochen.", "Der %s ist großartig, danke ans Hobelwerk!",
		"Gibt es für den %s ein Ersatzteil, und was kostet es?", "Bitte liefert den %s auch in die Schweiz.",
	}
	all := make([]fileRow, n)
	start := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	for i := range all {
		who := chance.IntN(n / 6)
		text := wishes[chance.IntN(len(wishes))]
		args := []any{things[chance.IntN(len(things))]}
		if text == wishes[2] {
			args = append(args, 2+chance.IntN(9))
		}
		r := fileRow{ID: fmt.Sprintf("p%06d", i), Network: "mastodon", Time: start.Add(time.Duration(i) * 7 * time.Minute),
			Author: person{ID: fmt.Sprint("id-", who), Handle: fmt.Sprint("kundin", who)},
			Text:   fmt.Sprintf(text, args...) + fmt.Sprintf(" Vorgang %d.", i)}
		if i > 0 && chance.IntN(3) == 0 {
			to := all[chance.IntN(i)]
			r.Parent, r.Thread = to.ID, to.ID
			if to.Thread != "" {
				r.Thread = to.Thread
			}
		}
		all[i] = r
	}
	return all
}

func writeRows(t testing.TB, all []fileRow) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "stimmen.jsonl")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	enc := json.NewEncoder(f)
	for _, r := range all {
		if err := enc.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

// An import that is killed wherever it is, and begun again, brings every row
// once, and finishes all that follows from it.
func TestCrashImport(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	all := invent(rows)
	name := writeRows(t, all)
	chance := rand.New(rand.NewPCG(1, 2))
	hit := map[string]int{} // where the process was when it was killed
	for n := range kills() {
		c := run(t, h.args("import", name)...)
		where := "opening"
		switch {
		case n*3 >= kills()*2:
			where = "understanding"
			c.says(c.err, "steps left", longest)
		case n%4 != 0:
			where = "reading"
			c.says(c.err, "rows/s", longest)
		}
		linger(c, time.Duration(chance.IntN(200))*time.Millisecond)
		if !c.ended() {
			hit[where]++
		}
		c.kill()
	}
	if hit["opening"] == 0 || hit["reading"] == 0 || hit["understanding"] == 0 {
		t.Errorf("the process was killed while %v: not everywhere", hit)
	}
	last := run(t, h.args("import", name)...)
	last.ends(0, 3*time.Minute)
	t.Logf("killed while %v; then %s", hit, last.out)
	h.inside(func(a *App) {
		h.holdsRows(a, all)
		h.allUnderstood(a)
		h.themesCount(a)
		h.auditHolds(a)
	})
}

// linger gives a process time until it is killed; it may end before.
func linger(c *child, d time.Duration) {
	select {
	case <-c.done:
	case <-time.After(d):
	}
}

// holdsRows proves that each row is there once, by its author, in its thread.
func (h *house) holdsRows(a *App, want []fileRow) {
	h.Helper()
	vs := h.voices(a)
	if len(vs) != len(want) {
		h.Errorf("%d voices, want %d", len(vs), len(want))
	}
	byKey := map[string]lastword.VoiceRow{}
	for _, v := range vs {
		byKey[v.Key] = v
	}
	people := map[string]int64{}
	for _, r := range want {
		v, ok := byKey[r.ID]
		switch {
		case !ok:
			h.Fatalf("row %s is lost", r.ID)
		case v.Text != r.Text || v.Who.Handle != r.Author.Handle || v.Parent != r.Parent || !v.SaidAt.Equal(r.Time):
			h.Fatalf("row %+v became %+v", r, v)
		}
		if p := people[r.Author.ID]; p != 0 && p != v.Person.ID || v.Person.ID == 0 {
			h.Fatalf("%s is two people, %d and %d", r.Author.Handle, p, v.Person.ID)
		}
		people[r.Author.ID] = v.Person.ID
	}
	told := map[int64]int{}
	for _, v := range vs {
		told[v.Person.ID]++
	}
	for _, v := range vs {
		if v.Person.Voices != told[v.Person.ID] {
			h.Fatalf("person %d counts %d voices and has %d", v.Person.ID, v.Person.Voices, told[v.Person.ID])
		}
	}
}

// allUnderstood proves that no job is left and every voice has its labels.
func (h *house) allUnderstood(a *App) {
	h.Helper()
	open, err := a.DB.OpenJobs(h.Context())
	h.must(err)
	if open != 0 {
		h.Errorf("%d jobs are left", open)
	}
	for _, v := range h.voices(a) {
		if v.Version != understand.Version && v.GoneAt.IsZero() && !v.Own {
			h.Fatalf("voice %s is not understood: version %d", v.Key, v.Version)
		}
	}
}

// themesCount recounts every theme from its voices.
func (h *house) themesCount(a *App) {
	h.Helper()
	type count struct{ voices, copies, open, doubtful int }
	want := map[int64]count{}
	for _, v := range h.voices(a) {
		if v.Theme == 0 || !v.GoneAt.IsZero() {
			continue
		}
		c := want[v.Theme]
		if v.CopyOf == 0 {
			c.voices++
		} else {
			c.copies++
		}
		if v.Circle < lastword.Closed {
			c.open++
			if v.Fit < lastword.Sure && v.FitBy == 0 {
				c.doubtful++
			}
		}
		want[v.Theme] = c
	}
	themes, _, err := a.DB.LiveThemes(h.Context(), h.company.ID)
	h.must(err)
	if len(themes) == 0 {
		h.Error("there are no themes")
	}
	for _, th := range themes {
		if got := (count{th.Voices, th.Copies, th.Open, th.Doubtful}); got != want[th.ID] {
			h.Errorf("theme %d %q counts %+v, its voices are %+v", th.ID, th.Name, got, want[th.ID])
		}
		delete(want, th.ID)
	}
	if len(want) != 0 {
		h.Errorf("voices lie in %d themes that are not there", len(want))
	}
}

// auditHolds verifies the chain.
func (h *house) auditHolds(a *App) {
	h.Helper()
	n, _, err := a.DB.VerifyAudit(h.Context(), h.company.ID)
	if err != nil || n == 0 {
		h.Errorf("the log holds for %d entries: %v", n, err)
	}
}
