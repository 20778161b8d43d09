package bluesky

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lastword"
	"lastword/internal/text"
	"lastword/listen"
)

// The limits of a direct message, by the lexicon chat.bsky.convo.defs#messageInput.
const (
	maxMessage      = 1000 // graphemes
	maxMessageBytes = 10_000
)

// clocks is by how much the chat's clock and ours may differ.
const clocks = 2 * time.Minute

// directly is what may be said in a direct message.
func directly() lastword.Network {
	return lastword.Network{Name: network, Title: "Bluesky", Reply: true, Limit: maxMessage, Unit: lastword.Graphemes, MaxBytes: maxMessageBytes}
}

// Options implements listen.Chooser: a post is answered below it, a direct message
// by another.
func (a *account) Options(to lastword.Post) []lastword.ReplyOption {
	if _, _, is := chatOf(to.Key); is {
		return []lastword.ReplyOption{{Private: true, At: to.URL, Network: directly()}}
	}
	return []lastword.ReplyOption{{At: to.URL}}
}

// FindReply implements listen.Finder. Of posts the key tells; a direct message is
// told by its words, for the chat keeps no keys.
func (a *account) FindReply(ctx context.Context, to lastword.Post, r listen.Reply) (listen.Receipt, bool, error) {
	talk, message, is := chatOf(to.Key)
	if !is {
		return a.Find(ctx, to, r.Key)
	}
	return a.written(ctx, talk, message, r)
}

// written looks for what we wrote in answer to a message.
func (a *account) written(ctx context.Context, talk, message string, r listen.Reply) (got listen.Receipt, found bool, err error) {
	did, _, err := a.login.account(ctx)
	if err != nil {
		return got, false, err
	}
	_, _, err = a.messages(ctx, talk, func(m chatMessage) bool {
		switch {
		case m.Sender.DID != did || m.deleted() || m.at().IsZero(), m.ReplyTo.ID != "" && m.ReplyTo.ID != message:
		case !m.at().Before(r.Made.Add(-clocks)) && text.Same(m.Text, r.Text):
			got, found = listen.Receipt{Key: chatKey(talk, m.ID), URL: chatURL(talk)}, true
		}
		return found || !m.at().IsZero() && m.at().Before(r.Made.Add(-clocks))
	})
	return got, found, chatGone(err)
}

// write answers a direct message with another (chat.bsky.convo.sendMessage).
func (a *account) write(ctx context.Context, talk, message string, r listen.Reply) (listen.Receipt, error) {
	if n, bytes := Count(r.Text); n == 0 || n > maxMessage || bytes > maxMessageBytes {
		return listen.Receipt{}, fmt.Errorf("bluesky: a message of %d graphemes and %d bytes, of %d and %d allowed: %w",
			n, bytes, maxMessage, maxMessageBytes, lastword.ErrInvalid)
	}
	if there, found, err := a.written(ctx, talk, message, r); err != nil || found {
		return there, err
	}
	if err := a.accepted(ctx, talk); err != nil {
		return listen.Receipt{}, err
	}
	said := map[string]any{"text": r.Text, "replyTo": map[string]string{"messageId": message}}
	if marks := a.compose(ctx, r).Facets; len(marks) > 0 {
		said["facets"] = marks
	}
	var got chatMessage
	err := a.chatCall(ctx, call{nsid: "sendMessage", post: true, body: map[string]any{"convoId": talk, "message": said}}, &got)
	if err != nil {
		return listen.Receipt{}, chatGone(err)
	}
	if !isRecordKey(got.ID) {
		return listen.Receipt{}, fmt.Errorf("bluesky: nothing is known of the new message: %w", lastword.ErrUnavailable)
	}
	return listen.Receipt{Key: chatKey(talk, got.ID), URL: chatURL(talk)}, nil
}

// accepted makes sure that we may write: whoever we do not follow asks first, and
// an answer accepts (chat.bsky.convo.acceptConvo).
func (a *account) accepted(ctx context.Context, talk string) error {
	c, err := a.convo(ctx, talk)
	if err != nil {
		return chatGone(err)
	}
	for _, m := range c.Members {
		if m.Viewer.BlockedBy || m.Viewer.Blocking != "" {
			return fmt.Errorf("bluesky: the author and we block each other: %w", lastword.ErrInvalid)
		}
	}
	if c.group() {
		return fmt.Errorf("bluesky: a group is no direct message: %w", lastword.ErrInvalid)
	}
	if c.Status != "request" {
		return nil
	}
	return chatGone(a.chatCall(ctx, call{nsid: "acceptConvo", post: true, body: map[string]string{"convoId": talk}}, nil))
}

// chatGone says of a refusal that what was to be answered is no more.
func chatGone(err error) error {
	var no *callError
	if errors.As(err, &no) && (no.name == "InvalidConvo" || no.name == "ReplyTargetNotFound") {
		return fmt.Errorf("%s: %w", no, lastword.ErrGone)
	}
	return err
}

// Check implements listen.Checker. Codes decide: the account's service refuses the
// chat's methods to an app password without the right to direct messages.
func (a *account) Check(ctx context.Context) ([]listen.Ability, error) {
	if err := a.login.call(ctx, call{nsid: "com.atproto.server.getSession"}, nil); err != nil {
		return nil, err
	}
	hear := listen.Ability{Name: "hear", Can: true}
	if a.notices {
		why, err := a.mayChat(ctx)
		if err != nil {
			return nil, err
		}
		hear.Why = why
	}
	all := []listen.Ability{hear, {Name: "stream", Can: true}, {Name: "reply", Can: true}, {Name: "publish", Can: true},
		{Name: "edit", Why: "why.bluesky_stays"}, {Name: "delete", Can: true}}
	if a.notices {
		return append(all, listen.Ability{Name: "search", Why: "why.bluesky_search"}), nil
	}
	return append(all, listen.Ability{Name: "search", Can: true}), nil
}

// mayChat returns why direct messages are not heard, or nothing.
func (a *account) mayChat(ctx context.Context) (why string, err error) {
	err = a.chatCall(ctx, call{nsid: "listConvos", query: map[string][]string{"limit": {"1"}}}, nil)
	var no *callError
	switch {
	case err == nil:
		return "", nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(err, errNoChatRight):
		return errNoChatRight.Key, nil
	case errors.As(err, &no) && (no.missing() || no.status < 500):
		return "why.bluesky_no_chat", nil
	}
	return "why.bluesky_chat_away", nil
}

var (
	_ listen.Finder  = (*account)(nil)
	_ listen.Chooser = (*account)(nil)
	_ listen.Checker = (*account)(nil)
)
