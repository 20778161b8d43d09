package wordpress

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/httpx"
)

// A known is what was found out about a site.
type known struct {
	mu   sync.Mutex
	site *site
	me   *user
}

// A site is where the REST API of a WordPress is.
type site struct {
	root *url.URL // of the API
	home string   // of the site, as it names itself: host and folder, the beginning of every key
	door string   // where a person allows a program to sign in; empty: nowhere
	com  bool     // a WordPress.com site without plugins: read only, and the paths lack "wp/v2"
}

// A user is the account that we sign in as.
type user struct {
	ID           int64           `json:"id"`
	Name         string          `json:"name"`
	Capabilities map[string]bool `json:"capabilities"`
}

// may reports whether the account has a capability (Roles and Capabilities);
// nobody has none.
func (u *user) may(capability string) bool { return u != nil && u.Capabilities[capability] }

// comAPI is where WordPress.com answers for its sites (developer.wordpress.com,
// "Using the REST API on WordPress.com").
const comAPI = "https://public-api.wordpress.com/wp/v2/sites/"

// find returns the site, and looks for it only once.
func (s *source) find(ctx context.Context) (*site, error) {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	if s.known.site != nil {
		return s.known.site, nil
	}
	found, err := s.discover(ctx)
	if err == nil {
		s.known.site = found
	}
	return found, err
}

// discover follows the REST API Handbook, "Discovery": the front page names the
// root in its Link header. Where that is lost, the two places where it can be are
// tried.
func (s *source) discover(ctx context.Context) (*site, error) {
	var roots []*url.URL
	named, err := s.named(ctx)
	if err != nil {
		return nil, err
	}
	if named != nil {
		roots = append(roots, named)
	}
	if s.at.Hostname() != "wordpress.com" && strings.HasSuffix(s.at.Hostname(), ".wordpress.com") && named == nil {
		root, err := url.Parse(comAPI + s.at.Hostname())
		return &site{root: root, home: s.at.Hostname(), com: true}, err
	}
	base := strings.TrimSuffix(s.at.Path, "/")
	pretty, plain := *s.at, *s.at
	pretty.Path, pretty.RawQuery = base+"/wp-json/", ""
	plain.Path, plain.RawQuery = base+"/", "rest_route=/"
	for _, root := range append(roots, &pretty, &plain) {
		var found *site
		if found, err = s.index(ctx, root); err == nil || errors.Is(err, lastword.ErrUnavailable) && !errors.Is(err, api.ErrMalformed) {
			return found, err
		}
	}
	return nil, notThere(err)
}

// notThere says why no root answered, by the answer of the last.
func notThere(err error) error {
	_, status, refused := api.Refusal(err)
	switch {
	case refused && (status == http.StatusUnauthorized || status == http.StatusForbidden):
		return fmt.Errorf("wordpress: %w", &lastword.Mistake{Key: "connector.wordpress.error.closed", Field: fieldURL, Kind: lastword.ErrDenied})
	case refused, errors.Is(err, api.ErrMalformed):
		return fmt.Errorf("wordpress: %w", &lastword.Mistake{Key: "connector.wordpress.error.no-rest", Field: fieldURL, Kind: lastword.ErrDenied})
	}
	return fmt.Errorf("wordpress: %w", err)
}

// named asks the front page for the root of the REST API; nil where it names
// none. Servers that refuse HEAD are asked for the page.
func (s *source) named(ctx context.Context) (*url.URL, error) {
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		req, err := http.NewRequestWithContext(ctx, method, s.at.String(), nil)
		if err != nil {
			return nil, fmt.Errorf("wordpress: %w", lastword.ErrInvalid)
		}
		resp, err := httpx.Do(s.host.HTTP, req)
		if _, _, refused := api.Refusal(err); refused && !errors.Is(err, lastword.ErrUnavailable) {
			continue
		}
		if err != nil {
			return nil, inner(err)
		}
		link := resp.Header.Values("Link")
		if err := resp.Body.Close(); err != nil {
			s.host.Log.Info("wordpress: close the front page", "why", err)
		}
		return rootIn(link, resp.Request.URL), nil
	}
	return nil, nil
}

