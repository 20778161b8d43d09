package mastodon_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/mastodon"
)

func TestWhatAMentionSays(t *testing.T) {
	t.Parallel()
	s, h, e := newServer(t), newHost(t), &ear{}
	first := s.say(toot{acct: us, text: "Neu: der Hobel", at: s.now.Add(-2 * time.Hour)})
	s.say(toot{acct: "mia@Elsewhere.example", spoiler: "Werkzeug", lang: "de", visibility: "direct", mention: true, parent: first.id, parentBy: us,
		content: `<p><span class="h-card"><a href="https://x/@hobelwerk" class="u-url mention">@<span>hobelwerk</span></a></span> Wann kommt er?</p>`,
		alt:     "Ein stumpfer Hobel", at: s.now.Add(-time.Hour)})
	if err := s.open(h).Poll(t.Context(), "", e.hear); err != nil {
		t.Fatal(err)
	}
	if len(e.events) != 1 {
		t.Fatalf("heard %q", e.texts())
	}
	p := e.events[0].Post
	want := lastword.Post{
		Network: "mastodon", Key: fmt.Sprintf("%s/%d", s.domain(), s.posts[1].id), URL: p.URL, Ref: p.Ref,
		Author: lastword.Author{Key: "mia@elsewhere.example", Handle: "mia@Elsewhere.example", Name: "Mia", URL: "https://Elsewhere.example/@mia"},
		Title:  "Werkzeug", Text: "@hobelwerk Wann kommt er?\n[Ein stumpfer Hobel]", Lang: "de", SaidAt: s.posts[1].at,
		Parent: fmt.Sprintf("%s/%d", s.domain(), first.id), Private: true,
	}
	if p != want {
		t.Errorf("heard\n%+v, want\n%+v", p, want)
	}
}

// Boosts, pictures without words and what cannot be read are no voices, and hold
// nobody up.
func TestWhatIsNoVoice(t *testing.T) {
	t.Parallel()
	s, h, e := newServer(t), newHost(t), &ear{}
	at := s.now.Add(-5 * time.Hour)
	for _, p := range []toot{
		{acct: "a@x.example", text: "eins"},
		{acct: "b@x.example", text: "geteilt", boosts: true},
		{acct: "c@x.example", content: "<p></p>"},
		{acct: "d@x.example", raw: `{"id":"{id}","content":7}`},
		{acct: "e@x.example", raw: `"nur ein Wort"`},
		{acct: "f@x.example", raw: `{"id":"../../x","created_at":"2026-11-20T08:00:00Z","account":{"id":"3","acct":"f"}}`},
		{acct: "g@x.example", text: "zwei"},
	} {
		at = at.Add(time.Minute)
		p.at, p.tags = at, []string{"schuhe"}
		s.say(p)
	}
	src := s.public(h, "tags", "schuhe")
	if err := src.Poll(t.Context(), "", e.hear); err != nil {
		t.Fatal(err)
	}
	if got := e.texts(); !slices.Equal(got, []string{"eins", "zwei"}) {
		t.Errorf("heard %q", got)
	}
	if got := h.drops()["status-unreadable"]; got != 3 {
		t.Errorf("%d are left out, want 3: %v", got, h.drops())
	}
	// A page of nothing but what cannot be read is passed too.
	for i := range 100 {
		s.say(toot{raw: `{"id":"{id}"}`, acct: "z", at: at.Add(time.Duration(i) * time.Second), tags: []string{"schuhe"}})
	}
	s.say(toot{acct: "h@x.example", text: "drei", at: at.Add(time.Hour), tags: []string{"schuhe"}})
	if err := src.Poll(t.Context(), e.cursor, e.hear); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(e.texts(), "drei") {
		t.Errorf("heard %q", e.texts())
	}
}

