package theme_test

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lastword"
	"lastword/theme"
)

// counter hands out ids 1, 2, 3, …
func counter() func() int64 {
	var n int64
	return func() int64 { n++; return n }
}

func items() []theme.Item {
	its := make([]theme.Item, len(invented))
	for i, v := range invented {
		its[i] = theme.Item{ID: int64(i + 1), Text: v.text, Wish: v.wish, Lang: v.lang, Kinds: v.kinds}
	}
	return its
}

// ended assigns all items and returns where each voice ended.
func ended(c *theme.Clusterer, its []theme.Item) map[int64]theme.Placement {
	at := map[int64]theme.Placement{}
	for _, it := range its {
		for _, p := range c.Assign(it) {
			at[p.Voice] = p
		}
	}
	return at
}

func TestAssignGathersWhatWantsTheSame(t *testing.T) {
	t.Parallel()
	c := theme.New(theme.Config{NewID: counter()})
	at := ended(c, items())
	abouts := map[int64]map[string]int{}
	sizes := map[string]int{}
	for i, v := range invented {
		if th := at[int64(i+1)].Theme; th != 0 && v.about != "none" {
			if abouts[th] == nil {
				abouts[th] = map[string]int{}
			}
			abouts[th][v.about]++
			sizes[v.about]++
		}
	}
	for th, a := range abouts {
		if len(a) != 1 {
			t.Errorf("theme %q mixes %v", c.Name(th), a)
		}
	}
	for about, least := range map[string]int{"half": 4, "laces": 4, "vegan": 4, "service": 3, "wide": 4, "vienna": 2} {
		if sizes[about] < least {
			t.Errorf("%s: %d voices found each other, want %d", about, sizes[about], least)
		}
	}
	for i, v := range invented {
		if p := at[int64(i+1)]; v.about == "none" && p.Fit >= lastword.Sure {
			t.Errorf("voice %d agrees with nobody and is surely in %q", i+1, c.Name(p.Theme))
		}
	}
}

func TestAssignFoundsAThemeOnlyWithASecondVoice(t *testing.T) {
	t.Parallel()
	c := theme.New(theme.Config{NewID: counter()})
	first := c.Assign(theme.Item{ID: 10, Text: "Bitte den Wanderstiefel in halben Größen anbieten", Lang: "de", Kinds: wish})
	if len(first) != 1 || first[0].Theme != 0 {
		t.Fatalf("a single voice is %+v, want no theme", first)
	}
	second := c.Assign(theme.Item{ID: 11, Text: "Bietet den Wanderstiefel doch in halben Größen an", Lang: "de", Kinds: wish})
	if len(second) != 2 || second[0].Voice != 11 || second[1].Voice != 10 {
		t.Fatalf("the second voice gives %+v, want placements of both, its own first", second)
	}
	for _, p := range second {
		if p.Theme != 1 || !p.New || p.Fit <= 0 || p.Fit > 1 {
			t.Errorf("placement %+v, want new theme 1", p)
		}
	}
	if again := c.Assign(theme.Item{ID: 11, Text: "Bietet den Wanderstiefel doch in halben Größen an", Lang: "de", Kinds: wish}); again != nil {
		t.Errorf("assigned twice: %+v", again)
	}
}

func TestVoicesOfNoKindFoundNothing(t *testing.T) {
	t.Parallel()
	c := theme.New(theme.Config{NewID: counter()})
	for i := range 30 {
		for _, p := range c.Assign(theme.Item{ID: int64(i + 1), Text: fmt.Sprintf("Wetter heute schön in den Bergen %d", i), Lang: "de"}) {
			if p.Theme != 0 {
				t.Errorf("voices of no kind founded a theme: %+v", p)
			}
		}
	}
}

func TestAssignKeepsPraiseApart(t *testing.T) {
	t.Parallel()
	c := theme.New(theme.Config{NewID: counter()})
	at := ended(c, []theme.Item{
		{ID: 1, Text: "Bitte den Bergkönig in halben Größen", Lang: "de", Kinds: wish},
		{ID: 2, Text: "Wann kommt der Bergkönig in halben Größen?", Lang: "de", Kinds: wish | question},
		{ID: 3, Text: "Der Bergkönig in halben Größen, klasse!", Lang: "de", Kinds: praise},
		{ID: 4, Text: "Beim Bergkönig fehlen die halben Größen", Lang: "de", Kinds: problem},
	})
	if at[1].Theme == 0 || at[1].Theme != at[2].Theme || at[4].Theme != at[1].Theme {
		t.Errorf("wish, question and problem about one thing are apart: %+v", at)
	}
	if at[3].Theme == at[1].Theme {
		t.Error("praise joined a theme of wishes")
	}
}

