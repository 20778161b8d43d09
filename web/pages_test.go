package web_test

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"lastword"
	"lastword/listen"
)

// full is a company in which every page has something to show.
func full(f *firm) (theme int64) {
	f.Helper()
	theme = vegan(f)
	f.gather("Halbe Größen", .6, f.say("x", "uwe", "de", "Wann kommen halbe Größen?"), f.say("bluesky", "zoe", "fr", "Des demi-pointures, s'il vous plaît"))
	b := f.as(f.director)
	b.post(path("themes", theme, "decide"), yes).is(303)
	b.post(path("voices", f.say("x", "ina", "de", "Der Stiefel drückt").ID, "kind"), url.Values{"kind": {"problem"}}).is(303)
	f.tell("Wir machen jetzt Weite H.", time.Time{})
	_, err := f.db.SaveQuery(f.Context(), f.director, lastword.Query{Name: "Wir", Text: "lind OR stiefel"})
	f.must(err)
	return theme
}

// addresses lists every page of a company, with ids that are its own.
func (f *firm) addresses() []string {
	f.Helper()
	ctx, c := f.Context(), f.company.ID
	out := strings.Fields("/ /themes /voices /people /answers /check /decisions /channels /queries /queries/new /settings /settings/model /settings/notices /settings/blog /posts /posts/calendar /posts/calendar?view=week /corrections /log /search?q=stiefel /channels/new/feed /channels/new/youtube /channels/new/mastodon /channels/new/mail")
	add := func(parts ...any) { out = append(out, path(parts...)) }
	themes, err := f.db.Themes(ctx, c, lastword.ThemeFilter{})
	f.must(err)
	for _, th := range themes {
		add("themes", th.ID)
		add("themes", th.ID, "voices")
		add("themes", th.ID, "check")
	}
	voices, err := f.db.FindVoices(ctx, c, lastword.VoiceFilter{})
	f.must(err)
	add("voices", voices[0].ID)
	add("people", voices[0].Person.ID)
	out = append(out, "/voices?open="+path(voices[0].ID)[1:], "/people?theme="+path(themes[0].ID)[1:], "/voices?theme="+path(themes[0].ID)[1:])
	answers, err := f.db.Answers(ctx, c, lastword.AnswerFilter{})
	f.must(err)
	add("answers", answers[0].ID)
	stories, err := f.db.Stories(ctx, c, lastword.StoryFilter{})
	f.must(err)
	add("posts", stories[0].ID)
	channels, err := f.db.Channels(ctx, c)
	f.must(err)
	add("channels", channels[0].ID)
	out = append(out, "/voices?channel="+path(channels[0].ID)[1:])
	queries, err := f.db.Queries(ctx, c)
	f.must(err)
	add("queries", queries[0].ID)
	return append(out, "/voices?query="+path(queries[0].ID)[1:])
}

func TestEveryPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	full(f)
	for _, m := range []lastword.Member{f.director, f.second, f.staff} {
		b := h.as(m)
		for _, at := range f.addresses() {
			r := b.get(at).is(200)
			checkPage(t, m.Lang+" "+at, r)
			if got := attr(r.all("html")[0], "lang"); got != m.Lang {
				t.Errorf("%s is in %q, want %q", at, got, m.Lang)
			}
		}
	}
	for _, at := range []string{"/signin", "/nirgends", "/start/x"} {
		checkPage(t, at, h.browser().get(at))
	}
}

// checkPage is what every page promises: nothing that the policy forbids, a
// name, one heading of the first order, a label for every field.
func checkPage(t *testing.T, at string, r reply) {
	t.Helper()
	if csp := r.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'; script-src 'self'; style-src 'self'") {
		t.Errorf("%s: policy %q", at, csp)
	}
	if r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s may be stored", at)
	}
	headings, labelled, ids := 0, map[string]bool{}, map[string]bool{}
	for n := range r.tree().Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "h1" {
			headings++
		}
		if n.Data == "label" {
			labelled[attr(n, "for")] = true
		}
		checkNode(t, at, n, ids)
	}
	if headings != 1 {
		t.Errorf("%s has %d headings of the first order", at, headings)
	}
	for _, name := range []string{"input", "select", "textarea"} {
		for _, n := range r.all(name) {
			if typ := attr(n, "type"); typ == "hidden" || typ == "radio" || attr(n, "aria-labelledby") != "" || n.Parent.Data == "label" {
				continue
			}
			if !labelled[attr(n, "id")] {
				t.Errorf("%s: the field %s %q has no label", at, name, attr(n, "name"))
			}
		}
	}
	for _, key := range regexp.MustCompile(`>\s*[a-z_]+\.[a-z_.]+\s*<`).FindAllString(r.body, -1) {
		if strings.Contains(r.body, `href="https://`+strings.Trim(key, "<> \t\n")+`"`) {
			continue // an address that one goes to
		}
		t.Errorf("%s shows a key: %s", at, key)
	}
}

