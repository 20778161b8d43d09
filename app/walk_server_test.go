package app

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/chromedp/chromedp"

	"lastword"
	"lastword/internal/testserver"
)

// walked is how many rows are posted, by how many customers, and how many
// themes the director goes through.
const (
	walkedRows      = 2000
	walkedCustomers = 120
	walkedThemes    = 10
)

// A director gives the circle ten minutes; the releases at the end take their
// share.
const walkedSeconds = 560

// TestServerWalk goes once round the circle with nothing in it that was made
// for it: posts that people wrote stand at a real PDS, are imported, understood
// and gathered; a director decides on the ten largest themes with the keyboard
// of a real browser, looks at doubtful voices as long as ten minutes last, and
// releases the answers; the PDS really holds them, each under the post that it
// answers. It logs what the director needed: screens, keys, and seconds after
// the keystroke-level model (Card, Moran, Newell 1980: M 1.35 s, K 0.28 s;
// reading at 179 words a minute; the machine's response as measured).
func TestServerWalk(t *testing.T) {
	rows := readWalk(t)
	pds := testserver.PDS(t)
	h := newHouse(t, "")
	company := pds.User(t, "verkehr")
	export := postWalk(t, pds, rows)
	h.channel(lastword.Channel{Connector: "blueskyaccount", Name: "Bluesky",
		Settings: map[string]string{"handle": company.Handle, "service": pds.PDS, "directory": pds.PLC, "appview": pds.PDS, "hosts": "http://127.0.0.1:1"},
		Secrets:  map[string]string{"password": pds.AppPassword(t, company, "lastword")}})
	imported := run(t, h.args("import", export)...)
	imported.ends(0, 5*time.Minute)
	t.Logf("import: %s", strings.TrimSpace(imported.out.String()))

	served := h.serve("127.0.0.1", "localhost")
	d := newDirector(t, h, served)
	list := d.themes()
	list = list[:min(len(list), walkedThemes)]
	for _, theme := range list {
		d.decide(theme)
	}
	for judge := judgement(h, rows); d.seconds() < walkedSeconds && d.check(judge); {
	}
	for _, theme := range list {
		d.releaseMore(theme)
	}
	released := d.released
	await(t, "delivery of every released answer", 10*time.Minute, func() bool {
		sent := 0
		h.beside(func(a *App) {
			counts, err := a.DB.AnswerCounts(t.Context(), h.company.ID, 0)
			h.must(err)
			sent = counts[lastword.Sent]
		})
		return sent == released
	})
	if held := heldReplies(t, pds, company); held != released || released == 0 {
		t.Errorf("the PDS holds %d replies, %d were released", held, released)
	}
	t.Logf("%d themes decided, %d doubtful voices looked at, %d of them answered: %d screens, %d keys, %.0f s of the director (%.0f s of them waiting for the machine); %d answers released and held by the PDS, %.1f s each",
		d.decided, d.checked, d.confirmed, d.screens, d.keys, d.seconds(), d.waited.Seconds(), released, d.seconds()/float64(max(1, released)))
}

// A walkRow is one tweet. What readers found it to be about is for the
// director's eyes only.
type walkRow struct {
	ID, Text, Time string
	Opinions       []struct{ Category string }
}

// about returns what the tweet speaks of: "Lift", "Lighting".
func (r walkRow) about() map[string]bool {
	all := map[string]bool{}
	for _, o := range r.Opinions {
		entity, _, _ := strings.Cut(o.Category, "#")
		all[entity] = true
	}
	return all
}

// judgement is what a director would say of a voice: it belongs to its theme if
// it speaks of what most of the theme's voices speak of.
func judgement(h *house, rows []walkRow) map[string]bool {
	of := map[string]map[string]bool{}
	for _, r := range rows {
		of[r.Text] = r.about()
	}
	belongs := map[string]bool{}
	h.beside(func(a *App) {
		votes, most := map[int64]map[string]int{}, map[int64]string{}
		vs := h.voices(a)
		for _, v := range vs {
			if votes[v.Theme] == nil {
				votes[v.Theme] = map[string]int{}
			}
			for entity := range of[v.Text] {
				votes[v.Theme][entity]++
				if best := most[v.Theme]; votes[v.Theme][entity] > votes[v.Theme][best] {
					most[v.Theme] = entity
				}
			}
		}
		for _, v := range vs {
			belongs[strconv.FormatInt(v.ID, 10)] = of[v.Text][most[v.Theme]]
		}
	})
	return belongs
}

