package x

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"lastword"
	"lastword/listen"
)

// Where a person grants access, and what we ask for (docs.x.com, OAuth 2.0
// Authorization Code Flow with PKCE).
const (
	grantPage = "https://x.com/i/oauth2/authorize"
	scopes    = "tweet.read tweet.write users.read media.write offline.access"
)

const keptVerifier = "verifier"

// A signing connector is one whose accounts sign in; apps have a token instead.
type signing struct{ connector }

// Authorize implements listen.Authorizer. Nobody is called.
func (signing) Authorize(_ context.Context, acct listen.Account, _ listen.Host, redirect, state string) (string, map[string]string, error) {
	client := strings.TrimSpace(acct.Settings[fieldClient])
	if client == "" {
		return "", nil, mistake(fieldClient, "missing")
	}
	secret := make([]byte, 32)
	rand.Read(secret) // never fails (package crypto/rand)
	verifier := base64.RawURLEncoding.EncodeToString(secret)
	digest := sha256.Sum256([]byte(verifier)) // RFC 7636 §4.2, S256
	q := url.Values{
		"response_type": {"code"}, "client_id": {client}, "redirect_uri": {redirect}, "scope": {scopes}, "state": {state},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(digest[:])}, "code_challenge_method": {"S256"},
	}
	return grantPage + "?" + q.Encode(), map[string]string{keptVerifier: verifier}, nil
}

// Exchange implements listen.Authorizer. X lets a code live for 30 seconds.
func (signing) Exchange(ctx context.Context, acct listen.Account, host listen.Host, redirect string, kept map[string]string, answer url.Values) (map[string]string, error) {
	code := answer.Get("code")
	if answer.Get("error") != "" || code == "" {
		return nil, fmt.Errorf("x: %w", &lastword.Mistake{Key: "connector.x.error.refused", Field: fieldClient, Kind: lastword.ErrDenied})
	}
	client, secret := strings.TrimSpace(acct.Settings[fieldClient]), strings.TrimSpace(acct.Settings[fieldSecret])
	t, err := grant(ctx, host, client, secret, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect}, "code_verifier": {kept[keptVerifier]},
	})
	if err != nil {
		return nil, err
	}
	t.user, t.handle, err = me(ctx, api{host: host, bearer: t.access})
	if err != nil {
		return nil, err
	}
	out := t.secrets()
	out[secretUser], out[secretHandle] = t.user, t.handle
	return out, nil
}
