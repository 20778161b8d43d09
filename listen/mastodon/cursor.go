package mastodon

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// A cursor is how far a channel has come in each of its timelines.
type cursor struct {
	// Marks hold, by the name of a timeline, the id up to which all is heard.
	Marks map[string]id `json:"m,omitempty"`
	// Watch are the latest voices, oldest first, that are looked at again: nobody
	// tells us that they were changed.
	Watch  []id  `json:"w,omitempty"`
	Looked int64 `json:"l,omitempty"` // Unix seconds of that look
	// Authors said the voices of Watch; Away are the keys of accounts that may come
	// back.
	Authors map[id]author `json:"a,omitempty"`
	Away    map[id]string `json:"o,omitempty"`
}

// How far a mark stays behind. A post of another server is sorted by when it was
// said, not by when it came, and it comes late; a notification is sorted by when
// it was made, by several hands.
const (
	lagTimeline = 15 * time.Minute
	lagMentions = 2 * time.Minute
)

const maxWatch = 60

func parseCursor(s string) (c cursor, err error) {
	if s != "" {
		if err := json.Unmarshal([]byte(s), &c); err != nil {
			return cursor{}, fmt.Errorf("mastodon: cursor: %w", err)
		}
	}
	if c.Marks == nil {
		c.Marks = map[string]id{}
	}
	return c, nil
}

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		return "" // ids and numbers cannot fail to be written
	}
	return string(b)
}

// move brings a timeline's mark forward, never back.
func (c *cursor) move(name string, to id) {
	if to != "" && newer(string(to), string(c.Marks[name])) {
		c.Marks[name] = to
	}
}

// settle moves a mark to the latest item that is old enough for nothing to be
// sorted in before it any more.
func (c *cursor) settle(t timeline, items []item, now time.Time) {
	for _, it := range items {
		if !it.at.IsZero() && now.Sub(it.at) >= t.lag() {
			c.move(t.String(), it.id)
		}
	}
}

// watch remembers a voice to look at again.
func (c *cursor) watch(i id, by author) {
	if c.Authors == nil {
		c.Authors = map[id]author{}
	}
	c.Authors[i] = by
	if slices.Contains(c.Watch, i) {
		return
	}
	c.Watch = append(c.Watch, i)
	for _, old := range c.Watch[:max(0, len(c.Watch)-maxWatch)] {
		delete(c.Authors, old)
	}
	c.Watch = slices.Clone(c.Watch[max(0, len(c.Watch)-maxWatch):])
}

func (c *cursor) unwatch(i id) {
	c.Watch = slices.DeleteFunc(c.Watch, func(w id) bool { return w == i })
	delete(c.Authors, i)
}
