package mastodon

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"lastword"
	"lastword/internal/text"
)

// Reasons for leaving something out.
const (
	dropStatus  = "status-unreadable" // what is no post
	dropFrame   = "frame-unreadable"  // an event of a stream that is none
	dropTooBig  = "frame-too-big"     // larger than any post can be
	dropNoQuest = "no-search"         // the server does not search for us
)

// maxName and maxAlt bound what a stranger is called and says of a picture, in
// bytes: twice what Mastodon allows.
const (
	maxName = 640
	maxAlt  = 3000
)

// A ref is what a reply needs to know of a voice without asking.
type ref struct {
	Domain  string `json:"d"` // of the server at which it was heard
	ID      id     `json:"i"` // there
	URI     string `json:"u,omitempty"`
	By      id     `json:"b,omitempty"` // the account of its author there
	Acct    string `json:"a,omitempty"` // of its author, as the server there spells it
	Warning int    `json:"w,omitempty"` // characters of the content warning, which is kept
	Most    int    `json:"m,omitempty"` // characters of a status there
}

func (r ref) String() string {
	b, err := json.Marshal(r)
	if err != nil {
		return "" // strings and numbers cannot fail to be written
	}
	return string(b)
}

// refOf reads what was kept with a voice; false where another connector, or a
// file, brought it.
func refOf(p lastword.Post) (r ref, ok bool) {
	if json.Unmarshal([]byte(p.Ref), &r) != nil || r.Domain == "" || r.ID == "" {
		return ref{}, false
	}
	return r, true
}

// keyOf is the key of a post that a server knows by an id.
func keyOf(domain string, i id) string {
	if i == "" {
		return ""
	}
	return domain + "/" + string(i)
}

// addressOf is the full address name@domain of an account. A server leaves out
// the domain of its own accounts (entities/Account, acct).
func addressOf(acct, domain string) string {
	acct = strings.TrimPrefix(strings.TrimSpace(acct), "@")
	if !strings.Contains(acct, "@") {
		acct += "@" + domain
	}
	return text.CleanTo(acct, maxName)
}

// post makes a post of a status. Its Title is the content warning.
func (s status) post(in instance, own id) lastword.Post {
	address := addressOf(s.Account.Acct, in.domain)
	p := lastword.Post{
		Network: network, Key: keyOf(in.domain, s.ID), URL: s.web(),
		Author: lastword.Author{
			Key: strings.ToLower(address), Handle: address,
			Name: text.CleanTo(s.Account.DisplayName, maxName), URL: webOnly(s.Account.URL),
		},
		Title: text.CleanTo(s.Spoiler, maxText), Text: s.words(), SaidAt: s.CreatedAt.Time,
		Parent: keyOf(in.domain, s.InReplyTo),
		Own:    own != "" && s.Account.ID == own, Private: s.isPrivate(),
	}
	if s.Language != nil && len(*s.Language) <= 35 {
		p.Lang = *s.Language
	}
	p.Ref = ref{
		Domain: in.domain, ID: s.ID, By: s.Account.ID, URI: webOnly(s.URI), Acct: text.CleanTo(s.Account.Acct, maxName),
		Warning: utf8.RuneCountInString(s.Spoiler), Most: in.most,
	}.String()
	return p
}

// words are what a status says: its text, the options of its poll, and what its
// author says of the pictures, in brackets.
func (s status) words() string {
	parts := []string{plain(s.Content)}
	if p := s.Poll.is; p != nil {
		for _, o := range p.Options[:min(len(p.Options), 50)] {
			parts = append(parts, "- "+text.CleanTo(o.Title, maxName))
		}
	}
	for _, m := range s.Media.is[:min(len(s.Media.is), 50)] {
		if alt := text.CleanTo(m.Description, maxAlt); alt != "" {
			parts = append(parts, "["+alt+"]")
		}
	}
	return text.CleanTo(strings.Join(parts, "\n"), maxText)
}

// web is where a person can read the status.
func (s status) web() string {
	if s.URL != nil && isWeb(*s.URL) {
		return *s.URL
	}
	return webOnly(s.URI)
}

func webOnly(s string) string {
	if isWeb(s) {
		return s
	}
	return ""
}

// isPrivate reports whether not everybody may read a status: all but public and
// unlisted (entities/Status, visibility), and so whatever other servers add.
func (s status) isPrivate() bool { return quietness(s.Visibility) > quietness("unlisted") }

// quietness orders the visibilities; what is not known counts as for followers.
func quietness(visibility string) int {
	switch visibility {
	case "public":
		return 0
	case "unlisted":
		return 1
	case "direct":
		return 3
	}
	return 2
}

// event makes an event of what was said, or counts why not. A post without words
// is no voice, and a boost is another's.
func (v *visit) event(op lastword.Op, it item) (lastword.Event, bool) {
	switch {
	case it.broken:
		v.host.Dropped(dropStatus, string(it.id))
		return lastword.Event{}, false
	case it.status == nil || it.status.isBoost():
		return lastword.Event{}, false
	}
	p := it.status.post(v.instance, v.own.ID)
	switch {
	case p.Text != "" || p.Title != "":
		return lastword.Event{Op: op, Post: p}, true
	case op == lastword.Edited: // what was heard before must go
		return v.deleted(it.status.ID), true
	}
	return lastword.Event{}, false
}

func (v *visit) deleted(i id) lastword.Event {
	return lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: network, Key: keyOf(v.domain, i)}}
}
