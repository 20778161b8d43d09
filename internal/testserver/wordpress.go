package testserver

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

//go:embed wordpress/router.php wordpress/mu
var wordpressFiles embed.FS

// WordPressOptions set up a site.
type WordPressOptions struct {
	Path    string // the folder it lives in, such as "/blog"; empty: the top
	Plain   bool   // plain permalinks: the REST root is "?rest_route=/"
	NoAgent bool   // a plugin removes what names a commenter's browser
	Flood   bool   // people may not comment twice within 15 s, as it is usual
}

// A WordPress is a running site with its own database. Its users are "admin",
// "editor", "author" and "subscriber", each of the role of that name.
type WordPress struct {
	URL   string // of the site, without a slash at the end
	Users map[string]WordPressUser

	prefix string // of REST paths: URL + "/wp-json" or URL + "/?rest_route="
	cmds   []*exec.Cmd
	log    *os.File // what both say
	once   sync.Once
}

// A WordPressUser is an account of the site. Its password is an application
// password.
type WordPressUser struct {
	ID       int64
	Name     string `json:"-"`
	Password string
}

// StartWordPress starts a database and a site over a copy of the one that was
// installed, and ends both with the test. It skips the test unless
// LASTWORD_TEST_SERVERS is set.
func StartWordPress(t testing.TB, o WordPressOptions) *WordPress {
	t.Helper()
	installed := folder(t, "wordpress")
	dir, err := os.MkdirTemp("", "lwwp") // short, as sockets demand
	if err != nil {
		t.Fatalf("testserver: %v", err)
	}
	w := &WordPress{}
	t.Cleanup(func() {
		w.Stop()
		if err := os.RemoveAll(dir); err != nil {
			t.Logf("testserver: %v", err)
		}
	})
	if w.log, err = os.Create(filepath.Join(dir, "log")); err == nil {
		err = w.prepare(installed, dir)
	}
	if err != nil {
		t.Fatalf("testserver: WordPress: %v", err)
	}
	port := freePort(t)
	w.URL = "http://127.0.0.1:" + strconv.Itoa(port) + o.Path
	if w.prefix = w.URL + "/wp-json"; o.Plain {
		w.prefix = w.URL + "/?rest_route="
	}
	err = errors.Join(w.startDatabase(dir), w.startSite(installed, dir, port, o))
	if err == nil {
		err = w.ready()
	}
	if err != nil {
		w.Stop()
		said, _ := os.ReadFile(filepath.Join(dir, "log")) // what can be told of it
		t.Fatalf("testserver: WordPress did not start: %v\n%s", err, said)
	}
	return w
}

func (w *WordPress) prepare(installed, dir string) error {
	users, err := os.ReadFile(filepath.Join(installed, "users.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(users, &w.Users); err != nil {
		return err
	}
	for name, u := range w.Users {
		u.Name = name
		w.Users[name] = u
	}
	if err := os.CopyFS(filepath.Join(dir, "data"), os.DirFS(filepath.Join(installed, "data"))); err != nil {
		return err
	}
	return os.CopyFS(dir, wordpressFiles)
}

func (w *WordPress) startDatabase(dir string) error {
	// Names of the data files are as when it was installed.
	args := []string{"--no-defaults", "--datadir=" + filepath.Join(dir, "data"), "--skip-grant-tables", "--skip-networking",
		"--socket=" + filepath.Join(dir, "sql.sock"), "--pid-file=" + filepath.Join(dir, "sql.pid"),
		"--innodb-log-file-size=4M", "--innodb-undo-tablespaces=0", "--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0"}
	if os.Getuid() == 0 {
		args = append(args, "--user=root")
	}
	return w.start(exec.Command("/usr/sbin/mariadbd", args...))
}

func (w *WordPress) startSite(installed, dir string, port int, o WordPressOptions) error {
	cmd := exec.Command("php", "-d", "display_errors=0", "-S", "127.0.0.1:"+strconv.Itoa(port), filepath.Join(dir, "wordpress", "router.php"))
	cmd.Env = append(os.Environ(), "TMPDIR="+dir, "PHP_CLI_SERVER_WORKERS=4",
		"LW_ROOT="+filepath.Join(installed, "site"), "LW_SOCKET="+filepath.Join(dir, "sql.sock"),
		"LW_HOME="+w.URL, "LW_MU="+filepath.Join(dir, "wordpress", "mu"))
	for name, on := range map[string]bool{"LW_PLAIN": o.Plain, "LW_NO_AGENT": o.NoAgent, "LW_FLOOD": o.Flood} {
		if on {
			cmd.Env = append(cmd.Env, name+"=1")
		}
	}
	return w.start(cmd)
}

func (w *WordPress) start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stderr = w.log
	if err := cmd.Start(); err != nil {
		return err
	}
	w.cmds = append(w.cmds, cmd)
	return nil
}

// ready waits until the site answers from its database.
func (w *WordPress) ready() error {
	var err error
	for end := time.Now().Add(startLimit); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err = w.call("", http.MethodGet, "/wp/v2/types", nil, nil); err == nil {
			return nil
		}
	}
	return err
}

// Stop ends the site and its database. It may be called more than once.
func (w *WordPress) Stop() {
	w.once.Do(func() {
		for _, cmd := range w.cmds {
			// The group may be gone in this very moment; the data goes with the folder.
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			_ = cmd.Wait()
		}
		if w.log != nil {
			_ = w.log.Close()
		}
	})
}

// Call asks the REST API as a user, or as nobody where user is empty, with in as
// JSON, and fails the test unless it succeeds. Path begins with "/wp/v2/". What
// comes back is decoded into out, if that is not nil.
func (w *WordPress) Call(t testing.TB, user, method, path string, in, out any) {
	t.Helper()
	if err := w.call(user, method, path, in, out); err != nil {
		t.Fatalf("testserver: WordPress: %s %s: %v", method, path, err)
	}
}

func (w *WordPress) call(user, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, w.prefix+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if u, ok := w.Users[user]; ok {
		req.SetBasicAuth(u.Name, u.Password)
	}
	resp, err := (&http.Client{Timeout: callLimit}).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return err
	case resp.StatusCode/100 != 2:
		return fmt.Errorf("status %d: %s", resp.StatusCode, said)
	case out == nil:
		return nil
	}
	return json.Unmarshal(said, out)
}

// Post publishes a post as admin and returns its id.
func (w *WordPress) Post(t testing.TB, title, content string) int64 {
	t.Helper()
	var made struct{ ID int64 }
	w.Call(t, "admin", http.MethodPost, "/wp/v2/posts", map[string]any{"title": title, "content": content, "status": "publish"}, &made)
	return made.ID
}

// Comment lets a reader who has no account comment. Status is "approved" or
// "hold".
func (w *WordPress) Comment(t testing.TB, post, parent int64, name, text, status string) int64 {
	t.Helper()
	var made struct{ ID int64 }
	w.Call(t, "admin", http.MethodPost, "/wp/v2/comments", map[string]any{"post": post, "parent": parent, "content": text, "status": status,
		"author_name": name, "author_email": name + "@leser.example"}, &made)
	return made.ID
}

// freePort finds a port of loopback on which nobody listens now.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("testserver: %v", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
