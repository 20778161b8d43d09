package blogger_test

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
	"lastword/listen"
	"lastword/listen/blogger"
	"lastword/listen/listentest"
)

var now = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

const (
	at    = "www.googleapis.com/blogger/v3/blogs"
	blog  = at + "/2399953"
	byKey = "AIzaKey"
)

var (
	stranger = map[string]string{"url": "schuhe.example", "key": byKey}
	signedIn = map[string]string{"url": "schuhe.example", "client": "1-a.apps.googleusercontent.com", "clientsecret": "geheim", "refresh": "r"}
)

// A world is Google, in the shape of its documentation.
type world struct {
	t       *testing.T
	mu      sync.Mutex
	answers map[string]func(r *http.Request, body []byte) (int, string) // by method, host and path
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, answers: map[string]func(*http.Request, []byte) (int, string){}}
	w.says("POST oauth2.googleapis.com/token", `{"access_token":"t","expires_in":3599,"refresh_token":"r2","scope":"https://www.googleapis.com/auth/blogger"}`)
	w.says("GET "+at+"/byurl", `{"kind":"blogger#blog","id":"2399953","name":"Schuhfabrik"}`)
	w.says("GET "+blog+"/comments", recorded(t, "comments"))
	w.says("GET "+blog+"/posts", recorded(t, "posts"))
	return w
}

func recorded(t testing.TB, name string) string {
	b, err := os.ReadFile("testdata/" + name + ".json")
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
	w.mu.Unlock()
	if r.URL.Host == "www.googleapis.com" && (r.Header.Get("Authorization") == "Bearer t") == (r.URL.Query().Get("key") == byKey) {
		w.t.Errorf("%s with %v", r.URL, r.Header)
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

func (w *world) open(at time.Time, settings map[string]string) (listen.Source, map[string]int) {
	w.t.Helper()
	host, drops := w.host(at)
	src, err := blogger.New().Open(listen.Account{Channel: 1, Settings: settings}, host)
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
	listentest.Exercise(t, blogger.New(), stranger)
	listentest.Exercise(t, blogger.New(), signedIn)
	host, _ := newWorld(t).host(now)
	for _, c := range []struct{ name, value, field string }{
		{"url", "ftp://a.example", "url"}, {"key", "", "key"}, {"client", "x", "client"}, {"publish", "now", "publish"},
	} {
		settings := map[string]string{"url": "schuhe.example", "key": byKey}
		settings[c.name] = c.value
		_, err := blogger.New().Open(listen.Account{Settings: settings}, host)
		var m *lastword.Mistake
		if !errors.As(err, &m) || m.Field != c.field {
			t.Errorf("%s=%q: %v", c.name, c.value, err)
		}
	}
}

func TestThePromisesOfASource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.says("GET "+blog+"/posts", `{}`)
	var mu sync.Mutex
	n := 230
	w.on("GET "+blog+"/comments", func(r *http.Request, _ []byte) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		var all []any
		for i := range n {
			all = append(all, map[string]any{"id": fmt.Sprint(1000 + i), "post": map[string]any{"id": "7"}, "content": fmt.Sprint("Nummer ", i), "published": now.Add(time.Duration(i-10_000) * time.Minute)})
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
		Network: blogger.Name,
		Open:    func() listen.Source { src, _ := w.open(now, stranger); return src },
		Grow:    func() { mu.Lock(); n += 130; mu.Unlock() },
	})
}

func TestDocumentedAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src, drops := w.open(now, stranger)
	var h listentest.Heard
	if err := src.Poll(t.Context(), "", h.Hear); err != nil {
		t.Fatal(err)
	}
	events := h.Events()
	if len(events) != 4 || len(drops) != 0 {
		t.Fatalf("%v, drops %v", events, drops)
	}
	post, anonymous, tom, ours := events[0].Post, events[1].Post, events[2].Post, events[3].Post
	if post.Title != "Neue Leisten & halbe Größen" || !post.Own || post.Text != "Ab Herbst." {
		t.Errorf("the post: %+v", post)
	}
	if tom.Text != "Endlich!\nGibt es die auch in weit?" || tom.Author.Key != "g17062394652" || tom.Parent != post.Key || tom.Own ||
		tom.URL != "http://schuhe.example/2026/11/neue-leisten.html?showComment=7706273476706534552#c7706273476706534552" {
		t.Errorf("Tom: %+v", tom)
	}
	// An answer that a person gave there is heard as ours.
	if !ours.Own || ours.Parent != tom.Key || ours.Root != post.Key || ours.Text != "Ja, ab Oktober." {
		t.Errorf("our own: %+v", ours)
	}
	if anonymous.Author.Key != anonymous.Key {
		t.Errorf("somebody anonymous: %+v", anonymous)
	}
	var all map[string]any
	if err := json.Unmarshal([]byte(recorded(t, "comments")), &all); err != nil {
		t.Fatal(err)
	}
	all["items"] = all["items"].([]any)[1:]
	w.says("GET "+blog+"/comments", encode(all))
	later, _ := w.open(now.Add(2*time.Hour), stranger)
	var more listentest.Heard
	if err := later.Poll(t.Context(), h.Cursor(""), more.Hear); err != nil || len(more.Events()) != 1 || more.Events()[0].Op != lastword.Deleted || more.Events()[0].Post.Key != ours.Key {
		t.Errorf("a deleted comment: %v, %v", more.Events(), err)
	}
	w.says("GET "+blog+"/comments", `{"items":[null,{"id":"a/b"},{"id":"1","post":{"id":"2"}},{"id":"3","post":{"id":"2"},"published":"2026-11-20T10:00:00Z","content":"Wartet","status":"PENDING"}]}`)
	src, drops = w.open(now, stranger)
	var bad listentest.Heard
	if err := src.Poll(t.Context(), "", bad.Hear); err != nil || len(bad.Events()) != 1 || drops["comment-unreadable"] != 3 {
		t.Errorf("unreadable: %v, %v, drops %v", bad.Events(), err, drops)
	}
}

