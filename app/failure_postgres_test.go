package app

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"lastword"
	"lastword/internal/badplace"
	"lastword/internal/pgtest"
)

// An outage is a database server of its own that goes away and comes back.
type outage struct {
	*pgtest.Server
	t      testing.TB
	url    string
	folder string // of the data
}

func newOutage(t testing.TB) *outage {
	s, err := pgtest.Start(t.Context())
	if errors.Is(err, pgtest.ErrMissing) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	o := &outage{Server: s, t: t}
	t.Cleanup(func() {
		if t.Failed() && o.runs() {
			o.resume() // paused, it would hear nothing of its end
		}
		if err := s.Close(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(err)
		}
	})
	if o.url, err = s.Database(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := pgx.Connect(t.Context(), o.url)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.QueryRow(t.Context(), `SHOW data_directory`).Scan(&o.folder), c.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	return o
}

// postmaster returns the number of the server's first process.
func (o *outage) postmaster() int {
	o.t.Helper()
	b, err := os.ReadFile(filepath.Join(o.folder, "postmaster.pid"))
	if err != nil {
		o.t.Fatal(err)
	}
	first, _, _ := bytes.Cut(b, []byte("\n"))
	pid, err := strconv.Atoi(string(first))
	if err != nil {
		o.t.Fatal(err)
	}
	return pid
}

// signal reaches every process of the server: the first one, so that it starts
// no more, and all that it has started.
func (o *outage) signal(s syscall.Signal) {
	o.t.Helper()
	first := o.postmaster()
	if err := syscall.Kill(first, s); err != nil {
		o.t.Fatal(err)
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", first))
	if err != nil {
		o.t.Fatal(err)
	}
	for _, child := range strings.Fields(string(children)) {
		pid, err := strconv.Atoi(child)
		if err != nil {
			o.t.Fatal(err)
		}
		if err := syscall.Kill(pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
			o.t.Fatal(err)
		}
	}
}

// pause lets the server answer nothing and keep its connections, as a machine
// does that is out of reach; resume lets it go on.
func (o *outage) pause()  { o.signal(syscall.SIGSTOP) }
func (o *outage) resume() { o.signal(syscall.SIGCONT) }

// stop ends the server as its machine's shutdown does, and waits until it has
// let go of its port.
func (o *outage) stop() {
	o.t.Helper()
	if err := syscall.Kill(o.postmaster(), syscall.SIGINT); err != nil { // fast shutdown
		o.t.Fatal(err)
	}
	await(o.t, "the database server has stopped", longest, func() bool { return !o.runs() })
}

func (o *outage) runs() bool {
	_, err := os.Stat(filepath.Join(o.folder, "postmaster.pid"))
	return err == nil
}

// start starts the stopped server again, where it was.
func (o *outage) start() {
	o.t.Helper()
	command, err := os.ReadFile(filepath.Join(o.folder, "postmaster.opts"))
	if err != nil {
		o.t.Fatal(err)
	}
	info, err := os.Stat(o.folder)
	if err != nil {
		o.t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", "exec "+string(command))
	cmd.Dir = filepath.Dir(o.folder)
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}
	}
	runAs(o.t, cmd)
}

// Pages say that the database is away and what to do, while it is paused and
// while it is stopped; afterwards they, the stream and the steps go on by
// themselves, and nothing that was said meanwhile is lost.
func TestPostgresOutage(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	h := newHouse(t, o.url)
	stream := badplace.NewJetstream()
	t.Cleanup(stream.Close)
	h.query("Hobel")
	h.channel(lastword.Channel{Connector: "bluesky", Name: "Strom", Settings: map[string]string{"hosts": stream.URL()}})
	served := h.serve(strings.TrimPrefix(stream.URL(), "http://"))
	b := h.signIn(served)
	said := 0
	say := func() {
		said++
		stream.Say(did(said), rkey(said), fmt.Sprintf("Der Hobel Nummer %d ist stumpf.", said))
	}
	recovered := func() {
		t.Helper()
		await(t, "the page is there again", longest, func() bool {
			status, _, err := b.get("/voices")
			return err == nil && status == http.StatusOK
		})
		h.beside(func(a *App) {
			await(t, "all is heard and understood", 90*time.Second, func() bool {
				if len(h.voices(a)) != said { // asked first: voices come with their job
					return false
				}
				open, err := a.DB.OpenJobs(t.Context())
				h.must(err)
				return open == 0
			})
		})
	}
	say()
	recovered()
	for _, away := range []struct {
		how        string
		stop, back func()
	}{
		{"paused", o.pause, o.resume},
		{"stopped", o.stop, o.start},
	} {
		away.stop()
		say()
		h.tellsOutage(b, away.how)
		say()
		began := time.Now()
		away.back()
		recovered()
		t.Logf("%s: recovered after %v", away.how, time.Since(began).Round(time.Millisecond))
	}
	served.stop()
	h.inside(func(a *App) {
		h.allUnderstood(a)
		h.auditHolds(a)
	})
}

// tellsOutage expects that pages, and forms, say that the database is away.
func (h *house) tellsOutage(b *browser, how string) {
	h.Helper()
	began := time.Now()
	for _, path := range []string{"/voices", "/queries/new"} {
		ask := b.get
		if path == "/queries/new" {
			ask = func(path string) (int, string, error) {
				return b.post(path, map[string][]string{"name": {"Säge"}, "text": {"säge"}})
			}
		}
		status, page, err := ask(path)
		if err != nil || status != http.StatusServiceUnavailable {
			h.Fatalf("%s while the database is %s: %d, %v", path, how, status, err)
		}
		for _, want := range []string{"Gerade nicht erreichbar", "antwortet im Moment nicht", "Versuchen Sie es in einer Minute noch einmal."} {
			if !strings.Contains(page, want) {
				h.Errorf("%s while the database is %s does not say %q", path, how, want)
			}
		}
		for _, secret := range []string{"postgres", "127.0.0.1", "SQLSTATE"} {
			if strings.Contains(page, secret) {
				h.Errorf("%s while the database is %s tells a visitor of %q", path, how, secret)
			}
		}
	}
	h.Logf("%s: two pages told so within %v", how, time.Since(began).Round(time.Millisecond))
}