func TestAssignFindsCopies(t *testing.T) {
	t.Parallel()
	c := theme.New(theme.Config{NewID: counter()})
	post := "Nach drei Wochen ist die Sohle am linken Schuh komplett abgegangen, mitten auf der Wanderung in den Vogesen"
	at := ended(c, []theme.Item{
		{ID: 1, Text: post, Lang: "de", Kinds: problem},
		{ID: 2, Text: "RT @bergfreund: " + post + " https://example.org/a1", Lang: "de", Kinds: problem},
		{ID: 3, Text: strings.ToUpper(post[:80]), Lang: "de", Kinds: problem},
		{ID: 4, Text: "Sohle abgegangen nach drei Wochen, am linken Schuh", Lang: "de", Kinds: problem},
	})
	if at[2].CopyOf != 1 || at[3].CopyOf != 1 {
		t.Errorf("copies: %+v and %+v, want both of voice 1", at[2], at[3])
	}
	if at[4].CopyOf != 0 || at[4].Theme == 0 {
		t.Errorf("another person's words: %+v, want a theme with voice 1 and no copy", at[4])
	}
	for id := int64(1); id <= 3; id++ {
		if at[id].Theme != at[4].Theme || at[id].Fit != at[1].Fit {
			t.Errorf("voice %d is in theme %d (%.2f), its original in %d (%.2f)", id, at[id].Theme, at[id].Fit, at[4].Theme, at[1].Fit)
		}
	}
}

func TestCompanyNamesWeighNothing(t *testing.T) {
	t.Parallel()
	said := []theme.Item{
		{ID: 1, Text: "Falkenhorst Falkenhorst Schuhe, Schnalle locker", Lang: "de", Kinds: problem},
		{ID: 2, Text: "Falkenhorst Falkenhorst Schuhe, Rücksendung fehlt", Lang: "de", Kinds: problem},
	}
	with := ended(theme.New(theme.Config{NewID: counter(), Names: []string{"Falkenhorst Schuhe"}}), said)
	without := ended(theme.New(theme.Config{NewID: counter()}), said)
	if with[2].Theme != 0 {
		t.Error("two voices share nothing but the company's name, and a theme")
	}
	if without[2].Theme == 0 {
		t.Error("the example does not test the names: without them the voices are apart too")
	}
}

func TestPoolIsBounded(t *testing.T) {
	t.Parallel()
	c := theme.New(theme.Config{NewID: counter(), Pool: 5, Copies: 50})
	c.Assign(theme.Item{ID: 1, Text: "Reißverschluss am Rucksack klemmt", Lang: "de", Kinds: problem})
	for i := range 5 {
		c.Assign(theme.Item{ID: int64(10 + i), Text: strings.Repeat(fmt.Sprintf("wort%d ", i), 3), Lang: "de", Kinds: problem})
	}
	if p := c.Assign(theme.Item{ID: 99, Text: "Reißverschluss am Rucksack klemmt", Lang: "de", Kinds: problem}); p[0].Theme != 0 {
		t.Errorf("the oldest single voice is still there: %+v", p)
	}
}

func TestAssignIsDeterministic(t *testing.T) {
	t.Parallel()
	a, b := theme.New(theme.Config{NewID: counter()}), theme.New(theme.Config{NewID: counter()})
	if x, y := a.AssignBatch(items()), b.AssignBatch(items()); !reflect.DeepEqual(x, y) {
		t.Error("the same voices gave different themes")
	}
	if x, y := a.Changed(1), b.Changed(1); !reflect.DeepEqual(x, y) {
		t.Error("the same voices gave different models")
	}
}

