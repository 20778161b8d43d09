package match

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lastword"
)

// TestSetIsEachQueryAlone holds the compiled set to its meaning: each query by
// itself, over random queries and posts.
func TestSetIsEachQueryAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		queries := genQueries(t)
		posts := rapid.SliceOfN(rapid.Custom(genPost), 1, 6).Draw(t, "posts")
		var f *Frequencies
		if rapid.Bool().Draw(t, "learned") {
			f = &Frequencies{}
			for _, p := range posts {
				f.Learn(p)
			}
		}
		set := Compile(queries, f)
		for range 2 { // twice: nothing may be left over from the post before
			for _, p := range posts {
				checkSet(t, set, queries, p)
				checkSpans(t, queries[0].Query, p)
			}
		}
	})
}

func genQueries(t *rapid.T) []Numbered {
	var queries []Numbered
	for len(queries) == 0 || rapid.IntRange(0, 9).Draw(t, "more") > 0 && len(queries) < 30 {
		text := genQuery(t, rapid.IntRange(0, 5).Draw(t, "depth"))
		if q, err := Parse(text); err == nil {
			queries = append(queries, Numbered{ID: int64(100 + len(queries)), Query: q})
		}
	}
	return queries
}

func checkSet(t interface{ Fatalf(string, ...any) }, set *Set, queries []Numbered, p *lastword.Post) {
	got := set.Match(p, nil)
	slices.Sort(got)
	var want []int64
	for _, q := range queries {
		if q.Matches(p) {
			want = append(want, q.ID)
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%q / %q: got %v, want %v; queries %v", p.Title, p.Text, got, want, queries)
	}
}

func TestMeaning(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		query, text string
		want        bool
	}{
		{"Größe", "die groesse", true},
		{"bahn zug", "zug und bahn", true},
		{"bahn zug", "bahn", false},
		{"bahn OR zug bus", "zug", false},
		{"bahn OR zug bus", "bahn", true},
		{"bahn -zug", "bahn zug", false},
		{`"guten morgen"`, "guten, Morgen", true},
		{`"guten morgen"`, "morgen guten", false},
		{"a NEAR/1 b", "b x a", true},
		{"a NEAR/1 b", "b x x a", false},
		{"a NEAR/0 a", "a b", false},
		{"a NEAR/0 a", "a a", true},
		{`"a b" NEAR/1 (c OR d)`, "d x a b", true},
		{`"a b" NEAR/0 "b c"`, "a b c", false},
		{"a NEAR/0 b NEAR/0 c", "a b x b c", true},
		{"a NEAR/0 b NEAR/0 c", "a b x c", false},
		{"bahn*", "Bahnhof", true},
		{"bahn*", "Autobahn", false},
		{"*bahn", "Autobahnen", false},
		{"*bahn*", "Autobahnen", true},
		{`"auto* platz"`, "Autobahn Platz", true},
		{"#bahn", "bahn", false},
		{"bahn", "#Bahn", true},
		{"#bahn*", "#Bahnstreik", true},
		{"@bahn", "#bahn", false},
		{strings.Repeat("lang", 20) + "*", strings.Repeat("lang", 21), true},
		{strings.Repeat("lang", 20) + "*", "x" + strings.Repeat("lang", 21), false},
		{"bahn OR -bahn", "", true},
		{"zug OR -bahn", "bus", true},
	} {
		q := mustParse(c.query)
		p := &lastword.Post{Text: c.text}
		if got := q.Matches(p); got != c.want {
			t.Errorf("%s in %q: %v", c.query, c.text, got)
		}
		checkSet(t, Compile([]Numbered{{ID: -7, Query: q}}, nil), []Numbered{{ID: -7, Query: q}}, p)
	}
}

func TestTitleAndTextAreApart(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`"a b"`, "a NEAR/100 b", `"x a bcde*"`, `"x a b"`} {
		q := []Numbered{{ID: 1, Query: mustParse(text)}}
		p := &lastword.Post{Title: "x a", Text: "b bcdef"}
		if got := Compile(q, nil).Match(p, nil); len(got) > 0 || q[0].Matches(p) {
			t.Errorf("%s reaches from the title into the text", text)
		}
	}
}

