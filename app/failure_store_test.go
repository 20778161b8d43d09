package app

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"lastword"
)

// onFullDisk imports onto a disk of its own that has room for a part of the file
// only, makes room, and imports again.
const onFullDisk = `
mount -t tmpfs -o size=6m none "$DISK" && cp -a "$DATA/." "$DISK" || exit 99
"$LASTWORD" import --data "$DISK" "$FILE" >"$OUT/full.out" 2>"$OUT/full.err"
echo $? >"$OUT/full.code"
mount -o remount,size=400m "$DISK" || exit 98
"$LASTWORD" import --data "$DISK" "$FILE" >"$OUT/room.out" 2>"$OUT/room.err"
echo $? >"$OUT/room.code"
cp -a "$DISK/." "$DATA"`

// A disk that is full stops an import, which says so. What was taken stays, and
// the import goes on once there is room.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	all := invent(6000)
	name, err := binary()
	h.must(err)
	out := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "unshare", ownMounts("sh", "-c", onFullDisk)...)
	cmd.Env = append(os.Environ(), "LASTWORD="+name, "DATA="+h.config.Data, "FILE="+writeRows(t, all), "OUT="+out, "DISK="+t.TempDir())
	if said, err := cmd.CombinedOutput(); err != nil {
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() == 99 || strings.Contains(string(said), "unshare failed") {
			t.Skipf("no disk of a chosen size can be made here: %v: %s", err, said)
		}
		t.Fatalf("%v: %s", err, said)
	}
	said := func(file string) string {
		b, err := os.ReadFile(filepath.Join(out, file))
		h.must(err)
		return string(b)
	}
	if said("full.code") != "1\n" || !strings.Contains(said("full.err"), "the disk is full") {
		t.Fatalf("on a full disk: code %s\n%s", said("full.code"), said("full.err"))
	}
	taken, _ := counted(t, said("full.out"))
	more, known := counted(t, said("room.out"))
	t.Logf("on the full disk: %s%s", said("full.out"), said("full.err"))
	if taken == 0 || more == 0 || known > taken || taken+more != len(all) {
		t.Errorf("%d were taken, then %d with %d known, of %d", taken, more, known, len(all))
	}
	if said("room.code") != "0\n" {
		t.Errorf("with room again: code %s\n%s", said("room.code"), said("room.err"))
	}
	h.inside(func(a *App) {
		h.holdsRows(a, all)
		h.allUnderstood(a)
		h.themesCount(a)
		h.auditHolds(a)
	})
}

// Whatever else keeps the store from being written, such as a quota, stops an
// import where it is, with what to do: while it reads, and while it understands
// what it read. It goes on once the cause is mended.
func TestStoreCannotGrow(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	all := invent(3000)
	file := writeRows(t, all)
	name, err := binary()
	h.must(err)
	taken := 0
	for _, kept := range []struct {
		blocks int // of 512 bytes, that a file may have
		while  string
	}{{2000, "reading"}, {10_000, "understanding"}} {
		limited := []string{"-c", `ulimit -f "$0"; exec "$@"`, strconv.Itoa(kept.blocks), name}
		c := runAs(t, exec.Command("sh", append(limited, h.args("import", "--log", "error", file)...)...))
		c.ends(1, longest)
		for _, want := range []string{"the database file cannot be used", "What was taken is kept. Mend the cause, then run the same command again"} {
			if !strings.Contains(c.err.String(), want) {
				t.Errorf("stopped while %s, it says %q, want %q in it", kept.while, c.err, want)
			}
		}
		more, _ := counted(t, c.out.String())
		taken += more
		if read := taken == len(all); read != (kept.while == "understanding") || taken == 0 {
			t.Errorf("stopped while %s, %d of %d rows were taken", kept.while, taken, len(all))
		}
	}
	run(t, h.args("import", file)...).ends(0, longest)
	h.inside(func(a *App) {
		h.holdsRows(a, all)
		h.allUnderstood(a)
		h.themesCount(a)
		h.auditHolds(a)
	})
}

// ownMounts are arguments of unshare(1) that let a command mount what nobody
// else sees, and let nothing that it started outlive it.
func ownMounts(command ...string) []string {
	flags := []string{"--mount", "--pid", "--fork", "--kill-child"}
	if os.Getuid() != 0 {
		flags = append(flags, "--user", "--map-root-user")
	}
	return append(flags, command...)
}

var report = regexp.MustCompile(`: (\d+) taken, (\d+) already known`)

