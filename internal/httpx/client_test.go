package httpx_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"lastword"
	"lastword/internal/httpx"
)

func server(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// client reaches loopback, without pauses.
func client(t *testing.T, o httpx.Options) *httpx.Client {
	t.Helper()
	o.Allow = append(o.Allow, "127.0.0.1")
	o.Pace = -1
	c := httpx.New(o)
	t.Cleanup(c.Close)
	return c
}

func get(t *testing.T, c *http.Client, url string) ([]byte, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := httpx.Do(c, r)
	if err != nil {
		return nil, err
	}
	return httpx.Read(resp)
}

func TestSaysWhoAsksAndKeepsNoCookies(t *testing.T) {
	t.Parallel()
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "track", Value: "1"})
		fmt.Fprintf(w, "%s|%s", r.UserAgent(), r.Header.Get("Cookie"))
	})
	c := client(t, httpx.Options{Version: "1.2", Public: "https://hear.example"})
	for range 2 {
		body, err := get(t, c.HTTP(), s.URL)
		if want := "Lastword/1.2 (+https://hear.example)|"; err != nil || string(body) != want {
			t.Fatalf("got %q, %v; want %q", body, err, want)
		}
	}
}

func TestInnerNetworksAreOutOfReach(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	s := server(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
	c := httpx.New(httpx.Options{Allow: []string{"127.0.0.1:1", "elsewhere.example"}})
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "127.1"} {
		_, err := get(t, c.HTTP(), "http://"+host+":"+port+"/secret?token=abc")
		if err == nil {
			t.Errorf("%s was reached", host)
			continue
		}
		if strings.Contains(err.Error(), "abc") || strings.Contains(err.Error(), "secret") {
			t.Errorf("the error tells the address: %v", err)
		}
		if host == "127.0.0.1" || host == "localhost" {
			if !errors.Is(err, httpx.ErrInner) || errors.Is(err, lastword.ErrUnavailable) {
				t.Errorf("%s: %v, want ErrInner and no hope in waiting", host, err)
			}
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("the inner server was asked %d times", n)
	}
}

func TestAllowedHostsAreReached(t *testing.T) {
	t.Parallel()
	s := server(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "in") })
	addr := strings.TrimPrefix(s.URL, "http://")
	_, port, _ := strings.Cut(addr, ":")
	for _, allow := range []string{"127.0.0.1", addr, "LOCALHOST", " localhost:" + port + " "} {
		c := httpx.New(httpx.Options{Allow: []string{allow}})
		at := s.URL
		if strings.Contains(strings.ToLower(allow), "localhost") {
			at = "http://localhost:" + port
		}
		if body, err := get(t, c.HTTP(), at); err != nil || string(body) != "in" {
			t.Errorf("allow %q: %q, %v", allow, body, err)
		}
		c.Close()
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	inner := server(t, func(http.ResponseWriter, *http.Request) { t.Error("the inner server was asked") })
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/inner":
			http.Redirect(w, r, inner.URL+"/?token=abc", http.StatusFound)
		case "/file":
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
		case "/gopher":
			w.Header().Set("Location", "gopher://127.0.0.1:70/")
			w.WriteHeader(http.StatusFound)
		case "/broken":
			w.Header().Set("Location", "http://[token=abc")
			w.WriteHeader(http.StatusFound)
		default:
			http.Redirect(w, r, r.URL.Path+"x", http.StatusMovedPermanently)
		}
	})
	c := httpx.New(httpx.Options{Allow: []string{strings.TrimPrefix(s.URL, "http://")}, Pace: -1})
	t.Cleanup(c.Close)
	for path, want := range map[string]error{
		"/inner": httpx.ErrInner, "/file": httpx.ErrScheme, "/gopher": httpx.ErrScheme,
		"/round": httpx.ErrRedirects, "/broken": nil,
	} {
		_, err := get(t, c.HTTP(), s.URL+path)
		if err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "abc") {
			t.Errorf("%s: the error tells the address: %v", path, err)
		}
	}
}

func TestOtherSchemesAreRefused(t *testing.T) {
	t.Parallel()
	c := client(t, httpx.Options{})
	for _, u := range []string{"file:///etc/passwd", "gopher://a.example/", "ftp://a.example/", "http:///nowhere"} {
		at, err := url.Parse(u)
		if err != nil {
			t.Fatal(err)
		}
		_, err = httpx.Do(c.HTTP(), (&http.Request{Method: http.MethodGet, URL: at, Header: http.Header{}}).WithContext(t.Context()))
		if err == nil || errors.Is(err, lastword.ErrUnavailable) {
			t.Errorf("%s: %v", u, err)
		}
	}
}

