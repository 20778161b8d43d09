package app

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/represent"
)

// The card of a link is what its page says of itself; a page that says nothing, or
// lies in an inner network, has none, and the draft is saved all the same.
func TestCardOfALink(t *testing.T) {
	t.Parallel()
	var thumb bytes.Buffer
	if err := png.Encode(&thumb, image.NewGray(image.Rect(0, 0, 8, 4))); err != nil {
		t.Fatal(err)
	}
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/card":
			w.Header().Set("Content-Type", "text/html; charset=iso-8859-1")
			fmt.Fprint(w, "<html><head><title>Anders</title><meta property='og:title' content='Gr\xf6\xdfe H'><meta name=description content=' Jetzt\n  neu '><meta property=og:image content=/thumb.png></head><body><meta property=og:title content=falsch>")
		case "/thumb.png":
			_, _ = w.Write(thumb.Bytes()) // the client may have left
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(pages.Close)
	c := newPublisher(t, "")
	host := strings.TrimPrefix(pages.URL, "http://")
	card := func(path string, inner ...string) lastword.StoryRow {
		c.config.Inner = inner
		var row lastword.StoryRow
		c.inside(func(a *App) {
			id, err := a.stories.Begin(t.Context(), c.director)
			c.must(err)
			c.must(a.stories.Save(t.Context(), c.director, id, represent.Draft{Text: "Mehr: " + pages.URL + path, Channels: []int64{c.channel.ID}, Due: time.Now().Add(time.Hour)}))
			c.must(a.stories.Do(t.Context(), lastword.Job{Kind: lastword.Unfurl, Company: c.company.ID, IDs: []int64{id}}))
			row, err = a.DB.Story(t.Context(), c.company.ID, id)
			c.must(err)
			if digest := row.Card.Picture; digest != "" {
				_, _, err := a.DB.Picture(t.Context(), c.company.ID, digest)
				c.must(err)
			}
		})
		return row
	}
	row := card("/card", host)
	if row.Card.Title != "Größe H" || row.Card.Description != "Jetzt neu" || row.Card.Picture == "" || row.Versions[0].Card != row.Card {
		t.Errorf("the card: %+v, of the version %+v", row.Card, row.Versions[0].Card)
	}
	for what, row := range map[string]lastword.StoryRow{"a page that is not there": card("/nothing", host), "an inner network": card("/card")} {
		if row.Card.Title != "" || row.Card.URL == "" || row.Versions[0].Card.URL != "" {
			t.Errorf("%s: %+v", what, row.Card)
		}
	}
}

// The company's own blog is one more place: others that link to it wait until it
// stands, and fail with a reason where it never will.
func TestBlogStandsBeforeWhatLinksToIt(t *testing.T) {
	t.Parallel()
	c := newPublisher(t, "")
	c.inside(func(a *App) {
		c.company.Public = "https://lind.example"
		c.must(a.DB.SaveCompany(t.Context(), c.director, c.company))
		c.must((blogs{a}).Save(t.Context(), c.director, c.company, lastword.Blog{Name: "lind", Title: "Werkstatt", Imprint: "x@lind.example", On: true}))
		set, err := a.DB.Blog(t.Context(), c.company.ID)
		c.must(err)
		id, err := a.stories.Begin(t.Context(), c.director)
		c.must(err)
		c.must(a.stories.Save(t.Context(), c.director, id, represent.Draft{Title: "Größe H", Text: strings.Repeat("Das ist ein langer Satz, der vieles sagt. ", 60), Channels: []int64{c.channel.ID, set.Channel}}))
		row, err := a.DB.Story(t.Context(), c.company.ID, id)
		c.must(err)
		own, short := row.Versions[0], row.Versions[1]
		if own.Channel != set.Channel {
			own, short = short, own
		}
		if short.Cites != own.ID || !strings.Contains(short.Parts[0], "https://lind.example/blog/lind/groesse-h-") {
			t.Fatalf("the short one: %+v", short)
		}
		_, err = a.stories.Release(t.Context(), c.director, id, represent.Consents(row.Versions))
		c.must(err)
		do := func(v lastword.Version) error {
			return a.stories.Do(t.Context(), lastword.Job{Kind: lastword.Publish, Company: c.company.ID, IDs: []int64{v.ID}})
		}
		var later interface{ RetryIn() time.Duration }
		if err := do(short); !errors.As(err, &later) {
			t.Errorf("before the blog stands: %v", err)
		}
		c.must(do(own))
		got, err := a.DB.Version(t.Context(), c.company.ID, own.ID)
		c.must(err)
		if got.State != lastword.Sent || !strings.Contains(short.Parts[0], got.URL) {
			t.Errorf("the blog's: %s at %s", got.State, got.URL)
		}
		c.must(a.stories.TakeDown(t.Context(), c.director, own.ID))
		c.must(a.stories.Do(t.Context(), lastword.Job{Kind: lastword.TakeDown, Company: c.company.ID, IDs: []int64{own.ID}}))
		c.must(do(short))
		if got, err = a.DB.Version(t.Context(), c.company.ID, short.ID); err != nil || got.State != lastword.Failed || got.Why != "why.cites" {
			t.Errorf("after it was taken down: %s, %s, %v", got.State, got.Why, err)
		}
	})
}
