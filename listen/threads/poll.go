package threads

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/meta"
	"lastword/internal/seen"
	"lastword/internal/text"
	"lastword/listen"
)

// Reasons for leaving something out.
const (
	dropPost  = "post-unreadable"
	dropRight = "right-missing"
)

const (
	watch   = 1000 // voices that are looked at again
	deeper  = 60   // threads whose replies are asked for in one poll
	maxText = 64 << 10
)

// postFields is what is asked of every post (docs/threads/reference/
// reply-management, …/retrieve-and-discover-posts).
const postFields = "id,text,username,permalink,timestamp,has_replies,is_reply,replied_to{id},root_post{id,username},hide_status,is_quote_post"

// A post is what we read of one.
type post struct {
	ID         string
	Text       string
	Username   string
	Permalink  string
	Timestamp  meta.Time
	HasReplies bool                `json:"has_replies"`
	RepliedTo  struct{ ID string } `json:"replied_to"`
	Root       struct {
		ID       string
		Username string
	} `json:"root_post"`
	Hidden string `json:"hide_status"`
}

func readPost(raw []byte) (post, bool) {
	var p post
	ok := json.Unmarshal(raw, &p) == nil && meta.ID(p.ID) && !p.Timestamp.IsZero() && len(p.Username) <= 100
	return p, ok && (p.RepliedTo.ID == "" || meta.ID(p.RepliedTo.ID)) && (p.Root.ID == "" || meta.ID(p.Root.ID))
}

// A ref is what an answer needs to know of a post.
type ref struct {
	Kind string `json:"k"`
}

// How a post came to us: as a reply to us, because it names us, or because it has
// words that somebody searched for.
const (
	kindReply   = "reply"
	kindMention = "mention"
	kindFound   = "found"
)

// voice is what is heard of a post.
func (p post) voice(me account, kind string) lastword.Post {
	v := lastword.Post{
		Network: Name, Key: p.ID, URL: web(p.Permalink), Text: text.CleanTo(p.Text, maxText), SaidAt: p.Timestamp.Time,
		Parent: p.RepliedTo.ID, Root: p.Root.ID, Own: p.Username == me.Username,
		Private: p.Hidden == "HIDDEN" || p.Hidden == "COVERED" || p.Hidden == "BLOCKED" || p.Hidden == "RESTRICTED",
	}
	if v.Root == p.ID {
		v.Root = ""
	}
	if meta.ID(p.Username) { // Threads names only people whom everybody may read
		v.Author = lastword.Author{Key: p.Username, Handle: p.Username, URL: "https://www.threads.com/@" + p.Username}
	}
	if !v.Own {
		raw, err := json.Marshal(ref{Kind: kind})
		if err == nil { // a string cannot fail to be written
			v.Ref = string(raw)
		}
	}
	return v
}

// web returns an address at Threads, or none.
func web(link string) string {
	if u, err := url.Parse(link); err == nil && u.Scheme == "https" {
		switch u.Host {
		case "www.threads.net", "threads.net", "www.threads.com", "threads.com":
			return link
		}
	}
	return ""
}

// Poll implements listen.Source.
func (s *source) Poll(ctx context.Context, cursor string, hear listen.Hear) error {
	me, err := s.who(ctx)
	if err != nil {
		return err
	}
	p := &poll{source: s, me: me, left: deeper, others: map[string]bool{}}
	list := func(name, path, kind string, q url.Values) *meta.List {
		q.Set("fields", postFields)
		q.Set("limit", "50")
		own := name == "threads"
		return &meta.List{Name: name, Path: path, Query: q, Must: own, Take: func(ctx context.Context, raw []byte) ([]seen.Entry, error) {
			return p.take(ctx, raw, kind, own)
		}}
	}
	p.All = []*meta.List{
		list("threads", "me/threads", kindReply, url.Values{}), list("replies", "me/replies", kindReply, url.Values{}),
		list("mentions", "me/mentions", kindMention, url.Values{}),
	}
	for _, w := range s.set.words {
		p.All = append(p.All, list("keyword_search", "keyword_search", kindFound, url.Values{"q": {w}, "search_type": {"RECENT"}}))
	}
	p.Ask, p.Refused = s.list, func(name string) { s.host.Dropped(dropRight, name) }
	err = seen.Place{
		Of: me.ID, Network: Name, Now: s.host.Now(), Hear: hear, Dropped: s.host.Dropped, Page: p.Page, Gone: p.gone, Watch: watch,
	}.Poll(ctx, cursor)
	s.host.Next(s.graph.Rhythm(connector{}.Info().Every))
	return err
}

