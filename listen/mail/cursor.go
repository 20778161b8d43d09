package mail

import (
	"encoding/json"
	"fmt"
	"time"

	"lastword"
)

// A cursor says how far each folder was heard.
type cursor struct {
	Folders map[string]mark `json:"folders"`
}

// A mark is how far one folder was heard.
type mark struct {
	Validity uint32 `json:"validity"`        // UIDVALIDITY
	UID      uint32 `json:"uid"`             // the greatest that was heard
	ModSeq   uint64 `json:"modseq,omitzero"` // HIGHESTMODSEQ (RFC 7162), where there is one
	At       int64  `json:"at,omitzero"`     // when the last mail came, Unix seconds

	// The mail at which a fetch ended without an answer, and how often.
	Stuck uint32 `json:"stuck,omitzero"`
	Tries int    `json:"tries,omitzero"`
}

const maxCursor = 64 << 10 // bytes

func parseCursor(s string) (cursor, error) {
	c := cursor{}
	if s != "" && (len(s) > maxCursor || json.Unmarshal([]byte(s), &c) != nil) {
		return c, fmt.Errorf("mail: the cursor cannot be read: %w", lastword.ErrInvalid)
	}
	if c.Folders == nil {
		c.Folders = map[string]mark{}
	}
	return c, nil
}

// String returns the cursor as it is stored.
func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // numbers and names only
	}
	return string(b)
}

// keep forgets folders that are heard no more.
func (c cursor) keep(folders []string) {
	wanted := map[string]bool{}
	for _, f := range folders {
		wanted[f] = true
	}
	for f := range c.Folders {
		if !wanted[f] {
			delete(c.Folders, f)
		}
	}
}

// since is from when on a folder is searched that was never heard, or whose
// server counts anew. The server compares days in its own time zone.
func (m mark) since(now time.Time, back time.Duration) time.Time {
	if m.At > 0 {
		return time.Unix(m.At, 0).Add(-24 * time.Hour)
	}
	return now.Add(-back)
}

// heard moves the mark behind a mail.
func (m *mark) heard(i item) {
	m.UID = max(m.UID, uint32(i.uid))
	m.At = max(m.At, i.came.Unix())
	m.Stuck, m.Tries = 0, 0
}
