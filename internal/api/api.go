// Package api asks the programming interfaces of other people's services that
// answer in JSON: one request, one bounded answer, errors by what a caller may
// do about them.
package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"lastword"
	"lastword/internal/httpx"
)

// MaxAnswer bounds one answer, in bytes: a hundred posts with all they carry
// take a tenth of it.
const MaxAnswer = 8 << 20

// ErrMalformed says that a place answered with something other than the JSON it
// documents: a page of a proxy, half an answer. It is often over soon.
var ErrMalformed = errors.New("the answer is not what the interface documents")

// A Request is one call. Its zero method is GET, or POST where it has a body.
type Request struct {
	Method string
	URL    string
	Query  url.Values  // added to that of URL
	Header http.Header // beside Accept and Content-Type
	JSON   any         // the body, as JSON
	Form   url.Values  // the body, as a form; counts where JSON is nil
	Raw    []byte      // the body as it is, of the type that Header says; counts where both are nil
}

// Do sends r and decodes the answer into out, if that is not nil. It returns the
// answer's headers also beside an error, where there was an answer.
//
// Errors are those of [httpx.Do]: a *httpx.StatusError holds the first bytes of
// what the place said. An answer that cannot be decoded wraps ErrMalformed and
// lastword.ErrUnavailable. No error names more of the address than its host.
func Do(ctx context.Context, client *http.Client, r Request, out any) (http.Header, error) {
	req, err := r.build(ctx)
	if err != nil {
		return nil, err
	}
	resp, err := httpx.Do(client, req)
	if err != nil {
		return nil, err
	}
	host := resp.Request.URL.Host
	if resp.StatusCode == http.StatusNotModified {
		return resp.Header, errors.Join(resp.Body.Close(), malformed(host, errors.New("304 to a question without a condition")))
	}
	body, err := read(resp)
	if err != nil || out == nil {
		return resp.Header, err
	}
	if err := json.Unmarshal(body, out); err != nil {
		return resp.Header, malformed(host, err)
	}
	return resp.Header, nil
}

// read is httpx.Read with a bound.
func read(resp *http.Response) ([]byte, error) {
	body := resp.Body
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(body, MaxAnswer+1), body}
	raw, err := httpx.Read(resp)
	if err == nil && len(raw) > MaxAnswer {
		err = &httpx.Error{Host: resp.Request.URL.Host, Why: httpx.ErrTooLarge.Error(), Errs: []error{httpx.ErrTooLarge, lastword.ErrInvalid}}
	}
	return raw, err
}

func malformed(host string, err error) error {
	return fmt.Errorf("%s: %w (%v): %w", host, ErrMalformed, kindOf(err), lastword.ErrUnavailable)
}

// kindOf says what was wrong without repeating what a stranger sent.
func kindOf(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("no JSON at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Sprintf("unexpected %s at byte %d", kind.Value, kind.Offset)
	}
	return "unexpected"
}

func (r Request) build(ctx context.Context) (*http.Request, error) {
	at, err := url.Parse(r.URL)
	if err != nil {
		return nil, fmt.Errorf("api: an address that is none: %w", lastword.ErrInvalid)
	}
	if len(r.Query) > 0 {
		q := at.Query()
		for name, values := range r.Query {
			q[name] = values
		}
		at.RawQuery = q.Encode()
	}
	body, kind, err := r.body()
	if err != nil {
		return nil, err
	}
	method := r.Method
	switch {
	case method == "" && body != nil:
		method = http.MethodPost
	case method == "":
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, method, at.String(), body)
	if err != nil {
		return nil, fmt.Errorf("api: %s to %s cannot be asked: %w", method, at.Host, lastword.ErrInvalid)
	}
	for name, values := range r.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	req.Header.Set("Accept", "application/json")
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req, nil
}

func (r Request) body() (io.Reader, string, error) {
	switch {
	case r.JSON != nil:
		raw, err := json.Marshal(r.JSON)
		if err != nil {
			return nil, "", fmt.Errorf("api: %w", err)
		}
		return bytes.NewReader(raw), "application/json", nil
	case r.Form != nil:
		return strings.NewReader(r.Form.Encode()), "application/x-www-form-urlencoded", nil
	}
	if r.Raw != nil {
		return bytes.NewReader(r.Raw), r.Header.Get("Content-Type"), nil
	}
	return nil, "", nil
}

// Refusal returns what a place said when it refused, and the status; false where
// err is something else.
func Refusal(err error) (body []byte, status int, refused bool) {
	var e *httpx.StatusError
	if !errors.As(err, &e) {
		return nil, 0, false
	}
	return e.Body, e.Code, true
}
