package telegram_test

import (
	"context"
	"encoding/json"
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
	"lastword/listen/telegram"
)

func TestExercise(t *testing.T) {
	t.Parallel()
	listentest.Exercise(t, telegram.New(), map[string]string{"token": token})
}

func TestExerciseSource(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.keeps = true // what an account can no longer show after it was fetched proves nothing here
	for id := 1; id <= 7; id++ {
		f.say(id, group, "Wort "+number(id))
	}
	next := 7
	listentest.ExerciseSource(t, listentest.Place{Network: "telegram", Open: func() listen.Source { return f.open() }, Grow: func() {
		next++
		f.say(next, group, "Neu "+number(next))
	}})
}

// TestDocumentedUpdates reads updates as the documentation shows them.
func TestDocumentedUpdates(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/updates.json")
	if err != nil {
		t.Fatal(err)
	}
	var said struct{ Result []json.RawMessage }
	if err := json.Unmarshal(raw, &said); err != nil {
		t.Fatal(err)
	}
	at := func(sec int64) time.Time { return time.Unix(sec, 0).UTC() }
	eva := lastword.Author{Key: "1111111", Handle: "Testusername", Name: "Test Firstname Test Lastname", URL: "https://t.me/Testusername"}
	want := []lastword.Event{
		{Post: lastword.Post{Network: "telegram", Key: "123456:1111111/1365", Author: eva, Text: "Gibt es die Stiefel auch in 38,5?", Lang: "de", SaidAt: at(1441645532), Private: true, Ref: `{"p":true}`}},
		{Op: lastword.Edited, Post: lastword.Post{Network: "telegram", Key: "123456:1111111/1365", Author: eva, Text: "Gibt es die Stiefel auch in 39?", Lang: "de", SaidAt: at(1441645532), Private: true, Ref: `{"p":true}`}},
		{Post: lastword.Post{Network: "telegram", Key: "-1001234567890/21", URL: "https://t.me/lindfreunde/21", Author: eva, Text: "Schaut mal", SaidAt: at(1441645540), Ref: `{}`,
			Parent: "-1001234567890/20", Root: "-1001234567890/18"}},
		{Post: lastword.Post{Network: "telegram", Key: "-1001234567890/18", URL: "https://t.me/lindfreunde/18", Text: "Neu: halbe Größen", SaidAt: at(1441645530), Ref: `{}`,
			Author: lastword.Author{Key: "-1009876543210", Handle: "lindnews", Name: "Lind", URL: "https://t.me/lindnews"}}},
		{Post: lastword.Post{Network: "telegram", Key: "-1009876543210/7", URL: "https://t.me/lindnews/7", Text: "Neu: halbe Größen", SaidAt: at(1441645529), Ref: `{"c":true}`, Own: true,
			Author: lastword.Author{Key: "-1009876543210", Handle: "lindnews", Name: "Lind", URL: "https://t.me/lindnews"}}},
		{Post: lastword.Post{Network: "telegram", Key: "-1002222233333/5", URL: "https://t.me/c/2222233333/5", Text: "Nur für Mitglieder", SaidAt: at(1441645550), Private: true, Ref: `{"t":3}`, Author: eva}},
	}
	var got []lastword.Event
	drops := map[string]int{}
	for _, r := range said.Result {
		e, heard, drop := telegram.DecodeUpdate(r)
		if heard {
			got = append(got, e)
		}
		if drop != "" {
			drops[drop]++
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	wantDrops := map[string]int{telegram.NoText: 1, telegram.Command: 2, telegram.Notice: 1, telegram.Blocked: 1, telegram.Removed: 1, telegram.Unreadable: 1}
	if diff := cmp.Diff(wantDrops, drops); diff != "" {
		t.Error(diff)
	}
}

// Telegram throws away what lies before the number it is asked with: it is asked
// so only once that was kept.
func TestNothingIsConfirmedBeforeItIsKept(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for id := 1; id <= 5; id++ {
		f.say(id, alone, "Wort "+number(id))
	}
	full := errors.New("full")
	var kept listentest.Heard
	calls := 0
	err := f.open().Poll(t.Context(), "", func(ctx context.Context, events []lastword.Event, at string) error {
		if calls++; calls == 2 {
			return full
		}
		return kept.Hear(ctx, events, at)
	})
	if !errors.Is(err, full) {
		t.Fatalf("got %v", err)
	}
	rest, _ := poll(t, f.open(), kept.Cursor(""))
	if got := words(append(kept.Events(), rest.Events()...)); got != "Wort 1|Wort 2|Wort 3|Wort 4|Wort 5" {
		t.Errorf("heard %s", got)
	}
}

// After a week without anything new, numbers begin anew and may be lower.
func TestNumbersThatBeginAnew(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.say(1, alone, "eins")
	_, at := poll(t, f.open(), "")
	f.last = 10
	f.say(2, alone, "zwei")
	f.host.Now = func() time.Time { return f.now.Add(8 * 24 * time.Hour) }
	heard, _ := poll(t, f.open(), at)
	if got := words(heard.Events()); got != "zwei" {
		t.Errorf("heard %q", got)
	}
	if f.drops[telegram.Gap] != 1 {
		t.Errorf("the gap of a week is not told: %v", f.drops)
	}
}

func TestStreamWaits(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.say(1, alone, "eins")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var heard listentest.Heard
	err := f.open().(listen.Streamer).Stream(ctx, "", func(ctx context.Context, events []lastword.Event, at string) error {
		err := heard.Hear(ctx, events, at)
		switch len(heard.Events()) {
		case 1:
			f.say(2, alone, "zwei")
		case 2:
			cancel()
		}
		return err
	})
	if !errors.Is(err, context.Canceled) || words(heard.Events()) != "eins|zwei" {
		t.Errorf("heard %q, %v", words(heard.Events()), err)
	}
}

func TestWhatTelegramRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail func(w http.ResponseWriter, method string) bool
		is   error
		key  string
		wait time.Duration
	}{
		"token revoked": {func(w http.ResponseWriter, _ string) bool { refuse(w, 401, "Unauthorized", nil); return true }, lastword.ErrDenied, "connector.telegram.error.refused", 0},
		"no such bot":   {func(w http.ResponseWriter, _ string) bool { refuse(w, 404, "Not Found", nil); return true }, lastword.ErrDenied, "connector.telegram.error.refused", 0},
		"too much": {func(w http.ResponseWriter, _ string) bool {
			refuse(w, 429, "Too Many Requests: retry after 17", map[string]any{"retry_after": 17})
			return true
		}, lastword.ErrUnavailable, "", 17 * time.Second},
		"another fetches": {func(w http.ResponseWriter, method string) bool {
			if method == "getUpdates" {
				refuse(w, 409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", nil)
			}
			return method == "getUpdates"
		}, lastword.ErrUnavailable, "", 0},
		"broken": {func(w http.ResponseWriter, _ string) bool { w.WriteHeader(502); return true }, lastword.ErrUnavailable, "", 0},
		"a page": {func(w http.ResponseWriter, _ string) bool { _, _ = w.Write([]byte("<html>")); return true }, lastword.ErrUnavailable, "", 0},
		"a proxy's refusal": {func(w http.ResponseWriter, _ string) bool {
			http.Error(w, "<html>Forbidden", 403)
			return true
		}, lastword.ErrUnavailable, "", 0},
		"neither":  {func(w http.ResponseWriter, _ string) bool { _, _ = w.Write([]byte(`{}`)); return true }, lastword.ErrUnavailable, "", 0},
		"no array": {func(w http.ResponseWriter, _ string) bool { result(w, map[string]any{"a": 1}); return true }, lastword.ErrUnavailable, "", 0},
		"for ever the same": {func(w http.ResponseWriter, _ string) bool {
			result(w, []any{map[string]any{"message": 1}})
			return true
		}, lastword.ErrUnavailable, "", 0},
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
			if err != nil && strings.Contains(err.Error(), token[7:]) {
				t.Error("the error tells the token")
			}
		})
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for field, value := range map[string]string{"token": "secret", "channel": "unsere Neuigkeiten", "server": "ftp://x"} {
		_, err := telegram.New().Open(listen.Account{Settings: with2(map[string]string{"token": token}, field, value)}, f.host)
		var m *lastword.Mistake
		if !errors.As(err, &m) || m.Field != field {
			t.Errorf("%s %q: %v", field, value, err)
		}
	}
	f.open("channel", "https://t.me/lindnews")
	f.open("channel", "-1001234567890")
}

