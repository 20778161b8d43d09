package wordpress_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/wordpress"
)

func TestThePromisesOfAConnector(t *testing.T) {
	t.Parallel()
	listentest.Exercise(t, wordpress.New(), map[string]string{"url": "schuhe.example/blog"})
	listentest.Exercise(t, wordpress.New(), map[string]string{"url": "https://schuhe.example", "user": "ada", "password": "abcd"})
}

func TestThePromisesOfASource(t *testing.T) {
	t.Parallel()
	h, s := newHouse(t), &shelf{}
	s.add(350)
	h.set("GET /wp-json/wp/v2/comments", s.list)
	listentest.ExerciseSource(t, listentest.Place{
		Network: wordpress.Name,
		Open:    func() listen.Source { src, _ := h.open(t, "ada"); return src },
		Grow:    func() { s.add(120) },
	})
}

func TestWrongSettings(t *testing.T) {
	t.Parallel()
	host, _, _ := listentest.Host(http.DefaultClient, now)
	for _, c := range []struct{ name, value, field string }{
		{"url", "ftp://schuhe.example", "url"}, {"url", "https://ada:geheim@schuhe.example", "url"}, {"url", "http://", "url"},
		{"user", "", "user"}, {"password", "", "password"}, {"approve", "maybe", "approve"}, {"publish", "at once", "publish"},
	} {
		settings := map[string]string{"url": "schuhe.example", "user": "ada", "password": "abcd"}
		settings[c.name] = c.value
		_, err := wordpress.New().Open(listen.Account{Settings: settings}, host)
		var m *lastword.Mistake
		if !errors.As(err, &m) || m.Field != c.field || !errors.Is(err, lastword.ErrInvalid) {
			t.Errorf("%s=%q: %v", c.name, c.value, err)
		}
	}
	for typed, want := range map[string]string{
		"schuhe.example": "https://schuhe.example", " https://schuhe.example/blog/wp-admin/index.php?x=1 ": "https://schuhe.example/blog",
		"http://schuhe.example/wp-login.php": "http://schuhe.example", "https://schuhe.example/wp-json/": "https://schuhe.example",
	} {
		if at, err := wordpress.Address(typed); err != nil || at.String() != want {
			t.Errorf("%q: %v, %v; want %s", typed, at, err, want)
		}
	}
}

func TestRecordedAnswers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	src, drops := h.open(t, "editor")
	var heard listentest.Heard
	if err := src.Poll(t.Context(), "", heard.Hear); err != nil {
		t.Fatal(err)
	}
	events := heard.Events()
	if len(events) != 4 || len(drops) != 0 {
		t.Fatalf("%d events, drops %v", len(events), drops)
	}
	post, tom, own := events[0].Post, events[1].Post, events[3].Post
	if post.Key != "schuhe.example|p4" || post.Title != "Hallo" || !post.Own {
		t.Errorf("the post: %+v", post)
	}
	if tom.Key != "schuhe.example|c2" || tom.Author.Key != "schuhe.example|tom@x.example" || tom.Text != "Kommentar 1" || tom.Root != post.Key || tom.Private || tom.Own {
		t.Errorf("Tom's comment: %+v", tom)
	}
	if own.Author.Key != "schuhe.example|u3" || strings.Contains(own.Text, "lastword") || own.Parent != "schuhe.example|c1" {
		t.Errorf("the author's comment: %+v", own)
	}
	// To whom no addresses are shown, the digest in the picture's tells people apart.
	h.set("GET /wp-json/wp/v2/comments", says(recorded(t, "comments-reader")))
	src, _ = h.open(t, "")
	var reader listentest.Heard
	if err := src.Poll(t.Context(), "", reader.Hear); err != nil {
		t.Fatal(err)
	}
	if who := reader.Events()[1].Post.Author; who.Key != "schuhe.example|g0d8a8db472b9f7153aa74ba1f3bf745f" || who.Handle != "" {
		t.Errorf("Tom without his address: %+v", who)
	}
}

