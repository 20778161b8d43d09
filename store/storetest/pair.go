package storetest

import (
	"fmt"
	"testing"
	"time"

	"lastword"
)

// testNotices: what no customer says is kept and found, but waits for nothing.
func testAnnouncements(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "Wann kommt der schwarze?"), f.post("betrieb", "Hinweis: Heute geschlossen."))
	label := lastword.Label{Language: "de", Kinds: lastword.Problem, About: 1, Version: 2, Notice: .9}
	label.Voice = v[1].ID
	f.must(f.db.SaveLabels(t.Context(), f.company.ID, []lastword.Label{label}))
	got := f.voice(v[1].ID)
	equal(t, "notice", got.Label, label)
	equal(t, "it waits for no answer", got.Circle, lastword.Aside)
	equal(t, "found", len(f.find(lastword.VoiceFilter{Search: "geschlossen"})), 1)
	equal(t, "the customer's", f.voice(v[0].ID).Circle, lastword.Open)

	f.must(f.db.CorrectVoice(t.Context(), f.director, v[1].ID, lastword.Problem, lastword.Negative))
	equal(t, "a person says that it is a voice", f.voice(v[1].ID).Circle, lastword.Open)
	label.Version = 3
	f.must(f.db.SaveLabels(t.Context(), f.company.ID, []lastword.Label{label}))
	equal(t, "and it stays one", f.voice(v[1].ID).Circle, lastword.Open)
}

// testPairs: the machine asks about two themes until a person says something, once.
func testPairs(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "a"), f.post("tom", "b"), f.post("eva", "c"))
	a, b, c := f.gather("A", 1, v[0]), f.gather("B", 1, v[1]), f.gather("C", 1, v[2])
	pairs := func(theme int64) (found [][2]int64) {
		ps, err := f.db.Pairs(t.Context(), f.company.ID, theme, 10)
		f.must(err)
		for _, p := range ps {
			found = append(found, [2]int64{p.A, p.B})
		}
		return found
	}
	pair := func(x, y int64, like float64) lastword.Pair {
		p := lastword.PairOf(x, y)
		p.Likeness = like
		return p
	}
	f.must(f.db.SavePairs(t.Context(), f.company.ID, []lastword.Pair{pair(a, b, .6), pair(c, a, .8), pair(b, c, .7)}))
	equal(t, "likest first", fmt.Sprint(pairs(0)), fmt.Sprint([][2]int64{{a, c}, {b, c}, {a, b}}))
	equal(t, "of one theme", fmt.Sprint(pairs(b)), fmt.Sprint([][2]int64{{b, c}, {a, b}}))

	before := f.db
	_, stamp, err := before.LiveThemes(t.Context(), f.company.ID)
	f.must(err)
	no := pair(b, c, .7)
	no.Same, no.Words = -1, []byte{1, 2, 3}
	f.must(f.db.JudgePair(t.Context(), f.company.ID, f.director.ID, no))
	_, now, err := f.db.LiveThemes(t.Context(), f.company.ID)
	f.must(err)
	equal(t, "the machine is told", now != stamp, true)
	equal(t, "not asked again", fmt.Sprint(pairs(0)), fmt.Sprint([][2]int64{{a, c}, {a, b}}))
	f.must(f.db.SavePairs(t.Context(), f.company.ID, []lastword.Pair{pair(b, c, .9), pair(a, b, .5)}))
	equal(t, "not even when it is found again", fmt.Sprint(pairs(0)), fmt.Sprint([][2]int64{{a, b}}))
	f.clock.Add(time.Minute)

	f.must(f.db.MergeThemes(t.Context(), f.company.ID, f.director.ID, a, b, []byte("beide"), []byte{4}))
	equal(t, "merged away", len(pairs(0)), 0)
	judged, err := f.db.JudgedPairs(t.Context(), f.company.ID, 10)
	f.must(err)
	if len(judged) != 2 || judged[0].Same != 1 || judged[1].Same != -1 || judged[1].By != f.director.ID || string(judged[1].Words) != "\x01\x02\x03" || judged[1].Likeness != .9 {
		t.Errorf("judged: %+v", judged)
	}

	f.decide(b, lastword.Yes)
	other := f.say(f.post("uwe", "d"))
	d := f.gather("D", 1, other[0])
	f.must(f.db.SavePairs(t.Context(), f.company.ID, []lastword.Pair{pair(b, d, .9)}))
	equal(t, "with a decided one", fmt.Sprint(pairs(d)), fmt.Sprint([][2]int64{{b, d}}))
	f.decide(d, lastword.No)
	equal(t, "two decisions stand", len(pairs(d)), 0)
}
