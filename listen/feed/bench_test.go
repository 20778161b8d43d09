package feed_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"lastword"
	"lastword/listen/listentest"
)

// BenchmarkPoll measures polls of a server on this machine, its own work
// included: without news (304), with the same document again, and with one new
// entry among thirty each time.
func BenchmarkPoll(b *testing.B) {
	var items []string
	for n := range 30 {
		items = append(items, fmt.Sprintf("%d Das ist eine Stimme von mittlerer Länge, die etwas wünscht, Nummer %d.", n, n))
	}
	doc := rss(items...)
	fresh := 0
	for name, serve := range map[string]http.HandlerFunc{
		"304": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"1"`)
			if r.Header.Get("If-None-Match") != "" {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			fmt.Fprint(w, doc)
		},
		"same": says(doc),
		"news": func(w http.ResponseWriter, r *http.Request) {
			fresh++
			fmt.Fprint(w, rss(append([]string{fmt.Sprintf("n%d neu", fresh)}, items...)...))
		},
	} {
		b.Run(name, func(b *testing.B) {
			l := connect(b, open(b, serve).URL)
			l.texts()
			src, hear := l.source(), func(_ context.Context, _ []lastword.Event, cursor string) error {
				l.cursor = cursor
				return nil
			}
			b.ReportAllocs()
			before := spent(b)
			for b.Loop() {
				if err := src.Poll(b.Context(), l.cursor, hear); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(spent(b)-before)/float64(b.N)/1e3, "cpu-µs/op")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "polls/s")
		})
	}
}

// BenchmarkWild polls each feed found in the wild once, from an empty cursor.
func BenchmarkWild(b *testing.B) {
	names, err := filepath.Glob("../../../shared/data/streams/feeds/feedjira/spec/sample_feeds/*")
	if err != nil || len(names) == 0 {
		b.Skip("the feeds found in the wild are not here")
	}
	docs := map[string][]byte{}
	for _, name := range names {
		doc, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		docs["/"+filepath.Base(name)] = doc
	}
	s := open(b, func(w http.ResponseWriter, r *http.Request) {
		if _, err := w.Write(docs[r.URL.Path]); err != nil {
			b.Error(err)
		}
	})
	l := connect(b, "")
	before, polls := spent(b), 0
	b.ReportAllocs()
	for b.Loop() {
		for path := range docs {
			var h listentest.Heard
			l.url = s.URL + path
			if err := l.source().Poll(b.Context(), "", h.Hear); err == nil {
				polls++
			}
		}
	}
	b.ReportMetric(float64(spent(b)-before)/float64(b.N)/1e6, "cpu-ms/op")
	b.ReportMetric(float64(polls)/float64(b.N), "feeds/op")
}

// spent is the processor time of this process so far, in nanoseconds.
func spent(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
