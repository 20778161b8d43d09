package bluesky_test

import (
	ctxt "context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/bluesky"
)

// A service is a PDS with an AppView behind it that answers as a test wants.
// What the real PDS does is proved against the real one; this is for what it
// does on bad days only.
type service struct {
	*httptest.Server
	mu      sync.Mutex
	answers map[string]http.HandlerFunc // by NSID, or by path
	calls   []string
}

func newService(t *testing.T) *service {
	s := &service{answers: map[string]http.HandlerFunc{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	s.answers["com.atproto.server.createSession"] = says(session("first"))
	s.answers["app.bsky.feed.getPosts"] = says(`{"posts":[]}`)
	s.answers[customer] = says(`{"service":[{"id":"#atproto_pds","type":"AtprotoPersonalDataServer","serviceEndpoint":"` + s.URL + `"}]}`)
	s.answers["com.atproto.repo.getRecord"] = says(`{"uri":"x","cid":"bafyparent","value":{"$type":"app.bsky.feed.post","text":"?"}}`)
	s.answers["com.atproto.repo.createRecord"] = says(`{"uri":"x","cid":"x"}`)
	return s
}

func session(name string) string {
	return fmt.Sprintf(`{"accessJwt":"access-%[1]s","refreshJwt":"refresh-%[1]s","did":%[2]q,"handle":"hobelwerk.test","active":true}`, name, company)
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
}

func refuses(status int, name string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error":%q,"message":"as the test wants"}`, name)
	}
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/xrpc/"), "/")
	s.mu.Lock()
	s.calls = append(s.calls, name)
	answer := s.answers[name]
	s.mu.Unlock()
	if answer == nil {
		answer = refuses(501, "MethodNotImplemented")
	}
	answer(w, r)
}

func (s *service) count(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.calls {
		if c == name {
			n++
		}
	}
	return n
}

func (s *service) open(t *testing.T) (answering, *testHost) {
	t.Helper()
	host := newHost(t)
	src, err := bluesky.NewAccount().Open(listen.Account{Settings: map[string]string{
		"handle": "@Hobelwerk.test", "password": "abcd-efgh-ijkl-mnop", "service": s.URL,
		"directory": s.URL, "appview": s.URL, "hosts": "http://127.0.0.1:1",
	}}, host.Host)
	if err != nil {
		t.Fatal(err)
	}
	return src.(answering), host
}

var question = lastword.Post{Network: "bluesky", Key: "at://" + customer + "/app.bsky.feed.post/3mptbyo7dms2m"}

func reply(c answering) error {
	_, err := c.Reply(ctxt.Background(), question, listen.Reply{Key: "7", Made: time.Unix(1.7e9, 0), Text: "Ja."})
	return err
}

func TestRefusalsOfAService(t *testing.T) {
	t.Parallel()
	const create = "com.atproto.repo.createRecord"
	inAnHour := func(w http.ResponseWriter, r *http.Request) {
		refuses(429, "RateLimitExceeded", "RateLimit-Reset", fmt.Sprint(time.Now().Add(time.Hour).Unix()))(w, r)
	}
	for _, tt := range []struct {
		name   string
		method string
		answer http.HandlerFunc
		want   error
		wait   time.Duration // at most; 0: no wish to wait
	}{
		{"wrong password", "com.atproto.server.createSession", refuses(401, "AuthenticationRequired"), lastword.ErrDenied, 0},
		{"account taken down", "com.atproto.server.createSession", refuses(401, "AccountTakedown"), lastword.ErrDenied, 0},
		{"a second factor", "com.atproto.server.createSession", refuses(401, "AuthFactorTokenRequired"), lastword.ErrDenied, 0},
		{"account deactivated", "com.atproto.server.createSession", says(strings.Replace(session("x"), "true", `false,"status":"deactivated"`, 1)), lastword.ErrDenied, 0},
		{"a session of nothing", "com.atproto.server.createSession", says(`{}`), lastword.ErrUnavailable, 0},
		{"too many sessions", "com.atproto.server.createSession", inAnHour, lastword.ErrUnavailable, time.Hour},
		{"too many posts", create, refuses(429, "RateLimitExceeded", "Retry-After", "90", "RateLimit-Reset", "3600"), lastword.ErrUnavailable, 90 * time.Second},
		{"a wait for ever", create, refuses(429, "RateLimitExceeded", "Retry-After", "99999999999"), lastword.ErrUnavailable, 24 * time.Hour},
		{"broken", create, refuses(500, "InternalServerError"), lastword.ErrUnavailable, 0},
		{"under repair", create, refuses(503, "", "Retry-After", "30"), lastword.ErrUnavailable, 30 * time.Second},
		{"refused for good", create, refuses(400, "InvalidRequest"), lastword.ErrInvalid, 0},
		{"the author's account is deactivated", "com.atproto.repo.getRecord", refuses(400, "RepoDeactivated"), lastword.ErrUnavailable, 0},
		{"the author's account is taken down", "com.atproto.repo.getRecord", refuses(400, "RepoTakendown"), lastword.ErrGone, 0},
		{"the author's service asks who we are", "com.atproto.repo.getRecord", refuses(401, "AuthMissing"), lastword.ErrUnavailable, 0},
		{"the author's record is no post", "com.atproto.repo.getRecord", says(`{"cid":"x","value":{"$type":"app.bsky.feed.like"}}`), lastword.ErrInvalid, 0},
		{"the author's DID is no more", customer, refuses(404, ""), lastword.ErrGone, 0},
		{"the author's DID names no service", customer, says(`{"service":[]}`), lastword.ErrGone, 0},
		{"the directory is down", customer, refuses(502, ""), lastword.ErrUnavailable, 0},
		{"replies closed", "app.bsky.feed.getPosts", says(`{"posts":[{"uri":"` + question.Key + `","viewer":{"replyDisabled":true}}]}`), lastword.ErrInvalid, 0},
		{"blocked", "app.bsky.feed.getPosts", says(`{"posts":[{"uri":"` + question.Key + `","author":{"viewer":{"blockedBy":true}}}]}`), lastword.ErrInvalid, 0},
		// A write that was taken is a write, whatever the service says of it.
		{"html in place of JSON, with 200", create, says(`<html>`), nil, 0},
		{"html in place of a record", "com.atproto.repo.getRecord", says(`<html>`), lastword.ErrUnavailable, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newService(t)
			s.answers[tt.method] = tt.answer
			c, _ := s.open(t)
			err := reply(c)
			if !errors.Is(err, tt.want) {
				t.Fatalf("Reply = %v, want %v", err, tt.want)
			}
			var wait *listen.RetryAfter
			if got := errors.As(err, &wait); got != (tt.wait > 0) {
				t.Fatalf("Reply = %v, a wish to wait: %v, want %v", err, got, tt.wait > 0)
			}
			if wait != nil && (wait.Wait > tt.wait || wait.Wait < tt.wait-5*time.Second) {
				t.Errorf("asked to wait %v, want %v", wait.Wait, tt.wait)
			}
		})
	}
}

