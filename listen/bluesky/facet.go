package bluesky

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// A facet marks a part of a text (lexicon app.bsky.richtext.facet). The network
// recognises no link, mention or tag by itself.
type facet struct {
	Index    byteSpan  `json:"index"`
	Features []feature `json:"features"`
}

// A byteSpan counts bytes of UTF-8; the end is exclusive.
type byteSpan struct {
	Start int `json:"byteStart"`
	End   int `json:"byteEnd"`
}

type feature struct {
	Type string `json:"$type"`
	URI  string `json:"uri,omitempty"`
	DID  string `json:"did,omitempty"`
	Tag  string `json:"tag,omitempty"`
}

const facetType = "app.bsky.richtext.facet#"

// maxTag is the longest hashtag, in graphemes.
const maxTag = 64

var (
	linkForm    = regexp.MustCompile(`(?:^|[\s(])(https?://[^\s<>"]+)`)
	mentionForm = regexp.MustCompile(`(?:^|[\s(])(@(?:[a-zA-Z0-9-]+\.)+[a-zA-Z][a-zA-Z0-9-]*)`)
	tagForm     = regexp.MustCompile(`(?:^|\s)([#＃][^\s#＃]+)`)
)

// facets finds links, mentions and hashtags. resolve returns the DID of a
// handle, or "" where there is none: then the mention stays plain text.
func facets(text string, resolve func(handle string) string) []facet {
	var found []facet
	add := func(start, end int, f feature) {
		found = append(found, facet{Index: byteSpan{start, end}, Features: []feature{f}})
	}
	for _, m := range linkForm.FindAllStringSubmatchIndex(text, -1) {
		uri := trimLink(text[m[2]:m[3]])
		if len(uri) > len("https://") {
			add(m[2], m[2]+len(uri), feature{Type: facetType + "link", URI: uri})
		}
	}
	for _, m := range mentionForm.FindAllStringSubmatchIndex(text, -1) {
		if did := mentioned(text[m[2]+1:m[3]], resolve); did != "" {
			add(m[2], m[3], feature{Type: facetType + "mention", DID: did})
		}
	}
	for _, m := range tagForm.FindAllStringSubmatchIndex(text, -1) {
		whole, tag := tagOf(text[m[2]:m[3]])
		if tag != "" {
			add(m[2], m[2]+whole, feature{Type: facetType + "tag", Tag: tag})
		}
	}
	slices.SortFunc(found, func(a, b facet) int { return cmp.Compare(a.Index.Start, b.Index.Start) })
	return found
}

// trimLink leaves out what follows a link in a sentence. A closing bracket
// belongs to it only if it was opened in it.
func trimLink(s string) string {
	for {
		t := strings.TrimRight(s, ".,;:!?'\"")
		if strings.HasSuffix(t, ")") && strings.Count(t, ")") > strings.Count(t, "(") {
			t = t[:len(t)-1]
		}
		if t == s {
			return s
		}
		s = t
	}
}

func mentioned(handle string, resolve func(string) string) string {
	if !isHandle(handle) {
		return ""
	}
	return resolve(strings.ToLower(handle))
}

// tagOf returns the length in bytes of a hashtag with its sign, and the tag
// without; a number is none.
func tagOf(s string) (whole int, tag string) {
	s = strings.TrimRightFunc(s, unicode.IsPunct)
	tag = strings.TrimLeft(s, "#＃")
	clusters, _ := Count(tag)
	if clusters > maxTag || strings.TrimFunc(tag, unicode.IsDigit) == "" {
		return 0, ""
	}
	return len(s), tag
}
