package googleplay_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
	"lastword/listen/googleplay"
	"lastword/listen/listentest"
)

var now = time.Unix(1795392000, 0).UTC()

const (
	at  = "androidpublisher.googleapis.com/androidpublisher/v3/applications/de.schuhe.app/reviews"
	one = "gp:AOqpTOEhZuqSqqWnaKRgv-9ABYdajFUB0WugPGh-SG-xi"
)

var account = sync.OnceValue(func() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return encode(map[string]string{"type": "service_account", "client_email": "a@p.iam.gserviceaccount.com", "private_key_id": "k",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))})
})

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// A store is Google, in the shape of its documentation.
type store struct {
	t       *testing.T
	mu      sync.Mutex
	answers map[string]func(r *http.Request, body []byte) (int, string) // by method, host and path
}

func newStore(t *testing.T) *store {
	s := &store{t: t, answers: map[string]func(*http.Request, []byte) (int, string){}}
	s.says("POST oauth2.googleapis.com/token", `{"access_token":"t","expires_in":3599}`)
	s.says("GET "+at, recorded(t))
	return s
}

func recorded(t testing.TB) string {
	b, err := os.ReadFile("testdata/reviews.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (s *store) on(name string, f func(*http.Request, []byte) (int, string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[name] = f
}

func (s *store) says(name, body string) {
	s.on(name, func(*http.Request, []byte) (int, string) { return 200, body })
}

func (s *store) refuses(name string, status int, reason string) {
	s.on(name, func(*http.Request, []byte) (int, string) {
		return status, fmt.Sprintf(`{"error":{"code":%d,"message":"as the test wants","errors":[{"reason":%q}]}}`, status, reason)
	})
}

func (s *store) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	answer := s.answers[r.Method+" "+r.URL.Host+r.URL.Path]
	s.mu.Unlock()
	if token := r.Header.Get("Authorization"); (token == "Bearer t") != strings.HasPrefix(r.URL.Host, "androidpublisher.") {
		s.t.Errorf("%s with %q", r.URL, token)
	}
	status, said := 404, `{"error":{"code":404}}`
	if answer != nil {
		status, said = answer(r, body)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(said)), Request: r, ProtoMajor: 1}, nil
}

func (s *store) open() (listen.Source, map[string]int) {
	s.t.Helper()
	host, drops, _ := listentest.Host(&http.Client{Transport: s}, now)
	src, err := googleplay.New().Open(listen.Account{Channel: 1, Settings: map[string]string{
		"app": "https://play.google.com/store/apps/details?id=de.schuhe.app&hl=de", "key": account()}}, host)
	if err != nil {
		s.t.Fatal(err)
	}
	return src, drops
}

func TestThePromisesOfAConnector(t *testing.T) {
	t.Parallel()
	listentest.Exercise(t, googleplay.New(), map[string]string{"app": "de.schuhe.app", "key": account()})
	host, _, _ := listentest.Host(http.DefaultClient, now)
	for name, value := range map[string]string{"app": "schuhe", "key": "{}"} {
		settings := map[string]string{"app": "de.schuhe.app", "key": account()}
		settings[name] = value
		_, err := googleplay.New().Open(listen.Account{Settings: settings}, host)
		var m *lastword.Mistake
		if !errors.As(err, &m) || m.Field != name {
			t.Errorf("%s=%q: %v", name, value, err)
		}
	}
}

func TestThePromisesOfASource(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	var mu sync.Mutex
	n := 230
	s.on("GET "+at, func(r *http.Request, _ []byte) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		var all []any
		for i := range n {
			all = append(all, map[string]any{"reviewId": fmt.Sprint("r", i), "comments": []any{map[string]any{"userComment": map[string]any{"text": fmt.Sprint("Nummer ", i), "starRating": 3,
				"lastModified": map[string]any{"seconds": fmt.Sprint(now.Unix() - 100_000 + int64(i))}}}}})
		}
		slices.Reverse(all)
		from := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("token"), &from)
		to := min(from+100, n)
		next := map[string]string{}
		if to < n {
			next["nextPageToken"] = fmt.Sprint(to)
		}
		return 200, encode(map[string]any{"reviews": all[from:to], "tokenPagination": next})
	})
	listentest.ExerciseSource(t, listentest.Place{
		Network: googleplay.Name,
		Open:    func() listen.Source { src, _ := s.open(); return src },
		Grow:    func() { mu.Lock(); n += 130; mu.Unlock() },
	})
}

