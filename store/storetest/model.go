package storetest

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"lastword"
)

// A key is for one address, is told to nobody, and whatever changes of what a
// director agreed to is off until one agrees anew.
func testModel(t *testing.T, f *fixture) {
	none, err := f.db.Model(t.Context(), f.company.ID)
	f.must(err)
	equal(t, "before it is set up", none, lastword.Model{Company: f.company.ID})
	m := lastword.Model{Company: f.company.ID, Address: "https://models.example/v1", Key: "sk-1", Embed: "e", Chat: "c", Budget: 100}
	f.must(f.db.SaveModel(t.Context(), f.director, m))
	get := func() lastword.Model {
		t.Helper()
		m, err := f.db.Model(t.Context(), f.company.ID)
		f.must(err)
		return m
	}
	equal(t, "key", get().Key, "sk-1")
	equal(t, "on", get().On, false)
	if err := f.db.SwitchModel(t.Context(), f.director, true, "another"); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("switched on unseen: %v", err)
	}
	if err := f.db.SwitchModel(t.Context(), f.adviser, true, m.Digest()); !errors.Is(err, lastword.ErrForbidden) {
		t.Errorf("switched on by an adviser: %v", err)
	}
	f.must(f.db.SwitchModel(t.Context(), f.director, true, m.Digest()))
	equal(t, "on", get().On, true)
	m.Key, m.Budget = "", 200
	f.must(f.db.SaveModel(t.Context(), f.director, m))
	equal(t, "still on with another budget", get().On, true)
	equal(t, "key kept", get().Key, "sk-1")
	m.Chat = "d"
	f.must(f.db.SaveModel(t.Context(), f.director, m))
	equal(t, "on with another model", get().On, false)
	m.Address = "https://elsewhere.example/v1"
	f.must(f.db.SaveModel(t.Context(), f.director, m))
	equal(t, "key taken elsewhere", get().Keyed, false)
	f.must(f.db.SwitchModel(t.Context(), f.director, true, m.Digest()))
	f.must(f.db.SwitchModel(t.Context(), f.adviser, false, ""))
	equal(t, "off", get().On, false)
	var out bytes.Buffer
	f.must(f.db.Export(t.Context(), f.company.ID, &out))
	if strings.Contains(out.String(), "sk-1") {
		t.Error("the key is exported")
	}
	f.addCompany("Andere AG")
	equal(t, "of another company", get().Address, "")
}

func testBudget(t *testing.T, f *fixture) {
	spend := func(tokens int64, want bool) {
		t.Helper()
		ok, err := f.db.Spend(t.Context(), f.company.ID, 20000, tokens, 100)
		f.must(err)
		equal(t, "spent", ok, want)
	}
	spend(60, true)
	spend(60, false)
	spend(40, true)
	spend(1, false)
	spend(-30, true)
	spend(30, true)
	n, err := f.db.Spent(t.Context(), f.company.ID, 20000)
	f.must(err)
	equal(t, "in all", n, 100)
	n, err = f.db.Spent(t.Context(), f.company.ID, 20001)
	f.must(err)
	equal(t, "the next day", n, 0)
}

// Where a text lies is kept by the text, and goes with the voice that brought it.
func testDirections(t *testing.T, f *fixture) {
	p, q := f.post("mia", "Halbe Größen"), f.post("tom", "Half sizes")
	vs := f.say(p, q)
	keep := func() {
		t.Helper()
		f.must(f.db.SaveDirections(t.Context(), f.company.ID, "m", []int64{vs[0].ID, vs[1].ID}, []string{"a", "b"},
			[]lastword.Direction{{127, -127, 0}, {-1, 2, -3}}))
	}
	found := func(space string) map[string]lastword.Direction {
		t.Helper()
		got, err := f.db.Directions(t.Context(), f.company.ID, space, []string{"a", "b", "c"})
		f.must(err)
		return got
	}
	keep()
	keep()
	same(t, "kept", found("m"), map[string]lastword.Direction{"a": {127, -127, 0}, "b": {-1, 2, -3}})
	equal(t, "in another space", len(found("n")), 0)
	f.hear(lastword.Event{Op: lastword.Deleted, Post: p})
	same(t, "after a deletion", found("m"), map[string]lastword.Direction{"b": {-1, 2, -3}})
	keep()
	equal(t, "of a voice that is gone", len(found("m")), 1)
	q.Text = "Half sizes, please"
	f.hear(lastword.Event{Op: lastword.Edited, Post: q})
	equal(t, "after an edit", len(found("m")), 0)
	keep()
	f.addCompany("Andere AG")
	equal(t, "of another company", len(found("m")), 0)
}

