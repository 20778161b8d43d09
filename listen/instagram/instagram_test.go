package instagram_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/internal/meta"
	"lastword/internal/metatest"
	"lastword/listen"
	"lastword/listen/instagram"
	"lastword/listen/listentest"
)

var now = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

const (
	at     = "graph.instagram.com/" + meta.Version + "/"
	secret = "geheim"
)

func settings() map[string]string {
	until := strconv.FormatInt(now.Add(50*24*time.Hour).Unix(), 10)
	return map[string]string{"app": "4711", "appsecret": secret, "token": "t", "until": until}
}

type world struct {
	*metatest.World
	t   *testing.T
	set map[string]string
}

func recorded(t testing.TB, name string) string {
	b, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func newWorld(t *testing.T) *world {
	w := &world{metatest.New(t), t, settings()}
	w.On("GET "+at+"me", func(r *http.Request, _ url.Values) (int, string) {
		if r.URL.Query().Get("access_token") != "t" {
			t.Errorf("asked %v", r.URL.Query())
		}
		return 200, `{"id":"26","user_id":"178414","username":"ahlenbach"}`
	})
	for _, name := range []string{"media", "tags", "conversations"} {
		w.Says("GET "+at+"me/"+name, recorded(t, name))
	}
	return w
}

func (w *world) open(now time.Time) (listen.Source, map[string]int) {
	w.t.Helper()
	host, drops, _ := listentest.Host(w.Client(), now)
	src, err := instagram.New().Open(listen.Account{Channel: 1, Settings: w.set, Hook: "https://lastword.example/hook/1/x"}, host)
	if err != nil {
		w.t.Fatal(err)
	}
	return src, drops
}

func byKey(events []lastword.Event) map[string]lastword.Event {
	m := map[string]lastword.Event{}
	for _, e := range events {
		m[e.Post.Key] = e
	}
	return m
}

func TestThePromisesOfAConnector(t *testing.T) {
	t.Parallel()
	listentest.Exercise(t, instagram.New(), settings())
	for field, value := range map[string]string{"app": "my app", "first": "both", "human": "maybe"} {
		set := settings()
		set[field] = value
		var m *lastword.Mistake
		if _, err := instagram.New().Open(listen.Account{Settings: set}, listen.Host{}); !errors.As(err, &m) || m.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	src, _ := newWorld(t).open(now)
	var m *lastword.Mistake
	if _, err := src.(listen.Publisher).Publish(t.Context(), listen.Reply{Text: "Neu."}); !errors.As(err, &m) || m.Key != "why.instagram_media" {
		t.Errorf("without a picture: %v", err)
	}
}

func TestThePromisesOfASource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Says("GET "+at+"me/tags", `{"data":[]}`)
	w.Says("GET "+at+"me/conversations", `{"data":[]}`)
	var mu sync.Mutex
	n := 120
	w.On("GET "+at+"me/media", func(r *http.Request, _ url.Values) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		from := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("after"), &from)
		to := min(from+25, n)
		var all []any
		for i := from; i < to; i++ {
			k := n - 1 - i
			said := now.Add(time.Duration(k-10_000) * time.Minute).Format("2006-01-02T15:04:05-0700")
			comment := map[string]any{"id": fmt.Sprintf("c%d", k), "text": "Dazu", "timestamp": said, "username": "x"}
			all = append(all, map[string]any{"id": fmt.Sprint(k), "caption": fmt.Sprint("Nummer ", k), "timestamp": said, "comments": map[string]any{"data": []any{comment}}})
		}
		paging := map[string]any{"cursors": map[string]string{"after": fmt.Sprint(to)}}
		if to < n {
			paging["next"] = "https://graph.instagram.com/next"
		}
		return 200, metatest.Encode(map[string]any{"data": all, "paging": paging})
	})
	listentest.ExerciseSource(t, listentest.Place{
		Network: instagram.Name,
		Open:    func() listen.Source { src, _ := w.open(now); return src },
		Grow:    func() { mu.Lock(); n += 30; mu.Unlock() },
	})
}

func TestDocumentedAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src, drops := w.open(now)
	var h listentest.Heard
	if err := src.Poll(t.Context(), "", h.Hear); err != nil {
		t.Fatal(err)
	}
	all := byKey(h.Events())
	if len(all) != 9 || len(drops) != 0 {
		t.Fatalf("%d: %v, drops %v", len(all), h.Events(), drops)
	}
	const tom, ours, ina, uwe = "17870000000000001", "17870000000000002", "17870000000000003", "17870000000000004"
	if p := all[tom].Post; p.Author.Key != "900001" || p.Author.Handle != "tomweber" || p.Parent != "17900000000000001" || p.URL != "https://www.instagram.com/p/ABC/" || p.Own || p.Private {
		t.Errorf("Tom: %+v", p)
	}
	if p := all[ours].Post; !p.Own || p.Parent != tom || p.Root != "17900000000000001" {
		t.Errorf("ours: %+v", p)
	}
	if p := all[uwe].Post; !p.Private || p.Author.Key != "@uwe_k" {
		t.Errorf("hidden: %+v", p)
	}
	if p := all["mention/17900000000000009"].Post; p.Own || p.Author.Handle != "wanderverein" {
		t.Errorf("mention: %+v", p)
	}
	if p := all["message/aWdfZAG1faXRlbToy"].Post; !p.Own || !p.Private || p.Parent != "message/aWdfZAG1faXRlbTox" {
		t.Errorf("our message: %+v", p)
	}
	// Tom's comment is gone with all below it.
	w.Says("GET "+at+"me/media", `{"data":[{"id":"17900000000000001","caption":"Unsere neue Sohle.","timestamp":"2026-11-20T08:00:00+0000","comments":{"data":[
		{"id":"17870000000000004","username":"uwe_k","text":"Zu teuer.","timestamp":"2026-11-20T14:00:00+0000","hidden":true},{"id":"a/b","text":"x"}]}},null]}`)
	w.Refuses("GET "+at+"me/conversations", 400, 10, 0)
	w.Refuses("GET "+at+ina, 403, 10, 0)
	blind, drops := w.open(now.Add(2 * time.Hour))
	var none listentest.Heard
	if err := blind.Poll(t.Context(), h.Cursor(""), none.Hear); err != nil || len(none.Events()) != 0 || drops["right-missing"] != 1 {
		t.Errorf("while a list is refused: %v, %v, drops %v", none.Events(), err, drops)
	}
	w.Says("GET "+at+"me/conversations", `{"data":[]}`)
	later, drops := w.open(now.Add(2 * time.Hour))
	var more listentest.Heard
	if err := later.Poll(t.Context(), h.Cursor(""), more.Hear); err != nil {
		t.Fatal(err)
	}
	got := byKey(more.Events())
	if len(got) != 2 || got[tom].Op != lastword.Deleted || got[ours].Op != lastword.Deleted || drops["comment-unreadable"] != 1 || drops["post-unreadable"] != 1 {
		t.Errorf("later: %v, drops %v", more.Events(), drops)
	}
}

func TestBadDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, at, body string
		status         int
		kind           error
		key            string
	}{
		{"expired", "me", metatest.Refusal(190, 463), 401, lastword.ErrDenied, "connector.meta.error.signin-again"},
		{"no professional account", "me", `{"id":"26"}`, 200, lastword.ErrDenied, "connector.instagram.error.account"},
		{"scope", "me/media", metatest.Refusal(10, 0), 400, lastword.ErrDenied, "connector.meta.error.scope"},
		{"rate", "me/media", metatest.Refusal(4, 0), 400, lastword.ErrUnavailable, ""},
		{"down", "me/media", `<html>`, 503, lastword.ErrUnavailable, ""},
		{"half", "me/conversations", `{"data":[`, 200, lastword.ErrUnavailable, ""},
	} {
		w := newWorld(t)
		w.On("GET "+at+c.at, func(*http.Request, url.Values) (int, string) { return c.status, c.body })
		src, _ := w.open(now)
		var h listentest.Heard
		err := src.Poll(t.Context(), "", h.Hear)
		var m *lastword.Mistake
		if !errors.Is(err, c.kind) || errors.As(err, &m) != (c.key != "") || c.key != "" && m.Key != c.key {
			t.Errorf("%s: %v", c.name, err)
		}
		if _, waits := httpx.RetryAfter(err); waits != (c.name == "rate") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestPushes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.set["hooksecret"] = "der App"
	src, _ := w.open(now)
	push := func(body, key string, hear listen.Hear) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hook/1/x", strings.NewReader(body))
		r.Header.Set("X-Hub-Signature-256", metatest.Sign(key, body))
		rec := httptest.NewRecorder()
		src.(listen.Receiver).Receive(rec, r, "c", hear)
		return rec.Code
	}
	body := recorded(t, "push")
	for _, key := range []string{secret, "der App"} {
		var h listentest.Heard
		if code := push(body, key, h.Hear); code != 200 || h.Cursor("") != "c" {
			t.Fatal(code)
		}
		got := h.Events()
		if len(got) != 4 || got[0].Post.Author.Handle != "paul" || !got[0].Post.SaidAt.Equal(time.Unix(1796120000, 0)) || !got[1].Post.Own || got[1].Post.Parent != got[0].Post.Key ||
			!got[2].Post.Private || got[3].Op != lastword.Deleted || got[3].Post.Key != got[2].Post.Key {
			t.Errorf("%+v", got)
		}
	}
	var h listentest.Heard
	if code := push(body, "anders", h.Hear); code != 401 || len(h.Batches) != 0 {
		t.Errorf("forged: %d", code)
	}
	if other := strings.Replace(body, `"id":"178414","time"`, `"id":"178415","time"`, 1); push(other, secret, h.Hear) != 200 || len(h.Batches) != 0 {
		t.Errorf("another account: %v", h.Batches)
	}
	w.Refuses("GET "+at+"me", 500, 2, 0)
	src, _ = w.open(now)
	if code := push(body, secret, h.Hear); code != 503 || len(h.Batches) != 0 {
		t.Errorf("Instagram does not say who we are: %d", code)
	}
}

