package mail

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/emersion/go-sasl"
)

// xoauth2Name is the mechanism that Google and Microsoft speak
// (developers.google.com/workspace/gmail/imap/xoauth2-protocol).
const xoauth2Name = "XOAUTH2"

// xoauth2 implements sasl.Client.
type xoauth2 struct {
	user, token string
	status      string // of the server's refusal, an HTTP status; empty: it did not say one
}

// Start implements sasl.Client.
func (x *xoauth2) Start() (string, []byte, error) {
	return xoauth2Name, []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next implements sasl.Client: a challenge is the server's refusal in JSON, and
// an empty answer lets it end the exchange.
func (x *xoauth2) Next(challenge []byte) ([]byte, error) {
	var refusal struct{ Status string }
	if json.Unmarshal(challenge, &refusal) != nil || refusal.Status == "" {
		refusal.Status = "400"
	}
	x.status = refusal.Status
	return []byte{}, nil
}

// refusedToken reports whether the server judged the token, and not itself, to
// be at fault.
func refusedToken(mechanism sasl.Client, err error) bool {
	if x, ok := mechanism.(*xoauth2); ok {
		return strings.HasPrefix(x.status, "4")
	}
	var bearer *sasl.OAuthBearerError
	return errors.As(err, &bearer) && bearer.Status != "temporarily_unavailable" // RFC 7628 §3.2.2
}
