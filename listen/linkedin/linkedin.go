// Package linkedin hears what is said to a company's page on LinkedIn (comments
// below its posts, posts that name it) and answers as the page.
//
// It speaks LinkedIn's versioned API (learn.microsoft.com/linkedin/marketing/
// community-management): notifications by question and by push, comments and posts.
//
// LinkedIn lets what members say be kept for 48 hours (…/marketing/
// data-storage-requirements, "social activity"), and their profiles for 24: so a
// voice is handed over as deleted when its time is over, and of its author nothing
// is kept but the number LinkedIn gives.
package linkedin

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/listen"
)

// Name is the connector's and the network's name.
const Name = "linkedin"

// Names of the settings.
const (
	fieldClient  = "client"
	fieldSecret  = "clientsecret"
	fieldPage    = "page"
	fieldToken   = "token"
	fieldKeep    = "keep"
	fieldApp     = "appid"
	fieldVersion = "version"
)

// How long texts may be, in characters, as LinkedIn's pages take them.
const (
	maxComment = 1250
	maxPost    = 3000
)

// version is the version that is spoken where nobody sets another.
const version = "202608"

// ends is when a version may end: a year after its month ("LinkedIn API
// versioning": each is supported for at least twelve months), and not before the
// middle of it, as all former ones.
func ends(version string) time.Time {
	at, err := time.Parse("200601", version)
	if err != nil {
		return time.Time{}
	}
	return at.AddDate(1, 0, 14)
}

const (
	apiAt   = "https://api.linkedin.com/rest/"
	grantAt = "https://www.linkedin.com/oauth/v2/authorization"
	tokenAt = "https://www.linkedin.com/oauth/v2/accessToken"
)

// scopes are what we ask for: what is said to the page, answering and publishing
// as the page, and whose page it is.
var scopes = [...]string{"r_organization_social", "w_organization_social", "rw_organization_admin"}

type connector struct{}

// New returns the connector "linkedin", a listen.Authorizer.
//
// Settings: client and clientsecret (of the company's own app at LinkedIn), page
// (number of the page, where several are managed), token (as signing in brings it,
// or made on LinkedIn's pages), keep (hours that members' words are kept), appid
// (number of the app, for pushes), version (of the interface).
func New() listen.Connector { return connector{} }

// Info implements listen.Connector.
func (connector) Info() listen.Info {
	return listen.Info{
		Name:    Name,
		Network: lastword.Network{Name: Name, Title: "LinkedIn", Reply: true, Limit: maxComment, Unit: lastword.Characters},
		Fields: []listen.Field{
			{Name: fieldClient, Required: true}, {Name: fieldSecret, Secret: true, Required: true}, {Name: fieldPage}, {Name: fieldToken, Secret: true, Seldom: true},
			{Name: fieldKeep, Default: "48", Seldom: true}, {Name: fieldApp, Seldom: true}, {Name: fieldVersion, Default: version, Seldom: true},
		},
		Every:  5 * time.Minute,
		Pace:   5 * time.Second,
		All:    true,
		Hook:   true,
		Shared: fieldClient,
		SignIn: listen.SignIn{Offered: true, Enter: true},
	}
}

// keepAll is for how long LinkedIn lets everybody keep members' words.
const keepAll = 48 * time.Hour

// keepOf reads for how many hours members' words are kept.
func keepOf(s string) (time.Duration, error) {
	if strings.TrimSpace(s) == "" {
		return keepAll, nil
	}
	hours, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || hours < 1 || hours > 8760 {
		return 0, lastword.ErrInvalid
	}
	return time.Duration(hours) * time.Hour, nil
}

// A set is the settings, checked.
type set struct {
	client, secret, page, app, version string
	keep                               time.Duration
}

func mistake(field, what string) error {
	return &lastword.Mistake{Key: "connector.linkedin.error." + what, Field: field}
}

func settings(acct listen.Account) (set, error) {
	get := func(field string) string { return strings.TrimSpace(acct.Settings[field]) }
	s := set{client: get(fieldClient), secret: get(fieldSecret), page: pageNumber(get(fieldPage)), app: get(fieldApp), version: get(fieldVersion), keep: 48 * time.Hour}
	if s.version == "" {
		s.version = version
	}
	keep, err := keepOf(get(fieldKeep))
	if err != nil {
		return s, mistake(fieldKeep, "keep")
	}
	s.keep = keep
	switch {
	case s.client == "":
		return s, mistake(fieldClient, "client")
	case s.secret == "":
		return s, mistake(fieldSecret, "secret")
	case get(fieldPage) != "" && !isNumber(s.page):
		return s, mistake(fieldPage, "page")
	case s.app != "" && !isNumber(s.app):
		return s, mistake(fieldApp, "appid")
	case len(s.version) != 6 || !isNumber(s.version) || ends(s.version).IsZero():
		return s, mistake(fieldVersion, "version")
	}
	return s, nil
}

func isNumber(s string) bool { return s != "" && len(s) <= 30 && strings.Trim(s, "0123456789") == "" }

