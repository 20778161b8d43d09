package bluesky

import (
	"context"
	"encoding/json"
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

// ReadLog reads a page of the chat's log as it would be heard in the conversation
// "c1".
func ReadLog(raw []byte, own string) (posts []lastword.Post) {
	var got struct{ Logs []lax[logged] }
	if json.Unmarshal(raw, &got) != nil {
		return nil
	}
	host := listen.Host{Dropped: func(string, string) {}}
	c := &chat{account: &account{stream: &stream{host: host}}, own: own, convos: map[string]convo{}}
	talk := convo{ID: "c1", Members: []profileView{{DID: own}}}
	for _, l := range got.Logs {
		ev, ok, err := c.message(context.Background(), talk, l.v.Message, []chatMessage{})
		if ok && err == nil {
			posts = append(posts, ev.Post)
		}
	}
	return posts
}