func TestPublishing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var mu sync.Mutex
	made := map[string]string{}
	w.on("POST "+blog+"/posts", func(r *http.Request, body []byte) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Query().Get("isDraft") != "true" || json.Unmarshal(body, &made) != nil {
			t.Errorf("POST %s %s", r.URL, body)
		}
		return 200, `{"id":"77","url":"http://schuhe.example/77"}`
	})
	w.on("GET "+blog+"/posts", func(*http.Request, []byte) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		if made["content"] == "" {
			return 200, `{}`
		}
		return 200, encode(map[string]any{"items": []any{map[string]any{"id": "77", "url": "http://schuhe.example/77", "content": made["content"]}}})
	})
	src, _ := w.open(now, signedIn)
	a := listen.Reply{Key: "4711", Text: "Neue Leisten\n\nAb <Herbst>\n& so.\n\n## Weite\n\n- **H**"}
	got, err := src.(listen.Publisher).Publish(t.Context(), a)
	if err != nil || got.Key != "2399953|p77" || made["title"] != "Neue Leisten" || !strings.HasPrefix(made["content"], "<p>Ab &lt;Herbst&gt;<br>&amp; so.</p>\n<h3>Weite</h3>\n<ul>\n<li><strong>H</strong></li>\n</ul>\n<!--lastword:4711-->") {
		t.Errorf("%+v, %v, %v", got, err, made)
	}
	made["title"] = ""
	if again, err := src.(listen.Publisher).Publish(t.Context(), a); err != nil || again != got || made["title"] != "" {
		t.Errorf("again: %+v, %v", again, err)
	}
	w.on("GET "+blog+"/posts/77", func(*http.Request, []byte) (int, string) {
		return 200, encode(map[string]any{"id": "77", "url": "http://schuhe.example/77", "content": made["content"]})
	})
	changed := false
	w.on("PATCH "+blog+"/posts/77", func(*http.Request, []byte) (int, string) { changed = true; return 200, "{}" })
	if err := src.(listen.Editor).Edit(t.Context(), got.Key, a); err != nil || !changed {
		t.Errorf("edit: %v", err)
	}
	if err := src.(listen.Editor).Remove(t.Context(), got.Key); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("a post that is gone: %v", err)
	}
	if err := src.(listen.Editor).Remove(t.Context(), "1|p77"); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("a strange key: %v", err)
	}
	src, _ = w.open(now, stranger)
	if _, err := src.(listen.Publisher).Publish(t.Context(), a); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("by a stranger: %v", err)
	}
	for settings, can := range map[*map[string]string]int{&stranger: 1, &signedIn: 4} {
		src, _ := w.open(now, *settings)
		all, err := src.(listen.Checker).Check(t.Context())
		n := 0
		for _, ability := range all {
			if ability.Can {
				n++
			} else if ability.Why == "" {
				t.Errorf("cannot %s, and nobody says why", ability.Name)
			}
		}
		if err != nil || n != can {
			t.Errorf("%+v, %v", all, err)
		}
	}
	if _, is := src.(listen.Replier); is {
		t.Error("the API cannot answer comments, and the source says it could")
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
		{"no blog", "GET " + at + "/byurl", `{"error":{"code":404}}`, 404, lastword.ErrDenied, "connector.blogger.error.no-blog"},
		{"private", "GET " + blog + "/comments", `{"error":{"code":403,"status":"PERMISSION_DENIED"}}`, 403, lastword.ErrDenied, "connector.blogger.error.rights"},
		{"wrong key", "GET " + at + "/byurl", `{"error":{"code":400,"details":[{"reason":"API_KEY_INVALID"}]}}`, 400, lastword.ErrDenied, "connector.google.error.key"},
		{"used up", "GET " + blog + "/posts", `{"error":{"code":403,"errors":[{"reason":"dailyLimitExceeded"}]}}`, 403, lastword.ErrUnavailable, ""},
		{"down", "GET " + blog + "/posts", `<html>`, 503, lastword.ErrUnavailable, ""},
		{"strange", "GET " + at + "/byurl", `{}`, 200, lastword.ErrUnavailable, ""},
	} {
		w := newWorld(t)
		w.on(c.at, func(*http.Request, []byte) (int, string) { return c.status, c.body })
		src, _ := w.open(now, stranger)
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
	signin, acct := blogger.New().(listen.Authorizer), listen.Account{Settings: signedIn}
	at, kept, err := signin.Authorize(t.Context(), acct, host, "https://lastword.example/back", "state")
	if err != nil || !strings.HasPrefix(at, "https://accounts.google.com/") {
		t.Fatalf("%s, %v", at, err)
	}
	if set, err := signin.Exchange(t.Context(), acct, host, "https://lastword.example/back", kept, url.Values{"code": {"c"}}); err != nil || set["refresh"] != "r2" {
		t.Errorf("%v, %v", set, err)
	}
}

