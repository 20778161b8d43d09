package markdown_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"lastword/internal/markdown"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"# Neu\n\nWir machen **jetzt** _Weite H_.": "Neu\n\nWir machen jetzt Weite H.",
		"Zwei\nZeilen":                               "Zwei\nZeilen",
		"- eins\n- zwei\n\n1. a\n2. b":               "• eins\n• zwei\n\n1. a\n2. b",
		"[Mehr](https://lind.example/h)":             "Mehr https://lind.example/h",
		"https://lind.example/a_b_c ist da":          "https://lind.example/a_b_c ist da",
		"[x](javascript:alert(1))":                   "x",
		"1 < 2 und <b>fett</b> & <script>x</script>": "1 < 2 und <b>fett</b> & <script>x</script>",
		"Preis: 5 * 3 = 15, #Schuhe und @lind":       "Preis: 5 * 3 = 15, #Schuhe und @lind",
		"#Schuhe sind da":                            "#Schuhe sind da",
		"> Zitat":                                    "Zitat",
		"Grüße &amp; mehr 👩‍👩‍👧":                     "Grüße &amp; mehr 👩‍👩‍👧",
		"":                                           "",
	} {
		if got := markdown.Plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// Whatever somebody writes: nothing of it runs, and nothing is fetched from elsewhere.
func FuzzText(f *testing.F) {
	for _, s := range []string{"<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](https://evil.example/p.png)", "<img src=x onerror=y>",
		"[x](data:text/html;base64,x)", "[a]: javascript:x\n[a]", "<https://ok.example>", "<javascript:x>", "# a\n## b", "[x](JaVaScRiPt:y)", "![](vbscript:x)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out, err := markdown.HTML(s)
		if err != nil {
			t.Fatal(err)
		}
		markdown.Plain(s)
		for tokens := html.NewTokenizer(strings.NewReader(out)); ; {
			kind := tokens.Next()
			if kind == html.ErrorToken {
				return
			}
			token := tokens.Token()
			if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
				continue
			}
			switch token.Data {
			case "script", "img", "iframe", "style", "object", "form", "svg", "h1":
				t.Fatalf("%q brings <%s>", s, token.Data)
			}
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" {
					t.Fatalf("%q brings %s", s, a.Key)
				}
				if a.Key == "href" && a.Val != "" && !strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "http") && !strings.HasPrefix(strings.ToLower(a.Val), "mailto:") {
					t.Fatalf("%q leads to %q", s, a.Val)
				}
			}
		}
	})
}
