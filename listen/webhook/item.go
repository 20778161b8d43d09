package webhook

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/internal/text"
)

// Why something was left out, or kept but changed ("…, kept").
const (
	NotJSON   = "not JSON"
	NoText    = "no text"
	NoID      = "no id"
	BadTime   = "time not understood, kept" // said now
	TextCut   = "text cut to 64 KB, kept"
	Honeypot  = "honeypot" // a program filled in what no person sees
	maxText   = 64 << 10
	maxTitle  = 1 << 10
	maxName   = 256
	maxID     = 512
	believed  = 24 * time.Hour // that a sender's clock may be ahead
	fromEmail = "mail"         // the network of voices that came with an address
)

// An item is what docs/webhook.md describes.
type item struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	Title   string `json:"title"`
	Source  string `json:"source"`
	URL     string `json:"url"`
	Time    string `json:"time"`
	Lang    string `json:"lang"`
	ReplyTo string `json:"in_reply_to"`
	Author  author `json:"author"`
	Public  *bool  `json:"public"`
	Deleted bool   `json:"deleted"`
}

// An author is an object, or just a name.
type author struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	URL   string `json:"url"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *author) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte(`"`)) {
		return json.Unmarshal(b, &a.Name)
	}
	type plain author
	return json.Unmarshal(b, (*plain)(a))
}

var (
	errNotJSON  = errors.New("the body is neither a JSON object nor an array of such")
	errTooMany  = errors.New("more than 1000 items")
	errNothing  = errors.New("no item")
	errTrailing = errors.New("something follows the JSON")
)

// parse reads one item, or an array of them.
func parse(body []byte) (items []item, err error) {
	body = bytes.TrimSpace(body)
	dec := json.NewDecoder(bytes.NewReader(body))
	if bytes.HasPrefix(body, []byte("[")) {
		err = dec.Decode(&items)
	} else {
		items = make([]item, 1)
		err = dec.Decode(&items[0])
	}
	switch {
	case err != nil:
		return nil, errNotJSON
	case dec.More():
		return nil, errTrailing
	case len(items) == 0:
		return nil, errNothing
	case len(items) > maxItems:
		return nil, errTooMany
	}
	return items, nil
}

// event makes an event of an item, or counts why not.
func (s *source) event(i item, place string) (lastword.Event, bool) {
	id := text.CleanTo(i.ID, maxID)
	if id == "" {
		s.host.Dropped(NoID, place)
		return lastword.Event{}, false
	}
	who, network := s.author(i.Author)
	p := lastword.Post{Network: network, Key: s.key(id), Author: who}
	if i.Deleted {
		return lastword.Event{Op: lastword.Deleted, Post: p}, true
	}
	p.Text, p.Title = text.CleanTo(i.Text, maxText), text.CleanTo(i.Title, maxTitle)
	if p.Title == "" {
		p.Title = text.CleanTo(i.Source, maxTitle)
	}
	if p.Text == "" {
		s.host.Dropped(NoText, place)
		return lastword.Event{}, false
	}
	if len(p.Text) == maxText {
		s.host.Dropped(TextCut, place)
	}
	if webAddress(i.URL) && len(i.URL) <= 2048 {
		p.URL = text.Clean(i.URL)
	}
	if language.MatchString(i.Lang) {
		p.Lang = i.Lang
	}
	if parent := text.CleanTo(i.ReplyTo, maxID); parent != "" {
		p.Parent = s.key(parent)
	}
	p.SaidAt = s.saidAt(i.Time, place)
	p.Private = s.private || network == fromEmail
	if i.Public != nil && network != fromEmail {
		p.Private = !*i.Public
	}
	return lastword.Event{Op: lastword.Said, Post: p}, true
}

var language = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)

// key makes an id unique among all channels. It has no at sign, so that nobody
// takes it for the id of a mail.
func (s *source) key(id string) string {
	key := strconv.FormatInt(s.channel, 10) + "/" + id
	if strings.ContainsAny(id, "@<> \n") {
		sum := sha256.Sum256([]byte(id))
		return strconv.FormatInt(s.channel, 10) + "/sha256:" + hex.EncodeToString(sum[:16])
	}
	return key
}

// author names who spoke, and the network in which they can be answered.
func (s *source) author(a author) (lastword.Author, string) {
	who := lastword.Author{Name: text.CleanTo(a.Name, maxName)}
	if webAddress(a.URL) && len(a.URL) <= 2048 {
		who.URL = text.Clean(a.URL)
	}
	if address := email(a.Email); address != "" {
		who.Key, who.Handle = address, address
		return who, fromEmail
	}
	id := text.CleanTo(a.ID, maxID)
	if id == "" {
		id = strings.ToLower(who.Name)
	}
	if id != "" {
		who.Key = s.key(id)
	}
	return who, Name
}

// email reads one address, in lower case, or returns nothing.
func email(s string) string {
	at, err := mail.ParseAddress(strings.TrimSpace(s))
	if err != nil || len(at.Address) > 254 || text.Clean(at.Address) != at.Address || strings.ContainsAny(at.Address, "<>\" ") {
		return ""
	}
	return strings.ToLower(at.Address)
}

// saidAt reads RFC 3339 or Unix seconds; what is not there, cannot be read or
// lies ahead is now.
func (s *source) saidAt(stamp, place string) time.Time {
	now := s.host.Now()
	if stamp == "" {
		return now
	}
	t, err := time.Parse(time.RFC3339, stamp)
	if n, bad := strconv.ParseInt(stamp, 10, 64); err != nil && bad == nil {
		t, err = time.Unix(n, 0), nil
	}
	if err != nil || t.Year() < 1990 || t.After(now.Add(believed)) {
		s.host.Dropped(BadTime, place)
		return now
	}
	return t
}
