// Package google is what the connectors to Google's services share: signing in
// as a person (OAuth 2.0) or as a service account, one call with a token, and
// what Google's errors mean.
//
// Sources: "Using OAuth 2.0 for Web Server Applications", "Using OAuth 2.0 for
// Server to Server Applications" (developers.google.com/identity/protocols/oauth2),
// and the error model of google.rpc.Status (AIP-193).
package google

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
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

	"github.com/golang-jwt/jwt/v5"

	"lastword"
	"lastword/internal/api"
)

// Where Google signs people in and gives tokens.
const (
	AuthURL  = "https://accounts.google.com/o/oauth2/v2/auth"
	TokenURL = "https://oauth2.googleapis.com/token"
)

// early is how long before its end a token is renewed.
const early = time.Minute

// An App is a program registered at Google ("OAuth client", type web).
type App struct{ ID, Secret string }

// Authorize returns the address at which a person grants the scopes for good
// (access_type=offline; prompt=consent, because only then a refresh token
// comes), and the verifier that Exchange needs (PKCE, RFC 7636).
func (a App) Authorize(scopes []string, redirect, state string) (address, verifier string) {
	verifier = rand.Text() + rand.Text()
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {a.ID}, "redirect_uri": {redirect}, "scope": {strings.Join(scopes, " ")}, "state": {state},
		"access_type": {"offline"}, "prompt": {"consent"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	return AuthURL + "?" + q.Encode(), verifier
}

// Exchange returns the refresh token for the code that the person was sent back
// with. A person who said no, or granted less than all scopes, is a
// *lastword.Mistake.
func (a App) Exchange(ctx context.Context, client *http.Client, scopes []string, redirect, verifier string, answer url.Values) (refresh string, err error) {
	if answer.Get("code") == "" { // RFC 6749 §4.1.2.1
		return "", &lastword.Mistake{Key: "connector.google.error.signin-refused"}
	}
	got, err := ask(ctx, client, url.Values{
		"grant_type": {"authorization_code"}, "code": {answer.Get("code")}, "redirect_uri": {redirect}, "code_verifier": {verifier},
		"client_id": {a.ID}, "client_secret": {a.Secret},
	})
	if err != nil {
		return "", err
	}
	granted := " " + got.Scope + " "
	for _, s := range scopes {
		if got.Scope != "" && !strings.Contains(granted, " "+s+" ") {
			return "", &lastword.Mistake{Key: "connector.google.error.scope"}
		}
	}
	if got.Refresh == "" {
		return "", &lastword.Mistake{Key: "connector.google.error.signin-again"}
	}
	return got.Refresh, nil
}

// A token is what the token endpoint answers (RFC 6749 §5.1, §5.2).
type token struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Scope   string `json:"scope"`
	Seconds int64  `json:"expires_in"`
}

// ask asks the token endpoint. What it refuses, a person must set right.
func ask(ctx context.Context, client *http.Client, form url.Values) (token, error) {
	var got token
	_, err := api.Do(ctx, client, api.Request{URL: TokenURL, Form: form}, &got)
	body, _, refused := api.Refusal(err)
	switch {
	case refused && !errors.Is(err, lastword.ErrUnavailable):
		var said struct{ Error string }
		key := "connector.google.error.signin-again"
		if json.Unmarshal(body, &said) == nil && (said.Error == "invalid_client" || said.Error == "unauthorized_client" || said.Error == "deleted_client") {
			key = "connector.google.error.client"
		}
		return token{}, fmt.Errorf("google: %w: %w", err, &lastword.Mistake{Key: key, Kind: lastword.ErrDenied})
	case err != nil:
		return token{}, fmt.Errorf("google: token: %w", err)
	case got.Access == "":
		return token{}, fmt.Errorf("google: an answer without a token: %w", lastword.ErrUnavailable)
	}
	return got, nil
}

// A Signer gets access tokens for one account and keeps them until shortly
// before their end. Many may use it.
type Signer struct {
	client *http.Client
	now    func() time.Time
	form   func() (url.Values, error)

	mu    sync.Mutex
	token string
	until time.Time
}

// As signs in by the refresh token of a person. Google keeps refresh tokens as
// they are. Without one, a token is a *lastword.Mistake that asks for signing in.
func (a App) As(client *http.Client, now func() time.Time, refresh string) *Signer {
	return &Signer{client: client, now: now, form: func() (url.Values, error) {
		if refresh == "" {
			return nil, &lastword.Mistake{Key: "connector.google.error.signin", Kind: lastword.ErrDenied}
		}
		return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "client_id": {a.ID}, "client_secret": {a.Secret}}, nil
	}}
}

// A Key is the key of a service account, as Google's console hands it out.
type Key struct {
	Email string
	id    string
	rsa   *rsa.PrivateKey
}

// ParseKey reads the JSON file of a service account's key.
func ParseKey(file string) (Key, error) {
	var got struct {
		Type    string `json:"type"`
		Email   string `json:"client_email"`
		ID      string `json:"private_key_id"`
		Private string `json:"private_key"`
	}
	if json.Unmarshal([]byte(file), &got) != nil || got.Type != "service_account" || got.Email == "" {
		return Key{}, fmt.Errorf("google: no key of a service account: %w", lastword.ErrInvalid)
	}
	private, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(got.Private))
	if err != nil { // its text may hold a piece of the key
		return Key{}, fmt.Errorf("google: the private key cannot be read: %w", lastword.ErrInvalid)
	}
	return Key{Email: got.Email, id: got.ID, rsa: private}, nil
}

// For signs in as the service account for the scopes (RFC 7523 §2.1).
func (k Key) For(client *http.Client, now func() time.Time, scopes ...string) *Signer {
	return &Signer{client: client, now: now, form: func() (url.Values, error) {
		at := now()
		claims := jwt.MapClaims{"iss": k.Email, "scope": strings.Join(scopes, " "), "aud": TokenURL, "iat": at.Unix(), "exp": at.Add(time.Hour).Unix()}
		t := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
		t.Header["kid"] = k.id
		signed, err := t.SignedString(k.rsa)
		if err != nil {
			return nil, fmt.Errorf("google: sign: %w", err)
		}
		return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {signed}}, nil
	}}
}

// Token returns a token that is still good.
func (s *Signer) Token(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token != "" && s.now().Before(s.until) {
		return s.token, nil
	}
	form, err := s.form()
	if err != nil {
		return "", err
	}
	got, err := ask(ctx, s.client, form)
	if err != nil {
		return "", err
	}
	s.token, s.until = got.Access, s.now().Add(max(time.Duration(min(got.Seconds, 86_400))*time.Second-early, early))
	return s.token, nil
}

// spent forgets a token that was refused.
func (s *Signer) spent(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == token {
		s.token = ""
	}
}
