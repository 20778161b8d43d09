package discourse_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword/listen"
	"lastword/listen/discourse"
	"lastword/listen/listentest"
)

// A board is a forum: every post is in topic 7, unless it says otherwise.
type board struct {
	*testing.T
	now      time.Time
	srv      *httptest.Server
	mu       sync.Mutex
	posts    []map[string]any
	last     int64
	closed   bool     // shows nothing to people who are not signed in
	shut     bool     // topic 7 takes no answers
	queue    bool     // posts wait for a moderator
	pictures []string // that were brought
	asked    []string
	fail     func(w http.ResponseWriter, r *http.Request) bool
	host     listen.Host
	drops    map[string]int
	next     func() time.Duration
}

func newBoard(t *testing.T) *board {
	b := &board{T: t, now: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)}
	b.srv = httptest.NewServer(http.StripPrefix("/forum", b))
	t.Cleanup(b.srv.Close)
	b.host, b.drops, b.next = listentest.Host(&http.Client{Timeout: 20 * time.Second}, b.now)
	return b
}

func (b *board) say(ago time.Duration, text string, change ...func(map[string]any)) map[string]any {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	p := map[string]any{"id": b.last, "username": "mia", "name": "Mia", "user_id": 5, "created_at": b.now.Add(-ago).Format(time.RFC3339Nano),
		"cooked": "<p>" + text + "</p>", "raw": text, "post_number": b.last, "post_type": 1, "topic_id": 7, "topic_slug": "schuhe",
		"topic_title": "Halbe Größen", "reply_to_post_number": nil, "deleted_at": nil, "user_deleted": false, "hidden": false}
	for _, c := range change {
		c(p)
	}
	b.posts = append(b.posts, p)
	return p
}

func with(key string, value any) func(map[string]any) {
	return func(p map[string]any) { p[key] = value }
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err)
	}
}

func no(w http.ResponseWriter, code int, kind string) {
	answer(w, code, map[string]any{"errors": []string{"nein"}, "error_type": kind})
}

func (b *board) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, r.Method+" "+r.URL.Path)
	if b.fail != nil && b.fail(w, r) {
		return
	}
	signed := r.Header.Get("Api-Key") == "k1" && r.Header.Get("Api-Username") == "hobelwerk" || r.Header.Get("User-Api-Key") == "k2"
	wrong := !signed && r.Header.Get("Api-Key")+r.Header.Get("User-Api-Key") != ""
	if wrong || !signed && (b.closed || r.Method != "GET" || r.URL.Path == "/session/current.json") {
		no(w, 403, "not_logged_in")
		return
	}
	number := func(s string) int64 { n, _ := strconv.ParseInt(s, 10, 64); return n }
	find := func(key string, n int64) map[string]any {
		i := slices.IndexFunc(b.posts, func(p map[string]any) bool { return p[key] == n && p["deleted_at"] == nil })
		if i < 0 {
			return nil
		}
		return b.posts[i]
	}
	switch at := r.URL.Path; {
	case at == "/posts.json" && r.Method == "GET":
		upto := number(r.URL.Query().Get("before"))
		if upto == 0 {
			upto = b.last
		}
		b.show(w, func(p map[string]any) bool { id := p["id"].(int64); return id <= upto && id > upto-50 })
	case at == "/posts.json":
		b.create(w, r)
	case at == "/uploads.json":
		file, head, err := r.FormFile("file")
		if err != nil || r.FormValue("type") != "composer" || r.FormValue("synchronous") != "true" {
			no(w, 422, "invalid_parameters")
			return
		}
		raw, _ := io.ReadAll(file)
		b.pictures = append(b.pictures, head.Header.Get("Content-Type")+" "+string(raw))
		answer(w, 200, map[string]any{"id": 3, "url": "/uploads/default/original/1X/x.png", "short_url": fmt.Sprintf("upload://p%d.png", len(b.pictures)), "width": 40, "height": 30})
	case at == "/search.json":
		b.search(w, r)
	case at == "/session/current.json":
		answer(w, 200, map[string]any{"current_user": map[string]any{"username": "hobelwerk", "id": 1}})
	case at == "/user_actions.json":
		var acts []map[string]any
		for _, p := range b.posts {
			if p["username"] == r.URL.Query().Get("username") {
				acts = append(acts, map[string]any{"post_id": p["id"], "topic_id": p["topic_id"], "post_number": p["post_number"], "created_at": p["created_at"]})
			}
		}
		answer(w, 200, map[string]any{"user_actions": acts})
	case at == "/t/7.json":
		var stream []int64
		var posts []map[string]any
		for _, p := range b.posts {
			if stream = append(stream, p["id"].(int64)); len(posts) < 20 {
				posts = append(posts, map[string]any{"id": p["id"], "post_number": p["post_number"]})
			}
		}
		answer(w, 200, map[string]any{"archetype": "regular", "closed": b.shut, "post_stream": map[string]any{"posts": posts, "stream": stream}})
	case strings.HasPrefix(at, "/posts/by_number/7/"):
		if p := find("post_number", number(strings.TrimSuffix(at[len("/posts/by_number/7/"):], ".json"))); p != nil {
			answer(w, 200, p)
			return
		}
		no(w, 404, "not_found")
	case strings.HasPrefix(at, "/posts/"):
		p := find("id", number(strings.TrimSuffix(at[len("/posts/"):], ".json")))
		switch {
		case p == nil:
			no(w, 404, "not_found")
		case r.Method == "DELETE":
			p["deleted_at"] = "2026-11-27T09:00:00Z"
		case r.Method == "PUT":
			var change struct{ Post struct{ Raw string } }
			if err := json.NewDecoder(r.Body).Decode(&change); err != nil {
				b.Error(err)
			}
			p["raw"], p["cooked"] = change.Post.Raw, change.Post.Raw
			answer(w, 200, map[string]any{"post": p})
		default:
			answer(w, 200, p)
		}
	default:
		no(w, 404, "not_found")
	}
}

