package discourse

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
	"sync/atomic"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
)

const maxAnswer = 8 << 20 // bytes

// forum asks one forum. Several goroutines may.
type forum struct {
	http      *http.Client
	base      *url.URL
	key, user string
	closed    atomic.Bool // it shows nothing to people who are not signed in
}

// list asks for what a forum shows to everybody: as anybody first, and with the
// key where the forum wants people to sign in. From then on what it shows is
// private.
func (f *forum) list(ctx context.Context, path string, query url.Values, out any) error {
	err := f.read(ctx, path, query, out)
	if c := code(err); f.key == "" || f.closed.Load() || c != http.StatusForbidden && c != http.StatusUnauthorized {
		return err
	}
	if err := f.ask(ctx, http.MethodGet, path, query, nil, true, out); err != nil {
		return err
	}
	f.closed.Store(true)
	return nil
}

// read asks for a path as the forum was listed.
func (f *forum) read(ctx context.Context, path string, query url.Values, out any) error {
	return f.ask(ctx, http.MethodGet, path, query, nil, f.closed.Load(), out)
}

// A filled form is a body that is no JSON.
type filled struct {
	body []byte
	kind string
}

// ask sends one request, signed or not, and decodes its answer into out, if that
// is not nil. Its body is JSON, or a filled form.
func (f *forum) ask(ctx context.Context, method, path string, query url.Values, body any, signed bool, out any) error {
	at := *f.base
	at.Path += path
	at.RawQuery = query.Encode()
	var content io.Reader
	kind := "application/json"
	if form, is := body.(filled); is {
		content, kind = bytes.NewReader(form.body), form.kind
	} else if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("discourse: %s: %w", path, err)
		}
		content = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, at.String(), content)
	if err != nil {
		return fmt.Errorf("discourse: %s: %w", path, err)
	}
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", kind)
	}
	if signed {
		f.sign(r)
	}
	resp, err := httpx.Do(f.http, r)
	if err != nil {
		return explain(ctx, err)
	}
	resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
	answer, err := httpx.Read(resp)
	if err != nil {
		return explain(ctx, err)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("discourse: %s: %w", path, errors.Join(lastword.ErrUnavailable, err))
	}
	return nil
}

// sign names the account: an API key speaks for any user of the forum, a User API
// key is a person's own (docs.discourse.org; meta.discourse.org/t/48536).
func (f *forum) sign(r *http.Request) {
	if f.user != "" {
		r.Header.Set("Api-Key", f.key)
		r.Header.Set("Api-Username", f.user)
		return
	}
	r.Header.Set("User-Api-Key", f.key)
}

// explain gives errors the form of the contract.
func explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if wait, ok := httpx.RetryAfter(err); ok {
		return &listen.RetryAfter{Wait: wait, Err: fmt.Errorf("discourse: %w", errors.Join(lastword.ErrUnavailable, err))}
	}
	return fmt.Errorf("discourse: %w", err)
}

// code is how the forum answered, or 0.
func code(err error) int {
	var no *httpx.StatusError
	if errors.As(err, &no) {
		return no.Code
	}
	return 0
}

// key is what a post of the forum is called here.
func (f *forum) keyOf(id int64) string { return f.prefix() + strconv.FormatInt(id, 10) }

func (f *forum) prefix() string { return f.base.Host + f.base.Path + "/p/" }

// idOf reads a key of this forum.
func (f *forum) idOf(key string) (int64, bool) {
	rest, ours := strings.CutPrefix(key, f.prefix())
	id, err := strconv.ParseInt(rest, 10, 64)
	return id, ours && err == nil && id > 0
}

// page is the address of a page of the forum.
func (f *forum) page(path string) string { return f.base.String() + path }
