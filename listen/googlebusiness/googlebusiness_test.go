package googlebusiness_test

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
	"lastword/listen/googlebusiness"
	"lastword/listen/listentest"
)

var now = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

const (
	accountsAt = "GET mybusinessaccountmanagement.googleapis.com/v1/accounts"
	placesAt   = "GET mybusinessbusinessinformation.googleapis.com/v1/accounts/101/locations"
	reviewsAt  = "mybusiness.googleapis.com/v4/accounts/101/locations/202/reviews"
	tom        = "accounts/101/locations/202/reviews/AbFvOqkT0m"
)

var settings = map[string]string{"client": "1-a.apps.googleusercontent.com", "clientsecret": "geheim", "refresh": "r"}

// A world is Google, in the shape of its documentation.
type world struct {
	t       *testing.T
	mu      sync.Mutex
	answers map[string]func(r *http.Request, body []byte) (int, string) // by method, host and path
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, answers: map[string]func(*http.Request, []byte) (int, string){}}
	w.says("POST oauth2.googleapis.com/token", `{"access_token":"t","expires_in":3599,"refresh_token":"r2","scope":"https://www.googleapis.com/auth/business.manage"}`)
	w.says(accountsAt, `{"accounts":[{"name":"accounts/101","accountName":"Schuhfabrik","type":"PERSONAL"}]}`)
	w.says(placesAt, `{"locations":[{"name":"locations/202","title":"Schuhfabrik Ahlenbach"}],"totalSize":1}`)
	w.says("GET "+reviewsAt, recorded(t))
	return w
}

func recorded(t testing.TB) string {
	b, err := os.ReadFile("testdata/reviews.json")
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
	if token := r.Header.Get("Authorization"); (token == "Bearer t") != strings.HasPrefix(r.URL.Host, "mybusiness") {
		w.t.Errorf("%s with %q", r.URL, token)
	}
	status, said := 404, `{"error":{"code":404,"status":"NOT_FOUND"}}`
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
	src, err := googlebusiness.New().Open(listen.Account{Channel: 1, Settings: settings}, host)
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
	listentest.Exercise(t, googlebusiness.New(), settings)
}

func TestThePromisesOfASource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.says(placesAt, `{"locations":[{"name":"locations/202","title":"Ahlenbach"},{"name":"locations/203","title":"Muster"},{"name":"../x","title":"Strange"}]}`)
	var mu sync.Mutex
	n := 130
	for _, place := range []string{"202", "203"} {
		w.on("GET mybusiness.googleapis.com/v4/accounts/101/locations/"+place+"/reviews", func(r *http.Request, _ []byte) (int, string) {
			mu.Lock()
			defer mu.Unlock()
			var all []any
			for i := range n {
				all = append(all, map[string]any{"name": fmt.Sprintf("accounts/101/locations/%s/reviews/r%d", place, i), "starRating": "THREE", "comment": fmt.Sprint("Nummer ", i),
					"createTime": now.Add(time.Duration(i-10_000) * time.Minute)})
			}
			slices.Reverse(all)
			from := 0
			_, _ = fmt.Sscan(r.URL.Query().Get("pageToken"), &from)
			to := min(from+50, n)
			got := map[string]any{"reviews": all[from:to]}
			if to < n {
				got["nextPageToken"] = fmt.Sprint(to)
			}
			return 200, encode(got)
		})
	}
	listentest.ExerciseSource(t, listentest.Place{
		Network: googlebusiness.Name,
		Open:    func() listen.Source { src, _ := w.open(now); return src },
		Grow:    func() { mu.Lock(); n += 70; mu.Unlock() },
	})
}

