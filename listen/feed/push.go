package feed

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" // WebSub §7 still allows it, and hubs in use sign with it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/internal/syndication"
	"lastword/listen"
)

// patienceOfHub bounds how long the verification of a lease waits for the
// channel: hubs that ask back before they answer make a poll wait for itself.
const patienceOfHub = 3 * time.Second

// ServeHTTP answers a hub that asks back (GET) or pushes (POST), at
// <base>/<channel>/<tag>. A callback that we never gave out is 404.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	channel, topic, ok := h.target(r.URL.Path)
	switch {
	case !ok:
		http.NotFound(w, r)
	case r.Method == http.MethodGet:
		h.verify(w, r, channel, topic)
	case r.Method == http.MethodPost:
		h.content(w, r, channel, topic)
	default:
		w.Header().Set("Allow", "GET, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func (h *Hub) target(path string) (channel int64, topic []byte, ok bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if len(parts) < 2 {
		return 0, nil, false
	}
	channel, err := strconv.ParseInt(parts[len(parts)-2], 10, 64)
	if err != nil {
		return 0, nil, false
	}
	topic, ok = h.genuine(channel, parts[len(parts)-1])
	return channel, topic, ok
}

// verify confirms what we asked for and nothing else (§5.3): the challenge is
// echoed, anything unwanted is 404.
func (h *Hub) verify(w http.ResponseWriter, r *http.Request, channel int64, topic []byte) {
	q := r.URL.Query()
	sum := sha256.Sum256([]byte(q.Get("hub.topic")))
	if !hmac.Equal(sum[:16], topic) {
		http.NotFound(w, r)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patienceOfHub)
	defer cancel()
	err := h.lend(ctx, channel, func(ctx context.Context, src listen.Source, text string, hear listen.Hear) error {
		s, ok := src.(*source)
		if !ok {
			return errUnwanted
		}
		return s.verified(ctx, q, text, hear)
	})
	if !agreed(q.Get("hub.mode"), err) {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if _, err := io.WriteString(w, q.Get("hub.challenge")); err != nil {
		h.log.Debug("feed: a hub left before the answer", "channel", channel)
	}
}

// errUnwanted says that the channel does not want what the hub asks about.
var errUnwanted = errors.New("feed: websub: not wanted")

// agreed decides by what the channel said. A channel that is busy with the very
// poll that asked, or a store that fails, is no reason to refuse: the tag proves
// that we asked.
func agreed(mode string, err error) bool {
	refused := gone(err) || errors.Is(err, errUnwanted)
	switch mode {
	case "subscribe":
		return !refused
	case "unsubscribe":
		return refused
	case "denied":
		return true
	}
	return false
}

// verified notes in the cursor what the hub grants or denies.
func (s *source) verified(ctx context.Context, q url.Values, text string, hear listen.Hear) error {
	c, err := parse(text, digest(s.at.String()))
	if err != nil {
		return err
	}
	if c.Sub == nil || c.Sub.Topic != q.Get("hub.topic") {
		return errUnwanted
	}
	p := &poll{source: s, cursor: c, hear: hear, now: s.host.Now(), saved: text}
	switch q.Get("hub.mode") {
	case "subscribe":
		c.Sub.granted(q.Get("hub.lease_seconds"), p.now)
	case "denied": // §5.2
		c.Sub.Until, c.Sub.Denied = 0, true
	default:
		return nil
	}
	return p.save(ctx, nil, c)
}

// content takes a push (§6). One that is not signed as agreed is acknowledged
// and ignored (§7.1), so that nobody can try signatures out.
func (h *Hub) content(w http.ResponseWriter, r *http.Request, channel int64, topic []byte) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDocument))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	if !signed(r.Header.Get("X-Hub-Signature"), h.secret(channel, topic), body) {
		h.log.Warn("feed: a push without a valid signature was ignored", "channel", channel)
		w.WriteHeader(http.StatusAccepted)
		return
	}
	err = h.lend(r.Context(), channel, func(ctx context.Context, src listen.Source, text string, hear listen.Hear) error {
		s, ok := src.(*source)
		if !ok {
			return errUnwanted
		}
		return s.push(ctx, push{topic, r.Header.Get("Content-Type"), body}, text, hear)
	})
	w.WriteHeader(h.status(channel, err))
}

// status tells the hub to go on, to try again, or to end.
func (h *Hub) status(channel int64, err error) int {
	switch {
	case err == nil:
		return http.StatusNoContent
	case gone(err), errors.Is(err, errUnwanted):
		return http.StatusGone
	case errors.Is(err, syndication.ErrNotFeed), errors.Is(err, syndication.ErrBroken), errors.Is(err, syndication.ErrTooComplex):
		h.log.Warn("feed: a push that is no feed was ignored", "channel", channel, "error", err)
		return http.StatusAccepted
	case errors.Is(err, lastword.ErrUnavailable), errors.Is(err, lastword.ErrConflict), errors.Is(err, context.Canceled):
		h.log.Info("feed: a push could not be taken now", "channel", channel, "error", err)
		return http.StatusServiceUnavailable
	}
	h.log.Error("feed: a push could not be stored", "channel", channel, "error", err)
	return http.StatusInternalServerError
}

// push is what a hub sent for the topic of that digest.
type push struct {
	topic       []byte
	contentType string
	body        []byte
}

// push hands over what is new in a pushed document; a push without one only
// says that it is time to poll. The validators stay: they belong to the answers
// of the feed itself.
func (s *source) push(ctx context.Context, in push, text string, hear listen.Hear) error {
	c, err := parse(text, digest(s.at.String()))
	if err != nil {
		return err
	}
	if c.Sub == nil || !ofTopic(c.Sub.Topic, in.topic) {
		return errUnwanted
	}
	if len(in.body) == 0 {
		return s.Poll(ctx, text, hear)
	}
	base, err := url.Parse(c.Sub.Topic)
	if err != nil {
		return errUnwanted
	}
	f, err := syndication.Decode(in.body, in.contentType, base)
	if err != nil {
		return err
	}
	p := &poll{source: s, cursor: c, hear: hear, now: s.host.Now(), saved: text}
	if _, err := p.take(ctx, f); err != nil {
		return err
	}
	return p.save(ctx, nil, p.cursor)
}

func ofTopic(topic string, digest []byte) bool {
	sum := sha256.Sum256([]byte(topic))
	return hmac.Equal(sum[:16], digest)
}

// signed checks "method=hex" (§7).
func signed(header, secret string, body []byte) bool {
	method, code, _ := strings.Cut(header, "=")
	var make func() hash.Hash
	switch strings.ToLower(method) {
	case "sha1":
		make = sha1.New
	case "sha256":
		make = sha256.New
	case "sha384":
		make = sha512.New384
	case "sha512":
		make = sha512.New
	default:
		return false
	}
	got, err := hex.DecodeString(strings.TrimSpace(code))
	if err != nil {
		return false
	}
	m := hmac.New(make, []byte(secret))
	m.Write(body)
	return hmac.Equal(got, m.Sum(nil))
}
