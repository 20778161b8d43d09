package syndication

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxAlternates bounds the feeds that a page may name.
const maxAlternates = 20

// alternates lists the feeds that a page names (HTML, link types "alternate"),
// feeds of comments last: a site's articles are what is meant by its address.
func alternates(doc []byte, base *url.URL) []string {
	z := html.NewTokenizer(bytes.NewReader(doc))
	z.SetMaxBuf(1 << 20)
	var main, comments []string
	for len(main)+len(comments) < maxAlternates {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		t := z.Token()
		switch t.DataAtom {
		case atom.Base:
			base = rebased(base, attr(t, "href"))
		case atom.Link:
			at := feedLink(t, base)
			switch {
			case at == "" || slices.Contains(main, at) || slices.Contains(comments, at):
			case aboutComments(attr(t, "title") + " " + at):
				comments = append(comments, at)
			default:
				main = append(main, at)
			}
		}
	}
	return append(main, comments...)
}

func feedLink(t html.Token, base *url.URL) string {
	rel := strings.Fields(strings.ToLower(attr(t, "rel")))
	if !slices.Contains(rel, "alternate") && !slices.Contains(rel, "feed") {
		return ""
	}
	kind, _, _ := strings.Cut(strings.ToLower(attr(t, "type")), ";")
	switch strings.TrimSpace(kind) {
	case "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml":
		return resolve(base, attr(t, "href"))
	}
	return ""
}

func aboutComments(s string) bool {
	s = strings.ToLower(s)
	return strings.Contains(s, "comment") || strings.Contains(s, "kommentar")
}

func rebased(base *url.URL, href string) *url.URL {
	u, err := url.Parse(strings.TrimSpace(href))
	if err != nil || href == "" || base == nil {
		return base
	}
	return base.ResolveReference(u)
}

func attr(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
