package facebook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/meta"
	"lastword/internal/seen"
	"lastword/internal/text"
	"lastword/listen"
)

// Reasons for leaving something out.
const (
	dropPost    = "post-unreadable"
	dropComment = "comment-unreadable"
	dropReview  = "review-unreadable"
	dropMessage = "message-unreadable"
	dropRight   = "right-missing" // a kind of voices that the account or the app may not read
)

const (
	watch   = 1000 // voices that are looked at again
	deeper  = 20   // further pages of comments asked for in one poll
	maxText = 64 << 10
)

// What is asked of each kind of voice.
const (
	commentFields = "id,from,message,created_time,parent{id},permalink_url,can_comment,can_reply_privately,is_hidden"
	postFields    = "id,from,message,created_time,permalink_url"
	reviewFields  = "created_time,reviewer,rating,recommendation_type,review_text,open_graph_story{id}"
	commentsOf    = "comments.filter(stream).order(reverse_chronological).limit(50){" + commentFields + "}"
)

// An entry is what we read of a post or a comment (docs/graph-api/reference/post,
// …/comment).
type entry struct {
	ID        string
	From      meta.Account
	Message   string
	Created   meta.Time `json:"created_time"`
	Parent    struct{ ID string }
	Permalink string `json:"permalink_url"`
	Comment   *bool  `json:"can_comment"`
	Privately bool   `json:"can_reply_privately"`
	Hidden    bool   `json:"is_hidden"`
	Comments  meta.Page
}

func readEntry(raw []byte) (entry, bool) {
	var e entry
	ok := json.Unmarshal(raw, &e) == nil && meta.ID(e.ID) && !e.Created.IsZero()
	return e, ok && (e.Parent.ID == "" || meta.ID(e.Parent.ID)) && (e.From.ID == "" || meta.ID(e.From.ID))
}

// A review is what we read of a recommendation (docs/graph-api/reference/page/
// ratings). It has no id of its own: the story that tells of it has.
type review struct {
	Created   meta.Time `json:"created_time"`
	Reviewer  meta.Account
	Rating    int
	Recommend string              `json:"recommendation_type"`
	Text      string              `json:"review_text"`
	Story     struct{ ID string } `json:"open_graph_story"`
}

func readReview(raw []byte) (review, bool) {
	var r review
	ok := json.Unmarshal(raw, &r) == nil && !r.Created.IsZero() && r.Rating >= 0 && r.Rating <= 5
	return r, ok && meta.ID(r.Story.ID) && (r.Reviewer.ID == "" || meta.ID(r.Reviewer.ID))
}

// A ref is what an answer needs to know of a voice.
type ref struct {
	Kind      string `json:"k"`           // one of the kinds below
	Person    string `json:"p,omitempty"` // to whom messages go
	Closed    bool   `json:"x,omitempty"` // nobody may comment on it
	Privately bool   `json:"m,omitempty"` // it may be answered by a message
}

const (
	kindPost    = "post"
	kindComment = "comment"
	kindReview  = "review"
	kindMessage = "message"
)

func (r ref) String() string {
	raw, err := json.Marshal(r)
	if err != nil {
		return "" // strings and bools cannot fail to be written
	}
	return string(raw)
}

func refMessage(person string) string { return ref{Kind: kindMessage, Person: person}.String() }

// Poll implements listen.Source.
func (s *source) Poll(ctx context.Context, cursor string, hear listen.Hear) error {
	me, err := s.me(ctx)
	if err != nil {
		return err
	}
	p := &poll{source: s, me: me, left: deeper}
	list := func(name, fields string, take func(context.Context, []byte) ([]seen.Entry, error)) *meta.List {
		return &meta.List{Name: name, Path: me.ID + "/" + name, Query: url.Values{"fields": {fields}, "limit": {"25"}}, Take: take, Few: true}
	}
	p.All = []*meta.List{
		list("feed", postFields+","+commentsOf, p.post), list("tagged", postFields, p.mention),
		list("ratings", reviewFields, p.review), list("conversations", meta.TalkFields, p.talk),
	}
	p.All[0].Must = true
	p.All[3].Query.Set("platform", "messenger")
	p.Refused = func(name string) { s.host.Dropped(dropRight, name) }
	p.Ask = func(ctx context.Context, path string, q url.Values, after string) ([]json.RawMessage, string, error) {
		raws, next, err := s.graph.List(ctx, me.Token, path, q, after)
		if err != nil {
			err = fmt.Errorf("facebook: %s: %w", strings.TrimPrefix(path, me.ID+"/"), err)
		}
		return raws, next, err
	}
	err = seen.Place{
		Of: me.ID, Network: Name, Now: s.host.Now(), Hear: hear, Dropped: s.host.Dropped, Page: p.Page, Gone: p.gone, Watch: watch,
		// Meta shows only the last twenty messages of a conversation, and says of
		// all others that they were deleted.
		Unasked: func(key string) bool { _, is := meta.IsMessage(key); return is },
	}.Poll(ctx, cursor)
	s.host.Next(s.graph.Rhythm(connector{}.Info().Every))
	return err
}

// A poll is one hearing of all lists of a Page.
type poll struct {
	*source
	meta.Lists
	me   page
	left int
}

