package web_test

import (
	"context"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"lastword"
)

// A window is a real browser on the house's pages.
type window struct {
	*house
	ctx context.Context
}

// window opens the pages as a member in a real browser.
func (h *house) window(m lastword.Member) *window {
	h.Helper()
	w := &window{h, chromium(h.T)}
	session := ""
	for _, c := range h.as(m).client.Jar.Cookies(mustURL(h, "/")) {
		if c.Name == "lastword" {
			session = c.Value
		}
	}
	_, err := chromedp.Call(w.ctx, network.SetCookie, network.SetCookieParams{Name: "lastword", Value: session, URL: h.server.URL})
	h.must(err)
	return w
}

// chromium starts a browser that talks to this machine alone, or skips.
func chromium(t *testing.T) context.Context {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			program = p
			break
		}
	}
	if program == "" || testing.Short() {
		t.Skip("no Chromium here: keys, phone width and contrast are not tried")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	t.Cleanup(cancel)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.ExecPath(program),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	return ctx
}

func (w *window) open(at string) {
	w.Helper()
	w.must(chromedp.Do(w.ctx, chromedp.Navigate(w.server.URL+at)))
}

// size sets the width of the window, and a phone's or a desk's manners.
func (w *window) size(width int64, dark bool) {
	w.Helper()
	_, err := chromedp.Call(w.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: 844, DeviceScaleFactor: 1, Mobile: width < 500,
	})
	w.must(err)
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	_, err = chromedp.Call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	w.must(err)
}

func (w *window) press(keys ...string) {
	w.Helper()
	for _, k := range keys {
		w.must(chromedp.Do(w.ctx, chromedp.KeyEvent(k)))
	}
}

// until waits for an expression to be true of a page that is all there. While
// the page changes there is none to ask: then it asks again.
func (w *window) until(js string) {
	w.Helper()
	over := time.After(time.Minute)
	for {
		yes, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool](`document.readyState === "complete" && !!(`+js+`)`))
		if err == nil && yes {
			return
		}
		select {
		case <-over:
			shown, _ := chromedp.Run(w.ctx, chromedp.Evaluate[string]("location.href + ' ' + document.body.innerText.slice(0, 2000)")) // only for the message
			w.Fatalf("never: %s: %v\n%s", js, err, shown)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// strike presses a key as the page's own script sees it, without the letter
// that the protocol would type wherever the focus has gone meanwhile.
func (w *window) strike(key string) {
	w.Helper()
	eval[bool](w, `(document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", {key: `+quoteJS(key)+`, bubbles: true, cancelable: true})) || true`)
}

func (w *window) untilSays(words string) {
	w.Helper()
	w.until(`document.querySelector("main").innerText.includes(` + quoteJS(words) + `)`)
}

func quoteJS(s string) string {
	return `decodeURIComponent("` + strings.ReplaceAll(url.QueryEscape(s), "+", "%20") + `")`
}

func eval[T any](w *window, js string) T {
	w.Helper()
	v, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](js))
	w.must(err)
	return v
}

// From the briefing to three answers on their way: a verdict, a reason, a
// release. Four keys, and no mouse.
func TestCircleByKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	th := vegan(f)
	w := h.window(f.director)
	w.size(1280, false)
	w.open("/")
	w.untilSays("Veganer Wanderstiefel")
	w.press("1")
	w.until(`location.pathname === "` + path("themes", th) + `" && document.querySelector("[name=verdict]:checked")?.value === "yes"`)
	w.press("3")
	w.untilSays("3 Antworten liegen bereit")
	if f.theme(th).Verdict != lastword.Yes {
		t.Fatal("the decision does not stand")
	}
	w.press("z") // and back
	w.untilSays("Die Entscheidung ist zurückgenommen.")
	w.press("3")
	w.until(`document.querySelector("[name=verdict]:checked")?.value === "no"`)
	w.press("2")
	w.untilSays("Zu wenige hätten etwas davon.")
	w.untilSays("3 Antworten freigeben")
	w.press("r")
	w.until(`location.pathname === "/"`)
	w.untilSays("3 Antworten sind freigegeben.")
	w.press("z")
	w.untilSays("2 Antworten liegen wieder als Entwürfe da.")
	w.press("g", "t")
	w.until(`location.pathname === "/"`)
	w.press("?")
	w.until(`document.querySelector("#keys").open`)
}

