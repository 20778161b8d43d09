package linkedin_test

import (
	"context"
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
	"lastword/internal/httpx"
	"lastword/internal/metatest"
	"lastword/listen"
	"lastword/listen/linkedin"
	"lastword/listen/listentest"
)

// The clock stands a few hours after what the documented notifications tell.
var now = time.UnixMilli(1795790000000).UTC()

const (
	at      = "api.linkedin.com/rest/"
	secret  = "geheim"
	org     = "urn:li:organization:96072893"
	post    = "urn:li:activity:7094637247890620418"
	toms    = "urn:li:comment:(" + post + ",7094977717598625792)"
	ours    = "urn:li:comment:(" + post + ",7094977717598625800)"
	inas    = "urn:li:share:7094637247487990000"
	notices = "GET " + at + "organizationalEntityNotifications"
)

func settings() map[string]string {
	return map[string]string{"client": "77abc", "clientsecret": secret, "token": "t"}
}

type world struct {
	*metatest.World
	t      *testing.T
	set    map[string]string
	tokens map[string]bool // that are good
}

func recorded(t testing.TB, name string) string {
	b, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// on teaches an answer, and checks what every request carries.
func (w *world) on(name string, answer metatest.Answer) {
	w.On(name, func(r *http.Request, form url.Values) (int, string) {
		if r.Header.Get("Linkedin-Version") != "202608" || r.Header.Get("X-Restli-Protocol-Version") != "2.0.0" {
			w.t.Errorf("%s with %v", name, r.Header)
		}
		if token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); !w.tokens[token] {
			return 401, `{"status":401,"serviceErrorCode":65601,"code":"REVOKED_ACCESS_TOKEN"}`
		}
		return answer(r, form)
	})
}

func (w *world) says(name, body string) {
	w.on(name, func(*http.Request, url.Values) (int, string) { return 200, body })
}

func (w *world) refuses(name string, status int) {
	w.on(name, func(*http.Request, url.Values) (int, string) {
		return status, fmt.Sprintf(`{"status":%d,"message":"text of a stranger"}`, status)
	})
}

func path(parts ...string) string {
	for i, p := range parts {
		if strings.HasPrefix(p, "urn:") {
			parts[i] = url.QueryEscape(p)
		}
	}
	return at + strings.Join(parts, "/")
}

func newWorld(t *testing.T) *world {
	w := &world{metatest.New(t), t, settings(), map[string]bool{"t": true}}
	w.says("GET "+at+"organizationAcls", `{"elements":[{"organization":"urn:li:organization:96072893","role":"ADMINISTRATOR","roleAssignee":"urn:li:person:zLqTygBP8S","state":"APPROVED"}]}`)
	w.on(notices, func(r *http.Request, _ url.Values) (int, string) {
		if q := r.URL.RawQuery; !strings.Contains(q, "actions=List(COMMENT,") || !strings.Contains(q, "organizationalEntity=urn%3Ali%3Aorganization%3A96072893") || !strings.Contains(q, "timeRange=(start:") {
			t.Errorf("asked %s", q)
		}
		return 200, recorded(t, "notifications")
	})
	w.says("GET "+path("socialActions", post, "comments", "7094977717598625800"), metatest.Encode(map[string]any{
		"commentUrn": ours, "id": "7094977717598625800", "actor": org, "object": post, "parentComment": toms, "message": map[string]string{"text": "Ja, ab Oktober."}}))
	return w
}

func (w *world) open(now time.Time) (listen.Source, map[string]int) {
	w.t.Helper()
	host, drops, _ := listentest.Host(w.Client(), now)
	src, err := linkedin.New().Open(listen.Account{Channel: 1, Settings: w.set, Hook: "https://lastword.example/hook/1/x"}, host)
	if err != nil {
		w.t.Fatal(err)
	}
	return src, drops
}

