package x_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"lastword"
	"lastword/internal/twittertext"
	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/x"
)

// listening hears a stream in the background.
type listening struct {
	events chan lastword.Event
	mu     sync.Mutex
	cursor string
	ended  chan error
}

func (a *archive) listen(ctx context.Context, cursor string, change ...string) *listening {
	set := map[string]string{"bearer": "a1", "words": "Hobelwerk"}
	for i := 0; i < len(change); i += 2 {
		set[change[i]] = change[i+1]
	}
	l := &listening{events: make(chan lastword.Event, 1000), ended: make(chan error, 1), cursor: cursor}
	src := a.open(x.NewStream(), set).(listen.Streamer)
	go func() {
		l.ended <- src.Stream(ctx, cursor, func(_ context.Context, events []lastword.Event, next string) error {
			for _, e := range events {
				l.events <- e
			}
			l.mu.Lock()
			defer l.mu.Unlock()
			l.cursor = next
			return nil
		})
	}()
	return l
}

func (l *listening) next(t *testing.T) lastword.Post {
	t.Helper()
	select {
	case e := <-l.events:
		return e.Post
	case err := <-l.ended:
		t.Fatalf("the stream ended: %v", err)
	case <-time.After(time.Minute):
		t.Fatal("nothing is heard")
	}
	return lastword.Post{}
}

func (l *listening) end(t *testing.T) error {
	t.Helper()
	select {
	case err := <-l.ended:
		return err
	case <-time.After(time.Minute):
		t.Fatal("the stream does not end")
		return nil
	}
}

func line(id uint64, text string, rules ...string) string {
	matching := ""
	for _, r := range rules {
		matching += fmt.Sprintf(`,{"id":%q,"tag":"t"}`, r)
	}
	return fmt.Sprintf(`{"data":{"id":"%d","text":%q,"author_id":"42","created_at":"2026-11-27T09:00:01.000Z","edit_history_tweet_ids":["%d"]},`+
		`"includes":{"users":[{"id":"42","username":"mia","name":"Mia"}]},"matching_rules":[%s]}`, id, text, id, strings.TrimPrefix(matching, ","))
}

func TestStream(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	a.rules = []map[string]string{{"id": "1", "value": "alt", "tag": "lastword:7"}, {"id": "2", "value": "fremd", "tag": "anderes"}}
	a.say(10*time.Minute, "Hobelwerk, vorher gesagt")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l := a.listen(ctx, "")
	if p := l.next(t); p.Text != "Hobelwerk, vorher gesagt" {
		t.Errorf("caught up with %q", p.Text)
	}
	live := idAt(a.now.Add(time.Second))
	a.lines <- ""
	a.lines <- line(live, "für andere", "2")
	a.lines <- "{kaputt"
	a.lines <- `{"data":{"id":"x"},"matching_rules":[{"id":"1000"}]}`
	a.lines <- line(live+1, strings.Repeat("x", 2<<20), "1000")
	a.lines <- line(live+2, "Hobelwerk, jetzt gesagt", "2", "1000")
	if p := l.next(t); p.Text != "Hobelwerk, jetzt gesagt" || p.Author.Handle != "mia" {
		t.Errorf("heard %+v", p)
	}
	a.mu.Lock()
	rules := slices.Clone(a.rules)
	a.mu.Unlock()
	if len(rules) != 2 || rules[0]["tag"] != "anderes" || rules[1]["value"] != "Hobelwerk -is:retweet" {
		t.Errorf("rules %v", rules)
	}
	close(a.lines)
	if err := l.end(t); !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("X hangs up: %v", err)
	}
	if a.drops["unreadable"] != 2 || a.drops["huge"] != 1 {
		t.Errorf("drops %v", a.drops)
	}
	// What was said while nobody listened is heard first; the stream's own posts are
	// not lost to it.
	a.lines = make(chan string, 10)
	a.mu.Lock()
	a.now = a.now.Add(30 * time.Minute)
	a.mu.Unlock()
	a.say(20*time.Minute, "Hobelwerk, zwischendurch")
	again := a.listen(ctx, l.cursor)
	if p := again.next(t); p.Text != "Hobelwerk, zwischendurch" {
		t.Errorf("heard %q", p.Text)
	}
}

func TestStreamEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail func(http.ResponseWriter, *http.Request) bool
		line string
		want error
	}{
		"too many connections": {at("/stream", 429, "streaming-connection"), "", lastword.ErrUnavailable},
		"token":                {at("/rules", 401, "about:blank"), "", lastword.ErrDenied},
		"no access":            {at("/stream", 403, "client-forbidden"), "", lastword.ErrDenied},
		"no rules":             {at("/stream", 409, "about:blank"), "", lastword.ErrUnavailable},
		"told":                 {nil, `{"errors":[{"title":"operational-disconnect","type":"https://api.x.com/2/problems/operational-disconnect"}]}`, lastword.ErrUnavailable},
		"budget":               {nil, line(idAt(time.Date(2026, 11, 27, 9, 0, 1, 0, time.UTC)), "teuer", "1000"), lastword.ErrDenied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newArchive(t)
			a.fail = c.fail
			if c.line != "" {
				a.lines <- c.line
			}
			set := []string{}
			if name == "budget" { // enough to count, for a page of search, and for ten posts
				set = []string{"budget", "0.051", "prices", "user=0 count=0.001"}
				for i := range 9 {
					a.lines <- line(idAt(a.now.Add(2*time.Second))+uint64(i), "teuer", "1000")
				}
			}
			if err := a.listen(t.Context(), "", set...).end(t); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func at(path string, code int, kind string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, path) {
			problem(w, code, kind)
			return true
		}
		return false
	}
}

// What X does not take as a rule is told; one that is there already serves.
func TestRules(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{"rule-cap": "connector.x.error.rules", "invalid-rules": "connector.x.error.rule"} {
		a := newArchive(t)
		a.fail = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == "POST" {
				reply(w, 200, map[string]any{"errors": []map[string]string{{"type": "https://api.x.com/2/problems/" + kind}}})
			}
			return r.Method == "POST"
		}
		wantMistake(t, a.listen(t.Context(), "").end(t), want)
	}
}

