// Package metatest is one of Meta's hosts for tests, in the shape of its
// documentation: it answers what a test lets it say, and refuses as Meta does.
package metatest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// An Answer answers one request: its status and its body. Form is the body of a
// request, or its JSON under the name "json".
type Answer func(r *http.Request, form url.Values) (int, string)

// A World is an http.RoundTripper. What nobody taught it is not there: code 100,
// subcode 33.
type World struct {
	t      testing.TB
	header http.Header

	mu      sync.Mutex
	answers map[string]Answer
	Asked   []string
}

// New returns a world that knows nothing yet.
func New(t testing.TB) *World {
	return &World{t: t, answers: map[string]Answer{}, header: http.Header{}}
}

// On teaches an answer to a method and an address without "https://", as in
// "GET graph.threads.net/v1.0/me".
func (w *World) On(name string, a Answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answers[name] = a
}

// Says teaches a body.
func (w *World) Says(name, body string) {
	w.On(name, func(*http.Request, url.Values) (int, string) { return 200, body })
}

// Refuses teaches a refusal.
func (w *World) Refuses(name string, status, code, sub int) {
	w.On(name, func(*http.Request, url.Values) (int, string) { return status, Refusal(code, sub) })
}

// Refusal is what Meta says when it refuses.
func Refusal(code, sub int) string {
	return fmt.Sprintf(`{"error":{"message":"(#%d) text of a stranger","type":"OAuthException","code":%d,"error_subcode":%d,"fbtrace_id":"A"}}`, code, code, sub)
}

// RoundTrip implements http.RoundTripper.
func (w *World) RoundTrip(r *http.Request) (*http.Response, error) {
	var form url.Values
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if r.Header.Get("Content-Type") == "application/json" {
			form = url.Values{"json": {string(body)}}
		} else if form, err = url.ParseQuery(string(body)); err != nil {
			return nil, err
		}
	}
	name := r.Method + " " + r.URL.Host + r.URL.EscapedPath()
	w.mu.Lock()
	w.Asked = append(w.Asked, name)
	answer := w.answers[name]
	w.mu.Unlock()
	if r.URL.Scheme != "https" {
		w.t.Errorf("asked %s in the clear", name)
	}
	status, said := 400, Refusal(100, 33)
	if answer != nil {
		status, said = answer(r, form)
	}
	return &http.Response{StatusCode: status, Header: w.header.Clone(), Body: io.NopCloser(strings.NewReader(said)), Request: r, ProtoMajor: 1}, nil
}

// Client returns a client of this world.
func (w *World) Client() *http.Client { return &http.Client{Transport: w} }

// Sign signs a push as an app does.
func Sign(secret, body string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(m.Sum(nil))
}

// Encode is v as JSON.
func Encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // a test that cannot write its own answer
	}
	return string(b)
}
