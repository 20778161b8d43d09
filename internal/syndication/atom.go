package syndication

import (
	"bytes"
	"net/url"
	"strings"

	"github.com/mmcdole/gofeed/atom"
)

func readAtom(doc []byte, base *url.URL) (Feed, error) {
	in, err := (&atom.Parser{}).Parse(bytes.NewReader(doc))
	if err != nil {
		return Feed{}, err
	}
	x := extensions(in.Extensions)
	f := Feed{
		Format:  "atom",
		Title:   title(in.Title),
		Lang:    tongue(in.Language),
		Author:  atomAuthor(in.Authors, base),
		Every:   x.updates(),
		Deleted: x.deleted(),
	}
	for _, l := range in.Links {
		f.link(l.Rel, l.Href, base)
	}
	for _, entry := range in.Entries {
		f.Items = append(f.Items, atomItem(entry, base))
	}
	return f, nil
}

func atomItem(in *atom.Entry, base *url.URL) Item {
	x := extensions(in.Extensions)
	item := Item{
		ID:        short(in.ID),
		Link:      resolve(base, firstOf(x.text("feedburner", "origLink"), atomLink(in.Links, "alternate"))),
		Title:     title(in.Title),
		Text:      atomText(in, x),
		Author:    atomAuthor(in.Authors, base),
		Published: when(in.Published, x.text("dc", "date"), in.Updated),
		Updated:   when(in.Updated),
		Comments:  resolve(base, firstOf(atomLink(in.Links, "replies"), x.text("wfw", "commentRss"))),
		Replies:   x.replies(),
		Parent:    x.parent(),
	}
	if item.Link == "" {
		item.Link = firstOf(resolve(base, atomLink(in.Links, "self")), webAddress(item.ID))
	}
	if item.Author.Zero() && in.Source != nil {
		item.Author = atomAuthor(in.Source.Authors, base)
	}
	if item.Author.Zero() {
		item.Author = person(x.text("dc", "creator"))
	}
	return item
}

// atomLink returns the first link of the relation; of several replies the feed,
// not the page.
func atomLink(links []*atom.Link, rel string) string {
	for _, l := range links {
		if l.Rel == rel && (rel != "replies" || strings.Contains(l.Type, "atom") || strings.Contains(l.Type, "rss")) {
			return l.Href
		}
	}
	return ""
}

func atomText(in *atom.Entry, x extensions) string {
	if in.Content != nil && in.Content.Value != "" {
		switch kind := strings.ToLower(in.Content.Type); {
		case strings.Contains(kind, "html"):
			return fromHTML(in.Content.Value)
		case kind == "", strings.HasPrefix(kind, "text"):
			return plain(in.Content.Value)
		}
	}
	return plain(firstOf(in.Summary, x.media()))
}

func atomAuthor(all []*atom.Person, base *url.URL) Author {
	for _, p := range all {
		if a := (Author{Name: title(p.Name), Email: short(p.Email), URL: resolve(base, p.URI)}); !a.Zero() {
			return a
		}
	}
	return Author{}
}
