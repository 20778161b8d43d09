package draw_test

import (
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lastword/web/draw"
)

func TestSpark(t *testing.T) {
	t.Parallel()
	s := draw.NewSpark([]int{0, 2, 4}, 100, 24)
	if want := "M2 22L50 12L98 2"; s.Line != want {
		t.Errorf("line %q, want %q", s.Line, want)
	}
	if want := "M2 22L50 12L98 2V24H2Z"; s.Area != want {
		t.Errorf("area %q, want %q", s.Area, want)
	}
	if s.Most != 4 || s.Total != 6 || s.Recent != 6 || s.X != 98 || s.Y != 2 {
		t.Errorf("%+v", s)
	}
	if s := draw.NewSpark([]int{7}, 100, 24); s.Line != "" {
		t.Errorf("one value makes no line: %q", s.Line)
	}
}

func number(t interface{ Fatalf(string, ...any) }, s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatalf("%q is no number", s)
	}
	return f
}

// A spark never leaves its box, and its recent sum is of the last seven values.
func TestSparkStaysInside(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.IntRange(0, 1_000_000), 2, 100).Draw(t, "values")
		s := draw.NewSpark(values, 96, 24)
		for p := range strings.SplitSeq(strings.TrimPrefix(s.Line, "M"), "L") {
			x, y, _ := strings.Cut(p, " ")
			if fx, fy := number(t, x), number(t, y); fx < 0 || fx > 96 || fy < 0 || fy > 24 {
				t.Fatalf("%v: point %s", values, p)
			}
		}
		recent := 0
		for _, v := range values[max(0, len(values)-7):] {
			recent += v
		}
		if s.Recent != recent {
			t.Fatalf("recent %d, want %d", s.Recent, recent)
		}
	})
}

// A stack shows every value once, whatever is folded together, and no column is
// higher than the picture.
func TestStackKeepsTotals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.IntRange(1, 60).Draw(t, "days")
		n := rapid.IntRange(0, 9).Draw(t, "series")
		var series []draw.Series
		total := 0
		for i := range n {
			values := rapid.SliceOfN(rapid.IntRange(0, 50), days, days).Draw(t, "values")
			for _, v := range values {
				total += v
			}
			series = append(series, draw.Series{Name: strconv.Itoa(i), Values: values})
		}
		s := draw.NewStack(series, 252, 84, "rest")
		got, tall := 0, map[string]float64{}
		for _, l := range s.Layers {
			got += l.Total
			for _, b := range l.Bars {
				tall[b.X] += number(t, b.H)
				if y := number(t, b.Y); y < 1.5 || y > 84.1 {
					t.Fatalf("bar at %v", y)
				}
			}
		}
		if got != total || len(s.Layers) > 5 {
			t.Fatalf("%d voices in %d layers, want %d", got, len(s.Layers), total)
		}
		for x, h := range tall {
			if h > 84 {
				t.Fatalf("column at %s is %v high", x, h)
			}
		}
	})
}

func TestStackOrder(t *testing.T) {
	t.Parallel()
	s := draw.NewStack([]draw.Series{{"x", []int{1, 0}}, {"mail", []int{3, 4}}}, 100, 50, "rest")
	if s.Layers[0].Name != "mail" || s.Layers[1].Name != "x" || s.Most != 4 {
		t.Errorf("largest lies lowest: %+v", s)
	}
	if s.Layers[1].Label >= s.Layers[0].Label {
		t.Errorf("labels stand in the order of the layers: %v, %v", s.Layers[0].Label, s.Layers[1].Label)
	}
}
