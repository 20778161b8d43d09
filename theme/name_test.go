package theme_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"lastword"
	"lastword/theme"
)

func voicesOf(lang string, texts ...string) (vs []lastword.Voice) {
	for i, t := range texts {
		vs = append(vs, voiceOf(theme.Item{ID: int64(i + 1), Text: t, Lang: lang, Kinds: wish}, 9, 0.9))
	}
	return vs
}

func TestName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lang, want string
		texts      []string
	}{
		{"de", "Halbe Größen", []string{"Bitte endlich halbe Größen!", "ich wünsche mir halbe Größen", "Gibt es halbe Größen irgendwann?"}},
		{"de", "Schnürsenkel", []string{"Die Schnürsenkel reißen dauernd", "Wieder sind die Schnürsenkel hin", "Bei mir halten die Schnürsenkel keinen Monat"}},
		{"en", "Wide fit", []string{"please offer a wide fit", "I would love a wide fit, really", "is a wide fit planned?"}},
		{"de", "Laden in Wien", []string{"@falkenhorst Macht einen Laden in Wien auf https://example.org/x", "Ein Laden in Wien, das wärs", "Wann kommt der Laden in Wien?"}},
	} {
		if got := theme.Name(voicesOf(c.lang, c.texts...), []string{"Falkenhorst"}); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	if got := theme.Name(nil, nil); got != "" {
		t.Errorf("%q without voices", got)
	}
}

// Names are what somebody would write over a folder: no numbers, no measures and
// dates, no half sentences.
func TestNameIsWhatADirectorWouldWrite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want  string
		texts []string
	}{
		{"Sohle löst sich", []string{"Bei mir löst sich die Sohle. Die Sohle löst sich vorne", "Nach drei Wochen, Sohle löst sich", "Hilfe, Sohle löst sich schon wieder"}},
		{"Versand", []string{"Der Versand kostet 12 Euro", "12 Euro für den Versand?", "Warum kostet der Versand 12 Euro"}},
		{"Nagel", []string{"Am Samstag war der Nagel lose, 26B", "Mein Nagel kam am Samstag, 26B", "Der Nagel mit 26B, gekauft am Samstag"}},
		{"Kassenbon", []string{"Ein Lob für Frau Özdemir, der Kassenbon kam nach", "Frau Özdemir fand meinen Kassenbon wieder", "Wo ist der Kassenbon? Sagt Frau Özdemir danke"}},
		{"Fahrkarten", []string{"Könnt jemand Fahrkarten verschicken", "Jemand da? Wär schön, die Fahrkarten mal zu haben", "Wär jemand so nett, meine Fahrkarten zu suchen"}},
		{"Räder", []string{"Die Räder quietschen auf Kopfsteinpflaster wie ein Esel", "Hilfe! Die Räder quietschen auf Asphalt", "Meine Räder quietschen auf Parkett, die Räder quietschen"}},
		{"Preisliste", []string{"Die Preisliste stimmt nicht, laut Liste 12 Euro", "In der Liste steht es anders als auf der Preisliste", "Eure Preisliste ist alt"}},
		{"Defekte Rolltreppe", []string{"Wieder vor defekter Rolltreppe gestanden", "Morgens mit defekter Rolltreppe leben", "Nichts als defekter Rolltreppe begegnet"}},
	} {
		if got := theme.Name(voicesOf("de", c.texts...), nil); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestNameIsShortAndClean(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringMatching(`([A-Za-zäöüÄÖÜß\-]{1,30}|@[a-z]{3}|https://[a-z]{4}\.org|[.,!#]| |🥾){1,25}`), 1, 6).Draw(t, "texts")
		for i := range texts {
			texts[i] += " Schuh"
		}
		name := theme.Name(voicesOf(rapid.SampledFrom([]string{"de", "en", "fr"}).Draw(t, "lang"), texts...), nil)
		if name == "" || utf8.RuneCountInString(name) > 50 || !utf8.ValidString(name) {
			t.Fatalf("name %q", name)
		}
		if strings.Contains(name, "@") || strings.Contains(name, "https:") {
			t.Fatalf("name %q holds an address", name)
		}
	})
}

