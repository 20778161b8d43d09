// Package bluesky hears and answers on Bluesky, the largest network of the AT
// Protocol.
//
// It offers two connectors that share all of their code:
//
//   - New, "bluesky": the open stream. Every post of the network passes by and
//     the company's queries decide which are for it. It needs no account; with
//     one it can also answer and publish, and knows the company's own posts.
//   - NewAccount, "blueskyaccount": one account. What mentions it, replies to it
//     or quotes it is for the company without a query, live from the stream and
//     caught up from the account's notifications; and its direct messages, where
//     the app password opens them.
//
// They are two because it is said of a whole channel, not of a post, whether
// its posts need a query. Both keep posts under the network "bluesky" with the
// at-URI as key, so that what both hear is one voice.
//
// The stream is Jetstream, on its v2 wire or, where a host does not know that,
// on its v1 wire. It is resumed at the event after which the cursor was saved;
// at another host, by time and a little earlier. Deletions, edits and states of
// accounts come with it. A change of handle does not: a voice hangs on the DID.
//
// Labels: a post labelled !hide or !takedown, by its author or by the network,
// is not handed over, and taken back if it was; one labelled
// !no-unauthenticated is Private. The stream carries only what authors say of a
// single post; what they say of their account, Names tells.
//
// Answers are records in the company's own repository, under a key made from
// the voice and the idempotency key. See [Count] for their length.
package bluesky

import (
	"context"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
)

// Names of the settings.
const (
	fieldHosts     = "hosts"
	fieldBack      = "back"
	fieldHandle    = "handle"
	fieldPassword  = "password"
	fieldService   = "service"
	fieldDirectory = "directory"
	fieldAppView   = "appview"
)

// Where the network's own servers are; each can be set.
const (
	defaultHosts = "jetstream.us-west.bsky.network jetstream2.us-east.bsky.network " +
		"jetstream1.us-west.bsky.network jetstream1.us-east.bsky.network"
	defaultDirectory = "https://plc.directory"
	defaultAppView   = "https://public.api.bsky.app"
)

// pace keeps below the 1,666 posts that a service lets an account make in an
// hour (5,000 points, three for each).
const pace = 2200 * time.Millisecond

// maxBack is how far a new channel may reach back, in hours: what every host
// keeps.
const maxBack = int(kept / time.Hour)

type connector struct{ own bool }

// New returns the connector "bluesky", the open stream.
//
// Settings: hosts (Jetstream servers, separated by spaces, in order of
// preference), back (hours, 0 to 24, that a new channel hears of the past),
// handle and password (an account and an app password of it; optional), service
// (its PDS; found by the handle if empty), directory and appview (the PLC
// directory and the AppView that everyone may ask).
func New() listen.Connector { return connector{} }

// NewAccount returns the connector "blueskyaccount", what is said to one
// account. Its settings are those of New, but that the account is required.
func NewAccount() listen.Connector { return connector{own: true} }

// Info implements listen.Connector.
func (c connector) Info() listen.Info {
	info := listen.Info{
		Name: "bluesky",
		Network: lastword.Network{
			Name: network, Title: "Bluesky", Reply: true,
			Limit: maxGraphemes, Unit: lastword.Graphemes, MaxBytes: maxBytes, Thread: 6,
		},
		Fields: []listen.Field{
			{Name: fieldHandle, Required: c.own},
			{Name: fieldPassword, Required: c.own, Secret: true},
			{Name: fieldService, Seldom: true},
			{Name: fieldHosts, Default: defaultHosts},
			{Name: fieldDirectory, Default: defaultDirectory},
			{Name: fieldAppView, Default: defaultAppView},
		},
		Every:  time.Minute,
		Pace:   pace,
		Stream: true,
		All:    c.own,
	}
	if c.own {
		info.Name = "blueskyaccount"
	} else {
		info.Fields = append(info.Fields, listen.Field{Name: fieldBack, Default: "1"})
	}
	return info
}

