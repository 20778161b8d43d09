package understand

import (
	"strings"
	"testing"
)

func TestPolarityFilesAreRight(t *testing.T) {
	t.Parallel()
	for lang, file := range map[string]string{"de": germanPolarity, "en": englishPolarity} {
		if _, err := readLexicon(file, adjectiveEndings[lang]); err != nil {
			t.Errorf("%s: %v", lang, err)
		}
		polarity := map[string]string{}
		for line := range strings.Lines(file) {
			f := strings.Fields(line)
			if len(f) == 0 || line[0] == '#' || roleNames[f[0]] != 0 {
				continue
			}
			for _, w := range f[1:] {
				if p, twice := polarity[w]; twice {
					t.Errorf("%s: %q is %s and %s", lang, w, p, f[0])
				}
				polarity[w] = f[0]
			}
		}
		if len(polarity) < 1000 {
			t.Errorf("%s: only %d words", lang, len(polarity))
		}
	}
	for _, wrong := range []string{"+3 gut", "x gut", "+1", "+1 -", "+1 g*t", "1.5 gut"} {
		if _, err := readLexicon(wrong, nil); err == nil {
			t.Errorf("%q is taken for a line", wrong)
		}
	}
}

func TestPolarityOfWords(t *testing.T) {
	t.Parallel()
	for lang, words := range map[string]map[string]int8{
		"de": {"gut": 1, "guter": 1, "gutschein": 0, "gutem": 1, "güter": 0, "hervorragendes": 2, "enttäuschung": -1, "enttäuscht": -1,
			"kundenfreundlicher": 1, "unfreundlich": -1, "grottenschlecht": -2, "tisch": 0, "super": 1, "supermarkt": 0, "superlecker": 2,
			"leiwand": 2, "verspätet": -1, "versandkostenfrei": 1, "versandkosten": -1, "freitag": 0, "die": 0, "nervt": -1},
		"en": {"great": 1, "greatest": 2, "die": 0, "horribly": -2, "kindly": 1, "kindle": 0, "overpriced": -1, "good": 1, "goods": 0},
	} {
		l := lexicons()[lang]
		for w, want := range words {
			var r reading
			r.take(w)
			r.speaks(lang)
			r.f.read(r.s, r.tokens)
			if got := l.of(r.f.norms[0]).value; got != want {
				t.Errorf("%s: %q is %d, want %d", lang, w, got, want)
			}
		}
	}
}

func toneIn(s, lang string) tone {
	var r reading
	r.take(s)
	r.speaks(lang)
	r.f.read(r.s, r.tokens)
	return r.f.tone
}

func TestToneHearsWhatStandsAround(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]float32{
		"Das ist gut.":                           1,
		"Das ist nicht gut.":                     -1,
		"Gefällt mir nicht.":                     -1,
		"Nicht schlecht!":                        1,
		"Kein Problem.":                          1,
		"Leider kaputt.":                         -1,
		"Guten Tag, schöne Grüße":                0,
		"Der Zug fährt um acht.":                 0,
		"Zu klein.":                              -1,
		"Ein kleiner Laden.":                     0,
		"Schlechter Service, aber sehr leckeres": 0,
	} {
		got := toneIn(s, "de")[toneBalance]
		if want > 0 && got <= 0 || want < 0 && got >= 0 || want == 0 && (got > 0.3 || got < -0.3) {
			t.Errorf("%q: balance %.2f, want about %.0f", s, got, want)
		}
	}
	if a, b := toneIn("Das ist toll.", "de"), toneIn("Es wäre toll.", "de"); a[toneGood] <= b[toneGood] || b[toneUnreal] == 0 {
		t.Errorf("what would be good is as good as what is: %v %v", a, b)
	}
	if a := toneIn("Toll, wieder vierzig Minuten gewartet.", "de"); a[toneDoubtful] == 0 {
		t.Errorf("praise that is spoiled is not doubted: %v", a)
	}
	if a := toneIn("Das ist gut.", "fr"); a != (tone{}) {
		t.Errorf("a tone of a language without a list: %v", a)
	}
}

// A tone does not grow with the text.
func TestToneDoesNotGrow(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"Super gut, sehr schlecht! 😡 ", "toll ", "ganz furchtbar schrecklich, ", "nicht ", "zu teuer. ", "\xff?!"} {
		for _, n := range []int{1, 7, 300} {
			for i, v := range toneIn(strings.Repeat(s, n), "de") {
				if !(v >= -1 && v <= 1) {
					t.Errorf("%d × %q: number %d is %v", n, s, i, v)
				}
			}
		}
	}
}
