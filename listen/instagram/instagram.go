// Package instagram hears what is said to a company's professional account on
// Instagram (comments, comments and captions that name it, and messages) and
// answers as the account.
//
// It speaks the Instagram API with Instagram Login (docs/instagram-platform),
// which needs no Facebook Page. Messages are private voices of the network
// "instagram". What is published there needs a picture or a film, so that the
// connector is no listen.Publisher, and says so.
package instagram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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
const Name = "instagram"

// Names of the settings.
const (
	fieldApp    = "app"
	fieldSecret = "appsecret"
	fieldHook   = "hooksecret"
	fieldToken  = meta.KeptToken
	fieldFirst  = "first"
	fieldHuman  = "human"
)

// Names under which is kept what was granted, and which account was asked to push.
const (
	keptScope = "scope"
	keptPush  = "pushed"
)

// How long texts may be: comments as captions (2,200 characters), messages 1,000
// bytes (docs/instagram-platform/instagram-api-with-instagram-login/messaging-api).
const (
	maxComment = 2200
	maxMessage = 1000
)

const (
	graphAt   = "https://graph.instagram.com/" + meta.Version + "/"
	dialogAt  = "https://www.instagram.com/oauth/authorize"
	codeAt    = "https://api.instagram.com/oauth/access_token"
	longAt    = "https://graph.instagram.com/access_token"
	refreshAt = "https://graph.instagram.com/refresh_access_token"
)

// scopes are what we ask for (docs/instagram-platform/overview, "Permissions").
var scopes = [...]string{"instagram_business_basic", "instagram_business_manage_comments", "instagram_business_manage_messages", publishes}

// fields are what an account is asked to push (docs/instagram-platform/webhooks).
const fields = "comments,messages"

type connector struct{}

// New returns the connector "instagram", a listen.Authorizer.
//
// Settings: app and appsecret (of "Instagram" in the company's own app at Meta),
// hooksecret (of the app itself, where pushes are signed with that), token (as
// signing in brings it, or copied from Meta's pages), first ("public" or
// "private": how comments are answered where both is possible), human ("yes" where
// Meta granted the app the feature Human Agent).
func New() listen.Connector { return connector{} }

// Info implements listen.Connector.
func (connector) Info() listen.Info {
	return listen.Info{
		Name:    Name,
		Network: lastword.Network{Name: Name, Title: "Instagram", Reply: true, Limit: maxComment, Unit: lastword.Characters},
		Fields: []listen.Field{
			{Name: fieldApp, Required: true}, {Name: fieldSecret, Secret: true, Required: true}, {Name: fieldToken, Secret: true, Seldom: true},
			{Name: fieldHook, Secret: true, Seldom: true}, {Name: fieldFirst, Default: "public", Seldom: true}, {Name: fieldHuman, Default: "no", Seldom: true},
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
	private, human    bool
}

func mistake(field, what string) error {
	return &lastword.Mistake{Key: "connector.instagram.error." + what, Field: field}
}

func settings(acct listen.Account) (set, error) {
	get := func(field string) string { return strings.TrimSpace(acct.Settings[field]) }
	s := set{app: get(fieldApp), secret: get(fieldSecret), hook: get(fieldHook)}
	switch {
	case s.app == "" || strings.Trim(s.app, "0123456789") != "":
		return s, mistake(fieldApp, "app")
	case s.secret == "":
		return s, mistake(fieldSecret, "secret")
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
	host    listen.Host
	set     set
	graph   *meta.Graph
	token   *meta.Token
	granted string
	pushed  string
	hook    string

	mu sync.Mutex
	me account
}

// An account is whom we speak as. Instagram has two ids for it: that of the
// account, which pushes name, and one within the app.
type account struct {
	ID       string
	UserID   string `json:"user_id"`
	Username string
}

// is reports whether a place names us.
func (a account) is(who meta.Account) bool {
	return who.ID != "" && (who.ID == a.UserID || who.ID == a.ID) || who.Username != "" && who.Username == a.Username
}

// Open implements listen.Connector.
func (connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	s, err := settings(acct)
	if err != nil {
		return nil, err
	}
	token := &meta.Token{HTTP: host.HTTP, Now: host.Now, At: refreshAt, Grant: "ig_refresh_token", Keep: host.Keep, Kept: host.Kept}
	token.Load(acct.Settings)
	src := &source{host: host, set: s, token: token, granted: acct.Settings[keptScope], pushed: acct.Settings[keptPush], hook: acct.Hook,
		graph: &meta.Graph{HTTP: host.HTTP, Base: graphAt, Now: host.Now}}
	if acct.Hook == "" { // Instagram cannot fetch pictures from us, and takes them no other way
		return src, nil
	}
	return &poster{src}, nil
}

// call asks as the account.
func (s *source) call(ctx context.Context, r api.Request, out any) error {
	token, err := s.token.Get(ctx)
	if err != nil {
		return fmt.Errorf("instagram: %w", err)
	}
	if err := s.graph.Call(ctx, token, r, out); err != nil {
		return fmt.Errorf("instagram: %w", err)
	}
	return nil
}

// who returns our account, and asks for it only once.
func (s *source) who(ctx context.Context) (account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.me.UserID != "" {
		return s.me, nil
	}
	var got account
	if err := s.call(ctx, api.Request{URL: "me", Query: url.Values{"fields": {"id,user_id,username"}}}, &got); err != nil {
		return got, err
	}
	if !meta.ID(got.UserID) || got.Username == "" {
		return got, fmt.Errorf("instagram: %w", &lastword.Mistake{Key: "connector.instagram.error.account", Kind: lastword.ErrDenied})
	}
	s.me = got
	return got, s.subscribe(ctx, got)
}

// subscribe asks the account to push, once. Where it may not, the poll hears all
// the same.
func (s *source) subscribe(ctx context.Context, me account) error {
	if s.pushed == me.UserID || s.hook == "" || s.host.Keep == nil {
		return nil
	}
	if err := s.call(ctx, api.Request{Method: http.MethodPost, URL: "me/subscribed_apps", Form: url.Values{"subscribed_fields": {fields}}}, nil); err != nil {
		s.host.Log.WarnContext(ctx, "instagram: the account will not push", "err", err)
	}
	s.pushed = me.UserID
	if err := s.host.Keep(ctx, map[string]string{keptPush: me.UserID}); err != nil {
		return fmt.Errorf("instagram: who pushes could not be kept: %w", err)
	}
	return nil
}

// Authorize implements listen.Authorizer (docs/instagram-platform/
// instagram-api-with-instagram-login/business-login). Nobody is called.
func (connector) Authorize(_ context.Context, acct listen.Account, _ listen.Host, redirect, state string) (string, map[string]string, error) {
	s, err := settings(acct)
	if err != nil {
		return "", nil, err
	}
	q := url.Values{"client_id": {s.app}, "redirect_uri": {redirect}, "state": {state}, "response_type": {"code"}, "scope": {strings.Join(scopes[:], ",")}}
	return dialogAt + "?" + q.Encode(), nil, nil
}

// Exchange implements listen.Authorizer: the code becomes a token of an hour, and
// that one a token of sixty days. The account is asked to push by the first poll.
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
		Token       string `json:"access_token"`
		Permissions permissions
	}
	err = meta.Ask(ctx, host.HTTP, api.Request{URL: codeAt, Form: url.Values{
		"client_id": {s.app}, "client_secret": {s.secret}, "grant_type": {"authorization_code"}, "redirect_uri": {redirect}, "code": {code},
	}}, &short)
	if err != nil || short.Token == "" {
		return nil, refused(err)
	}
	kept, err := meta.Renew(ctx, host.HTTP, longAt, url.Values{"grant_type": {"ig_exchange_token"}, "client_secret": {s.secret}, "access_token": {short.Token}}, host.Now())
	if err != nil {
		return nil, refused(err)
	}
	kept[keptScope], kept[keptPush] = strings.Join(short.Permissions, ","), ""
	return kept, nil
}

// permissions come as a list, or as one text with commas.
type permissions []string

// UnmarshalJSON reads both.
func (p *permissions) UnmarshalJSON(raw []byte) error {
	*p = strings.FieldsFunc(string(raw), func(r rune) bool { return (r < 'a' || r > 'z') && r != '_' })
	return nil
}

// refused says what it means that no token is given.
func refused(err error) error {
	if err == nil {
		return fmt.Errorf("instagram: an answer without a token: %w", lastword.ErrUnavailable)
	}
	if errors.Is(err, lastword.ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "connector.meta.error.app", Field: fieldSecret, Kind: lastword.ErrDenied})
}

