package web_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"lastword"
	"lastword/represent"
)

// step is the step that the pages act through.
func (f *firm) step() *represent.Step {
	return &represent.Step{Store: f.db, Places: f.posted, Now: f.now, Log: slog.New(slog.DiscardHandler)}
}

// tell drafts a story for the firm's channel.
func (f *firm) tell(text string, due time.Time) lastword.StoryRow {
	f.Helper()
	id, err := f.step().Begin(f.Context(), f.staff)
	f.must(err)
	f.must(f.step().Save(f.Context(), f.staff, id, represent.Draft{Title: "Weite H", Text: text, Due: due, Channels: []int64{f.channel.ID}}))
	return f.storyRow(id)
}

func (f *firm) storyRow(id int64) lastword.StoryRow {
	f.Helper()
	row, err := f.db.Story(f.Context(), f.company.ID, id)
	f.must(err)
	return row
}

// publish does what the jobs of a story would.
func (f *firm) publish(id int64) {
	f.Helper()
	for _, v := range f.storyRow(id).Versions {
		f.must(f.step().Do(f.Context(), lastword.Job{Kind: lastword.Publish, Company: f.company.ID, IDs: []int64{v.ID}}))
	}
}

// values reads the composer's form as a browser would send it.
func values(r reply) url.Values {
	form := url.Values{}
	for n := range r.tree().Descendants() {
		if n.Type != html.ElementNode || attr(n, "id") != "draft" {
			continue
		}
		for in := range n.Descendants() {
			switch {
			case in.Data == "textarea":
				words := ""
				if in.FirstChild != nil {
					words = in.FirstChild.Data
				}
				form.Set(attr(in, "name"), words)
			case in.Data != "input", attr(in, "type") == "file":
			case attr(in, "type") == "checkbox":
				if strings.Contains(render(in), "checked") && !strings.Contains(render(in), "disabled") {
					form.Add(attr(in, "name"), attr(in, "value"))
				}
			default:
				form.Add(attr(in, "name"), attr(in, "value"))
			}
		}
	}
	return form
}

func render(n *html.Node) string {
	var b bytes.Buffer
	if err := html.Render(&b, n); err != nil {
		return ""
	}
	return b.String()
}

// A director writes, sees what becomes of it, releases it, hears what is said to it.
func TestPostFromDraftToReplies(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.director)
	at := b.post("/posts", nil).is(http.StatusSeeOther).header.Get("Location")
	form := values(b.get(at).is(200))
	form.Set("title", "Weite H")
	form.Set("text", "Wir machen **jetzt** Weite H.\n\n"+strings.Repeat("Sie haben danach gefragt. ", 14)+"\n\nhttps://lind.example/h?utm_source=x&id=7")
	form.Set("channel", path(f.channel.ID)[1:])
	form.Set("do", "save")
	b.post(at, form).leads(at)
	page := b.get(at).is(200).says("Eine Folge aus 2 Teilen", "https://lind.example/h?id=7").keepsQuiet("utm_source=x")
	checkPage(t, at, page)

	form = values(page)
	form.Set("text", form.Get("text")+" Danke.")
	form.Set("do", "release")
	b.post(at, form).is(http.StatusSeeOther)
	page = b.get(at).says("Es sieht jetzt anders aus als zuvor")
	form = values(page)
	form.Set("do", "release")
	b.post(at, form).leads(at)
	b.get(at).says("Freigegeben", "Zurücknehmen und ändern").keepsQuiet("Entwurf speichern")
	var id int64
	if _, err := fmt.Sscanf(at, "/posts/%d", &id); err != nil {
		t.Fatal(err)
	}
	f.publish(id)
	if len(h.posted.sent) != 1 || len(h.posted.sent[0].Parts) != 2 || !strings.HasPrefix(h.posted.sent[0].Parts[0], "Wir machen jetzt Weite H.") {
		t.Fatalf("what went out: %+v", h.posted.sent)
	}
	f.hear(lastword.Post{Network: "bluesky", Key: "reply", Author: lastword.Author{Key: "mia", Handle: "mia"}, Text: "Endlich!", Lang: "de",
		Parent: fmt.Sprint("own-", h.posted.sent[0].ID), SaidAt: h.now()})
	b.get(at).is(200).says("Eine Antwort darauf", "Endlich!", "Dort ansehen")
	b.get("/posts").is(200).says("Veröffentlicht", "Eine Antwort darauf")

	v := path("versions", f.storyRow(id).Versions[0].ID)
	b.post(v+"/amend", nil).is(http.StatusSeeOther)
	change := f.storyRow(id).Versions[1]
	b.post(path("versions", change.ID), url.Values{"words": {"Weite H und J.\n---\nBald mehr."}}).is(http.StatusSeeOther)
	form = values(b.get(at))
	form.Set("do", "release")
	b.post(at, form).leads(at)
	f.publish(id)
	if last := h.posted.sent[len(h.posted.sent)-1]; last.Replaces == 0 || len(last.Parts) != 2 || last.Parts[1] != "Bald mehr." {
		t.Errorf("the change that went out: %+v", last)
	}
}

