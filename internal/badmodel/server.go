// Package badmodel is a server of language models for tests, that behaves as well
// or as badly as it is told to.
package badmodel

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// A Fault is what goes wrong with one request.
type Fault string

// The faults.
const (
	None      Fault = ""
	Slow      Fault = "slow"      // begins to answer after Server.Delay
	Cut       Fault = "cut"       // breaks off within the body
	Shape     Fault = "shape"     // answers with JSON of another shape
	Page      Fault = "page"      // answers with a page of HTML
	Busy      Fault = "busy"      // 429, with Retry-After
	Broken    Fault = "broken"    // 500
	Denied    Fault = "denied"    // 401
	Huge      Fault = "huge"      // 64 MiB
	Elsewhere Fault = "elsewhere" // redirects to another server
	NoShapes  Fault = "noshapes"  // 400 to a request that asks for a shape
)

// A Request is what reached the server.
type Request struct {
	Path, Key, Body string
}

// A Server answers /v1/embeddings and /v1/chat/completions.
type Server struct {
	URL   string // up to the version
	Host  string // host:port
	Delay time.Duration
	Other string // where Elsewhere leads

	// Embed says where a text lies; nil means nowhere in particular.
	Embed func(text string) []float64
	// Chat answers with the content of a message.
	Chat func(system, user string) string
	// Fault says what goes wrong with the nth request, from 1.
	Fault func(n int, path string) Fault

	mu   sync.Mutex
	seen []Request
	http *httptest.Server
}

// New starts a server; the test closes it.
func New() *Server {
	s := &Server{Delay: time.Minute}
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL, s.Host = s.http.URL+"/v1", strings.TrimPrefix(s.http.URL, "http://")
	return s
}

// Close ends it.
func (s *Server) Close() { s.http.CloseClientConnections(); s.http.Close() }

// Seen returns what reached the server so far.
func (s *Server) Seen() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.seen...)
}

func (s *Server) note(r *http.Request, body string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, Request{r.URL.Path, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), body})
	return len(s.seen)
}

type asked struct {
	Input    []string `json:"input"`
	Messages []struct {
		Content string `json:"content"`
	} `json:"messages"`
	Format *json.RawMessage `json:"response_format"`
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	var q asked
	raw := new(strings.Builder)
	var body json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, "no JSON", http.StatusBadRequest)
		return
	}
	raw.Write(body)
	if err := json.Unmarshal(body, &q); err != nil {
		http.Error(w, "no request", http.StatusBadRequest)
		return
	}
	n := s.note(r, raw.String())
	fault := None
	if s.Fault != nil {
		fault = s.Fault(n, r.URL.Path)
	}
	if s.fails(w, r, fault, q) {
		return
	}
	switch r.URL.Path {
	case "/v1/embeddings":
		reply(w, s.embeddings(q.Input))
	case "/v1/chat/completions":
		if s.Chat == nil || len(q.Messages) != 2 {
			http.Error(w, "two messages are wanted", http.StatusBadRequest)
			return
		}
		reply(w, completion(s.Chat(q.Messages[0].Content, q.Messages[1].Content)))
	default:
		http.NotFound(w, r)
	}
}

// fails does what goes wrong, and reports whether that was all.
func (s *Server) fails(w http.ResponseWriter, r *http.Request, f Fault, q asked) bool {
	switch f {
	case Slow:
		select {
		case <-time.After(s.Delay):
		case <-r.Context().Done():
		}
		return r.Context().Err() != nil
	case Cut:
		w.Header().Set("Content-Length", "9000")
		_, _ = w.Write([]byte(`{"data":[{"index":0,"embedding":[0.1,`)) // the reader finds out
		return true
	case Shape:
		reply(w, map[string]any{"data": "none", "choices": []any{}})
		return true
	case Page:
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html>Wartung</html>")) // the reader finds out
		return true
	case Busy:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "busy", http.StatusTooManyRequests)
		return true
	case Broken:
		http.Error(w, "broken", http.StatusInternalServerError)
		return true
	case Denied:
		http.Error(w, "denied", http.StatusUnauthorized)
		return true
	case Huge:
		for range 64 {
			if _, err := w.Write([]byte(strings.Repeat(" ", 1<<20))); err != nil {
				return true
			}
		}
		return true
	case Elsewhere:
		http.Redirect(w, r, s.Other+r.URL.Path, http.StatusTemporaryRedirect)
		return true
	case NoShapes:
		if q.Format != nil {
			http.Error(w, "response_format is not known", http.StatusBadRequest)
			return true
		}
	}
	return false
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // a client that left has no use for it
}

func (s *Server) embeddings(texts []string) any {
	data := make([]any, len(texts))
	for i, t := range texts {
		at := []float64{1, 0}
		if s.Embed != nil {
			at = s.Embed(t)
		}
		data[len(texts)-1-i] = map[string]any{"index": i, "embedding": at} // in any order
	}
	return map[string]any{"data": data, "usage": map[string]any{"total_tokens": 10 * len(texts)}}
}

func completion(content string) any {
	return map[string]any{
		"choices": []any{map[string]any{"message": map[string]any{"content": content}, "finish_reason": "stop"}},
		"usage":   map[string]any{"total_tokens": 100},
	}
}
