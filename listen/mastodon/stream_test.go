package mastodon_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/mastodon"
)

// Both ways of streaming bring the same.
func TestStreams(t *testing.T) {
	t.Parallel()
	for _, events := range []bool{true, false} {
		t.Run(fmt.Sprint("server-sent events ", events), func(t *testing.T) {
			t.Parallel()
			s, h, e := newServer(t), newHost(t), &ear{}
			s.events = events
			past := s.say(toot{acct: "mia@x.example", text: "vorhin", mention: true, at: s.now.Add(-time.Hour)})
			stop := streaming(t, s.open(h, "tags", "hobelwerk"), e)
			s.listened("user")
			s.listened("hashtag hobelwerk")
			e.wait(t, saying("vorhin"))

			named := s.say(toot{acct: "tom@x.example", text: "eben erwähnt", mention: true, at: s.now})
			s.stream("user", "notification", s.note(named))
			e.wait(t, saying("eben erwähnt"))

			tagged := s.say(toot{acct: "zoe@x.example", text: "unter dem Hashtag", tags: []string{"hobelwerk"}, at: s.now})
			s.stream("hashtag hobelwerk", "update", s.json(tagged))
			e.wait(t, saying("unter dem Hashtag"))

			s.stream("user", "update", s.json(s.say(toot{acct: "anna@x.example", text: "nichts für uns", at: s.now})))
			own := s.say(toot{acct: us, text: "von uns selbst", at: s.now})
			s.stream("user", "update", s.json(own))
			if ev := e.wait(t, saying("von uns selbst")); !ev.Post.Own {
				t.Error("our own post is not marked so")
			}
			reply := s.say(toot{acct: "anna@x.example", text: "Antwort ohne Anrede", parent: own.id, parentBy: us, at: s.now})
			s.stream("user", "update", s.json(reply))
			e.wait(t, saying("Antwort ohne Anrede"))

			s.set(func() { tagged.text, tagged.edited = "geändert", s.now })
			s.stream("hashtag hobelwerk", "status.update", s.json(tagged))
			e.wait(t, func(ev lastword.Event) bool { return ev.Op == lastword.Edited && ev.Post.Text == "geändert" })

			s.stream("user", "delete", fmt.Sprint(past.id))
			key := fmt.Sprintf("%s/%d", s.domain(), past.id)
			e.wait(t, func(ev lastword.Event) bool { return ev.Op == lastword.Deleted && ev.Post.Key == key })
			for _, text := range e.texts() {
				if text == "nichts für uns" {
					t.Error("what somebody says whom we follow was heard")
				}
			}
			if err := stop(); !errors.Is(err, context.Canceled) {
				t.Errorf("it ended with %v", err)
			}
		})
	}
}

// Nothing falls between the end of one stream and the next.
func TestOutage(t *testing.T) {
	t.Parallel()
	s, h, e := newServer(t), newHost(t), &ear{}
	src := s.open(h, "tags", "hobelwerk")
	stop := streaming(t, src, e)
	s.listened("hashtag hobelwerk")
	s.drop()
	if err := stop(); !errors.Is(err, lastword.ErrUnavailable) && !errors.Is(err, context.Canceled) {
		t.Fatalf("it ended with %v", err)
	}
	s.say(toot{acct: "tom@x.example", text: "während der Pause", mention: true, at: s.now.Add(time.Minute)})
	s.say(toot{acct: "zoe@x.example", text: "auch unter dem Hashtag", tags: []string{"hobelwerk"}, at: s.now.Add(time.Minute)})
	h.pass(time.Hour)
	streaming(t, src, e)
	e.wait(t, saying("während der Pause"))
	e.wait(t, saying("auch unter dem Hashtag"))
}

// A connection that ends is told at once, with what came before.
func TestStreamEnds(t *testing.T) {
	t.Parallel()
	for _, events := range []bool{true, false} {
		s, h, e := newServer(t), newHost(t), &ear{}
		s.events = events
		src := s.open(h)
		ended := make(chan error, 1)
		go func() { ended <- src.(listen.Streamer).Stream(t.Context(), "", e.hear) }()
		s.listened("user")
		s.drop()
		select {
		case err := <-ended:
			if !errors.Is(err, lastword.ErrUnavailable) {
				t.Errorf("it ended with %v", err)
			}
		case <-time.After(time.Minute):
			t.Fatal("it goes on without a connection")
		}
	}
}

