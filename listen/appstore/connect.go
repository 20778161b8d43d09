package appstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"lastword"
	"lastword/internal/api"
)

// connectAt is where the App Store Connect API is.
const connectAt = "https://api.appstoreconnect.apple.com"

// tokenFor is how long a token is good: Apple takes 20 minutes at most
// ("Generating Tokens for API Requests").
const tokenFor = 15 * time.Minute

// sign makes the token of an API key: ES256, audience appstoreconnect-v1. A
// personal key says "user" where a team's names its issuer.
func (s *source) sign() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.host.Now()
	if s.token != "" && now.Before(s.until) {
		return s.token, nil
	}
	claims := jwt.MapClaims{"iat": now.Add(-time.Minute).Unix(), "exp": now.Add(tokenFor).Unix(), "aud": "appstoreconnect-v1"}
	if s.issuer != "" {
		claims["iss"] = s.issuer
	} else {
		claims["sub"] = "user"
	}
	t := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	t.Header["kid"] = s.keyID
	signed, err := t.SignedString(s.key)
	if err != nil {
		return "", fmt.Errorf("appstore: sign: %w", lastword.ErrInvalid)
	}
	s.token, s.until = signed, now.Add(tokenFor-2*time.Minute)
	return signed, nil
}

// ask calls the API.
func (s *source) ask(ctx context.Context, method, path string, q url.Values, body, out any) error {
	token, err := s.sign()
	if err != nil {
		return err
	}
	_, err = api.Do(ctx, s.host.HTTP, api.Request{
		Method: method, URL: connectAt + path, Query: q, JSON: body, Header: http.Header{"Authorization": {"Bearer " + token}},
	}, out)
	return refused(err)
}

// A refusal is an error of the API: {"errors": [{"status", "code", …}]}.
type refusal struct {
	code   string // such as "NOT_AUTHORIZED" or "FORBIDDEN_ERROR"
	status int
	err    error
}

func (e *refusal) Error() string { return fmt.Sprintf("appstore: %v (%s)", e.err, e.code) }

// Unwrap returns the kind of failure.
func (e *refusal) Unwrap() error { return e.err }

func refused(err error) error {
	body, status, ok := api.Refusal(err)
	if !ok {
		if err != nil {
			err = fmt.Errorf("appstore: %w", err)
		}
		return err
	}
	e := &refusal{status: status, err: err}
	var said struct{ Errors []struct{ Code string } }
	if json.Unmarshal(body, &said) == nil && len(said.Errors) > 0 && len(said.Errors[0].Code) < 100 {
		e.code = said.Errors[0].Code
	}
	return e
}

// judged says what a refusal means for the channel as a whole.
func judged(err error) error {
	var e *refusal
	if !errors.As(err, &e) || errors.Is(err, lastword.ErrUnavailable) {
		return err
	}
	what := ""
	switch {
	case e.status == http.StatusUnauthorized:
		what = "connector.appstore.error.key-refused"
	case e.status == http.StatusForbidden && strings.Contains(e.code, "REQUIRED_AGREEMENTS"):
		what = "connector.appstore.error.agreements"
	case e.status == http.StatusForbidden:
		what = "connector.appstore.error.rights"
	case e.status == http.StatusNotFound:
		what = "connector.appstore.error.not-yours"
	default:
		return err
	}
	return fmt.Errorf("%w: %w", err, &lastword.Mistake{Key: what, Kind: lastword.ErrDenied})
}

// A resource is what the API gives (JSON:API).
type resource struct {
	Type, ID   string
	Attributes struct {
		Rating    int
		Title     string
		Body      string
		Nickname  string    `json:"reviewerNickname"`
		Created   time.Time `json:"createdDate"`
		Territory string    // ISO 3166-1 alpha-3

		Response string    `json:"responseBody"`
		Modified time.Time `json:"lastModifiedDate"`
		State    string    // "PUBLISHED", "PENDING_PUBLISH"
	}
	Relationships struct {
		Response struct{ Data *struct{ ID string } }
		Review   struct{ Data *struct{ ID string } }
	}
}

// readReview decodes one review.
func readReview(raw []byte) (resource, bool) {
	var r resource
	if json.Unmarshal(raw, &r) != nil || r.Type != "customerReviews" || !isID(r.ID) || r.Attributes.Created.IsZero() {
		return resource{}, false
	}
	return r, r.Attributes.Rating >= 1 && r.Attributes.Rating <= 5
}
