package x_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/x"
)

// An archive is X: it holds posts and answers as the API does, newest first, a
// few to a page, with limits in its headers. Whatever a test wants to go wrong
// is answered by Fail.
type archive struct {
	*testing.T
	now   time.Time
	pages int // posts to a page, whatever is asked for; 0: as asked

	mu      sync.Mutex
	posts   []map[string]any
	gone    map[string]string // id → kind of problem
	rules   []map[string]string
	media   map[string]*shown // by id
	states  map[string]string // of accounts, by id
	lines   chan string       // of the stream
	asked   []string
	made    int
	token   string // that is accepted
	refresh string // that is accepted, once
	fail    func(w http.ResponseWriter, r *http.Request) bool
	host    listen.Host
	drops   map[string]int
	next    func() time.Duration
	secrets map[string]string
}

const (
	selfID = "2244994945"
	epoch  = 1288834974657
)

func newArchive(t *testing.T) *archive {
	a := &archive{T: t, now: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC), token: "a1", refresh: "r1",
		gone: map[string]string{}, media: map[string]*shown{}, lines: make(chan string, 100), secrets: map[string]string{}}
	srv := httptest.NewServer(a)
	t.Cleanup(srv.Close)
	client := &http.Client{Transport: to{srv}, Timeout: 20 * time.Second}
	a.host, a.drops, a.next = listentest.Host(client, a.now)
	a.host.Now = func() time.Time { a.mu.Lock(); defer a.mu.Unlock(); return a.now }
	a.host.Keep = func(_ context.Context, s map[string]string) error {
		a.mu.Lock()
		defer a.mu.Unlock()
		for k, v := range s {
			a.secrets[k] = v
		}
		return nil
	}
	a.host.Kept = func(context.Context) (map[string]string, error) {
		a.mu.Lock()
		defer a.mu.Unlock()
		all := map[string]string{}
		for k, v := range a.secrets {
			all[k] = v
		}
		return all, nil
	}
	return a
}

// to sends what is meant for X to the test's server.
type to struct{ srv *httptest.Server }

func (t to) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "api.x.com" || r.URL.Scheme != "https" {
		return nil, fmt.Errorf("somebody else is asked: %s", r.URL.Host)
	}
	at, err := url.Parse(t.srv.URL)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = at.Scheme, at.Host
	return http.DefaultTransport.RoundTrip(r)
}

func idAt(t time.Time) uint64 { return uint64(t.UnixMilli()-epoch) << 22 }

// say adds a post, said some time ago.
func (a *archive) say(ago time.Duration, text string, change ...func(map[string]any)) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := a.now.Add(-ago)
	id := strconv.FormatUint(idAt(at)+uint64(len(a.posts)), 10)
	p := map[string]any{"id": id, "text": text, "author_id": "42", "conversation_id": id, "lang": "de",
		"created_at": at.Format("2006-01-02T15:04:05.000Z"), "edit_history_tweet_ids": []string{id}}
	for _, c := range change {
		c(p)
	}
	a.posts = append(a.posts, p)
	return id
}

func mentioning(handle string) func(map[string]any) {
	return func(p map[string]any) {
		p["entities"] = map[string]any{"mentions": []map[string]any{{"username": handle, "id": selfID, "start": 0, "end": 5}}}
	}
}

func (a *archive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.asked = append(a.asked, r.Method+" "+r.URL.Path)
	fail, token := a.fail, a.token
	a.mu.Unlock()
	if fail != nil && fail(w, r) {
		return
	}
	w.Header().Set("x-rate-limit-limit", "450")
	w.Header().Set("x-rate-limit-remaining", "449")
	if r.URL.Path != "/2/oauth2/token" && r.Header.Get("Authorization") != "Bearer "+token {
		problem(w, 401, "about:blank")
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "POST /2/oauth2/token":
		a.grant(w, r)
	case "GET /2/users/me":
		reply(w, 200, map[string]any{"data": map[string]any{"id": selfID, "username": "hobelwerk", "name": "Hobelwerk"}})
	case "GET /2/users/" + selfID + "/mentions":
		a.page(w, r, func(p map[string]any) bool { return strings.Contains(fmt.Sprint(p["entities"]), "hobelwerk") })
	case "GET /2/users/" + selfID + "/tweets":
		a.page(w, r, func(p map[string]any) bool { return p["author_id"] == selfID })
	case "GET /2/tweets/search/recent":
		quotes := strings.Contains(r.URL.Query().Get("query"), "is:quote")
		a.page(w, r, func(p map[string]any) bool { return (p["quote"] != nil) == quotes && p["author_id"] != selfID })
	case "GET /2/tweets/counts/recent":
		a.mu.Lock()
		defer a.mu.Unlock()
		reply(w, 200, map[string]any{"meta": map[string]any{"total_tweet_count": len(a.posts)}})
	case "GET /2/tweets":
		a.lookUp(w, r)
	case "GET /2/users":
		a.lookUpUsers(w, r)
	case "POST /2/tweets":
		a.create(w, r)
	case "POST /2/media/upload", "POST /2/media/metadata":
		a.upload(w, r)
	case "GET /2/tweets/search/stream/rules", "POST /2/tweets/search/stream/rules":
		a.ruling(w, r)
	case "GET /2/tweets/search/stream":
		a.stream(w, r)
	default:
		if id, ok := strings.CutPrefix(r.URL.Path, "/2/tweets/"); ok && r.Method == "DELETE" {
			a.remove(w, id)
			return
		}
		a.Errorf("asked for %s %s", r.Method, r.URL)
		problem(w, 404, "about:blank")
	}
}

