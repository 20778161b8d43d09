package match

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"lastword"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for _, alike := range [][]string{
		{"Größe", "groesse", "grosse", "GROESSE", "GRÖSSE", "GRÖẞE", "Gro\u0308ße", "gr\u00adöße"},
		{"Bauer"}, {"Baur"}, {"neue"}, {"neu"}, {"Quelle"}, {"due"}, {"du"}, {"Joe"}, {"Jo"}, {"steuer"}, {"stür"},
		{"Aufzüge", "aufzuege", "AUFZUEGE"},
		{"säen", "saeen"}, {"Israel", "Israël"},
		{"café", "cafe", "CAFE\u0301"}, {"Łódź", "lodz"}, {"æon", "aeon", "äon"},
		{"Ｂａｈｎ", "bahn", "𝐁𝐚𝐡𝐧", "ba\u200bhn", "BAHN", "\u202ebahn"},
		{"CO₂", "co2"}, {"й"}, {"и"}, {"ёлка", "елка"}, {"Ὀδυσσεύς", "οδυσσευσ"},
		{"한국"}, {"が"}, {"か"}, {"שָׁלוֹם", "שלום"},
	} {
		for _, w := range alike {
			if got, want := foldOf(w), foldOf(alike[0]); got != want || got == "" {
				t.Errorf("%q folds to %q, %q to %q", w, got, alike[0], want)
			}
		}
	}
}

func TestFoldKeepsApart(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"Bauer", "Baur"}, {"neue", "neu"}, {"due", "du"}, {"Joe", "Jo"}, {"Steuer", "Stür"}, {"й", "и"}, {"が", "か"},
		{"Quelle", "Qulle"}, {"bahn", "bahnen"}, {"a_b", "ab"},
	} {
		if foldOf(pair[0]) == foldOf(pair[1]) {
			t.Errorf("%q and %q are taken for one: %q", pair[0], pair[1], foldOf(pair[0]))
		}
	}
}

func foldOf(text string) string {
	var all []string
	for _, t := range split(text, false) {
		all = append(all, t.fold)
	}
	return strings.Join(all, " ")
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"e-Mail an @db_bahn: #Ausfall!", "e mail an @db_bahn #ausfall"},
		{"a#b a@b.de ##c #", "a b a b de #c"},
		{"東京 tokyo東京#旅", "東 京 tokyo 東 京 #旅"},
		{"bahn\xff\xc3hof", "bahn hof"},
		{"😡bahn😡", "bahn"},
		{"#\u200bbahn", "bahn"},
		{"ß ßß", "ss ssss"},
	} {
		var got []string
		for _, x := range split(c.text, false) {
			s := x.fold
			if x.sigil != 0 {
				s = string(x.sigil) + s
			}
			got = append(got, s)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("split(%q) = %q, want %q", c.text, s, c.want)
		}
	}
}

// TestShortcutsSayTheSame: what is known of common signs without looking them up
// is what the tables of Unicode say.
func TestShortcutsSayTheSame(t *testing.T) {
	t.Parallel()
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if isCommonGap(r) && (unicode.In(r, unicode.L, unicode.Nd, unicode.M, unicode.Cf) || unicode.IsNumber(r) && classOfNumber(r) != gap) {
			t.Errorf("%U is more than a gap", r)
		}
	}
}

// TestScanIsSplit: the fast way to take a text to words and the plain one agree.
func TestScanIsSplit(t *testing.T) {
	t.Parallel()
	m := scanner()
	rapid.Check(t, func(t *rapid.T) { checkScan(t, m, genText(t, "text")+rapid.String().Draw(t, "tail")) })
}

func TestScanIsSplitForEveryRune(t *testing.T) {
	t.Parallel()
	m := scanner()
	for r := rune(0); r <= 0x1FFFF; r++ {
		s := string(r)
		checkScan(t, m, s)
		checkScan(t, m, "bau"+s+"er#"+s+"x"+s+"e")
	}
}

// scanner returns a matcher that keeps sigils.
func scanner() *matcher { return Compile([]Numbered{{ID: 1, Query: mustParse("#x")}}, nil).matcher() }

func checkScan(t interface{ Fatalf(string, ...any) }, m *matcher, text string) {
	m.forget()
	m.scan(text)
	var hashes []uint64
	var sigils []signed
	for _, x := range split(text, false) {
		if x.sigil != 0 {
			sigils = append(sigils, signed{len(hashes), x.sigil})
		}
		hashes = append(hashes, hashBytes([]byte(x.fold)))
	}
	if !slices.Equal(m.hashes, hashes) || !slices.Equal(m.sigils, sigils) {
		t.Fatalf("%q: scan and split differ: %v, %v", text, m.sigils, sigils)
	}
}

func mustParse(text string) Query {
	q, err := Parse(text)
	if err != nil {
		panic(err)
	}
	return q
}

func TestLinks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, site string
		want       bool
	}{
		{"siehe https://news.example.org/a?b", "example.org", true},
		{"siehe HTTPS://u:p@News.Example.ORG:8080#x", "news.example.org", true},
		{"www.example.org.", "example.org", true},
		{"(www.example.org)", "www.example.org", true},
		{"https://notexample.org", "example.org", false},
		{"https://example.org.evil.test/", "example.org", false},
		{"https://evil.test/example.org", "example.org", false},
		{"https://evil.test?https://example.org", "example.org", false},
		{"awww.example.org", "example.org", false},
		{"http://müller.example…", "xn--mller-kva.example", true},
		{"http://xn--mller-kva.example", "müller.example", true},
		{"http:// example.org", "example.org", false},
	} {
		q := mustParse("site:" + c.site)
		if got := q.Matches(&lastword.Post{Text: c.text}); got != c.want {
			t.Errorf("site:%s in %q: %v", c.site, c.text, got)
		}
	}
}
