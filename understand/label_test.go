package understand_test

import (
	"math"
	"strings"
	"sync"
	"testing"

	"lastword"
	"lastword/understand"
)

// shipped is the model of the program; it never changes.
var shipped = sync.OnceValues(understand.Load)

func load(t testing.TB) *understand.Model {
	t.Helper()
	m, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func label(t testing.TB, s string) lastword.Label {
	t.Helper()
	return load(t).Label(lastword.Post{Text: s}, nil)
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]lastword.Kinds{
		"Bitte baut doch endlich einen Dimmer in die Lampen ein!":                        lastword.Wish,
		"Die Lampen sollten auch in Warmweiß angeboten werden.":                          lastword.Wish,
		"@lumenhaus Es wäre schön, wenn man die Leuchten auch mieten könnte.":            lastword.Wish,
		"@lumenhaus Die neue Anzeigetafel ist schon wieder defekt, seit Wochen kaputt 😡": lastword.Problem,
		"@lumenhaus Wann ist der Aufzug im Laden wieder in Betrieb?":                     lastword.Question,
		"Wie lange habt ihr heute offen?":                                                lastword.Question,
		"Please add a dark theme to the app, it would be great.":                         lastword.Wish,
		"The app keeps crashing since the last update, terrible and useless.":            lastword.Problem,
		"Great app, love it! Thanks, works perfect.":                                     lastword.Praise,
		"Heute Abend Vollmond über der Stadt. https://ort.example/bild":                  0,
	} {
		got := label(t, s)
		if got.Kinds&want != want || want == 0 && got.Kinds != 0 {
			t.Errorf("%q: %v %.2f, want %v", s, got.Kinds, got.P, want)
		}
	}
}

func TestWishIsTheWordsThatCarryIt(t *testing.T) {
	t.Parallel()
	const s = "@lumenhaus Hallo zusammen, ich war gestern bei euch im Laden. Bitte führt die Lampe auch in Grün ein! Schöne Grüße 🙂 https://ort.example"
	got := label(t, s)
	if want := "Bitte führt die Lampe auch in Grün ein!"; got.Wish != want {
		t.Errorf("wish is %q, want %q", got.Wish, want)
	}
}

func TestWishIsWithoutItsReason(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"Bitte baut mehr Lampen an die Wege, damit man nachts etwas sieht.": "Bitte baut mehr Lampen an die Wege",
		"Wien: Bitte stellt mehr Lampen auf (Ring, Gürtel).":                "Bitte stellt mehr Lampen auf",
		"Könntet ihr bitte einen Dimmer einbauen, @lumenhaus?":              "Könntet ihr bitte einen Dimmer einbauen",
		"Und bitte baut endlich einen Dimmer ein!!":                         "bitte baut endlich einen Dimmer ein!!",
		"Bitte baut (endlich) einen Dimmer ein!":                            "Bitte baut (endlich) einen Dimmer ein!",
		"Please add a dimmer, because it is too bright.":                    "Please add a dimmer",
	} {
		if got := label(t, s).Wish; got != want {
			t.Errorf("%q: wish is %q, want %q", s, got, want)
		}
	}
}

func TestWishIsNeverTakenFromTheTitle(t *testing.T) {
	t.Parallel()
	post := lastword.Post{Title: "Bitte baut einen Dimmer ein!", Text: "Bitte baut auch einen Schalter ein. Danke"}
	got := load(t).Label(post, nil)
	if got.Kinds&lastword.Wish == 0 || !strings.Contains(post.Text, got.Wish) || got.Wish == "" {
		t.Errorf("kinds %v, wish %q", got.Kinds, got.Wish)
	}
}

