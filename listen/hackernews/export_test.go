package hackernews

import (
	"encoding/json"

	"lastword"
)

// DecodeItem reads an item of the official API as it would be heard.
func DecodeItem(b []byte) (lastword.Event, bool) {
	i, ok := readItem(b)
	if !ok {
		return lastword.Event{}, false
	}
	return i.event(0)
}

// DecodeHits reads an answer of the index.
func DecodeHits(b []byte) (events []lastword.Event) {
	var said struct{ Hits []hit }
	if json.Unmarshal(b, &said) != nil {
		return nil
	}
	for _, h := range said.Hits {
		if i, ok := h.item(); ok {
			if e, ok := i.event(h.StoryID); ok {
				events = append(events, e)
			}
		}
	}
	return events
}
