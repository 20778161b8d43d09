package discourse_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/discourse"
	"lastword/listen/listentest"
)

func poll(t *testing.T, src listen.Source, cursor string) (*listentest.Heard, error) {
	t.Helper()
	var h listentest.Heard
	err := src.Poll(t.Context(), cursor, h.Hear)
	return &h, err
}

func texts(events []lastword.Event) []string {
	var all []string
	for _, e := range events {
		all = append(all, e.Post.Text)
	}
	return all
}

func TestThePromisesOfAConnector(t *testing.T) {
	t.Parallel()
	listentest.Exercise(t, discourse.New(), map[string]string{"url": "forum.example"})
	listentest.Exercise(t, discourse.New(), map[string]string{"url": "https://forum.example/f", "key": "k", "user": "u", "words": "a, b", "category": "3"})
	for field, v := range map[string]string{"url": "ftp://x", "back": "200", "category": "x", "user": "ohne Schlüssel"} {
		set := map[string]string{"url": "forum.example"}
		set[field] = v
		_, err := discourse.New().Open(listen.Account{Settings: set}, newBoard(t).host)
		if !errors.Is(err, lastword.ErrInvalid) {
			t.Errorf("%s=%s: %v", field, v, err)
		}
	}
}

func TestThePromisesOfASource(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string][]string{"everything": nil, "found": {"words", "Wort, gibt es nicht"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBoard(t)
			for i := range 120 {
				b.say(time.Duration(200-i)*time.Minute, fmt.Sprint("Wort ", i))
			}
			listentest.ExerciseSource(t, listentest.Place{Network: "discourse",
				Open: func() listen.Source { return b.open(settings...) }, Grow: func() { b.say(0, "Wort neu") }})
		})
	}
}

func TestWhatAPostSays(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	root := b.say(30*time.Hour, "Gibt es halbe Größen?")["id"].(int64)
	second := b.say(3*time.Hour, "Bitte ja")["id"].(int64)
	b.say(2*time.Hour, "Mir auch", with("reply_to_post_number", second))
	b.say(time.Hour, "geschlossen", with("post_type", 3))
	b.say(time.Hour, "verborgen", with("hidden", true))
	b.say(time.Hour, "von uns", with("username", "Hobelwerk"))
	b.say(time.Hour, "")
	src := b.open("key", "k1", "user", "hobelwerk")
	h, err := poll(t, src, "")
	if err != nil || !slices.Equal(texts(h.Events()), []string{"Bitte ja", "Mir auch", "von uns"}) {
		t.Fatalf("%v, %v", texts(h.Events()), err)
	}
	if p := h.Events()[1].Post; p.Parent != b.key(second) || p.Root != b.key(root) || p.Author.Handle != "mia" || p.URL != b.srv.URL+"/forum/t/7/3" ||
		p.Key != b.key(3) || p.Private || p.Own {
		t.Errorf("%+v", p)
	}
	if p := h.Events()[0].Post; p.Parent != b.key(root) || !h.Events()[2].Post.Own {
		t.Errorf("%+v", p)
	}
	if b.drops["notice"] != 1 || b.drops["empty"] != 1 {
		t.Errorf("drops %v", b.drops)
	}
	all, err := poll(t, b.open("back", "168"), "")
	if err != nil || len(all.Events()) != 4 || all.Events()[0].Post.Title != "Halbe Größen" || all.Events()[0].Post.Root != "" {
		t.Errorf("%+v, %v", texts(all.Events()), err)
	}
}

// A forum that shows nothing to strangers is heard with a key, in private.
func TestClosedForum(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	b.closed = true
	b.say(time.Hour, "unter uns")
	_, err := poll(t, b.open(), "")
	var m *lastword.Mistake
	if !errors.As(err, &m) || m.Key != "connector.discourse.error.denied" || !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("%v", err)
	}
	h, err := poll(t, b.open("key", "k2"), "")
	if err != nil || len(h.Events()) != 1 || !h.Events()[0].Post.Private {
		t.Errorf("%+v, %v", h.Events(), err)
	}
}

