package discourse

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"

	"lastword"
	"lastword/internal/text"
)

// A wirePost is a post as the forum sends it (docs.discourse.org, Posts).
type wirePost struct {
	ID          int64
	Name        string
	Username    string
	UserID      int64     `json:"user_id"`
	CreatedAt   time.Time `json:"created_at"`
	Cooked      string    // HTML
	Raw         string    // Markdown; not everywhere
	Number      int64     `json:"post_number"`
	Type        int       `json:"post_type"`
	ReplyTo     *int64    `json:"reply_to_post_number"`
	TopicID     int64     `json:"topic_id"`
	TopicSlug   string    `json:"topic_slug"`
	TopicTitle  string    `json:"topic_title"`
	DeletedAt   *string   `json:"deleted_at"`
	UserDeleted bool      `json:"user_deleted"`
	Hidden      bool
	Yours       bool
}

// ordinary is the type of posts that people write; others tell what moderators
// did, or are for the team only.
const ordinary = 1

// readPost reads one; false where it is none.
func readPost(raw json.RawMessage) (p wirePost, ok bool) {
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, false
	}
	return p, p.ID > 0 && p.TopicID > 0 && !p.CreatedAt.IsZero()
}

// gone reports whether the post was taken away by its author or by the forum.
func (p wirePost) gone() bool { return p.DeletedAt != nil || p.UserDeleted }

// A ref is what answering needs of a post.
type ref struct {
	Topic  int64 `json:"t"`
	Number int64 `json:"n"`
	Closed bool  `json:"c,omitempty"` // nobody may answer in its topic
}

const (
	maxText  = 128 << 10 // bytes
	maxTitle = 1000
	maxName  = 200
)

// event makes of a post what is heard, or tells why not. Within names what stands
// around it.
func (s *source) event(p wirePost, within thread) (e lastword.Event, drop string) {
	switch {
	case p.gone():
		return lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: network, Key: s.keyOf(p.ID)}}, ""
	case p.Type != ordinary && p.Type != 0:
		return e, "notice"
	case p.Hidden:
		return e, "hidden"
	}
	words := text.CleanTo(text.PlainHTML(ownWords(p.Cooked)), maxText)
	if words == "" {
		return e, "empty"
	}
	said, err := json.Marshal(ref{p.TopicID, p.Number, within.closed})
	if err != nil {
		return e, "unreadable"
	}
	post := lastword.Post{
		Network: network, Key: s.keyOf(p.ID), URL: s.page(fmt.Sprintf("/t/%d/%d", p.TopicID, p.Number)), Text: words,
		SaidAt: p.CreatedAt, Ref: string(said), Private: s.closed.Load() || within.private, Own: p.Yours || s.user != "" && strings.EqualFold(p.Username, s.user),
		Parent: within.parent(p), Root: within.root(p),
	}
	if p.Number == 1 {
		post.Title = text.CleanTo(p.TopicTitle, maxTitle)
	}
	if by := text.CleanTo(p.Username, maxName); by != "" {
		post.Author = lastword.Author{Key: s.base.Host + s.base.Path + "/u/" + strings.ToLower(by), Handle: by,
			Name: text.CleanTo(p.Name, maxName), URL: s.page("/u/" + by)}
		if p.UserID != 0 { // a name can change
			post.Author.Key = fmt.Sprintf("%s%s/uid/%d", s.base.Host, s.base.Path, p.UserID)
		}
	}
	return lastword.Event{Op: lastword.Said, Post: post}, ""
}

// ownWords leaves out what a post quotes of others.
func ownWords(cooked string) string {
	if !strings.Contains(cooked, "<aside") {
		return cooked
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(cooked))
	depth := 0
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return b.String()
		}
		raw := string(z.Raw()) // before the token is read, which consumes it
		name, hasAttr := z.TagName()
		aside := string(name) == "aside"
		switch {
		case kind == html.StartTagToken && aside && (depth > 0 || hasAttr && isQuote(z)):
			depth++
		case kind == html.EndTagToken && aside && depth > 0:
			depth--
		case depth == 0:
			b.WriteString(raw)
		}
	}
}

// isQuote reads the attributes of an <aside>.
func isQuote(z *html.Tokenizer) bool {
	for {
		name, value, more := z.TagAttr()
		if string(name) == "class" && slices.Contains(strings.Fields(string(value)), "quote") {
			return true
		}
		if !more {
			return false
		}
	}
}

// A thread is what is known of a post's topic.
type thread struct {
	numbers map[int64]string // post number → key
	first   string
	closed  bool
	private bool
}

func (t thread) root(p wirePost) string {
	if p.Number == 1 {
		return ""
	}
	return t.first
}

// parent is the post that p answers: one that it names, or else the topic's first.
func (t thread) parent(p wirePost) string {
	if p.Number == 1 {
		return ""
	}
	if p.ReplyTo != nil {
		if key := t.numbers[*p.ReplyTo]; key != "" {
			return key
		}
	}
	return t.first
}
