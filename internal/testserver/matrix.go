package testserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// A Matrix is a running homeserver of its own, that speaks to no other.
type Matrix struct {
	URL  string
	Name string // of the server, behind the colon of its users

	cmd  *exec.Cmd
	log  *os.File
	once sync.Once
	n    int // of transactions
}

// A MatrixUser is an account at the homeserver.
type MatrixUser struct {
	ID       string
	Password string
	Token    string
}

// StartMatrix starts a homeserver and ends it with the test. It skips the test
// unless LASTWORD_TEST_SERVERS is set.
func StartMatrix(t testing.TB) *Matrix {
	t.Helper()
	installed := folder(t, "matrix")
	dir := t.TempDir()
	port := freePort(t)
	m := &Matrix{URL: "http://127.0.0.1:" + strconv.Itoa(port), Name: "localhost"}
	t.Cleanup(m.Stop)
	err := m.start(installed, dir, port)
	if err == nil {
		err = m.ready()
	}
	if err != nil {
		m.Stop()
		said, _ := os.ReadFile(filepath.Join(dir, "log")) // what can be told of it
		t.Fatalf("testserver: Matrix did not start: %v\n%s", err, said)
	}
	return m
}

// matrixConfig keeps each part in a database file of its own, and everything else
// in memory.
const matrixConfig = `version: 2
global:
  server_name: localhost
  private_key: key.pem
  disable_federation: true
  cache: {max_size_estimated: 64mb, max_age: 1h}
  jetstream: {in_memory: true, storage_path: ./, topic_prefix: Test}
client_api:
  registration_disabled: false
  rate_limiting: {enabled: false}
app_service_api: {database: {connection_string: "file:app.db"}}
federation_api: {database: {connection_string: "file:federation.db"}, key_perspectives: []}
key_server: {database: {connection_string: "file:keys.db"}}
media_api: {base_path: ./media, database: {connection_string: "file:media.db"}}
mscs: {database: {connection_string: "file:mscs.db"}}
relay_api: {database: {connection_string: "file:relay.db"}}
room_server: {database: {connection_string: "file:rooms.db"}}
sync_api: {database: {connection_string: "file:sync.db"}}
user_api: {bcrypt_cost: 4, account_database: {connection_string: "file:accounts.db"}, device_database: {connection_string: "file:devices.db"}}
logging: [{type: std, level: warn}]
`

func (m *Matrix) start(installed, dir string, port int) (err error) {
	if m.log, err = os.Create(filepath.Join(dir, "log")); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(matrixConfig), 0o600); err != nil {
		return err
	}
	key := exec.Command(filepath.Join(installed, "generate-keys"), "--private-key", filepath.Join(dir, "key.pem"))
	if said, err := key.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	m.cmd = exec.Command(filepath.Join(installed, "dendrite"), "-config", "config.yaml", "-really-enable-open-registration",
		"-http-bind-address", "127.0.0.1:"+strconv.Itoa(port), "-https-bind-address", "")
	m.cmd.Dir, m.cmd.Stdout, m.cmd.Stderr = dir, m.log, m.log
	return m.cmd.Start()
}

func (m *Matrix) ready() error {
	var err error
	for end := time.Now().Add(startLimit); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err = m.call("", http.MethodGet, "/versions", nil, nil); err == nil {
			return nil
		}
	}
	return err
}

// Stop ends the homeserver. It may be called more than once.
func (m *Matrix) Stop() {
	m.once.Do(func() {
		if m.cmd != nil && m.cmd.Process != nil {
			// It may have ended in this very moment; its data goes with the folder.
			_ = m.cmd.Process.Kill()
			_ = m.cmd.Wait()
		}
		if m.log != nil {
			_ = m.log.Close()
		}
	})
}

// Call asks the Client-Server API with a token, or none, and fails the test unless
// it succeeds. Path begins behind "/_matrix/client".
func (m *Matrix) Call(t testing.TB, token, method, path string, in, out any) {
	t.Helper()
	if err := m.call(token, method, path, in, out); err != nil {
		t.Fatalf("testserver: Matrix: %s %s: %v", method, path, err)
	}
}

func (m *Matrix) call(token, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, m.URL+"/_matrix/client"+path, body)
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := (&http.Client{Timeout: callLimit}).Do(req)
	if err != nil {
		return err
	}
	said, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("status %d: %s", resp.StatusCode, said)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(said, out)
}

// User makes an account.
func (m *Matrix) User(t testing.TB, name string) MatrixUser {
	t.Helper()
	u := MatrixUser{Password: "geheim-" + name}
	var made struct {
		User  string `json:"user_id"`
		Token string `json:"access_token"`
	}
	m.Call(t, "", http.MethodPost, "/v3/register", map[string]any{"username": name, "password": u.Password, "auth": map[string]string{"type": "m.login.dummy"}}, &made)
	u.ID, u.Token = made.User, made.Token
	return u
}

// Room makes a room, "public_chat" or "private_chat", and invites.
func (m *Matrix) Room(t testing.TB, by MatrixUser, preset string, invite ...string) string {
	t.Helper()
	var made struct {
		ID string `json:"room_id"`
	}
	m.Call(t, by.Token, http.MethodPost, "/v3/createRoom", map[string]any{"preset": preset, "invite": invite}, &made)
	return made.ID
}

// Say sends an event into a room and returns its id.
func (m *Matrix) Say(t testing.TB, by MatrixUser, room, kind string, content map[string]any) string {
	t.Helper()
	m.n++
	var made struct {
		ID string `json:"event_id"`
	}
	m.Call(t, by.Token, http.MethodPut, "/v3/rooms/"+url.PathEscape(room)+"/send/"+kind+"/test"+strconv.Itoa(m.n), content, &made)
	return made.ID
}

// Text says something plain in a room.
func (m *Matrix) Text(t testing.TB, by MatrixUser, room, text string) string {
	t.Helper()
	return m.Say(t, by, room, "m.room.message", map[string]any{"msgtype": "m.text", "body": text})
}

// Event reads one event as its reader sees it.
func (m *Matrix) Event(t testing.TB, reader MatrixUser, room, id string) map[string]any {
	t.Helper()
	var e map[string]any
	m.Call(t, reader.Token, http.MethodGet, "/v3/rooms/"+url.PathEscape(room)+"/event/"+url.PathEscape(id), nil, &e)
	return e
}
