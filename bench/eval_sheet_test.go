package bench

import (
	"fmt"
	"math"
	"testing"

	"lastword"
	"lastword/understand"
)

// An interval is wide where little is known, and copies make nothing surer.
func TestIntervalsGoByGroups(t *testing.T) {
	t.Parallel()
	alone, copies := newSheet("wish"), newSheet("wish")
	for i := range 200 {
		right := i%4 != 0
		alone.add(i, 0, right, true, 0.7)
		copies.add(i/20, 0, i/20%4 != 0, true, 0.7)
	}
	a, f1, span := alone.report(1, 1)
	c, _, _ := copies.report(1, 1)
	if math.Abs(f1-a[0].F1) > 1e-12 || span != a[0].F1Interval {
		t.Errorf("mean of one label: %v %v, label %+v", f1, span, a[0])
	}
	narrow, wide := a[0].RecallInterval, c[0].RecallInterval
	if narrow[0] > 0.75 || narrow[1] < 0.75 || narrow[1]-narrow[0] > 0.15 || wide[1]-wide[0] < 2*(narrow[1]-narrow[0]) {
		t.Errorf("intervals %v and, by ten groups, %v", narrow, wide)
	}
	if again, _, _ := alone.report(1, 1); again[0].RecallInterval != narrow {
		t.Errorf("another time %v", again[0].RecallInterval)
	}
	bin := a[0].Reliability[7]
	if bin.Rows != 200 || bin.Promised < 0.699 || bin.Promised > 0.701 || bin.True != 1 {
		t.Errorf("bin %+v", bin)
	}
}

// kilnVoices are of a public whose words the model has never met.
func kilnVoices(from, to int) []voiceHeard {
	var all []voiceHeard
	for i := from; i < to; i++ {
		e := understand.Example{Source: "kinds", Lang: "de", Text: fmt.Sprintf("@lumenhaus Mein Brennofen knistert, Tag %d", i),
			Kinds: lastword.Problem, Known: lastword.Wish | lastword.Problem | lastword.Praise | lastword.Question}
		all = append(all, voiceHeard{e, i})
	}
	return all
}

// A director who puts right what is read wrongly makes the next voices be read
// better, and presses nothing where nothing is wrong.
func TestWalkLearns(t *testing.T) {
	t.Parallel()
	base, err := understand.Load()
	if err != nil {
		t.Fatal(err)
	}
	w := walk{base: base, lore: kindLore{}, steps: []int{0, 1, 2, 3, 4, 5, 6, 1000}}
	points, err := w.walk(t.Context(), kilnVoices(0, 100), kilnVoices(100, 120))
	if err != nil {
		t.Fatal(err)
	}
	if len(points) < 2 || len(points) > 7 {
		t.Fatalf("points %+v", points)
	}
	first, last := points[0], points[len(points)-1]
	if first.Corrections != 0 || first.Looked != 0 || last.Labels[1].F1 <= first.Labels[1].F1 || last.Labels[1].F1 < 0.9 {
		t.Errorf("from %+v to %+v", first, last)
	}
}

func TestDirectorsPressOneKey(t *testing.T) {
	t.Parallel()
	both := lastword.Wish | lastword.Problem
	for _, c := range []struct {
		is, said lastword.Kinds
		pressed  bool
	}{
		{0, 0, false}, {0, lastword.Wish, true}, {both, both, false}, {both, lastword.Wish, false},
		{both, lastword.Problem, true}, {lastword.Wish, both, true}, {lastword.Question, 0, true},
	} {
		j := understand.Judgement{Label: lastword.Label{Kinds: c.said}}
		l, pressed := kindLore{}.correct(&understand.Example{Kinds: c.is}, j)
		if pressed != c.pressed || l.Was.Kinds != c.said || l.Now.Kinds != foremost(c.is) {
			t.Errorf("is %v, said %v: %v, %+v", c.is, c.said, pressed, l)
		}
	}
}

func TestMeanInterval(t *testing.T) {
	t.Parallel()
	mean, span := meanInterval([]float64{0.4, 0.5, 0.6})
	if math.Abs(mean-0.5) > 1e-12 || math.Abs(span[1]-0.5-4.30*0.1/math.Sqrt(3)) > 1e-9 || math.Abs(span[0]+span[1]-1) > 1e-9 {
		t.Errorf("%v %v", mean, span)
	}
}