// A post of another server arrives late and is sorted in where it was said.
func TestLatePostsAreHeard(t *testing.T) {
	t.Parallel()
	s, h, e := newServer(t), newHost(t), &ear{}
	s.say(toot{acct: "mia", text: "früh", tags: []string{"t"}, at: s.now.Add(-time.Hour)})
	s.say(toot{acct: "mia", text: "eben", tags: []string{"t"}, at: s.now.Add(-time.Minute)})
	src := s.public(h, "tags", "t")
	if err := src.Poll(t.Context(), "", e.hear); err != nil {
		t.Fatal(err)
	}
	s.say(toot{acct: "tom@x.example", text: "spät", tags: []string{"t"}, at: s.now.Add(-9 * time.Minute)})
	if err := src.Poll(t.Context(), e.cursor, e.hear); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(e.texts(), "spät") {
		t.Errorf("heard %q", e.texts())
	}
}

func TestReachesBackAsFarAsSet(t *testing.T) {
	t.Parallel()
	s, h, e := newServer(t), newHost(t), &ear{}
	for i := range 10 {
		days := 9 - i
		s.say(toot{acct: "mia", text: fmt.Sprint("vor ", days), mention: true, at: s.now.Add(-time.Hour - time.Duration(days)*24*time.Hour)})
	}
	if err := s.open(h, "back", "3").Poll(t.Context(), "", e.hear); err != nil {
		t.Fatal(err)
	}
	if got := e.texts(); !slices.Equal(got, []string{"vor 2", "vor 1", "vor 0"}) {
		t.Errorf("heard %q", got)
	}
	e.events = nil
	if err := s.open(h, "back", "3").Poll(t.Context(), e.cursor, e.hear); err != nil || len(e.events) > 0 {
		t.Errorf("once more: %v, %q", err, e.texts())
	}
}

// A public timeline that has run too far ahead is met at its present, and people
// are told.
func TestGapIsTold(t *testing.T) {
	t.Parallel()
	s, h, e := newServer(t), newHost(t), &ear{}
	s.say(toot{acct: "mia", text: "erster", at: s.now.Add(-23 * time.Hour)})
	src := s.public(h, "timeline", "public")
	if err := src.Poll(t.Context(), "", e.hear); err != nil {
		t.Fatal(err)
	}
	for i := range 2500 {
		s.say(toot{acct: "mia", text: fmt.Sprint("Wort ", i), at: s.now.Add(-20*time.Hour + time.Duration(i)*time.Second)})
	}
	if err := src.Poll(t.Context(), e.cursor, e.hear); err != nil {
		t.Fatal(err)
	}
	if got := h.drops()["gap"]; got != 1 {
		t.Errorf("%d gaps are told, want 1", got)
	}
	if got := e.texts(); got[len(got)-1] != "Wort 2499" {
		t.Errorf("the last one heard is %q", got[len(got)-1])
	}
	before := len(e.all())
	if err := src.Poll(t.Context(), e.cursor, e.hear); err != nil || len(e.all()) != before {
		t.Errorf("once more: %v, %d heard again", err, len(e.all())-before)
	}
}

// A new channel that reaches back further than is read at once says so.
func TestFirstGapIsTold(t *testing.T) {
	t.Parallel()
	s, h, e := newServer(t), newHost(t), &ear{}
	for i := range 1100 {
		s.say(toot{acct: "mia", text: fmt.Sprint("Wort ", i), at: s.now.Add(-20*time.Hour + time.Duration(i)*time.Second)})
	}
	if err := s.public(h, "timeline", "public").Poll(t.Context(), "", e.hear); err != nil {
		t.Fatal(err)
	}
	if got := h.drops()["gap"]; got != 1 || len(e.all()) != 1000 {
		t.Errorf("%d gaps are told and %d heard", got, len(e.all()))
	}
}

