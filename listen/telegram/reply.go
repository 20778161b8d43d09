package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"unicode/utf16"

	"lastword"
	"lastword/listen"
)

// Interfaces that both sources keep to.
var (
	_ listen.Streamer = (*source)(nil)
	_ listen.Receiver = (*pushed)(nil)
	_ listen.Finder   = (*bot)(nil)
	_ listen.Replier  = (*bot)(nil)
	_ listen.Chooser  = (*bot)(nil)
	_ listen.Editor   = (*bot)(nil)
	_ listen.Poster   = (*bot)(nil)
	_ listen.Checker  = (*bot)(nil)
)

// Options implements listen.Chooser. Whether somebody has blocked the bot, or
// taken it out of a group, nobody knows before it speaks.
func (b *bot) Options(to lastword.Post) []lastword.ReplyOption {
	allowed := lastword.Network{Limit: limit, Unit: lastword.UTF16}
	if _, _, ours := b.place(to.Key); !ours { // heard by another bot
		return nil
	}
	r := readRef(to)
	if r.Channel {
		return []lastword.ReplyOption{{Closed: true, Why: "why.telegram_channel", At: to.URL, Network: allowed}}
	}
	return []lastword.ReplyOption{{Private: r.Private, At: to.URL, Network: allowed}}
}

func readRef(to lastword.Post) (r ref) {
	if to.Ref == "" || json.Unmarshal([]byte(to.Ref), &r) != nil {
		return ref{Private: to.Private}
	}
	return r
}

// A sending is what sendMessage takes. Without parse_mode the text goes out as it
// stands: no sign in it is formatting.
type sending struct {
	Chat    any      `json:"chat_id"` // a number, or the public name of a channel
	Topic   int64    `json:"message_thread_id,omitempty"`
	Text    string   `json:"text"`
	ReplyTo *replyTo `json:"reply_parameters,omitempty"`
	Preview struct {
		Off bool `json:"is_disabled"`
	} `json:"link_preview_options"`
}

type replyTo struct {
	Message int64 `json:"message_id"`
	Anyway  bool  `json:"allow_sending_without_reply,omitempty"`
}

// Reply implements listen.Replier: in the thread of what is answered. Where that
// was deleted meanwhile, nothing is sent.
func (b *bot) Reply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, error) {
	chat, id, ours := b.place(to.Key)
	if !ours {
		return listen.Receipt{}, fmt.Errorf("telegram: heard by another bot: %w", lastword.ErrInvalid)
	}
	out := sending{Chat: chat, Topic: readRef(to).Topic, Text: a.Text, ReplyTo: &replyTo{Message: id}}
	return b.send(ctx, out, a)
}

// send notes what it is about to send, sends it, and notes how that ended.
func (b *bot) send(ctx context.Context, out sending, a listen.Reply) (listen.Receipt, error) {
	if n := len(utf16.Encode([]rune(a.Text))); n > limit {
		return listen.Receipt{}, &lastword.Mistake{Key: "why.telegram_long"}
	}
	out.Preview.Off = true
	return b.noted(ctx, a, func() (made message, err error) {
		err = b.call(ctx, "sendMessage", out, &made)
		var no *refusal
		if errors.As(err, &no) && no.Parameters.MovedTo != 0 && out.ReplyTo != nil {
			// The group has become another one, in which the message is not.
			out.Chat, out.ReplyTo.Anyway = no.Parameters.MovedTo, true
			err = b.call(ctx, "sendMessage", out, &made)
		}
		return made, err
	})
}

// noted sends between two notes: that it may be sent, and how that ended.
func (b *bot) noted(ctx context.Context, a listen.Reply, send func() (message, error)) (listen.Receipt, error) {
	if err := b.note(ctx, a, mark{}); err != nil {
		return listen.Receipt{}, err
	}
	made, err := send()
	ended := context.WithoutCancel(ctx) // whoever stops us now must not make it look as if nobody knew
	switch {
	case err == nil && made.ID > 0 && made.Chat.ID != 0:
		got := listen.Receipt{Key: b.keyOf(made.Chat, made.ID), URL: pageOf(made.Chat, made.ID)}
		if err := b.note(ended, a, mark{Key: got.Key, URL: got.URL}); err != nil {
			b.host.Log.Warn("telegram: sent, but not noted", "err", err)
		}
		return got, nil
	case err == nil:
		err = fmt.Errorf("telegram: sent, and Telegram does not say what: %w", lastword.ErrUnavailable)
	case notSent(err):
		if failed := b.unnote(ended, a); failed != nil {
			b.host.Log.Warn("telegram: not sent, and that not noted", "err", failed)
		}
	}
	return listen.Receipt{}, judge(err)
}

