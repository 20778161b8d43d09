package mastodon

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"lastword"
	"lastword/internal/httpx"
)

const (
	dialLimit = 20 * time.Second
	maxFrame  = 1 << 20 // bytes of one event; a post with its account takes a hundredth
	framesMax = 1024    // events read before the server has to wait
)

// A frame is one event of a stream (methods/streaming, "Event types and
// payloads"), or the reason why there is none.
type frame struct {
	from    timeline
	event   string
	payload []byte
	reason  string // why it was left out
	err     error  // the stream has ended
}

// Taps are the streams that are open, one connection for each timeline: the
// servers differ in whether one connection may carry several.
type taps struct {
	in     chan frame
	live   map[timeline]bool
	ctx    context.Context
	cancel context.CancelFunc
	group  sync.WaitGroup
}

// tap opens a stream for every timeline that has one. What cannot be had now is
// left to be asked for.
func (s *source) tap(ctx context.Context, h home) *taps {
	t := &taps{in: make(chan frame, framesMax), live: map[timeline]bool{}}
	t.ctx, t.cancel = context.WithCancel(ctx)
	if h.own.ID == "" { // streams want an account (methods/streaming, 4.2.0)
		return t
	}
	sockets := false
	for _, of := range s.set.timelines {
		if path, _ := of.stream(); path == "" {
			continue
		}
		read, err := s.dial(t.ctx, h, of, &sockets)
		if err != nil {
			s.host.Log.Info("mastodon: no stream", "of", of.String(), "why", err)
			continue
		}
		t.live[of] = true
		t.group.Go(func() {
			t.send(frame{from: of, err: read(t.ctx, func(f frame) bool { f.from = of; return t.send(f) })})
		})
	}
	return t
}

// send returns false once nobody listens.
func (t *taps) send(f frame) bool {
	select {
	case t.in <- f:
		return true
	case <-t.ctx.Done():
		return false
	}
}

// close ends all streams and waits for them.
func (t *taps) close() {
	t.cancel()
	t.group.Wait()
}

// whole reports whether everything that can be streamed is.
func (t *taps) whole(all []timeline) bool {
	for _, of := range all {
		if path, _ := of.stream(); path != "" && !t.live[of] {
			return false
		}
	}
	return true
}

// A reader reads a stream until it ends, and says why it did.
type reader func(ctx context.Context, send func(frame) bool) error

// dial opens a stream as server-sent events or, where the server has none, over
// a websocket.
func (s *source) dial(ctx context.Context, h home, of timeline, sockets *bool) (reader, error) {
	if !*sockets {
		read, err := s.dialEvents(ctx, h, of)
		if err == nil || !errors.Is(err, errNoEvents) {
			return read, err
		}
		*sockets = true
	}
	return s.dialSocket(ctx, h, of)
}

// errNoEvents says that a server has no server-sent events.
var errNoEvents = errors.New("mastodon: no server-sent events here")

// dialEvents opens GET /api/v1/streaming/… (methods/streaming, "About HTTP
// server-sent events").
func (s *source) dialEvents(ctx context.Context, h home, of timeline) (reader, error) {
	path, _ := of.stream()
	at := h.streaming + "/api/v1/streaming" + path
	if of.kind == hashtag {
		at += "?" + url.Values{"tag": {of.name}}.Encode()
	}
	ctx, cancel := context.WithCancel(httpx.Endless(ctx))
	late := time.AfterFunc(dialLimit, cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("mastodon: stream %s: %w", path, lastword.ErrInvalid)
	}
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Authorization", "Bearer "+s.client.tokens.current())
	resp, err := s.host.HTTP.Do(req)
	late.Stop()
	if err != nil {
		cancel()
		return nil, fmt.Errorf("mastodon: stream %s: %w", path, unreachable(ctx, err))
	}
	if err := s.refusedEvents(resp, path); err != nil {
		cancel()
		return nil, errors.Join(err, resp.Body.Close())
	}
	return func(_ context.Context, send func(frame) bool) error {
		defer cancel()
		defer resp.Body.Close()
		idle := time.AfterFunc(s.rhythm.silence, cancel)
		defer idle.Stop()
		alive := func() { idle.Reset(s.rhythm.silence) }
		return fmt.Errorf("mastodon: stream %s: %w: %w", path, lastword.ErrUnavailable, readEvents(resp.Body, alive, send))
	}, nil
}

// refusedEvents returns why an answer is no stream: errNoEvents where the server
// does not know them, as GoToSocial and Pleroma.
func (s *source) refusedEvents(resp *http.Response, path string) error {
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	switch resp.StatusCode {
	case http.StatusOK:
		if strings.TrimSpace(strings.ToLower(kind)) == "text/event-stream" {
			return nil
		}
		return errNoEvents
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotAcceptable,
		http.StatusUpgradeRequired, http.StatusNotImplemented:
		return errNoEvents
	}
	return &callError{what: "stream " + path, host: hostOf(s.set.base), status: resp.StatusCode, wait: waitOf(resp, s.host.Now())}
}

