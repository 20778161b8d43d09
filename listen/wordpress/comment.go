package wordpress

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/internal/text"
)

// Bounds of what is kept of one comment or post, in bytes.
const (
	maxText  = 64 << 10
	maxTitle = 1 << 10
	maxName  = 300
)

// Reasons for leaving something out.
const (
	dropComment = "comment-unreadable"
	dropPost    = "post-unreadable"
)

// A comment is what we read of one (REST API Reference, "Comments", Schema).
type comment struct {
	ID      int64
	Post    int64
	Parent  int64
	Author  int64 // a user of the site, or 0
	Name    string
	Email   string // to moderators only
	URL     string
	Avatars map[string]string
	Date    time.Time
	HTML    string
	Raw     string // to moderators only
	Agent   string // to moderators only
	Link    string
	Status  string // "approved", "hold", "spam", "trash" or a plugin's own
	Up      string // address of the post at the API
}

// rendered is text that the site made fit to be shown.
type rendered struct{ Rendered, Raw string }

// readComment decodes one comment. Plugins change answers in many ways: what is
// not a comment's number, text and time may be missing or of another type.
func readComment(raw []byte) (comment, bool) {
	var must struct {
		ID, Post, Parent int64
		Date             string `json:"date_gmt"`
		Content          rendered
		Status, Link     string
	}
	if json.Unmarshal(raw, &must) != nil || must.ID <= 0 {
		return comment{}, false
	}
	var may struct {
		Author  json.RawMessage
		Name    json.RawMessage `json:"author_name"`
		Email   json.RawMessage `json:"author_email"`
		URL     json.RawMessage `json:"author_url"`
		Agent   json.RawMessage `json:"author_user_agent"`
		Avatars json.RawMessage `json:"author_avatar_urls"`
		Links   json.RawMessage `json:"_links"`
	}
	if json.Unmarshal(raw, &may) != nil {
		return comment{}, false
	}
	c := comment{ID: must.ID, Post: must.Post, Parent: max(must.Parent, 0), Status: must.Status, Link: must.Link,
		HTML: must.Content.Rendered, Raw: must.Content.Raw, Date: timeOf(must.Date)}
	c.Author, _ = lenient[int64](may.Author)
	c.Name, _ = lenient[string](may.Name)
	c.Email, _ = lenient[string](may.Email)
	c.URL, _ = lenient[string](may.URL)
	c.Agent, _ = lenient[string](may.Agent)
	c.Avatars, _ = lenient[map[string]string](may.Avatars)
	if links, ok := lenient[map[string][]struct{ Href string }](may.Links); ok && len(links["up"]) > 0 {
		c.Up = links["up"][0].Href
	}
	return c, !c.Date.IsZero()
}

// lenient decodes what may be of another type.
func lenient[T any](raw json.RawMessage) (v T, ok bool) {
	if len(raw) == 0 || json.Unmarshal(raw, &v) != nil {
		var none T
		return none, false
	}
	return v, true
}

// timeOf reads a date_gmt: RFC 3339 without a zone (mysql_to_rfc3339), in UTC.
func timeOf(s string) time.Time {
	t, err := time.Parse("2006-01-02T15:04:05", strings.TrimSuffix(s, "Z"))
	if err != nil || t.Year() < 1990 {
		return time.Time{}
	}
	return t
}

// An article is what we read of a post or page (REST API Reference, "Posts").
type article struct {
	ID       int64
	Author   int64
	Date     time.Time
	Title    string
	HTML     string
	Link     string
	Status   string // "publish", "private", …
	Comments string `json:"-"` // "open" or "closed"
	Locked   bool   // by a password
	Raw      string // to those who may edit it
}

// readArticle decodes one post.
func readArticle(raw []byte) (article, bool) {
	var got struct {
		ID             int64
		Date           string `json:"date_gmt"`
		Title, Content struct {
			Rendered, Raw string
			Protected     bool
		}
		Link, Status string
		Author       json.RawMessage
		Comments     string `json:"comment_status"`
	}
	if json.Unmarshal(raw, &got) != nil || got.ID <= 0 {
		return article{}, false
	}
	a := article{ID: got.ID, Date: timeOf(got.Date), Title: text.CleanTo(text.PlainHTML(got.Title.Rendered), maxTitle),
		HTML: got.Content.Rendered, Raw: got.Content.Raw, Link: got.Link, Status: got.Status, Comments: got.Comments, Locked: got.Content.Protected}
	a.Author, _ = lenient[int64](got.Author)
	return a, true
}

