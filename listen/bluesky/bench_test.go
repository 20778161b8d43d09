package bluesky_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"lastword"
	"lastword/listen"
	"lastword/listen/bluesky"
)

// flood serves n posts on loopback, as fast as they are taken, and says when it
// has none left by ending the connection.
func flood(b *testing.B, n int) (base string, bytes int) {
	frame := []byte(v2(1, time.Unix(1.7e9, 0), "Die Zwinge hält nicht, was ihr versprecht. Habt ihr eine bessere? Danke!"))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "subscribeEvents") {
			http.NotFound(w, r)
			return
		}
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			b.Error(err)
			return
		}
		defer conn.CloseNow()
		ctx := conn.CloseRead(r.Context())
		for i := range n {
			f := []byte(strings.Replace(string(frame), `"seq":1,`, `"seq":`+seq(i+1)+`,`, 1))
			if conn.Write(ctx, websocket.MessageText, f) != nil {
				return
			}
		}
		conn.Close(websocket.StatusNormalClosure, "")
	}))
	b.Cleanup(srv.Close)
	return srv.URL, len(frame)
}

func seq(i int) string {
	var d [12]byte
	at := len(d)
	for ; i > 0; i /= 10 {
		at--
		d[at] = byte('0' + i%10)
	}
	return string(d[at:])
}

// BenchmarkStream is everything between the socket and hear, and the server
// that floods it, on the same machine.
func BenchmarkStream(b *testing.B) {
	base, bytes := flood(b, b.N)
	src, err := bluesky.New().Open(listen.Account{Settings: map[string]string{"hosts": base, "back": "0"}}, newHost(b).Host)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(bytes))
	heard := 0
	b.ResetTimer()
	err = src.(listen.Streamer).Stream(b.Context(), "", func(_ context.Context, events []lastword.Event, _ string) error {
		heard += len(events)
		return nil
	})
	if !errors.Is(err, lastword.ErrUnavailable) || heard != b.N {
		b.Errorf("heard %d of %d, %v", heard, b.N, err)
	}
}

// BenchmarkReadOnly reads the same frames from the same server and looks at
// nothing: what no decoder can be faster than.
func BenchmarkReadOnly(b *testing.B) {
	base, bytes := flood(b, b.N)
	b.SetBytes(int64(bytes))
	b.ResetTimer()
	conn, _, err := websocket.Dial(b.Context(), base+"/xrpc/network.bsky.jetstream.subscribeEvents", nil)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.CloseNow()
	for n := 0; ; n++ {
		if _, _, err := conn.Read(b.Context()); err != nil {
			if n != b.N {
				b.Errorf("read %d of %d, %v", n, b.N, err)
			}
			return
		}
	}
}
