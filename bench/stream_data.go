package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/coder/websocket"
)

// realFrames reads the posts among real frames of the stream, and makes many of
// them as the v2 wire has them: each with the words of another real post, another
// author and another key. It returns too how many posts a second there were.
func realFrames(data string) (*streamFrames, float64, error) {
	var records []map[string]any
	var first, last int64
	err := eachLine(filepath.Join(data, "streams", "bluesky-jetstream-v1.jsonl"), func(line []byte) {
		var f struct {
			Time   int64 `json:"time_us"`
			Commit struct {
				Operation, Collection string
				Record                map[string]any
			}
		}
		if json.Unmarshal(line, &f) != nil {
			return
		}
		if first == 0 {
			first = f.Time
		}
		last = f.Time
		if f.Commit.Operation == "create" && f.Commit.Collection == "app.bsky.feed.post" {
			records = append(records, f.Commit.Record)
		}
	})
	if err != nil {
		return nil, 0, err
	}
	posts, err := matchPosts(data)
	if err != nil {
		return nil, 0, err
	}
	if len(records) == 0 || last <= first {
		return nil, 0, errors.New("bench: no real posts among the frames")
	}
	f := &streamFrames{}
	for i := range streamTexts {
		record := records[i%len(records)]
		text := posts[i*7%len(posts)].Text
		if i%1000 == 0 { // one in a thousand is wanted
			text += " " + told
		}
		record["text"] = text
		body, err := json.Marshal(record)
		if err != nil {
			return nil, 0, fmt.Errorf("bench: frame %d: %w", i, err)
		}
		f.plain = append(f.plain, fmt.Appendf(nil, `{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#commit","seq":%s,"did":"did:plc:%024d","time":"2026-07-04T14:38:08.%06dZ","rev":"3mptbypluud2a","operation":"create","collection":"app.bsky.feed.post","rkey":"3kabcdef%05d","cid":"bafyreiguce4jh7kcbmof3pmcvasifqtw24b6isakj5ve5ga2b4z4alpc4i","record":%s}}`,
			seqMark, i%997, i, i, body))
	}
	return f, float64(len(records)) / (float64(last-first) / 1e6), nil
}

// seqMark stands where an event's number is.
const seqMark = "1000000"

// numbered writes a frame under the number of the n-th event into buffer.
func (f *streamFrames) numbered(n int, buffer []byte) []byte {
	frame := f.plain[n%len(f.plain)]
	at := bytes.Index(frame, []byte(seqMark))
	buffer = append(buffer[:0], frame...)
	copy(buffer[at:], strconv.Itoa(1_000_000+n))
	return buffer
}

// A flood serves events on loopback as fast as they are taken.
type flood struct {
	*httptest.Server
	frames *streamFrames
	events int
	packed [][]byte // all of them, compressed before anything is measured; nil: plain
}

func newFlood(f *streamFrames, events int, packed bool) (*flood, error) {
	if events > 9_000_000-1 {
		return nil, errors.New("bench: at most 8,999,999 events come over the wire")
	}
	s := &flood{frames: f, events: events}
	if packed {
		var buffer []byte
		for n := range events {
			buffer = f.numbered(n, buffer)
			s.packed = append(s.packed, f.encoder.EncodeAll(buffer, nil))
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /xrpc/network.bsky.jetstream.getZstdDictionary", func(w http.ResponseWriter, r *http.Request) {
		if s.packed == nil {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(f.dict) // a client that is gone is told nothing
	})
	mux.HandleFunc("GET /xrpc/network.bsky.jetstream.subscribeEvents", s.serve)
	s.Server = httptest.NewServer(mux)
	return s, nil
}

func (s *flood) serve(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // told to the client
	}
	defer conn.CloseNow()
	ctx := conn.CloseRead(r.Context())
	var buffer []byte
	for n := range s.events {
		kind := websocket.MessageBinary
		if s.packed != nil {
			buffer = s.packed[n]
		} else {
			kind, buffer = websocket.MessageText, s.frames.numbered(n, buffer)
		}
		if conn.Write(ctx, kind, buffer) != nil {
			return
		}
	}
	// The client knows by this that there is no more.
	_ = conn.Close(websocket.StatusNormalClosure, "")
}

// readOnly reads all frames and looks at none.
func (s *flood) readOnly(ctx context.Context) error {
	at := "ws" + strings.TrimPrefix(s.URL, "http") + "/xrpc/network.bsky.jetstream.subscribeEvents"
	if s.packed != nil {
		at += "?zstdDictionary=" + strconv.Itoa(77)
	}
	conn, _, err := websocket.Dial(ctx, at, nil)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer conn.CloseNow()
	conn.SetReadLimit(1 << 20)
	n := 0
	for ; ; n++ {
		if _, _, err = conn.Read(ctx); err != nil {
			break
		}
	}
	if n != s.events {
		return fmt.Errorf("bench: read %d of %d frames: %w", n, s.events, err)
	}
	return nil
}
