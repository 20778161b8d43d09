package feed_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
	"lastword/listen/feed"
	"lastword/listen/listentest"
)

// noon is when all tests are.
var noon = time.Date(2025, 3, 5, 12, 0, 0, 0, time.UTC)

// shop is a website with a feed.
type shop struct {
	*httptest.Server
	mu    sync.Mutex
	serve http.HandlerFunc
	asked []*http.Request
}

func open(t testing.TB, serve http.HandlerFunc) *shop {
	t.Helper()
	s := &shop{serve: serve}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r)
		serve := s.serve
		s.mu.Unlock()
		serve(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *shop) now(serve http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serve, s.asked = serve, nil
}

func (s *shop) requests() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func says(doc string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/rss+xml")
		fmt.Fprint(w, doc)
	}
}

// rss returns a document of items given as "id text".
func rss(items ...string) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>Werkstatt</title>`)
	for _, i := range items {
		id, text, _ := strings.Cut(i, " ")
		fmt.Fprintf(&b, `<item><guid isPermaLink="false">%s</guid><description>%s</description></item>`, id, text)
	}
	return b.String() + `</channel></rss>`
}

// line is a connected feed with what a test wants to see of its Host.
type line struct {
	t      testing.TB
	host   listen.Host
	drops  map[string]int
	next   func() time.Duration
	url    string
	with   map[string]string
	cursor string
	hub    *feed.Hub
}

func connect(t testing.TB, url string) *line {
	t.Helper()
	client := httpx.New(httpx.Options{Allow: []string{"127.0.0.1"}, Pace: -1, PerHost: 8})
	t.Cleanup(client.Close)
	l := &line{t: t, url: url, with: map[string]string{}}
	l.host, l.drops, l.next = listentest.Host(client.HTTP(), noon)
	return l
}

func (l *line) at(now time.Time) { l.host.Now = func() time.Time { return now } }

func (l *line) source() listen.Source {
	l.t.Helper()
	settings := map[string]string{"url": l.url}
	for k, v := range l.with {
		settings[k] = v
	}
	src, err := feed.New(l.hub).Open(listen.Account{Channel: 7, Settings: settings}, l.host)
	if err != nil {
		l.t.Fatal(err)
	}
	return src
}

// poll polls once, keeps the cursor and returns what was heard.
func (l *line) poll() ([]lastword.Event, error) {
	l.t.Helper()
	var h listentest.Heard
	err := l.source().Poll(l.t.Context(), l.cursor, h.Hear)
	l.cursor = h.Cursor(l.cursor)
	return h.Events(), err
}

// texts polls once, which must go well, and returns the texts heard.
func (l *line) texts() string {
	l.t.Helper()
	events, err := l.poll()
	if err != nil {
		l.t.Fatal(err)
	}
	var all []string
	for _, e := range events {
		all = append(all, e.Post.Text)
	}
	return strings.Join(all, ", ")
}

func (l *line) want(texts string) {
	l.t.Helper()
	if got := l.texts(); got != texts {
		l.t.Errorf("heard %q, want %q", got, texts)
	}
}

func mistake(t testing.TB, err error, key string) {
	t.Helper()
	var m *lastword.Mistake
	if !errors.As(err, &m) || m.Key != "connector.feed.mistake."+key || m.Field != "url" {
		t.Errorf("got %v, want the mistake %q", err, key)
	}
}

func TestPromises(t *testing.T) {
	t.Parallel()
	listentest.Exercise(t, feed.New(nil), map[string]string{"url": "werkstatt.example/feed"})
	var doc []string
	for n := range 250 {
		doc = append([]string{fmt.Sprintf("%d Stimme %d", n, n)}, doc...)
	}
	s := open(t, says(rss(doc...)))
	l := connect(t, s.URL)
	grown := 0
	listentest.ExerciseSource(t, listentest.Place{
		Network: feed.Name,
		Open:    l.source,
		Grow: func() {
			grown++
			doc = append([]string{fmt.Sprintf("new%d Neues", grown)}, doc...)
			s.now(says(rss(doc...)))
		},
	})
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	l := connect(t, "")
	for _, good := range []string{"werkstatt.example", "https://a.example/feed?key=1", "feed://a.example/rss", "feed:https://a.example/rss", " http://a.example:8080 ", "https://erika:geheim@a.example/"} {
		if _, err := feed.New(nil).Open(listen.Account{Settings: map[string]string{"url": good}}, l.host); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"file:///etc/passwd", "gopher://a.example/", "https://", "http://%zz", "javascript:alert(1)//a", "https://" + strings.Repeat("a", 3000)} {
		_, err := feed.New(nil).Open(listen.Account{Settings: map[string]string{"url": bad}}, l.host)
		mistake(t, err, "address")
	}
}

func TestAFeedMayShrinkReorderAndRedate(t *testing.T) {
	t.Parallel()
	s := open(t, says(rss("3 drei", "2 zwei", "1 eins")))
	l := connect(t, s.URL)
	l.want("eins, zwei, drei")
	s.now(says(rss()))
	l.want("")
	s.now(says(rss("1 eins", "3 drei")))
	l.want("")
	s.now(says(rss("4 vier", "1 eins", "2 zwei", "3 drei")))
	l.want("vier")
	s.now(says(strings.ReplaceAll(rss("2 zwei", "1 eins"), "</guid>", "</guid><pubDate>Wed, 05 Mar 2025 10:00:00 GMT</pubDate>")))
	l.want("")
	s.now(says(rss("2 zwei und mehr", "1 eins")))
	events, err := l.poll()
	if err != nil || len(events) != 1 || events[0].Op != lastword.Edited || events[0].Post.Text != "zwei und mehr" {
		t.Errorf("an edit: %+v, %v", events, err)
	}
	l.want("")
}

func TestPosts(t *testing.T) {
	t.Parallel()
	s := open(t, says(`<rss version="2.0" xmlns:thr="http://purl.org/syndication/thread/1.0"><channel><title>Werkstatt</title><link>/start</link><language>de</language>
