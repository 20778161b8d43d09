package matrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/httpx"
	"lastword/listen"
)

const (
	v3        = "/_matrix/client/v3"
	media     = "/_matrix/media/v3"
	maxFor    = 20 * time.Second // that a server may look for another
	wellKnown = "/.well-known/matrix/client"
)

// A refusal is what a homeserver says of a request that it does not grant
// ("Standard error response").
type refusal struct {
	Status int    `json:"-"`
	Code   string `json:"errcode"`
	Soft   bool   `json:"soft_logout"`    // of M_UNKNOWN_TOKEN: who signs in again keeps the device
	Wait   int64  `json:"retry_after_ms"` // of M_LIMIT_EXCEEDED
}

func (r *refusal) Error() string { return fmt.Sprintf("matrix: answered %d %s", r.Status, r.Code) }

// Unwrap tells by the codes alone what kind of failure it is.
func (r *refusal) Unwrap() error {
	switch r.Code {
	case "M_UNKNOWN_TOKEN", "M_MISSING_TOKEN":
		if r.Soft {
			return &lastword.Mistake{Key: "connector.matrix.error.expired", Field: fieldToken, Kind: lastword.ErrDenied}
		}
		return &lastword.Mistake{Key: "connector.matrix.error.refused", Field: fieldToken, Kind: lastword.ErrDenied}
	case "M_USER_DEACTIVATED", "M_USER_LOCKED", "M_USER_SUSPENDED":
		return &lastword.Mistake{Key: "connector.matrix.error.deactivated", Field: fieldUser, Kind: lastword.ErrDenied}
	case "M_CONSENT_NOT_GIVEN":
		return &lastword.Mistake{Key: "connector.matrix.error.consent", Field: fieldUser, Kind: lastword.ErrDenied}
	case "M_LIMIT_EXCEEDED":
		return lastword.ErrUnavailable
	}
	switch {
	case r.Status == http.StatusForbidden:
		return lastword.ErrForbidden
	case r.Status == http.StatusNotFound:
		return lastword.ErrNotFound
	case r.Status == http.StatusUnauthorized:
		return lastword.ErrDenied
	case r.Status == http.StatusTooManyRequests, r.Status >= 500:
		return lastword.ErrUnavailable
	}
	return lastword.ErrInvalid
}

// is reports whether err is a refusal with one of the codes.
func is(err error, codes ...string) bool {
	var no *refusal
	if !errors.As(err, &no) {
		return false
	}
	for _, c := range codes {
		if no.Code == c {
			return true
		}
	}
	return false
}

// A request is one call of the account's. Query and body may be nil.
type request struct {
	method string
	path   string // with v3 or media
	query  url.Values
	body   any
	raw    []byte // instead of body, of the media type kind
	kind   string
}

func get(path string, query url.Values) request {
	return request{method: http.MethodGet, path: path, query: query}
}

// ask sends a request as the account, signing in where that is needed, and once
// more where the server has forgotten us.
func (s *source) ask(ctx context.Context, r request, out any) error {
	token, err := s.signedIn(ctx)
	if err != nil {
		return err
	}
	err = s.send(ctx, r, token, out)
	if !is(err, "M_UNKNOWN_TOKEN") {
		return err
	}
	again, renewed := s.renew(ctx, token, err)
	if renewed != nil {
		return renewed
	}
	return s.send(ctx, r, again, out)
}

// send sends one request with a token, or none.
func (s *source) send(ctx context.Context, r request, token string, out any) error {
	base, err := s.homeserver(ctx)
	if err != nil {
		return err
	}
	ask := api.Request{Method: r.method, URL: base + r.path, Query: r.query, JSON: r.body, Raw: r.raw, Header: http.Header{}}
	if token != "" {
		ask.Header.Set("Authorization", "Bearer "+token)
	}
	if r.raw != nil {
		ask.Header.Set("Content-Type", r.kind)
	}
	_, err = api.Do(ctx, s.host.HTTP, ask, out)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return explain(err)
}

// explain reads what the server said. What is not said by a homeserver (a proxy's
// page) tells nothing of the account.
func explain(err error) error {
	if err == nil {
		return nil
	}
	body, status, refused := api.Refusal(err)
	no := &refusal{}
	if refused && json.Unmarshal(body, no) == nil && no.Code != "" {
		no.Status = status
		wait, _ := httpx.RetryAfter(err)
		if asked := time.Duration(no.Wait) * time.Millisecond; no.Code == "M_LIMIT_EXCEEDED" {
			wait = max(wait, asked, time.Second)
		}
		if wait > 0 {
			return &listen.RetryAfter{Wait: wait, Err: fmt.Errorf("matrix: %w", errors.Join(lastword.ErrUnavailable, no))}
		}
		return fmt.Errorf("matrix: %w", no)
	}
	if wait, ok := httpx.RetryAfter(err); ok {
		return &listen.RetryAfter{Wait: wait, Err: fmt.Errorf("matrix: %w", errors.Join(lastword.ErrUnavailable, err))}
	}
	if refused && status != http.StatusNotFound {
		return fmt.Errorf("matrix: answered %d by something that is no homeserver: %w", status, lastword.ErrUnavailable)
	}
	if refused {
		return fmt.Errorf("matrix: no homeserver there: %w", lastword.ErrUnavailable)
	}
	return fmt.Errorf("matrix: %w", err)
}

// homeserver finds where the account's server is ("Server Discovery"): as the
// settings say, as its domain says, or at that domain itself.
func (s *source) homeserver(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.base != "" {
		return s.base, nil
	}
	_, domain, _ := strings.Cut(s.user, ":")
	ctx, cancel := context.WithTimeout(ctx, maxFor)
	defer cancel()
	var said struct {
		Server struct {
			Base string `json:"base_url"`
		} `json:"m.homeserver"`
	}
	_, err := api.Do(ctx, s.host.HTTP, api.Request{URL: "https://" + domain + wellKnown}, &said)
	_, status, refused := api.Refusal(err)
	switch {
	case refused && status == http.StatusNotFound:
		s.base = "https://" + domain
		return s.base, nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil || said.Server.Base == "":
		return "", fmt.Errorf("matrix: the server of the account is not found: %v: %w", err, &lastword.Mistake{Key: "connector.matrix.error.undiscovered", Field: fieldServer, Kind: lastword.ErrUnavailable})
	}
	base, err := serverOf(said.Server.Base)
	if err != nil || !strings.HasPrefix(base, "https://") {
		return "", &lastword.Mistake{Key: "connector.matrix.error.undiscovered", Field: fieldServer, Kind: lastword.ErrDenied}
	}
	s.base = base
	return base, nil
}
