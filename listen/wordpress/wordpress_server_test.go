package wordpress_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/internal/testserver"
	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/wordpress"
)

// channel opens the site for one of its users; nobody where user is empty.
func channel(t *testing.T, site *testserver.WordPress, user string, more ...string) *account {
	t.Helper()
	settings := map[string]string{"url": site.URL}
	if u, ok := site.Users[user]; ok {
		settings["user"], settings["password"] = u.Name, u.Password
	}
	for i := 0; i+1 < len(more); i += 2 {
		settings[more[i]] = more[i+1]
	}
	return &account{t: t, settings: settings, now: time.Now()}
}

// An account is a channel that remembers its cursor.
type account struct {
	t        *testing.T
	settings map[string]string
	now      time.Time
	cursor   string
	drops    map[string]int
}

func (a *account) open() listen.Source {
	a.t.Helper()
	host, drops, _ := listentest.Host(http.DefaultClient, a.now)
	a.drops = drops
	src, err := wordpress.New().Open(listen.Account{Channel: 1, Settings: a.settings}, host)
	if err != nil {
		a.t.Fatal(err)
	}
	return src
}

// poll returns what is new, by key without the site.
func (a *account) poll() map[string]lastword.Event {
	a.t.Helper()
	var h listentest.Heard
	if err := a.open().Poll(a.t.Context(), a.cursor, h.Hear); err != nil {
		a.t.Fatalf("poll: %v", err)
	}
	a.cursor = h.Cursor(a.cursor)
	a.now = a.now.Add(2 * time.Hour) // so that every poll looks at all that is watched
	byKey := map[string]lastword.Event{}
	for _, e := range h.Events() {
		_, key, _ := strings.Cut(e.Post.Key, "|")
		byKey[key] = e
	}
	return byKey
}

func key(kind string, id int64) string { return kind + itoa(id) }

func TestServerHearsAndAnswers(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]testserver.WordPressOptions{
		"at the top": {}, "in a folder": {Path: "/blog"}, "plain permalinks": {Plain: true}, "without agents": {NoAgent: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hearAndAnswer(t, testserver.StartWordPress(t, o))
		})
	}
}

func hearAndAnswer(t *testing.T, site *testserver.WordPress) {
	post := site.Post(t, "Neue Leisten &amp; halbe Größen", "Ab Herbst.")
	first := site.Comment(t, post, 0, "Tom", "Endlich! Gibt es die auch in <em>weit</em>?", "approved")
	second := site.Comment(t, post, first, "Ina", "Das wüsste ich auch gern.", "approved")
	held := site.Comment(t, post, 0, "Ulf", "Zu teuer.", "hold")

	editor := channel(t, site, "editor")
	heard := editor.poll()
	if len(heard) != 4 {
		t.Fatalf("heard %d events, want a post and three comments: %v", len(heard), heard)
	}
	p, c, r, h := heard[key("p", post)].Post, heard[key("c", first)].Post, heard[key("c", second)].Post, heard[key("c", held)].Post
	if !p.Own || p.Title != "Neue Leisten & halbe Größen" || p.Text != "Ab Herbst." || p.Private {
		t.Errorf("the post: %+v", p)
	}
	if c.Text != "Endlich! Gibt es die auch in weit?" || c.Author.Name != "Tom" || c.Author.Handle != "Tom@leser.example" || c.Own || c.Private ||
		c.Parent != p.Key || c.Root != p.Key || !strings.Contains(c.URL, "#comment-"+itoa(first)) || time.Since(c.SaidAt).Abs() > 2*time.Minute {
		t.Errorf("the comment: %+v", c)
	}
	if r.Parent != c.Key || r.Root != p.Key || r.Author.Key == c.Author.Key {
		t.Errorf("the reply: %+v", r)
	}
	if !h.Private || h.Text != "Zu teuer." {
		t.Errorf("the held comment: %+v", h)
	}
	if again := editor.poll(); len(again) != 0 {
		t.Errorf("nothing happened, and heard: %v", again)
	}

	src := editor.open().(listen.Replier)
	answer := listen.Reply{Key: "4711", Made: editor.now, Text: "Ja: ab Oktober, <weit> & \"extra weit\".\nIhre Schuhfabrik", Lang: "de"}
	if _, found, err := src.Find(t.Context(), c, answer.Key); err != nil || found {
		t.Fatalf("Find before: %v, %v", found, err)
	}
	got, err := src.Reply(t.Context(), c, answer)
	if err != nil || got.URL == "" {
		t.Fatalf("Reply: %+v, %v", got, err)
	}
	if again, err := src.Reply(t.Context(), c, answer); err != nil || again != got {
		t.Errorf("Reply again: %+v, %v; want %+v", again, err, got)
	}
	finder := editor.open().(listen.Finder)
	if found, ok, err := finder.FindReply(t.Context(), c, answer); err != nil || !ok || found != got {
		t.Errorf("FindReply: %+v, %v, %v", found, ok, err)
	}
	answers := editor.poll()
	if len(answers) != 1 {
		t.Fatalf("after the answer: %v", answers)
	}
	for _, e := range answers {
		if e.Post.Text != strings.ReplaceAll(strings.Replace(answer.Text, "\"", "“", 1), "\"", "”") || !e.Post.Own || e.Post.Parent != c.Key || e.Post.Private || e.Post.Key != got.Key {
			t.Errorf("our own answer: %+v", e.Post)
		}
	}
}

