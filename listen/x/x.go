// Package x hears and answers on X by its API, version 2.
//
// Three connectors share its code:
//
//   - New, "x": one account, signed in. What mentions it, replies to it or quotes
//     it; it answers, publishes, and looks up whether what is kept was deleted.
//   - NewSearch, "xsearch": what anybody says with given words, by recent search.
//   - NewStream, "xstream": the same words as they are said, by the filtered
//     stream.
//
// They are three because it is said of a whole connector, not of an account,
// whether it streams, and because search and stream belong to an app, which has
// a token of its own.
//
// X asks money for nearly everything. Every call is counted at the price in the
// settings before what it brought is handed over, the sum is kept with the
// account, and a channel that has used up its month asks for nothing more.
//
// X lets an app answer only who summoned its account, by a mention or a quote;
// all others are answered by hand. An edited post is a new one at X; here it
// stays the one under whose id it was first said.
package x

import (
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
)

const network = "x"

// Names of the settings.
const (
	fieldClient  = "client"
	fieldSecret  = "clientsecret"
	fieldBearer  = "bearer"
	fieldWords   = "words"
	fieldWithout = "without"
	fieldLangs   = "langs"
	fieldBack    = "back"
	fieldBudget  = "budget"
	fieldPrices  = "prices"
	fieldRecheck = "recheck"
	fieldMinutes = "backfill"
)

// limit is the weight of a post (twitter-text, version 3).
const limit = 280

// pace keeps below the 100 posts in a quarter of an hour that one user may make.
const pace = 10 * time.Second

// A kind is which of the three connectors it is.
type kind uint8

const (
	ofAccount kind = iota
	ofSearch
	ofStream
)

type connector struct{ kind kind }

// New returns the connector "x", what is said to one account.
//
// Settings: client and clientsecret (of an app at X; the secret only where the
// app is confidential), back (hours, 0 to 168, that a new channel hears of the
// past), recheck (how many kept posts a day are looked up to learn whether they
// were deleted), budget (US dollars a month) and prices (see [parsePrices]).
func New() listen.Connector { return signing{connector{ofAccount}} }

// NewSearch returns the connector "xsearch". Settings, beside those of New:
// bearer (the app's token), words (separated by commas), without (words that
// must not stand there) and langs (languages, by their two letters).
func NewSearch() listen.Connector { return connector{ofSearch} }

// NewStream returns the connector "xstream". Settings are those of NewSearch,
// and backfill (minutes that X sends again after a break; 0 but for customers to
// whom it sells that).
func NewStream() listen.Connector { return connector{ofStream} }

// Info implements listen.Connector.
func (c connector) Info() listen.Info {
	info := listen.Info{
		Name:    "x",
		Network: lastword.Network{Name: network, Title: "X", Reply: c.kind == ofAccount, Limit: limit, Unit: lastword.Weighted, Thread: 4},
		Every:   5 * time.Minute,
		Pace:    pace,
		All:     true,
		Fields:  []listen.Field{{Name: fieldClient, Required: true}, {Name: fieldSecret, Secret: true}},
	}
	if c.kind != ofAccount {
		info.Name, info.Every, info.Costs = "xsearch", 15*time.Minute, true
		info.Fields = []listen.Field{
			{Name: fieldBearer, Required: true, Secret: true},
			{Name: fieldWords, Required: true}, {Name: fieldWithout}, {Name: fieldLangs},
		}
	}
	info.Fields = append(info.Fields,
		listen.Field{Name: fieldBudget, Default: "25"}, listen.Field{Name: fieldPrices, Default: defaultPrices},
		listen.Field{Name: fieldBack, Default: "24"})
	switch c.kind {
	case ofAccount:
		info.SignIn = listen.SignIn{Offered: true, Only: true, Enter: true}
		info.Fields = append(info.Fields, listen.Field{Name: fieldRecheck, Default: "50"})
	case ofStream:
		info.Name, info.Stream = "xstream", true
		info.Fields = append(info.Fields, listen.Field{Name: fieldMinutes, Default: "0"})
	}
	return info
}

// Open implements listen.Connector.
func (c connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	get := func(field string) string { return strings.TrimSpace(acct.Settings[field]) }
	set, err := c.settings(get)
	if err != nil {
		return nil, err
	}
	m := &meter{host: host, limit: set.budget, prices: set.prices}
	if c.kind == ofAccount {
		l := &login{host: host, client: get(fieldClient), secret: get(fieldSecret), tokens: tokensOf(acct.Settings)}
		return &account{host: host, api: api{host: host, login: l}, meter: m, set: set, login: l}, nil
	}
	query, err := question(get(fieldWords), get(fieldWithout), get(fieldLangs), c.kind)
	if err != nil {
		return nil, err
	}
	s := &search{host: host, api: api{host: host, bearer: get(fieldBearer)}, meter: m, set: set, query: query}
	if c.kind == ofStream {
		return &stream{search: s, tag: "lastword:" + strconv.FormatInt(acct.Channel, 10)}, nil
	}
	return s, nil
}

// settings are the fields that the connectors share, checked.
type settings struct {
	back     time.Duration
	budget   int64 // millionths of a US dollar a month
	prices   prices
	recheck  int
	backfill int // minutes
}

func mistake(field, what string) error {
	return &lastword.Mistake{Key: "connector.x.error." + what, Field: field}
}

func (c connector) settings(get func(string) string) (s settings, err error) {
	for _, f := range c.Info().Fields {
		if f.Required && get(f.Name) == "" {
			return s, mistake(f.Name, "missing")
		}
	}
	hours, err := number(get(fieldBack), 24, 168)
	if err != nil {
		return s, mistake(fieldBack, "back")
	}
	s.back = time.Duration(hours) * time.Hour
	if s.recheck, err = number(get(fieldRecheck), 50, 100_000); err != nil {
		return s, mistake(fieldRecheck, "number")
	}
	if s.backfill, err = number(get(fieldMinutes), 0, 5); err != nil {
		return s, mistake(fieldMinutes, "backfill")
	}
	if s.budget, err = parseMoney(or(get(fieldBudget), "25")); err != nil {
		return s, mistake(fieldBudget, "budget")
	}
	if s.prices, err = parsePrices(or(get(fieldPrices), defaultPrices)); err != nil {
		return s, mistake(fieldPrices, "prices")
	}
	return s, nil
}

// number reads a whole number from 0 to most.
func number(s string, otherwise, most int) (int, error) {
	if s == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > most {
		return 0, lastword.ErrInvalid
	}
	return n, nil
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