func TestNoSecretIsInAnError(t *testing.T) {
	t.Parallel()
	s := newService(t)
	c, _ := s.open(t)
	s.Close()
	err := reply(c)
	if !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("Reply = %v, want lastword.ErrUnavailable", err)
	}
	for _, secret := range []string{"abcd-efgh", "access-", "Bearer"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error tells %q: %v", secret, err)
		}
	}
}

func TestASessionIsRenewedWithItsLatestToken(t *testing.T) {
	t.Parallel()
	s := newService(t)
	good, refresh := "access-first", "refresh-first"
	expires := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+good {
			refuses(400, "ExpiredToken")(w, r)
			return
		}
		fmt.Fprint(w, `{"uri":"x","cid":"x"}`)
	}
	renewals := 0
	s.answers["com.atproto.repo.createRecord"] = expires
	s.answers["com.atproto.server.refreshSession"] = func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+refresh {
			refuses(400, "ExpiredToken")(w, r)
			return
		}
		renewals++
		name := fmt.Sprint("renewed-", renewals)
		good, refresh = "access-"+name, "refresh-"+name
		fmt.Fprint(w, session(name))
	}
	c, _ := s.open(t)
	publish := func(key string) {
		t.Helper()
		if _, err := c.Publish(t.Context(), listen.Reply{Key: key, Made: time.Unix(1.7e9, 0), Text: "Ja."}); err != nil {
			t.Fatal(err)
		}
	}
	publish("1")
	for i := range 3 {
		good = "nothing that we have"
		publish(fmt.Sprint(i + 2))
	}
	if renewals != 3 || s.count("com.atproto.server.createSession") != 1 {
		t.Errorf("%d renewals and %d sign-ins, want 3 and 1", renewals, s.count("com.atproto.server.createSession"))
	}
	good, refresh = "access-first", "revoked"
	publish("5")
	if n := s.count("com.atproto.server.createSession"); n != 2 {
		t.Errorf("%d sign-ins after the refresh token was revoked, want 2", n)
	}
}