// A ref is what an answer needs to know of a comment.
type ref struct {
	Comment int64 `json:"c"`
	Post    int64 `json:"p"`
	Closed  bool  `json:"x,omitempty"` // the post takes no more comments
}

func (r ref) String() string {
	b, err := json.Marshal(r)
	if err != nil {
		return "" // two numbers cannot fail to be written
	}
	return string(b)
}

func parseRef(p lastword.Post) (ref, error) {
	var r ref
	if json.Unmarshal([]byte(p.Ref), &r) != nil || r.Comment <= 0 || r.Post <= 0 {
		return ref{}, fmt.Errorf("wordpress: no comment that can be answered: %w", lastword.ErrInvalid)
	}
	return r, nil
}

// Keys of one site: its name and what kind of thing it is.
func commentKey(home string, id int64) string { return home + "|c" + strconv.FormatInt(id, 10) }
func postKey(home string, id int64) string    { return home + "|p" + strconv.FormatInt(id, 10) }

// parseKey reads a key of a Receipt.
func parseKey(key string) (kind byte, id int64, err error) {
	_, rest, ok := strings.Cut(key, "|")
	if ok && len(rest) > 1 && (rest[0] == 'c' || rest[0] == 'p') {
		if id, err := strconv.ParseInt(rest[1:], 10, 64); err == nil && id > 0 {
			return rest[0], id, nil
		}
	}
	return 0, 0, fmt.Errorf("wordpress: a key that is none: %w", lastword.ErrInvalid)
}

// says is the text of a comment as people read it.
func (c comment) says() string { return text.CleanTo(text.PlainHTML(c.HTML), maxText) }

// post makes what is heard of a comment. On is its post, zero where that could
// not be read; then nobody knows whether it is public.
func (c comment) post(home string, me *user, on article) lastword.Post {
	p := lastword.Post{
		Network: Name, Key: commentKey(home, c.ID), URL: c.Link, Author: c.author(home),
		Text: c.says(), SaidAt: c.Date,
		Parent: postKey(home, c.Post), Root: postKey(home, c.Post),
		Ref:     ref{Comment: c.ID, Post: c.Post, Closed: on.Comments == "closed"}.String(),
		Own:     c.Author != 0 && (me != nil && c.Author == me.ID || c.Author == on.Author),
		Private: c.Status != "approved" || on.ID == 0 || on.Status != "publish" || on.Locked,
	}
	if c.Parent != 0 {
		p.Parent = commentKey(home, c.Parent)
	}
	return p
}

// author names whoever commented: a user of the site, else an address that the
// site asked for, else the digest of it that stands in the picture's address,
// else nobody but the writer of this comment. A bare name is no identity.
func (c comment) author(home string) lastword.Author {
	who := ""
	switch hash := avatarHash(c.Avatars); {
	case c.Author != 0:
		who = "u" + strconv.FormatInt(c.Author, 10)
	case c.Email != "":
		who = strings.ToLower(c.Email)
	case hash != "":
		who = "g" + hash
	default:
		who = "c" + strconv.FormatInt(c.ID, 10)
	}
	a := lastword.Author{Key: home + "|" + who, Handle: text.CleanTo(c.Email, maxName), Name: text.CleanTo(text.PlainHTML(c.Name), maxName)}
	if at, err := url.Parse(c.URL); err == nil && (at.Scheme == "http" || at.Scheme == "https") && len(c.URL) < 500 {
		a.URL = c.URL
	}
	return a
}

// avatarHash takes the digest of the author's address out of a Gravatar's; equal
// for equal addresses.
func avatarHash(avatars map[string]string) string {
	for _, size := range []string{"96", "48", "24"} {
		at, err := url.Parse(avatars[size])
		if err != nil || !strings.HasSuffix(at.Hostname(), "gravatar.com") {
			continue
		}
		hash := at.Path[strings.LastIndexByte(at.Path, '/')+1:]
		if len(hash) >= 32 && len(hash) <= 64 {
			return hash
		}
	}
	return ""
}

// post makes what is heard of a post: our own words, to which comments reply.
func (a article) post(home string) lastword.Post {
	return lastword.Post{
		Network: Name, Key: postKey(home, a.ID), URL: a.Link, Title: a.Title, Text: text.CleanTo(text.PlainHTML(a.HTML), maxText),
		Author: lastword.Author{Key: home + "|site", Name: home},
		SaidAt: a.Date, Own: true,
	}
}
