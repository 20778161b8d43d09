package meta

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"lastword"
	"lastword/internal/api"
)

// Names under which a token is kept among an account's secrets.
const (
	KeptToken = "token"
	KeptUntil = "until" // Unix seconds at which it ends; absent or 0: nobody said
)

// A Token is a long-lived token of Instagram or Threads, which lives for sixty
// days and is renewed from its second day on (docs/instagram-platform/
// instagram-api-with-instagram-login/business-login, "Refresh a long-lived
// token"; docs/threads/get-started/long-lived-tokens). Many may use it, and other
// runs of the account renew it too: what is kept counts.
type Token struct {
	HTTP  *http.Client
	Now   func() time.Time
	At    string // where it is renewed
	Grant string // "ig_refresh_token", "th_refresh_token"
	Keep  func(ctx context.Context, secrets map[string]string) error
	Kept  func(ctx context.Context) (map[string]string, error)

	mu    sync.Mutex
	token string
	until time.Time
	tried time.Time
}

// Load takes what is kept.
func (t *Token) Load(kept map[string]string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.load(kept)
}

func (t *Token) load(kept map[string]string) {
	token := strings.TrimSpace(kept[KeptToken])
	if token == "" {
		return
	}
	seconds, err := strconv.ParseInt(kept[KeptUntil], 10, 64)
	t.token, t.until = token, time.Time{}
	if err == nil && seconds > 0 {
		t.until = time.Unix(seconds, 0)
	}
}

// Until is when the token ends; zero where nobody said.
func (t *Token) Until() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.until
}

// renewEvery is how often a token is renewed, or a renewal tried that failed.
const (
	half       = 30 * 24 * time.Hour // of its life
	renewAgain = 24 * time.Hour
)

// Get returns the token, renewed where half of its life is over. Where renewing
// fails the old one serves until its end.
func (t *Token) Get(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == "" || t.ending() {
		if err := t.reread(ctx); err != nil {
			return "", err
		}
	}
	switch {
	case t.token == "":
		return "", &lastword.Mistake{Key: "connector.meta.error.signin", Kind: lastword.ErrDenied}
	case !t.ending() || t.Now().Sub(t.tried) < renewAgain:
	default:
		t.tried = t.Now()
		if err := t.renew(ctx); err != nil && !t.until.IsZero() && !t.Now().Before(t.until) {
			return "", err
		}
	}
	return t.token, nil
}

// ending reports whether it is time to renew: a pasted token, of which nobody
// said when it ends, at once.
func (t *Token) ending() bool { return t.until.Sub(t.Now()) < half }

func (t *Token) reread(ctx context.Context) error {
	if t.Kept == nil {
		return nil
	}
	kept, err := t.Kept(ctx)
	if err != nil {
		return fmt.Errorf("meta: token not read: %w", err)
	}
	t.load(kept)
	return nil
}

func (t *Token) renew(ctx context.Context) error {
	got, err := Renew(ctx, t.HTTP, t.At, url.Values{"grant_type": {t.Grant}, "access_token": {t.token}}, t.Now())
	if err != nil {
		return err
	}
	if t.Keep != nil {
		if err := t.Keep(ctx, got); err != nil {
			return fmt.Errorf("meta: token not kept: %w", err)
		}
	}
	t.load(got)
	return nil
}

// Renew asks for a token that lives long, for a short one or an old one, and
// returns it as it is kept.
func Renew(ctx context.Context, client *http.Client, at string, q url.Values, now time.Time) (map[string]string, error) {
	var got struct {
		Token   string `json:"access_token"`
		Seconds int64  `json:"expires_in"`
	}
	if err := Ask(ctx, client, api.Request{URL: at, Query: q}, &got); err != nil {
		return nil, err
	}
	if got.Token == "" {
		return nil, fmt.Errorf("meta: an answer without a token: %w", lastword.ErrUnavailable)
	}
	kept := map[string]string{KeptToken: got.Token, KeptUntil: "0"}
	if got.Seconds > 0 {
		kept[KeptUntil] = strconv.FormatInt(now.Add(time.Duration(min(got.Seconds, 10*365*86_400))*time.Second).Unix(), 10)
	}
	return kept, nil
}

// Ask asks an endpoint that takes no token, such as those that give one. What it
// refuses, a person must set right.
func Ask(ctx context.Context, client *http.Client, r api.Request, out any) error {
	_, err := api.Do(ctx, client, r, out)
	if err != nil {
		err, _ = read(err)
	}
	return err
}

// Code returns the code with which a person was sent back; without one they said
// no, or closed the page. Instagram adds "#_" to it.
func Code(answer url.Values) (string, error) {
	code := strings.TrimSuffix(answer.Get("code"), "#_")
	if code == "" {
		return "", &lastword.Mistake{Key: "connector.meta.error.signin-refused"}
	}
	return code, nil
}

// Scopes asks what a token may do (docs/graph-api/reference/debug_token), with the
// app's own token ("id|secret") or any that is good. Until is when the token or the right to read with it ends, whichever is
// sooner; zero where neither does.
func (g *Graph) Scopes(ctx context.Context, with, token string) (scopes []string, until time.Time, err error) {
	var got struct {
		Data struct {
			Valid   bool `json:"is_valid"`
			Scopes  []string
			Expires int64 `json:"expires_at"`
			Access  int64 `json:"data_access_expires_at"`
			Error   struct{ Code, Subcode int }
		}
	}
	if err := g.Call(ctx, with, api.Request{URL: "debug_token", Query: url.Values{"input_token": {token}}}, &got); err != nil {
		if with != token && Has(err, codeToken, codeSession, codeParameter) { // it is the app's own token that is refused
			err = fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "connector.meta.error.app", Kind: lastword.ErrDenied})
		}
		return nil, until, err
	}
	if !got.Data.Valid {
		return nil, until, &lastword.Mistake{Key: "connector.meta.error." + tokenKey(got.Data.Error.Subcode), Kind: lastword.ErrDenied}
	}
	for _, unix := range []int64{got.Data.Expires, got.Data.Access} {
		if at := time.Unix(unix, 0).UTC(); unix > 0 && (until.IsZero() || at.Before(until)) {
			until = at
		}
	}
	return got.Data.Scopes, until, nil
}
