package twittertext_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"go.yaml.in/yaml/v3"

	"lastword/internal/twittertext"
)

// A wireCase is one case of the conformance suite.
type wireCase struct {
	Description, Text, JSON string
	Expected                any
	Hits                    [][]int
}

// suite reads a file of the suite: its sections and their cases.
func suite(t *testing.T, name string) map[string][]wireCase {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Tests map[string][]wireCase }
	if err := yaml.Unmarshal(body, &file); err != nil {
		t.Fatal(err)
	}
	return file.Tests
}

// conform runs every case of a file. It fails where a section has no answer
// here, and where the file has not as many cases as it is known to have.
func conform(t *testing.T, name string, cases int, answers map[string]func(wireCase) any) {
	t.Helper()
	judged, passed := 0, 0
	for section, all := range suite(t, name) {
		answer := answers[section]
		if answer == nil {
			t.Errorf("nobody answers %s", section)
			continue
		}
		for _, c := range all {
			judged++
			if got, want := plain(t, answer(c)), plain(t, c.Expected); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %s: %q\n got %v\nwant %v", section, c.Description, c.Text, got, want)
				continue
			}
			passed++
		}
	}
	if judged != cases {
		t.Errorf("%s: judged %d cases, want %d", name, judged, cases)
	}
	t.Logf("%s: %d of %d", name, passed, judged)
}

// plain makes values of Go and of YAML alike. An empty list is no list.
func plain(t *testing.T, v any) (out any) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if string(b) == "[]" {
		return nil
	}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func valid(f func(string) bool) func(wireCase) any {
	return func(c wireCase) any { return f(c.Text) }
}

func parsed(config twittertext.Config) func(wireCase) any {
	return func(c wireCase) any {
		r := config.Parse(c.Text)
		return map[string]any{
			"weightedLength": r.Weight, "valid": r.Valid, "permillage": r.Permille,
			"displayRangeStart": r.Display.Start, "displayRangeEnd": r.Display.End,
			"validRangeStart": r.InLimit.Start, "validRangeEnd": r.InLimit.End,
		}
	}
}

func TestValidateConforms(t *testing.T) {
	t.Parallel()
	conform(t, "validate.yml", 97, map[string]func(wireCase) any{
		"tweets":                    valid(twittertext.V1().Valid),
		"usernames":                 valid(twittertext.ValidUsername),
		"lists":                     valid(twittertext.ValidList),
		"hashtags":                  valid(twittertext.ValidHashtag),
		"urls":                      valid(twittertext.ValidURL),
		"urls_without_protocol":     valid(twittertext.ValidBareURL),
		"WeightedTweetsCounterTest": parsed(twittertext.V2()),
		"WeightedTweetsWithDiscountedEmojiCounterTest": parsed(twittertext.V3()),
		"UnicodeDirectionalMarkerCounterTest":          parsed(twittertext.V3()),
	})
}

// texts are the entities' texts; accounts only, not lists, where mentions are
// asked for.
func texts(find func(string) []twittertext.Entity) func(wireCase) any {
	return func(c wireCase) any {
		var all []string
		for _, e := range find(c.Text) {
			if e.List == "" {
				all = append(all, e.Text)
			}
		}
		return all
	}
}

// placed are the entities with their places in characters.
func placed(name string, find func(string) []twittertext.Entity) func(wireCase) any {
	return func(c wireCase) any {
		all := []map[string]any{}
		for _, e := range find(c.Text) {
			start := len([]rune(c.Text[:e.Start]))
			m := map[string]any{name: e.Text, "indices": []int{start, start + len([]rune(c.Text[e.Start:e.End]))}}
			if listed(c) {
				m["list_slug"] = e.List
			}
			all = append(all, m)
		}
		return all
	}
}

// listed reports whether the case expects lists.
func listed(c wireCase) bool { return strings.Contains(fmt.Sprint(c.Expected), "list_slug") }

