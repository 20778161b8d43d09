package ghost

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/internal/seen"
	"lastword/internal/text"
	"lastword/listen"
)

const (
	perPage  = 100 // the most that Ghost 6 gives at once
	maxText  = 64 << 10
	maxTitle = 1 << 10
	maxName  = 300
)

// Reasons for leaving something out.
const (
	dropComment    = "comment-unreadable"
	dropPost       = "post-unreadable"
	dropNoComments = "no-comments" // this Ghost tells none
)

// comments is a page of them.
type comments struct {
	Comments []json.RawMessage
	Meta     struct {
		Pagination struct{ Pages int }
	}
}

// A comment is what we read of one (core/server/api/endpoints/utils/serializers/
// output/mappers/comments.js).
type comment struct {
	ID        string    `json:"id"`
	Parent    string    `json:"parent_id"`      // the first comment of the thread
	InReplyTo string    `json:"in_reply_to_id"` // within the thread
	Status    string    `json:"status"`         // "published", "hidden", "deleted"
	HTML      string    `json:"html"`
	Made      time.Time `json:"created_at"`
	Member    struct {
		ID, Name, Email string
	} `json:"member"`
	Post struct {
		ID, URL string
	} `json:"post"`
}

// readComment decodes one comment. Members that left are null.
func readComment(raw []byte) (comment, bool) {
	var c comment
	return c, json.Unmarshal(raw, &c) == nil && isID(c.ID) && !c.Made.IsZero()
}

// isID reports whether s can be an id: it becomes part of addresses and keys.
func isID(s string) bool {
	return s != "" && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-'
	})
}

// An article is what we read of a post (Admin API, "Posts").
type article struct {
	ID         string    `json:"id"`
	URL        string    `json:"url"`
	Title      string    `json:"title"`
	Text       string    `json:"plaintext"`
	HTML       string    `json:"html"`
	Status     string    `json:"status"`
	Visibility string    `json:"visibility"` // "public", "members", "paid", "tiers"
	Published  time.Time `json:"published_at"`
	Updated    string    `json:"updated_at"`
	Foot       string    `json:"codeinjection_foot"`
}

func readArticle(raw []byte) (article, bool) {
	var a article
	return a, json.Unmarshal(raw, &a) == nil && isID(a.ID)
}

// posts lists posts.
func (s *source) posts(ctx context.Context, q url.Values) ([]article, error) {
	if q.Get("fields") == "" {
		q.Set("fields", "id,url,title,plaintext,status,visibility,published_at,updated_at")
		q.Set("formats", "plaintext")
	}
	var got struct{ Posts []json.RawMessage }
	if err := s.ask(ctx, call{path: "/posts/", query: q}, &got); err != nil {
		return nil, judged(err)
	}
	var all []article
	for _, raw := range got.Posts {
		if a, ok := readArticle(raw); ok {
			all = append(all, a)
		} else {
			s.host.Dropped(dropPost, s.at.Host)
		}
	}
	return all, nil
}

// A poll is one hearing.
type poll struct {
	*source
	site   *site
	public map[string]bool // posts that everybody may read, as far as they were asked for
}

// Poll implements listen.Source.
func (s *source) Poll(ctx context.Context, cursor string, hear listen.Hear) error {
	at, err := s.find(ctx)
	if err != nil {
		return err
	}
	p := &poll{source: s, site: at, public: map[string]bool{}}
	return seen.Place{
		Of: at.home, Network: Name, Now: s.host.Now(), Hear: hear, Dropped: s.host.Dropped, Page: p.page, Gone: p.gone,
	}.Poll(ctx, cursor)
}

// page lists comments, newest first, and with the first page the latest posts.
func (p *poll) page(ctx context.Context, n int) (all []seen.Entry, more bool, err error) {
	if n == 1 {
		if all, err = p.articles(ctx); err != nil {
			return nil, false, err
		}
	}
	var got comments
	err = p.ask(ctx, call{path: "/comments/", query: url.Values{"limit": {strconv.Itoa(perPage)}, "page": {strconv.Itoa(n)}, "order": {"created_at desc"}}}, &got)
	if err != nil && withoutComments(err) {
		p.host.Dropped(dropNoComments, p.site.version)
		return all, false, nil
	}
	if err != nil {
		return nil, false, judged(err)
	}
	var listed []comment
	for _, raw := range got.Comments {
		c, ok := readComment(raw)
		switch {
		case !ok:
			p.host.Dropped(dropComment, p.site.home)
		case c.Status == "published":
			listed = append(listed, c)
		}
	}
	if err := p.visibility(ctx, listed); err != nil {
		return nil, false, err
	}
	for _, c := range listed {
		if post := p.heard(c); post.Text != "" {
			all = append(all, seen.Entry{Post: post})
		}
	}
	return all, n < got.Meta.Pagination.Pages, nil
}