func TestDocumentedReviews(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	src, drops := s.open()
	var h listentest.Heard
	if err := src.Poll(t.Context(), "", h.Hear); err != nil {
		t.Fatal(err)
	}
	events := h.Events()
	if len(events) != 3 || len(drops) != 0 {
		t.Fatalf("%v, drops %v", events, drops)
	}
	ina, ours, tom := events[0].Post, events[1].Post, events[2].Post
	if tom.Title != "★★☆☆☆" || tom.Text != "Seit dem Update stürzt die App beim Bestellen ab." || tom.Author.Name != "Tom Weber" || tom.Lang != "de" || tom.Ref != one {
		t.Errorf("Tom: %+v", tom)
	}
	if ina.Title != "★★★★★ Top" || ina.Text != "Schnell und übersichtlich." {
		t.Errorf("a translated review: %+v", ina)
	}
	if !ours.Own || ours.Parent != ina.Key || ours.Text != "Danke, das freut uns!" {
		t.Errorf("our own: %+v", ours)
	}
	// Whoever changes their review says something else under the same key.
	s.says("GET "+at, strings.Replace(strings.Replace(recorded(t), "1795305600", "1795391999", 1), "stürzt", "fliegt", 1))
	var more listentest.Heard
	if err := src.Poll(t.Context(), h.Cursor(""), more.Hear); err != nil || len(more.Events()) != 1 || more.Events()[0].Op != lastword.Edited || more.Events()[0].Post.Key != tom.Key {
		t.Errorf("a changed review: %v, %v", more.Events(), err)
	}
	s.says("GET "+at, `{"reviews":[null,{"reviewId":"a/b"},{"reviewId":"c","comments":[{"userComment":{"text":"x","starRating":3}}]},{"reviewId":"d","comments":[{"userComment":{"text":"\t","starRating":3,"lastModified":{"seconds":"1795305600"}}}]}]}`)
	src, drops = s.open()
	var bad listentest.Heard
	if err := src.Poll(t.Context(), "", bad.Hear); err != nil || len(bad.Events()) != 0 || drops["review-unreadable"] != 3 {
		t.Errorf("unreadable: %v, %v, drops %v", bad.Events(), err, drops)
	}
	all, err := src.(listen.Checker).Check(t.Context())
	if err != nil || len(all) != 4 || !all[1].Can || all[3].Can {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestAnswering(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	src, _ := s.open()
	to := lastword.Post{Key: "de.schuhe.app|" + one, Ref: one, URL: "https://play.google.com/x"}
	var mu sync.Mutex
	reply := ""
	s.on("GET "+at+"/"+one, func(*http.Request, []byte) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		r := map[string]any{"reviewId": one, "comments": []any{map[string]any{"userComment": map[string]any{"text": "x", "starRating": 2, "lastModified": map[string]any{"seconds": "1795305600"}}}}}
		if reply != "" {
			r["comments"] = append(r["comments"].([]any), map[string]any{"developerComment": map[string]any{"text": reply}})
		}
		return 200, encode(r)
	})
	s.on("POST "+at+"/"+one+":reply", func(_ *http.Request, body []byte) (int, string) {
		var got struct{ ReplyText string }
		if err := json.Unmarshal(body, &got); err != nil || got.ReplyText == "" {
			t.Errorf("POST %s, %v", body, err)
		}
		mu.Lock()
		defer mu.Unlock()
		reply = got.ReplyText
		return 200, `{"result":{"replyText":"x","lastEdited":{"seconds":"1795305700"}}}`
	})
	a := listen.Reply{Key: "1", Text: "Danke! Behoben in 1.2.4."}
	if _, found, err := src.(listen.Finder).FindReply(t.Context(), to, a); err != nil || found {
		t.Fatalf("FindReply before: %v, %v", found, err)
	}
	got, err := src.(listen.Replier).Reply(t.Context(), to, a)
	if err != nil || got.Key != to.Key+"|reply" {
		t.Fatalf("%+v, %v", got, err)
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
	for _, key := range []string{"x", "de.other.app|" + one + "|reply", to.Key} {
		if err := src.(listen.Editor).Edit(t.Context(), key, a); !errors.Is(err, lastword.ErrInvalid) {
			t.Errorf("edit %q: %v", key, err)
		}
	}
	if err := src.(listen.Editor).Remove(t.Context(), got.Key); !errors.As(err, &m) || m.Key != "connector.googleplay.error.no-remove" {
		t.Errorf("remove: %v", err)
	}
	reply, a.Text = "", strings.Repeat("ä", 351)
	if _, err := src.(listen.Replier).Reply(t.Context(), to, a); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("too long: %v", err)
	}
}

func TestBadDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		reason string
		kind   error
		key    string
		reply  error
	}{
		{401, "authError", lastword.ErrDenied, "connector.google.error.signin-again", lastword.ErrDenied},
		{403, "permissionDenied", lastword.ErrDenied, "connector.googleplay.error.rights", lastword.ErrDenied},
		{403, "accessNotConfigured", lastword.ErrDenied, "connector.google.error.switched-off", lastword.ErrDenied},
		{404, "applicationNotFound", lastword.ErrDenied, "connector.googleplay.error.unknown", lastword.ErrGone},
		{400, "invalid", lastword.ErrInvalid, "", lastword.ErrInvalid},
		{403, "quotaExceeded", lastword.ErrUnavailable, "", lastword.ErrUnavailable},
		{429, "rateLimitExceeded", lastword.ErrUnavailable, "", lastword.ErrUnavailable},
		{503, "backendError", lastword.ErrUnavailable, "", lastword.ErrUnavailable},
	} {
		s := newStore(t)
		s.refuses("GET "+at, c.status, c.reason)
		s.refuses("GET "+at+"/"+one, c.status, c.reason)
		src, _ := s.open()
		var h listentest.Heard
		err := src.Poll(t.Context(), "", h.Hear)
		var m *lastword.Mistake
		if !errors.Is(err, c.kind) || errors.As(err, &m) != (c.key != "") || c.key != "" && m.Key != c.key {
			t.Errorf("%d %s: %v", c.status, c.reason, err)
		}
		if _, waits := httpx.RetryAfter(err); waits != (c.reason == "quotaExceeded" || c.status == 429) {
			t.Errorf("%d %s: waits %v", c.status, c.reason, waits)
		}
		if _, err := src.(listen.Replier).Reply(t.Context(), lastword.Post{Ref: one}, listen.Reply{Text: "x"}); !errors.Is(err, c.reply) {
			t.Errorf("reply: %d %s: %v", c.status, c.reason, err)
		}
	}
	s := newStore(t)
	s.on("POST oauth2.googleapis.com/token", func(*http.Request, []byte) (int, string) { return 400, `{"error":"invalid_grant"}` })
	src, _ := s.open()
	var h listentest.Heard
	if err := src.Poll(t.Context(), "", h.Hear); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("a key taken back: %v", err)
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
	f.Fuzz(func(t *testing.T, raw []byte) { googleplay.Judge(t, raw) })
}
