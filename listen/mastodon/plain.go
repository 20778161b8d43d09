package mastodon

import (
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"lastword/internal/text"
)

// maxContent bounds the markup of a post that is read, in bytes, and maxText
// what is kept of it. Servers that allow articles allow more.
const (
	maxContent = 256 << 10
	maxText    = 32 << 10
)

// plain makes text of a post's markup: paragraphs and lines as its reader sees
// them; of a link its whole address, of which servers show only a part, and of a
// link that says something else both; a mention or a hashtag as it is shown. The
// line "RE: …" that stands in for a quoted post (methods/statuses,
// quoted_status_id) is nobody's word and left out.
func plain(content string) string {
	content = content[:min(len(content), maxContent)]
	var out strings.Builder
	r := rewriter{out: &out}
	z := html.NewTokenizer(strings.NewReader(content))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			if z.Err() != io.EOF {
				r.text(string(z.Raw()))
			}
			break
		}
		r.take(z.Token())
	}
	r.endLink()
	return text.CleanTo(text.PlainHTML(out.String()), maxText)
}

// A rewriter copies markup and writes links out.
type rewriter struct {
	out   *strings.Builder
	href  string          // of the link that is open; empty: none
	shown strings.Builder // its text
	quote bool            // within a paragraph that stands in for a quote
}

func (r *rewriter) take(t html.Token) {
	name := t.Data
	switch {
	case r.quote:
		r.quote = t.Type != html.EndTagToken || name != "p"
	case t.Type == html.StartTagToken && name == "p" && has(t, "quote-inline"):
		r.quote = true
	case t.Type == html.StartTagToken && name == "a":
		r.endLink()
		if href := attribute(t, "href"); isWeb(href) && !has(t, "mention") && !has(t, "hashtag") {
			r.href = href
		}
	case t.Type == html.EndTagToken && name == "a":
		r.endLink()
	case t.Type == html.TextToken:
		r.text(t.Data)
	case r.href != "" && name == "span": // parts of an address
	default:
		r.endLink()
		r.out.WriteString(t.String())
	}
}

func (r *rewriter) text(s string) {
	if r.href != "" {
		r.shown.WriteString(s)
		return
	}
	r.out.WriteString(html.EscapeString(s))
}

// endLink writes the link that is open.
func (r *rewriter) endLink() {
	if r.href == "" {
		return
	}
	shown := strings.TrimSpace(r.shown.String())
	switch {
	case shown == "" || isPartOf(shown, r.href):
		shown = r.href
	case !strings.HasPrefix(shown, "@") && !strings.HasPrefix(shown, "#"):
		shown += " (" + r.href + ")"
	}
	r.out.WriteString(html.EscapeString(shown))
	r.href = ""
	r.shown.Reset()
}

// isPartOf reports whether a link shows its own address, whole or cut.
func isPartOf(shown, href string) bool {
	bare := func(s string) string {
		s = strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(s), "https://"), "http://")
		return strings.TrimSuffix(strings.TrimPrefix(s, "www."), "/")
	}
	cut := strings.TrimSuffix(strings.TrimSuffix(shown, "…"), "...")
	short, whole := bare(cut), bare(href)
	return short == whole || cut != shown && short != "" && strings.HasPrefix(whole, short)
}

func isWeb(href string) bool {
	return (strings.HasPrefix(href, "https://") || strings.HasPrefix(href, "http://")) && len(href) <= 2048
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(t html.Token, class string) bool {
	return slices.Contains(strings.Fields(attribute(t, "class")), class)
}
