// Package facebook hears what is said to a company's Facebook Page (comments,
// visitors' posts, mentions, recommendations, and messages by Messenger) and
// answers as the Page.
//
// It is one connector with one sign-in: to a director a Page is one thing. What
// is written by Messenger is a private voice of the network "facebook".
//
// It speaks the Graph API (docs/graph-api/reference/page, …/comment,
// docs/messenger-platform). The Page pushes what is new; the poll brings the past,
// what a push missed, and what changed or is gone.
package facebook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/meta"
	"lastword/listen"
)

// Name is the connector's and the network's name.
const Name = "facebook"

// Names of the settings.
const (
	fieldApp    = "app"
	fieldSecret = "appsecret"
	fieldPage   = "page"
	fieldToken  = meta.KeptToken
	fieldConfig = "config"
	fieldFirst  = "first"
	fieldHuman  = "human"
)

// Names under which signing in keeps what it brought, beside the token.
const (
	keptPage   = "pageid"
	keptHandle = "pagename"
	keptFor    = "pagefor" // for which token and which wish that holds
)

// How long texts may be, in characters: comments and posts as Facebook's pages
// take them (no document says), messages as docs/messenger-platform/reference/
// send-api says.
const (
	maxComment = 8000
	maxPost    = 63_206
	maxMessage = 2000
)

const (
	graphAt  = "https://graph.facebook.com/" + meta.Version + "/"
	dialogAt = "https://www.facebook.com/" + meta.Version + "/dialog/oauth"
)

// scopes are what we ask for (docs/permissions): the list of Pages, reading what
// the Page and others say there, answering, publishing, being pushed to, and
// Messenger.
var scopes = [...]string{
	"pages_show_list", "pages_read_engagement", "pages_read_user_content", "pages_manage_engagement", "pages_manage_posts",
	"pages_manage_metadata", "pages_messaging",
}

// fields are what a Page is asked to push (docs/graph-api/webhooks/reference/page).
const fields = "feed,mention,ratings,messages,message_edits"

type connector struct{}

// New returns the connector "facebook", a listen.Authorizer.
//
// Settings: app and appsecret (of the company's own app at Meta), page (name or
// id, where several are managed), token (as signing in brings it, or copied from
// Meta's pages), config (of Facebook Login for Business, instead of scopes), first
// ("public" or "private": how comments are answered where both is possible),
// human ("yes" where Meta granted the app the feature Human Agent).
func New() listen.Connector { return connector{} }

