package webhook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lastword"
	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/webhook"
)

const secret = "hoechst geheimes Wort"

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestExercise(t *testing.T) {
	t.Parallel()
	listentest.Exercise(t, webhook.New(), map[string]string{"secret": secret})
}

// door is an opened source, and what came through it.
type door struct {
	*testing.T
	src   listen.Source
	drops map[string]int
	heard listentest.Heard
	fails error
}

func open(t *testing.T, settings ...string) *door {
	t.Helper()
	d := &door{T: t}
	host, drops, _ := listentest.Host(nil, now)
	set := map[string]string{}
	for i := 0; i < len(settings); i += 2 {
		set[settings[i]] = settings[i+1]
	}
	var err error
	d.src, err = webhook.New().Open(listen.Account{Channel: 7, Hook: "https://hear.example/hook/7/x", Settings: set}, host)
	if err != nil {
		t.Fatal(err)
	}
	d.drops = drops
	return d
}

func (d *door) send(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.src.(listen.Receiver).Receive(w, r, "", func(ctx context.Context, events []lastword.Event, cursor string) error {
		if d.fails != nil {
			return d.fails
		}
		if cursor == "" {
			d.Error("a batch without a cursor")
		}
		return d.heard.Hear(ctx, events, cursor)
	})
	return w
}

func signed(key []byte, id string, at time.Time, body string) *http.Request {
	stamp := strconv.FormatInt(at.Unix(), 10)
	m := hmac.New(sha256.New, key)
	m.Write([]byte(id + "." + stamp + "." + body))
	r := httptest.NewRequest(http.MethodPost, "/hook/7/x", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", stamp)
	r.Header.Set("webhook-signature", "v1a,xyz v1,AAAA v1,"+base64.StdEncoding.EncodeToString(m.Sum(nil)))
	return r
}

// TestStandardWebhooksVector checks the published example of the signature
// (standard-webhooks/standard-webhooks, libraries' tests): secret, id, time and
// body give this code.
func TestStandardWebhooksVector(t *testing.T) {
	t.Parallel()
	host, drops, _ := listentest.Host(nil, time.Unix(1614265330, 0))
	src, err := webhook.New().Open(listen.Account{Channel: 7, Settings: map[string]string{"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}}, host)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"test": 2432232314}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
	r.Header.Set("webhook-timestamp", "1614265330")
	r.Header.Set("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
	w := httptest.NewRecorder()
	src.(listen.Receiver).Receive(w, r, "", new(listentest.Heard).Hear)
	if w.Code != http.StatusOK || drops[webhook.NoID] != 1 {
		t.Errorf("got %d %s, dropped %v", w.Code, w.Body, drops)
	}
}

func TestWhatIsPushedIsHeard(t *testing.T) {
	t.Parallel()
	d := open(t, "secret", secret)
	w := d.send(signed([]byte(secret), "m1", now, `[
		{"id":"17","text":"Halbe Größen, bitte\u202e!","author":{"id":"eva","name":"Eva"},"url":"https://forum.example/17","time":"2026-11-20T10:00:00+01:00","lang":"de","in_reply_to":"16","source":"Forum","public":true},
		{"id":"18","text":"Wann kommt 38?","author":{"name":"Otto","email":"Otto@Post.example"},"title":"Frage","time":"1795000000"},
		{"id":"17","deleted":true},
		{"text":"ohne Kennung"}, {"id":"19","text":" "}]`))
	if w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != `{"left_out":2,"taken":3}` {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	want := []lastword.Event{
		{Post: lastword.Post{Network: "webhook", Key: "7/17", URL: "https://forum.example/17", Title: "Forum", Text: "Halbe Größen, bitte!", Lang: "de", Parent: "7/16",
			Author: lastword.Author{Key: "7/eva", Name: "Eva"}, SaidAt: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}},
		{Post: lastword.Post{Network: "mail", Key: "7/18", Title: "Frage", Text: "Wann kommt 38?", Private: true,
			Author: lastword.Author{Key: "otto@post.example", Handle: "otto@post.example", Name: "Otto"}, SaidAt: time.Unix(1795000000, 0)}},
		{Op: lastword.Deleted, Post: lastword.Post{Network: "webhook", Key: "7/17"}},
		{Op: lastword.Deleted, Post: lastword.Post{Network: "mail", Key: "7/17"}},
	}
	if diff := cmp.Diff(want, d.heard.Events(), cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Error(diff)
	}
	if d.drops[webhook.NoID] != 1 || d.drops[webhook.NoText] != 1 {
		t.Errorf("dropped %v", d.drops)
	}
}

func TestWhatIsNotProvedIsRefused(t *testing.T) {
	t.Parallel()
	const body = `{"id":"1","text":"a"}`
	key := []byte(secret)
	good := func() *http.Request { return signed(key, "m", now, body) }
	with := func(change func(*http.Request)) *http.Request { r := good(); change(r); return r }
	for name, c := range map[string]struct {
		r    *http.Request
		want int
	}{
		"good":          {good(), 200},
		"just in time":  {signed(key, "m", now.Add(-299*time.Second), body), 200},
		"replayed":      {signed(key, "m", now.Add(-301*time.Second), body), 401},
		"of the future": {signed(key, "m", now.Add(301*time.Second), body), 401},
		"other key":     {signed([]byte("ein anderes geheimes Wort"), "m", now, body), 401},
		"other id":      {with(func(r *http.Request) { r.Header.Set("webhook-id", "n") }), 401},
		"other time":    {with(func(r *http.Request) { r.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix()+1, 10)) }), 401},
		"other body":    {with(func(r *http.Request) { r.Body = http.NoBody }), 401},
		"no signature":  {with(func(r *http.Request) { r.Header.Del("webhook-signature") }), 401},
		"no id":         {with(func(r *http.Request) { r.Header.Del("webhook-id") }), 401},
		"by GET":        {with(func(r *http.Request) { r.Method = http.MethodGet }), 405},
		"as text":       {with(func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }), 415},
		"no type":       {with(func(r *http.Request) { r.Header.Del("Content-Type") }), 415},
		"a form":        {with(func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }), 401},
		"huge":          {signed(key, "m", now, `{"id":"1","text":"`+strings.Repeat("a", 1<<20)+`"}`), 413},
		"not JSON":      {signed(key, "m", now, `{"id":`), 400},
		"a number":      {signed(key, "m", now, `7`), 400},
		"two":           {signed(key, "m", now, body+body), 400},
		"none":          {signed(key, "m", now, `[]`), 400},
		"too many":      {signed(key, "m", now, `[`+strings.Repeat(`{"id":"1"},`, 1000)+body+`]`), 400},
	} {
		d := open(t, "secret", secret)
		w := d.send(c.r)
		if w.Code != c.want || (len(d.heard.Events()) == 1) != (c.want == 200) {
			t.Errorf("%s: %d %s, heard %+v; want %d", name, w.Code, w.Body, d.heard.Events(), c.want)
		}
	}
}

func TestNothingIsAcknowledgedThatIsNotStored(t *testing.T) {
	t.Parallel()
	d := open(t, "secret", secret, "form", "yes")
	d.fails = errors.New("the store is full")
	w := d.send(signed([]byte(secret), "m", now, `{"id":"1","text":"a"}`))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("got %d", w.Code)
	}
	if w := d.send(form(url.Values{"message": {"a"}})); w.Code != http.StatusServiceUnavailable {
		t.Errorf("a form: %d", w.Code)
	}
}

func form(v url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/hook/7/x", strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://www.schuhe.example")
	return r
}

