package telegram

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/internal/text"
)

// Why something was left out.
const (
	Unreadable = "unreadable"
	NoText     = "no text"             // a sticker, a voice message, a picture without words
	Command    = "command"             // "/start" and the like, with nothing behind it
	Notice     = "notice of the group" // Telegram tells what happened in the group
	Removed    = "bot removed from the group"
	Blocked    = "bot blocked by the person"
	Gap        = "not fetched within a day"
)

const (
	maxText = 64 << 10 // bytes
	maxName = 256
)

// wanted are the kinds of update that are asked for (Update).
var wanted = []string{"message", "edited_message", "channel_post", "edited_channel_post", "my_chat_member"}

// An update is one thing that happened (Update). What cannot be read of it is
// nil.
type update struct {
	ID      int64    `json:"update_id"`
	Said    *message `json:"message"`
	Edited  *message `json:"edited_message"`
	Posted  *message `json:"channel_post"`
	Changed *message `json:"edited_channel_post"`
	Member  *struct {
		Chat chat `json:"chat"`
		Now  struct {
			Status string `json:"status"`
		} `json:"new_chat_member"`
	} `json:"my_chat_member"`
}

// A chat is where something is said (Chat).
type chat struct {
	ID       int64  `json:"id"`
	Type     string `json:"type"` // private, group, supergroup, channel
	Title    string `json:"title"`
	Username string `json:"username"`
}

// A user is a person or a bot (User).
type user struct {
	ID       int64  `json:"id"`
	IsBot    bool   `json:"is_bot"`
	First    string `json:"first_name"`
	Last     string `json:"last_name"`
	Username string `json:"username"`
	Lang     string `json:"language_code"`
}

// A message is one (Message).
type message struct {
	ID        int64    `json:"message_id"`
	Thread    int64    `json:"message_thread_id"`
	IsTopic   bool     `json:"is_topic_message"`
	From      *user    `json:"from"`
	ForChat   *chat    `json:"sender_chat"`
	Chat      chat     `json:"chat"`
	Date      int64    `json:"date"` // Unix seconds
	Forwarded bool     `json:"is_automatic_forward"`
	ReplyTo   *message `json:"reply_to_message"`
	Text      string   `json:"text"`
	Caption   string   `json:"caption"`
	Entities  []entity `json:"entities"`

	// Members and the like: something happened, and nobody said anything.
	Joined  json.RawMessage `json:"new_chat_members"`
	Left    json.RawMessage `json:"left_chat_member"`
	Titled  string          `json:"new_chat_title"`
	Pinned  json.RawMessage `json:"pinned_message"`
	MovedTo int64           `json:"migrate_to_chat_id"`
	MovedBy int64           `json:"migrate_from_chat_id"`
	Topic   json.RawMessage `json:"forum_topic_created"`
}

type entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"` // UTF-16 units
}

// readUpdate reads one. Where no more than its number can be read, that is told:
// it must not come again and again.
func readUpdate(raw json.RawMessage) (u update, ok bool) {
	if err := json.Unmarshal(raw, &u); err == nil {
		return u, u.ID > 0
	}
	var number struct {
		ID int64 `json:"update_id"`
	}
	if json.Unmarshal(raw, &number) != nil {
		return update{}, false
	}
	return update{ID: number.ID}, false
}

// event makes of an update what is heard, or says why not; neither where there is
// nothing to tell.
func (b *bot) event(u update) (e lastword.Event, heard bool, drop string) {
	switch {
	case u.Said != nil:
		return b.said(lastword.Said, u.Said)
	case u.Edited != nil:
		return b.said(lastword.Edited, u.Edited)
	case u.Posted != nil:
		return b.said(lastword.Said, u.Posted)
	case u.Changed != nil:
		return b.said(lastword.Edited, u.Changed)
	case u.Member == nil:
		return e, false, ""
	case u.Member.Now.Status == "kicked" && u.Member.Chat.Type == "private":
		return e, false, Blocked
	case u.Member.Now.Status == "kicked" || u.Member.Now.Status == "left":
		return e, false, Removed
	}
	return e, false, ""
}

func (b *bot) said(op lastword.Op, m *message) (lastword.Event, bool, string) {
	words := text.CleanTo(m.words(), maxText)
	switch {
	case m.ID <= 0 || m.Chat.ID == 0 || m.Date <= 0:
		return lastword.Event{}, false, Unreadable
	case m.notice():
		return lastword.Event{}, false, Notice
	case words == "":
		return lastword.Event{}, false, NoText
	case m.command():
		return lastword.Event{}, false, Command
	}
	p := lastword.Post{
		Network: network, Key: b.keyOf(m.Chat, m.ID), URL: pageOf(m.Chat, m.ID), Author: authorOf(m), Text: words,
		SaidAt: time.Unix(m.Date, 0).UTC(), Own: b.ours(m), Private: !m.Chat.public(), Ref: refOf(m),
	}
	if m.From != nil && m.Chat.Type == "private" && languageForm(m.From.Lang) {
		p.Lang = m.From.Lang
	}
	p.Parent, p.Root = b.threadOf(m)
	return lastword.Event{Op: op, Post: p}, true, ""
}

func (m *message) words() string {
	if m.Text != "" {
		return m.Text
	}
	return m.Caption
}

func (m *message) notice() bool {
	return m.Joined != nil || m.Left != nil || m.Titled != "" || m.Pinned != nil || m.MovedTo != 0 || m.MovedBy != 0 || m.Topic != nil
}

