package discourse

import (
	"encoding/json"
	"net/url"

	"lastword"
)

// DecodeLatest reads an answer of /posts.json as it would be heard.
func DecodeLatest(b []byte) (events []lastword.Event) {
	s := &source{forum: forum{base: &url.URL{Scheme: "https", Host: "forum.example"}}}
	var said struct {
		Latest []json.RawMessage `json:"latest_posts"`
	}
	if json.Unmarshal(b, &said) != nil {
		return nil
	}
	for _, raw := range said.Latest {
		if p, ok := readPost(raw); ok {
			if e, drop := s.event(p, thread{}); drop == "" {
				events = append(events, e)
			}
		}
	}
	return events
}
