package wordpress

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"lastword"
	"lastword/listen"
)

// appID names Lastword among the application passwords of a user, so that a site
// can list or take back all of them (a UUID, as authorize-application.php wants).
const appID = "9b0d6f0e-6a43-4f0a-9d52-3c1c5c8b7e21"

// keptHome is what Authorize keeps for Exchange: whose password is expected.
const keptHome = "home"

// Authorize implements listen.Authorizer with WordPress's own way to give a
// program a password (Application Passwords Integration Guide, "Authorization
// Flow"): a person signs in at their site and agrees by a click.
func (c connector) Authorize(ctx context.Context, acct listen.Account, host listen.Host, redirect, state string) (string, map[string]string, error) {
	s, at, err := c.visit(ctx, acct, host)
	if err != nil {
		return "", nil, err
	}
	door, err := url.Parse(at.door)
	switch {
	case at.com:
		return "", nil, &lastword.Mistake{Key: "connector.wordpress.error.com", Field: fieldURL}
	case at.door == "" || err != nil || door.Hostname() == "":
		return "", nil, &lastword.Mistake{Key: "connector.wordpress.error.no-passwords", Field: fieldURL}
	case !safe(door) || !safe(s.at) && !safe(at.root):
		return "", nil, &lastword.Mistake{Key: "connector.wordpress.error.tls", Field: fieldURL}
	}
	back := func(extra string) string {
		sep := "?"
		if strings.Contains(redirect, "?") {
			sep = "&"
		}
		return redirect + sep + url.Values{"state": {state}}.Encode() + extra
	}
	q := door.Query()
	q.Set("app_name", "Lastword")
	q.Set("app_id", appID)
	q.Set("success_url", back(""))
	q.Set("reject_url", back("&error=access_denied"))
	door.RawQuery = q.Encode()
	return door.String(), map[string]string{keptHome: at.home}, nil
}

func (c connector) visit(ctx context.Context, acct listen.Account, host listen.Host) (*source, *site, error) {
	at, err := address(acct.Settings[fieldURL])
	if err != nil {
		return nil, nil, err
	}
	s := &source{host: host, at: at}
	found, err := s.find(ctx)
	return s, found, err
}

// Exchange implements listen.Authorizer. The site sends the person back with
// site_url, user_login and password. That the password is good, a question as
// that user proves.
func (c connector) Exchange(ctx context.Context, acct listen.Account, host listen.Host, _ string, kept map[string]string, answer url.Values) (map[string]string, error) {
	s, at, err := c.visit(ctx, acct, host)
	if err != nil {
		return nil, err
	}
	login, password := answer.Get("user_login"), answer.Get("password")
	switch {
	case login == "" || password == "":
		return nil, &lastword.Mistake{Key: "connector.wordpress.error.signin-refused", Field: fieldPassword}
	case kept[keptHome] != at.home: // the address was changed meanwhile
		return nil, &lastword.Mistake{Key: "connector.wordpress.error.signin-again", Field: fieldURL}
	}
	s.user, s.password = login, password
	if _, err := s.whoami(ctx); err != nil {
		return nil, fmt.Errorf("wordpress: the new password: %w", err)
	}
	return map[string]string{fieldUser: login, fieldPassword: password}, nil
}