func TestContactForm(t *testing.T) {
	t.Parallel()
	d := open(t, "form", "ja", "site", "https://www.schuhe.example/", "thanks", "https://www.schuhe.example/danke")
	fields := url.Values{"Vorname": {"Eva"}, "Nachname": {"Müller"}, "E-Mail": {"Eva@Post.example"}, "Betreff": {"Größe"}, "Nachricht": {"Gibt es die in 38?"}, "website": {""}}
	for range 2 { // pressed twice
		if w := d.send(form(fields)); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "https://www.schuhe.example/danke" {
			t.Errorf("got %d %v", w.Code, w.Header())
		}
	}
	events := d.heard.Events()
	if len(events) != 2 || events[0].Post.Key != events[1].Post.Key {
		t.Fatalf("heard %+v", events)
	}
	p := events[0].Post
	if p.Network != "mail" || !p.Private || p.Author.Key != "eva@post.example" || p.Author.Name != "Eva Müller" || p.Title != "Größe" || p.Text != "Gibt es die in 38?" || strings.Contains(p.Key, "@") {
		t.Errorf("heard %+v", p)
	}
	fields.Set("website", "https://spam.example")
	if w := d.send(form(fields)); w.Code != http.StatusSeeOther || len(d.heard.Events()) != 2 || d.drops[webhook.Honeypot] != 1 {
		t.Errorf("a robot: %d, heard %d, dropped %v", w.Code, len(d.heard.Events()), d.drops)
	}
	foreign := form(url.Values{"message": {"x"}})
	foreign.Header.Set("Origin", "https://evil.example")
	if w := d.send(foreign); w.Code != http.StatusUnauthorized {
		t.Errorf("from another site: %d", w.Code)
	}
	if w := d.send(form(url.Values{"name": {"x"}})); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a message: %d", w.Code)
	}
	byScript := form(url.Values{"message": {"Hallo"}})
	byScript.Header.Set("Accept", "application/json")
	if w := d.send(byScript); w.Code != http.StatusOK || w.Header().Get("Access-Control-Allow-Origin") != "https://www.schuhe.example" || !strings.Contains(w.Body.String(), `"taken":1`) {
		t.Errorf("by script: %d %s %v", w.Code, w.Body, w.Header())
	}
	if last := d.heard.Events()[2].Post; last.Network != "webhook" || last.Author.Key != "" {
		t.Errorf("nobody's message: %+v", last)
	}
}