// A voice that nobody else shares: the same keys.
func TestSingleVoiceByKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	v := f.say("bluesky", "mia", "de", "Gibt es den Wanderstiefel auch für schmale Füße?")
	w := h.window(f.director)
	w.size(390, true)
	w.open("/")
	w.untilSays("schmale Füße")
	w.press("a")
	w.untilSays("zur Seite gelegt")
	w.press("z")
	w.untilSays("schmale Füße")
	w.press("3")
	w.until(`location.pathname.startsWith("/themes/") && document.querySelector("[name=verdict]:checked")?.value === "no"`)
	w.press("2")
	w.untilSays("Eine Antwort liegt bereit")
	w.press("r")
	w.until(`location.pathname === "/"`)
	w.untilSays("Eine Antwort ist freigegeben.")
	rows, err := h.db.AnswersTo(t.Context(), f.company.ID, v.ID)
	h.must(err)
	if len(rows) != 1 || rows[0].State != lastword.Released {
		t.Errorf("answers: %+v", rows)
	}
}

// A reason typed in the director's own words is not overwritten, and goes out.
func TestOwnWordsByKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	th := vegan(f)
	w := h.window(f.director)
	w.open(path("themes", th))
	w.press("1")
	w.until(`document.querySelector("[name=verdict]:checked")`)
	w.strike("e")
	w.until(`document.activeElement.matches("[data-words=de]")`)
	w.press("Weil 2 von 3 es wollen.", "\r")
	w.until(`document.querySelector("form[data-decide] .wrong, #drafts-title") !== null`)
	d, err := h.db.Decision(t.Context(), f.company.ID, f.theme(th).Decision)
	h.must(err)
	if d.Verdict != lastword.Yes || d.Reason["de"] != "Weil 2 von 3 es wollen." {
		t.Errorf("decided %s, %q", d.Verdict, d.Reason)
	}
}

func TestCheckAndCorrectByKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	one, two := f.say("x", "ada", "de", "Bitte einen Stiefel ohne Leder"), f.say("x", "ben", "de", "vegan bitte")
	th := f.gather("Veganer Wanderstiefel", .5, one, two)
	w := h.window(f.director)
	w.open("/check")
	w.untilSays("vegan bitte")
	w.press("2")
	w.until(`document.querySelectorAll("[name=voice]:checked").length === 1`)
	w.press("y")
	w.untilSays("Die Stimme gehört dazu.")
	w.untilSays("Keine Stimme ist fraglich.")
	if got := f.theme(th).Voices; got != 1 {
		t.Errorf("%d voices in the theme, want 1", got)
	}
	w.open("/voices")
	w.press("j")
	w.press("o")
	w.until(`location.search.includes("open=") && document.querySelector(".beside") !== null`)
	w.press("c", "p")
	w.untilSays("Berichtigt.")
	w.until(`document.querySelector('[name=kind][aria-pressed=true]')?.value === "problem" && location.search.includes("open=")`)
}

// What is heard while somebody reads appears by itself.
func TestLivePage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	f.say("x", "ada", "de", "Die erste Stimme")
	w := h.window(f.director)
	w.open("/voices")
	w.untilSays("Die erste Stimme")
	f.say("x", "ben", "de", "Gerade eben gesagt")
	h.pass(2 * time.Second)
	w.untilSays("Gerade eben gesagt")
}

