package facebook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/meta"
	"lastword/listen"
)

// Authorize implements listen.Authorizer (docs/facebook-login/guides/advanced/
// manual-flow). Nobody is called.
func (connector) Authorize(_ context.Context, acct listen.Account, _ listen.Host, redirect, state string) (string, map[string]string, error) {
	s, err := settings(acct)
	if err != nil {
		return "", nil, err
	}
	q := url.Values{"client_id": {s.app}, "redirect_uri": {redirect}, "state": {state}, "response_type": {"code"}, "scope": {strings.Join(scopes[:], ",")}}
	if s.config != "" { // docs/facebook-login/facebook-login-for-business: it names the rights itself
		q.Set("config_id", s.config)
		q.Del("scope")
	}
	return dialogAt + "?" + q.Encode(), nil, nil
}

// Exchange implements listen.Authorizer: the code becomes a person's token, that
// one a long-lived one, and that one the Page's, which has no end. The Page is
// then asked to push; where it may not, the poll hears all the same.
func (connector) Exchange(ctx context.Context, acct listen.Account, host listen.Host, redirect string, _ map[string]string, answer url.Values) (map[string]string, error) {
	s, err := settings(acct)
	if err != nil {
		return nil, err
	}
	code, err := meta.Code(answer)
	if err != nil {
		return nil, err
	}
	at := graphAt + "oauth/access_token"
	app := url.Values{"client_id": {s.app}, "client_secret": {s.secret}, "redirect_uri": {redirect}, "code": {code}}
	short, err := meta.Renew(ctx, host.HTTP, at, app, host.Now())
	if err != nil {
		return nil, refused(err)
	}
	long, err := meta.Renew(ctx, host.HTTP, at, url.Values{
		"grant_type": {"fb_exchange_token"}, "client_id": {s.app}, "client_secret": {s.secret}, "fb_exchange_token": {short[meta.KeptToken]},
	}, host.Now())
	if err != nil {
		return nil, refused(err)
	}
	g := graph(host, s)
	p, err := find(ctx, g, long[meta.KeptToken], s.page)
	if err != nil {
		return nil, err
	}
	if err := subscribe(ctx, g, p); err != nil {
		host.Log.WarnContext(ctx, "facebook: the page will not push", "err", err)
	}
	return p.secrets(s.page), nil
}

// refused says what it means that no token is given: a code is old, or the app's
// id and secret do not belong together (code 1 and 101).
func refused(err error) error {
	if meta.Has(err, 1, 101) {
		return fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "connector.meta.error.app", Field: fieldSecret, Kind: lastword.ErrDenied})
	}
	if errors.Is(err, lastword.ErrInvalid) {
		return fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "connector.meta.error.signin-again", Kind: lastword.ErrDenied})
	}
	return err
}

// subscribe lets the Page push to the app (docs/graph-api/reference/page/
// subscribed_apps).
func subscribe(ctx context.Context, g *meta.Graph, p page) error {
	return g.Call(ctx, p.Token, api.Request{Method: http.MethodPost, URL: p.ID + "/subscribed_apps", Form: url.Values{"subscribed_fields": {fields}}}, nil)
}

// Check implements listen.Checker: the scopes of the token, whether the Page
// pushes, and when the sign-in or the version of the interface ends.
func (s *source) Check(ctx context.Context) ([]listen.Ability, error) {
	me, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	granted, until, err := s.graph.Scopes(ctx, s.set.app+"|"+s.set.secret, me.Token)
	if err != nil {
		return nil, fmt.Errorf("facebook: %w", err)
	}
	now := s.host.Now()
	able := func(name string, needs ...string) listen.Ability {
		a := listen.Ability{Name: name, Can: true}
		for _, scope := range needs {
			if !slices.Contains(granted, scope) {
				return listen.Ability{Name: name, Why: "connector.meta.error.scope"}
			}
		}
		if end := meta.Ends(now, until); !end.IsZero() {
			a.Until, a.Why = end, "why.meta_signin_ends"
		} else if end := meta.Ends(now, meta.Sunset()); !end.IsZero() {
			a.Until, a.Why = end, "why.meta_version_ends"
		}
		return a
	}
	stream := able("stream", "pages_manage_metadata")
	if stream.Can {
		if stream.Can, err = s.pushes(ctx, me); err != nil {
			return nil, err
		} else if !stream.Can {
			stream = listen.Ability{Name: "stream", Why: "why.meta_no_push", Until: time.Time{}}
		}
	}
	return []listen.Ability{
		able("hear", "pages_read_engagement", "pages_read_user_content"), stream, {Name: "search", Why: "why.meta_no_search"},
		able("reply", "pages_manage_engagement"), able("message", "pages_messaging"), able("publish", "pages_manage_posts"),
		able("edit", "pages_manage_engagement"), able("delete", "pages_manage_engagement"),
	}, nil
}

// pushes reports whether the Page pushes to our app.
func (s *source) pushes(ctx context.Context, me page) (bool, error) {
	var got struct{ Data []struct{ ID string } }
	err := s.graph.Call(ctx, me.Token, api.Request{URL: me.ID + "/subscribed_apps"}, &got)
	if meta.Refused(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("facebook: %w", err)
	}
	return slices.ContainsFunc(got.Data, func(a struct{ ID string }) bool { return a.ID == s.set.app }), nil
}
