package ghost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/httpx"
	"lastword/listen"
)

// A site is where an Admin API is.
type site struct {
	base    string // ends in "/ghost/api/admin"
	home    string // host and folder of the site: the beginning of every key
	version string
}

// minVersion is asked for in every call (docs.ghost.org/faq/api-versioning).
const minVersion = "v5.0"

// find returns the site, and looks for it only once.
func (s *source) find(ctx context.Context) (*site, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.found != nil {
		return s.found, nil
	}
	found, err := s.discover(ctx)
	if err == nil {
		s.found = found
	}
	return found, err
}

// discover asks for what everybody may know (Admin API, "/site/"). A site sends
// it on to the address where one signs in, if that is another: there the API is.
func (s *source) discover(ctx context.Context) (*site, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.at.String()+"/ghost/api/admin/site/", nil)
	if err != nil {
		return nil, fmt.Errorf("ghost: %w", lastword.ErrInvalid)
	}
	req.Header.Set("Accept-Version", minVersion)
	resp, err := httpx.Do(s.host.HTTP, req)
	_, _, refused := api.Refusal(err)
	switch {
	case errors.Is(err, httpx.ErrInner):
		return nil, fmt.Errorf("ghost: %w", &lastword.Mistake{Key: "connector.ghost.error.inner", Field: fieldURL, Kind: lastword.ErrDenied})
	case refused && !errors.Is(err, lastword.ErrUnavailable):
		return nil, fmt.Errorf("ghost: %v: %w", err, &lastword.Mistake{Key: "connector.ghost.error.no-ghost", Field: fieldURL, Kind: lastword.ErrDenied})
	case err != nil:
		return nil, fmt.Errorf("ghost: %w", err)
	}
	body, err := httpx.Read(resp)
	if err != nil {
		return nil, fmt.Errorf("ghost: %w", err)
	}
	var got struct{ Site struct{ URL, Version string } }
	at := resp.Request.URL
	unread := json.Unmarshal(body, &got)
	home, wrong := url.Parse(got.Site.URL)
	path, ok := strings.CutSuffix(strings.TrimRight(at.Path, "/"), "/site")
	if unread != nil || wrong != nil || home.Hostname() == "" || !ok || at.Scheme != "https" && !inside(at) {
		return nil, fmt.Errorf("ghost: %w", &lastword.Mistake{Key: "connector.ghost.error.no-ghost", Field: fieldURL, Kind: lastword.ErrDenied})
	}
	return &site{
		base: at.Scheme + "://" + at.Host + path, version: got.Site.Version,
		home: strings.TrimPrefix(strings.ToLower(home.Host), "www.") + strings.TrimRight(home.Path, "/"),
	}, nil
}

// token signs a call (Admin API, "Token authentication": HS256, audience
// "/admin/", at most five minutes).
func (k key) token(now time.Time) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iat": now.Add(-30 * time.Second).Unix(), "exp": now.Add(4 * time.Minute).Unix(), "aud": "/admin/", // clocks differ
	})
	t.Header["kid"] = k.id
	return t.SignedString(k.secret)
}

// A call is one question to the Admin API.
type call struct {
	method, path string
	query        url.Values
	body         any
	raw          []byte // the body as it is, of the type kind, where body is nil
	kind         string
}

func (s *source) ask(ctx context.Context, k call, out any) error {
	at, err := s.find(ctx)
	if err != nil {
		return err
	}
	token, err := s.key.token(s.host.Now())
	if err != nil {
		return fmt.Errorf("ghost: sign: %w", lastword.ErrInvalid)
	}
	head := http.Header{"Authorization": {"Ghost " + token}, "Accept-Version": {minVersion}}
	if k.raw != nil {
		head.Set("Content-Type", k.kind)
	}
	_, err = api.Do(ctx, s.host.HTTP, api.Request{
		Method: k.method, URL: at.base + k.path, Query: k.query, JSON: k.body, Raw: k.raw, Header: head,
	}, out)
	return refused(err)
}