func checkNode(t *testing.T, at string, n *html.Node, ids map[string]bool) {
	t.Helper()
	for _, a := range n.Attr {
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
			t.Errorf("%s: %s carries %s", at, n.Data, a.Key)
		}
		if (a.Key == "href" || a.Key == "action") && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
			t.Errorf("%s: %s leads to a script", at, n.Data)
		}
	}
	if n.Data == "style" || n.Data == "script" && n.FirstChild != nil {
		t.Errorf("%s has a %s of its own", at, n.Data)
	}
	if id := attr(n, "id"); id != "" {
		if ids[id] {
			t.Errorf("%s: the id %s is there twice", at, id)
		}
		ids[id] = true
	}
}

// Neither an address nor a form reaches what belongs to another company.
func TestTwoCompanies(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ours, theirs := h.firm("Lind", lastword.AnyDirector), h.firm("Zang", lastword.AnyDirector)
	full(ours)
	full(theirs)
	b := h.as(theirs.director)
	numbered := regexp.MustCompile(`\d{6,}`)
	tried := 0
	for _, at := range ours.addresses() {
		if !numbered.MatchString(at) {
			continue
		}
		tried++
		r := b.get(at)
		if strings.Contains(at, "person=") || strings.HasPrefix(at, "/people?theme") {
			r.keepsQuiet("mia")
		}
		if r.status != http.StatusNotFound {
			t.Errorf("%s of another company: %d", at, r.status)
		}
	}
	if tried < 10 {
		t.Fatalf("only %d addresses were tried", tried)
	}
	before := everything(ours)
	for _, at := range ours.acts() {
		if r := b.post(at.path, at.form); r.status < 400 {
			t.Errorf("POST %s on another company: %d to %s", at.path, r.status, r.header.Get("Location"))
		}
	}
	if after := everything(ours); after != before {
		t.Errorf("something of the company changed:\n%s\n%s", before, after)
	}
}

type formAct struct {
	path string
	form url.Values
}

// acts lists every form that names something by its id.
func (f *firm) acts() []formAct {
	f.Helper()
	ctx, c := f.Context(), f.company.ID
	themes, err := f.db.Themes(ctx, c, lastword.ThemeFilter{})
	f.must(err)
	voices, err := f.db.FindVoices(ctx, c, lastword.VoiceFilter{})
	f.must(err)
	answers, err := f.db.Answers(ctx, c, lastword.AnswerFilter{})
	f.must(err)
	queries, err := f.db.Queries(ctx, c)
	f.must(err)
	put, err := f.db.Corrections(ctx, c, 0, 1)
	f.must(err)
	stories, err := f.db.Stories(ctx, c, lastword.StoryFilter{})
	f.must(err)
	post, version := stories[0].ID, stories[0].Versions[0].ID
	day := url.Values{"date": {"2027-03-01"}, "time": {"09:00"}, "text": {"Fremd"}, "words": {"Fremd"}}
	th, v, a, d := themes[0].ID, path(voices[0].ID)[1:], answers[0], answers[0].Decision
	voice := url.Values{"voice": {v}, "shown": {v}, "act": {"reject"}, "theme": {path(th)[1:]}, "belongs": {"no"}, "kind": {"praise"}, "feeling": {"negative"}, "aside": {"1"}}
	return []formAct{
		{path("posts", post), day}, {path("posts", post, "move"), day}, {path("posts", post, "delete"), nil}, {path("posts", post, "undo"), nil},
		{path("posts", post, "retry"), nil}, {path("posts", post, "preview"), day}, {path("versions", version), day}, {path("versions", version, "follow"), nil},
		{path("versions", version, "amend"), nil}, {path("versions", version, "takedown"), nil},
		{path("themes", th, "decide"), yes}, {path("themes", th, "reopen"), nil}, {path("themes", th, "rename"), url.Values{"name": {"Fremd"}}},
		{path("themes", th, "merge"), url.Values{"into": {path(themes[1].ID)[1:]}}}, {path("themes", th, "voices"), voice},
		{"/pairs", url.Values{"a": {path(th)[1:]}, "b": {path(themes[1].ID)[1:]}, "same": {"no"}}},
		{"/check", voice}, {path("corrections", put[0].ID, "undo"), nil}, {path("voices", v, "kind"), voice}, {path("voices", v, "feeling"), voice}, {path("voices", v, "aside"), voice}, {path("voices", v, "single"), yes},
		{"/voices/move", voice}, {path("decisions", d, "consent"), url.Values{"digest": {"x"}}}, {path("decisions", d, "release"), nil},
		{path("decisions", d, "undo"), nil}, {path("answers", a.ID), url.Values{"text": {"Fremd"}}}, {path("answers", a.ID, "withdraw"), nil},
		{path("answers", a.ID, "undo"), nil}, {path("answers", a.ID, "retry"), nil}, {path("answers", a.ID, "given"), nil},
		{path("people", voices[0].Person.ID), url.Values{"name": {"Fremd"}}},
		{path("people", voices[0].Person.ID, "merge"), url.Values{"from": {path(voices[1].Person.ID)[1:]}}},
		{path("channels", f.channel.ID), url.Values{"name": {"Fremd"}, "set.url": {"https://b.example"}}}, {path("channels", f.channel.ID, "pause"), url.Values{"paused": {"1"}}},
		{path("channels", f.channel.ID, "check"), nil}, {path("channels", f.channel.ID, "delete"), nil},
		{path("queries", queries[0].ID), url.Values{"name": {"Fremd"}, "text": {"fremd"}}}, {path("queries", queries[0].ID, "delete"), nil},
		{path("settings/members", f.second.ID, "leave"), nil}, {path("settings/members", f.second.ID, "link"), nil},
	}
}

