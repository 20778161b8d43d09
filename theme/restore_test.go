package theme_test

import (
	"testing"
	"time"

	"lastword"
	"lastword/theme"
)

func voiceOf(it theme.Item, th int64, fit float64) lastword.Voice {
	return lastword.Voice{
		ID: it.ID, Company: 1, Post: lastword.Post{Text: it.Text}, Theme: th, Fit: fit,
		Label: lastword.Label{Language: it.Lang, Kinds: it.Kinds, Wish: it.Wish, About: 1, Version: 1},
	}
}

// reborn returns a Clusterer restored from what another one would have saved.
func reborn(t *testing.T, c *theme.Clusterer, its []theme.Item, at map[int64]theme.Placement) *theme.Clusterer {
	t.Helper()
	var recent []lastword.Voice
	for _, it := range its {
		v := voiceOf(it, c.Home(at[it.ID].Theme), at[it.ID].Fit)
		v.CopyOf = at[it.ID].CopyOf
		recent = append(recent, v)
	}
	ids := int64(1000)
	again, err := theme.Restore(theme.Config{NewID: func() int64 { ids++; return ids }}, c.Changed(1), recent)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func TestRestoreGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	its := items()
	c := theme.New(theme.Config{NewID: counter()})
	at := ended(c, its)
	again := reborn(t, c, its, at)

	half := at[1].Theme
	p := again.Assign(theme.Item{ID: 500, Text: "Wann kommen halbe Größen? Halbe Größen bitte", Lang: "de", Kinds: wish})
	if len(p) == 0 || p[0].Voice != 500 || p[0].Theme != half || half == 0 {
		t.Errorf("after a restart: %+v, want theme %d", p, half)
	}
	if again.Name(half) != c.Name(half) {
		t.Errorf("the name %q became %q", c.Name(half), again.Name(half))
	}
	if p := again.Assign(its[0]); p != nil {
		t.Errorf("a voice that has its place was placed again: %+v", p)
	}
}

// A voice that was waiting when the program stopped founds a theme later.
func TestRestoreKeepsSingleVoicesWaiting(t *testing.T) {
	t.Parallel()
	lone := theme.Item{ID: 7, Text: "Ersatzsohlen für den Arbeitsschuh einzeln verkaufen", Lang: "de", Kinds: wish}
	c := theme.New(theme.Config{NewID: counter()})
	again := reborn(t, c, []theme.Item{lone}, ended(c, []theme.Item{lone}))
	p := again.Assign(theme.Item{ID: 8, Text: "Verkauft doch Ersatzsohlen für den Arbeitsschuh einzeln", Lang: "de", Kinds: wish})
	if len(p) != 2 || p[1].Voice != 7 || p[1].Theme == 0 {
		t.Errorf("%+v, want a theme of voices 8 and 7", p)
	}
	if late := again.Assign(lone); late != nil {
		t.Errorf("the waiting voice's own job placed it again: %+v", late)
	}
}

// Voices that were heard but not gathered when the program stopped are compared
// with each other when their job is done.
func TestRestoreComparesTheUngathered(t *testing.T) {
	t.Parallel()
	a := theme.Item{ID: 7, Text: "Ersatzsohlen für den Arbeitsschuh einzeln verkaufen", Lang: "de", Kinds: wish}
	b := theme.Item{ID: 8, Text: "Verkauft doch Ersatzsohlen für den Arbeitsschuh einzeln", Lang: "de", Kinds: wish}
	c, err := theme.Restore(theme.Config{NewID: counter()}, nil, []lastword.Voice{voiceOf(a, 0, 0), voiceOf(b, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	at := ended(c, []theme.Item{a, b})
	if at[7].Theme == 0 || at[7].Theme != at[8].Theme {
		t.Errorf("%+v, want one theme", at)
	}
}

// After an import, all voices are labelled before the first is gathered, and the
// machine that wakes then knows them: they are gathered like any others.
func TestRestoreGathersTheUngathered(t *testing.T) {
	t.Parallel()
	its := items()
	var waiting []lastword.Voice
	for _, it := range its {
		waiting = append(waiting, voiceOf(it, 0, 0))
	}
	c, err := theme.Restore(theme.Config{NewID: counter()}, nil, waiting)
	if err != nil {
		t.Fatal(err)
	}
	themed := func(c *theme.Clusterer) (n int) {
		at := map[int64]int64{}
		for _, p := range c.AssignBatch(its) {
			at[p.Voice] = p.Theme
		}
		for _, th := range at {
			if th != 0 {
				n++
			}
		}
		return n
	}
	if got, want := themed(c), themed(theme.New(theme.Config{NewID: counter()})); got < want*9/10 {
		t.Errorf("%d voices found a theme, %d do where the machine was awake", got, want)
	}
	if c.Settled() == 0 {
		t.Error("the voices were never gathered together")
	}
}

func TestRestoreLeavesOutWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	it := theme.Item{ID: 7, Text: "Ersatzsohlen für den Arbeitsschuh einzeln verkaufen", Lang: "de", Kinds: wish}
	for name, change := range map[string]func(*lastword.Voice){
		"gone":      func(v *lastword.Voice) { v.GoneAt = time.Unix(1, 0) },
		"own":       func(v *lastword.Voice) { v.Own = true },
		"not us":    func(v *lastword.Voice) { v.About = 0.4 },
		"set aside": func(v *lastword.Voice) { v.Circle = lastword.Aside },
		"not read":  func(v *lastword.Voice) { v.Version = 0 },
		"rejected":  func(v *lastword.Voice) { v.FitBy = 3 },
	} {
		v := voiceOf(it, 0, 0)
		change(&v)
		c, err := theme.Restore(theme.Config{NewID: counter()}, nil, []lastword.Voice{v})
		if err != nil {
			t.Fatal(err)
		}
		if p := c.Assign(theme.Item{ID: 8, Text: "Verkauft doch Ersatzsohlen für den Arbeitsschuh einzeln", Lang: "de", Kinds: wish}); p[0].Theme != 0 {
			t.Errorf("%s: founded a theme: %+v", name, p)
		}
	}
}

func TestRestoreRefusesADamagedModel(t *testing.T) {
	t.Parallel()
	_, err := theme.Restore(theme.Config{NewID: counter()}, []lastword.Theme{{ID: 5, Model: []byte{1, 0, 9}}}, nil)
	if err == nil {
		t.Error("a damaged model was taken")
	}
}

func TestANameByAPersonStays(t *testing.T) {
	t.Parallel()
	its := items()
	c := theme.New(theme.Config{NewID: counter()})
	at := ended(c, its)
	themes := c.Changed(1)
	for i := range themes {
		themes[i].Name, themes[i].NamedBy = "Von Hand", 9
	}
	again, err := theme.Restore(theme.Config{NewID: counter()}, themes, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		again.Assign(theme.Item{ID: int64(100 + i), Text: "Halbe Größen bitte, halbe Größen fehlen", Lang: "de", Kinds: wish})
	}
	if n := again.Name(at[1].Theme); n != "Von Hand" {
		t.Errorf("the machine renamed it %q", n)
	}
}