func TestMatchAppends(t *testing.T) {
	t.Parallel()
	set := Compile([]Numbered{{ID: 5, Query: mustParse("a OR b OR *abc*")}, {ID: 6}}, nil)
	if got := set.Match(&lastword.Post{Text: "a b xabcx"}, []int64{9}); !slices.Equal(got, []int64{9, 5}) {
		t.Errorf("got %v, want 5 once, behind what was there", got)
	}
	if set.Len() != 1 {
		t.Errorf("Len = %d: a zero Query wants nothing", set.Len())
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	var queries []Numbered
	for i, s := range []string{"bahn*", "*hof*", "#zug", `"der zug"`, "zug NEAR/5 spät", "lang:de is:own author:anna network:x", "-a OR b", "site:example.org"} {
		queries = append(queries, Numbered{ID: int64(i), Query: mustParse(s)})
	}
	m := Compile(queries, nil).matcher()
	p := &lastword.Post{Text: "Der #Zug am Bahnhof ist heute so spät wie nie http://example.org/größe", Lang: "de", Own: true, Network: "X", Author: lastword.Author{Handle: "@Anna"}}
	into := make([]int64, 0, 16)
	if n := testing.AllocsPerRun(100, func() { into = m.match(p, into[:0]) }); n > 0 {
		t.Errorf("%v allocations a post", n)
	}
	if len(into) != len(queries) {
		t.Errorf("matched %v, want all", into)
	}
}

func TestMatchByMany(t *testing.T) {
	t.Parallel()
	queries := []Numbered{{ID: 1, Query: mustParse("bahn OR zug")}, {ID: 2, Query: mustParse("bahn -zug")}}
	set := Compile(queries, nil)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 500 {
				p := &lastword.Post{Text: []string{"bahn", "zug bahn", "bus"}[i%3]}
				if got := len(set.Match(p, nil)); got != 2-i%3 {
					t.Errorf("%q: %d matches", p.Text, got)
				}
			}
		})
	}
	all.Wait()
}

// TestHostilePosts: what no person writes is read to its end all the same, and
// judged alike both ways.
func TestHostilePosts(t *testing.T) {
	t.Parallel()
	var queries []Numbered
	for i, s := range []string{"a NEAR/3 b", "(a OR c) NEAR/100 zug", `"a a a b"`, `"a* b*x"`, "aaa*", "*aaa*", "*aab", "#a", "lang:de", "site:a.a", "a -b", "-a OR b", "zug"} {
		q, err := Parse(s)
		if err == nil {
			queries = append(queries, Numbered{ID: int64(i), Query: q})
		}
	}
	set := Compile(queries, nil)
	for _, unit := range []string{
		"a", "a ", "a b ", "aab", "\x00", "\x1b[", "\u202e", "\u200b", "a\u200b", "a\u0308", "\xff", "a\xff", "\xc3", "ß", "ﷺ",
		"#", "#a", "##a", "@a", "www.", "www.a ", "://", "a://a.a ", "http://a.a.a.a.a.a/ ", "東", "ä", "uae", "\U0001F600", "-", "e\u0301",
	} {
		for _, size := range []int{1 << 14, 1 << 20} {
			text := strings.Repeat(unit, size/len(unit))
			p := &lastword.Post{Text: text, Lang: text, Network: text, URL: text, Author: lastword.Author{Handle: text}}
			if size > 1<<14 { // one by one they take seconds
				start := time.Now()
				n := len(set.Match(p, nil))
				t.Logf("%q: %d matches in %v", unit, n, time.Since(start))
				continue
			}
			checkSet(t, set, queries, p)
			checkSet(t, set, queries, &lastword.Post{Title: text})
		}
	}
}

// FuzzMatch: for any query and any post, the set and the query by itself agree,
// and what is explained lies in the post.
func FuzzMatch(f *testing.F) {
	for _, q := range []string{`bahn* -"a b" OR größe NEAR/2 (zug OR #x)`, "*bahn* lang:de", "site:example.org", "-a OR b", `"#a b* c"`} {
		f.Add(q, "Titel", "Die \u202eGrößenba\u200bhn #x a b c http://example.org/\xff", "de-AT", "@Anna")
	}
	f.Fuzz(func(t *testing.T, query, title, text, lang, handle string) {
		p := &lastword.Post{Title: title, Text: text, Lang: lang, URL: handle, Author: lastword.Author{Handle: handle}}
		checkScan(t, scanner(), text)
		q, err := Parse(query)
		if err != nil {
			return
		}
		checkSet(t, Compile([]Numbered{{ID: 1, Query: q}}, nil), []Numbered{{ID: 1, Query: q}}, p)
		checkSpans(t, q, p)
	})
}

func TestFields(t *testing.T) {
	t.Parallel()
	p := &lastword.Post{
		Network: "Bluesky", URL: "https://Sub.Example.org:443/x", Lang: "de_AT-1996", Parent: "1", Private: true,
		Author: lastword.Author{Handle: "@Ärger.example"}, Text: "siehe www.beispiel.test!",
	}
	for query, want := range map[string]bool{
		"lang:de": true, "lang:de-at": true, "lang:DE_AT-1996": true, "lang:d": false, "lang:de-at-19": false, "lang:at": false,
		"author:ärger.example": true, "author:@ÄRGER.example": true, "author:ärger": false, "author:arger.example": false,
		"network:bluesky": true, "network:blue": false,
		"site:example.org": true, "site:sub.example.org": true, "site:ample.org": false, "site:beispiel.test": true,
		"is:reply": true, "is:private": true, "is:own": false, "-is:own siehe": true,
	} {
		q := mustParse(query)
		if got := q.Matches(p); got != want {
			t.Errorf("%s: %v", query, got)
		}
		checkSet(t, Compile([]Numbered{{ID: 1, Query: q}}, nil), []Numbered{{ID: 1, Query: q}}, p)
	}
}
