package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMatch is not parallel: what the queries take is read off the heap, which
// the other tests would share.
func TestMatch(t *testing.T) {
	notUnderRace(t)
	data := filepath.Join("..", "..", "shared", "data")
	if _, err := os.Stat(data); err != nil {
		t.Skip("the shared data is not here:", err)
	}
	r, err := Match(t.Context(), MatchOptions{Data: data, Sizes: []int{2000}, Rounds: 1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if r.Posts < 50_000 || r.MeanBytes < 95 || r.MeanBytes > 105 {
		t.Errorf("%d posts of %.0f bytes are not what the aims are stated for", r.Posts, r.MeanBytes)
	}
	if len(r.Rows) != 2 || strings.Count(r.String(), "\n") != 4 {
		t.Fatalf("want a selective and a broad set:\n%s", r)
	}
	for _, x := range r.Rows {
		if x.Differences != 0 || x.Checked < 100_000 || x.Matches == 0 || x.Tried < x.Matches || x.Rate.Median <= 0 {
			t.Errorf("%+v", x)
		}
		if x.QueryBytes <= 0 || x.QueryBytes > 200 {
			t.Errorf("%s: %.0f bytes a query", x.Kind, x.QueryBytes)
		}
	}
}

func TestMatchWithoutData(t *testing.T) {
	t.Parallel()
	if _, err := Match(t.Context(), MatchOptions{Data: t.TempDir()}); err == nil {
		t.Error("an empty folder is measured")
	}
}
