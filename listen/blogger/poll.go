package blogger

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/google"
	"lastword/internal/seen"
	"lastword/internal/text"
	"lastword/listen"
)

// Reasons for leaving something out.
const (
	dropComment = "comment-unreadable"
	dropPost    = "post-unreadable"
)

const (
	maxText  = 64 << 10
	maxTitle = 1 << 10
	maxName  = 300
)

// An author is whoever wrote. Anonymous ones have no id.
type author struct{ ID, DisplayName, URL string }

// A comment is what we read of one (reference, "Comments").
type comment struct {
	ID, Status string // "live", "emptied", "pending", "spam"; none to strangers
	InReplyTo  struct{ ID string }
	Post       struct{ ID string }
	Published  time.Time
	Content    string
	Author     author
}

func readComment(raw []byte) (comment, bool) {
	var c comment
	return c, json.Unmarshal(raw, &c) == nil && isID(c.ID) && isID(c.Post.ID) && !c.Published.IsZero()
}

// An article is what we read of a post (reference, "Posts").
type article struct {
	ID, URL, Title, Content, Status string
	Published                       time.Time
	Author                          author
}

func readArticle(raw []byte) (article, bool) {
	var a article
	return a, json.Unmarshal(raw, &a) == nil && isID(a.ID)
}

// Poll implements listen.Source.
func (s *source) Poll(ctx context.Context, cursor string, hear listen.Hear) error {
	blog, err := s.blog(ctx)
	if err != nil {
		return err
	}
	p := &poll{source: s, blog: blog, posts: map[string]article{}}
	return seen.Place{
		Of: blog, Network: Name, Now: s.host.Now(), Hear: hear, Dropped: s.host.Dropped, Page: p.page, Gone: p.gone,
	}.Poll(ctx, cursor)
}

// A poll is one hearing.
type poll struct {
	*source
	blog  string
	next  string
	posts map[string]article // by number
}

// page lists comments of all posts, newest first, and with the first page the
// latest posts.
func (p *poll) page(ctx context.Context, n int) (all []seen.Entry, more bool, err error) {
	if n == 1 {
		p.next = ""
		if all, err = p.articles(ctx); err != nil {
			return nil, false, err
		}
	}
	listed, next, err := p.comments(ctx, p.blog, p.next)
	if err != nil {
		return nil, false, err
	}
	for _, c := range listed {
		if err := p.learn(ctx, c.Post.ID); err != nil {
			return nil, false, err
		}
		if post := p.heard(c); post.Text != "" {
			all = append(all, seen.Entry{Post: post})
		}
	}
	p.next = next
	return all, next != "", nil
}

// comments lists one page.
func (s *source) comments(ctx context.Context, blog, from string) (all []comment, next string, err error) {
	q := url.Values{"maxResults": {"100"}, "fetchBodies": {"true"}, "status": {"live"}}
	if from != "" {
		q.Set("pageToken", from)
	}
	var got struct {
		Items         []json.RawMessage
		NextPageToken string
	}
	if err := s.ask(ctx, api.Request{URL: "/" + blog + "/comments", Query: q}, &got); err != nil {
		return nil, "", judged(err)
	}
	for _, raw := range got.Items {
		c, ok := readComment(raw)
		switch {
		case !ok:
			s.host.Dropped(dropComment, s.at)
		case c.Status == "" || strings.EqualFold(c.Status, "live"):
			all = append(all, c)
		}
	}
	if len(got.Items) > 0 {
		next = got.NextPageToken
	}
	return all, next, nil
}

func (p *poll) articles(ctx context.Context) (all []seen.Entry, err error) {
	var got struct{ Items []json.RawMessage }
	q := url.Values{"maxResults": {"50"}, "fetchBodies": {"true"}, "status": {"live"}, "orderBy": {"published"}}
	if err := p.ask(ctx, api.Request{URL: "/" + p.blog + "/posts", Query: q}, &got); err != nil {
		return nil, judged(err)
	}
	for _, raw := range got.Items {
		a, ok := readArticle(raw)
		if !ok || a.Published.IsZero() {
			p.host.Dropped(dropPost, p.at)
			continue
		}
		p.posts[a.ID] = a
		post := lastword.Post{
			Network: Name, Key: p.blog + "|p" + a.ID, URL: a.URL, Title: text.CleanTo(text.PlainHTML(a.Title), maxTitle),
			Text: text.CleanTo(text.PlainHTML(a.Content), maxText), Author: p.author(a.Author, ""), SaidAt: a.Published.UTC(), Own: true,
		}
		if post.Title+post.Text != "" {
			all = append(all, seen.Entry{Post: post})
		}
	}
	return all, nil
}

// learn asks for a post that a comment stands below, for its address and author.
func (p *poll) learn(ctx context.Context, id string) error {
	if _, known := p.posts[id]; known {
		return nil
	}
	p.posts[id] = article{}
	var raw json.RawMessage
	err := p.ask(ctx, api.Request{URL: "/" + p.blog + "/posts/" + id, Query: url.Values{"fetchBody": {"false"}, "maxComments": {"0"}}}, &raw)
	var e *google.Error
	switch {
	case errors.As(err, &e) && e.Code == http.StatusNotFound:
		return nil
	case err != nil:
		return judged(err)
	}
	if a, ok := readArticle(raw); ok {
		p.posts[id] = a
	}
	return nil
}

func (p *poll) author(a author, key string) lastword.Author {
	who := lastword.Author{Key: key, Name: text.CleanTo(a.DisplayName, maxName)}
	if isID(strings.TrimPrefix(a.ID, "g")) {
		who.Key = a.ID
	}
	if strings.HasPrefix(a.URL, "https://") || strings.HasPrefix(a.URL, "http://") {
		who.URL = text.CleanTo(a.URL, maxName)
	}
	return who
}

func (p *poll) heard(c comment) lastword.Post {
	on := p.posts[c.Post.ID]
	key := p.blog + "|c" + c.Post.ID + "." + c.ID
	post := lastword.Post{
		Network: Name, Key: key, Author: p.author(c.Author, key), Text: text.CleanTo(text.PlainHTML(c.Content), maxText), SaidAt: c.Published.UTC(),
		Parent: p.blog + "|p" + c.Post.ID, Root: p.blog + "|p" + c.Post.ID, Own: c.Author.ID != "" && c.Author.ID == on.Author.ID,
	}
	if isID(c.InReplyTo.ID) {
		post.Parent = p.blog + "|c" + c.Post.ID + "." + c.InReplyTo.ID
	}
	if on.URL != "" {
		post.URL = on.URL + "?showComment=" + c.ID + "#c" + c.ID
	}
	return post
}

// gone asks for a comment or post that is no longer listed.
func (p *poll) gone(ctx context.Context, key string) (bool, error) {
	_, rest, ok := strings.Cut(key, "|")
	if !ok || len(rest) < 2 {
		return false, nil
	}
	at := "/" + p.blog + "/posts/" + rest[1:]
	if post, id, is := strings.Cut(rest[1:], "."); is {
		at = "/" + p.blog + "/posts/" + post + "/comments/" + id
	}
	var got struct{ Status string }
	err := p.ask(ctx, api.Request{URL: at}, &got)
	var e *google.Error
	switch {
	case errors.As(err, &e) && e.Code == http.StatusNotFound:
		return true, nil
	case err != nil:
		return false, judged(err)
	}
	return got.Status != "" && !strings.EqualFold(got.Status, "live"), nil
}
