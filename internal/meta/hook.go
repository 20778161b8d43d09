package meta

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"lastword"
	"lastword/internal/text"
)

// A Hook is where one of Meta's apps pushes to: the verification of the address,
// what is new, and people who want their data deleted, all at one address.
type Hook struct {
	// Secrets are those with which the app may sign (X-Hub-Signature-256).
	Secrets []string
	// Token is what the person entered at Meta as "verify token".
	Token string
	// Take hands over what a proved request brought. Its error means that nothing
	// of it was kept.
	Take func(body []byte) error
	// Forget is told who wants their data deleted, or has removed the app.
	Forget func(user string) error
	// At is the hook's own address; it shows that a deletion was done.
	At string
}

const most = 4 << 20 // bytes of one request; 1,000 changes take a tenth

// ServeHTTP takes one request. A body that is not signed by the app is answered
// with 401 and handed to nobody; what could not be kept with 503, for Meta tries
// again for 36 hours.
func (h Hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	switch r.Method {
	case http.MethodGet:
		h.greet(w, r.URL.Query())
	case http.MethodPost:
		h.post(w, r)
	default:
		w.Header().Set("Allow", "GET, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// greet answers Meta's question whether the address is meant
// (docs/graph-api/webhooks/getting-started, "Verification Requests"), and people
// who look whether their data is deleted.
func (h Hook) greet(w http.ResponseWriter, q url.Values) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if code := q.Get("deleted"); code != "" {
		// The person comes from Meta's pages; who they are is not known any more.
		_, _ = io.WriteString(w, "Ihre Daten sind gelöscht. / Your data has been deleted.\n")
		return
	}
	challenge := q.Get("hub.challenge")
	if q.Get("hub.mode") != "subscribe" || h.Token == "" || !hmac.Equal([]byte(q.Get("hub.verify_token")), []byte(h.Token)) || !ID(challenge) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	_, _ = io.WriteString(w, challenge) // who hung up asks again
}

func (h Hook) post(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "application/x-www-form-urlencoded" {
		h.forget(w, body)
		return
	}
	if !h.genuine(r.Header.Get("X-Hub-Signature-256"), body) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if h.Take(body) != nil {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// genuine checks the signature over the bytes as they came ("Validating
// Payloads").
func (h Hook) genuine(signature string, body []byte) bool {
	coded, ok := strings.CutPrefix(signature, "sha256=")
	got, err := hex.DecodeString(coded)
	if !ok || err != nil {
		return false
	}
	genuine := false
	for _, secret := range h.Secrets {
		if secret == "" {
			continue
		}
		m := hmac.New(sha256.New, []byte(secret))
		m.Write(body)
		genuine = hmac.Equal(got, m.Sum(nil)) || genuine
	}
	return genuine
}

// forget takes a signed request for deletion, or of somebody who removed the app
// (docs/development/create-an-app/app-dashboard/data-deletion-callback), and
// answers where its state can be seen and under which code.
func (h Hook) forget(w http.ResponseWriter, body []byte) {
	form, err := url.ParseQuery(string(body))
	user, ok := "", false
	for _, secret := range h.Secrets {
		if u, good := SignedUser(secret, form.Get("signed_request")); good {
			user, ok = u, true
		}
	}
	if err != nil || !ok {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if h.Forget(user) != nil {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	code := proof(h.Token+h.Secrets[0], user)[:16]
	w.Header().Set("Content-Type", "application/json")
	// Two strings cannot fail to be written; who hung up asks again.
	_ = json.NewEncoder(w).Encode(map[string]string{"url": h.At + "?deleted=" + code, "confirmation_code": code})
}

// SignedUser reads a signed request: a signature (HMAC-SHA256 under the app's
// secret) and a body, both base64url, joined by a dot. It returns the user's id
// within the app.
func SignedUser(secret, signed string) (user string, genuine bool) {
	sig, body, ok := strings.Cut(signed, ".")
	got, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(sig, "="))
	if !ok || err != nil || secret == "" {
		return "", false
	}
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(body))
	if !hmac.Equal(got, m.Sum(nil)) {
		return "", false
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(body, "="))
	var said struct {
		Algorithm string
		UserID    json.RawMessage `json:"user_id"` // a string, or a number
	}
	if err != nil || json.Unmarshal(raw, &said) != nil || !strings.EqualFold(said.Algorithm, "HMAC-SHA256") {
		return "", false
	}
	user = strings.Trim(string(said.UserID), `"`)
	return user, ID(user)
}

// A Delivery is what one push brings (docs/graph-api/webhooks).
type Delivery struct {
	Object string
	Entry  []struct {
		ID        string
		Time      Time
		Changes   []Change
		Messaging []Messaging
	}
}

// A Change is one of a Page's or an account's fields that changed.
type Change struct {
	Field string
	Value json.RawMessage
}

// A Messaging is one event of a conversation (docs/messenger-platform/reference/
// webhook-events; docs/instagram-platform/webhooks/examples).
type Messaging struct {
	Sender    struct{ ID string }
	Recipient struct{ ID string }
	Timestamp Time
	Message   *struct {
		Mid     string
		Text    string
		Echo    bool                 `json:"is_echo"`
		Deleted bool                 `json:"is_deleted"`
		ReplyTo struct{ Mid string } `json:"reply_to"`
	}
	Edit *struct {
		Mid  string
		Text string
	} `json:"message_edit"`
}

// ReadDelivery decodes a push.
func ReadDelivery(raw []byte) (Delivery, bool) {
	var d Delivery
	return d, json.Unmarshal(raw, &d) == nil && d.Object != ""
}

// MessageKey is the key of a message's voice.
func MessageKey(id string) string { return "message/" + id }

// IsMessage reports whether a key is that of a message, and returns its id.
func IsMessage(key string) (id string, is bool) {
	id, is = strings.CutPrefix(key, "message/")
	return id, is && ID(id)
}

// Event makes a lastword.Event of a messaging event; false for what is no voice:
// what we wrote, what says nothing, what was read or delivered.
func (m Messaging) Event(network string, ref func(person string) string) (lastword.Event, bool) {
	p := lastword.Post{Network: network, Private: true, SaidAt: m.Timestamp.Time, Author: lastword.Author{Key: m.Sender.ID}, Ref: ref(m.Sender.ID)}
	op, mid, said := lastword.Said, "", ""
	switch {
	case m.Message != nil && m.Message.Echo, !ID(m.Sender.ID), p.SaidAt.IsZero():
		return lastword.Event{}, false
	case m.Message != nil && m.Message.Deleted:
		op, mid = lastword.Deleted, m.Message.Mid
	case m.Message != nil:
		mid, said = m.Message.Mid, m.Message.Text
		if ID(m.Message.ReplyTo.Mid) {
			p.Parent = MessageKey(m.Message.ReplyTo.Mid)
		}
	case m.Edit != nil:
		op, mid, said = lastword.Edited, m.Edit.Mid, m.Edit.Text
	}
	p.Key, p.Text = MessageKey(mid), text.CleanTo(said, maxText)
	return lastword.Event{Op: op, Post: p}, ID(mid) && (op == lastword.Deleted || p.Text != "")
}

// maxText bounds what is kept of one message, in bytes.
const maxText = 64 << 10
