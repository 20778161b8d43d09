package appstore

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"lastword"
	"lastword/internal/seen"
	"lastword/internal/text"
	"lastword/listen"
)

// dropReview is the reason for leaving a review out.
const dropReview = "review-unreadable"

// Poll implements listen.Source.
func (s *source) Poll(ctx context.Context, cursor string, hear listen.Hear) error {
	p := seen.Place{Network: Name, Now: s.host.Now(), Hear: hear, Dropped: s.host.Dropped}
	if s.key == nil {
		p.Of, p.Page, p.First = s.app+" "+strings.Join(s.countries, " "), s.feed, feedPages
		return p.Poll(ctx, cursor)
	}
	next := ""
	p.Of, p.Gone = s.app, s.gone
	p.Page = func(ctx context.Context, n int) (all []seen.Entry, more bool, err error) {
		if n == 1 {
			next = ""
		}
		all, next, err = s.reviews(ctx, next)
		return all, next != "", err
	}
	return p.Poll(ctx, cursor)
}

// reviews lists reviews, newest first, with the responses to them.
func (s *source) reviews(ctx context.Context, from string) (all []seen.Entry, next string, err error) {
	q := url.Values{"sort": {"-createdDate"}, "limit": {"200"}, "include": {"response"}}
	if from != "" {
		q.Set("cursor", from)
	}
	var got struct {
		Data, Included []json.RawMessage
		Links          struct{ Next string }
	}
	if err := s.ask(ctx, "", "/v1/apps/"+s.app+"/customerReviews", q, nil, &got); err != nil {
		return nil, "", judged(err)
	}
	responses := map[string]resource{}
	for _, raw := range got.Included {
		var r resource
		if json.Unmarshal(raw, &r) == nil && r.Type == "customerReviewResponses" && isID(r.ID) {
			responses[r.ID] = r
		}
	}
	for _, raw := range got.Data {
		r, ok := readReview(raw)
		if !ok {
			s.host.Dropped(dropReview, s.app)
			continue
		}
		p := s.heard(r)
		if p.Text == "" {
			continue
		}
		all = append(all, seen.Entry{Post: p})
		if d := r.Relationships.Response.Data; d != nil {
			if answer, ok := responses[d.ID]; ok && !answer.Attributes.Modified.IsZero() {
				all = append(all, seen.Entry{Post: own(p, answer)})
			}
		}
	}
	// Of the address of the next page only its cursor is taken: a token goes to
	// one host alone.
	if at, err := url.Parse(got.Links.Next); err == nil && len(got.Data) > 0 {
		next = at.Query().Get("cursor")
	}
	return all, next, nil
}

func (s *source) heard(r resource) lastword.Post {
	p := review(r.Attributes.Rating, r.Attributes.Title, r.Attributes.Body)
	p.Key, p.SaidAt, p.Author, p.Ref = "a"+r.ID, r.Attributes.Created.UTC(), who(r.Attributes.Nickname), r.ID
	p.URL = "https://appstoreconnect.apple.com/apps/" + s.app + "/distribution/activity/ios/ratingsResponses"
	return p
}

// own is the company's response, given by us or by hand.
func own(to lastword.Post, r resource) lastword.Post {
	return lastword.Post{Network: Name, Key: "o" + r.ID, URL: to.URL, Parent: to.Key, Root: to.Key, Own: true,
		Author: lastword.Author{Key: "company", Name: "App Store Connect"},
		Text:   text.CleanTo(r.Attributes.Response, 16<<10), SaidAt: r.Attributes.Modified.UTC()}
}

// gone asks for a review, or a response, that is no longer listed.
func (s *source) gone(ctx context.Context, key string) (bool, error) {
	path := "/v1/customerReviews/"
	if strings.HasPrefix(key, "o") {
		path = "/v1/customerReviewResponses/"
	}
	err := s.ask(ctx, "", path+key[1:], nil, nil, nil)
	var e *refusal
	switch {
	case errors.As(err, &e) && e.status == http.StatusNotFound:
		return true, nil
	case err != nil:
		return false, judged(err)
	}
	return false, nil
}