// Info implements listen.Connector.
func (connector) Info() listen.Info {
	return listen.Info{
		Name:    Name,
		Network: lastword.Network{Name: Name, Title: "Facebook", Reply: true, Limit: maxComment, Unit: lastword.Characters},
		Fields: []listen.Field{
			{Name: fieldApp, Required: true}, {Name: fieldSecret, Secret: true, Required: true}, {Name: fieldPage}, {Name: fieldToken, Secret: true, Seldom: true},
			{Name: fieldConfig, Seldom: true}, {Name: fieldFirst, Default: "public", Seldom: true}, {Name: fieldHuman, Default: "no", Seldom: true},
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
	app, secret, page, config string
	private, human            bool
}

func mistake(field, what string) error {
	return &lastword.Mistake{Key: "connector.facebook.error." + what, Field: field}
}

func settings(acct listen.Account) (set, error) {
	get := func(field string) string { return strings.TrimSpace(acct.Settings[field]) }
	s := set{app: get(fieldApp), secret: get(fieldSecret), page: get(fieldPage), config: get(fieldConfig)}
	switch {
	case s.app == "" || strings.Trim(s.app, "0123456789") != "":
		return s, mistake(fieldApp, "app")
	case s.secret == "":
		return s, mistake(fieldSecret, "secret")
	case strings.Trim(s.config, "0123456789") != "":
		return s, mistake(fieldConfig, "config")
	}
	switch strings.ToLower(get(fieldFirst)) {
	case "", "public":
	case "private":
		s.private = true
	default:
		return s, mistake(fieldFirst, "first")
	}
	switch strings.ToLower(get(fieldHuman)) {
	case "", "no", "nein":
	case "yes", "ja":
		s.human = true
	default:
		return s, mistake(fieldHuman, "human")
	}
	return s, nil
}

type source struct {
	host  listen.Host
	set   set
	graph *meta.Graph
	hook  string

	mu   sync.Mutex
	page page
}

// A page is whom we speak as.
type page struct {
	ID    string
	Name  string
	Token string `json:"access_token"`
}

// Open implements listen.Connector.
func (connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	s, err := settings(acct)
	if err != nil {
		return nil, err
	}
	src := &source{host: host, set: s, graph: graph(host, s), hook: acct.Hook}
	src.page.Token = strings.TrimSpace(acct.Settings[fieldToken])
	if acct.Settings[keptFor] == mark(src.page.Token, s.page) { // else somebody has copied another token since
		src.page.ID, src.page.Name = acct.Settings[keptPage], acct.Settings[keptHandle]
	}
	return src, nil
}

func graph(host listen.Host, s set) *meta.Graph {
	return &meta.Graph{HTTP: host.HTTP, Base: graphAt, Now: host.Now, Secret: s.secret}
}

// mark tells tokens and wishes apart without keeping them.
func mark(token, wanted string) string {
	sum := sha256.Sum256([]byte(wanted + "\x00" + token))
	return hex.EncodeToString(sum[:8])
}

// secrets are a Page as it is kept.
func (p page) secrets(wanted string) map[string]string {
	return map[string]string{fieldToken: p.Token, keptPage: p.ID, keptHandle: p.Name, keptFor: mark(p.Token, wanted)}
}

// me returns the Page. Of a token that somebody copied it is found out whose it
// is, a person's or a Page's; that is kept, and the Page asked to push.
func (s *source) me(ctx context.Context) (page, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.page.Token == "":
		return page{}, &lastword.Mistake{Key: "connector.meta.error.signin", Kind: lastword.ErrDenied}
	case meta.ID(s.page.ID):
		return s.page, nil
	}
	p, err := find(ctx, s.graph, s.page.Token, s.set.page)
	var m *lastword.Mistake
	if errors.As(err, &m) && m.Args != nil { // what is kept of it is its key alone
		err = &lastword.Mistake{Key: "connector.facebook.error.several-pages", Field: fieldPage, Kind: lastword.ErrDenied}
	}
	if err != nil {
		return page{}, err
	}
	s.page = p
	if s.host.Keep == nil {
		return p, nil
	}
	if err := subscribe(ctx, s.graph, p); err != nil {
		s.host.Log.WarnContext(ctx, "facebook: the page will not push", "err", err)
	}
	if err := s.host.Keep(ctx, p.secrets(s.set.page)); err != nil {
		return page{}, fmt.Errorf("facebook: whose token it is could not be kept: %w", err)
	}
	return p, nil
}

// find picks the Page that a token is for. What /me/accounts is to a Page's own
// token is no field of a Page: code 100.
func find(ctx context.Context, g *meta.Graph, token, wanted string) (page, error) {
	var got struct{ Data []page }
	err := g.Call(ctx, token, api.Request{URL: "me/accounts", Query: url.Values{"fields": {"id,name,access_token"}, "limit": {"100"}}}, &got)
	if meta.Has(err, 100) {
		p := page{Token: token}
		err := g.Call(ctx, token, api.Request{URL: "me", Query: url.Values{"fields": {"id,name"}}}, &p)
		p.Token = token
		if err == nil && (!meta.ID(p.ID) || !p.is(wanted)) {
			err = &lastword.Mistake{Key: "connector.facebook.error.no-page", Field: fieldPage, Kind: lastword.ErrDenied}
		}
		return p, err
	}
	if err != nil {
		return page{}, fmt.Errorf("facebook: %w", err)
	}
	return choose(got.Data, wanted)
}

// is reports whether a Page is the one that somebody wishes: by its name, its
// number, or an address that ends in that.
func (p page) is(wanted string) bool {
	return wanted == "" || p.ID == wanted || strings.EqualFold(p.Name, wanted) || strings.HasSuffix(strings.TrimRight(wanted, "/"), "/"+p.ID)
}

// choose picks one of the Pages that a person manages.
func choose(all []page, wanted string) (page, error) {
	var found []page
	var names []string
	for _, p := range all {
		if !meta.ID(p.ID) || p.Token == "" {
			continue
		}
		names = append(names, p.Name)
		if p.is(wanted) {
			found = append(found, p)
		}
	}
	switch {
	case len(names) == 0:
		return page{}, &lastword.Mistake{Key: "connector.facebook.error.no-page", Field: fieldPage, Kind: lastword.ErrDenied}
	case len(found) != 1:
		return page{}, &lastword.Mistake{Key: "connector.facebook.error.which-page", Field: fieldPage, Kind: lastword.ErrDenied,
			Args: map[string]any{"Names": strings.Join(names, ", ")}}
	}
	return found[0], nil
}