// pageNumber takes the number out of an address like
// https://www.linkedin.com/company/96072893/admin/.
func pageNumber(s string) string {
	if _, after, ok := strings.Cut(s, "/company/"); ok {
		s, _, _ = strings.Cut(after, "/")
	}
	return strings.TrimPrefix(s, orgURN)
}

const orgURN = "urn:li:organization:"

type source struct {
	host  listen.Host
	set   set
	login *login
	hook  string

	mu   sync.Mutex
	page page
}

// A page is whom we speak as, and who manages it.
type page struct{ org, person string }

// Open implements listen.Connector.
func (connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	s, err := settings(acct)
	if err != nil {
		return nil, err
	}
	return &source{host: host, set: s, hook: acct.Hook, login: &login{host: host, set: s, tokens: tokensOf(acct.Settings)}}, nil
}

// me returns the page, and asks for it only once (…/organizations/
// organization-access-control-by-role).
func (s *source) me(ctx context.Context) (page, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.page.org != "" {
		return s.page, nil
	}
	var got struct {
		Elements []struct{ Organization, OrganizationTarget, RoleAssignee string }
	}
	if err := s.ask(ctx, api.Request{URL: "organizationAcls?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED"}, &got); err != nil {
		return page{}, err
	}
	var all []string
	var found []page
	for _, e := range got.Elements {
		org := e.Organization
		if org == "" {
			org = e.OrganizationTarget
		}
		number, ok := strings.CutPrefix(org, orgURN)
		if !ok || !isNumber(number) || slices.Contains(all, number) {
			continue
		}
		all = append(all, number)
		if s.set.page == "" || s.set.page == number {
			found = append(found, page{org: org, person: e.RoleAssignee})
		}
	}
	switch {
	case len(found) == 1:
		s.page = found[0]
		return s.page, nil
	case len(found) == 0:
		return page{}, &lastword.Mistake{Key: "connector.linkedin.error.no-page", Field: fieldPage, Kind: lastword.ErrDenied}
	}
	return page{}, &lastword.Mistake{Key: "connector.linkedin.error.several-pages", Field: fieldPage, Kind: lastword.ErrDenied}
}

// Check implements listen.Checker.
func (s *source) Check(ctx context.Context) ([]listen.Ability, error) {
	me, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := s.notifications(ctx, me, s.host.Now().Add(-time.Hour), 0); err != nil {
		return nil, err
	}
	now, t := s.host.Now(), s.login.now()
	able := func(name, needs string) listen.Ability {
		if t.scope != "" && !t.may(needs) { // of a copied token nobody says what it may
			return listen.Ability{Name: name, Why: "connector.linkedin.error.scope"}
		}
		a := listen.Ability{Name: name, Can: true}
		if end := t.ends(); !end.IsZero() && end.Sub(now) < notice {
			a.Until, a.Why = end, "why.linkedin_signin_ends"
		} else if end := ends(s.set.version); end.Sub(now) < notice {
			a.Until, a.Why = end, "why.linkedin_version_ends"
		}
		return a
	}
	stream := able("stream", "rw_organization_admin")
	if s.set.app == "" || s.hook == "" {
		stream = listen.Ability{Name: "stream", Why: "why.linkedin_no_push"}
	}
	return []listen.Ability{
		able("hear", "rw_organization_admin"), stream, {Name: "search", Why: "why.linkedin_no_search"}, able("reply", "w_organization_social"),
		able("publish", "w_organization_social"), able("edit", "w_organization_social"), able("delete", "w_organization_social"),
	}, nil
}

// notice is how long before its end a version or a sign-in raises its hand.
const notice = 8 * 7 * 24 * time.Hour

// Authorize implements listen.Authorizer ("Authorization Code Flow (3-legged
// OAuth)"). Nobody is called.
func (connector) Authorize(_ context.Context, acct listen.Account, _ listen.Host, redirect, state string) (string, map[string]string, error) {
	s, err := settings(acct)
	if err != nil {
		return "", nil, err
	}
	q := url.Values{"response_type": {"code"}, "client_id": {s.client}, "redirect_uri": {redirect}, "state": {state}, "scope": {strings.Join(scopes[:], " ")}}
	return grantAt + "?" + q.Encode(), nil, nil
}

// Exchange implements listen.Authorizer.
func (connector) Exchange(ctx context.Context, acct listen.Account, host listen.Host, redirect string, _ map[string]string, answer url.Values) (map[string]string, error) {
	s, err := settings(acct)
	if err != nil {
		return nil, err
	}
	code := answer.Get("code")
	if code == "" { // RFC 6749 §4.1.2.1
		return nil, &lastword.Mistake{Key: "connector.linkedin.error.signin-refused"}
	}
	t, err := grant(ctx, host, s, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect}})
	if err != nil {
		return nil, err
	}
	for _, scope := range scopes {
		if t.scope != "" && !t.may(scope) {
			return nil, &lastword.Mistake{Key: "connector.linkedin.error.scope"}
		}
	}
	src := &source{host: host, set: s, login: &login{host: host, set: s, tokens: t}}
	if _, err := src.me(ctx); err != nil {
		return nil, fmt.Errorf("linkedin: %w", err)
	}
	return t.secrets(), nil
}
