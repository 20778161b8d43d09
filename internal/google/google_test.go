package google_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/google"
	"lastword/internal/httpx"
)

var now = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

// wire answers without a network.
type wire func(r *http.Request, form url.Values) (int, string)

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	var form url.Values
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if form, err = url.ParseQuery(string(body)); err != nil {
			return nil, err
		}
	}
	status, body := w(r, form)
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r, ProtoMajor: 1}, nil
}

func TestAPersonSignsIn(t *testing.T) {
	t.Parallel()
	app, scopes := google.App{ID: "client", Secret: "geheim"}, []string{"https://scope/a", "https://scope/b"}
	at, verifier := app.Authorize(scopes, "https://lastword.example/back", "state")
	u, err := url.Parse(at)
	if err != nil || u.Host != "accounts.google.com" || u.Query().Get("access_type") != "offline" || u.Query().Get("code_challenge_method") != "S256" ||
		u.Query().Get("scope") != "https://scope/a https://scope/b" || len(verifier) < 43 || strings.Contains(at, verifier) || strings.Contains(at, "geheim") {
		t.Errorf("%s, %v", at, err)
	}
	answer := `{"access_token":"a","refresh_token":"r","expires_in":3599,"scope":"https://scope/b https://scope/a"}`
	status := 200
	client := &http.Client{Transport: wire(func(r *http.Request, form url.Values) (int, string) {
		if r.URL.String() != google.TokenURL || form.Get("code") != "c" || form.Get("code_verifier") != verifier || form.Get("client_secret") != "geheim" {
			t.Errorf("asked %s with %v", r.URL, form)
		}
		return status, answer
	})}
	back := url.Values{"code": {"c"}}
	if got, err := app.Exchange(t.Context(), client, scopes, "https://lastword.example/back", verifier, back); err != nil || got != "r" {
		t.Errorf("%q, %v", got, err)
	}
	var m *lastword.Mistake
	for body, key := range map[string]string{
		`{"access_token":"a","refresh_token":"r","scope":"https://scope/a"}`:               "scope",
		`{"access_token":"a","scope":"https://scope/a https://scope/b"}`:                   "signin-again",
		`{"error":"invalid_grant","error_description":"Bad Request"}`:                      "signin-again",
		`{"error":"invalid_client","error_description":"The OAuth client was not found."}`: "client",
	} {
		answer, status = body, 200
		if strings.Contains(body, "error") {
			status = 400
		}
		if _, err := app.Exchange(t.Context(), client, scopes, "https://lastword.example/back", verifier, back); !errors.As(err, &m) || m.Key != "connector.google.error."+key {
			t.Errorf("%s: %v", body, err)
		}
	}
	if _, err := app.Exchange(t.Context(), client, scopes, "", verifier, url.Values{"error": {"access_denied"}}); !errors.As(err, &m) || m.Key != "connector.google.error.signin-refused" {
		t.Errorf("who said no: %v", err)
	}
}

