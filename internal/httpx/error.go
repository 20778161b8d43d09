package httpx

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lastword"
)

// Why a request was not made or not finished.
var (
	ErrInner     = errors.New("the address is inside a private network")
	ErrScheme    = errors.New("only http and https addresses are asked")
	ErrRedirects = errors.New("too many redirects")
	ErrTooLarge  = errors.New("the answer is too large")
	ErrTooSlow   = errors.New("the answer took too long")
)

// An Error is a request that brought no answer. Its text names the host and
// the cause, never the rest of the address. It unwraps to the cause and, where
// waiting may help, to lastword.ErrUnavailable.
type Error struct {
	Host string
	Why  string
	Errs []error
}

func (e *Error) Error() string { return e.Host + ": " + e.Why }

// Unwrap returns the kind of failure and its cause.
func (e *Error) Unwrap() []error { return e.Errs }

// A StatusError is an answer other than success. It unwraps to
// lastword.ErrDenied for 401, 402, 403 and 407, ErrNotFound for 404, ErrGone
// for 410, ErrUnavailable for 408, 425, 429 and 5xx, else ErrInvalid.
type StatusError struct {
	Host       string
	Code       int
	RetryAfter time.Duration // as the place asked; 0 if it did not
	Body       []byte        // the first 4 KiB, as foreign as any body; not in the text
	Header     http.Header   // of the answer, as foreign; not in the text
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: answered %d %s", e.Host, e.Code, http.StatusText(e.Code))
}

// Unwrap returns the kind of failure.
func (e *StatusError) Unwrap() error {
	switch e.Code {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusProxyAuthRequired:
		return lastword.ErrDenied
	case http.StatusNotFound:
		return lastword.ErrNotFound
	case http.StatusGone:
		return lastword.ErrGone
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return lastword.ErrUnavailable
	}
	if e.Code >= 500 {
		return lastword.ErrUnavailable
	}
	return lastword.ErrInvalid
}

// A WaitError says that the host asked to be left alone for Wait, and was not
// asked again. It unwraps to lastword.ErrUnavailable.
type WaitError struct {
	Host string
	Wait time.Duration
}

func (e *WaitError) Error() string {
	return fmt.Sprintf("%s: asked to be left alone for %s", e.Host, e.Wait.Round(time.Second))
}

// Unwrap returns lastword.ErrUnavailable.
func (e *WaitError) Unwrap() error { return lastword.ErrUnavailable }

// RetryAfter returns how long the place that caused err wishes us to wait.
func RetryAfter(err error) (time.Duration, bool) {
	var wait *WaitError
	if errors.As(err, &wait) {
		return wait.Wait, true
	}
	var status *StatusError
	if errors.As(err, &status) && status.RetryAfter > 0 {
		return status.RetryAfter, true
	}
	return 0, false
}

// maxWait bounds a Retry-After: no place may silence itself for longer.
const maxWait = 24 * time.Hour

// retryAfter reads the header of RFC 9110 §10.2.3: seconds, or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseUint(v, 10, 32); err == nil {
		return min(time.Duration(s)*time.Second, maxWait)
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxWait)
}

// excerpt is how much of a refused body a StatusError keeps.
const excerpt = 4 << 10

// Do sends r with c, which came from this package. Whatever is not an answer of
// 2xx or 304 is an error: a *StatusError, its body closed, a *WaitError, or an
// *Error. When the context of r ended, the error unwraps to its cause alone.
func Do(c *http.Client, r *http.Request) (*http.Response, error) {
	resp, err := c.Do(r)
	if err != nil {
		return nil, clean(r.URL.Host, err, r.Context().Err() != nil)
	}
	if resp.StatusCode/100 == 2 || resp.StatusCode == http.StatusNotModified {
		return resp, nil
	}
	defer resp.Body.Close()
	// A body that breaks off is still an excerpt.
	body, _ := io.ReadAll(io.LimitReader(resp.Body, excerpt))
	return nil, &StatusError{
		Host:       resp.Request.URL.Host,
		Code:       resp.StatusCode,
		RetryAfter: retryAfter(resp.Header, time.Now()),
		Body:       body,
		Header:     resp.Header,
	}
}

// Read reads the whole body of resp and closes it. Errors are as those of Do.
func Read(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		ended := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
		return nil, clean(resp.Request.URL.Host, err, ended)
	}
	return body, nil
}

// clean takes the address out of an error of net/http. Where the caller ended
// the request, the place is not to blame.
func clean(host string, err error, ended bool) error {
	var outer *url.Error
	for errors.As(err, &outer) {
		err = outer.Err
	}
	var wait *WaitError
	if errors.As(err, &wait) {
		return wait
	}
	out := &Error{Host: host, Why: why(err), Errs: []error{err}}
	if !ended && passes(err) {
		out.Errs = append(out.Errs, lastword.ErrUnavailable)
	}
	return out
}

// passes reports whether the failure is one that time may mend.
func passes(err error) bool {
	return !errors.Is(err, ErrInner) && !errors.Is(err, ErrScheme) &&
		!errors.Is(err, ErrRedirects) && !errors.Is(err, ErrTooLarge)
}

// why words the cause without trusting the error's own text, which may hold an
// address.
func why(err error) string {
	for _, ours := range []error{ErrInner, ErrScheme, ErrRedirects, ErrTooLarge, ErrTooSlow} {
		if errors.Is(err, ours) {
			return ours.Error()
		}
	}
	var (
		dns  *net.DNSError
		cert *tls.CertificateVerificationError
		op   *net.OpError
		unk  x509.UnknownAuthorityError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.Is(err, context.DeadlineExceeded):
		return ErrTooSlow.Error()
	case errors.As(err, &dns):
		return "the name cannot be resolved"
	case errors.As(err, &cert), errors.As(err, &unk):
		return "the certificate is not trusted"
	case errors.As(err, &op):
		return "no connection (" + op.Op + ")"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the answer breaks off"
	}
	return "no usable answer"
}
