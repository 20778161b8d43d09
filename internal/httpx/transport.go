package httpx

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// transport gives each request its turn, its name and its limits.
type transport struct {
	base    http.RoundTripper
	hosts   *hosts
	agent   string
	timeout time.Duration
	maxBody int64
}

// RoundTrip sends r once it is its turn. The turn lasts until the body is
// closed, read to its end, or out of time.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := checkScheme(r); err != nil {
		return nil, closeWith(r, err)
	}
	name := strings.ToLower(r.URL.Host)
	leave, err := t.hosts.enter(r.Context(), name)
	if err != nil {
		return nil, closeWith(r, err)
	}
	if r.Context().Value(waitingKey{}) != nil {
		leave()
	}
	if r.Context().Value(endlessKey{}) != nil {
		defer leave()
		return t.send(r, name)
	}
	first := started(r)
	ctx, cancel := context.WithDeadlineCause(context.WithValue(r.Context(), startKey{}, first),
		first.Add(t.timeout), ErrTooSlow)
	// A body that nobody closes must not hold the turn for ever.
	context.AfterFunc(ctx, leave)
	resp, err := t.send(r.WithContext(ctx), name)
	if err != nil {
		err = tooSlow(ctx, err)
		cancel()
		return nil, err
	}
	return t.limit(ctx, resp, func() { cancel(); leave() })
}

func (t *transport) send(r *http.Request, name string) (*http.Response, error) {
	out := r.Clone(r.Context())
	if out.Header.Get("User-Agent") == "" {
		out.Header.Set("User-Agent", t.agent)
	}
	resp, err := t.base.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 400 {
		if wait := retryAfter(resp.Header, time.Now()); wait > 0 {
			t.hosts.quiet(name, wait)
		}
	}
	return resp, nil
}

// limit puts the bounds on the body. An upgraded connection has none: its body
// is the connection, and outlives the turn.
func (t *transport) limit(ctx context.Context, resp *http.Response, over func()) (*http.Response, error) {
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return resp, nil
	}
	if resp.ContentLength > t.maxBody {
		defer over()
		return nil, errors.Join(ErrTooLarge, resp.Body.Close())
	}
	resp.Body = &body{ctx: ctx, from: resp.Body, left: t.maxBody, over: sync.OnceFunc(over)}
	return resp, nil
}

type startKey struct{}

// started returns when the first hop of r began: the deadline is one for all.
func started(r *http.Request) time.Time {
	if r.Response != nil && r.Response.Request != nil {
		if first, ok := r.Response.Request.Context().Value(startKey{}).(time.Time); ok {
			return first
		}
	}
	return time.Now()
}

// closeWith closes the body of a request that is not sent, as a RoundTripper
// must.
func closeWith(r *http.Request, err error) error {
	if r.Body == nil {
		return err
	}
	return errors.Join(err, r.Body.Close())
}

// tooSlow names our own deadline as the cause where it was.
func tooSlow(ctx context.Context, err error) error {
	if err != nil && !errors.Is(err, io.EOF) && context.Cause(ctx) == ErrTooSlow {
		return ErrTooSlow
	}
	return err
}

// body ends with ErrTooLarge after left bytes and with ErrTooSlow at the
// deadline. It counts what the caller reads, which is what comes out of the
// decompression.
type body struct {
	ctx  context.Context
	from io.ReadCloser
	left int64
	over func()
}

func (b *body) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	// One byte beyond the limit tells a body that just fits from one that does
	// not.
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		b.over()
		return n - 1, ErrTooLarge
	}
	if err != nil {
		defer b.over()
	}
	return n, tooSlow(b.ctx, err)
}

func (b *body) Close() error {
	defer b.over()
	return b.from.Close()
}
