package matrix_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lastword"
	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/matrix"
)

func TestExercise(t *testing.T) {
	t.Parallel()
	listentest.Exercise(t, matrix.New(), map[string]string{"user": us, "password": "geheim"})
}

func TestExerciseSource(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.room("!zwei:firma.example", "invite")
	for i := range 8 {
		f.say([]string{hall, "!zwei:firma.example"}[i%2], "Wort")
	}
	listentest.ExerciseSource(t, listentest.Place{Network: "matrix", Open: func() listen.Source { return f.open() }, Grow: func() {
		for range 9 { // more than one sync shows
			f.say(hall, "Neu")
		}
	}})
}

func TestWhatIsSaid(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	_, at := poll(t, f.open(), "")
	first := f.say(hall, "Gibt es halbe Größen?")
	reply := f.say(hall, "> <@mia:kunden.example> Gibt es halbe Größen?\n\nBitte auch 38,5!", "m.relates_to", map[string]any{"m.in_reply_to": map[string]any{"event_id": first}})
	thread := f.say(hall, "Und 39,5", "m.relates_to", map[string]any{"rel_type": "m.thread", "event_id": first, "is_falling_back": true, "m.in_reply_to": map[string]any{"event_id": reply}})
	inThread := f.say(hall, "Genau", "m.relates_to", map[string]any{"rel_type": "m.thread", "event_id": first, "m.in_reply_to": map[string]any{"event_id": thread}})
	f.happen(hall, us, "m.room.message", map[string]any{"msgtype": "m.text", "body": "Wir prüfen das."})
	f.happen(hall, mia, "m.room.message", map[string]any{"msgtype": "m.image", "body": "So sieht er aus", "filename": "stiefel.jpg"})
	f.window = 20
	heard, _ := poll(t, f.open(), at)
	var got []string
	for _, e := range heard.Events() {
		got = append(got, e.Post.Text+" < "+e.Post.Parent+" < "+e.Post.Root)
	}
	key := func(id string) string { return hall + "/" + id }
	want := []string{
		"Gibt es halbe Größen? <  < ",
		"Bitte auch 38,5! < " + key(first) + " < " + key(first),
		"Und 39,5 < " + key(first) + " < " + key(first),
		"Genau < " + key(thread) + " < " + key(first),
		"Wir prüfen das. <  < ", "So sieht er aus <  < ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	p := heard.Events()[3].Post
	p.SaidAt = time.Time{}
	full := lastword.Post{Network: "matrix", Key: key(inThread), URL: "https://matrix.to/#/" + "%21halle:firma.example" + "/" + strings.Replace(inThread, "/", "%2F", 1) + "?via=kunden.example",
		Author: lastword.Author{Key: mia, Handle: mia, Name: "Mia Kurz", URL: "https://matrix.to/#/@mia:kunden.example"},
		Text:   "Genau", Parent: key(thread), Root: key(first), Ref: key(first)}
	if diff := cmp.Diff(full, p); diff != "" {
		t.Error(diff)
	}
	if !heard.Events()[4].Post.Own {
		t.Error("our own message is a stranger's")
	}
}

func TestWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	_, at := poll(t, f.open(), "")
	f.happen(hall, mia, "m.room.encrypted", map[string]any{"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x"})
	f.happen(hall, mia, "m.room.message", map[string]any{"msgtype": "m.notice", "body": "Wetter: 7 Grad"})
	f.happen(hall, mia, "m.room.message", map[string]any{"msgtype": "m.image", "body": "stiefel.jpg"})
	f.happen(hall, mia, "m.room.message", map[string]any{"msgtype": 7})
	f.happen(hall, mia, "m.room.message", map[string]any{"msgtype": "m.text", "body": "*", "m.relates_to": map[string]any{"rel_type": "m.replace"}})
	f.happen(hall, mia, "m.room.redaction", map[string]any{})
	f.happen(hall, mia, "m.room.member", map[string]any{"membership": "join"}, "state_key", mia)
	f.gone = []string{"!weg:firma.example"}
	f.window = 20
	heard, _ := poll(t, f.open(), at)
	want := map[string]int{matrix.Encrypted: 1, matrix.Automatic: 1, matrix.NoText: 1, matrix.Unreadable: 3, matrix.Removed: 1}
	if diff := cmp.Diff(want, f.drops); diff != "" || len(heard.Events()) != 0 {
		t.Errorf("heard %+v: %s", heard.Events(), diff)
	}
}

