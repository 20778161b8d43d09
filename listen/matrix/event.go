package matrix

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"lastword"
	"lastword/internal/text"
)

// Why something was left out.
const (
	Unreadable = "unreadable"
	NoText     = "no text"
	Encrypted  = "encrypted message" // end to end: nobody but its members can read it
	Automatic  = "automatic message" // a program said it
	Foreign    = "edit of another's message"
	Invited    = "invitation not accepted"
	NotJoined  = "room cannot be joined"
	Removed    = "removed from the room"
	Gap        = "more was said than could be fetched"
)

const (
	maxText = 64 << 10 // bytes
	maxName = 256
	maxID   = 512
)

// A wireEvent is an event as a client sees it ("Room event format").
type wireEvent struct {
	ID       string          `json:"event_id"`
	Type     string          `json:"type"`
	Sender   string          `json:"sender"`
	At       int64           `json:"origin_server_ts"` // Unix milliseconds, by the sender's server
	StateKey *string         `json:"state_key"`
	Content  json.RawMessage `json:"content"`
	Redacts  string          `json:"redacts"` // of rooms before version 11
	Unsigned struct {
		RedactedBecause json.RawMessage `json:"redacted_because"`
	} `json:"unsigned"`
}

// A content is that of a message ("m.room.message").
type content struct {
	Kind     string `json:"msgtype"`
	Body     string `json:"body"`
	Filename string `json:"filename"`
	Relates  struct {
		Type     string `json:"rel_type"` // m.thread, m.replace
		Event    string `json:"event_id"`
		Fallback bool   `json:"is_falling_back"`
		ReplyTo  struct {
			Event string `json:"event_id"`
		} `json:"m.in_reply_to"`
	} `json:"m.relates_to"`
	New    *content `json:"m.new_content"`
	Answer string   `json:"org.lastword.answer"` // ours: the key of an answer
}

// readEvent reads one; false where it is none.
func readEvent(raw json.RawMessage) (e wireEvent, ok bool) {
	if err := json.Unmarshal(raw, &e); err != nil {
		return e, false
	}
	return e, e.Type != "" && len(e.ID) <= maxID && len(e.Sender) <= maxID
}

// A scene is what is known of the room in which something is said.
type scene struct {
	room   string
	public bool
}

// event makes of an event what is heard, or says why not; neither where there is
// nothing to tell.
func (s *source) event(ctx context.Context, in scene, w wireEvent) (e lastword.Event, heard bool, drop string, err error) {
	switch w.Type {
	case "m.room.redaction":
		gone := w.redacted()
		if gone == "" {
			return e, false, Unreadable, nil
		}
		return deleted(in.room, gone), true, "", nil
	case "m.room.encrypted":
		return e, false, Encrypted, nil
	case "m.room.message":
	default:
		return e, false, "", nil
	}
	if w.ID == "" || w.Sender == "" || w.At <= 0 {
		return e, false, Unreadable, nil
	}
	var c content
	if w.Unsigned.RedactedBecause != nil {
		return deleted(in.room, w.ID), true, "", nil
	}
	if json.Unmarshal(w.Content, &c) != nil {
		return e, false, Unreadable, nil
	}
	if c.Relates.Type == "m.replace" {
		return s.edited(ctx, in, w, c)
	}
	s.remember(in.room, w)
	p, drop := s.post(ctx, in, w, c)
	return lastword.Event{Op: lastword.Said, Post: p}, drop == "", drop, nil
}

// redacted is what a redaction takes away.
func (w wireEvent) redacted() string {
	var c struct {
		Redacts string `json:"redacts"` // of rooms from version 11 on
	}
	if json.Unmarshal(w.Content, &c) == nil && c.Redacts != "" && len(c.Redacts) <= maxID {
		return c.Redacts
	}
	if len(w.Redacts) > maxID {
		return ""
	}
	return w.Redacts
}

func deleted(room, id string) lastword.Event {
	return lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: network, Key: keyOf(room, id)}}
}

// edited makes an event of a replacement. One counts only where it is by the same
// sender ("Validity of replacement events"), which a server does not check.
func (s *source) edited(ctx context.Context, in scene, w wireEvent, c content) (e lastword.Event, heard bool, drop string, err error) {
	target := c.Relates.Event
	if target == "" || len(target) > maxID || c.New == nil {
		return e, false, Unreadable, nil
	}
	first, err := s.senderOf(ctx, in.room, target)
	if err != nil {
		return e, false, "", err
	}
	if first != w.Sender {
		return e, false, Foreign, nil
	}
	replaced := *c.New
	replaced.Relates.Type, replaced.Relates.ReplyTo.Event = "", ""
	p, drop := s.post(ctx, in, w, replaced)
	p.Key, p.URL = keyOf(in.room, target), pageOf(in.room, target, w.Sender)
	return lastword.Event{Op: lastword.Edited, Post: p}, drop == "", drop, nil
}

