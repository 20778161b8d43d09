// Package appstore hears what customers write about a company's app in Apple's
// App Store, and answers them.
//
// Without an account it reads the public feed of a country's reviews (the RSS
// feed "customerreviews", at most 500 reviews, no answers). With a key of the App
// Store Connect API (developer.apple.com/documentation/appstoreconnectapi,
// "Customer Reviews", "Customer Review Responses") it reads the reviews of all
// countries and gives the one response that a review can have.
//
//	feed.go     the public feed
//	connect.go  the API: signing, calling, what refusals mean
//	poll.go     hearing by the one or the other
//	reply.go    answering, changing, taking back
package appstore

import (
	"crypto/ecdsa"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"lastword"
	"lastword/listen"
)

// Name is the connector's and the network's name.
const Name = "appstore"

// Names of the settings.
const (
	fieldApp     = "app"
	fieldCountry = "country"
	fieldIssuer  = "issuer"
	fieldKeyID   = "keyid"
	fieldKey     = "key"
)

// maxResponse is how many characters a response may have (App Store Connect Help,
// "Respond to reviews").
const maxResponse = 5970

type connector struct{}

// New returns the connector "appstore".
//
// Settings: app (number of the app, or its address in the App Store), country
// (two letters each, by spaces: where the public feed is read), issuer, keyid and
// key (of the App Store Connect API; the text of the .p8 file. A personal key has
// no issuer).
func New() listen.Connector { return connector{} }

// Info implements listen.Connector.
func (connector) Info() listen.Info {
	return listen.Info{
		Name:    Name,
		Network: lastword.Network{Name: Name, Title: "App Store", Reply: true, Limit: maxResponse, Unit: lastword.Characters},
		Fields: []listen.Field{
			{Name: fieldApp, Required: true},
			{Name: fieldCountry, Default: "de at ch"},
			{Name: fieldKeyID},
			{Name: fieldKey, Secret: true},
			{Name: fieldIssuer},
		},
		Every: time.Hour,
		All:   true,
	}
}

// source is one app.
type source struct {
	host      listen.Host
	app       string
	countries []string
	issuer    string
	keyID     string
	key       *ecdsa.PrivateKey // nil: the public feed

	mu    sync.Mutex
	token string
	until time.Time
}

var (
	number  = regexp.MustCompile(`^(?:.*/id)?([0-9]{6,12})(?:[/?#].*)?$`)
	country = regexp.MustCompile(`^[a-z]{2}$`)
)

// Open implements listen.Connector.
func (connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	get := func(field string) string { return strings.TrimSpace(acct.Settings[field]) }
	app := number.FindStringSubmatch(get(fieldApp))
	if app == nil {
		return nil, &lastword.Mistake{Key: "connector.appstore.error.app", Field: fieldApp}
	}
	s := &source{host: host, app: app[1], issuer: get(fieldIssuer), keyID: get(fieldKeyID)}
	s.countries = strings.Fields(strings.ToLower(strings.ReplaceAll(get(fieldCountry), ",", " ")))
	if len(s.countries) == 0 {
		s.countries = []string{"de"}
	}
	for _, c := range s.countries {
		if !country.MatchString(c) || len(s.countries) > 20 {
			return nil, &lastword.Mistake{Key: "connector.appstore.error.country", Field: fieldCountry}
		}
	}
	switch file := get(fieldKey); {
	case file == "" && s.keyID == "" && s.issuer == "":
		return s, nil
	case s.keyID == "":
		return nil, &lastword.Mistake{Key: "connector.appstore.error.keyid-missing", Field: fieldKeyID}
	case file == "":
		return nil, &lastword.Mistake{Key: "connector.appstore.error.key-missing", Field: fieldKey}
	default:
		key, err := jwt.ParseECPrivateKeyFromPEM([]byte(pem(file)))
		if err != nil || key.Curve.Params().BitSize != 256 {
			return nil, &lastword.Mistake{Key: "connector.appstore.error.key", Field: fieldKey}
		}
		s.key = key
		return s, nil
	}
}

// pem sets the lines of a key anew: a field of one line loses them.
func pem(file string) string {
	const begin, end = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"
	body, ok := strings.CutPrefix(strings.TrimSpace(file), begin)
	body, closed := strings.CutSuffix(body, end)
	if !ok || !closed {
		return file
	}
	return begin + "\n" + strings.Join(strings.Fields(body), "\n") + "\n" + end + "\n"
}
