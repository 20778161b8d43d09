// Package syndication reads what websites hand out for following them: RSS
// 0.9x to 2.0, Atom 0.3 and 1.0, JSON Feed 1.x, in the shape in which they are
// really found: wrongly declared character sets, broken markup, missing ids,
// dates in any form.
//
// [Decode] is pure and takes any bytes: it bounds depth, number and cost of
// what it reads, and keeps every item that can be read.
package syndication

import (
	"errors"
	"time"

	"lastword"
)

// The bounds of a document. Beyond them it is refused with ErrTooComplex, or,
// for MaxItems, read no further.
const (
	MaxItems    = 5000    // items of one document
	MaxElements = 250_000 // XML elements or JSON objects
	MaxDepth    = 200     // of nested XML elements
	MaxTitle    = 1 << 10 // bytes of a title
	MaxText     = 1 << 16 // bytes of a text
	maxShort    = 1 << 11 // bytes of an id, an address, a name
)

// Why a document is no feed. Each unwraps to lastword.ErrInvalid.
var (
	ErrNotFeed    = &problem{"neither RSS nor Atom nor JSON Feed"}
	ErrBroken     = &problem{"a feed so broken that no item can be read"}
	ErrTooComplex = &problem{"nested or divided beyond what a feed needs"}
)

type problem struct{ text string }

func (p *problem) Error() string { return "feed: " + p.text }
func (p *problem) Unwrap() error { return lastword.ErrInvalid }

// A PageError says that the document is a web page. Feeds are the addresses of
// the feeds it names, in its order, absolute if the base was. It unwraps to
// ErrNotFeed.
type PageError struct{ Feeds []string }

func (e *PageError) Error() string {
	if len(e.Feeds) == 0 {
		return "feed: a web page that names no feed"
	}
	return "feed: a web page that names a feed"
}

// Unwrap returns ErrNotFeed.
func (e *PageError) Unwrap() error { return ErrNotFeed }

// A Feed is one document. Texts are plain and clean; addresses are absolute if
// the base was.
type Feed struct {
	Format  string // "rss", "atom" or "json"
	Title   string
	Link    string // the site
	Lang    string // BCP 47, or empty
	Author  Author
	Self    string        // where the feed says it lives (WebSub: the topic)
	Hubs    []string      // WebSub hubs, W3C Recommendation §4
	Every   time.Duration // how rarely it wants to be asked, or 0 (RSS ttl, sy:updatePeriod)
	Items   []Item        // as in the document
	Deleted []string      // ids of entries taken back (RFC 6721)
	Damaged int           // places that could not be read; an item may be missing at each
}

// An Item is one entry.
type Item struct {
	ID        string // its own, else its link, else a digest; unique in the document, never empty
	Link      string
	Title     string
	Text      string
	Lang      string // BCP 47; the feed's where the item has none
	Author    Author // zero where the item names none
	Published time.Time
	Updated   time.Time
	Comments  string // the feed of its comments, or empty
	Replies   int    // how many comments it says it has
	Parent    string // the id it replies to (RFC 4685), or empty
}

// An Author is whoever signed.
type Author struct{ Name, Email, URL string }

// Zero reports whether nothing is known of a.
func (a Author) Zero() bool { return a == Author{} }

// errPanic stands for a fault of the parser on foreign bytes.
var errPanic = errors.New("feed: the parser gave up")
