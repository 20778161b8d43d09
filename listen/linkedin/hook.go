package linkedin

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"

	"lastword"
	"lastword/listen"
)

const most = 1 << 20 // bytes of one push; ten notifications take a hundredth

var challenge = regexp.MustCompile(`^[A-Za-z0-9-]{1,100}$`)

// Receive implements listen.Receiver (shared/api-guide/webhook-validation): the
// question whether the address is ours, and what happened on the page.
func (s *source) Receive(w http.ResponseWriter, r *http.Request, cursor string, hear listen.Hear) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	switch r.Method {
	case http.MethodGet:
		s.greet(w, r.URL.Query().Get("challengeCode"))
	case http.MethodPost:
		s.pushed(w, r, cursor, hear)
	default:
		w.Header().Set("Allow", "GET, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func (s *source) greet(w http.ResponseWriter, code string) {
	if !challenge.MatchString(code) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	// Two strings cannot fail to be written; who hung up asks again.
	_ = json.NewEncoder(w).Encode(map[string]string{"challengeCode": code, "challengeResponse": hex.EncodeToString(s.mac(code))})
}

func (s *source) mac(said string) []byte {
	m := hmac.New(sha256.New, []byte(s.set.secret))
	m.Write([]byte(said))
	return m.Sum(nil)
}

func (s *source) pushed(w http.ResponseWriter, r *http.Request, cursor string, hear listen.Hear) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	got, err := hex.DecodeString(strings.TrimPrefix(r.Header.Get("X-LI-Signature"), "hmacsha256="))
	if err != nil || !hmac.Equal(got, s.mac("hmacsha256="+string(body))) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	events, next, err := s.delivered(r, body, cursor)
	if err == nil && len(events) > 0 {
		err = hear(r.Context(), events, next)
	}
	if err != nil {
		s.host.Log.WarnContext(r.Context(), "linkedin: what came could not be stored", "err", err)
		w.Header().Set("Retry-After", "300")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// delivered returns what a push brings, and the cursor that remembers until when
// it may be kept. Up to when the poll has heard stays as it is.
func (s *source) delivered(r *http.Request, body []byte, text string) (events []lastword.Event, next string, err error) {
	var d struct{ Notifications []json.RawMessage }
	if json.Unmarshal(body, &d) != nil {
		s.host.Dropped(dropNotice, "push")
		return nil, text, nil
	}
	me, err := s.me(r.Context())
	if err != nil {
		return nil, text, err
	}
	c, err := parse(text, me.org)
	if err != nil {
		return nil, text, err
	}
	for _, raw := range d.Notifications {
		n, ok := readNotification(raw)
		if !ok {
			s.host.Dropped(dropNotice, "push")
			continue
		}
		if n.Entity != "" && n.Entity != me.org {
			continue // another page of the same app
		}
		if e, ok := n.event(me.org); ok {
			events = append(events, s.placed(r.Context(), e))
		}
	}
	c.take(events, s.host.Now())
	return events, c.String(), nil
}
