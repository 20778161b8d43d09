package twittertext_test

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"lastword/internal/twittertext"
)

// Whether joined pictographs are one emoji is a matter of Unicode's list.
func TestEmojiAreThoseOfUnicode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want int
	}{
		{"👨‍👩‍👧‍👦", 2},
		{"👩🏽‍🔬", 2},
		{"👩‍🔬👩‍🔬", 4},
		{"👟‍👟", 2 + 1 + 2},           // joined, and no emoji
		{"👨‍👩‍👟", 2 + 1 + 2 + 1 + 2}, // begins as one and ends as none
		{"👟🏽", 2 + 2},                // takes no tone
		{"👍🏽", 2},
		{"🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", 2},
		{"🇩🇪🇦🇹", 4},
		{"3️⃣", 2},
		{"©️", 2},
		{"©", 1},
		{"❤️‍🔥", 2},
		{"Größe", 5},
	} {
		if got := twittertext.Weigh(c.text); got != c.want {
			t.Errorf("%q weighs %d, want %d", c.text, got, c.want)
		}
	}
}

// A text may be as hostile as it likes: it costs about as much as any other of
// its length.
func TestHostileTextsAreRead(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"あ", "a.", "あ_", "a_.", "http://", "http://a.de/(", "#あ", "@a", "$A.", "x--.", "👨‍", "xn--a.", "http://a.de/@a@"} {
		text := strings.Repeat(part, 25_000/len(part))
		began := time.Now()
		twittertext.V3().Parse(text)
		twittertext.Entities(text)
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%q 25,000 bytes long took %s", part, took)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "Größe 44 gibt es nie: http://example.com/größe?x=1 #halbeGröße @hobelwerk/liste $AHL.B 👩🏽‍🔬",
		"http://t.co/abc's 中国語t.co/abcde한국twitter.com", "a.b_c.de:80/(x(y)z)", "#️⃣ ＃あ RT@a:// \u202atwitter.com\u202c", "\xff.\xfe@de",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, e := range twittertext.Entities(text) {
			if e.Start < end || e.End <= e.Start || e.End > len(text) || !strings.Contains(text[e.Start:e.End], e.Text) {
				t.Fatalf("%q: %+v", text, e)
			}
			if strings.ContainsFunc(e.Text, unicode.IsSpace) {
				t.Fatalf("%q: %q has space in it", text, e.Text)
			}
			end = e.End
		}
		r := twittertext.V3().Parse(text)
		if normal := norm.NFC.String(text); r.Weight > max(2*utf8.RuneCountInString(normal), 23*strings.Count(normal, ".")+2*utf8.RuneCountInString(normal)) {
			t.Errorf("%q weighs %d", text, r.Weight)
		}
		if r.Valid && r.InLimit.End != r.Display.End {
			t.Errorf("%q is valid and not all of it is: %+v", text, r)
		}
		twittertext.Link(text)
		twittertext.Highlight(text, []twittertext.Range{{Start: 1, End: 3}})
	})
}

func BenchmarkParse(b *testing.B) {
	const text = "Danke für Ihren Wunsch, @hobelwerk: Größe 44 kommt im März, siehe https://hobelwerk.example/groessen?g=44. Wir freuen uns 👟"
	for b.Loop() {
		twittertext.Weigh(text)
	}
}