func reply(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err)
	}
}

func problem(w http.ResponseWriter, code int, kind string) {
	if kind != "about:blank" {
		kind = "https://api.x.com/2/problems/" + kind
	}
	reply(w, code, map[string]any{"title": "No", "detail": "No", "type": kind, "status": code})
}

func (a *archive) grant(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		a.Error(err)
	}
	good := r.Form.Get("grant_type") == "refresh_token" && r.Form.Get("refresh_token") == a.refresh ||
		r.Form.Get("grant_type") == "authorization_code" && r.Form.Get("code") == "c1" && len(r.Form.Get("code_verifier")) == 43
	if !good || r.Form.Get("client_id") != "app" {
		reply(w, 400, map[string]any{"error": "invalid_request", "error_description": "Value passed for the token was invalid."})
		return
	}
	a.made++
	a.token, a.refresh = fmt.Sprint("a", a.made+1), fmt.Sprint("r", a.made+1)
	reply(w, 200, map[string]any{"token_type": "bearer", "expires_in": 7200, "access_token": a.token, "refresh_token": a.refresh,
		"scope": "tweet.read tweet.write users.read media.write offline.access"})
}

// page answers with the posts between since_id and until_id that are wanted.
func (a *archive) page(w http.ResponseWriter, r *http.Request, wanted func(map[string]any) bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	q := r.URL.Query()
	number := func(s string) uint64 { n, _ := strconv.ParseUint(s, 10, 64); return n }
	var all []map[string]any
	for _, p := range a.posts {
		id := number(p["id"].(string))
		if until := number(q.Get("until_id")); id <= number(q.Get("since_id")) || until > 0 && id >= until || !wanted(p) {
			continue
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(p, q map[string]any) int { return strings.Compare(q["id"].(string), p["id"].(string)) })
	most, _ := strconv.Atoi(q.Get("max_results"))
	if most < 5 || most > 100 {
		a.Errorf("asked for %d posts", most)
	}
	if a.pages > 0 {
		most = min(most, a.pages)
	}
	from, _ := strconv.Atoi(q.Get("next_token") + q.Get("pagination_token"))
	end := min(from+most, len(all))
	meta := map[string]any{"result_count": end - from}
	if end < len(all) {
		meta["next_token"] = strconv.Itoa(end)
	}
	reply(w, 200, map[string]any{"data": all[from:end], "meta": meta, "includes": users(all[from:end])})
}

func users(posts []map[string]any) map[string]any {
	var all []map[string]any
	if len(posts) > 0 {
		all = append(all, map[string]any{"id": "42", "username": "mia", "name": "Mia Muster", "protected": false})
	}
	return map[string]any{"users": all}
}

func (a *archive) lookUp(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var found, missing []map[string]any
	for id := range strings.SplitSeq(r.URL.Query().Get("ids"), ",") {
		i := slices.IndexFunc(a.posts, func(p map[string]any) bool { return p["id"] == id })
		if kind := a.gone[id]; kind != "" || i < 0 {
			if kind == "" {
				kind = "resource-not-found"
			}
			missing = append(missing, map[string]any{"resource_id": id, "type": "https://api.x.com/2/problems/" + kind})
			continue
		}
		found = append(found, a.posts[i])
	}
	reply(w, 200, map[string]any{"data": found, "errors": missing, "includes": users(found)})
}

// lookUpUsers answers as X does: who is suspended or deleted is left out, and named
// among the errors.
func (a *archive) lookUpUsers(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	found, missing := []map[string]any{}, []map[string]any{}
	for id := range strings.SplitSeq(r.URL.Query().Get("ids"), ",") {
		switch a.states[id] {
		case "suspended":
			missing = append(missing, map[string]any{"resource_id": id, "resource_type": "user", "title": "Not Found Error"})
		default:
			found = append(found, map[string]any{"id": id, "username": "u" + id, "name": "U", "protected": a.states[id] == "protected"})
		}
	}
	reply(w, 200, map[string]any{"data": found, "errors": missing})
}

func (a *archive) create(w http.ResponseWriter, r *http.Request) {
	var p struct {
		Text  string
		Reply struct {
			To string `json:"in_reply_to_tweet_id"`
		}
		Edit struct {
			Of string `json:"previous_post_id"`
		} `json:"edit_options"`
		Media struct {
			IDs []string `json:"media_ids"`
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
		a.Error(err)
	}
	text := strings.ReplaceAll(p.Text, "&", "&amp;")
	if len(p.Media.IDs) > 0 {
		text += " https://t.co/AbCdEfGhIj" // of the pictures
	}
	id := a.say(0, text, func(m map[string]any) {
		m["author_id"] = selfID
		var keys []string
		for _, id := range p.Media.IDs {
			if a.media[id] == nil {
				a.Errorf("a picture that nobody brought: %s", id)
			}
			keys = append(keys, "3_"+id)
		}
		m["attachments"] = map[string]any{"media_keys": keys}
		if p.Reply.To != "" {
			m["referenced_tweets"] = []map[string]string{{"type": "replied_to", "id": p.Reply.To}}
		}
		if p.Edit.Of != "" {
			m["edit_history_tweet_ids"] = []string{p.Edit.Of, m["id"].(string)}
		}
	})
	reply(w, 201, map[string]any{"data": map[string]any{"id": id, "text": p.Text}})
}

// A shown is a picture that was brought.
type shown struct {
	bytes []byte
	alt   string
}

// upload takes a picture, or what one shows.
func (a *archive) upload(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var said struct {
		Media    []byte
		Category string `json:"media_category"`
		ID       string
		Metadata struct {
			Alt struct{ Text string } `json:"alt_text"`
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
		a.Error(err)
	}
	switch {
	case said.ID != "" && a.media[said.ID] != nil && said.Metadata.Alt.Text != "":
		a.media[said.ID].alt = said.Metadata.Alt.Text
		reply(w, 200, map[string]any{"data": map[string]any{"id": said.ID}})
	case len(said.Media) > 0 && said.Category == "tweet_image":
		id := fmt.Sprint(1900000000000000000 + len(a.media))
		a.media[id] = &shown{bytes: said.Media}
		reply(w, 200, map[string]any{"data": map[string]any{"id": id, "media_key": "3_" + id, "size": len(said.Media), "expires_after_secs": 86400}})
	default:
		problem(w, 400, "invalid-request")
	}
}

func (a *archive) remove(w http.ResponseWriter, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := len(a.posts)
	a.posts = slices.DeleteFunc(a.posts, func(p map[string]any) bool { return p["id"] == id })
	if len(a.posts) == n {
		problem(w, 404, "resource-not-found")
		return
	}
	reply(w, 200, map[string]any{"data": map[string]any{"deleted": true}})
}

func (a *archive) ruling(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r.Method == "GET" {
		reply(w, 200, map[string]any{"data": a.rules})
		return
	}
	var change struct {
		Add    []map[string]string
		Delete struct{ IDs []string }
	}
	if err := json.NewDecoder(r.Body).Decode(&change); err != nil {
		a.Error(err)
	}
	a.rules = slices.DeleteFunc(a.rules, func(r map[string]string) bool { return slices.Contains(change.Delete.IDs, r["id"]) })
	for i, add := range change.Add {
		add["id"] = fmt.Sprint(1000 + i)
		a.rules = append(a.rules, add)
	}
	reply(w, 201, map[string]any{"data": change.Add})
}

func (a *archive) stream(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(200)
	w.(http.Flusher).Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case line, open := <-a.lines:
			if !open {
				return
			}
			if _, err := fmt.Fprint(w, line+"\r\n"); err != nil {
				return
			}
			w.(http.Flusher).Flush()
		}
	}
}

// signedIn are the settings of an account that somebody signed in.
func (a *archive) signedIn(change ...string) map[string]string {
	set := map[string]string{"client": "app", "access": "a1", "refresh": "r1", "until": strconv.FormatInt(a.now.Add(2*time.Hour).Unix(), 10),
		"scope": "tweet.read tweet.write users.read media.write offline.access", "user": selfID, "handle": "hobelwerk"}
	for i := 0; i < len(change); i += 2 {
		set[change[i]] = change[i+1]
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, name := range []string{"access", "refresh", "until", "scope", "user", "handle"} {
		a.secrets[name] = set[name]
	}
	return set
}

func (a *archive) open(c listen.Connector, settings map[string]string) listen.Source {
	a.Helper()
	src, err := c.Open(listen.Account{Channel: 7, Settings: settings}, a.host)
	if err != nil {
		a.Fatal(err)
	}
	return src
}

func (a *archive) account(change ...string) listen.Source {
	return a.open(x.New(), a.signedIn(change...))
}

func (a *archive) spent() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.secrets["spentheard"] + ", " + a.secrets["spentsaid"]
}

// asks returns what was asked, and forgets it.
func (a *archive) asks() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	asked := a.asked
	a.asked = nil
	return asked
}

// post is what an account heard of one.
func heard(events []lastword.Event, key string) (lastword.Event, bool) {
	i := slices.IndexFunc(events, func(e lastword.Event) bool { return e.Post.Key == key })
	if i < 0 {
		return lastword.Event{}, false
	}
	return events[i], true
}
