package demo

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"lastword"
)

//go:embed posts/*.jsonl
var files embed.FS

// A post is one line of a file.
type post struct {
	ID      string `json:"id"`
	Network string `json:"network"`
	Ago     string `json:"ago"`  // how long before the demo, or
	Wait    int    `json:"wait"` // how many seconds after the one before it
	Lang    string `json:"lang"`
	Author  struct {
		Handle string `json:"handle"`
		Name   string `json:"name"`
	} `json:"author"`
	Title   string `json:"title"`
	Text    string `json:"text"`
	Parent  string `json:"in_reply_to"`
	Thread  string `json:"thread"`
	Own     bool   `json:"own"`
	Private bool   `json:"private"`
	CopyOf  string `json:"copy_of"` // written to be nearly the same as that one
}

// The two files that hold no wish: chatter and advertising, and what comes in
// while one looks.
const (
	noise = "other"
	later = "later"
)

// Posts returns what the company heard within the 42 days before now, oldest
// first, its own replies among them.
func Posts(now time.Time) ([]lastword.Event, error) {
	names, err := themes()
	if err != nil {
		return nil, err
	}
	var events []lastword.Event
	for _, name := range append(names, noise) {
		posts, err := read(name)
		if err != nil {
			return nil, err
		}
		for _, p := range posts {
			said, err := before(now, p.Ago)
			if err != nil {
				return nil, fmt.Errorf("demo: %s: %w", p.ID, err)
			}
			events = append(events, p.event(said))
		}
	}
	slices.SortStableFunc(events, func(a, b lastword.Event) int {
		return cmp.Or(a.Post.SaidAt.Compare(b.Post.SaidAt), cmp.Compare(a.Post.Key, b.Post.Key))
	})
	return events, nil
}

// Later returns the post with number n, counted from 0, of those that come in
// while one looks at the demo, said now, and how long to wait before it; ok is
// false after the last one.
func Later(n int, now time.Time) (e lastword.Event, wait time.Duration, ok bool, err error) {
	posts, err := read(later)
	if err != nil || n < 0 || n >= len(posts) {
		return lastword.Event{}, 0, false, err
	}
	return posts[n].event(now), time.Duration(posts[n].Wait) * time.Second, true, nil
}

// A Wish is something that many customers want, under whatever name the
// program will find for it.
type Wish struct {
	Name string   // one English word
	Keys []string // of the posts that were written about it, Post.Key; our replies left out
}

// Wishes lists what lies beneath the posts, for comparison with what the
// program makes of them, and to find the theme of a [Past] decision.
func Wishes() ([]Wish, error) {
	names, err := themes()
	if err != nil {
		return nil, err
	}
	var wishes []Wish
	for _, name := range names {
		posts, err := read(name)
		if err != nil {
			return nil, err
		}
		w := Wish{Name: name}
		for _, p := range posts {
			if !p.Own {
				w.Keys = append(w.Keys, p.ID)
			}
		}
		wishes = append(wishes, w)
	}
	return wishes, nil
}

// themes lists the files that hold a wish each.
func themes() ([]string, error) {
	entries, err := files.ReadDir("posts")
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	var names []string
	for _, e := range entries {
		if name := strings.TrimSuffix(e.Name(), ".jsonl"); name != noise && name != later {
			names = append(names, name)
		}
	}
	return names, nil
}

func read(name string) ([]post, error) {
	f, err := files.Open(path.Join("posts", name+".jsonl"))
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	defer f.Close()
	var posts []post
	for d := json.NewDecoder(f); ; {
		var p post
		if err := d.Decode(&p); err == io.EOF {
			return posts, nil
		} else if err != nil {
			return nil, fmt.Errorf("demo: %s, after %d posts: %w", name, len(posts), err)
		}
		posts = append(posts, p)
	}
}

// before returns the moment that ago names, seen from now.
func before(now time.Time, ago string) (time.Time, error) {
	days, clock, daily := strings.Cut(ago, "d ")
	if !daily {
		d, err := time.ParseDuration(ago)
		return now.Add(-d), err
	}
	var n, hour, minute int
	if _, err := fmt.Sscanf(days+" "+clock, "%d %d:%d", &n, &hour, &minute); err != nil {
		return time.Time{}, fmt.Errorf("%q is no time: %w", ago, err)
	}
	local := now.In(zone())
	return time.Date(local.Year(), local.Month(), local.Day()-n, hour, minute, 0, 0, local.Location()), nil
}

// zone is where the company is; where no time zones are known, an hour or two
// do not matter.
func zone() *time.Location {
	if z, err := time.LoadLocation(place); err == nil {
		return z
	}
	return time.UTC
}

func (p post) event(said time.Time) lastword.Event {
	return lastword.Event{Op: lastword.Said, Post: lastword.Post{
		Network: p.Network, Key: p.ID, URL: p.address(),
		Author: lastword.Author{Key: strings.ToLower(p.Author.Handle), Handle: p.Author.Handle, Name: p.Author.Name},
		Title:  p.Title, Text: p.Text, Lang: p.statedLang(), SaidAt: said,
		Parent: p.Parent, Root: p.Thread, Own: p.Own, Private: p.Private,
	}}
}

// address is where the post could be read, if its network existed.
func (p post) address() string {
	if p.Private {
		return ""
	}
	return "https://" + p.Network + ".example/" + p.ID
}

// statedLang is the language if its network is one that states any.
func (p post) statedLang() string {
	switch p.Network {
	case "bluesky", "mastodon", "x", "feed":
		return p.Lang
	}
	return ""
}
