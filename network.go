package lastword

import "time"

// A Network says what may be said in one kind of place, and how it counts.
type Network struct {
	Name     string // as in Post.Network
	Title    string // as people call it
	Reply    bool   // we can answer there by ourselves, given a channel
	Limit    int    // longest answer in Unit; 0 means no limit that matters
	Unit     Unit
	MaxBytes int // UTF-8 bytes; 0 means no limit
	Thread   int // most posts of one answer, each a reply to the one before; 0: one only
	PerURL   int // what a web address counts for, however long it is; 0: as long as it is
}

// A Unit is what a network counts.
type Unit string

// The units.
const (
	Graphemes  Unit = "graphemes"  // UAX #29 extended grapheme clusters (Bluesky)
	Characters Unit = "characters" // Unicode code points
	Weighted   Unit = "weighted"   // twitter-text v3
	UTF16      Unit = "utf16"      // units of UTF-16 (Telegram)
	EmojiBytes Unit = "emojibytes" // code points, emoji by their bytes in UTF-8 (Threads)
)

// A ReplyOption is one way in which a voice can be answered, or a way that is
// closed, with the reason.
type ReplyOption struct {
	Private bool      // only its author sees the answer
	ByHand  bool      // a person gives it at the place: no program may
	Closed  bool      // not open to anybody, or no longer
	Why     string    // why by hand or closed: a key of the catalogue
	Until   time.Time // when it closes; zero: it does not
	At      string    // web address at which a person answers; may be empty; one that ends in "=" takes the answer
	Network Network   // what may be said this way, and how it counts; no Name: as everywhere in the network
	Cost    int64     // what the place asks for it, in millionths of a US dollar
}

// Open reports whether the way stands open to us at a time.
func (o ReplyOption) Open(now time.Time) bool {
	return !o.Closed && (o.Until.IsZero() || now.Before(o.Until))
}

// A Way is a ReplyOption with the channel through which it goes; none where it
// goes by hand.
type Way struct {
	Channel int64
	ReplyOption
}