func TestBodyIsBounded(t *testing.T) {
	t.Parallel()
	bomb := gzipped(t, 64<<20)
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/fits":
			w.Write(make([]byte, 1<<20))
		case "/over":
			w.(http.Flusher).Flush() // no Content-Length
			w.Write(make([]byte, 1<<20+1))
		case "/announced":
			w.Header().Set("Content-Length", "2147483648")
			w.Write([]byte("x"))
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb)
		case "/endless":
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}
	})
	c := client(t, httpx.Options{MaxBody: 1 << 20})
	if body, err := get(t, c.HTTP(), s.URL+"/fits"); err != nil || len(body) != 1<<20 {
		t.Errorf("a body that just fits: %d bytes, %v", len(body), err)
	}
	for _, path := range []string{"/over", "/announced", "/bomb", "/endless"} {
		if _, err := get(t, c.HTTP(), s.URL+path); !errors.Is(err, httpx.ErrTooLarge) || errors.Is(err, lastword.ErrUnavailable) {
			t.Errorf("%s: %v, want ErrTooLarge", path, err)
		}
	}
}

func gzipped(t *testing.T, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.CopyN(z, zeros{}, int64(size)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestSlowBodiesAreCut(t *testing.T) {
	t.Parallel()
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/silent" {
			<-r.Context().Done()
			return
		}
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for r.Context().Err() == nil {
			fmt.Fprint(w, ".")
			w.(http.Flusher).Flush()
			<-tick.C
		}
	})
	c := client(t, httpx.Options{Timeout: 150 * time.Millisecond, PerHost: 1})
	for _, path := range []string{"/trickle", "/silent", "/trickle"} {
		_, err := get(t, c.HTTP(), s.URL+path)
		if !errors.Is(err, httpx.ErrTooSlow) || !errors.Is(err, lastword.ErrUnavailable) {
			t.Errorf("%s: %v, want ErrTooSlow", path, err)
		}
	}
}

// A redirect does not buy new time.
func TestDeadlineHoldsForAllHops(t *testing.T) {
	t.Parallel()
	var hops atomic.Int32
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		hops.Add(1)
		time.Sleep(300 * time.Millisecond)
		http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
	})
	c := client(t, httpx.Options{Timeout: time.Second})
	if _, err := get(t, c.HTTP(), s.URL+"/"); !errors.Is(err, httpx.ErrTooSlow) {
		t.Errorf("got %v after %d hops, want ErrTooSlow", err, hops.Load())
	}
	if n := hops.Load(); n < 2 {
		t.Errorf("only %d hops were taken", n)
	}
}

func TestCancellingIsNotAFailureOfThePlace(t *testing.T) {
	t.Parallel()
	s := server(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = httpx.Do(client(t, httpx.Options{}).HTTP(), r)
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestStatusErrors(t *testing.T) {
	t.Parallel()
	kinds := map[int]error{
		401: lastword.ErrDenied, 403: lastword.ErrDenied, 404: lastword.ErrNotFound, 410: lastword.ErrGone,
		408: lastword.ErrUnavailable, 500: lastword.ErrUnavailable, 502: lastword.ErrUnavailable, 418: lastword.ErrInvalid,
	}
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		code := 0
		fmt.Sscanf(r.URL.Path, "/%d", &code)
		w.WriteHeader(code)
		fmt.Fprint(w, strings.Repeat("why ", 4096))
	})
	c := client(t, httpx.Options{})
	for code, kind := range kinds {
		_, err := get(t, c.HTTP(), fmt.Sprintf("%s/%d?token=abc", s.URL, code))
		var status *httpx.StatusError
		if !errors.As(err, &status) || status.Code != code || !errors.Is(err, kind) {
			t.Errorf("%d: %v, want %v", code, err, kind)
			continue
		}
		if len(status.Body) != 4096 || strings.Contains(err.Error(), "abc") || strings.Contains(err.Error(), "why") {
			t.Errorf("%d: %d bytes kept; text %q", code, len(status.Body), err)
		}
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	s := server(t, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	c := client(t, httpx.Options{})
	_, err := get(t, c.HTTP(), s.URL)
	if wait, ok := httpx.RetryAfter(err); !ok || wait != 2*time.Minute || !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("first: %v, wait %v", err, wait)
	}
	for _, cl := range []*http.Client{c.HTTP(), c.Stream()} {
		_, err = get(t, cl, s.URL)
		var refused *httpx.WaitError
		if wait, ok := httpx.RetryAfter(err); !errors.As(err, &refused) || !ok || wait > 2*time.Minute || wait < 110*time.Second {
			t.Errorf("then: %v, wait %v", err, wait)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("the host was asked %d times", n)
	}
}

func TestCredentialsStayWithTheirHost(t *testing.T) {
	t.Parallel()
	other := server(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("Authorization"))
	})
	at, err := url.Parse(other.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/name":
			http.Redirect(w, r, "http://localhost:"+at.Port(), http.StatusFound)
		case "/port":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/same":
			http.Redirect(w, r, "/end", http.StatusFound)
		default:
			fmt.Fprint(w, r.Header.Get("Authorization"))
		}
	})
	c := client(t, httpx.Options{Allow: []string{"localhost"}})
	for path, keeps := range map[string]bool{"/name": false, "/port": false, "/same": true} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("erika", "geheim")
		resp, err := httpx.Do(c.HTTP(), r)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := httpx.Read(resp); err != nil || len(body) > 0 != keeps {
			t.Errorf("%s: the end of the redirect learned %q, %v", path, body, err)
		}
	}
}