func TestAServiceAccountSignsIn(t *testing.T) {
	t.Parallel()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	file, err := json.Marshal(map[string]string{"type": "service_account", "client_email": "lastword@p.iam.gserviceaccount.com", "private_key_id": "k1",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))})
	if err != nil {
		t.Fatal(err)
	}
	key, err := google.ParseKey(string(file))
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	client := &http.Client{Transport: wire(func(_ *http.Request, form url.Values) (int, string) {
		asked++
		claims := jwt.MapClaims{}
		parsed, err := jwt.ParseWithClaims(form.Get("assertion"), claims, func(*jwt.Token) (any, error) { return &private.PublicKey, nil },
			jwt.WithTimeFunc(clock), jwt.WithAudience(google.TokenURL), jwt.WithIssuer("lastword@p.iam.gserviceaccount.com"), jwt.WithValidMethods([]string{"RS256"}))
		if err != nil || parsed.Header["kid"] != "k1" || claims["scope"] != "s1 s2" || form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
			t.Errorf("assertion: %v, %v", claims, err)
		}
		return 200, fmt.Sprintf(`{"access_token":"t%d","expires_in":3600}`, asked)
	})}
	at := now
	s := key.For(client, func() time.Time { return at }, "s1", "s2")
	for _, c := range []struct {
		later time.Duration
		want  string
	}{{0, "t1"}, {30 * time.Minute, "t1"}} {
		at = now.Add(c.later)
		if got, err := s.Token(t.Context()); err != nil || got != c.want {
			t.Errorf("after %s: %q, %v", c.later, got, err)
		}
	}
	for _, bad := range []string{"", "{}", `{"type":"service_account","client_email":"a","private_key":"-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----"}`, `{"type":"authorized_user","client_email":"a"}`} {
		if _, err := google.ParseKey(bad); !errors.Is(err, lastword.ErrInvalid) || strings.Contains(err.Error(), "abc") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestWhatErrorsMean(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code int
		body string
		want error
		key  string
		wait time.Duration
	}{
		{403, `{"error":{"code":403,"errors":[{"domain":"youtube.quota","reason":"quotaExceeded"}]}}`, lastword.ErrUnavailable, "", 23 * time.Hour},
		{403, `{"error":{"code":403,"errors":[{"domain":"usageLimits","reason":"userRateLimitExceeded"}]}}`, lastword.ErrUnavailable, "", time.Minute},
		{429, `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED"}]}}`, lastword.ErrUnavailable, "", time.Minute},
		{429, `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED","metadata":{"quota_limit_value":"0"}}]}}`, lastword.ErrDenied, "no-quota", 0},
		{403, `{"error":{"code":403,"status":"PERMISSION_DENIED","details":[{"reason":"SERVICE_DISABLED"}]}}`, lastword.ErrDenied, "switched-off", 0},
		{403, `{"error":{"code":403,"errors":[{"reason":"insufficientPermissions"}]}}`, lastword.ErrDenied, "scope", 0},
		{400, `{"error":{"code":400,"details":[{"reason":"API_KEY_INVALID"}]}}`, lastword.ErrDenied, "key", 0},
		{401, `{"error":{"code":401,"status":"UNAUTHENTICATED"}}`, lastword.ErrDenied, "signin-again", 0},
		{404, `{"error":{"code":404,"errors":[{"reason":"notFound"}]}}`, lastword.ErrNotFound, "", 0},
		{503, `<html>`, lastword.ErrUnavailable, "", 0},
		{403, `{"error":"nonsense"}`, lastword.ErrDenied, "", 0},
	} {
		tokens := 0
		client := &http.Client{Transport: wire(func(r *http.Request, _ url.Values) (int, string) {
			if r.URL.String() == google.TokenURL {
				tokens++
				return 200, `{"access_token":"t","expires_in":3600}`
			}
			return c.code, c.body
		})}
		s := google.App{ID: "a"}.As(client, clock, "refresh")
		err := google.Call(t.Context(), client, s, now, api.Request{URL: "https://www.googleapis.com/x?key=abc"}, nil)
		var m *lastword.Mistake
		if !errors.Is(err, c.want) || c.key != "" && (!errors.As(err, &m) || m.Key != "connector.google.error."+c.key) {
			t.Errorf("%s: %v", c.body, err)
		}
		if wait, ok := httpx.RetryAfter(err); ok != (c.wait > 0) || wait != c.wait {
			t.Errorf("%s: wait %v, want %v", c.body, wait, c.wait)
		}
		if (c.code == 401) != (tokens == 2) {
			t.Errorf("%s: %d tokens", c.body, tokens)
		}
		if strings.Contains(err.Error(), "abc") {
			t.Errorf("the error tells the key: %v", err)
		}
	}
	var m *lastword.Mistake
	if err := google.Call(context.Background(), nil, google.App{}.As(nil, clock, ""), now, api.Request{}, nil); !errors.As(err, &m) || m.Key != "connector.google.error.signin" || !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("nobody signed in: %v", err)
	}
}