const remembered = 10_000

// remember notes who said what: edits come soon, mostly.
func (s *source) remember(room string, w wireEvent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.senders) >= remembered {
		clear(s.senders)
	}
	s.senders[keyOf(room, w.ID)] = w.Sender
}

// senderOf tells who said something; nobody where it is not there.
func (s *source) senderOf(ctx context.Context, room, id string) (string, error) {
	s.mu.Lock()
	sender, known := s.senders[keyOf(room, id)]
	s.mu.Unlock()
	if known {
		return sender, nil
	}
	w, err := s.look(ctx, room, id)
	if errors.Is(err, lastword.ErrNotFound) || errors.Is(err, lastword.ErrForbidden) {
		return "", nil
	}
	return w.Sender, err
}

// post makes a post of a message, or says why not.
func (s *source) post(ctx context.Context, in scene, w wireEvent, c content) (p lastword.Post, drop string) {
	if c.Kind == "m.notice" && w.Sender != s.user {
		return p, Automatic
	}
	words := text.CleanTo(c.words(), maxText)
	if words == "" {
		return p, NoText
	}
	p = lastword.Post{
		Network: network, Key: keyOf(in.room, w.ID), URL: pageOf(in.room, w.ID, w.Sender), Text: words,
		SaidAt: time.UnixMilli(w.At).UTC(), Private: !in.public, Own: w.Sender == s.user || s.own[strings.ToLower(w.Sender)],
		Author: lastword.Author{Key: w.Sender, Handle: text.CleanTo(w.Sender, maxName), Name: s.nameOf(ctx, in.room, w.Sender), URL: "https://matrix.to/#/" + url.PathEscape(w.Sender)},
	}
	// A clock that runs ahead is the sender's server's.
	if now := s.host.Now(); p.SaidAt.After(now) {
		p.SaidAt = now
	}
	parent, root := c.thread()
	if parent != "" {
		p.Parent = keyOf(in.room, parent)
	}
	if root != "" {
		p.Root = keyOf(in.room, root)
	}
	if c.Relates.Type == "m.thread" {
		p.Ref = keyOf(in.room, c.Relates.Event)
	}
	return p, ""
}

// words is what a message says: of pictures and files, what is written below
// ("Media captions"), not their name.
func (c content) words() string {
	switch c.Kind {
	case "m.text", "m.notice", "m.emote":
		if c.Relates.ReplyTo.Event != "" {
			return withoutQuote(c.Body)
		}
		return c.Body
	case "m.image", "m.file", "m.video", "m.audio":
		if c.Filename != "" && c.Filename != c.Body {
			return c.Body
		}
	}
	return ""
}

// withoutQuote leaves out what older programs repeat of the message that is
// answered ("Fallbacks for rich replies", before v1.13).
func withoutQuote(body string) string {
	lines := strings.Split(body, "\n")
	n := 0
	for n < len(lines) && strings.HasPrefix(lines[n], "> ") {
		n++
	}
	if n == 0 || !strings.HasPrefix(lines[0], "> <@") && !strings.HasPrefix(lines[0], "> * <@") {
		return body
	}
	if n < len(lines) && lines[n] == "" {
		n++
	}
	return strings.Join(lines[n:], "\n")
}

// thread finds what a message answers, and the first of its thread. Within a
// thread, the last message before may stand there only for programs that know no
// threads ("Fallback for unthreaded clients").
func (c content) thread() (parent, root string) {
	reply := c.Relates.ReplyTo.Event
	if len(reply) > maxID || len(c.Relates.Event) > maxID {
		return "", ""
	}
	if c.Relates.Type != "m.thread" || c.Relates.Event == "" {
		return reply, reply
	}
	if reply == "" || c.Relates.Fallback {
		reply = c.Relates.Event
	}
	return reply, c.Relates.Event
}

// keyOf names an event everywhere: with its room, in which alone it can be asked
// for.
func keyOf(room, id string) string { return room + "/" + id }

// place reads a key.
func place(key string) (room, id string, ok bool) {
	room, id, ok = strings.Cut(key, "/")
	return room, id, ok && strings.HasPrefix(room, "!") && strings.HasPrefix(id, "$")
}

// pageOf is where people can read an event with the program of their choice
// ("matrix.to navigation"), by way of a server that knows the room.
func pageOf(room, id, sender string) string {
	_, server, _ := strings.Cut(sender, ":")
	return "https://matrix.to/#/" + url.PathEscape(room) + "/" + url.PathEscape(id) + "?via=" + url.QueryEscape(server)
}
