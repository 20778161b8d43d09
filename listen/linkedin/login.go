package linkedin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/httpx"
	"lastword/listen"
)

// Names of the secrets that signing in brings, beside the token.
const (
	keptUntil   = "until" // Unix seconds; absent or 0: nobody said
	keptRefresh = "refresh"
	keptEnd     = "refreshuntil"
	keptScope   = "scope"
)

// tokens are what LinkedIn gave: one of 60 days, and, for approved apps, one of a
// year with which it is renewed ("Programmatic refresh tokens"), whose end stays.
type tokens struct {
	access, refresh, scope string
	until, end             time.Time
}

func tokensOf(kept map[string]string) tokens {
	at := func(name string) time.Time {
		if n, err := strconv.ParseInt(kept[name], 10, 64); err == nil && n > 0 {
			return time.Unix(n, 0)
		}
		return time.Time{}
	}
	return tokens{access: strings.TrimSpace(kept[fieldToken]), refresh: kept[keptRefresh], scope: kept[keptScope], until: at(keptUntil), end: at(keptEnd)}
}

func (t tokens) secrets() map[string]string {
	unix := func(at time.Time) string {
		if at.IsZero() {
			return "0"
		}
		return strconv.FormatInt(at.Unix(), 10)
	}
	return map[string]string{fieldToken: t.access, keptRefresh: t.refresh, keptScope: t.scope, keptUntil: unix(t.until), keptEnd: unix(t.end)}
}

// may reports whether a scope was granted; LinkedIn lists them with commas.
func (t tokens) may(scope string) bool {
	for _, s := range strings.FieldsFunc(t.scope, func(r rune) bool { return r == ',' || r == ' ' }) {
		if s == scope {
			return true
		}
	}
	return false
}

// ends is when a person must sign in anew; zero where nobody said.
func (t tokens) ends() time.Time {
	if t.refresh != "" {
		return t.end
	}
	return t.until
}

// login holds the tokens of one account. Many may use it, and other runs of the
// account renew the same tokens: what is kept counts.
type login struct {
	host listen.Host
	set  set

	mu     sync.Mutex
	tokens tokens
}

// early is how long before its end a token is renewed.
const early = 5 * 24 * time.Hour

func (l *login) now() tokens {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tokens
}

// token returns an access token other than the one that was refused.
func (l *login) token(ctx context.Context, spent string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	good := func() bool {
		return l.tokens.access != "" && l.tokens.access != spent && (l.tokens.until.IsZero() || l.host.Now().Before(l.tokens.until.Add(-early)))
	}
	if good() {
		return l.tokens.access, nil
	}
	if l.host.Kept != nil {
		kept, err := l.host.Kept(ctx)
		if err != nil {
			return "", fmt.Errorf("linkedin: tokens not read: %w", err)
		}
		if t := tokensOf(kept); t.access != "" {
			l.tokens = t
		}
	}
	if good() {
		return l.tokens.access, nil
	}
	if l.tokens.refresh != "" {
		err := l.renew(ctx)
		if err == nil || spent != "" {
			return l.tokens.access, err
		}
	}
	switch t := l.tokens; {
	case t.access == "":
		return "", &lastword.Mistake{Key: "connector.linkedin.error.signin", Kind: lastword.ErrDenied}
	case t.access == spent, !t.until.IsZero() && !l.host.Now().Before(t.until):
		return "", &lastword.Mistake{Key: "connector.linkedin.error.signin-again", Kind: lastword.ErrDenied}
	}
	return l.tokens.access, nil // it cannot be renewed, and serves until its end
}

func (l *login) renew(ctx context.Context) error {
	t, err := grant(ctx, l.host, l.set, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {l.tokens.refresh}})
	if err != nil {
		return err
	}
	if t.refresh == "" {
		t.refresh, t.end = l.tokens.refresh, l.tokens.end
	}
	if t.scope == "" {
		t.scope = l.tokens.scope
	}
	if l.host.Keep != nil {
		if err := l.host.Keep(ctx, t.secrets()); err != nil {
			return fmt.Errorf("linkedin: tokens not kept: %w", err)
		}
	}
	l.tokens = t
	return nil
}

