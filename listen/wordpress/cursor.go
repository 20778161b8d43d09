package wordpress

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
)

// How many of the newest comments and posts are watched for changes.
const (
	watchComments = 500
	watchPosts    = 100
)

// A cursor is what was heard of a site.
type cursor struct {
	Home     string `json:"home"`            // of the site whose numbers these are; another begins anew
	Top      int64  `json:"top,omitempty"`   // every comment up to this number was heard
	Floor    int64  `json:"floor,omitempty"` // comments below this number are not watched
	Comments marks  `json:"c,omitempty"`     // by rising number
	Posts    marks  `json:"p,omitempty"`     // likewise
	Swept    int64  `json:"swept,omitempty"` // when all that is watched was last looked at, Unix seconds
}

// parse reads a cursor. One that is not ours is an error and no reason to begin
// anew in silence.
func parse(s string) (c cursor, err error) {
	if s == "" {
		return c, nil
	}
	if err := json.Unmarshal([]byte(s), &c); err != nil {
		return cursor{}, fmt.Errorf("wordpress: cursor: %w", err)
	}
	return c, nil
}

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		return "" // numbers and base64 cannot fail to be written
	}
	return string(b)
}

// A mark remembers one comment or post: its number and a digest of what it says
// and whether readers see it.
type mark struct {
	id   int64
	says uint32 // its lowest bit tells whether it was held
}

func commentMark(c comment) mark {
	m := markOf(c.ID, c.says())
	m.says &^= 1
	if c.Status != "approved" {
		m.says |= 1
	}
	return m
}

func markOf(id int64, says string) mark {
	sum := sha256.Sum256([]byte(says))
	return mark{id, binary.BigEndian.Uint32(sum[:])}
}

func (m mark) held() bool { return m.says&1 == 1 }

// marks are sorted by number. In JSON they are one string, 12 bytes a mark
// before base64.
type marks []mark

// MarshalText packs the marks.
func (ms marks) MarshalText() ([]byte, error) {
	packed := make([]byte, 0, 12*len(ms))
	for _, m := range ms {
		packed = binary.BigEndian.AppendUint64(packed, uint64(m.id))
		packed = binary.BigEndian.AppendUint32(packed, m.says)
	}
	return base64.RawStdEncoding.AppendEncode(nil, packed), nil
}

// UnmarshalText unpacks them.
func (ms *marks) UnmarshalText(text []byte) error {
	packed, err := base64.RawStdEncoding.AppendDecode(nil, text)
	if err != nil || len(packed)%12 != 0 {
		return fmt.Errorf("wordpress: marks of %d bytes", len(packed))
	}
	*ms = make(marks, 0, len(packed)/12)
	for ; len(packed) > 0; packed = packed[12:] {
		*ms = append(*ms, mark{int64(binary.BigEndian.Uint64(packed)), binary.BigEndian.Uint32(packed[8:])})
	}
	return nil
}

func (ms marks) find(id int64) (mark, bool) {
	i, ok := slices.BinarySearchFunc(ms, id, byID)
	if !ok {
		return mark{}, false
	}
	return ms[i], true
}

func byID(m mark, id int64) int {
	switch {
	case m.id < id:
		return -1
	case m.id > id:
		return 1
	}
	return 0
}

// with returns ms with m in its place. It shares nothing with ms.
func (ms marks) with(m mark) marks {
	out := slices.Clone(ms)
	i, ok := slices.BinarySearchFunc(out, m.id, byID)
	if ok {
		out[i] = m
		return out
	}
	return slices.Insert(out, i, m)
}

// without returns ms without a number. It shares nothing with ms.
func (ms marks) without(id int64) marks {
	return slices.DeleteFunc(slices.Clone(ms), func(m mark) bool { return m.id == id })
}

// newest forgets the lowest numbers beyond n, and returns the lowest that is
// left where it did.
func (ms marks) newest(n int) (marks, int64) {
	if len(ms) <= n {
		return ms, 0
	}
	ms = slices.Clone(ms[len(ms)-n:])
	return ms, ms[0].id
}
