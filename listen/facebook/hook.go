package facebook

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/meta"
	"lastword/internal/text"
	"lastword/listen"
)

// A changed is the value of a change of the fields feed, mention and ratings
// (docs/graph-api/webhooks/reference/page).
type changed struct {
	Item      string
	Verb      string
	From      meta.Account
	PostID    string    `json:"post_id"`
	CommentID string    `json:"comment_id"`
	ParentID  string    `json:"parent_id"`
	Message   string    `json:"message"`
	Created   meta.Time `json:"created_time"`
	Post      struct {
		Permalink string `json:"permalink_url"`
	}
	SenderID     string `json:"sender_id"` // of a mention
	SenderName   string `json:"sender_name"`
	ReviewerID   string `json:"reviewer_id"` // of a rating
	ReviewerName string `json:"reviewer_name"`
	ReviewText   string `json:"review_text"`
	Recommend    string `json:"recommendation_type"`
	Rating       int
	Story        string `json:"open_graph_story_id"`
}

// Receive implements listen.Receiver.
func (s *source) Receive(w http.ResponseWriter, r *http.Request, cursor string, hear listen.Hear) {
	ctx := r.Context()
	keep := func(events []lastword.Event) error {
		if len(events) == 0 {
			return nil
		}
		err := hear(ctx, events, cursor)
		if err != nil {
			s.host.Log.WarnContext(ctx, "facebook: what came could not be stored", "err", err)
		}
		return err
	}
	meta.Hook{
		Secrets: []string{s.set.secret}, Token: s.set.app, At: s.hook,
		Take: func(body []byte) error {
			events, err := s.delivered(ctx, body)
			return errors.Join(err, keep(events))
		},
		Forget: func(user string) error {
			return keep([]lastword.Event{{Op: lastword.AccountGone, Post: lastword.Post{Network: Name, Author: lastword.Author{Key: user}}}})
		},
	}.ServeHTTP(w, r)
}

// delivered returns what a push brings of our Page. Meta sends again what we
// cannot take because we do not know yet who we are.
func (s *source) delivered(ctx context.Context, body []byte) (events []lastword.Event, err error) {
	d, ok := meta.ReadDelivery(body)
	if !ok || d.Object != "page" {
		s.host.Dropped(dropPost, "push")
		return nil, nil
	}
	me, err := s.me(ctx)
	if errors.Is(err, lastword.ErrDenied) {
		return nil, nil // nobody has signed in: the first poll hears it
	}
	if err != nil {
		return nil, err
	}
	for _, e := range d.Entry {
		if e.ID != me.ID {
			continue // another Page of the same app
		}
		for _, c := range e.Changes {
			if event, ok := readChange(c, me.ID); ok {
				events = append(events, event)
			}
		}
		for _, m := range e.Messaging {
			if event, ok := m.Event(Name, refMessage); ok && m.Sender.ID != me.ID {
				event.Post.URL = inbox(me.ID, "")
				events = append(events, event)
			}
		}
	}
	return events, nil
}

// readChange makes an event of a change; false for what is no voice, such as a
// reaction, and for what cannot be read.
func readChange(c meta.Change, me string) (lastword.Event, bool) {
	var v changed
	if json.Unmarshal(c.Value, &v) != nil {
		return lastword.Event{}, false
	}
	switch {
	case c.Field == "ratings" && v.Item == "rating":
		return v.rating()
	case c.Field == "mention" && v.SenderID != "":
		v.From = meta.Account{ID: v.SenderID, Name: v.SenderName}
	case c.Field != "feed" && c.Field != "mention":
		return lastword.Event{}, false
	}
	switch v.Item {
	case "comment":
		return v.comment(me)
	case "post", "status", "photo", "video", "share", "link", "album", "event":
		return v.said(me)
	}
	return lastword.Event{}, false
}

func (v changed) op() (lastword.Op, bool) {
	switch strings.ToLower(v.Verb) {
	case "add":
		return lastword.Said, true
	case "edited", "edit", "hide", "unhide":
		return lastword.Edited, true
	case "remove", "delete":
		return lastword.Deleted, true
	}
	return lastword.Said, false
}

func (v changed) comment(me string) (lastword.Event, bool) {
	e := entry{ID: v.CommentID, From: v.From, Message: v.Message, Created: v.Created, Permalink: v.Post.Permalink,
		Privately: v.From.ID != me, Hidden: v.Verb == "hide"}
	if v.ParentID != v.PostID {
		e.Parent.ID = v.ParentID
	}
	return v.event(e, me, kindComment)
}

func (v changed) said(me string) (lastword.Event, bool) {
	return v.event(entry{ID: v.PostID, From: v.From, Message: v.Message, Created: v.Created, Permalink: v.Post.Permalink}, me, kindPost)
}

func (v changed) event(e entry, me, kind string) (lastword.Event, bool) {
	op, known := v.op()
	idsFine := meta.ID(e.ID) && (e.Parent.ID == "" || meta.ID(e.Parent.ID)) && (e.From.ID == "" || meta.ID(e.From.ID)) && (kind != kindComment || meta.ID(v.PostID))
	if !known || !meta.ID(e.ID) {
		return lastword.Event{}, false
	}
	if op == lastword.Deleted {
		return lastword.Event{Op: op, Post: lastword.Post{Network: Name, Key: e.ID}}, true
	}
	p := e.post(me, kind, v.PostID)
	if !idsFine || p.Text == "" || p.SaidAt.IsZero() {
		return lastword.Event{}, false // the poll brings what a push does not tell, such as the text of what is shown again
	}
	return lastword.Event{Op: op, Post: p}, true
}

func (v changed) rating() (lastword.Event, bool) {
	op, known := v.op()
	if !known || !meta.ID(v.Story) {
		return lastword.Event{}, false
	}
	if op == lastword.Deleted {
		return lastword.Event{Op: op, Post: lastword.Post{Network: Name, Key: reviewKey + v.Story}}, true
	}
	r := review{Created: v.Created, Reviewer: meta.Account{ID: v.ReviewerID, Name: v.ReviewerName}, Rating: min(max(v.Rating, 0), 5), Recommend: v.Recommend, Text: v.ReviewText}
	r.Story.ID = v.Story
	p := r.post()
	return lastword.Event{Op: op, Post: p}, p.Text != "" && !p.SaidAt.IsZero() && (v.ReviewerID == "" || meta.ID(v.ReviewerID))
}

// Names implements listen.Namer: who writes by Messenger is named by a number
// only (docs/messenger-platform/identity/user-profile). Who may not be named is
// left out.
func (s *source) Names(ctx context.Context, keys []string) (map[string]listen.Profile, error) {
	me, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	found := map[string]listen.Profile{}
	for _, key := range keys {
		if !meta.ID(key) {
			continue
		}
		var who struct{ ID, Name string }
		err := s.graph.Call(ctx, me.Token, api.Request{URL: url.PathEscape(key), Query: url.Values{"fields": {"id,name"}}}, &who)
		switch {
		case meta.Refused(err) || meta.Gone(err) || meta.Has(err, 100):
		case err != nil:
			return found, err
		case who.Name != "":
			found[key] = listen.Profile{Author: lastword.Author{Key: key, Name: text.CleanTo(who.Name, 300)}}
		}
	}
	return found, nil
}
