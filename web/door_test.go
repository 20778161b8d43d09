package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"lastword"
)

func TestSetUpInAMinute(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c, err := h.db.AddCompany(t.Context(), lastword.Company{Name: "Neu", Lang: "de", Zone: "Europe/Berlin", Rule: lastword.AnyDirector, Minutes: 10})
	h.must(err)
	h.must(h.db.NewLink(t.Context(), c.ID, 0, "first", h.now().Add(time.Hour)))
	b := h.browser()

	for range 3 { // a preview of the link does not use it up
		b.get("/start/first").is(200).says("In einer Minute eingerichtet")
	}
	form := url.Values{"name": {""}, "company": {"Lind Schuhe"}, "lang": {"de"}, "zone": {"Mond/Krater"}, "email": {"anna"}, "password": {"kurz"}}
	b.post("/start/first", form).is(422).says("Hier fehlt etwas.", "Diese Zeitzone gibt es nicht.", "Das ist keine E-Mail-Adresse.", "Mindestens 10 Zeichen.")
	form = url.Values{"name": {"Anna Lind"}, "company": {"Lind Schuhe"}, "lang": {"de"}, "zone": {"Europe/Vienna"}, "email": {"anna@lind.example"}, "password": {"leisten und ahle"}}
	b.post("/start/first", form).leads("/")
	b.get("/").is(200).says("Lind Schuhe", "Sagen, worauf Lastword hören soll", "Suchauftrag schreiben")

	b.post("/start/first", form).is(404).says("Dieser Link öffnet nichts mehr")
	h.browser().get("/start/first").is(404)
	other := h.browser()
	other.post("/signin", url.Values{"email": {"ANNA@lind.example"}, "password": {"leisten und ahle"}, "to": {"/themes?kind=wish"}}).leads("/themes?kind=wish")
	got, err := h.db.Company(t.Context(), c.ID)
	h.must(err)
	if got.Name != "Lind Schuhe" || got.Zone != "Europe/Vienna" || len(got.Names) != 1 {
		t.Errorf("the company is %+v", got)
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	me := h.as(f.director)
	me.post("/settings/me", url.Values{"me-name": {"Anna Lind"}, "me-lang": {"de"}, "email": {"anna@lind.example"}, "password": {"leisten und ahle"}}).leads("/settings#me")

	b := h.browser()
	b.get("/themes/5").leads("/signin?to=%2Fthemes%2F5")
	b.post("/themes/5/decide", nil).leads("/signin")
	wrong := url.Values{"email": {"anna@lind.example"}, "password": {"geraten geraten"}, "to": {"https://evil.example"}}
	b.post("/signin", wrong).is(401).says("E-Mail und Passwort passen nicht zusammen.")
	b.post("/signin", url.Values{"email": {"niemand@lind.example"}, "password": {"geraten geraten"}}).is(401)
	right := url.Values{"email": {"anna@lind.example"}, "password": {"leisten und ahle"}, "to": {"//evil.example"}}
	b.post("/signin", right).leads("/")
	for _, c := range b.client.Jar.Cookies(mustURL(h, "/")) {
		if c.Name == "lastword" && len(c.Value) != 43 {
			t.Errorf("the session's cookie has %d characters, want 32 bytes", len(c.Value))
		}
	}
	b.get("/").is(200).says("Lind")
	b.post("/signout", nil).leads("/signin")
	b.get("/").leads("/signin")

	for range 12 {
		b.post("/signin", wrong)
	}
	b.post("/signin", right).is(429).says("Zu viele Versuche.")
	h.pass(2 * time.Minute)
	b.post("/signin", right).leads("/")
}

func mustURL(h *house, path string) *url.URL {
	u, err := url.Parse(h.server.URL + path)
	h.must(err)
	return u
}

func TestSessionCookie(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	h.must(h.db.NewLink(t.Context(), f.company.ID, f.director.ID, "s", h.now().Add(time.Hour)))
	set := h.browser().post("/start/s", nil).is(303).header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"} {
		if !strings.Contains(set, want) {
			t.Errorf("%q lacks %s", set, want)
		}
	}
	h.must(h.db.NewLink(t.Context(), f.company.ID, f.director.ID, "old", h.now().Add(-time.Minute)))
	h.browser().post("/start/old", nil).is(404)
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.director)
	for range 3 { // every visit prolongs it
		h.pass(29 * 24 * time.Hour)
		b.get("/").is(200)
	}
	h.pass(31 * 24 * time.Hour)
	b.get("/").leads("/signin")
}

func TestWhoLeftStaysOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	director, second := h.as(f.director), h.as(f.second)
	director.post(path("settings/members", f.second.ID, "leave"), nil).leads("/settings")
	second.get("/").leads("/signin")
	director.post(path("settings/members", f.director.ID, "leave"), nil).is(422).says("Die letzte Geschäftsführung kann nicht ausscheiden.")
	director.get("/").is(200)
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.director)
	form := url.Values{"new-name": {"Olga Stein"}, "role": {"adviser"}, "new-lang": {"en"}}
	h.as(f.staff).post("/settings/members", form).is(403)
	b.post("/settings/members", url.Values{"role": {"king"}, "new-lang": {"en"}}).is(422)
	b.post("/settings/members", form).leads("/settings#link")
	shown := b.get("/settings").is(200).says("Der Link für Olga Stein steht unten.", h.server.URL+"/start/")
	at := strings.Index(shown.body, h.server.URL+"/start/") + len(h.server.URL)
	link := shown.body[at : at+len("/start/")+43]
	b.get("/settings").is(200).keepsQuiet("/start/") // shown once

	olga := h.browser()
	olga.get(link).is(200).says("Olga Stein")
	olga.post(link, nil).leads("/")
	olga.get("/").is(200).says("Today", "Adviser")
}

// A form from a foreign page is refused, whoever is signed in.
func TestForeignForms(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.director)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.server.URL+"/settings/company", strings.NewReader("name=Übernommen"))
	h.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	b.do(r).is(403)
	if c, err := h.db.Company(t.Context(), f.company.ID); err != nil || c.Name != "Lind" {
		t.Errorf("the company is called %q", c.Name)
	}
}

// A person who serves two companies with one password changes between them, and
// only between those.
func TestSwitchCompany(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, z := h.firm("Lind", lastword.AnyDirector), h.firm("Zang", lastword.AnyDirector)
	for _, f := range []*firm{a, z} {
		b := h.as(f.staff)
		b.post("/settings/me", url.Values{"me-name": {"Mara Weiß"}, "me-lang": {"de"}, "email": {"mara@rat.example"}, "password": {"ein und dasselbe"}}).is(303)
	}
	b := h.browser()
	b.post("/signin", url.Values{"email": {"mara@rat.example"}, "password": {"ein und dasselbe"}}).leads("/")
	first := b.get("/").is(200)
	b.post("/switch", url.Values{"to": {"7"}}).is(404)
	b.post("/switch", url.Values{"to": {"0"}}).leads("/")
	second := b.get("/").is(200)
	if one, two := first.all("title")[0].FirstChild.Data, second.all("title")[0].FirstChild.Data; one == two {
		t.Errorf("both pages are called %q", one)
	}
	b.post("/switch", url.Values{"to": {"0"}}).leads("/")
	if b.get("/").body != first.body {
		t.Error("changing there and back leads elsewhere")
	}
}
