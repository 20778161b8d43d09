package understand_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"lastword"
	"lastword/understand"
)

// A kiln is what only this company's customers call by such words.
func kilns(n int) []lastword.Lesson {
	var lessons []lastword.Lesson
	for i := range n {
		lessons = append(lessons, lastword.Lesson{
			Voice: int64(i + 1),
			Post:  lastword.Post{Text: fmt.Sprintf("@lumenhaus Mein Brennofen knistert, Tag %d", i), Lang: "de"},
			Was:   lastword.Meaning{Feeling: lastword.Neutral},
			Now:   lastword.Meaning{Kinds: lastword.Problem, Feeling: lastword.Negative},
		})
	}
	return lessons
}

var crackles = lastword.Post{Text: "@lumenhaus Unser Brennofen knistert wieder, seit 3 Tagen", Lang: "de"}

func TestTaughtReadsTheNextVoiceSo(t *testing.T) {
	t.Parallel()
	m := load(t)
	before := m.Judge(crackles, nil)
	after := m.Taught(kilns(5)).Judge(crackles, nil)
	if before.Kinds&lastword.Problem != 0 || after.Kinds&lastword.Problem == 0 {
		t.Errorf("kinds were %v (%.2f) and are %v (%.2f)", before.Kinds, before.P, after.Kinds, after.P)
	}
	if after.Feelings[0] <= before.Feelings[0] {
		t.Errorf("feelings were %.2f and are %.2f", before.Feelings, after.Feelings)
	}
	other := lastword.Post{Text: "@lumenhaus Gibt es die Tasse auch in Grün?"}
	if a, b := m.Judge(other, nil), m.Taught(kilns(5)).Judge(other, nil); a.Kinds != b.Kinds {
		t.Errorf("something else was %v (%.2f) and is %v (%.2f)", a.Kinds, a.P, b.Kinds, b.P)
	}
}

// What is undone leaves nothing behind, and the order does not matter.
func TestTaughtIsAFunctionOfItsLessons(t *testing.T) {
	t.Parallel()
	m, lessons := load(t), kilns(6)
	back := slices.Clone(lessons)
	slices.Reverse(back)
	same := func(what string, a, b *understand.Model) {
		t.Helper()
		for _, post := range []lastword.Post{crackles, {Text: "Bitte baut einen Dimmer ein! Danke"}, {Text: "knistert"}} {
			if x, y := a.Judge(post, nil), b.Judge(post, nil); !reflect.DeepEqual(x, y) {
				t.Errorf("%s: %+v, %+v", what, x, y)
			}
		}
	}
	same("in another order", m.Taught(lessons), m.Taught(back))
	same("after a detour", m.Taught(lessons[:3]), m.Taught(lessons).Taught(lessons[:3]))
	same("with all undone", m, m.Taught(lessons).Taught(nil))
}

// More of the same makes surer, and the promise stays a probability.
func TestTaughtGrowsSurer(t *testing.T) {
	t.Parallel()
	m, last := load(t), 0.0
	for _, n := range []int{0, 1, 3, 10, 40} {
		l := m.Taught(kilns(n)).Label(crackles, nil)
		checkLabel(t, crackles, l)
		if l.P[1] < last {
			t.Errorf("after %d lessons a problem is likely by %.3f, before by %.3f", n, l.P[1], last)
		}
		last = l.P[1]
	}
}

func FuzzTaught(f *testing.F) {
	f.Add("Mein Brennofen knistert", "Danke!", uint8(3), int8(1))
	f.Add("", "\xff", uint8(0), int8(-1))
	f.Fuzz(func(t *testing.T, lesson, s string, kinds uint8, feeling int8) {
		m := load(t).Taught([]lastword.Lesson{{Post: lastword.Post{Text: lesson},
			Now: lastword.Meaning{Kinds: lastword.Kinds(kinds & 15), Feeling: lastword.Feeling(max(min(feeling, 1), -1))}}})
		post := lastword.Post{Text: s}
		checkLabel(t, post, m.Label(post, nil))
	})
}

// BenchmarkTaught reads with a company's layer; compare with BenchmarkLabel.
func BenchmarkTaught(b *testing.B) { readShortPosts(b, load(b).Taught(kilns(200))) }