// readWalk reads what people wrote to a railway.
func readWalk(t *testing.T) []walkRow {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "shared", "data", "sentiment", "mobasa-dev.de.jsonl"))
	if err != nil {
		t.Skip("the labelled tweets are not here: ", err)
	}
	defer f.Close()
	var rows []walkRow
	for lines := bufio.NewScanner(f); lines.Scan() && len(rows) < walkedRows; {
		var r walkRow
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if utf8.RuneCountInString(r.Text) <= 300 {
			rows = append(rows, r)
		}
	}
	return rows
}

// postWalk lets customers say the rows at the PDS, and writes them as an export
// that can be imported.
func postWalk(t *testing.T, pds *testserver.ATProto, rows []walkRow) string {
	t.Helper()
	users := make([]testserver.User, walkedCustomers)
	for i := range users {
		users[i] = pds.User(t, fmt.Sprintf("kunde%d", i))
	}
	name := filepath.Join(t.TempDir(), "gesagt.jsonl")
	out, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	enc := json.NewEncoder(out)
	for i, r := range rows {
		u := users[i%len(users)]
		uri, cid := pds.Post(t, u, map[string]any{"$type": "app.bsky.feed.post", "text": r.Text, "createdAt": r.Time})
		err := enc.Encode(map[string]any{"id": uri, "network": "bluesky", "text": r.Text, "time": r.Time,
			"author": map[string]string{"id": u.DID, "handle": u.Handle}, "ref": fmt.Sprintf(`{"cid":%q}`, cid)})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

// heldReplies counts the posts of the company at the PDS that answer a post.
func heldReplies(t *testing.T, pds *testserver.ATProto, company testserver.User) int {
	t.Helper()
	n, cursor := 0, ""
	seen := map[string]bool{}
	for {
		var page struct {
			Cursor  string
			Records []struct {
				Value struct {
					Reply struct{ Parent struct{ URI string } }
				}
			}
		}
		pds.Call(t, "com.atproto.repo.listRecords?collection=app.bsky.feed.post&limit=100&repo="+company.DID+"&cursor="+cursor, "", nil, &page)
		for _, r := range page.Records {
			if parent := r.Value.Reply.Parent.URI; parent != "" {
				if seen[parent] {
					t.Errorf("%s was answered twice", parent)
				}
				seen[parent] = true
				n++
			}
		}
		if cursor = page.Cursor; cursor == "" || len(page.Records) == 0 {
			return n
		}
	}
}

// A director sits before a real browser.
type director struct {
	t      *testing.T
	ctx    context.Context
	base   string
	shots  string // folder for pictures; empty: none
	taken  int
	waited time.Duration

	theme                         string // that the last check was about
	screens, keys, choices, words int
	decided, released             int
	checked, confirmed            int
}

func newDirector(t *testing.T, h *house, served *child) *director {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("lang", "de"), chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil { // the browser lives as long as this context
		t.Fatal(err)
	}
	d := &director{t: t, ctx: ctx, base: served.at, shots: os.Getenv("LASTWORD_TEST_SHOTS")}
	var link string
	h.beside(func(a *App) {
		var err error
		link, err = SignInLink(t.Context(), a.DB, Config{Listen: strings.TrimPrefix(served.at, "http://")}, h.company.ID, "", time.Hour)
		h.must(err)
	})
	d.do(chromedp.Navigate(link), chromedp.Click(chromedp.CSS("main button")), chromedp.Sleep(time.Second))
	return d
}

func (d *director) do(steps ...chromedp.Action[chromedp.Void]) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		d.t.Fatal(err)
	}
}