// inner tells of an address that may not be asked, and passes on the rest.
func inner(err error) error {
	if errors.Is(err, httpx.ErrInner) {
		return fmt.Errorf("wordpress: %w", &lastword.Mistake{Key: "connector.wordpress.error.inner", Field: fieldURL, Kind: lastword.ErrDenied})
	}
	return fmt.Errorf("wordpress: %w", err)
}

// rootIn reads the Link headers (RFC 8288 §3) of a page for the relation
// https://api.w.org/. A page that came by TLS names no root without.
func rootIn(links []string, page *url.URL) *url.URL {
	for _, line := range links {
		for part := range strings.SplitSeq(line, ", ") {
			target, params, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(part), "<"), ">")
			if !ok || !strings.Contains(params, "https://api.w.org/") {
				continue
			}
			root, err := page.Parse(target)
			if err == nil && root.Hostname() != "" && (root.Scheme == "https" || root.Scheme == "http" && page.Scheme == "http") {
				return root
			}
		}
	}
	return nil
}

// index asks a root what it is (REST API Handbook, "Discovery": authentication).
func (s *source) index(ctx context.Context, root *url.URL) (*site, error) {
	var got struct {
		Home, URL      string
		Namespaces     []string
		Authentication json.RawMessage // an empty list where there is none
	}
	_, err := api.Do(ctx, s.host.HTTP, api.Request{URL: root.String(), Query: url.Values{"_fields": {"home,url,namespaces,authentication"}}}, &got)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(got.Namespaces, "wp/v2") {
		return nil, fmt.Errorf("wordpress: a root without wp/v2: %w: %w", api.ErrMalformed, lastword.ErrUnavailable)
	}
	var ways map[string]struct {
		Endpoints struct{ Authorization string }
	}
	found := &site{root: root, home: homeOf(got.Home, s.at)}
	if json.Unmarshal(got.Authentication, &ways) == nil {
		found.door = ways["application-passwords"].Endpoints.Authorization
	}
	return found, nil
}

// homeOf makes the beginning of all keys of a site from its own name for itself,
// which stays when somebody enters the address in another way.
func homeOf(home string, typed *url.URL) string {
	at, err := url.Parse(home)
	if err != nil || at.Hostname() == "" {
		at = typed
	}
	return strings.TrimPrefix(strings.ToLower(at.Host), "www.") + strings.TrimSuffix(at.Path, "/")
}

// to returns the address of a route such as "/comments".
func (w *site) to(route string, q url.Values) api.Request {
	at := *w.root
	route = "/wp/v2" + route
	query := url.Values{}
	for name, values := range q {
		query[name] = values
	}
	switch {
	case w.com:
		at.Path = strings.TrimSuffix(at.Path, "/") + strings.TrimPrefix(route, "/wp/v2")
	case at.Query().Has("rest_route"):
		query.Set("rest_route", route)
	default:
		at.Path = strings.TrimSuffix(at.Path, "/") + route
	}
	return api.Request{URL: at.String(), Query: query}
}

// A call is one question to the REST API.
type call struct {
	method string
	route  string // below wp/v2
	query  url.Values
	body   map[string]any
	raw    []byte // or its bytes, with what header says of them
	header http.Header
}

// ask signs in, where there is an account, and decodes the answer into out.
func (s *source) ask(ctx context.Context, k call, out any) (http.Header, error) {
	at, err := s.find(ctx)
	if err != nil {
		return nil, err
	}
	r := at.to(k.route, k.query)
	r.Method, r.Header, r.Raw = k.method, http.Header{}, k.raw
	maps.Copy(r.Header, k.header)
	if k.body != nil {
		r.JSON = k.body
	}
	if s.user != "" {
		switch {
		case at.com:
			return nil, &lastword.Mistake{Key: "connector.wordpress.error.com", Field: fieldUser, Kind: lastword.ErrDenied}
		case !safe(at.root):
			return nil, &lastword.Mistake{Key: "connector.wordpress.error.tls", Field: fieldURL, Kind: lastword.ErrDenied}
		}
		auth := &http.Request{Header: r.Header}
		auth.SetBasicAuth(s.user, s.password)
	}
	h, err := api.Do(ctx, s.host.HTTP, r, out)
	if errors.Is(err, lastword.ErrDenied) { // the account may have other rights by now
		s.known.mu.Lock()
		s.known.me = nil
		s.known.mu.Unlock()
	}
	return h, refused(err)
}

