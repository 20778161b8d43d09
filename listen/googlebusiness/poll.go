package googlebusiness

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/google"
	"lastword/internal/seen"
	"lastword/internal/text"
	"lastword/listen"
)

// dropReview is the reason for leaving a review out.
const dropReview = "review-unreadable"

// Bounds of what one person may look after.
const (
	maxAccounts = 20
	maxPlaces   = 500
)

// A place is one of the company's, as the reviews API names it.
type place struct {
	name  string // "accounts/1/locations/2"
	title string
}

var (
	accountName  = regexp.MustCompile(`^accounts/[A-Za-z0-9_-]+$`)
	locationName = regexp.MustCompile(`^locations/[A-Za-z0-9_-]+$`)
	reviewName   = regexp.MustCompile(`^accounts/[A-Za-z0-9_-]+/locations/[A-Za-z0-9_-]+/reviews/[A-Za-z0-9_=-]+$`)
)

// places lists the places of all accounts of whoever signed in.
func (s *source) places(ctx context.Context) (all []place, err error) {
	var accounts struct{ Accounts []struct{ Name string } }
	if err := s.ask(ctx, api.Request{URL: accountsAt + "accounts", Query: url.Values{"pageSize": {"20"}}}, &accounts); err != nil {
		return nil, judged(err)
	}
	seenBefore := map[string]bool{}
	for _, a := range accounts.Accounts[:min(len(accounts.Accounts), maxAccounts)] {
		if !accountName.MatchString(a.Name) {
			continue
		}
		token := ""
		for len(all) < maxPlaces {
			var got struct {
				Locations     []struct{ Name, Title string }
				NextPageToken string
			}
			q := url.Values{"readMask": {"name,title"}, "pageSize": {"100"}}
			if token != "" {
				q.Set("pageToken", token)
			}
			if err := s.ask(ctx, api.Request{URL: placesAt + a.Name + "/locations", Query: q}, &got); err != nil {
				return nil, judged(err)
			}
			for _, l := range got.Locations {
				if seenBefore[l.Name] { // shared by two accounts
					continue
				}
				seenBefore[l.Name] = true
				if locationName.MatchString(l.Name) && strings.Contains(strings.ToLower(l.Title), s.place) {
					all = append(all, place{a.Name + "/" + l.Name, text.CleanTo(l.Title, 300)})
				}
			}
			if token = got.NextPageToken; token == "" || len(got.Locations) == 0 {
				break
			}
		}
	}
	return all, nil
}

// Poll implements listen.Source. A page is one page of every place.
func (s *source) Poll(ctx context.Context, cursor string, hear listen.Hear) error {
	places, err := s.places(ctx)
	if err != nil {
		return err
	}
	if len(places) == 0 {
		return noPlace()
	}
	next := map[string]string{}
	return seen.Place{
		Of: Name, Network: Name, Now: s.host.Now(), Hear: hear, Dropped: s.host.Dropped, Watch: 2000, Gone: s.gone,
		Page: func(ctx context.Context, n int) (all []seen.Entry, more bool, err error) {
			for _, p := range places {
				if n > 1 && next[p.name] == "" {
					continue
				}
				some, token, err := s.reviews(ctx, p, next[p.name], len(places) > 1)
				if err != nil {
					return nil, false, err
				}
				all, next[p.name], more = append(all, some...), token, more || token != ""
			}
			return all, more, nil
		},
	}.Poll(ctx, cursor)
}

// reviews lists reviews of a place, the latest changed first, with the replies.
func (s *source) reviews(ctx context.Context, at place, from string, named bool) (all []seen.Entry, next string, err error) {
	q := url.Values{"pageSize": {"50"}, "orderBy": {"updateTime desc"}}
	if from != "" {
		q.Set("pageToken", from)
	}
	var got struct {
		Reviews       []json.RawMessage
		NextPageToken string
	}
	if err := s.ask(ctx, api.Request{URL: reviewsAt + at.name + "/reviews", Query: q}, &got); err != nil {
		return nil, "", judged(err)
	}
	for _, raw := range got.Reviews {
		r, ok := readReview(raw)
		if !ok {
			s.host.Dropped(dropReview, at.name)
			continue
		}
		title := ""
		if named {
			title = at.title
		}
		p := r.post(title)
		if p.Text == "" { // stars alone say nothing that could be answered
			continue
		}
		all = append(all, seen.Entry{Post: p})
		if r.Reply.Comment != "" {
			all = append(all, seen.Entry{Post: r.own(p)})
		}
	}
	if len(got.Reviews) > 0 {
		next = got.NextPageToken
	}
	return all, next, nil
}

// A review is what we read of one (REST Resource: accounts.locations.reviews).
type review struct {
	Name     string
	Reviewer struct {
		DisplayName string
		IsAnonymous bool
	}
	StarRating string
	Comment    string
	CreateTime time.Time
	Reply      struct {
		Comment    string
		UpdateTime time.Time
		State      string `json:"reviewReplyState"`
	} `json:"reviewReply"`
}

// stars are the ratings by name.
var stars = map[string]int{"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}

// readReview decodes one review.
func readReview(raw []byte) (review, bool) {
	var r review
	if json.Unmarshal(raw, &r) != nil || !reviewName.MatchString(r.Name) || len(r.Name) > 500 || r.CreateTime.IsZero() {
		return review{}, false
	}
	return r, stars[r.StarRating] > 0
}

// original takes the translation off that Google puts around a text.
func original(s string) string {
	if _, after, ok := strings.Cut(s, "(Original)\n"); ok {
		return after
	}
	before, _, _ := strings.Cut(s, "\n\n(Translated by Google)")
	return before
}

// post is what is heard of it. Whoever wrote has one review of a place: that is
// who they are, for Google tells no more than a name.
func (r review) post(title string) lastword.Post {
	n := stars[r.StarRating]
	p := lastword.Post{
		Network: Name, Key: r.Name, Ref: r.Name, SaidAt: r.CreateTime.UTC(), URL: "https://business.google.com/reviews",
		Title: strings.TrimSpace(strings.Repeat("★", n) + strings.Repeat("☆", 5-n) + " " + title), Text: text.CleanTo(original(r.Comment), 16<<10),
		Author: lastword.Author{Key: r.Name},
	}
	if !r.Reviewer.IsAnonymous {
		p.Author.Name = text.CleanTo(r.Reviewer.DisplayName, 300)
	}
	return p
}

// own is the company's reply, given by us or by hand.
func (r review) own(to lastword.Post) lastword.Post {
	p := lastword.Post{Network: Name, Key: to.Key + "|reply", URL: to.URL, Parent: to.Key, Root: to.Key, Own: true,
		Author: lastword.Author{Key: "company", Name: "Google"}, Text: text.CleanTo(original(r.Reply.Comment), 16<<10), SaidAt: r.Reply.UpdateTime.UTC()}
	if r.Reply.UpdateTime.IsZero() {
		p.SaidAt = to.SaidAt
	}
	return p
}

// gone asks for a review that is no longer listed.
func (s *source) gone(ctx context.Context, key string) (bool, error) {
	name, isReply := strings.CutSuffix(key, "|reply")
	var raw json.RawMessage
	err := s.ask(ctx, api.Request{URL: reviewsAt + name}, &raw)
	var e *google.Error
	switch {
	case errors.As(err, &e) && e.Code == http.StatusNotFound:
		return true, nil
	case err != nil:
		return false, judged(err)
	}
	r, ok := readReview(raw)
	return ok && isReply && r.Reply.Comment == "", nil
}
