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

	// others are the channels for which what is pushed to one may be too.
	others func(ctx context.Context, channel int64) ([]int64, error)

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
	return &hooks{base: strings.TrimSuffix(a.Config.Public, "/") + hookPath, key: key, lend: a.lend, others: a.others, paces: map[int64]*rate.Limiter{}}, nil
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

// ServeHTTP lets one request to the source of its channel, and to those of the
// others for which its place pushes to the same address. It answers 404 where the
// address was never given out or its channel is gone, 429 to who sends too much, and
// 503 where a channel cannot take anything now: then the place sends again, and to
// hear twice is harmless.
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
	channels := []int64{channel}
	if r.Method == http.MethodPost && h.others != nil {
		more, err := h.others(r.Context(), channel)
		if err != nil {
			w.Header().Set("Retry-After", strconv.Itoa(int(lendFor/time.Second)))
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		channels = append(channels, more...)
	}
	answers := make([]*answered, len(channels))
	var all sync.WaitGroup
	for i, c := range channels { // each judges the signature and takes what is its own
		all.Go(func() { answers[i] = h.ask(r, c, body) })
	}
	all.Wait()
	worst(answers).tell(w)
}

// ask lends one channel for a request.
func (h *hooks) ask(r *http.Request, channel int64, body []byte) *answered {
	got := &answered{header: http.Header{}}
	spoken := false
	err := h.lend(r.Context(), channel, func(ctx context.Context, src listen.Source, cursor string, hear listen.Hear) error {
		receiver, takes := src.(listen.Receiver)
		if !takes {
			return lastword.ErrNotFound
		}
		spoken = true
		asked := r.Clone(ctx)
		asked.Body = io.NopCloser(bytes.NewReader(body))
		var failed error
		receiver.Receive(got, asked, cursor, func(ctx context.Context, events []lastword.Event, cursor string) error {
			failed = hear(ctx, events, cursor)
			return failed
		})
		return failed
	})
	switch {
	case spoken:
	case errors.Is(err, lastword.ErrNotFound):
		got.header.Set("Content-Type", "text/plain; charset=utf-8")
		got.WriteHeader(http.StatusNotFound)
	default:
		got.header.Set("Retry-After", strconv.Itoa(int(lendFor/time.Second)))
		got.WriteHeader(http.StatusServiceUnavailable)
	}
	return got
}

// An answered is what a source says to a request.
type answered struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *answered) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter: the first counts.
func (a *answered) WriteHeader(code int) {
	if a.code == 0 {
		a.code = code
	}
}

func (a *answered) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

func (a *answered) tell(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(max(a.code, http.StatusOK))
	_, _ = a.body.WriteTo(w) // who hung up asks again
}

// worst is what the place is told: that one of the channels could take nothing now,
// else that one took it, else what the first says.
func worst(all []*answered) *answered {
	took := all[0]
	for _, a := range all {
		switch {
		case a.code >= http.StatusInternalServerError:
			return a
		case a.code/100 == 2 && took.code/100 != 2:
			took = a
		}
	}
	return took
}

// others are the channels of the same company for which a place pushes to the
// address of this one: their accounts have an app in common.
func (a *App) others(ctx context.Context, channel int64) ([]int64, error) {
	c, err := a.channel(ctx, channel)
	if errors.Is(err, lastword.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	shared := a.sharedBy(c.Connector)
	if shared == "" || c.Settings[shared] == "" {
		return nil, nil
	}
	all, err := a.DB.Channels(ctx, c.Company)
	if err != nil {
		return nil, err
	}
	var more []int64
	for _, o := range all {
		if o.ID != c.ID && o.Connector == c.Connector && o.Settings[shared] == c.Settings[shared] && !o.Paused {
			more = append(more, o.ID)
		}
	}
	return more, nil
}

// sharedBy is listen.Info.Shared of a connector.
func (a *App) sharedBy(connector string) string {
	for _, known := range a.places.Connectors {
		if info := known.Info(); info.Name == connector {
			return info.Shared
		}
	}
	return ""
}

func (h *hooks) pace(channel int64) *rate.Limiter {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.paces[channel] == nil {
		h.paces[channel] = rate.NewLimiter(hookRate, hookBurst)
	}
	return h.paces[channel]
}
