package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"lastword"
)

const tubeClient = "7.apps.googleusercontent.com"

// leave signs a new YouTube channel in as far as the door, and returns where the
// place would send the person back to, as a path.
func (b *browser) leave() (back url.Values, id string) {
	b.Helper()
	r := b.post("/channels", url.Values{"connector": {"youtube"}, "name": {"Kanal"}, "signin": {"1"}, "set.client": {tubeClient}, "set.clientsecret": {"streng-geheim"}}).is(200)
	back = b.onward(r)
	channels := b.get("/channels").is(200)
	for _, a := range channels.all("a") {
		if a.FirstChild != nil && a.FirstChild.Data == "Kanal" {
			id = strings.TrimPrefix(attr(a, "href"), "/channels/")
		}
	}
	if id == "" {
		b.Fatalf("the channel is not kept: %s", channels.text())
	}
	return back, id
}

// onward reads a page that goes on to the place.
func (b *browser) onward(r reply) url.Values {
	b.Helper()
	at, ok := strings.CutPrefix(r.header.Get("Refresh"), "0; url=")
	u, err := url.Parse(at)
	if !ok || err != nil || u.Host != "club.example" {
		b.Fatalf("goes on to %q", r.header.Get("Refresh"))
	}
	if csp := r.header.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self';") {
		b.Errorf("the policy is loose: %s", csp)
	}
	linked := false
	for _, a := range r.all("a") {
		linked = linked || attr(a, "href") == at
	}
	if !linked {
		b.Errorf("no link for browsers that do not go on by themselves")
	}
	return u.Query()
}

func TestSignInAtAPlace(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.staff) // who may connect channels may sign in
	page := b.get("/channels/new/youtube").is(200).says("Bei Google anmelden", h.server.URL+"/channels/callback").keepsQuiet("Anschließen")
	if strings.Contains(page.body, `name="set.refresh"`) {
		t.Error("somebody is asked to type what signing in brings")
	}
	back, id := b.leave()
	if got := back.Get("redirect_uri"); got != h.server.URL+"/channels/callback" || h.places.redirect != got {
		t.Errorf("comes back to %s", got)
	}
	state := back.Get("state")
	if len(state) < 32 {
		t.Errorf("state %q can be guessed", state)
	}
	callback := "/channels/callback?" + url.Values{"state": {state}, "code": {"c1"}}.Encode()
	b.get(callback).leads("/channels/" + id)
	b.get("/channels/"+id).is(200).says("„Kanal“ ist angemeldet und wird jetzt gehört.", "Neu bei Google anmelden")
	if got := h.places.granted; got["code"] != "c1" || got["verifier"] != "v" || got["redirect"] != h.server.URL+"/channels/callback" {
		t.Errorf("ended with %v", got)
	}
	h.places.granted = nil
	b.get(callback).leads("/channels")
	b.get("/channels").says("Diese Rückkehr gehört zu keiner Anmeldung")
	if h.places.granted != nil {
		t.Error("a state counts twice")
	}
}

// A way back that is not this browser's own leads nowhere, and spoils nothing.
func TestForeignReturns(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f, other := h.firm("Lind", lastword.AnyDirector), h.firm("Moor", lastword.AnyDirector)
	b := h.as(f.director)
	back, id := b.leave()
	callback := "/channels/callback?" + url.Values{"state": {back.Get("state")}, "code": {"c1"}}.Encode()
	for name, who := range map[string]*browser{"a colleague": h.as(f.second), "another company": h.as(other.director), "the same member elsewhere": h.as(f.director)} {
		who.get(callback).leads("/channels")
		if h.places.granted != nil {
			t.Errorf("%s ends a sign-in that is not theirs", name)
		}
	}
	h.browser().get(callback).is(http.StatusSeeOther)
	for _, odd := range []string{"", "?code=c1", "?state=&code=c1", "?state=" + strings.Repeat("x", 5000)} {
		b.get("/channels/callback" + odd).leads("/channels")
	}
	b.get(callback).leads("/channels/" + id)
	if h.places.granted == nil {
		t.Error("the right browser was kept out")
	}
}

