package x

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
)

// Where X's API is (docs.x.com, X API).
const (
	base      = "https://api.x.com"
	maxAnswer = 8 << 20 // bytes of one answer
)

// api asks X, as an app (bearer) or as a user (login).
type api struct {
	host   listen.Host
	bearer string
	login  *login
}

// A call is one request; its body is sent as JSON.
type call struct {
	method, path string
	query        url.Values
	body         any
}

// get asks for path and decodes the answer into out.
func (a api) get(ctx context.Context, path string, query url.Values, out any) error {
	return a.do(ctx, call{method: http.MethodGet, path: path, query: query}, out)
}

// do runs a call and decodes its answer into out. A user's token that ran out is
// renewed, once.
func (a api) do(ctx context.Context, k call, out any) error {
	resp, err := a.open(ctx, k)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("x: %s: %w", k.path, unreachable(ctx, err))
	case len(body) > maxAnswer:
		return fmt.Errorf("x: %s: answer over %d bytes: %w", k.path, maxAnswer, lastword.ErrUnavailable)
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("x: %s: %w", k.path, errors.Join(lastword.ErrUnavailable, err))
	}
	return nil
}

// open runs a call and returns its answer, which is a success.
func (a api) open(ctx context.Context, k call) (*http.Response, error) {
	token, err := a.token(ctx, "")
	if err != nil {
		return nil, err
	}
	resp, err := a.send(ctx, k, token)
	var no *refusal
	if a.login == nil || !errors.As(err, &no) || no.status != http.StatusUnauthorized {
		return resp, err
	}
	if token, err = a.token(ctx, token); err != nil {
		return nil, err
	}
	return a.send(ctx, k, token)
}

// token returns the one to ask with, another than the one that was refused.
func (a api) token(ctx context.Context, refused string) (string, error) {
	if a.login == nil {
		return a.bearer, nil
	}
	return a.login.token(ctx, refused)
}

func (a api) send(ctx context.Context, k call, token string) (*http.Response, error) {
	at := base + k.path
	if len(k.query) > 0 {
		at += "?" + k.query.Encode()
	}
	var body io.Reader
	if k.body != nil {
		b, err := json.Marshal(k.body)
		if err != nil {
			return nil, fmt.Errorf("x: %s: %w", k.path, err)
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, k.method, at, body)
	if err != nil {
		return nil, fmt.Errorf("x: %s: %w", k.path, err)
	}
	if k.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return a.answer(r, k)
}

// answer sends r; an answer that is no success is an error, a *refusal.
func (a api) answer(r *http.Request, k call) (*http.Response, error) {
	resp, err := a.host.HTTP.Do(r)
	if err != nil {
		return nil, fmt.Errorf("x: %s: %w", k.path, unreachable(r.Context(), err))
	}
	if resp.StatusCode/100 == 2 {
		a.rest(resp)
		return resp, nil
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // a part of it says as much
	return nil, refused(k, resp, body, a.host.Now())
}

// rest asks listen to wait where the last call of a window was used.
func (a api) rest(resp *http.Response) {
	if left, err := strconv.Atoi(resp.Header.Get("X-Rate-Limit-Remaining")); err != nil || left > 0 || a.host.Next == nil {
		return
	}
	if wait := resetOf(resp).Sub(a.host.Now()); wait > 0 && wait < maxWait {
		a.host.Next(wait)
	}
}

// maxWait bounds what X may ask of us: its longest window is a day.
const maxWait = 24 * time.Hour

// window is how long most limits of X last.
const window = 15 * time.Minute

// resetOf reads when a window ends: Unix seconds.
func resetOf(resp *http.Response) time.Time {
	n, err := strconv.ParseInt(resp.Header.Get("X-Rate-Limit-Reset"), 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}
	}
	return time.Unix(n, 0)
}

// A refusal is an answer other than success (docs.x.com, Response codes and
// errors). It unwraps to what it means for us.
type refusal struct {
	path   string
	status int
	kind   string // last part of the problem's type; "blank" where X names none
	code   int    // of the older form of errors
	wait   time.Duration
}

func refused(k call, resp *http.Response, body []byte, now time.Time) error {
	no := &refusal{path: k.path, status: resp.StatusCode, kind: "blank"}
	var said struct {
		Type   string
		Errors []struct {
			Code int
			Type string
		}
	}
	if json.Unmarshal(body, &said) == nil {
		for _, e := range said.Errors {
			no.code = e.Code
			if said.Type == "" {
				said.Type = e.Type
			}
		}
		if u, err := url.Parse(said.Type); err == nil && u.Scheme == "https" {
			no.kind = path.Base(u.Path)
		}
	}
	if no.status == http.StatusTooManyRequests || no.status == http.StatusServiceUnavailable {
		no.wait = waitOf(resp, now)
	}
	return no
}

// waitOf returns how long a refusal asks us to wait.
func waitOf(resp *http.Response, now time.Time) time.Duration {
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s >= 0 {
		return min(time.Duration(s)*time.Second, maxWait)
	}
	if at := resetOf(resp); !at.IsZero() {
		return min(max(at.Sub(now), time.Second), maxWait)
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		return window
	}
	return 0
}

func (r *refusal) Error() string {
	return fmt.Sprintf("x: %s: answered %d (%s)", r.path, r.status, r.kind)
}

// Unwrap judges by status and kind, never by words.
func (r *refusal) Unwrap() error {
	told := func(what string) error {
		return &lastword.Mistake{Key: "connector.x.error." + what, Kind: lastword.ErrDenied}
	}
	switch {
	case r.kind == "usage-capped", r.status == http.StatusPaymentRequired:
		return told("credits")
	case r.status == http.StatusTooManyRequests, r.status == http.StatusServiceUnavailable && r.wait > 0:
		return &listen.RetryAfter{Wait: r.wait, Err: lastword.ErrUnavailable}
	case r.status >= 500, r.status == http.StatusConflict, r.status == http.StatusRequestTimeout:
		return lastword.ErrUnavailable
	case r.status == http.StatusUnauthorized:
		return told("token")
	case r.kind == "client-forbidden", r.kind == "unsupported-authentication", r.kind == "oauth1-permissions":
		return told("access")
	case r.status == http.StatusForbidden, r.status == http.StatusNotFound && r.kind != "resource-not-found":
		return lastword.ErrDenied
	case r.status == http.StatusNotFound:
		return lastword.ErrGone
	}
	return lastword.ErrInvalid
}

// unreachable says that X does not answer. The cause is kept without the
// address, which may hold what a log should not.
func unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, httpx.ErrInner) || errors.Is(err, httpx.ErrScheme) {
		return errors.Join(lastword.ErrInvalid, err)
	}
	return errors.Join(lastword.ErrUnavailable, err)
}
