package feed_test

import (
	"fmt"
	"net/http"
	"testing"

	"lastword"
)

func TestComments(t *testing.T) {
	t.Parallel()
	replies := 1
	s := open(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/feed" {
			fmt.Fprintf(w, `<rss version="2.0" xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"><channel>
<item><guid isPermaLink="false">a</guid><description>Artikel</description><slash:comments>%d</slash:comments><wfw:commentRss>/thread</wfw:commentRss></item>
<item><guid isPermaLink="false">b</guid><description>Stiller Artikel</description><slash:comments>0</slash:comments><wfw:commentRss>/silent</wfw:commentRss></item></channel></rss>`, replies)
			return
		}
		if r.URL.Path != "/thread" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		var all []string
		for n := range replies {
			all = append(all, fmt.Sprintf("c%d Kommentar %d", n, n))
		}
		fmt.Fprint(w, rss(all...))
	})
	l := connect(t, s.URL+"/feed")
	l.want("Stiller Artikel, Artikel")
	l = connect(t, s.URL+"/feed")
	l.with["comments"] = "yes"
	events, err := l.poll()
	if err != nil || len(events) != 3 || events[2].Post.Parent != events[1].Post.Key || events[2].Post.Author.Key != "" {
		t.Fatalf("%+v, %v", events, err)
	}
	l.want("")
	replies = 3
	l.want("Kommentar 2, Kommentar 1")
	n := len(s.requests())
	l.want("")
	if again := len(s.requests()) - n; again != 1 {
		t.Errorf("%d requests though nothing was said", again)
	}
}

func TestTombstones(t *testing.T) {
	t.Parallel()
	entry := func(id string) string { return "<entry><id>" + id + "</id><title>T " + id + "</title></entry>" }
	atom := func(s string) http.HandlerFunc {
		return says(`<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>x</title>` + s + `</feed>`)
	}
	s := open(t, atom(entry("tag:a,1:1")+entry("tag:a,1:2")))
	l := connect(t, s.URL)
	events, err := l.poll()
	if err != nil || len(events) != 2 {
		t.Fatal(events, err)
	}
	s.now(atom(`<at:deleted-entry ref="tag:a,1:1" when="2025-03-05T10:00:00Z"/><at:deleted-entry ref="tag:a,1:9"/>` + entry("tag:a,1:2")))
	gone, err := l.poll()
	if err != nil || len(gone) != 1 || gone[0].Op != lastword.Deleted || gone[0].Post.Key != events[1].Post.Key {
		t.Errorf("%+v, %v", gone, err)
	}
	s.now(atom(`<at:deleted-entry ref="tag:a,1:1"/>` + entry("tag:a,1:2")))
	if again, err := l.poll(); err != nil || len(again) != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
}