// Who says no, or comes too late, loses nothing: all that was typed is there.
func TestSignInThatFails(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.director)
	back, id := b.leave()
	b.get("/channels/callback?" + url.Values{"state": {back.Get("state")}, "error": {"access_denied"}}.Encode()).leads("/channels/" + id)
	b.get("/channels/"+id).says("Die Anmeldung bei Google wurde nicht bestätigt.", "Neu bei Google anmelden")

	again := b.post("/channels/"+id+"/signin", nil).is(200)
	h.pass(31 * time.Minute)
	b.get("/channels/callback?" + url.Values{"state": {b.onward(again).Get("state")}, "code": {"c1"}}.Encode()).leads("/channels/" + id)
	b.get("/channels/" + id).says("Die Anmeldung von „Kanal“ hat zu lange gedauert.")
	if h.places.granted != nil {
		t.Error("a late answer counts")
	}
	var kept lastword.Channel
	all, err := h.db.Channels(t.Context(), f.company.ID)
	h.must(err)
	for _, c := range all {
		if c.Name == "Kanal" {
			kept, err = h.db.Secret(t.Context(), f.company.ID, c.ID)
			h.must(err)
		}
	}
	if kept.Settings["client"] != tubeClient || kept.Secrets["clientsecret"] != "streng-geheim" {
		t.Errorf("lost: %+v", kept.Settings)
	}

	h.places.door = lastword.ErrUnavailable
	form := url.Values{"connector": {"youtube"}, "name": {"Zweiter"}, "signin": {"1"}, "set.client": {tubeClient}, "set.clientsecret": {"g"}}
	r := b.post("/channels", form).is(503).says("Dort antwortet gerade niemand.")
	if !strings.Contains(r.body, `value="`+tubeClient+`"`) {
		t.Error("what was typed is gone")
	}
	h.places.door = &lastword.Mistake{Key: "connector.google.error.client", Field: "client"}
	b.post("/channels", form).is(422).says("Google kennt diese Client-ID")
	b.post("/channels", url.Values{"connector": {"youtube"}, "name": {"Zweiter"}, "signin": {"1"}}).is(422).says("Hier fehlt etwas.")
	b.get("/channels").keepsQuiet("Zweiter")
	b.post("/channels/"+path(f.channel.ID)[1:]+"/signin", nil).is(404) // nobody signs in at a feed
}

// What signing in brings is asked of nobody who signs in, and of all others.
func TestSignInIsOneWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.as(h.firm("Lind", lastword.AnyDirector).second)
	b.get("/channels/new/mastodon").is(200).says("Sign in at Mastodon", "Connect", "works without a public address").keepsQuiet("Return address: enter it")
	form := url.Values{"connector": {"mastodon"}, "name": {"Fedi"}, "set.instance": {"social.example"}}
	b.post("/channels", form).is(422).says("Something is missing here.")
	form.Set("signin", "1")
	b.onward(b.post("/channels", form).is(200))
	mail := b.get("/channels/new/mail").is(200).says("Or sign in at Microsoft 365 or Google", "Return address: enter it at Microsoft 365 or Google")
	for _, d := range mail.all("details") {
		if attr(d, "id") == "signin" && has(d, "open") {
			t.Error("signing in pushes itself before the password")
		}
	}
	b.post("/channels", url.Values{"connector": {"mail"}, "name": {"Post"}, "set.address": {"a@b.example"}, "set.password": {"p"}}).is(303)
}