func TestExtractConforms(t *testing.T) {
	t.Parallel()
	conform(t, "extract.yml", 238, map[string]func(wireCase) any{
		"mentions":                       texts(twittertext.Mentions),
		"mentions_with_indices":          placed("screen_name", twittertext.Mentions),
		"mentions_or_lists_with_indices": placed("screen_name", twittertext.Mentions),
		"replies": func(c wireCase) any {
			if name, ok := twittertext.ReplyTo(c.Text); ok {
				return name
			}
			return nil
		},
		"urls":                          texts(twittertext.URLs),
		"urls_with_indices":             placed("url", twittertext.URLs),
		"urls_with_directional_markers": placed("url", twittertext.URLs),
		"tco_urls_with_params":          texts(twittertext.URLs),
		"hashtags":                      texts(twittertext.Hashtags),
		"hashtags_from_astral":          texts(twittertext.Hashtags),
		"hashtags_with_indices":         placed("hashtag", twittertext.Hashtags),
		"cashtags":                      texts(twittertext.Cashtags),
		"cashtags_with_indices":         placed("cashtag", twittertext.Cashtags),
	})
}

func TestTopLevelDomainsConform(t *testing.T) {
	t.Parallel()
	conform(t, "tlds.yml", 1574, map[string]func(wireCase) any{
		"country": texts(twittertext.URLs), "generic": texts(twittertext.URLs),
	})
}

func linked(find func(string) []twittertext.Entity) func(wireCase) any {
	return func(c wireCase) any { return twittertext.LinkEntities(c.Text, find(c.Text), nil) }
}

func TestAutolinkConforms(t *testing.T) {
	t.Parallel()
	conform(t, "autolink.yml", 196, map[string]func(wireCase) any{
		"usernames": linked(twittertext.Mentions),
		"lists":     linked(twittertext.Mentions),
		"hashtags":  linked(twittertext.Hashtags),
		"urls":      linked(twittertext.SchemedURLs),
		"cashtags":  linked(twittertext.Cashtags),
		"all":       func(c wireCase) any { return twittertext.Link(c.Text) },
		"json":      func(c wireCase) any { return fromWire(t, c) },
	})
}

// fromWire links the entities that X names in its answers, whose places count
// characters.
func fromWire(t *testing.T, c wireCase) string {
	t.Helper()
	type entity struct {
		URL         string
		DisplayURL  string `json:"display_url"`
		ExpandedURL string `json:"expanded_url"`
		ScreenName  string `json:"screen_name"`
		Text        string
		Indices     [2]int
	}
	var wire struct {
		Hashtags, URLs, Symbols []entity
		Mentions                []entity `json:"user_mentions"`
	}
	if err := json.Unmarshal([]byte(c.JSON), &wire); err != nil {
		t.Fatal(err)
	}
	chars, shown := []rune(c.Text), map[string]twittertext.Display{}
	var found []twittertext.Entity
	add := func(kind twittertext.Kind, all []entity) {
		for _, e := range all {
			start := len(string(chars[:e.Indices[0]]))
			end := start + len(string(chars[e.Indices[0]:e.Indices[1]]))
			found = append(found, twittertext.Entity{Kind: kind, Start: start, End: end, Text: e.URL + e.ScreenName + e.Text})
			if e.DisplayURL != "" {
				shown[e.URL] = twittertext.Display{Text: e.DisplayURL, URL: e.ExpandedURL}
			}
		}
	}
	add(twittertext.Hashtag, wire.Hashtags)
	add(twittertext.URL, wire.URLs)
	add(twittertext.Cashtag, wire.Symbols)
	add(twittertext.Mention, wire.Mentions)
	slices.SortFunc(found, func(a, b twittertext.Entity) int { return a.Start - b.Start })
	return twittertext.LinkEntities(c.Text, found, shown)
}

func TestHighlightConforms(t *testing.T) {
	t.Parallel()
	highlight := func(c wireCase) any {
		var hits []twittertext.Range
		for _, h := range c.Hits {
			hits = append(hits, twittertext.Range{Start: h[0], End: h[1]})
		}
		return twittertext.Highlight(c.Text, hits)
	}
	conform(t, "hit_highlighting.yml", 14, map[string]func(wireCase) any{"plain_text": highlight, "with_links": highlight})
}

// What X says of places is in UTF-16 code units.
func TestPlacesAreOfUTF16(t *testing.T) {
	t.Parallel()
	const text = "Größe 👟"
	if got, want := twittertext.V3().Parse(text).Display.End, len(utf16.Encode([]rune(text)))-1; got != want {
		t.Errorf("ends at %d, want %d", got, want)
	}
}
