package app

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"lastword"
	"lastword/internal/badplace"
)

const (
	script   = `<script>alert(1)</script><img src=x onerror=alert(1)>`
	override = "\u202egnilletsnI eid\u202c \u2066isolate\u2069 \u200fmark"
)

// Whatever a stranger wrote goes through an import into the store and onto the
// pages as text: escaped, by itself in its direction, and without what rules a
// terminal or turns a line round.
func TestHostileTextsOnThePage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	long := strings.Repeat("Der Hobel ist stumpf und lang. ", 1<<20/31)
	at := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	texts := map[string]string{
		"html": "Hobel\x1b[2J " + script, "turned": "Hobel " + override, "long": long,
		"void": "\x00\x01\x07\x1b\x7f\u0085", "hebrew": "הרצועה של המעיל נקרעה",
	}
	var all []fileRow
	for id, text := range texts {
		all = append(all, fileRow{ID: id, Network: "mastodon", Author: person{ID: id, Handle: script + override}, Time: at, Text: text})
	}
	c := run(t, h.args("import", writeRows(t, all))...)
	c.ends(0, longest)
	b := h.signIn(h.serve())
	kept := map[string]lastword.VoiceRow{}
	h.beside(func(a *App) {
		for _, v := range h.voices(a) {
			kept[v.Key] = v
		}
	})
	if _, there := kept["void"]; there || len(kept) != 4 || !strings.Contains(c.out.String(), "4 taken, 0 already known, 0 changed, 1 refused") {
		t.Errorf("%d voices are kept, want all but the one without words: %s", len(kept), c.out)
	}
	for id, v := range kept {
		for _, path := range []string{"/voices/" + strconv.FormatInt(v.ID, 10), "/voices?open=" + strconv.FormatInt(v.ID, 10)} {
			began := time.Now()
			_, page, err := b.get(path)
			h.must(err)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("%s of %q took %v", path, id, took)
			}
			h.harmless(id, page)
		}
	}
	_, page, err := b.get("/voices/" + strconv.FormatInt(kept["html"].ID, 10))
	h.must(err)
	if !strings.Contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;") {
		t.Error("the page does not show what was written")
	}
}

var saying = regexp.MustCompile(`<blockquote class="said"[^>]*>`)

// harmless looks at the bytes of a page that shows a stranger's words.
func (h *house) harmless(id, page string) {
	h.Helper()
	for _, bad := range []string{"<script>alert", "<img src=x", "onerror=alert(1)>"} {
		if strings.Contains(page, bad) {
			h.Errorf("the page of %q holds %q", id, bad)
		}
	}
	for _, r := range page {
		if unicode.Is(unicode.Bidi_Control, r) || unicode.IsControl(r) && r != '\n' && r != '\t' {
			h.Errorf("the page of %q holds %U", id, r)
			break
		}
	}
	quotes := saying.FindAllString(page, -1)
	if len(quotes) == 0 {
		h.Errorf("the page of %q shows no words", id)
	}
	for _, q := range quotes {
		if !strings.Contains(q, `dir="auto"`) {
			h.Errorf("the page of %q shows words that rule its direction: %s", id, q)
		}
	}
}

// everything is a query that every German post answers.
const everything = "der OR die OR das OR ist OR hobel"

// A query that wants everything shows what it would have heard, is kept, and
// hears a flood; all of it is bounded, and pages stay quick meanwhile.
func TestQueryThatWantsEverything(t *testing.T) {
	t.Parallel()
	const flood = 4000
	h := newHouse(t, "")
	stream := badplace.NewJetstream()
	t.Cleanup(stream.Close)
	h.channel(lastword.Channel{Connector: "bluesky", Name: "Strom", Settings: map[string]string{"hosts": stream.URL()}})
	run(t, h.args("import", writeRows(t, invent(3000)))...).ends(0, longest)
	served := h.serve(strings.TrimPrefix(stream.URL(), "http://"))
	b := h.signIn(served)
	tried := url.Values{"name": {"Alles"}, "text": {everything}}
	_, page, err := b.get("/queries/new?" + tried.Encode())
	h.must(err)
	if n := strings.Count(page, `<blockquote class="said"`); n != 20 {
		t.Errorf("the preview shows %d voices, want 20", n)
	}
	if !regexp.MustCompile(`der letzten 2\.000 Stimmen`).MatchString(page) {
		t.Error("the preview does not say on how many voices the query was tried")
	}
	if !regexp.MustCompile(`Hört auch, was niemandem gilt: \d\d von 40`).MatchString(page) {
		t.Error("the preview does not warn of a query that hears everything")
	}
	h.sends(b, "/queries/new", tried)
	await(t, "the stream is heard", longest, func() bool { return stream.Connections() > 0 })
	for n := range flood {
		stream.Say(did(n%500), rkey(n), fmt.Sprintf("Der Hobel Nummer %d ist stumpf, und die Säge auch.", n))
	}
	var slowest time.Duration
	h.beside(func(a *App) {
		await(t, "the flood is heard", longest, func() bool {
			for _, path := range []string{"/", "/voices", "/queries"} {
				began := time.Now()
				h.sees(b, path, "Hobel")
				slowest = max(slowest, time.Since(began))
			}
			vs, err := a.DB.Queries(t.Context(), h.company.ID)
			h.must(err)
			return vs[0].Hits == flood
		})
	})
	t.Logf("the slowest page took %v", slowest)
	if slowest > 5*time.Second {
		t.Errorf("a page took %v while much was heard", slowest)
	}
	served.stop()
}
