package x

import (
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/internal/text"
)

// What we ask for with every post. Only the authors come along: X asks money for
// every object that it sends.
const (
	postFields = "attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,lang,note_tweet,referenced_tweets"
	userFields = "name,protected,username"
)

func fields() url.Values {
	return url.Values{"tweet.fields": {postFields}, "expansions": {"author_id"}, "user.fields": {userFields}}
}

// A wirePost is a post as X sends it (docs.x.com, data dictionary, Post). Text
// holds HTML entities and short addresses; places count characters.
type wirePost struct {
	ID          string
	Text        string
	AuthorID    string `json:"author_id"`
	Attachments struct {
		MediaKeys []string `json:"media_keys"`
	}
	Conversation string    `json:"conversation_id"`
	CreatedAt    time.Time `json:"created_at"`
	History      []string  `json:"edit_history_tweet_ids"`
	Lang         string
	Entities     wireEntities
	Note         *struct { // the whole of a long post
		Text     string
		Entities wireEntities
	} `json:"note_tweet"`
	Referenced []struct{ Type, ID string } `json:"referenced_tweets"`
}

type wireEntities struct {
	URLs []struct {
		Start, End  int
		URL         string
		ExpandedURL string `json:"expanded_url"`
	}
	Mentions []struct {
		Username, ID string
	}
}

type wireUser struct {
	ID, Name, Username string
	Protected          bool
}

// A wirePage is an answer that holds posts. A post that cannot be read does not
// hide the others.
type wirePage struct {
	Data     []json.RawMessage
	Includes struct{ Users []wireUser }
	Errors   []struct {
		ResourceID string `json:"resource_id"`
		Type       string
	}
	Meta struct {
		NextToken string `json:"next_token"`
	}
}

// author finds a user among those that came along.
func (p wirePage) author(id string) wireUser {
	i := slices.IndexFunc(p.Includes.Users, func(u wireUser) bool { return u.ID == id })
	if i < 0 {
		return wireUser{}
	}
	return p.Includes.Users[i]
}

// A post is one that could be read, with its author.
type post struct {
	wirePost
	by wireUser
	id uint64
}

// readPost reads one post; false where it is none.
func readPost(raw json.RawMessage, page wirePage) (p post, ok bool) {
	if err := json.Unmarshal(raw, &p.wirePost); err != nil {
		return p, false
	}
	id, err := strconv.ParseUint(p.ID, 10, 63)
	if err != nil || id == 0 || p.AuthorID == "" || p.CreatedAt.IsZero() {
		return p, false
	}
	for _, h := range p.History {
		if _, err := strconv.ParseUint(h, 10, 63); err != nil {
			return p, false
		}
	}
	p.id, p.by = id, page.author(p.AuthorID)
	return p, true
}

// first is the id under which the post was first said: an edit has a new one.
func (p post) first() string {
	if len(p.History) > 0 {
		return p.History[0]
	}
	return p.ID
}

func (p post) referenced(kind string) string {
	for _, r := range p.Referenced {
		if r.Type == kind {
			return r.ID
		}
	}
	return ""
}

const maxText = 100_000 // bytes: four for each of the 25,000 characters of the longest post

// words is the text as its author wrote it: whole, and with the addresses that X
// has shortened.
func (p post) words() string {
	said, entities := p.Text, p.Entities
	if p.Note != nil && p.Note.Text != "" {
		said, entities = p.Note.Text, p.Note.Entities
	}
	for _, u := range entities.URLs {
		if u.URL != "" && isWeb(u.ExpandedURL) {
			said = strings.Replace(said, u.URL, u.ExpandedURL, 1)
		}
	}
	return text.CleanTo(html.UnescapeString(said), maxText)
}

func isWeb(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// A ref is what answering needs of a post.
type ref struct {
	ID       string   `json:"id"`          // its latest edit
	Mentions []string `json:"m,omitempty"` // accounts that it mentions
	Own      bool     `json:"o,omitempty"` // a part of our own answer
	Quotes   string   `json:"q,omitempty"` // the account whose post it quotes, where its address says
}

// summons reports whether the author of the post summoned the account, which is
// when an app may answer (docs.x.com, Manage Posts, Post creation restrictions).
func (r ref) summons(handle string) bool {
	same := func(s string) bool { return strings.EqualFold(s, handle) }
	return handle != "" && (slices.ContainsFunc(r.Mentions, same) || same(r.Quotes))
}

func (p post) ref() ref {
	r := ref{ID: p.ID, Quotes: p.quoted()}
	for _, m := range slices.Concat(p.Entities.Mentions, p.noteMentions()) {
		if isHandle(m.Username) && !slices.Contains(r.Mentions, m.Username) {
			r.Mentions = append(r.Mentions, m.Username)
		}
	}
	return r
}

func (p post) noteMentions() []struct{ Username, ID string } {
	if p.Note == nil {
		return nil
	}
	return p.Note.Entities.Mentions
}

// quoted is the account whose post this one quotes, which stands in the address
// of the quoted post.
func (p post) quoted() string {
	id := p.referenced("quoted")
	for _, u := range p.Entities.URLs {
		at, err := url.Parse(u.ExpandedURL)
		if id == "" || err != nil || at.Host != "x.com" && at.Host != "twitter.com" {
			continue
		}
		if parts := strings.Split(strings.Trim(at.Path, "/"), "/"); len(parts) >= 3 && parts[1] == "status" && parts[2] == id && isHandle(parts[0]) {
			return parts[0]
		}
	}
	return ""
}

// isHandle reports whether s may be the name of an account.
func isHandle(s string) bool {
	return s != "" && len(s) <= 20 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

const maxName = 200 // bytes of a name that are kept

// event makes of a post what is heard, or tells why not.
func (p post) event(self string) (e lastword.Event, drop string) {
	words := p.words()
	switch {
	case p.referenced("retweeted") != "":
		return e, dropRepost
	case words == "":
		return e, dropEmpty
	}
	ref, err := json.Marshal(p.ref())
	if err != nil {
		return e, dropUnreadable
	}
	said := lastword.Post{
		Network: network, Key: p.first(), URL: postURL(p.by.Username, p.ID), Text: words, Lang: language(p.Lang),
		Author: lastword.Author{Key: p.AuthorID, URL: "https://x.com/i/user/" + p.AuthorID},
		SaidAt: p.CreatedAt, Parent: p.referenced("replied_to"), Ref: string(ref),
		Own: self != "" && p.AuthorID == self, Private: p.by.Protected,
	}
	if said.Parent != "" {
		said.Root = p.Conversation
	}
	if isHandle(p.by.Username) {
		said.Author.Handle, said.Author.Name = p.by.Username, text.CleanTo(p.by.Name, maxName)
		said.Author.URL = "https://x.com/" + p.by.Username
	}
	return lastword.Event{Op: lastword.Said, Post: said}, ""
}

func postURL(handle, id string) string {
	if !isHandle(handle) {
		handle = "i"
	}
	return "https://x.com/" + handle + "/status/" + id
}

// language takes those of BCP 47; X has others for posts without words.
func language(s string) string {
	if len(s) != 2 || s == "in" || s == "iw" {
		return map[string]string{"in": "id", "iw": "he"}[s]
	}
	return s
}

// Reasons for what is left out.
const (
	dropUnreadable = "unreadable"
	dropRepost     = "repost"
	dropEmpty      = "empty"
	dropHuge       = "huge"
)
