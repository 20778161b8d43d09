// Package badplace stands for the network on its bad days: servers on loopback
// that keep what they are told, as the real ones do, and that cut, delay and
// refuse as a test wants. What the real ones do on good days is proved against
// the real ones.
package badplace

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// A Jetstream speaks the v2 wire of Bluesky's stream and keeps every event, so
// that a client that comes again is sent everything from its cursor on, the
// event at the cursor included.
type Jetstream struct {
	server *httptest.Server

	// CutAfter ends each connection after so many events; 0 means never. Set it
	// before the first client comes.
	CutAfter int

	mu     sync.Mutex
	events []event
	more   chan struct{} // closed when an event is added
	came   int
}

type event struct {
	at    time.Time
	frame []byte
}

// NewJetstream starts a stream without events.
func NewJetstream() *Jetstream {
	j := &Jetstream{more: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /xrpc/network.bsky.jetstream.subscribeEvents", j.subscribe)
	j.server = httptest.NewServer(mux)
	return j
}

// URL returns the address of the stream, without a slash at the end.
func (j *Jetstream) URL() string { return j.server.URL }

// Close ends all connections.
func (j *Jetstream) Close() {
	j.server.CloseClientConnections()
	j.server.Close()
}

// Connections returns how often a client came.
func (j *Jetstream) Connections() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.came
}

// Say adds a post, and returns the number of the event.
func (j *Jetstream) Say(did, rkey, text string) int64 { return j.commit("create", did, rkey, text) }

// Edit adds another wording of a post.
func (j *Jetstream) Edit(did, rkey, text string) int64 { return j.commit("update", did, rkey, text) }

// Delete adds that a post is gone.
func (j *Jetstream) Delete(did, rkey string) int64 { return j.commit("delete", did, rkey, "") }

// stamp is how the network writes times.
const stamp = "2006-01-02T15:04:05.000000Z"

func (j *Jetstream) commit(op, did, rkey, text string) int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	now, seq := time.Now().UTC(), int64(len(j.events)+1)
	payload := map[string]any{
		"$type": "network.bsky.jetstream.subscribeEvents#commit", "seq": seq, "did": did, "time": now.Format(stamp),
		"rev": "3l", "operation": op, "collection": collection, "rkey": rkey,
	}
	if op != "delete" {
		payload["cid"] = fmt.Sprintf("bafy%d", seq)
		payload["record"] = map[string]any{"$type": collection, "text": text, "createdAt": now.Format(stamp), "langs": []string{"de"}}
	}
	// Strings and numbers encode.
	frame, _ := json.Marshal(map[string]any{"$type": "message", "payload": payload})
	j.events = append(j.events, event{now, frame})
	close(j.more)
	j.more = make(chan struct{})
	return seq
}

func (j *Jetstream) subscribe(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"xrpc.v1.json"}})
	if err != nil {
		return // the client was told
	}
	j.mu.Lock()
	j.came++
	j.mu.Unlock()
	j.talk(conn.CloseRead(r.Context()), conn, j.from(r.URL.Query().Get("cursor")))
	// Whether the goodbye arrives does not matter: the connection is over.
	_ = conn.CloseNow()
}

// from returns the index of the event at a cursor: a number below 1e15 is a
// count, any other the time in microseconds; none is the present.
func (j *Jetstream) from(cursor string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	n, err := strconv.ParseInt(cursor, 10, 64)
	switch {
	case err != nil || n <= 0:
		return len(j.events)
	case n < 1e15:
		return int(min(n-1, int64(len(j.events))))
	}
	for i, e := range j.events {
		if e.at.UnixMicro() >= n {
			return i
		}
	}
	return len(j.events)
}

// talk sends events until the client is gone or the connection shall end.
func (j *Jetstream) talk(ctx context.Context, conn *websocket.Conn, next int) {
	for sent := 0; j.CutAfter == 0 || sent < j.CutAfter; {
		j.mu.Lock()
		waiting, more := j.events[next:], j.more
		j.mu.Unlock()
		for _, e := range waiting {
			if conn.Write(ctx, websocket.MessageText, e.frame) != nil {
				return
			}
			next, sent = next+1, sent+1
		}
		select {
		case <-ctx.Done():
			return
		case <-more:
		}
	}
}