// A refusal is an error of Ghost: {"errors": [{"type", "code", …}]}. Its message
// is not read.
type refusal struct {
	kind, code string // such as "NotFoundError"; empty where something before Ghost spoke
	status     int
	err        error
}

func (e *refusal) Error() string { return fmt.Sprintf("ghost: %v (%s %s)", e.err, e.kind, e.code) }

// Unwrap returns the kind of failure.
func (e *refusal) Unwrap() error { return e.err }

func refused(err error) error {
	body, status, ok := api.Refusal(err)
	if !ok {
		if err != nil {
			err = fmt.Errorf("ghost: %w", err)
		}
		return err
	}
	e := &refusal{status: status, err: err}
	var said struct {
		Errors []struct{ Type, Code json.RawMessage }
	}
	if json.Unmarshal(body, &said) == nil && len(said.Errors) > 0 {
		e.kind, e.code = word(said.Errors[0].Type), word(said.Errors[0].Code)
	}
	return e
}

// word reads a type or code; a long one is none.
func word(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil || len(s) > 60 {
		return ""
	}
	return s
}

func refusalOf(err error) *refusal {
	var e *refusal
	if errors.As(err, &e) {
		return e
	}
	return &refusal{}
}

// judged says what a refusal means for the channel as a whole.
func judged(err error) error {
	e := refusalOf(err)
	what := ""
	switch {
	case e.status == 0 || errors.Is(err, lastword.ErrUnavailable):
		return err
	case e.status == http.StatusUnauthorized, e.code == "INVALID_JWT", e.code == "UNKNOWN_ADMIN_API_KEY", e.code == "INVALID_API_KEY_TYPE":
		what = "connector.ghost.error.key-refused"
	case e.kind == "" && e.status == http.StatusForbidden:
		what = "connector.ghost.error.blocked"
	case e.status == http.StatusForbidden:
		what = "connector.ghost.error.rights"
	case e.status == http.StatusNotAcceptable:
		what = "connector.ghost.error.version"
	default:
		return err
	}
	return fmt.Errorf("%w: %w", err, &lastword.Mistake{Key: what, Kind: lastword.ErrDenied})
}

// Check implements listen.Checker.
func (s *source) Check(ctx context.Context) ([]listen.Ability, error) {
	if _, err := s.posts(ctx, url.Values{"limit": {"1"}}); err != nil {
		return nil, err
	}
	var got comments
	err := s.ask(ctx, call{path: "/comments/", query: url.Values{"limit": {"1"}}}, &got)
	if err != nil && !withoutComments(err) {
		return nil, judged(err)
	}
	hears := err == nil
	hear := listen.Ability{Name: "hear", Can: true}
	reply := listen.Ability{Name: "reply"}
	switch {
	case !hears:
		hear.Why, reply.Why = "connector.ghost.error.no-comments", "connector.ghost.error.no-comments"
	case s.member == "":
		reply.Why = "connector.ghost.error.member-missing"
	default:
		if _, err := s.writer(ctx); err != nil {
			var m *lastword.Mistake
			if !errors.As(err, &m) {
				return nil, err
			}
			reply.Why = m.Key
			break
		}
		reply.Can = true
	}
	return []listen.Ability{
		hear, reply,
		{Name: "publish", Can: true},
		{Name: "edit", Can: true, Why: "connector.ghost.error.no-edit"}, // posts, not comments
		{Name: "delete", Can: true},
	}, nil
}

// withoutComments reports whether a refusal says that this Ghost lets no
// integration at comments.
func withoutComments(err error) bool {
	e := refusalOf(err)
	return e.kind != "" && (e.status == http.StatusNotFound || e.status == http.StatusNotImplemented ||
		e.status == http.StatusForbidden || e.status == http.StatusMethodNotAllowed)
}