func FuzzComment(f *testing.F) {
	for _, name := range []string{"comments", "posts"} {
		var got struct{ Items []json.RawMessage }
		if err := json.Unmarshal([]byte(recorded(f, name)), &got); err != nil {
			f.Fatal(err)
		}
		for _, raw := range got.Items {
			f.Add([]byte(raw))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if c, ok := blogger.ReadComment(raw); ok && (c.ID == "" || strings.ContainsAny(c.ID+c.Post.ID, "/|.") || c.Published.IsZero()) {
			t.Errorf("%q: %+v", raw, c)
		}
		if a, ok := blogger.ReadArticle(raw); ok && (a.ID == "" || strings.ContainsAny(a.ID, "/|.")) {
			t.Errorf("%q: %+v", raw, a)
		}
	})
}

// Pictures stay with us and are shown from there, where anybody outside reaches us;
// other words leave them as they are.
func TestPictures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.says("GET "+blog+"/posts", `{}`)
	var made map[string]string
	take := func(_ *http.Request, body []byte) (int, string) {
		if err := json.Unmarshal(body, &made); err != nil {
			t.Error(err)
		}
		return 200, `{"id":"77","url":"http://schuhe.example/77"}`
	}
	w.on("POST "+blog+"/posts", take)
	w.on("PATCH "+blog+"/posts/77", take)
	w.on("GET "+blog+"/posts/77", func(*http.Request, []byte) (int, string) {
		return 200, encode(map[string]any{"id": "77", "url": "http://schuhe.example/77", "content": made["content"]})
	})
	src, _ := w.open(now, signedIn)
	if m := src.(listen.Mannered).Manner(t.Context()); m.Pictures != 0 {
		t.Errorf("nobody reaches us: %+v", m)
	}
	p := listen.Post{Key: "9", Title: "Leisten", Parts: []string{"Neu."}, Pictures: []listen.Picture{
		{Picture: lastword.Picture{Width: 40, Height: 30, Alt: `Ein "Leisten"`}, URL: "https://hear.example/shown/1/ab/x.jpg"}}}
	got, err := src.(listen.Poster).Post(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	shows := `<!--lastword:pictures--><p><img src="https://hear.example/shown/1/ab/x.jpg" alt="Ein &#34;Leisten&#34;" width="40" height="30" style="max-width:100%;height:auto"></p><!--/lastword:pictures-->`
	if want := shows + "<p>Neu.</p>\n<!--lastword:9-->"; made["content"] != want {
		t.Errorf("published %s, want %s", made["content"], want)
	}
	if err := src.(listen.Editor).Edit(t.Context(), got[0].Key, listen.Reply{Key: "10", Text: "Leisten\n\nAnders."}); err != nil || made["content"] != shows+"<p>Anders.</p>\n<!--lastword:10-->" {
		t.Errorf("changed: %v, %s", err, made["content"])
	}
	p.Pictures[0].URL = ""
	if _, err := src.(listen.Poster).Post(t.Context(), p); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("nobody can fetch it: %v", err)
	}
}
