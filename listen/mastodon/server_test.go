package mastodon_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A server speaks the client API as Mastodon documents it, and misbehaves where
// a test asks it to.
type server struct {
	*httptest.Server
	t   testing.TB
	now time.Time

	mu       sync.Mutex
	posts    []*toot
	notes    []note
	ids      map[int64]bool
	once     map[string]*toot // by Idempotency-Key
	taps     map[string][]chan string
	calls    []string // method and path
	forms    []url.Values
	lastNote int64

	events, sockets bool // how it streams
	token           string
	scope           string
	privacy         string
	version         string
	most            int
	states          map[string]int // of accounts, by id: the status that is answered
	anonymous       bool           // shows timelines to everyone
	index           bool           // knows GET /api/v1/statuses?id[]=
	policy          bool           // lets nobody reply
	pictures        []string       // what each shows
	slow            int            // looks until a picture is ready
	app             url.Values
	challenge       string
	meddle          func(w http.ResponseWriter, r *http.Request) bool
}

// A toot is one post at the server.
type toot struct {
	id                    int64
	acct, text, spoiler   string
	content, alt, lang    string
	visibility, raw       string
	tags                  []string
	parent                int64
	parentBy              string
	at, edited            time.Time
	gone, mention, boosts bool
}

type note struct {
	id   int64
	kind string
	of   *toot
	at   time.Time
}

const (
	token = "tok-1_abc"
	us    = "hobelwerk"
)

func newServer(t testing.TB) *server {
	s := &server{
		t: t, now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), ids: map[int64]bool{}, once: map[string]*toot{}, taps: map[string][]chan string{},
		events: true, sockets: true, token: token, scope: "read write", version: "4.5.2", most: 500, anonymous: true, index: true,
		lastNote: 1000, privacy: "public",
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Server.Close()
	})
	return s
}

func (s *server) domain() string { return strings.TrimPrefix(s.URL, "http://") }

// say adds a post at a time; its id is made of the time, as Mastodon's are.
func (s *server) say(p toot) *toot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.add(p)
}

func (s *server) add(p toot) *toot {
	p.at = p.at.UTC().Truncate(time.Millisecond)
	p.id = p.at.UnixMilli() << 16
	for s.ids[p.id] {
		p.id++
	}
	s.ids[p.id] = true
	p.visibility = cmp.Or(p.visibility, "public")
	s.posts = append(s.posts, &p)
	if p.mention {
		s.lastNote++
		s.notes = append(s.notes, note{s.lastNote, "mention", &p, p.at})
	}
	return &p
}

// stream sends an event to who listens.
func (s *server) stream(name, event, payload string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ch := range s.taps[name] {
		if strings.HasPrefix(event, "raw:") {
			ch <- strings.TrimPrefix(event, "raw:")
			continue
		}
		ch <- event + "\n" + payload
	}
}

// heard waits until somebody listens to a stream.
func (s *server) listened(name string) {
	s.t.Helper()
	for range 12_000 {
		s.mu.Lock()
		n := len(s.taps[name])
		s.mu.Unlock()
		if n > 0 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	s.t.Fatalf("nobody listens to %q", name)
}

func (s *server) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, all := range s.taps {
		for _, ch := range all {
			close(ch)
		}
		delete(s.taps, name)
	}
}

func (s *server) note(of *toot) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.notes, func(n note) bool { return n.of == of })
	return s.noteJSON(s.notes[i])
}

func (s *server) called(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.calls {
		if strings.HasPrefix(c, what) {
			n++
		}
	}
	return n
}

func (s *server) form() url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.forms) == 0 {
		s.t.Fatal("nothing was posted")
	}
	return s.forms[len(s.forms)-1]
}