// ask evaluates an expression in the page.
func ask[T any](d *director, expression string) T {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.ctx, time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

// themes lists the addresses of the largest themes, largest first.
func (d *director) themes() []string {
	d.t.Helper()
	d.open(d.base + "/themes?order=size")
	return ask[[]string](d, `[...document.querySelectorAll("main a[href^='/themes/']")].map(a => a.getAttribute("href")).filter(h => /^\/themes\/\d+$/.test(h))`)
}

// open shows a screen, and counts what there is to read on it.
func (d *director) open(address string) {
	d.t.Helper()
	start := time.Now()
	d.do(chromedp.Navigate(address))
	d.waited += time.Since(start)
	d.screens++
}

// press presses a key and waits until the page holds what is expected of it.
func (d *director) press(key, until string) {
	d.t.Helper()
	start := time.Now()
	d.do(chromedp.KeyEvent(key))
	d.keys++
	await(d.t, "after "+key+": "+until, longest, func() bool { return ask[bool](d, until) })
	d.waited += time.Since(start)
}

// decide says yes to a theme for the first reason, and releases its answers.
func (d *director) decide(theme string) {
	d.t.Helper()
	d.open(d.base + theme)
	d.read(`document.querySelector("main h1")`, `...document.querySelectorAll("main figure.quote")`)
	d.picture()
	d.press("1", `!!document.querySelector("[name=verdict]:checked")`)
	d.press("1", `!document.querySelector("form[data-decide] [name=verdict]:not([hidden])") || !!document.querySelector("[data-key=r], [data-key=z]")`)
	d.choices += 2
	d.decided++
	if !ask[bool](d, `!!document.querySelector("[data-key=r]")`) {
		return // nobody surely belongs to it: these wait for a check
	}
	d.release()
}

// release lets all answers of the theme on the screen go.
func (d *director) release() {
	d.t.Helper()
	d.picture()
	n := ask[int](d, `Number(document.querySelector("[data-key=r]").textContent.replace(/[^0-9]/g, "") || 1)`)
	d.read(`document.querySelector("figure.sample")`)
	d.press("r", `!document.querySelector("[data-key=r]")`)
	d.choices++
	d.released += n
	d.picture()
}

// releaseMore lets those answers of a theme go that came with a check.
func (d *director) releaseMore(theme string) {
	d.t.Helper()
	d.do(chromedp.Navigate(d.base + theme))
	if ask[bool](d, `!!document.querySelector("[data-key=r]")`) {
		d.screens++
		d.release()
	}
}

// check looks at the next handful of doubtful voices, takes out those that do not
// belong, and reports whether there were any.
func (d *director) check(belongs map[string]bool) bool {
	d.t.Helper()
	if ask[string](d, `location.pathname`) != "/check" {
		d.open(d.base + "/check")
		d.picture()
	}
	shown := ask[[]string](d, `[...document.querySelectorAll("[name=shown]")].map(e => e.value)`)
	if len(shown) == 0 {
		return false
	}
	d.read(`...document.querySelectorAll("form.answers .said")`)
	if theme := ask[string](d, `document.querySelector(".ask .wish").innerText`); theme != d.theme {
		d.theme = theme
		d.read(`document.querySelector(".ask")`)
	}
	key, ticked := "n", 0
	for i, id := range shown {
		switch {
		case belongs[id]:
			key = "y"
			ticked++
		case len(shown) > 1:
			d.press(strconv.Itoa(i+1), fmt.Sprintf(`!document.querySelector("[name=voice][value='%s']").checked`, id))
		}
	}
	d.press(key, fmt.Sprintf(`document.querySelector("[name=shown]")?.value !== %q`, shown[0]))
	d.choices += len(shown)
	d.checked += len(shown)
	d.confirmed += ticked
	return true
}

// read counts the words of elements that a director reads.
func (d *director) read(elements ...string) {
	d.t.Helper()
	d.words += ask[int](d, `[`+strings.Join(elements, ",")+`].filter(Boolean).map(e => e.innerText.trim().split(/\s+/).length).reduce((a, b) => a + b, 0)`)
}

// seconds is what it cost the director, by the keystroke-level model.
func (d *director) seconds() float64 {
	return float64(d.words)*60/179 + float64(d.choices)*1.35 + float64(d.keys)*0.28 + d.waited.Seconds()
}

// picture keeps what the director sees, where pictures are wanted.
func (d *director) picture() {
	d.t.Helper()
	if d.shots == "" {
		return
	}
	ctx, cancel := context.WithTimeout(d.ctx, time.Minute)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		d.t.Fatal(err)
	}
	d.taken++
	if err := os.WriteFile(filepath.Join(d.shots, fmt.Sprintf("walk-%02d.png", d.taken)), png, 0o600); err != nil {
		d.t.Fatal(err)
	}
}