func TestFeeling(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]lastword.Feeling{
		"Das ist mega schön geworden, ich freue mich so :)":       lastword.Positive,
		"So ein Mist, schon wieder kaputt, das nervt nur noch 😡":  lastword.Negative,
		"Ab Montag gilt der neue Fahrplan. https://ort.example/x": lastword.Neutral,
		"This is the worst app ever, crashes all the time":        lastword.Negative,
		"Wonderful, excellent, I love it":                         lastword.Positive,
	} {
		if got := label(t, s); got.Feeling != want {
			t.Errorf("%q: %v (%.2f), want %v", s, got.Feeling, got.PFeeling, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"@a Die neue Lampe gefällt mir richtig gut #light": "de",
		"The new lamp is really bright, I like it":         "en",
		"La nouvelle lampe est vraiment très belle":        "fr",
		"La nueva lámpara es muy bonita y barata":          "es",
		"La nuova lampada è davvero molto bella":           "it",
		"De nieuwe lamp is echt heel mooi geworden":        "nl",
		"Nowa lampa jest naprawdę bardzo ładna":            "pl",
		"A nova lâmpada é muito bonita e não é cara":       "pt",
		"Den nya lampan är verkligen mycket fin":           "sv",
		"Yeni lamba gerçekten çok güzel olmuş":             "tr",
		"Nová lampa je opravdu velmi hezká":                "cs",
		"Lampa cea nouă este foarte frumoasă și ieftină":   "ro",
		"Новая лампа очень красивая":                       "ru",
		"新しいランプはとてもきれいです":                                  "ja",
		"新灯非常漂亮":                                           "zh",
		"Η νέα λάμπα είναι πολύ ωραία":                     "el",
		"👍👍 https://ort.example":                           "",
	} {
		if got := label(t, s); got.Language != want {
			t.Errorf("%q: %q, want %q", s, got.Language, want)
		}
	}
}

func TestThePlacesWordIsAWeakHint(t *testing.T) {
	t.Parallel()
	m := load(t)
	for _, c := range []struct{ text, said, want string }{
		{"Die neue Lampe gefällt mir richtig gut, danke dafür", "en-US", "de"},
		{"👍", "de-AT", "de"},
		{"Новата лампа е много красива", "bg", "bg"},
		{"Uusi lamppu on todella kaunis", "fi", "fi"},
		{"👍", "not a tag", ""},
	} {
		if got := m.Language(c.text, c.said); got != c.want {
			t.Errorf("%q said to be %q: %q, want %q", c.text, c.said, got, c.want)
		}
	}
}

func TestAbout(t *testing.T) {
	t.Parallel()
	names := []string{"Lumenhaus", "Blume & Söhne", "Glow", "OTT"}
	for _, c := range []struct {
		post     lastword.Post
		low, top float64
	}{
		{lastword.Post{Text: "@Lumenhaus bitte mehr Licht"}, 0.95, 1},
		{lastword.Post{Text: "@lumenhaus_de bitte mehr Licht"}, 0.9, 1},
		{lastword.Post{Text: "Gestern bei #LumenHaus gewesen"}, 0.95, 1},
		{lastword.Post{Text: "Die Leute von Blume & Söhne sind nett"}, 0.9, 1},
		{lastword.Post{Text: "Mehr unter https://www.lumenhaus.example/neu"}, 0.8, 0.9},
		{lastword.Post{Text: "Der OTT war wieder da"}, 0.7, 0.8},
		{lastword.Post{Text: "What a nice glow this Morning in Berlin"}, 0, 0.49},
		{lastword.Post{Text: "Hallo @glowfanclub"}, 0.9, 1},
		{lastword.Post{Text: "Hallo @derlumenhausfan"}, 0, 0.49},
		{lastword.Post{Text: "Wo gibt es gute Lampen?"}, 0.2, 0.4},
		{lastword.Post{Text: "Und wann?", Parent: "1"}, 0.6, 0.8},
	} {
		if got := load(t).Label(c.post, names).About; got < c.low || got > c.top {
			t.Errorf("%q: %.2f, want %.2f…%.2f", c.post.Text, got, c.low, c.top)
		}
	}
	if got := label(t, "egal").About; got != 1 {
		t.Errorf("without names: %.2f", got)
	}
}

func FuzzLabel(f *testing.F) {
	f.Add("Titel", "Bitte baut einen Dimmer ein! Danke @a", "de", "Lumenhaus")
	f.Add("", "\xff\u202e?!:-)\n\n#", "x", "")
	f.Add("a", strings.Repeat("Wort? ", 900), "en", "wort wort")
	f.Fuzz(func(t *testing.T, title, s, lang, name string) {
		post := lastword.Post{Title: title, Text: s, Lang: lang}
		checkLabel(t, post, load(t).Label(post, []string{name}))
	})
}

func checkLabel(t *testing.T, post lastword.Post, l lastword.Label) {
	t.Helper()
	if !strings.Contains(post.Text, l.Wish) || l.Kinds&lastword.Wish == 0 && l.Wish != "" {
		t.Errorf("wish %q of kinds %v is not from the text %q", l.Wish, l.Kinds, post.Text)
	}
	for _, p := range append(l.P[:], l.PFeeling, l.About) {
		if p < 0 || p > 1 || math.IsNaN(p) {
			t.Errorf("probability %v in %+v", p, l)
		}
	}
	if l.Version != understand.Version || l.Feeling < -1 || l.Feeling > 1 || len(l.Language) > 3 {
		t.Errorf("label %+v", l)
	}
}

// BenchmarkLoad reads the shipped models.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := understand.Load(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLabel reads short posts of about 100 bytes, everything together.
func BenchmarkLabel(b *testing.B) { readShortPosts(b, load(b)) }

func readShortPosts(b *testing.B, m *understand.Model) {
	posts := []lastword.Post{
		{Text: "@lumenhaus Bitte führt die kleine Stehlampe auch in Grün ein! Die weiße passt nirgends. https://ort.example/1"},
		{Text: "Schon wieder 40 Minuten gewartet und dann war die Ansage im Laden auch noch falsch, so macht das keinen Spaß 😡"},
		{Text: "@lumenhaus hat der Laden am Markt am Samstag auch nach 18 Uhr auf? #lampen"},
		{Text: "The new update drains my battery and keeps crashing, please fix it soon. Otherwise a great app, thanks!"},
	}
	names, n := []string{"Lumenhaus", "Lumen GmbH"}, 0
	for b.Loop() {
		m.Label(posts[n%len(posts)], names)
		n++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
}