func TestSignInsAreFewerThanTheServiceAllows(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.answers["com.atproto.server.createSession"] = refuses(500, "InternalServerError")
	c, _ := s.open(t)
	var wait *listen.RetryAfter
	for range 100 {
		if err := reply(c); errors.As(err, &wait) {
			break
		}
	}
	if n := s.count("com.atproto.server.createSession"); n != 20 || wait == nil || wait.Wait > 5*time.Minute {
		t.Errorf("%d sign-ins, then %v, want 20 and a wait within five minutes", n, wait)
	}
}

func TestAUsedUpLimitStopsUsBeforeTheService(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.answers["com.atproto.repo.createRecord"] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("RateLimit-Remaining", "0")
		w.Header().Set("RateLimit-Reset", "600")
		fmt.Fprint(w, `{}`)
	}
	c, _ := s.open(t)
	if err := reply(c); err != nil {
		t.Fatal(err)
	}
	before := s.count("com.atproto.repo.createRecord")
	var wait *listen.RetryAfter
	if err := reply(c); !errors.As(err, &wait) || wait.Wait > 10*time.Minute || wait.Wait < 9*time.Minute {
		t.Errorf("Reply = %v, want a wait of ten minutes", err)
	}
	if n := s.count("com.atproto.repo.createRecord"); n != before {
		t.Error("the service was asked although its limit is used up")
	}
}

// notices answers listNotifications with pages of the given entries.
func notices(pages ...[]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		i := 0
		if at := r.URL.Query().Get("cursor"); at != "" {
			fmt.Sscan(at, &i)
		}
		next := ""
		if i+1 < len(pages) {
			next = fmt.Sprint(i + 1)
		}
		fmt.Fprintf(w, `{"cursor":%q,"notifications":[%s]}`, next, strings.Join(pages[i], ","))
	}
}

