package text_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"lastword/internal/text"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Straße":      "strasse",
		"GROẞ":        "gross",
		"A\u0308pfel": "äpfel", // A with a combining diaeresis
		"geht’s":      "geht's",
		"plain":       "plain",
		"İstanbul":    "istanbul",
		"\xffx":       "\ufffdx",
	} {
		if got := text.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFoldDigraphsMeet(t *testing.T) {
	t.Parallel()
	if a, b := text.FoldDigraphs("fährt"), text.FoldDigraphs("faehrt"); a != b {
		t.Errorf("%q and %q do not meet", a, b)
	}
	if got := text.FoldDigraphs("neue öfen übel"); got != "neue oefen uebel" {
		t.Errorf("got %q", got)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"Die Lampe flackert!":                 {"die", "lampe", "flackert"},
		"@anna@ort.example schau: #Lampen_2":  {"schau", "lampen_2"},
		"https://ort.example/a?b=c, 3.5 Watt": {"3.5", "watt"},
		"wirklich www.ort.example/x.":         {"wirklich"},
		"Mail an a.b@ort.example bitte":       {"mail", "an", "bitte"},
		"Super 👍🏽👍 :-))":                      {"super", "👍", "👍", ":)"},
		"❤️ und 👩‍🚒":                          {"❤", "und", "👩‍🚒"},
		"geht’s um 12:30? (don't)":            {"geht's", "um", "12:30", "don't"},
		"Lampen-App kaputt.Das":               {"lampen", "app", "kaputt", "das"},
		"#1 von 20":                           {"1", "von", "20"},
		"東京タワー":                               {"東", "京", "タ", "ワ", "ー"},
		"a\u200bb \u202eabc":                  {"a", "b", "abc"},
		"":                                    {},
	} {
		if got := text.Words(in); !slices.Equal(got, want) {
			t.Errorf("Words(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTokenKinds(t *testing.T) {
	t.Parallel()
	want := []text.Token{
		{Text: "@du", Start: 0, End: 3, Kind: text.Mention},
		{Text: "ää", Start: 4, End: 8, Kind: text.Word},
		{Text: "?", Start: 8, End: 10, Kind: text.Punct},
		{Text: "x", Start: 11, End: 13, Kind: text.Hashtag},
		{Text: "1.5", Start: 14, End: 17, Kind: text.Number},
		{Text: "http://a.b", Start: 18, End: 28, Kind: text.URL},
		{Text: ".", Start: 28, End: 29, Kind: text.Punct},
		{Text: ";)", Start: 30, End: 33, Kind: text.Emoji},
	}
	if got := text.Tokens("@du Ää?? #X 1.5 http://a.b. ;-)"); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestSentences(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"Die Lampe flackert. Bitte tauscht sie!":       {"Die Lampe flackert.", "Bitte tauscht sie!"},
		"Am 3. Mai ging z. B. das Licht aus. Schade.":  {"Am 3. Mai ging z. B. das Licht aus.", "Schade."},
		"Kommt ca. 2.500 mal vor, z.B. hier.":          {"Kommt ca. 2.500 mal vor, z.B. hier."},
		"Was?! \"Ja.\" Gut":                            {"Was?!", "\"Ja.\"", "Gut"},
		"eins\n\n zwei \r\ndrei...  vier":              {"eins", "zwei", "drei...", "vier"},
		"Siehe https://a.example/x?y=1.z und weiter…":  {"Siehe https://a.example/x?y=1.z und weiter…"},
		"Danke!👍 Bis dann":                             {"Danke!", "👍 Bis dann"},
		"  ":                                           {},
		"I said no. He left at 5. Mr. X was there too": {"I said no.", "He left at 5. Mr. X was there too"},
	} {
		got := []string{}
		for _, span := range text.Sentences(in) {
			got = append(got, in[span.Start:span.End])
		}
		if !slices.Equal(got, want) {
			t.Errorf("Sentences(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" a \t b\r\nc\r\r\r d\n":           "a b\nc\n\nd",
		"ab\u202edc\u2066x\u2069\u200bz":   "abdcxz",
		"👩\u200d🚒 a\u200db ❤\ufe0f\u200d🔥": "👩\u200d🚒 ab ❤\ufe0f\u200d🔥",
		"x\x00\x1b[31my\u00ad\ufeffz":      "x[31myz",
		"\xff\xfea":                        "\ufffd\ufffda",
		"a\U000E0041b":                     "ab",
		"\n\n":                             "",
	} {
		if got := text.Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanToCutsBetweenRunes(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int]string{0: "", 1: "a", 2: "a", 3: "aä", 4: "aä", 5: "aä b"} {
		if got := text.CleanTo("aä   b", limit); got != want {
			t.Errorf("limit %d: got %q, want %q", limit, got, want)
		}
	}
}

func TestPlainHTML(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"<p>Ein<br>Licht &amp; mehr</p><p>zwei\ndrei</p>":                     "Ein\nLicht & mehr\n\nzwei drei",
		"a<script>alert(1)</script><style>b{}</style><title>t</title>c":       "ac",
		"<ul><li>eins</li><li>zwei</li></ul>":                                 "- eins\n- zwei",
		`<a href="x"><span class="invisible">https://</span>a.example</a>`:    "https://a.example",
		`<img src=x alt=":licht:"> <b>fett</b>er`:                             ":licht: fetter",
		"1 < 2 &lt;b&gt; <!-- still --> ja":                                   "1 < 2 <b> ja",
		"<style>nie zu":                                                       "",
		"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>":     "a b\n\nc",
		"&#x202e;um&shy;gedreht":                                              "umgedreht",
		strings.Repeat("<div>", 9999) + "tief" + strings.Repeat("</div>", 99): "tief",
	} {
		if got := text.PlainHTML(in); got != want {
			t.Errorf("PlainHTML(%.60q) = %q, want %q", in, got, want)
		}
	}
}

func TestStemMeets(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{"de", "lampen", "lampe"}, {"de", "häuser", "haus"}, {"en", "charging", "charged"}, {"fr", "mots", "mots"},
	} {
		if a, b := text.Stem(c[0], c[1]), text.Stem(c[0], c[2]); a != b {
			t.Errorf("%s: %q and %q do not meet", c[0], a, b)
		}
	}
	if long := strings.Repeat("au", 40); text.Stem("de", long) != long {
		t.Error("an overlong word changed")
	}
}

func TestStopWordsAreFolded(t *testing.T) {
	t.Parallel()
	if !text.Stop("de", "über") || !text.Stop("en", "don't") || text.Stop("de", "lampe") || text.Stop("nl", "de") {
		t.Error("a common word is missing or a telling one is there")
	}
}

func TestOffsetsPointIntoTheText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { checkOffsets(t, rapid.String().Draw(t, "s")) })
}

// fataler is what *testing.T and *rapid.T share.
type fataler interface{ Fatalf(string, ...any) }

func checkOffsets(t fataler, s string) {
	end := 0
	for _, token := range text.Tokens(s) {
		if token.Start < end || token.End <= token.Start || token.End > len(s) || token.Text == "" {
			t.Fatalf("token %+v after %d in %q", token, end, s)
		}
		end = token.End
	}
	end = 0
	for _, span := range text.Sentences(s) {
		if span.Start < end || span.End <= span.Start || span.End > len(s) {
			t.Fatalf("sentence %+v after %d in %q", span, end, s)
		}
		end = span.End
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"@a@b.c #X https://a.b/c, 3.5 :-) 👩‍🚒", "\xff\xfe", "<p>a<br>&amp;<script>", "a\u202eb\u200d", "z. B. 3. Mai?!",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkOffsets(t, s)
		checkCleaned(t, text.Clean(s))
		checkCleaned(t, text.PlainHTML(s))
		if folded := text.Fold(s); text.Fold(folded) != folded {
			t.Errorf("Fold is not stable: %q", folded)
		}
		for _, word := range text.Words(s) {
			text.Stem("de", word)
			text.Stem("en", word)
		}
		if cut := text.CleanTo(s, 10); len(cut) > 10 || !strings.HasPrefix(text.Clean(s), cut) {
			t.Errorf("CleanTo gives %q", cut)
		}
	})
}

func checkCleaned(t *testing.T, clean string) {
	t.Helper()
	if !utf8.ValidString(clean) || text.Clean(clean) != clean {
		t.Errorf("not stable: %q becomes %q", clean, text.Clean(clean))
	}
	if strings.ContainsAny(clean, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\x00\r\t") {
		t.Errorf("left in: %q", clean)
	}
}