func TestDocumentedReviews(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src, drops := w.open(now)
	var h listentest.Heard
	if err := src.Poll(t.Context(), "", h.Hear); err != nil {
		t.Fatal(err)
	}
	events := h.Events()
	if len(events) != 3 || len(drops) != 0 {
		t.Fatalf("%v, drops %v", events, drops)
	}
	ina, ours, p := events[0].Post, events[1].Post, events[2].Post
	if p.Text != "Lange gewartet, aber die Schuhe sind gut." || p.Title != "★★☆☆☆" || p.Author.Name != "Tom Weber" || p.Ref != tom {
		t.Errorf("Tom: %+v", p)
	}
	if ina.Text != "Tolle Beratung!" || ina.Author.Name != "" || ina.Author.Key == "" {
		t.Errorf("somebody anonymous: %+v", ina)
	}
	if !ours.Own || ours.Parent != ina.Key {
		t.Errorf("our own: %+v", ours)
	}
	// A withdrawn review, and with it the reply.
	var all map[string]any
	if err := json.Unmarshal([]byte(recorded(t)), &all); err != nil {
		t.Fatal(err)
	}
	all["reviews"] = all["reviews"].([]any)[:1]
	w.says("GET "+reviewsAt, encode(all))
	later, _ := w.open(now.Add(2 * time.Hour))
	var more listentest.Heard
	if err := later.Poll(t.Context(), h.Cursor(""), more.Hear); err != nil {
		t.Fatal(err)
	}
	if n := len(more.Events()); n != 1 && n != 2 || more.Events()[0].Op != lastword.Deleted {
		t.Errorf("withdrawn: %v", more.Events())
	}
	w.says("GET "+reviewsAt, `{"reviews":[null,{"name":"accounts/1/locations/2/reviews/../x","starRating":"ONE"},{"name":"accounts/1/locations/2/reviews/x","starRating":"SIX","createTime":"2026-11-17T08:00:00Z"}]}`)
	src, drops = w.open(now)
	var bad listentest.Heard
	if err := src.Poll(t.Context(), "", bad.Hear); err != nil || len(bad.Events()) != 0 || drops["review-unreadable"] != 3 {
		t.Errorf("unreadable: %v, %v, drops %v", bad.Events(), err, drops)
	}
}

