package bluesky_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/bluesky"
)

// A query that is new hears what was said before it; each word is searched for
// once, and what nobody may see, or not everybody, is treated as such.
func TestNewQueriesHearThePast(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []string
	fail := false
	now := time.Now().UTC()
	post := func(key, text string, ago time.Duration, labels, byLabels string) string {
		at := now.Add(-ago).Format("2006-01-02T15:04:05.000Z")
		return fmt.Sprintf(`{"uri":"at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/%s","cid":"bafy%s","author":{"did":"did:plc:aaaaaaaaaaaaaaaaaaaaaaaa","handle":"mia.test","displayName":"Mia","labels":[%s]},"record":{"$type":"app.bsky.feed.post","text":%q,"createdAt":%q},"indexedAt":%q,"labels":[%s]}`,
			key, key, byLabels, text, at, at, labels)
	}
	label := func(val string) string { return fmt.Sprintf(`{"val":%q}`, val) }
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "app.bsky.feed.searchPosts") {
			http.NotFound(w, r)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		q := r.URL.Query()
		asked = append(asked, q.Get("q")+" "+q.Get("cursor"))
		switch {
		case fail:
			w.WriteHeader(http.StatusForbidden)
		case q.Get("cursor") == "":
			fmt.Fprintf(w, `{"cursor":"2","posts":[%s,%s,%s]}`, post("3", "neu", time.Hour, "", ""),
				post("2", "gemeldet", 2*time.Hour, label("!takedown"), ""), post("1", "nur für Angemeldete", 3*time.Hour, "", label("!no-unauthenticated")))
		default:
			fmt.Fprintf(w, `{"posts":[%s,%s,{"uri":"nonsense"}]}`, post("0", "alt", 4*time.Hour, "", ""), post("00", "uralt", 300*time.Hour, "", ""))
		}
	}))
	t.Cleanup(srv.Close)
	h := newHost(t)
	words := []string{"lind"}
	h.Searches = func(context.Context) ([]string, error) { return words, nil }
	cursor, texts := "", []string{}
	private := 0
	poll := func() {
		t.Helper()
		texts, private = nil, 0
		src, err := bluesky.New().Open(listen.Account{Settings: map[string]string{"hosts": srv.URL, "appview": srv.URL, "back": "0"}}, h.Host)
		if err != nil {
			t.Fatal(err)
		}
		// There is no stream here: only the past is heard.
		_ = src.Poll(t.Context(), cursor, func(_ context.Context, events []lastword.Event, at string) error {
			for _, e := range events {
				texts = append(texts, e.Post.Text)
				if e.Post.Private {
					private++
				}
			}
			cursor = at
			return nil
		})
	}
	poll()
	if got := strings.Join(texts, ", "); got != "alt, nur für Angemeldete, neu" || private != 1 || cursor == "" {
		t.Errorf("heard %q, %d private, cursor %q", got, private, cursor)
	}
	poll()
	if len(texts) != 0 || len(asked) != 2 {
		t.Errorf("searched again: %v, heard %v", asked, texts)
	}
	words = []string{"lind", `"halbe größen"`}
	poll()
	if len(texts) != 3 || asked[2] != `"halbe größen" ` {
		t.Errorf("a new query: asked %v, heard %v", asked, texts)
	}
	fail, words = true, append(words, "stiefel")
	poll()
	if len(texts) != 0 || h.drops()["no-search"] != 1 {
		t.Errorf("a search that fails: heard %v, dropped %v", texts, h.drops())
	}
}
