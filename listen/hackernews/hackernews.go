// Package hackernews hears Hacker News: every story and comment, as it is said.
// The company's queries decide which are for it.
//
// What was said while nobody listened is read from Algolia's index of it, a
// thousand at a time; what is said now, what is changed and what is deleted, from
// the official API. Neither wants an account. Nothing can be written by a program:
// answers are given by hand.
package hackernews

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/internal/text"
	"lastword/listen"
)

const network = "hackernews"

// fieldBack is how many hours a new channel hears of the past.
const fieldBack = "back"

type connector struct{}

// New returns the connector "hackernews". Its one setting is back, hours from 0
// to 168.
func New() listen.Connector { return connector{} }

// Info implements listen.Connector.
func (connector) Info() listen.Info {
	return listen.Info{
		Name:    network,
		Network: lastword.Network{Name: network, Title: "Hacker News"},
		Fields:  []listen.Field{{Name: fieldBack, Default: "24"}},
		Every:   time.Minute,
		Stream:  true,
	}
}

// Open implements listen.Connector.
func (connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	hours := 24
	if s := strings.TrimSpace(acct.Settings[fieldBack]); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > 168 {
			return nil, &lastword.Mistake{Key: "connector.hackernews.error.back", Field: fieldBack}
		}
		hours = n
	}
	return &source{host: host, back: time.Duration(hours) * time.Hour, roots: map[int64]int64{}}, nil
}

// An item is one of the official API (github.com/HackerNews/API). Titles are
// plain, texts are HTML.
type item struct {
	ID            int64
	Type          string
	By            string
	Time          int64
	Title, Text   string
	URL           string
	Parent        int64
	Deleted, Dead bool
}

// A hit is the same in Algolia's index (hn.algolia.com/api).
type hit struct {
	ObjectID    string `json:"objectID"`
	Author      string
	CreatedAt   int64 `json:"created_at_i"`
	Title, URL  string
	StoryText   string   `json:"story_text"`
	CommentText string   `json:"comment_text"`
	ParentID    int64    `json:"parent_id"`
	StoryID     int64    `json:"story_id"`
	Tags        []string `json:"_tags"`
}

const (
	maxText  = 64 << 10 // bytes
	maxTitle = 1000
)

// readItem reads an item; false where it is none, or not there yet.
func readItem(b []byte) (i item, ok bool) {
	if err := json.Unmarshal(b, &i); err != nil {
		return i, false
	}
	return i, i.ID > 0 && i.Type != ""
}

// said reports whether an item is something that somebody said: no advertisement
// for a job, and no choice of a poll.
func (i item) said() bool { return i.Type == "story" || i.Type == "comment" || i.Type == "poll" }

func (h hit) item() (item, bool) {
	id, err := strconv.ParseInt(h.ObjectID, 10, 64)
	i := item{ID: id, By: h.Author, Time: h.CreatedAt, Title: h.Title, Text: h.StoryText, URL: h.URL, Type: "story"}
	if h.CommentText != "" || h.ParentID != 0 {
		i.Type, i.Text, i.Parent, i.Title = "comment", h.CommentText, h.ParentID, ""
	}
	return i, err == nil && id > 0
}

// event makes of an item what is heard; false where it says nothing. Root is the
// story that a comment belongs to, or 0.
func (i item) event(root int64) (e lastword.Event, ok bool) {
	key := strconv.FormatInt(i.ID, 10)
	if i.Deleted || i.Dead { // dead: taken away by the place
		return lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: network, Key: key}}, true
	}
	p := lastword.Post{
		Network: network, Key: key, URL: "https://news.ycombinator.com/item?id=" + key, Lang: "en",
		Title: text.CleanTo(i.Title, maxTitle), Text: text.CleanTo(text.PlainHTML(i.Text), maxText), SaidAt: time.Unix(i.Time, 0),
	}
	if by := text.CleanTo(i.By, 100); by != "" {
		p.Author = lastword.Author{Key: by, Handle: by, URL: "https://news.ycombinator.com/user?id=" + by}
	}
	if i.Parent > 0 {
		p.Parent = strconv.FormatInt(i.Parent, 10)
	}
	if root > 0 && root != i.ID {
		p.Root = strconv.FormatInt(root, 10)
	}
	return lastword.Event{Op: lastword.Said, Post: p}, i.Time > 0 && (p.Text != "" || p.Title != "")
}
