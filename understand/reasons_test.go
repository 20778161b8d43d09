package understand_test

import (
	"slices"
	"strings"
	"testing"

	"lastword"
	"lastword/understand"
)

func TestReasonsNameWhatSpeaksForALabel(t *testing.T) {
	t.Parallel()
	post := lastword.Post{Text: "@lumenhaus Bitte baut doch endlich einen Dimmer in die Lampen ein! Danke", Lang: "de"}
	why := load(t).Reasons(post, "wish")
	if len(why) < 10 || !slices.IsSortedFunc(why, func(a, b understand.Reason) int {
		return int(min(max((b.Weight*b.Weight-a.Weight*a.Weight)*1e9, -1), 1))
	}) {
		t.Fatalf("%d reasons, %+v", len(why), why[:min(len(why), 5)])
	}
	at := slices.IndexFunc(why, func(r understand.Reason) bool { return strings.Contains(r.What, "please") })
	if at < 0 || at > 20 {
		t.Errorf("please is number %d of %+v", at, why[:20])
	}
	if got := load(t).Reasons(post, "nonsense"); got != nil {
		t.Errorf("of no label: %+v", got)
	}
	for _, label := range []string{"problem", "negative", "neutral", "positive"} {
		if len(load(t).Reasons(post, label)) == 0 {
			t.Errorf("no reasons for %s", label)
		}
	}
}

// The weights add up to what the head says beyond its bias, so that no reason is
// kept back and none invented: a longer text of the same words moves nothing.
func TestReasonsOfNothing(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "   ", "\xff"} {
		for _, r := range load(t).Reasons(lastword.Post{Text: s}, "wish") {
			if strings.HasPrefix(r.What, `"`) && r.What != `"�"` {
				t.Errorf("%q: %+v", s, r)
			}
		}
	}
}

func TestAboutReasons(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"@lumenhaus bitte": "spoken to", "Schön hier": "no sign",
	} {
		got := load(t).AboutReasons(lastword.Post{Text: s}, []string{"Lumenhaus"})
		if len(got) != 1 || !strings.Contains(got[0].What, want) {
			t.Errorf("%q: %+v, want %s", s, got, want)
		}
	}
}
