package match

import (
	"strings"

	"pgregory.net/rapid"

	"lastword"
)

// Few words, so that random queries and random posts meet; each is spelled in
// several ways that the fold must, or must not, take for one.
var words = []string{
	"bahn", "Bahn", "BAHN", "bähn", "ba\u200bhn", "bahnhof", "autobahn", "Straßenbahn", "strassenbahn",
	"Größe", "Groesse", "grosse", "Gro\u0308ße", "schon", "neue", "Bauer", "Quelle", "due", "du", "Menue",
	"aufzug", "aufzuege", "Aufzüge", "kaputt", "a", "b", "e-mail", "CO₂", "co2", "Ｂａｈｎ", "𝐁𝐚𝐡𝐧",
	"Москва", "ёлка", "елка", "東京", "東", "京都", "ไทย", "नमस्ते", "שלום", "straße_1", "verkehrsverbundgesellschaft",
	"säen", "saeen", "Israël", "Israel", "naïve", "ÆON", "aeon", "Łódź", "lodz", "ŒUVRE", "ﬁx", "ẞ", "ﷺ", "ͺ", "bahn\u0308hof",
}

var glue = []string{
	" ", " ", " ", " ", " ", ", ", ". ", "-", "/", "\n", "#", " #", " @", "@", "_", "\u200b", "\u00ad", " \u202e", "😡", "❤\ufe0f", "…", "\xff",
	"\xc3", "\x00", "'", "\u0308", "\u0301", "\u3099", "¼", "²", "¡", "ß", "e", "é", "E",
}

var hosts = []string{"example.org", "www.Example.org", "news.example.org", "müller.example", "beispiel.test", "x", "notexample.org"}

func genText(t *rapid.T, label string) string {
	var b strings.Builder
	for range rapid.IntRange(0, 12).Draw(t, label) {
		switch rapid.IntRange(0, 15).Draw(t, "piece") {
		case 0:
			b.WriteString(rapid.SampledFrom([]string{"https://", "HTTP://user@", "www.", "://"}).Draw(t, "scheme"))
			b.WriteString(rapid.SampledFrom(hosts).Draw(t, "host"))
			b.WriteString(rapid.SampledFrom([]string{"", "/", ":80/a?b", "…"}).Draw(t, "path"))
		case 1:
			b.WriteString(rapid.String().Draw(t, "any"))
		default:
			b.WriteString(rapid.SampledFrom(words).Draw(t, "word"))
		}
		b.WriteString(rapid.SampledFrom(glue).Draw(t, "glue"))
	}
	return b.String()
}

func genPost(t *rapid.T) *lastword.Post {
	p := &lastword.Post{
		Text:    genText(t, "text"),
		Lang:    rapid.SampledFrom([]string{"", "de", "de-AT", "de_CH", "DEU", "en"}).Draw(t, "lang"),
		Network: rapid.SampledFrom([]string{"bluesky", "Feed", ""}).Draw(t, "network"),
		Own:     rapid.Bool().Draw(t, "own"),
		Private: rapid.Bool().Draw(t, "private"),
		Parent:  rapid.SampledFrom([]string{"", "1"}).Draw(t, "parent"),
	}
	p.Author.Handle = rapid.SampledFrom([]string{"", "Bahn", "@bahn", "ÄRGER", "other"}).Draw(t, "handle")
	if rapid.Bool().Draw(t, "titled") {
		p.Title = genText(t, "title")
	}
	if rapid.Bool().Draw(t, "linked") {
		p.URL = "https://" + rapid.SampledFrom(hosts).Draw(t, "urlhost") + "/1"
	}
	return p
}

// genQuery writes a query that is usually right.
func genQuery(t *rapid.T, depth int) string {
	if depth == 0 {
		return genLeaf(t)
	}
	a := genQuery(t, depth-rapid.IntRange(1, depth).Draw(t, "a"))
	b := genQuery(t, depth-rapid.IntRange(1, depth).Draw(t, "b"))
	switch rapid.IntRange(0, 7).Draw(t, "op") {
	case 0:
		return a + " OR " + b
	case 1:
		return "(" + a + " ODER " + b + ")"
	case 2:
		return a + " AND " + b
	case 3:
		return "(" + a + ") (" + b + ")"
	case 4:
		return a + " -(" + b + ")"
	case 5:
		return a + " OR NOT " + b
	case 6:
		return "NICHT (" + a + " UND NOT " + b + ")"
	}
	return genNear(t)
}

func genLeaf(t *rapid.T) string {
	w := rapid.SampledFrom(words).Draw(t, "term")
	switch rapid.IntRange(0, 11).Draw(t, "leaf") {
	case 0:
		return `"` + w + " " + rapid.SampledFrom(words).Draw(t, "second") + `"`
	case 1:
		return `„` + w + " " + rapid.SampledFrom(words).Draw(t, "second") + "* #" + rapid.SampledFrom(words).Draw(t, "third") + `“`
	case 2:
		return w + "*"
	case 3:
		return "*" + w
	case 4:
		return rapid.SampledFrom([]string{"*", "#*"}).Draw(t, "head") + w + "*"
	case 5:
		return "#" + w
	case 6:
		return "@" + w + rapid.SampledFrom([]string{"", "*"}).Draw(t, "tail")
	case 7:
		return rapid.SampledFrom([]string{
			"author:bahn", "author:@Ärger", "site:example.org", "site:org", "site:müller.example",
			"lang:de", "lang:de-at", "network:feed", "is:reply", "is:own", "is:private",
		}).Draw(t, "field")
	case 8:
		return `"` + w + " " + rapid.SampledFrom(words).Draw(t, "second") + " " + rapid.SampledFrom(words).Draw(t, "third") + `"`
	}
	return w
}

func genNear(t *rapid.T) string {
	side := func() string {
		if rapid.IntRange(0, 3).Draw(t, "side") == 0 {
			return "(" + genWordLeaf(t) + " OR " + genWordLeaf(t) + ")"
		}
		return genWordLeaf(t)
	}
	q := side()
	for range rapid.IntRange(1, 2).Draw(t, "chain") {
		q += " NEAR/" + rapid.SampledFrom([]string{"0", "1", "2", "5", "100"}).Draw(t, "n") + " " + side()
	}
	return q
}

func genWordLeaf(t *rapid.T) string {
	for {
		if s := genLeaf(t); !strings.Contains(s, ":") {
			return s
		}
	}
}