func TestStreamsHaveNoEnd(t *testing.T) {
	t.Parallel()
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		for range 40 {
			fmt.Fprintln(w, "tick")
			w.(http.Flusher).Flush()
			time.Sleep(5 * time.Millisecond)
		}
	})
	c := client(t, httpx.Options{Timeout: 50 * time.Millisecond, MaxBody: 10, PerHost: 1})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := httpx.Do(c.Stream(), r)
	if err != nil {
		t.Fatal(err)
	}
	again, err := httpx.Do(c.HTTP(), r.WithContext(httpx.Endless(t.Context()))) // the place is free again
	if err != nil {
		t.Fatal(err)
	}
	for _, resp := range []*http.Response{resp, again} {
		if body, err := httpx.Read(resp); err != nil || len(body) != 200 {
			t.Errorf("%d bytes, %v", len(body), err)
		}
	}
}

// A question that waits for something to happen holds up nobody who has something
// to say.
func TestWaitingTakesNoPlace(t *testing.T) {
	t.Parallel()
	happen, asked := make(chan struct{}), make(chan struct{}, 3)
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait" {
			asked <- struct{}{}
			<-happen
		}
		fmt.Fprint(w, "ok")
	})
	c := client(t, httpx.Options{PerHost: 1})
	get := func(ctx context.Context, path string) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
		if err != nil {
			return err
		}
		resp, err := httpx.Do(c.HTTP(), r)
		if err != nil {
			return err
		}
		_, err = httpx.Read(resp)
		return err
	}
	var waiting sync.WaitGroup
	for range 3 {
		waiting.Go(func() {
			if err := get(httpx.Waiting(t.Context()), "/wait"); err != nil {
				t.Error(err)
			}
		})
	}
	for range 3 {
		<-asked
	}
	for range 2 {
		if err := get(t.Context(), "/say"); err != nil {
			t.Error(err)
		}
	}
	close(happen)
	waiting.Wait()
}

func TestWebsocketsPassBothClients(t *testing.T) {
	t.Parallel()
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		for {
			kind, msg, err := conn.Read(context.Background())
			if err != nil {
				return
			}
			if err := conn.Write(context.Background(), kind, msg); err != nil {
				return
			}
		}
	})
	c := client(t, httpx.Options{Timeout: 300 * time.Millisecond, PerHost: 1})
	for _, cl := range []*http.Client{c.HTTP(), c.Stream()} {
		conn, _, err := websocket.Dial(t.Context(), s.URL, &websocket.DialOptions{HTTPClient: cl})
		if err != nil {
			t.Fatal(err)
		}
		for range 30 { // twice the deadline of a whole request
			if err := conn.Write(t.Context(), websocket.MessageText, []byte("hallo")); err != nil {
				t.Fatal(err)
			}
			if _, msg, err := conn.Read(t.Context()); err != nil || string(msg) != "hallo" {
				t.Fatalf("%q, %v", msg, err)
			}
			time.Sleep(20 * time.Millisecond)
		}
		if err := conn.Close(websocket.StatusNormalClosure, ""); err != nil {
			t.Error(err)
		}
	}
}

// Who forgets to close a body blocks the host for no longer than one request
// may take.
func TestForgottenBodiesFreeTheirPlace(t *testing.T) {
	t.Parallel()
	s := server(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 1<<20)) })
	c := client(t, httpx.Options{Timeout: 100 * time.Millisecond, PerHost: 1})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	first, err := httpx.Do(c.HTTP(), r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { first.Body.Close() })
	if _, err := get(t, c.HTTP(), s.URL); err != nil {
		t.Errorf("the second request: %v", err)
	}
}
