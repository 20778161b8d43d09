package mastodon

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// An id is an id of a server: a string, which some servers write as a number.
// What is no id is empty.
type id string

// UnmarshalJSON takes what servers write for an id, null too.
func (i *id) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	*i = ""
	if s != "null" && isID(s) {
		*i = id(s)
	}
	return nil
}

// A moment is a time as servers write it (api/datetime-format), or zero.
type moment struct{ time.Time }

// UnmarshalJSON takes a time, or anything else as none.
func (m *moment) UnmarshalJSON(b []byte) error {
	m.Time = time.Time{}
	var s string
	if json.Unmarshal(b, &s) != nil {
		return nil
	}
	if at, err := time.Parse(time.RFC3339, s); err == nil && at.Year() > 1990 && at.Year() < 2200 {
		m.Time = at
	}
	return nil
}

// A maybe is a part that servers write in shapes of their own: PHP writes [] for
// an object that is empty. What does not fit is left out, and costs nothing else.
type maybe[T any] struct{ is T }

// UnmarshalJSON takes what fits.
func (m *maybe[T]) UnmarshalJSON(b []byte) error {
	var v T
	if json.Unmarshal(b, &v) == nil {
		m.is = v
	}
	return nil
}

// A profile is what we read of entities/Account.
type profile struct {
	ID          id
	Acct        string
	DisplayName string `json:"display_name"`
	URL         string
	Source      maybe[struct{ Privacy string }] // of the own account only
}

// A status is what we read of entities/Status.
type status struct {
	ID          id
	URI         string
	URL         *string
	CreatedAt   moment          `json:"created_at"`
	EditedAt    moment          `json:"edited_at"`
	InReplyTo   id              `json:"in_reply_to_id"`
	InReplyToBy id              `json:"in_reply_to_account_id"`
	Spoiler     string          `json:"spoiler_text"`
	Visibility  string          `json:"visibility"`
	Language    *string         `json:"language"`
	Content     string          `json:"content"`
	Reblog      json.RawMessage `json:"reblog"`
	Account     profile         `json:"account"`
	Media       maybe[[]media]  `json:"media_attachments"`
	Mentions    maybe[[]named]  `json:"mentions"`
	Poll        maybe[*poll]    `json:"poll"`
}

// media is what we read of entities/MediaAttachment.
type media struct {
	ID          id
	Description string
}

// named is what we read of entities/Status#Mention.
type named struct {
	ID   id
	Acct string
}

// poll is what we read of entities/Poll.
type poll struct {
	Options []struct{ Title string }
}

// isBoost reports whether a status only passes another one on.
func (s status) isBoost() bool { return len(s.Reblog) > 0 && string(s.Reblog) != "null" }

// concerns reports whether a status is by an account, names it or replies to it.
func (s status) concerns(own id) bool {
	if own == "" {
		return false
	}
	if s.Account.ID == own || s.InReplyToBy == own {
		return true
	}
	for _, m := range s.Mentions.is {
		if m.ID == own {
			return true
		}
	}
	return false
}

// A notification is what we read of entities/Notification.
type notification struct {
	ID        id
	Type      string
	CreatedAt moment `json:"created_at"`
	Status    *status
}

// says reports whether a notification is that somebody said something to us.
// "quote" came with Mastodon 4.5.
func (n notification) says() bool { return n.Type == "mention" || n.Type == "quote" }

// An item is a status of a timeline, or a notification, with the id that orders
// it there. Broken items keep the id, where it can be read, so that the mark can
// pass them.
type item struct {
	id     id
	at     time.Time
	status *status // nil: nothing was said
	broken bool
}

// readStatus reads one status of a list or of a stream.
func readStatus(raw []byte) item {
	var s status
	if json.Unmarshal(raw, &s) != nil || s.ID == "" || s.CreatedAt.IsZero() || s.Account.ID == "" || s.Account.Acct == "" {
		return brokenItem(raw)
	}
	return item{id: s.ID, at: s.CreatedAt.Time, status: &s}
}

