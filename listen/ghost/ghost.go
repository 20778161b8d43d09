// Package ghost hears what members comment on a company's own Ghost, answers
// there as one of them, and publishes posts.
//
// It speaks the Admin API (docs.ghost.org/admin-api) with the key of a custom
// integration. Posts are documented there. Comments are not, but Ghost's own
// moderation uses them and integrations are let in (Ghost 6, core/server/web/api/
// endpoints/admin: routes and the list of what an integration may ask); an older
// Ghost only tells posts, and Check says so.
//
//	site.go     where it is, one signed call, what refusals mean
//	poll.go     hearing
//	reply.go    answering and taking back; publish.go posts
package ghost

import (
	"encoding/hex"
	"net"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"lastword"
	"lastword/listen"
)

// Name is the connector's and the network's name.
const Name = "ghost"

// Names of the settings.
const (
	fieldURL     = "url"
	fieldKey     = "key"
	fieldMember  = "member"
	fieldPublish = "publish"
)

// maxComment is how many bytes of text an answer may have: the column takes
// 65,535 with the markup (schema: comments.html, maxlength 1000000000, text).
const maxComment = 10_000

type connector struct{}

// New returns the connector "ghost".
//
// Settings: url (of the site, or where one signs in), key (Admin API key of a
// custom integration, "id:secret"), member (address of the member as whom we
// answer; optional), publish ("draft" or "publish", as in Publish).
func New() listen.Connector { return connector{} }

// Info implements listen.Connector.
func (connector) Info() listen.Info {
	return listen.Info{
		Name:    Name,
		Network: lastword.Network{Name: Name, Title: "Ghost", Reply: true, MaxBytes: maxComment},
		Fields: []listen.Field{
			{Name: fieldURL, Required: true},
			{Name: fieldKey, Secret: true, Required: true},
			{Name: fieldMember},
			{Name: fieldPublish, Default: "draft"},
		},
		Every: 10 * time.Minute,
		All:   true,
	}
}

// source is one site.
type source struct {
	host   listen.Host
	at     *url.URL // of the site as set up, without a slash at the end
	key    key
	member string
	draft  bool

	mu     sync.Mutex
	found  *site
	author string // the id of the member as whom we answer
}

// A key is an Admin API key.
type key struct {
	id     string
	secret []byte
}

var shaped = regexp.MustCompile(`^([0-9a-fA-F]{24}):([0-9a-fA-F]{64})$`)

// Open implements listen.Connector.
func (connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	at, err := address(acct.Settings[fieldURL])
	if err != nil {
		return nil, err
	}
	k := shaped.FindStringSubmatch(strings.TrimSpace(acct.Settings[fieldKey]))
	if k == nil {
		return nil, &lastword.Mistake{Key: "connector.ghost.error.key", Field: fieldKey}
	}
	secret, err := hex.DecodeString(k[2])
	if err != nil {
		return nil, &lastword.Mistake{Key: "connector.ghost.error.key", Field: fieldKey}
	}
	s := &source{host: host, at: at, key: key{k[1], secret}, member: strings.ToLower(strings.TrimSpace(acct.Settings[fieldMember]))}
	if s.member != "" && (!strings.Contains(s.member, "@") || strings.ContainsAny(s.member, "'\\\" ")) {
		return nil, &lastword.Mistake{Key: "connector.ghost.error.member", Field: fieldMember}
	}
	switch strings.TrimSpace(acct.Settings[fieldPublish]) {
	case "", "draft":
		s.draft = true
	case "publish":
	default:
		return nil, &lastword.Mistake{Key: "connector.ghost.error.publish", Field: fieldPublish}
	}
	return s, nil
}

// address reads what people enter: also the address of the place where they
// write.
func address(typed string) (*url.URL, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return nil, &lastword.Mistake{Key: "connector.ghost.error.url-missing", Field: fieldURL}
	}
	if !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	at, err := url.Parse(typed)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "" || at.User != nil || len(typed) > 500 {
		return nil, &lastword.Mistake{Key: "connector.ghost.error.url", Field: fieldURL}
	}
	path, _, _ := strings.Cut(at.Path+"/", "/ghost/")
	at.Path, at.RawPath, at.RawQuery, at.Fragment, at.RawFragment = strings.TrimRight(path, "/"), "", "", "", ""
	if at.Scheme == "http" && !inside(at) { // a key is sent only by TLS
		at.Scheme = "https"
	}
	return at, nil
}

func inside(at *url.URL) bool {
	ip := net.ParseIP(at.Hostname())
	return ip != nil && ip.IsLoopback() || at.Hostname() == "localhost"
}
