package bluesky_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/klauspost/compress/zstd"

	"lastword"
	"lastword/listen"
	"lastword/listen/bluesky"
)

// A memoryNet is a network in memory, so that tests run in a bubble of their own
// time (testing/synctest): a minute of silence takes no time at all.
type memoryNet struct {
	mu    sync.Mutex
	hosts map[string]chan net.Conn
}

func (n *memoryNet) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	to := n.hosts[host]
	n.mu.Unlock()
	if to == nil {
		return nil, errors.New("no such host")
	}
	here, there := net.Pipe()
	select {
	case to <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A door is where a host of the network lets connections in.
type door struct {
	in     chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (d *door) Accept() (net.Conn, error) {
	select {
	case c := <-d.in:
		return c, nil
	case <-d.closed:
		return nil, net.ErrClosed
	}
}

func (d *door) Close() error   { d.once.Do(func() { close(d.closed) }); return nil }
func (d *door) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (n *memoryNet) serve(t *testing.T, host string, h http.Handler) {
	d := &door{in: make(chan net.Conn), closed: make(chan struct{})}
	n.mu.Lock()
	n.hosts[host] = d.in
	n.mu.Unlock()
	srv := httptest.NewUnstartedServer(h)
	if err := srv.Listener.Close(); err != nil {
		t.Fatal(err)
	}
	srv.Listener = d
	srv.Start()
	t.Cleanup(srv.Close)
}

// A jetstream is a host that speaks the stream's wires, as badly as the test
// wants it to.
type jetstream struct {
	t        *testing.T
	wires    []int         // it knows; nil: both
	dict     []byte        // it offers and demands, on v2
	compress *zstd.Encoder // what it compresses with
	refuse   func(q url.Values) (status int, name string)
	talk     func(s *served) // what it says on a connection

	mu    sync.Mutex
	asked []string // "v2 cursor=…", one for each stream that was asked for
}

// A served is one connection of a jetstream.
type served struct {
	t    *testing.T
	ctx  context.Context
	conn *websocket.Conn
	enc  *zstd.Encoder
	wire int
	from string // cursor that was asked for
	nth  int    // which connection it is, from 1
}

func (j *jetstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	wire := 0
	switch r.URL.Path {
	case "/xrpc/network.bsky.jetstream.getZstdDictionary":
		if j.dict == nil {
			http.NotFound(w, r)
			return
		}
		if _, err := w.Write(j.dict); err != nil {
			j.t.Log(err)
		}
		return
	case "/subscribe":
		wire = 1
	case "/xrpc/network.bsky.jetstream.subscribeEvents":
		wire = 2
	}
	j.subscribe(wire, w, r)
}

func (j *jetstream) subscribe(wire int, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	j.mu.Lock()
	j.asked = append(j.asked, fmt.Sprintf("v%d cursor=%s", wire, q.Get("cursor")))
	nth := len(j.asked)
	j.mu.Unlock()
	if wire == 0 || j.wires != nil && !slices.Contains(j.wires, wire) {
		http.NotFound(w, r)
		return
	}
	if j.refuse != nil {
		if status, name := j.refuse(q); status != 0 {
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"error":%q,"message":"as the test wants"}`, name)
			return
		}
	}
	opts := &websocket.AcceptOptions{Subprotocols: []string{"xrpc.v1.json"}}
	if wire == 1 {
		opts.CompressionMode = websocket.CompressionContextTakeover // as v1 hosts do
	}
	conn, err := websocket.Accept(w, r, opts)
	if err != nil {
		j.t.Error(err)
		return
	}
	defer conn.CloseNow()
	s := &served{t: j.t, conn: conn, wire: wire, from: q.Get("cursor"), nth: nth}
	if q.Get("zstdDictionary") != "" {
		s.enc = j.compress
	}
	s.ctx = conn.CloseRead(r.Context())
	j.talk(s)
}

func (j *jetstream) requests() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.asked)
}

// send sends frames until the other side is gone.
func (s *served) send(frames ...string) {
	for _, f := range frames {
		kind, b := websocket.MessageText, []byte(f)
		if s.enc != nil {
			kind, b = websocket.MessageBinary, s.enc.EncodeAll(b, nil)
		}
		if err := s.conn.Write(s.ctx, kind, b); err != nil {
			return
		}
	}
}

// wait says nothing more, until the other side is gone.
func (s *served) wait() { <-s.ctx.Done() }

// v2, v1 frame an invented post.
func v2(seq int64, at time.Time, text string) string {
	return fmt.Sprintf(`{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#commit","seq":%d,"did":%q,"time":%q,"rev":"3l","operation":"create","collection":"app.bsky.feed.post","rkey":"3k%011d","cid":"bafyexample","record":%s}}`,
		seq, customer, at.UTC().Format("2006-01-02T15:04:05.000000Z"), seq, post(at, text))
}

func v1(n int64, at time.Time, text string) string {
	return fmt.Sprintf(`{"did":%q,"time_us":%d,"kind":"commit","commit":{"rev":"3l","operation":"create","collection":"app.bsky.feed.post","rkey":"3k%011d","cid":"bafyexample","record":%s}}`,
		customer, at.UnixMicro(), n, post(at, text))
}

func post(at time.Time, text string) string {
	said, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"$type":"app.bsky.feed.post","text":%s,"createdAt":%q,"langs":["de"]}`, said, at.UTC().Format(time.RFC3339))
}

const (
	customer = "did:plc:ccccccccccccccccccccccca"
	company  = "did:plc:hhhhhhhhhhhhhhhhhhhhhhha"
)

// A channel is a stream under test, with what it handed over.
type channel struct {
	src    listen.Source
	host   *testHost
	cursor string
	events []lastword.Event
	sizes  []int // of batches
	onHear func() error
}

// open connects the connector "bluesky" to hosts of the given names.
func open(t *testing.T, hosts map[string]*jetstream, settings map[string]string) *channel {
	t.Helper()
	network := &memoryNet{hosts: map[string]chan net.Conn{}}
	for name, j := range hosts {
		j.t = t
		network.serve(t, name, j)
	}
	host := newHost(t)
	transport := &http.Transport{DialContext: network.dial}
	host.HTTP = &http.Client{Transport: transport}
	t.Cleanup(transport.CloseIdleConnections)
	src, err := bluesky.New().Open(listen.Account{Settings: settings}, host.Host)
	if err != nil {
		t.Fatal(err)
	}
	return &channel{src: src, host: host}
}

func oneHost(t *testing.T, j *jetstream) *channel {
	t.Helper()
	return open(t, map[string]*jetstream{"one.test": j}, map[string]string{"hosts": "http://one.test", "back": "0"})
}

func (c *channel) hear(_ context.Context, events []lastword.Event, cursor string) error {
	if c.onHear != nil {
		if err := c.onHear(); err != nil {
			return err
		}
	}
	c.events = append(c.events, events...)
	c.sizes = append(c.sizes, len(events))
	c.cursor = cursor
	return nil
}

func (c *channel) stream(t *testing.T) error {
	return c.src.(listen.Streamer).Stream(t.Context(), c.cursor, c.hear)
}

func (c *channel) texts() string {
	var b bytes.Buffer
	for _, e := range c.events {
		b.WriteString(e.Post.Text + " ")
	}
	return strings.TrimSpace(b.String())
}

// dictionary builds a zstd dictionary and an encoder that uses it.
func dictionary(t *testing.T, id uint32) ([]byte, *zstd.Encoder) {
	t.Helper()
	var like [][]byte
	for i := range int64(40) {
		like = append(like, []byte(v2(i*7919, time.Unix(1.7e9+i, 0), strings.Repeat("Wort ", int(i%7)))))
	}
	dict, err := zstd.BuildDict(zstd.BuildDictOptions{ID: id, Contents: like, History: like[0], Offsets: [3]int{1, 4, 8}, Level: zstd.SpeedFastest})
	if err != nil {
		t.Fatal(err)
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderDict(dict), zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		t.Fatal(err)
	}
	return dict, enc
}
