// Package feed listens to RSS, Atom and JSON feeds. It asks no more often than
// a feed wants and brings news, tells an edit from a new entry, follows a feed
// that moves, finds the feed that a page names, and lets a WebSub hub push.
//
// decode → events → cursor are pure; source.go fetches, hub.go and push.go speak
// WebSub.
package feed

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
)

// Name is the connector's and the network's name.
const Name = "feed"

// New returns the connector. Where hub is nil, feeds are only polled.
func New(hub *Hub) listen.Connector { return connector{hub} }

type connector struct{ hub *Hub }

func (connector) Info() listen.Info {
	return listen.Info{
		Name:    Name,
		Network: lastword.Network{Name: Name, Title: "Feed"},
		Fields: []listen.Field{
			{Name: "url", Required: true},
			{Name: "user"},
			{Name: "password", Secret: true},
			{Name: "comments", Default: "no"}, // "yes" listens to the feeds of comments that entries name
		},
		Every: time.Hour,
	}
}

// Open takes the address of a feed, or of a page that names one, with or without
// a scheme.
func (c connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	at, err := address(acct.Settings["url"])
	if err != nil {
		return nil, err
	}
	s := &source{
		channel: acct.Channel, at: at, host: host, hub: c.hub,
		user: acct.Settings["user"], password: acct.Settings["password"],
		comments: acct.Settings["comments"] == "yes",
	}
	if at.User != nil && s.user == "" {
		s.user = at.User.Username()
		s.password, _ = at.User.Password()
	}
	at.User = nil
	return s, nil
}

// address reads what people enter: also "feed:" addresses and bare hosts.
func address(s string) (*url.URL, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, mistake("required", nil)
	}
	if rest, ok := strings.CutPrefix(s, "feed:"); ok {
		s = strings.TrimPrefix(rest, "//")
	}
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	at, err := url.Parse(s)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "" || len(s) > 2000 {
		return nil, mistake("address", nil)
	}
	at.Fragment = ""
	return at, nil
}

// mistake names a text of the catalogue, "connector.feed.mistake.<what>", about
// the address.
func mistake(what string, kind error) *lastword.Mistake {
	return &lastword.Mistake{Key: "connector.feed.mistake." + what, Field: "url", Kind: kind}
}

// site is whose ids these are: all feeds of one host may share them.
func site(at *url.URL) string {
	return strings.TrimPrefix(strings.ToLower(at.Hostname()), "www.")
}

func get(at *url.URL) *http.Request {
	return &http.Request{
		Method: http.MethodGet, URL: at, Host: at.Host, Header: http.Header{},
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
}
