package app

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"lastword"
)

var goesOn = regexp.MustCompile(`<a class="button primary" href="([^"]+)"`)

// goOn follows the page that leaves for a place, and returns the page to which
// the place leads back.
func (b *browser) goOn(page string) string {
	b.h.Helper()
	m := goesOn.FindStringSubmatch(page)
	if m == nil {
		b.h.Fatalf("the page does not go on:\n%s", page)
	}
	status, back, err := b.shown(b.client.Get(html.UnescapeString(m[1])))
	if err != nil || status != http.StatusOK {
		b.h.Fatalf("came back to %d, %v:\n%s", status, err, back)
	}
	return back
}

// page sends a form and demands a status.
func (b *browser) page(path string, form url.Values, want int) string {
	b.h.Helper()
	status, body, err := b.post(path, form)
	if err != nil || status != want {
		b.h.Fatalf("%s: %d, %v:\n%s", path, status, err, body)
	}
	return body
}

func says(t *testing.T, page string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(html.UnescapeString(page), w) {
			t.Errorf("the page does not say %q:\n%s", w, page)
		}
	}
}

// TestSignInThroughTheHouse signs an account in at a server, hears it, lets its
// token run out and its grant be taken away, and signs it in anew.
func TestSignInThroughTheHouse(t *testing.T) {
	t.Parallel()
	place := newFediverse(t)
	h := newHouse(t, "")
	h.config.Inner = []string{"127.0.0.1"}
	h.running(func(a *App, at string) {
		b := h.signIn(&child{t: t, at: at})
		heard := func(n int) {
			t.Helper()
			await(t, fmt.Sprintf("voice %d", n), longest, func() bool { return len(h.voices(a)) == n })
		}
		say := func(words string) { place.do(func() { place.said = append(place.said, words) }) }

		// The person says no: the channel is there, and nothing else.
		place.do(func() { place.denies = true })
		form := url.Values{"connector": {"mastodon"}, "name": {"Fediverse"}, "set.instance": {place.URL}, "signin": {"1"}}
		says(t, b.goOn(b.page("/channels", form, http.StatusOK)), "Die Anmeldung wurde nicht bestätigt.", "Neu bei Mastodon anmelden")
		c := h.only(a)
		signin := fmt.Sprintf("/channels/%d/signin", c.ID)
		if len(c.Secrets) > 0 {
			t.Errorf("kept of a refusal: %d secrets", len(c.Secrets))
		}

		// Signed in, and heard.
		place.do(func() { place.denies = false })
		say("Der Hobel ist stumpf.")
		says(t, b.goOn(b.page(signin, nil, http.StatusOK)), "„Fediverse“ ist angemeldet und wird jetzt gehört.")
		heard(1)
		c = h.only(a)
		if c.Secrets["token"] != "access-1" || c.Secrets["refresh"] != "refresh-1" || c.Settings["instance"] != place.URL || c.Settings["token"] != "" {
			t.Errorf("kept %v, and in the open %v", c.Secrets, c.Settings)
		}
		h.sealed("access-1", "refresh-1", "geheim-app")

		// The token runs out. A check renews it while the stream runs, which must not
		// use the same refresh token again.
		place.do(func() { place.access = "" })
		say("Gibt es Griffe aus Birne?")
		check := fmt.Sprintf("/channels/%d/check", c.ID)
		says(t, b.page(check, nil, http.StatusOK), "antwortet, wie es soll", "Hören", "geht")
		heard(2)
		place.do(func() {
			if place.renewals == 0 || len(place.misused) > 0 {
				t.Errorf("%d renewals, misused %q", place.renewals, place.misused)
			}
		})
		if c = h.only(a); c.Secrets["refresh"] == "refresh-1" {
			t.Error("the new refresh token is not kept")
		}

		// The grant is taken away: the pages ask to sign in anew, and say so today.
		place.do(func() { place.access, place.refresh = "", "" })
		says(t, b.page(check, nil, http.StatusUnprocessableEntity), "Ihr Server nimmt den Zugangsschlüssel nicht an.")
		_, today, err := b.get("/")
		h.must(err)
		says(t, today, "Ihr Server nimmt den Zugangsschlüssel nicht an.", `action="`+signin+`"`, "Bei Mastodon anmelden")

		// Signed in anew, from the message that said so.
		say("Und Sägen?")
		says(t, b.goOn(b.page(signin, nil, http.StatusOK)), "ist angemeldet")
		heard(3)
		await(t, "the message to be gone", longest, func() bool {
			_, today, err := b.get("/")
			return err == nil && !strings.Contains(today, "Bei Mastodon anmelden")
		})
		place.do(func() {
			if len(place.misused) > 0 {
				t.Errorf("misused %q", place.misused)
			}
		})
	})
}

// only returns the one channel with its secrets.
func (h *house) only(a *App) lastword.Channel {
	h.Helper()
	all, err := a.DB.Channels(h.Context(), h.company.ID)
	h.must(err)
	if len(all) != 1 {
		h.Fatalf("%d channels", len(all))
	}
	c, err := a.DB.Secret(h.Context(), h.company.ID, all[0].ID)
	h.must(err)
	return c
}

// sealed demands that no file of the data folder holds a secret in the open.
func (h *house) sealed(secrets ...string) {
	h.Helper()
	files, err := filepath.Glob(filepath.Join(h.config.Data, "lastword.db*"))
	h.must(err)
	if len(files) == 0 {
		h.Fatal("there is no database to look into")
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		h.must(err)
		for _, s := range secrets {
			if bytes.Contains(raw, []byte(s)) {
				h.Errorf("%s holds %q in the open", filepath.Base(name), s)
			}
		}
	}
}
