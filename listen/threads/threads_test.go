package threads_test

import (
	"encoding/json"
	"errors"
	"fmt"
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
	"lastword/internal/meta"
	"lastword/internal/metatest"
	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/threads"
)

var now = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

const (
	host   = "graph.threads.net/"
	at     = host + "v1.0/"
	secret = "geheim"
)

func settings() map[string]string {
	return map[string]string{"app": "4711", "appsecret": secret, "token": "t", "until": strconv.FormatInt(now.Add(50*24*time.Hour).Unix(), 10), "words": "Wanderschuhe"}
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
		return 200, `{"id":"3","username":"ahlenbach"}`
	})
	w.Says("GET "+at+"me/threads", recorded(t, "threads"))
	w.Says("GET "+at+"3001/conversation", recorded(t, "conversation"))
	w.Says("GET "+at+"me/mentions", recorded(t, "mentions"))
	w.Says("GET "+at+"me/replies", `{"data":[]}`)
	w.On("GET "+at+"keyword_search", func(r *http.Request, _ url.Values) (int, string) {
		if q := r.URL.Query(); q.Get("q") != "Wanderschuhe" || q.Get("search_type") != "RECENT" {
			t.Errorf("asked %v", q)
		}
		return 200, recorded(t, "found")
	})
	return w
}

