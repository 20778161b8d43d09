package brief_test

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lastword"
	"lastword/brief"
)

func monday() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }

func TestCostIsTheModel(t *testing.T) {
	t.Parallel()
	if got := brief.Cost(brief.Effort{Words: 60 + 2*17 + 45, Thought: 3, Keys: 3, Waits: 3}); got != 53 { // 52.1 s
		t.Errorf("a theme costs %d s", got)
	}
	if got := brief.Cost(brief.Effort{}); got != 0 {
		t.Errorf("nothing costs %d s", got)
	}
}

// draw invents a situation.
func draw(t *rapid.T) brief.Situation {
	themes := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) brief.ThemeFact {
		return brief.ThemeFact{
			Theme: lastword.Theme{
				Name: "Thema", Voices: rapid.IntRange(0, 200).Draw(t, "voices"), Open: rapid.IntRange(0, 200).Draw(t, "open"),
				Doubtful: rapid.IntRange(0, 60).Draw(t, "doubtful"), Decision: rapid.SampledFrom([]int64{0, 0, 7}).Draw(t, "decision"),
				Feeling: rapid.Float64Range(-1, 1).Draw(t, "feeling"), First: monday().AddDate(0, 0, -rapid.IntRange(0, 90).Draw(t, "days")),
			},
			Daily:     rapid.SliceOfN(rapid.IntRange(0, 30), 0, 14).Draw(t, "daily"),
			Important: rapid.IntRange(0, 9).Draw(t, "important"), Drafts: rapid.IntRange(0, 50).Draw(t, "drafts"),
			Words: rapid.IntRange(0, 300).Draw(t, "words"),
		}
	}), 0, 20).Draw(t, "themes")
	s := brief.Situation{Now: monday(), Minutes: rapid.IntRange(0, 60).Draw(t, "minutes"), Themes: themes}
	for i := range themes {
		themes[i].ID = int64(i + 1)
		if rapid.IntRange(0, 9).Draw(t, "due") == 0 {
			s.Due = append(s.Due, lastword.Decision{ID: int64(100 + i), Theme: themes[i].ID, When: monday().AddDate(0, 0, -3)})
		}
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "care") {
		s.Care = append(s.Care, lastword.Person{ID: int64(i + 1), Weight: rapid.IntRange(0, 3).Draw(t, "weight"), LastHeard: monday().AddDate(0, -4, 0)})
	}
	for i := range rapid.IntRange(0, 12).Draw(t, "alone") {
		v := lastword.VoiceRow{Voice: lastword.Voice{ID: int64(i + 1)}}
		v.Kinds, v.Text = lastword.Kinds(rapid.IntRange(0, 15).Draw(t, "kinds")), "Gibt es das auch in Blau?"
		v.SaidAt, v.Person.Weight = monday().AddDate(0, 0, -rapid.IntRange(0, 60).Draw(t, "ago")), rapid.IntRange(0, 3).Draw(t, "heft")
		s.Alone = append(s.Alone, v)
	}
	s.Totals.Handed, s.Totals.Failed = rapid.IntRange(0, 30).Draw(t, "handed"), rapid.IntRange(0, 30).Draw(t, "failed")
	return s
}

// work sums seconds by what is to be done.
func work(items ...brief.Item) map[brief.Item]int {
	all := map[brief.Item]int{}
	for _, it := range items {
		all[brief.Item{Kind: it.Kind, Theme: it.Theme, Person: it.Person, Decision: it.Decision, Title: it.Title}] += it.Seconds
	}
	return all
}

func TestPlanKeepsItsPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := draw(t)
		b := brief.Plan(s)
		seconds := 0
		for _, it := range b.Items {
			seconds += it.Seconds
		}
		if seconds != b.Seconds || b.Seconds > 60*s.Minutes {
			t.Fatalf("%d s for %d minutes, said to be %d", seconds, s.Minutes, b.Seconds)
		}
		if !reflect.DeepEqual(b, brief.Plan(s)) {
			t.Fatal("not the same twice")
		}
		plenty, none := s, s
		plenty.Minutes, none.Minutes = 24*60, 0
		all := brief.Plan(none)
		if len(all.Items) != 0 || !reflect.DeepEqual(work(all.Later...), work(slices.Concat(b.Items, b.Later)...)) {
			t.Fatal("something is lost")
		}
		if rest := brief.Plan(plenty).Later; len(rest) != 0 {
			t.Fatalf("a whole day is not enough for %+v", rest)
		}
		s.Minutes++
		more := work(brief.Plan(s).Items...)
		for it, seconds := range work(b.Items...) {
			if more[it] < seconds {
				t.Fatalf("a minute more loses some of %+v", it)
			}
		}
	})
}

