// Package googleplay hears what customers write about a company's app on Google
// Play, and answers them as its developer.
//
// It speaks the Google Play Developer API (developers.google.com/android-publisher,
// "Reply to Reviews"), signed in as a service account. The API tells only reviews
// of the last week that have words, and never that one was withdrawn: what is
// older than a week when a channel is new is not heard, and deletions are not
// noticed.
package googleplay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/google"
	"lastword/internal/seen"
	"lastword/listen"
)

// Name is the connector's and the network's name.
const Name = "googleplay"

// Names of the settings.
const (
	fieldApp = "app"
	fieldKey = "key"
)

// maxReply is how many characters a reply may have (reviews.reply: "more than
// approximately 350 characters will be rejected").
const maxReply = 350

const (
	publisherAt = "https://androidpublisher.googleapis.com/androidpublisher/v3/applications/"
	scope       = "https://www.googleapis.com/auth/androidpublisher"
)

type connector struct{}

// New returns the connector "googleplay".
//
// Settings: app (package name, or the address in the store), key (JSON file of
// the service account's key, as text).
func New() listen.Connector { return connector{} }

// Info implements listen.Connector. An hour allows 200 questions for an app.
func (connector) Info() listen.Info {
	return listen.Info{
		Name:    Name,
		Network: lastword.Network{Name: Name, Title: "Google Play", Reply: true, Limit: maxReply, Unit: lastword.Characters},
		Fields:  []listen.Field{{Name: fieldApp, Required: true}, {Name: fieldKey, Secret: true, Required: true}},
		Every:   30 * time.Minute,
		All:     true,
	}
}

type source struct {
	host   listen.Host
	app    string
	signer *google.Signer
}

var (
	inAddress = regexp.MustCompile(`[?&]id=([A-Za-z0-9_.]+)`)
	app       = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+$`)
)

// Open implements listen.Connector.
func (connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	name := strings.TrimSpace(acct.Settings[fieldApp])
	if m := inAddress.FindStringSubmatch(name); m != nil {
		name = m[1]
	}
	if !app.MatchString(name) || len(name) > 200 {
		return nil, &lastword.Mistake{Key: "connector.googleplay.error.app", Field: fieldApp}
	}
	key, err := google.ParseKey(strings.TrimSpace(acct.Settings[fieldKey]))
	if err != nil {
		return nil, &lastword.Mistake{Key: "connector.googleplay.error.key", Field: fieldKey}
	}
	return &source{host, name, key.For(host.HTTP, host.Now, scope)}, nil
}

func (s *source) ask(ctx context.Context, r api.Request, out any) error {
	r.URL = publisherAt + s.app + "/reviews" + r.URL
	if err := google.Call(ctx, s.host.HTTP, s.signer, s.host.Now(), r, out); err != nil {
		return fmt.Errorf("googleplay: %w", err)
	}
	return nil
}

// judged says what a refusal means for the channel as a whole.
func judged(err error) error {
	var e *google.Error
	var m *lastword.Mistake
	if !errors.As(err, &e) || errors.As(err, &m) || errors.Is(err, lastword.ErrUnavailable) {
		return err
	}
	switch e.Code {
	case http.StatusForbidden:
		return fmt.Errorf("%w: %w", err, &lastword.Mistake{Key: "connector.googleplay.error.rights", Kind: lastword.ErrDenied})
	case http.StatusNotFound:
		return fmt.Errorf("%w: %w", err, &lastword.Mistake{Key: "connector.googleplay.error.unknown", Kind: lastword.ErrDenied})
	}
	return err
}

// Poll implements listen.Source.
func (s *source) Poll(ctx context.Context, cursor string, hear listen.Hear) error {
	next := ""
	return seen.Place{
		Of: s.app, Network: Name, Now: s.host.Now(), Hear: hear, Dropped: s.host.Dropped,
		Page: func(ctx context.Context, n int) (all []seen.Entry, more bool, err error) {
			if n == 1 {
				next = ""
			}
			all, next, err = s.reviews(ctx, next)
			return all, next != "", err
		},
	}.Poll(ctx, cursor)
}

// reviews lists reviews, the latest changed first, with the replies to them.
func (s *source) reviews(ctx context.Context, from string) (all []seen.Entry, next string, err error) {
	q := url.Values{"maxResults": {"100"}}
	if from != "" {
		q.Set("token", from)
	}
	var got page
	if err := s.ask(ctx, api.Request{Query: q}, &got); err != nil {
		return nil, "", judged(err)
	}
	for _, raw := range got.Reviews {
		r, ok := readReview(raw)
		if !ok {
			s.host.Dropped(dropReview, s.app)
			continue
		}
		p := r.post(s.app)
		if p.Text == "" {
			continue
		}
		all = append(all, seen.Entry{Post: p})
		if r.answer != "" {
			all = append(all, seen.Entry{Post: r.own(p)})
		}
	}
	if len(got.Reviews) > 0 {
		next = got.TokenPagination.NextPageToken
	}
	return all, next, nil
}

// Check implements listen.Checker. That replies are allowed shows when one is
// given: the API tells a service account nothing about its rights.
func (s *source) Check(ctx context.Context) ([]listen.Ability, error) {
	if _, _, err := s.reviews(ctx, ""); err != nil {
		return nil, err
	}
	return []listen.Ability{
		{Name: "hear", Can: true, Why: "connector.googleplay.error.one-week"}, {Name: "reply", Can: true}, {Name: "edit", Can: true},
		{Name: "delete", Why: "connector.googleplay.error.no-remove"},
	}, nil
}