<item><guid>https://werkstatt.example/?p=1#comment-2</guid><description>Passt nicht.</description><pubDate>Wed, 05 Mar 2025 09:00:00 GMT</pubDate></item>
<item><guid>https://werkstatt.example/?p=1#comment-3</guid><description>Doch.</description><author>eva@mail.example (Eva)</author><pubDate>Sat, 05 Apr 2025 09:00:00 GMT</pubDate></item>
<item><guid isPermaLink="false">17</guid><title>Leisten</title><link>leisten#a</link><description>Neu &lt;b&gt;hier&lt;/b&gt;</description><pubDate>Tue, 04 Mar 2025 09:00:00 +0100</pubDate></item></channel></rss>`))
	l := connect(t, s.URL+"/blog/feed?token=geheim#x")
	events, err := l.poll()
	if err != nil || len(events) != 3 {
		t.Fatalf("%+v, %v", events, err)
	}
	article, unsigned, future := events[0].Post, events[1].Post, events[2].Post
	if article.Title != "Leisten" || article.Text != "Neu hier" || article.URL != s.URL+"/blog/leisten#a" || article.Lang != "de" ||
		article.SaidAt != time.Date(2025, 3, 4, 8, 0, 0, 0, time.UTC) || article.Network != "feed" || article.Parent != "" ||
		article.Author != (lastword.Author{Key: "127.0.0.1", Name: "Werkstatt", URL: s.URL + "/start"}) {
		t.Errorf("the article: %+v", article)
	}
	if unsigned.Parent != "127.0.0.1|https://werkstatt.example/?p=1" || unsigned.Author != (lastword.Author{}) {
		t.Errorf("the unsigned comment: %+v", unsigned)
	}
	if future.SaidAt != noon || future.Author.Name != "Eva" || future.Author.Handle != "eva@mail.example" {
		t.Errorf("the comment from the future: %+v", future)
	}
	for _, e := range events {
		if strings.Contains(e.Post.Key+e.Post.Author.Key, "geheim") {
			t.Errorf("a key tells the address: %q", e.Post.Key)
		}
	}
}

