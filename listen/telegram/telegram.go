// Package telegram hears and answers as a bot of the company: people who write to
// it in private, groups in which it is a member, the comments below the posts of
// a channel, by Telegram's Bot API (core.telegram.org/bots/api).
//
// Updates are fetched by long polling, or pushed where the server has a public
// address and the settings say so. Telegram keeps them for a day; what it threw
// away meanwhile is told as a gap. It tells of edits, and of deletions never.
//
// A bot cannot read what it said itself, and Telegram keeps no keys of ours. So
// every answer is noted before it is sent, and how that ended (sent.go).
package telegram

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
)

const network = "telegram"

// Names of the settings.
const (
	fieldToken   = "token"
	fieldChannel = "channel"
	fieldOwn     = "own"
	fieldWebhook = "webhook"
	fieldServer  = "server"
)

// limit is how long a message may be in UTF-16 units (sendMessage, text), in
// which Telegram counts everything it says about text (MessageEntity, length).
const limit = 4096

const official = "https://api.telegram.org"

type connector struct{}

// New returns the connector "telegram".
//
// Settings: token (as BotFather gives it), channel (@name or number of the one in
// which own posts are published), own (names of colleagues in groups, separated
// by commas: what they say is ours), webhook ("yes": updates are pushed, where we
// have a public address), server (of an own Bot API server).
func New() listen.Connector { return connector{} }

// about is Telegram as everybody has it.
func about() lastword.Network {
	return lastword.Network{Name: network, Title: "Telegram", Reply: true, Limit: limit, Unit: lastword.UTF16}
}

// Info implements listen.Connector.
func (connector) Info() listen.Info {
	return listen.Info{
		Name:    network,
		Network: about(),
		Fields: []listen.Field{
			{Name: fieldToken, Secret: true, Required: true}, {Name: fieldChannel},
			{Name: fieldOwn, Seldom: true}, {Name: fieldWebhook, Default: "no", Seldom: true}, {Name: fieldServer, Default: official, Seldom: true},
		},
		Every:  time.Hour, // where updates are pushed
		Pace:   time.Second,
		Stream: true,
		All:    true,
	}
}

func mistake(field, what string) error {
	return &lastword.Mistake{Key: "connector.telegram.error." + what, Field: field}
}

// tokenForm is a bot's number and its secret.
var tokenForm = regexp.MustCompile(`^([0-9]{3,20}):([A-Za-z0-9_-]{20,100})$`)

// channelForm is how Telegram names a channel: its public name or its number
// (sendMessage, chat_id).
var channelForm = regexp.MustCompile(`^(@[A-Za-z][A-Za-z0-9_]{3,31}|-100[0-9]{5,16})$`)

// Open implements listen.Connector. The Source streams, or receives where updates
// are pushed.
func (connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	get := func(field string) string { return strings.TrimSpace(acct.Settings[field]) }
	token := get(fieldToken)
	if token == "" {
		return nil, mistake(fieldToken, "missing")
	}
	parts := tokenForm.FindStringSubmatch(token)
	if parts == nil {
		return nil, mistake(fieldToken, "token")
	}
	channel := channelOf(get(fieldChannel))
	if channel != "" && !channelForm.MatchString(channel) {
		return nil, mistake(fieldChannel, "channel")
	}
	server, err := serverOf(get(fieldServer))
	if err != nil {
		return nil, err
	}
	b := &bot{http: host.HTTP, host: host, server: server, token: token, id: parts[1], channel: channel, own: namesOf(get(fieldOwn)), hook: acct.Hook}
	if truth(get(fieldWebhook)) && acct.Hook != "" {
		return &pushed{b}, nil
	}
	return &source{b}, nil
}

// channelOf takes the address of a public channel for its name.
func channelOf(s string) string {
	for _, prefix := range []string{"https://t.me/", "http://t.me/", "t.me/"} {
		if name, ok := strings.CutPrefix(s, prefix); ok {
			return "@" + strings.TrimRight(name, "/")
		}
	}
	return s
}

func serverOf(s string) (string, error) {
	if s == "" {
		return official, nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" {
		return "", mistake(fieldServer, "server")
	}
	return strings.TrimRight(s, "/"), nil
}

func namesOf(list string) map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' }) {
		all[strings.ToLower(strings.TrimPrefix(name, "@"))] = true
	}
	return all
}

func truth(s string) bool {
	switch strings.ToLower(s) {
	case "yes", "ja", "true", "1":
		return true
	}
	return false
}

// secret is what Telegram sends along with every update that it pushes
// (setWebhook, secret_token). It follows from the token: who has that needs no
// other.
func (b *bot) secret() string {
	m := hmac.New(sha256.New, []byte(b.token))
	m.Write([]byte("lastword webhook " + b.hook))
	return hex.EncodeToString(m.Sum(nil))
}
