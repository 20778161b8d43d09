package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"lastword"
	"lastword/internal/text"
	"lastword/listen"
)

// Direct messages are kept by a service of their own (lexicons chat.bsky.convo).
// The account's service passes calls on to it, where the app password was made
// with the right to direct messages; without it, it refuses them as InvalidToken.
const chatService = "did:web:api.bsky.chat#bsky_chat"

// How the chat is heard.
const (
	chatEvery  = 30 * time.Second
	chatAgain  = 10 * time.Minute    // where the right is missing, or there is no chat
	chatBack   = 30 * 24 * time.Hour // that a new channel hears of the past
	chatKept   = 24 * time.Hour      // after a longer outage conversations are listed: nobody says how long the log reaches
	chatWithin = 20 * time.Second    // the stream waits meanwhile
	chatPages  = 20                  // of the log, or of the list of conversations, at once
	talkPages  = 5                   // of one conversation
	chatPage   = 100
)

// noRev is before every rev: revs are TIDs, which rise with time.
const noRev = "2222222222222"

// errNoChatRight says that the app password does not open direct messages.
var errNoChatRight = &lastword.Mistake{Key: "why.bluesky_no_chat_right"}

// A chatMessage is what we read of chat.bsky.convo.defs#messageView and
// #deletedMessageView.
type chatMessage struct {
	Type    string `json:"$type"`
	ID, Rev string
	Text    string
	Sender  struct{ DID string }
	SentAt  string
	ReplyTo struct{ ID string }
	Embed   struct {
		Record struct{ URI string }
	}
}

// at is when it was sent; zero for what cannot be read.
func (m chatMessage) at() time.Time {
	t, err := time.Parse(time.RFC3339Nano, m.SentAt)
	if err != nil || t.Unix() < 0 || !isRecordKey(m.ID) || !isDID(m.Sender.DID) {
		return time.Time{}
	}
	return t.UTC()
}

// deleted reports whether nothing is shown of it any more.
func (m chatMessage) deleted() bool { return m.Type == "chat.bsky.convo.defs#deletedMessageView" }

// system reports whether nobody said it.
func (m chatMessage) system() bool { return m.Type == "chat.bsky.convo.defs#systemMessageView" }

// words are what was said; a post that was shown is named by its address.
func (m chatMessage) words() string {
	said := text.CleanTo(m.Text, maxMessageBytes)
	if at, err := parseATURI(m.Embed.Record.URI); err == nil && at.collection == postCollection {
		said = strings.TrimSpace(said + "\n\n" + at.web())
	}
	return said
}

// A convo is what we read of chat.bsky.convo.defs#convoView.
type convo struct {
	ID, Rev, Status string
	Members         []profileView
	LastMessage     chatMessage
	Kind            struct {
		Type string `json:"$type"`
	}
}

func (c convo) group() bool { return c.Kind.Type == "chat.bsky.convo.defs#groupConvo" }

// A logged is one entry of the log (chat.bsky.convo.getLog).
type logged struct {
	Type    string `json:"$type"`
	Rev     string
	ConvoID string
	Message chatMessage
}

// A lax value is one of a list that may be unreadable without spoiling the others.
type lax[T any] struct {
	v  T
	ok bool
}

// UnmarshalJSON never fails.
func (l *lax[T]) UnmarshalJSON(raw []byte) error {
	l.ok = json.Unmarshal(raw, &l.v) == nil
	return nil
}

// chatCall asks the chat service. A right that is missing is errNoChatRight.
func (a *account) chatCall(ctx context.Context, k call, out any) error {
	k.nsid, k.proxy = "chat.bsky.convo."+k.nsid, chatService
	err := a.login.call(ctx, k, out)
	var no *callError
	if errors.As(err, &no) && no.name == "InvalidToken" {
		return errNoChatRight
	}
	return err
}

// A chat hears one account's direct messages. One goroutine uses it.
type chat struct {
	*account
	own     string
	rev     string // up to which it is heard
	heardAt int64  // when, Unix seconds
	next    time.Time
	at      string           // the last cursor of the stream
	convos  map[string]convo // as they were when first seen
}