// command reports whether a message is nothing but a command, or how a bot is
// begun with by a link ("/start" and a word; core.telegram.org/bots/features,
// Deep Linking).
func (m *message) command() bool {
	for _, e := range m.Entities {
		if e.Type != "bot_command" || e.Offset != 0 {
			continue
		}
		name, rest, _ := strings.Cut(strings.TrimSpace(m.Text), " ")
		rest = strings.TrimSpace(rest)
		start := name == "/start" || strings.HasPrefix(name, "/start@")
		return rest == "" || start && !strings.ContainsAny(rest, " \n")
	}
	return false
}

// public reports whether everybody can read a chat: those that have a public name.
func (c chat) public() bool {
	return (c.Type == "supergroup" || c.Type == "channel") && nameForm(c.Username)
}

// ours reports whether the company speaks: its bot, its channel, a colleague.
func (b *bot) ours(m *message) bool {
	switch {
	case m.ForChat != nil && m.Chat.Type == "channel", m.Chat.Type == "channel":
		return true // only administrators write in a channel, and only theirs can let a bot in
	case m.ForChat != nil:
		return b.isChannel(*m.ForChat)
	case m.From != nil:
		return strconv.FormatInt(m.From.ID, 10) == b.id || m.From.Username != "" && b.own[strings.ToLower(m.From.Username)]
	}
	return false
}

func (b *bot) isChannel(c chat) bool {
	return b.channel != "" && (strings.EqualFold(b.channel, "@"+c.Username) || b.channel == strconv.FormatInt(c.ID, 10))
}

// authorOf names who spoke: a person, or a chat in whose name somebody did.
func authorOf(m *message) lastword.Author {
	switch {
	case m.ForChat != nil:
		return chatAuthor(*m.ForChat)
	case m.From == nil:
		return chatAuthor(m.Chat)
	}
	a := lastword.Author{Key: strconv.FormatInt(m.From.ID, 10), Name: text.CleanTo(strings.TrimSpace(m.From.First+" "+m.From.Last), maxName)}
	if nameForm(m.From.Username) {
		a.Handle, a.URL = m.From.Username, "https://t.me/"+m.From.Username
	}
	return a
}

func chatAuthor(c chat) lastword.Author {
	a := lastword.Author{Key: strconv.FormatInt(c.ID, 10), Name: text.CleanTo(c.Title, maxName)}
	if nameForm(c.Username) {
		a.Handle, a.URL = c.Username, "https://t.me/"+c.Username
	}
	return a
}

// threadOf finds what a message answers, and where its thread begins. The first
// message of a forum's topic tells that there is one, and is nobody's.
func (b *bot) threadOf(m *message) (parent, root string) {
	if m.ReplyTo != nil && m.ReplyTo.ID > 0 && m.ReplyTo.Topic == nil {
		parent = b.keyOf(m.Chat, m.ReplyTo.ID)
		root = parent
	}
	if m.Thread > 0 && !m.IsTopic && parent != "" {
		root = b.keyOf(m.Chat, m.Thread)
	}
	return parent, root
}

// keyOf names a message. In supergroups and channels numbers are the same for
// everybody; elsewhere each account has its own (core.telegram.org/api/channel).
func (b *bot) keyOf(c chat, id int64) string {
	key := strconv.FormatInt(c.ID, 10) + "/" + strconv.FormatInt(id, 10)
	if c.Type == "supergroup" || c.Type == "channel" {
		return key
	}
	return b.id + ":" + key
}

// place reads a key of this bot's; false for what other bots hear.
func (b *bot) place(key string) (chat, id int64, ok bool) {
	whose, rest, private := strings.Cut(key, ":")
	if !private {
		rest = key
	}
	left, right, both := strings.Cut(rest, "/")
	chat, err := strconv.ParseInt(left, 10, 64)
	id, bad := strconv.ParseInt(right, 10, 64)
	return chat, id, both && err == nil && bad == nil && chat != 0 && id > 0 && (!private || whose == b.id)
}

// pageOf is where members can read a message (core.telegram.org/api/links,
// Message links); nothing for private chats.
func pageOf(c chat, id int64) string {
	number := strconv.FormatInt(id, 10)
	if c.public() {
		return "https://t.me/" + c.Username + "/" + number
	}
	if inner, ok := strings.CutPrefix(strconv.FormatInt(c.ID, 10), "-100"); ok && (c.Type == "supergroup" || c.Type == "channel") {
		return "https://t.me/c/" + inner + "/" + number
	}
	return ""
}

// nameForm tells a public name (core.telegram.org/method/account.checkUsername).
func nameForm(s string) bool {
	if len(s) < 4 || len(s) > 32 {
		return false
	}
	for _, r := range s {
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return true
}

func languageForm(s string) bool {
	return len(s) >= 2 && len(s) <= 12 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

// A ref is what answering needs of a message beside its key.
type ref struct {
	Private bool  `json:"p,omitempty"`
	Topic   int64 `json:"t,omitempty"` // of a forum
	Channel bool  `json:"c,omitempty"` // nobody answers in a channel itself
}

func refOf(m *message) string {
	r := ref{Private: m.Chat.Type == "private", Channel: m.Chat.Type == "channel"}
	if m.IsTopic {
		r.Topic = m.Thread
	}
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // two truths and a number
	}
	return string(b)
}
