// Package mastodon hears and answers on Mastodon and on every server that
// speaks its client API: GoToSocial, Pleroma, Akkoma, Pixelfed, Friendica and
// others of the fediverse.
//
// It offers two connectors that share all of their code:
//
//   - Account, "mastodon": one account. What mentions it, replies to it or
//     quotes it, and what is said under hashtags that the company calls its own,
//     is for the company without a query. It answers, edits, takes back and
//     publishes.
//   - Open, "mastodonopen": hashtags, public timelines and searches of one
//     server, among which the company's queries choose. Where the server shows
//     them to everyone it needs no account; with one it streams and can answer.
//
// They are two because it is said of a whole channel, not of a post, whether its
// posts need a query: a public timeline heard through the first would store a
// whole server.
//
// The key of a post is the server's domain and the id that it has there, because
// a deletion names nothing else. An author's key is the full address
// name@domain, which is the same on every server.
//
// Posts come live as server-sent events or, where a server has none, over
// websockets; where it offers neither, they are asked for every minute. What was
// said meanwhile is read through the REST API, from a mark that stays a little
// behind: posts of other servers arrive late and are sorted by when they were
// said. What changed or vanished while nobody streamed is found by looking at
// the latest voices again.
//
// The protocol is that of https://docs.joinmastodon.org; a comment names the
// page below "methods/", "entities/" or "api/" that a rule is from.
package mastodon

import (
	"crypto/sha256"
	"strconv"
	"strings"
	"sync"
	"time"

	"lastword"
	"lastword/listen"
)

// network is the name under which voices of the whole fediverse are kept.
const network = "mastodon"

// Names of the settings. The last four are kept by sign-in, not typed.
const (
	fieldInstance = "instance"
	fieldToken    = "token"
	fieldTags     = "tags"
	fieldTimeline = "timeline"
	fieldSearch   = "search"
	fieldBack     = "back"

	keptRefresh = "refresh"
	keptClient  = "clientid"
	keptSecret  = "clientsecret"
	keptUntil   = "until"
)

const (
	// pace keeps the three calls that an answer takes below the 300 that a server
	// allows an account in five minutes (api/rate-limits).
	pace = 3 * time.Second
	// roundEvery is how often a server is asked that does not stream.
	roundEvery = time.Minute
	// longest is the longest answer: 500 characters (entities/Instance) less the
	// address of whom it answers.
	longest = 450
	// maxList is how many hashtags or searches one channel has: each is a
	// connection, or a call in every round.
	maxList = 10
	// maxBack is how far a new channel may reach back, in days.
	maxBack = 90
)

// A Mastodon makes both connectors, which share what is known of the rate limits
// of the accounts: a server counts per account, not per channel.
type Mastodon struct {
	mu      sync.Mutex
	budgets map[[sha256.Size]byte]*budgets
}

// New returns a maker of connectors.
func New() *Mastodon { return &Mastodon{budgets: map[[sha256.Size]byte]*budgets{}} }

// maxBudgets bounds how many accounts are remembered.
const maxBudgets = 10_000

// budgetsOf returns what an account, or whoever has none, may still ask a server.
func (m *Mastodon) budgetsOf(base, token string) *budgets {
	key := sha256.Sum256([]byte(base + "\n" + token))
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.budgets) > maxBudgets {
		clear(m.budgets) // the next answer of each server tells anew
	}
	b := m.budgets[key]
	if b == nil {
		b = &budgets{}
		m.budgets[key] = b
	}
	return b
}

// Account returns the connector "mastodon", what is said to one account.
//
// Settings: instance (the server, or an address at it), token (an access token
// with the scopes read and write; signing in brings it), tags (hashtags,
// separated by spaces, under which everything is for the company), back (days, 0
// to 90, that a new channel hears of the past).
func (m *Mastodon) Account() listen.Connector { return connector{Mastodon: m, own: true} }

// Open returns the connector "mastodonopen", what a server shows in public.
//
// Settings: those of Account, but that the token may be missing; timeline
// ("local", "remote" or "public", which is both), search (phrases, separated by
// commas; servers search for accounts only). One of tags, timeline and search
// must be there.
func (m *Mastodon) Open() listen.Connector { return connector{Mastodon: m} }

type connector struct {
	*Mastodon
	own bool
}

