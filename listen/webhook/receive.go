package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
)

// What one request may be.
const (
	maxBody   = 1 << 20 // bytes
	maxItems  = 1000
	tolerance = 5 * time.Minute // between their clock and ours; Standard Webhooks, "Verifying signatures"
)

// heard is the cursor: there is nothing to go on from.
const heard = "1"

// Receive implements listen.Receiver: signed JSON by POST, and forms where the
// settings allow them.
func (s *source) Receive(w http.ResponseWriter, r *http.Request, _ string, hear listen.Hear) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil:
		w.WriteHeader(http.StatusUnsupportedMediaType)
	case kind == "application/json" || strings.HasSuffix(kind, "+json"):
		s.signed(w, r, hear)
	case kind == "application/x-www-form-urlencoded", kind == "multipart/form-data":
		s.filled(w, r, hear)
	default:
		w.WriteHeader(http.StatusUnsupportedMediaType)
	}
}

// signed takes JSON whose signature proves who sent it.
func (s *source) signed(w http.ResponseWriter, r *http.Request, hear listen.Hear) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(tooBig(err))
		return
	}
	if !s.genuine(r.Header, body) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	items, err := parse(body)
	if err != nil {
		s.host.Dropped(NotJSON, r.Header.Get("webhook-id"))
		respond(w, http.StatusBadRequest, map[string]any{"error": err.Error()})
		return
	}
	var events []lastword.Event
	taken := 0
	for n, i := range items {
		place := r.Header.Get("webhook-id") + "/" + strconv.Itoa(n)
		e, ok := s.event(i, place)
		if !ok {
			continue
		}
		taken++
		events = append(events, e)
		if e.Op == lastword.Deleted { // who deletes need not know in which network it is kept
			e.Post.Network = other(e.Post.Network)
			events = append(events, e)
		}
	}
	if !s.keep(w, r.Context(), events, hear) {
		return
	}
	respond(w, http.StatusOK, map[string]any{"taken": taken, "left_out": len(items) - taken})
}

// other is the network in which a voice may be kept besides.
func other(network string) string {
	if network == Name {
		return fromEmail
	}
	return Name
}

func tooBig(err error) int {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// genuine checks the signature over id, time and body (Standard Webhooks,
// "Signature scheme"), and that it was made now.
func (s *source) genuine(h http.Header, body []byte) bool {
	id, stamp := h.Get("webhook-id"), h.Get("webhook-timestamp")
	at, err := strconv.ParseInt(stamp, 10, 64)
	if s.secret == nil || id == "" || len(id) > 256 || err != nil {
		return false
	}
	if age := s.host.Now().Sub(time.Unix(at, 0)); age > tolerance || age < -tolerance {
		return false
	}
	m := hmac.New(sha256.New, s.secret)
	m.Write([]byte(id + "." + stamp + "."))
	m.Write(body)
	want := m.Sum(nil)
	ok := false
	for word := range strings.FieldsSeq(h.Get("webhook-signature")) {
		coded, v1 := strings.CutPrefix(word, "v1,")
		got, err := base64.StdEncoding.DecodeString(coded)
		ok = ok || v1 && err == nil && hmac.Equal(got, want)
	}
	return ok
}

// keep hands over what came, and asks the sender to try again where that fails:
// nothing is acknowledged that is not stored.
func (s *source) keep(w http.ResponseWriter, ctx context.Context, events []lastword.Event, hear listen.Hear) bool {
	if len(events) == 0 {
		return true
	}
	if err := hear(ctx, events, heard); err != nil {
		s.host.Log.Warn("webhook: what came could not be stored", "channel", s.channel, "err", err)
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusServiceUnavailable)
		return false
	}
	return true
}

func respond(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	// Who hung up does not want to know.
	_ = json.NewEncoder(w).Encode(v)
}
