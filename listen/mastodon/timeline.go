package mastodon

import (
	"encoding/json"
	"net/url"
	"strconv"
	"time"
)

// A timeline is one list of what was said that a channel listens to.
type timeline struct {
	kind kind
	name string // of the hashtag, of the public timeline, or the phrase
}

type kind uint8

const (
	mentions kind = iota // notifications of the own account
	hashtag
	public
	search
)

// pageSize is the most that a server hands out at once, and pagesFirst and
// pagesMost how many pages are read on the first visit and at once later.
const (
	pageSize   = 40
	pagesFirst = 25
	pagesMost  = 50
)

// String names the timeline in the cursor.
func (t timeline) String() string {
	return [...]string{"mentions", "tag:", "public:", "search:"}[t.kind] + t.name
}

func (t timeline) lag() time.Duration {
	if t.kind == mentions {
		return lagMentions
	}
	return lagTimeline
}

// call asks for a page: of the items right after min (methods/timelines,
// min_id), or of those before max, or of the latest.
func (t timeline) call(in instance, min, max id, page int) call {
	q := url.Values{"limit": {strconv.Itoa(pageSize)}}
	if min != "" {
		q.Set("min_id", string(min))
	}
	if max != "" {
		q.Set("max_id", string(max))
	}
	switch t.kind {
	case hashtag:
		return get("/api/v1/timelines/tag/"+url.PathEscape(t.name), q)
	case public:
		if t.name != "public" {
			q.Set(t.name, "true")
		}
		return get("/api/v1/timelines/public", q)
	case search:
		q.Set("q", t.name)
		q.Set("type", "statuses")
		if min != "" { // its pages are counted, not marked
			q.Set("offset", strconv.Itoa(page*pageSize))
		}
		return get("/api/v2/search", q)
	}
	q["types[]"] = []string{"mention"}
	if in.api >= quotesSince {
		q["types[]"] = []string{"mention", "quote"}
	}
	// A stranger's mention may be held back by the account's policy (methods/
	// notifications): a customer is a stranger.
	q.Set("include_filtered", "true")
	return get("/api/v1/notifications", q)
}

// quotesSince is the API version that knows quotes (entities/Instance, Mastodon
// 4.5). Others refuse a type that they do not know.
const quotesSince = 7

// A page is a list of which each item is read by itself.
type page []json.RawMessage

// read reads the items of a page.
func (t timeline) read(p page) []item {
	one := readStatus
	if t.kind == mentions {
		one = readNotification
	}
	items := make([]item, 0, len(p))
	for _, raw := range p {
		items = append(items, one(raw))
	}
	return items
}

// stream returns the names under which the timeline is streamed: the path of
// server-sent events and the stream of a websocket (methods/streaming); empty
// where it is not.
func (t timeline) stream() (path, name string) {
	switch {
	case t.kind == mentions:
		return "/user", "user"
	case t.kind == hashtag:
		return "/hashtag", "hashtag"
	case t.kind == public && t.name == "public":
		return "/public", "public"
	case t.kind == public:
		return "/public/" + t.name, "public:" + t.name
	}
	return "", ""
}