func with2(m map[string]string, field, value string) map[string]string { m[field] = value; return m }

// Updates are pushed where the settings say so, with a secret that follows from
// the token.
func TestPushed(t *testing.T) {
	t.Parallel()
	const hook = "https://hear.example/hook/7/x"
	f := newFake(t)
	src := f.open("webhook", "yes", "hook", hook)
	if _, streams := src.(listen.Streamer); streams {
		t.Fatal("a source to which updates are pushed fetches them")
	}
	_, at := poll(t, src, "")
	if f.hook["url"] != hook {
		t.Fatalf("set %v", f.hook)
	}
	_, at = poll(t, src, at)
	if n := len(slices.DeleteFunc(slices.Clone(f.asked), func(m string) bool { return m != "setWebhook" })); n != 1 {
		t.Errorf("set %d times", n)
	}
	var heard listentest.Heard
	send := func(secret, body string, hear listen.Hear) int {
		r := httptest.NewRequest(http.MethodPost, hook, strings.NewReader(body))
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
		w := httptest.NewRecorder()
		src.(listen.Receiver).Receive(w, r, at, hear)
		return w.Code
	}
	body := `{"update_id":5,"message":{"message_id":1,"from":{"id":5,"first_name":"Mia"},"chat":{"id":5,"type":"private"},"date":1441645532,"text":"Hallo"}}`
	good := telegram.Secret(token, hook)
	for secret, want := range map[string]int{"": 401, "falsch": 401, good: 200} {
		if got := send(secret, body, heard.Hear); got != want {
			t.Errorf("secret %q: %d", secret, got)
		}
	}
	if words(heard.Events()) != "Hallo" {
		t.Errorf("heard %+v", heard.Events())
	}
	full := func(context.Context, []lastword.Event, string) error { return errors.New("full") }
	if got := send(good, body, full); got != 503 {
		t.Errorf("what could not be kept is answered with %d", got)
	}
	if got := send(good, "kein JSON", heard.Hear); got != 200 || f.drops[telegram.Unreadable] != 1 {
		t.Errorf("what cannot be read is answered with %d, dropped %v", got, f.drops)
	}
	f.hook["last_error_date"], f.hook["pending_update_count"] = f.now.Unix()-60, 3
	err := src.Poll(t.Context(), at, heard.Hear)
	var m *lastword.Mistake
	if !errors.As(err, &m) || m.Key != "connector.telegram.error.unreached" || !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("updates that do not arrive: %v", err)
	}
}