// hearing adds to each cursor how far the chat is heard, and hears it now and then.
func (c *chat) hearing(hear listen.Hear) listen.Hear {
	return func(ctx context.Context, events []lastword.Event, at string) error {
		c.at = at
		if err := c.listen(ctx, hear); err != nil {
			return err
		}
		return hear(ctx, events, c.cursor(at))
	}
}

// cursor is one of the stream with how far the chat is heard.
func (c *chat) cursor(at string) string {
	s, err := parseCursor(at)
	if err != nil || c.rev == "" {
		return at
	}
	s.Chat, s.ChatAt = c.rev, c.heardAt
	return s.String()
}

// listen hears the chat if it is time. A chat that cannot be had holds up nothing
// else: Check tells.
func (c *chat) listen(ctx context.Context, hear listen.Hear) error {
	now := c.stream.host.Now()
	if now.Before(c.next) {
		return nil
	}
	c.next = now.Add(chatEvery)
	within, cancel := context.WithTimeout(ctx, chatWithin)
	defer cancel()
	var err error
	if c.rev == "" || now.Sub(time.Unix(c.heardAt, 0)) > chatKept {
		err = c.list(within, now, hear)
	} else {
		err = c.follow(within, hear)
	}
	var ours *hearError
	switch {
	case errors.As(err, &ours):
		return ours.error
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		c.next = now.Add(chatAgain)
		c.stream.host.Log.Info("bluesky: direct messages are not heard", "why", err)
		return nil
	}
	c.heardAt = now.Unix()
	return nil
}

// tell hands events over, with the cursor up to rev.
func (c *chat) tell(ctx context.Context, hear listen.Hear, events []lastword.Event, rev string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	former, formerAt := c.rev, c.heardAt
	if rev > c.rev {
		c.rev, c.heardAt = rev, c.stream.host.Now().Unix()
	}
	if len(events) == 0 {
		return nil // the stream's next cursor tells it
	}
	if err := hear(ctx, events, c.cursor(c.at)); err != nil {
		c.rev, c.heardAt = former, formerAt
		return &hearError{err}
	}
	return nil
}

// follow reads the log on from where it was heard.
func (c *chat) follow(ctx context.Context, hear listen.Hear) error {
	for range chatPages {
		var got struct {
			Cursor string
			Logs   []lax[logged]
		}
		if err := c.chatCall(ctx, call{nsid: "getLog", query: url.Values{"cursor": {c.rev}}}, &got); err != nil {
			return err
		}
		rev := c.rev
		var events []lastword.Event
		for _, l := range got.Logs {
			if l.v.Rev <= c.rev && l.ok { // heard already
				continue
			}
			rev = max(rev, l.v.Rev)
			if !l.ok {
				c.stream.host.Dropped(dropMessage, clip(l.v.ConvoID))
				continue
			}
			ev, ok, err := c.logged(ctx, l.v)
			if err != nil {
				return err
			}
			if ok {
				events = append(events, ev)
			}
		}
		rev = max(rev, got.Cursor)
		if rev == c.rev {
			return nil
		}
		if err := c.tell(ctx, hear, events, rev); err != nil || len(got.Logs) == 0 {
			return err
		}
	}
	return nil // the rest next time
}

// logged makes an event of an entry of the log; false for what is no message.
func (c *chat) logged(ctx context.Context, l logged) (lastword.Event, bool, error) {
	switch l.Type {
	case "chat.bsky.convo.defs#logCreateMessage":
		if l.Message.deleted() {
			return lastword.Event{}, false, nil
		}
		talk, err := c.convo(ctx, l.ConvoID)
		if err != nil {
			return lastword.Event{}, false, err
		}
		return c.message(ctx, talk, l.Message, nil)
	case "chat.bsky.convo.defs#logDeleteMessage":
		return chatDeleted(l.ConvoID, l.Message.ID), isRecordKey(l.ConvoID) && isRecordKey(l.Message.ID), nil
	}
	return lastword.Event{}, false, nil
}

