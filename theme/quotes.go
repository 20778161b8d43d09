package theme

import (
	"slices"
	"unicode/utf8"

	"lastword"
	"lastword/internal/text"
)

// Quotes returns the ids of up to n voices that stand for the rest and differ
// from each other, best first: sure ones of readable length, no copies, and
// nothing that was not said in public.
func Quotes(voices []lastword.Voice, n int) []int64 {
	var chosen []int64
	var seen []map[string]bool
	stems := make([]map[string]bool, len(voices))
	for i, v := range voices {
		stems[i] = stemsOf(v)
	}
	for range n {
		best, most := -1, 0.0
		for i, v := range voices {
			if s := quotable(v) * apartFrom(stems[i], seen); s > most && !slices.Contains(chosen, v.ID) {
				best, most = i, s
			}
		}
		if best < 0 {
			break
		}
		chosen, seen = append(chosen, voices[best].ID), append(seen, stems[best])
	}
	return chosen
}

// quotable is how well a voice can be shown, 0…1.
func quotable(v lastword.Voice) float64 {
	if v.CopyOf != 0 || v.Own || v.Private || v.Hidden || !v.GoneAt.IsZero() || v.Text == "" {
		return 0
	}
	score := 0.1 + 0.9*v.Fit*v.Fit // what differs most from the others may not belong
	switch l := utf8.RuneCountInString(v.Text); {
	case l < 25:
		score *= 0.25
	case l > 280:
		score *= 0.6
	}
	if v.Wish != "" {
		score *= 1.2
	}
	return score
}

func stemsOf(v lastword.Voice) map[string]bool {
	set := map[string]bool{}
	for _, w := range text.Words(v.Text) {
		if !text.Stop(v.Language, w) {
			set[stem(v.Language, w)] = true
		}
	}
	return set
}

// apartFrom is 1 less the greatest Jaccard index with what was chosen, squared,
// so that a near repetition loses against almost anything.
func apartFrom(set map[string]bool, chosen []map[string]bool) float64 {
	likest := 0.0
	for _, other := range chosen {
		both := 0
		for s := range set {
			if other[s] {
				both++
			}
		}
		if all := len(set) + len(other) - both; all > 0 {
			likest = max(likest, float64(both)/float64(all))
		}
	}
	return (1 - likest) * (1 - likest)
}