// everything is the company as an export tells it.
func everything(f *firm) string {
	f.Helper()
	var b strings.Builder
	f.must(f.db.Export(f.Context(), f.company.ID, &b))
	return b.String()
}

// Every page and act but those at the door asks who comes.
func TestNobodyComesInUnknown(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("routes.go")
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t)
	b := h.browser()
	routes := regexp.MustCompile(`(page|director)\("(GET|POST) ([^"]+)"`).FindAllStringSubmatch(string(raw), -1)
	if len(routes) < 50 {
		t.Fatalf("only %d routes are read", len(routes))
	}
	for _, m := range routes {
		at := strings.NewReplacer("{$}", "", "{id}", "123456", "{connector}", "feed").Replace(m[3])
		r := reply{}
		if m[2] == "GET" {
			r = b.get(at)
		} else {
			r = b.post(at, nil)
		}
		if at == "/events" && r.status == http.StatusForbidden {
			continue
		}
		if r.status != http.StatusSeeOther || !strings.HasPrefix(r.header.Get("Location"), "/signin") {
			t.Errorf("%s %s for a stranger: %d", m[2], at, r.status)
		}
	}
}

// What only directors do is refused to everyone else, whatever they send.
func TestOnlyDirectors(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("routes.go")
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.staff)
	for _, m := range regexp.MustCompile(`director\("POST ([^"]+)"`).FindAllStringSubmatch(string(raw), -1) {
		b.post(strings.ReplaceAll(m[1], "{id}", "123456"), nil).is(http.StatusForbidden)
	}
}

func TestHostileVoice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	evil := `<script>alert(1)</script><img src=x onerror=alert(1)> "><a href="javascript:alert(1)">x</a> ` + "\u202e" + `{{.}} ${x}`
	v := f.hear(lastword.Post{
		Network: "x", Key: "evil", URL: "javascript:alert(1)", Title: "</title><script>1</script>", Text: evil, Lang: `de" onload="x`, SaidAt: f.now(),
		Author: lastword.Author{Key: "e", Handle: `"><script>`, Name: `<b onclick=x>Eve</b>`, URL: "data:text/html,x"},
	})
	th := f.gather(`<script>thema</script>`, .95, v)
	b := h.as(f.director)
	b.post(path("themes", th, "decide"), yes).is(303)
	for _, at := range []string{"/", "/voices", path("voices", v.ID), path("people", v.Person.ID), path("themes", th), path("themes", th, "voices"), "/answers", "/search?q=alert", "/queries/new?text=alert&name=%3Cscript%3E", "/voices?q=%22%3E%3Cscript%3E"} {
		r := b.get(at).is(200)
		checkPage(t, at, r)
		for _, a := range r.all("a") {
			if href := attr(a, "href"); strings.HasPrefix(href, "data:") || strings.HasPrefix(href, "javascript:") {
				t.Errorf("%s links to %s", at, href)
			}
		}
		if len(r.all("img")) > 0 {
			t.Errorf("%s shows a stranger's picture", at)
		}
	}
	b.get(path("voices", v.ID)).says("<script>alert(1)</script>")
}

func TestHeardPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b, th := h.as(f.director), vegan(f)
	b.post(path("themes", th, "decide"), yes).is(303)
	rows, err := h.db.Answers(t.Context(), f.company.ID, lastword.AnswerFilter{})
	h.must(err)
	i := slices.IndexFunc(rows, func(r lastword.AnswerRow) bool { return r.Lang == "en" })
	a, stranger := rows[i], h.browser()
	at := path("heard", a.Token)
	stranger.get(at).is(404) // a draft is nobody's business
	release := path("decisions", a.Decision, "release")
	b.post(release, url.Values{"set": {b.get(path("themes", th)).hidden(release, "set")}}).is(303)

	r := stranger.get(at).is(200).says("Was I heard?", "Please make the hiking boot without leather.", "3 people said the same.", "Yes", "You are right, and we could", "Imprint")
	r.keepsQuiet("Settings", "Anna Lind")
	if r.header.Get("X-Robots-Tag") == "" || len(r.all("script")) != 0 {
		t.Error("the page may be indexed, or carries a script")
	}
	checkPage(t, at, r)
	stranger.get(at+"?lang=de").is(200).says("Wurde ich gehört?", "Sie haben recht, und wir")
	stranger.get(at + "x").is(404)

	v, err := h.db.VoiceRow(t.Context(), f.company.ID, a.Answer.Voice)
	h.must(err)
	_, err = h.db.SaveHeard(t.Context(), f.channel, "d", []lastword.Event{{Op: lastword.Deleted, Post: lastword.Post{Network: v.Network, Key: v.Key}}}, nil)
	h.must(err)
	stranger.get(at).keepsQuiet("without leather")
}

func TestQueryPreview(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	vegan(f)
	b := h.as(f.director)
	r := b.get("/queries/new?text=wanderstiefel").is(200).says("Eine der letzten 3 Stimmen hätte gepasst")
	if m := r.all("mark"); len(m) != 1 || m[0].FirstChild.Data != "Wanderstiefel" {
		t.Errorf("%d words are marked", len(m))
	}
	r = b.get("/queries/new?text=" + url.QueryEscape("größe (stiefel OR")).is(200)
	if m := r.all("mark"); len(m) == 0 {
		t.Error("the wrong place is not marked")
	}
	b.post("/queries/new", url.Values{"name": {"Wir"}, "text": {"(stiefel"}}).is(422).says("Der Suchauftrag lässt sich nicht lesen.", "nie geschlossen")
	b.post("/queries/new", url.Values{"name": {"Wir"}, "text": {"stiefel"}}).leads("/queries")
	b.get("/queries").is(200).says("Der Suchauftrag „Wir“ ist gespeichert")
}

func TestChannels(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.staff)
	b.post("/channels", url.Values{"connector": {"feed"}}).is(422).says("Hier fehlt etwas.")
	b.post("/channels", url.Values{"connector": {"feed"}, "name": {"Blatt"}, "set.url": {"nirgends"}}).is(422).says("Das ist keine Adresse im Netz.")
	b.post("/channels", url.Values{"connector": {"nope"}, "name": {"Blatt"}}).is(404)
	r := b.post("/channels", url.Values{"connector": {"feed"}, "name": {"Blatt"}, "set.url": {"https://blatt.example"}, "set.password": {"streng-geheim"}}).is(303)
	at := r.header.Get("Location")
	b.get(at).is(200).says("„Blatt“ ist angeschlossen")
	if got := b.get(at); strings.Contains(got.body, "geheim") {
		t.Error("a secret is on the page")
	}
	b.post(at, url.Values{"name": {"Blatt"}, "set.url": {"https://blatt.example/neu"}}).leads(at)
	chs, err := h.db.Channels(t.Context(), f.company.ID)
	h.must(err)
	kept, err := h.db.Secret(t.Context(), f.company.ID, chs[slices.IndexFunc(chs, func(c lastword.Channel) bool { return c.Name == "Blatt" })].ID)
	h.must(err)
	if kept.Secrets["password"] != "streng-geheim" || kept.Settings["url"] != "https://blatt.example/neu" {
		t.Errorf("kept %v, %v", kept.Settings, kept.Secrets)
	}
	b.post(at+"/check", nil).leads(at)
	b.get(at).says("„Blatt“ ist gerade nicht erreichbar.")
	b.post(at+"/pause", url.Values{"paused": {"1"}}).leads(at)
	b.get(at).says("„Blatt“ ruht.")
	b.post(at+"/delete", nil).leads("/channels")
	b.get(at).is(404)
}

