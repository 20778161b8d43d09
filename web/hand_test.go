package web_test

import (
	"net/url"
	"strings"
	"testing"

	"lastword"
)

// handed releases the answers to the vegan boot and returns the one that is
// given by hand, at X.
func (f *firm) handed() lastword.AnswerRow {
	f.Helper()
	b, th := f.as(f.director), vegan(f)
	b.post(path("themes", th, "decide"), yes).is(303)
	shown := b.get(path("themes", th)).is(200)
	release := path("decisions", f.theme(th).Decision, "release")
	b.post(release, url.Values{"set": {shown.hidden(release, "set")}}).is(303)
	rows, err := f.db.Answers(f.Context(), f.company.ID, lastword.AnswerFilter{State: []lastword.AnswerState{lastword.HandedOver}})
	f.must(err)
	if len(rows) != 1 || rows[0].Network != "x" {
		f.Fatalf("handed over: %+v", rows)
	}
	return rows[0]
}

// intentOf reads the text that an address takes with it.
func intentOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Host != "x.example" || u.Query().Get("in_reply_to") != "7" || strings.Contains(u.RawQuery, "+") {
		t.Fatalf("opens %q", address)
	}
	return u.Query().Get("text")
}

// An answer by hand takes its text with it, where the place takes one. Without a script it is a link, and a text to select.
func TestHandOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	row := f.handed()
	r := h.as(f.director).get(path("answers", row.ID)).is(200).says("Kopieren und dort antworten", row.Text)
	for _, a := range r.all("a") {
		if attr(a, "data-copy") != "" {
			if got := intentOf(t, attr(a, "href")); got != row.Text {
				t.Errorf("takes %q with it, not %q", got, row.Text)
			}
			return
		}
	}
	t.Error("nothing leads to the place")
}

// One key copies the text and opens the place.
func TestHandOverByKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	row := f.handed()
	w := h.window(f.director)
	w.open(path("answers", row.ID))
	// What leaves for the place, and what is copied, is caught before it is gone.
	eval[any](w, `window.open = (at) => { document.body.dataset.opened = at; };
		navigator.clipboard.writeText = async (s) => { document.body.dataset.copied = s; };`)
	w.press("o")
	w.until(`document.body.dataset.opened`)
	if got := intentOf(t, eval[string](w, `document.body.dataset.opened`)); got != row.Text {
		t.Errorf("opens with %q", got)
	}
	if got := eval[string](w, `document.body.dataset.copied`); got != row.Text {
		t.Errorf("copied %q, not %q", got, row.Text)
	}
	w.untilSays("Kopiert, der Ort ist offen")
}

// A browser keeps to the policy of the page, and goes on to another house all
// the same.
func TestBrowserGoesOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	away := h.elsewhere()
	h.places.at = away + "/authorize"
	w := h.window(f.director)
	w.open("/channels/new/mastodon")
	eval[any](w, `document.querySelector("[name=name]").value = "Fedi"; document.querySelector("[name='set.instance']").value = "social.example"`)
	eval[any](w, `document.querySelector("button[name=signin]").click()`)
	w.until(`location.origin === ` + quoteJS(h.server.URL) + ` && document.querySelector("main").innerText.includes("ist angemeldet")`)
	if h.places.granted["code"] != "from-elsewhere" {
		t.Errorf("granted %v", h.places.granted)
	}
}

// An answer that failed for want of access leads to the channel that lost it.
func TestDeniedAnswerLeadsToItsChannel(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	f.handed()
	rows, err := h.db.Answers(t.Context(), f.company.ID, lastword.AnswerFilter{State: []lastword.AnswerState{lastword.Released}})
	h.must(err)
	if len(rows) < 2 || rows[0].Channel == 0 {
		t.Fatalf("released: %+v", rows)
	}
	b := h.as(f.director)
	for i, why := range []string{"why.denied", "why.unreachable"} {
		h.must(h.db.Undelivered(t.Context(), f.company.ID, rows[i].ID, lastword.Failed, why))
		r := b.get(path("answers", rows[i].ID)).is(200)
		if leads := strings.Contains(r.body, `href="`+path("channels", rows[i].Channel)+`"`); leads != (i == 0) {
			t.Errorf("%s: leads to the channel: %v", why, leads)
		}
	}
}