func TestReplyFindEditRemove(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	b.say(2*time.Hour, "Erster")
	b.say(time.Hour, "Zweiter")
	src := b.open("key", "k1", "user", "hobelwerk")
	h, err := poll(t, src, "")
	if err != nil {
		t.Fatal(err)
	}
	to := h.Events()[1].Post
	if ways := src.(listen.Chooser).Options(to); len(ways) != 1 || !ways[0].Open(b.now) || ways[0].ByHand {
		t.Errorf("%+v", ways)
	}
	a := listen.Reply{Key: "1", Made: b.now, Text: "Ja, im März.\n\nDanke."}
	if _, found, err := src.(listen.Finder).FindReply(t.Context(), to, a); err != nil || found {
		t.Fatalf("found before it was given: %v, %v", found, err)
	}
	got, err := src.(listen.Replier).Reply(t.Context(), to, a)
	if err != nil || got.Key != b.key(3) || got.URL != b.srv.URL+"/forum/t/7/3" || b.posts[2]["reply_to_post_number"] != int64(2) {
		t.Fatalf("%+v, %v, %v", got, err, b.posts[2])
	}
	if again, found, err := src.(listen.Finder).FindReply(t.Context(), to, a); err != nil || !found || again != got {
		t.Errorf("%+v, %v, %v", again, found, err)
	}
	ed := src.(listen.Editor)
	if err := ed.Edit(t.Context(), got.Key, listen.Reply{Text: "Anders gesagt."}); err != nil || b.posts[2]["raw"] != "Anders gesagt." {
		t.Errorf("%v, %v", err, b.posts[2])
	}
	if err := ed.Remove(t.Context(), got.Key); err != nil {
		t.Error(err)
	}
	if err := ed.Remove(t.Context(), got.Key); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("removed twice: %v", err)
	}
	if err := ed.Remove(t.Context(), "anderes.example/p/3"); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("another forum's: %v", err)
	}
	b.queue = true
	if got, err := src.(listen.Replier).Reply(t.Context(), to, a); err != nil || !strings.Contains(got.Key, "/review/9") {
		t.Errorf("waiting for a moderator: %+v, %v", got, err)
	}
}

func TestRefusedAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key, ref, text string
		want           error
	}{
		"gone": {"k1", `{"t":8,"n":1}`, "lang genug", lastword.ErrGone}, "short": {"k1", `{"t":7,"n":1}`, "ok", lastword.ErrInvalid},
		"shut": {"k1", `{"t":7,"n":1}`, "lang genug", lastword.ErrInvalid}, "key": {"falsch", `{"t":7,"n":1}`, "lang genug", lastword.ErrDenied},
		"no ref": {"k1", `x`, "lang genug", lastword.ErrInvalid},
	} {
		b := newBoard(t)
		b.shut = name == "shut"
		src := b.open("key", c.key, "user", "hobelwerk")
		_, err := src.(listen.Replier).Reply(t.Context(), lastword.Post{Key: b.key(1), Ref: c.ref}, listen.Reply{Key: "1", Made: b.now, Text: c.text})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	b := newBoard(t)
	b.fail = func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Retry-After", "13")
		no(w, 429, "rate_limit")
		return true
	}
	_, err := b.open("key", "k1", "user", "hobelwerk").(listen.Replier).Reply(t.Context(), lastword.Post{Key: b.key(1), Ref: `{"t":7,"n":1}`}, listen.Reply{Text: "lang genug"})
	var wait *listen.RetryAfter
	if !errors.As(err, &wait) || wait.Wait != 13*time.Second || !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("%v", err)
	}
	closed := newBoard(t)
	closed.shut = true
	closed.say(time.Hour, "in einem geschlossenen Thema")
	src := closed.open("key", "k1", "user", "hobelwerk")
	h, err := poll(t, src, "")
	if err != nil {
		t.Fatal(err)
	}
	if ways := src.(listen.Chooser).Options(h.Events()[0].Post); len(ways) != 1 || ways[0].Open(b.now) || ways[0].Why != "why.topic_closed" {
		t.Errorf("%+v", ways)
	}
}

