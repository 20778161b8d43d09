package googleplay

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/internal/text"
)

// dropReview is the reason for leaving a review out.
const dropReview = "review-unreadable"

// page is a ReviewsListResponse.
type page struct {
	Reviews         []json.RawMessage
	TokenPagination struct{ NextPageToken string }
}

// A review is what we read of one (REST Resource: reviews).
type review struct {
	id, name, text, lang string
	stars                int
	said                 time.Time
	answer               string // of the developer; empty: none
	answered             time.Time
}

// A stamp is a time; its seconds are a number in quotation marks.
type stamp struct{ Seconds string }

func (s stamp) time() time.Time {
	n, err := strconv.ParseInt(s.Seconds, 10, 64)
	if err != nil || n <= 0 || n > 1<<34 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// readReview decodes one review: at most one comment of each side.
func readReview(raw []byte) (review, bool) {
	var got struct {
		ReviewID, AuthorName string
		Comments             []struct {
			UserComment *struct {
				Text, OriginalText string
				LastModified       stamp
				StarRating         int
				ReviewerLanguage   string
			}
			DeveloperComment *struct {
				Text         string
				LastModified stamp
			}
		}
	}
	if json.Unmarshal(raw, &got) != nil || !isID(got.ReviewID) {
		return review{}, false
	}
	r := review{id: got.ReviewID, name: got.AuthorName}
	for _, c := range got.Comments {
		switch {
		case c.UserComment != nil:
			u := c.UserComment
			r.text, r.stars, r.lang, r.said = u.Text, u.StarRating, u.ReviewerLanguage, u.LastModified.time()
			if u.OriginalText != "" { // Text is a translation then
				r.text = u.OriginalText
			}
		case c.DeveloperComment != nil:
			r.answer, r.answered = c.DeveloperComment.Text, c.DeveloperComment.LastModified.time()
		}
	}
	return r, !r.said.IsZero() && r.stars >= 1 && r.stars <= 5
}

// isID reports whether s can be an id: it becomes part of addresses and keys.
func isID(s string) bool {
	return s != "" && len(s) <= 200 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("-_:.=", r)
	})
}

// post is what is heard of it. A title, where there is one, stands before a tab.
// Whoever wrote has one review for the app: that is who they are.
func (r review) post(app string) lastword.Post {
	title, body, ok := strings.Cut(r.text, "\t")
	if !ok {
		title, body = "", r.text
	}
	stars := strings.Repeat("★", r.stars) + strings.Repeat("☆", 5-r.stars)
	return lastword.Post{
		Network: Name, Key: app + "|" + r.id, Ref: r.id, Lang: r.lang, SaidAt: r.said,
		URL:    "https://play.google.com/store/apps/details?id=" + app + "&reviewId=" + r.id,
		Title:  strings.TrimSpace(stars + " " + text.CleanTo(title, 1<<10)),
		Text:   text.CleanTo(body, 16<<10),
		Author: lastword.Author{Key: app + "|" + r.id, Name: text.CleanTo(r.name, 300)},
	}
}

// own is the developer's reply, given by us or by hand.
func (r review) own(to lastword.Post) lastword.Post {
	p := lastword.Post{Network: Name, Key: to.Key + "|reply", URL: to.URL, Parent: to.Key, Root: to.Key, Own: true,
		Author: lastword.Author{Key: "developer", Name: "Google Play Console"}, Text: text.CleanTo(r.answer, 16<<10), SaidAt: r.answered}
	if p.SaidAt.IsZero() {
		p.SaidAt = to.SaidAt
	}
	return p
}
