package youtube_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/youtube"
)

var now = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

const at = "www.googleapis.com/youtube/v3/"

var settings = map[string]string{"client": "1-a.apps.googleusercontent.com", "clientsecret": "geheim", "refresh": "r"}

// A world is Google, in the shape of its documentation.
type world struct {
	t       *testing.T
	mu      sync.Mutex
	answers map[string]func(r *http.Request, body []byte) (int, string) // by method, host and path
	asked   int
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, answers: map[string]func(*http.Request, []byte) (int, string){}}
	w.says("POST oauth2.googleapis.com/token", `{"access_token":"t","expires_in":3599,"refresh_token":"r2","scope":"https://www.googleapis.com/auth/youtube.force-ssl"}`)
	w.says("GET "+at+"channels", `{"items":[{"kind":"youtube#channel","id":"UCfirma"}]}`)
	w.says("GET "+at+"commentThreads", recorded(t))
	w.says("GET "+at+"comments", `{"items":[]}`)
	return w
}

func recorded(t testing.TB) string {
	b, err := os.ReadFile("testdata/threads.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (w *world) on(name string, f func(*http.Request, []byte) (int, string)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answers[name] = f
}

func (w *world) says(name, body string) {
	w.on(name, func(*http.Request, []byte) (int, string) { return 200, body })
}

func (w *world) refuses(name string, status int, reason string) {
	w.on(name, func(*http.Request, []byte) (int, string) {
		return status, fmt.Sprintf(`{"error":{"code":%d,"errors":[{"domain":"youtube","reason":%q}]}}`, status, reason)
	})
}

func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	w.mu.Lock()
	answer := w.answers[r.Method+" "+r.URL.Host+r.URL.Path]
	if r.URL.Host == "www.googleapis.com" {
		w.asked++
	}
	w.mu.Unlock()
	if token := r.Header.Get("Authorization"); (token == "Bearer t") != (r.URL.Host == "www.googleapis.com") {
		w.t.Errorf("%s with %q", r.URL, token)
	}
	status, said := 404, `{"error":{"code":404,"errors":[{"reason":"notFound"}]}}`
	if answer != nil {
		status, said = answer(r, body)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(said)), Request: r, ProtoMajor: 1}, nil
}

func (w *world) host(at time.Time) (listen.Host, map[string]int) {
	host, drops, _ := listentest.Host(&http.Client{Transport: w}, at)
	return host, drops
}

func (w *world) open(at time.Time) (listen.Source, map[string]int) {
	w.t.Helper()
	host, drops := w.host(at)
	src, err := youtube.New().Open(listen.Account{Channel: 1, Settings: settings}, host)
	if err != nil {
		w.t.Fatal(err)
	}
	return src, drops
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestThePromisesOfAConnector(t *testing.T) {
	t.Parallel()
	listentest.Exercise(t, youtube.New(), settings)
}

func TestThePromisesOfASource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var mu sync.Mutex
	n := 230
	w.on("GET "+at+"commentThreads", func(r *http.Request, _ []byte) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		if q := r.URL.Query(); q.Get("allThreadsRelatedToChannelId") != "UCfirma" || q.Get("order") != "time" || q.Get("textFormat") != "plainText" {
			t.Errorf("asked %s", r.URL)
		}
		var all []any
		for i := range n {
			id := fmt.Sprint("Ug", i)
			all = append(all, map[string]any{"id": id, "snippet": map[string]any{"videoId": "v", "topLevelComment": map[string]any{"id": id,
				"snippet": map[string]any{"textDisplay": fmt.Sprint("Nummer ", i), "publishedAt": now.Add(time.Duration(i-10_000) * time.Minute)}}}})
		}
		slices.Reverse(all)
		from := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("pageToken"), &from)
		to := min(from+100, n)
		got := map[string]any{"items": all[from:to]}
		if to < n {
			got["nextPageToken"] = fmt.Sprint(to)
		}
		return 200, encode(got)
	})
	listentest.ExerciseSource(t, listentest.Place{
		Network: youtube.Name,
		Open:    func() listen.Source { src, _ := w.open(now); return src },
		Grow:    func() { mu.Lock(); n += 130; mu.Unlock() },
	})
}

