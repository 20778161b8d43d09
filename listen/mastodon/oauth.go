package mastodon

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"lastword"
	"lastword/listen"
)

// scopes are what we ask for. Servers other than Mastodon know the two large
// ones alone (api/oauth-scopes).
const scopes = "read write"

// keptVerifier is what Authorize keeps for Exchange beside the application.
const keptVerifier = "verifier"

// Authorize implements listen.Authorizer: it registers Lastword at the server,
// which each server wants (methods/apps, POST /api/v1/apps), and returns the
// address at which a person signs in (methods/oauth, /oauth/authorize), with PKCE
// (RFC 7636) for the servers that know it.
func (c connector) Authorize(ctx context.Context, acct listen.Account, host listen.Host, redirect, state string) (string, map[string]string, error) {
	base, err := c.instanceOf(acct)
	if err != nil {
		return "", nil, err
	}
	var app struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	err = c.anyone(base, host).do(ctx, call{method: http.MethodPost, path: "/api/v1/apps", form: url.Values{
		"client_name": {"Lastword"}, "redirect_uris": {redirect}, "scopes": {scopes},
	}}, &app)
	switch {
	case statusOf(err) == http.StatusNotFound, errors.Is(err, errMalformed), err == nil && (app.ID == "" || app.Secret == ""):
		return "", nil, mistake(fieldInstance, "no-mastodon")
	case err != nil:
		return "", nil, err
	}
	verifier := rand.Text() + rand.Text() // 43 to 128 unreserved characters (RFC 7636 §4.1)
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {app.ID}, "redirect_uri": {redirect}, "scope": {scopes}, "state": {state},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	return base + "/oauth/authorize?" + q.Encode(), map[string]string{
		fieldInstance: base, keptClient: app.ID, keptSecret: app.Secret, keptVerifier: verifier,
	}, nil
}

// Exchange implements listen.Authorizer (methods/oauth, POST /oauth/token). Of
// what it returns only the instance is no secret.
func (c connector) Exchange(ctx context.Context, acct listen.Account, host listen.Host, redirect string, kept map[string]string, answer url.Values) (map[string]string, error) {
	base, err := c.instanceOf(acct)
	if err != nil {
		return nil, err
	}
	switch {
	case kept[fieldInstance] != base: // it was changed meanwhile; the code is not for it
		return nil, mistake(fieldInstance, "signin-again")
	case answer.Get("code") == "": // RFC 6749 §4.1.2.1: the person, or the server, said no
		return nil, mistake(fieldToken, "signin-refused")
	}
	got, err := askToken(ctx, c.anyone(base, host), url.Values{
		"grant_type": {"authorization_code"}, "code": {answer.Get("code")}, "redirect_uri": {redirect},
		"client_id": {kept[keptClient]}, "client_secret": {kept[keptSecret]}, "code_verifier": {kept[keptVerifier]},
	})
	switch code := statusOf(err); {
	case code >= 400 && code < 500 && code != http.StatusTooManyRequests:
		return nil, mistake(fieldToken, "signin-again")
	case err != nil:
		return nil, err
	case !got.allows("read") || !got.allows("write"):
		return nil, mistake(fieldToken, "scope-write")
	}
	set := got.secrets(host.Now())
	set[fieldInstance], set[keptClient], set[keptSecret] = base, kept[keptClient], kept[keptSecret]
	return set, nil
}

func (c connector) instanceOf(acct listen.Account) (string, error) {
	typed := strings.TrimSpace(acct.Settings[fieldInstance])
	if typed == "" {
		return "", mistake(fieldInstance, "instance-missing")
	}
	base, err := baseURL(typed)
	if err != nil {
		return "", mistake(fieldInstance, "instance")
	}
	return base, nil
}

// anyone is a client without an account.
func (c connector) anyone(base string, host listen.Host) *client {
	return &client{http: host.HTTP, now: host.Now, base: base, limits: c.budgetsOf(base, ""), tokens: &tokens{}}
}

// A grant is what we read of entities/Token, and of RFC 6749 §5.1 beyond it.
type grant struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Scope   string
	Expires int64 `json:"expires_in"` // seconds; Pleroma and others
}

// allows reports whether the grant covers a scope. A server that does not say
// granted what was asked (RFC 6749 §5.1).
func (g grant) allows(scope string) bool {
	given := strings.Fields(g.Scope)
	return len(given) == 0 || slices.Contains(given, scope)
}

// secrets are what is kept of a grant.
func (g grant) secrets(now time.Time) map[string]string {
	kept := map[string]string{fieldToken: g.Access, keptRefresh: g.Refresh, keptUntil: ""}
	if g.Expires > 0 {
		kept[keptUntil] = strconv.FormatInt(now.Unix()+min(g.Expires, 1<<33), 10)
	}
	return kept
}

func askToken(ctx context.Context, c *client, form url.Values) (grant, error) {
	var g grant
	err := c.do(ctx, call{method: http.MethodPost, path: "/oauth/token", form: form, bare: true, urgent: true}, &g)
	if err == nil && (g.Access == "" || !isToken(g.Access)) {
		err = fmt.Errorf("mastodon: %s granted no token: %w", hostOf(c.base), lastword.ErrUnavailable)
	}
	return g, err
}

// tokens are what an account is signed in with. Those of Mastodon last until
// they are revoked; Pleroma's and Akkoma's run out and are renewed.
type tokens struct {
	keep func(context.Context, map[string]string) error
	kept func(context.Context) (map[string]string, error)

	mu      sync.Mutex
	access  string
	refresh string
	client  string
	secret  string
}

func (t *tokens) current() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.access
}

// reread takes over what another run of this account has kept: of a refresh
// token that may be used once only the first to use it has the next.
func (t *tokens) reread(ctx context.Context) error {
	if t.kept == nil {
		return nil
	}
	kept, err := t.kept(ctx)
	if err != nil {
		return fmt.Errorf("mastodon: the token is not read: %w", err)
	}
	if kept[fieldToken] != "" {
		t.access, t.refresh = kept[fieldToken], kept[keptRefresh]
		t.client, t.secret = kept[keptClient], kept[keptSecret]
	}
	return nil
}

// keepWithin is how long a renewal may take that was begun: once the server has
// given a new token, it is kept although somebody stops us.
const keepWithin = 20 * time.Second

// renew returns a token other than the one that was refused, or that one where
// there is no means (RFC 6749 §6). A new one is kept before it is used.
func (c *client) renew(ctx context.Context, refused string) (string, error) {
	t := c.tokens
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.access != refused || t.keep == nil {
		return t.access, nil
	}
	c.limits.renewing.Lock()
	defer c.limits.renewing.Unlock()
	if err := t.reread(ctx); err != nil {
		return refused, err
	}
	if t.access != refused || t.refresh == "" {
		return t.access, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
	defer cancel()
	g, err := askToken(ctx, &client{http: c.http, now: c.now, base: c.base, limits: c.limits, tokens: &tokens{}}, url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {t.refresh}, "client_id": {t.client}, "client_secret": {t.secret},
	})
	if err != nil {
		if failed := t.reread(ctx); failed != nil || t.access == refused { // nobody was faster
			return refused, err
		}
		return t.access, nil
	}
	g.Refresh = or(g.Refresh, t.refresh)
	if err := t.keep(ctx, g.secrets(c.now())); err != nil {
		return refused, fmt.Errorf("mastodon: the new token is not kept: %w", err)
	}
	t.access, t.refresh = g.Access, g.Refresh
	return t.access, nil
}