func (w *world) open(now time.Time) (listen.Source, map[string]int) {
	w.t.Helper()
	h, drops, _ := listentest.Host(w.Client(), now)
	src, err := threads.New().Open(listen.Account{Channel: 1, Settings: w.set, Hook: "https://lastword.example/hook/1/x"}, h)
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
	listentest.Exercise(t, threads.New(), settings())
	for field, value := range map[string]string{"app": "my app", "words": "a,b,c,d,e,f,g,h,i,j,k"} {
		set := settings()
		set[field] = value
		var m *lastword.Mistake
		if _, err := threads.New().Open(listen.Account{Settings: set}, listen.Host{}); !errors.As(err, &m) || m.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestThePromisesOfASource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.set["words"] = ""
	w.Says("GET "+at+"me/mentions", `{"data":[]}`)
	var mu sync.Mutex
	n := 230
	w.On("GET "+at+"me/threads", func(r *http.Request, _ url.Values) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		from := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("after"), &from)
		to := min(from+50, n)
		var all []any
		for i := from; i < to; i++ {
			k := n - 1 - i
			all = append(all, map[string]any{"id": fmt.Sprint(k), "text": fmt.Sprint("Nummer ", k), "username": "ahlenbach",
				"timestamp": now.Add(time.Duration(k-10_000) * time.Minute).Format("2006-01-02T15:04:05-0700")})
		}
		paging := map[string]any{"cursors": map[string]string{"after": fmt.Sprint(to)}}
		if to < n {
			paging["next"] = "https://graph.threads.net/next"
		}
		return 200, metatest.Encode(map[string]any{"data": all, "paging": paging})
	})
	listentest.ExerciseSource(t, listentest.Place{
		Network: threads.Name,
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
	if len(all) != 7 || len(drops) != 0 {
		t.Fatalf("%d: %v, drops %v", len(all), h.Events(), drops)
	}
	if p := all["3101"].Post; p.Parent != "3001" || p.Root != "3001" || p.Author.Key != "tomweber" || p.Author.URL != "https://www.threads.com/@tomweber" || p.Own || p.Private {
		t.Errorf("Tom: %+v", p)
	}
	if p := all["3102"].Post; !p.Own || p.Parent != "3101" {
		t.Errorf("ours: %+v", p)
	}
	if !all["3103"].Post.Private {
		t.Errorf("hidden: %+v", all["3103"].Post)
	}
	choose := src.(listen.Chooser)
	for key, want := range map[string]string{"3101": "", "4001": "", "5001": "why.threads_stranger", "3001": "why.by_hand"} {
		if o := choose.Options(all[key].Post)[0]; o.Why != want || o.ByHand != (key == "5001") || o.Closed != (key == "3001") {
			t.Errorf("%s: %+v", key, o)
		}
	}
	// Tom has taken his reply back; Uwe's is there, so that we know that it could be shown.
	w.Says("GET "+at+"3001/conversation", `{"data":[{"id":"3103","text":"Zu teuer.","username":"uwe_k","hide_status":"HIDDEN","timestamp":"2026-11-20T14:00:00+0000","root_post":{"id":"3001"},"replied_to":{"id":"3001"}},{"id":"a/b"}]}`)
	for _, id := range []string{"3102", "3103", "4001", "5001"} {
		w.Says("GET "+at+id, `{"id":"`+id+`"}`)
	}
	later, drops := w.open(now.Add(2 * time.Hour))
	var more listentest.Heard
	if err := later.Poll(t.Context(), h.Cursor(""), more.Hear); err != nil {
		t.Fatal(err)
	}
	if got := more.Events(); len(got) != 1 || got[0].Op != lastword.Deleted || got[0].Post.Key != "3101" || drops["post-unreadable"] != 1 {
		t.Errorf("later: %v, drops %v", got, drops)
	}
}

// Where Threads shows no reply of others one by one, that one is not shown says
// nothing.
func TestNobodyIsSaidToHaveDeleted(t *testing.T) {
	t.Parallel()
	for name, conversation := range map[string]string{
		"not shown": `{"data":[{"id":"3103","text":"Zu teuer.","username":"uwe_k","hide_status":"HIDDEN","timestamp":"2026-11-20T14:00:00+0000","root_post":{"id":"3001"}}]}`, "none listed": `{"data":[]}`,
	} {
		w := newWorld(t)
		src, _ := w.open(now)
		var h, more listentest.Heard
		if err := src.Poll(t.Context(), "", h.Hear); err != nil {
			t.Fatal(err)
		}
		w.Says("GET "+at+"3001/conversation", conversation)
		w.Refuses("GET "+at+"me/mentions", 400, 10, 0)
		later, drops := w.open(now.Add(2 * time.Hour))
		if err := later.Poll(t.Context(), h.Cursor(""), more.Hear); err != nil || len(more.Events()) != 0 || drops["right-missing"] != 1 {
			t.Errorf("%s: %v, %v, drops %v", name, more.Events(), err, drops)
		}
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
		{"nobody", "me", `{}`, 200, lastword.ErrUnavailable, ""},
		{"scope", "me/threads", metatest.Refusal(10, 0), 400, lastword.ErrDenied, "connector.meta.error.scope"},
		{"no right to a conversation", "3001/conversation", metatest.Refusal(10, 0), 400, lastword.ErrDenied, "connector.meta.error.scope"},
		{"rate", "me/mentions", metatest.Refusal(4, 0), 400, lastword.ErrUnavailable, ""},
		{"down", "keyword_search", `<html>`, 502, lastword.ErrUnavailable, ""},
		{"half", "me/replies", `{"data":[`, 200, lastword.ErrUnavailable, ""},
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
	}
}

func TestPushes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src, _ := w.open(now)
	push := func(body, key string) (int, []lastword.Event) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hook/1/x", strings.NewReader(body))
		r.Header.Set("X-Hub-Signature-256", metatest.Sign(key, body))
		rec := httptest.NewRecorder()
		var h listentest.Heard
		src.(listen.Receiver).Receive(rec, r, "c", h.Hear)
		return rec.Code, h.Events()
	}
	body := recorded(t, "push")
	code, got := push(body, secret)
	if code != 200 || len(got) != 1 || got[0].Post.Key != "8901234" || got[0].Post.Parent != "567890" || got[0].Post.Root != "123456" || got[0].Post.Text != "Reply" ||
		!got[0].Post.SaidAt.Equal(time.Date(2024, 8, 7, 10, 33, 16, 0, time.UTC)) {
		t.Errorf("%d, %+v", code, got)
	}
	if code, got := push(body, "anders"); code != 401 || len(got) != 0 {
		t.Errorf("forged: %d, %v", code, got)
	}
	list := `{"target_id":"3","values":[{"field":"mentions","value":{"id":"4002","username":"a","text":"@ahlenbach hallo","timestamp":"2026-11-28T08:00:00+0000"}},{"field":"delete","value":{"id":"3001","deleted_at":1}},{"field":"likes","value":{"id":"1","text":"x","timestamp":1}}]}`
	if code, got := push(list, secret); code != 200 || len(got) != 2 || got[1].Op != lastword.Deleted || got[0].Post.Ref != `{"k":"mention"}` {
		t.Errorf("%d, %+v", code, got)
	}
	for _, junk := range []string{"", "null", "[]", `{"values":7}`, `{"values":{"field":"replies","value":[]}}`} {
		if code, got := push(junk, secret); code != 200 || len(got) != 0 {
			t.Errorf("%q: %d, %v", junk, code, got)
		}
	}
	w.Refuses("GET "+at+"me", 500, 2, 0)
	src, _ = w.open(now)
	if code, _ := push(body, secret); code != 503 {
		t.Errorf("Threads does not say who we are: %d", code)
	}
}

