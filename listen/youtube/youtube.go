// Package youtube hears what people comment on the videos of a company's channel,
// and answers them as the channel.
//
// It speaks the YouTube Data API v3 (developers.google.com/youtube/v3/docs). A day
// allows 10,000 units: a question costs one, whatever changes something costs 50.
// The terms want stored data looked at again, or deleted, after 30 days: every
// comment that is watched is looked at each hour, and one that is no longer
// watched is handed over as deleted.
package youtube

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/google"
	"lastword/listen"
)

// Name is the connector's and the network's name.
const Name = "youtube"

// Names of the settings.
const (
	fieldClient  = "client"
	fieldSecret  = "clientsecret"
	fieldRefresh = "refresh"
)

// keptVerifier is what Authorize keeps for Exchange.
const keptVerifier = "verifier"

// maxComment is how many characters a comment may have.
const maxComment = 10_000

const (
	apiAt = "https://www.googleapis.com/youtube/v3/"
	scope = "https://www.googleapis.com/auth/youtube.force-ssl"
)

type connector struct{}

// New returns the connector "youtube", a listen.Authorizer.
//
// Settings: client and clientsecret (of the company's own project at Google),
// refresh (the token that signing in brings; the channel is that of whoever
// signed in).
func New() listen.Connector { return connector{} }

// Info implements listen.Connector.
func (connector) Info() listen.Info {
	return listen.Info{
		Name:    Name,
		Network: lastword.Network{Name: Name, Title: "YouTube", Reply: true, Limit: maxComment, Unit: lastword.Characters},
		Fields:  []listen.Field{{Name: fieldClient, Required: true}, {Name: fieldSecret, Secret: true, Required: true}, {Name: fieldRefresh, Secret: true, Granted: true}},
		Every:   10 * time.Minute,
		Pace:    2 * time.Second,
		All:     true,
		SignIn:  listen.SignIn{Offered: true, Only: true, Enter: true},
	}
}

type source struct {
	host   listen.Host
	signer *google.Signer

	mu sync.Mutex
	me string // the channel
}

// Open implements listen.Connector.
func (connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	a, err := app(acct)
	if err != nil {
		return nil, err
	}
	return &source{host: host, signer: a.As(host.HTTP, host.Now, strings.TrimSpace(acct.Settings[fieldRefresh]))}, nil
}

func app(acct listen.Account) (google.App, error) {
	a := google.App{ID: strings.TrimSpace(acct.Settings[fieldClient]), Secret: strings.TrimSpace(acct.Settings[fieldSecret])}
	switch {
	case !strings.HasSuffix(a.ID, ".apps.googleusercontent.com"):
		return a, &lastword.Mistake{Key: "connector.youtube.error.client", Field: fieldClient}
	case a.Secret == "":
		return a, &lastword.Mistake{Key: "connector.youtube.error.secret", Field: fieldSecret}
	}
	return a, nil
}

// Authorize implements listen.Authorizer.
func (connector) Authorize(_ context.Context, acct listen.Account, _ listen.Host, redirect, state string) (string, map[string]string, error) {
	a, err := app(acct)
	if err != nil {
		return "", nil, err
	}
	at, verifier := a.Authorize([]string{scope}, redirect, state)
	return at, map[string]string{keptVerifier: verifier}, nil
}

// Exchange implements listen.Authorizer.
func (connector) Exchange(ctx context.Context, acct listen.Account, host listen.Host, redirect string, kept map[string]string, answer url.Values) (map[string]string, error) {
	a, err := app(acct)
	if err != nil {
		return nil, err
	}
	refresh, err := a.Exchange(ctx, host.HTTP, []string{scope}, redirect, kept[keptVerifier], answer)
	if err != nil {
		return nil, err
	}
	return map[string]string{fieldRefresh: refresh}, nil
}

func (s *source) ask(ctx context.Context, r api.Request, out any) error {
	r.URL = apiAt + r.URL
	if err := google.Call(ctx, s.host.HTTP, s.signer, s.host.Now(), r, out); err != nil {
		return fmt.Errorf("youtube: %w", err)
	}
	return nil
}

// channel returns the channel of whoever signed in, and asks for it only once.
func (s *source) channel(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.me != "" {
		return s.me, nil
	}
	var got struct{ Items []struct{ ID string } }
	if err := s.ask(ctx, api.Request{URL: "channels", Query: url.Values{"part": {"id"}, "mine": {"true"}}}, &got); err != nil {
		return "", judged(err)
	}
	if len(got.Items) == 0 || !isID(got.Items[0].ID) {
		return "", fmt.Errorf("youtube: %w", &lastword.Mistake{Key: "connector.youtube.error.no-channel", Kind: lastword.ErrDenied})
	}
	s.me = got.Items[0].ID
	return s.me, nil
}

// isID reports whether s can be an id: it becomes part of keys. The id of a reply
// is its thread's, a dot and its own.
func isID(s string) bool {
	return s != "" && len(s) <= 100 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_' && r != '.'
	})
}

// judged says what a refusal means for the channel as a whole.
func judged(err error) error {
	var e *google.Error
	var m *lastword.Mistake
	if !errors.As(err, &e) || errors.As(err, &m) || errors.Is(err, lastword.ErrUnavailable) || e.Code != http.StatusForbidden {
		return err
	}
	return fmt.Errorf("%w: %w", err, &lastword.Mistake{Key: "connector.youtube.error.rights", Kind: lastword.ErrDenied})
}

// Check implements listen.Checker.
func (s *source) Check(ctx context.Context) ([]listen.Ability, error) {
	me, err := s.channel(ctx)
	if err != nil {
		return nil, err
	}
	if _, _, err := s.threads(ctx, me, ""); err != nil {
		return nil, err
	}
	return []listen.Ability{{Name: "hear", Can: true}, {Name: "reply", Can: true}, {Name: "edit", Can: true}, {Name: "delete", Can: true}}, nil
}
