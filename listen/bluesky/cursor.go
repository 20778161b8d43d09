package bluesky

import (
	"encoding/json"
	"fmt"
	"time"
)

// A cursor is how far a channel has come: in the stream of one host, and in the
// notifications of the own account.
type cursor struct {
	Wire wire   `json:"w,omitempty"` // spoken with Host
	Host string `json:"h,omitempty"`
	Seq  int64  `json:"s,omitempty"` // v2: the host's own count, worth nothing at another
	Time int64  `json:"t,omitempty"` // Unix microseconds at which the last event was seen
	Seen int64  `json:"n,omitempty"` // notifications are heard up to here, Unix microseconds
	// Found are digests of the words that were searched for.
	Found []string `json:"f,omitempty"`
	Own   string   `json:"o,omitempty"` // DID of the own account, for when its service is away

	Chat   string `json:"c,omitempty"`  // rev up to which the chat is heard
	ChatAt int64  `json:"ca,omitempty"` // when it was last heard, Unix seconds
}

// rewind is how far we go back where we resume by time: clocks of hosts differ,
// and one that imported older times does not keep exact order. Hearing twice is
// harmless.
const rewind = 5 * time.Second

// kept is how long every host keeps what we may have missed: v1 servers in use
// kept a day, today's keep 36 hours.
const kept = 24 * time.Hour

func parseCursor(s string) (c cursor, err error) {
	if s == "" {
		return c, nil
	}
	if err := json.Unmarshal([]byte(s), &c); err != nil {
		return cursor{}, fmt.Errorf("bluesky: cursor: %w", err)
	}
	return c, nil
}

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		return "" // numbers and a host name cannot fail to be written
	}
	return string(b)
}

// from returns the position to ask a host for, or 0 for the present. Both wires
// take a number below 1e15 as a count and any other as Unix microseconds, and
// both begin with the event at that position.
func (c cursor) from(host string, w wire) int64 {
	switch {
	case c.Time == 0:
		return 0
	case c.Host != host:
		return c.Time - rewind.Microseconds()
	case w == wireV2 && c.Wire == wireV2 && c.Seq > 0:
		return c.Seq
	case w == wireV1 && c.Wire == wireV1:
		return c.Time
	}
	return c.Time - rewind.Microseconds()
}

// byTime forgets what is worth something at one host only.
func (c cursor) byTime() cursor {
	c.Host, c.Wire, c.Seq = "", 0, 0
	return c
}

// step moves the cursor to a frame. Time never runs backwards.
func (c *cursor) step(h heard) {
	if h.seq > 0 {
		c.Seq = h.seq
	}
	c.Time = max(c.Time, h.at)
}
