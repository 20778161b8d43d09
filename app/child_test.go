package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"lastword/internal/pgtest"
)

// server is the one PostgreSQL of these tests; TestMain ends it.
var server = sync.OnceValues(func() (*pgtest.Server, error) { return pgtest.Start(context.Background()) })

// asked says that some test asked for the server.
var asked atomic.Bool

// binary is the program as users run it, built once; TestMain removes it.
var binary = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "lastword-built-")
	if err != nil {
		return "", err
	}
	built.Store(&folder)
	name := filepath.Join(folder, "lastword")
	out, err := exec.Command("go", "build", "-o", name, "lastword/cmd/lastword").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return name, nil
})

// built is where the binary lies, once a test asked for it.
var built atomic.Pointer[string]

func TestMain(m *testing.M) {
	code := m.Run()
	if folder := built.Load(); folder != nil && os.RemoveAll(*folder) != nil {
		code = 1
	}
	if asked.Load() {
		if s, err := server(); err == nil && s.Close() != nil {
			code = 1
		}
	}
	os.Exit(code)
}

// postgres returns the address of an empty database.
func postgres(t testing.TB) string {
	asked.Store(true)
	return pgtest.Open(t, server)
}

// longest is how long a test waits for what must happen. It is long, since it costs
// nothing where all is well, and machines that test are slow and shared.
const longest = 5 * time.Minute

// A child is a process of the program.
type child struct {
	t    testing.TB
	cmd  *exec.Cmd
	out  *output
	err  *output
	done chan struct{} // closed when it has ended
	at   string        // where it serves, after serving
}

// run starts the program. It ends with the test at the latest.
func run(t testing.TB, args ...string) *child {
	t.Helper()
	name, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return runAs(t, exec.Command(name, args...))
}

func runAs(t testing.TB, cmd *exec.Cmd) *child {
	t.Helper()
	c := &child{t: t, cmd: cmd, out: newOutput(), err: newOutput(), done: make(chan struct{})}
	c.cmd.Stdout, c.cmd.Stderr = c.out, c.err
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "LASTWORD_") {
			c.cmd.Env = append(c.cmd.Env, v)
		}
	}
	if c.cmd.SysProcAttr == nil {
		c.cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	c.cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.done)
		_ = c.cmd.Wait() // how it ended is asked of its state
	}()
	t.Cleanup(c.kill)
	return c
}

// kill ends the process as a power cut does, and waits until it is gone.
func (c *child) kill() {
	if err := c.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		c.t.Error(err)
	}
	<-c.done
}

// stop asks the process to end and expects that it does so well.
func (c *child) stop() {
	c.t.Helper()
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		c.t.Errorf("stop: %v\n%s", err, c.err)
	}
	c.ends(0, 30*time.Second)
}

// ends waits for the end and compares the exit code.
func (c *child) ends(code int, limit time.Duration) {
	c.t.Helper()
	select {
	case <-c.done:
	case <-time.After(limit):
		c.kill()
		c.t.Fatalf("%q did not end within %v\n%s", c.cmd.Args, limit, c.err)
	}
	if got := c.cmd.ProcessState.ExitCode(); got != code {
		c.t.Fatalf("%q ended with %d, want %d\n%s%s", c.cmd.Args[1:], got, code, c.out, c.err)
	}
}

// ended reports whether the process ended by itself.
func (c *child) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

var address = regexp.MustCompile(`Lastword is at (\S+)`)

// serving waits until the pages are served.
func (c *child) serving() *child {
	c.t.Helper()
	if !c.says(c.out, "Lastword is at ", longest) {
		c.t.Fatalf("%q does not serve\n%s%s", c.cmd.Args[1:], c.out, c.err)
	}
	c.at = address.FindStringSubmatch(c.out.String())[1]
	return c
}

// says waits until the output holds a text; false if the process ended or the
// time is over before.
func (c *child) says(o *output, text string, limit time.Duration) bool {
	over := time.After(limit)
	for {
		more := o.next()
		if strings.Contains(o.String(), text) {
			return true
		}
		select {
		case <-more:
		case <-c.done:
			return strings.Contains(o.String(), text)
		case <-over:
			return false
		}
	}
}

// An output keeps what a process writes and tells when it writes more.
type output struct {
	mu   sync.Mutex
	b    bytes.Buffer
	more chan struct{}
}

func newOutput() *output { return &output{more: make(chan struct{})} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.more)
	o.more = make(chan struct{})
	return o.b.Write(p)
}

func (o *output) next() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.more
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