// publisher lets a world publish, and returns what was published.
func (w *world) publisher() *[]map[string]any {
	var mu sync.Mutex
	var there []map[string]any
	made := map[string]url.Values{}
	w.On("POST "+at+"me/threads", func(_ *http.Request, form url.Values) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		id := fmt.Sprint("77", len(made))
		made[id] = form
		return 200, `{"id":"` + id + `"}`
	})
	w.On("POST "+at+"me/threads_publish", func(_ *http.Request, form url.Values) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		f := made[form.Get("creation_id")]
		id := fmt.Sprint("88", len(there))
		there = append(there, map[string]any{"id": id, "text": f.Get("text"), "username": "ahlenbach", "timestamp": now.Format("2006-01-02T15:04:05-0700"),
			"permalink": "https://www.threads.com/@ahlenbach/post/" + id, "replied_to": map[string]string{"id": f.Get("reply_to_id")}})
		w.Says("GET "+at+id, `{"id":"`+id+`","permalink":"https://www.threads.com/@ahlenbach/post/`+id+`"}`)
		return 200, `{"id":"` + id + `"}`
	})
	for _, path := range []string{"me/threads", "me/replies"} {
		w.On("GET "+at+path, func(r *http.Request, _ url.Values) (int, string) {
			mu.Lock()
			defer mu.Unlock()
			var all []map[string]any
			for _, p := range there {
				if (p["replied_to"].(map[string]string)["id"] == "") == (path == "me/threads") {
					all = append(all, p)
				}
			}
			return 200, metatest.Encode(map[string]any{"data": all})
		})
	}
	return &there
}

func TestAnswering(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	there := w.publisher()
	src, _ := w.open(now)
	to := lastword.Post{Key: "3101", Ref: `{"k":"reply"}`, SaidAt: now.Add(-time.Hour)}
	a := listen.Reply{Key: "1", Made: now, Text: "Ja, ab Oktober."}
	got, err := src.(listen.Replier).Reply(t.Context(), to, a)
	if err != nil || got.Key != "880" || got.URL != "https://www.threads.com/@ahlenbach/post/880" {
		t.Fatalf("%+v, %v", got, err)
	}
	if again, err := src.(listen.Replier).Reply(t.Context(), to, a); err != nil || again != got || len(*there) != 1 {
		t.Errorf("again: %+v, %v", again, err)
	}
	other := to
	other.Key = "3999"
	if _, found, err := src.(listen.Finder).FindReply(t.Context(), other, a); err != nil || found {
		t.Errorf("the same words below another post: %v, %v", found, err)
	}
	if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Text: strings.Repeat("x", 497) + "👟"}); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("an emoji too many: %v", err)
	}
	var m *lastword.Mistake
	if _, err := src.(listen.Replier).Reply(t.Context(), lastword.Post{Key: "5001", Ref: `{"k":"found"}`}, a); !errors.As(err, &m) || m.Key != "why.threads_stranger" {
		t.Errorf("a stranger: %v", err)
	}
	w.Refuses("POST "+at+"me/threads_publish", 400, 24, 4279009)
	if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Text: "Gleich."}); !errors.Is(err, lastword.ErrUnavailable) || errors.Is(err, lastword.ErrGone) {
		t.Errorf("not ready: %v", err)
	}
	for code, want := range map[int]error{100: lastword.ErrInvalid, 10: lastword.ErrDenied, 4: lastword.ErrUnavailable, 190: lastword.ErrDenied} {
		w.Refuses("POST "+at+"me/threads", 400, code, 0)
		if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Text: fmt.Sprint(code)}); !errors.Is(err, want) {
			t.Errorf("%d: %v", code, err)
		}
	}
	w.Refuses("POST "+at+"me/threads", 400, 100, 33)
	if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Text: "Weg?"}); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("gone: %v", err)
	}
	if _, changes := src.(listen.Editor); changes {
		t.Error("what was said on Threads can be changed")
	}
	editor := src.(listen.Remover)
	w.Says("DELETE "+at+"880", `{"success":true}`)
	if err := editor.Remove(t.Context(), "880"); err != nil {
		t.Error(err)
	}
	if err := editor.Remove(t.Context(), "../me"); !errors.Is(err, lastword.ErrInvalid) {
		t.Error(err)
	}
}

func TestAThreadIsPublishedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	there := w.publisher()
	src, _ := w.open(now)
	long := strings.TrimSpace(strings.Repeat("Unsere neue Sohle hält länger als jede zuvor. 👟 ", 30))
	a := listen.Reply{Key: "1", Made: now, Text: long}
	first, err := src.(listen.Publisher).Publish(t.Context(), a)
	if err != nil || first.Key != "880" || len(*there) < 3 {
		t.Fatalf("%+v, %v, %d posts", first, err, len(*there))
	}
	var all []string
	for i, p := range *there {
		said := p["text"].(string)
		below := p["replied_to"].(map[string]string)["id"]
		if len([]rune(said)) > 500 || i > 0 && below != fmt.Sprint("88", i-1) {
			t.Errorf("%d below %q: %q", i, below, said)
		}
		all = append(all, said)
	}
	if strings.Join(all, " ") != long {
		t.Errorf("something is lost: %q", all)
	}
	n := len(*there)
	if again, err := src.(listen.Publisher).Publish(t.Context(), a); err != nil || again != first || len(*there) != n {
		t.Errorf("again: %+v, %v, %d posts", again, err, len(*there))
	}
	*there = (*there)[:n-1] // the last part was lost on its way
	if again, err := src.(listen.Publisher).Publish(t.Context(), a); err != nil || again != first || len(*there) != n {
		t.Errorf("the rest: %+v, %v, %d posts", again, err, len(*there))
	}
}

// Pictures go with the first part, one alone or several in a row, fetched from us.
func TestPublishingWithPictures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	there := w.publisher()
	var forms []url.Values
	w.On("POST "+at+"me/threads", func(_ *http.Request, form url.Values) (int, string) {
		forms = append(forms, form)
		return 200, fmt.Sprintf(`{"id":"66%d"}`, len(forms))
	})
	state := "FINISHED"
	for i := range 9 {
		w.On(fmt.Sprint("GET "+at+"66", i), func(*http.Request, url.Values) (int, string) { return 200, `{"status":"` + state + `"}` })
	}
	src, _ := w.open(now)
	if m := src.(listen.Mannered).Manner(t.Context()); m.Pictures != 10 || !m.Thread || m.Limit != 500 {
		t.Errorf("manner %+v", m)
	}
	one := listen.Picture{Picture: lastword.Picture{Alt: "Ein Schuh"}, URL: "https://hear.example/shown/1/a/x.jpg"}
	p := listen.Post{Key: "1", Made: now, Parts: []string{"Neu.", "Und mehr."}, Pictures: []listen.Picture{one}}
	got, err := src.(listen.Poster).Post(t.Context(), p)
	if err != nil || len(got) != 2 || len(forms) != 2 || len(*there) != 2 {
		t.Fatalf("%+v, %v, %d forms", got, err, len(forms))
	}
	if f := forms[0]; f.Get("media_type") != "IMAGE" || f.Get("image_url") != one.URL || f.Get("alt_text") != "Ein Schuh" || f.Get("text") != "Neu." || forms[1].Get("media_type") != "TEXT" || forms[1].Get("reply_to_id") != got[0].Key {
		t.Errorf("published %v", forms)
	}
	forms, *there = nil, nil
	p.Parts, p.Pictures = []string{"Zwei Bilder."}, []listen.Picture{one, one}
	if _, err := src.(listen.Poster).Post(t.Context(), p); err != nil || len(forms) != 3 || forms[2].Get("media_type") != "CAROUSEL" || forms[2].Get("children") != "661,662" || forms[2].Get("text") != "Zwei Bilder." || forms[0].Get("is_carousel_item") != "true" {
		t.Errorf("in a row: %v, %v", err, forms)
	}
	state, *there = "ERROR", nil
	var m *lastword.Mistake
	p.Parts = []string{"Drei."}
	if _, err := src.(listen.Poster).Post(t.Context(), p); !errors.As(err, &m) || m.Key != "why.threads_picture" {
		t.Errorf("a picture that is not taken: %v", err)
	}
	p.Pictures = []listen.Picture{{}}
	if _, err := src.(listen.Poster).Post(t.Context(), p); !errors.As(err, &m) || m.Key != "why.threads_unreachable" {
		t.Errorf("out of reach: %v", err)
	}
	p.Pictures = make([]listen.Picture, 11)
	if _, err := src.(listen.Poster).Post(t.Context(), p); !errors.Is(err, lastword.ErrInvalid) || len(*there) != 0 {
		t.Errorf("eleven: %v", err)
	}
}

func TestSigningIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h, _, _ := listentest.Host(w.Client(), now)
	signin, acct := threads.New().(listen.Authorizer), listen.Account{Settings: map[string]string{"app": "4711", "appsecret": secret}}
	where, kept, err := signin.Authorize(t.Context(), acct, h, "https://lastword.example/back", "state")
	if err != nil || !strings.HasPrefix(where, "https://threads.net/oauth/authorize?") || strings.Contains(where, secret) {
		t.Fatalf("%s, %v", where, err)
	}
	w.Says("POST "+host+"oauth/access_token", `{"access_token":"kurz","user_id":3}`)
	w.On("GET "+host+"access_token", func(r *http.Request, _ url.Values) (int, string) {
		if q := r.URL.Query(); q.Get("access_token") != "kurz" || q.Get("grant_type") != "th_exchange_token" || q.Get("client_secret") != secret {
			t.Errorf("%v", q)
		}
		return 200, `{"access_token":"lang","token_type":"bearer","expires_in":5183944}`
	})
	back := url.Values{"code": {"c#_"}}
	if set, err := signin.Exchange(t.Context(), acct, h, "https://lastword.example/back", kept, back); err != nil || set["token"] != "lang" || set["until"] == "0" {
		t.Errorf("%v, %v", set, err)
	}
	var m *lastword.Mistake
	w.Refuses("POST "+host+"oauth/access_token", 400, 1, 0)
	w.On("POST "+host+"oauth/access_token", func(*http.Request, url.Values) (int, string) { return 400, metatest.Refusal(101, 0) })
	if _, err := signin.Exchange(t.Context(), acct, h, "", kept, back); !errors.As(err, &m) || m.Key != "connector.meta.error.app" {
		t.Errorf("%v", err)
	}
	ends := now.Add(10 * 24 * time.Hour).Unix()
	w.Says("GET "+at+"debug_token", fmt.Sprintf(`{"data":{"type":"USER","is_valid":true,"expires_at":%d,"scopes":["threads_basic","threads_read_replies","threads_keyword_search"]}}`, ends))
	src, _ := w.open(now)
	all, err := src.(listen.Checker).Check(t.Context())
	can := map[string]listen.Ability{}
	for _, a := range all {
		can[a.Name] = a
	}
	if err != nil || !can["hear"].Can || can["hear"].Until.Unix() != ends || !can["search"].Can || can["reply"].Can || can["reply"].Why != "connector.meta.error.scope" || can["edit"].Can {
		t.Errorf("%+v, %v", all, err)
	}
	w.set["words"] = ""
	src, _ = w.open(now)
	if all, err := src.(listen.Checker).Check(t.Context()); err != nil || all[2].Can || all[2].Why != "why.threads_no_words" {
		t.Errorf("%+v, %v", all, err)
	}
}

func FuzzReadPost(f *testing.F) {
	var got struct{ Data []json.RawMessage }
	if err := json.Unmarshal([]byte(recorded(f, "conversation")), &got); err != nil {
		f.Fatal(err)
	}
	for _, raw := range got.Data {
		f.Add("replies", []byte(raw))
	}
	f.Add("delete", []byte(`{"id":"1"}`))
	f.Fuzz(func(t *testing.T, field string, raw []byte) {
		if p, ok := threads.ReadPost(raw); ok && (!meta.ID(p.ID) || p.Timestamp.IsZero() || strings.ContainsAny(p.RepliedTo.ID+p.Root.ID, "/?# ")) {
			t.Errorf("%q: %+v", raw, p)
		}
		e, ok := threads.ReadValue(field, raw)
		if ok && (!meta.ID(e.Post.Key) || e.Op == lastword.Said && (e.Post.SaidAt.IsZero() || e.Post.Text == "")) {
			t.Errorf("%q: %+v", raw, e)
		}
	})
}