// A server that gives no sign of life is not waited for.
func TestSilence(t *testing.T) {
	t.Parallel()
	s, h, e := newServer(t), newHost(t), &ear{}
	src := s.open(h)
	mastodon.Retry(src, 1<<30, 50*time.Millisecond)
	if err := src.(listen.Streamer).Stream(t.Context(), "", e.hear); !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("it ended with %v", err)
	}
}

// Strange events are left out and counted; the stream goes on.
func TestStrangeEvents(t *testing.T) {
	t.Parallel()
	for _, events := range []bool{true, false} {
		s, h, e := newServer(t), newHost(t), &ear{}
		s.events = events
		streaming(t, s.open(h), e)
		s.listened("user")
		s.stream("user", "update", "{")
		s.stream("user", "delete", "../../1")
		s.stream("user", "notification", `{"id":7}`)
		s.stream("user", "filters_changed", "undefined")
		s.stream("user", "announcement.delete", "1")
		if events {
			s.stream("user", "raw:event: update\ndata: "+strings.Repeat("x", 3<<20)+"\n\n", "")
		} else {
			s.stream("user", "raw:"+strings.Repeat("x", 3<<20), "")
			s.stream("user", "raw:[1,2", "")
		}
		s.stream("user", "notification", s.note(s.say(toot{acct: "tom", text: "danach", mention: true, at: s.now})))
		e.wait(t, saying("danach"))
		for i := 0; i < 2000 && h.drops()["frame-too-big"] == 0; i++ {
			time.Sleep(5 * time.Millisecond) // the post itself may have been asked for earlier
		}
		got := h.drops()
		if got["status-unreadable"] != 2 || got["frame-unreadable"] < 1 || got["frame-too-big"] != 1 {
			t.Errorf("left out %v", got)
		}
	}
}

// Where nothing is streamed, everything is asked for again and again, and the
// streams are tried anew after a while.
func TestNoStreams(t *testing.T) {
	t.Parallel()
	s, h, e := newServer(t), newHost(t), &ear{}
	s.events, s.sockets = false, false
	src := s.open(h, "tags", "hobelwerk")
	stop := streaming(t, src, e)
	s.say(toot{acct: "zoe@x.example", text: "leise", tags: []string{"hobelwerk"}, at: s.now})
	e.wait(t, saying("leise"))
	s.say(toot{acct: "tom@x.example", text: "leise erwähnt", mention: true, at: s.now})
	e.wait(t, saying("leise erwähnt"))
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	mastodon.Retry(src, 2, time.Second)
	if err := src.(listen.Streamer).Stream(t.Context(), "", e.hear); err != nil {
		t.Errorf("it ended with %v, want to be called again", err)
	}
}

func TestStreamsWithoutAnAccount(t *testing.T) {
	t.Parallel()
	s, h, e := newServer(t), newHost(t), &ear{}
	streaming(t, s.public(h, "tags", "schuhe"), e)
	s.say(toot{acct: "zoe@x.example", text: "öffentlich", tags: []string{"schuhe"}, at: s.now})
	e.wait(t, saying("öffentlich"))
	if n := s.called("GET /api/v1/streaming"); n > 0 {
		t.Errorf("a stream was asked for %d times", n)
	}
}

// Streams go on while the server cannot be asked for anything else; an error of
// our own ends them.
func TestAsksInVain(t *testing.T) {
	t.Parallel()
	s, h, e := newServer(t), newHost(t), &ear{}
	s.say(toot{acct: "mia", text: "vorhin", mention: true, at: s.now.Add(-time.Hour)})
	stop := streaming(t, s.open(h), e)
	e.wait(t, saying("vorhin"))
	s.listened("user")
	for range 12_000 { // the first round is over when a second one asks
		if s.called("GET /api/v1/notifications") > 2 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	s.set(func() {
		s.meddle = func(w http.ResponseWriter, r *http.Request) bool {
			refuse(w, http.StatusBadGateway)
			return true
		}
	})
	asked := s.called("GET /api/v1/notifications")
	for range 12_000 {
		if s.called("GET /api/v1/notifications") > asked+2 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	s.stream("user", "notification", s.note(s.say(toot{acct: "tom", text: "trotzdem", mention: true, at: s.now})))
	e.wait(t, saying("trotzdem"))
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

var errFull = errors.New("the store is full")

func TestHearFailsInAStream(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHost(t)
	calls := 0
	err := s.open(h).(listen.Streamer).Stream(t.Context(), "", func(context.Context, []lastword.Event, string) error {
		calls++
		return errFull
	})
	if !errors.Is(err, errFull) || calls != 1 {
		t.Errorf("it ended with %v after %d calls", err, calls)
	}
}
