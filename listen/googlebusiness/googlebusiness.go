// Package googlebusiness hears the reviews of a company's places on Google Maps
// and Search, and answers them as the company.
//
// It speaks the Business Profile APIs (developers.google.com/my-business): the
// accounts and places of whoever signed in, and their reviews, which are still in
// version 4. Google lets a project use them only after an application (Basic API
// Access). Its policies let content be kept for 30 days; what is gone there is
// noticed within an hour.
package googlebusiness

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/google"
	"lastword/listen"
)

// Name is the connector's and the network's name.
const Name = "googlebusiness"

// Names of the settings.
const (
	fieldClient  = "client"
	fieldSecret  = "clientsecret"
	fieldPlace   = "place"
	fieldRefresh = "refresh"
)

// keptVerifier is what Authorize keeps for Exchange.
const keptVerifier = "verifier"

// maxReply is how many bytes a reply may have (accounts.locations.reviews,
// ReviewReply: "The maximum length is 4096 bytes").
const maxReply = 4096

const (
	reviewsAt  = "https://mybusiness.googleapis.com/v4/"
	accountsAt = "https://mybusinessaccountmanagement.googleapis.com/v1/"
	placesAt   = "https://mybusinessbusinessinformation.googleapis.com/v1/"
	scope      = "https://www.googleapis.com/auth/business.manage"
)

type connector struct{}

// New returns the connector "googlebusiness", a listen.Authorizer.
//
// Settings: client and clientsecret (of the company's own project at Google),
// place (part of a place's name: only places so named are heard; empty: all),
// refresh (the token that signing in brings).
func New() listen.Connector { return connector{} }

// Info implements listen.Connector.
func (connector) Info() listen.Info {
	return listen.Info{
		Name:    Name,
		Network: lastword.Network{Name: Name, Title: "Google Rezensionen", Reply: true, MaxBytes: maxReply},
		Fields: []listen.Field{
			{Name: fieldClient, Required: true},
			{Name: fieldSecret, Secret: true, Required: true},
			{Name: fieldPlace},
			{Name: fieldRefresh, Secret: true, Granted: true},
		},
		Every:  15 * time.Minute,
		All:    true,
		SignIn: listen.SignIn{Offered: true, Only: true, Enter: true},
	}
}

type source struct {
	host   listen.Host
	place  string
	signer *google.Signer
}

// Open implements listen.Connector.
func (connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	a, err := app(acct)
	if err != nil {
		return nil, err
	}
	return &source{host, strings.ToLower(strings.TrimSpace(acct.Settings[fieldPlace])), a.As(host.HTTP, host.Now, strings.TrimSpace(acct.Settings[fieldRefresh]))}, nil
}

func app(acct listen.Account) (google.App, error) {
	a := google.App{ID: strings.TrimSpace(acct.Settings[fieldClient]), Secret: strings.TrimSpace(acct.Settings[fieldSecret])}
	switch {
	case !strings.HasSuffix(a.ID, ".apps.googleusercontent.com"):
		return a, &lastword.Mistake{Key: "connector.googlebusiness.error.client", Field: fieldClient}
	case a.Secret == "":
		return a, &lastword.Mistake{Key: "connector.googlebusiness.error.secret", Field: fieldSecret}
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
	if err := google.Call(ctx, s.host.HTTP, s.signer, s.host.Now(), r, out); err != nil {
		return fmt.Errorf("googlebusiness: %w", err)
	}
	return nil
}

// judged says what a refusal means for the channel as a whole.
func judged(err error) error {
	var e *google.Error
	var m *lastword.Mistake
	if !errors.As(err, &e) || errors.As(err, &m) || errors.Is(err, lastword.ErrUnavailable) || e.Code != http.StatusForbidden {
		return err
	}
	return fmt.Errorf("%w: %w", err, &lastword.Mistake{Key: "connector.googlebusiness.error.rights", Kind: lastword.ErrDenied})
}

// Check implements listen.Checker.
func (s *source) Check(ctx context.Context) ([]listen.Ability, error) {
	places, err := s.places(ctx)
	if err != nil {
		return nil, err
	}
	if len(places) == 0 {
		return nil, noPlace()
	}
	return []listen.Ability{{Name: "hear", Can: true}, {Name: "reply", Can: true}, {Name: "edit", Can: true}, {Name: "delete", Can: true}}, nil
}

func noPlace() error {
	return fmt.Errorf("googlebusiness: %w", &lastword.Mistake{Key: "connector.googlebusiness.error.no-place", Field: fieldPlace, Kind: lastword.ErrDenied})
}