// readNotification reads one notification of a list or of a stream.
func readNotification(raw []byte) item {
	var n notification
	if json.Unmarshal(raw, &n) != nil || n.ID == "" || n.CreatedAt.IsZero() {
		return brokenItem(raw)
	}
	it := item{id: n.ID, at: n.CreatedAt.Time}
	switch s := n.Status; {
	case !n.says() || s == nil: // the status of a quote may be withheld
	case s.ID == "" || s.CreatedAt.IsZero() || s.Account.ID == "" || s.Account.Acct == "":
		it.broken = true
	default:
		it.status = s
	}
	return it
}

func brokenItem(raw []byte) item {
	var least struct {
		ID        id
		CreatedAt moment `json:"created_at"`
	}
	// What cannot be read at all has no id either, and is counted without.
	_ = json.Unmarshal(raw, &least)
	return item{id: least.ID, at: least.CreatedAt.Time, broken: true}
}

// An instance is what we read of entities/Instance and entities/V1_Instance.
type instance struct {
	domain    string // as in the addresses of its accounts
	version   string
	api       int    // api_versions.mastodon; 0 where unknown
	most      int    // characters of a status
	perURL    int    // characters that an address counts for
	pictures  int    // of a status
	alt       int    // characters of what a picture shows
	streaming string // https base of the streaming server
}

type instanceAnswer struct {
	Domain  string // version 2
	URI     string // version 1: the domain; in Pleroma the address
	Version string
	URLs    maybe[struct {
		Streaming string `json:"streaming_api"`
	}]
	MaxTootChars  any `json:"max_toot_chars"` // Pleroma and forks, version 1
	Configuration maybe[struct {
		URLs     maybe[struct{ Streaming string }]
		Statuses maybe[struct {
			MaxCharacters int `json:"max_characters"`
			PerURL        int `json:"characters_reserved_per_url"`
			Pictures      int `json:"max_media_attachments"`
		}]
		Media maybe[struct {
			Alt int `json:"description_limit"`
		}] `json:"media_attachments"`
	}]
	APIVersions maybe[struct{ Mastodon int }] `json:"api_versions"`
}

// What holds where an instance does not say (entities/V1_Instance).
const (
	defaultMost   = 500
	defaultPerURL = 23
)

func (a instanceAnswer) instance(base string) instance {
	set := a.Configuration.is
	in := instance{
		domain: domainOf(or(a.Domain, a.URI), base), version: a.Version, api: a.APIVersions.is.Mastodon,
		most: set.Statuses.is.MaxCharacters, perURL: set.Statuses.is.PerURL,
		pictures: set.Statuses.is.Pictures, alt: set.Media.is.Alt,
		streaming: streamingURL(or(set.URLs.is.Streaming, a.URLs.is.Streaming), base),
	}
	if in.most <= 0 {
		in.most = number(a.MaxTootChars)
	}
	if in.most <= 0 {
		in.most = defaultMost
	}
	if in.perURL <= 0 {
		in.perURL = defaultPerURL
	}
	return in
}

// number takes a number that some servers write as a string.
func number(v any) int {
	switch n := v.(type) {
	case float64:
		return int(n)
	case string:
		i, err := strconv.Atoi(n)
		if err == nil {
			return i
		}
	}
	return 0
}

// domainOf cleans the domain that an instance says it has, or takes the one at
// which it was asked.
func domainOf(said, base string) string {
	said = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(said, "https://"), "http://"), "/"))
	if said == "" || len(said) > 253 || strings.ContainsAny(said, "/@ #?\t\n\"<>") {
		return hostOf(base)
	}
	return said
}

// genuine reports whether the server is Mastodon itself or a fork that counts
// and edits as it does. Others name themselves, "4.2.1 (compatible; Pleroma
// 2.9)", or count their versions from 0 (GoToSocial).
func (in instance) genuine() bool {
	return !strings.Contains(in.version, "compatible") && in.major() >= 2
}

func (in instance) major() int {
	n, _, _ := strings.Cut(in.version, ".")
	major, err := strconv.Atoi(n)
	if err != nil {
		return 0
	}
	return major
}
