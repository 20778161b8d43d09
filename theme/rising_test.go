package theme_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"lastword/theme"
)

// weeks puts daily counts together, each given week once.
func weeks(ws ...[7]int) (days []int) {
	for _, w := range ws {
		days = append(days, w[:]...)
	}
	return days
}

func TestRising(t *testing.T) {
	t.Parallel()
	quiet, one := [7]int{}, [7]int{1, 1, 1, 1, 1, 1, 1}
	monday := [7]int{30, 2, 1, 2, 1, 0, 0}
	wild := [][7]int{{0, 40, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 35, 0, 0}, {0}, {0, 0, 0, 50, 0, 0, 0}}
	for _, c := range []struct {
		name   string
		daily  []int
		rising bool
	}{
		{"nothing at all", weeks(quiet, quiet, quiet, quiet, quiet), false},
		{"as ever", weeks(one, one, one, one, one), false},
		{"three out of nothing", weeks(quiet, quiet, quiet, quiet, [7]int{0, 1, 0, 1, 0, 1, 0}), true},
		{"two out of nothing are few", weeks(quiet, quiet, quiet, quiet, [7]int{0, 1, 0, 1}), false},
		{"thrice as many", weeks(one, one, one, one, [7]int{3, 3, 3, 3, 3, 3, 3}), true},
		{"every Monday is like this", weeks(monday, monday, monday, monday, monday), false},
		{"it often flares up", append(weeks(wild...), 0, 0, 60, 0, 0, 0, 0), false},
		{"less than before", weeks(one, one, one, one, quiet), false},
		{"too few days to tell", []int{0, 0, 0, 9, 9, 9, 9, 9, 9, 9}, false},
	} {
		if p, rising := theme.Rising(c.daily); rising != c.rising || p < 0 || p > 1 {
			t.Errorf("%s: p %.4f, rising %v", c.name, p, rising)
		}
	}
}

// Three voices, all in the last of five weeks: each falls there with chance 1/5.
func TestRisingIsTheBinomialTest(t *testing.T) {
	t.Parallel()
	p, _ := theme.Rising(append(make([]int, 34), 3))
	if math.Abs(p-0.008) > 1e-9 {
		t.Errorf("p %.6f, want 0.2³ = 0.008", p)
	}
}

func TestRisingGrowsWithTheLastWeek(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.SliceOfN(rapid.IntRange(0, 50), 14, 60).Draw(t, "days")
		before, _ := theme.Rising(days)
		days[len(days)-1] += rapid.IntRange(1, 20).Draw(t, "more")
		after, _ := theme.Rising(days)
		if after > before+1e-9 || after < 0 || before > 1 || math.IsNaN(after) {
			t.Fatalf("p %.6f became %.6f with more voices", before, after)
		}
	})
}
