package mail_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"lastword"
	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/mail"
)

// issuer is a token endpoint that gives each refresh token once.
type issuer struct {
	mu     sync.Mutex
	n      int
	kept   string // the refresh token that it would take
	refuse string // the word with which it refuses
	code   int
	asked  []url.Values
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	i.asked = append(i.asked, r.PostForm)
	w.Header().Set("Content-Type", "application/json")
	reuse := r.PostForm.Get("grant_type") == "refresh_token" && r.PostForm.Get("refresh_token") != i.kept
	if i.refuse == "" && reuse {
		i.refuse, i.code = "invalid_grant", http.StatusBadRequest
	}
	if i.refuse != "" {
		w.WriteHeader(i.code)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": i.refuse})
		return
	}
	i.n++
	i.kept = "refresh-" + string(rune('0'+i.n))
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "access-" + string(rune('0'+i.n)), "refresh_token": i.kept, "expires_in": 3600, "token_type": "Bearer"})
}

// redirected sends every request to the test's own server.
type redirected struct{ to *url.URL }

func (r redirected) RoundTrip(q *http.Request) (*http.Response, error) {
	q = q.Clone(q.Context())
	q.URL.Scheme, q.URL.Host = r.to.Scheme, r.to.Host
	return http.DefaultTransport.RoundTrip(q)
}

func (i *issuer) client(t *testing.T) *http.Client {
	t.Helper()
	s := httptest.NewServer(i)
	t.Cleanup(s.Close)
	at, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Transport: redirected{at}}
}

// signsIn is a server that takes only one token.
func signsIn(token func() string, mechanism string) func(tag, command string) string {
	return func(tag, command string) string {
		word, rest, _ := strings.Cut(command, " ")
		if word != "AUTHENTICATE" {
			return usual(tag, command)
		}
		offered, response, _ := strings.Cut(rest, " ")
		raw, err := base64.StdEncoding.DecodeString(response)
		if err != nil || offered != mechanism || !strings.Contains(string(raw), "auth=Bearer "+token()+"\x01") {
			return tag + " NO [AUTHENTICATIONFAILED] no\r\n"
		}
		return tag + " OK\r\n"
	}
}

func byToken(t *testing.T, i *issuer, s *stage, refresh string) (listen.Source, *map[string]string) {
	t.Helper()
	kept := map[string]string{}
	host, _, _ := listentest.Host(i.client(t), now)
	host.Dial = new(net.Dialer).DialContext
	host.Keep = func(_ context.Context, secrets map[string]string) error {
		for k, v := range secrets {
			kept[k] = v
		}
		return nil
	}
	src, err := mail.Trusting(s.roots).Open(listen.Account{Settings: map[string]string{
		"address": ours, "provider": "microsoft", "clientid": "app", "clientsecret": "hush", "refreshtoken": refresh, "imap": "tls://" + s.start(),
	}}, host)
	if err != nil {
		t.Fatal(err)
	}
	return src, &kept
}

func TestTokenIsRenewedAndKept(t *testing.T) {
	t.Parallel()
	for _, mechanism := range []string{"XOAUTH2", "OAUTHBEARER"} {
		i := &issuer{kept: "refresh-0"}
		s := newStage(t, signsIn(func() string { return "access-1" }, mechanism))
		s.greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=" + mechanism + "] hello\r\n"
		src, kept := byToken(t, i, s, "refresh-0")
		for range 2 {
			if heard, _ := poll(t, src, ""); len(heard.Events()) != 3 {
				t.Errorf("%s: heard %+v", mechanism, heard.Events())
			}
		}
		if (*kept)["refreshtoken"] != "refresh-1" || len(i.asked) != 1 {
			t.Errorf("%s: kept %v, asked %d times", mechanism, *kept, len(i.asked))
		}
		got := i.asked[0]
		if got.Get("client_id") != "app" || got.Get("client_secret") != "hush" || got.Get("grant_type") != "refresh_token" {
			t.Errorf("asked %v", got)
		}
	}
}

// TestRefusedTokenIsRenewedOnce: the server forgot the token before its time.
func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	i := &issuer{kept: "refresh-0"}
	good := "access-1"
	s := newStage(t, signsIn(func() string { return good }, "XOAUTH2"))
	s.greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hello\r\n"
	src, kept := byToken(t, i, s, "refresh-0")
	poll(t, src, "")
	good = "access-2"
	poll(t, src, "")
	if (*kept)["refreshtoken"] != "refresh-2" {
		t.Errorf("kept %v", *kept)
	}
	good = "none"
	err := src.Poll(t.Context(), "", new(listentest.Heard).Hear)
	if !errors.Is(err, lastword.ErrDenied) || len(i.asked) != 3 {
		t.Errorf("got %v after %d questions", err, len(i.asked))
	}
}

