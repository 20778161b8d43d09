package hackernews_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/hackernews"
	"lastword/listen/listentest"
)

// A site is both interfaces over one set of items.
type site struct {
	*testing.T
	now     time.Time
	mu      sync.Mutex
	items   map[int64]string // as the official API has them; "null": not there yet
	times   map[int64]time.Time
	newest  int64
	changed []int64
	events  chan string
	fail    func(w http.ResponseWriter, r *http.Request) bool
	host    listen.Host
	drops   map[string]int
}

func newSite(t *testing.T) *site {
	s := &site{T: t, now: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC), items: map[int64]string{}, times: map[int64]time.Time{},
		newest: 1000, events: make(chan string)}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.host, s.drops, _ = listentest.Host(&http.Client{Transport: to{srv.URL}, Timeout: 20 * time.Second}, s.now)
	s.host.Now = func() time.Time { s.mu.Lock(); defer s.mu.Unlock(); return s.now }
	return s
}

type to struct{ at string }

func (t to) RoundTrip(r *http.Request) (*http.Response, error) {
	if h := r.URL.Host; h != "hacker-news.firebaseio.com" && h != "hn.algolia.com" {
		return nil, fmt.Errorf("somebody else is asked: %s", h)
	}
	at, err := url.Parse(t.at)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = at.Scheme, at.Host
	return http.DefaultTransport.RoundTrip(r)
}

// say adds an item, said some time ago; 0 parent makes it a story.
func (s *site) say(ago time.Duration, text string, parent int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newest++
	at := s.now.Add(-ago)
	s.times[s.newest] = at
	s.items[s.newest] = fmt.Sprintf(`{"id":%d,"by":"mia","time":%d,"type":"story","title":%q}`, s.newest, at.Unix(), text)
	if parent != 0 {
		s.items[s.newest] = fmt.Sprintf(`{"id":%d,"by":"tom","time":%d,"type":"comment","parent":%d,"text":%q}`, s.newest, at.Unix(), parent, text)
	}
	return s.newest
}

func (s *site) set(id int64, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items[id] = body
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.fail != nil && s.fail(w, r) {
		return
	}
	if r.Header.Get("Accept") == "text/event-stream" {
		s.stream(w, r)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch at := r.URL.Path; {
	case at == "/v0/maxitem.json":
		fmt.Fprint(w, s.newest)
	case at == "/v0/updates.json":
		fmt.Fprint(w, `{"items":`+strings.ReplaceAll(fmt.Sprint(s.changed), " ", ",")+`,"profiles":["mia"]}`)
	case strings.HasPrefix(at, "/v0/item/"):
		id, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimPrefix(at, "/v0/item/"), ".json"), 10, 64)
		if body, ok := s.items[id]; ok {
			fmt.Fprint(w, body)
			return
		}
		fmt.Fprint(w, "null")
	case at == "/api/v1/search_by_date":
		s.search(w, r)
	default:
		s.Errorf("asked for %s", r.URL)
	}
}

func (s *site) search(w http.ResponseWriter, r *http.Request) {
	var from, until int64
	if _, err := fmt.Sscanf(r.URL.Query().Get("numericFilters"), "created_at_i>=%d,created_at_i<%d", &from, &until); err != nil {
		s.Errorf("%s: %v", r.URL, err)
	}
	var hits []string
	for id, at := range s.times {
		if t := at.Unix(); t >= from && t < until {
			hits = append(hits, fmt.Sprintf(`{"objectID":"%d","author":"mia","created_at_i":%d,"title":"Nr. %d","story_id":%d}`, id, t, id, id))
		}
	}
	slices.Sort(hits)
	slices.Reverse(hits) // newest first
	fmt.Fprintf(w, `{"hits":[%s],"nbHits":%d}`, strings.Join(hits[:min(len(hits), 1000)], ","), len(hits))
}

func (s *site) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(200)
	w.(http.Flusher).Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case name, open := <-s.events:
			if !open {
				return
			}
			fmt.Fprintf(w, "event: %s\ndata: {\"path\":\"/\",\"data\":1}\n\n", name)
			w.(http.Flusher).Flush()
		}
	}
}