// A hashtag and mentions are never leapt over.
func TestAllMentionsAreHeard(t *testing.T) {
	t.Parallel()
	s, h, e := newServer(t), newHost(t), &ear{}
	s.say(toot{acct: "mia", text: "erster", mention: true, at: s.now.Add(-23 * time.Hour)})
	src := s.open(h)
	if err := src.Poll(t.Context(), "", e.hear); err != nil {
		t.Fatal(err)
	}
	for i := range 2500 {
		s.say(toot{acct: "mia", text: fmt.Sprint("Wort ", i), mention: true, at: s.now.Add(-20*time.Hour + time.Duration(i)*time.Second)})
	}
	for range 2 {
		if err := src.Poll(t.Context(), e.cursor, e.hear); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(e.all()); got != 2501 || len(h.drops()) > 0 {
		t.Errorf("%d heard, want 2501; left out %v", got, h.drops())
	}
}

// What was changed or deleted while nobody streamed is found by looking again,
// and a server that knows no call for several posts deletes none.
func TestLooksAgain(t *testing.T) {
	t.Parallel()
	for _, index := range []bool{true, false} {
		t.Run(fmt.Sprint("several at once ", index), func(t *testing.T) {
			t.Parallel()
			s, h, e := newServer(t), newHost(t), &ear{}
			s.index = index
			var said []*toot
			for i := range 5 {
				said = append(said, s.say(toot{acct: "mia@x.example", text: fmt.Sprint("Wort ", i), mention: true, at: s.now.Add(-time.Duration(10-i) * time.Hour)}))
			}
			src := s.open(h)
			mastodon.Look(src)
			if err := src.Poll(t.Context(), "", e.hear); err != nil {
				t.Fatal(err)
			}
			e.events = nil
			h.pass(time.Hour)
			s.set(func() {
				said[1].text, said[1].edited = "anders", s.now.Add(30*time.Minute)
				said[2].gone = true
				said[3].content, said[3].text, said[3].edited = "<p></p>", "", s.now.Add(30*time.Minute)
			})
			if err := src.Poll(t.Context(), e.cursor, e.hear); err != nil {
				t.Fatal(err)
			}
			got := map[lastword.Op][]string{}
			for _, ev := range e.all() {
				got[ev.Op] = append(got[ev.Op], ev.Post.Key+ev.Post.Text)
			}
			key := func(i int) string { return fmt.Sprintf("%s/%d", s.domain(), said[i].id) }
			slices.Sort(got[lastword.Deleted])
			if !slices.Equal(got[lastword.Edited], []string{key(1) + "anders"}) || !slices.Equal(got[lastword.Deleted], []string{key(2), key(3)}) || len(got[lastword.Said]) > 0 {
				t.Errorf("heard %v", got)
			}
			e.events = nil
			h.pass(3 * time.Hour)
			if err := src.Poll(t.Context(), e.cursor, e.hear); err != nil || len(e.all()) > 0 {
				t.Errorf("once more: %v, %v", err, e.all())
			}
		})
	}
}

func TestWhatTheServerRefuses(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) func(*server) {
		return func(s *server) {
			s.meddle = func(w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(status)
				fmt.Fprint(w, body)
				return true
			}
		}
	}
	at := func(path string, status int) func(*server) {
		return func(s *server) {
			s.meddle = func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasPrefix(r.URL.Path, path) {
					refuse(w, status)
					return true
				}
				return false
			}
		}
	}
	for _, c := range []struct {
		name   string
		do     func(*server)
		public bool
		kind   error
		what   string
	}{
		{"a token that is not known", func(s *server) { s.token = "another" }, false, lastword.ErrDenied, "token-refused"},
		{"a token that may not read", func(s *server) { s.scope = "write" }, false, lastword.ErrDenied, "scope-read"},
		{"an account that is nobody's", at("/api/v1/accounts", 422), false, lastword.ErrDenied, "token-refused"},
		{"nothing without an account", func(s *server) { s.anonymous = false }, true, lastword.ErrDenied, "signin"},
		{"a page instead of an answer", answer(200, "<html>"), false, lastword.ErrUnavailable, "no-mastodon"},
		{"no such path", answer(404, "{}"), false, lastword.ErrInvalid, "no-mastodon"},
		{"a server error", answer(500, "{}"), false, lastword.ErrUnavailable, ""},
		{"a broken list", func(s *server) {
			s.meddle = func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, "/notifications") {
					fmt.Fprint(w, `[{"id":"1"`)
					return true
				}
				return false
			}
		}, false, lastword.ErrUnavailable, ""},
		{"an answer without an end", func(s *server) {
			s.meddle = func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, "/notifications") {
					for range 300 {
						fmt.Fprint(w, strings.Repeat("[", 32<<10))
					}
					return true
				}
				return false
			}
		}, false, lastword.ErrUnavailable, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, h := newServer(t), newHost(t)
			c.do(s)
			src := s.open(h)
			if c.public {
				src = s.public(h, "tags", "schuhe")
			}
			err := src.Poll(t.Context(), "", noHear(t))
			if !errors.Is(err, c.kind) {
				t.Errorf("Poll = %v, want %v", err, c.kind)
			}
			if c.what != "" {
				wantMistake(t, err, c.what)
			}
			if err != nil && (strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "keiner Sprache")) {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

// A server that is away says so by its silence.
func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHost(t)
	src := s.open(h)
	s.Server.Close()
	if err := src.Poll(t.Context(), "", noHear(t)); !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("Poll = %v", err)
	}
}