func TestQuestion(t *testing.T) {
	t.Parallel()
	for _, c := range [][4]string{
		{"Hobelwerk", "", "", "Hobelwerk -is:retweet"},
		{"Hobelwerk, @hobelwerk\n#hobel; Hobelwerk  Süd", "Stelle, wir suchen", "de EN",
			`(Hobelwerk OR @hobelwerk OR #hobel OR "Hobelwerk Süd") -Stelle -"wir suchen" (lang:de OR lang:en) -is:retweet`},
		{`from:boss) OR "x, or`, "", "", `("from:boss) OR x" OR "or") -is:retweet`},
	} {
		if got, err := x.Question(c[0], c[1], c[2]); err != nil || got != c[3] {
			t.Errorf("%q: %q, %v, want %q", c[0], got, err, c[3])
		}
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		most int
		want []string
	}{
		{"", 10, []string{""}},
		{"kurz", 10, []string{"kurz"}},
		{"Erster Satz. Zweiter Satz, lang.", 20, []string{"Erster Satz.", "Zweiter Satz, lang."}},
		{"Ein Absatz hier\n\nUnd noch ein Absatz hier", 30, []string{"Ein Absatz hier", "Und noch ein Absatz hier"}},
		{"Donaudampfschifffahrt", 10, []string{"Donaudampf", "schifffahr", "t"}},
		{"あいうえお", 4, []string{"あい", "うえ", "お"}},
		{"siehe https://schuh.de/" + strings.Repeat("a", 50) + " bitte", 30, []string{"siehe https://schuh.de/" + strings.Repeat("a", 50), "bitte"}},
	} {
		if got := x.Parts(c.text, c.most); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func FuzzParts(f *testing.F) {
	f.Add("Erster Satz. https://schuh.de/44 あ👩🏽‍🔬\n\nZweiter", 23)
	f.Fuzz(func(t *testing.T, text string, most int) {
		if most < 25 || most > 300 || len(text) > 5000 {
			return
		}
		all := x.Parts(text, most)
		if got, want := strings.Join(strings.Fields(strings.Join(all, "")), ""), strings.Join(strings.Fields(text), ""); got != want {
			t.Errorf("%q became %q", want, got)
		}
		for _, p := range all {
			if w := twittertext.Weigh(p); w > most && len([]rune(p)) > 1 {
				t.Errorf("a part weighs %d: %q", w, p)
			}
		}
	})
}

func FuzzPost(f *testing.F) {
	for _, name := range []string{"mentions.json", "line.json", "lookup.json"} {
		body, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte(`{"id":"5","author_id":"6","text":"da &lt;","created_at":"2026-11-27T08:59:00Z","referenced_tweets":[{"type":"quoted","id":"1"}],"entities":{"urls":[{"url":"d","expanded_url":"https://x.com/a/status/1"}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, ok := x.DecodePost(raw)
		if ok && (e.Post.Key == "" || e.Post.Text == "" || e.Post.SaidAt.IsZero() || e.Post.Author.Key == "" || strings.Trim(e.Post.Key, "0123456789") != "") {
			t.Errorf("%q became %+v", raw, e)
		}
	})
}

func FuzzLine(f *testing.F) {
	body, err := os.ReadFile("testdata/line.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Add([]byte("\r\n"))
	f.Add([]byte(`{"errors":[{"type":"x/y"}]}`))
	host := listen.Host{Dropped: func(string, string) {}, Now: time.Now}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if ok, err := x.DecodeLine(raw, "1273026480692322304", host); ok && err != nil {
			t.Errorf("%q is a post and an end", raw)
		}
	})
}

// The documented line is a post where our rule wanted it.
func TestDocumentedLine(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("testdata/line.json")
	if err != nil {
		t.Fatal(err)
	}
	host := listen.Host{Dropped: func(reason, _ string) { t.Error(reason) }}
	if ok, err := x.DecodeLine(body, "1273026480692322304", host); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	if ok, _ := x.DecodeLine(body, "7", host); ok {
		t.Error("somebody else's rule is ours")
	}
}

// A stream without its sign of life is over, though the connection stands.
func TestSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host, _, _ := listentest.Host(&http.Client{Transport: mute{}}, time.Now())
		host.Now = time.Now
		src, err := x.NewStream().Open(listen.Account{Settings: map[string]string{"bearer": "b", "words": "Hobelwerk"}}, host)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		err = src.(listen.Streamer).Stream(t.Context(), "", func(context.Context, []lastword.Event, string) error { return nil })
		if took := time.Since(began); !errors.Is(err, lastword.ErrUnavailable) || took < 20*time.Second || took > time.Minute {
			t.Errorf("%v after %s", err, took)
		}
	})
}

// mute answers, and says nothing in its stream.
type mute struct{}

func (mute) RoundTrip(r *http.Request) (*http.Response, error) {
	resp := &http.Response{StatusCode: 200, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader(`{"data":[{"id":"1","value":"Hobelwerk -is:retweet"}]}`))}
	switch {
	case strings.HasSuffix(r.URL.Path, "/stream"):
		out, in := io.Pipe()
		context.AfterFunc(r.Context(), func() { in.CloseWithError(context.Cause(r.Context())) })
		resp.Body = out
	case !strings.HasSuffix(r.URL.Path, "/rules"):
		resp.Body = io.NopCloser(strings.NewReader(`{}`))
	}
	return resp, nil
}
