package web_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"lastword"
)

// point is the middle of what a selector finds, once it is in view.
func (w *window) point(selector string) (x, y float64) {
	w.Helper()
	at := eval[[]float64](w, `(() => {
		const e = document.querySelector(`+quoteJS(selector)+`);
		e.scrollIntoView({block: "center"});
		const b = e.getBoundingClientRect();
		return [b.x + b.width / 2, b.y + b.height / 2];
	})()`)
	return at[0], at[1]
}

// drag takes hold of something with the mouse and lets it go over something else,
// which shows that it takes it, or does not.
func (w *window) drag(from, to string, taken bool) {
	w.Helper()
	x, y := w.point(from)
	mouse := func(kind input.DispatchMouseEventType, x, y float64, held int64) {
		w.Helper()
		_, err := chromedp.Call(w.ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{
			Type: kind, X: x, Y: y, Button: "left", Buttons: held, ClickCount: 1})
		w.must(err)
	}
	b := eval[[]float64](w, `(() => { const b = document.querySelector(`+quoteJS(to)+`).getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2] })()`)
	eval[bool](w, `(() => { window.letGo = false; document.addEventListener("dragend", () => { window.letGo = true }, {once: true}); return true })()`)
	mouse("mouseMoved", x, y, 0)
	mouse("mousePressed", x, y, 1)
	for i := range 5 { // a hand comes by on its way
		part := float64(i+1) / 5
		mouse("mouseMoved", x+(b[0]-x)*part, y+(b[1]-y)*part, 1)
	}
	if taken {
		w.until(`document.querySelector(` + quoteJS(to+".over") + `)`)
	}
	mouse("mouseReleased", b[0], b[1], 0)
	if !taken { // what is taken sends the page away
		w.until(`window.letGo`)
	}
}

// In a real browser a post is dragged to another day, and moved there by keys; its
// time by the clock stays, and no day that is past takes it.
func TestCalendarIsDragged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	zone, err := time.LoadLocation("Europe/Berlin")
	h.must(err)
	row := f.tell("Geplant.", time.Date(2027, 3, 24, 9, 0, 0, 0, zone))
	due := func(want string) {
		t.Helper()
		if got := f.storyRow(row.ID).Due.In(zone).Format("2006-01-02 15:04"); got != want {
			t.Errorf("it goes out at %s, want %s", got, want)
		}
	}
	w := h.window(f.director)
	w.size(1280, false)
	w.open("/posts/calendar?view=month&on=2027-03-01")
	stands := func(day string) string { return fmt.Sprintf(`[data-day="%s"] .entry`, day) }
	w.until(`document.querySelector(` + quoteJS(stands("2027-03-24")) + `)`)

	w.drag(stands("2027-03-24"), `[data-day="2027-03-30"]`, true) // over the change to summer time
	w.until(`document.querySelector(` + quoteJS(stands("2027-03-30")) + `)`)
	due("2027-03-30 09:00")

	// Alt and an arrow, on the post that has the focus.
	alt := func(key string) {
		t.Helper()
		eval[bool](w, `(() => { const a = document.querySelector(".entry a"); a.focus(); return document.activeElement === a })()`)
		for _, kind := range []input.DispatchKeyEventType{"rawKeyDown", "keyUp"} {
			_, err := chromedp.Call(w.ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: key, Code: key, Modifiers: 1})
			w.must(err)
		}
	}
	alt("ArrowUp")
	w.until(`document.querySelector(` + quoteJS(stands("2027-03-23")) + `)`)
	due("2027-03-23 09:00")
	alt("ArrowRight")
	w.until(`document.querySelector(` + quoteJS(stands("2027-03-24")) + `)`)
	due("2027-03-24 09:00")

	// What is past takes nothing.
	today := func(days int) string { return h.at.In(zone).AddDate(0, 0, days).Format(time.DateOnly) }
	f.tell("Bald.", h.at.Add(48*time.Hour))
	w.open("/posts/calendar?view=month&on=" + today(0))
	w.until(`document.querySelector(` + quoteJS(stands(today(2))) + `) && document.querySelector('[data-day="` + today(-1) + `"].past')`)
	w.drag(stands(today(2)), `[data-day="`+today(-1)+`"]`, false)
	w.until(`!document.querySelector(".over")`)
	w.drag(stands(today(2)), `[data-day="`+today(1)+`"]`, true)
	w.until(`document.querySelector(` + quoteJS(stands(today(1))) + `)`)
}

// Pictures are put into another order without a script, and keep their words.
func TestPicturesAreOrdered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.director)
	row := f.tell("Mit Bildern.", time.Time{})
	at := path("posts", row.ID)
	for i := range 3 {
		var body bytes.Buffer
		img := image.NewGray(image.Rect(0, 0, 4, 3))
		img.Set(0, 0, color.Gray{Y: uint8(50 * (i + 1))})
		h.must(png.Encode(&body, img))
		b.brought(at, values(b.get(at)), body.Bytes()).leads(at)
	}
	order := func() (all []string) {
		for _, p := range f.storyRow(row.ID).Pictures {
			all = append(all, p.Digest)
		}
		return all
	}
	before := order()
	if len(before) != 3 {
		t.Fatalf("%d pictures", len(before))
	}
	page := b.get(at).says("Nach vorn")
	form := values(page)
	form.Set("alt-"+before[2], "Das dritte")
	form.Set("forward", before[2])
	form.Del("do")
	b.post(at, form).leads(at + "#pictures")
	now := order()
	if now[0] != before[0] || now[1] != before[2] || now[2] != before[1] || f.storyRow(row.ID).Pictures[1].Alt != "Das dritte" {
		t.Errorf("%v after %v", now, before)
	}
	for digest, want := range map[string]string{now[0]: now[0], "nothing": now[0]} { // the first stays the first
		form = values(b.get(at))
		form.Set("forward", digest)
		b.post(at, form).is(303)
		if order()[0] != want {
			t.Errorf("%s forward: %v", digest, order())
		}
	}
	w := h.window(f.director) // by keys alone
	w.open(at)
	w.until(`document.querySelectorAll("button[name=forward]").length === 2`)
	eval[bool](w, `document.querySelectorAll("button[name=forward]")[1].focus() || true`)
	w.press("\r")
	w.until(`location.hash === "#pictures" && document.querySelectorAll("[name=picture]")[1].value === ` + quoteJS(now[2]))
	// Enter in the headline saves; it neither moves a picture nor releases.
	eval[bool](w, `document.querySelector("#title").focus() || true`)
	w.press("!", "\r")
	w.until(`location.hash === "" && document.querySelector("#title").value.includes("!")`)
	if got := order(); got[1] != now[2] || f.storyRow(row.ID).Versions[0].State != lastword.Draft {
		t.Errorf("Enter in the headline: %v, %s", got, f.storyRow(row.ID).Versions[0].State)
	}
}
