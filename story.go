package lastword

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// A Story is something that the company says by itself. It is drafted once;
// what goes out of it to each channel is a Version.
type Story struct {
	ID, Company int64
	Title       string // headline, where a place has any; may be empty
	Text        string // Markdown, as little of it as one likes
	Lang        string // BCP 47
	Card        Card   // of the first link in Text; zero where nothing is known of it
	Pictures    []Picture
	Due         time.Time // when it shall go out; zero: as soon as it is released
	By          int64     // who began it
	Made        time.Time
	Changed     time.Time
}

// A Card is what a place may show of a link beside a post.
type Card struct {
	URL         string `json:"url,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Picture     string `json:"picture,omitempty"` // digest of a kept picture; may be empty
}

// A Picture is an image of a story. Its bytes are kept under their digest,
// without what a camera wrote into them.
type Picture struct {
	Digest string `json:"digest"` // SHA-256 of the bytes, hex
	Type   string `json:"type"`   // "image/jpeg" or "image/png"
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Alt    string `json:"alt"` // what it shows, for who cannot see it
}

// Content is exactly what goes out of a story to one channel.
type Content struct {
	Title    string    `json:"title,omitempty"`
	Parts    []string  `json:"parts"` // one post each; more than one make a thread
	Lang     string    `json:"lang,omitempty"`
	Card     Card      `json:"card,omitzero"`
	Pictures []Picture `json:"pictures,omitempty"` // with the first part
	Due      time.Time `json:"due,omitzero"`       // not before
	Cites    int64     `json:"cites,omitempty"`    // a version that must stand before this one goes, for it links to it
}

// A Version is what a story becomes in one channel.
type Version struct {
	ID, Company int64
	Story       int64
	Channel     int64
	Network     string
	Content
	ByHand   int64 // the member who worded it; 0: it follows the draft
	Replaces int64 // the published version whose words it takes the place of; 0: it is new
	State    AnswerState
	Why      string // why it failed or was withdrawn
	URL      string // where it can be read, once sent
	Made     time.Time
	Released time.Time
	Sent     time.Time
}

// Removed is the state of a version that was published and taken down again.
const Removed AnswerState = "removed"

// Taken is the state of a published version that is being taken down.
const Taken AnswerState = "taken"

// Digest names exactly what goes out, and where and when: SHA-256 in hex over the
// version's story, network, channel and content.
func (v Version) Digest() string {
	body, err := json.Marshal(v.Content.exact())
	if err != nil {
		panic("lastword: a content did not encode: " + err.Error())
	}
	return digest("version", strconv.FormatInt(v.Company, 10), strconv.FormatInt(v.ID, 10), strconv.FormatInt(v.Story, 10),
		v.Network, strconv.FormatInt(v.Channel, 10), strconv.FormatInt(v.Replaces, 10), string(body))
}

// exact is the content with its time as it is kept: to the millisecond, in UTC.
func (c Content) exact() Content {
	if !c.Due.IsZero() {
		c.Due = c.Due.UTC().Truncate(time.Millisecond)
	}
	return c
}

// Same reports whether two contents are the same to the byte.
func (c Content) Same(d Content) bool {
	return Version{Content: c}.Digest() == Version{Content: d}.Digest()
}

// A ClearedVersion may leave the house. Only ClearVersion makes one; the outbox
// and the places take nothing else, and the zero value is refused by both.
type ClearedVersion struct {
	version Version
	digest  string
}

// ClearVersion is the last word on a post: it lets exactly this version out if as
// many directors released exactly its content as the company's rule demands, and
// otherwise returns ErrForbidden.
func ClearVersion(c Company, members []Member, releases []Release, v Version) (ClearedVersion, error) {
	d := v.Digest()
	if len(v.Parts) == 0 || v.Parts[0] == "" || v.Company != c.ID || !c.Rule.Met(members, releases, d) {
		return ClearedVersion{}, fmt.Errorf("version %d is not released: %w", v.ID, ErrForbidden)
	}
	v.Parts = append([]string(nil), v.Parts...) // nobody changes what was cleared
	v.Pictures = append([]Picture(nil), v.Pictures...)
	return ClearedVersion{version: v, digest: d}, nil
}

// Version returns what was cleared, and whether anything was.
func (c ClearedVersion) Version() (Version, bool) { return c.version, c.digest != "" }

// Digest names the content that was cleared; it is empty for the zero value.
func (c ClearedVersion) Digest() string { return c.digest }

// An OutgoingVersion is one released version on its way out.
type OutgoingVersion struct {
	Cleared  ClearedVersion
	Attempts int         // made before
	Busy     time.Time   // until then another attempt may still be under way
	Cited    AnswerState // the state of the version that it links to; empty where it links to none
	Placed   []Placed    // parts that earlier attempts are known to have brought out; of a replaced version all of its parts
}

// Placed says where a part of a published version stands.
type Placed struct {
	Key string // the network's own id
	URL string
}

// A StoryRow is a story with what it becomes.
type StoryRow struct {
	Story
	Versions []Version
	Replies  int // voices that were heard in reply
}

// A StoryFilter picks stories.
type StoryFilter struct {
	From, Until time.Time // going or gone out from the one to before the other; zero: any
	Before      int64     // only ids below: the next page
	Limit       int       // 0 means 25
}

// A Manner is how posts are published in one place, and what it takes.
type Manner struct {
	Network        // how much one post holds
	Title     bool // posts have a headline
	LongTitle int  // characters of a headline
	Markup    bool // texts may be Markdown
	Thread    bool // what is longer than a post goes on in a reply to it
	Cards     bool // a card of a link is brought along
	Unfurls   bool // the place makes cards of links by itself
	Pictures  int  // how many a post takes; 0: none
	LongAlt   int  // characters of what a picture shows; 0 means no limit
	Pictured  bool // nothing is published there without a picture
	Caption   int  // how much a post with pictures holds, counted as others; 0: as much as any
	Edit      bool // words can be changed once they are published
	Remove    bool // what was published can be taken down
	Own       bool // it is the company's own page in this house
}

// Holding is how much one post of c holds.
func (m Manner) Holding(c Content) Network {
	n := m.Network
	if m.Caption > 0 && len(c.Pictures) > 0 {
		n.Limit = m.Caption
	}
	return n
}

// A Blog is the company's own page for what it says.
type Blog struct {
	Company int64
	Name    string // its part of the address
	Title   string
	About   string // one sentence below the title
	Imprint string // § 5 DDG; a blog without one is shown to nobody
	Accent  string // "#RRGGBB" of links; empty: as the house has it
	On      bool
	Channel int64 // through which it is published to; 0 before it was ever switched on
}

// A BlogPost is a version that stands in a blog.
type BlogPost struct {
	Version
	Elsewhere []Version // where else the same story was published
}

// An Outlet is a channel through which posts are published.
type Outlet struct {
	Channel Channel // without secrets
	Manner  Manner
	Why     string // why nothing goes out through it now: a key of the catalogue; empty: it does
}