// A refusal is a WP_Error as the REST API gives it: {"code", "message",
// "data": {"status"}}. Its message is in the site's language and is not read.
type refusal struct {
	code   string // empty where no WordPress spoke, but something before it
	status int
	err    error
}

func (e *refusal) Error() string { return fmt.Sprintf("wordpress: %v (%s)", e.err, e.code) }

// Unwrap returns the kind of failure.
func (e *refusal) Unwrap() error { return e.err }

func refused(err error) error {
	body, status, ok := api.Refusal(err)
	if !ok {
		if err != nil {
			err = fmt.Errorf("wordpress: %w", err)
		}
		return err
	}
	var said struct{ Code string }
	if json.Unmarshal(body, &said) != nil || len(said.Code) > 100 {
		said.Code = codeIn(body)
	}
	return &refusal{code: said.Code, status: status, err: err}
}

// codeIn reads the code from the beginning of a long answer: data may hold more
// than was kept of it.
func codeIn(body []byte) string {
	rest, ok := strings.CutPrefix(strings.TrimSpace(string(body)), `{"code":"`)
	code, _, closed := strings.Cut(rest, `"`)
	if !ok || !closed || len(code) > 100 {
		return ""
	}
	return code
}

// codeOf returns the code of a refusal, and whether err is one.
func codeOf(err error) (code string, status int, ok bool) {
	var e *refusal
	if !errors.As(err, &e) {
		return "", 0, false
	}
	return e.code, e.status, true
}

// judged says what a refusal means for the channel as a whole: that a person
// must act, and how.
func (s *source) judged(err error) error {
	code, status, ok := codeOf(err)
	if !ok || errors.Is(err, lastword.ErrUnavailable) {
		return err
	}
	what := ""
	switch {
	case strings.HasPrefix(code, "application_passwords_disabled"):
		what = "connector.wordpress.error.no-passwords"
	case code == "" && (status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotAcceptable):
		what = "connector.wordpress.error.blocked"
	case status == http.StatusUnauthorized && s.user != "":
		what = "connector.wordpress.error.signin"
	case status == http.StatusUnauthorized:
		what = "connector.wordpress.error.closed"
	case status == http.StatusForbidden:
		what = "connector.wordpress.error.rights"
	case status == http.StatusNotFound && code == "rest_no_route":
		what = "connector.wordpress.error.no-rest"
	default:
		return err
	}
	return fmt.Errorf("%w: %w", err, &lastword.Mistake{Key: what, Kind: lastword.ErrDenied})
}

// whoami returns the account, nil where nobody signs in, and asks only once.
func (s *source) whoami(ctx context.Context) (*user, error) {
	if s.user == "" {
		return nil, nil
	}
	s.known.mu.Lock()
	me := s.known.me
	s.known.mu.Unlock()
	if me != nil {
		return me, nil
	}
	// Some say "false" for a capability, and plugins say 1.
	var got struct {
		user
		Capabilities map[string]any `json:"capabilities"`
	}
	_, err := s.ask(ctx, call{route: "/users/me", query: url.Values{"context": {"edit"}, "_fields": {"id,name,capabilities"}}}, &got)
	if err != nil {
		return nil, s.judged(err)
	}
	if got.ID == 0 {
		return nil, fmt.Errorf("wordpress: an account without a number: %w", lastword.ErrUnavailable)
	}
	me = &user{ID: got.ID, Name: got.Name, Capabilities: map[string]bool{}}
	for name, value := range got.Capabilities {
		me.Capabilities[name] = value == true || value == 1.0 || value == "1"
	}
	s.known.mu.Lock()
	s.known.me = me
	s.known.mu.Unlock()
	return me, nil
}
