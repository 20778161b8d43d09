package feed_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// paced returns a feed of n entries, one every gap, the newest one gap ago.
func paced(n int, gap time.Duration, now time.Time) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<item><guid>%d</guid><title>t</title><pubDate>%s</pubDate></item>`, i, now.Add(-time.Duration(i+1)*gap).Format(time.RFC1123Z))
	}
	return `<rss version="2.0"><channel><title>T</title>` + b.String() + `</channel></rss>`
}

func near(t *testing.T, name string, got, want time.Duration) {
	t.Helper()
	if got < want*89/100 || got > want*111/100 {
		t.Errorf("%s: the next poll is in %s, want about %s", name, got, want)
	}
}

func TestRhythm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		doc    string
		header map[string]string
		want   time.Duration
	}{
		{"news", paced(20, 6*time.Minute, noon), nil, 5 * time.Minute},
		{"hourly", paced(20, time.Hour, noon), nil, 450 * time.Second},
		{"daily", paced(20, 24*time.Hour, noon), nil, 3 * time.Hour},
		{"weekly", paced(20, 7*24*time.Hour, noon), nil, 21 * time.Hour},
		{"monthly", paced(5, 30*24*time.Hour, noon), nil, 24 * time.Hour},
		{"fallen silent", paced(20, time.Hour, noon.Add(-48*time.Hour)), nil, 49 * time.Hour / 8},
		{"wants to be asked twice a day", strings.Replace(paced(20, 6*time.Minute, noon), "<title>T", "<ttl>720</ttl><title>T", 1), nil, 12 * time.Hour},
		{"may be kept for two hours", paced(20, 6*time.Minute, noon), map[string]string{"Cache-Control": "public, max-age=7200"}, 2 * time.Hour},
		{"expires in three hours", paced(20, 6*time.Minute, noon), map[string]string{"Expires": noon.Add(3 * time.Hour).Format(http.TimeFormat), "Cache-Control": "max-age=60"}, 3 * time.Hour},
		{"may not be kept", paced(20, 6*time.Minute, noon), map[string]string{"Cache-Control": "no-cache, max-age=7200"}, 5 * time.Minute},
		{"may be kept for a year", paced(20, 6*time.Minute, noon), map[string]string{"Cache-Control": "max-age=31536000"}, 24 * time.Hour},
		{"without dates", rss("1 a", "2 b"), nil, 5 * time.Minute},
		{"empty", rss(), nil, time.Hour},
	} {
		s := open(t, func(w http.ResponseWriter, _ *http.Request) {
			for k, v := range c.header {
				w.Header().Set(k, v)
			}
			fmt.Fprint(w, c.doc)
		})
		l := connect(t, s.URL)
		l.texts()
		near(t, c.name, l.next(), c.want)
	}
}

// What a feed wishes holds on while it answers that nothing is new.
func TestWishesOutliveNotModified(t *testing.T) {
	t.Parallel()
	doc := strings.Replace(paced(20, 6*time.Minute, noon), "<title>T", "<ttl>720</ttl><title>T", 1)
	s := open(t, says(doc))
	l := connect(t, s.URL)
	l.texts()
	s.now(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	l.texts()
	near(t, "after 304", l.next(), 12*time.Hour)
}

// A feed without dates is learned by what it brings.
func TestRhythmWithoutDates(t *testing.T) {
	t.Parallel()
	s := open(t, says(rss("0 null")))
	l := connect(t, s.URL)
	l.texts()
	now := noon
	for n := range 5 {
		now = now.Add(48 * time.Hour)
		l.at(now)
		s.now(says(rss(fmt.Sprintf("n%d neu", n))))
		l.texts()
	}
	near(t, "every other day", l.next(), 6*time.Hour)
}

// Whatever happens, and in whichever order, nothing that is still in the feed
// goes unheard, nothing is heard twice in the same words, and the waits stay
// within their bounds.
func TestNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	rapid.Check(t, func(r *rapid.T) {
		l := connect(t, s.URL)
		now := noon
		heard := map[string]string{}
		for range rapid.IntRange(1, 12).Draw(r, "polls") {
			state := map[string]string{}
			for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 30), 0, 20, rapid.ID).Draw(r, "entries") {
				state[fmt.Sprintf("e%d", n)] = fmt.Sprintf("sagt %d", rapid.IntRange(0, 1).Draw(r, "words"))
			}
			var items []string
			for id, text := range state { // in any order
				items = append(items, id+" "+text)
			}
			s.now(says(rss(items...)))
			events, err := l.poll()
			if err != nil {
				r.Fatal(err)
			}
			for _, e := range events {
				id := e.Post.Key[strings.LastIndex(e.Post.Key, "|")+1:]
				if heard[id] == e.Post.Text {
					r.Fatalf("%s says %q once more", id, e.Post.Text)
				}
				heard[id] = e.Post.Text
			}
			for id, text := range state {
				if heard[id] != text {
					r.Fatalf("%s says %q and was heard to say %q", id, text, heard[id])
				}
			}
			if l.next() < 4*time.Minute || l.next() > 27*time.Hour {
				r.Fatalf("the next poll is in %s", l.next())
			}
			now = now.Add(l.next())
			l.at(now)
		}
	})
}

// The memory of a feed is bounded, and longer than the feed.
func TestTheCursorIsBounded(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	l := connect(t, s.URL)
	for round := range 20 {
		var items []string
		for n := range 100 {
			items = append(items, fmt.Sprintf("%d-%d x", round, n))
		}
		s.now(says(rss(items...)))
		if events, err := l.poll(); err != nil || len(events) != 100 {
			t.Fatal(len(events), err)
		}
	}
	if len(l.cursor) > 11_000 {
		t.Errorf("a cursor of %d bytes", len(l.cursor))
	}
	s.now(says(rss("19-7 x", "16-3 x")))
	l.want("")
}
