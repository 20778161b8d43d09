package ghost_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
	"lastword/listen/ghost"
	"lastword/listen/listentest"
)

var now = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

const goodKey = "0123456789abcdef01234567:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

// A house is a Ghost that answers as the real one did when it was recorded, and
// as a test wants on bad days.
type house struct {
	*httptest.Server
	mu      sync.Mutex
	answers map[string]http.HandlerFunc // by method and path below the API
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{answers: map[string]http.HandlerFunc{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		answer := h.answers[r.Method+" "+strings.TrimPrefix(r.URL.Path, "/ghost/api/admin")]
		h.mu.Unlock()
		if answer == nil {
			answer = refuses(404, "NotFoundError", "")
		}
		answer(w, r)
	}))
	t.Cleanup(h.Close)
	for _, name := range []string{"site", "posts", "comments"} {
		h.answers["GET /"+name+"/"] = says(recorded(t, name))
	}
	h.answers["GET /members/"] = says(`{"members":[{"id":"6b09e678b17c787794c0f3d0","email":"firma@schuhe.example"}]}`)
	return h
}

func (h *house) set(name string, f http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers[name] = f
}

func recorded(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
}

func refuses(status int, kind, code string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"errors":[{"message":"as the test wants","type":%q,"code":%q}]}`, kind, code)
	}
}

func (h *house) open(t *testing.T, more ...string) (listen.Source, map[string]int) {
	t.Helper()
	settings := map[string]string{"url": h.URL, "key": goodKey, "member": "firma@schuhe.example"}
	for i := 0; i+1 < len(more); i += 2 {
		settings[more[i]] = more[i+1]
	}
	host, drops, _ := listentest.Host(h.Client(), now)
	src, err := ghost.New().Open(listen.Account{Channel: 1, Settings: settings}, host)
	if err != nil {
		t.Fatal(err)
	}
	return src, drops
}

func TestThePromisesOfAConnector(t *testing.T) {
	t.Parallel()
	listentest.Exercise(t, ghost.New(), map[string]string{"url": "schuhe.example", "key": goodKey})
	host, _, _ := listentest.Host(http.DefaultClient, now)
	for _, c := range []struct{ name, value string }{
		{"url", "ftp://a.example"}, {"url", "https://a:b@c.example"}, {"key", "geheim"}, {"key", goodKey + "0"}, {"member", "firma"},
		{"member", "a@b.example'+status:paid"}, {"publish", "now"},
	} {
		settings := map[string]string{"url": "schuhe.example", "key": goodKey}
		settings[c.name] = c.value
		_, err := ghost.New().Open(listen.Account{Settings: settings}, host)
		var m *lastword.Mistake
		if !errors.As(err, &m) || m.Field != c.name {
			t.Errorf("%s=%q: %v", c.name, c.value, err)
		}
	}
}

func TestThePromisesOfASource(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var mu sync.Mutex
	n := 330
	h.set("GET /posts/", says(`{"posts":[]}`))
	h.set("GET /comments/", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		var all []map[string]any
		for i := range n {
			all = append(all, map[string]any{"id": fmt.Sprintf("%024x", i), "status": "published", "html": fmt.Sprintf("<p>Nummer %d</p>", i),
				"created_at": now.Add(time.Duration(i-10_000) * time.Minute).Format(time.RFC3339), "member": nil, "post": map[string]any{"id": "p1", "url": "https://schuhe.example/p/"}})
		}
		slices.Reverse(all)
		page, err := strconv.Atoi(r.URL.Query().Get("page"))
		if err != nil {
			page = 1
		}
		from := min((page-1)*100, n)
		if err := json.NewEncoder(w).Encode(map[string]any{"comments": all[from:min(from+100, n)], "meta": map[string]any{"pagination": map[string]any{"pages": (n + 99) / 100}}}); err != nil {
			t.Error(err)
		}
	})
	listentest.ExerciseSource(t, listentest.Place{
		Network: ghost.Name,
		Open:    func() listen.Source { src, _ := h.open(t); return src },
		Grow:    func() { mu.Lock(); n += 120; mu.Unlock() },
	})
}

func TestRecordedAnswers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	src, drops := h.open(t)
	var heard listentest.Heard
	if err := src.Poll(t.Context(), "", heard.Hear); err != nil {
		t.Fatal(err)
	}
	said := map[string]lastword.Post{}
	for _, e := range heard.Events() {
		said[e.Post.Text] = e.Post
	}
	// The hidden comment is heard of by nobody.
	if len(said) != 4 || len(drops) != 0 {
		t.Fatalf("%v, drops %v", said, drops)
	}
	tom := said["Endlich! Auch in weit?"]
	if tom.Author.Handle == "" || tom.Author.Name != "tom" || tom.Private || tom.URL != "https://schuhe.example/neue-leisten/#ghost-comments-root" {
		t.Errorf("the comment: %+v", tom)
	}
}

func TestBadDays(t *testing.T) {
	t.Parallel()
	page := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); fmt.Fprint(w, "<html>") }
	}
	for _, c := range []struct {
		name, at string
		answer   http.HandlerFunc
		kind     error
		key      string
	}{
		{"no Ghost", "GET /site/", page(404), lastword.ErrDenied, "no-ghost"},
		{"a page", "GET /site/", page(200), lastword.ErrDenied, "no-ghost"},
		{"away", "GET /site/", page(502), lastword.ErrUnavailable, ""},
		{"key taken back", "GET /posts/", refuses(401, "UnauthorizedError", "UNKNOWN_ADMIN_API_KEY"), lastword.ErrDenied, "key-refused"},
		{"key wrong", "GET /comments/", refuses(400, "BadRequestError", "INVALID_JWT"), lastword.ErrDenied, "key-refused"},
		{"firewall", "GET /posts/", page(403), lastword.ErrDenied, "blocked"},
		{"too old", "GET /posts/", refuses(406, "RequestNotAcceptableError", "UPDATE_GHOST"), lastword.ErrDenied, "version"},
		{"maintenance", "GET /comments/", refuses(503, "MaintenanceError", ""), lastword.ErrUnavailable, ""},
		{"slow down", "GET /comments/", refuses(429, "TooManyRequestsError", "", "Retry-After", "77"), lastword.ErrUnavailable, ""},
		{"a page instead of comments", "GET /comments/", page(200), lastword.ErrUnavailable, ""},
		{"huge", "GET /comments/", says(strings.Repeat("x", 9<<20)), httpx.ErrTooLarge, ""},
	} {
		h := newHouse(t)
		h.set(c.at, c.answer)
		src, _ := h.open(t)
		var heard listentest.Heard
		err := src.Poll(t.Context(), "", heard.Hear)
		var m *lastword.Mistake
		if !errors.Is(err, c.kind) || errors.As(err, &m) != (c.key != "") || c.key != "" && m.Key != "connector.ghost.error."+c.key {
			t.Errorf("%s: %v", c.name, err)
		}
		if wait, ok := httpx.RetryAfter(err); c.name == "slow down" && (!ok || wait != 77*time.Second) {
			t.Errorf("wait %v", wait)
		}
	}
}

// A Ghost that lets no integration at its comments still tells its posts.
func TestWithoutComments(t *testing.T) {
	t.Parallel()
	for _, answer := range []http.HandlerFunc{refuses(501, "NotImplementedError", ""), refuses(404, "NotFoundError", ""), refuses(403, "NoPermissionError", "")} {
		h := newHouse(t)
		h.set("GET /comments/", answer)
		src, drops := h.open(t)
		var heard listentest.Heard
		if err := src.Poll(t.Context(), "", heard.Hear); err != nil || len(heard.Events()) != 2 || drops["no-comments"] != 1 {
			t.Errorf("%v, %d events, drops %v", err, len(heard.Events()), drops)
		}
		all, err := src.(listen.Checker).Check(t.Context())
		if err != nil || !all[0].Can || all[0].Why == "" || all[1].Can || !all[2].Can {
			t.Errorf("%+v, %v", all, err)
		}
	}
}

func TestUnreadableCommentsNeverBlock(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.set("GET /comments/", says(`{"comments":[null,7,{"id":"a/../b","created_at":"2026-11-27T20:00:00Z"},{"id":"ab","created_at":"gestern"},{"id":"ac","created_at":"2026-11-27T20:00:00Z","status":"published","html":null},
		{"id":"ad","created_at":"2026-11-27T20:00:00Z","status":"published","html":"<p>Gut</p>","member":null,"post":null}]}`))
	src, drops := h.open(t)
	var heard listentest.Heard
	if err := src.Poll(t.Context(), "", heard.Hear); err != nil {
		t.Fatal(err)
	}
	if n := len(heard.Events()); n != 3 || drops["comment-unreadable"] != 4 {
		t.Errorf("%d events, drops %v", n, drops)
	}
}

func TestWhatARefusedAnswerMeans(t *testing.T) {
	t.Parallel()
	to := lastword.Post{Key: "schuhe.example|cab", Ref: `{"c":"ab","t":"ab","p":"cd"}`, URL: "https://schuhe.example/p/"}
	one := `{"comments":[{"id":"ab","created_at":"2026-11-27T20:00:00Z","status":"published","html":"x"}]}`
	for _, c := range []struct {
		name     string
		on, post http.HandlerFunc
		want     error
	}{
		{"gone", refuses(404, "NotFoundError", ""), nil, lastword.ErrGone},
		{"hidden", says(strings.ReplaceAll(one, "published", "hidden")), nil, lastword.ErrGone},
		{"gone meanwhile", nil, refuses(404, "NotFoundError", ""), lastword.ErrGone},
		{"switched off", nil, refuses(405, "MethodNotAllowedError", ""), lastword.ErrInvalid},
		{"members only", nil, refuses(403, "NoPermissionError", ""), lastword.ErrInvalid},
		{"strange", nil, refuses(422, "ValidationError", ""), lastword.ErrInvalid},
		{"revoked", nil, refuses(401, "UnauthorizedError", ""), lastword.ErrDenied},
		{"down", nil, refuses(500, "InternalServerError", ""), lastword.ErrUnavailable},
		{"unreadable", nil, says("{}"), lastword.ErrUnavailable},
	} {
		h := newHouse(t)
		h.set("GET /comments/", says(`{"comments":[]}`))
		h.set("GET /comments/ab/", says(one))
		if c.on != nil {
			h.set("GET /comments/ab/", c.on)
		}
		if c.post != nil {
			h.set("POST /comments/", c.post)
		}
		src, _ := h.open(t)
		if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Key: "1", Made: now, Text: "Danke"}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	h := newHouse(t)
	src, _ := h.open(t, "member", "")
	if o := src.(listen.Chooser).Options(to); len(o) != 1 || !o[0].ByHand || o[0].At != to.URL {
		t.Errorf("without a member: %+v", o)
	}
	h.set("GET /members/", says(`{"members":[]}`))
	src, _ = h.open(t)
	var m *lastword.Mistake
	if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Key: "1", Text: "x"}); !errors.As(err, &m) || m.Key != "connector.ghost.error.member-unknown" || !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("an unknown member: %v", err)
	}
	if err := src.(listen.Editor).Edit(t.Context(), to.Key, listen.Reply{}); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("a comment is edited: %v", err)
	}
}

// A post is HTML, its picture the feature image; a second attempt finds it, and other
// words leave the picture as it is.
func TestPostWithAPicture(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var mu sync.Mutex
	var made map[string]any
	var brought []string
	h.set("GET /posts/", func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		all := []any{}
		if made != nil {
			all = append(all, map[string]any{"id": "ab", "url": "https://schuhe.example/ab/", "codeinjection_foot": made["codeinjection_foot"]})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"posts": all})
	})
	h.set("GET /posts/ab/", says(`{"posts":[{"id":"ab","updated_at":"2026-11-28T08:00:00.000Z"}]}`))
	h.set("POST /images/upload/", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		file, head, err := r.FormFile("file")
		if err != nil || r.FormValue("purpose") != "image" {
			t.Errorf("a picture: %v", err)
			return
		}
		raw, _ := io.ReadAll(file)
		brought = append(brought, head.Filename+" "+head.Header.Get("Content-Type")+" "+string(raw))
		fmt.Fprint(w, `{"images":[{"url":"https://schuhe.example/content/images/2026/11/lastword.png","ref":null}]}`)
	})
	take := func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		var got struct{ Posts []map[string]any }
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil || len(got.Posts) != 1 || r.URL.Query().Get("source") != "html" {
			t.Errorf("%s: %v", r.URL, err)
			return
		}
		made = got.Posts[0]
		fmt.Fprint(w, `{"posts":[{"id":"ab","url":"https://schuhe.example/ab/","status":"published","published_at":"2026-11-28T09:00:00.000Z","html":"x","title":"x"}]}`)
	}
	h.set("POST /posts/", take)
	h.set("PUT /posts/ab/", take)
	src, _ := h.open(t)
	if m := src.(listen.Mannered).Manner(t.Context()); m.Pictures != 1 || m.LongAlt != 191 || !m.Markup {
		t.Errorf("manner %+v", m)
	}
	p := listen.Post{Key: "9", Made: now, Title: "Weite H", Parts: []string{"Wir machen **jetzt** H.\n\n- weit"}, Pictures: []listen.Picture{
		{Picture: lastword.Picture{Digest: "0123456789abcdef0123456789abcdef", Type: "image/png", Alt: "Ein Leisten"}, Bytes: []byte("bild")}}}
	got, err := src.(listen.Poster).Post(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if made["title"] != "Weite H" || made["html"] != "<p>Wir machen <strong>jetzt</strong> H.</p>\n<ul>\n<li>weit</li>\n</ul>\n" ||
		made["feature_image"] != "https://schuhe.example/content/images/2026/11/lastword.png" || made["feature_image_alt"] != "Ein Leisten" {
		t.Errorf("published %v", made)
	}
	again, err := src.(listen.Poster).Post(t.Context(), p)
	if err != nil || again[0] != got[0] || strings.Join(brought, ", ") != "lastword-0123456789abcdef01234567.png image/png bild" {
		t.Errorf("again: %+v, %v; brought %v", again, err, brought)
	}
	if err := src.(listen.Editor).Edit(t.Context(), got[0].Key, listen.Reply{Text: "Weite H\n\nAnders."}); err != nil {
		t.Fatal(err)
	}
	if _, touched := made["feature_image"]; touched || made["html"] != "<p>Anders.</p>\n" {
		t.Errorf("changed: %v", made)
	}
	made = nil
	h.set("POST /images/upload/", refuses(415, "UnsupportedMediaTypeError", ""))
	if _, err := src.(listen.Poster).Post(t.Context(), p); !errors.Is(err, lastword.ErrInvalid) || made != nil {
		t.Errorf("a picture that is not taken: %v, %v", err, made)
	}
	p.Pictures = append(p.Pictures, p.Pictures[0])
	if _, err := src.(listen.Poster).Post(t.Context(), p); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("two pictures: %v", err)
	}
}

func FuzzComment(f *testing.F) {
	var got struct{ Comments, Posts []json.RawMessage }
	for _, name := range []string{"comments", "posts"} {
		if err := json.Unmarshal([]byte(recorded(f, name)), &got); err != nil {
			f.Fatal(err)
		}
	}
	for _, raw := range append(got.Comments, got.Posts...) {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if c, ok := ghost.ReadComment(raw); ok && (c.ID == "" || strings.ContainsAny(c.ID, "/|' ") || c.Made.IsZero()) {
			t.Errorf("%q: %+v", raw, c)
		}
		if a, ok := ghost.ReadArticle(raw); ok && (a.ID == "" || strings.ContainsAny(a.ID, "/|' ")) {
			t.Errorf("%q: %+v", raw, a)
		}
	})
}
