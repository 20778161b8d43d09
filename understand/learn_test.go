package understand_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"lastword"
	"lastword/understand"
)

// lessons are invented: a wish says "bitte", a question asks.
func lessons() []understand.Example {
	const all = lastword.Wish | lastword.Problem | lastword.Praise | lastword.Question
	var examples []understand.Example
	for i, thing := range []string{"Lampe", "Kanne", "Tasse", "Schale", "Kiste", "Leiter", "Bank", "Uhr", "Tür", "Wand", "Matte", "Decke"} {
		for _, c := range []struct {
			format  string
			kinds   lastword.Kinds
			feeling lastword.Feeling
		}{
			{"Bitte bringt die %s in der Farbe Nummer %d", lastword.Wish, lastword.Neutral},
			{"Die %s ist kaputt, so ein Mist, Stück %d", lastword.Problem, lastword.Negative},
			{"Danke, die %s ist wunderbar, Stück %d", lastword.Praise, lastword.Positive},
			{"Wann kommt die %s Nummer %d?", lastword.Question, lastword.Neutral},
			{"Im Regal steht eine %s mit Nummer %d", 0, lastword.Neutral},
		} {
			examples = append(examples, understand.Example{Source: "kinds", Lang: "de", Text: fmt.Sprintf(c.format, thing, i),
				Kinds: c.kinds, Known: all, Feeling: c.feeling, Felt: true})
		}
	}
	return examples
}

func TestLearnsWhatItIsTold(t *testing.T) {
	t.Parallel()
	m, err := understand.Learn(understand.Sets{Examples: lessons()}, 7)
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range map[string]int{
		"Bitte bringt die Gabel in Rot":  0,
		"Die Gabel ist kaputt":           1,
		"Danke, die Gabel ist wunderbar": 2,
		"Wann kommt die Gabel?":          3,
	} {
		got := m.Label(lastword.Post{Text: s, Lang: "de"}, nil)
		if got.Kinds&lastword.AllKinds[want] == 0 || got.P[want] != slices.Max(got.P[:]) {
			t.Errorf("%q: %v %.2f, want %v", s, got.Kinds, got.P, lastword.AllKinds[want])
		}
	}
}

// What is said to a company is learnt from what is said to others.
func TestLearnsWhoIsSpokenTo(t *testing.T) {
	t.Parallel()
	const all = lastword.Wish | lastword.Problem | lastword.Praise | lastword.Question
	examples := lessons()
	for i := range 60 {
		examples = append(examples,
			understand.Example{Source: "kinds", Lang: "de", Known: all, Kinds: lastword.Problem, Text: fmt.Sprintf("@amt Sache %d liegt %d mal hier", i, 7*i)},
			understand.Example{Source: "kinds", Lang: "de", Known: all, Text: fmt.Sprintf("@freund%d Sache %d liegt %d mal hier", i, i+60, 5*i)})
	}
	m, err := understand.Learn(understand.Sets{Examples: examples}, 7)
	if err != nil {
		t.Fatal(err)
	}
	post := lastword.Post{Text: "@lumenhaus Sache 3 liegt hier", Lang: "de"}
	named, unnamed := m.Label(post, []string{"Lumenhaus"}).P[1], m.Label(post, nil).P[1]
	if named < unnamed+0.1 {
		t.Errorf("a problem by %.2f when said to us, by %.2f to anybody", named, unnamed)
	}
	post = lastword.Post{Text: "Sache 3 liegt hier bei Lumenhaus", Lang: "de"}
	named, unnamed = m.Label(post, []string{"Lumenhaus"}).P[1], m.Label(post, nil).P[1]
	if named < unnamed+0.1 {
		t.Errorf("without a handle a problem by %.2f when we hear it, by %.2f elsewhere", named, unnamed)
	}
}

func TestLearnNeedsExamples(t *testing.T) {
	t.Parallel()
	if _, err := understand.Learn(understand.Sets{}, 1); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("without examples: %v", err)
	}
	if _, err := understand.LearnLanguages(understand.Sets{Samples: []understand.Sample{{Text: "ja", Lang: "de"}}}, 1); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("with one language: %v", err)
	}
}

func TestGroupsKeepCopiesTogether(t *testing.T) {
	t.Parallel()
	groups := understand.Groups([]string{
		"die lampe im flur flackert seit gestern abend wieder",
		"bitte baut einen dimmer in alle eure lampen ein",
		"RT die Lampe im Flur flackert seit gestern Abend wieder!",
		"etwas ganz anderes",
		"",
	})
	if groups[0] != groups[2] || groups[0] == groups[1] || groups[1] == groups[3] {
		t.Errorf("groups are %v", groups)
	}
}

func TestGroupsKeepEqualTextsTogether(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringMatching(`([a-d]{1,2} ){0,6}`), 1, 30).Draw(t, "texts")
		groups := understand.Groups(texts)
		for i, a := range texts {
			for j, b := range texts {
				if a == b && groups[i] != groups[j] {
					t.Fatalf("%q is in groups %d and %d", a, groups[i], groups[j])
				}
			}
		}
	})
}