// Search that a server does not have is told once and costs nothing else.
func TestNoSearch(t *testing.T) {
	t.Parallel()
	s, h, e := newServer(t), newHost(t), &ear{}
	s.say(toot{acct: "mia", text: "Wort", tags: []string{"t"}, at: s.now.Add(-time.Hour)})
	s.meddle = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/api/v2/search" {
			refuse(w, http.StatusServiceUnavailable)
			return true
		}
		return false
	}
	src := s.public(h, "token", token, "search", "Hobel, Säge", "tags", "t")
	for range 2 {
		if err := src.Poll(t.Context(), "", e.hear); err != nil {
			t.Fatal(err)
		}
	}
	if len(e.texts()) == 0 || h.drops()["no-search"] != 1 {
		t.Errorf("heard %q, left out %v", e.texts(), h.drops())
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHost(t)
	left := 25
	s.meddle = func(w http.ResponseWriter, _ *http.Request) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		left--
		w.Header().Set("X-RateLimit-Limit", "300")
		w.Header().Set("X-RateLimit-Remaining", fmt.Sprint(left))
		w.Header().Set("X-RateLimit-Reset", s.now.Add(4*time.Minute).Format(time.RFC3339Nano))
		return false
	}
	m := mastodon.New()
	open := func(c listen.Connector) listen.Source {
		src, err := c.Open(listen.Account{Settings: s.settings("tags", "t")}, h.Host)
		if err != nil {
			t.Fatal(err)
		}
		return src
	}
	voice := s.say(toot{acct: "mia", text: "Wort", mention: true, at: s.now.Add(-time.Hour)})
	one, other := open(m.Account()), open(m.Open())
	var err error
	for range 5 {
		if err = one.Poll(t.Context(), "", (&ear{}).hear); err != nil {
			break
		}
	}
	wantWait(t, err, 4*time.Minute)
	if left < 15 {
		t.Errorf("listening left %d calls to answers", left)
	}
	wantWait(t, other.Poll(t.Context(), "", noHear(t)), 4*time.Minute) // the same account
	r := listen.Reply{Key: "7", Made: s.now, Text: "Ja."}
	if _, err := one.(listen.Replier).Reply(t.Context(), heardAs(t, s, voice), r); err != nil {
		t.Errorf("an answer must wait too: %v", err)
	}
	h.pass(5 * time.Minute)
	left = 300
	if err := other.Poll(t.Context(), "", noHear(t)); err != nil {
		t.Errorf("after the pause: %v", err)
	}
}