// A feed cannot speak under the ids of another site's feed.
func TestIDsBelongToTheirSite(t *testing.T) {
	t.Parallel()
	doc := rss("https://werkstatt.example/1 eins", "17 siebzehn")
	keys := map[string]bool{}
	for _, host := range []string{"127.0.0.1", "localhost"} {
		s := open(t, says(doc))
		l := connect(t, strings.Replace(s.URL, "127.0.0.1", host, 1))
		client := httpx.New(httpx.Options{Allow: []string{host}, Pace: -1})
		t.Cleanup(client.Close)
		l.host.HTTP = client.HTTP()
		events, err := l.poll()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			keys[e.Post.Key] = true
		}
	}
	if len(keys) != 4 {
		t.Errorf("two sites share keys: %v", keys)
	}
}

func TestConditionalRequests(t *testing.T) {
	t.Parallel()
	etag, modified := `"1"`, "Wed, 05 Mar 2025 08:00:00 GMT"
	doc := rss("1 eins")
	s := open(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		w.Header().Set("Last-Modified", modified)
		if r.Header.Get("If-None-Match") == etag {
			modified = "Wed, 05 Mar 2025 09:00:00 GMT"
			w.Header().Set("Last-Modified", modified)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, doc)
	})
	l := connect(t, s.URL)
	l.want("eins")
	l.want("")
	l.want("")
	last := s.requests()[2].Header
	if last.Get("If-None-Match") != `"1"` || last.Get("If-Modified-Since") != "Wed, 05 Mar 2025 09:00:00 GMT" {
		t.Errorf("the third request asks with %v", last)
	}
	etag, doc = `"2"`, rss("2 zwei", "1 eins")
	l.want("zwei")
	l.url += "/other"
	if _, err := l.poll(); err != nil {
		t.Fatal(err)
	}
	if r := s.requests(); r[len(r)-1].Header.Get("If-None-Match") != "" {
		t.Error("another address is asked with the validators of the first")
	}
}

// A crash between two batches must not leave validators that hide the rest.
func TestValidatorsComeLast(t *testing.T) {
	t.Parallel()
	var items []string
	for n := range 150 {
		items = append(items, fmt.Sprintf("%d t%d", n, n))
	}
	s := open(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, rss(items...))
	})
	l := connect(t, s.URL)
	var h listentest.Heard
	if err := l.source().Poll(t.Context(), "", h.Hear); err != nil {
		t.Fatal(err)
	}
	l.cursor = h.Batches[0].Cursor
	if events, err := l.poll(); err != nil || len(events) != 50 {
		t.Errorf("after the first batch of 100: %d events, %v", len(events), err)
	}
}

func TestRedirectsAreRemembered(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	moves := func(code int, then http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/old":
				http.Redirect(w, r, "/middle", code)
			case "/middle":
				http.Redirect(w, r, "/new", http.StatusFound)
			default:
				then(w, r)
			}
		}
	}
	paths := func() string {
		var all []string
		for _, r := range s.requests() {
			all = append(all, r.URL.Path)
		}
		return strings.Join(all, " ")
	}
	l := connect(t, s.URL+"/old")
	s.now(moves(http.StatusFound, says(rss("1 eins"))))
	l.want("eins")
	l.want("")
	if got := paths(); got != "/old /middle /new /old /middle /new" {
		t.Errorf("a redirect for now: %s", got)
	}
	s.now(moves(http.StatusPermanentRedirect, says(rss("2 zwei", "1 eins"))))
	l.want("zwei")
	l.want("")
	if got := paths(); got != "/old /middle /new /middle /new" {
		t.Errorf("a redirect for good: %s", got)
	}
	// What is remembered fails: the address as set up is asked again.
	s.now(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/old" {
			http.NotFound(w, r)
			return
		}
		says(rss("3 drei", "2 zwei"))(w, r)
	})
	l.want("drei")
	l.want("")
	if got := paths(); got != "/middle /old /old" {
		t.Errorf("the way back: %s", got)
	}
}

