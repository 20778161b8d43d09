package appstore

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/seen"
	"lastword/internal/text"
)

// The feed has ten pages of fifty reviews at most.
const feedPages = 10

// feedAt is where the feed of a country is.
func feedAt(app, country string, page int) string {
	return fmt.Sprintf("https://itunes.apple.com/%s/rss/customerreviews/page=%d/id=%s/sortby=mostrecent/json", country, page, app)
}

// A labelled is how the feed writes a value.
type labelled struct{ Label string }

// readFeed decodes one entry of the feed. The first may be the app itself, which
// has no rating.
func readFeed(raw []byte, app, country string) (lastword.Post, bool) {
	var got struct {
		ID, Title, Content, Updated labelled
		Rating                      labelled `json:"im:rating"`
		Author                      struct {
			Name, URI labelled
		}
	}
	if json.Unmarshal(raw, &got) != nil {
		return lastword.Post{}, false
	}
	said, err := time.Parse(time.RFC3339, got.Updated.Label)
	stars, wrong := strconv.Atoi(got.Rating.Label)
	if err != nil || wrong != nil || stars < 1 || stars > 5 || !isID(got.ID.Label) {
		return lastword.Post{}, false
	}
	p := review(stars, got.Title.Label, got.Content.Label)
	p.Key, p.SaidAt, p.URL = "r"+got.ID.Label, said.UTC(), pageOf(app, country)
	p.Author = who(got.Author.Name.Label)
	if at := got.Author.URI.Label; strings.HasPrefix(at, "https://itunes.apple.com/") {
		p.Author.URL = text.CleanTo(at, 300)
	}
	return p, true
}

// review is what both ways know of one.
func review(stars int, title, body string) lastword.Post {
	p := lastword.Post{Network: Name, Text: text.CleanTo(body, 16<<10)}
	p.Title = strings.TrimSpace(strings.Repeat("★", stars) + strings.Repeat("☆", 5-stars) + " " + text.CleanTo(title, 1<<10))
	return p
}

// who names a customer: a nickname belongs to one person in the whole App Store.
func who(nickname string) lastword.Author {
	name := text.CleanTo(nickname, 300)
	if name == "" {
		return lastword.Author{}
	}
	return lastword.Author{Key: strings.ToLower(name), Name: name}
}

func pageOf(app, country string) string {
	return "https://apps.apple.com/" + country + "/app/id" + app + "?see-all=reviews"
}

func isID(s string) bool {
	return s != "" && len(s) <= 80 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_'
	})
}

// feed reads one page of every country's feed. A country in which nobody may buy
// the app, or nobody wrote, has an empty one.
func (s *source) feed(ctx context.Context, page int) (all []seen.Entry, more bool, err error) {
	for _, country := range s.countries {
		var got struct {
			Feed struct{ Entry json.RawMessage }
		}
		_, err := api.Do(ctx, s.host.HTTP, api.Request{URL: feedAt(s.app, country, page)}, &got)
		if err != nil {
			return nil, false, fmt.Errorf("appstore: %w", err)
		}
		entries := list(got.Feed.Entry)
		for _, raw := range entries {
			p, ok := readFeed(raw, s.app, country)
			switch {
			case ok && p.Text != "":
				all = append(all, seen.Entry{Post: p})
			case !ok && !isApp(raw):
				s.host.Dropped(dropReview, s.app)
			}
		}
		more = more || len(entries) >= 50
	}
	return all, more && page < feedPages, nil
}

// list reads a list that is one object where it has one member.
func list(raw json.RawMessage) (all []json.RawMessage) {
	if json.Unmarshal(raw, &all) == nil {
		return all
	}
	if len(raw) > 0 && raw[0] == '{' {
		return []json.RawMessage{raw}
	}
	return nil
}

// isApp reports whether an entry is the app itself.
func isApp(raw []byte) bool {
	var got map[string]json.RawMessage
	return json.Unmarshal(raw, &got) == nil && got["im:name"] != nil && got["im:rating"] == nil
}
