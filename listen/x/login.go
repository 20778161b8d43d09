package x

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"lastword"
	"lastword/listen"
)

// Names of the secrets that signing in brings.
const (
	secretAccess  = "access"
	secretRefresh = "refresh"
	secretUntil   = "until" // Unix seconds at which the access token ends
	secretScope   = "scope"
	secretUser    = "user"   // id of the account
	secretHandle  = "handle" // its name, without "@"
)

// tokens are what X gave when somebody signed in, or renewed since.
type tokens struct {
	access, refresh, scope string
	until                  time.Time
	user, handle           string
}

func tokensOf(kept map[string]string) tokens {
	seconds, _ := strconv.ParseInt(kept[secretUntil], 10, 64) // none: it has ended
	return tokens{
		access: kept[secretAccess], refresh: kept[secretRefresh], scope: kept[secretScope], until: time.Unix(seconds, 0),
		user: kept[secretUser], handle: kept[secretHandle],
	}
}

// secrets are the tokens as they are kept.
func (t tokens) secrets() map[string]string {
	return map[string]string{
		secretAccess: t.access, secretRefresh: t.refresh, secretScope: t.scope,
		secretUntil: strconv.FormatInt(t.until.Unix(), 10),
	}
}

// may reports whether the account granted a scope.
func (t tokens) may(scope string) bool { return strings.Contains(" "+t.scope+" ", " "+scope+" ") }

// login holds the tokens of one account. Several goroutines may use it, and
// other runs of the account renew the same tokens: what is kept counts.
type login struct {
	host           listen.Host
	client, secret string

	mu     sync.Mutex
	tokens tokens
}

// early is how long before its end a token is renewed.
const early = time.Minute

// now returns the tokens as they were last seen.
func (l *login) now() tokens {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tokens
}

// token returns an access token other than the one that was refused.
func (l *login) token(ctx context.Context, refused string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	good := func() bool {
		return l.tokens.access != "" && l.tokens.access != refused && l.host.Now().Before(l.tokens.until.Add(-early))
	}
	if good() {
		return l.tokens.access, nil
	}
	if err := l.reread(ctx); err != nil {
		return "", err
	}
	if good() {
		return l.tokens.access, nil
	}
	if l.tokens.refresh == "" {
		return "", l.signIn()
	}
	if err := l.renew(ctx); err != nil {
		return "", err
	}
	return l.tokens.access, nil
}

func (l *login) signIn() error {
	return fmt.Errorf("x: %w", &lastword.Mistake{Key: "connector.x.error.signin", Field: fieldClient, Kind: lastword.ErrDenied})
}

// reread takes over what another run of this account has kept.
func (l *login) reread(ctx context.Context) error {
	if l.host.Kept == nil {
		return nil
	}
	kept, err := l.host.Kept(ctx)
	if err != nil {
		return fmt.Errorf("x: tokens not read: %w", err)
	}
	if t := tokensOf(kept); t.access != "" {
		l.tokens = t
	}
	return nil
}

// renew exchanges the refresh token. X takes each only once, so the new one is
// kept before anything is asked with it, although somebody stops us; and where X
// refuses ours, another run may have been faster.
func (l *login) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
	defer cancel()
	old := l.tokens
	t, err := grant(ctx, l.host, l.client, l.secret, url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {old.refresh},
	})
	var no *refusal
	if errors.As(err, &no) && (no.status == http.StatusBadRequest || no.status == http.StatusUnauthorized) {
		if failed := l.reread(ctx); failed != nil {
			return failed
		}
		if l.tokens.refresh != old.refresh {
			return nil
		}
		return errors.Join(l.signIn(), err)
	}
	if err != nil {
		return err
	}
	t.user, t.handle = old.user, old.handle
	if t.refresh == "" {
		t.refresh = old.refresh
	}
	if t.scope == "" {
		t.scope = old.scope
	}
	if l.host.Keep != nil {
		if err := l.host.Keep(ctx, t.secrets()); err != nil {
			return fmt.Errorf("x: tokens not kept: %w", err)
		}
	}
	l.tokens = t
	return nil
}

// grant asks for tokens (RFC 6749 §4.1.3 and §6). An app without a secret names
// itself in the form, one with a secret by Basic authentication.
func grant(ctx context.Context, host listen.Host, client, secret string, form url.Values) (tokens, error) {
	k := call{path: "/2/oauth2/token"}
	form.Set("client_id", client)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+k.path, strings.NewReader(form.Encode()))
	if err != nil {
		return tokens{}, fmt.Errorf("x: token: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if secret != "" {
		r.SetBasicAuth(url.QueryEscape(client), url.QueryEscape(secret))
	}
	resp, err := api{host: host}.answer(r, k)
	if err != nil {
		return tokens{}, err
	}
	defer resp.Body.Close()
	var said struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
		ExpiresIn    int64  `json:"expires_in"`
		Scope        string
	}
	err = json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&said)
	if err != nil || said.AccessToken == "" {
		return tokens{}, fmt.Errorf("x: X gave no token: %w", lastword.ErrUnavailable)
	}
	life := time.Duration(min(max(said.ExpiresIn, 0), 1e6)) * time.Second
	if life == 0 {
		life = 2 * time.Hour // as documented
	}
	return tokens{access: said.AccessToken, refresh: said.RefreshToken, scope: said.Scope, until: host.Now().Add(life)}, nil
}
