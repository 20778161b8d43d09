package meta

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/text"
)

// How long after a person's message they may be written to
// (docs/messenger-platform/policy/policy-overview): by anybody, and by a human
// with the tag HUMAN_AGENT; and how long a comment may be answered in private.
const (
	Window       = 24 * time.Hour
	HumanWindow  = 7 * 24 * time.Hour
	PrivateReply = 7 * 24 * time.Hour
)

// A Message is one message of a conversation (docs/graph-api/reference/message).
type Message struct {
	ID      string
	Created Time `json:"created_time"`
	From    Account
	To      struct{ Data []Account }
	Message string
}

// An Account is whom a place names.
type Account struct {
	ID       string
	Name     string
	Username string
}

// A Talk is one conversation (docs/graph-api/reference/conversation).
type Talk struct {
	ID       string
	Link     string
	Updated  Time `json:"updated_time"`
	Messages Page
}

// ReadTalk decodes a conversation.
func ReadTalk(raw []byte) (Talk, bool) {
	var t Talk
	return t, json.Unmarshal(raw, &t) == nil && ID(t.ID)
}

// ReadMessage decodes a message.
func ReadMessage(raw []byte) (Message, bool) {
	var m Message
	return m, json.Unmarshal(raw, &m) == nil && ID(m.ID) && ID(m.From.ID) && !m.Created.IsZero()
}

// TalkFields is what is asked of a conversation. Meta shows no more than the last
// twenty messages.
const TalkFields = "id,updated_time,link,messages.limit(20){id,created_time,from,to,message}"

// Posts are the messages of a conversation, the oldest first. Ours answer the
// last that the other said. Unreadable counts what could not be read.
func (t Talk) Posts(network, me string, ref func(person string) string, at string) (posts []lastword.Post, unreadable int) {
	var all []Message
	for _, raw := range t.Messages.Data {
		if m, ok := ReadMessage(raw); ok {
			all = append(all, m)
		} else {
			unreadable++
		}
	}
	slices.SortStableFunc(all, func(a, b Message) int { return a.Created.Compare(b.Created.Time) })
	last := ""
	for _, m := range all {
		p := lastword.Post{
			Network: network, Key: MessageKey(m.ID), Text: text.CleanTo(m.Message, maxText), SaidAt: m.Created.Time, Private: true, URL: at,
			Author: m.From.author(), Root: t.ID, Own: m.From.ID == me,
		}
		if p.Own {
			p.Parent = last
		} else {
			p.Ref, last = ref(m.From.ID), p.Key
		}
		if p.Text != "" {
			posts = append(posts, p)
		}
	}
	return posts, unreadable
}

func (a Account) author() lastword.Author {
	return lastword.Author{Key: a.ID, Name: text.CleanTo(a.Name, 300), Handle: text.CleanTo(a.Username, 300)}
}

// Send writes to somebody: recipient is {"id": …} or {"comment_id": …}; late says
// that only a human may still write (HUMAN_AGENT).
func (g *Graph) Send(ctx context.Context, token, path string, recipient map[string]string, said string, late bool) (string, error) {
	body := map[string]any{"recipient": recipient, "message": map[string]string{"text": said}}
	if recipient["id"] != "" {
		body["messaging_type"] = "RESPONSE"
		if late {
			body["messaging_type"], body["tag"] = "MESSAGE_TAG", "HUMAN_AGENT"
		}
	}
	var got Made
	if err := g.Call(ctx, token, api.Request{URL: path, JSON: body}, &got); err != nil {
		return "", NotTaken(err)
	}
	if !ID(got.MessageID) {
		return "", fmt.Errorf("meta: a message without an id: %w", lastword.ErrUnavailable)
	}
	return got.MessageID, nil
}

// Sent looks whether we have written these words to a person since a moment.
func (g *Graph) Sent(ctx context.Context, token, path, platform, me, person, said string, since time.Time) (id string, found bool, err error) {
	q := url.Values{"platform": {platform}, "user_id": {person}, "fields": {TalkFields}}
	all, _, err := g.List(ctx, token, path, q, "")
	if err != nil {
		return "", false, err
	}
	for _, raw := range all {
		t, _ := ReadTalk(raw)
		for _, raw := range t.Messages.Data {
			m, ok := ReadMessage(raw)
			if ok && m.From.ID == me && !m.Created.Before(since.Add(-Clocks)) && text.Same(m.Message, said) {
				return m.ID, true, nil
			}
		}
	}
	return "", false, nil
}

// Clocks is by how much Meta's clock and ours may differ.
const Clocks = 2 * time.Minute

// Fits checks the length of what is to be sent: too long is a *lastword.Mistake.
func Fits(n lastword.Network, said string, count func(string) int) error {
	if count == nil {
		count = utf8.RuneCountInString
	}
	if n.Limit > 0 && count(said) > n.Limit || n.MaxBytes > 0 && len(said) > n.MaxBytes {
		return &lastword.Mistake{Key: "connector.meta.error.long"}
	}
	return nil
}
