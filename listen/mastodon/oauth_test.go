package mastodon_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"sync"
	"testing"

	"lastword"
	"lastword/listen"
	"lastword/listen/mastodon"
)

func (s *server) register(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		s.t.Error(err)
	}
	s.app = r.PostForm
	fmt.Fprint(w, `{"id":"563","name":"Lastword","client_id":"app-7","client_secret":"geheim"}`)
}

// grant checks what RFC 6749 and RFC 7636 §4.6 want of a server.
func (s *server) grant(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		s.t.Error(err)
	}
	f := r.PostForm
	sum := sha256.Sum256([]byte(f.Get("code_verifier")))
	known := f.Get("client_id") == "app-7" && f.Get("client_secret") == "geheim"
	switch {
	case known && f.Get("grant_type") == "authorization_code" && f.Get("code") == "c0de" &&
		f.Get("redirect_uri") == s.app.Get("redirect_uris") && base64.RawURLEncoding.EncodeToString(sum[:]) == s.challenge:
		fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","scope":%q,"created_at":1,"refresh_token":"r1","expires_in":3600}`, s.token, s.scope)
	case known && f.Get("grant_type") == "refresh_token" && f.Get("refresh_token") == "r1":
		s.token = "tok-2"
		fmt.Fprint(w, `{"access_token":"tok-2","token_type":"Bearer","refresh_token":"r2"}`)
	default:
		refuse(w, http.StatusBadRequest)
	}
}

func authorizer() listen.Authorizer { return mastodon.New().Account().(listen.Authorizer) }

func TestSignIn(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHost(t)
	acct := listen.Account{Settings: map[string]string{"instance": s.URL}}
	const back = "https://firma.example/zurück"
	at, kept, err := authorizer().Authorize(t.Context(), acct, h.Host, back, "zustand")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Path != "/oauth/authorize" || q.Get("client_id") != "app-7" || q.Get("state") != "zustand" || q.Get("scope") != "read write" ||
		q.Get("redirect_uri") != back || q.Get("code_challenge_method") != "S256" || q.Get("response_type") != "code" {
		t.Errorf("the address is %s", at)
	}
	if s.app.Get("scopes") != "read write" || s.app.Get("redirect_uris") != back {
		t.Errorf("registered %v", s.app)
	}
	s.challenge = q.Get("code_challenge")
	got, err := authorizer().Exchange(t.Context(), acct, h.Host, back, kept, url.Values{"code": {"c0de"}})
	if err != nil {
		t.Fatal(err)
	}
	if got["token"] != token || got["instance"] != s.URL || got["refresh"] != "r1" {
		t.Errorf("Exchange = %v", got)
	}
	if _, err := mastodon.New().Account().Open(listen.Account{Settings: got}, h.Host); err != nil {
		t.Errorf("what sign-in brings does not open: %v", err)
	}
}

func TestSignInFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		mend   func(*server, map[string]string, url.Values)
		want   string
		settle string
	}{
		{"the person says no", func(_ *server, _ map[string]string, q url.Values) { q.Del("code"); q.Set("error", "access_denied") }, "signin-refused", ""},
		{"another code", func(_ *server, _ map[string]string, q url.Values) { q.Set("code", "x") }, "signin-again", ""},
		{"another verifier", func(_ *server, k map[string]string, _ url.Values) { k["verifier"] = "x" }, "signin-again", ""},
		{"another server meanwhile", func(_ *server, k map[string]string, _ url.Values) { k["instance"] = "https://other.example" }, "signin-again", ""},
		{"read only", func(s *server, _ map[string]string, _ url.Values) { s.scope = "read" }, "scope-write", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, h := newServer(t), newHost(t)
			acct := listen.Account{Settings: map[string]string{"instance": s.URL}}
			at, kept, err := authorizer().Authorize(t.Context(), acct, h.Host, "https://firma.example/", "z")
			if err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(at)
			if err != nil {
				t.Fatal(err)
			}
			s.challenge = u.Query().Get("code_challenge")
			q := url.Values{"code": {"c0de"}}
			c.mend(s, kept, q)
			_, err = authorizer().Exchange(t.Context(), acct, h.Host, "https://firma.example/", kept, q)
			wantMistake(t, err, c.want)
		})
	}
}

func TestSignInNowhere(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHost(t)
	s.meddle = func(w http.ResponseWriter, _ *http.Request) bool {
		fmt.Fprint(w, "<html>ein Blog</html>")
		return true
	}
	_, _, err := authorizer().Authorize(t.Context(), listen.Account{Settings: map[string]string{"instance": s.URL}}, h.Host, "https://f.example/", "z")
	wantMistake(t, err, "no-mastodon")
	_, _, err = authorizer().Authorize(t.Context(), listen.Account{}, h.Host, "https://f.example/", "z")
	wantMistake(t, err, "instance-missing")
}

// Two runs of one account, such as a stream and an answer, use a refresh token
// once between them.
func TestOneRenewalForTwoRuns(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHost(t)
	s.token = "gone"
	kept := map[string]string{"token": token, "refresh": "r1", "clientid": "app-7", "clientsecret": "geheim"}
	var mu sync.Mutex
	h.Keep = func(_ context.Context, secrets map[string]string) error {
		mu.Lock()
		defer mu.Unlock()
		maps.Copy(kept, secrets)
		return nil
	}
	h.Kept = func(context.Context) (map[string]string, error) {
		mu.Lock()
		defer mu.Unlock()
		return maps.Clone(kept), nil
	}
	settings := s.settings()
	maps.Copy(settings, kept)
	fediverse := mastodon.New()
	var all sync.WaitGroup
	for range 4 {
		src, err := fediverse.Account().Open(listen.Account{Settings: settings}, h.Host) // all with the old one
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			if err := src.Poll(t.Context(), "", noHear(t)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := s.called("POST /oauth/token"); n != 1 || kept["refresh"] != "r2" {
		t.Errorf("%d renewals, kept %v", n, kept)
	}
}

// A token that ran out is renewed once, and the new one kept before it is used.
func TestTokenIsRenewed(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHost(t)
	s.token = "gone"
	var kept map[string]string
	h.Keep = func(_ context.Context, secrets map[string]string) error {
		if s.called("GET /api/v1/notifications") > 0 {
			t.Error("the token was used before it was kept")
		}
		kept = maps.Clone(secrets)
		return nil
	}
	settings := s.settings()
	maps.Copy(settings, map[string]string{"refresh": "r1", "clientid": "app-7", "clientsecret": "geheim"})
	src, err := mastodon.New().Account().Open(listen.Account{Settings: settings}, h.Host)
	if err != nil {
		t.Fatal(err)
	}
	if err := src.Poll(t.Context(), "", noHear(t)); err != nil {
		t.Fatal(err)
	}
	if kept["token"] != "tok-2" || kept["refresh"] != "r2" {
		t.Errorf("kept %v", kept)
	}
	s.set(func() { s.token = "revoked" })
	if err := src.Poll(t.Context(), "", noHear(t)); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("with tokens that are all used up: %v", err)
	}
}
