package facebook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"lastword"
	"lastword/internal/meta"
	"lastword/listen"
	"lastword/listen/facebook"
	"lastword/listen/listentest"
)

func sign(body string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(m.Sum(nil))
}

// push sends a body to the source as Meta does.
func (w *world) push(body, signature string, hear listen.Hear) int {
	w.t.Helper()
	src, _ := w.open(now)
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "/hook/1/x", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Hub-Signature-256", signature)
	rec := httptest.NewRecorder()
	src.(listen.Receiver).Receive(rec, r, "before", hear)
	return rec.Code
}

func TestPushes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var h listentest.Heard
	body := recorded(t, "push-comment")
	if code := w.push(body, sign(body), h.Hear); code != 200 || h.Cursor("") != "before" {
		t.Fatalf("%d, cursor %q", code, h.Cursor(""))
	}
	all := byKey(h.Events())
	if len(all) != 5 || all["900_9"].Post.Parent != "100_900" || all["900_9"].Post.Author.Name != "Paul Neu" || all["900_1"].Op != lastword.Edited ||
		all["900_3"].Op != lastword.Deleted || all["7003_56"].Post.Author.Key != "7003" || all["review/446"].Post.Title != "★★★★★" {
		t.Errorf("%+v", h.Events())
	}
	h = listentest.Heard{}
	body = recorded(t, "push-message")
	if code := w.push(body, sign(body), h.Hear); code != 200 {
		t.Fatal(code)
	}
	got := h.Events()
	if len(got) != 2 || got[0].Op != lastword.Said || got[1].Op != lastword.Edited || got[0].Post.Key != "message/m_70" || !got[0].Post.Private || !strings.Contains(got[1].Post.Text, "Sonntag") {
		t.Errorf("%+v", got)
	}
	nobody := func(context.Context, []lastword.Event, string) error { t.Error("handed over"); return nil }
	for name, c := range map[string]struct{ body, signature string }{
		"forged": {body, sign(body + " ")}, "unsigned": {body, ""}, "no hex": {body, "sha256=xyz"}, "old form": {body, strings.Replace(sign(body), "sha256", "sha1", 1)},
	} {
		if code := w.push(c.body, c.signature, nobody); code != 401 {
			t.Errorf("%s: %d", name, code)
		}
	}
	other := strings.ReplaceAll(body, `"id":"100","time"`, `"id":"101","time"`)
	if code := w.push(other, sign(other), nobody); code != 200 {
		t.Errorf("another page: %d", code)
	}
	for _, junk := range []string{"", "null", `{"object":"user","entry":[{"id":"100"}]}`, `{"object":"page","entry":[{"id":"100","changes":[{"field":"feed","value":7},{"field":"feed","value":{"item":"comment","verb":"add","comment_id":"a/b"}}],"messaging":[{}]}]}`} {
		if code := w.push(junk, sign(junk), nobody); code != 200 {
			t.Errorf("%q: %d", junk, code)
		}
	}
	delete(w.set, "pageid")
	w.refuses("GET me/accounts", 500, 2, 0)
	if code := w.push(body, sign(body), nobody); code != 503 {
		t.Errorf("Meta does not say who we are: %d", code)
	}
	delete(w.set, "token")
	if code := w.push(body, sign(body), nobody); code != 200 {
		t.Errorf("nobody signed in: %d", code)
	}
	w.set = settings()
	full := func(context.Context, []lastword.Event, string) error { return errors.New("full") }
	if code := w.push(body, sign(body), full); code != 503 {
		t.Errorf("a full store: %d", code)
	}
}

func TestTheAddressIsVerified(t *testing.T) {
	t.Parallel()
	src, _ := newWorld(t).open(now)
	for query, want := range map[string]int{
		"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=4711":   200,
		"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=4712":   401,
		"hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token=4711": 401,
		"hub.mode=unsubscribe&hub.challenge=1158201444&hub.verify_token=4711": 401,
		"hub.mode=subscribe&hub.challenge=1158201444":                         401,
	} {
		rec := httptest.NewRecorder()
		src.(listen.Receiver).Receive(rec, httptest.NewRequest(http.MethodGet, "/hook/1/x?"+query, nil), "", nil)
		if rec.Code != want || want == 200 && rec.Body.String() != "1158201444" {
			t.Errorf("%s: %d %q", query, rec.Code, rec.Body)
		}
	}
	rec := httptest.NewRecorder()
	src.(listen.Receiver).Receive(rec, httptest.NewRequest(http.MethodPut, "/hook/1/x", nil), "", nil)
	if rec.Code != 405 {
		t.Errorf("PUT: %d", rec.Code)
	}
}

func TestWhoAsksIsForgotten(t *testing.T) {
	t.Parallel()
	src, _ := newWorld(t).open(now)
	request := func(key string) (*httptest.ResponseRecorder, []lastword.Event) {
		body := base64.RawURLEncoding.EncodeToString([]byte(`{"algorithm":"HMAC-SHA256","expires":1291840400,"issued_at":1291836800,"user_id":"218471"}`))
		m := hmac.New(sha256.New, []byte(key))
		m.Write([]byte(body))
		form := url.Values{"signed_request": {base64.RawURLEncoding.EncodeToString(m.Sum(nil)) + "." + body}}
		r := httptest.NewRequest(http.MethodPost, "/hook/1/x", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		var h listentest.Heard
		src.(listen.Receiver).Receive(rec, r, "c", h.Hear)
		return rec, h.Events()
	}
	rec, events := request(secret)
	var said struct{ URL, Confirmation_code string }
	if rec.Code != 200 || json.Unmarshal(rec.Body.Bytes(), &said) != nil || said.Confirmation_code == "" || said.URL != "https://lastword.example/hook/1/x?deleted="+said.Confirmation_code {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if len(events) != 1 || events[0].Op != lastword.AccountGone || events[0].Post.Author.Key != "218471" {
		t.Errorf("%+v", events)
	}
	if rec, events := request("anders"); rec.Code != 401 || len(events) != 0 {
		t.Errorf("forged: %d, %v", rec.Code, events)
	}
	rec = httptest.NewRecorder()
	src.(listen.Receiver).Receive(rec, httptest.NewRequest(http.MethodGet, "/hook/1/x?deleted="+said.Confirmation_code, nil), "", nil)
	if rec.Code != 200 || !strings.Contains(rec.Body.String(), "gelöscht") {
		t.Errorf("state: %d %s", rec.Code, rec.Body)
	}
}

func FuzzReadChange(f *testing.F) {
	d, ok := meta.ReadDelivery([]byte(recorded(f, "push-comment")))
	if !ok {
		f.Fatal("no delivery")
	}
	for _, c := range d.Entry[0].Changes {
		f.Add(c.Field, []byte(c.Value))
	}
	f.Fuzz(func(t *testing.T, field string, raw []byte) {
		e, ok := facebook.ReadChange(meta.Change{Field: field, Value: raw}, "100")
		if ok && (e.Post.Key == "" || strings.ContainsAny(strings.TrimPrefix(e.Post.Key, "review/")+e.Post.Parent, "/| &?#") || e.Op != lastword.Deleted && e.Post.SaidAt.IsZero()) {
			t.Errorf("%q: %+v", raw, e)
		}
	})
}
