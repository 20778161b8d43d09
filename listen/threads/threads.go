// Package threads hears what is said to a company's account on Threads (replies,
// posts that name it, and, where somebody wishes so, posts with given words) and
// answers as the account.
//
// It speaks the Threads API, version 1.0 (docs/threads). What was said there cannot
// be changed, only deleted.
package threads

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/meta"
	"lastword/listen"
)

// Name is the connector's and the network's name.
const Name = "threads"

// Names of the settings.
const (
	fieldApp    = "app"
	fieldSecret = "appsecret"
	fieldHook   = "hooksecret"
	fieldToken  = meta.KeptToken
	fieldWords  = "words"
)

// limit is how much a post holds: characters, emoji by their bytes (docs/threads/
// posts, "Limitations").
const limit = 500

// mostWords is how many words are searched for: each is a question in each poll,
// and 2,200 are free in a day (docs/threads/keyword-search).
const mostWords = 10

const (
	host      = "https://graph.threads.net/"
	graphAt   = host + "v1.0/"
	dialogAt  = "https://threads.net/oauth/authorize"
	codeAt    = host + "oauth/access_token"
	longAt    = host + "access_token"
	refreshAt = host + "refresh_access_token"
)

// scopes are what we ask for (docs/threads/get-started).
var scopes = [...]string{
	"threads_basic", "threads_content_publish", "threads_read_replies", "threads_manage_replies", "threads_manage_mentions", "threads_keyword_search", "threads_delete",
}

type connector struct{}

// New returns the connector "threads", a listen.Authorizer.
//
// Settings: app and appsecret (of "Threads" in the company's own app at Meta),
// hooksecret (of the app itself, where pushes are signed with that), token (as
// signing in brings it, or copied from Meta's pages), words (to search for,
// separated by commas).
func New() listen.Connector { return connector{} }

// Info implements listen.Connector.
func (connector) Info() listen.Info {
	return listen.Info{
		Name:    Name,
		Network: lastword.Network{Name: Name, Title: "Threads", Reply: true, Limit: limit, Unit: lastword.EmojiBytes},
		Fields: []listen.Field{
			{Name: fieldApp, Required: true}, {Name: fieldSecret, Secret: true, Required: true}, {Name: fieldToken, Secret: true, Seldom: true},
			{Name: fieldWords}, {Name: fieldHook, Secret: true, Seldom: true},
		},
		Every:  10 * time.Minute,
		Pace:   5 * time.Second,
		All:    true,
		Hook:   true,
		Shared: fieldApp,
		SignIn: listen.SignIn{Offered: true, Enter: true},
	}
}

// A set is the settings, checked.
type set struct {
	app, secret, hook string
	words             []string
}

func mistake(field, what string) error {
	return &lastword.Mistake{Key: "connector.threads.error." + what, Field: field}
}

func settings(acct listen.Account) (set, error) {
	get := func(field string) string { return strings.TrimSpace(acct.Settings[field]) }
	s := set{app: get(fieldApp), secret: get(fieldSecret), hook: get(fieldHook)}
	for _, w := range strings.FieldsFunc(get(fieldWords), func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if w = strings.TrimSpace(w); w != "" && !slices.Contains(s.words, w) {
			s.words = append(s.words, w)
		}
	}
	switch {
	case s.app == "" || strings.Trim(s.app, "0123456789") != "":
		return s, mistake(fieldApp, "app")
	case s.secret == "":
		return s, mistake(fieldSecret, "secret")
	case len(s.words) > mostWords || slices.ContainsFunc(s.words, func(w string) bool { return len(w) > 100 }):
		return s, mistake(fieldWords, "words")
	}
	return s, nil
}

type source struct {
	host  listen.Host
	set   set
	graph *meta.Graph
	token *meta.Token
	hook  string

	mu sync.Mutex
	me account
}

// An account is whom we speak as.
type account struct {
	ID       string
	Username string
}

// Open implements listen.Connector.
func (connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	s, err := settings(acct)
	if err != nil {
		return nil, err
	}
	token := &meta.Token{HTTP: host.HTTP, Now: host.Now, At: refreshAt, Grant: "th_refresh_token", Keep: host.Keep, Kept: host.Kept}
	token.Load(acct.Settings)
	return &source{host: host, set: s, token: token, hook: acct.Hook, graph: &meta.Graph{HTTP: host.HTTP, Base: graphAt, Now: host.Now}}, nil
}

