package instagram

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
	dropMessage = "message-unreadable"
	dropRight   = "right-missing"
)

const (
	watch   = 1000 // voices that are looked at again
	deeper  = 20   // further pages of comments asked for in one poll
	maxText = 64 << 10
)

// What is asked of each kind of voice (docs/instagram-platform/reference).
const (
	replyFields   = "id,from,username,text,timestamp,hidden,parent_id"
	commentFields = replyFields + ",replies.limit(50){" + replyFields + "}"
	mediaFields   = "id,caption,permalink,timestamp,username,media_product_type"
	commentsOf    = "comments.limit(50){" + commentFields + "}"
)

// A media is what we read of a post.
type media struct {
	ID        string
	Caption   string
	Permalink string
	Timestamp meta.Time
	Username  string
	Comments  meta.Page
}

func readMedia(raw []byte) (media, bool) {
	var m media
	return m, json.Unmarshal(raw, &m) == nil && meta.ID(m.ID) && !m.Timestamp.IsZero()
}

// A comment is what we read of one.
type comment struct {
	ID        string
	From      meta.Account
	Username  string
	Text      string
	Timestamp meta.Time
	Hidden    bool
	ParentID  string `json:"parent_id"`
	Replies   meta.Page
}

func readComment(raw []byte) (comment, bool) {
	var c comment
	ok := json.Unmarshal(raw, &c) == nil && meta.ID(c.ID) && !c.Timestamp.IsZero() && (c.ParentID == "" || meta.ID(c.ParentID)) && (c.From.ID == "" || meta.ID(c.From.ID))
	if c.From.Username == "" {
		c.From.Username = c.Username
	}
	return c, ok
}

// A ref is what an answer needs to know of a voice.
type ref struct {
	Kind   string `json:"k"`
	Top    string `json:"t,omitempty"` // of a comment, the first of its thread: only that one takes replies
	Person string `json:"p,omitempty"` // to whom messages go
	Hidden bool   `json:"h,omitempty"` // a hidden comment takes no reply
}

const (
	kindComment = "comment"
	kindMention = "mention"
	kindMessage = "message"
)

func (r ref) String() string {
	raw, err := json.Marshal(r)
	if err != nil {
		return "" // strings and a bool cannot fail to be written
	}
	return string(raw)
}

func refMessage(person string) string { return ref{Kind: kindMessage, Person: person}.String() }

// Poll implements listen.Source.
func (s *source) Poll(ctx context.Context, cursor string, hear listen.Hear) error {
	me, err := s.who(ctx)
	if err != nil {
		return err
	}
	p := &poll{source: s, me: me, left: deeper}
	list := func(name, fields string, take func(context.Context, []byte) ([]seen.Entry, error)) *meta.List {
		return &meta.List{Name: name, Path: "me/" + name, Query: url.Values{"fields": {fields}, "limit": {"25"}}, Take: take, Few: true}
	}
	p.All = []*meta.List{
		list("media", mediaFields+","+commentsOf, p.media), list("tags", mediaFields, p.mention), list("conversations", meta.TalkFields, p.talk),
	}
	p.All[0].Must = true
	p.All[2].Query.Set("platform", "instagram")
	p.Ask, p.Refused = s.list, func(name string) { s.host.Dropped(dropRight, name) }
	err = seen.Place{
		Of: me.UserID, Network: Name, Now: s.host.Now(), Hear: hear, Dropped: s.host.Dropped, Page: p.Page, Gone: p.gone, Watch: watch,
		// Instagram says of every message but the last twenty that it was deleted, and
		// answers nothing about other people's posts.
		Unasked: func(key string) bool {
			_, is := meta.IsMessage(key)
			return is || strings.HasPrefix(key, mentionKey)
		},
	}.Poll(ctx, cursor)
	s.host.Next(s.graph.Rhythm(connector{}.Info().Every))
	return err
}

// mentionKey begins the key of somebody else's post.
const mentionKey = "mention/"

// A poll is one hearing of all lists of an account.
type poll struct {
	*source
	meta.Lists
	me   account
	left int
}

// list asks for one page as the account.
func (s *source) list(ctx context.Context, path string, q url.Values, after string) ([]json.RawMessage, string, error) {
	token, err := s.token.Get(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("instagram: %w", err)
	}
	all, next, err := s.graph.List(ctx, token, path, q, after)
	if err != nil {
		return nil, "", fmt.Errorf("instagram: %w", err)
	}
	return all, next, nil
}