func TestServerMarksAreSeenByNobody(t *testing.T) {
	t.Parallel()
	site := testserver.StartWordPress(t, testserver.WordPressOptions{})
	post := site.Post(t, "Leisten", "Ab Herbst.")
	site.Call(t, "admin", http.MethodPost, "/wp/v2/posts/"+itoa(post), map[string]any{"author": site.Users["author"].ID}, nil)
	for _, user := range []string{"editor", "author", "subscriber"} {
		id := site.Comment(t, post, 0, user+"freund", "Hallo "+user, "approved")
		a := channel(t, site, user)
		to := a.poll()[key("c", id)].Post
		src := a.open().(listen.Replier)
		// Other words under the same key: only the mark can tell.
		got, err := src.Reply(t.Context(), to, listen.Reply{Key: "12345", Made: a.now, Text: "Danke, " + user})
		if err != nil {
			t.Errorf("%s: %v", user, err)
			continue
		}
		for k, want := range map[string]bool{"12345": true, "1234": false, "2345": false} {
			found, ok, err := a.open().(listen.Replier).Find(t.Context(), to, k)
			if err != nil || ok != want || ok && found != got {
				t.Errorf("%s: Find(%s) = %+v, %v, %v", user, k, found, ok, err)
			}
		}
	}
	nobody := channel(t, site, "")
	for _, e := range nobody.poll() {
		if strings.Contains(strings.ToLower(e.Post.Text), "lastword") || strings.Contains(e.Post.Text, "12345") {
			t.Errorf("a reader sees the mark: %q", e.Post.Text)
		}
	}
}