func TestVoices(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	for range 30 {
		f.say("x", "kim", "de", "Noch eine Stimme zum Schnürsenkel")
	}
	v := f.say("bluesky", "mia", "de", "Ein Lob dem Absatz")
	b := h.as(f.director)
	first := b.get("/voices").is(200).says("31", "Ein Lob dem Absatz", "Ältere")
	var older string
	for _, a := range first.all("a") {
		if attr(a, "rel") == "next" {
			older = attr(a, "href")
		}
	}
	b.get(older).is(200).says("Zum Anfang").keepsQuiet("Ein Lob dem Absatz", "Ältere")
	b.get("/voices?q=absatz").is(200).says("Ein Lob dem Absatz").keepsQuiet("Schnürsenkel")
	b.get("/voices?network=x").keepsQuiet("Ein Lob dem Absatz")
	b.get("/voices?kind=praise").says("Keine Stimme passt dazu.")

	b.post(path("voices", v.ID, "kind"), url.Values{"kind": {"praise"}, "back": {"/voices?kind=praise"}}).leads("/voices?kind=praise")
	b.get("/voices?kind=praise").says("Ein Lob dem Absatz", "Berichtigt.")
	b.post(path("voices", v.ID, "feeling"), url.Values{"feeling": {"positive"}}).leads(path("voices", v.ID))
	b.get(path("voices", v.ID)).says("Von Anna Lind berichtigt.")
	b.post(path("voices", v.ID, "kind"), url.Values{"kind": {"nonsense"}}).is(422)
	b.post(path("voices", v.ID, "aside"), url.Values{"aside": {"1"}}).is(303)
	b.get("/voices?circle=aside").says("Ein Lob dem Absatz")
}

func TestPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	one, two := f.say("x", "kim", "de", "Hallo"), f.say("bluesky", "kim", "de", "Noch ein Hallo")
	b := h.as(f.director)
	at := path("people", one.Person.ID)
	b.post(at, url.Values{"name": {"Kim Groß"}, "stage": {"customer"}, "weight": {"2"}}).leads(at)
	b.get(at).says("Kim Groß", "sehr wichtig", "Kunde")
	b.post(at, url.Values{"name": {"Kim Groß"}, "weight": {"9"}}).is(422)
	b.get(at + "?same=kim").says("Zusammenlegen, eine Stimme")
	b.post(at+"/merge", url.Values{"from": {path(two.Person.ID)[1:]}}).leads(at)
	b.get(at).says("2 Stimmen", "Hallo", "Noch ein Hallo")
	b.post(at, url.Values{"name": {"Kim Groß"}, "objected": {"1"}}).leads(at)
	b.post(at, url.Values{"name": {"Kim Groß"}}).leads(at) // an objection is not taken back here
	b.get(at).says("Hat am 23. Nov. widersprochen.")
}

func TestErrorPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.second)
	b.get("/nowhere").is(404).says("There is nothing here", "Go back, or search for it.")
	b.get("/themes/abc").is(404)
	b.get("/voices/-1").is(404)
	b.post("/queries/new", url.Values{"name": {strings.Repeat("x", 2<<20)}}).is(413).says("This is too much at once")
	r := h.browser()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.server.URL+"/nowhere", nil)
	h.must(err)
	req.Header.Set("Accept-Language", "en-GB,en;q=0.8")
	r.do(req).is(404).says("There is nothing here")
}

func TestAssets(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.browser()
	page := b.get("/signin").is(200)
	sheet := attr(page.all("link")[1], "href")
	r := b.get(sheet).is(200)
	if !strings.Contains(r.header.Get("Cache-Control"), "immutable") || r.header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%s: %v", sheet, r.header)
	}
	b.get("/asset/0000000000000000/sheet.css").is(404)
	b.get("/asset/../server.go").is(http.StatusTemporaryRedirect)
	b.get("/healthz").is(200)
}

