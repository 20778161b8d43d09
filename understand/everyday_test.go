package understand

import (
	"os"
	"slices"
	"strings"
	"testing"

	"lastword"
)

// everyday reads testdata/everyday.tsv: posts with the kinds and the feelings that
// are right.
func everyday(t *testing.T) (posts []everydayPost) {
	t.Helper()
	data, err := os.ReadFile("testdata/everyday.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if line[0] == '#' {
			continue
		}
		codes, said, ok := strings.Cut(strings.TrimSpace(line), "\t")
		kinds, feelings, also := strings.Cut(strings.TrimPrefix(codes, "en:"), " ")
		if !ok || !also || strings.Trim(feelings, "+0-") != "" {
			t.Fatalf("%q", line)
		}
		posts = append(posts, everydayPost{said, strings.Split(kinds, "|"), feelings})
	}
	return posts
}

type everydayPost struct {
	text     string
	kinds    []string // any of them is right
	feelings string   // likewise
}

// Everyday posts to companies are read as what they are, most of them. They are a
// check and not learnt from. Both shares are a little under what was reached.
func TestEverydayPosts(t *testing.T) {
	t.Parallel()
	const leastKinds, leastFeelings = 0.70, 0.80
	m, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	posts, kinds, feelings := everyday(t), 0, 0
	for _, p := range posts {
		j := m.read(lastword.Post{Text: p.text}, []string{"Lumenhaus"}, true)
		if slices.Contains(p.kinds, codesOf(j.Kinds)) {
			kinds++
		} else {
			t.Logf("%q is %s, said: %s (%.2f)", p.text, strings.Join(p.kinds, " or "), codesOf(j.Kinds), j.P)
		}
		if strings.Contains(p.feelings, "-0+"[j.Feeling+1:j.Feeling+2]) {
			feelings++
		} else {
			t.Logf("%q feels %s, said: %v (%.2f)", p.text, p.feelings, j.Feeling, j.Feelings)
		}
	}
	t.Logf("kinds %d, feelings %d of %d", kinds, feelings, len(posts))
	if len(posts) < 150 || float64(kinds) < leastKinds*float64(len(posts)) {
		t.Errorf("the kinds of %d of %d are right", kinds, len(posts))
	}
	if float64(feelings) < leastFeelings*float64(len(posts)) {
		t.Errorf("the feelings of %d of %d are right", feelings, len(posts))
	}
}

// The check is no copy of what is learnt from.
func TestEverydayPostsAreNotInTheBook(t *testing.T) {
	t.Parallel()
	book, err := readBook("")
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, p := range everyday(t) {
		texts = append(texts, p.text)
	}
	n := len(texts)
	for _, e := range book {
		texts = append(texts, e.Text)
	}
	groups := Groups(texts)
	for i := range n {
		if at := slices.Index(groups[n:], groups[i]); at >= 0 {
			t.Errorf("%q is in the book: %q", texts[i], texts[n+at])
		}
	}
}

// codesOf writes kinds as the phrase book does.
func codesOf(kinds lastword.Kinds) string {
	s := ""
	for i, k := range lastword.AllKinds {
		if kinds&k != 0 {
			s += "wplq"[i : i+1]
		}
	}
	if s == "" {
		return "-"
	}
	return s
}
