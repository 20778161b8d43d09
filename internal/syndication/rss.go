package syndication

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"
	"time"

	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/rss"
)

func readRSS(doc []byte, base *url.URL) (Feed, error) {
	in, err := (&rss.Parser{}).Parse(bytes.NewReader(doc))
	if err != nil {
		return Feed{}, err
	}
	x := extensions(in.Extensions)
	f := Feed{
		Format: "rss",
		Title:  title(in.Title),
		Link:   resolve(base, in.Link),
		Lang:   tongue(firstOf(in.Language, x.text("dc", "language"))),
		Author: person(firstOf(x.text("dc", "creator"), x.text("itunes", "author"), in.ManagingEditor)),
		Every:  max(minutes(in.TTL), x.updates()),
	}
	for _, l := range x.all("link", "atom", "atom10", "atom03") {
		f.link(l.Attrs["rel"], l.Attrs["href"], base)
	}
	f.Deleted = x.deleted()
	for _, item := range in.Items {
		f.Items = append(f.Items, rssItem(item, base))
	}
	return f, nil
}

func rssItem(in *rss.Item, base *url.URL) Item {
	x := extensions(in.Extensions)
	item := Item{
		Link:      resolve(base, firstOf(x.text("feedburner", "origLink"), in.Link, x.link("alternate", ""))),
		Title:     title(firstOf(in.Title, x.text("dc", "title"))),
		Text:      plain(firstOf(in.Content, in.Description, x.text("dc", "description"), x.text("itunes", "summary"), x.atom("content"), x.atom("summary"), x.media())),
		Lang:      tongue(x.text("dc", "language")),
		Author:    rssAuthor(in, x),
		Published: when(in.PubDate, x.text("dc", "date"), x.atom("published"), x.text("dcterms", "created"), x.atom("updated")),
		Updated:   when(x.atom("updated"), x.text("dcterms", "modified"), x.text("dc", "date")),
		Comments:  resolve(base, firstOf(x.text("wfw", "commentRss"), x.text("wfw", "commentRSS"))),
		Replies:   x.replies(),
		Parent:    x.parent(),
	}
	if in.GUID != nil {
		item.ID = short(in.GUID.Value)
		// RSS 2.0: a guid is the item's address unless it says otherwise.
		if item.Link == "" && !strings.EqualFold(in.GUID.IsPermalink, "false") {
			item.Link = webAddress(item.ID)
		}
	}
	if item.Parent == "" {
		item.Parent = commented(item.ID)
	}
	return item
}

func rssAuthor(in *rss.Item, x extensions) Author {
	if s := firstOf(x.text("dc", "creator"), x.text("dc", "author"), in.Author, x.text("itunes", "author")); s != "" {
		return person(s)
	}
	for _, a := range x.all("author", "atom", "atom10", "atom03") {
		return Author{Name: title(child(a, "name")), Email: short(child(a, "email")), URL: webAddress(child(a, "uri"))}
	}
	return Author{}
}

// commented returns the id of the entry that a comment's id is made of: blogs
// number comments in the fragment of the entry's own id.
func commented(id string) string {
	entry, fragment, _ := strings.Cut(id, "#")
	if strings.HasPrefix(fragment, "comment-") {
		return entry
	}
	return ""
}

func webAddress(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || len(s) > maxShort {
		return ""
	}
	return u.String()
}

func minutes(s string) time.Duration {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 20)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Minute
}

func (f *Feed) link(rel, href string, base *url.URL) {
	at := resolve(base, href)
	switch {
	case at == "":
	case rel == "hub" && len(f.Hubs) < 5:
		f.Hubs = append(f.Hubs, at)
	case rel == "self" && f.Self == "":
		f.Self = at
	case (rel == "" || rel == "alternate") && f.Link == "":
		f.Link = at
	}
}

// extensions are the elements of other vocabularies, by prefix and name.
type extensions ext.Extensions

func (x extensions) all(name string, prefixes ...string) []ext.Extension {
	var found []ext.Extension
	for _, p := range prefixes {
		found = append(found, x[p][name]...)
	}
	return found
}

func (x extensions) text(prefix, name string) string {
	for _, e := range x[prefix][name] {
		if e.Value != "" {
			return e.Value
		}
	}
	return ""
}

func (x extensions) atom(name string) string {
	return firstOf(x.text("atom", name), x.text("atom10", name), x.text("atom03", name))
}

func (x extensions) link(rels ...string) string {
	for _, l := range x.all("link", "atom", "atom10", "atom03") {
		for _, rel := range rels {
			if l.Attrs["rel"] == rel {
				return l.Attrs["href"]
			}
		}
	}
	return ""
}

// media is the description of a video or picture (Media RSS), where it is all
// that is said.
func (x extensions) media() string {
	for _, group := range x["media"]["group"] {
		if s := child(group, "description"); s != "" {
			return s
		}
	}
	return x.text("media", "description")
}

func child(e ext.Extension, name string) string {
	for _, c := range e.Children[name] {
		return c.Value
	}
	return ""
}

// replies is slash:comments or thr:total (RFC 4685 §5).
func (x extensions) replies() int {
	n, err := strconv.ParseUint(strings.TrimSpace(firstOf(x.text("slash", "comments"), x.text("thr", "total"))), 10, 31)
	if err != nil {
		return 0
	}
	return int(n)
}

// parent is thr:in-reply-to (RFC 4685 §3), under any prefix.
func (x extensions) parent() string {
	for _, names := range x {
		for _, e := range names["in-reply-to"] {
			return short(firstOf(e.Attrs["ref"], e.Attrs["href"]))
		}
	}
	return ""
}

// deleted are the tombstones (RFC 6721 §3), under any prefix.
func (x extensions) deleted() []string {
	var ids []string
	for _, names := range x {
		for _, e := range names["deleted-entry"] {
			if id := short(e.Attrs["ref"]); id != "" && len(ids) < MaxItems {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// updates is the module "syndication" of RSS 1.0: so many times a period.
func (x extensions) updates() time.Duration {
	period := map[string]time.Duration{
		"hourly": time.Hour, "daily": 24 * time.Hour, "weekly": 7 * 24 * time.Hour,
		"monthly": 30 * 24 * time.Hour, "yearly": 365 * 24 * time.Hour,
	}[strings.ToLower(strings.TrimSpace(x.text("sy", "updatePeriod")))]
	times, err := strconv.ParseUint(strings.TrimSpace(x.text("sy", "updateFrequency")), 10, 16)
	if err != nil || times == 0 {
		times = 1
	}
	return period / time.Duration(times)
}