func (b *board) show(w http.ResponseWriter, wanted func(map[string]any) bool) {
	var all []map[string]any
	for _, p := range slices.Backward(b.posts) {
		if p["deleted_at"] == nil && p["hidden"] == false && wanted(p) {
			all = append(all, p)
		}
	}
	answer(w, 200, map[string]any{"latest_posts": all})
}

func (b *board) search(w http.ResponseWriter, r *http.Request) {
	q, page := r.URL.Query().Get("q"), 1
	if _, err := fmt.Sscan(r.URL.Query().Get("page"), &page); err != nil {
		b.Error(err)
	}
	word, _, ok := strings.Cut(q, " order:latest after:2026-11-26")
	if !ok {
		b.Errorf("searched for %q", q)
	}
	var all []map[string]any
	for _, p := range slices.Backward(b.posts) {
		if strings.Contains(p["raw"].(string), strings.Trim(word, `"`)) {
			all = append(all, map[string]any{"id": p["id"], "blurb": "gekürzt"})
		}
	}
	from := min((page-1)*50, len(all))
	to := min(from+50, len(all))
	answer(w, 200, map[string]any{"posts": all[from:to], "grouped_search_result": map[string]any{"more_full_page_results": to < len(all)}})
}

func (b *board) create(w http.ResponseWriter, r *http.Request) {
	var p struct {
		Raw, Title string
		Topic      int64 `json:"topic_id"`
		ReplyTo    int64 `json:"reply_to_post_number"`
		Category   int
	}
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
		b.Error(err)
	}
	switch {
	case p.Topic == 7 && b.shut:
		no(w, 403, "invalid_access")
		return
	case p.Topic != 0 && p.Topic != 7:
		no(w, 404, "not_found")
		return
	case len(p.Raw) < 5:
		no(w, 422, "invalid_parameters")
		return
	case b.queue:
		answer(w, 200, map[string]any{"action": "enqueued", "success": true, "pending_post": map[string]any{"id": 9}})
		return
	}
	b.mu.Unlock()
	made := b.say(0, p.Raw, with("username", "hobelwerk"), with("title", p.Title), with("category", p.Category))
	b.mu.Lock()
	if p.ReplyTo > 0 {
		made["reply_to_post_number"] = p.ReplyTo
	}
	answer(w, 200, made)
}

func (b *board) open(change ...string) listen.Source {
	b.Helper()
	set := map[string]string{"url": b.srv.URL + "/forum/"}
	for i := 0; i < len(change); i += 2 {
		set[change[i]] = change[i+1]
	}
	src, err := discourse.New().Open(listen.Account{Settings: set}, b.host)
	if err != nil {
		b.Fatal(err)
	}
	return src
}

func (b *board) key(id int64) string {
	return strings.TrimPrefix(b.srv.URL, "http://") + "/forum/p/" + strconv.FormatInt(id, 10)
}