func (s *site) open(settings map[string]string) listen.Source {
	s.Helper()
	src, err := hackernews.New().Open(listen.Account{Settings: settings}, s.host)
	if err != nil {
		s.Fatal(err)
	}
	return src
}

func poll(t *testing.T, src listen.Source, cursor string) (*listentest.Heard, error) {
	t.Helper()
	var h listentest.Heard
	err := src.Poll(t.Context(), cursor, h.Hear)
	return &h, err
}

func texts(events []lastword.Event) []string {
	var all []string
	for _, e := range events {
		all = append(all, e.Post.Title+e.Post.Text)
	}
	return all
}

func TestThePromisesOfAConnector(t *testing.T) {
	t.Parallel()
	listentest.Exercise(t, hackernews.New(), nil)
	for _, back := range []string{"169", "-1", "x"} {
		if _, err := hackernews.New().Open(listen.Account{Settings: map[string]string{"back": back}}, newSite(t).host); !errors.Is(err, lastword.ErrInvalid) {
			t.Errorf("back %s: %v", back, err)
		}
	}
}

func TestThePromisesOfASource(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 60 {
		s.say(time.Duration(120-i)*time.Minute, fmt.Sprint("Wort ", i), 0)
	}
	for i := range 30 {
		s.say(time.Duration(300-i)*time.Second, fmt.Sprint("Jetzt ", i), 0)
	}
	listentest.ExerciseSource(t, listentest.Place{
		Network: "hackernews", Open: func() listen.Source { return s.open(map[string]string{"back": "3"}) },
		Grow: func() { s.say(0, "Neu", 0) },
	})
}

// More than a thousand in half an hour are all heard.
func TestBusyHours(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 2500 {
		s.say(time.Hour-time.Duration(i)*400*time.Millisecond, fmt.Sprint(i), 0)
	}
	h, err := poll(t, s.open(nil), "")
	if err != nil || len(h.Events()) != 2500 {
		t.Errorf("%d of 2,500 heard, %v", len(h.Events()), err)
	}
}

func TestItemByItem(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	src := s.open(map[string]string{"back": "0"})
	h, err := poll(t, src, "")
	if err != nil || len(h.Events()) > 0 {
		t.Fatalf("%v, %v", texts(h.Events()), err)
	}
	story := s.say(0, "Show HN: &lt;Leisten&gt;", 0)
	late := s.say(0, "spät", 0)
	there := s.items[late]
	s.set(late, "null")
	comment := s.say(0, "Schön<p>Gibt es halbe Gr&#xF6;&#xDF;en?", story)
	job := s.say(0, "", 0)
	s.set(job, fmt.Sprintf(`{"id":%d,"type":"job","time":1,"title":"Wir stellen ein"}`, job))
	dead := s.say(0, "", 0)
	s.set(dead, fmt.Sprintf(`{"id":%d,"type":"comment","time":1,"dead":true,"parent":1}`, dead))
	next, err := poll(t, src, h.Cursor(""))
	if err != nil {
		t.Fatal(err)
	}
	events := next.Events()
	if len(events) != 3 || events[1].Post.Text != "Schön\n\nGibt es halbe Größen?" || events[1].Post.Root != fmt.Sprint(story) ||
		events[1].Post.Key != fmt.Sprint(comment) || events[1].Post.Author.Handle != "tom" || events[2].Op != lastword.Deleted {
		t.Errorf("%+v", events)
	}
	s.set(late, there)
	last, err := poll(t, src, next.Cursor(""))
	if err != nil || !slices.Equal(texts(last.Events()), []string{"spät"}) {
		t.Errorf("late: %v, %v", texts(last.Events()), err)
	}
	end, err := poll(t, src, last.Cursor(""))
	if err != nil || len(end.Events()) > 0 {
		t.Errorf("again: %v, %v", texts(end.Events()), err)
	}
}