// Check implements listen.Checker: what was granted, whether the account pushes,
// and when the sign-in or the version of the interface ends.
func (s *source) Check(ctx context.Context) ([]listen.Ability, error) {
	if _, err := s.who(ctx); err != nil {
		return nil, err
	}
	now, granted := s.host.Now(), strings.Split(s.granted, ",")
	able := func(name, needs string) listen.Ability {
		if s.granted != "" && !slices.Contains(granted, needs) { // of a copied token nobody says what it may
			return listen.Ability{Name: name, Why: "connector.meta.error.scope"}
		}
		a := listen.Ability{Name: name, Can: true}
		// The token is renewed half-way: it ends soon only where that fails.
		if end := meta.Ends(now, s.token.Until()); !end.IsZero() && end.Sub(now) < 4*7*24*time.Hour {
			a.Until, a.Why = end, "why.meta_signin_ends"
		} else if end := meta.Ends(now, meta.Sunset()); !end.IsZero() {
			a.Until, a.Why = end, "why.meta_version_ends"
		}
		return a
	}
	var got struct {
		Data []struct {
			Fields []string `json:"subscribed_fields"`
		}
	}
	stream := listen.Ability{Name: "stream", Why: "why.meta_no_push"}
	if err := s.call(ctx, api.Request{URL: "me/subscribed_apps"}, &got); err == nil && len(got.Data) > 0 && slices.Contains(got.Data[0].Fields, "comments") {
		stream = able("stream", "instagram_business_manage_comments")
	} else if err != nil && !meta.Refused(err) {
		return nil, err
	}
	publish := listen.Ability{Name: "publish", Why: "why.instagram_unreachable"}
	if s.hook != "" {
		if publish = able("publish", publishes); publish.Can && publish.Why == "" {
			publish.Why = "why.instagram_media"
		}
	}
	return []listen.Ability{
		able("hear", "instagram_business_manage_comments"), stream, {Name: "search", Why: "why.meta_no_search"},
		able("reply", "instagram_business_manage_comments"), able("message", "instagram_business_manage_messages"),
		publish, {Name: "edit", Why: "why.instagram_stays"}, able("delete", "instagram_business_manage_comments"),
	}, nil
}