// What an answer of a site means for the channel.
func TestBadDays(t *testing.T) {
	t.Parallel()
	page := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); fmt.Fprint(w, "<html>Wordfence") }
	}
	for _, c := range []struct {
		name, at string
		answer   http.HandlerFunc
		kind     error
		key      string
	}{
		{"wrong password", "GET /wp-json/wp/v2/users/me", refuses(401, "incorrect_password"), lastword.ErrDenied, "signin"},
		{"password not passed on", "GET /wp-json/wp/v2/users/me", refuses(401, "rest_not_logged_in"), lastword.ErrDenied, "signin"},
		{"passwords switched off", "GET /wp-json/wp/v2/users/me", refuses(401, "application_passwords_disabled"), lastword.ErrDenied, "no-passwords"},
		{"firewall", "GET /wp-json/wp/v2/users/me", page(403), lastword.ErrDenied, "blocked"},
		{"firewall's other way", "GET /wp-json/wp/v2/users/me", page(406), lastword.ErrDenied, "blocked"},
		{"rights lost", "GET /wp-json/wp/v2/comments", refuses(403, "rest_forbidden_context"), lastword.ErrDenied, "rights"},
		{"comments switched off", "GET /wp-json/wp/v2/comments", refuses(404, "rest_no_route"), lastword.ErrDenied, "no-rest"},
		{"maintenance", "GET /wp-json/wp/v2/comments", page(503), lastword.ErrUnavailable, ""},
		{"database down", "GET /wp-json/wp/v2/comments", refuses(500, "internal_server_error"), lastword.ErrUnavailable, ""},
		{"slow down", "GET /wp-json/wp/v2/comments", refuses(429, "", "Retry-After", "77"), lastword.ErrUnavailable, ""},
		{"a page instead of JSON", "GET /wp-json/wp/v2/comments", page(200), lastword.ErrUnavailable, ""},
		{"an object instead of a list", "GET /wp-json/wp/v2/comments", says(`{"a":1}`), lastword.ErrUnavailable, ""},
		{"huge", "GET /wp-json/wp/v2/comments", says(`["` + strings.Repeat("x", 9<<20) + `"]`), httpx.ErrTooLarge, ""},
		{"the site is away", "HEAD /", page(502), lastword.ErrUnavailable, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.set(c.at, c.answer)
			src, _ := h.open(t, "editor")
			var heard listentest.Heard
			err := src.Poll(t.Context(), "", heard.Hear)
			var m *lastword.Mistake
			if !errors.Is(err, c.kind) || c.key != "" && (!errors.As(err, &m) || m.Key != "connector.wordpress.error."+c.key) || c.key == "" && errors.As(err, &m) {
				t.Errorf("%v, want %v %q", err, c.kind, c.key)
			}
			if c.kind != httpx.ErrTooLarge && errors.Is(err, lastword.ErrUnavailable) == (c.key != "") {
				t.Errorf("both a person's matter and not: %v", err)
			}
			if wait, ok := httpx.RetryAfter(err); c.name == "slow down" && (!ok || wait != 77*time.Second) {
				t.Errorf("wait %v", wait)
			}
		})
	}
}

func TestUnreadableCommentsNeverBlock(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.set("GET /wp-json/wp/v2/comments", says(`[
		{"id":9,"post":4,"date_gmt":"2026-11-27T10:00:00","content":{"rendered":"<p>Gut</p>"},"status":"approved","author":"3","author_name":7,"author_avatar_urls":[],"_links":[]},
		{"id":"8","post":4}, null, 7, {"id":7,"post":4,"date_gmt":"gestern","content":{"rendered":"x"}},
		{"id":6,"post":4,"date_gmt":"2026-11-27T09:00:00","content":{"rendered":"<script>x</script>"},"status":"approved"}]`))
	src, drops := h.open(t, "editor")
	var heard listentest.Heard
	if err := src.Poll(t.Context(), "", heard.Hear); err != nil {
		t.Fatal(err)
	}
	events := heard.Events()
	if len(events) != 2 || events[1].Post.Text != "Gut" || events[1].Post.Author.Key != "schuhe.example|c9" || drops["comment-unreadable"] != 4 {
		t.Errorf("heard %v, drops %v", events, drops)
	}
}