// post takes a post of the Page or of a visitor, with its comments.
func (p *poll) post(ctx context.Context, raw []byte) (all []seen.Entry, err error) {
	e, ok := readEntry(raw)
	if !ok {
		p.host.Dropped(dropPost, p.me.ID)
		return nil, nil
	}
	all = p.add(all, p.heard(e, kindPost, ""))
	comments, after := e.Comments.Data, e.Comments.After()
	for {
		for _, raw := range comments {
			c, ok := readEntry(raw)
			if !ok {
				p.host.Dropped(dropComment, e.ID)
				continue
			}
			all = p.add(all, p.heard(c, kindComment, e.ID))
		}
		if after == "" || p.left == 0 {
			return all, nil
		}
		p.left--
		q := url.Values{"fields": {commentFields}, "filter": {"stream"}, "order": {"reverse_chronological"}, "limit": {"100"}}
		if comments, after, err = p.graph.List(ctx, p.me.Token, e.ID+"/comments", q, after); err != nil {
			return nil, fmt.Errorf("facebook: comments: %w", err)
		}
	}
}

// mention takes a post of somebody else that names the Page.
func (p *poll) mention(_ context.Context, raw []byte) (all []seen.Entry, err error) {
	e, ok := readEntry(raw)
	if !ok {
		p.host.Dropped(dropPost, p.me.ID)
		return nil, nil
	}
	return p.add(nil, p.heard(e, kindPost, "")), nil
}

func (p *poll) review(_ context.Context, raw []byte) ([]seen.Entry, error) {
	r, ok := readReview(raw)
	if !ok {
		p.host.Dropped(dropReview, p.me.ID)
		return nil, nil
	}
	return p.add(nil, r.post()), nil
}

func (p *poll) talk(_ context.Context, raw []byte) (all []seen.Entry, err error) {
	t, ok := meta.ReadTalk(raw)
	if !ok {
		p.host.Dropped(dropMessage, p.me.ID)
		return nil, nil
	}
	posts, unreadable := t.Posts(Name, p.me.ID, refMessage, inbox(p.me.ID, t.Link))
	for range unreadable {
		p.host.Dropped(dropMessage, t.ID)
	}
	for _, post := range posts {
		all = p.add(all, post)
	}
	return all, nil
}

// add leaves out what says nothing, such as a picture alone.
func (*poll) add(all []seen.Entry, post lastword.Post) []seen.Entry {
	if post.Text == "" && post.Title == "" {
		return all
	}
	e := seen.Entry{Post: post}
	if _, is := meta.IsMessage(post.Key); post.Private && !is { // that it was hidden is a change too
		e.Says = hidden + post.Text
	}
	return append(all, e)
}

// hidden begins what is remembered of a hidden comment.
const hidden = "hidden\x00"

// inbox is where a person answers a message by hand. Meta names a path.
func inbox(page, link string) string {
	if strings.HasPrefix(link, "/") && !strings.HasPrefix(link, "//") && !strings.ContainsAny(link, " \\") {
		return "https://www.facebook.com" + link
	}
	return "https://business.facebook.com/latest/inbox/all?asset_id=" + page
}

// web returns an address at Facebook, or else the one that every id has.
func web(link, id string) string {
	if u, err := url.Parse(link); err == nil && u.Scheme == "https" && (u.Host == "www.facebook.com" || u.Host == "facebook.com") {
		return link
	}
	return "https://www.facebook.com/" + url.PathEscape(id)
}

func (p *poll) heard(e entry, kind, post string) lastword.Post { return e.post(p.me.ID, kind, post) }

// post is the voice of an entry. Comments hang below a post, or below a comment.
func (e entry) post(me, kind, below string) lastword.Post {
	r := ref{Kind: kind, Closed: e.Comment != nil && !*e.Comment, Privately: e.Privately && kind == kindComment}
	post := lastword.Post{
		Network: Name, Key: e.ID, URL: web(e.Permalink, e.ID), Text: text.CleanTo(e.Message, maxText), SaidAt: e.Created.Time, Ref: r.String(),
		Author: author(e.From), Own: e.From.ID == me, Private: e.Hidden && kind == kindComment,
	}
	if kind == kindComment {
		post.Root, post.Parent = below, below
		if e.Parent.ID != "" {
			post.Parent = e.Parent.ID
		}
	}
	return post
}

// author names who said something. Facebook withholds that where the app may not
// know it: such a voice has no author.
func author(a meta.Account) lastword.Author {
	if a.ID == "" {
		return lastword.Author{}
	}
	return lastword.Author{Key: a.ID, Name: text.CleanTo(a.Name, 300), Handle: text.CleanTo(a.Username, 300)}
}

// reviewKey is the key of a recommendation's voice.
const reviewKey = "review/"

func (r review) post() lastword.Post {
	title := map[string]string{"positive": "★★★★★", "negative": "★☆☆☆☆"}[strings.ToLower(r.Recommend)]
	if title == "" && r.Rating > 0 {
		title = strings.Repeat("★", r.Rating) + strings.Repeat("☆", 5-r.Rating)
	}
	p := lastword.Post{
		Network: Name, Key: reviewKey + r.Story.ID, URL: web("", r.Story.ID), Title: title, Text: text.CleanTo(r.Text, maxText),
		SaidAt: r.Created.Time, Author: author(r.Reviewer), Ref: ref{Kind: kindReview}.String(),
	}
	if p.Text == "" {
		p.Title = "" // stars alone say nothing that could be answered
	}
	return p
}

// gone asks for a voice that is no longer listed. What we may not see is not
// gone.
func (p *poll) gone(ctx context.Context, key string) (bool, error) {
	if p.Blind {
		return false, nil
	}
	err := p.graph.Call(ctx, p.me.Token, api.Request{URL: url.PathEscape(strings.TrimPrefix(key, reviewKey)), Query: url.Values{"fields": {"id"}}}, nil)
	switch {
	case err == nil || meta.Refused(err):
		return false, nil
	case meta.Gone(err):
		return true, nil
	case errors.Is(err, lastword.ErrInvalid):
		return false, nil
	}
	return false, fmt.Errorf("facebook: %w", err)
}
