package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/webhook"
)

// A crm is another program of the company. It checks what it is told as our own
// webhook does.
type crm struct {
	*testing.T
	srv *httptest.Server

	mu    sync.Mutex
	key   string
	down  int // so many requests are answered with 503
	asked int
	told  map[string]string // id → type
	twice int
}

func newCRM(t *testing.T) *crm {
	c := &crm{T: t, told: map[string]string{}}
	c.srv = httptest.NewServer(c)
	t.Cleanup(c.srv.Close)
	return c
}

func (c *crm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	if c.down > 0 {
		c.down--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.Error(err)
	}
	host := listen.Host{Log: slog.New(slog.DiscardHandler), Now: time.Now, Dropped: func(string, string) {}}
	src, err := webhook.New().Open(listen.Account{Channel: 1, Settings: map[string]string{"secret": c.key}}, host)
	if err != nil {
		c.Error(err)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	checked := httptest.NewRecorder()
	src.(listen.Receiver).Receive(checked, r, "", func(context.Context, []lastword.Event, string) error { return nil })
	if checked.Code != http.StatusOK {
		c.Errorf("our own webhook answers %d to what we sent", checked.Code)
	}
	var said struct{ Type string }
	if err := json.Unmarshal(body, &said); err != nil {
		c.Error(err)
	}
	id := r.Header.Get("webhook-id")
	if _, known := c.told[id]; known {
		c.twice++
	}
	c.told[id] = said.Type
	w.WriteHeader(http.StatusNoContent)
}

// kinds counts what was told.
func (c *crm) kinds() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := map[string]int{}
	for _, kind := range c.told {
		n[kind]++
	}
	return n
}

// connect sets it up by the pages of a running program, as a director does.
func (c *crm) connect(b *browser) {
	c.Helper()
	page := func(_ int, body string, err error) string {
		c.Helper()
		if err != nil {
			c.Fatal(err)
		}
		return body
	}
	form := url.Values{"address": {c.srv.URL + "/hook"}, "kind": {"voice.heard", "theme.decided", "answer.delivered", "answer.failed"}}
	page(b.post("/settings/notices", form))
	shown := page(b.post("/settings/notices/key", nil))
	key := regexp.MustCompile(`whsec_[A-Za-z0-9+/=]+`).FindString(shown)
	seen := regexp.MustCompile(`name="seen" value="([^"]+)"`).FindStringSubmatch(shown)
	if key == "" || seen == nil {
		c.Fatalf("no key or nothing to see: %s", shown)
	}
	c.mu.Lock()
	c.key = key
	c.mu.Unlock()
	if said := page(b.post("/settings/notices/try", nil)); !strings.Contains(said, "Antwort: 204.") {
		c.Errorf("the test says %s", said)
	}
	if said := page(b.post("/settings/notices/on", url.Values{"seen": {seen[1]}})); !strings.Contains(said, "Eingeschaltet.") {
		c.Fatalf("not on: %s", said)
	}
}

// TestOtherProgramsAreTold releases answers while another program of the company is
// down at first: it learns of each delivery once it is up, in words that our own
// webhook would take for genuine, and the page lists them.
func TestOtherProgramsAreTold(t *testing.T) {
	t.Parallel()
	other := newCRM(t)
	c := newCustomers(t, "", 2)
	p := c.house.serve(append(c.pds.Hosts(), strings.TrimPrefix(c.stream.URL(), "http://"), strings.TrimPrefix(other.srv.URL, "http://"))...)
	b := c.signIn(p)
	other.connect(b)
	other.mu.Lock()
	other.down = 2
	other.mu.Unlock()
	c.beside(func(a *App) { c.release(a, 2) })
	await(t, "both deliveries are told", longest, func() bool { return other.kinds()["answer.delivered"] == 2 })
	await(t, "the page lists them", longest, func() bool {
		_, page, err := b.get("/settings/notices")
		return err == nil && strings.Count(page, "Antwort zugestellt") >= 3 && strings.Contains(page, "2 Versuche")
	})
	if n := other.kinds(); n["test"] != 1 || n["voice.heard"] != 0 || other.twice != 0 {
		t.Errorf("told %v, %d twice", n, other.twice)
	}
	p.stop()
}

// What is inside is told nothing, unless the operator says so.
func TestOtherProgramsInsideAreOutOfReach(t *testing.T) {
	t.Parallel()
	other := newCRM(t)
	h := newHouse(t, "")
	h.inside(func(a *App) {
		out := couriers{a}
		courier := lastword.Courier{Company: h.company.ID, Address: strings.Replace(other.srv.URL, "http://", "https://", 1), Kinds: lastword.NoticeKinds[:]}
		h.must(out.Save(t.Context(), h.director, courier))
		if _, err := out.NewKey(t.Context(), h.director); err != nil {
			t.Fatal(err)
		}
		got, err := out.Try(t.Context(), h.company.ID)
		if err != nil || got.Why != "notice.why.inner" || other.asked != 0 {
			t.Errorf("got %+v, %v, asked %d times", got, err, other.asked)
		}
		requests, real, err := out.Preview(t.Context(), h.company.ID)
		if err != nil || real || len(requests) != len(lastword.NoticeKinds) {
			t.Errorf("preview of nothing: %d, %v, %v", len(requests), real, err)
		}
	})
}
