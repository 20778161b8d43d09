package answer

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lastword"
)

// Each of our sentences must stand for itself: at least four that differ, none
// that shouts, all that take a day take exactly one.
func TestWordsAreVaried(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]words{"german": german{}, "english": english{}} {
		lists := [][]string{w.leads(), w.links(), w.topics(), w.closings()}
		for _, v := range lastword.Verdicts {
			lists = append(lists, w.courtesy(v))
			for _, k := range append(lastword.AllKinds[:], 0) {
				lists = append(lists, w.thanks(k), w.verdict(v, k))
				for _, s := range w.verdict(v, k) {
					if days := strings.Count(s, "{day}"); (v == lastword.Later) != (days == 1) {
						t.Errorf("%s: %q has %d days", name, s, days)
					}
				}
			}
		}
		for _, list := range lists {
			sorted := slices.Compact(slices.Sorted(slices.Values(list)))
			if len(list) < 4 || len(sorted) != len(list) {
				t.Errorf("%s: fewer than four different: %q", name, list)
			}
			if strings.Contains(strings.Join(list, ""), "!") {
				t.Errorf("%s shouts: %q", name, list)
			}
		}
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	day := time.Date(2027, time.March, 1, 0, 0, 0, 0, time.UTC)
	if got := (german{}).day(day); got != "1. März 2027" {
		t.Error(got)
	}
	if got := (english{}).day(day); got != "1 March 2027" {
		t.Error(got)
	}
}

func TestAnswerLang(t *testing.T) {
	t.Parallel()
	tests := []struct{ judged, said, company, want string }{
		{"de", "de-CH", "de", "de-CH"},
		{"de", "de_LI", "en", "de-CH"},
		{"en", "de-CH", "de", "en"},
		{"fr", "fr-CH", "de", "de"},
		{"", "en-GB", "de", "en"},
		{"", "", "de", "de"},
		{"it", "de-CH", "en", "en"},
	}
	for _, tt := range tests {
		var v lastword.Voice
		v.Language, v.Lang = tt.judged, tt.said
		if got := answerLang(v, tt.company); got != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
	}
}
