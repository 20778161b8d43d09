package feed

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"

	"lastword/internal/syndication"
)

// cursor is all that a feed's past leaves behind: what was seen, how to ask for
// what is new only, and the rhythm. Times are Unix seconds.
type cursor struct {
	From     string `json:"from"`               // digest of the address as set up; another address begins anew
	URL      string `json:"url,omitempty"`      // where the feed moved for good, or which a page named
	ETag     string `json:"etag,omitempty"`     // validators of the last answer that was handed over whole
	Modified string `json:"modified,omitempty"` // (RFC 9110 §8.8)
	Body     string `json:"body,omitempty"`     // digest of its body
	Seen     marks  `json:"seen,omitempty"`
	Size     int    `json:"size,omitempty"`   // entries in the document when it was last read whole
	Newest   int64  `json:"newest,omitempty"` // time of the newest entry
	Gap      int64  `json:"gap,omitempty"`    // usual seconds between two entries
	Wish     int64  `json:"wish,omitempty"`   // seconds for which the last answer may be kept
	Every    int64  `json:"every,omitempty"`  // seconds between two askings, as the feed itself says
	Read     int64  `json:"read,omitempty"`   // when it was first read; 0 if never
	Failed   int64  `json:"failed,omitempty"` // since when it cannot be read; 0 if it can
	Sub      *lease `json:"sub,omitempty"`
}

// lease is a subscription at a WebSub hub.
type lease struct {
	Hub    string `json:"hub"`
	Topic  string `json:"topic"`
	Asked  int64  `json:"asked"`           // when we last asked for it
	Length int64  `json:"len,omitempty"`   // seconds granted
	Until  int64  `json:"until,omitempty"` // end of what was granted; 0 if not
	Denied bool   `json:"denied,omitempty"`
	At     string `json:"at,omitempty"` // digest of the callback that the hub was given
}

// parse reads a cursor. A cursor that is not ours is an error and no reason to
// begin anew in silence.
func parse(text, from string) (cursor, error) {
	c, err := restore(text)
	if err != nil || c.From != from {
		return cursor{From: from, Seen: c.Seen}, err
	}
	return c, nil
}

func restore(text string) (c cursor, err error) {
	if text == "" {
		return c, nil
	}
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return c, fmt.Errorf("feed: cursor: %w", err)
	}
	return c, nil
}

func (c cursor) String() (string, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("feed: cursor: %w", err)
	}
	return string(text), nil
}

// A mark remembers one entry: digests of its key and of what it says, and how
// many comments it had when they were read.
type mark struct {
	id      uint64
	says    uint32
	replies uint16
}

func markOf(i syndication.Item, at *url.URL) mark {
	says := sha256.Sum256([]byte(i.Title + "\x00" + i.Text))
	return mark{id: idOf(key(i.ID, at)), says: binary.BigEndian.Uint32(says[:]) | 1}
}

func idOf(key string) uint64 {
	sum := sha256.Sum256([]byte(key))
	return binary.BigEndian.Uint64(sum[:])
}

// marks are the entries seen, the longest unseen first. In JSON they are one
// string, 14 bytes an entry before base64.
type marks []mark

const markSize = 14

// The memory beyond what stands in the feed, so that an entry that comes back
// is known: as many again as it holds, at least keepLeast, at most keepMost.
const (
	keepLeast = 500
	keepMost  = 2 * syndication.MaxItems
)

// MarshalText packs the marks.
func (ms marks) MarshalText() ([]byte, error) {
	packed := make([]byte, 0, markSize*len(ms))
	for _, m := range ms {
		packed = binary.BigEndian.AppendUint64(packed, m.id)
		packed = binary.BigEndian.AppendUint32(packed, m.says)
		packed = binary.BigEndian.AppendUint16(packed, m.replies)
	}
	return base64.RawStdEncoding.AppendEncode(nil, packed), nil
}

// UnmarshalText unpacks them.
func (ms *marks) UnmarshalText(text []byte) error {
	packed, err := base64.RawStdEncoding.AppendDecode(nil, text)
	if err != nil || len(packed)%markSize != 0 {
		return fmt.Errorf("feed: marks of %d bytes", len(packed))
	}
	*ms = (*ms)[:0]
	for ; len(packed) > 0; packed = packed[markSize:] {
		*ms = append(*ms, mark{
			id:      binary.BigEndian.Uint64(packed),
			says:    binary.BigEndian.Uint32(packed[8:]),
			replies: binary.BigEndian.Uint16(packed[12:]),
		})
	}
	return nil
}

func (ms marks) byID() map[uint64]mark {
	m := make(map[uint64]mark, len(ms))
	for _, one := range ms {
		m[one.id] = one
	}
	return m
}

// with returns ms with those of now behind, and the oldest forgotten beyond
// what a feed of size entries is worth. It shares nothing with ms.
func (ms marks) with(now []mark, size int) marks {
	fresh := marks(now).byID()
	all := make(marks, 0, len(ms)+len(now))
	for _, old := range ms {
		if _, again := fresh[old.id]; !again {
			all = append(all, old)
		}
	}
	all = append(all, now...)
	return all[max(0, len(all)-min(max(keepLeast, 2*size), keepMost)):]
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}
