package bluesky

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"lastword/listen"

	"pgregory.net/rapid"
)

func TestCount(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][2]int{
		"":                        {0, 0},
		"Grüße":                   {5, 7},
		"e\u0301":                 {1, 3},
		"👩‍👩‍👧‍👦🇩🇪":               {2, 33},
		"a\r\nb":                  {3, 4},
		strings.Repeat("क्षि", 2): {2, 24},
	} {
		if n, b := Count(s); n != want[0] || b != want[1] {
			t.Errorf("Count(%q) = %d, %d, want %v", s, n, b, want)
		}
	}
}

func TestFacets(t *testing.T) {
	t.Parallel()
	known := func(handle string) string {
		if handle == "frieda.test" {
			return "did:plc:frieda"
		}
		return ""
	}
	for text, want := range map[string]string{
		"ohne":                                "",
		"sieh https://a.test/b.":              "link https://a.test/b",
		"(https://a.test/x_(y))":              "link https://a.test/x_(y)",
		"ä👋 https://a.test/?q=1#x, ja":        "link https://a.test/?q=1#x",
		"https://":                            "",
		"xhttps://a.test":                     "",
		"@Frieda.test hallo":                  "mention did:plc:frieda",
		"mail@frieda.test @niemand.test":      "",
		"#Hobel #10 #2026er! x#y ＃größe":      "tag Hobel tag 2026er tag größe",
		"#" + strings.Repeat("ä", 64):         "tag " + strings.Repeat("ä", 64),
		"#" + strings.Repeat("ä", 65):         "",
		"# leer ##x":                          "",
		"@frieda.test: https://a.test #a":     "mention did:plc:frieda link https://a.test tag a",
		"https://a.test/#anker @frieda.test)": "link https://a.test/#anker mention did:plc:frieda",
	} {
		var got []string
		for _, f := range facets(text, known) {
			x := f.Features[0]
			got = append(got, strings.TrimPrefix(x.Type, facetType), x.URI+x.DID+x.Tag)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("facets(%q) = %q, want %q", text, s, want)
		}
	}
}

// Every facet lies inside the text, between whole characters, and none over
// another: a service refuses the post otherwise.
func FuzzFacets(f *testing.F) {
	f.Add("@frieda.test https://a.test #Hobel")
	f.Add("(https://x) #a#b @a.b@c.d")
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, x := range facets(text, func(string) string { return "did:plc:x" }) {
			at := x.Index
			if at.Start < end || at.End <= at.Start || at.End > len(text) {
				t.Fatalf("%q: facet %+v after %d", text, at, end)
			}
			end = at.End
			if utf8.ValidString(text) && !utf8.ValidString(text[at.Start:at.End]) {
				t.Fatalf("%q: facet %+v cuts a character", text, at)
			}
		}
	})
}

func TestCursorsAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := cursor{
			Wire: wire(rapid.IntRange(0, 2).Draw(t, "wire")), Host: rapid.StringMatching(`[a-z.]{0,9}`).Draw(t, "host"),
			Found: rapid.SampledFrom([][]string{nil, {"0a"}, {"0a", "0b"}}).Draw(t, "found"),
			Seq:   rapid.Int64Min(0).Draw(t, "seq"), Time: rapid.Int64Min(0).Draw(t, "time"), Seen: rapid.Int64Min(0).Draw(t, "seen"),
		}
		got, err := parseCursor(c.String())
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Fatalf("%+v written as %s was read as %+v, %v", c, c, got, err)
		}
	})
}

func FuzzNotice(f *testing.F) {
	f.Add("at://did:plc:c/app.bsky.feed.post/3k", "did:plc:c", "2026-01-01T00:00:00Z", []byte(`{"$type":"app.bsky.feed.post","text":"a"}`))
	f.Fuzz(func(t *testing.T, uri, did, indexed string, record []byte) {
		s := stream{host: listen.Host{Dropped: func(string, string) {}}}
		n := notice{URI: uri, Record: record, IndexedAt: indexed, Author: profileView{DID: did}}
		if ev, ok := s.event(n, ""); ok && (ev.Post.Key != uri || ev.Post.Author.Key != did || ev.Post.Text == "" || ev.Post.SaidAt.IsZero()) {
			t.Errorf("a post was handed over that nobody said: %+v", ev.Post)
		}
	})
}

func FuzzDocument(f *testing.F) {
	f.Add([]byte(`{"service":[{"id":"#atproto_pds","type":"AtprotoPersonalDataServer","serviceEndpoint":"https://a.test"}]}`))
	f.Add([]byte(`{"service":[{"id":"#atproto_pds","type":"AtprotoPersonalDataServer","serviceEndpoint":{"x":1}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		at, err := resolver{directory: defaultDirectory}.endpoint("did:plc:c", b)
		if err == nil && (!strings.HasPrefix(at, "https://") || strings.ContainsAny(at[8:], "/?#@")) {
			t.Errorf("%s: the address %q was taken", b, at)
		}
	})
}