func TestWays(t *testing.T) {
	t.Parallel()
	comment := func(age time.Duration, ref string) lastword.Post {
		return lastword.Post{Key: "17", Ref: ref, SaidAt: now.Add(-age)}
	}
	message := func(age time.Duration) lastword.Post {
		return lastword.Post{Key: "message/m", Ref: `{"k":"message","p":"9"}`, SaidAt: now.Add(-age)}
	}
	hour, day := time.Hour, 24*time.Hour
	for _, c := range []struct {
		name  string
		to    lastword.Post
		set   map[string]string
		first string
		why   string
	}{
		{"a comment", comment(hour, `{"k":"comment","t":"17"}`), nil, "public", ""},
		{"private first", comment(hour, `{"k":"comment","t":"17"}`), map[string]string{"first": "private"}, "private", ""},
		{"after a week", comment(8*day, `{"k":"comment","t":"17"}`), map[string]string{"first": "private"}, "public", ""},
		{"hidden", comment(hour, `{"k":"comment","t":"17","h":true}`), nil, "private", ""},
		{"hidden for long", comment(8*day, `{"k":"comment","t":"17","h":true}`), nil, "closed", "why.instagram_hidden"},
		{"a mention", lastword.Post{Key: "mention/1", Ref: `{"k":"mention"}`, URL: "https://www.instagram.com/p/XYZ/"}, nil, "hand", "why.instagram_mention"},
		{"a message", message(hour), nil, "private", ""},
		{"of yesterday", message(30 * hour), nil, "hand", "why.instagram_window"},
		{"with human agent", message(30 * hour), map[string]string{"human": "yes"}, "private", ""},
		{"without a ref", lastword.Post{Key: "17"}, nil, "closed", "why.by_hand"},
	} {
		w := newWorld(t)
		for k, v := range c.set {
			w.set[k] = v
		}
		src, _ := w.open(now)
		first, why := "closed", ""
		for _, o := range src.(listen.Chooser).Options(c.to) {
			if why == "" {
				why = o.Why
			}
			if o.Open(now) {
				first, why = "public", o.Why
				if o.Private {
					first = "private"
				}
				if o.ByHand {
					first = "hand"
				}
				break
			}
			if o.Why != "" {
				why = o.Why
			}
		}
		if first != c.first || why != c.why {
			t.Errorf("%s: %s %q, want %s %q", c.name, first, why, c.first, c.why)
		}
	}
}

