package mastodon

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

// maxAnswer bounds the answer to one call, in bytes: eighty long posts with
// their accounts take a tenth.
const maxAnswer = 8 << 20

// A client calls one server for one account, or for nobody.
type client struct {
	http   *http.Client
	now    func() time.Time
	base   string // https://host
	limits *budgets
	tokens *tokens
}

// A call is one request.
type call struct {
	method string // GET where empty
	path   string
	query  url.Values
	form   url.Values // body of a write
	raw    []byte     // or its bytes, of the type kind
	kind   string
	once   string // Idempotency-Key; may be empty
	bare   bool   // without the token
	urgent bool   // may use what is kept back for answers
}

func get(path string, query url.Values) call { return call{path: path, query: query} }

// A callError is a server's refusal. It unwraps to what a caller may act on, by
// its status alone: the text is for people and in any language.
type callError struct {
	what, host string
	status     int
	wait       time.Duration
}

func (e *callError) Error() string {
	return fmt.Sprintf("mastodon: %s at %s: status %d", e.what, e.host, e.status)
}

// Unwrap maps the status.
func (e *callError) Unwrap() error {
	switch e.status {
	case http.StatusTooManyRequests:
		return &listen.RetryAfter{Wait: max(e.wait, time.Second), Err: lastword.ErrUnavailable}
	case http.StatusUnauthorized, http.StatusForbidden:
		return lastword.ErrDenied
	case http.StatusNotFound:
		return lastword.ErrNotFound
	case http.StatusGone:
		return lastword.ErrGone
	case http.StatusRequestTimeout, http.StatusTooEarly:
		return lastword.ErrUnavailable
	}
	switch {
	case e.status >= 500 && e.wait > 0:
		return &listen.RetryAfter{Wait: e.wait, Err: lastword.ErrUnavailable}
	case e.status >= 500:
		return lastword.ErrUnavailable
	}
	return lastword.ErrInvalid
}

// statusOf returns the status of a refusal, or 0.
func statusOf(err error) int {
	var no *callError
	if errors.As(err, &no) {
		return no.status
	}
	return 0
}

// do makes the call and decodes its answer into out, if that is not nil. A token
// that ran out is renewed, once, where sign-in gave us the means.
func (c *client) do(ctx context.Context, k call, out any) error {
	token := ""
	if !k.bare {
		token = c.tokens.current()
	}
	err := c.try(ctx, k, token, out)
	if token == "" || statusOf(err) != http.StatusUnauthorized {
		return err
	}
	fresh, failed := c.renew(ctx, token)
	if failed != nil || fresh == token {
		return errors.Join(err, failed)
	}
	return c.try(ctx, k, fresh, out)
}

func (c *client) try(ctx context.Context, k call, token string, out any) error {
	limit := c.limits.of(k.method)
	if wait := limit.wait(c.now(), k.urgent); wait > 0 {
		return &listen.RetryAfter{Wait: wait, Err: fmt.Errorf("mastodon: rate limit used up: %w", lastword.ErrUnavailable)}
	}
	req, err := k.request(ctx, c.base, token)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("mastodon: %s at %s: %w", k.path, hostOf(c.base), unreachable(ctx, err))
	}
	defer resp.Body.Close()
	limit.note(resp, c.now())
	if resp.StatusCode/100 != 2 {
		return &callError{what: k.path, host: hostOf(c.base), status: resp.StatusCode, wait: waitOf(resp, c.now())}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("mastodon: %s at %s: %w", k.path, hostOf(c.base), unreachable(ctx, err))
	case len(body) > maxAnswer:
		return fmt.Errorf("mastodon: %s at %s: answer over %d bytes: %w", k.path, hostOf(c.base), maxAnswer, lastword.ErrUnavailable)
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("mastodon: %s at %s: %w: %w", k.path, hostOf(c.base), errMalformed, lastword.ErrUnavailable)
	}
	return nil
}

// errMalformed says that a server answered what is not in the API. The decoder's
// own error may quote the answer, which is a stranger's text.
var errMalformed = errors.New("the answer is not of the API")

func (k call) request(ctx context.Context, base, token string) (*http.Request, error) {
	at := base + k.path
	if len(k.query) > 0 {
		at += "?" + k.query.Encode()
	}
	var body io.Reader
	if k.form != nil {
		body = strings.NewReader(k.form.Encode())
	}
	if k.raw != nil {
		body = bytes.NewReader(k.raw)
	}
	method := or(k.method, http.MethodGet)
	req, err := http.NewRequestWithContext(ctx, method, at, body)
	if err != nil {
		return nil, fmt.Errorf("mastodon: %s: %w", k.path, lastword.ErrInvalid)
	}
	req.Header.Set("Accept", "application/json")
	if k.form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if k.raw != nil {
		req.Header.Set("Content-Type", k.kind)
	}
	if k.once != "" {
		req.Header.Set("Idempotency-Key", k.once)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return req, nil
}

// unreachable says that a server does not answer, or that it lies where nobody
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
		return errors.Join(because(lastword.ErrInvalid, "inner"), err)
	}
	return errors.Join(lastword.ErrUnavailable, err)
}

// maxWait bounds what a server may ask of us.
const maxWait = 24 * time.Hour

// waitOf returns how long a refusal asks us to wait, or 0: Retry-After (RFC 9110
// §10.2.3) before X-RateLimit-Reset.
func waitOf(resp *http.Response, now time.Time) time.Duration {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode < 500 {
		return 0
	}
	var wait time.Duration
	said := resp.Header.Get("Retry-After")
	if n, err := strconv.Atoi(said); err == nil {
		wait = time.Duration(min(max(n, 0), int(maxWait/time.Second))) * time.Second
	} else if at, err := http.ParseTime(said); err == nil {
		wait = at.Sub(now)
	} else if at := resetOf(resp.Header, now); resp.StatusCode == http.StatusTooManyRequests && !at.IsZero() {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxWait)
}