// Of what changed, only what is kept is asked for.
func TestChanges(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	edited, gone, foreign := s.say(20*time.Hour, "alt", 0), s.say(20*time.Hour, "weg", 0), s.say(20*time.Hour, "fremd", 0)
	s.set(edited, fmt.Sprintf(`{"id":%d,"type":"story","by":"mia","time":5,"title":"neu"}`, edited))
	s.set(gone, fmt.Sprintf(`{"id":%d,"type":"comment","time":5,"deleted":true}`, gone))
	s.changed = []int64{foreign, gone, edited, 1}
	kept := []string{fmt.Sprint(edited), fmt.Sprint(gone)}
	s.host.Voices = func(_ context.Context, after string, most int) ([]string, error) {
		i, _ := slices.BinarySearch(kept, after+"\x00")
		return kept[i:min(i+most, len(kept))], nil
	}
	h, err := poll(t, s.open(map[string]string{"back": "0"}), "")
	if err != nil {
		t.Fatal(err)
	}
	events := h.Events()
	if len(events) != 2 || events[0].Op != lastword.Deleted || events[0].Post.Key != kept[1] || events[1].Op != lastword.Edited || events[1].Post.Title != "neu" {
		t.Errorf("%+v", events)
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	heard := make(chan lastword.Event, 100)
	ended := make(chan error, 1)
	src := s.open(map[string]string{"back": "0"})
	go func() {
		ended <- src.(listen.Streamer).Stream(t.Context(), "", func(_ context.Context, events []lastword.Event, _ string) error {
			for _, e := range events {
				heard <- e
			}
			return nil
		})
	}()
	s.events <- "keep-alive"
	for i := range 3 {
		s.say(0, fmt.Sprint("Live ", i), 0)
		s.events <- "put"
		select {
		case e := <-heard:
			if e.Post.Title != fmt.Sprint("Live ", i) {
				t.Errorf("%+v", e)
			}
		case err := <-ended:
			t.Fatal(err)
		case <-time.After(time.Minute):
			t.Fatal("nothing is heard")
		}
	}
	close(s.events)
	if err := <-ended; !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("%v", err)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"cut": `{"hits":[`, "other": `"x"`, "empty": ""} {
		s := newSite(t)
		s.fail = func(w http.ResponseWriter, _ *http.Request) bool { fmt.Fprint(w, body); return true }
		if _, err := poll(t, s.open(nil), ""); !errors.Is(err, lastword.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for code := range map[int]bool{403: true, 404: true, 429: true, 500: true} {
		s := newSite(t)
		s.fail = func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(code)
			return true
		}
		_, err := poll(t, s.open(nil), "")
		var wait *listen.RetryAfter
		if !errors.Is(err, lastword.ErrUnavailable) || errors.Is(err, lastword.ErrDenied) || !errors.As(err, &wait) || wait.Wait != 2*time.Minute {
			t.Errorf("%d: %v", code, err)
		}
	}
}

func TestDocumentedAnswers(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"comment.json": "Aw shucks, guys ... you make me blush with your compliments.\n\nTell you what, Ill make a deal: I'll keep writing if you keep reading. K?",
		"story.json":   "My YC app: Dropbox - Throw away your USB drive",
	} {
		e, ok := hackernews.DecodeItem(recorded(t, name))
		if !ok || e.Post.Title+e.Post.Text != want {
			t.Errorf("%s: %+v", name, e)
		}
	}
	events := hackernews.DecodeHits(recorded(t, "hits.json"))
	if len(events) != 2 || events[0].Post.Root != "2921001" || events[0].Post.Parent != "2921506" || events[1].Post.Root != "" {
		t.Errorf("%+v", events)
	}
}

func recorded(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func FuzzItem(f *testing.F) {
	f.Add(recorded(f, "comment.json"))
	f.Add(recorded(f, "story.json"))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, ok := hackernews.DecodeItem(b); ok {
			wellFormed(t, e)
		}
	})
}

func FuzzHits(f *testing.F) {
	f.Add(recorded(f, "hits.json"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, e := range hackernews.DecodeHits(b) {
			wellFormed(t, e)
		}
	})
}

func wellFormed(t *testing.T, e lastword.Event) {
	t.Helper()
	if e.Post.Key == "" || e.Op == lastword.Said && (e.Post.SaidAt.IsZero() || e.Post.Text+e.Post.Title == "") {
		t.Errorf("%+v", e)
	}
}