// The Enter key sends the form by its first button: in a form that is mostly not
// for signing in, that must not be the one that leaves for another house.
func TestEnterKeySavesAChannel(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.as(h.firm("Lind", lastword.AnyDirector).director)
	_, id := b.leave()
	for at, signs := range map[string]bool{"/channels/new/mail": false, "/channels/new/feed": false, "/channels/" + id: false, "/channels/new/youtube": true, "/channels/new/mastodon": true} {
		var form *html.Node
		for _, f := range b.get(at).is(200).all("form") {
			if has(f, "class") && attr(f, "class") == "stack" {
				form = f
			}
		}
		if form == nil {
			t.Fatalf("%s has no form", at)
		}
		for n := range form.Descendants() {
			if n.Data == "button" && attr(n, "type") == "" {
				if (attr(n, "name") == "signin") != signs {
					t.Errorf("%s: the Enter key signs in: %v", at, !signs)
				}
				break
			}
		}
	}
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// What a place took away is said where a director looks, with the way to mend it.
func TestChannelNotices(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.director)
	back, id := b.leave()
	b.get("/").is(200).keepsQuiet("Bei Google anmelden")
	b.get("/channels/callback?" + url.Values{"state": {back.Get("state")}, "code": {"c"}}.Encode()).leads("/channels/" + id)
	l, err := h.db.Lease(t.Context(), "test", h.now().Add(time.Minute), h.now().Add(time.Hour), 10)
	h.must(err)
	var mine lastword.Leased
	for _, one := range l {
		if one.Name == "Kanal" {
			mine = one
		}
	}
	probe := func(p lastword.Probe) {
		t.Helper()
		p.Channel, p.At, p.Next = mine.ID, h.now(), h.now().Add(24*time.Hour)
		h.must(h.db.BeginProbe(t.Context(), f.company.ID, mine.ID, p.Next))
		h.must(h.db.SaveProbe(t.Context(), f.company.ID, p))
	}
	places := []string{"/", "/channels", "/channels/" + id}
	says := func(words ...string) {
		t.Helper()
		for _, at := range places {
			b.get(at).is(200).says(words...)
		}
	}
	probe(lastword.Probe{Abilities: []lastword.Ability{{Name: "hear", Can: true}, {Name: "reply", Why: "why.x_scope", Act: true}, {Name: "search", Why: "why.not_offered"}}})
	says("Das hat das Konto bei der Anmeldung nicht erlaubt.", "Bei Google anmelden")
	b.get("/channels/"+id).says("Hören geht", "Antworten geht nicht", "Das gibt es an diesem Ort nicht.")
	b.get("/").keepsQuiet("Das gibt es an diesem Ort nicht.")
	probe(lastword.Probe{Abilities: []lastword.Ability{{Name: "hear", Can: true, Until: h.now().Add(72 * time.Hour)}}})
	says("Der Zugang läuft bald ab.", "Das gilt bis 26.")
	probe(lastword.Probe{Abilities: []lastword.Ability{{Name: "hear", Can: true, Until: h.now().Add(30 * 24 * time.Hour)}}})
	b.get("/").keepsQuiet("läuft bald ab")
	probe(lastword.Probe{Why: "connector.google.error.signin-again", Refused: true})
	says("Google nimmt die Anmeldung nicht mehr an.")
	probe(lastword.Probe{Abilities: []lastword.Ability{{Name: "hear", Can: true}}})
	h.must(h.db.Release(t.Context(), mine, lastword.Health{State: lastword.Refused, Why: "connector.google.error.no-quota"}))
	says("Application for Basic API Access", "Bei Google anmelden")
	b.onward(b.post("/channels/"+id+"/signin", nil).is(200))
	b.post("/channels/"+id+"/pause", url.Values{"paused": {"1"}}).is(303)
	b.get("/").keepsQuiet("Bei Google anmelden")
}

func TestCheckTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.director)
	at := path("channels", f.channel.ID)
	h.places.probe = lastword.Probe{Why: "connector.google.error.scope", Refused: true}
	b.post(at+"/check", nil).is(422).says("Es fehlt ein Recht.")
	for why, word := range map[string]string{"why.unavailable": "ist gerade nicht erreichbar", "why.internal": "nicht wie erwartet", "": "antwortet, wie es soll"} {
		h.places.probe = lastword.Probe{Why: why}
		b.post(at+"/check", nil).leads(at)
		b.get(at).says(word)
	}
}

// Where signing in needs nothing more than the other way, it is what one does, and
// what Enter does; the copied token is kept out of the way.
func TestSigningInComesFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.as(h.firm("Lind", lastword.AnyDirector).director)
	for connector, want := range map[string]string{"facebook": "Bei Facebook anmelden, Anschließen", "mastodon": "Bei Mastodon anmelden, Anschließen", "mail": "Anschließen, Bei Microsoft 365 oder Google anmelden"} {
		r := b.get("/channels/new/" + connector).is(200)
		var buttons []string
		for _, n := range r.all("button") {
			words := said(n)
			if strings.Contains(words, "anmelden") || words == "Anschließen" {
				buttons = append(buttons, words)
				if primary := strings.Contains(attr(n, "class"), "primary"); primary != (len(buttons) == 1) {
					t.Errorf("%s: %q is the one to press: %v", connector, words, primary)
				}
			}
		}
		if got := strings.Join(buttons, ", "); got != want {
			t.Errorf("%s: %s, want %s", connector, got, want)
		}
	}
	r := b.get("/channels/new/facebook")
	for _, n := range r.all("input") {
		if attr(n, "name") != "set.token" {
			continue
		}
		folded := false
		for p := n.Parent; p != nil; p = p.Parent {
			folded = folded || p.Data == "details"
		}
		if !folded {
			t.Error("the token is in the way")
		}
		return
	}
	t.Error("nobody can enter a token")
}

// said is what stands in an element.
func said(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
