package bluesky

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/coder/websocket"
	"github.com/klauspost/compress/zstd"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
)

// The v2 wire by its lexicons.
const (
	subscribeV2  = "/xrpc/network.bsky.jetstream.subscribeEvents"
	dictionaryV2 = "/xrpc/network.bsky.jetstream.getZstdDictionary"
	subscribeV1  = "/subscribe"
	subprotocol  = "xrpc.v1.json"
)

// What a host may cost us.
const (
	maxFrame      = 1 << 20 // bytes; a record is at most 1 MiB by the protocol, a post a few KiB
	maxDictionary = 1 << 20
	dialLimit     = 20 * time.Second
)

// errWire says that a host speaks nothing that we understand. Waiting may help:
// the host or this program will be brought up to date.
var errWire = fmt.Errorf("bluesky: the host speaks a wire that this version does not understand: %w", lastword.ErrUnavailable)

// A streamFailure is the reason that a host gives for ending the stream, such
// as ConsumerTooSlow.
type streamFailure struct{ name, message string }

func (e *streamFailure) Error() string {
	return fmt.Sprintf("bluesky: the host ended the stream: %s: %s", e.name, e.message)
}

// Unwrap says that coming again may help.
func (e *streamFailure) Unwrap() error { return lastword.ErrUnavailable }

// A refusal is an HTTP answer in place of a stream.
type refusal struct {
	status        int
	name, message string
	wait          time.Duration
}

func (e *refusal) Error() string {
	return fmt.Sprintf("bluesky: the host refused the stream with status %d %s: %s", e.status, e.name, clip(e.message))
}

// Unwrap maps the refusal to what a caller may act on.
func (e *refusal) Unwrap() error {
	switch {
	case e.status == http.StatusUnauthorized || e.status == http.StatusForbidden:
		return lastword.ErrDenied
	case e.wait > 0:
		return &listen.RetryAfter{Wait: e.wait, Err: lastword.ErrUnavailable}
	case e.status == http.StatusBadRequest:
		return errWire
	}
	return lastword.ErrUnavailable
}

// unknownMethod reports whether the host does not know the wire at all.
func (e *refusal) unknownMethod() bool {
	switch e.status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	}
	return e.name == "MethodNotImplemented"
}

// A dictionary decodes the frames of one host.
type dictionary struct {
	id   uint32
	data []byte
}

// decoder returns a decoder for frames; it must be closed.
func (d *dictionary) decoder() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderDicts(d.data),
		zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxFrame))
}

// readDictionary checks the head of a zstd dictionary (RFC 8878 §5).
func readDictionary(b []byte) (*dictionary, error) {
	const magic = 0xEC30A437
	if len(b) < 8 || binary.LittleEndian.Uint32(b) != magic {
		return nil, errors.New("bluesky: no zstd dictionary")
	}
	d := &dictionary{id: binary.LittleEndian.Uint32(b[4:]), data: b}
	dec, err := d.decoder()
	if err != nil {
		return nil, fmt.Errorf("bluesky: zstd dictionary: %w", err)
	}
	dec.Close()
	return d, nil
}

func fetchDictionary(ctx context.Context, client *http.Client, base string) (*dictionary, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+dictionaryV2, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, unreachable(ctx, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxDictionary+1))
	switch {
	case err != nil:
		return nil, unreachable(ctx, err)
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("bluesky: zstd dictionary: status %d", resp.StatusCode)
	case len(b) > maxDictionary:
		return nil, errors.New("bluesky: zstd dictionary is too large")
	}
	return readDictionary(b)
}

// A request is one way to ask a host for its stream.
type request struct {
	base string // https://host
	wire wire
	from int64       // position, or 0 for the present
	dict *dictionary // nil for plain frames
}

// url spells the request. Account events come on both wires; on v2 they are
// named, because otherwise every identity event would come too.
func (r request) url() string {
	q := url.Values{}
	if r.from > 0 {
		q.Set("cursor", strconv.FormatInt(r.from, 10))
	}
	if r.wire == wireV1 {
		q.Set("wantedCollections", postCollection)
		return r.base + subscribeV1 + "?" + q.Encode()
	}
	q.Set("collections", postCollection)
	q["kinds"] = []string{"commit", "account"}
	if r.dict != nil {
		q.Set("zstdDictionary", strconv.FormatUint(uint64(r.dict.id), 10))
	}
	return r.base + subscribeV2 + "?" + q.Encode()
}

// dial opens the stream. v1 frames may come compressed by permessage-deflate
// (RFC 7692); its dictionary is not ours to ship, and v2 has a better way.
func (r request) dial(ctx context.Context, client *http.Client, now time.Time) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(httpx.Endless(ctx), dialLimit)
	defer cancel()
	opts := &websocket.DialOptions{HTTPClient: client}
	if r.wire == wireV2 {
		opts.Subprotocols = []string{subprotocol}
	} else {
		opts.CompressionMode = websocket.CompressionContextTakeover
	}
	conn, resp, err := websocket.Dial(ctx, r.url(), opts)
	if err == nil {
		conn.SetReadLimit(-1) // maxFrame holds, without ending the stream over one frame
		return conn, nil
	}
	if resp != nil && resp.StatusCode != http.StatusSwitchingProtocols {
		// The library keeps the first bytes of the answer for us.
		body, _ := io.ReadAll(resp.Body) // a cut answer is still refused by its status
		return nil, refused(resp, body, now)
	}
	return nil, fmt.Errorf("bluesky: connect to %s: %w", hostOf(r.base), unreachable(ctx, err))
}

func refused(resp *http.Response, body []byte, now time.Time) *refusal {
	var said struct{ Error, Message string }
	if json.Unmarshal(body, &said) != nil {
		said.Message = string(body)
	}
	return &refusal{status: resp.StatusCode, name: clip(said.Error), message: clip(said.Message), wait: waitOf(resp, now)}
}

func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	return u.Host
}
