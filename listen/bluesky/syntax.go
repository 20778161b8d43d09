package bluesky

import (
	"errors"
	"regexp"
	"strings"
)

// errSyntax says that an identifier is not of the protocol's form.
var errSyntax = errors.New("bluesky: not of the protocol's form")

// postCollection is the NSID under which posts are kept.
const postCollection = "app.bsky.feed.post"

// The forms of the AT Protocol's handle and NSID specifications; the length
// limits stand beside their use.
var (
	handleForm = regexp.MustCompile(`^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)
	nsidForm   = regexp.MustCompile(`^[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+(\.[a-zA-Z][a-zA-Z0-9]{0,62})$`)
)

func isHandle(s string) bool { return len(s) <= 253 && handleForm.MatchString(s) }

func isNSID(s string) bool { return len(s) <= 317 && nsidForm.MatchString(s) }

// isDID follows the AT Protocol's DID syntax. It is asked for every frame of
// the stream, hence no pattern.
func isDID[T string | []byte](s T) bool {
	if len(s) < 7 || len(s) > 2048 || string(s[:4]) != "did:" {
		return false
	}
	i := 4
	for i < len(s) && s[i] >= 'a' && s[i] <= 'z' {
		i++
	}
	if i == 4 || i+1 >= len(s) || s[i] != ':' {
		return false
	}
	for _, c := range []byte(s[i+1:]) {
		if !isLetterOrDigit(c) && c != '.' && c != '_' && c != ':' && c != '%' && c != '-' {
			return false
		}
	}
	last := s[len(s)-1]
	return last != ':' && last != '%'
}

// isRecordKey follows the AT Protocol's record key syntax.
func isRecordKey[T string | []byte](s T) bool {
	if len(s) == 0 || len(s) > 512 || string(s) == "." || string(s) == ".." {
		return false
	}
	for _, c := range []byte(s) {
		if !isLetterOrDigit(c) && c != '.' && c != '_' && c != ':' && c != '~' && c != '-' {
			return false
		}
	}
	return true
}

func isLetterOrDigit(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// An atURI names one record. Of the AT-URI scheme's forms it is the full one
// with a DID, which alone does not change its meaning when a handle moves.
type atURI struct {
	did, collection, rkey string
}

func (u atURI) String() string { return "at://" + u.did + "/" + u.collection + "/" + u.rkey }

// web returns where a person can read the post.
func (u atURI) web() string { return profileURL(u.did) + "/post/" + u.rkey }

func profileURL(did string) string { return "https://bsky.app/profile/" + did }

func parseATURI(s string) (atURI, error) {
	rest, ok := strings.CutPrefix(s, "at://")
	if !ok || len(s) > 8192 {
		return atURI{}, errSyntax
	}
	parts := strings.Split(rest, "/")
	if len(parts) != 3 || !isDID(parts[0]) || !isRecordKey(parts[2]) {
		return atURI{}, errSyntax
	}
	if parts[1] != postCollection && !isNSID(parts[1]) {
		return atURI{}, errSyntax
	}
	return atURI{did: parts[0], collection: parts[1], rkey: parts[2]}, nil
}

// tidAlphabet is base32-sortable.
const tidAlphabet = "234567abcdefghijklmnopqrstuvwxyz"

// A tid is a timestamp identifier: a zero bit, 53 bits of microseconds since
// 1970, ten bits that tell writers apart.
type tid uint64

func (t tid) String() string {
	var b [13]byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = tidAlphabet[t&31]
		t >>= 5
	}
	return string(b[:])
}

func parseTID(s string) (tid, error) {
	// 13 digits carry 65 bits, of which the first two must be zero.
	if len(s) != 13 || s[0] > 'j' {
		return 0, errSyntax
	}
	var t tid
	for _, c := range []byte(s) {
		v := strings.IndexByte(tidAlphabet, c)
		if v < 0 {
			return 0, errSyntax
		}
		t = t<<5 | tid(v)
	}
	return t, nil
}