// grant asks for tokens (RFC 6749 §4.1.3 and §6). What LinkedIn refuses, a person
// must set right.
func grant(ctx context.Context, host listen.Host, s set, form url.Values) (tokens, error) {
	form.Set("client_id", s.client)
	form.Set("client_secret", s.secret)
	var got struct {
		Token   string `json:"access_token"`
		Seconds int64  `json:"expires_in"`
		Refresh string `json:"refresh_token"`
		Left    int64  `json:"refresh_token_expires_in"`
		Scope   string
	}
	_, err := api.Do(ctx, host.HTTP, api.Request{URL: tokenAt, Form: form}, &got)
	body, _, refused := api.Refusal(err)
	switch {
	case refused && !errors.Is(err, lastword.ErrUnavailable):
		key := "signin-again"
		var said struct{ Error string }
		if json.Unmarshal(body, &said) == nil && (said.Error == "invalid_client" || said.Error == "invalid_client_id" || said.Error == "unauthorized_client") {
			key = "app"
		}
		return tokens{}, fmt.Errorf("linkedin: %v: %w", err, &lastword.Mistake{Key: "connector.linkedin.error." + key, Kind: lastword.ErrDenied})
	case err != nil:
		return tokens{}, fmt.Errorf("linkedin: token: %w", err)
	case got.Token == "":
		return tokens{}, fmt.Errorf("linkedin: an answer without a token: %w", lastword.ErrUnavailable)
	}
	after := func(seconds int64) time.Time {
		if seconds <= 0 {
			return time.Time{}
		}
		return host.Now().Add(time.Duration(min(seconds, 10*365*86_400)) * time.Second)
	}
	return tokens{access: got.Token, refresh: got.Refresh, scope: got.Scope, until: after(got.Seconds), end: after(got.Left)}, nil
}

// ask asks as whoever signed in, once more with a new token where the old one was
// refused.
func (s *source) ask(ctx context.Context, r api.Request, out any) error {
	_, err := s.send(ctx, r, out)
	return err
}

func (s *source) send(ctx context.Context, r api.Request, out any) (http.Header, error) {
	r.URL = apiAt + r.URL
	header := http.Header{"Linkedin-Version": {s.set.version}, "X-Restli-Protocol-Version": {"2.0.0"}}
	for name, values := range r.Header {
		header[name] = values
	}
	spent := ""
	for again := false; ; again = true {
		token, err := s.login.token(ctx, spent)
		if err != nil {
			return nil, err
		}
		r.Header = header.Clone()
		r.Header.Set("Authorization", "Bearer "+token)
		got, err := api.Do(ctx, s.host.HTTP, r, out)
		if _, code, refused := api.Refusal(err); refused && code == http.StatusUnauthorized && !again {
			spent = token
			continue
		}
		return got, judged(err, s.host.Now())
	}
}

// judged says what a refusal means, by its status alone.
func judged(err error, now time.Time) error {
	var status *httpx.StatusError
	if !errors.As(err, &status) {
		return err
	}
	told := func(key string) error {
		return fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "connector.linkedin.error." + key, Kind: lastword.ErrDenied})
	}
	switch status.Code {
	case http.StatusUnauthorized:
		return told("signin-again")
	case http.StatusForbidden:
		return told("rights")
	case http.StatusUpgradeRequired: // NONEXISTENT_VERSION
		return told("version-gone")
	case http.StatusTooManyRequests:
		return &httpx.WaitError{Host: status.Host, Wait: max(status.RetryAfter, untilMidnight(now))}
	}
	return err
}

// untilMidnight is how long a limit of the day stays used up: they begin anew at
// midnight UTC ("Rate limiting"). An hour at most, for a limit of an application
// may be raised.
func untilMidnight(now time.Time) time.Duration {
	at := now.UTC()
	next := time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, time.UTC)
	return min(max(next.Sub(at), time.Minute), time.Hour)
}

// notTaken says what a refusal means for one thing that was asked for or written.
func notTaken(err error) error {
	var status *httpx.StatusError
	if !errors.As(err, &status) {
		return err
	}
	switch status.Code {
	case http.StatusNotFound, http.StatusGone:
		return fmt.Errorf("%v: %w", err, lastword.ErrGone)
	case http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity:
		return fmt.Errorf("%v: %w", err, lastword.ErrInvalid)
	}
	return err
}