func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, header, value string
		want                time.Duration
	}{
		{"Retry-After in seconds", "Retry-After", "90", 90 * time.Second},
		{"Retry-After as a date", "Retry-After", "Fri, 20 Nov 2026 12:02:00 GMT", 2 * time.Minute},
		{"a reset as a time", "X-RateLimit-Reset", "2026-11-20T12:03:00.123Z", 3*time.Minute + 123*time.Millisecond},
		{"a reset in seconds since 1970", "X-RateLimit-Reset", "1795176240", 4 * time.Minute},
		{"a reset in milliseconds", "X-RateLimit-Reset", "1795176240000", 4 * time.Minute},
		{"nothing", "X-None", "1", time.Second},
		{"far too long", "Retry-After", "99999999", 24 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, h := newServer(t), newHost(t)
			s.meddle = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set(c.header, c.value)
				refuse(w, http.StatusTooManyRequests)
				return true
			}
			wantWait(t, s.open(h).Poll(t.Context(), "", noHear(t)), c.want)
		})
	}
}

func wantWait(t *testing.T, err error, want time.Duration) {
	t.Helper()
	var wait *listen.RetryAfter
	if !errors.As(err, &wait) || wait.Wait != want || !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("the error is %v, want to wait %s", err, want)
	}
}

// heardAs is a post as a source hears it.
func heardAs(t *testing.T, s *server, p *toot) lastword.Post {
	t.Helper()
	e := &ear{}
	h := newHost(t)
	src := s.open(h, "back", "90")
	s.mu.Lock()
	meddle := s.meddle
	s.meddle = nil
	s.mu.Unlock()
	if err := src.Poll(t.Context(), "", e.hear); err != nil {
		t.Fatal(err)
	}
	s.set(func() { s.meddle = meddle })
	for _, ev := range e.all() {
		if strings.HasSuffix(ev.Post.Key, fmt.Sprint("/", p.id)) {
			return ev.Post
		}
	}
	t.Fatal("the post was not heard")
	return lastword.Post{}
}

// An account that is suspended takes all its voices out of sight until it is back;
// one that is gone for good takes them with it. Servers tell nobody: it is asked
// when one of its voices is gone.
func TestAccountStates(t *testing.T) {
	t.Parallel()
	s, h, e := newServer(t), newHost(t), &ear{}
	s.index = true
	var said []*toot
	for i, who := range []string{"mia@x.example", "mia@x.example", "tom@long.example", "eva@longer.example"} {
		said = append(said, s.say(toot{acct: who, text: fmt.Sprint("Wort ", i), mention: true, at: s.now.Add(-time.Duration(10-i) * time.Hour)}))
	}
	idOf := func(acct string) string { return fmt.Sprint(100 + len(acct)) }
	src := s.open(h)
	mastodon.Look(src)
	poll := func() (got []string) {
		t.Helper()
		e.events = nil
		h.pass(time.Hour)
		again := s.open(h)
		mastodon.Look(again)
		if err := again.Poll(t.Context(), e.cursor, e.hear); err != nil {
			t.Fatal(err)
		}
		for _, ev := range e.all() {
			if ev.Op >= lastword.AccountGone {
				got = append(got, fmt.Sprint(ev.Op, " ", ev.Post.Author.Key))
			}
		}
		return got
	}
	if err := src.Poll(t.Context(), "", e.hear); err != nil {
		t.Fatal(err)
	}
	want := func(what string, events ...string) {
		t.Helper()
		if got := poll(); !slices.Equal(got, events) {
			t.Errorf("%s: %v, want %v", what, got, events)
		}
	}
	s.set(func() { said[0].gone, s.states = true, map[string]int{} })
	want("one voice was deleted")
	s.set(func() { said[1].gone, s.states[idOf("mia@x.example")] = true, http.StatusForbidden })
	want("suspended", fmt.Sprint(lastword.AccountAway, " mia@x.example"))
	want("still suspended")
	s.set(func() { delete(s.states, idOf("mia@x.example")) })
	want("there again", fmt.Sprint(lastword.AccountBack, " mia@x.example"))
	s.set(func() {
		said[2].gone, s.states[idOf("tom@long.example")] = true, http.StatusGone
		said[3].gone, s.states[idOf("eva@longer.example")] = true, http.StatusNotFound
	})
	want("gone for good, and not known any more", fmt.Sprint(lastword.AccountGone, " tom@long.example"), fmt.Sprint(lastword.AccountAway, " eva@longer.example"))
	want("nothing new")
}
