package matrix

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"lastword"
	"lastword/internal/text"
	"lastword/listen"
)

// Interfaces that a source keeps to.
var (
	_ listen.Streamer = (*source)(nil)
	_ listen.Replier  = (*source)(nil)
	_ listen.Finder   = (*source)(nil)
	_ listen.Chooser  = (*source)(nil)
	_ listen.Editor   = (*source)(nil)
	_ listen.Poster   = (*source)(nil)
	_ listen.Checker  = (*source)(nil)
)

// Options implements listen.Chooser. Everybody in the room reads the answer.
func (s *source) Options(to lastword.Post) []lastword.ReplyOption {
	if _, _, ours := place(to.Key); !ours {
		return nil
	}
	return []lastword.ReplyOption{{Private: to.Private, At: to.URL, Network: lastword.Network{MaxBytes: maxBytes}}}
}

// Reply implements listen.Replier: in the thread of what is answered. The
// idempotency key is the transaction's, by which a server tells a repeated request
// ("Transaction identifiers"); it also stands in the message, for servers forget
// transactions within the hour.
func (s *source) Reply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, error) {
	room, id, ours := place(to.Key)
	if !ours {
		return listen.Receipt{}, fmt.Errorf("matrix: %q is no event: %w", to.Key, lastword.ErrInvalid)
	}
	w, err := s.look(ctx, room, id)
	if errors.Is(err, lastword.ErrNotFound) || err == nil && (w.Unsigned.RedactedBecause != nil || string(w.Content) == "{}") {
		return listen.Receipt{}, fmt.Errorf("matrix: %w", lastword.ErrGone)
	}
	if err != nil {
		return listen.Receipt{}, s.judge(ctx, err)
	}
	relates := map[string]any{"m.in_reply_to": map[string]string{"event_id": id}}
	if _, root, threaded := place(to.Ref); threaded {
		relates["rel_type"], relates["event_id"], relates["is_falling_back"] = "m.thread", root, false
	}
	body := message(a)
	body["m.relates_to"], body["m.mentions"] = relates, map[string]any{"user_ids": []string{w.Sender}}
	return s.say(ctx, room, "lastword."+a.Key, body)
}

// message is what goes out of an answer. No sign in it is formatting.
func message(a listen.Reply) map[string]any {
	return map[string]any{"msgtype": "m.text", "body": a.Text, "org.lastword.answer": a.Key}
}

// say sends a message into a room.
func (s *source) say(ctx context.Context, room, transaction string, body map[string]any) (listen.Receipt, error) {
	text, _ := body["body"].(string)
	if len(text) > maxBytes {
		return listen.Receipt{}, &lastword.Mistake{Key: "why.matrix_long"}
	}
	closed, err := s.encrypted(ctx, room)
	if err != nil {
		return listen.Receipt{}, s.judge(ctx, err)
	}
	if closed {
		return listen.Receipt{}, &lastword.Mistake{Key: "why.matrix_encrypted"}
	}
	var made struct {
		ID string `json:"event_id"`
	}
	path := v3 + "/rooms/" + url.PathEscape(room) + "/send/m.room.message/" + url.PathEscape(transaction)
	if err := s.ask(ctx, request{method: http.MethodPut, path: path, body: body}, &made); err != nil {
		return listen.Receipt{}, s.judge(ctx, err)
	}
	if made.ID == "" {
		return listen.Receipt{}, fmt.Errorf("matrix: sent, and the server does not say what: %w", lastword.ErrUnavailable)
	}
	return s.receipt(room, made.ID), nil
}

func (s *source) receipt(room, id string) listen.Receipt {
	return listen.Receipt{Key: keyOf(room, id), URL: pageOf(room, id, s.user)}
}

// judge says what a refusal to let us speak means.
func (s *source) judge(ctx context.Context, err error) error {
	switch {
	case is(err, "M_TOO_LARGE"):
		return fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "why.matrix_long"})
	case errors.Is(err, lastword.ErrForbidden): // out of the room, or not allowed to speak in it
		return fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "why.matrix_forbidden"})
	case errors.Is(err, lastword.ErrNotFound):
		return fmt.Errorf("%v: %w", err, lastword.ErrGone)
	}
	return err
}

// Find implements listen.Replier.
func (s *source) Find(ctx context.Context, to lastword.Post, key string) (listen.Receipt, bool, error) {
	return s.FindReply(ctx, to, listen.Reply{Key: key})
}