// What is wrong is told beside what was typed, and nothing of it is lost.
func TestPostMistakes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.director)
	row := f.tell("Erst dies.", time.Time{})
	at := path("posts", row.ID)
	form := values(b.get(at))
	form.Set("text", "Dann das.")
	form.Set("date", "2020-01-01")
	b.post(at, form).is(http.StatusUnprocessableEntity).says("Dieser Zeitpunkt ist vorbei", "Dann das.")
	form.Set("date", "morgen")
	b.post(at, form).is(http.StatusUnprocessableEntity).says("Das ist kein Tag mit Uhrzeit")
	form.Del("date")
	form.Set("text", "")
	form.Set("title", "")
	b.post(at, form).is(http.StatusSeeOther)
	form = values(b.get(at).says("Hier steht noch kein Text"))
	form.Set("do", "release")
	b.post(at, form).is(http.StatusUnprocessableEntity).says("Hier steht noch kein Text")
	stale := form
	b.post(at, url.Values{"text": {"Neu"}, "do": {"save"}, "channel": {path(f.channel.ID)[1:]}}).is(http.StatusSeeOther)
	stale.Set("text", "Was ich gerade schrieb.")
	again := values(b.post(at, stale).is(http.StatusConflict).says("inzwischen hat jemand", "Was ich gerade schrieb."))
	again.Set("do", "save")
	b.post(at, again).leads(at)
	b.get(at).says("Was ich gerade schrieb.")
}

// brought sends the composer's form with a file.
func (b *browser) brought(at string, form url.Values, file []byte) reply {
	b.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, all := range form {
		for _, v := range all {
			b.must(w.WriteField(name, v))
		}
	}
	part, err := w.CreateFormFile("file", "bild.png")
	b.must(err)
	_, err = part.Write(file)
	b.must(err)
	b.must(w.Close())
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.server.URL+at, &body)
	b.must(err)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// A picture needs words for who cannot see it; where a place takes none, the page
