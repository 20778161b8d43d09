package lastword

// A Network says what may be said in one kind of place, and how it counts.
type Network struct {
	Name     string // as in Post.Network
	Title    string // as people call it
	Reply    bool   // we can answer there by ourselves, given a channel
	Limit    int    // longest answer in Unit; 0 means no limit that matters
	Unit     Unit
	MaxBytes int // UTF-8 bytes; 0 means no limit
}

// A Unit is what a network counts.
type Unit string

// The units.
const (
	Graphemes  Unit = "graphemes"  // UAX #29 extended grapheme clusters (Bluesky)
	Characters Unit = "characters" // Unicode code points
	Weighted   Unit = "weighted"   // twitter-text v3
)