// A poll is one hearing of all lists of an account.
type poll struct {
	*source
	meta.Lists
	me     account
	left   int
	others map[string]bool // replies of others to us that are listed
	shown  *bool           // whether such a reply can be asked for one by one
}

// take takes one post; below one of ours, whoever replied to it and to each other.
func (p *poll) take(ctx context.Context, raw []byte, kind string, own bool) (all []seen.Entry, err error) {
	got, ok := p.add(&all, raw, kind)
	if !ok || !own || !got.HasReplies || p.left == 0 {
		return all, nil
	}
	p.left--
	return all, p.conversation(ctx, got.ID, &all)
}

// add reads one post. What says nothing, such as a picture alone, is left out.
func (p *poll) add(all *[]seen.Entry, raw []byte, kind string) (post, bool) {
	got, ok := readPost(raw)
	if !ok {
		p.host.Dropped(dropPost, p.me.Username)
		return got, false
	}
	if v := got.voice(p.me, kind); v.Text != "" {
		e := seen.Entry{Post: v}
		if v.Private { // that it was hidden is a change too
			e.Says = "hidden\x00" + v.Text
		}
		*all = append(*all, e)
	}
	return got, true
}

// conversation reads all replies below a post of ours, those to replies too
// (docs/threads/reference/reply-management).
func (p *poll) conversation(ctx context.Context, id string, all *[]seen.Entry) error {
	for after := ""; ; p.left-- {
		raws, next, err := p.list(ctx, id+"/conversation", url.Values{"fields": {postFields}, "reverse": {"true"}, "limit": {"100"}}, after)
		if meta.Gone(err) {
			return nil // deleted between the two questions
		}
		if err != nil {
			return err
		}
		for _, raw := range raws {
			if got, ok := p.add(all, raw, kindReply); ok && got.Username != p.me.Username {
				p.others[got.ID] = true
			}
		}
		if after = next; after == "" || p.left <= 0 {
			return nil
		}
	}
}

// list asks for one page as the account.
func (s *source) list(ctx context.Context, path string, q url.Values, after string) ([]json.RawMessage, string, error) {
	token, err := s.token.Get(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("threads: %w", err)
	}
	all, next, err := s.graph.List(ctx, token, path, q, after)
	if err != nil {
		return nil, "", fmt.Errorf("threads: %w", err)
	}
	return all, next, nil
}

// gone asks for a post that is no longer listed. Threads says the same of what is
// deleted and of what we may not ask for one by one; so a reply of somebody else
// that is there is asked for first, and where that one is not shown either, nobody
// is said to have deleted anything.
func (p *poll) gone(ctx context.Context, key string) (bool, error) {
	if p.Blind {
		return false, nil
	}
	is, err := p.missing(ctx, key)
	if err != nil || !is {
		return false, err
	}
	if p.shown == nil {
		shown := false
		for id := range p.others {
			miss, err := p.missing(ctx, id)
			if err != nil {
				return false, err
			}
			shown = !miss
			break
		}
		p.shown = &shown
	}
	return *p.shown, nil
}

func (p *poll) missing(ctx context.Context, id string) (bool, error) {
	err := p.call(ctx, api.Request{URL: url.PathEscape(id), Query: url.Values{"fields": {"id"}}}, nil)
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