// An outage longer than what is read at once is told, and the newest are heard.
func TestGap(t *testing.T) {
	t.Parallel()
	h, s := newHouse(t), &shelf{}
	s.add(10)
	h.set("GET /wp-json/wp/v2/comments", s.list)
	src, _ := h.open(t, "editor")
	var heard listentest.Heard
	if err := src.Poll(t.Context(), "", heard.Hear); err != nil {
		t.Fatal(err)
	}
	s.add(5100)
	src, drops := h.open(t, "editor")
	var more listentest.Heard
	if err := src.Poll(t.Context(), heard.Cursor(""), more.Hear); err != nil {
		t.Fatal(err)
	}
	if n := len(more.Events()); n != 5000 || drops["gap"] != 1 {
		t.Errorf("%d events, drops %v", n, drops)
	}
	if n := len(more.Cursor("")); n > 16<<10 {
		t.Errorf("the cursor has %d bytes", n)
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.set("HEAD /", refuses(405, "no_head"))
	h.set("GET /", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("rest_route") == "/" {
			says(recorded(t, "index"))(w, r)
			return
		}
		fmt.Fprint(w, "<html>no header survives this proxy")
	})
	h.set("GET /wp-json/", refuses(404, ""))
	src, _ := h.open(t, "")
	if _, err := src.(listen.Checker).Check(t.Context()); err == nil || h.lines("GET /wp-json/wp") > 0 {
		// The fake knows no routes behind ?rest_route=; that they are asked there is what counts.
		t.Errorf("plain permalinks: %v, %v", err, h.calls)
	}
	page := func(s string) *url.URL {
		u, err := url.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	for _, c := range []struct{ link, page, want string }{
		{`<https://a.example/wp-json/>; rel="https://api.w.org/"`, "https://a.example/", "https://a.example/wp-json/"},
		{`</?rest_route=/>; rel="https://api.w.org/"`, "https://a.example/x", "https://a.example/?rest_route=/"},
		{`<https://wp.me/1>; rel=shortlink, <https://a.example/api/>; rel="https://api.w.org/"`, "http://a.example/", "https://a.example/api/"},
		{`<http://a.example/wp-json/>; rel="https://api.w.org/"`, "https://a.example/", ""}, // no password without TLS
		{`<file:///etc/passwd>; rel="https://api.w.org/"`, "https://a.example/", ""},
		{`<https://a.example/wp-json/>; rel="alternate"`, "https://a.example/", ""},
	} {
		got := wordpress.RootIn([]string{c.link}, page(c.page))
		if got == nil && c.want != "" || got != nil && got.String() != c.want {
			t.Errorf("%s: %v, want %q", c.link, got, c.want)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A site of WordPress.com without plugins is read where WordPress.com answers for
// it; and no password ever travels without TLS.
func TestWhereWordPressComAnswers(t *testing.T) {
	t.Parallel()
	var asked []string
	client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.Method+" "+r.URL.Host+r.URL.Path)
		if r.Header.Get("Authorization") != "" {
			t.Errorf("a password goes to %s", r.URL)
		}
		w := &recorder{h: http.Header{}}
		switch {
		case r.Method == http.MethodHead:
		case strings.HasSuffix(r.URL.Path, "/comments"):
			w.body = recorded(t, "comments-reader")
		case strings.HasSuffix(r.URL.Path, "/posts"):
			w.body = recorded(t, "posts")
		default:
			w.body = strings.ReplaceAll(recorded(t, "index"), "https", "http")
		}
		return w.response(r), nil
	})}
	open := func(settings map[string]string) listen.Source {
		host, _, _ := listentest.Host(client, now)
		src, err := wordpress.New().Open(listen.Account{Settings: settings}, host)
		if err != nil {
			t.Fatal(err)
		}
		return src
	}
	var heard listentest.Heard
	if err := open(map[string]string{"url": "schuhe.wordpress.com"}).Poll(t.Context(), "", heard.Hear); err != nil {
		t.Fatal(err)
	}
	if len(heard.Events()) != 4 || asked[len(asked)-1] != "GET public-api.wordpress.com/wp/v2/sites/schuhe.wordpress.com/comments" {
		t.Errorf("%d events, asked %v", len(heard.Events()), asked)
	}
	for address, key := range map[string]string{"schuhe.wordpress.com": "com", "http://schuhe.example": "tls"} {
		err := open(map[string]string{"url": address, "user": "ada", "password": "geheim"}).Poll(t.Context(), "", heard.Hear)
		var m *lastword.Mistake
		if !errors.As(err, &m) || m.Key != "connector.wordpress.error."+key || !errors.Is(err, lastword.ErrDenied) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestWhatARefusedAnswerMeans(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		on, post http.HandlerFunc
		want     error
	}{
		{"gone", refuses(404, "rest_comment_invalid_id"), nil, lastword.ErrGone},
		{"gone meanwhile", nil, refuses(403, "rest_comment_invalid_post_id"), lastword.ErrGone},
		{"post in the trash", nil, refuses(403, "rest_comment_trash_post"), lastword.ErrGone},
		{"closed", nil, refuses(403, "rest_comment_closed"), lastword.ErrInvalid},
		{"too long", nil, refuses(400, "comment_content_column_length"), lastword.ErrInvalid},
		{"strange", nil, refuses(400, "rest_invalid_param"), lastword.ErrInvalid},
		{"flood", nil, refuses(400, "comment_flood"), lastword.ErrUnavailable},
		{"revoked", nil, refuses(401, "rest_comment_login_required"), lastword.ErrDenied},
		{"down", nil, refuses(502, ""), lastword.ErrUnavailable},
		{"unreadable", nil, says("[]"), lastword.ErrUnavailable},
	} {
		h := newHouse(t)
		one := `{"id":2,"post":4,"date_gmt":"2026-11-27T10:00:00","content":{"rendered":"x"},"status":"approved"}`
		h.set("GET /wp-json/wp/v2/comments/2", says(one))
		if c.on != nil {
			h.set("GET /wp-json/wp/v2/comments/2", c.on)
		}
		if c.post != nil {
			h.set("POST /wp-json/wp/v2/comments", c.post)
		}
		src, _ := h.open(t, "editor")
		to := lastword.Post{Key: "schuhe.example|c2", Ref: `{"c":2,"p":4}`}
		if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Key: "1", Text: "Danke"}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	h := newHouse(t)
	src, _ := h.open(t, "")
	to := lastword.Post{Key: "schuhe.example|c2", Ref: `{"c":2,"p":4}`, URL: "https://schuhe.example/#comment-2"}
	if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Key: "1", Text: "Danke"}); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("without an account: %v", err)
	}
	if o := src.(listen.Chooser).Options(to); len(o) != 1 || !o[0].ByHand || o[0].At != to.URL {
		t.Errorf("without an account: %+v", o)
	}
	if o := src.(listen.Chooser).Options(lastword.Post{Key: "schuhe.example|p4"}); len(o) != 1 || !o[0].Closed {
		t.Errorf("a post of our own: %+v", o)
	}
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	got, err := wordpress.Blocks("<b>\n\n\n --> <!-- x", "7")
	if err != nil || strings.Contains(got, "<b>") || strings.Count(got, "-->") != 5 || !strings.HasSuffix(got, "<!--lastword:7-->") {
		t.Errorf("blocks: %q, %v", got, err)
	}
	got, err = wordpress.Blocks("# Neu\n\n## Weite\n\nWir machen **jetzt** H:\nhttps://schuhe.example/h\n\n- eins\n- zwei\n\n1. a\n2. b\n\n> Zitat", "7")
	want := `<!-- wp:heading -->
<h2 class="wp-block-heading">Neu</h2>
<!-- /wp:heading -->

<!-- wp:heading {"level":3} -->
<h3 class="wp-block-heading">Weite</h3>
<!-- /wp:heading -->

<!-- wp:paragraph -->
<p>Wir machen <strong>jetzt</strong> H:<br><a href="https://schuhe.example/h">https://schuhe.example/h</a></p>
<!-- /wp:paragraph -->

<!-- wp:list -->
<ul><!-- wp:list-item -->
<li>eins</li>
<!-- /wp:list-item --><!-- wp:list-item -->
<li>zwei</li>
<!-- /wp:list-item --></ul>
<!-- /wp:list -->

<!-- wp:list {"ordered":true} -->
<ol><!-- wp:list-item -->
<li>a</li>
<!-- /wp:list-item --><!-- wp:list-item -->
<li>b</li>
<!-- /wp:list-item --></ol>
<!-- /wp:list -->

<!-- wp:html -->
<blockquote>
<p>Zitat</p>
</blockquote>
<!-- /wp:html -->

<!--lastword:7-->`
	if err != nil || got != want {
		t.Errorf("blocks: %s, %v", got, err)
	}
	if !wordpress.SameWords("Ja – „weit“ & 3×4", "Ja - \"weit\" & 3x4") {
		t.Error("quotes, dashes and the sign between digits make other words")
	}
	if wordpress.SameWords("Danke, Tom", "Danke, Ida") || wordpress.SameWords("Größe 42", "Größe 43") {
		t.Error("other words are the same")
	}
}

func TestAStoppedPollStops(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, cancel := context.WithCancel(t.Context())
	h.set("GET /wp-json/wp/v2/comments", func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	src, _ := h.open(t, "editor")
	var heard listentest.Heard
	if err := src.Poll(ctx, "", heard.Hear); !errors.Is(err, context.Canceled) || errors.Is(err, lastword.ErrDenied) {
		t.Errorf("got %v", err)
	}
}
