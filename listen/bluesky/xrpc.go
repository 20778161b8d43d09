package bluesky

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
)

// maxAnswer bounds the answer to one call, in bytes: a hundred notifications
// with their records take less than a tenth.
const maxAnswer = 8 << 20

// A client calls XRPC methods.
type client struct {
	http *http.Client
	now  func() time.Time
}

// A call is one XRPC request: a procedure if it has a body, otherwise a query.
type call struct {
	base  string // https://host
	nsid  string
	query url.Values
	post  bool
	body  any    // of a procedure; may be nil
	raw   []byte // or its bytes, of the type kind
	kind  string
	token string // may be empty
	proxy string // the service that the own one passes the call on to (header Atproto-Proxy); empty: none
}

// A callError is a service's refusal. It unwraps to what a caller may act on.
type callError struct {
	nsid, host string
	status     int
	name       string // as the service names it, such as "RecordNotFound"
	message    string
	wait       time.Duration
}

func (e *callError) Error() string {
	return fmt.Sprintf("bluesky: %s at %s: status %d %s: %s", e.nsid, e.host, e.status, e.name, e.message)
}

// Unwrap maps the refusal by its status; the name decides where a service
// answers 400 to everything.
func (e *callError) Unwrap() error {
	switch {
	case e.status == http.StatusTooManyRequests:
		return &listen.RetryAfter{Wait: max(e.wait, time.Second), Err: lastword.ErrUnavailable}
	case e.status >= 500 && e.wait > 0:
		return &listen.RetryAfter{Wait: e.wait, Err: lastword.ErrUnavailable}
	case e.status >= 500 || e.name == "RepoDeactivated":
		return lastword.ErrUnavailable
	case e.status == http.StatusUnauthorized, e.status == http.StatusForbidden,
		e.name == "AccountTakedown", e.name == "AuthFactorTokenRequired":
		return lastword.ErrDenied
	}
	return lastword.ErrInvalid
}

// missing reports whether the service knows no such method: it has no AppView
// behind it.
func (e *callError) missing() bool {
	return e.status == http.StatusNotImplemented || e.status == http.StatusNotFound ||
		e.name == "MethodNotImplemented" || strings.HasPrefix(e.message, "No service configured")
}

// gone reports whether the record or the account that holds it is no more.
func (e *callError) gone() bool {
	switch e.name {
	case "RecordNotFound", "RepoNotFound", "RepoTakendown", "RepoSuspended":
		return true
	}
	return e.status == http.StatusBadRequest && strings.HasPrefix(e.message, "Could not locate record")
}

// expired reports whether a token is no longer good, while the account may be.
func (e *callError) expired() bool {
	return e.name == "ExpiredToken" || e.name == "InvalidToken"
}

// do runs the call and decodes its answer into out, if that is not nil. What
// the service says of its rate limits comes back with every answer.
func (c client) do(ctx context.Context, k call, out any) (limit rate, err error) {
	req, err := k.request(ctx)
	if err != nil {
		return rate{}, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return rate{}, fmt.Errorf("bluesky: %s at %s: %w", k.nsid, hostOf(k.base), unreachable(ctx, err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	limit = rateOf(resp, c.now())
	switch {
	case err != nil:
		return limit, fmt.Errorf("bluesky: %s at %s: %w", k.nsid, hostOf(k.base), unreachable(ctx, err))
	case resp.StatusCode != http.StatusOK:
		return limit, k.refused(resp, body, c.now())
	case len(body) > maxAnswer:
		return limit, fmt.Errorf("bluesky: %s at %s: answer over %d bytes: %w", k.nsid, hostOf(k.base), maxAnswer, lastword.ErrUnavailable)
	case out == nil:
		return limit, nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return limit, fmt.Errorf("bluesky: %s at %s: %w", k.nsid, hostOf(k.base), errors.Join(lastword.ErrUnavailable, err))
	}
	return limit, nil
}

// unreachable says that a service does not answer, or that it lies where nobody
// may be asked: then no waiting helps.
func unreachable(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	// The address may hold what a log should not: only the cause is kept.
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, httpx.ErrInner) || errors.Is(err, httpx.ErrScheme) {
		return errors.Join(lastword.ErrInvalid, err)
	}
	return errors.Join(lastword.ErrUnavailable, err)
}

func (k call) request(ctx context.Context) (*http.Request, error) {
	at, method := k.base+"/xrpc/"+k.nsid, http.MethodGet
	if len(k.query) > 0 {
		at += "?" + k.query.Encode()
	}
	var body io.Reader
	if k.post {
		method = http.MethodPost
	}
	if k.body != nil {
		b, err := json.Marshal(k.body)
		if err != nil {
			return nil, fmt.Errorf("bluesky: %s: %w", k.nsid, err)
		}
		body = bytes.NewReader(b)
	}
	if k.raw != nil {
		body = bytes.NewReader(k.raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, at, body)
	if err != nil {
		return nil, fmt.Errorf("bluesky: %s: %w", k.nsid, err)
	}
	if k.raw != nil {
		req.Header.Set("Content-Type", k.kind)
	}
	if k.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if k.token != "" {
		req.Header.Set("Authorization", "Bearer "+k.token)
	}
	if k.proxy != "" {
		req.Header.Set("Atproto-Proxy", k.proxy)
	}
	return req, nil
}

func (k call) refused(resp *http.Response, body []byte, now time.Time) error {
	e := &callError{nsid: k.nsid, host: hostOf(k.base), status: resp.StatusCode, wait: waitOf(resp, now)}
	var said struct{ Error, Message string }
	if json.Unmarshal(body, &said) == nil {
		e.name, e.message = clip(said.Error), clip(said.Message)
	}
	return e
}

// A rate is what a service says of its limits in the headers RateLimit-*
// (IETF draft-ietf-httpapi-ratelimit-headers, as the PDS sends them).
type rate struct {
	known bool
	left  int
	reset time.Time
}

func rateOf(resp *http.Response, now time.Time) rate {
	left, err := strconv.Atoi(resp.Header.Get("RateLimit-Remaining"))
	if err != nil {
		return rate{}
	}
	at := resetOf(resp, now)
	return rate{known: !at.IsZero(), left: left, reset: at}
}

// resetOf reads RateLimit-Reset. The PDS writes Unix seconds, the draft asks
// for seconds from now; the one is never mistaken for the other.
func resetOf(resp *http.Response, now time.Time) time.Time {
	n, err := strconv.ParseInt(resp.Header.Get("RateLimit-Reset"), 10, 64)
	switch {
	case err != nil || n < 0:
		return time.Time{}
	case n < 1e9:
		return now.Add(time.Duration(n) * time.Second)
	}
	return time.Unix(n, 0)
}

// maxWait bounds what a service may ask of us: its longest window is a day.
const maxWait = 24 * time.Hour

// waitOf returns how long a refusal asks us to wait, or 0. Retry-After counts
// before RateLimit-Reset (RFC 9110 §10.2.3).
func waitOf(resp *http.Response, now time.Time) time.Duration {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	var wait time.Duration
	said := resp.Header.Get("Retry-After")
	if n, err := strconv.Atoi(said); err == nil {
		wait = time.Duration(min(n, int(maxWait/time.Second))) * time.Second
	} else if at, err := http.ParseTime(said); err == nil {
		wait = at.Sub(now)
	} else if at := resetOf(resp, now); !at.IsZero() {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxWait)
}
