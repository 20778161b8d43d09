package wordpress_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/wordpress"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// A house is a site that answers as WordPress did when it was recorded, and as a
// test wants on bad days. What a good WordPress does is proved against a real one.
type house struct {
	*httptest.Server
	mu      sync.Mutex
	answers map[string]http.HandlerFunc // by method and path
	calls   []string
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{answers: map[string]http.HandlerFunc{}}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	h.answers["HEAD /"] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", `<`+h.URL+`/wp-json/>; rel="https://api.w.org/"`)
	}
	for path, file := range map[string]string{"/": "index", "/wp/v2/users/me": "me", "/wp/v2/comments": "comments", "/wp/v2/posts": "posts"} {
		h.answers["GET /wp-json"+path] = says(recorded(t, file))
	}
	return h
}

func (h *house) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	name := r.Method + " " + r.URL.Path
	h.calls = append(h.calls, name)
	answer := h.answers[name]
	h.mu.Unlock()
	if answer == nil {
		refuses(404, "rest_no_route")(w, r)
		return
	}
	answer(w, r)
}

func (h *house) set(name string, f http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers[name] = f
}

func recorded(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-WP-TotalPages", "1")
		fmt.Fprint(w, body)
	}
}

func refuses(status int, code string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"code":%q,"message":"as the test wants","data":{"status":%d}}`, code, status)
	}
}

var now = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

func (h *house) open(t *testing.T, user string, more ...string) (listen.Source, map[string]int) {
	t.Helper()
	settings := map[string]string{"url": h.URL}
	if user != "" {
		settings["user"], settings["password"] = user, "abcd efgh ijkl mnop qrst uvwx"
	}
	for i := 0; i+1 < len(more); i += 2 {
		settings[more[i]] = more[i+1]
	}
	host, drops, _ := listentest.Host(h.Client(), now)
	src, err := wordpress.New().Open(listen.Account{Channel: 1, Settings: settings}, host)
	if err != nil {
		t.Fatal(err)
	}
	return src, drops
}

// A shelf holds numbered comments and lists them as WordPress does.
type shelf struct {
	mu  sync.Mutex
	all []map[string]any // by rising number
}

func (s *shelf) add(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		id := len(s.all) + 1
		s.all = append(s.all, map[string]any{
			"id": id, "post": 1, "parent": 0, "author": 0, "author_name": "Tom", "author_email": "tom@leser.example",
			"date_gmt": now.Add(time.Duration(id-20_000) * time.Minute).Format("2006-01-02T15:04:05"),
			"content":  map[string]any{"rendered": fmt.Sprintf("<p>Nummer %d</p>", id)}, "status": "approved", "link": "https://schuhe.example/?c=" + strconv.Itoa(id),
		})
	}
}

func (s *shelf) list(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.Clone(s.all)
	slices.Reverse(all)
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	pages := (len(all) + 99) / 100
	from := min((page-1)*100, len(all))
	w.Header().Set("X-WP-TotalPages", strconv.Itoa(pages))
	if err := json.NewEncoder(w).Encode(all[from:min(from+100, len(all))]); err != nil {
		panic(err)
	}
}

// lines counts how often a path was asked.
func (h *house) lines(part string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.calls {
		if strings.Contains(c, part) {
			n++
		}
	}
	return n
}

// recorder makes an answer without a server.
type recorder struct {
	h    http.Header
	body string
}

func (w *recorder) response(r *http.Request) *http.Response {
	return &http.Response{StatusCode: 200, Header: w.h, Body: io.NopCloser(strings.NewReader(w.body)), Request: r, ProtoMajor: 1}
}