func (s *server) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.calls = append(s.calls, r.Method+" "+r.URL.RequestURI())
	meddle := s.meddle
	s.mu.Unlock()
	if strings.Contains(r.URL.RequestURI(), token) {
		s.t.Error("the token stands in an address")
	}
	if meddle != nil && meddle(w, r) {
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/api")
	switch {
	case path == "/v2/instance":
		s.instance(w)
	case path == "/v1/apps" && r.Method == http.MethodPost:
		s.register(w, r)
	case path == "/oauth/token":
		s.grant(w, r)
	case strings.HasPrefix(path, "/v1/streaming"):
		s.streaming(w, r)
	case strings.HasPrefix(path, "/v1/timelines/"):
		s.timeline(w, r, strings.TrimPrefix(path, "/v1/timelines/"))
	case !s.knows(r):
		refuse(w, http.StatusUnauthorized)
	case path == "/v1/accounts/verify_credentials":
		fmt.Fprintf(w, `{"id":"1","acct":%q,"url":"https://%s/@%s","source":{"privacy":%q}}`, us, s.domain(), us, s.privacy)
	case path == "/v2/media" && r.Method == http.MethodPost, strings.HasPrefix(path, "/v1/media/"):
		s.media(w, r)
	case path == "/v1/notifications":
		s.notifications(w, r)
	case path == "/v2/search":
		s.search(w, r)
	case strings.HasPrefix(path, "/v1/accounts/1/statuses"):
		s.list(w, r, func(p *toot) bool { return p.acct == us })
	case strings.HasPrefix(path, "/v1/accounts/"):
		s.accountState(w, strings.TrimPrefix(path, "/v1/accounts/"))
	case strings.HasPrefix(path, "/v1/statuses"):
		s.statuses(w, r, strings.Trim(strings.TrimPrefix(path, "/v1/statuses"), "/"))
	default:
		refuse(w, http.StatusNotFound)
	}
}

// media takes a picture, and makes it ready after so many looks (methods/media:
// 202, then 206, then 200).
func (s *server) media(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method == http.MethodPost {
		file, _, err := r.FormFile("file")
		if err != nil {
			refuse(w, http.StatusUnprocessableEntity)
			return
		}
		body, err := io.ReadAll(file)
		if err != nil || len(body) == 0 {
			refuse(w, http.StatusUnprocessableEntity)
			return
		}
		s.pictures = append(s.pictures, r.FormValue("description"))
	}
	id := len(s.pictures)
	if s.slow > 0 {
		s.slow--
		w.WriteHeader(map[bool]int{true: http.StatusAccepted, false: http.StatusPartialContent}[r.Method == http.MethodPost])
		fmt.Fprintf(w, `{"id":"%d","type":"image","url":null}`, id)
		return
	}
	fmt.Fprintf(w, `{"id":"%d","type":"image","url":"https://files.example/%d.png"}`, id, id)
}

func (s *server) knows(r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return r.Header.Get("Authorization") == "Bearer "+s.token
}

func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprint(w, `{"error":"Nein, und das in keiner Sprache, die jemand prüft"}`)
}

func (s *server) instance(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(w, `{"domain":%q,"title":"Werkstatt","version":%q,"configuration":{"urls":{"streaming":"ws://%s"},
		"statuses":{"max_characters":%d,"characters_reserved_per_url":23}},"api_versions":{"mastodon":7}}`, s.domain(), s.version, s.domain(), s.most)
}

func (s *server) timeline(w http.ResponseWriter, r *http.Request, name string) {
	if !s.anonymous && !s.knows(r) {
		refuse(w, http.StatusUnauthorized)
		return
	}
	tag, isTag := strings.CutPrefix(name, "tag/")
	s.list(w, r, func(p *toot) bool {
		return p.visibility == "public" && (!isTag && !p.mention || slices.Contains(p.tags, tag))
	})
}

// list answers with a page of posts, newest first.
func (s *server) list(w http.ResponseWriter, r *http.Request, want func(*toot) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []int64
	by := map[int64]func() string{}
	for _, p := range s.posts {
		if !p.gone && want(p) {
			all = append(all, p.id)
			by[p.id] = func() string { return s.json(p) }
		}
	}
	fmt.Fprint(w, "["+strings.Join(paged(r, all, by), ",")+"]")
}

