package mail

import (
	"net"
	"strconv"
	"strings"
)

// A server is where to connect. TLS is never done without: either from the
// first byte (RFC 8314), or by STARTTLS before anything is told.
type server struct {
	host, port string
	start      bool // STARTTLS
}

func (s server) addr() string { return net.JoinHostPort(s.host, s.port) }

// ports are the usual ones of a protocol: of TLS, then of STARTTLS (RFC 8314 §7).
type ports struct{ tls, start string }

var (
	imapPorts = ports{"993", "143"}
	smtpPorts = ports{"465", "587"}
)

// serverOf reads "host", "host:port", or either with "tls://" or "starttls://"
// before it. What is not set is as the provider does it.
func serverOf(field, set string, known server, usual ports) (server, error) {
	if set == "" {
		return known, nil
	}
	scheme, rest, ok := strings.Cut(set, "://")
	if !ok {
		scheme, rest = "", set
	}
	s := server{host: strings.Trim(rest, "[]")}
	if host, port, err := net.SplitHostPort(rest); err == nil {
		s.host, s.port = host, port
	}
	switch scheme {
	case "":
		s.start = s.port == usual.start || field == "smtp" && s.port == "25"
	case "tls":
	case "starttls":
		s.start = true
	default:
		return s, wrong(field, "server")
	}
	if s.port == "" && s.start {
		s.port = usual.start
	} else if s.port == "" {
		s.port = usual.tls
	}
	n, err := strconv.Atoi(s.port)
	if err != nil || n < 1 || n > 65535 || !hostname(s.host) {
		return s, wrong(field, "server")
	}
	return s, nil
}

// hostname reports whether s may be the name or address of a host.
func hostname(s string) bool {
	if net.ParseIP(s) != nil {
		return true
	}
	bad := strings.IndexFunc(s, func(r rune) bool {
		return !(r == '-' || r == '.' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r > 127)
	})
	return s != "" && len(s) <= 253 && bad < 0
}

// A provider is a house at which many have their mailbox, and how it wants to be
// reached: by a password of its own kind, or by OAuth 2.0.
type provider struct {
	imap, smtp server

	authorize, token string // endpoints of OAuth 2.0 (RFC 6749 §3)
	scope            string
	extra            map[string]string // what its authorization endpoint wants besides
}

// overTLS and withStart make the usual pairs of servers.
func overTLS(imap, smtp string) provider {
	return provider{imap: server{host: imap, port: "993"}, smtp: server{host: smtp, port: "465"}}
}

func withStart(imap, smtp string) provider {
	return provider{imap: server{host: imap, port: "993"}, smtp: server{host: smtp, port: "587", start: true}}
}

// google: scope https://mail.google.com/ for IMAP and SMTP
// (developers.google.com/workspace/gmail/imap/xoauth2-protocol); a refresh token
// comes with access_type=offline alone.
func google() provider {
	p := overTLS("imap.gmail.com", "smtp.gmail.com")
	p.authorize, p.token = "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token"
	p.scope = "https://mail.google.com/"
	p.extra = map[string]string{"access_type": "offline", "prompt": "consent"}
	return p
}

// microsoft: learn.microsoft.com/exchange/client-developer/legacy-protocols/
// how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth.
func microsoft() provider {
	p := withStart("outlook.office365.com", "smtp.office365.com")
	p.authorize = "https://login.microsoftonline.com/common/oauth2/v2.0/authorize"
	p.token = "https://login.microsoftonline.com/common/oauth2/v2.0/token"
	p.scope = "offline_access https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send"
	return p
}

// of is the provider for one organisation ("tenant"): its sign-in page knows
// programs that are registered for that organisation alone, as they are by
// default (learn.microsoft.com/entra/identity-platform/v2-protocols, "Endpoints").
func (p provider) of(tenant string) (provider, error) {
	const everybody = "/common/"
	if tenant == "" || !strings.Contains(p.authorize, everybody) {
		return p, nil
	}
	if !hostname(tenant) || net.ParseIP(tenant) != nil {
		return p, wrong("tenant", "tenant")
	}
	p.authorize = strings.Replace(p.authorize, everybody, "/"+tenant+"/", 1)
	p.token = strings.Replace(p.token, everybody, "/"+tenant+"/", 1)
	return p, nil
}

// providerOf finds the house by its name, else by the domain of the address, as
// the houses state their servers in their help pages. Where a company has a
// domain of its own, nobody knows.
func providerOf(address, name string) provider {
	switch strings.ToLower(name) {
	case "google":
		return google()
	case "microsoft":
		return microsoft()
	}
	p := byDomain(domainOf(address))
	p.authorize, p.token = "", ""
	return p
}

func byDomain(domain string) provider {
	switch domain {
	case "gmail.com", "googlemail.com":
		return google()
	case "outlook.com", "outlook.de", "hotmail.com", "hotmail.de", "live.de", "live.com":
		return microsoft()
	case "gmx.de", "gmx.net", "gmx.at", "gmx.ch":
		return overTLS("imap.gmx.net", "mail.gmx.net")
	case "web.de":
		return overTLS("imap.web.de", "smtp.web.de")
	case "t-online.de", "magenta.de":
		return overTLS("secureimap.t-online.de", "securesmtp.t-online.de")
	case "freenet.de":
		return overTLS("mx.freenet.de", "mx.freenet.de")
	case "posteo.de", "posteo.net", "posteo.at", "posteo.ch":
		return overTLS("posteo.de", "posteo.de")
	case "mailbox.org":
		return overTLS("imap.mailbox.org", "smtp.mailbox.org")
	case "icloud.com", "me.com", "mac.com":
		return withStart("imap.mail.me.com", "smtp.mail.me.com")
	case "yahoo.com", "yahoo.de":
		return overTLS("imap.mail.yahoo.com", "smtp.mail.yahoo.com")
	case "bluewin.ch":
		return overTLS("imaps.bluewin.ch", "smtpauths.bluewin.ch")
	case "aon.at":
		return overTLS("imap.a1.net", "smtp.a1.net")
	}
	return provider{}
}