// A bot whose updates are pushed to somebody else is not taken from them; from
// ourselves it is.
func TestTakenBot(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.hook["url"] = "https://shop.example/bot"
	err := f.open().Poll(t.Context(), "", new(listentest.Heard).Hear)
	if !errors.Is(err, lastword.ErrDenied) || f.hook["url"] == "" {
		t.Errorf("got %v, hook %v", err, f.hook)
	}
	f.hook["url"] = "https://hear.example/hook/7/x"
	src := f.open("hook", "https://hear.example/hook/7/x")
	if err := src.Poll(t.Context(), "", new(listentest.Heard).Hear); !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	f.say(1, alone, "eins")
	if heard, _ := poll(t, src, ""); words(heard.Events()) != "eins" {
		t.Errorf("heard %+v", heard.Events())
	}
}

func FuzzUpdate(f *testing.F) {
	raw, err := os.ReadFile("testdata/updates.json")
	if err != nil {
		f.Fatal(err)
	}
	var said struct{ Result []json.RawMessage }
	if err := json.Unmarshal(raw, &said); err != nil {
		f.Fatal(err)
	}
	for _, r := range said.Result {
		f.Add([]byte(r))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, heard, drop := telegram.DecodeUpdate(raw)
		if !heard {
			return
		}
		p := e.Post
		if drop != "" || p.Key == "" || p.Text == "" || p.SaidAt.IsZero() || p.Network != "telegram" || p.Author.Key == "" {
			t.Errorf("heard %+v, dropped %q", e, drop)
		}
		if p.URL != "" && !strings.HasPrefix(p.URL, "https://t.me/") || strings.ContainsAny(p.URL+p.Author.URL, " \"<>") {
			t.Errorf("address %q, %q", p.URL, p.Author.URL)
		}
	})
}
