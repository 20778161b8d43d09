package feed

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
)

// A Lend opens one channel while a hub speaks to us: it calls use with the
// channel's Source, its last cursor, and the Hear that stores. While use runs,
// nothing else polls the channel. It returns what use returns,
// lastword.ErrNotFound where the channel is gone, and lastword.ErrUnavailable
// where it is paused, or not free before ctx ends.
type Lend func(ctx context.Context, channel int64, use func(ctx context.Context, src listen.Source, cursor string, hear listen.Hear) error) error

// A Hub subscribes feeds to the WebSub hubs that they name (W3C Recommendation
// of 23 January 2018) and takes what those push. It keeps no state: whether a
// callback is genuine follows from its address alone, and the lease stands in
// the channel's cursor. It is an http.Handler for all that lies under Base.
type Hub struct {
	base string
	key  []byte
	lend Lend
	log  *slog.Logger
}

// NewHub returns a hub that is reachable under base, an absolute address such as
// "https://hear.example/websub", and derives its secrets from key, at least 16
// secret bytes that stay the same.
func NewHub(base string, key []byte, lend Lend, log *slog.Logger) (*Hub, error) {
	at, err := url.Parse(base)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return nil, errors.New("feed: websub: the base is no absolute address")
	}
	if len(key) < 16 {
		return nil, errors.New("feed: websub: the key is too short")
	}
	return &Hub{base: strings.TrimRight(base, "/"), key: key, lend: lend, log: log}, nil
}

// wanted is the lease that we ask for.
const wanted = 10 * 24 * time.Hour

// tag authenticates a callback: a digest of the topic and a code over it and the
// channel. Nobody can guess it (§7: the callback should be unguessable), and a
// channel that changes its topic changes its callback.
func (h *Hub) tag(channel int64, topic string) string {
	sum := sha256.Sum256([]byte(topic))
	return base64.RawURLEncoding.EncodeToString(append(sum[:16], h.code("callback", channel, sum[:16])[:16]...))
}

// genuine returns the digest of the topic for which the tag was made.
func (h *Hub) genuine(channel int64, tag string) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(tag)
	if err != nil || len(raw) != 32 || !hmac.Equal(raw[16:], h.code("callback", channel, raw[:16])[:16]) {
		return nil, false
	}
	return raw[:16], true
}

func (h *Hub) code(use string, channel int64, topic []byte) []byte {
	m := hmac.New(sha256.New, h.key)
	fmt.Fprintf(m, "websub %s %d ", use, channel)
	m.Write(topic)
	return m.Sum(nil)
}

// secret is shared with the hub, which signs with it (§5.1: under 200 bytes).
func (h *Hub) secret(channel int64, topic []byte) string {
	return hex.EncodeToString(h.code("secret", channel, topic))
}

func (h *Hub) callback(channel int64, topic string) string {
	return h.base + "/" + strconv.FormatInt(channel, 10) + "/" + h.tag(channel, topic)
}

