// Package discourse hears and answers in a forum that runs Discourse, by its JSON
// interface: everything that is said there in public, or what holds certain words.
//
// Hearing needs no account where the forum is open. With a key it answers,
// changes and takes back, and hears a forum that wants people to sign in; what is
// heard so is private.
//
// Ids of Discourse are unique within a forum only, so keys here begin with its
// address. Who deleted or changed a post is told by nobody: what is kept is looked
// up again, a little with every poll.
package discourse

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
)

const network = "discourse"

// Names of the settings.
const (
	fieldURL      = "url"
	fieldKey      = "key"
	fieldUser     = "user"
	fieldWords    = "words"
	fieldBack     = "back"
	fieldCategory = "category"
)

// limit is how many characters a post may have where a forum has not changed it
// (site setting max_post_length).
const limit = 32_000

type connector struct{}

// New returns the connector "discourse".
//
// Settings: url (of the forum), key (an API key of the forum together with user,
// or a person's own User API key without), words (separated by commas; empty:
// everything), back (hours, 0 to 168, that a new channel hears of the past),
// category (number of the one in which topics are begun; empty: the forum's own
// choice).
func New() listen.Connector { return connector{} }

// Info implements listen.Connector.
func (connector) Info() listen.Info {
	return listen.Info{
		Name:    network,
		Network: lastword.Network{Name: network, Title: "Discourse", Reply: true, Limit: limit, Unit: lastword.Characters},
		Fields: []listen.Field{
			{Name: fieldURL, Required: true}, {Name: fieldKey, Secret: true}, {Name: fieldUser},
			{Name: fieldWords}, {Name: fieldBack, Default: "24"}, {Name: fieldCategory},
		},
		Every: 5 * time.Minute,
		Pace:  15 * time.Second, // a new account may post every 15 to 30 seconds
		All:   true,
	}
}

func mistake(field, what string) error {
	return &lastword.Mistake{Key: "connector.discourse.error." + what, Field: field}
}

// Open implements listen.Connector. Only with a key is the Source also a
// listen.Replier.
func (connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	get := func(field string) string { return strings.TrimSpace(acct.Settings[field]) }
	base, err := address(get(fieldURL))
	if err != nil {
		return nil, err
	}
	hours, category := 24, 0
	if s := get(fieldBack); s != "" {
		if hours, err = strconv.Atoi(s); err != nil || hours < 0 || hours > 168 {
			return nil, mistake(fieldBack, "back")
		}
	}
	if s := get(fieldCategory); s != "" {
		if category, err = strconv.Atoi(s); err != nil || category <= 0 {
			return nil, mistake(fieldCategory, "category")
		}
	}
	if get(fieldUser) != "" && get(fieldKey) == "" {
		return nil, mistake(fieldKey, "key")
	}
	s := &source{
		forum: forum{http: host.HTTP, base: base, key: get(fieldKey), user: get(fieldUser)},
		host:  host, words: terms(get(fieldWords)), back: time.Duration(hours) * time.Hour, category: category,
	}
	if s.key == "" {
		return s, nil
	}
	return &writer{source: s}, nil
}

// address reads what people enter, with or without a scheme.
func address(s string) (*url.URL, error) {
	if s == "" {
		return nil, mistake(fieldURL, "missing")
	}
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || len(s) > 500 {
		return nil, mistake(fieldURL, "address")
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host), Path: strings.TrimRight(u.Path, "/")}, nil
}

func terms(list string) []string {
	var all []string
	for part := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if t := strings.TrimSpace(strings.ReplaceAll(part, `"`, "")); t != "" {
			all = append(all, t)
		}
	}
	return all
}
