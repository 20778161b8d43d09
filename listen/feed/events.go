package feed

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"lastword"
	"lastword/internal/syndication"
)

// news is what a document brings beside what was seen.
type news struct {
	events []lastword.Event
	marks  []mark // of the entry that each event comes from, in the same order
}

// diff returns what of f is not in seen, oldest first: new entries, entries
// that say something else than before, and entries taken back. Dates play no
// part in it: a feed may shrink, reorder and re-date as it likes.
func diff(f syndication.Feed, seen marks, at *url.URL, now time.Time) news {
	known := seen.byID()
	var n news
	for _, i := range byAge(f.Items, now) {
		m := markOf(i, at)
		if was, ok := known[m.id]; ok && was.says == m.says {
			continue
		}
		op := lastword.Said
		if _, changed := known[m.id]; changed {
			op = lastword.Edited
		}
		known[m.id] = m
		n.events = append(n.events, lastword.Event{Op: op, Post: post(i, f, at, now)})
		n.marks = append(n.marks, m)
	}
	for _, id := range f.Deleted {
		if was, ok := known[idOf(key(id, at))]; ok && was.says != 0 {
			gone := lastword.Post{Network: Name, Key: key(id, at)}
			n.events = append(n.events, lastword.Event{Op: lastword.Deleted, Post: gone})
			n.marks = append(n.marks, mark{id: was.id}) // says nothing any more
		}
	}
	return n
}

// byAge returns the items oldest first. Without dates a document is taken to
// have its newest item first.
func byAge(items []syndication.Item, now time.Time) []syndication.Item {
	sorted := slices.Clone(items)
	slices.Reverse(sorted)
	slices.SortStableFunc(sorted, func(a, b syndication.Item) int {
		return cmp.Compare(saidAt(a, now).Unix(), saidAt(b, now).Unix())
	})
	return sorted
}

// saidAt is when the item was published; an item without a date, or with one
// that is still to come, is taken to be of now.
func saidAt(i syndication.Item, now time.Time) time.Time {
	if i.Published.IsZero() || i.Published.After(now) {
		return now
	}
	return i.Published
}

func post(i syndication.Item, f syndication.Feed, at *url.URL, now time.Time) lastword.Post {
	p := lastword.Post{
		Network: Name,
		Key:     key(i.ID, at),
		URL:     cmp.Or(i.Link, f.Link),
		Author:  author(i, f, at),
		Title:   i.Title,
		Text:    i.Text,
		Lang:    i.Lang,
		SaidAt:  saidAt(i, now).UTC(),
	}
	if i.Parent != "" {
		p.Parent = key(i.Parent, at)
		p.Root = p.Parent
	}
	return p
}

// key makes an id unique among all feeds. An absolute id belongs to its site,
// so that an entry in two of its feeds is one voice; no other site's feed can
// speak in its name. Any other id belongs to its feed alone.
func key(id string, at *url.URL) string {
	if len(id) > 200 {
		id = "digest:" + digest(id)
	}
	if u, err := url.Parse(id); err == nil && u.Scheme != "" {
		return site(at) + "|" + id
	}
	return site(at) + "|" + digest(at.String()) + "|" + id
}

// author names whoever signed the entry, else the feed, else the site; a reply
// that nobody signed is nobody's. Names are unique only within their site.
func author(i syndication.Item, f syndication.Feed, at *url.URL) lastword.Author {
	a := i.Author
	switch {
	case !a.Zero():
	case i.Parent != "":
		return lastword.Author{}
	case f.Author.Zero():
		return lastword.Author{Key: site(at), Name: cmp.Or(f.Title, site(at)), URL: f.Link}
	default:
		a = f.Author
	}
	return lastword.Author{
		Key:    site(at) + "|" + strings.ToLower(cmp.Or(a.Email, a.URL, a.Name)),
		Handle: a.Email,
		Name:   cmp.Or(a.Name, a.Email, a.URL),
		URL:    a.URL,
	}
}
