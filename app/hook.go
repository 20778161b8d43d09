package app

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"lastword"
	"lastword/listen"
)

// hookPath is below what places push to. It stands before the pages: no session,
// no cookie, nothing but what the place's own signature proves.
const hookPath = "/hook/"

// What one place may send.
const (
	hookBody  = 4 << 20 // bytes of a request
	hookRate  = 5       // requests a second, in the long run
	hookBurst = 50
)

// hooks are the addresses at which places push to channels whose source is a
// listen.Receiver. Whether an address is ours follows from itself alone, so that
// guessing costs us nothing.
type hooks struct {
	base string
	key  []byte
	lend func(ctx context.Context, channel int64, use func(context.Context, listen.Source, string, listen.Hear) error) error

	mu    sync.Mutex
	paces map[int64]*rate.Limiter // by channel; only of addresses that are ours
}

// newHooks returns the addresses, or nil where nobody outside can reach us.
func (a *App) newHooks() (*hooks, error) {
	if a.Config.Public == "" {
		return nil, nil
	}
	key, err := a.derived("hook")
	if err != nil {
		return nil, err
	}
	return &hooks{base: strings.TrimSuffix(a.Config.Public, "/") + hookPath, key: key, lend: a.lend, paces: map[int64]*rate.Limiter{}}, nil
}

// address is where the place of a channel pushes; empty for none and nil hooks.
func (h *hooks) address(channel int64) string {
	if h == nil || channel == 0 {
		return ""
	}
	return h.base + strconv.FormatInt(channel, 10) + "/" + h.tag(channel)
}

// tag makes an address that nobody can guess.
func (h *hooks) tag(channel int64) string {
	m := hmac.New(sha256.New, h.key)
	fmt.Fprintf(m, "hook %d", channel)
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:18])
}

// target reads an address of ours.
func (h *hooks) target(path string) (channel int64, ok bool) {
	id, tag, _ := strings.Cut(strings.TrimPrefix(path, hookPath), "/")
	channel, err := strconv.ParseInt(id, 10, 64)
	return channel, err == nil && channel > 0 && hmac.Equal([]byte(tag), []byte(h.tag(channel)))
}

// ServeHTTP lets one request to the source of its channel. It answers 404 where
// the address was never given out or its channel is gone, 429 to who sends too
// much, and 503 where the channel cannot take anything now.
func (h *hooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	channel, ok := h.target(r.URL.Path)
	if !ok {
		http.NotFound(w, r)
		return
	}
	if !h.pace(channel).Allow() {
		w.Header().Set("Retry-After", "10")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	// Read before the channel is lent: who sends slowly must not hold it.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, hookBody))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	answered := false
	err = h.lend(r.Context(), channel, func(ctx context.Context, src listen.Source, cursor string, hear listen.Hear) error {
		receiver, takes := src.(listen.Receiver)
		if !takes {
			return lastword.ErrNotFound
		}
		answered = true
		var failed error
		receiver.Receive(w, r.WithContext(ctx), cursor, func(ctx context.Context, events []lastword.Event, cursor string) error {
			failed = hear(ctx, events, cursor)
			return failed
		})
		return failed
	})
	switch {
	case answered:
	case errors.Is(err, lastword.ErrNotFound):
		http.NotFound(w, r)
	default:
		w.Header().Set("Retry-After", strconv.Itoa(int(lendFor/time.Second)))
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func (h *hooks) pace(channel int64) *rate.Limiter {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.paces[channel] == nil {
		h.paces[channel] = rate.NewLimiter(hookRate, hookBurst)
	}
	return h.paces[channel]
}
