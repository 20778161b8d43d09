package meta

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/httpx"
)

// An Error is a refusal of the Graph API. It unwraps to what a caller may act on:
// a *lastword.Mistake where a person must do something, a *httpx.WaitError where
// a budget is used up, else the kinds of httpx.StatusError. It is judged by its
// numbers alone; Meta's words change and are translated.
type Error struct {
	Status  int
	Code    int
	Subcode int
	err     error
}

func (e *Error) Error() string {
	return fmt.Sprintf("meta: %d, code %d/%d: %v", e.Status, e.Code, e.Subcode, e.err)
}

// Unwrap returns the kind of failure.
func (e *Error) Unwrap() error { return e.err }

// Has reports whether err is a refusal with one of the codes.
func Has(err error, codes ...int) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}

// Codes of refusals (docs/graph-api/guides/error-handling,
// docs/messenger-platform/error-codes).
const (
	codeUnknown    = 1
	codeService    = 2
	codeCapability = 3 // the app has no right to this at all: review
	codeAppRate    = 4
	codePermission = 10
	codeUserRate   = 17
	codePageRate   = 32
	codeParameter  = 100
	codeSession    = 102
	codeToken      = 190
	codeLimit      = 341
	codeBlocked    = 368
	codeTwice      = 506
	codeAway       = 551
	codeTooOften   = 613
	codeAlias      = 803
	codeVersion    = 2635
	codeReplied    = 10900 // and up to 10904: this comment takes no private reply
	codeNoPrivate  = 10904
)

// Subcodes.
const (
	subNotThere     = 33      // of codeParameter: not there, or not for us
	subNobody       = 2018001 // no such recipient
	subNotReceiving = 2018108
	subUnavailable  = 1545041
	subWindowOld    = 2018065
	subWindow       = 2018278
	subWindowInsta  = 2534022
)

// isRate reports whether a code says that too much was asked
// (docs/graph-api/overview/rate-limiting; 80000 to 80014 are the business use
// cases).
func isRate(code int) bool {
	return slices.Contains([]int{codeAppRate, codeUserRate, codePageRate, codeLimit, codeTooOften}, code) || code >= 80000 && code <= 80014
}

// isScope reports whether a code says that a permission is missing.
func isScope(code int) bool { return code == codePermission || code >= 200 && code <= 299 }

// rest is how long to wait after a limit of which Meta does not tell the end: its
// windows roll on, most of them over an hour.
const rest = 15 * time.Minute

// read makes an Error of a refusal, and returns the headers that came with it.
func read(err error) (error, http.Header) {
	var status *httpx.StatusError
	if !errors.As(err, &status) {
		return err, nil
	}
	body, code, _ := api.Refusal(err)
	var said struct {
		Error struct {
			Code      int
			Subcode   int  `json:"error_subcode"`
			Transient bool `json:"is_transient"`
		}
		// Instagram's and Threads' token endpoints have a form of their own.
		Kind string `json:"error_type"`
		Code int
	}
	e := &Error{Status: code, err: err}
	if json.Unmarshal(body, &said) == nil {
		e.Code, e.Subcode = said.Error.Code, said.Error.Subcode
		if said.Error.Transient && !isScope(e.Code) && e.Code != codeToken {
			e.err = fmt.Errorf("%v: %w", err, lastword.ErrUnavailable)
			return e, status.Header
		}
	}
	e.judge(status)
	return e, status.Header
}

// judge says what the codes mean.
func (e *Error) judge(status *httpx.StatusError) {
	mistake := func(key string, kind error) {
		e.err = fmt.Errorf("%v: %w", status, &lastword.Mistake{Key: "connector.meta.error." + key, Kind: kind})
	}
	switch {
	case slices.Contains([]int{subWindowOld, subWindow, subWindowInsta}, e.Subcode):
		mistake("window", nil)
	case slices.Contains([]int{subNotReceiving, subUnavailable, subNobody}, e.Subcode), e.Code == codeAway:
		mistake("not-receiving", nil)
	case e.Code >= codeReplied && e.Code <= codeNoPrivate:
		mistake("replied", nil)
	case e.Code == codeTwice:
		mistake("twice", nil)
	case isRate(e.Code), status.Code == http.StatusTooManyRequests:
		wait := max(usage(status.Header).wait, status.RetryAfter)
		if wait == 0 {
			wait = rest
		}
		e.err = &httpx.WaitError{Host: status.Host, Wait: wait}
	case e.Code == codeToken, e.Code == codeSession:
		mistake(tokenKey(e.Subcode), lastword.ErrDenied)
	case e.Code == codeCapability:
		mistake("review", lastword.ErrDenied)
	case isScope(e.Code):
		mistake("scope", lastword.ErrDenied)
	case e.Code == codeBlocked:
		mistake("blocked", lastword.ErrDenied)
	case e.Code == codeVersion:
		mistake("version", lastword.ErrDenied)
	case e.Code == codeUnknown, e.Code == codeService:
		e.err = fmt.Errorf("%v: %w", status, lastword.ErrUnavailable)
	case e.Code == codeAlias, e.Code == codeParameter && e.Subcode == subNotThere:
		e.err = fmt.Errorf("%v: %w", status, lastword.ErrNotFound)
	}
}

// tokenKey says why a token is no longer taken (docs/facebook-login/guides/
// access-tokens/debugging).
func tokenKey(subcode int) string {
	switch subcode {
	case 458:
		return "removed"
	case 459, 464:
		return "checkpoint"
	case 460:
		return "password"
	}
	return "signin-again"
}

// Refused reports whether a person must give or ask for a right: the app or the
// account may not do this one thing.
func Refused(err error) bool {
	var e *Error
	return errors.As(err, &e) && (isScope(e.Code) || e.Code == codeCapability) && errors.Is(err, lastword.ErrDenied)
}

// NotTaken says what a refusal means for the one thing that was asked for or
// written: lastword.ErrGone where it is no longer there, lastword.ErrInvalid
// where it will never be taken. Every other error is returned as it is.
func NotTaken(err error) error {
	var e *Error
	var m *lastword.Mistake
	switch {
	case !errors.As(err, &e), errors.As(err, &m), errors.Is(err, lastword.ErrUnavailable):
		return err
	case errors.Is(err, lastword.ErrNotFound):
		return fmt.Errorf("%v: %w", err, lastword.ErrGone)
	case e.Status == http.StatusBadRequest:
		return fmt.Errorf("%v: %w", err, lastword.ErrInvalid)
	}
	return err
}

// Gone reports whether err says that the thing asked for is no longer there.
func Gone(err error) bool {
	return errors.Is(NotTaken(err), lastword.ErrGone)
}