// readEvents reads server-sent events (HTML §9.2.6) until the body ends, and
// returns why. Each line is a sign of life.
func readEvents(body io.Reader, alive func(), send func(frame) bool) error {
	in := bufio.NewReaderSize(body, 64<<10)
	var f frame
	big := false
	for {
		line, whole, err := readLine(in)
		if err != nil {
			return err
		}
		alive()
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch {
		case !whole || len(f.payload)+len(value) > maxFrame:
			big = true
		case len(line) == 0:
			if big {
				f = frame{event: f.event, reason: dropTooBig}
			}
			if f.event != "" || f.payload != nil || big {
				if !send(f) {
					return context.Canceled
				}
			}
			f, big = frame{}, false
		case string(name) == "event":
			f.event = string(value[:min(len(value), 100)])
		case string(name) == "data" && f.payload != nil:
			f.payload = append(append(f.payload, '\n'), value...)
		case string(name) == "data":
			f.payload = bytes.Clone(value)
		}
	}
}

// readLine returns a line without its end. Of one that is too long it keeps
// nothing, and reads on behind it.
func readLine(in *bufio.Reader) (line []byte, whole bool, err error) {
	whole = true
	for {
		part, more, err := in.ReadLine()
		if err != nil {
			return nil, false, err
		}
		if whole = whole && len(line)+len(part) <= maxFrame; whole {
			line = append(line, part...)
		} else {
			line = nil
		}
		if !more {
			return line, whole, nil
		}
	}
}

// dialSocket opens a websocket for one stream (methods/streaming, "WebSocket").
// The token goes in the header and, for servers that look there alone, as the
// name of a protocol; never in the address.
func (s *source) dialSocket(ctx context.Context, h home, of timeline) (reader, error) {
	_, name := of.stream()
	q := url.Values{"stream": {name}}
	if of.kind == hashtag {
		q.Set("tag", of.name)
	}
	token := s.client.tokens.current()
	opts := &websocket.DialOptions{HTTPClient: s.host.HTTP, HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}}
	if !strings.ContainsAny(token, "/=") { // they have no place in a protocol's name (RFC 9110 §5.6.2)
		opts.Subprotocols = []string{token}
	}
	dialing, cancel := context.WithTimeout(httpx.Endless(ctx), dialLimit)
	defer cancel()
	conn, resp, err := websocket.Dial(dialing, h.streaming+"/api/v1/streaming?"+q.Encode(), opts)
	switch {
	case err != nil && resp != nil && resp.StatusCode != http.StatusSwitchingProtocols:
		return nil, &callError{what: "stream " + name, host: hostOf(s.set.base), status: resp.StatusCode, wait: waitOf(resp, s.host.Now())}
	case err != nil: // its own text may hold the token, as a protocol's name
		return nil, fmt.Errorf("mastodon: stream %s: no websocket: %w", name, lastword.ErrUnavailable)
	}
	conn.SetReadLimit(-1) // maxFrame holds, without ending the stream over one frame
	return func(ctx context.Context, send func(frame) bool) error {
		ctx, cancel := context.WithCancel(ctx)
		var pings sync.WaitGroup
		pings.Go(func() { ping(ctx, conn, s.rhythm.silence/2, cancel) })
		err := readSocket(ctx, conn, send)
		cancel()
		pings.Wait()
		// The goodbye may fail where the connection did; it is over either way.
		_ = conn.CloseNow()
		return fmt.Errorf("mastodon: stream %s: %w: %w", name, lastword.ErrUnavailable, err)
	}, nil
}

// ping asks for a sign of life, and ends the connection that gives none.
func ping(ctx context.Context, conn *websocket.Conn, every time.Duration, end context.CancelFunc) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		asked, cancel := context.WithTimeout(ctx, every)
		err := conn.Ping(asked)
		cancel()
		if err != nil {
			end()
			return
		}
	}
}

func readSocket(ctx context.Context, conn *websocket.Conn, send func(frame) bool) error {
	for {
		_, r, err := conn.Reader(ctx)
		if err != nil {
			return errClosed
		}
		raw, err := io.ReadAll(io.LimitReader(r, maxFrame+1))
		f := frame{reason: dropTooBig}
		if err == nil && len(raw) <= maxFrame {
			f = readSocketFrame(raw)
		} else if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		switch {
		case err != nil:
			return errClosed
		case !send(f):
			return context.Canceled
		case f.err != nil:
			return f.err
		}
	}
}

var (
	errClosed  = errors.New("the connection ended")
	errRefused = errors.New("the server refused the stream")
)

// readSocketFrame reads one message of a websocket. The payload is a string that
// holds JSON, or an id; some servers write the JSON itself.
func readSocketFrame(raw []byte) frame {
	var m struct {
		Event   string
		Payload json.RawMessage
		Error   any
		Status  int
	}
	if json.Unmarshal(raw, &m) != nil {
		return frame{reason: dropFrame}
	}
	if m.Event == "" && m.Error != nil {
		return frame{err: fmt.Errorf("%w with status %d", errRefused, m.Status)}
	}
	f := frame{event: m.Event, payload: m.Payload}
	var inner string
	if json.Unmarshal(m.Payload, &inner) == nil {
		f.payload = []byte(inner)
	}
	return f
}