// paged is one page by min_id, max_id, limit and offset.
func paged(r *http.Request, all []int64, by map[int64]func() string) []string {
	q := r.URL.Query()
	slices.Sort(all)
	least, _ := strconv.ParseInt(q.Get("min_id"), 10, 64)
	most, err := strconv.ParseInt(q.Get("max_id"), 10, 64)
	if err != nil {
		most = 1 << 62
	}
	all = slices.DeleteFunc(all, func(id int64) bool { return id <= least || id >= most })
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil {
		limit = 20
	}
	offset, _ := strconv.Atoi(q.Get("offset"))
	if q.Get("min_id") != "" && q.Get("offset") == "" {
		all = all[:min(len(all), limit)] // the ones right after it
	}
	all = all[:max(0, len(all)-offset)]
	all = all[max(0, len(all)-limit):]
	var page []string
	for _, id := range slices.Backward(all) {
		page = append(page, by[id]())
	}
	return page
}

func (s *server) notifications(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !strings.Contains(s.scope, "read") {
		refuse(w, http.StatusForbidden)
		return
	}
	var all []int64
	by := map[int64]func() string{}
	for _, n := range s.notes {
		if !n.of.gone {
			all = append(all, n.id)
			by[n.id] = func() string { return s.noteJSON(n) }
		}
	}
	fmt.Fprint(w, "["+strings.Join(paged(r, all, by), ",")+"]")
}

func (s *server) search(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query().Get("q")
	var all []int64
	by := map[int64]func() string{}
	for _, p := range s.posts {
		if !p.gone && (strings.Contains(p.text, q) || s.uri(p) == q) {
			all = append(all, p.id)
			by[p.id] = func() string { return s.json(p) }
		}
	}
	fmt.Fprint(w, `{"accounts":[],"hashtags":[],"statuses":[`+strings.Join(paged(r, all, by), ",")+"]}")
}

func (s *server) find(id string) *toot {
	for _, p := range s.posts {
		if strconv.FormatInt(p.id, 10) == id && !p.gone {
			return p
		}
	}
	return nil
}

func (s *server) statuses(w http.ResponseWriter, r *http.Request, rest string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, what, _ := strings.Cut(rest, "/")
	if r.Method != http.MethodGet && !strings.Contains(s.scope, "write") {
		refuse(w, http.StatusForbidden)
		return
	}
	switch p := s.find(id); {
	case id == "" && r.Method == http.MethodPost:
		s.create(w, r)
	case id == "" && !s.index:
		fmt.Fprint(w, "[]") // as a server that does not know the call and its ids
	case id == "":
		var all []string
		for _, id := range r.URL.Query()["id[]"] {
			if p := s.find(id); p != nil {
				all = append(all, s.json(p))
			}
		}
		fmt.Fprint(w, "["+strings.Join(all, ",")+"]")
	case p == nil:
		refuse(w, http.StatusNotFound)
	case what == "context":
		var below []string
		for _, d := range s.posts {
			if d.parent == p.id && !d.gone {
				below = append(below, s.json(d))
			}
		}
		fmt.Fprint(w, `{"ancestors":[],"descendants":[`+strings.Join(below, ",")+"]}")
	case what == "source":
		fmt.Fprintf(w, `{"id":%q,"text":%s,"spoiler_text":%s}`, id, quoted(p.text), quoted(p.spoiler))
	case r.Method == http.MethodPut:
		s.posted(r)
		p.text, p.edited = r.PostFormValue("status"), s.now
		fmt.Fprint(w, s.json(p))
	case r.Method == http.MethodDelete:
		p.gone = true
		fmt.Fprint(w, s.json(p))
	default:
		fmt.Fprint(w, s.json(p))
	}
}

func (s *server) posted(r *http.Request) {
	if err := r.ParseForm(); err != nil {
		s.t.Error(err)
	}
	s.forms = append(s.forms, r.PostForm)
}

