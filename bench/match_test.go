package bench

import (
	"os"
	"testing"
)

const sharedData = "../../shared/data"

func TestMatch(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(sharedData); err != nil {
		t.Skip("the shared data is not here:", err)
	}
	r, err := Match(t.Context(), MatchOptions{Data: sharedData, Sizes: []int{1000, 10000, 100000}, Rounds: 3, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + r.String())
}
