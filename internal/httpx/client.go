package httpx

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"strings"
	"time"
)

// The defaults of [Options].
const (
	DefaultPerHost = 2
	DefaultPace    = 500 * time.Millisecond
	DefaultTimeout = time.Minute
	DefaultMaxBody = 32 << 20
)

const (
	connectTimeout = 10 * time.Second
	headerTimeout  = 30 * time.Second
	maxHeader      = 1 << 20 // bytes
	maxRedirects   = 10
)

// Options set up a [Client]. The zero value asks politely under the name
// "Lastword".
type Options struct {
	Version string // of the program, for the User-Agent
	Public  string // address under which people learn who asks; may be empty

	// Allow lists the inner hosts that may be reached all the same, each as
	// "host" (any port) or "host:port". A name listed here is trusted with
	// whatever address it resolves to.
	Allow []string

	PerHost int           // requests to one host at a time; 0 means DefaultPerHost
	Pace    time.Duration // between the starts of two requests to one host; 0 means DefaultPace, negative none
	Timeout time.Duration // for a whole request with its redirects and body; 0 means DefaultTimeout
	Header  time.Duration // until an answer begins; 0 means half a minute
	MaxBody int64         // bytes of a body after decompression; 0 means DefaultMaxBody
}

// A Client is the program's one way out. It is safe for concurrent use.
type Client struct {
	base          *http.Transport
	dial          dial
	plain, stream *http.Client
}

// New returns a client that keeps to o.
func New(o Options) *Client {
	pace := cmp.Or(o.Pace, DefaultPace)
	dial := newDial(allowed(o.Allow))
	base := newBase(dial, cmp.Or(o.Header, headerTimeout))
	t := &transport{
		base:    base,
		hosts:   newHosts(cmp.Or(o.PerHost, DefaultPerHost), max(pace, 0)),
		agent:   agent(o.Version, o.Public),
		timeout: cmp.Or(o.Timeout, DefaultTimeout),
		maxBody: cmp.Or(o.MaxBody, DefaultMaxBody),
	}
	return &Client{
		base:   base,
		dial:   dial,
		plain:  &http.Client{Transport: t, CheckRedirect: checkRedirect},
		stream: &http.Client{Transport: endless{t}, CheckRedirect: checkRedirect},
	}
}

// HTTP returns the client for requests that end.
func (c *Client) HTTP() *http.Client { return c.plain }

// Stream returns the client for websockets and bodies without an end: no
// deadline for the whole, no limit of the body, and a place at the host only
// until its header is there. It shares pace and Retry-After with HTTP.
func (c *Client) Stream() *http.Client { return c.stream }

// Dial connects to a host that speaks another protocol than HTTP, within the same
// bounds: inner networks are out of reach, but for the hosts that Options.Allow.
// Network and addr are those of net.Dialer. Pace is the caller's own.
func (c *Client) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return c.dial(ctx, network, addr)
}

// Close drops the idle connections. The client may be used on.
func (c *Client) Close() { c.base.CloseIdleConnections() }

// Endless marks the requests under ctx as [Client.Stream] treats them, for
// callers that hold only the client for requests that end.
func Endless(ctx context.Context) context.Context {
	return context.WithValue(ctx, endlessKey{}, true)
}

type endlessKey struct{}

// Waiting marks the requests under ctx as questions that a host answers only once
// something has happened (long polling). They begin at the host's pace, and take
// no place of those who want something now.
func Waiting(ctx context.Context) context.Context {
	return context.WithValue(ctx, waitingKey{}, true)
}

type waitingKey struct{}

type endless struct{ next http.RoundTripper }

func (e endless) RoundTrip(r *http.Request) (*http.Response, error) {
	return e.next.RoundTrip(r.WithContext(Endless(r.Context())))
}

func agent(version, public string) string {
	name := "Lastword"
	if version != "" {
		name += "/" + version
	}
	if public != "" {
		name += " (+" + public + ")"
	}
	return name
}

// A dial is net.Dialer.DialContext.
type dial func(ctx context.Context, network, addr string) (net.Conn, error)

// newDial refuses inner addresses, unless the host is allowed by name.
func newDial(allow map[string]bool) dial {
	free := &net.Dialer{Timeout: connectTimeout}
	guarded := &net.Dialer{Timeout: connectTimeout, ControlContext: refuseInner}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if allows(allow, addr) {
			return free.DialContext(ctx, network, addr)
		}
		return guarded.DialContext(ctx, network, addr)
	}
}

// newBase returns a transport that ignores the proxies of the environment: a
// proxy would dial for us, past the check of the address.
func newBase(dial dial, header time.Duration) *http.Transport {
	return &http.Transport{
		DialContext:            dial,
		TLSHandshakeTimeout:    connectTimeout,
		ResponseHeaderTimeout:  header,
		MaxResponseHeaderBytes: maxHeader,
		MaxIdleConns:           200,
		MaxIdleConnsPerHost:    DefaultPerHost,
		IdleConnTimeout:        90 * time.Second,
		ForceAttemptHTTP2:      true,
	}
}

func allowed(list []string) map[string]bool {
	m := map[string]bool{}
	for _, host := range list {
		m[strings.ToLower(strings.Trim(strings.TrimSpace(host), "[]"))] = true
	}
	return m
}

func allows(allow map[string]bool, addr string) bool {
	addr = strings.ToLower(addr)
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	return allow[host] || allow[addr] || allow[host+":"+port]
}

// checkRedirect bounds the redirects, and keeps the credentials with the host
// and port they were given for, and within TLS. net/http keeps them within the
// domain, which is wider.
func checkRedirect(r *http.Request, via []*http.Request) error {
	if len(via) >= maxRedirects {
		return ErrRedirects
	}
	if err := checkScheme(r); err != nil {
		return err
	}
	first := via[0].URL
	if r.URL.Host != first.Host || r.URL.Scheme == "http" && first.Scheme == "https" {
		r.Header.Del("Authorization")
	}
	return nil
}

func checkScheme(r *http.Request) error {
	if s := r.URL.Scheme; s != "http" && s != "https" || r.URL.Hostname() == "" {
		return ErrScheme
	}
	return nil
}
