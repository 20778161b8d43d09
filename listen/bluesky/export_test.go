package bluesky

import (
	"time"

	"lastword"
	"lastword/listen"
)

// SpoilAccess makes the service refuse the access token, as it does when its
// time has run out, and leaves the refresh token.
func SpoilAccess(s listen.Source) {
	l := s.(*account).login
	l.mu.Lock()
	defer l.mu.Unlock()
	l.access += "x"
}

// Logins returns how often the source signed in.
func Logins(s listen.Source) int {
	l := s.(*account).login
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.logins)
}

// DecodeRecord reads a record as it would be kept.
func DecodeRecord(s string) lastword.Post {
	r, _ := readRecord([]byte(s))
	at := atURI{did: "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", collection: postCollection, rkey: "3mptbyo7dms2m"}
	return r.post(at, "bafyexample", time.Unix(4e9, 0))
}