func (p *poll) articles(ctx context.Context) (all []seen.Entry, err error) {
	got, err := p.posts(ctx, url.Values{"limit": {"50"}, "filter": {"status:published"}, "order": {"published_at desc"}})
	for _, a := range got {
		p.public[a.ID] = a.Visibility == "public"
		post := lastword.Post{
			Network: Name, Key: p.site.home + "|p" + a.ID, URL: a.URL, Title: text.CleanTo(a.Title, maxTitle), Text: text.CleanTo(a.Text, maxText),
			Author: lastword.Author{Key: p.site.home + "|site", Name: p.site.home}, SaidAt: a.Published, Own: true, Private: a.Visibility != "public",
		}
		if !a.Published.IsZero() && post.Title+post.Text != "" {
			all = append(all, seen.Entry{Post: post})
		}
	}
	return all, err
}

// visibility asks which posts of the comments everybody may read.
func (p *poll) visibility(ctx context.Context, of []comment) error {
	var ask []string
	for _, c := range of {
		if _, known := p.public[c.Post.ID]; !known && isID(c.Post.ID) {
			p.public[c.Post.ID] = false
			ask = append(ask, c.Post.ID)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	got, err := p.posts(ctx, url.Values{"limit": {strconv.Itoa(perPage)}, "filter": {"id:[" + strings.Join(ask, ",") + "]"}, "fields": {"id,visibility,status"}})
	for _, a := range got {
		p.public[a.ID] = a.Visibility == "public"
	}
	return err
}

// A ref is what an answer needs to know of a comment.
type ref struct {
	Comment string `json:"c"`
	Thread  string `json:"t"` // the first comment of its thread; may be itself
	Post    string `json:"p"`
}

func (p *poll) heard(c comment) lastword.Post {
	r := ref{Comment: c.ID, Thread: c.Parent, Post: c.Post.ID}
	parent := p.site.home + "|p" + c.Post.ID
	switch {
	case c.InReplyTo != "":
		parent = p.site.home + "|c" + c.InReplyTo
	case c.Parent != "":
		parent = p.site.home + "|c" + c.Parent
	default:
		r.Thread = c.ID
	}
	raw, err := json.Marshal(r)
	if err != nil {
		raw = nil // three strings cannot fail to be written
	}
	who := lastword.Author{}
	if c.Member.ID != "" {
		who = lastword.Author{Key: p.site.home + "|" + c.Member.ID, Handle: text.CleanTo(c.Member.Email, maxName), Name: text.CleanTo(c.Member.Name, maxName)}
	}
	return lastword.Post{
		Network: Name, Key: p.site.home + "|c" + c.ID, URL: c.Post.URL + "#ghost-comments-root", Author: who,
		Text: text.CleanTo(text.PlainHTML(c.HTML), maxText), SaidAt: c.Made, Parent: parent, Root: p.site.home + "|p" + c.Post.ID, Ref: string(raw),
		Own: p.member != "" && strings.EqualFold(c.Member.Email, p.member), Private: !p.public[c.Post.ID],
	}
}

// gone asks for a comment or post that is no longer listed.
func (p *poll) gone(ctx context.Context, key string) (bool, error) {
	kind, id, err := parseKey(key)
	if err != nil {
		return false, nil
	}
	var got struct{ Comments, Posts []struct{ Status string } }
	path := "/comments/" + id + "/"
	if kind == 'p' {
		path = "/posts/" + id + "/"
	}
	err = p.ask(ctx, call{path: path}, &got)
	switch e := refusalOf(err); {
	case e.kind == "NotFoundError" && e.status == http.StatusNotFound:
		return true, nil
	case e.status == http.StatusNotImplemented, e.status == http.StatusForbidden:
		return false, nil // this Ghost does not say
	case err != nil:
		return false, judged(err)
	}
	for _, one := range append(got.Comments, got.Posts...) {
		return one.Status != "published" && one.Status != "sent", nil
	}
	return false, nil
}

// parseKey reads a key of a Post or Receipt.
func parseKey(key string) (kind byte, id string, err error) {
	_, rest, ok := strings.Cut(key, "|")
	if !ok || len(rest) < 2 || rest[0] != 'c' && rest[0] != 'p' || !isID(rest[1:]) {
		return 0, "", errors.Join(errors.New("ghost: a key that is none"), lastword.ErrInvalid)
	}
	return rest[0], rest[1:], nil
}