// judge says what a refusal to send means.
func judge(err error) error {
	var no *refusal
	if !errors.As(err, &no) {
		return err
	}
	switch {
	case no.Code == http.StatusForbidden: // blocked, kicked, deactivated
		return fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "why.telegram_blocked"})
	case no.Code == http.StatusBadRequest && no.says("message to be replied not found", "message to reply not found", "replied message not found",
		"message to edit not found", "message to delete not found"):
		return fmt.Errorf("%v: %w", err, lastword.ErrGone)
	}
	return err
}

// Find implements listen.Replier. FindReply is asked instead.
func (b *bot) Find(ctx context.Context, _ lastword.Post, key string) (listen.Receipt, bool, error) {
	return b.found(ctx, listen.Reply{Key: key})
}

// FindReply implements listen.Finder: it reads what was noted.
func (b *bot) FindReply(ctx context.Context, _ lastword.Post, a listen.Reply) (listen.Receipt, bool, error) {
	return b.found(ctx, a)
}

// Edit implements listen.Editor (editMessageText, and editMessageCaption below a
// picture).
func (b *bot) Edit(ctx context.Context, key string, a listen.Reply) error {
	chat, id, ours := b.place(key)
	if !ours {
		return fmt.Errorf("telegram: %q is not this bot's: %w", key, lastword.ErrInvalid)
	}
	if n := len(utf16.Encode([]rune(a.Text))); n > limit {
		return &lastword.Mistake{Key: "why.telegram_long"}
	}
	change := map[string]any{"chat_id": chat, "message_id": id, "text": a.Text, "link_preview_options": map[string]any{"is_disabled": true}}
	err := b.call(ctx, "editMessageText", change, nil)
	var no *refusal
	if errors.As(err, &no) && no.Code == http.StatusBadRequest && no.says("there is no text in the message") {
		err = b.call(ctx, "editMessageCaption", map[string]any{"chat_id": chat, "message_id": id, "caption": a.Text}, nil)
	}
	if errors.As(err, &no) && no.Code == http.StatusBadRequest && no.says("message is not modified") {
		return nil // an earlier attempt arrived
	}
	return fixed(judge(err))
}

// Remove implements listen.Editor (deleteMessage): within 48 hours, and in a
// channel in which the bot may delete at any time.
func (b *bot) Remove(ctx context.Context, key string) error {
	chat, id, ours := b.place(key)
	if !ours {
		return fmt.Errorf("telegram: %q is not this bot's: %w", key, lastword.ErrInvalid)
	}
	return fixed(judge(b.call(ctx, "deleteMessage", map[string]any{"chat_id": chat, "message_id": id}, nil)))
}

// fixed says that what was sent can be changed no more.
func fixed(err error) error {
	var no *refusal
	var told *lastword.Mistake
	if errors.As(err, &no) && no.Code == http.StatusBadRequest && !errors.Is(err, lastword.ErrGone) && !errors.As(err, &told) {
		return fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "why.telegram_fixed"})
	}
	return err
}

// Check implements listen.Checker: what the bot is, and what it may do in the
// channel. That it hears of a group only what is addressed to it is told beside
// what it can.
func (b *bot) Check(ctx context.Context) ([]listen.Ability, error) {
	who, err := b.me(ctx)
	if err != nil {
		return nil, err
	}
	hear := listen.Ability{Name: "hear", Can: true}
	if !who.ReadsAll {
		hear.Why = "why.telegram_privacy"
	}
	publish, err := b.publishes(ctx, who)
	if err != nil {
		return nil, err
	}
	return []listen.Ability{
		hear, {Name: "stream", Can: true}, {Name: "search", Why: "why.telegram_search"}, {Name: "reply", Can: true}, publish,
		{Name: "edit", Can: true}, {Name: "delete", Can: true},
	}, nil
}

// publishes asks whether the bot may write in the channel (ChatMember).
func (b *bot) publishes(ctx context.Context, who me) (listen.Ability, error) {
	a := listen.Ability{Name: "publish", Why: "why.telegram_no_channel"}
	if b.channel == "" {
		return a, nil
	}
	var member struct {
		Status string `json:"status"`
		Posts  bool   `json:"can_post_messages"`
	}
	err := b.call(ctx, "getChatMember", map[string]any{"chat_id": b.channel, "user_id": who.ID}, &member)
	var no *refusal
	switch {
	case errors.As(err, &no) && (no.Code == http.StatusBadRequest || no.Code == http.StatusForbidden): // no such channel, or not in it
	case err != nil:
		return a, err
	}
	a.Can = member.Status == "creator" || member.Status == "administrator" && member.Posts
	a.Why = "why.telegram_not_admin"
	return a, nil
}