// What is settled is counted: no voice, draft or answer falls between chunks.
func TestPlanCountsEverything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := draw(t)
		want := map[brief.Kind]int{brief.Hand: s.Totals.Handed, brief.Mend: s.Totals.Failed, brief.Single: len(s.Alone)}
		for _, f := range s.Themes {
			want[brief.Check] += f.Doubtful
			want[brief.Release] += f.Drafts
		}
		b := brief.Plan(s)
		got := map[brief.Kind]int{}
		for _, it := range slices.Concat(b.Items, b.Later) {
			got[it.Kind] += it.Voices
		}
		for kind, n := range want {
			if got[kind] != n {
				t.Fatalf("%s: %d of %d", kind, got[kind], n)
			}
		}
	})
}

// The choice made minute by minute is not far from the best there could be.
func TestPlanIsNearlyOptimal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := draw(t)
		s.Minutes = rapid.IntRange(3, 15).Draw(t, "few")
		b := brief.Plan(s)
		got := 0.0
		for _, it := range b.Items {
			got += it.Worth
		}
		if most := bound(slices.Concat(b.Items, b.Later), 60*s.Minutes); got < 0.6*most {
			t.Fatalf("worth %.0f of at most %.0f", got, most)
		}
	})
}

// bound is more than can fit: what would fit if every item could be divided.
func bound(items []brief.Item, room int) float64 {
	slices.SortFunc(items, func(a, b brief.Item) int {
		return cmp.Compare(b.Worth/float64(b.Seconds), a.Worth/float64(a.Seconds))
	})
	worth := 0.0
	for _, it := range items {
		part := min(room, it.Seconds)
		worth += it.Worth * float64(part) / float64(it.Seconds)
		room -= part
	}
	return worth
}

func TestPlanOrder(t *testing.T) {
	t.Parallel()
	fire := brief.ThemeFact{Theme: lastword.Theme{ID: 1, Name: "Lieferung kommt nicht", Open: 30, Feeling: -0.8, First: monday()}, Daily: []int{1, 2, 1, 1, 25}}
	wish := brief.ThemeFact{Theme: lastword.Theme{ID: 2, Name: "Ersatzteile", Open: 12, Voices: 12, Doubtful: 3}, Daily: []int{2, 2, 2, 2, 2}}
	said := brief.ThemeFact{Theme: lastword.Theme{ID: 3, Name: "Öffnungszeiten", Decision: 9, Verdict: lastword.Yes}, Drafts: 143}
	late := brief.ThemeFact{Theme: lastword.Theme{ID: 4, Name: "App", Decision: 8, Verdict: lastword.Later, Voices: 20, Open: 2}}
	good := brief.ThemeFact{Theme: lastword.Theme{ID: 5, Name: "Beratung im Laden", Decision: 7, Voices: 40, Feeling: 0.9}, Daily: []int{3, 3, 3}}
	b := brief.Plan(brief.Situation{
		Now: monday(), Minutes: 20, Themes: []brief.ThemeFact{good, late, said, wish, fire},
		Due:    []lastword.Decision{{ID: 8, Theme: 4, When: monday().AddDate(0, 0, -1)}},
		Care:   []lastword.Person{{ID: 6, Name: "Beispiel KG", Weight: 3, LastHeard: monday().AddDate(0, -5, 0)}},
		Alone:  []lastword.VoiceRow{{Voice: lastword.Voice{ID: 7, Post: lastword.Post{Text: "Wann kommt der blaue?"}}}},
		Totals: lastword.Totals{Handed: 2, Failed: 1, Posts: 2},
	})
	var got []string
	for _, it := range b.Items {
		got = append(got, fmt.Sprint(it.Kind, " ", it.Theme, it.Person, it.Decision, " ", it.Voices))
	}
	want := []string{"alarm 1 0 0 30", "release 3 0 9 143", "due 4 0 8 20", "decide 2 0 0 12", "single 0 0 0 1", "check 2 0 0 3", "mend 0 0 0 1", "post 0 0 0 2", "care 0 6 0 0", "hand 0 0 0 2", "know 5 0 0 40"}
	if !slices.Equal(got, want) || len(b.Later) != 0 {
		t.Errorf("got %q\nwant %q\nlater %v", got, want, b.Later)
	}
	s := brief.Situation{Now: monday(), Minutes: 1, Themes: []brief.ThemeFact{said, wish, fire}}
	if one := brief.Plan(s); len(one.Items) != 1 || one.Items[0].Kind != brief.Alarm {
		t.Errorf("one minute goes to %+v", one.Items)
	}
}