// says so; nobody else's pictures are shown.
func TestPostPictures(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f, other := h.firm("Lind", lastword.AnyDirector), h.firm("Zang", lastword.AnyDirector)
	_, err := h.db.SaveChannel(t.Context(), f.director, lastword.Channel{Connector: "forum", Name: "Forum"})
	h.must(err)
	b := h.as(f.director)
	row := f.tell("Mit Bild.", time.Time{})
	at := path("posts", row.ID)
	var body bytes.Buffer
	h.must(png.Encode(&body, image.NewGray(image.Rect(0, 0, 4, 3))))
	form := values(b.get(at))
	channels, err := h.db.Channels(t.Context(), f.company.ID)
	h.must(err)
	for _, c := range channels {
		form.Add("channel", path(c.ID)[1:])
	}
	form = values(b.brought(at, form, []byte("<svg onload=alert(1)>")).is(http.StatusUnprocessableEntity).says("Das ist kein Bild, das Lastword kennt"))
	b.brought(at, form, body.Bytes()).leads(at)
	page := b.get(at).says("Schreiben Sie zu Bild 1, was es zeigt.", "Forum nimmt über diesen Weg keine Bilder")
	checkPage(t, at, page)
	form = values(page)
	form.Set("do", "release")
	form = values(b.post(at, form).is(http.StatusUnprocessableEntity))
	p := f.storyRow(row.ID).Pictures[0]
	form.Set("alt-"+p.Digest, "Ein grauer Leisten")
	form.Set("do", "save")
	b.post(at, form).leads(at)
	form = values(b.get(at).keepsQuiet("Schreiben Sie zu Bild 1"))
	form.Set("do", "release")
	b.post(at, form).leads(at)
	if r := b.get("/picture/" + p.Digest).is(200); r.header.Get("Content-Type") != "image/png" {
		t.Errorf("the picture is %s", r.header.Get("Content-Type"))
	}
	h.as(other.director).get("/picture/" + p.Digest).is(http.StatusNotFound)
	h.browser().get(path("blog", "lind", "picture", p.Digest)).is(http.StatusNotFound)
}

// Both directors release, or it stays.
func TestPostJointDirectors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AllDirectors)
	row := f.tell("Gemeinsam.", time.Time{})
	at := path("posts", row.ID)
	release := func(m lastword.Member) reply {
		b := h.as(m)
		form := values(b.get(at))
		form.Set("do", "release")
		b.post(at, form).leads(at)
		return b.get(at)
	}
	release(f.director).says("Sie haben freigegeben. Es fehlt noch: Jens Lind")
	f.publish(row.ID)
	if len(h.posted.sent) != 0 {
		t.Fatal("published by one of two")
	}
	staff := h.as(f.staff)
	form := values(staff.get(at).says("Freigeben kann nur die Geschäftsführung"))
	form.Set("do", "release")
	staff.post(at, form).is(http.StatusForbidden)
	release(f.second)
	f.publish(row.ID)
	if len(h.posted.sent) != 1 {
		t.Errorf("%d published by both", len(h.posted.sent))
	}
}

// In the calendar a post is moved by a form; over the change to summer time it keeps
// its time by the clock.
func TestCalendarMoves(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.director)
	zone, err := time.LoadLocation("Europe/Berlin")
	h.must(err)
	row := f.tell("Geplant.", time.Date(2027, 3, 27, 9, 0, 0, 0, zone))
	at := path("posts", row.ID)
	form := values(b.get(at))
	form.Set("do", "release")
	b.post(at, form).leads(at)
	calendar := "/posts/calendar?view=month&on=2027-03-01"
	checkPage(t, calendar, b.get(calendar).is(200).says("März 2027", "09:00", "Weite H"))
	for day, want := range map[string]string{"2027-03-28": "2027-03-28T07:00:00Z", "2027-10-31": "2027-10-31T08:00:00Z", "2027-03-27": "2027-03-27T08:00:00Z"} {
		b.post(at+"/move", url.Values{"date": {day}, "back": {calendar}}).leads(calendar)
		got := f.storyRow(row.ID)
		if got.Due.UTC().Format(time.RFC3339) != want || got.Versions[0].State != lastword.Released {
			t.Errorf("moved to %s: %s, %s", day, got.Due.UTC().Format(time.RFC3339), got.Versions[0].State)
		}
	}
	b.post(at+"/move", url.Values{"date": {"2027-03-28"}, "time": {"02:30"}}).is(http.StatusSeeOther)
	if got := f.storyRow(row.ID).Due.In(zone).Format("15:04"); got != "03:30" {
		t.Errorf("a time that is left out that night: %s", got)
	}
	h.as(f.staff).post(at+"/move", url.Values{"date": {"2027-04-02"}, "time": {"10:00"}}).is(http.StatusSeeOther)
	b.get(at).says("Entwurf", "2. April 2027, 10:00")
	b.post(at+"/move", url.Values{"date": {"2020-04-02"}, "time": {"10:00"}}).is(http.StatusUnprocessableEntity)
	b.get("/posts/calendar?on=nirgends").is(200)
}