// A page that listens hears at once when something changed.
func TestEvents(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.director)
	live := attr(b.get("/").all("body")[0], "data-live")
	if !strings.HasPrefix(live, "/events?since=") {
		t.Fatalf("the page listens at %q", live)
	}
	f.say("x", "kim", "de", "Gerade eben")
	h.pass(2e9) // the pulse is asked for at most once a second
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.server.URL+live, nil)
	h.must(err)
	resp, err := b.client.Do(req)
	h.must(err)
	defer func() { h.must(resp.Body.Close()) }()
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("type %q", got)
	}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if lines.Text() == "event: changed" {
			return
		}
	}
	t.Fatalf("the stream ended: %v", lines.Err())
}

// How a channel fares: that it is silent and by how much, of when something may be
// missing, what was set aside and where, when its interface ends; and one line of it
// on the day's page.
func TestHowAChannelFares(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.director)
	at := path("channels", f.channel.ID)
	b.get("/").keepsQuiet("auffallend still")
	from, until := h.at.Add(-50*time.Hour), h.at.Add(-48*time.Hour)
	h.must(f.db.SaveUnreadable(t.Context(), f.company.ID, f.channel.ID, []lastword.Unreadable{
		{Place: "öffentlich " + listen.Span(from, until), Reason: listen.Gap}, {Place: "https://a.example/7", Reason: "unreadable"},
		{Place: "at://did:plc:x/app.bsky.feed.post/3k", Reason: "unreadable"}, {Place: "Zeile 8 <b>", Reason: "unreadable"}, {Place: "javascript:alert(1)", Reason: "huge"},
	}))
	h.must(f.db.Report(t.Context(), f.channel, lastword.Health{
		State: lastword.Silent, LastTry: h.at, NextTry: h.at, Ends: h.at.AddDate(0, 0, 20),
		Quiet:   lastword.Quiet{Since: h.at.Add(-30 * time.Hour), Usual: 17.4, Brought: 2},
		Dropped: map[string]int64{listen.Gap: 1, "unreadable": 3, "huge": 1, "unwanted": 12345},
	}))
	b.get(at).is(200).says("kamen nur 2 Stimmen; üblich wären in dieser Zeit etwa 17", "Zwischen Samstag, 21. November 2026", "kann etwas fehlen",
		"Zeile 8 <b>", "schaltet die Schnittstelle ab", "will kein Suchauftrag")
	body := b.get(at).body
	for _, want := range []string{`href="https://a.example/7"`, `href="https://bsky.app/profile/did:plc:x/post/3k"`, "Zeile 8 &lt;b&gt;"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if strings.Contains(body, `href="javascript`) {
		t.Error("a place became a script")
	}
	b.get("/channels").says("auffallend still", "Schnittstelle endet bald")
	b.get("/").says("Unsere Quelle", "auffallend still")
	list := path("channels", "aside", f.channel.ID)
	b.get(list+"?reason=unreadable").is(200).says("Zeile 8", "3k").keepsQuiet("javascript")
	b.get(list + "?reason=nothing").is(200).says("nichts aufgehoben")
	b.get(path("channels", "aside", f.channel.ID+1)).is(404)
}

// A channel whose place asks money is heard only once somebody has seen what it
// will cost, and anew when it asks for something else.
func TestPaidChannels(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.director)
	r := b.post("/channels", url.Values{"connector": {"paid"}, "name": {"X"}, "set.url": {"https://x.example"}}).is(303)
	at := r.header.Get("Location")
	kept := func() lastword.Channel {
		all, err := f.db.Channels(t.Context(), f.company.ID)
		h.must(err)
		return all[slices.IndexFunc(all, func(c lastword.Channel) bool { return c.Name == "X" })]
	}
	if !kept().Paused {
		t.Error("it is heard before anybody saw what it will cost")
	}
	b.get(at).is(200).says("3,20 US-Dollar von höchstens 25,00 US-Dollar", "gab es 1.234 Beiträge", "bis zu 79,33 US-Dollar", "Das ist mehr als das Budget", "So hören")
	b.post(at+"/pause", url.Values{"paused": {"0"}}).leads(at)
	b.get(at).keepsQuiet("So hören")
	b.post(at, url.Values{"name": {"X"}, "set.url": {"https://x.example"}, "set.comments": {""}}).leads(at)
	if kept().Paused {
		t.Error("nothing else is asked for, and it is not heard any more")
	}
	b.post(at, url.Values{"name": {"X"}, "set.url": {"https://x.example/anderes"}}).leads(at)
	if !kept().Paused {
		t.Error("something else is asked for, and nobody saw what that costs")
	}
	b.post(at+"/forecast", nil).leads(at)
}