// A voice that nobody else shares is done by itself, those that want something and
// those of important people first; the rest are one line.
func TestPlanSingleVoices(t *testing.T) {
	t.Parallel()
	var alone []lastword.VoiceRow
	for i, kinds := range []lastword.Kinds{lastword.Praise, lastword.Question, 0, lastword.Problem} {
		alone = append(alone, lastword.VoiceRow{Voice: lastword.Voice{ID: int64(i + 1), Post: lastword.Post{Text: "Ein paar Worte", SaidAt: monday()}}})
		alone[i].Kinds = kinds
	}
	alone[2].Person.Weight = 3
	b := brief.Plan(brief.Situation{Now: monday(), Minutes: 1, Alone: alone})
	if len(b.Items) != 2 || b.Items[0].Voice.ID != 3 || b.Items[1].Voice.ID != 4 {
		t.Errorf("in one minute: %+v", b.Items)
	}
	if len(b.Later) != 1 || b.Later[0].Voices != 2 || b.Later[0].Voice != nil {
		t.Errorf("later: %+v", b.Later)
	}
	if b.Later[0].Further {
		t.Error("of four there are said to be more")
	}
	if b = brief.Plan(brief.Situation{Now: monday(), Minutes: 1, Alone: alone, Further: true}); !b.Later[0].Further {
		t.Error("that there are more is not said")
	}
}

// Ten minutes are eleven themes at the planning speed of 179 words a minute.
func TestTenMinutesAreElevenThemes(t *testing.T) {
	t.Parallel()
	s := brief.Situation{Now: monday(), Minutes: 10}
	for i := range 12 {
		s.Themes = append(s.Themes, brief.ThemeFact{Theme: lastword.Theme{ID: int64(i + 1), Open: 5, Voices: 5}})
	}
	b := brief.Plan(s)
	if len(b.Items) != 11 || b.Seconds > 600 {
		t.Errorf("%d themes in %d s", len(b.Items), b.Seconds)
	}
}

func TestSurgeIsRareByChance(t *testing.T) {
	t.Parallel()
	quiet := make([]int, 41)
	steady := slices.Repeat([]int{4, 6, 5, 3, 7}, 8)
	wild := slices.Repeat([]int{0, 0, 25, 0, 1, 0, 0, 30}, 5)
	alarms := func(daily []int) int {
		n := 0
		th := brief.ThemeFact{Theme: lastword.Theme{ID: 1, Name: "Rolltreppe", Voices: 50, Open: 50, Feeling: -1}, Daily: daily}
		for _, item := range brief.Plan(brief.Situation{Minutes: 60, Themes: []brief.ThemeFact{th}}).Items {
			if item.Kind == brief.Alarm {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		name   string
		before []int
		today  int
		rings  bool
	}{
		{"out of nothing", quiet, 6, true}, {"few", quiet, 4, false}, {"four times the usual", steady, 20, true},
		{"a busy day", steady, 9, false}, {"it often flares up", wild, 28, false}, {"even for those", wild, 120, true},
	} {
		if got := alarms(append(slices.Clone(c.before), c.today)) == 1; got != c.rings {
			t.Errorf("%s: rings %v, want %v", c.name, got, c.rings)
		}
	}
}
