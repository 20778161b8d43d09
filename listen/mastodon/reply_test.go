package mastodon_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
)

func (s *server) made(h *host) listen.Reply {
	return listen.Reply{Key: "77", Made: h.Now(), Text: "Danke. Ja, ab März.", Lang: "de-CH"}
}

func TestReply(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHost(t)
	voice := heardAs(t, s, s.say(toot{acct: "mia@x.example", text: "Wann?", spoiler: "Werkzeug", mention: true, visibility: "unlisted", at: s.now.Add(-time.Hour)}))
	src := s.open(h).(replier)
	r := s.made(h)
	got, err := src.Reply(t.Context(), voice, r)
	if err != nil {
		t.Fatal(err)
	}
	form := s.form()
	for name, want := range map[string]string{
		"status": "@mia@x.example Danke. Ja, ab März.", "visibility": "unlisted", "spoiler_text": "Werkzeug",
		"language": "de", "in_reply_to_id": voice.Key[strings.LastIndexByte(voice.Key, '/')+1:],
	} {
		if form.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, form.Get(name), want)
		}
	}
	if !strings.HasPrefix(got.Key, s.domain()+"/") || got.URL == "" {
		t.Errorf("the receipt is %+v", got)
	}
	for _, again := range []func() (listen.Receipt, error){
		func() (listen.Receipt, error) { return src.Reply(t.Context(), voice, r) },
		func() (listen.Receipt, error) { // after the hour for which a server keeps keys, and a start
			s.set(func() { clear(s.once) })
			return s.open(h).(replier).Reply(t.Context(), voice, r)
		},
		func() (listen.Receipt, error) { return found(src.FindReply(t.Context(), voice, r)) },
		func() (listen.Receipt, error) { return found(src.Find(t.Context(), voice, r.Key)) },
	} {
		if there, err := again(); err != nil || there != got {
			t.Errorf("once more: %+v, %v; want %+v", there, err, got)
		}
	}
	if n := s.called("POST /api/v1/statuses"); n != 1 {
		t.Errorf("posted %d times", n)
	}
	if _, is, err := src.FindReply(t.Context(), voice, listen.Reply{Key: "78", Made: r.Made, Text: "Nein."}); is || err != nil {
		t.Errorf("another answer is found: %v, %v", is, err)
	}
	if _, is, err := src.FindReply(t.Context(), voice, listen.Reply{Key: "79", Made: r.Made.Add(time.Hour), Text: r.Text}); is || err != nil {
		t.Errorf("the same words, decided later, are found: %v, %v", is, err)
	}
}

type replier interface {
	listen.Replier
	listen.Finder
	listen.Chooser
	listen.Editor
	listen.Publisher
	listen.Checker
}

func found(r listen.Receipt, is bool, err error) (listen.Receipt, error) {
	if err == nil && !is {
		err = errors.New("not found")
	}
	return r, err
}

// However many try at once and however often the answer is lost, it is given
// once.
func TestReplyOnce(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHost(t)
	voice := heardAs(t, s, s.say(toot{acct: "mia", text: "Wann?", mention: true, at: s.now.Add(-time.Hour)}))
	lost := 3
	s.meddle = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost {
			return false
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if lost--; lost >= 0 {
			s.create(hidden{w}, r) // it arrives, and nobody learns of it
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
		return false
	}
	src := s.open(h).(replier)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 5 {
				if _, err := src.Reply(t.Context(), voice, s.made(h)); err == nil {
					return
				} else if !errors.Is(err, lastword.ErrUnavailable) {
					t.Error(err)
				}
			}
			t.Error("never given")
		})
	}
	group.Wait()
	n := 0
	for _, p := range s.posts {
		if p.acct == us {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d answers stand there", n)
	}
}

type hidden struct{ http.ResponseWriter }

func (hidden) Write(b []byte) (int, error) { return len(b), nil }
func (hidden) WriteHeader(int)             {}

func TestVisibility(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ voice, account, want string }{
		{"public", "public", "public"},
		{"public", "unlisted", "unlisted"},
		{"unlisted", "public", "unlisted"},
		{"private", "public", "private"},
		{"direct", "public", "direct"},
		{"direct", "private", "direct"},
		{"public", "", "public"},
		{"local", "public", "direct"},
	} {
		s, h := newServer(t), newHost(t)
		s.privacy = c.account
		voice := heardAs(t, s, s.say(toot{acct: "mia", text: "Wann?", mention: true, visibility: c.voice, at: s.now.Add(-time.Hour)}))
		src := s.open(h).(replier)
		if _, err := src.Reply(t.Context(), voice, s.made(h)); err != nil {
			t.Fatal(err)
		}
		if got := s.form().Get("visibility"); got != c.want {
			t.Errorf("to %s from an account that is %q: %s, want %s", c.voice, c.account, got, c.want)
		}
		private := c.voice != "public" && c.voice != "unlisted"
		for _, o := range src.Options(voice) {
			if private && !o.Private {
				t.Errorf("%s may be answered in public", c.voice)
			}
		}
		if voice.Private != private {
			t.Errorf("%s is heard as private: %v", c.voice, voice.Private)
		}
	}
}

func TestReplyFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(*server, *toot)
		kind error
		what string
	}{
		{"the voice is gone", func(_ *server, p *toot) { p.gone = true }, lastword.ErrGone, ""},
		{"the token is not known", func(s *server, _ *toot) { s.token = "x" }, lastword.ErrDenied, "token-refused"},
		{"the token may not write", func(s *server, _ *toot) { s.scope = "read" }, lastword.ErrDenied, "scope-write"},
		{"nobody may reply", func(s *server, _ *toot) { s.policy = true }, lastword.ErrInvalid, "closed"},
		{"it is too long", func(s *server, _ *toot) { s.most = 20 }, lastword.ErrInvalid, "too-long"},
		{"too many", func(s *server, _ *toot) { s.meddle = onPost(http.StatusTooManyRequests) }, lastword.ErrUnavailable, ""},
		{"the server stumbles", func(s *server, _ *toot) { s.meddle = onPost(http.StatusInternalServerError) }, lastword.ErrUnavailable, ""},
		{"the server will never take it", func(s *server, _ *toot) { s.meddle = onPost(http.StatusUnprocessableEntity) }, lastword.ErrInvalid, ""},
		{"it vanishes in the last moment", func(s *server, _ *toot) { s.meddle = onPost(http.StatusNotFound) }, lastword.ErrGone, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, h := newServer(t), newHost(t)
			p := s.say(toot{acct: "mia@x.example", text: "Wann?", mention: true, at: s.now.Add(-time.Hour)})
			voice := heardAs(t, s, p)
			s.set(func() { c.do(s, p) })
			_, err := s.open(h).(replier).Reply(t.Context(), voice, s.made(h))
			if !errors.Is(err, c.kind) {
				t.Errorf("Reply = %v, want %v", err, c.kind)
			}
			if c.what != "" {
				wantMistake(t, err, c.what)
			}
		})
	}
}

func onPost(status int) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			refuse(w, status)
		}
		return r.Method == http.MethodPost
	}
}

// An answer that arrived is found although its voice is gone since.
func TestFindAfterTheVoiceIsGone(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHost(t)
	p := s.say(toot{acct: "mia", text: "Wann?", mention: true, at: s.now.Add(-time.Hour)})
	voice := heardAs(t, s, p)
	got, err := s.open(h).(replier).Reply(t.Context(), voice, s.made(h))
	if err != nil {
		t.Fatal(err)
	}
	s.set(func() { p.gone = true })
	if there, err := found(s.open(h).(replier).FindReply(t.Context(), voice, s.made(h))); err != nil || there != got {
		t.Errorf("FindReply = %+v, %v", there, err)
	}
}

// A voice that was heard at another server is answered through ours, once ours
// knows it.
func TestReplyElsewhere(t *testing.T) {
	t.Parallel()
	s, other, h := newServer(t), newServer(t), newHost(t)
	there := other.say(toot{acct: "mia@x.example", text: "Wann?", mention: true, at: s.now.Add(-time.Hour)})
	voice := heardAs(t, other, there)
	src := s.open(h).(replier)
	_, err := src.Reply(t.Context(), voice, s.made(h))
	wantMistake(t, err, "elsewhere")
	here := s.say(toot{acct: "mia@x.example", text: "Wann?", at: s.now.Add(-time.Hour)})
	if here.id != there.id {
		t.Fatal("the servers name the post differently; its address is not the same")
	}
	s.set(func() { here.id++ })
	s.meddle = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/api/v2/search" {
			return false
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		fmt.Fprintf(w, `{"statuses":[%s]}`, strings.ReplaceAll(s.json(here), s.uri(here), other.uri(there)))
		return true
	}
	if _, err := src.Reply(t.Context(), voice, s.made(h)); err != nil {
		t.Fatal(err)
	}
	if got := s.form().Get("in_reply_to_id"); got != fmt.Sprint(here.id) {
		t.Errorf("it answers %s, want %d", got, here.id)
	}
	_, err = src.Reply(t.Context(), lastword.Post{Network: "mastodon", Key: "aus einer Datei"}, s.made(h))
	wantMistake(t, err, "elsewhere")
}

func TestOptions(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHost(t)
	s.most = 700
	voice := heardAs(t, s, s.say(toot{acct: "mia@x.example", text: "Wann?", spoiler: "Werkzeug", mention: true, at: s.now.Add(-time.Hour)}))
	got := s.open(h).(replier).Options(voice)
	want := 700 - len("Werkzeug") - len("@mia@x.example ")
	if len(got) != 2 || got[0].Private || !got[1].Private || got[0].Network.Limit != want || got[0].At != voice.URL {
		t.Errorf("Options = %+v, want a limit of %d", got, want)
	}
	if got := s.open(h).(replier).Options(lastword.Post{}); len(got) != 1 || !got[0].Closed || got[0].Why == "" {
		t.Errorf("of a post without an address: %+v", got)
	}
	if n := s.called("POST"); n != 0 {
		t.Error("Options called out")
	}
}