// Open implements listen.Connector. Only with an account is the Source also a
// listen.Replier and a listen.Publisher.
func (c connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	set, err := c.settings(acct.Settings)
	if err != nil {
		return nil, err
	}
	cl := client{http: host.HTTP, now: host.Now}
	st := &stream{
		host: host, bases: set.hosts, back: set.back,
		resolver: resolver{client: cl, directory: set.directory, appview: set.appview},
		dicts:    map[string]*dictionary{},
	}
	if set.handle == "" {
		return open{st}, nil
	}
	return &account{
		stream:  st,
		login:   &login{client: cl, resolver: st.resolver, handle: set.handle, password: set.password, service: set.service},
		notices: c.own,
	}, nil
}

// settings are the fields of an account, checked.
type settings struct {
	hosts              []string
	back               time.Duration
	handle, password   string
	service            string
	directory, appview string
}

func mistake(field, what string) error {
	return &lastword.Mistake{Key: "connector.bluesky.error." + what, Field: field}
}

func (c connector) settings(given map[string]string) (s settings, err error) {
	get := func(field string) string { return strings.TrimSpace(given[field]) }
	for _, h := range strings.FieldsFunc(or(get(fieldHosts), defaultHosts), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }) {
		base, err := baseURL(h, true)
		if err != nil {
			return s, mistake(fieldHosts, "hosts")
		}
		s.hosts = append(s.hosts, base)
	}
	if s.directory, err = baseURL(or(get(fieldDirectory), defaultDirectory), true); err != nil {
		return s, mistake(fieldDirectory, "address")
	}
	if s.appview, err = baseURL(or(get(fieldAppView), defaultAppView), true); err != nil {
		return s, mistake(fieldAppView, "address")
	}
	if !c.own {
		hours, err := strconv.Atoi(or(get(fieldBack), "1"))
		if err != nil || hours < 0 || hours > maxBack {
			return s, mistake(fieldBack, "back")
		}
		s.back = time.Duration(hours) * time.Hour
	}
	return s, c.account(&s, get)
}

func (c connector) account(s *settings, get func(string) string) error {
	s.handle = strings.ToLower(strings.TrimPrefix(get(fieldHandle), "@"))
	s.password = get(fieldPassword)
	switch {
	case s.handle == "" && (c.own || s.password != ""):
		return mistake(fieldHandle, "handle-missing")
	case s.handle == "":
		return nil
	case !isHandle(s.handle):
		return mistake(fieldHandle, "handle")
	case s.password == "":
		return mistake(fieldPassword, "password-missing")
	}
	if at := get(fieldService); at != "" {
		base, err := baseURL(at, true)
		if err != nil {
			return mistake(fieldService, "address")
		}
		s.service = base
	}
	return nil
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// An open stream belongs to nobody.
type open struct{ stream *stream }

// Poll implements listen.Source: it hears what the hosts have until now.
func (o open) Poll(ctx context.Context, cursor string, hear listen.Hear) error {
	return o.listen(ctx, cursor, hear, o.stream.host.Now())
}

// Stream implements listen.Streamer.
func (o open) Stream(ctx context.Context, cursor string, hear listen.Hear) error {
	return o.listen(ctx, cursor, hear, time.Time{})
}

// Names implements listen.Namer: it asks the AppView. The stream names authors
// by DID only; this is for the few whose posts are kept.
func (o open) Names(ctx context.Context, dids []string) (map[string]listen.Profile, error) {
	return o.stream.resolver.names(ctx, dids)
}

func (o open) listen(ctx context.Context, at string, hear listen.Hear, until time.Time) error {
	c, err := parseCursor(at)
	if err != nil {
		return err
	}
	back := &lookback{stream: o.stream, ask: o.stream.public, found: c.Found, at: at}
	if err := back.look(ctx, hear); err != nil {
		return err
	}
	return o.stream.listen(ctx, c, target{listener: listener{all: true}, hear: back.hearing(hear), until: until})
}
