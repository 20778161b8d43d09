package syndication_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lastword"
	"lastword/internal/syndication"
)

func at(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func decode(t testing.TB, doc string) syndication.Feed {
	t.Helper()
	f, err := syndication.Decode([]byte(doc), "", at(t, "https://werkstatt.example/blog/feed.xml"))
	if err != nil {
		t.Fatalf("%v in %s", err, doc)
	}
	return f
}

func day(y int, m time.Month, d, h, min int) time.Time {
	return time.Date(y, m, d, h, min, 0, 0, time.UTC)
}

func TestRSS2(t *testing.T) {
	t.Parallel()
	got := decode(t, `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:atom="http://www.w3.org/2005/Atom" xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"
 xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel><title>Werkstatt &amp; Laden</title><link>/</link><language>de_DE</language><ttl>90</ttl>
<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
<atom:link rel="hub" href="https://hub.example/"/><atom:link rel="self" href="feed.xml"/>
<item><title>Neue &lt;b&gt;Leisten&lt;/b&gt;</title><link>leisten</link><guid isPermaLink="false">l-1</guid>
 <pubDate>Mi, 05 Feb 2025 14:05:00 +0100</pubDate><dc:creator>Erika Muster</dc:creator><slash:comments>3</slash:comments>
 <wfw:commentRss>https://werkstatt.example/leisten/feed</wfw:commentRss>
 <description>kurz</description><content:encoded><![CDATA[<p>Endlich da.</p><p>Für breite Füße&nbsp;&ndash; bestellt!</p>]]></content:encoded></item>
<item><description>Ohne Titel, mit &auml; und
zwei Zeilen</description><author>max@werkstatt.example (Max Muster)</author></item>
</channel></rss>`)
	want := syndication.Feed{
		Format: "rss", Title: "Werkstatt & Laden", Link: "https://werkstatt.example/", Lang: "de-DE",
		Self: "https://werkstatt.example/blog/feed.xml", Hubs: []string{"https://hub.example/"}, Every: 12 * time.Hour,
		Items: []syndication.Item{{
			ID: "l-1", Link: "https://werkstatt.example/blog/leisten", Title: "Neue Leisten",
			Text: "Endlich da.\n\nFür breite Füße – bestellt!", Lang: "de-DE",
			Author: syndication.Author{Name: "Erika Muster"}, Published: day(2025, 2, 5, 13, 5),
			Comments: "https://werkstatt.example/leisten/feed", Replies: 3,
		}, {
			Text: "Ohne Titel, mit ä und\nzwei Zeilen", Lang: "de-DE",
			Author: syndication.Author{Name: "Max Muster", Email: "max@werkstatt.example"},
		}},
	}
	if !strings.HasPrefix(got.Items[1].ID, "sha256:") {
		t.Errorf("an item without id and link has the id %q", got.Items[1].ID)
	}
	got.Items[1].ID = ""
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestOldRSS(t *testing.T) {
	t.Parallel()
	rdf := decode(t, `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="x"><title>Zunft</title><link>https://zunft.example/</link><items><rdf:Seq><rdf:li resource="a"/></rdf:Seq></items></channel>
<item rdf:about="a"><title>Meistertag</title><link>https://zunft.example/a</link><description>Am Samstag.</description><dc:date>2024-05-04T09:00:00+02:00</dc:date><dc:language>de</dc:language></item></rdf:RDF>`)
	if len(rdf.Items) != 1 || rdf.Items[0].Published != day(2024, 5, 4, 7, 0) || rdf.Items[0].ID != "https://zunft.example/a" || rdf.Items[0].Lang != "de" {
		t.Errorf("RSS 1.0: %+v", rdf)
	}
	for _, v := range []string{"0.91", "0.92", "0.93"} {
		f := decode(t, `<rss version="`+v+`"><channel><title>Z</title><item><title>Nur ein Titel</title></item></channel></rss>`)
		if len(f.Items) != 1 || f.Items[0].Text != "Nur ein Titel" || f.Items[0].Title != "" {
			t.Errorf("RSS %s: %+v", v, f)
		}
	}
}

func TestAtom(t *testing.T) {
	t.Parallel()
	got := decode(t, `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0" xmlns:at="http://purl.org/atompub/tombstones/1.0" xml:lang="en" xml:base="https://shoes.example/news/">
<title type="html">Shoes &amp;amp; More</title><author><name>The Shop</name><uri>about</uri></author>
<link rel="self" href="https://shoes.example/atom"/><link rel="hub" href="https://hub.example/"/><link href="/"/>
<at:deleted-entry ref="tag:shoes.example,2024:9" when="2024-01-01T00:00:00Z"/>
<entry><id>tag:shoes.example,2024:1</id><title>Soles</title><link href="soles"/><link rel="replies" type="application/atom+xml" href="soles/atom"/>
 <published>2024-03-01T10:00:00Z</published><updated>2024-03-02T10:00:00Z</updated>
 <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>New <em>soles</em>.</p><p>a &lt; b</p></div></content><thr:total>7</thr:total></entry>
<entry><id>tag:shoes.example,2024:2</id><title>Re: Soles</title><updated>2024-03-02T11:00:00+01:00</updated>
 <author><name>Ann</name><email>ann@mail.example</email></author><thr:in-reply-to ref="tag:shoes.example,2024:1"/><summary>Too hard!</summary></entry></feed>`)
	want := syndication.Feed{
		Format: "atom", Title: "Shoes & More", Link: "https://shoes.example/", Lang: "en", Self: "https://shoes.example/atom",
		Author: syndication.Author{Name: "The Shop", URL: "https://shoes.example/news/about"},
		Hubs:   []string{"https://hub.example/"}, Deleted: []string{"tag:shoes.example,2024:9"},
		Items: []syndication.Item{{
			ID: "tag:shoes.example,2024:1", Link: "https://shoes.example/news/soles", Title: "Soles", Text: "New soles.\n\na < b", Lang: "en",
			Published: day(2024, 3, 1, 10, 0), Updated: day(2024, 3, 2, 10, 0), Comments: "https://shoes.example/news/soles/atom", Replies: 7,
		}, {
			ID: "tag:shoes.example,2024:2", Title: "Re: Soles", Text: "Too hard!", Lang: "en",
			Author:    syndication.Author{Name: "Ann", Email: "ann@mail.example"},
			Published: day(2024, 3, 2, 10, 0), Updated: day(2024, 3, 2, 10, 0), Parent: "tag:shoes.example,2024:1",
		}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	old := decode(t, `<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Alt</title><entry><id>x1</id><title>Eins</title>
<issued>2003-12-13T08:29:29-04:00</issued><modified>2003-12-13T18:30:02Z</modified><content type="text/html" mode="escaped">&lt;p&gt;Hallo&lt;/p&gt;</content></entry></feed>`)
	if i := old.Items[0]; i.Text != "Hallo" || i.Published != time.Date(2003, 12, 13, 12, 29, 29, 0, time.UTC) {
		t.Errorf("Atom 0.3: %+v", i)
	}
}

func TestJSONFeed(t *testing.T) {
	t.Parallel()
	got := decode(t, "\uFEFF\n"+`{"version":"https://jsonfeed.org/version/1.1","title":"Töne","home_page_url":"/","feed_url":"https://werkstatt.example/feed.json","language":"de",
"hubs":[{"type":"rssCloud","url":"https://no.example"},{"type":"WebSub","url":"https://hub.example/"}],"authors":[{"name":"Erika","url":"https://erika.example"}],
"items":[{"id":7,"url":"sieben","content_html":"<p>Sieben</p>","date_published":"2025-01-02T03:04:05+01:00"},null,
{"id":"8","content_text":"a <b> c","title":"Acht","tags":"kein Feld","author":{"name":"Max"}},{"id":"9"}]}`)
	want := syndication.Feed{
		Format: "json", Title: "Töne", Link: "https://werkstatt.example/", Lang: "de", Self: "https://werkstatt.example/feed.json",
		Author: syndication.Author{Name: "Erika", URL: "https://erika.example"}, Hubs: []string{"https://hub.example/"}, Damaged: 1,
		Items: []syndication.Item{
			{ID: "7", Link: "https://werkstatt.example/blog/sieben", Text: "Sieben", Lang: "de", Published: time.Date(2025, 1, 2, 2, 4, 5, 0, time.UTC)},
			{ID: got.Items[1].ID, Title: "Acht", Text: got.Items[1].Text, Lang: "de", Author: syndication.Author{Name: "Max"}},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestBrokenFeedsGiveWhatIsWhole(t *testing.T) {
	t.Parallel()
	item := func(n string) string {
		return "<item><guid>" + n + "</guid><description>Stimme " + n + "</description></item>"
	}
	head := `<rss version="2.0"><channel><title>T</title>`
	for name, doc := range map[string]string{
		"cut off within an item":     head + item("1") + item("2") + `<item><guid>3</guid><descr`,
		"cut off between items":      head + item("1") + item("2"),
		"a bare angle bracket":       head + item("1") + `<item><guid>x</guid><description>3 < 4</description></item>` + item("2") + `</channel></rss>`,
		"an open CDATA":              head + item("1") + `<item><description><![CDATA[ </description></item>` + item("2") + `</channel></rss>`,
		"a fault in the head":        head + `<image><title>a < b</title></image>` + item("1") + item("2") + `</channel></rss>`,
		"an open element before":     head + `<category a='b'>` + item("1") + item("2") + `</channel></rss>`,
		"a stray end tag":            head + item("1") + `</p></div>` + item("2") + `</channel></rss>`,
		"a stray end tag inside":     head + item("1") + strings.Replace(item("2"), "Stimme", "</i>Stimme", 1) + `</channel></rss>`,
		"open HTML inside":           head + item("1") + strings.Replace(item("2"), "Stimme 2", "<p>Stimme<br> 2<br>", 1) + `</channel></rss>`,
		"warnings before":            "<br />\n<b>Warning</b>: Undefined in <b>x.php</b><br />\n" + head + item("1") + item("2") + `</channel></rss>`,
		"blank lines before":         "\n\n \t<?xml version='1.0'?>" + head + item("1") + item("2") + `</channel></rss>`,
		"rubbish behind":             head + item("1") + item("2") + `</channel></rss><script>alert(1 < 2)</script>`,
		"forbidden characters":       head + item("1") + "\x00\x08\uFFFE" + strings.Replace(item("2"), "Stimme", "&#x1;\x0BStimme&#xFFFF;&#0;", 1) + `</channel></rss>`,
		"undeclared entities":        head + item("1") + strings.Replace(item("2"), "Stimme", "Sti&shy;mme", 1) + `</channel></rss>`,
		"an unknown prefix":          head + `<foo:bar>x</foo:bar>` + item("1") + item("2") + `</channel></rss>`,
		"a declaration in the midst": head + item("1") + `<?xml version="1.0" encoding="utf-16"?>` + item("2") + `</channel></rss>`,
		"an XML 1.1 declaration":     `<?xml version="1.1"?>` + head + item("1") + item("2") + `</channel></rss>`,
		"a document type":            `<!DOCTYPE rss [<!ENTITY a "&b;&b;"><!ENTITY b "bumm">]>` + head + item("1") + item("2") + `</channel></rss>`,
		"a prefix for all":           strings.NewReplacer("</", "</r:", "<rss", `<r:rss xmlns:r="http://backend.userland.com/rss2"`, "<", "<r:").Replace(head + item("1") + item("2") + `</channel></rss>`),
	} {
		f, err := syndication.Decode([]byte(doc), "", nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var ids, texts []string
		for _, i := range f.Items {
			if i.ID == "1" || i.ID == "2" {
				ids, texts = append(ids, i.ID), append(texts, i.Text)
			}
		}
		if !cmp.Equal(ids, []string{"1", "2"}) {
			t.Errorf("%s: items %v", name, ids)
			continue
		}
		for n, text := range texts {
			if got := strings.ReplaceAll(text, "\n", " "); got != "Stimme "+ids[n] {
				t.Errorf("%s: item %s says %q", name, ids[n], text)
			}
		}
	}
}

func TestWhatIsNoFeed(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]string{
		"nothing": "", "words": "hello", "an image": "\x89PNG\r\n\x1a\n\x00\x00", "other JSON": `{"items":[1,2]}`,
		"more JSON": `{"a":1}`, "a list": `[1]`, "other XML": `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`,
		"a sitemap": `<urlset><url><loc>https://a.example</loc></url></urlset>`,
	} {
		if _, err := syndication.Decode([]byte(doc), "", nil); !errors.Is(err, syndication.ErrNotFeed) || !errors.Is(err, lastword.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, doc := range map[string]string{
		"cut JSON":    `{"version":"https://jsonfeed.org/version/1","items":[{"id":`,
		"only a root": `<rss version="2.0"><channel><item><title>x`,
	} {
		if _, err := syndication.Decode([]byte(doc), "", nil); !errors.Is(err, syndication.ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if f := decode(t, `<rss version="2.0"><channel><title>Noch leer</title></channel></rss>`); len(f.Items) != 0 || f.Title != "Noch leer" {
		t.Errorf("an empty feed: %+v", f)
	}
}

func TestPagesNameTheirFeeds(t *testing.T) {
	t.Parallel()
	_, err := syndication.Decode([]byte(`<!DOCTYPE html><html><head><base href="/de/">
<link rel="stylesheet" href="x.css"><link rel="alternate" hreflang="en" href="/en">
<link rel="alternate" type="application/rss+xml" title="Laden &raquo; Kommentar-Feed" href="comments/feed">
<link rel='ALTERNATE home' type='application/atom+xml; charset=utf-8' href=atom.xml>
<link rel="alternate" type="application/rss+xml" href="https://other.example/rss"><link rel="alternate" type="application/rss+xml" href="https://other.example/rss">
<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)"></head><body>`), "text/html", at(t, "https://laden.example/"))
	var page *syndication.PageError
	if !errors.As(err, &page) || !errors.Is(err, syndication.ErrNotFeed) {
		t.Fatal(err)
	}
	want := []string{"https://laden.example/de/atom.xml", "https://other.example/rss", "https://laden.example/de/comments/feed"}
	if d := cmp.Diff(want, page.Feeds); d != "" {
		t.Error(d)
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	f := decode(t, `<rss version="2.0"><channel>
<item><guid>same</guid><link>https://a.example/2</link><title>Zwei</title></item>
<item><guid>same</guid><link>https://a.example/1</link><title>Eins</title></item>
<item><guid>twice</guid><link>https://a.example/3</link><title>alt</title><pubDate>Mon, 06 Jan 2025 10:00:00 GMT</pubDate></item>
<item><guid>twice</guid><link>https://a.example/3</link><title>neu</title><pubDate>Tue, 07 Jan 2025 10:00:00 GMT</pubDate></item>
<item><link>https://a.example/4</link><title>Vier</title></item>
<item><guid>https://a.example/?p=5#comment-9</guid><title>Kommentar</title></item>
<item><guid></guid></item></channel></rss>`)
	got := map[string]string{}
	for _, i := range f.Items {
		got[i.ID] = i.Text
	}
	want := map[string]string{
		"same https://a.example/2": "Zwei", "same": "Eins", "twice": "neu", "https://a.example/4": "Vier",
		"https://a.example/?p=5#comment-9": "Kommentar",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if p := f.Items[len(f.Items)-1].Parent; p != "https://a.example/?p=5" {
		t.Errorf("the comment replies to %q", p)
	}
}
