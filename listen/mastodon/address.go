package mastodon

import (
	"errors"
	"net"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

var errAddress = errors.New("mastodon: no address of a server")

// baseURL makes https://host of what a person types: a domain, the address of
// any page of the server, or an account's full address. Plain http is taken on
// this machine only, since a token goes with every call.
func baseURL(typed string) (string, error) {
	s := strings.TrimSpace(typed)
	if !strings.Contains(s, "://") {
		if i := strings.LastIndexByte(s, '@'); i >= 0 {
			s = s[i+1:]
		}
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.User != nil || u.Hostname() == "" || strings.ContainsAny(u.Host, " \t%") {
		return "", errAddress
	}
	host := strings.ToLower(u.Host)
	switch {
	case u.Scheme == "http" && isLocal(u.Hostname()):
		return "http://" + host, nil
	case u.Scheme != "https", !strings.Contains(u.Hostname(), ".") && !isLocal(u.Hostname()):
		return "", errAddress
	}
	return "https://" + host, nil
}

func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Host
}

// streamingURL makes the https base of the streaming server of what an instance
// says of it (methods/streaming, "Hostname discovery"). What leads elsewhere than
// to TLS, where the instance itself has it, is not trusted with a token.
func streamingURL(said, base string) string {
	u, err := url.Parse(said)
	if err != nil || u.Host == "" || u.User != nil {
		return base
	}
	switch u.Scheme {
	case "wss", "https":
		return "https://" + u.Host
	case "ws", "http":
		if strings.HasPrefix(base, "http://") {
			return "http://" + u.Host
		}
	}
	return base
}

// isID reports whether s can be an id of a server: a number in Mastodon, a ULID
// in GoToSocial, a flake in Pleroma. It becomes part of a path.
func isID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, c := range []byte(s) {
		if !isLetterOrDigit(c) && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// newer reports whether id a is of a later thing than b. Ids of one server rise;
// they are compared by length, then letter by letter (api/guidelines).
func newer(a, b string) bool {
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}

func isLetterOrDigit(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// isToken reports whether s may stand in a header as a bearer token (RFC 6750
// §2.1). An empty one is none.
func isToken(s string) bool {
	for _, c := range []byte(s) {
		if !isLetterOrDigit(c) && !strings.ContainsRune("-._~+/=", rune(c)) {
			return false
		}
	}
	return len(s) <= 4096
}

// isTag reports whether s can be a hashtag: letters, marks, digits and
// underscores, not digits alone.
func isTag(s string) bool {
	letters := false
	for _, r := range s {
		switch {
		case unicode.IsLetter(r) || unicode.IsMark(r) || r == '_':
			letters = true
		case !unicode.IsDigit(r) && r != '·' && r != '\u200c':
			return false
		}
	}
	return letters && utf8.ValidString(s) && len(s) <= 200
}