func TestDocumentedThreads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src, drops := w.open(now)
	var h listentest.Heard
	if err := src.Poll(t.Context(), "", h.Hear); err != nil {
		t.Fatal(err)
	}
	events := h.Events()
	if len(events) != 3 || len(drops) != 0 || w.asked != 2 {
		t.Fatalf("%v, drops %v, %d units", events, drops, w.asked)
	}
	udo, tom, ina := events[0].Post, events[1].Post, events[2].Post
	if tom.Text != "Gibt es die Schuhe auch in weit?" || tom.Author.Key != "UCtom" || tom.Author.Handle != "tomweber" || tom.Own || tom.Private || tom.Parent != "" ||
		tom.URL != "https://www.youtube.com/watch?v=dQw4w9WgXcQ&lc=UgzTom1" {
		t.Errorf("Tom: %+v", tom)
	}
	if ina.Parent != tom.Key || ina.Root != tom.Key {
		t.Errorf("Ina: %+v", ina)
	}
	if o := src.(listen.Chooser).Options(udo); len(o) != 1 || !o[0].Closed {
		t.Errorf("a closed thread: %+v", o)
	}
	if o := src.(listen.Chooser).Options(tom); len(o) != 1 || o[0].Closed {
		t.Errorf("an open thread: %+v", o)
	}
	// A thread with more replies than came along; Udo's comment is gone.
	var all map[string]any
	if err := json.Unmarshal([]byte(strings.Replace(recorded(t), `"totalReplyCount": 1`, `"totalReplyCount": 2`, 1)), &all); err != nil {
		t.Fatal(err)
	}
	all["items"] = all["items"].([]any)[:1]
	w.says("GET "+at+"commentThreads", encode(all))
	w.on("GET "+at+"comments", func(r *http.Request, _ []byte) (int, string) {
		if r.URL.Query().Get("id") != "" {
			return 200, `{"items":[]}`
		}
		return 200, `{"items":[{"id":"UgzTom1.9aInA","snippet":{"textDisplay":"Das wüsste ich auch gern.","parentId":"UgzTom1","authorChannelId":{"value":"UCina"},"publishedAt":"2026-11-20T12:00:00Z"}},
			{"id":"UgzTom1.9bUs","snippet":{"textDisplay":"Ja, ab Oktober.","parentId":"UgzTom1","authorChannelId":{"value":"UCfirma"},"publishedAt":"2026-11-27T12:00:00Z"}},{"id":"a/b"}]}`
	})
	later, drops := w.open(now.Add(2 * time.Hour))
	var more listentest.Heard
	if err := later.Poll(t.Context(), h.Cursor(""), more.Hear); err != nil {
		t.Fatal(err)
	}
	got := more.Events()
	if len(got) != 2 || got[0].Op != lastword.Deleted || got[0].Post.Key != udo.Key || !got[1].Post.Own || got[1].Post.Parent != tom.Key || drops["comment-unreadable"] != 1 {
		t.Errorf("later: %v, drops %v", got, drops)
	}
	w.says("GET "+at+"commentThreads", `{"items":[null,{"id":"x"},{"id":"a|b","snippet":{}},{"id":"y","snippet":{"videoId":"../x","topLevelComment":{"id":"y","snippet":{"publishedAt":"2026-11-27T12:00:00Z"}}}}]}`)
	src, drops = w.open(now)
	var bad listentest.Heard
	if err := src.Poll(t.Context(), "", bad.Hear); err != nil || len(bad.Events()) != 0 || drops["thread-unreadable"] != 4 {
		t.Errorf("unreadable: %v, %v, drops %v", bad.Events(), err, drops)
	}
}

func TestAnswering(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src, _ := w.open(now)
	to := lastword.Post{Key: "UgzTom1.9aInA", Ref: `{"t":"UgzTom1","v":"dQw4w9WgXcQ"}`, SaidAt: now.Add(-time.Hour)}
	var mu sync.Mutex
	var there []any
	w.on("GET "+at+"comments", func(r *http.Request, _ []byte) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Query().Get("parentId") != "UgzTom1" {
			t.Errorf("asked %s", r.URL)
		}
		return 200, encode(map[string]any{"items": there})
	})
	w.on("POST "+at+"comments", func(_ *http.Request, body []byte) (int, string) {
		var got struct {
			Snippet struct{ ParentID, TextOriginal string }
		}
		if err := json.Unmarshal(body, &got); err != nil || got.Snippet.ParentID != "UgzTom1" {
			t.Errorf("POST %s, %v", body, err)
		}
		mu.Lock()
		defer mu.Unlock()
		made := map[string]any{"id": fmt.Sprint("UgzTom1.us", len(there)), "snippet": map[string]any{"textDisplay": got.Snippet.TextOriginal, "parentId": "UgzTom1",
			"authorChannelId": map[string]any{"value": "UCfirma"}, "publishedAt": now}}
		there = append(there, made)
		return 200, encode(made)
	})
	a := listen.Reply{Key: "1", Text: "Ja, ab Oktober.\n\nIhre Schuhfabrik"}
	if _, found, err := src.(listen.Finder).FindReply(t.Context(), to, a); err != nil || found {
		t.Fatalf("FindReply before: %v, %v", found, err)
	}
	got, err := src.(listen.Replier).Reply(t.Context(), to, a)
	if err != nil || got.Key != "UgzTom1.us0" {
		t.Fatalf("%+v, %v", got, err)
	}
	if again, err := src.(listen.Replier).Reply(t.Context(), to, a); err != nil || again != got || len(there) != 1 {
		t.Errorf("again: %+v, %v", again, err)
	}
	if found, ok, err := src.(listen.Finder).FindReply(t.Context(), to, a); err != nil || !ok || found != got {
		t.Errorf("FindReply: %+v, %v, %v", found, ok, err)
	}
	w.on("PUT "+at+"comments", func(_ *http.Request, body []byte) (int, string) {
		if !strings.Contains(string(body), `"id":"UgzTom1.us0"`) || !strings.Contains(string(body), "Anders") {
			t.Errorf("PUT %s", body)
		}
		return 200, "{}"
	})
	if err := src.(listen.Editor).Edit(t.Context(), got.Key, listen.Reply{Text: "Anders"}); err != nil {
		t.Error(err)
	}
	if err := src.(listen.Editor).Remove(t.Context(), got.Key); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("a comment that is gone: %v", err)
	}
	if err := src.(listen.Editor).Remove(t.Context(), "a/b"); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("a strange key: %v", err)
	}
	for _, c := range []struct {
		status int
		reason string
		want   error
	}{
		{404, "parentCommentNotFound", lastword.ErrGone}, {403, "commentsDisabled", lastword.ErrInvalid}, {400, "parentCommentIsPrivate", lastword.ErrInvalid},
		{400, "commentTextTooLong", lastword.ErrInvalid}, {403, "forbidden", lastword.ErrDenied}, {403, "quotaExceeded", lastword.ErrUnavailable}, {500, "backendError", lastword.ErrUnavailable},
	} {
		w.refuses("POST "+at+"comments", c.status, c.reason)
		_, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Key: "2", Text: c.reason})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.reason, err, c.want)
		}
		if wait, ok := httpx.RetryAfter(err); ok != (c.reason == "quotaExceeded") || ok && wait != 23*time.Hour {
			t.Errorf("%s: wait %v", c.reason, wait)
		}
	}
	if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Text: strings.Repeat("x", 10_001)}); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("too long: %v", err)
	}
}

func TestBadDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, at, body string
		status         int
		kind           error
		key            string
	}{
		{"no channel", "GET " + at + "channels", `{}`, 200, lastword.ErrDenied, "connector.youtube.error.no-channel"},
		{"rights", "GET " + at + "commentThreads", `{"error":{"code":403,"errors":[{"reason":"forbidden"}]}}`, 403, lastword.ErrDenied, "connector.youtube.error.rights"},
		{"scope", "GET " + at + "channels", `{"error":{"code":403,"errors":[{"reason":"insufficientPermissions"}]}}`, 403, lastword.ErrDenied, "connector.google.error.scope"},
		{"used up", "GET " + at + "commentThreads", `{"error":{"code":403,"errors":[{"reason":"quotaExceeded"}]}}`, 403, lastword.ErrUnavailable, ""},
		{"down", "GET " + at + "commentThreads", `<html>`, 503, lastword.ErrUnavailable, ""},
		{"half", "GET " + at + "commentThreads", `{"items":[`, 200, lastword.ErrUnavailable, ""},
		{"signed out", "POST oauth2.googleapis.com/token", `{"error":"invalid_grant"}`, 400, lastword.ErrDenied, "connector.google.error.signin-again"},
	} {
		w := newWorld(t)
		w.on(c.at, func(*http.Request, []byte) (int, string) { return c.status, c.body })
		src, _ := w.open(now)
		var h listentest.Heard
		err := src.Poll(t.Context(), "", h.Hear)
		var m *lastword.Mistake
		if !errors.Is(err, c.kind) || errors.As(err, &m) != (c.key != "") || c.key != "" && m.Key != c.key {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestSigningIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, _ := w.host(now)
	signin, acct := youtube.New().(listen.Authorizer), listen.Account{Settings: settings}
	where, kept, err := signin.Authorize(t.Context(), acct, host, "https://lastword.example/back", "state")
	if err != nil || !strings.HasPrefix(where, "https://accounts.google.com/") {
		t.Fatalf("%s, %v", where, err)
	}
	if set, err := signin.Exchange(t.Context(), acct, host, "https://lastword.example/back", kept, url.Values{"code": {"c"}}); err != nil || set["refresh"] != "r2" {
		t.Errorf("%v, %v", set, err)
	}
	src, _ := w.open(now)
	if all, err := src.(listen.Checker).Check(t.Context()); err != nil || len(all) != 4 {
		t.Errorf("%v, %v", all, err)
	}
}

func FuzzThread(f *testing.F) {
	var got struct{ Items []json.RawMessage }
	if err := json.Unmarshal([]byte(recorded(f)), &got); err != nil {
		f.Fatal(err)
	}
	for _, raw := range got.Items {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if th, ok := youtube.ReadThread(raw); ok && (th.ID == "" || strings.ContainsAny(th.ID+th.Snippet.VideoID+th.Snippet.TopLevelComment.ID, "/| &")) {
			t.Errorf("%q: %+v", raw, th)
		}
		if c, ok := youtube.ReadComment(raw); ok && (strings.ContainsAny(c.ID+c.Snippet.ParentID, "/| &") || c.Snippet.PublishedAt.IsZero()) {
			t.Errorf("%q: %+v", raw, c)
		}
	})
}
