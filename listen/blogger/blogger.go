// Package blogger hears what readers comment on a company's blog at Google's
// Blogger, and publishes posts there.
//
// It speaks the Blogger API v3 (developers.google.com/blogger/docs/3.0/reference).
// A public blog is heard with an API key; publishing takes somebody who signed in.
// The API cannot make a comment: answers are handed over, and the one that a
// person gives there is heard.
package blogger

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
const Name = "blogger"

// Names of the settings.
const (
	fieldURL     = "url"
	fieldKey     = "key"
	fieldClient  = "client"
	fieldSecret  = "clientsecret"
	fieldPublish = "publish"
	fieldRefresh = "refresh"
)

// keptVerifier is what Authorize keeps for Exchange.
const keptVerifier = "verifier"

const (
	apiAt = "https://www.googleapis.com/blogger/v3/blogs"
	scope = "https://www.googleapis.com/auth/blogger"
)

// maxComment is how many characters a comment may have, as the page lets a reader
// write.
const maxComment = 4096

type connector struct{}

// New returns the connector "blogger", a listen.Authorizer.
//
// Settings: url (of the blog), key (API key) or client and clientsecret (of the
// company's own project at Google, for signing in), publish ("draft" or
// "publish", as in Publish), refresh (the token that signing in brings).
func New() listen.Connector { return connector{} }

// Info implements listen.Connector.
func (connector) Info() listen.Info {
	return listen.Info{
		Name:    Name,
		Network: lastword.Network{Name: Name, Title: "Blogger", Limit: maxComment, Unit: lastword.Characters},
		Fields: []listen.Field{
			{Name: fieldURL, Required: true},
			{Name: fieldKey, Secret: true},
			{Name: fieldClient, Door: true},
			{Name: fieldSecret, Secret: true, Door: true},
			{Name: fieldPublish, Default: "draft"},
			{Name: fieldRefresh, Secret: true, Granted: true},
		},
		Every:  15 * time.Minute,
		All:    true,
		SignIn: listen.SignIn{Offered: true, Enter: true},
	}
}

type source struct {
	host   listen.Host
	at     string // of the blog
	key    string
	signer *google.Signer // nil: by the key
	draft  bool
	shown  bool // pictures can be fetched from us

	mu sync.Mutex
	id string // of the blog
}

// Open implements listen.Connector.
func (connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	at, err := address(acct.Settings[fieldURL])
	if err != nil {
		return nil, err
	}
	s := &source{host: host, at: at, key: strings.TrimSpace(acct.Settings[fieldKey]), shown: acct.Hook != ""}
	switch strings.TrimSpace(acct.Settings[fieldPublish]) {
	case "", "draft":
		s.draft = true
	case "publish":
	default:
		return nil, &lastword.Mistake{Key: "connector.blogger.error.publish", Field: fieldPublish}
	}
	if strings.TrimSpace(acct.Settings[fieldClient]+acct.Settings[fieldSecret]) == "" {
		if s.key == "" {
			return nil, &lastword.Mistake{Key: "connector.blogger.error.key", Field: fieldKey}
		}
		return s, nil
	}
	a, err := app(acct)
	if err != nil {
		return nil, err
	}
	if refresh := strings.TrimSpace(acct.Settings[fieldRefresh]); refresh != "" || s.key == "" {
		s.signer = a.As(host.HTTP, host.Now, refresh)
	}
	return s, nil
}

func address(typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return "", &lastword.Mistake{Key: "connector.blogger.error.url-missing", Field: fieldURL}
	}
	if !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	at, err := url.Parse(typed)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "" || at.User != nil {
		return "", &lastword.Mistake{Key: "connector.blogger.error.url", Field: fieldURL}
	}
	return at.Scheme + "://" + at.Host + "/", nil
}

func app(acct listen.Account) (google.App, error) {
	a := google.App{ID: strings.TrimSpace(acct.Settings[fieldClient]), Secret: strings.TrimSpace(acct.Settings[fieldSecret])}
	switch {
	case !strings.HasSuffix(a.ID, ".apps.googleusercontent.com"):
		return a, &lastword.Mistake{Key: "connector.blogger.error.client", Field: fieldClient}
	case a.Secret == "":
		return a, &lastword.Mistake{Key: "connector.blogger.error.secret", Field: fieldSecret}
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

// ask calls the API. Whoever did not sign in shows the key.
func (s *source) ask(ctx context.Context, r api.Request, out any) error {
	r.URL = apiAt + r.URL
	if s.signer == nil {
		q := url.Values{"key": {s.key}}
		for name, values := range r.Query {
			q[name] = values
		}
		r.Query = q
	}
	if err := google.Call(ctx, s.host.HTTP, s.signer, s.host.Now(), r, out); err != nil {
		return fmt.Errorf("blogger: %w", err)
	}
	return nil
}

// blog returns the number of the blog, and asks for it only once.
func (s *source) blog(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.id != "" {
		return s.id, nil
	}
	var got struct{ ID string }
	err := s.ask(ctx, api.Request{URL: "/byurl", Query: url.Values{"url": {s.at}}}, &got)
	var e *google.Error
	switch {
	case errors.As(err, &e) && e.Code == http.StatusNotFound:
		return "", fmt.Errorf("%w: %w", err, &lastword.Mistake{Key: "connector.blogger.error.no-blog", Field: fieldURL, Kind: lastword.ErrDenied})
	case err != nil:
		return "", judged(err)
	case !isID(got.ID):
		return "", fmt.Errorf("blogger: a blog without a number: %w", lastword.ErrUnavailable)
	}
	s.id = got.ID
	return s.id, nil
}

// isID reports whether s can be a number: it becomes part of addresses and keys.
func isID(s string) bool {
	return s != "" && len(s) <= 30 && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// judged says what a refusal means for the channel as a whole.
func judged(err error) error {
	var e *google.Error
	var m *lastword.Mistake
	if !errors.As(err, &e) || errors.As(err, &m) || errors.Is(err, lastword.ErrUnavailable) || e.Code != http.StatusForbidden {
		return err
	}
	return fmt.Errorf("%w: %w", err, &lastword.Mistake{Key: "connector.blogger.error.rights", Kind: lastword.ErrDenied})
}

// Check implements listen.Checker.
func (s *source) Check(ctx context.Context) ([]listen.Ability, error) {
	id, err := s.blog(ctx)
	if err != nil {
		return nil, err
	}
	if _, _, err := s.comments(ctx, id, ""); err != nil {
		return nil, err
	}
	all := []listen.Ability{{Name: "hear", Can: true}, {Name: "reply", Why: "connector.blogger.error.by-hand"}}
	for _, name := range []string{"publish", "edit", "delete"} {
		a := listen.Ability{Name: name, Can: s.signer != nil}
		if !a.Can {
			a.Why = "connector.google.error.signin"
		}
		all = append(all, a)
	}
	return all, nil
}