// FindReply implements listen.Finder: it looks at what the account has said in the
// room since the answer was made.
func (s *source) FindReply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, bool, error) {
	room, _, ours := place(to.Key)
	if !ours {
		return listen.Receipt{}, false, nil
	}
	return s.find(ctx, room, a)
}

const clocks = 10 * time.Minute // servers' and ours may differ by

func (s *source) find(ctx context.Context, room string, a listen.Reply) (listen.Receipt, bool, error) {
	own := asJSON(map[string]any{"types": []string{"m.room.message"}, "senders": []string{s.user}})
	from := ""
	for range pagesMost {
		page, err := s.page(ctx, room, from, "", own)
		if errors.Is(err, lastword.ErrForbidden) || errors.Is(err, lastword.ErrNotFound) {
			return listen.Receipt{}, false, s.judge(ctx, err)
		}
		if err != nil {
			return listen.Receipt{}, false, err
		}
		for _, raw := range page.Chunk {
			w, ok := readEvent(raw)
			if ok && w.Sender == s.user && w.answer() == a.Key {
				return s.receipt(room, w.ID), true, nil
			}
			if ok && !a.Made.IsZero() && time.UnixMilli(w.At).Before(a.Made.Add(-clocks)) {
				return listen.Receipt{}, false, nil
			}
		}
		if page.End == "" || page.End == from || len(page.Chunk) == 0 {
			return listen.Receipt{}, false, nil
		}
		from = page.End
	}
	return listen.Receipt{}, false, fmt.Errorf("matrix: too much was said since to look through: %w", lastword.ErrUnavailable)
}

// answer is the key of the answer that an event is; of its edits nothing.
func (w wireEvent) answer() string {
	var c content
	if json.Unmarshal(w.Content, &c) != nil || c.Relates.Type == "m.replace" {
		return ""
	}
	return c.Answer
}

// Edit implements listen.Editor ("Event replacements").
func (s *source) Edit(ctx context.Context, key string, a listen.Reply) error {
	room, id, ours := place(key)
	if !ours {
		return fmt.Errorf("matrix: %q is no event: %w", key, lastword.ErrInvalid)
	}
	if len(a.Text) > maxBytes {
		return &lastword.Mistake{Key: "why.matrix_long"}
	}
	said, err := s.there(ctx, room, id)
	if err != nil {
		return err
	}
	fresh := reworded(said, a)
	body := map[string]any{"m.new_content": fresh, "m.relates_to": map[string]string{"rel_type": "m.replace", "event_id": id}}
	for name, value := range fresh {
		body[name] = value
	}
	body["body"] = "* " + fallback(a.Text)
	delete(body, "org.lastword.answer")
	_, err = s.say(ctx, room, "lastword.edit."+digest(key, a.Text), body)
	return err
}

// fallbackMost is how many bytes of a change are said to programs that know none.
const fallbackMost = 2000

// fallback is what programs show that know no changes ("Applying m.new_content"): a
// long one only begins there, for it stands in the event twice.
func fallback(said string) string {
	if len(said) <= fallbackMost {
		return said
	}
	return text.CleanTo(said, fallbackMost) + " …"
}

// there returns an event; what was taken back meanwhile is gone.
func (s *source) there(ctx context.Context, room, id string) (wireEvent, error) {
	w, err := s.look(ctx, room, id)
	if err == nil && w.Unsigned.RedactedBecause != nil {
		return w, fmt.Errorf("matrix: %w", lastword.ErrGone)
	}
	if err != nil {
		return w, s.judge(ctx, err)
	}
	return w, nil
}

// Remove implements listen.Editor ("Redactions"). Redacting twice changes nothing.
func (s *source) Remove(ctx context.Context, key string) error {
	room, id, ours := place(key)
	if !ours {
		return fmt.Errorf("matrix: %q is no event: %w", key, lastword.ErrInvalid)
	}
	path := v3 + "/rooms/" + url.PathEscape(room) + "/redact/" + url.PathEscape(id) + "/lastword." + digest(key)
	if err := s.ask(ctx, request{method: http.MethodPut, path: path, body: struct{}{}}, nil); err != nil {
		return s.judge(ctx, err)
	}
	return nil
}

// digest names a transaction by what it does.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