func TestAnswering(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src, _ := w.open(now)
	var there []map[string]any
	var mu sync.Mutex
	w.On("GET "+at+"17/replies", func(*http.Request, url.Values) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		return 200, metatest.Encode(map[string]any{"data": there})
	})
	w.On("POST "+at+"17/replies", func(_ *http.Request, form url.Values) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		there = append(there, map[string]any{"id": fmt.Sprint("5", len(there)), "text": form.Get("message"), "username": "ahlenbach", "timestamp": "2026-11-28T09:00:00+0000"})
		return 200, fmt.Sprintf(`{"id":"5%d"}`, len(there)-1)
	})
	to := lastword.Post{Key: "18", Ref: `{"k":"comment","t":"17"}`, SaidAt: now.Add(-time.Hour), Author: lastword.Author{Key: "900002", Handle: "ina.l"}, URL: "https://www.instagram.com/p/ABC/"}
	a := listen.Reply{Key: "1", Made: now, Text: "Ja, ab Oktober."}
	got, err := src.(listen.Replier).Reply(t.Context(), to, a)
	if err != nil || got.Key != "50" || there[0]["text"] != "@ina.l Ja, ab Oktober." {
		t.Fatalf("%+v, %v, %v", got, err, there)
	}
	if again, err := src.(listen.Replier).Reply(t.Context(), to, a); err != nil || again != got || len(there) != 1 {
		t.Errorf("again: %+v, %v", again, err)
	}
	if found, ok, err := src.(listen.Finder).FindReply(t.Context(), to, a); err != nil || !ok || found != got {
		t.Errorf("FindReply: %+v, %v, %v", found, ok, err)
	}
	for code, want := range map[int]error{100: lastword.ErrInvalid, 10: lastword.ErrDenied, 4: lastword.ErrUnavailable} {
		w.Refuses("POST "+at+"17/replies", 400, code, 0)
		if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Text: fmt.Sprint(code)}); !errors.Is(err, want) {
			t.Errorf("%d: %v", code, err)
		}
	}
	w.Refuses("POST "+at+"17/replies", 400, 100, 33)
	if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Text: "Weg?"}); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("gone: %v", err)
	}
	sent := ""
	w.On("POST "+at+"me/messages", func(_ *http.Request, form url.Values) (int, string) {
		sent = form.Get("json")
		return 200, `{"recipient_id":"900003","message_id":"aWdfNA"}`
	})
	talk := lastword.Post{Key: "message/aWdfZAG1faXRlbToz", Ref: `{"k":"message","p":"900003"}`, SaidAt: now.Add(-time.Hour), Private: true}
	if got, err := src.(listen.Replier).Reply(t.Context(), talk, listen.Reply{Text: "Bis 47."}); err != nil || got.Key != "message/aWdfNA" || !strings.Contains(sent, `"recipient":{"id":"900003"}`) {
		t.Errorf("%+v, %v, %s", got, err, sent)
	}
	if _, err := src.(listen.Replier).Reply(t.Context(), talk, listen.Reply{Text: strings.Repeat("ä", 501)}); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("1002 bytes: %v", err)
	}
	w.Refuses("POST "+at+"me/messages", 400, 10, 2534022)
	var m *lastword.Mistake
	if _, err := src.(listen.Replier).Reply(t.Context(), talk, listen.Reply{Text: "Spät."}); !errors.As(err, &m) || m.Key != "connector.meta.error.window" {
		t.Errorf("outside the window: %v", err)
	}
	w.Says("DELETE "+at+"50", `{"success":true}`)
	if _, changes := src.(listen.Editor); changes {
		t.Error("what was said on Instagram can be changed")
	}
	editor := src.(listen.Remover)
	if err := editor.Remove(t.Context(), "50"); err != nil {
		t.Error(err)
	}
	if err := editor.Remove(t.Context(), "message/aWdfNA"); !errors.As(err, &m) || m.Key != "why.meta_message_stays" {
		t.Error(err)
	}
	if err := editor.Remove(t.Context(), "51"); !errors.Is(err, lastword.ErrGone) {
		t.Error(err)
	}
}

func TestSigningIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, _, _ := listentest.Host(w.Client(), now)
	signin, acct := instagram.New().(listen.Authorizer), listen.Account{Settings: map[string]string{"app": "4711", "appsecret": secret}}
	where, kept, err := signin.Authorize(t.Context(), acct, host, "https://lastword.example/back", "state")
	if err != nil || !strings.HasPrefix(where, "https://www.instagram.com/oauth/authorize?") || strings.Contains(where, secret) {
		t.Fatalf("%s, %v", where, err)
	}
	answer := `{"access_token":"kurz","user_id":178414,"permissions":["instagram_business_basic","instagram_business_manage_comments"]}`
	w.On("POST api.instagram.com/oauth/access_token", func(_ *http.Request, form url.Values) (int, string) {
		if form.Get("code") != "c" || form.Get("client_secret") != secret {
			t.Errorf("%v", form)
		}
		return 200, answer
	})
	w.On("GET graph.instagram.com/access_token", func(r *http.Request, _ url.Values) (int, string) {
		if q := r.URL.Query(); q.Get("access_token") != "kurz" || q.Get("grant_type") != "ig_exchange_token" {
			t.Errorf("%v", q)
		}
		return 200, `{"access_token":"lang","token_type":"bearer","expires_in":5184000}`
	})
	back := url.Values{"code": {"c#_"}}
	set, err := signin.Exchange(t.Context(), acct, host, "https://lastword.example/back", kept, back)
	if err != nil || set["token"] != "lang" || set["until"] != strconv.FormatInt(now.Add(60*24*time.Hour).Unix(), 10) || set["scope"] != "instagram_business_basic,instagram_business_manage_comments" {
		t.Fatalf("%v, %v", set, err)
	}
	answer = `{"access_token":"kurz","user_id":178414,"permissions":"instagram_business_basic,instagram_business_manage_comments"}`
	if again, err := signin.Exchange(t.Context(), acct, host, "", kept, back); err != nil || again["scope"] != set["scope"] {
		t.Errorf("permissions as text: %v, %v", again, err)
	}
	var m *lastword.Mistake
	w.On("POST api.instagram.com/oauth/access_token", func(*http.Request, url.Values) (int, string) {
		return 400, `{"error_type":"OAuthException","code":400,"error_message":"Invalid client_secret"}`
	})
	if _, err := signin.Exchange(t.Context(), acct, host, "", kept, back); !errors.As(err, &m) || m.Key != "connector.meta.error.app" {
		t.Errorf("%v", err)
	}
	for k, v := range set {
		w.set[k] = v
	}
	w.Says("GET "+at+"me", `{"id":"26","user_id":"178414","username":"ahlenbach"}`)
	w.Says("GET "+at+"me/subscribed_apps", `{"data":[{"subscribed_fields":["comments","messages"]}]}`)
	pushes := 0
	w.On("POST "+at+"me/subscribed_apps", func(_ *http.Request, form url.Values) (int, string) {
		pushes++
		if form.Get("subscribed_fields") != "comments,messages" {
			t.Errorf("%v", form)
		}
		return 200, `{"success":true}`
	})
	host.Keep = func(_ context.Context, s map[string]string) error { maps.Copy(w.set, s); return nil }
	var src listen.Source
	for range 2 { // it is asked to push once
		if src, err = instagram.New().Open(listen.Account{Channel: 1, Settings: w.set, Hook: "https://lastword.example/hook/1/x"}, host); err != nil {
			t.Fatal(err)
		}
		var h listentest.Heard
		if err := src.Poll(t.Context(), "", h.Hear); err != nil || pushes != 1 || w.set["pushed"] != "178414" {
			t.Errorf("%v, asked to push %d times", err, pushes)
		}
	}
	all, err := src.(listen.Checker).Check(t.Context())
	can := map[string]listen.Ability{}
	for _, a := range all {
		can[a.Name] = a
	}
	if err != nil || !can["hear"].Can || !can["stream"].Can || can["message"].Can || can["publish"].Can || can["publish"].Why != "connector.meta.error.scope" || !can["hear"].Until.IsZero() {
		t.Errorf("%+v, %v", all, err)
	}
}