func TestTokenRefusals(t *testing.T) {
	t.Parallel()
	for word, c := range map[string]struct {
		code int
		kind error
		key  string
	}{
		"invalid_grant":           {400, lastword.ErrDenied, "connector.mail.error.signin"},
		"invalid_client":          {401, lastword.ErrDenied, "connector.mail.error.client"},
		"temporarily_unavailable": {400, lastword.ErrUnavailable, ""},
		"what":                    {503, lastword.ErrUnavailable, ""},
	} {
		i := &issuer{kept: "refresh-0", refuse: word, code: c.code}
		src, _ := byToken(t, i, newStage(t, usual), "refresh-0")
		err := src.Poll(t.Context(), "", new(listentest.Heard).Hear)
		var m *lastword.Mistake
		if !errors.Is(err, c.kind) || c.key != "" && (!errors.As(err, &m) || m.Key != c.key) {
			t.Errorf("%s: %v", word, err)
		}
	}
	src, _ := byToken(t, &issuer{}, newStage(t, usual), "")
	if err := src.Poll(t.Context(), "", new(listentest.Heard).Hear); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("before anybody signed in: %v", err)
	}
}

func TestSignInAtTheProvider(t *testing.T) {
	t.Parallel()
	i := &issuer{}
	host, _, _ := listentest.Host(i.client(t), now)
	acct := listen.Account{Settings: map[string]string{"address": ours, "provider": "google", "clientid": "app"}}
	c := mail.New()
	at, kept, err := c.Authorize(t.Context(), acct, host, "https://hear.example/back", "state-1")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Host != "accounts.google.com" || q.Get("state") != "state-1" || q.Get("code_challenge_method") != "S256" || q.Get("access_type") != "offline" || strings.Contains(at, kept["verifier"]) {
		t.Errorf("got %s", at)
	}
	got, err := c.Exchange(t.Context(), acct, host, "https://hear.example/back", kept, url.Values{"code": {"c1"}, "state": {"state-1"}})
	if err != nil || got["refreshtoken"] != "refresh-1" || i.asked[0].Get("code_verifier") != kept["verifier"] || i.asked[0].Get("code") != "c1" {
		t.Errorf("got %v, %v; asked %v", got, err, i.asked)
	}
	var m *lastword.Mistake
	if _, err := c.Exchange(t.Context(), acct, host, "", kept, url.Values{"error": {"access_denied"}}); !errors.As(err, &m) {
		t.Errorf("refused by the person: %v", err)
	}
	if _, _, err := c.Authorize(t.Context(), listen.Account{Settings: map[string]string{"address": "a@gmx.de", "password": "x"}}, host, "", ""); !errors.As(err, &m) || m.Field != "provider" {
		t.Errorf("a provider without: %v", err)
	}
}

// A program that is registered for one organisation is signed in at that one's
// own page, and asks it for tokens.
func TestSignInOfOneOrganisation(t *testing.T) {
	t.Parallel()
	i := &issuer{}
	host, _, _ := listentest.Host(i.client(t), now)
	set := map[string]string{"address": ours, "provider": "microsoft", "clientid": "app", "tenant": "0a1b-2c"}
	at, _, err := mail.New().Authorize(t.Context(), listen.Account{Settings: set}, host, "https://hear.example/back", "s")
	if err != nil || !strings.HasPrefix(at, "https://login.microsoftonline.com/0a1b-2c/oauth2/v2.0/authorize?") {
		t.Errorf("%s, %v", at, err)
	}
	for _, bad := range []string{"a/b", "evil.example/x?", "10.0.0.1", "ein Mandant"} {
		set["tenant"] = bad
		_, _, err := mail.New().Authorize(t.Context(), listen.Account{Settings: set}, host, "https://hear.example/back", "s")
		var m *lastword.Mistake
		if !errors.As(err, &m) || m.Field != "tenant" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// What another run of the account was given counts: the older token may be used up.
func TestNewerTokenIsTaken(t *testing.T) {
	t.Parallel()
	i := &issuer{kept: "refresh-newer"}
	s := newStage(t, signsIn(func() string { return "access-1" }, "XOAUTH2"))
	s.greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hello\r\n"
	src, _ := byToken(t, i, s, "refresh-0")
	mail.Kept(src, func(context.Context) (map[string]string, error) {
		return map[string]string{"refreshtoken": "refresh-newer"}, nil
	})
	poll(t, src, "")
	if got := i.asked[0].Get("refresh_token"); got != "refresh-newer" {
		t.Errorf("asked with %q", got)
	}
}