func TestServerChangesAtTheSource(t *testing.T) {
	t.Parallel()
	site := testserver.StartWordPress(t, testserver.WordPressOptions{})
	post := site.Post(t, "Leisten", "Ab Herbst.")
	other := site.Post(t, "Alt", "Wird entfernt.")
	var ids []int64
	for _, text := range []string{"wird geändert", "wird Spam", "wird Abfall", "wird gelöscht", "bleibt", "wird freigegeben"} {
		status := "approved"
		if text == "wird freigegeben" {
			status = "hold"
		}
		ids = append(ids, site.Comment(t, post, 0, "Tom", text, status))
	}
	lost := site.Comment(t, other, 0, "Tom", "geht mit seinem Beitrag", "approved")
	editor, reader := channel(t, site, "editor"), channel(t, site, "")
	if n := len(editor.poll()); n != 9 {
		t.Fatalf("the editor hears %d, want 9", n)
	}
	if n := len(reader.poll()); n != 8 {
		t.Fatalf("a reader hears %d, want 8", n)
	}
	at := func(i int) string { return "/wp/v2/comments/" + itoa(ids[i]) }
	site.Call(t, "admin", http.MethodPost, at(0), map[string]any{"content": "ist geändert"}, nil)
	site.Call(t, "admin", http.MethodPost, at(1), map[string]any{"status": "spam"}, nil)
	site.Call(t, "admin", http.MethodDelete, at(2), nil, nil)
	site.Call(t, "admin", http.MethodDelete, at(3)+"?force=true", nil, nil)
	site.Call(t, "admin", http.MethodPost, at(5), map[string]any{"status": "approved"}, nil)
	site.Call(t, "admin", http.MethodDelete, "/wp/v2/posts/"+itoa(other)+"?force=true", nil, nil)
	want := map[string]lastword.Op{
		key("c", ids[0]): lastword.Edited, key("c", ids[1]): lastword.Deleted, key("c", ids[2]): lastword.Deleted,
		key("c", ids[3]): lastword.Deleted, key("c", ids[5]): lastword.Edited, key("c", lost): lastword.Deleted, key("p", other): lastword.Deleted,
	}
	check := func(who string, got map[string]lastword.Event) {
		t.Helper()
		for k, op := range want {
			if e, ok := got[k]; !ok || e.Op != op {
				t.Errorf("%s: %s: %+v, want op %d", who, k, e, op)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d events, want %d: %v", who, len(got), len(want), got)
		}
		if e := got[key("c", ids[0])]; e.Post.Text != "ist geändert" {
			t.Errorf("%s: the edit: %+v", who, e.Post)
		}
		if e := got[key("c", ids[5])]; e.Post.Private {
			t.Errorf("%s: what is published now is still private", who)
		}
	}
	check("editor", editor.poll())
	want[key("c", ids[5])] = lastword.Said
	check("reader", reader.poll())
	for _, a := range []*account{editor, reader} {
		if again := a.poll(); len(again) != 0 {
			t.Errorf("nothing happened, and heard: %v", again)
		}
	}
	// Taken out of the spam again.
	site.Call(t, "admin", http.MethodPost, at(1), map[string]any{"status": "approved"}, nil)
	if got := editor.poll(); len(got) != 1 || got[key("c", ids[1])].Op != lastword.Said {
		t.Errorf("out of the spam: %v", got)
	}
	// Held comments are not gone because somebody may no longer read them.
	held := site.Comment(t, post, 0, "Tom", "wartet", "hold")
	if got := editor.poll(); len(got) != 1 || !got[key("c", held)].Post.Private {
		t.Fatalf("a held one: %v", got)
	}
	site.Call(t, "admin", http.MethodPost, "/wp/v2/users/"+itoa(site.Users["editor"].ID), map[string]any{"roles": []string{"subscriber"}}, nil)
	if got := editor.poll(); len(got) != 0 {
		t.Errorf("after the account lost its rights: %v", got)
	}
}

func TestServerHeldCommentsAndGoneOnes(t *testing.T) {
	t.Parallel()
	site := testserver.StartWordPress(t, testserver.WordPressOptions{})
	post := site.Post(t, "Leisten", "Ab Herbst.")
	held := site.Comment(t, post, 0, "Ulf", "Zu teuer.", "hold")
	gone := site.Comment(t, post, 0, "Ida", "Schön.", "approved")
	trash := site.Comment(t, post, 0, "Udo", "Schade.", "approved")
	late := site.Comment(t, post, 0, "Eva", "Spät.", "approved")
	careful := channel(t, site, "editor", "approve", "no")
	heard := careful.poll()
	var m *lastword.Mistake
	if _, err := careful.open().(listen.Replier).Reply(t.Context(), heard[key("c", held)].Post, listen.Reply{Key: "1", Text: "Danke"}); !errors.As(err, &m) || !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("a held comment is answered against the setting: %v", err)
	}
	src := channel(t, site, "editor").open()
	if _, err := src.(listen.Replier).Reply(t.Context(), heard[key("c", held)].Post, listen.Reply{Key: "1", Text: "Danke"}); err != nil {
		t.Errorf("a held comment: %v", err)
	}
	if e := careful.poll()[key("c", held)]; e.Op != lastword.Edited || e.Post.Private {
		t.Errorf("the answered comment is not published: %+v", e)
	}
	site.Call(t, "admin", http.MethodDelete, "/wp/v2/comments/"+itoa(gone)+"?force=true", nil, nil)
	site.Call(t, "admin", http.MethodDelete, "/wp/v2/comments/"+itoa(trash), nil, nil)
	for _, id := range []int64{gone, trash} {
		if _, err := src.(listen.Replier).Reply(t.Context(), heard[key("c", id)].Post, listen.Reply{Key: "2", Text: "Danke"}); !errors.Is(err, lastword.ErrGone) {
			t.Errorf("comment %d is gone, and: %v", id, err)
		}
	}
	site.Call(t, "admin", http.MethodPost, "/wp/v2/posts/"+itoa(post), map[string]any{"comment_status": "closed"}, nil)
	if _, err := src.(listen.Replier).Reply(t.Context(), heard[key("c", late)].Post, listen.Reply{Key: "3", Text: "Danke"}); !errors.As(err, &m) || m.Key != "connector.wordpress.error.thread-closed" {
		t.Errorf("a closed thread: %v", err)
	}
	closed := channel(t, site, "editor").poll()[key("c", late)].Post
	if o := src.(listen.Chooser).Options(closed); len(o) != 1 || !o[0].Closed {
		t.Errorf("options of a closed thread: %+v", o)
	}
}

