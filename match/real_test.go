package match

import (
	"bufio"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lastword"
)

// TestRealPosts holds the set to each query alone over posts that people wrote,
// with queries made of the words in them.
func TestRealPosts(t *testing.T) {
	t.Parallel()
	posts := realPosts(t)
	random := rand.New(rand.NewPCG(1, 2))
	queries := queriesOf(random, posts, 400)
	var f Frequencies
	for i := range 2000 {
		f.Learn(&posts[i])
	}
	set := Compile(queries, &f)
	wanted := 0
	for i := range 3000 {
		p := &posts[random.IntN(len(posts))]
		got := set.Match(p, nil)
		slices.Sort(got)
		d := newDoc(p)
		var want []int64
		for _, q := range queries {
			if q.root.wants(d) {
				want = append(want, q.ID)
				if i%20 == 0 {
					checkSpans(t, q.Query, p)
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("post %d: got %v, want %v", i, got, want)
		}
		wanted += len(want)
	}
	if wanted < 3000 {
		t.Errorf("only %d matches: the queries ask for too little to prove anything", wanted)
	}
}

func realPosts(t *testing.T) []lastword.Post {
	f, err := os.Open(filepath.Join("..", "..", "shared", "data", "sentiment", "mobasa-dev.de.jsonl"))
	if err != nil {
		t.Skip("the shared data is not here:", err)
	}
	defer f.Close()
	var posts []lastword.Post
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var row struct{ Text string }
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		posts = append(posts, lastword.Post{Network: "x", Lang: "de", Text: row.Text})
	}
	if len(posts) < 3000 {
		t.Fatalf("only %d posts", len(posts))
	}
	return posts
}

func queriesOf(random *rand.Rand, posts []lastword.Post, n int) []Numbered {
	var queries []Numbered
	for len(queries) < n {
		words := strings.Fields(posts[random.IntN(len(posts))].Text)
		word := func() string { return words[random.IntN(len(words))] }
		at := random.IntN(len(words))
		texts := []string{
			word(), word() + " " + word(), word() + " -" + word(), "#" + word(),
			`"` + strings.Join(words[at:min(at+3, len(words))], " ") + `"`,
			word() + " NEAR/4 " + word(), "(" + word() + " OR " + word() + ") NEAR/9 (" + word() + " OR " + word() + ")",
			word() + "*", "*" + word(), "*" + word() + "*", `"` + word() + " " + word() + `*"`,
			"(" + word() + " " + word() + ") OR (" + word() + " -" + word() + ")", word() + " OR -" + word(),
			"site:t.co " + word(), "site:co", "is:own OR " + word(),
		}
		if q, err := Parse(texts[random.IntN(len(texts))]); err == nil {
			queries = append(queries, Numbered{ID: int64(len(queries)), Query: q})
		}
	}
	return queries
}