// What is kept is looked up again: deleted, changed, or as it was.
func TestSweep(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	b.say(3*time.Hour, "bleibt")
	b.say(2*time.Hour, "geht", with("deleted_at", "2026-11-27T08:00:00Z"))
	b.say(time.Hour, "neu gefasst")
	kept := []string{b.key(1), b.key(2), b.key(3), "zzz.example/p/4"}
	b.host.Voices = func(_ context.Context, after string, most int) ([]string, error) {
		i, _ := slices.BinarySearch(kept, after+"\x00")
		return kept[i:min(i+most, len(kept))], nil
	}
	h, err := poll(t, b.open(), `{"p":3}`)
	if err != nil {
		t.Fatal(err)
	}
	var ops []lastword.Op
	for _, e := range h.Events() {
		ops = append(ops, e.Op)
	}
	if !slices.Equal(ops, []lastword.Op{lastword.Edited, lastword.Deleted, lastword.Edited}) || h.Events()[1].Post.Key != b.key(2) || h.Cursor("") != `{"p":3}` {
		t.Errorf("%+v, cursor %s", h.Events(), h.Cursor(""))
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	src := b.open("key", "k1", "user", "hobelwerk", "category", "3").(listen.Publisher)
	a := listen.Reply{Key: "1", Made: b.now, Text: "# Größe 44 kommt im März\n\nSie haben gefragt, wir haben zugehört."}
	got, err := src.Publish(t.Context(), a)
	if err != nil || b.posts[0]["title"] != "Größe 44 kommt im März" || b.posts[0]["raw"] != "Sie haben gefragt, wir haben zugehört." || b.posts[0]["category"] != 3 {
		t.Errorf("%+v, %v, %v", got, err, b.posts)
	}
	if again, err := src.Publish(t.Context(), a); err != nil || again != got || len(b.posts) != 1 {
		t.Errorf("published twice: %+v, %v", again, err)
	}
	if _, err := src.Publish(t.Context(), listen.Reply{Text: "nur ein Titel"}); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("%v", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	if all, err := b.open("key", "k2").(listen.Checker).Check(t.Context()); err != nil || len(all) != 7 {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := b.open("key", "falsch").(listen.Checker).Check(t.Context()); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("%v", err)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code int
		body string
		want error
	}{
		"cut": {200, `{"latest_posts":[`, lastword.ErrUnavailable}, "page": {200, "<html>", lastword.ErrUnavailable}, "broken": {502, "", lastword.ErrUnavailable},
		"no forum": {404, "", lastword.ErrDenied}, "huge": {200, strings.Repeat(" ", 9<<20), lastword.ErrUnavailable},
	} {
		b := newBoard(t)
		b.fail = func(w http.ResponseWriter, r *http.Request) bool {
			w.WriteHeader(c.code)
			fmt.Fprint(w, c.body)
			return true
		}
		if _, err := poll(t, b.open(), ""); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b := newBoard(t)
	b.fail = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/posts.json" {
			return false
		}
		fmt.Fprint(w, `{"latest_posts":[{"id":"x"},7,{"id":9,"topic_id":7,"post_type":1,"created_at":"2026-11-27T08:00:00Z","cooked":"da"}]}`)
		return true
	}
	if h, err := poll(t, b.open(), ""); err != nil || len(h.Events()) != 1 || b.drops["unreadable"] == 0 {
		t.Errorf("one bad post hides the others: %v, %v", err, b.drops)
	}
}

func TestDocumentedAnswer(t *testing.T) {
	t.Parallel()
	events := discourse.DecodeLatest(recorded(t))
	if len(events) != 1 || events[0].Post.Text != "Mir drückt der Schuh, @hobelwerk." || events[0].Post.Author.Name != "Mia Muster" ||
		events[0].Post.Key != "forum.example/p/42" || events[0].Post.Author.Key != "forum.example/uid/5" {
		t.Errorf("%+v", events)
	}
}

func recorded(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/latest.json")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func FuzzLatest(f *testing.F) {
	f.Add(recorded(f))
	f.Add([]byte(`{"latest_posts":[{"id":9,"topic_id":7,"created_at":"2026-11-27T08:00:00Z","cooked":"<aside class=quote><aside></aside>x</aside>y<aside>z"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, e := range discourse.DecodeLatest(b) {
			if e.Post.Key == "" || e.Op == lastword.Said && (e.Post.SaidAt.IsZero() || e.Post.Text == "") {
				t.Errorf("%+v", e)
			}
		}
	})
}

// A topic brings its pictures along, once, and keeps them when its words change.
func TestTopicWithPictures(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	src := b.open("key", "k1", "user", "hobelwerk")
	if m := src.(listen.Mannered).Manner(t.Context()); m.Pictures == 0 || !m.Markup || !m.Title {
		t.Errorf("manner %+v", m)
	}
	p := listen.Post{Key: "7", Made: b.now, Title: "Halbe Größen", Parts: []string{"Ab **Mai** im Laden."}, Pictures: []listen.Picture{
		{Picture: lastword.Picture{Type: "image/png", Width: 40, Height: 30, Alt: "Ein [Schuh] | links\nund rechts"}, Bytes: []byte("eins")},
		{Picture: lastword.Picture{Type: "image/jpeg", Width: 4, Height: 3}, Bytes: []byte("zwei")}}}
	post := src.(listen.Poster).Post
	got, err := post(t.Context(), p)
	if err != nil || len(got) != 1 || len(b.posts) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	want := "Ab **Mai** im Laden.\n\n![Ein (Schuh) / links und rechts|40x30](upload://p1.png)\n\n![|4x3](upload://p2.png)"
	if b.posts[0]["raw"] != want || b.posts[0]["title"] != "Halbe Größen" || strings.Join(b.pictures, ", ") != "image/png eins, image/jpeg zwei" {
		t.Errorf("published %q with %v", b.posts[0]["raw"], b.pictures)
	}
	if again, err := post(t.Context(), p); err != nil || again[0] != got[0] || len(b.posts) != 1 || len(b.pictures) != 2 {
		t.Errorf("again: %+v, %v, %d pictures", again, err, len(b.pictures))
	}
	for range 2 {
		if err := src.(listen.Editor).Edit(t.Context(), got[0].Key, listen.Reply{Text: "Ab Juni."}); err != nil {
			t.Fatal(err)
		}
	}
	if want := "Ab Juni." + want[strings.Index(want, "\n\n"):]; b.posts[0]["raw"] != want {
		t.Errorf("changed: %q", b.posts[0]["raw"])
	}
	b.fail = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/uploads.json" {
			no(w, 422, "invalid_parameters")
			return true
		}
		return false
	}
	p.Key, p.Parts = "8", []string{"Etwas anderes."}
	if _, err := post(t.Context(), p); !errors.Is(err, lastword.ErrInvalid) || len(b.posts) != 1 {
		t.Errorf("a picture that the forum does not take: %v, %d posts", err, len(b.posts))
	}
}