func aNotice(n int, at, text, more string) string {
	said, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"uri":"at://%s/app.bsky.feed.post/3k%011d","cid":"bafy%d","reason":"mention","isRead":false,
		"author":{"did":%[1]q,"handle":"frieda.test","displayName":"Frieda","labels":[]},"indexedAt":%[4]q,
		"record":{"$type":"app.bsky.feed.post","text":%[5]s,"createdAt":%[4]q}%[6]s}`, customer, n, n, at, said, more)
}

func TestNotificationsAreCaughtUpOldestFirst(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.answers["app.bsky.notification.listNotifications"] = notices(
		[]string{aNotice(5, "2026-07-05T10:00:00.000Z", "fünf", ""), aNotice(4, "2026-07-04T10:00:00.000Z", "vier", `,"labels":[{"val":"!hide"}]`)},
		[]string{aNotice(3, "2026-07-03T10:00:00.000Z", "drei", `,"labels":[{"val":"!no-unauthenticated"}]`), `{"uri":"at://nobody"}`},
		[]string{aNotice(2, "2026-07-02T10:00:00.000Z", "zwei", ""), aNotice(1, "2026-07-01T10:00:00.000Z", "eins", "")},
	)
	src, host := s.open(t)
	c := &channel{src: src, host: host, cursor: `{"n":1782986400000000}`} // 2026-07-02T10:00:00Z
	if err := src.Poll(t.Context(), c.cursor, c.hear); !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("Poll = %v, want lastword.ErrUnavailable of the stream", err)
	}
	if c.texts() != "zwei drei fünf" {
		t.Errorf("heard %q, want zwei drei fünf", c.texts())
	}
	want := map[string]int{"label-hide": 1, "notification-unreadable": 1}
	if got := host.drops(); !maps.Equal(got, want) {
		t.Errorf("dropped %v, want %v", got, want)
	}
	p := c.events[1].Post
	if !p.Private || p.Author.Handle != "frieda.test" || p.Author.Name != "Frieda" || p.Author.Key != customer {
		t.Errorf("post = %+v, want it private and by Frieda", p)
	}
	if want := `{"n":1783245600000000,"o":"` + company + `"}`; c.cursor != want {
		t.Errorf("cursor = %s, want %s", c.cursor, want)
	}
}

func TestMoreNotificationsThanWeRead(t *testing.T) {
	t.Parallel()
	s := newService(t)
	pages := make([][]string, 30)
	for i := range pages {
		at := time.Date(2026, 7, 31-i, 0, 0, 0, 0, time.UTC).Format("2006-01-02T15:04:05.000Z")
		pages[i] = []string{aNotice(100-i, at, "viel", "")}
	}
	s.answers["app.bsky.notification.listNotifications"] = notices(pages...)
	src, host := s.open(t)
	c := &channel{}
	if err := src.Poll(t.Context(), `{"n":1}`, c.hear); !errors.Is(err, lastword.ErrUnavailable) {
		t.Error(err)
	}
	if len(c.events) != 20 || host.drops()["gap"] != 1 {
		t.Errorf("heard %d, dropped %v, want 20 and that there was more", len(c.events), host.drops())
	}
	if got, want := host.place("gap"), "1970-01-01T00:00:00Z/2026-07-12T00:00:00Z"; got != want {
		t.Errorf("the gap is told as %s, want %s", got, want)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.answers["app.bsky.actor.getProfiles"] = func(w http.ResponseWriter, r *http.Request) {
		if n := len(r.URL.Query()["actors"]); n > 25 {
			refuses(400, "InvalidRequest")(w, r)
			return
		}
		fmt.Fprintf(w, `{"profiles":[{"did":%q,"handle":"frieda.test","displayName":"Frieda","labels":[{"val":"!no-unauthenticated"}]},
			{"did":"did:plc:someoneelse","handle":"x.test"}]}`, customer)
	}
	src, _ := s.open(t)
	dids := []string{customer}
	for i := range 60 {
		dids = append(dids, fmt.Sprintf("did:plc:other%d", i))
	}
	got, err := src.(listen.Namer).Names(t.Context(), append(dids, "no did"))
	if err != nil || len(got) != 1 {
		t.Fatalf("Names = %v, %v, want one", got, err)
	}
	if p := got[customer]; p.Handle != "frieda.test" || p.Name != "Frieda" || !p.Private {
		t.Errorf("profile = %+v", p)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	own := map[string]string{"handle": "hobelwerk.test", "password": "x"}
	with := func(m map[string]string, k, v string) map[string]string {
		m = maps.Clone(m)
		m[k] = v
		return m
	}
	for _, tt := range []struct {
		name  string
		conn  listen.Connector
		set   map[string]string
		field string // of the mistake; empty: none
	}{
		{"nothing is needed to listen", bluesky.New(), nil, ""},
		{"an account to answer", bluesky.New(), own, ""},
		{"a password without a handle", bluesky.New(), map[string]string{"password": "x"}, "handle"},
		{"a handle without a password", bluesky.New(), map[string]string{"handle": "a.test"}, "password"},
		{"an account is required", bluesky.NewAccount(), nil, "handle"},
		{"no handle", bluesky.NewAccount(), with(own, "handle", "hobelwerk"), "handle"},
		{"a path on a host", bluesky.New(), map[string]string{"hosts": "a.test/x"}, "hosts"},
		{"a file as a host", bluesky.New(), map[string]string{"hosts": "file://x"}, "hosts"},
		{"a service with a password in it", bluesky.NewAccount(), with(own, "service", "https://a:b@c.test"), "service"},
		{"further back than is kept", bluesky.New(), map[string]string{"back": "25"}, "back"},
		{"no number", bluesky.New(), map[string]string{"back": "x"}, "back"},
		{"no directory", bluesky.New(), map[string]string{"directory": "://"}, "directory"},
		{"no AppView", bluesky.New(), map[string]string{"appview": "ftp://a.test"}, "appview"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			src, err := tt.conn.Open(listen.Account{Settings: tt.set}, newHost(t).Host)
			var m *lastword.Mistake
			if got := errors.As(err, &m); got != (tt.field != "") || got && m.Field != tt.field || !got && err != nil {
				t.Fatalf("Open = %v, want a mistake in %q", err, tt.field)
			}
			_, answers := src.(listen.Replier)
			if err == nil && answers != (tt.set["handle"] != "") {
				t.Errorf("answers: %v, want it with an account only", answers)
			}
		})
	}
}

func TestWhatIsTooLongIsNotSent(t *testing.T) {
	t.Parallel()
	s := newService(t)
	c, _ := s.open(t)
	for _, text := range []string{"", strings.Repeat("a", 301), strings.Repeat("👩‍👩‍👧‍👦", 121)} {
		_, err := c.Reply(t.Context(), question, listen.Reply{Key: "1", Text: text})
		if !errors.Is(err, lastword.ErrInvalid) {
			t.Errorf("Reply with %d bytes: %v, want lastword.ErrInvalid", len(text), err)
		}
	}
	if _, err := c.Reply(t.Context(), lastword.Post{Key: "https://bsky.app/x"}, listen.Reply{Key: "1", Text: "Ja."}); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("Reply to no post: %v, want lastword.ErrInvalid", err)
	}
	if len(s.calls) != 0 {
		t.Errorf("the service was asked: %v", s.calls)
	}
}

func TestTheStreamIsHeardWhileTheOwnServiceIsAway(t *testing.T) {
	t.Parallel()
	s := newService(t)
	j := &jetstream{t: t, talk: func(c *served) {
		ours := strings.Replace(v2(2, time.Now(), "unser"), customer, company, 1)
		c.send(v2(1, time.Now(), "eins"), ours)
	}}
	srv := httptest.NewServer(j)
	t.Cleanup(srv.Close)
	for _, name := range []string{"with it", "without it"} {
		src, err := bluesky.New().Open(listen.Account{Settings: map[string]string{
			"handle": "hobelwerk.test", "password": "x", "service": s.URL, "directory": s.URL, "appview": s.URL, "hosts": srv.URL,
		}}, newHost(t).Host)
		if err != nil {
			t.Fatal(err)
		}
		c := &channel{src: src, cursor: `{"o":"` + company + `"}`}
		if err := c.stream(t); !errors.Is(err, lastword.ErrUnavailable) {
			t.Errorf("%s: Stream = %v", name, err)
		}
		if c.texts() != "eins unser" || c.events[0].Post.Own || !c.events[1].Post.Own {
			t.Errorf("%s: heard %+v, want the second post as our own", name, c.events)
		}
		s.Close()
	}
}
