package bluesky

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"lastword"
	"lastword/listen"
)

// A service allows 30 sessions in five minutes and 300 in a day. We stay below
// both, so that a person can still sign in by hand.
const (
	loginsMax    = 20
	loginsWindow = 5 * time.Minute
)

// A login keeps the session of one account in memory. Several goroutines may
// use it.
type login struct {
	client   client
	resolver resolver
	handle   string
	password string
	service  string // https://host as set up, or empty: found by the handle

	mu      sync.Mutex
	base    string // the service in use
	did     string
	access  string
	refresh string
	logins  []time.Time // in the last loginsWindow
	pause   time.Time   // the service allows nothing before
}

// account returns the DID and the service of the account, and signs in if
// nobody did yet.
func (l *login) account(ctx context.Context) (did, base string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.ensure(ctx); err != nil {
		return "", "", err
	}
	return l.did, l.base, nil
}

// call runs k under the account's token at the account's service. A token that
// ran out is renewed, once.
func (l *login) call(ctx context.Context, k call, out any) error {
	token, base, err := l.token(ctx)
	if err != nil {
		return err
	}
	err = l.try(ctx, k, token, base, out)
	var no *callError
	if !errors.As(err, &no) || !no.expired() || k.proxy != "" && no.name != "ExpiredToken" {
		return err // what another service's methods need, no renewal grants
	}
	if token, base, err = l.renewed(ctx, token); err != nil {
		return err
	}
	return l.try(ctx, k, token, base, out)
}

func (l *login) try(ctx context.Context, k call, token, base string, out any) error {
	k.token, k.base = token, base
	limit, err := l.client.do(ctx, k, out)
	if limit.known && limit.left <= 0 {
		l.mu.Lock()
		l.pause = limit.reset
		l.mu.Unlock()
	}
	return err
}

// token returns the access token, and refuses while the service would.
func (l *login) token(ctx context.Context) (token, base string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if wait := l.pause.Sub(l.client.now()); wait > 0 {
		return "", "", &listen.RetryAfter{Wait: min(wait, maxWait), Err: fmt.Errorf("bluesky: rate limit used up: %w", lastword.ErrUnavailable)}
	}
	if err := l.ensure(ctx); err != nil {
		return "", "", err
	}
	return l.access, l.base, nil
}

func (l *login) ensure(ctx context.Context) error {
	if l.access != "" {
		return nil
	}
	return l.create(ctx)
}

// renewed returns a token other than the one that ran out.
func (l *login) renewed(ctx context.Context, old string) (token, base string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.access == old {
		err = l.renew(ctx)
	}
	return l.access, l.base, err
}

// A tokens is what createSession and refreshSession answer.
type tokens struct {
	AccessJwt, RefreshJwt string
	DID                   string
	Active                *bool
	Status                string
}

// renew exchanges the refresh token. The new one is kept before anything is
// asked with it; where the old one is no longer good, the app password is.
func (l *login) renew(ctx context.Context) error {
	var t tokens
	_, err := l.client.do(ctx, call{base: l.base, nsid: "com.atproto.server.refreshSession", post: true, token: l.refresh}, &t)
	var no *callError
	switch {
	case err == nil:
		return l.keep(t)
	case errors.As(err, &no) && (no.expired() || errors.Is(err, lastword.ErrDenied)):
		l.access, l.refresh = "", ""
		return l.create(ctx)
	}
	return err
}

func (l *login) keep(t tokens) error {
	if t.AccessJwt == "" || t.RefreshJwt == "" || !isDID(t.DID) {
		return fmt.Errorf("bluesky: %s gave no session: %w", hostOf(l.base), lastword.ErrUnavailable)
	}
	if t.Active != nil && !*t.Active {
		return fmt.Errorf("bluesky: the account is %s: %w", clip(t.Status), lastword.ErrDenied)
	}
	l.access, l.refresh, l.did = t.AccessJwt, t.RefreshJwt, t.DID
	return nil
}

// create signs in with the app password.
func (l *login) create(ctx context.Context) error {
	if err := l.find(ctx); err != nil {
		return err
	}
	if err := l.spend(); err != nil {
		return err
	}
	var t tokens
	_, err := l.client.do(ctx, call{base: l.base, nsid: "com.atproto.server.createSession", post: true,
		body: map[string]string{"identifier": l.handle, "password": l.password}}, &t)
	if err != nil {
		return err
	}
	return l.keep(t)
}

// find settles at which service the account lives.
func (l *login) find(ctx context.Context) error {
	if l.base != "" {
		return nil
	}
	if l.service != "" {
		l.base = l.service
		return nil
	}
	did, err := l.resolver.handle(ctx, l.handle)
	if err != nil {
		return err
	}
	l.base, err = l.resolver.service(ctx, did)
	return err
}

// spend counts a sign-in against what the service allows.
func (l *login) spend() error {
	now := l.client.now()
	for len(l.logins) > 0 && now.Sub(l.logins[0]) >= loginsWindow {
		l.logins = l.logins[1:]
	}
	if len(l.logins) >= loginsMax {
		return &listen.RetryAfter{Wait: loginsWindow - now.Sub(l.logins[0]),
			Err: fmt.Errorf("bluesky: signed in too often: %w", lastword.ErrUnavailable)}
	}
	l.logins = append(l.logins, now)
	return nil
}