func TestDraftSavesItself(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	th := vegan(f)
	h.as(f.director).post(path("themes", th, "decide"), yes).is(303)
	rows, err := h.db.Answers(t.Context(), f.company.ID, lastword.AnswerFilter{})
	h.must(err)
	w := h.window(f.director)
	w.open(path("answers", rows[0].ID))
	was := eval[string](w, `document.querySelector("[name=digest]").value`)
	w.strike("e")
	w.press(" Und danke.")
	w.until(`document.querySelector("[data-saved]").textContent === "Gespeichert."`)
	row, err := h.db.AnswerRow(t.Context(), f.company.ID, rows[0].ID)
	h.must(err)
	if !strings.Contains(row.Text, "Und danke.") {
		t.Errorf("kept %q", row.Text)
	}
	if now := eval[string](w, `document.querySelector("[name=digest]").value`); now == was || now != row.Digest() {
		t.Error("the release would be of the former wording")
	}
}

func TestPaletteFinds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	th := vegan(f)
	w := h.window(f.director)
	w.open("/settings")
	eval[any](w, `document.dispatchEvent(new KeyboardEvent("keydown", {key: "k", ctrlKey: true, bubbles: true}))`)
	w.until(`document.querySelector("#palette").open`)
	w.press("Wanderst")
	w.until(`document.querySelector("#found a")?.textContent === "Veganer Wanderstiefel"`)
	w.strike("Enter")
	w.until(`location.pathname === "` + path("themes", th) + `"`)
}

// Every page fits a phone, its bar is made for thumbs, and everything that is
// read stands out enough from what lies behind it (WCAG 2.2, 1.4.3, 1.4.10,
// 2.5.8), by day and by night.
func TestEveryPageCanBeRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Schuhfabrik mit einem langen Namen GmbH & Co. KG", lastword.AnyDirector)
	full(f)
	w := h.window(f.director)
	for _, look := range []struct {
		width int64
		dark  bool
	}{{390, false}, {390, true}, {1280, false}} {
		w.size(look.width, look.dark)
		for _, at := range f.addresses() {
			w.open(at)
			if over := eval[string](w, tooWide); over != "" {
				t.Errorf("%s at %d: %s", at, look.width, over)
			}
			if faint := eval[string](w, tooFaint); faint != "" {
				t.Errorf("%s at %d, dark %v: %s", at, look.width, look.dark, faint)
			}
			if small := eval[string](w, tooSmall); look.width < 500 && small != "" {
				t.Errorf("%s: %s", at, small)
			}
		}
	}
}

const tooWide = `(() => { const wide = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= wide) return "";
	return [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > wide + 1)
		.slice(0, 3).map((e) => e.tagName + "." + e.className).join(" ") + " stands out"; })()`

const tooSmall = `[...document.querySelectorAll(".thumbs a, .verdict, main button, main .button, .reason")].filter((e) => e.checkVisibility())
	.filter((e) => { const r = e.getBoundingClientRect(); return r.height < 43.5 || r.width < 24; })
	.slice(0, 3).map((e) => e.textContent.trim().slice(0, 30) + " is only " + Math.round(e.getBoundingClientRect().height) + " high").join("; ")`

const tooFaint = `(() => {
	const rgb = (s) => { const c = document.createElement("canvas").getContext("2d"); c.fillStyle = s; c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data]; };
	const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
	const behind = (e) => { for (; e; e = e.parentElement) { const b = rgb(getComputedStyle(e).backgroundColor); if (b[3] > 200) return b; } return rgb(getComputedStyle(document.body).backgroundColor); };
	const faint = [];
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n; (n = walk.nextNode());) {
		const e = n.parentElement;
		if (!n.data.trim() || !e.checkVisibility({ opacityProperty: true }) || e.closest("svg, .unseen, script, option")) continue;
		const s = getComputedStyle(e), px = parseFloat(s.fontSize), large = px >= 24 || px >= 18.66 && s.fontWeight >= 700;
		const a = light(rgb(s.color).slice(0, 3)), b = light(behind(e).slice(0, 3));
		const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
		if (ratio < (large ? 3 : 4.5)) faint.push(n.data.trim().slice(0, 30) + " has " + ratio.toFixed(2));
	}
	return faint.slice(0, 4).join("; "); })()`