func TestNamesAreStable(t *testing.T) {
	t.Parallel()
	c := theme.New(theme.Config{NewID: counter()})
	at := ended(c, items())
	th := at[1].Theme
	name := c.Name(th)
	for i := range 12 {
		text := "Halbe Größen fehlen mir"
		if i%2 == 0 {
			text = "Bitte halbe Größen für Damen"
		}
		c.Assign(theme.Item{ID: int64(100 + i), Text: text, Lang: "de", Kinds: wish})
	}
	if got := c.Name(th); got != name {
		t.Errorf("%q became %q by voices that say the same", name, got)
	}
}

func TestQuotesDifferAndMayBeShown(t *testing.T) {
	t.Parallel()
	vs := voicesOf("de",
		"Halbe Größen wären ein Traum für meine Füße",
		"Halbe Größen wären ein Traum für meine Füße!!",
		"Zwischen 42 und 43 liegt bei mir alles, bitte mehr Auswahl",
		"Das bleibt unter uns: halbe Größen fehlen im Katalog",
		"Warum hat jeder andere Hersteller halbe Größen im Angebot?",
		"ja")
	vs[3].Private = true
	got := theme.Quotes(vs, 3)
	slices.Sort(got)
	if len(got) != 3 || slices.Contains(got, 4) || slices.Contains(got, 6) {
		t.Fatalf("quotes %v", got)
	}
	if slices.Contains(got, 1) && slices.Contains(got, 2) {
		t.Errorf("quotes %v say the same twice", got)
	}
	if got := theme.Quotes(vs[3:4], 3); len(got) != 0 {
		t.Errorf("a private voice was quoted: %v", got)
	}
}

func TestSuggestFindsTwins(t *testing.T) {
	t.Parallel()
	ms, _ := models(t)
	c, err := theme.Restore(theme.Config{NewID: counter()}, []lastword.Theme{
		{ID: 3, Name: "a", Model: ms["half"]}, {ID: 4, Name: "b", Model: ms["half"]}, {ID: 5, Name: "c", Model: ms["vegan"]},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pairs := c.Suggest(10)
	if len(pairs) != 1 || pairs[0].A != 3 || pairs[0].B != 4 || pairs[0].Likeness < 0.9 {
		t.Errorf("%+v, want themes 3 and 4 alone", pairs)
	}
	if got := c.Suggest(0); len(got) != 0 {
		t.Errorf("%d pairs, want none", len(got))
	}
}

// However alike two themes are, one that a person named keeps its voices.
func TestANamedThemeIsNotMerged(t *testing.T) {
	t.Parallel()
	ms, _ := models(t)
	for _, named := range []int64{8} {
		var recent []lastword.Voice
		for i := range 12 {
			text := [3]string{"Bitte halbe Größen", "Wann kommen endlich halbe Größen", "Halbe Größen fehlen mir"}[i%3] +
				[4]string{" beim Bergkönig!", ", 42,5 wäre meine", " für Damen", " wie bei allen anderen auch"}[i%4]
			recent = append(recent, voiceOf(theme.Item{ID: int64(i + 1), Text: text, Lang: "de", Kinds: wish}, 1003+int64(i%2), 0.9))
		}
		for i, v := range invented {
			recent = append(recent, voiceOf(theme.Item{ID: int64(100 + i), Text: v.text, Lang: v.lang, Kinds: v.kinds}, 0, 0))
		}
		c, err := theme.Restore(theme.Config{NewID: counter()}, []lastword.Theme{
			{ID: 1003, Name: "a", Model: ms["half"]}, {ID: 1004, Name: "b", Model: ms["half"], NamedBy: named},
		}, recent)
		if err != nil {
			t.Fatal(err)
		}
		at := ended(c, []theme.Item{{ID: 900, Text: "Halbe Größen für den Bergkönig, bitte", Lang: "de", Kinds: wish}})
		if one := c.Home(1003) == c.Home(1004); one {
			t.Errorf("named by %d: one theme %v", named, one)
		}
		for id, p := range at {
			if named != 0 && id%2 == 0 && id <= 12 && p.Theme == 1003 {
				t.Errorf("voice %d was taken out of a theme that a person named", id)
			}
		}
	}
}
