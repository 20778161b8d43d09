package markdown_test

import (
	"fmt"
	"slices"
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

// Angle brackets are words: nothing of a text is lost because of them.
func TestAngleBracketsAreWords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"<script>alert(1)</script> **fett**": "<p>&lt;script&gt;alert(1)&lt;/script&gt; <strong>fett</strong></p>\n",
		"a <b>c</b>":                         "<p>a &lt;b&gt;c&lt;/b&gt;</p>\n",
		"<div>\nx\n</div>":                   "<p>&lt;div&gt;<br>x<br>&lt;/div&gt;</p>\n",
		"# Neu":                              "<h2>Neu</h2>\n",
	} {
		if got, err := markdown.HTML(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	got, err := markdown.Blocks("# Neu\n\nWir machen **jetzt**\n_Weite H_.\n\n- eins\n- *zwei*\n\n1. a\n2. b\n\n3. lose\n\n> Zitat\n\n- oben\n  - unten\n\n7. sieben\n\n```\na <br>\nb\n```\n\n---\n")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, b := range got {
		all = append(all, fmt.Sprintf("%s|%d|%v|%q|%v", b.HTML, b.Level, b.Words, b.Items, b.Count))
	}
	want := []string{
		`<h2>Neu</h2>|2|false|[]|false`,
		`<p>Wir machen <strong>jetzt</strong><br><em>Weite H</em>.</p>|0|true|[]|false`,
		"<ul>\n<li>eins</li>\n<li><em>zwei</em></li>\n</ul>|0|false|[\"eins\" \"<em>zwei</em>\"]|false",
		"<ol>\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n</li>\n<li>\n<p>lose</p>\n</li>\n</ol>|0|false|[]|true",
		"<blockquote>\n<p>Zitat</p>\n</blockquote>|0|false|[]|false",
		"<ul>\n<li>oben\n<ul>\n<li>unten</li>\n</ul>\n</li>\n</ul>|0|false|[]|false",
		"<ol start=\"7\">\n<li>sieben</li>\n</ol>|0|false|[]|false",
		"<pre><code>a &lt;br&gt;\nb\n</code></pre>|0|false|[]|false",
		"<hr>|0|false|[]|false",
	}
	if !slices.Equal(all, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(all, "\n"), strings.Join(want, "\n"))
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
