package web_test

import (
	"net/url"
	"strings"
	"testing"

	"lastword"
)

// The machine asks whether two themes want the same, in one line, until a person
// answers with one key.
func TestAsksWhetherTwoThemesAreOne(t *testing.T) {
	t.Parallel()
	f := newHouse(t).firm("Lind", lastword.AnyDirector)
	boot := vegan(f)
	other := f.gather("Stiefel ohne Leder", .95, f.say("x", "uwe", "de", "Stiefel ohne Leder, bitte"))
	third := f.gather("Halbe Größen", .95, f.say("x", "zoe", "de", "halbe Größen!"))
	pair := func(a, b int64, like float64) lastword.Pair {
		p := lastword.PairOf(a, b)
		p.Likeness = like
		return p
	}
	f.must(f.db.SavePairs(f.Context(), f.company.ID, []lastword.Pair{pair(boot, other, .8), pair(boot, third, .6)}))
	b := f.as(f.director)
	list := b.get("/themes").is(200)
	list.says("„Veganer Wanderstiefel“ und „Stiefel ohne Leder“: dasselbe Anliegen?")
	page := b.get(path("themes", boot)).is(200)
	page.says("Gehört „Stiefel ohne Leder“ auch hierher?")

	b.post("/pairs", url.Values{"a": {path(boot)[1:]}, "b": {path(third)[1:]}, "same": {"no"}, "next": {path("themes", boot)}}).is(303)
	b.post("/pairs", url.Values{"a": {path(boot)[1:]}, "b": {path(other)[1:]}, "same": {"yes"}, "next": {path("themes", other)}}).is(303)
	into, err := f.db.Theme(f.Context(), f.company.ID, other)
	f.must(err)
	if into.Into != boot {
		t.Errorf("the smaller theme went into %d, want %d", into.Into, boot)
	}
	judged, err := f.db.JudgedPairs(f.Context(), f.company.ID, 10)
	f.must(err)
	if len(judged) != 2 {
		t.Errorf("%d judged pairs: %+v", len(judged), judged)
	}
	if body := b.get(path("themes", boot)).is(200).body; strings.Contains(body, `action="/pairs"`) {
		t.Error("asks again")
	}
	b.post("/pairs", url.Values{"a": {"0"}, "b": {path(other)[1:]}}).is(422)
}

// A voice that hardly belongs is shown on the page of its theme.
func TestAsksAboutAnOddVoice(t *testing.T) {
	t.Parallel()
	f := newHouse(t).firm("Lind", lastword.AnyDirector)
	theme := f.gather("Halbe Größen", .3, f.say("x", "uwe", "de", "Wann kommen halbe Größen?"), f.say("x", "zoe", "de", "Das Wetter ist schön"))
	b := f.as(f.director)
	page := b.get(path("themes", theme)).is(200).says("Passt diese Stimme hierher?")
	if !strings.Contains(page.body, `action="/check" class="asks"`) {
		t.Error("nowhere to answer")
	}
}