func chatDeleted(convo, message string) lastword.Event {
	return lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: network, Key: chatKey(convo, message)}}
}

// convo returns who talks there. One that we have left is empty.
func (c *chat) convo(ctx context.Context, id string) (convo, error) {
	if known, ok := c.convos[id]; ok {
		return known, nil
	}
	got, err := c.account.convo(ctx, id)
	var no *callError
	if err != nil && (!errors.As(err, &no) || no.status != 400) {
		return convo{}, err
	}
	c.convos[id] = got
	return got, nil
}

// convo asks for one conversation.
func (a *account) convo(ctx context.Context, id string) (convo, error) {
	var got struct{ Convo convo }
	err := a.chatCall(ctx, call{nsid: "getConvo", query: url.Values{"convoId": {id}}}, &got)
	got.Convo.ID = id
	return got.Convo, err
}

// list hears the conversations in which something was said since the rev, or since
// chatBack where the channel is new. What comes meanwhile is in the log behind.
func (c *chat) list(ctx context.Context, now time.Time, hear listen.Hear) error {
	var log struct{ Cursor string }
	if err := c.chatCall(ctx, call{nsid: "getLog"}, &log); err != nil {
		return err
	}
	mark, since := max(log.Cursor, c.rev, noRev), now.Add(-chatBack)
	var events []lastword.Event
	from := ""
	for range chatPages {
		q := url.Values{"limit": {"100"}}
		if from != "" {
			q.Set("cursor", from)
		}
		var got struct {
			Cursor string
			Convos []lax[convo]
		}
		if err := c.chatCall(ctx, call{nsid: "listConvos", query: q}, &got); err != nil {
			return err
		}
		for _, talk := range got.Convos {
			if !talk.ok {
				c.stream.host.Dropped(dropMessage, clip(talk.v.ID))
				continue
			}
			some, err := c.talk(ctx, talk.v, since)
			if err != nil {
				return err
			}
			events = append(events, some...)
		}
		if from = got.Cursor; from == "" || len(got.Convos) == 0 {
			break
		}
	}
	slices.SortStableFunc(events, func(a, b lastword.Event) int { return a.Post.SaidAt.Compare(b.Post.SaidAt) })
	for len(events) > batchSize { // before the last, the cursor stays
		if err := c.tell(ctx, hear, events[:batchSize], c.rev); err != nil {
			return err
		}
		events = events[batchSize:]
	}
	return c.tell(ctx, hear, events, mark)
}

// talk reads what is new in one conversation, the oldest first.
func (c *chat) talk(ctx context.Context, talk convo, since time.Time) (events []lastword.Event, err error) {
	if !isRecordKey(talk.ID) || talk.Rev != "" && talk.Rev <= c.rev || talk.LastMessage.ID != "" && talk.LastMessage.at().Before(since) {
		return nil, nil
	}
	if c.convos[talk.ID] = talk; talk.group() {
		c.stream.host.Dropped(dropGroup, clip(talk.ID))
		return nil, nil
	}
	said, more, err := c.account.messages(ctx, talk.ID, func(m chatMessage) bool {
		return m.Rev != "" && m.Rev <= c.rev || !m.at().IsZero() && m.at().Before(since)
	})
	if err != nil {
		return nil, err
	}
	if more {
		c.stream.host.Dropped(listen.Gap, listen.Span(since, said[0].at()))
	}
	for i, m := range said {
		ev, ok, err := c.message(ctx, talk, m, said[:i])
		if err != nil {
			return nil, err
		}
		if ok {
			events = append(events, ev)
		}
	}
	return events, nil
}