func TestEditsAndRedactions(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	first, second := f.say(hall, "eins"), f.say(hall, "zwei")
	_, at := poll(t, f.open(), "")
	edit := func(sender, target, text string) {
		f.happen(hall, sender, "m.room.message", map[string]any{"msgtype": "m.text", "body": "* " + text,
			"m.new_content": map[string]any{"msgtype": "m.text", "body": text}, "m.relates_to": map[string]any{"rel_type": "m.replace", "event_id": target}})
	}
	edit(mia, first, "eins, nein drei") // opened afresh: who said it is asked
	edit("@fremd:kunden.example", second, "Ich hasse diesen Laden")
	edit(mia, "$nichts", "wovon?")
	f.happen(hall, mia, "m.room.redaction", map[string]any{"redacts": second})
	f.happen(hall, mia, "m.room.redaction", map[string]any{}, "redacts", first) // older rooms
	f.window = 20
	heard, _ := poll(t, f.open(), at)
	var got []string
	for _, e := range heard.Events() {
		got = append(got, strings.Join([]string{[]string{"said", "edited", "deleted"}[e.Op], e.Post.Key, e.Post.Text}, " "))
	}
	want := []string{"edited " + hall + "/" + first + " eins, nein drei", "deleted " + hall + "/" + second + " ", "deleted " + hall + "/" + first + " "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if f.drops[matrix.Foreign] != 2 {
		t.Errorf("dropped %v", f.drops)
	}
}

// A sync shows only the latest of a room; the rest is fetched, and what is too much
// is told with its bounds.
// A server tells a member's name once; it is known to later runs all the same, and
// asked for once in each.
func TestNames(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.say(hall, "Guten Tag")
	src := f.open()
	_, at := poll(t, src, "")
	for _, src := range []listen.Source{src, f.open()} {
		f.say(hall, "Noch da?")
		f.say(hall, "Hallo?")
		f.asked = nil
		heard, next := poll(t, src, at)
		for _, e := range heard.Events() {
			if e.Post.Author.Name != "Mia Kurz" {
				t.Errorf("%q is by %+v", e.Post.Text, e.Post.Author)
			}
		}
		at = next
	}
	if n := len(slices.DeleteFunc(f.asked, func(path string) bool { return !strings.Contains(path, "m.room.member") })); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestGaps(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	_, at := poll(t, f.open(), "")
	for range 250 {
		f.say(hall, "Wort")
	}
	heard, at := poll(t, f.open(), at)
	if len(heard.Events()) != 250 || len(f.drops) != 0 {
		t.Errorf("heard %d of 250, dropped %v", len(heard.Events()), f.drops)
	}
	for range 2500 {
		f.say(hall, "Wort")
	}
	heard, _ = poll(t, f.open(), at)
	if n := len(heard.Events()); n != 2003 || f.drops[matrix.Gap] != 1 || !strings.Contains(f.places[0], hall+" 2026-11-27T09:00:00Z – ") {
		t.Errorf("heard %d, dropped %v %q", n, f.drops, f.places)
	}
}

// Of a room that is new to us only so much of the past is heard as is wished.
func TestPast(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.happen(hall, mia, "m.room.message", map[string]any{"msgtype": "m.text", "body": "alt"}, "origin_server_ts", f.now.Add(-30*time.Hour).UnixMilli())
	for range 6 {
		f.say(hall, "neu")
	}
	heard, _ := poll(t, f.open(), "")
	if got := words(heard.Events()); got != "neu|neu|neu|neu|neu|neu" || len(f.drops) != 0 {
		t.Errorf("heard %s, dropped %v", got, f.drops)
	}
	heard, _ = poll(t, f.open("back", "48"), "")
	if len(heard.Events()) != 7 {
		t.Errorf("two days back: %s", words(heard.Events()))
	}
}

func TestServerThatForgotWhereWeWere(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.say(hall, "eins")
	heard, _ := poll(t, f.open(), `{"s":"s99999","t":1795000000}`)
	if words(heard.Events()) != "eins" || f.drops[matrix.Gap] != 1 {
		t.Errorf("heard %s, dropped %v", words(heard.Events()), f.drops)
	}
}

func TestInvitations(t *testing.T) {
	t.Parallel()
	for join, want := range map[string]bool{"no": false, "yes": true, "@mia:kunden.example": true, "kunden.example": true, "anders.example, @tom:kunden.example": false} {
		f := newFake(t)
		_, at := poll(t, f.open(), "")
		f.invites["!neu:kunden.example"] = mia
		src := f.open("join", join)
		_, at = poll(t, src, at)
		if joined := f.rooms["!neu:kunden.example"] != nil; joined != want || (f.drops[matrix.Invited] > 0) == want {
			t.Errorf("%q: joined %v, dropped %v", join, joined, f.drops)
		}
		if want {
			f.say("!neu:kunden.example", "Hallo")
			heard, _ := poll(t, src, at)
			if e := heard.Events(); len(e) != 1 || !e[0].Post.Private {
				t.Errorf("heard %+v", e)
			}
		}
	}
}

func TestWhatAServerRefuses(t *testing.T) {
	t.Parallel()
	said := func(status int, code string, more map[string]any) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool { no(w, status, code, more); return true }
	}
	for name, c := range map[string]struct {
		fail func(http.ResponseWriter, *http.Request) bool
		is   error
		key  string
		wait time.Duration
	}{
		"signed out":    {said(401, "M_UNKNOWN_TOKEN", nil), lastword.ErrDenied, "connector.matrix.error.refused", 0},
		"expired":       {said(401, "M_UNKNOWN_TOKEN", map[string]any{"soft_logout": true}), lastword.ErrDenied, "connector.matrix.error.expired", 0},
		"deactivated":   {said(403, "M_USER_DEACTIVATED", nil), lastword.ErrDenied, "connector.matrix.error.deactivated", 0},
		"no consent":    {said(403, "M_CONSENT_NOT_GIVEN", nil), lastword.ErrDenied, "connector.matrix.error.consent", 0},
		"forbidden":     {said(403, "M_FORBIDDEN", nil), lastword.ErrDenied, "connector.matrix.error.refused", 0},
		"too much":      {said(429, "M_LIMIT_EXCEEDED", map[string]any{"retry_after_ms": 7000}), lastword.ErrUnavailable, "", 7 * time.Second},
		"much, no time": {said(429, "M_LIMIT_EXCEEDED", nil), lastword.ErrUnavailable, "", time.Second},
		"broken":        {said(500, "M_UNKNOWN", nil), lastword.ErrUnavailable, "", 0},
		"a proxy":       {func(w http.ResponseWriter, _ *http.Request) bool { http.Error(w, "<html>", 403); return true }, lastword.ErrUnavailable, "", 0},
		"no server":     {func(w http.ResponseWriter, _ *http.Request) bool { http.NotFound(w, nil); return true }, lastword.ErrUnavailable, "", 0},
		"a page":        {func(w http.ResponseWriter, _ *http.Request) bool { _, _ = w.Write([]byte("<html>")); return true }, lastword.ErrUnavailable, "", 0},
		"nothing":       {func(w http.ResponseWriter, _ *http.Request) bool { yes(w, struct{}{}); return true }, lastword.ErrUnavailable, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.fail = c.fail
			err := f.open().Poll(t.Context(), "", new(listentest.Heard).Hear)
			var told *lastword.Mistake
			if !errors.Is(err, c.is) || errors.As(err, &told) != (c.key != "") || told != nil && told.Key != c.key {
				t.Errorf("got %v", err)
			}
			var wait *listen.RetryAfter
			if errors.As(err, &wait) != (c.wait > 0) || wait != nil && wait.Wait != c.wait {
				t.Errorf("wait: %v", err)
			}
		})
	}
}