// call asks as the account.
func (s *source) call(ctx context.Context, r api.Request, out any) error {
	token, err := s.token.Get(ctx)
	if err != nil {
		return fmt.Errorf("threads: %w", err)
	}
	if err := s.graph.Call(ctx, token, r, out); err != nil {
		return fmt.Errorf("threads: %w", err)
	}
	return nil
}

// who returns our account, and asks for it only once.
func (s *source) who(ctx context.Context) (account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.me.Username != "" {
		return s.me, nil
	}
	var got account
	if err := s.call(ctx, api.Request{URL: "me", Query: url.Values{"fields": {"id,username"}}}, &got); err != nil {
		return got, err
	}
	if !meta.ID(got.ID) || got.Username == "" {
		return got, fmt.Errorf("threads: nobody says who we are: %w", lastword.ErrUnavailable)
	}
	s.me = got
	return got, nil
}

// Authorize implements listen.Authorizer (docs/threads/get-started/
// get-access-tokens-and-permissions). Nobody is called.
func (connector) Authorize(_ context.Context, acct listen.Account, _ listen.Host, redirect, state string) (string, map[string]string, error) {
	s, err := settings(acct)
	if err != nil {
		return "", nil, err
	}
	q := url.Values{"client_id": {s.app}, "redirect_uri": {redirect}, "state": {state}, "response_type": {"code"}, "scope": {strings.Join(scopes[:], ",")}}
	return dialogAt + "?" + q.Encode(), nil, nil
}

// Exchange implements listen.Authorizer: the code becomes a token of an hour, and
// that one a token of sixty days.
func (connector) Exchange(ctx context.Context, acct listen.Account, host listen.Host, redirect string, _ map[string]string, answer url.Values) (map[string]string, error) {
	s, err := settings(acct)
	if err != nil {
		return nil, err
	}
	code, err := meta.Code(answer)
	if err != nil {
		return nil, err
	}
	var short struct {
		Token string `json:"access_token"`
	}
	err = meta.Ask(ctx, host.HTTP, api.Request{URL: codeAt, Form: url.Values{
		"client_id": {s.app}, "client_secret": {s.secret}, "grant_type": {"authorization_code"}, "redirect_uri": {redirect}, "code": {code},
	}}, &short)
	if err != nil || short.Token == "" {
		return nil, refused(err)
	}
	kept, err := meta.Renew(ctx, host.HTTP, longAt, url.Values{"grant_type": {"th_exchange_token"}, "client_secret": {s.secret}, "access_token": {short.Token}}, host.Now())
	if err != nil {
		return nil, refused(err)
	}
	return kept, nil
}

// refused says what it means that no token is given.
func refused(err error) error {
	if err == nil {
		return fmt.Errorf("threads: an answer without a token: %w", lastword.ErrUnavailable)
	}
	if errors.Is(err, lastword.ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "connector.meta.error.app", Field: fieldSecret, Kind: lastword.ErrDenied})
}

// Check implements listen.Checker: the scopes of the token (docs/threads/
// reference/debug, with the token itself) and when it ends.
func (s *source) Check(ctx context.Context) ([]listen.Ability, error) {
	token, err := s.token.Get(ctx)
	if err != nil {
		return nil, err
	}
	granted, until, err := s.graph.Scopes(ctx, token, token)
	if err != nil {
		return nil, fmt.Errorf("threads: %w", err)
	}
	now := s.host.Now()
	able := func(name, needs string) listen.Ability {
		if !slices.Contains(granted, needs) {
			return listen.Ability{Name: name, Why: "connector.meta.error.scope"}
		}
		a := listen.Ability{Name: name, Can: true}
		// The token is renewed half-way: it ends soon only where that fails.
		if end := meta.Ends(now, until); !end.IsZero() && end.Sub(now) < 4*7*24*time.Hour {
			a.Until, a.Why = end, "why.meta_signin_ends"
		}
		return a
	}
	search := able("search", "threads_keyword_search")
	if search.Can && len(s.set.words) == 0 {
		search = listen.Ability{Name: "search", Why: "why.threads_no_words"}
	}
	return []listen.Ability{
		able("hear", "threads_read_replies"), able("stream", "threads_read_replies"), search, able("reply", "threads_manage_replies"),
		able("publish", "threads_content_publish"), {Name: "edit", Why: "why.threads_stays"}, able("delete", "threads_delete"),
	}, nil
}