func (s *server) create(w http.ResponseWriter, r *http.Request) {
	s.posted(r)
	key := r.Header.Get("Idempotency-Key")
	if p := s.once[key]; p != nil && key != "" {
		fmt.Fprint(w, s.json(p))
		return
	}
	form := r.PostForm
	parent := s.find(form.Get("in_reply_to_id"))
	switch {
	case form.Has("in_reply_to_id") && parent == nil:
		refuse(w, http.StatusNotFound)
		return
	case form.Has("in_reply_to_id") && s.policy:
		refuse(w, http.StatusForbidden)
		return
	case strings.TrimSpace(form.Get("status")) == "":
		refuse(w, http.StatusUnprocessableEntity)
		return
	}
	p := toot{acct: us, text: form.Get("status"), spoiler: form.Get("spoiler_text"), visibility: form.Get("visibility"), lang: form.Get("language"), at: s.now}
	if parent != nil {
		p.parent, p.parentBy = parent.id, parent.acct
	}
	made := s.add(p)
	s.once[key] = made
	fmt.Fprint(w, s.json(made))
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}

func (s *server) uri(p *toot) string {
	name, host, remote := strings.Cut(p.acct, "@")
	if !remote {
		host = s.domain()
	}
	return fmt.Sprintf("https://%s/users/%s/statuses/%d", host, name, p.id)
}

func (s *server) accountState(w http.ResponseWriter, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch code := s.states[id]; code {
	case 0:
		fmt.Fprintf(w, `{"id":%q,"acct":"somebody"}`, id)
	case http.StatusForbidden: // what the server calls suspended
		fmt.Fprintf(w, `{"id":%q,"acct":"somebody","suspended":true}`, id)
	default:
		refuse(w, code)
	}
}

func (s *server) account(acct string) string {
	name, host, remote := strings.Cut(acct, "@")
	if !remote {
		host = s.domain()
	}
	id := "1"
	if acct != us {
		id = strconv.Itoa(100 + len(acct))
	}
	return fmt.Sprintf(`{"id":%q,"username":%q,"acct":%q,"display_name":%q,"url":"https://%s/@%s"}`, id, name, acct, strings.ToUpper(name[:1])+name[1:], host, name)
}

func (s *server) json(p *toot) string {
	if p.raw != "" {
		return strings.ReplaceAll(p.raw, "{id}", strconv.FormatInt(p.id, 10))
	}
	nullable := func(v string, is bool) string {
		if !is {
			return "null"
		}
		return quoted(v)
	}
	content := p.content
	if content == "" {
		content = "<p>" + strings.ReplaceAll(html.EscapeString(p.text), "\n", "<br>") + "</p>"
	}
	media, boost, mentions := "[]", "null", "[]"
	if p.alt != "" {
		media = `[{"id":"9","type":"image","description":` + quoted(p.alt) + `},{"id":"10","type":"image","description":null}]`
	}
	if p.boosts {
		boost = `{"id":"5","content":"<p>von anderen</p>"}`
	}
	if p.mention {
		mentions = fmt.Sprintf(`[{"id":"1","username":%q,"acct":%q,"url":"https://%s/@%s"}]`, us, us, s.domain(), us)
	}
	return fmt.Sprintf(`{"id":"%d","uri":%q,"url":%q,"created_at":%q,"edited_at":%s,"in_reply_to_id":%s,"in_reply_to_account_id":%s,
		"sensitive":false,"spoiler_text":%s,"visibility":%q,"language":%s,"content":%s,"reblog":%s,"account":%s,"media_attachments":%s,"mentions":%s,"tags":[],"poll":null}`,
		p.id, s.uri(p), s.uri(p), p.at.Format("2006-01-02T15:04:05.000Z"), nullable(p.edited.UTC().Format("2006-01-02T15:04:05.000Z"), !p.edited.IsZero()),
		nullable(strconv.FormatInt(p.parent, 10), p.parent != 0), nullable("1", p.parentBy == us && p.parent != 0),
		quoted(p.spoiler), p.visibility, nullable(p.lang, p.lang != ""), quoted(content), boost, s.account(p.acct), media, mentions)
}

func (s *server) noteJSON(n note) string {
	return fmt.Sprintf(`{"id":"%d","type":%q,"created_at":%q,"account":%s,"status":%s}`,
		n.id, n.kind, n.at.Format("2006-01-02T15:04:05.000Z"), s.account(n.of.acct), s.json(n.of))
}
