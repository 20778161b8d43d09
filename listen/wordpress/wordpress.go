// Package wordpress hears what readers comment on a company's own WordPress, and
// answers them there as the account's user.
//
// It speaks the REST API that WordPress ships (developer.wordpress.org/rest-api,
// since 4.7) with an application password (since 5.6). Without an account it
// hears approved comments and posts; with one that may moderate it hears held
// ones too, publishes them as it answers, and publishes posts.
//
// Comments have no time of change. Those that were heard last are therefore
// remembered by digests (cursor.go) and looked at again: what reads otherwise is
// an edit, what is not shown any more, and is not there when asked for by its
// number, is a deletion; so are spam and trash.
//
//	site.go     where the REST API is, one call, what refusals mean
//	comment.go  what it answers, as posts
//	cursor.go   what was heard
//	poll.go     hearing
//	reply.go    answering, editing, taking back; publish.go posts
//	check.go    what the account may do; signin.go getting a password by a click
package wordpress

import (
	"net"
	"net/url"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
)

// Name is the connector's and the network's name.
const Name = "wordpress"

// Names of the settings.
const (
	fieldURL      = "url"
	fieldUser     = "user"
	fieldPassword = "password"
	fieldApprove  = "approve"
	fieldPublish  = "publish"
)

// maxComment is how many bytes of text an answer may have. The column holds
// 65,525 bytes (wp_get_comment_fields_max_lengths); markup and the marker need
// some of them.
const maxComment = 60_000

type connector struct{}

// New returns the connector "wordpress".
//
// Settings: url (of the site, or of the folder it lives in), user and password
// (an account and an application password of it; optional), approve ("yes": a
// held comment is published when it is answered; "no": it is not answered before
// a person published it), publish ("draft": our posts wait for a person there;
// "publish": they go out).
func New() listen.Connector { return connector{} }

// Info implements listen.Connector.
func (connector) Info() listen.Info {
	return listen.Info{
		Name:    Name,
		Network: lastword.Network{Name: Name, Title: "WordPress", Reply: true, MaxBytes: maxComment},
		Fields: []listen.Field{
			{Name: fieldURL, Required: true},
			{Name: fieldUser, Granted: true},
			{Name: fieldPassword, Secret: true, Granted: true},
			{Name: fieldApprove, Default: "yes"},
			{Name: fieldPublish, Default: "draft"},
		},
		Every:  10 * time.Minute,
		All:    true,
		SignIn: listen.SignIn{Offered: true},
	}
}

// source is one site. What is found out about it lives as long as the source.
type source struct {
	host     listen.Host
	at       *url.URL // as set up
	user     string   // empty: nobody signs in
	password string
	approve  bool
	draft    bool

	known known // guarded by its own lock
}

// Open takes the address of a site, with or without a scheme.
func (connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	at, err := address(acct.Settings[fieldURL])
	if err != nil {
		return nil, err
	}
	s := &source{host: host, at: at, user: strings.TrimSpace(acct.Settings[fieldUser]), password: strings.TrimSpace(acct.Settings[fieldPassword])}
	if s.approve, err = choice(acct.Settings, fieldApprove, "yes", "no"); err != nil {
		return nil, err
	}
	if s.draft, err = choice(acct.Settings, fieldPublish, "draft", "publish"); err != nil {
		return nil, err
	}
	switch {
	case s.user == "" && s.password != "":
		return nil, &lastword.Mistake{Key: "connector.wordpress.error.user-missing", Field: fieldUser}
	case s.user != "" && s.password == "":
		return nil, &lastword.Mistake{Key: "connector.wordpress.error.password-missing", Field: fieldPassword}
	}
	return s, nil
}

// choice reads a setting of two values; an empty one is the first.
func choice(settings map[string]string, field, first, second string) (isFirst bool, err error) {
	switch strings.ToLower(strings.TrimSpace(settings[field])) {
	case "", first:
		return true, nil
	case second:
		return false, nil
	}
	return false, &lastword.Mistake{Key: "connector.wordpress.error." + field, Field: field}
}

// address reads what people enter: often the address of the place where they
// sign in.
func address(typed string) (*url.URL, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return nil, &lastword.Mistake{Key: "connector.wordpress.error.url-missing", Field: fieldURL}
	}
	if !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	at, err := url.Parse(typed)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "" || at.User != nil || len(typed) > 500 {
		return nil, &lastword.Mistake{Key: "connector.wordpress.error.url", Field: fieldURL}
	}
	at.Fragment, at.RawFragment = "", ""
	for _, door := range []string{"/wp-admin", "/wp-login.php", "/wp-json"} {
		if i := strings.Index(at.Path, door); i >= 0 {
			at.Path, at.RawPath, at.RawQuery = at.Path[:i], "", ""
		}
	}
	return at, nil
}

// safe reports whether a password may be sent there: by TLS, or within this
// machine.
func safe(at *url.URL) bool {
	ip := net.ParseIP(at.Hostname())
	return at.Scheme == "https" || ip != nil && ip.IsLoopback() || at.Hostname() == "localhost"
}