func TestServerFlood(t *testing.T) {
	t.Parallel()
	site := testserver.StartWordPress(t, testserver.WordPressOptions{Flood: true})
	post := site.Post(t, "Leisten", "Ab Herbst.")
	one := site.Comment(t, post, 0, "Ulf", "Eins.", "approved")
	a := channel(t, site, "author")
	to, src := a.poll()[key("c", one)].Post, a.open().(listen.Replier)
	_, err := src.Reply(t.Context(), to, listen.Reply{Key: "1", Text: "Danke"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = src.Reply(t.Context(), to, listen.Reply{Key: "2", Text: "Danke sehr"})
	var wait *listen.RetryAfter
	if !errors.As(err, &wait) || wait.Wait < 15*time.Second || !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("two comments at once: %v, want a wait", err)
	}
}

func TestServerPublishEditRemove(t *testing.T) {
	t.Parallel()
	site := testserver.StartWordPress(t, testserver.WordPressOptions{})
	text := "Neue Leisten\n\nAb Herbst gibt es <halbe> Größen.\nMehr: https://schuhe.example/?a=1&b=2.\n\n## Für wen\n\n- für **alle**\n- für Sie\n\nIhre Ada"
	for _, c := range []struct{ user, publish, status string }{
		{"editor", "publish", "publish"}, {"author", "draft", "draft"}, {"author", "publish", "publish"},
	} {
		a := channel(t, site, c.user, "publish", c.publish)
		src := a.open()
		post := listen.Reply{Key: "77" + c.user + c.publish, Made: a.now, Text: text}
		got, err := src.(listen.Publisher).Publish(t.Context(), post)
		if err != nil {
			t.Errorf("%s, %s: %v", c.user, c.publish, err)
			continue
		}
		if again, err := a.open().(listen.Publisher).Publish(t.Context(), post); err != nil || again != got {
			t.Errorf("%s: published again: %+v, %v; want %+v", c.user, again, err, got)
		}
		id := got.Key[strings.LastIndexByte(got.Key, 'p')+1:]
		var there struct {
			Status         string
			Title, Content struct{ Rendered string }
		}
		site.Call(t, "admin", http.MethodGet, "/wp/v2/posts/"+id+"?context=edit", nil, &there)
		if there.Status != c.status || there.Title.Rendered != "Neue Leisten" ||
			!strings.Contains(there.Content.Rendered, "&lt;halbe&gt; Größen.<br>Mehr: <a href=\"https://schuhe.example/?a=1&amp;b=2\">") {
			t.Errorf("%s: %+v", c.user, there)
		}
		for _, set := range []string{`<h3 class="wp-block-heading">Für wen</h3>`, "<li>für <strong>alle</strong></li>", "<p>Ihre Ada</p>"} {
			if !strings.Contains(there.Content.Rendered, set) || strings.Contains(there.Content.Rendered, "**") {
				t.Errorf("%s: no %s in %s", c.user, set, there.Content.Rendered)
			}
		}
		post.Text = "Anders\n\nGanz anders."
		if err := src.(listen.Editor).Edit(t.Context(), got.Key, post); err != nil {
			t.Errorf("%s: edit: %v", c.user, err)
		}
		site.Call(t, "admin", http.MethodGet, "/wp/v2/posts/"+id, nil, &there)
		if there.Title.Rendered != "Anders" {
			t.Errorf("%s: the edited post: %+v", c.user, there)
		}
		if err := src.(listen.Editor).Remove(t.Context(), got.Key); err != nil {
			t.Errorf("%s: remove: %v", c.user, err)
		}
	}
	testPicture(t, site)
	a := channel(t, site, "subscriber")
	if _, err := a.open().(listen.Publisher).Publish(t.Context(), listen.Reply{Key: "1", Text: text}); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("a subscriber publishes: %v", err)
	}
	id := site.Comment(t, site.Post(t, "a", "b"), 0, "Tom", "Hallo", "approved")
	editor := channel(t, site, "editor")
	to, src := editor.poll()[key("c", id)].Post, editor.open()
	got, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Key: "5", Text: "Danke"})
	if err != nil {
		t.Fatal(err)
	}
	editor.poll()
	if err := src.(listen.Editor).Edit(t.Context(), got.Key, listen.Reply{Key: "5", Text: "Vielen Dank"}); err != nil {
		t.Error(err)
	}
	for _, e := range editor.poll() {
		if e.Op != lastword.Edited || e.Post.Text != "Vielen Dank" {
			t.Errorf("the edited answer: %+v", e)
		}
	}
	if err := src.(listen.Editor).Remove(t.Context(), got.Key); err != nil {
		t.Error(err)
	}
	if e := editor.poll(); len(e) != 1 {
		t.Errorf("the removed answer: %v", e)
	}
	if err := src.(listen.Editor).Remove(t.Context(), got.Key); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("removed twice: %v", err)
	}
}

