package google

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/httpx"
)

// An Error is a refusal of a Google API. It unwraps to what a caller may act on:
// a *lastword.Mistake where a person must do something at Google, a
// *httpx.WaitError where a quota is used up, else the kinds of httpx.StatusError.
type Error struct {
	Code    int
	Status  string   // canonical code, such as "PERMISSION_DENIED"; may be empty
	Reasons []string // such as "quotaExceeded" or "SERVICE_DISABLED"
	err     error
}

func (e *Error) Error() string {
	return fmt.Sprintf("google: %d %s %s: %v", e.Code, e.Status, strings.Join(e.Reasons, " "), e.err)
}

// Unwrap returns the kind of failure.
func (e *Error) Unwrap() error { return e.err }

// Has reports whether err is a refusal for one of the reasons.
func Has(err error, reasons ...string) bool {
	var e *Error
	return errors.As(err, &e) && slices.ContainsFunc(reasons, func(r string) bool { return slices.Contains(e.Reasons, r) })
}

// Call sends r with a token, and once more with a new one where that was
// refused. A nil Signer sends it without.
func Call(ctx context.Context, client *http.Client, s *Signer, now time.Time, r api.Request, out any) error {
	for again := false; ; again = true {
		token := ""
		if s != nil {
			var err error
			if token, err = s.Token(ctx); err != nil {
				return err
			}
			r.Header = http.Header{"Authorization": {"Bearer " + token}}
		}
		_, err := api.Do(ctx, client, r, out)
		_, code, refused := api.Refusal(err)
		if !refused {
			return err
		}
		if s == nil || code != http.StatusUnauthorized || again {
			return read(err, now)
		}
		s.spent(token)
	}
}

// read makes an Error of a refusal.
func read(err error, now time.Time) error {
	body, code, _ := api.Refusal(err)
	e := &Error{Code: code, err: err}
	var said struct {
		Error struct {
			Status string
			Errors []struct{ Reason string }
			// ErrorInfo (AIP-193) among others
			Details []struct {
				Reason   string
				Metadata struct {
					Limit string `json:"quota_limit_value"`
				}
			}
		}
	}
	if json.Unmarshal(body, &said) == nil {
		e.Status = word(said.Error.Status)
		for _, r := range said.Error.Errors {
			e.add(r.Reason)
		}
		for _, d := range said.Error.Details {
			e.add(d.Reason)
			if d.Metadata.Limit == "0" {
				e.add(noQuota)
			}
		}
	}
	switch {
	case code == http.StatusUnauthorized:
		e.err = fmt.Errorf("%w: %w", err, &lastword.Mistake{Key: "connector.google.error.signin-again", Kind: lastword.ErrDenied})
	case Has(e, noQuota):
		e.err = fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "connector.google.error.no-quota", Kind: lastword.ErrDenied})
	case Has(e, "dailyLimitExceeded", "quotaExceeded"):
		e.err = &httpx.WaitError{Host: "googleapis.com", Wait: untilReset(now)}
	case code == http.StatusTooManyRequests, Has(e, "rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"):
		wait := time.Minute
		if asked, ok := httpx.RetryAfter(err); ok {
			wait = asked
		}
		e.err = &httpx.WaitError{Host: "googleapis.com", Wait: wait}
	case Has(e, "accessNotConfigured", "SERVICE_DISABLED"):
		e.err = fmt.Errorf("%w: %w", err, &lastword.Mistake{Key: "connector.google.error.switched-off", Kind: lastword.ErrDenied})
	case Has(e, "insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"):
		e.err = fmt.Errorf("%w: %w", err, &lastword.Mistake{Key: "connector.google.error.scope", Kind: lastword.ErrDenied})
	case Has(e, "API_KEY_INVALID", "keyInvalid", "API_KEY_SERVICE_BLOCKED", "API_KEY_HTTP_REFERRER_BLOCKED", "API_KEY_IP_ADDRESS_BLOCKED"):
		e.err = fmt.Errorf("%w: %w", err, &lastword.Mistake{Key: "connector.google.error.key", Kind: lastword.ErrDenied})
	}
	return e
}

// NotTaken says what a refusal means for the one thing that was asked for or
// written: it wraps lastword.ErrGone where that is no longer there, and
// lastword.ErrInvalid where it will never be taken. Every other error is returned
// as it is.
func NotTaken(err error) error {
	var e *Error
	if !errors.As(err, &e) || errors.Is(err, lastword.ErrUnavailable) {
		return err
	}
	switch e.Code {
	case http.StatusNotFound:
		return fmt.Errorf("%v: %w", err, lastword.ErrGone)
	case http.StatusBadRequest:
		return fmt.Errorf("%v: %w", err, lastword.ErrInvalid)
	}
	return err
}

// noQuota is our own reason: the project may not use the API at all yet, and no
// waiting helps. A *httpx.StatusError of 429 says the opposite; it is not wrapped.
const noQuota = "NO_QUOTA"

func (e *Error) add(reason string) {
	if w := word(reason); w != "" {
		e.Reasons = append(e.Reasons, w)
	}
}

// word bounds what a stranger may put into a reason.
func word(s string) string {
	if len(s) > 60 || strings.ContainsFunc(s, func(r rune) bool { return r != '_' && r != '.' && (r < '0' || r > 'z') }) {
		return ""
	}
	return s
}

// untilReset is how long a daily quota stays used up: until midnight Pacific
// time. Without knowing that zone, the later of its two offsets is taken.
func untilReset(now time.Time) time.Duration {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		zone = time.FixedZone("PST", -8*60*60)
	}
	at := now.In(zone)
	reset := time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, zone)
	return max(reset.Sub(now), time.Minute)
}