// A password is used up for a token, once; what another run was given counts.
func TestSigningIn(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.say(hall, "eins")
	open := func() listen.Source {
		return f.open("token", "", "password", "geheim", "accesstoken", f.secrets["accesstoken"], "refreshtoken", f.secrets["refreshtoken"])
	}
	first, second := open(), open()
	poll(t, first, "")
	poll(t, second, "")
	if f.entered != 1 || f.secrets["accesstoken"] != "t1" || f.secrets["refreshtoken"] != "r1" {
		t.Errorf("signed in %d times, kept %v", f.entered, f.secrets)
	}
	f.token = "revoked"
	poll(t, open(), "")
	if f.entered != 2 || !slices.Contains(f.asked, "POST /refresh") {
		t.Errorf("the refresh token was not used: %v", f.asked)
	}
	f.token, f.entered = "revoked", 7 // and with it the refresh token
	poll(t, open(), "")
	if f.entered != 8 || f.secrets["accesstoken"] != "t8" {
		t.Errorf("the password was not used: %d, %v", f.entered, f.secrets)
	}
	clear(f.secrets)
	err := f.open("token", "", "password", "falsch").Poll(t.Context(), "", new(listentest.Heard).Hear)
	var told *lastword.Mistake
	if !errors.As(err, &told) || told.Field != "password" || !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("a wrong password: %v", err)
	}
	f.host.Keep = func(context.Context, map[string]string) error { return errors.New("full") }
	if err := f.open("token", "", "password", "geheim").Poll(t.Context(), "", new(listentest.Heard).Hear); err == nil {
		t.Error("a token that could not be kept is used")
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	domain := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/.well-known/matrix/client":
			http.NotFound(w, r)
		default:
			f.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(domain.Close)
	f.host.HTTP = domain.Client()
	name := "@lind:" + strings.TrimPrefix(domain.URL, "https://")
	err := f.open("server", "", "user", name).Poll(t.Context(), "", new(listentest.Heard).Hear)
	if err != nil {
		t.Error(err)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for field, value := range map[string]string{"user": "lind", "server": "ftp://x", "join": "a b/c", "room": "halle", "back": "viel", "password": ""} {
		settings := map[string]string{"user": us, "password": "geheim"}
		settings[field] = value
		_, err := matrix.New().Open(listen.Account{Settings: settings}, f.host)
		var m *lastword.Mistake
		if !errors.As(err, &m) || m.Field != field {
			t.Errorf("%s %q: %v", field, value, err)
		}
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.say(hall, "eins")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var heard listentest.Heard
	err := f.open().(listen.Streamer).Stream(ctx, "", func(ctx context.Context, events []lastword.Event, at string) error {
		err := heard.Hear(ctx, events, at)
		if len(heard.Events()) == 1 && len(heard.Batches) == 1 {
			f.say(hall, "zwei")
		}
		if len(heard.Events()) == 2 {
			cancel()
		}
		return err
	})
	if !errors.Is(err, context.Canceled) || words(heard.Events()) != "eins|zwei" {
		t.Errorf("heard %q, %v", words(heard.Events()), err)
	}
}

func FuzzSync(f *testing.F) {
	raw, err := os.ReadFile("testdata/sync.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"next_batch":"s","rooms":{"join":{"!a:b":{"timeline":{"events":[{"type":"m.room.message","event_id":"$1","sender":"@a:b","origin_server_ts":1,"content":{"msgtype":"m.text","body":"> <@a:b> x"}},{"type":"m.room.redaction","redacts":"$1"}]}}}}}`))
	nobody := &http.Client{Transport: refuseAll{}}
	f.Fuzz(func(t *testing.T, raw []byte) {
		events, err := matrix.DecodeSync(raw, nobody)
		if err != nil {
			return
		}
		for _, e := range events {
			p := e.Post
			if !strings.Contains(p.Key, "/") || p.Network != "matrix" {
				t.Errorf("heard %+v", e)
			}
			if e.Op == lastword.Said && (p.Text == "" || p.SaidAt.IsZero() || p.Author.Key == "" || !strings.HasPrefix(p.URL, "https://matrix.to/#/") || strings.ContainsAny(p.URL+p.Author.URL, " \"<>")) {
				t.Errorf("heard %+v", e)
			}
		}
	})
}

type refuseAll struct{}

func (refuseAll) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	no(w, 404, "M_NOT_FOUND", nil)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

// TestDocumentedSync reads the answer that the specification shows as an example.
func TestDocumentedSync(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/sync.json")
	if err != nil {
		t.Fatal(err)
	}
	events, err := matrix.DecodeSync(raw, &http.Client{Transport: refuseAll{}})
	if err != nil || len(events) != 1 || events[0].Post.Text != "This is an example text message" || events[0].Post.Key != "!726s6s6q:example.com/$143273582443PhrSn:example.org" {
		t.Errorf("got %+v, %v", events, err)
	}
}
