package decide

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"lastword"
	"lastword/internal/text"
)

const (
	longestReason = 280 // graphemes, so that it fits every network beside the verdict
	mostSentences = 2
	furthestYears = 3
)

// check returns the decision as it may be kept: reasons cleaned, the day as
// midnight UTC, no day but for Later. Today is any time of the company's day.
// What is wrong is a *lastword.Mistake.
func check(d lastword.Decision, lang string, today time.Time) (lastword.Decision, error) {
	if !slices.Contains(lastword.Verdicts, d.Verdict) {
		return d, &lastword.Mistake{Key: "mistake.verdict", Field: "verdict"}
	}
	when, err := checkDay(d.Verdict, d.When, today)
	if err != nil {
		return d, err
	}
	reasons, err := checkReasons(d.Reason, lang)
	if err != nil {
		return d, err
	}
	d.When, d.Reason = when, reasons
	return d, nil
}

// checkDay takes the day as the calendar of when's own location shows it, since
// a day, not an instant, is what was chosen and what is released.
func checkDay(v lastword.Verdict, when, today time.Time) (time.Time, error) {
	if v != lastword.Later {
		return time.Time{}, nil
	}
	if when.IsZero() {
		return when, &lastword.Mistake{Key: "mistake.when_missing", Field: "when"}
	}
	when, today = day(when), day(today)
	if !when.After(today) {
		return when, &lastword.Mistake{Key: "mistake.when_past", Field: "when"}
	}
	if when.After(today.AddDate(furthestYears, 0, 0)) {
		return when, &lastword.Mistake{Key: "mistake.when_far", Args: map[string]any{"Years": furthestYears}, Field: "when"}
	}
	return when, nil
}

func day(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// checkReasons goes through the languages in order, so that the same input
// always brings the same mistake first. Languages left empty are dropped.
func checkReasons(reasons map[string]string, lang string) (map[string]string, error) {
	kept := map[string]string{}
	for _, in := range slices.Sorted(maps.Keys(reasons)) {
		reason := strings.TrimSpace(reasons[in])
		if reason == "" {
			continue
		}
		if !isTag(in) {
			return nil, &lastword.Mistake{Key: "mistake.reason_language", Field: "reason"}
		}
		if err := checkReason(reason, "reason."+in); err != nil {
			return nil, err
		}
		kept[in] = text.Clean(reason)
	}
	if kept[lang] == "" {
		return nil, &lastword.Mistake{Key: "mistake.reason_missing", Field: "reason." + lang}
	}
	return kept, nil
}

func checkReason(reason, field string) error {
	switch {
	case strings.ContainsAny(reason, "\r\n\u2028\u2029"):
		return &lastword.Mistake{Key: "mistake.reason_lines", Field: field}
	case text.Clean(reason) != strings.Join(strings.FieldsFunc(reason, unicode.IsSpace), " "):
		return &lastword.Mistake{Key: "mistake.reason_characters", Field: field}
	case len(text.Sentences(reason)) > mostSentences:
		return &lastword.Mistake{Key: "mistake.reason_sentences", Field: field, Args: map[string]any{"Limit": mostSentences}}
	case !strings.ContainsFunc(reason, unicode.IsLetter):
		return &lastword.Mistake{Key: "mistake.reason_missing", Field: field}
	}
	used := 0
	for g := graphemes.FromString(reason); g.Next(); {
		used++
	}
	if used > longestReason {
		return &lastword.Mistake{Key: "mistake.reason_too_long", Field: field,
			Args: map[string]any{"Used": used, "Limit": longestReason}}
	}
	return nil
}

// isTag reports whether s looks like the primary language subtag of BCP 47
// (RFC 5646 §2.1): two or three lower-case letters.
func isTag(s string) bool {
	outside := func(r rune) bool { return r < 'a' || r > 'z' }
	return (len(s) == 2 || len(s) == 3) && !strings.ContainsFunc(s, outside)
}
