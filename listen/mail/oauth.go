package mail

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
)

// A grant is what a person allowed us at a provider (OAuth 2.0, RFC 6749).
type grant struct {
	provider provider
	client   string
	secret   string // empty for public clients
	refresh  string
}

// wanted reports whether we sign in by token.
func (g grant) wanted() bool { return g.provider.token != "" }

// early is how long before its end a token is renewed.
const early = 2 * time.Minute

// tokens keeps the access token of one account in memory. Several goroutines may
// use it.
type tokens struct {
	host listen.Host

	mu    sync.Mutex
	grant grant
	now   string // the access token
	until time.Time
	again bool // it was handed out more than once
}

// access returns a token that is still good. A new refresh token is kept before
// anything is done with the access token beside it.
func (t *tokens) access(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now != "" && t.host.Now().Before(t.until) {
		t.again = true
		return t.now, nil
	}
	if t.host.Kept != nil { // another run of this account may have been given a newer one
		kept, err := t.host.Kept(ctx)
		if err != nil {
			return "", fmt.Errorf("mail: the token is not read: %w", err)
		}
		t.grant.refresh = cmp.Or(kept["refreshtoken"], t.grant.refresh)
	}
	if t.grant.refresh == "" {
		return "", fmt.Errorf("mail: nobody signed in at the provider yet: %w", &lastword.Mistake{Key: "connector.mail.error.signin", Kind: lastword.ErrDenied})
	}
	got, err := t.grant.ask(ctx, t.host.HTTP, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.grant.refresh}})
	if err != nil {
		return "", err
	}
	if got.Refresh != "" && got.Refresh != t.grant.refresh && t.host.Keep != nil {
		if err := t.host.Keep(ctx, map[string]string{"refreshtoken": got.Refresh}); err != nil {
			return "", fmt.Errorf("mail: keep the new token: %w", err)
		}
		t.grant.refresh = got.Refresh
	}
	t.now, t.until = got.Access, t.host.Now().Add(max(time.Duration(got.Seconds)*time.Second-early, early))
	t.again = false
	return t.now, nil
}

// spent forgets an access token that a server refused; false where it had been
// made for that very attempt, so that another would be refused too.
func (t *tokens) spent() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now = ""
	return t.again
}

// An answer of the token endpoint (RFC 6749 §5.1, §5.2).
type answer struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Seconds int64  `json:"expires_in"`
	Error   string `json:"error"`
}

// ask asks the token endpoint.
func (g grant) ask(ctx context.Context, client *http.Client, form url.Values) (answer, error) {
	form.Set("client_id", g.client)
	if g.secret != "" {
		form.Set("client_secret", g.secret)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.provider.token, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, errors.New("mail: the token endpoint has no address")
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	var a answer
	resp, err := httpx.Do(client, r)
	if err != nil {
		return answer{}, judged(err)
	}
	body, err := httpx.Read(resp)
	if err != nil {
		return answer{}, fmt.Errorf("mail: token: %w", err)
	}
	if json.Unmarshal(body, &a) != nil || a.Access == "" {
		return answer{}, fmt.Errorf("mail: token: the answer cannot be read: %w", lastword.ErrUnavailable)
	}
	return a, nil
}

// judged reads why the endpoint refused (RFC 6749 §5.2): by its word, where it
// gives one.
func judged(err error) error {
	var status *httpx.StatusError
	var a answer
	if !errors.As(err, &status) || json.Unmarshal(status.Body, &a) != nil {
		return fmt.Errorf("mail: token: %w", err)
	}
	switch a.Error {
	case "invalid_grant", "interaction_required", "consent_required", "access_denied":
		return fmt.Errorf("mail: token: %s: %w", a.Error, &lastword.Mistake{Key: "connector.mail.error.signin", Kind: lastword.ErrDenied})
	case "invalid_client", "unauthorized_client", "invalid_scope", "invalid_request", "unsupported_grant_type":
		return fmt.Errorf("mail: token: %s: %w", a.Error, &lastword.Mistake{Key: "connector.mail.error.client", Kind: lastword.ErrDenied})
	case "temporarily_unavailable", "server_error":
		return fmt.Errorf("mail: token: %s: %w", a.Error, lastword.ErrUnavailable)
	}
	return fmt.Errorf("mail: token: %w", err)
}

// Authorize implements listen.Authorizer, with PKCE (RFC 7636).
func (c *Connector) Authorize(_ context.Context, acct listen.Account, _ listen.Host, redirect, state string) (string, map[string]string, error) {
	a, err := read(acct.Settings)
	if err != nil {
		return "", nil, err
	}
	if !a.oauth.wanted() {
		return "", nil, wrong("provider", "provider")
	}
	at, err := url.Parse(a.oauth.provider.authorize)
	if err != nil {
		return "", nil, wrong("provider", "provider")
	}
	verifier := rand.Text() + rand.Text() // 52 of the 43 to 128 characters that §4.1 asks for
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {a.oauth.client}, "redirect_uri": {redirect}, "state": {state},
		"scope": {a.oauth.provider.scope}, "login_hint": {a.user},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	for name, value := range a.oauth.provider.extra {
		q.Set(name, value)
	}
	at.RawQuery = q.Encode()
	return at.String(), map[string]string{"verifier": verifier}, nil
}

// Exchange implements listen.Authorizer.
func (c *Connector) Exchange(ctx context.Context, acct listen.Account, host listen.Host, redirect string, kept map[string]string, query url.Values) (map[string]string, error) {
	a, err := read(acct.Settings)
	if err != nil {
		return nil, err
	}
	if reason := query.Get("error"); reason != "" || query.Get("code") == "" {
		return nil, &lastword.Mistake{Key: "connector.mail.error.signin_refused", Field: "provider"}
	}
	got, err := a.oauth.ask(ctx, host.HTTP, url.Values{
		"grant_type": {"authorization_code"}, "code": {query.Get("code")}, "redirect_uri": {redirect}, "code_verifier": {kept["verifier"]},
	})
	if err != nil {
		return nil, err
	}
	if got.Refresh == "" {
		return nil, &lastword.Mistake{Key: "connector.mail.error.signin", Field: "provider"}
	}
	return map[string]string{"refreshtoken": got.Refresh}, nil
}