func TestServerSigningInAndChecking(t *testing.T) {
	t.Parallel()
	site := testserver.StartWordPress(t, testserver.WordPressOptions{Path: "/blog"})
	site.Post(t, "Leisten", "Ab Herbst.")
	for user, want := range map[string]string{
		"editor": "hear reply publish edit delete", "author": "hear reply publish", "subscriber": "hear reply", "": "hear",
	} {
		all, err := channel(t, site, user).open().(listen.Checker).Check(t.Context())
		var can []string
		for _, a := range all {
			if a.Can {
				can = append(can, a.Name)
			} else if a.Why == "" {
				t.Errorf("%q cannot %s, and nobody says why", user, a.Name)
			}
		}
		if err != nil || strings.Join(can, " ") != want {
			t.Errorf("%q may %v, %v; want %s", user, can, err, want)
		}
	}
	var m *lastword.Mistake
	bad := channel(t, site, "editor", "password", "abcd efgh ijkl mnop qrst uvwx")
	var h listentest.Heard
	if err := bad.open().Poll(t.Context(), "", h.Hear); !errors.As(err, &m) || m.Key != "connector.wordpress.error.signin" || !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("a wrong password: %v", err)
	}
	wrong := channel(t, site, "", "url", strings.TrimSuffix(site.URL, "/blog"))
	if err := wrong.open().Poll(t.Context(), "", h.Hear); !errors.As(err, &m) || m.Key != "connector.wordpress.error.no-rest" {
		t.Errorf("an address without WordPress: %v", err)
	}
	door(t, site)
}