// media takes a post of ours with its comments and their replies.
func (p *poll) media(ctx context.Context, raw []byte) (all []seen.Entry, err error) {
	m, ok := readMedia(raw)
	if !ok {
		p.host.Dropped(dropPost, p.me.Username)
		return nil, nil
	}
	all = add(all, m.post(p.me, true))
	comments, after := m.Comments.Data, m.Comments.After()
	for {
		for _, raw := range comments {
			c, ok := readComment(raw)
			if !ok {
				p.host.Dropped(dropComment, m.ID)
				continue
			}
			all = add(all, c.post(p.me, m.ID, m.Permalink, ""))
			for _, raw := range c.Replies.Data {
				if r, ok := readComment(raw); ok {
					all = add(all, r.post(p.me, m.ID, m.Permalink, c.ID))
				} else {
					p.host.Dropped(dropComment, m.ID)
				}
			}
		}
		if after == "" || p.left == 0 {
			return all, nil
		}
		p.left--
		if comments, after, err = p.list(ctx, m.ID+"/comments", url.Values{"fields": {commentFields}, "limit": {"50"}}, after); err != nil {
			return nil, err
		}
	}
}

// mention takes a post of somebody else who named us in it.
func (p *poll) mention(_ context.Context, raw []byte) ([]seen.Entry, error) {
	m, ok := readMedia(raw)
	if !ok {
		p.host.Dropped(dropPost, p.me.Username)
		return nil, nil
	}
	return add(nil, m.post(p.me, false)), nil
}

func (p *poll) talk(_ context.Context, raw []byte) (all []seen.Entry, err error) {
	t, ok := meta.ReadTalk(raw)
	if !ok {
		p.host.Dropped(dropMessage, p.me.Username)
		return nil, nil
	}
	posts, unreadable := t.Posts(Name, p.me.UserID, refMessage, inbox)
	for range unreadable {
		p.host.Dropped(dropMessage, t.ID)
	}
	for _, post := range posts {
		all = add(all, post)
	}
	return all, nil
}

// add leaves out what says nothing, such as a picture alone.
func add(all []seen.Entry, p lastword.Post) []seen.Entry {
	if p.Text == "" {
		return all
	}
	e := seen.Entry{Post: p}
	if _, is := meta.IsMessage(p.Key); p.Private && !is { // that it was hidden is a change too
		e.Says = "hidden\x00" + p.Text
	}
	return append(all, e)
}

// inbox is where a person answers a message by hand.
const inbox = "https://www.instagram.com/direct/inbox/"

// web returns an address at Instagram, or none.
func web(link string) string {
	if u, err := url.Parse(link); err == nil && u.Scheme == "https" && (u.Host == "www.instagram.com" || u.Host == "instagram.com") {
		return link
	}
	return ""
}

// profile names who said something: by their number, or by their name where
// Instagram tells no more, or not at all.
func profile(who meta.Account) lastword.Author {
	a := lastword.Author{Key: who.ID, Handle: text.CleanTo(who.Username, 100)}
	if a.Key == "" && a.Handle != "" {
		a.Key = "@" + a.Handle
	}
	if meta.ID(a.Handle) {
		a.URL = "https://www.instagram.com/" + a.Handle + "/"
	}
	return a
}

func (m media) post(me account, own bool) lastword.Post {
	who := meta.Account{Username: m.Username}
	p := lastword.Post{Network: Name, Key: m.ID, URL: web(m.Permalink), Text: text.CleanTo(m.Caption, maxText), SaidAt: m.Timestamp.Time}
	if own {
		who, p.Own = meta.Account{ID: me.UserID, Username: me.Username}, true
	} else {
		p.Key, p.Ref = mentionKey+m.ID, ref{Kind: kindMention}.String()
	}
	p.Author = profile(who)
	return p
}

// post is the voice of a comment below a post, or below another comment.
func (c comment) post(me account, mediaID, link, top string) lastword.Post {
	if top == "" {
		top = c.ParentID
	}
	p := lastword.Post{
		Network: Name, Key: c.ID, URL: web(link), Text: text.CleanTo(c.Text, maxText), SaidAt: c.Timestamp.Time, Author: profile(c.From),
		Parent: top, Root: mediaID, Own: me.is(c.From), Private: c.Hidden,
	}
	if p.Parent == "" {
		p.Parent, top = mediaID, c.ID
	}
	p.Ref = ref{Kind: kindComment, Top: top, Hidden: c.Hidden}.String()
	return p
}

// gone asks for a comment or a post of ours that is no longer listed. What we may
// not see is not gone.
func (p *poll) gone(ctx context.Context, key string) (bool, error) {
	if p.Blind {
		return false, nil
	}
	err := p.call(ctx, api.Request{URL: url.PathEscape(key), Query: url.Values{"fields": {"id"}}}, nil)
	switch {
	case err == nil || meta.Refused(err):
		return false, nil
	case meta.Gone(err):
		return true, nil
	case errors.Is(err, lastword.ErrInvalid):
		return false, nil
	}
	return false, err
}
