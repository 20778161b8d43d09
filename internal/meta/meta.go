// Package meta is what the places of Meta (Facebook, Instagram, Threads) have in
// common: how its Graph API is asked, what its refusals mean, how much of a
// budget is used up, how long a token lives, and how what it pushes is proved.
//
// Sources: developers.facebook.com/docs/graph-api (overview/rate-limiting,
// guides/error-handling, webhooks/getting-started, changelog),
// docs/facebook-login (guides/access-tokens, security), docs/messenger-platform
// (error-codes, policy), docs/instagram-platform and docs/threads.
package meta

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"lastword"
	"lastword/internal/api"
)

// Version is the version of the Graph API that Facebook and Instagram are asked in.
const Version = "v26.0"

// Sunset is the day from which Meta may stop answering Version: two years after
// it came (29 July 2026), the least that docs/graph-api/guides/versioning promises.
func Sunset() time.Time { return time.Date(2028, 7, 29, 0, 0, 0, 0, time.UTC) }

// Notice is how long before its end a version or a sign-in raises its hand.
const Notice = 8 * 7 * 24 * time.Hour

// Ends returns the end if it is so near that somebody should act, else zero.
func Ends(now, end time.Time) time.Time {
	if end.IsZero() || end.Sub(now) > Notice {
		return time.Time{}
	}
	return end
}

// A Graph is one of Meta's hosts as one account asks it. Many may use it.
type Graph struct {
	HTTP *http.Client
	Base string // with the version and a slash: "https://graph.facebook.com/v26.0/"
	Now  func() time.Time

	// Secret of the app, with which every call proves that the token is in its own
	// hands (docs/facebook-login/security, appsecret_proof); empty where the host
	// does not ask for it.
	Secret string

	mu   sync.Mutex
	used int // per cent of the tightest budget, as last told
}

// Call asks with a token. Errors are *Error where Meta refused, else those of
// api.Do.
func (g *Graph) Call(ctx context.Context, token string, r api.Request, out any) error {
	if !strings.HasPrefix(r.URL, "https://") {
		r.URL = g.Base + r.URL
	}
	q := url.Values{"access_token": {token}}
	for name, values := range r.Query {
		q[name] = values
	}
	if g.Secret != "" && !strings.Contains(token, "|") { // an app's own token needs no proof
		q.Set("appsecret_proof", proof(g.Secret, token))
	}
	r.Query = q
	h, err := api.Do(ctx, g.HTTP, r, out)
	if err != nil {
		err, h = read(err)
	}
	if h != nil {
		g.note(usage(h))
	}
	return err
}

func (g *Graph) note(b budget) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.used = b.used
}

// Rhythm is how often to ask, given how much of the budget is used up: more
// seldom from three quarters on, and very seldom close to its end, so that what
// is left serves the answers.
func (g *Graph) Rhythm(every time.Duration) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.used >= 90:
		return 6 * every
	case g.used >= 75:
		return 3 * every
	}
	return every
}

// proof is the HMAC-SHA256 of a token under the app's secret, in hex.
func proof(secret, token string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(token))
	return hex.EncodeToString(m.Sum(nil))
}

// ID reports whether s can be an id of Meta's: it becomes part of keys and paths.
func ID(s string) bool {
	return s != "" && len(s) <= 400 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("-_.=+:$", r)
	}) && strings.Trim(s, ".") != ""
}

// A Time is a moment as Meta writes it: "2024-08-07T10:33:16+0000", or Unix
// seconds, or milliseconds where there are too many for seconds.
type Time struct{ time.Time }

// UnmarshalJSON reads it. What is none is left zero: whoever needs it, looks.
func (t *Time) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		s = string(raw)
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n > 1e11 {
			t.Time = time.UnixMilli(n).UTC()
		} else if n > 0 {
			t.Time = time.Unix(n, 0).UTC()
		}
		return nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05-0700", time.RFC3339} {
		if at, err := time.Parse(layout, s); err == nil {
			t.Time = at.UTC()
			return nil
		}
	}
	return nil
}

// A Page is one page of a list (docs/graph-api/results).
type Page struct {
	Data   []json.RawMessage
	Paging struct {
		Cursors struct{ After string }
		Next    string
	}
}

// After is the cursor of the next page; empty where there is none.
func (p Page) After() string {
	if p.Paging.Next == "" || len(p.Data) == 0 || len(p.Paging.Cursors.After) > 2000 {
		return ""
	}
	return p.Paging.Cursors.After
}

// List asks for one page of a list.
func (g *Graph) List(ctx context.Context, token, path string, q url.Values, after string) (all []json.RawMessage, next string, err error) {
	ask := url.Values{}
	for name, values := range q {
		ask[name] = values
	}
	if after != "" {
		ask.Set("after", after)
	}
	var p Page
	if err := g.Call(ctx, token, api.Request{URL: path, Query: ask}, &p); err != nil {
		return nil, "", err
	}
	return p.Data, p.After(), nil
}

// Made is what an interface answers that made something.
type Made struct {
	ID        string
	PostID    string `json:"post_id"`
	MessageID string `json:"message_id"`
}

// Make posts a form and returns the id of what was made.
func (g *Graph) Make(ctx context.Context, token, path string, form url.Values) (string, error) {
	var got Made
	if err := g.Call(ctx, token, api.Request{URL: path, Form: form}, &got); err != nil {
		return "", err
	}
	for _, id := range []string{got.MessageID, got.PostID, got.ID} {
		if ID(id) {
			return id, nil
		}
	}
	return "", fmt.Errorf("meta: what was made has no id: %w", lastword.ErrUnavailable)
}