func FuzzReadMedia(f *testing.F) {
	var got struct{ Data []json.RawMessage }
	if err := json.Unmarshal([]byte(recorded(f, "media")), &got); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(got.Data[0]))
	f.Add([]byte(`{"id":"1","text":"x","timestamp":1,"parent_id":"2","from":{"id":"3"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if m, ok := instagram.ReadMedia(raw); ok && (!meta.ID(m.ID) || m.Timestamp.IsZero()) {
			t.Errorf("%q: %+v", raw, m)
		}
		if c, ok := instagram.ReadComment(raw); ok && (!meta.ID(c.ID) || strings.ContainsAny(c.ParentID+c.From.ID, "/?# ") || c.Timestamp.IsZero()) {
			t.Errorf("%q: %+v", raw, c)
		}
		e, ok := instagram.ReadChange(meta.Change{Field: "comments", Value: raw}, meta.Time{Time: now})
		if ok && (!meta.ID(e.Post.Key) || !meta.ID(e.Post.Root)) {
			t.Errorf("%q: %+v", raw, e)
		}
	})
}

// Instagram fetches pictures from us, one or several in a row, before the post is
// published, once.
func TestPublishing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Says("GET "+at+"me/media", `{"data":[]}`)
	var made []url.Values
	w.On("POST "+at+"me/media", func(_ *http.Request, form url.Values) (int, string) {
		made = append(made, form)
		return 200, fmt.Sprintf(`{"id":"60%d"}`, len(made))
	})
	state := "FINISHED"
	for i := range 9 {
		w.On(fmt.Sprint("GET "+at+"60", i), func(*http.Request, url.Values) (int, string) { return 200, `{"status_code":"` + state + `"}` })
	}
	published := ""
	w.On("POST "+at+"me/media_publish", func(_ *http.Request, form url.Values) (int, string) {
		published += form.Get("creation_id") + " "
		return 200, `{"id":"900"}`
	})
	w.Says("GET "+at+"900", `{"id":"900","permalink":"https://www.instagram.com/p/abc/"}`)
	src, _ := w.open(now)
	if m := src.(listen.Mannered).Manner(t.Context()); !m.Pictured || m.Pictures != 10 || m.Limit != 2200 {
		t.Errorf("manner %+v", m)
	}
	post := src.(listen.Poster).Post
	p := listen.Post{Key: "1", Made: now, Parts: []string{"Der neue Schuh."}, Pictures: []listen.Picture{{Picture: lastword.Picture{Alt: "Ein Schuh"}, URL: "https://hear.example/shown/1/a/x.jpg"}}}
	got, err := post(t.Context(), p)
	if err != nil || got[0].Key != "900" || got[0].URL != "https://www.instagram.com/p/abc/" || published != "601 " {
		t.Fatalf("%+v, %v, %s", got, err, published)
	}
	if f := made[0]; f.Get("image_url") != p.Pictures[0].URL || f.Get("caption") != "Der neue Schuh." || f.Get("alt_text") != "Ein Schuh" || f.Get("is_carousel_item") != "" {
		t.Errorf("one: %v", f)
	}
	p.Pictures = append(p.Pictures, listen.Picture{URL: "https://hear.example/shown/1/b/x.jpg"})
	if _, err := post(t.Context(), p); err != nil || published != "601 604 " {
		t.Fatalf("two: %v, %s", err, published)
	}
	if f := made[3]; f.Get("media_type") != "CAROUSEL" || f.Get("children") != "602,603" || f.Get("caption") != "Der neue Schuh." || made[1].Get("is_carousel_item") != "true" || made[1].Get("caption") != "" {
		t.Errorf("in a row: %v", made[1:])
	}
	state = "ERROR"
	var m *lastword.Mistake
	if _, err := post(t.Context(), p); !errors.As(err, &m) || m.Key != "why.instagram_picture" || published != "601 604 " {
		t.Errorf("a picture that is not taken: %v", err)
	}
	w.Says("GET "+at+"me/media", `{"data":[{"id":"900","caption":"Der neue Schuh.","permalink":"https://www.instagram.com/p/abc/","timestamp":"2026-11-28T09:00:00+0000","username":"ahlenbach"}]}`)
	if got, err := post(t.Context(), p); err != nil || got[0].Key != "900" || len(made) != 5 {
		t.Errorf("again: %+v, %v, %d containers", got, err, len(made))
	}
	w.Says("GET "+at+"me/media", `{"data":[]}`)
	for name, c := range map[string]struct {
		pictures []listen.Picture
		want     string
	}{"none": {nil, "why.instagram_media"}, "out of reach": {[]listen.Picture{{}}, "why.instagram_unreachable"}} {
		p.Pictures = c.pictures
		if _, err := post(t.Context(), p); !errors.As(err, &m) || m.Key != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	p.Pictures = make([]listen.Picture, 11)
	if _, err := post(t.Context(), p); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("eleven: %v", err)
	}
	host, _, _ := listentest.Host(w.Client(), now)
	inside, err := instagram.New().Open(listen.Account{Channel: 1, Settings: w.set}, host)
	if err != nil {
		t.Fatal(err)
	}
	if _, publishes := inside.(listen.Publisher); publishes {
		t.Error("nobody outside reaches us, and yet it publishes")
	}
}
