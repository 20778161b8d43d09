package feed_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/feed"
)

// world is a feed, the hub it names, and a program that listens to it.
type world struct {
	*line
	mu     sync.Mutex // held while a poll or a push runs, as the program does
	gone   bool
	fails  error
	heard  []lastword.Event
	shop   *shop
	hubber *httptest.Server
	asked  []url.Values
	onAsk  func(url.Values)
	ours   *httptest.Server
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.hubber = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		w.asked = append(w.asked, r.PostForm)
		if w.onAsk != nil {
			w.onAsk(r.PostForm)
		}
		rw.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(w.hubber.Close)
	w.shop = open(t, nil)
	w.tell("1 eins")
	w.line = connect(t, w.shop.URL+"/feed")
	w.host.HTTP = w.hubber.Client()
	var handler http.Handler
	w.ours = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { handler.ServeHTTP(rw, r) }))
	t.Cleanup(w.ours.Close)
	hub, err := feed.NewHub(w.ours.URL+"/websub/", []byte("0123456789abcdef"), w.lend, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	handler, w.hub = hub, hub
	return w
}

// tell makes the feed say items, and name its hub.
func (w *world) tell(items ...string) {
	doc := strings.Replace(rss(items...), "<title>", `<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="`+w.hubber.URL+`"/><atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="`+w.shop.URL+`/feed"/><title>`, 1)
	w.shop.now(says(doc))
}

func (w *world) lend(ctx context.Context, channel int64, use func(context.Context, listen.Source, string, listen.Hear) error) error {
	for !w.mu.TryLock() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	defer w.mu.Unlock()
	if channel != 7 || w.gone {
		return lastword.ErrNotFound
	}
	if w.fails != nil {
		return w.fails
	}
	return use(ctx, w.source(), w.cursor, func(_ context.Context, events []lastword.Event, cursor string) error {
		w.heard, w.cursor = append(w.heard, events...), cursor
		return nil
	})
}

func (w *world) pollAll() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.poll(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) subscribed() url.Values {
	w.t.Helper()
	if len(w.asked) == 0 {
		w.t.Fatal("the hub was not asked")
	}
	return w.asked[len(w.asked)-1]
}

// verify asks back as a hub does.
func (w *world) verify(form url.Values, change map[string]string) (int, string) {
	w.t.Helper()
	q := url.Values{"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": {"<c>42"}, "hub.lease_seconds": {"864000"}}
	for k, v := range change {
		q.Set(k, v)
	}
	resp, err := http.Get(form.Get("hub.callback") + "?" + q.Encode())
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func (w *world) push(form url.Values, header, doc string) int {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, form.Get("hub.callback"), strings.NewReader(doc))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/rss+xml")
	r.Header.Set("X-Hub-Signature", header)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode
}

func sign(method, secret, doc string) string {
	m := hmac.New(map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New}[method], []byte(secret))
	io.WriteString(m, doc)
	return method + "=" + hex.EncodeToString(m.Sum(nil))
}

func (w *world) texts() string {
	var all []string
	for _, e := range w.heard {
		all = append(all, e.Post.Text)
	}
	w.heard = nil
	return strings.Join(all, ", ")
}

func TestWebSubPushes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pollAll()
	form := w.subscribed()
	if form.Get("hub.mode") != "subscribe" || form.Get("hub.topic") != w.shop.URL+"/feed" || len(form.Get("hub.secret")) < 32 || len(form.Get("hub.secret")) >= 200 || form.Get("hub.lease_seconds") != "864000" {
		t.Errorf("asked for %v", form)
	}
	w.pollAll()
	if len(w.asked) != 1 {
		t.Errorf("the hub was asked %d times", len(w.asked))
	}
	if code, body := w.verify(form, nil); code != 200 || body != "<c>42" {
		t.Errorf("verification: %d %q", code, body)
	}
	w.pollAll()
	if w.next() < 5*time.Hour {
		t.Errorf("while the hub pushes, the next poll is in %s", w.next())
	}
	secret := form.Get("hub.secret")
	for n, method := range []string{"sha1", "sha256", "sha384", "sha512"} {
		doc := rss(fmt.Sprintf("p%d geschoben %d", n, n))
		if code := w.push(form, sign(method, secret, doc), doc); code != http.StatusNoContent {
			t.Errorf("%s: %d", method, code)
		}
		if got := w.texts(); got != fmt.Sprintf("geschoben %d", n) {
			t.Errorf("%s: heard %q", method, got)
		}
	}
	edit := rss("p0 berichtigt", "1 eins")
	w.push(form, sign("sha256", secret, edit), edit)
	if got := w.texts(); got != "berichtigt" {
		t.Errorf("an edit: heard %q", got)
	}
	w.tell("p0 berichtigt", "1 eins", "p1 geschoben 1")
	w.mu.Lock()
	w.want("")
	w.mu.Unlock()
	w.tell("p9 neun")
	if code := w.push(form, sign("sha256", secret, ""), ""); code != http.StatusNoContent || w.texts() != "neun" {
		t.Errorf("a push without a document: %d", code)
	}
}

func TestWebSubIgnoresWhatIsNotSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pollAll()
	form := w.subscribed()
	doc := rss("x falsch")
	good := sign("sha256", form.Get("hub.secret"), doc)
	for _, header := range []string{"", "sha256=", "sha256=00", "md5=" + good[7:], "sha1=" + good[7:], sign("sha256", "guessed", doc), sign("sha256", form.Get("hub.secret"), doc+" "), good[7:]} {
		if code := w.push(form, header, doc); code != http.StatusAccepted {
			t.Errorf("%q: %d", header, code)
		}
	}
	if got := w.texts(); got != "" {
		t.Errorf("heard %q", got)
	}
	words := "das ist kein Feed"
	if code := w.push(form, sign("sha1", form.Get("hub.secret"), words), words); code != http.StatusAccepted {
		t.Errorf("a push that is no feed: %d", code)
	}
	huge := strings.Repeat("x", 17<<20)
	if code := w.push(form, sign("sha1", form.Get("hub.secret"), huge), huge); code != http.StatusRequestEntityTooLarge {
		t.Errorf("a push without measure: %d", code)
	}
	callback := form.Get("hub.callback")
	// Two bits of the last character mean nothing: the one before it is changed.
	at, other := len(callback)-2, "_"
	if callback[at:at+1] == other {
		other = "-"
	}
	for _, forged := range []string{callback[:at] + other + callback[at+1:], strings.Replace(callback, "/7/", "/8/", 1), w.ours.URL + "/websub/", w.ours.URL + "/websub/7/", w.ours.URL + "/websub/7/AAAA"} {
		form := url.Values{"hub.callback": {forged}, "hub.mode": {"subscribe"}, "hub.topic": form["hub.topic"]}
		if code := w.push(form, good, doc); code != http.StatusNotFound {
			t.Errorf("push to %s: %d", forged, code)
		}
		if code, _ := w.verify(form, nil); code != http.StatusNotFound {
			t.Errorf("verify %s: %d", forged, code)
		}
	}
}

func TestWebSubConfirmsOnlyWhatWasAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pollAll()
	form := w.subscribed()
	for name, change := range map[string]map[string]string{
		"another topic":     {"hub.topic": "https://evil.example/feed"},
		"an end not wanted": {"hub.mode": "unsubscribe"},
		"no mode":           {"hub.mode": ""},
		"an unknown mode":   {"hub.mode": "publish"},
	} {
		if code, body := w.verify(form, change); code != http.StatusNotFound || strings.Contains(body, "42") {
			t.Errorf("%s: %d %q", name, code, body)
		}
	}
	if code, _ := w.verify(form, map[string]string{"hub.mode": "denied"}); code != http.StatusOK {
		t.Errorf("denied: %d", code)
	}
	w.at(noon.Add(3 * 24 * time.Hour))
	w.pollAll()
	if len(w.asked) != 1 {
		t.Error("a hub that denied is asked again at once")
	}
	w.at(noon.Add(8 * 24 * time.Hour))
	w.pollAll()
	if len(w.asked) != 2 {
		t.Error("a hub that denied is never asked again")
	}
}

func TestWebSubRenewsAndEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pollAll()
	form := w.subscribed()
	if code, _ := w.verify(form, map[string]string{"hub.lease_seconds": "864000"}); code != 200 {
		t.Fatal(code)
	}
	w.shop.now(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNotModified) })
	now := noon
	for range 30 { // days on which the feed says nothing new
		now = now.Add(24 * time.Hour)
		w.at(now)
		before := len(w.asked)
		w.pollAll()
		if len(w.asked) > before {
			if code, _ := w.verify(w.subscribed(), nil); code != 200 {
				t.Fatal(code)
			}
		}
	}
	if n := len(w.asked); n < 4 || n > 8 {
		t.Errorf("in 30 days the lease of 10 days was asked for %d times", n)
	}
	w.gone = true
	if err := w.hub.Unsubscribe(t.Context(), w.host.HTTP, 7, w.cursor); err != nil {
		t.Fatal(err)
	}
	last := w.subscribed()
	if last.Get("hub.mode") != "unsubscribe" || last.Get("hub.callback") != form.Get("hub.callback") {
		t.Errorf("asked %v", last)
	}
	if code, body := w.verify(last, nil); code != 200 || body != "<c>42" {
		t.Errorf("the end: %d %q", code, body)
	}
	if code, _ := w.verify(form, nil); code != http.StatusNotFound {
		t.Errorf("a channel that is gone confirms: %d", code)
	}
	doc := rss("x zu spät")
	if code := w.push(form, sign("sha256", form.Get("hub.secret"), doc), doc); code != http.StatusGone {
		t.Errorf("a push to a channel that is gone: %d", code)
	}
}

// Some hubs ask back before they answer, while the poll that asked still holds
// the channel.
func TestWebSubVerifiesWithinThePoll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	codes := make(chan int, 1)
	w.onAsk = func(form url.Values) {
		code, _ := w.verify(form, nil)
		codes <- code
	}
	w.pollAll()
	if code := <-codes; code != http.StatusOK {
		t.Errorf("verification within the poll: %d", code)
	}
}

func TestWebSubNeedsASafeHub(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.shop.now(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Add("Link", `<http://hub.example/>; rel="hub", <`+w.shop.URL+`/feed>; rel=self`)
		fmt.Fprint(rw, rss("1 eins"))
	})
	w.pollAll()
	if len(w.asked) != 0 {
		t.Error("a secret went out in the clear")
	}
	w.shop.now(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Add("Link", `<`+w.hubber.URL+`>; rel="hub"`)
		rw.Header().Add("Link", `</canonical>; REL=self`)
		fmt.Fprint(rw, rss("2 zwei"))
	})
	w.pollAll()
	if topic := w.subscribed().Get("hub.topic"); topic != w.shop.URL+"/canonical" {
		t.Errorf("the Link header's topic: %q", topic)
	}
	for _, base := range []string{"", "/websub", "ftp://a.example"} {
		if _, err := feed.NewHub(base, make([]byte, 16), w.lend, nil); err == nil {
			t.Errorf("the base %q is taken", base)
		}
	}
	if _, err := feed.NewHub("https://a.example", make([]byte, 15), w.lend, nil); err == nil {
		t.Error("a short key is taken")
	}
}

// A subscription under an address that is no longer ours is not waited for: the
// hub is told the new one, and a program without any polls as usual.
func TestWebSubMoves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pollAll()
	if code, _ := w.verify(w.subscribed(), nil); code != 200 {
		t.Fatal(code)
	}
	w.pollAll()
	if w.next() < 5*time.Hour {
		t.Fatalf("while the hub pushes, the next poll is in %s", w.next())
	}
	moved, err := feed.NewHub("https://moved.example/websub/", []byte("0123456789abcdef"), w.lend, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	w.hub = moved
	w.pollAll()
	if len(w.asked) != 2 || !strings.HasPrefix(w.subscribed().Get("hub.callback"), "https://moved.example/websub/7/") {
		t.Errorf("after the move the hub was asked %v", w.asked)
	}
	if w.next() > 5*time.Hour {
		t.Errorf("before the hub granted anything, the next poll is in %s", w.next())
	}
	w.hub = nil
	w.pollAll()
	if len(w.asked) != 2 || strings.Contains(w.cursor, `"sub"`) {
		t.Errorf("without an address: asked %d times, cursor %s", len(w.asked), w.cursor)
	}
}

// A push for which the channel is not free now is asked for again.
func TestWebSubComesBackLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pollAll()
	form := w.subscribed()
	doc := rss("x später")
	header := sign("sha256", form.Get("hub.secret"), doc)
	w.fails = lastword.ErrUnavailable
	if code := w.push(form, header, doc); code != http.StatusServiceUnavailable {
		t.Errorf("while the channel is not free: %d", code)
	}
	w.fails = nil
	if code := w.push(form, header, doc); code != http.StatusNoContent || w.texts() == "" {
		t.Errorf("afterwards: %d", code)
	}
}