func TestAnswering(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src, _ := w.open(now)
	to := lastword.Post{Key: tom, Ref: tom, URL: "https://business.google.com/reviews"}
	var mu sync.Mutex
	reply := ""
	w.on("GET mybusiness.googleapis.com/v4/"+tom, func(*http.Request, []byte) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		r := map[string]any{"name": tom, "starRating": "TWO", "createTime": now}
		if reply != "" {
			r["reviewReply"] = map[string]any{"comment": reply}
		}
		return 200, encode(r)
	})
	w.on("PUT mybusiness.googleapis.com/v4/"+tom+"/reply", func(_ *http.Request, body []byte) (int, string) {
		var got struct{ Comment string }
		if err := json.Unmarshal(body, &got); err != nil || got.Comment == "" {
			t.Errorf("PUT %s, %v", body, err)
		}
		mu.Lock()
		defer mu.Unlock()
		reply = got.Comment
		return 200, encode(map[string]any{"comment": reply, "updateTime": now})
	})
	w.on("DELETE mybusiness.googleapis.com/v4/"+tom+"/reply", func(*http.Request, []byte) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		reply = ""
		return 200, "{}"
	})
	a := listen.Reply{Key: "1", Text: "Das tut uns leid."}
	if _, found, err := src.(listen.Finder).FindReply(t.Context(), to, a); err != nil || found {
		t.Fatalf("FindReply before: %v, %v", found, err)
	}
	got, err := src.(listen.Replier).Reply(t.Context(), to, a)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := src.(listen.Replier).Reply(t.Context(), to, a); err != nil || again != got {
		t.Errorf("again: %+v, %v", again, err)
	}
	if found, ok, err := src.(listen.Finder).FindReply(t.Context(), to, a); err != nil || !ok || found != got {
		t.Errorf("FindReply: %+v, %v, %v", found, ok, err)
	}
	var m *lastword.Mistake
	a.Text = "Andere Worte"
	if _, err := src.(listen.Replier).Reply(t.Context(), to, a); !errors.As(err, &m) || m.Key != "why.answered" {
		t.Errorf("over another answer: %v", err)
	}
	if err := src.(listen.Editor).Edit(t.Context(), got.Key, a); err != nil || reply != a.Text {
		t.Errorf("edit: %v, %q", err, reply)
	}
	if err := src.(listen.Editor).Remove(t.Context(), got.Key); err != nil || reply != "" {
		t.Errorf("remove: %v, %q", err, reply)
	}
	for _, key := range []string{"x", tom, "accounts/1/../x|reply"} {
		if err := src.(listen.Editor).Remove(t.Context(), key); !errors.Is(err, lastword.ErrInvalid) {
			t.Errorf("remove %q: %v", key, err)
		}
	}
	if _, err := src.(listen.Replier).Reply(t.Context(), lastword.Post{Ref: strings.Replace(tom, "0m", "gone", 1)}, a); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("a review that is gone: %v", err)
	}
	a.Text = strings.Repeat("ä", 2049)
	if _, err := src.(listen.Replier).Reply(t.Context(), to, a); !errors.Is(err, lastword.ErrInvalid) {
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
		{"rights", accountsAt, `{"error":{"code":403,"status":"PERMISSION_DENIED"}}`, 403, lastword.ErrDenied, "connector.googlebusiness.error.rights"},
		{"not applied", accountsAt, `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"reason":"RATE_LIMIT_EXCEEDED","metadata":{"quota_limit_value":"0"}}]}}`, 429, lastword.ErrDenied, "connector.google.error.no-quota"},
		{"no place", placesAt, `{}`, 200, lastword.ErrDenied, "connector.googlebusiness.error.no-place"},
		{"not enabled", placesAt, `{"error":{"code":403,"details":[{"reason":"SERVICE_DISABLED"}]}}`, 403, lastword.ErrDenied, "connector.google.error.switched-off"},
		{"busy", "GET " + reviewsAt, `{"error":{"code":429,"details":[{"reason":"RATE_LIMIT_EXCEEDED"}]}}`, 429, lastword.ErrUnavailable, ""},
		{"down", "GET " + reviewsAt, `<html>`, 502, lastword.ErrUnavailable, ""},
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
	signin := googlebusiness.New().(listen.Authorizer)
	acct := listen.Account{Settings: map[string]string{"client": settings["client"], "clientsecret": "geheim"}}
	at, kept, err := signin.Authorize(t.Context(), acct, host, "https://lastword.example/back", "state")
	if err != nil || !strings.HasPrefix(at, "https://accounts.google.com/") {
		t.Fatalf("%s, %v", at, err)
	}
	set, err := signin.Exchange(t.Context(), acct, host, "https://lastword.example/back", kept, url.Values{"code": {"c"}})
	if err != nil || set["refresh"] != "r2" {
		t.Errorf("%v, %v", set, err)
	}
	src, err := googlebusiness.New().Open(acct, host)
	if err != nil {
		t.Fatal(err)
	}
	var h listentest.Heard
	var m *lastword.Mistake
	if err := src.Poll(t.Context(), "", h.Hear); !errors.As(err, &m) || m.Key != "connector.google.error.signin" || !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("before anybody signed in: %v", err)
	}
	if _, _, err := signin.Authorize(t.Context(), listen.Account{Settings: map[string]string{"client": "x"}}, host, "", ""); !errors.As(err, &m) || m.Field != "client" {
		t.Errorf("a wrong client: %v", err)
	}
	src, _ = w.open(now)
	if all, err := src.(listen.Checker).Check(t.Context()); err != nil || len(all) != 4 {
		t.Errorf("%v, %v", all, err)
	}
}

func FuzzReview(f *testing.F) {
	var got struct{ Reviews []json.RawMessage }
	if err := json.Unmarshal([]byte(recorded(f)), &got); err != nil {
		f.Fatal(err)
	}
	for _, raw := range got.Reviews {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { googlebusiness.Judge(t, raw) })
}