// Info implements listen.Connector.
func (c connector) Info() listen.Info {
	info := listen.Info{
		Name:    "mastodonopen",
		Network: networkOf(longest),
		Fields: []listen.Field{
			{Name: fieldInstance, Required: true},
			{Name: fieldToken, Required: c.own, Secret: true, Granted: true},
			{Name: fieldTags},
		},
		Every: roundEvery, Pace: pace, Stream: true, All: c.own, SignIn: listen.SignIn{Offered: true},
	}
	if c.own {
		info.Name = "mastodon"
		info.Fields = append(info.Fields, listen.Field{Name: fieldBack, Default: "7"})
		return info
	}
	info.Fields = append(info.Fields, listen.Field{Name: fieldTimeline}, listen.Field{Name: fieldSearch},
		listen.Field{Name: fieldBack, Default: "1"})
	return info
}

func networkOf(limit int) lastword.Network {
	return lastword.Network{Name: network, Title: "Mastodon", Reply: true, Limit: limit, Unit: lastword.Characters, Thread: 6}
}

// Open implements listen.Connector. Only with a token is the Source also a
// Replier, Chooser, Editor, Publisher and Checker.
func (c connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	set, err := c.settings(acct.Settings)
	if err != nil {
		return nil, err
	}
	s := newSource(c, set, host)
	if set.token == "" {
		return s, nil
	}
	return &account{source: s}, nil
}

// settings are the fields of an account, checked.
type settings struct {
	base      string // https://host
	token     string
	refresh   string
	client    string
	secret    string
	until     time.Time // when the token ends; zero: it does not, or nobody said
	timelines []timeline
	back      time.Duration
}

func mistake(field, what string) error {
	return &lastword.Mistake{Key: "connector.mastodon.error." + what, Field: field}
}

// because is a mistake that no field alone can mend, of a kind that tells what
// to do about it.
func because(kind error, what string) error {
	return &lastword.Mistake{Key: "connector.mastodon.error." + what, Kind: kind}
}

func (c connector) settings(given map[string]string) (s settings, err error) {
	get := func(field string) string { return strings.TrimSpace(given[field]) }
	if get(fieldInstance) == "" {
		return s, mistake(fieldInstance, "instance-missing")
	}
	if s.base, err = baseURL(get(fieldInstance)); err != nil {
		return s, mistake(fieldInstance, "instance")
	}
	s.token, s.refresh, s.client, s.secret = get(fieldToken), get(keptRefresh), get(keptClient), get(keptSecret)
	if unix, err := strconv.ParseInt(get(keptUntil), 10, 64); err == nil {
		s.until = time.Unix(unix, 0)
	}
	switch {
	case s.token == "" && c.own:
		return s, mistake(fieldToken, "token-missing")
	case !isToken(s.token):
		return s, mistake(fieldToken, "token")
	}
	fallback := "1"
	if c.own {
		fallback = "7"
	}
	days, err := strconv.Atoi(or(get(fieldBack), fallback))
	if err != nil || days < 0 || days > maxBack {
		return s, mistake(fieldBack, "back")
	}
	s.back = time.Duration(days) * 24 * time.Hour
	return s, c.timelines(&s, get)
}

// timelines reads what to listen to.
func (c connector) timelines(s *settings, get func(string) string) error {
	if c.own {
		s.timelines = append(s.timelines, timeline{kind: mentions})
	}
	tags := words(get(fieldTags), " ,;\n\t")
	if len(tags) > maxList {
		return mistake(fieldTags, "too-many")
	}
	for _, tag := range tags {
		name := strings.TrimPrefix(tag, "#")
		if !isTag(name) {
			return mistake(fieldTags, "tag")
		}
		s.timelines = append(s.timelines, timeline{kind: hashtag, name: strings.ToLower(name)})
	}
	if c.own {
		return nil
	}
	return openTimelines(s, get)
}

func openTimelines(s *settings, get func(string) string) error {
	switch at := strings.ToLower(get(fieldTimeline)); at {
	case "":
	case "local", "remote", "public":
		s.timelines = append(s.timelines, timeline{kind: public, name: at})
	default:
		return mistake(fieldTimeline, "timeline")
	}
	phrases := words(get(fieldSearch), ",;\n")
	switch {
	case len(phrases) > maxList:
		return mistake(fieldSearch, "too-many")
	case len(phrases) > 0 && s.token == "":
		return mistake(fieldSearch, "search-token")
	}
	for _, phrase := range phrases {
		s.timelines = append(s.timelines, timeline{kind: search, name: phrase})
	}
	if len(s.timelines) == 0 {
		return mistake(fieldTags, "nothing")
	}
	return nil
}

// words splits a list, each once.
func words(list, by string) []string {
	var all []string
	seen := map[string]bool{}
	for _, w := range strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(by, r) }) {
		if w = strings.TrimSpace(w); w != "" && !seen[w] {
			seen[w] = true
			all = append(all, w)
		}
	}
	return all
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