// ask sends a subscription request (§5.1). The hub verifies it later, by asking
// back at the callback.
func (h *Hub) ask(ctx context.Context, client *http.Client, mode string, channel int64, l lease) error {
	sum := sha256.Sum256([]byte(l.Topic))
	form := url.Values{
		"hub.mode": {mode}, "hub.topic": {l.Topic}, "hub.callback": {h.callback(channel, l.Topic)},
		"hub.secret":        {h.secret(channel, sum[:16])},
		"hub.lease_seconds": {strconv.Itoa(int(wanted / time.Second))},
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.Hub, strings.NewReader(form.Encode()))
	if err != nil {
		return errors.New("feed: websub: the hub has no address")
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := httpx.Do(client, r)
	if err != nil {
		return fmt.Errorf("feed: websub: %w", err)
	}
	// The body of an acceptance says nothing.
	_, err = io.CopyN(io.Discard, resp.Body, 4<<10)
	if err == io.EOF {
		err = nil
	}
	return errors.Join(err, resp.Body.Close())
}

// Unsubscribe ends the subscription that stands in cursor, if any; call it when
// a channel is removed. Where it fails, the hub hears 410 at its next push.
func (h *Hub) Unsubscribe(ctx context.Context, client *http.Client, channel int64, text string) error {
	c, err := restore(text)
	if err != nil || c.Sub == nil {
		return err
	}
	return h.ask(ctx, client, "unsubscribe", channel, *c.Sub)
}

// links returns the hubs and the topic of an answer: its Link headers where they
// name them, else the document (§4).
func links(a answer, at *url.URL) (hubs []string, self string) {
	for _, field := range a.header.Values("Link") {
		for part := range strings.SplitSeq(field, ",") {
			ref, params, ok := strings.Cut(strings.TrimSpace(part), ">")
			if !ok || !strings.HasPrefix(ref, "<") {
				continue
			}
			to, err := at.Parse(ref[1:])
			if err != nil {
				continue
			}
			switch rel(params) {
			case "hub":
				hubs = append(hubs, to.String())
			case "self":
				self = to.String()
			}
		}
	}
	if len(hubs) > 0 && self != "" {
		return hubs, self
	}
	return a.feed.Hubs, a.feed.Self
}

// rel reads the parameter of that name (RFC 8288 §3.3).
func rel(params string) string {
	for p := range strings.SplitSeq(params, ";") {
		if name, value, ok := strings.Cut(strings.TrimSpace(p), "="); ok && strings.EqualFold(name, "rel") {
			return strings.ToLower(strings.Trim(value, `" `))
		}
	}
	return ""
}

// subscribe takes what the answer says about a hub, and keeps the lease alive.
func (p *poll) subscribe(ctx context.Context, a answer) error {
	if p.hub == nil {
		return p.save(ctx, nil, p.cursor)
	}
	hubs, topic := links(a, p.at)
	hub := secure(hubs)
	switch s := p.cursor.Sub; {
	case hub == "" || topic == "":
		p.cursor.Sub = nil
	case s == nil || s.Hub != hub || s.Topic != topic:
		p.cursor.Sub = &lease{Hub: hub, Topic: topic}
	}
	return p.renew(ctx)
}

// subscribed drops a lease that brings nothing any more: this program has no hub,
// or the hub was given a callback that is no longer ours.
func (s *source) subscribed(l *lease) *lease {
	if s.hub == nil || l == nil {
		return nil
	}
	if l.At != digest(s.hub.callback(s.channel, l.Topic)) {
		return &lease{Hub: l.Hub, Topic: l.Topic}
	}
	return l
}

// renew asks the hub for a lease where there is none yet or it runs out. That a
// hub cannot be reached harms nothing: the feed is polled on.
func (p *poll) renew(ctx context.Context) error {
	if p.hub == nil || p.cursor.Sub == nil || !p.cursor.Sub.due(p.now) {
		return p.save(ctx, nil, p.cursor)
	}
	l := *p.cursor.Sub
	l.Asked, l.Denied, l.At = p.now.Unix(), false, digest(p.hub.callback(p.channel, l.Topic))
	p.cursor.Sub = &l
	// The hub may ask back before it answers, and must find the lease noted.
	if err := p.save(ctx, nil, p.cursor); err != nil {
		return err
	}
	if err := p.hub.ask(ctx, p.host.HTTP, "subscribe", p.channel, l); err != nil {
		p.host.Log.Info("feed: the hub did not take the subscription", "channel", p.channel, "error", err)
	}
	return ctx.Err()
}

// secure returns the first hub that can be told a secret.
func secure(hubs []string) string {
	for _, hub := range hubs {
		if strings.HasPrefix(hub, "https://") {
			return hub
		}
	}
	return ""
}

// due reports whether to ask for the lease: the first time, in its last third
// or its last day, a day after a hub that never asked back, a week after one
// that denied.
func (l lease) due(now time.Time) bool {
	since := now.Unix() - l.Asked
	const hour, day = 3600, 24 * 3600
	switch {
	case l.Denied:
		return since > 7*day
	case l.Until == 0:
		return since > day
	}
	return since > hour && l.Until-now.Unix() < max(l.Length/3, day+hour)
}

// granted notes how long the hub will push.
func (l *lease) granted(seconds string, now time.Time) {
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || n <= 0 {
		n = int64(wanted / time.Second)
	}
	l.Length = min(n, 365*24*3600)
	l.Until = now.Unix() + l.Length
	l.Denied = false
}

// gone reports whether the channel is no longer there.
func gone(err error) bool { return errors.Is(err, lastword.ErrNotFound) }