// messages reads a conversation back to the first message for which enough holds,
// and returns what came after that, the oldest first.
func (a *account) messages(ctx context.Context, convo string, enough func(chatMessage) bool) (all []chatMessage, more bool, err error) {
	from := ""
	for range talkPages {
		q := url.Values{"convoId": {convo}, "limit": {"100"}}
		if from != "" {
			q.Set("cursor", from)
		}
		var got struct {
			Cursor   string
			Messages []lax[chatMessage]
		}
		if err := a.chatCall(ctx, call{nsid: "getMessages", query: q}, &got); err != nil {
			return nil, false, err
		}
		for _, m := range got.Messages[:min(len(got.Messages), chatPage)] {
			if enough(m.v) {
				slices.Reverse(all)
				return all, false, nil
			}
			all = append(all, m.v) // one that is unreadable has no time, and is counted by who reads it
		}
		if from = got.Cursor; from == "" || len(got.Messages) == 0 {
			slices.Reverse(all)
			return all, false, nil
		}
	}
	slices.Reverse(all)
	return all, len(all) > 0, nil
}

// message makes a voice of a message; false for what is none. Before are those
// that came before it, where they are known.
func (c *chat) message(ctx context.Context, talk convo, m chatMessage, before []chatMessage) (lastword.Event, bool, error) {
	switch {
	case m.system() || m.deleted() || len(talk.Members) == 0:
		return lastword.Event{}, false, nil
	case talk.group():
		c.stream.host.Dropped(dropGroup, clip(talk.ID))
		return lastword.Event{}, false, nil
	case m.at().IsZero() || !isRecordKey(talk.ID):
		c.stream.host.Dropped(dropMessage, clip(talk.ID))
		return lastword.Event{}, false, nil
	}
	who := talk.member(m.Sender.DID)
	p := lastword.Post{
		Network: network, Key: chatKey(talk.ID, m.ID), URL: chatURL(talk.ID), Root: chatKey(talk.ID, ""),
		Author: who.profile().Author, Text: m.words(), SaidAt: m.at(), Own: m.Sender.DID == c.own, Private: true,
	}
	if p.Text == "" {
		return lastword.Event{}, false, nil
	}
	if slices.ContainsFunc(who.Labels, func(l label) bool { return !l.Neg && (l.Val == "!hide" || l.Val == "!takedown") }) {
		c.stream.host.Dropped(dropHidden, p.Key)
		return lastword.Event{}, false, nil
	}
	switch {
	case isRecordKey(m.ReplyTo.ID):
		p.Parent = chatKey(talk.ID, m.ReplyTo.ID)
	case p.Own:
		last, err := c.answered(ctx, talk.ID, m, before)
		if err != nil {
			return lastword.Event{}, false, err
		}
		p.Parent = last
	}
	return lastword.Event{Op: lastword.Said, Post: p}, true, nil
}

// answered is what a message of ours answers that names nothing: the last that the
// other said.
func (c *chat) answered(ctx context.Context, talk string, m chatMessage, before []chatMessage) (string, error) {
	theirs := func(o chatMessage) bool {
		return o.Sender.DID != c.own && !o.system() && !o.deleted() && !o.at().IsZero() && !o.at().After(m.at())
	}
	if before == nil {
		var found []chatMessage
		_, _, err := c.account.messages(ctx, talk, func(o chatMessage) bool {
			if theirs(o) {
				found = append(found, o)
			}
			return len(found) > 0
		})
		var no *callError
		if err != nil && (!errors.As(err, &no) || no.status != 400) {
			return "", err
		}
		before = found
	}
	for _, o := range slices.Backward(before) {
		if theirs(o) {
			return chatKey(talk, o.ID), nil
		}
	}
	return "", nil
}

func (c convo) member(did string) profileView {
	for _, m := range c.Members {
		if m.DID == did {
			return m
		}
	}
	return profileView{DID: did}
}

// chatPrefix begins the key of a direct message: no at-URI does.
const chatPrefix = "chat/"

func chatKey(convo, message string) string { return chatPrefix + convo + "/" + message }

func chatURL(convo string) string { return "https://bsky.app/messages/" + convo }

// chatOf reads the key of a direct message.
func chatOf(key string) (convo, message string, ok bool) {
	rest, is := strings.CutPrefix(key, chatPrefix)
	convo, message, ok = strings.Cut(rest, "/")
	return convo, message, is && ok && isRecordKey(convo) && isRecordKey(message)
}
