package x

import (
	"encoding/json"

	"lastword"
	"lastword/internal/length"
	"lastword/listen"
)

// Parts shows how a text is divided into a thread.
func Parts(text string, most int) []string {
	return length.Split(lastword.Network{Limit: most, Unit: lastword.Weighted}, text)
}

// Question shows the query of a search.
func Question(words, without, langs string) (string, error) {
	return question(words, without, langs, ofSearch)
}

// DecodePost reads a post as it would be heard.
func DecodePost(raw []byte) (lastword.Event, bool) {
	p, ok := readPost(json.RawMessage(raw), wirePage{})
	if !ok {
		return lastword.Event{}, false
	}
	e, drop := p.event("1")
	return e, drop == ""
}

// DecodeLine reads a line of the stream.
func DecodeLine(raw []byte, rule string, host listen.Host) (bool, error) {
	_, ok, err := (&stream{search: &search{host: host}}).line(raw, rule)
	return ok, err
}
