package syndication_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"lastword/internal/syndication"
)

// What must be refused before the parser spends memory or stack on it.
func TestHostileDocumentsAreRefused(t *testing.T) {
	t.Parallel()
	channel := func(s string) string { return `<rss version="2.0"><channel><item>` + s + `</item></channel></rss>` }
	for name, doc := range map[string]string{
		"nesting":        channel(strings.Repeat("<a:b>", 100_000)),
		"nested HTML":    channel("<description>" + strings.Repeat("<div>", 100_000)),
		"elements":       channel(strings.Repeat("<a:b/>", 300_000)),
		"namespaces":     `<rss` + attributes("xmlns:a", 10_000) + `>` + strings.Repeat("<b/>", 10_000) + `</rss>`,
		"glued text":     channel("<a:b>" + strings.Repeat("a<!---->", 200_000) + "</a:b>"),
		"bases":          `<rss xml:base="http://a.example/` + strings.Repeat("x", 1000) + `">` + strings.Repeat(`<link href="a"/>`, 10) + `</rss>`,
		"JSON objects":   `{"version":"https://jsonfeed.org/version/1","items":[` + strings.Repeat("{},", 300_000) + `{}]}`,
		"Atom extension": `<feed xmlns="http://www.w3.org/2005/Atom"><entry>` + strings.Repeat("<x:y>", 50_000) + `</entry></feed>`,
	} {
		began := time.Now()
		if _, err := syndication.Decode([]byte(doc), "", at(t, "https://a.example/")); !errors.Is(err, syndication.ErrTooComplex) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s: refused after %s", name, took)
		}
	}
}

func attributes(prefix string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ` %s%d="u%d"`, prefix, i, i)
	}
	return b.String()
}

func TestItemsAndTextsAreBounded(t *testing.T) {
	t.Parallel()
	f := decode(t, `<rss><channel>`+strings.Repeat(`<item><title>a</title><link>https://a.example/</link></item>`, syndication.MaxItems+10)+`</channel></rss>`)
	if len(f.Items) != 1 {
		t.Errorf("%d items of the same id", len(f.Items))
	}
	var many strings.Builder
	for i := range syndication.MaxItems + 10 {
		fmt.Fprintf(&many, `<item><guid>%d</guid><title>a</title></item>`, i)
	}
	if f = decode(t, `<rss><channel>`+many.String()+`</channel></rss>`); len(f.Items) != syndication.MaxItems {
		t.Errorf("%d items", len(f.Items))
	}
	f = decode(t, `<rss><channel><item><guid>`+strings.Repeat("g", 1e5)+`</guid><title>`+strings.Repeat("ü", 1e5)+`</title><description>`+strings.Repeat("ö", 2e5)+`</description></item></channel></rss>`)
	if i := f.Items[0]; len(i.ID) > 100 || len(i.Title) > syndication.MaxTitle || len(i.Text) > syndication.MaxText || len(i.Text) < syndication.MaxText-4 || !utf8.ValidString(i.Text) {
		t.Errorf("id %d, title %d, text %d bytes", len(i.ID), len(i.Title), len(i.Text))
	}
}

// An item that says more than anybody writes is left out; the others are heard.
func TestOverlongItemsAreLeftOut(t *testing.T) {
	t.Parallel()
	f := decode(t, `<rss><channel><item><guid>1</guid><title>a</title></item><item><guid>2</guid><description>`+strings.Repeat("x", 2<<20)+
		`</description></item><item><guid>3</guid><title>c</title></item></channel></rss>`)
	if len(f.Items) != 2 || f.Items[0].ID != "1" || f.Items[1].ID != "3" || f.Damaged != 1 {
		t.Errorf("%d items, %d damaged", len(f.Items), f.Damaged)
	}
}

// folder holds feeds as they were found in the wild.
const folder = "../../../shared/data/streams/feeds/feedjira/spec/sample_feeds"