// The blog is shown to everybody, once it has an imprint, and only what is published.
func TestBlog(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b, stranger := h.as(f.director), h.browser()
	stranger.get("/blog/").is(http.StatusNotFound)
	form := url.Values{"title": {"Aus der Werkstatt"}, "name": {"Lind & Söhne"}, "on": {"1"}, "accent": {"#2c6238"}}
	b.post("/settings/blog", form).is(http.StatusUnprocessableEntity).says("Ohne Impressum darf der Blog nicht gezeigt werden")
	form.Set("imprint", "Lind GmbH, Gasse 1, 66953 Pirmasens")
	b.post("/settings/blog", form).is(http.StatusUnprocessableEntity).says("Im Impressum fehlt eine E-Mail-Adresse")
	form.Set("imprint", "Lind GmbH, Gasse 1, 66953 Pirmasens\npost@lind.example")
	form.Set("accent", "#FFDD00")
	b.post("/settings/blog", form).is(http.StatusUnprocessableEntity).says("zu schlecht zu lesen")
	form.Set("accent", "#2c6238")
	b.post("/settings/blog", form).leads("/settings/blog")
	h.as(f.staff).post("/settings/blog", form).is(http.StatusForbidden)
	stranger.get("/blog/").leads("/blog/lind-soehne/")

	blog, err := h.db.Blog(t.Context(), f.company.ID)
	h.must(err)
	id, err := f.step().Begin(t.Context(), f.staff)
	h.must(err)
	h.must(f.step().Save(t.Context(), f.staff, id, represent.Draft{Title: "Größe <b>H</b>", Text: "## Neu\n\n<script>alert(1)</script> **Weite H** [hier](javascript:x)", Channels: []int64{blog.Channel}}))
	stranger.get("/blog/lind-soehne/").is(200).keepsQuiet("Weite H")
	_, err = f.step().Release(t.Context(), f.director, id, represent.Consents(f.storyRow(id).Versions))
	h.must(err)
	f.publish(id)
	front := stranger.get("/blog/lind-soehne/").is(200).says("Aus der Werkstatt", "Größe <b>H</b>", "Impressum")
	at := ""
	for _, a := range front.all("a") {
		if strings.Contains(attr(a, "href"), "groesse") {
			at = attr(a, "href")
		}
	}
	one := stranger.get(at).is(200).says("Weite H", "hier")
	if strings.Contains(one.body, "<script") || strings.Contains(one.body, "javascript:") || !strings.Contains(one.body, "<strong>Weite H</strong>") {
		t.Errorf("the post: %s", one.body)
	}
	if csp := one.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	if r := stranger.get("/blog/lind-soehne/anders-" + at[strings.LastIndex(at, "-")+1:]).is(http.StatusMovedPermanently); r.header.Get("Location") != at {
		t.Errorf("a former title leads to %s", r.header.Get("Location"))
	}
	stranger.get("/blog/lind-soehne/imprint").is(200).says("post@lind.example")
	if r := b.get("/blog/lind-soehne/nirgends").is(http.StatusNotFound); r.header.Get("Cache-Control") != "no-store" {
		t.Error("an error page of the blog may be kept by others")
	}
	for feed, kind := range map[string]string{"feed.atom": "application/atom+xml", "feed.json": "application/feed+json", "theme.css": "text/css"} {
		if r := stranger.get("/blog/lind-soehne/" + feed).is(200); !strings.HasPrefix(r.header.Get("Content-Type"), kind) || feed != "theme.css" && !strings.Contains(r.body, at) {
			t.Errorf("%s is %s: %s", feed, r.header.Get("Content-Type"), r.body)
		}
	}
	form.Del("on")
	b.post("/settings/blog", form).leads("/settings/blog")
	stranger.get(at).is(http.StatusNotFound)
}
