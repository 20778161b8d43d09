package feed_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
)

func TestFailuresByKind(t *testing.T) {
	t.Parallel()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for _, c := range []struct {
		name         string
		serve        http.HandlerFunc
		first, later string // the mistake where it never worked, and where it did; empty: unavailable
	}{
		{"gone", status(410), "gone", "gone"},
		{"denied", status(401), "denied", "denied"},
		{"forbidden", status(403), "denied", "denied"},
		{"not found", status(404), "not_found", ""},
		{"refused", status(400), "refused", ""},
		{"down", status(503), "", ""},
		{"a page", says("<!doctype html><p>hello"), "page", ""},
		{"words", says("hello"), "not_a_feed", ""},
		{"nothing", says(""), "not_a_feed", ""},
		{"broken", says("<rss><channel><item><title>"), "broken", ""},
		{"deep", says("<rss><channel>" + strings.Repeat("<a>", 1000)), "too_complex", "too_complex"},
		{"round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) }, "redirect", ""},
		{"inner", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data?token=geheim", http.StatusFound)
		}, "inner", "inner"},
		{"file", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
		}, "redirect", ""},
	} {
		s := open(t, c.serve)
		l := connect(t, s.URL+"/?token=geheim")
		_, err := l.poll()
		judge(t, c.name+", first", err, c.first)
		if l.next() < 4*time.Minute || l.next() > 6*time.Minute {
			t.Errorf("%s: after the first failure the next try is in %s", c.name, l.next())
		}
		s.now(says(rss("1 eins")))
		l.want("eins")
		s.now(c.serve)
		_, err = l.poll()
		judge(t, c.name+", later", err, c.later)
		l.at(noon.Add(73 * time.Hour))
		if _, err = l.poll(); c.first != "" {
			judge(t, c.name+", for days", err, c.first)
		}
	}
}

func judge(t *testing.T, name string, err error, what string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", name)
		return
	}
	if strings.Contains(err.Error(), "geheim") {
		t.Errorf("%s: the error tells the address: %v", name, err)
	}
	var m *lastword.Mistake
	if what == "" {
		if !errors.Is(err, lastword.ErrUnavailable) || errors.Is(err, lastword.ErrDenied) {
			t.Errorf("%s: %v, want unavailable", name, err)
		}
	} else if !errors.As(err, &m) || m.Key != "connector.feed.mistake."+what || !errors.Is(err, lastword.ErrDenied) || errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("%s: %v, want the mistake %q", name, err, what)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	s := open(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	l := connect(t, s.URL)
	for range 2 { // the second is not sent
		_, err := l.poll()
		var wait *listen.RetryAfter
		if !errors.As(err, &wait) || wait.Wait < 59*time.Minute || wait.Wait > time.Hour || !errors.Is(err, lastword.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
		if l.next() < 59*time.Minute {
			t.Errorf("the next try is in %s", l.next())
		}
	}
	if n := len(s.requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestFailuresAreTriedEverMoreSeldom(t *testing.T) {
	t.Parallel()
	s := open(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	l := connect(t, s.URL)
	now, tries := noon, 0
	for now.Before(noon.Add(7 * 24 * time.Hour)) {
		if _, err := l.poll(); !errors.Is(err, lastword.ErrUnavailable) {
			t.Fatal(err)
		}
		if l.next() < 4*time.Minute || l.next() > 27*time.Hour {
			t.Fatalf("the next try is in %s", l.next())
		}
		now = now.Add(l.next())
		l.at(now)
		tries++
	}
	if tries < 10 || tries > 20 {
		t.Errorf("%d tries in a week", tries)
	}
	s.now(says(rss("1 eins")))
	l.want("eins")
	if l.next() > 2*time.Hour {
		t.Errorf("after it works again, the next poll is in %s", l.next())
	}
}

func TestHearIsNotTheFeedsFault(t *testing.T) {
	t.Parallel()
	s := open(t, says(rss("1 eins")))
	l := connect(t, s.URL)
	full := errors.New("the disk is full")
	err := l.source().Poll(t.Context(), "", func(context.Context, []lastword.Event, string) error { return full })
	if err != full {
		t.Errorf("got %v", err)
	}
	if l.next() != 0 {
		t.Error("the schedule was changed")
	}
}

// What a feed can do to our memory and our time.
func TestFeedsWithoutMeasure(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	fmt.Fprint(z, "<rss><channel><item><title>")
	for range 64 {
		if _, err := z.Write(bytes.Repeat([]byte("a"), 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	pour := func(w http.ResponseWriter, r *http.Request) {
		chunk := bytes.Repeat([]byte("<item><title>mehr</title></item>"), 2048)
		fmt.Fprint(w, "<rss><channel>")
		for r.Context().Err() == nil {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	for name, serve := range map[string]http.HandlerFunc{
		"a bomb of 64 MB": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb.Bytes())
		},
		"2 GB announced": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "2147483648")
			pour(w, r)
		},
		"no end": pour,
	} {
		l := connect(t, open(t, serve).URL)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, err := l.poll()
		runtime.ReadMemStats(&after)
		judge(t, name, err, "too_large")
		if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 200 {
			t.Errorf("%s: %d MB were allocated", name, used)
		}
	}
}

func TestAFeedThatTricklesIsCut(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for r.Context().Err() == nil {
			fmt.Fprint(w, " ")
			w.(http.Flusher).Flush()
			<-tick.C
		}
	}))
	t.Cleanup(s.Close)
	l := connect(t, s.URL)
	client := httpx.New(httpx.Options{Allow: []string{"127.0.0.1"}, Timeout: 200 * time.Millisecond})
	t.Cleanup(client.Close)
	l.host.HTTP = client.HTTP()
	_, err := l.poll()
	judge(t, "a trickle", err, "")
	if !errors.Is(err, httpx.ErrTooSlow) {
		t.Errorf("got %v", err)
	}
}