// What a model made of voices goes with any of them.
func testWordings(t *testing.T, f *fixture) {
	p := f.post("mia", "Halbe Größen fehlen")
	vs := f.say(p, f.post("tom", "Half sizes please"))
	th := f.gather("Größen", 1, vs...)
	w := lastword.Wording{Theme: th, Name: "Halbe Größen", Lang: "de", Voices: 2, Shown: []int64{vs[0].ID, vs[1].ID},
		Sentences: []lastword.Sentence{{Text: "Es fehlen halbe Größen.", Voices: []int64{vs[0].ID},
			Quotes: []lastword.Quoted{{Voice: vs[0].ID, Words: "Halbe Größen"}}}}}
	f.must(f.db.SaveWording(t.Context(), f.company.ID, w))
	f.must(f.db.SaveWording(t.Context(), f.company.ID, w))
	got, err := f.db.Wording(t.Context(), f.company.ID, th)
	f.must(err)
	equal(t, "name", got.Name, w.Name)
	same(t, "sentences", got.Sentences, w.Sentences)
	equal(t, "the theme's own name", f.theme(th).Name, "Größen")
	other := f.company
	f.hear(lastword.Event{Op: lastword.Deleted, Post: p})
	if _, err := f.db.Wording(t.Context(), other.ID, th); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("after a voice went: %v", err)
	}
	if err := f.db.SaveWording(t.Context(), other.ID, w); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("made of a voice that is gone: %v", err)
	}
	f.addCompany("Andere AG")
	if err := f.db.SaveWording(t.Context(), f.company.ID, w); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("made of another company's voices: %v", err)
	}
}

func testPhrases(t *testing.T, f *fixture) {
	save := func(lang string, texts ...string) {
		t.Helper()
		var ps []lastword.Phrase
		for _, s := range texts {
			ps = append(ps, lastword.Phrase{Kinds: lastword.Wish, Ends: s == "b", Text: s})
		}
		f.must(f.db.SavePhrases(t.Context(), f.company.ID, lang, ps))
	}
	list := func() []lastword.Phrase {
		t.Helper()
		ps, err := f.db.Phrases(t.Context(), f.company.ID)
		f.must(err)
		return ps
	}
	save("de", "x")
	save("de", "a", "b")
	save("en", "c")
	ps := list()
	equal(t, "phrases", len(ps), 3)
	if ps[1].Text != "b" || !ps[1].Ends || ps[1].Lang != "de" || ps[1].Kinds != lastword.Wish {
		t.Errorf("phrase %+v", ps[1])
	}
	f.must(f.db.DropPhrase(t.Context(), f.director, ps[1].ID))
	if err := f.db.DropPhrase(t.Context(), f.director, ps[1].ID); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("dropped twice: %v", err)
	}
	own, err := f.db.OwnAnswers(t.Context(), f.company.ID, "de", 10)
	f.must(err)
	equal(t, "answers worded by hand", len(own), 0)
	lind := f.company
	f.addCompany("Andere AG")
	equal(t, "of another company", len(list()), 0)
	if err := f.db.DropPhrase(t.Context(), f.director, ps[0].ID); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("dropped by another company: %v", err)
	}
	f.company = lind
	equal(t, "left", len(list()), 2)
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}