// counted reads what an import says that it took.
func counted(t *testing.T, out string) (taken, known int) {
	t.Helper()
	found := report.FindStringSubmatch(out)
	if found == nil {
		t.Fatalf("no report: %q", out)
	}
	taken, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	known, err = strconv.Atoi(found[2])
	if err != nil {
		t.Fatal(err)
	}
	return taken, known
}

// While another process keeps the database locked, what is to be written waits,
// what is to be read does not, and nothing is lost.
func TestDatabaseLocked(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	served := h.serve()
	b := h.signIn(served)
	name := writeRows(t, invent(200))
	db, err := sql.Open("sqlite", "file:"+filepath.Join(h.config.Data, "lastword.db")+"?_txlock=immediate&_pragma=busy_timeout(5000)")
	h.must(err)
	t.Cleanup(func() { h.must(db.Close()) })
	other, err := db.BeginTx(t.Context(), nil)
	h.must(err)
	locked := time.Now()
	imported := run(t, h.args("import", name)...)
	saved := make(chan error, 1)
	go func() {
		status, page, err := b.post("/queries/new", url.Values{"name": {"Hobel"}, "text": {"hobel"}})
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("saving a query: %d: %s", status, page)
		}
		saved <- err
	}()
	if status, _, err := b.get("/voices"); err != nil || status != http.StatusOK {
		t.Errorf("reading while the database is locked: %d, %v", status, err)
	}
	select {
	case err := <-saved:
		t.Errorf("a query was saved after %v in spite of the lock: %v", time.Since(locked), err)
		saved <- err
	case <-imported.done:
		t.Errorf("the import ended in spite of the lock: %s", imported.out)
	case <-time.After(3*time.Second - time.Since(locked)):
	}
	h.must(other.Rollback())
	h.must(<-saved)
	imported.ends(0, longest)
	if taken, _ := counted(t, imported.out.String()); taken != 200 {
		t.Errorf("%d rows were taken, want 200", taken)
	}
	h.beside(func(a *App) {
		qs, err := a.DB.Queries(t.Context(), h.company.ID)
		h.must(err)
		if len(qs) != 1 || len(h.voices(a)) != 200 {
			t.Errorf("%d queries and %d voices, want 1 and 200", len(qs), len(h.voices(a)))
		}
	})
	served.stop()
}

// A second server on one folder refuses and says what to do. Commands work
// beside the first, which takes no harm.
func TestTwoServers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	first := h.serve()
	b := h.signIn(first)
	second := run(t, h.args("serve", "--listen", "127.0.0.1:0")...)
	second.ends(1, 30*time.Second)
	for _, want := range []string{h.config.Data + " is in use", fmt.Sprintf("process %d", first.cmd.Process.Pid), "stop that one, or give another folder with --data"} {
		if !strings.Contains(second.err.String(), want) {
			t.Errorf("the second server says %q, want %q in it", second.err, want)
		}
	}
	beside := func(args ...string) *child {
		c := run(t, h.args(args...)...)
		c.ends(0, longest)
		return c
	}
	beside("import", writeRows(t, invent(50)))
	if n := bytes.Count([]byte(beside("export").out.String()), []byte("\n")); n < 50 {
		t.Errorf("exported %d lines, want those of 50 voices at least", n)
	}
	backup := filepath.Join(t.TempDir(), "alles.backup")
	beside("backup", backup)
	restored := &house{TB: t, config: Config{Data: t.TempDir(), Log: "warn"}, company: h.company}
	run(t, restored.args("restore", backup)...).ends(0, longest)
	restored.inside(func(a *App) {
		if n := len(restored.voices(a)); n != 50 {
			t.Errorf("the backup holds %d voices, want 50", n)
		}
	})
	if out := beside("audit", "verify").out.String(); !strings.Contains(out, "entries hold") {
		t.Errorf("the log: %s", out)
	}
	h.signIn(first) // by a link made beside it
	if status, page, err := b.get("/voices"); err != nil || status != http.StatusOK || !strings.Contains(page, "Hobel") {
		t.Errorf("the first server: %d, %v", status, err)
	}
	h.beside(func(a *App) {
		await(t, "what was imported beside is understood", longest, func() bool {
			open, err := a.DB.OpenJobs(t.Context())
			h.must(err)
			return open == 0
		})
	})
	first.stop()
	h.inside(func(a *App) { h.allUnderstood(a) })
}

// searched finds the one voice whose text holds these words in a row.
func (h *house) searched(a *App, words string) []lastword.VoiceRow {
	h.Helper()
	vs, err := a.DB.FindVoices(h.Context(), h.company.ID, lastword.VoiceFilter{Search: strconv.Quote(words)})
	h.must(err)
	return vs
}
