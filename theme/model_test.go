package theme_test

import (
	"bytes"
	"testing"

	"lastword"
	"lastword/theme"
)

func models(t *testing.T) (map[string][]byte, map[int64]theme.Placement) {
	t.Helper()
	c := theme.New(theme.Config{NewID: counter()})
	at := ended(c, items())
	byTheme, byAbout := map[int64][]byte{}, map[string][]byte{}
	for _, th := range c.Changed(1) {
		byTheme[th.ID] = th.Model
	}
	for i, v := range invented {
		if m := byTheme[at[int64(i+1)].Theme]; m != nil {
			byAbout[v.about] = m
		}
	}
	return byAbout, at
}

// goes returns the theme of the given models to which a text is assigned.
func goes(t *testing.T, lang, text string, ms map[int64][]byte) int64 {
	t.Helper()
	var themes []lastword.Theme
	for id, m := range ms {
		themes = append(themes, lastword.Theme{ID: id, Name: "x", Model: m})
	}
	c, err := theme.Restore(theme.Config{NewID: counter()}, themes, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.Assign(theme.Item{ID: 1, Text: text, Lang: lang, Kinds: wish})[0].Theme
}

func TestMergeTeaches(t *testing.T) {
	t.Parallel()
	ms, _ := models(t)
	merged, err := theme.Merge(ms["half"], ms["wide"])
	if err != nil {
		t.Fatal(err)
	}
	for text, lang := range map[string]string{"Halbe Größen bitte": "de", "a wide fit, wide feet": "en"} {
		if got := goes(t, lang, text, map[int64][]byte{50: merged, 60: ms["vegan"]}); got != 50 {
			t.Errorf("%q went to %d, want the merged theme 50", text, got)
		}
	}
	if got := goes(t, "en", "a wide fit, wide feet", map[int64][]byte{50: ms["half"]}); got != 0 {
		t.Error("the example does not test merging: the theme knew it before")
	}
}

func TestMoveTeaches(t *testing.T) {
	t.Parallel()
	ms, _ := models(t)
	stray := theme.Item{ID: 77, Text: "Weite Füße, zu schmal, Ballen schmerzt", Lang: "de", Kinds: problem}
	rest, more, err := theme.Move(theme.NewTerms(nil), stray, nil, ms["half"])
	if err != nil || rest != nil {
		t.Fatalf("rest %v, %v", rest, err)
	}
	if got := goes(t, "de", "Füße zu schmal, Ballen schmerzt", map[int64][]byte{50: more}); got != 50 {
		t.Error("the theme did not learn from the voice that a person moved to it")
	}
	stray.Taught = true
	back, _, err := theme.Move(theme.NewTerms(nil), stray, more, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := goes(t, "de", "Füße zu schmal, Ballen schmerzt", map[int64][]byte{50: back}); got != 0 {
		t.Error("the theme did not forget the voice that a person took out of it")
	}
}

func TestSplitTeaches(t *testing.T) {
	t.Parallel()
	ms, _ := models(t)
	whole, err := theme.Merge(ms["half"], ms["laces"])
	if err != nil {
		t.Fatal(err)
	}
	var laces []theme.Item
	for _, it := range items() {
		if invented[it.ID-1].about == "laces" {
			laces = append(laces, it)
		}
	}
	rest, part, err := theme.Split(theme.NewTerms(nil), whole, laces)
	if err != nil {
		t.Fatal(err)
	}
	split := map[int64][]byte{1: rest, 2: part}
	if got := goes(t, "de", "Schnürsenkel gerissen", split); got != 2 {
		t.Errorf("laces went to %d, want the new theme 2", got)
	}
	if got := goes(t, "de", "halbe Größen bitte", split); got != 1 {
		t.Errorf("half sizes went to %d, want the old theme 1", got)
	}
}

func TestAffirmCountsNoVoiceTwice(t *testing.T) {
	t.Parallel()
	ms, _ := models(t)
	it := items()[0]
	once, err := theme.Affirm(theme.NewTerms(nil), it, ms["half"])
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(once, ms["half"]) {
		t.Error("a confirmed voice taught nothing")
	}
	if got := goes(t, it.Lang, it.Text, map[int64][]byte{1: once}); got != 1 {
		t.Errorf("the confirmed voice's text goes to %d", got)
	}
}

// Whatever bytes stand where a model should: an error or a model, never more,
// and what was read is written the same again.
func FuzzModel(f *testing.F) {
	c := theme.New(theme.Config{NewID: counter()})
	for _, it := range items() {
		c.Assign(it)
	}
	for _, th := range c.Changed(1) {
		f.Add(th.Model)
	}
	f.Add([]byte{})
	f.Add([]byte{1, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		empty, err := theme.Merge(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		once, err := theme.Merge(b, empty)
		if err != nil {
			return
		}
		twice, err := theme.Merge(once, empty)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if len(twice) > 64<<10 {
			t.Fatalf("%d bytes", len(twice))
		}
	})
}