func TestThePromisesOfAConnector(t *testing.T) {
	t.Parallel()
	listentest.Exercise(t, linkedin.New(), settings())
	for field, value := range map[string]string{"page": "Ahlenbach", "keep": "0", "appid": "x", "version": "2026"} {
		set := settings()
		set[field] = value
		var m *lastword.Mistake
		if _, err := linkedin.New().Open(listen.Account{Settings: set}, listen.Host{}); !errors.As(err, &m) || m.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for _, page := range []string{"96072893", "https://www.linkedin.com/company/96072893/admin/", org} {
		set := settings()
		set["page"] = page
		if _, err := linkedin.New().Open(listen.Account{Settings: set}, listen.Host{}); err != nil {
			t.Errorf("%s: %v", page, err)
		}
	}
}

func TestThePromisesOfASource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var mu sync.Mutex
	n := 230
	w.on(notices, func(r *http.Request, _ url.Values) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		var since int64
		_, _ = fmt.Sscanf(r.URL.Query().Get("timeRange"), "(start:%d", &since)
		start, _ := strconv.Atoi(r.URL.Query().Get("start"))
		var all []any
		for i := n - 1; i >= 0; i-- { // the newest first
			said := now.Add(time.Duration(i-1000) * time.Minute).UnixMilli()
			if said >= since {
				all = append(all, map[string]any{"notificationId": i, "organizationalEntity": org, "action": "COMMENT", "lastModifiedAt": said, "decoratedGeneratedActivity": map[string]any{
					"comment": map[string]string{"owner": "urn:li:person:a", "text": fmt.Sprint("Nummer ", i), "entity": fmt.Sprintf("urn:li:comment:(%s,%d)", post, i), "object": post}}})
			}
		}
		all = all[min(start, len(all)):min(start+100, len(all))]
		return 200, metatest.Encode(map[string]any{"elements": all})
	})
	listentest.ExerciseSource(t, listentest.Place{
		Network: linkedin.Name,
		Open:    func() listen.Source { src, _ := w.open(now); return src },
		Grow:    func() { mu.Lock(); n += 130; mu.Unlock() },
	})
}

func TestDocumentedNotifications(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src, drops := w.open(now)
	var h listentest.Heard
	if err := src.Poll(t.Context(), "", h.Hear); err != nil {
		t.Fatal(err)
	}
	got := h.Events()
	if len(got) != 4 || len(drops) != 0 {
		t.Fatalf("%+v, drops %v", got, drops)
	}
	if p := got[0].Post; p.Key != toms || p.Parent != post || p.Root != post || p.Author.Key != "urn:li:person:tomW" || p.Author.Name != "LinkedIn tomW" || p.Own ||
		p.URL != "https://www.linkedin.com/feed/update/"+post+"/?commentUrn=urn%3Ali%3Acomment%3A%28activity%3A7094637247890620418%2C7094977717598625792%29" {
		t.Errorf("Tom: %+v", p)
	}
	if p := got[1].Post; p.Key != ours || !p.Own || p.Parent != toms {
		t.Errorf("ours: %+v", p)
	}
	if p := got[2].Post; p.Key != inas || p.Parent != "" || p.URL != "https://www.linkedin.com/feed/update/"+inas+"/" {
		t.Errorf("Ina: %+v", p)
	}
	if got[3].Op != lastword.Edited || got[3].Post.Key != toms || !strings.Contains(got[3].Post.Text, "extra") {
		t.Errorf("edited: %+v", got[3])
	}
	w.says(notices, `{"elements":[null,{"action":"COMMENT"},{"action":"COMMENT","lastModifiedAt":1795790000000,"decoratedGeneratedActivity":{"comment":{"entity":"urn:li:comment:(../x,1)","owner":"urn:li:person:a","text":"x"}}}]}`)
	src, drops = w.open(now)
	var bad listentest.Heard
	if err := src.Poll(t.Context(), "", bad.Hear); err != nil || len(bad.Events()) != 0 || drops["notification-unreadable"] != 2 {
		t.Errorf("unreadable: %v, %v, drops %v", bad.Events(), err, drops)
	}
}