func TestFormInParts(t *testing.T) {
	t.Parallel()
	d := open(t, "form", "yes")
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	_ = m.WriteField("message", "Hallo")
	_ = m.WriteField("email", "eva@post.example\r\nBcc: x@y.example")
	f, _ := m.CreateFormFile("file", "a.exe")
	_, _ = f.Write([]byte("MZ"))
	_ = m.Close()
	r := httptest.NewRequest(http.MethodPost, "/", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	if w := d.send(r); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "angekommen") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if p := d.heard.Events()[0].Post; p.Text != "Hallo" || p.Network != "webhook" {
		t.Errorf("heard %+v", p)
	}
}

func TestWrongSettings(t *testing.T) {
	t.Parallel()
	for field, settings := range map[string]map[string]string{
		"secret":   {"secret": "kurz"},
		"site":     {"secret": secret, "site": "schuhe.example"},
		"thanks":   {"secret": secret, "thanks": "javascript:alert(1)"},
		"honeypot": {"secret": secret, "honeypot": "a b"},
	} {
		_, err := webhook.New().Open(listen.Account{Settings: settings}, listen.Host{})
		var m *lastword.Mistake
		if !errors.As(err, &m) || m.Field != field {
			t.Errorf("%v: %v", settings, err)
		}
	}
	if _, err := webhook.New().Open(listen.Account{}, listen.Host{}); err == nil {
		t.Error("opened without any way in")
	}
}

func TestOutOfReach(t *testing.T) {
	t.Parallel()
	host, _, _ := listentest.Host(nil, now)
	src, err := webhook.New().Open(listen.Account{Settings: map[string]string{"secret": secret}}, host)
	if err != nil {
		t.Fatal(err)
	}
	var m *lastword.Mistake
	if err := src.Poll(t.Context(), "", nil); !errors.As(err, &m) || !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("got %v", err)
	}
	if err := open(t, "secret", secret).src.Poll(t.Context(), "", nil); err != nil {
		t.Errorf("within reach: %v", err)
	}
}

// FuzzPushed takes any body, rightly signed.
func FuzzPushed(f *testing.F) {
	f.Add([]byte(`{"id":"1","text":"a","author":"Eva","time":"2026-01-01T00:00:00Z"}`))
	f.Add([]byte(`[{"id":1}]`))
	f.Add([]byte(`{"id":"1","text":"a","author":{"email":"<a@b.example>"},"url":"https://x y"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		d := open(t, "secret", secret)
		w := d.send(signed([]byte(secret), "m", now, string(body)))
		if w.Code != 200 && w.Code != 400 && w.Code != 413 {
			t.Fatalf("got %d", w.Code)
		}
		for _, e := range d.heard.Events() {
			check(t, e)
		}
	})
}

func check(t *testing.T, e lastword.Event) {
	t.Helper()
	p := e.Post
	if p.Key == "" || strings.Contains(p.Key, "@") || e.Op == lastword.Said && (p.Text == "" || p.SaidAt.IsZero() || p.Network == "mail" && !p.Private) {
		t.Fatalf("not an event: %+v", e)
	}
}

// FuzzForm takes any form.
func FuzzForm(f *testing.F) {
	f.Add("message=a&email=b%40c.example", "application/x-www-form-urlencoded")
	f.Add("--b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\na\r\n--b--", "multipart/form-data; boundary=b")
	f.Fuzz(func(t *testing.T, body, kind string) {
		d := open(t, "form", "yes")
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		if w := d.send(r); w.Code >= 500 {
			t.Fatalf("got %d", w.Code)
		}
		for _, e := range d.heard.Events() {
			check(t, e)
		}
	})
}
