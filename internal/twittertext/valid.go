package twittertext

import "strings"

// ValidUsername reports whether s is "@" and the name of an account.
func ValidUsername(s string) bool {
	found := Mentions(s)
	return len(found) == 1 && found[0].List == "" && whole(found[0], s)
}

// ValidList reports whether s is "@", the name of an account, "/" and that of a
// list.
func ValidList(s string) bool {
	found := Mentions(s)
	return len(found) == 1 && found[0].List != "" && whole(found[0], s)
}

// ValidHashtag reports whether s is a hashtag and nothing else.
func ValidHashtag(s string) bool {
	found := Hashtags(s)
	return len(found) == 1 && whole(found[0], s)
}

func whole(e Entity, s string) bool { return e.Start == 0 && e.End == len(s) }

// ValidURL reports whether s is a web address with a scheme, http or https.
func ValidURL(s string) bool { return validURL(s, true) }

// ValidBareURL is as ValidURL, and the scheme may be missing.
func ValidBareURL(s string) bool { return validURL(s, false) }

// validURL takes s apart (RFC 3986, appendix B) and judges each part.
func validURL(s string, schemed bool) bool {
	m := urlParts().FindStringSubmatch(s)
	if m == nil || s == "" {
		return false
	}
	scheme, authority, path, query, fragment := m[1], m[2], m[3], m[4], m[5]
	if schemed && !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return false
	}
	return wholeAuthority().MatchString(authority) && wholePath().MatchString(path) &&
		wholeQuery().MatchString(query) && wholeQuery().MatchString(fragment)
}

// The published parts of an address, which widen those of RFC 3986 by Cyrillic
// letters and by domains in any script.
const (
	unreserved = `[a-zA-Z\x{400}-\x{4FF}0-9\-._~]`
	encoded    = `%[0-9a-fA-F]{2}`
	delimiter  = `[!$&'()*+,;=]`
	pathRune   = `(?:` + unreserved + `|` + encoded + `|` + delimiter + `|[:|@])`
	userInfo   = `(?:` + unreserved + `|` + encoded + `|` + delimiter + `|:)*`
	octet      = `(?:[0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])`
	letter     = `(?:[a-zA-Z]|[^\x00-\x7f])`
	alnum      = `(?:[a-zA-Z0-9]|[^\x00-\x7f])`
	inner      = `(?:[a-zA-Z0-9\-]|[^\x00-\x7f])*`
	innerSub   = `(?:[a-zA-Z0-9_\-]|[^\x00-\x7f])*`
	hostName   = `(?:` + alnum + `(?:` + innerSub + alnum + `)?\.)*` + alnum + `(?:` + inner + alnum + `)?\.` + letter + `(?:` + inner + alnum + `)?`
	host       = `(?:` + octet + `(?:\.` + octet + `){3}|\[[a-fA-F0-9:.]+\]|` + hostName + `)`
)

var (
	urlParts       = compiled(`^(?:([^:/?#]+)://)?([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$`)
	wholeAuthority = compiled(`^(?:` + userInfo + `@)?` + host + `(?::[0-9]{1,5})?$`)
	wholePath      = compiled(`^(?:/` + pathRune + `*)*$`)
	wholeQuery     = compiled(`^(?:` + pathRune + `|/|\?)*$`)
)