// door asks for a password as a person would by a click.
func door(t *testing.T, site *testserver.WordPress) {
	host, _, _ := listentest.Host(http.DefaultClient, time.Now())
	signin := wordpress.New().(listen.Authorizer)
	acct := listen.Account{Settings: map[string]string{"url": site.URL + "/wp-admin/"}}
	at, kept, err := signin.Authorize(t.Context(), acct, host, "https://lastword.example/back", "st&ate")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(at)
	if err != nil || u.Path != "/blog/wp-admin/authorize-application.php" || u.Query().Get("success_url") != "https://lastword.example/back?state=st%26ate" {
		t.Errorf("%s, %v", at, err)
	}
	user := site.Users["author"]
	set, err := signin.Exchange(t.Context(), acct, host, "", kept, url.Values{"user_login": {user.Name}, "password": {user.Password}, "site_url": {site.URL}})
	if err != nil || set["user"] != "author" || set["password"] != user.Password {
		t.Errorf("Exchange: %v, %v", set, err)
	}
	for _, answer := range []url.Values{{"error": {"access_denied"}}, {"user_login": {"author"}, "password": {"wrong"}}} {
		if set, err := signin.Exchange(t.Context(), acct, host, "", kept, answer); err == nil {
			t.Errorf("%v is accepted: %v", answer, set)
		}
	}
}

func TestServerThePromisesOfASource(t *testing.T) {
	t.Parallel()
	site := testserver.StartWordPress(t, testserver.WordPressOptions{})
	post := site.Post(t, "Leisten", "Ab Herbst.")
	for i := range 3 {
		site.Comment(t, post, 0, "Tom", "Nummer "+itoa(int64(i)), "approved")
	}
	listentest.ExerciseSource(t, listentest.Place{
		Network: wordpress.Name, Open: channel(t, site, "editor").open,
		Grow: func() { site.Comment(t, post, 0, "Ida", "Noch eine", "approved") },
	})
}

// testPicture publishes a post with a picture, twice: it is one post with one picture.
func testPicture(t *testing.T, site *testserver.WordPress) {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 30, 20))); err != nil {
		t.Fatal(err)
	}
	c := channel(t, site, "editor", "publish", "publish")
	p := listen.Post{Key: "7788", Made: c.now, Title: "Mit Bild", Parts: []string{"So sieht er aus."}, Pictures: []listen.Picture{
		{Picture: lastword.Picture{Digest: "0123456789abcdef0123456789abcdef", Type: "image/png", Width: 30, Height: 20, Alt: "Ein Leisten"}, Bytes: b.Bytes()}}}
	got, err := c.open().(listen.Poster).Post(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.open().(listen.Poster).Post(t.Context(), p); err != nil || again[0] != got[0] {
		t.Errorf("published again: %+v, %v", again, err)
	}
	id := got[0].Key[strings.LastIndexByte(got[0].Key, 'p')+1:]
	var post struct {
		Featured int64 `json:"featured_media"`
	}
	site.Call(t, "admin", http.MethodGet, "/wp/v2/posts/"+id, nil, &post)
	var media []struct {
		ID  int64
		Alt string `json:"alt_text"`
	}
	site.Call(t, "admin", http.MethodGet, "/wp/v2/media", nil, &media)
	if len(media) != 1 || media[0].ID != post.Featured || media[0].Alt != "Ein Leisten" {
		t.Errorf("the picture: %+v, of a post with %d", media, post.Featured)
	}
}