func TestARedirectToAPageIsNotRemembered(t *testing.T) {
	t.Parallel()
	s := open(t, says(rss("1 eins")))
	l := connect(t, s.URL+"/feed")
	l.want("eins")
	s.now(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/feed" {
			http.Redirect(w, r, "/login", http.StatusMovedPermanently)
			return
		}
		fmt.Fprint(w, `<!DOCTYPE html><html><body>Bitte anmelden</body></html>`)
	})
	if _, err := l.poll(); !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	s.now(says(rss("2 zwei", "1 eins")))
	l.want("zwei")
	if r := s.requests()[0]; r.URL.Path != "/feed" {
		t.Errorf("asked at %s", r.URL.Path)
	}
}

func TestPagesLeadToTheirFeed(t *testing.T) {
	t.Parallel()
	s := open(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/feed":
			says(rss("1 eins"))(w, r)
		case "/":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, `<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/dead"><link rel="alternate" type="application/rss+xml" href="/feed"></head>`)
		default:
			http.NotFound(w, r)
		}
	})
	l := connect(t, s.URL)
	l.want("eins")
	l.want("")
	if r := s.requests(); len(r) != 4 || r[3].URL.Path != "/feed" {
		t.Errorf("%d requests; the page is asked again", len(r))
	}
}

func TestPasswordsStayWithTheirHost(t *testing.T) {
	t.Parallel()
	other := open(t, says(rss("1 eins")))
	s := open(t, func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != "geheim" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.Redirect(w, r, other.URL, http.StatusMovedPermanently)
	})
	l := connect(t, s.URL)
	_, err := l.poll()
	mistake(t, err, "denied")
	l.with = map[string]string{"user": "erika", "password": "geheim"}
	l.want("eins")
	l.want("")
	for _, r := range other.requests() {
		if r.Header.Get("Authorization") != "" {
			t.Error("the other host learned the password")
		}
	}
	l = connect(t, strings.Replace(s.URL, "://", "://erika:geheim@", 1))
	l.want("eins")
	if strings.Contains(l.cursor, "geheim") {
		t.Error("the cursor holds the password")
	}
}

func TestACursorThatIsNotOursIsAnError(t *testing.T) {
	t.Parallel()
	s := open(t, says(rss("1 eins")))
	l := connect(t, s.URL)
	for _, cursor := range []string{"nonsense", `{"seen":"!!"}`, `{"seen":"AAAA"}`} {
		l.cursor = cursor
		if events, err := l.poll(); err == nil || len(events) > 0 {
			t.Errorf("cursor %q: %d events, %v", cursor, len(events), err)
		}
	}
}

// A feed holds so many entries and no more. Where all that it held is gone when it
// is asked again, what came between is missing, and that is told with its bounds.
func TestWhatAFeedOutranIsTold(t *testing.T) {
	t.Parallel()
	dated := func(days ...int) string {
		doc := `<rss version="2.0"><channel><title>Werkstatt</title>`
		for _, d := range days {
			doc += fmt.Sprintf(`<item><guid isPermaLink="false">%d</guid><description>Tag %d</description><pubDate>%s</pubDate></item>`,
				d, d, noon.AddDate(0, 0, -d).Format(time.RFC1123Z))
		}
		return doc + `</channel></rss>`
	}
	s := open(t, says(dated(30, 31, 32)))
	l := connect(t, s.URL)
	place := ""
	l.host.Dropped = func(reason, at string) { l.drops[reason]++; place = at }
	l.poll()
	s.now(says(dated(29, 30, 31)))
	l.poll()
	if l.drops[listen.Gap] != 0 {
		t.Errorf("a gap at %q where there is none", place)
	}
	s.now(says(dated(2, 3, 4)))
	l.poll()
	if want := listen.Span(noon.AddDate(0, 0, -29), noon.AddDate(0, 0, -4)); l.drops[listen.Gap] != 1 || place != want {
		t.Errorf("%d gaps, the last at %q, want %q", l.drops[listen.Gap], place, want)
	}
}