func TestPublishEditRemove(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHost(t)
	s.privacy = "unlisted"
	src := s.open(h).(replier)
	r := s.made(h)
	got, err := src.Publish(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if f := s.form(); f.Get("visibility") != "unlisted" || f.Get("status") != r.Text || f.Has("in_reply_to_id") {
		t.Errorf("published %v", f)
	}
	s.set(func() { clear(s.once) })
	if again, err := s.open(h).(replier).Publish(t.Context(), r); err != nil || again != got {
		t.Errorf("published again: %+v, %v", again, err)
	}
	voice := heardAs(t, s, s.say(toot{acct: "mia@x.example", text: "Wann?", spoiler: "W", mention: true, at: s.now.Add(-time.Hour)}))
	reply, err := src.Reply(t.Context(), voice, r)
	if err != nil {
		t.Fatal(err)
	}
	r.Text = "Doch erst im April."
	if err := src.Edit(t.Context(), reply.Key, r); err != nil {
		t.Fatal(err)
	}
	if f := s.form(); f.Get("status") != "@mia@x.example Doch erst im April." || f.Get("spoiler_text") != "W" {
		t.Errorf("edited to %v", f)
	}
	for range 2 {
		if err := src.Remove(t.Context(), reply.Key); err != nil {
			t.Errorf("Remove = %v", err)
		}
	}
	if err := src.Edit(t.Context(), reply.Key, r); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("an edit of what is gone: %v", err)
	}
	if err := src.Remove(t.Context(), "other.example/1"); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("removing another's: %v", err)
	}
	s.set(func() { s.scope = "read" })
	wantMistake(t, src.Remove(t.Context(), got.Key), "scope-write")
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(*server)
		lack string // the abilities that are missing
	}{
		{"all", func(*server) {}, ""},
		{"read only", func(s *server) { s.scope = "read" }, "reply publish edit delete"},
		{"write only", func(s *server) { s.scope = "write" }, "hear"},
		{"no streams", func(s *server) { s.events, s.sockets = false, false }, "stream"},
		{"an old server", func(s *server) { s.version = "3.4.10" }, "edit"},
		{"another server", func(s *server) { s.version = "2.8.0 (compatible; Pleroma 2.9.1)" }, ""},
		{"no search", func(s *server) {
			s.meddle = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/api/v2/search" {
					refuse(w, http.StatusNotFound)
					return true
				}
				return false
			}
		}, "search"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, h := newServer(t), newHost(t)
			c.do(s)
			all, err := s.open(h).(replier).Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var lack []string
			for _, a := range all {
				if !a.Can {
					lack = append(lack, a.Name)
				}
				if !a.Can != strings.HasPrefix(a.Why, "connector.mastodon.error.") {
					t.Errorf("%+v", a)
				}
			}
			if got := strings.Join(lack, " "); got != c.lack || len(all) != 7 {
				t.Errorf("missing are %q of %d, want %q", got, len(all), c.lack)
			}
			if n := s.called("POST"); n != 0 {
				t.Error("it wrote")
			}
		})
	}
	s, h := newServer(t), newHost(t)
	s.token = "x"
	_, err := s.open(h).(replier).Check(t.Context())
	wantMistake(t, err, "token-refused")
}

// A part of an answer stands below the part before, as quiet as that, and names
// whom that names; it is found again after a start.
func TestAnswersGoOn(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHost(t)
	voice := heardAs(t, s, s.say(toot{acct: "mia@x.example", text: "Wann?", mention: true, visibility: "direct", at: s.now.Add(-time.Hour)}))
	src := s.open(h).(replier)
	r := s.made(h)
	first, err := src.Reply(t.Context(), voice, r)
	if err != nil {
		t.Fatal(err)
	}
	below := src.(listen.Threader).After(voice, first)
	if !below.Private || src.Options(below)[0].Network.Limit != src.Options(voice)[0].Network.Limit {
		t.Errorf("the next part has another room: %+v, %+v", src.Options(below), src.Options(voice))
	}
	more := listen.Reply{Key: "78", Made: r.Made, Text: "Zweitens im März.", Lang: "de"}
	if _, is, err := src.FindReply(t.Context(), below, more); is || err != nil {
		t.Errorf("found before it was said: %v, %v", is, err)
	}
	second, err := src.Reply(t.Context(), below, more)
	if err != nil {
		t.Fatal(err)
	}
	form := s.form()
	if form.Get("status") != "@mia@x.example Zweitens im März." || form.Get("visibility") != "direct" || s.domain()+"/"+form.Get("in_reply_to_id") != first.Key {
		t.Errorf("said %v", form)
	}
	s.set(func() { clear(s.once) })
	if there, err := found(s.open(h).(replier).FindReply(t.Context(), below, more)); err != nil || there != second {
		t.Errorf("found again: %+v, %v; want %+v", there, err, second)
	}
}