// Any text at all, in any language, placed in any order.
func TestAssignHoldsForAnyText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := theme.New(theme.Config{NewID: counter(), Pool: 3, Copies: 4})
		words := rapid.SampledFrom([]string{"größe", "Stiefel", "RT", "@du", "half", "sizes", "\xff", "🥾", "kinderschuhe", "schuhe", "#wien", "", "Wien."})
		seen := map[int64]bool{}
		for i := range rapid.IntRange(1, 40).Draw(t, "voices") {
			id := int64(i + 1)
			seen[id] = true
			it := theme.Item{ID: id, Lang: rapid.SampledFrom([]string{"de", "en", "", "fr"}).Draw(t, "lang"),
				Text:  strings.Join(rapid.SliceOfN(words, 0, 12).Draw(t, "words"), " "),
				Kinds: lastword.Kinds(rapid.IntRange(0, 15).Draw(t, "kinds"))}
			for _, p := range c.Assign(it) {
				if !seen[p.Voice] || p.Fit < 0 || p.Fit > 1 || math.IsNaN(p.Fit) || p.CopyOf == p.Voice || p.CopyOf != 0 && !seen[p.CopyOf] {
					t.Fatalf("placement %+v", p)
				}
				if p.Theme == 0 && p.Fit != 0 || p.Theme != 0 && c.Home(p.Theme) == 0 {
					t.Fatalf("placement %+v in no live theme", p)
				}
			}
		}
		for _, th := range c.Changed(7) {
			if len(th.Model) == 0 || len(th.Model) > 1200 || th.Company != 7 || th.Name == "" {
				t.Fatalf("theme %+v", th)
			}
		}
	})
}

// What half of a small company's people speak of is one theme, in however many
// words, and not one for each way to say it.
func TestAMainThemeIsWhole(t *testing.T) {
	t.Parallel()
	who := []string{"Meine", "Bei mir sind die", "Schon wieder: die", "Nach zwei Wochen sind die", "Schade, die", "Wieso sind die", "Im Urlaub waren die", "Bei meinem Mann sind die"}
	what := []string{"Schnürsenkel gerissen", "Senkel durchgescheuert", "Schnürsenkel kaputt, bitte stärkere", "Senkel gerissen, stärkere wären gut"}
	others := []string{
		"Bitte einen Laden in Wien eröffnen", "Wann gibt es einen Laden in Wien?", "In Wien fehlt ein Laden von euch",
		"Das Paket kam eine Woche zu spät", "Mein Paket ist seit Tagen unterwegs", "Wo bleibt mein Paket?",
		"Gibt es die Stiefel auch vegan?", "Bitte vegane Stiefel ohne Leder", "Vegan wäre toll, ich trage kein Leder",
		"Die Größentabelle stimmt nicht", "Eure Größentabelle passt nicht zu den Schuhen", "Die Tabelle der Größen ist falsch",
	}
	var its []theme.Item
	say := func(text string) {
		its = append(its, theme.Item{ID: int64(len(its) + 1), Text: text, Lang: "de", Kinds: wish})
	}
	for i, w := range who {
		for j, s := range what {
			say(w + " " + s)
			if k := i*len(what) + j; k%2 == 0 && k/2 < len(others) {
				say(others[k/2])
			}
		}
	}
	at := ended(theme.New(theme.Config{NewID: counter()}), its)
	sizes, most := map[int64]int{}, 0
	for _, it := range its {
		if strings.Contains(strings.ToLower(it.Text), "senkel") {
			if th := at[it.ID].Theme; th != 0 {
				sizes[th]++
				most = max(most, sizes[th])
			}
		}
	}
	if all := len(who) * len(what); most < all*9/10 {
		t.Errorf("of %d voices about laces %d are in one theme: %v", all, most, sizes)
	}
}

// A young theme may grow again when the crowd has let its first voices go.
func TestAssignRemembersVoicesThatTheCrowdLetGo(t *testing.T) {
	t.Parallel()
	c := theme.New(theme.Config{NewID: counter(), Window: 2})
	id := int64(0)
	say := func(n int, format string) (last []theme.Placement) {
		for range n {
			id++
			text := strings.ReplaceAll(format, "%", strconv.FormatInt(id, 10))
			last = c.Assign(theme.Item{ID: id, Text: text, Lang: "de", Kinds: wish})
		}
		return last
	}
	const half, other = "Bergkönig endlich in halben Größen, qx%q", "qa%x wo%y re%z tu%v"
	say(40, other) // all are gathered once, and 16 come after
	founded := say(3, half)[0].Theme
	say(30, other) // and again
	grown := say(8, half)[0].Theme
	if founded == 0 || grown != founded {
		t.Errorf("founded as %d, now %d", founded, grown)
	}
}