func wild(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob(folder + "/*")
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Skip("the feeds found in the wild are not here: " + folder)
	}
	docs := map[string][]byte{}
	for _, name := range names {
		doc, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		docs[filepath.Base(name)] = doc
	}
	return docs
}

// Every real feed is read, and each of its entries; what is refused is a piece
// of text cut out of one.
func TestFeedsFoundInTheWild(t *testing.T) {
	t.Parallel()
	read, items := 0, 0
	for name, doc := range wild(t) {
		f, err := syndication.Decode(doc, "", at(t, "https://a.example/feed"))
		if strings.Contains(name, "FirstEntry") {
			if !errors.Is(err, syndication.ErrNotFeed) {
				t.Errorf("%s, a piece of text: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want := entries(string(doc)); len(f.Items) != want {
			t.Errorf("%s: %d items, want %d", name, len(f.Items), want)
		}
		for _, i := range f.Items {
			check(t, i)
		}
		read, items = read+1, items+len(f.Items)
	}
	t.Logf("%d feeds, %d items", read, items)
}

func entries(doc string) int {
	if strings.Contains(doc, "jsonfeed.org") {
		return strings.Count(doc, `"date_published"`)
	}
	return strings.Count(doc, "</item>") + strings.Count(doc, "</entry>")
}

func check(t *testing.T, i syndication.Item) {
	t.Helper()
	switch {
	case i.ID == "", i.Text == "" && i.Title == "":
		t.Errorf("an item without id or text: %+v", i)
	case len(i.Text) > syndication.MaxText, len(i.Title) > syndication.MaxTitle, !utf8.ValidString(i.Title + i.Text + i.ID):
		t.Errorf("an item out of bounds: %q", i.ID)
	case i.Link != "" && !strings.HasPrefix(i.Link, "http"):
		t.Errorf("a link that is none: %q", i.Link)
	case i.Replies < 0 || i.Replies > math.MaxInt32:
		t.Errorf("%d replies", i.Replies)
	}
}

func BenchmarkDecode(b *testing.B) {
	docs := wild(b)
	size := 0
	for _, doc := range docs {
		size += len(doc)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, doc := range docs {
			if _, err := syndication.Decode(doc, "", nil); err != nil && !errors.Is(err, syndication.ErrNotFeed) {
				b.Fatal(err)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`<rss version="2.0"><channel><title>a</title><item><guid>1</guid><description><![CDATA[<p>x]]></description></item></channel></rss>`,
		`<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://a/"><entry><id>1</id><link href="b"/><content type="xhtml"><div>x</div></content></entry></feed>`,
		`<rdf:RDF><channel/><item><title>x</title><dc:date>1.2.2003</dc:date></item></rdf:RDF>`,
		`{"version":"https://jsonfeed.org/version/1","items":[{"id":1,"content_html":"<b>"}]}`,
		`<html><link rel=alternate type="application/rss+xml" href=x>`,
		"<rss><channel><item><title>a < b</title></item></i><item><title>&#1;&nbsp;\xff", "<\x00r\x00s\x00s\x00>\x00",
		`<?xml version="1.0" encoding="gbk"?><!DOCTYPE rss [<!ENTITY a "b">]><rss><channel><x:y>a<!-- -->b</x:y></channel></rss>`,
	} {
		f.Add([]byte(seed), "text/xml; charset=utf-8")
		f.Add([]byte(seed), "")
	}
	base := at(f, "https://a.example/b/c")
	f.Fuzz(func(t *testing.T, doc []byte, contentType string) {
		feed, err := syndication.Decode(doc, contentType, base)
		if err != nil && !errors.Is(err, syndication.ErrNotFeed) && !errors.Is(err, syndication.ErrBroken) && !errors.Is(err, syndication.ErrTooComplex) {
			t.Fatalf("an error of no kind: %v", err)
		}
		seen := map[string]bool{}
		for _, i := range feed.Items {
			check(t, i)
			if seen[i.ID] {
				t.Errorf("the id %q twice", i.ID)
			}
			seen[i.ID] = true
		}
	})
}
