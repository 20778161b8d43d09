// Package webhook hears what other programs push: signed JSON, as Standard
// Webhooks describes it (standardwebhooks.com), and the contact forms of web
// sites. docs/webhook.md tells those who send.
//
// A voice that comes with the e-mail address of its author is one of the network
// "mail", so that a connected mailbox can answer it; all others are answered by
// hand where they were said. Ids are unique within a channel only: a stranger
// who sends here cannot touch what was heard elsewhere.
package webhook

import (
	"context"
	"encoding/base64"
	"net/url"
	"regexp"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
)

// Name is the connector's name, and that of its network.
const Name = "webhook"

// Connector implements listen.Connector.
type Connector struct{}

// New returns the connector of what is pushed.
func New() Connector { return Connector{} }

// Info implements listen.Connector.
func (Connector) Info() listen.Info {
	return listen.Info{
		Name: Name, Network: lastword.Network{Name: Name, Title: "Webhook"}, Every: 24 * time.Hour, All: true, Hook: true,
		Fields: []listen.Field{
			{Name: "secret", Secret: true},
			{Name: "form", Default: "no"},
			{Name: "site"},
			{Name: "thanks"},
			{Name: "honeypot", Default: hidden},
			{Name: "public", Default: "no"},
		},
	}
}

// hidden is the field that people do not see, unless the settings name another,
// or none.
const hidden = "website"

// leastSecret is how many bytes a secret has at least; Standard Webhooks asks for
// 24 random ones.
const leastSecret = 16

// Open implements listen.Connector.
func (Connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	word := func(name string) string { return strings.TrimSpace(acct.Settings[name]) }
	s := &source{channel: acct.Channel, hook: acct.Hook, host: host, honeypot: word("honeypot"), thanks: word("thanks")}
	if _, set := acct.Settings["honeypot"]; !set {
		s.honeypot = hidden
	}
	var err error
	if s.secret, err = secret(word("secret")); err != nil {
		return nil, err
	}
	s.form, s.private = truth(word("form")), !truth(word("public"))
	if s.secret == nil && !s.form {
		return nil, wrong("secret", "nothing")
	}
	if s.site, err = origins(word("site")); err != nil {
		return nil, err
	}
	if s.thanks != "" && !webAddress(s.thanks) {
		return nil, wrong("thanks", "address")
	}
	if !fieldName.MatchString(s.honeypot) && s.honeypot != "" {
		return nil, wrong("honeypot", "honeypot")
	}
	return s, nil
}

func wrong(field, key string) error {
	return &lastword.Mistake{Key: "connector.webhook.error." + key, Field: field}
}

// secret reads "whsec_" and base64, or any other words as they are.
func secret(s string) ([]byte, error) {
	if s == "" {
		return nil, nil
	}
	raw := []byte(s)
	if coded, ok := strings.CutPrefix(s, "whsec_"); ok {
		var err error
		if raw, err = base64.StdEncoding.DecodeString(coded); err != nil {
			return nil, wrong("secret", "secret")
		}
	}
	if len(raw) < leastSecret {
		return nil, wrong("secret", "secret")
	}
	return raw, nil
}

func truth(s string) bool {
	switch strings.ToLower(s) {
	case "yes", "ja", "true", "1":
		return true
	}
	return false
}

// origins reads the web sites whose forms may send.
func origins(list string) (map[string]bool, error) {
	all := map[string]bool{}
	for word := range strings.SplitSeq(list, ",") {
		word = strings.TrimRight(strings.TrimSpace(word), "/")
		if word == "" {
			continue
		}
		u, err := url.Parse(word)
		if err != nil || !webAddress(word) || u.Path != "" || u.RawQuery != "" {
			return nil, wrong("site", "address")
		}
		all[strings.ToLower(u.Scheme+"://"+u.Host)] = true
	}
	return all, nil
}

func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

var fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)

// source is one address at which somebody pushes.
type source struct {
	channel  int64
	hook     string
	host     listen.Host
	secret   []byte // nil: nothing signed is taken
	form     bool   // forms are taken
	site     map[string]bool
	thanks   string
	honeypot string
	private  bool
}

// Poll implements listen.Source: nothing is fetched. It only tells where nobody
// outside can reach us.
func (s *source) Poll(ctx context.Context, _ string, _ listen.Hear) error {
	if s.hook == "" {
		return &lastword.Mistake{Key: "connector.webhook.error.unreachable", Kind: lastword.ErrDenied}
	}
	return ctx.Err()
}
