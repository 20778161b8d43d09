// Package matrix hears and answers with an account at a Matrix homeserver, by the
// Client-Server API (spec.matrix.org, v1.15): what is said in the rooms that the
// account has joined.
//
// Rooms that are encrypted end to end cannot be read: the program has no keys of
// the account, and what it leaves out there is counted and told. Redactions are
// deletions, replacements are edits, threads stay threads.
package matrix

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"lastword"
	"lastword/listen"
)

const network = "matrix"

// Names of the settings.
const (
	fieldUser     = "user"
	fieldPassword = "password"
	fieldToken    = "token"
	fieldServer   = "server"
	fieldJoin     = "join"
	fieldRoom     = "room"
	fieldOwn      = "own"
	fieldBack     = "back"
)

// maxBytes is how long an answer may be in UTF-8: an event has at most 65,536
// bytes with all that stands around it ("Size limits"), and as JSON a text may
// grow.
const maxBytes = 32_000

type connector struct{}

// New returns the connector "matrix".
//
// Settings: user (@name:server), password or token (an access token), server (of
// the homeserver; empty: as the user's server says), join ("no", "yes", or the
// servers and people whose invitations are accepted), room (for own posts), own
// (colleagues, whose words are ours), back (hours, 0 to 168, that is heard of the
// past of a room).
func New() listen.Connector { return connector{} }

// Info implements listen.Connector.
func (connector) Info() listen.Info {
	return listen.Info{
		Name:    network,
		Network: about(),
		Fields: []listen.Field{
			{Name: fieldUser, Required: true}, {Name: fieldPassword, Secret: true}, {Name: fieldToken, Secret: true, Seldom: true},
			{Name: fieldJoin, Default: "no"}, {Name: fieldRoom}, {Name: fieldServer, Seldom: true},
			{Name: fieldOwn, Seldom: true}, {Name: fieldBack, Default: "24", Seldom: true},
		},
		Pace:   time.Second,
		Stream: true,
		All:    true,
	}
}

// about is Matrix as everybody has it.
func about() lastword.Network {
	return lastword.Network{Name: network, Title: "Matrix", Reply: true, MaxBytes: maxBytes}
}

func mistake(field, what string) *lastword.Mistake {
	return &lastword.Mistake{Key: "connector.matrix.error." + what, Field: field}
}

var (
	userForm   = regexp.MustCompile(`^@[!-9;-~]{1,200}:[A-Za-z0-9.:\[\]-]{1,230}$`) // "User Identifiers"
	roomForm   = regexp.MustCompile(`^[!#][^\s/]{1,250}$`)                          // an id, or an alias
	serverForm = regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]{1,230}$`)
)

// Open implements listen.Connector.
func (connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	get := func(field string) string { return strings.TrimSpace(acct.Settings[field]) }
	s := &source{host: host, channel: acct.Channel, password: acct.Settings[fieldPassword], room: get(fieldRoom), own: setOf(get(fieldOwn)),
		rooms: map[string]bool{}, senders: map[string]string{}, names: map[string]string{}}
	s.user = get(fieldUser)
	switch {
	case s.user == "":
		return nil, mistake(fieldUser, "missing")
	case !userForm.MatchString(s.user):
		return nil, mistake(fieldUser, "user")
	case strings.TrimSpace(s.password) == "" && get(fieldToken) == "" && acct.Settings[keptToken] == "":
		return nil, mistake(fieldPassword, "password")
	case s.room != "" && !roomForm.MatchString(s.room):
		return nil, mistake(fieldRoom, "room")
	}
	var err error
	if s.base, err = serverOf(get(fieldServer)); err != nil {
		return nil, err
	}
	if s.join, err = invitersOf(get(fieldJoin)); err != nil {
		return nil, err
	}
	hours := 24
	if back := get(fieldBack); back != "" {
		if hours, err = strconv.Atoi(back); err != nil || hours < 0 || hours > 168 {
			return nil, mistake(fieldBack, "back")
		}
	}
	s.back = time.Duration(hours) * time.Hour
	// A token that somebody entered counts before one that we were given.
	if s.token = get(fieldToken); s.token == "" {
		s.token, s.refresh = acct.Settings[keptToken], acct.Settings[keptRefresh]
	}
	return s, nil
}

// serverOf reads the address of a homeserver, with or without a scheme; empty
// where it is to be discovered.
func serverOf(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.RawQuery != "" {
		return "", mistake(fieldServer, "server")
	}
	return strings.TrimRight(u.Scheme+"://"+u.Host+u.Path, "/"), nil
}

// Inviters are those whose invitations are accepted.
type inviters struct {
	all   bool
	names map[string]bool // users, and servers without an at sign
}

func invitersOf(list string) (inviters, error) {
	switch strings.ToLower(list) {
	case "", "no", "nein":
		return inviters{}, nil
	case "yes", "ja":
		return inviters{all: true}, nil
	}
	in := inviters{names: setOf(list)}
	for name := range in.names {
		if !userForm.MatchString(name) && !serverForm.MatchString(name) {
			return in, mistake(fieldJoin, "join")
		}
	}
	return in, nil
}

func (in inviters) accept(user string) bool {
	_, server, _ := strings.Cut(user, ":")
	return in.all || in.names[strings.ToLower(user)] || in.names[strings.ToLower(server)]
}

func setOf(list string) map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' }) {
		all[strings.ToLower(name)] = true
	}
	return all
}

// source is one account. Several goroutines may use it.
type source struct {
	host     listen.Host
	channel  int64
	user     string
	password string
	room     string
	join     inviters
	own      map[string]bool
	back     time.Duration

	mu      sync.Mutex
	base    string // of the homeserver; empty: not discovered yet
	token   string
	refresh string
	rooms   map[string]bool   // whether a room is public, as far as it was asked
	senders map[string]string // of events that were heard in this run, for their edits
	names   map[string]string // of members of rooms, as far as they were told in this run
}