// What members say is kept for as long as LinkedIn allows and no longer, however
// it came, and although LinkedIn does not answer.
func TestMembersWordsGoInTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src, _ := w.open(now)
	var h listentest.Heard
	if err := src.Poll(t.Context(), "", h.Hear); err != nil {
		t.Fatal(err)
	}
	cursor := h.Cursor("")
	w.says(notices, `{"elements":[]}`)
	over := func(later time.Duration) (keys []string, next string, err error) {
		src, _ := w.open(now.Add(later))
		var h listentest.Heard
		err = src.Poll(t.Context(), cursor, h.Hear)
		for _, e := range h.Events() {
			if e.Op != lastword.Deleted {
				t.Errorf("after %s: %+v", later, e)
			}
			keys = append(keys, e.Post.Key)
		}
		return keys, h.Cursor(cursor), err
	}
	if keys, _, err := over(47 * time.Hour); err != nil || len(keys) != 0 {
		t.Errorf("after 47 hours: %v, %v", keys, err)
	}
	w.refuses("GET "+at+"organizationAcls", 503)
	keys, next, err := over(48 * time.Hour)
	if !errors.Is(err, lastword.ErrUnavailable) || strings.Join(keys, " ") != toms+" "+inas {
		t.Errorf("after 48 hours: %v, %v", keys, err)
	}
	cursor = next
	if keys, _, _ := over(49 * time.Hour); len(keys) != 0 {
		t.Errorf("once more: %v", keys)
	}
	w.set["keep"], cursor = "1000", h.Cursor("")
	if keys, _, _ := over(400 * time.Hour); len(keys) != 0 {
		t.Errorf("with LinkedIn's leave: %v", keys)
	}
}

func TestPushes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src, _ := w.open(now)
	push := func(body, signature string, hear listen.Hear) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hook/1/x", strings.NewReader(body))
		r.Header.Set("X-LI-Signature", signature)
		rec := httptest.NewRecorder()
		src.(listen.Receiver).Receive(rec, r, `{"of":"`+org+`","at":1795770000000,"kept":{"`+toms+`":1}}`, hear)
		return rec.Code
	}
	sign := func(body string) string {
		return strings.TrimPrefix(metatest.Sign(secret, "hmacsha256="+body), "sha256=")
	}
	var h listentest.Heard
	body := recorded(t, "deleted")
	if code := push(body, sign(body), h.Hear); code != 200 {
		t.Fatal(code)
	}
	got := h.Events()
	if len(got) != 2 || got[0].Op != lastword.Said || got[1].Op != lastword.Deleted || got[1].Post.Key != toms {
		t.Errorf("%+v", got)
	}
	var c struct {
		At   int64
		Kept map[string]int64
	}
	if err := json.Unmarshal([]byte(h.Cursor("")), &c); err != nil || c.At != 1795770000000 || len(c.Kept) != 1 || c.Kept[got[0].Post.Key] != now.Unix() {
		t.Errorf("the cursor %s, %v", h.Cursor(""), err)
	}
	nobody := func(context.Context, []lastword.Event, string) error { t.Error("handed over"); return nil }
	if push(body, sign(body+" "), nobody) != 401 || push(body, "", nobody) != 401 || push("[]", sign("[]"), nobody) != 200 {
		t.Error("what is not LinkedIn's, or nothing")
	}
	if code := push(body, sign(body), func(context.Context, []lastword.Event, string) error { return errors.New("full") }); code != 503 {
		t.Errorf("a full store: %d", code)
	}
	rec := httptest.NewRecorder()
	src.(listen.Receiver).Receive(rec, httptest.NewRequest(http.MethodGet, "/hook/1/x?challengeCode=890e4665-4dfe-4ab1-b689-ed553bceeed0", nil), "", nobody)
	want := strings.TrimPrefix(metatest.Sign(secret, "890e4665-4dfe-4ab1-b689-ed553bceeed0"), "sha256=")
	if rec.Code != 200 || !strings.Contains(rec.Body.String(), `"challengeResponse":"`+want+`"`) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	rec = httptest.NewRecorder()
	src.(listen.Receiver).Receive(rec, httptest.NewRequest(http.MethodGet, "/hook/1/x?challengeCode=<x>", nil), "", nobody)
	if rec.Code != 401 {
		t.Errorf("a strange challenge: %d", rec.Code)
	}
}

func TestTheAddressIsGivenOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.set["appid"] = "4711"
	w.says(notices, `{"elements":[]}`)
	puts, status := 0, 500
	key := at + "eventSubscriptions/(developerApplication:urn%3Ali%3AdeveloperApplication%3A4711,user:urn%3Ali%3Aperson%3AzLqTygBP8S,entity:urn%3Ali%3Aorganization%3A96072893,eventType:ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS)"
	w.on("PUT "+key, func(_ *http.Request, form url.Values) (int, string) {
		puts++
		if form.Get("json") != `{"webhook":"https://lastword.example/hook/1/x"}` {
			t.Errorf("%v", form)
		}
		return status, `{}`
	})
	cursor := ""
	for _, c := range []struct {
		later  time.Duration
		status int
		puts   int
	}{{0, 500, 1}, {time.Hour, 200, 1}, {25 * time.Hour, 200, 2}, {60 * time.Hour, 200, 2}} {
		status = c.status
		src, _ := w.open(now.Add(c.later))
		var h listentest.Heard
		if err := src.Poll(t.Context(), cursor, h.Hear); err != nil || puts != c.puts {
			t.Errorf("after %s: %d times, want %d, %v", c.later, puts, c.puts, err)
		}
		cursor = h.Cursor(cursor)
	}
}

func TestBadDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		body   string
		kind   error
		key    string
		wait   bool
	}{
		{401, `{"code":"EXPIRED_ACCESS_TOKEN"}`, lastword.ErrDenied, "signin-again", false},
		{403, `{"code":"ACCESS_DENIED"}`, lastword.ErrDenied, "rights", false},
		{426, `{"code":"NONEXISTENT_VERSION"}`, lastword.ErrDenied, "version-gone", false},
		{429, `{"code":"TOO_MANY_REQUESTS"}`, lastword.ErrUnavailable, "", true},
		{500, `<html>`, lastword.ErrUnavailable, "", false},
		{200, `{"elements":[`, lastword.ErrUnavailable, "", false},
	} {
		w := newWorld(t)
		w.on(notices, func(*http.Request, url.Values) (int, string) { return c.status, c.body })
		src, _ := w.open(now)
		var h listentest.Heard
		err := src.Poll(t.Context(), "", h.Hear)
		var m *lastword.Mistake
		if !errors.Is(err, c.kind) || errors.As(err, &m) != (c.key != "") || c.key != "" && m.Key != "connector.linkedin.error."+c.key {
			t.Errorf("%d: %v", c.status, err)
		}
		if wait, ok := httpx.RetryAfter(err); ok != c.wait || ok && (wait < time.Minute || wait > time.Hour) {
			t.Errorf("%d: wait %v", c.status, wait)
		}
	}
	for elements, key := range map[string]string{
		``: "no-page", `{"organization":"urn:li:organization:1"},{"organization":"urn:li:organization:2"}`: "several-pages", `{"organization":"urn:li:person:1"}`: "no-page",
	} {
		w := newWorld(t)
		w.says("GET "+at+"organizationAcls", `{"elements":[`+elements+`]}`)
		src, _ := w.open(now)
		var m *lastword.Mistake
		if err := src.Poll(t.Context(), "", nil); !errors.As(err, &m) || m.Key != "connector.linkedin.error."+key {
			t.Errorf("%q: %v", elements, err)
		}
	}
}
