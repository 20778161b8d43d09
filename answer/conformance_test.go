package answer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"lastword"
	"lastword/answer"
)

// A wireCase is one case of twitter-text's conformance suite.
type wireCase struct {
	section, about, text, expected string
	weight                         int
}

// readCases reads the two shapes of case that we need from a conformance file:
// "text" beside "expected" on one line, or beside "weightedLength". It is no
// reader of YAML in general, so the tests below count what it found.
func readCases(t *testing.T, name string) []wireCase {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("..", "..", "shared", "data", "length", name))
	if err != nil {
		t.Skipf("no conformance data here: %v", err)
	}
	var cases []wireCase
	section := ""
	for line := range strings.Lines(string(body)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		value = strings.TrimSpace(value)
		switch {
		case strings.HasPrefix(line, "  ") && line[2] != ' ' && value == "":
			section = key
		case key == "- description":
			cases = append(cases, wireCase{section: section, about: value})
		case key == "text" && len(cases) > 0:
			cases[len(cases)-1].text = unquote(t, value)
		case key == "expected" && len(cases) > 0:
			cases[len(cases)-1].expected = value
		case key == "weightedLength":
			n, err := strconv.Atoi(value)
			if err != nil {
				t.Fatal(err)
			}
			cases[len(cases)-1].weight = n
		}
	}
	return cases
}

func unquote(t *testing.T, s string) string {
	t.Helper()
	if !strings.HasPrefix(s, `"`) {
		return s
	}
	plain, err := strconv.Unquote(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return plain
}

// The sections of validate.yml that hold weights. The first is an older way of
// counting in which emoji have no weight of their own, so only its cases without
// joined emoji apply; configuration 3 is the second.
func TestWeightsConform(t *testing.T) {
	t.Parallel()
	judged := 0
	for _, c := range readCases(t, "twitter-text-validate.yml") {
		if c.section != "WeightedTweetsWithDiscountedEmojiCounterTest" && c.section != "UnicodeDirectionalMarkerCounterTest" {
			continue
		}
		judged++
		got := answer.Measure(lastword.Network{Limit: 280, Unit: lastword.Weighted}, c.text)
		if got.Used != c.weight || got.Over != (c.weight > 280) {
			t.Errorf("%s: weighs %d (over: %v), want %d", c.about, got.Used, got.Over, c.weight)
		}
	}
	if judged != 24 {
		t.Errorf("judged %d cases, the suite has 24", judged)
	}
}

// Each text is judged by what its addresses, given by the suite, do to its
// length: every one of them counts 23.
func TestAddressesConform(t *testing.T) {
	t.Parallel()
	judged := 0
	for _, c := range readCases(t, "twitter-text-extract.yml") {
		if c.section != "urls" || c.about == "" {
			continue
		}
		var want []string
		if err := json.Unmarshal([]byte(c.expected), &want); err != nil {
			t.Fatalf("%s: %v", c.about, err)
		}
		judged++
		if got := answer.Addresses(c.text); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: %q\n got %q\nwant %q", c.about, c.text, got, want)
		}
	}
	if judged == 0 {
		t.Error("no case was judged")
	}
	t.Logf("%d cases", judged)
}

// Every top-level domain that the suite knows makes an address, but for those
// given back since the suite was written: 142 of 1,574, mostly of brands.
func TestTopLevelDomains(t *testing.T) {
	t.Parallel()
	judged, missed := 0, []string{}
	for _, c := range readCases(t, "twitter-text-tlds.yml") {
		judged++
		if got := answer.Addresses(c.text); len(got) != 1 || got[0] != c.text {
			missed = append(missed, c.text)
		}
	}
	if judged != 1574 || len(missed) > 142 {
		t.Errorf("%d judged, %d missed: %q", judged, len(missed), missed)
	}
}
