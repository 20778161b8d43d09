package match_test

import (
	"strings"
	"testing"

	"lastword"
	"lastword/match"
)

func TestSearches(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"lind":                            "lind",
		`lind OR "schuhwerk lind"`:        `lind|"schuhwerk lind"`,
		"(schuh OR stiefel) AND lind":     "lind",
		"lind AND NOT gewinnspiel":        "lind",
		"schuh* OR lind":                  "",
		"schuh* AND lind":                 "lind",
		"lang:de":                         "",
		"lang:de AND (lind OR lindschuh)": "lind|lindschuh",
	} {
		q, err := match.Parse(text)
		if err != nil {
			t.Fatal(text, err)
		}
		if got := strings.Join(q.Searches(), "|"); got != want {
			t.Errorf("%s: searches %q, want %q", text, got, want)
		}
	}
}

// Whoever is wanted holds one of the words.
func TestSearchesCover(t *testing.T) {
	t.Parallel()
	q, err := match.Parse(`(lind OR "halbe größen") AND (schuh OR stiefel)`)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"Der Stiefel von Lind", "Lind: der Schuh", "Halbe Größen beim Schuh", "Nichts davon"} {
		if !q.Matches(&lastword.Post{Text: text}) {
			continue
		}
		found := false
		for _, s := range q.Searches() {
			found = found || strings.Contains(strings.ToLower(text), strings.Trim(s, `"`))
		}
		if !found {
			t.Errorf("%q holds none of %q", text, q.Searches())
		}
	}
}
