package syndication

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	jsonfeed "github.com/mmcdole/gofeed/json"
)

// version begins the version of every JSON Feed (jsonfeed.org, version 1.1).
const version = "jsonfeed.org/version/"

func decodeJSON(doc []byte, base *url.URL) (Feed, error) {
	if !bytes.Contains(doc, []byte(`"items"`)) {
		return Feed{}, ErrNotFeed
	}
	if bytes.Count(doc, []byte("{")) > MaxElements {
		return Feed{}, ErrTooComplex
	}
	var in jsonfeed.Feed
	err := json.Unmarshal(doc, &in)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return Feed{}, ErrBroken
	}
	if !strings.Contains(in.Version, version) && in.HomePageURL == "" && in.FeedURL == "" {
		return Feed{}, ErrNotFeed
	}
	f := Feed{
		Format: "json",
		Title:  title(in.Title),
		Link:   resolve(base, in.HomePageURL),
		Lang:   tongue(in.Language),
		Author: jsonAuthor(in.Authors, in.Author),
		Self:   resolve(base, in.FeedURL),
		Hubs:   jsonHubs(doc, base),
	}
	for _, item := range in.Items[:min(len(in.Items), MaxItems)] {
		if item != nil {
			f.Items = append(f.Items, jsonItem(item, base))
		}
	}
	if err != nil {
		f.Damaged = 1 // a member of another type than it should be; the rest is read
	}
	finish(&f)
	return f, nil
}

func jsonItem(in *jsonfeed.Item, base *url.URL) Item {
	item := Item{
		ID:        short(in.ID),
		Link:      resolve(base, firstOf(in.URL, in.ExternalURL)),
		Title:     title(in.Title),
		Lang:      tongue(in.Language),
		Author:    jsonAuthor(in.Authors, in.Author),
		Published: when(in.DatePublished, in.DateModified),
		Updated:   when(in.DateModified),
	}
	switch {
	case in.ContentHTML != "":
		item.Text = fromHTML(in.ContentHTML)
	default:
		item.Text = plain(firstOf(in.ContentText, in.Summary))
	}
	if item.Link == "" {
		item.Link = webAddress(item.ID)
	}
	return item
}

func jsonAuthor(all []*jsonfeed.Author, one *jsonfeed.Author) Author {
	for _, a := range append(all, one) {
		if a == nil || a.Name == "" && a.URL == "" {
			continue
		}
		p := person(a.Name)
		p.URL = webAddress(a.URL)
		return p
	}
	return Author{}
}

// jsonHubs are the WebSub hubs; other kinds of hub are not ours.
func jsonHubs(doc []byte, base *url.URL) []string {
	var in struct {
		Hubs []struct{ Type, URL string }
	}
	if err := json.Unmarshal(doc, &in); err != nil {
		return nil // one odd member is no reason to lose the feed
	}
	var hubs []string
	for _, h := range in.Hubs {
		if at := resolve(base, h.URL); strings.EqualFold(h.Type, "websub") && at != "" && len(hubs) < 5 {
			hubs = append(hubs, at)
		}
	}
	return hubs
}
