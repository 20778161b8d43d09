package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
)

// What was sent is noted among the secrets of the channel, one entry for each
// answer: before it is sent, that it may be, and afterwards what became of it. A
// note without an end means that nobody knows, since Telegram shows a bot nothing
// of what it said: then the answer is never sent again by itself. Only a director
// who was told so, and who releases it once more, sends it once more.
const (
	notePrefix = "sent"
	noteFor    = 4 * 24 * time.Hour  // longer than an answer is tried for
	unsureFor  = 90 * 24 * time.Hour // that an end which nobody knows is remembered
)

// A mark is one note.
type mark struct {
	At       int64  `json:"t"`           // Unix seconds
	Released int64  `json:"r,omitempty"` // the release that it was sent by, Unix milliseconds
	Key      string `json:"k,omitempty"` // of the message; empty: nobody knows
	URL      string `json:"u,omitempty"`
}

// note keeps a mark, and forgets those whose time is over.
func (b *bot) note(ctx context.Context, a listen.Reply, m mark) error {
	if b.host.Keep == nil || b.host.Kept == nil {
		return nil // an account that is only tried
	}
	m.At, m.Released = b.host.Now().Unix(), released(a)
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("telegram: note: %w", err)
	}
	kept, err := b.host.Kept(ctx)
	if err != nil {
		return fmt.Errorf("telegram: read notes: %w", err)
	}
	change := b.over(kept)
	change[notePrefix+a.Key] = string(body)
	if err := b.host.Keep(ctx, change); err != nil {
		return fmt.Errorf("telegram: note: %w", err)
	}
	return nil
}

// over lists the notes that need not be kept any longer, each as nothing.
func (b *bot) over(kept map[string]string) map[string]string {
	old := map[string]string{}
	for name, value := range kept {
		key, ours := strings.CutPrefix(name, notePrefix)
		if !ours || strings.Trim(key, "0123456789") != "" {
			continue
		}
		var m mark
		readable := json.Unmarshal([]byte(value), &m) == nil
		age := b.host.Now().Sub(time.Unix(m.At, 0))
		if !readable || m.Key != "" && age > noteFor || age > unsureFor {
			old[name] = ""
		}
	}
	return old
}

// unnote forgets a mark of what was certainly not sent.
func (b *bot) unnote(ctx context.Context, a listen.Reply) error {
	if b.host.Keep == nil || b.host.Kept == nil {
		return nil
	}
	return b.host.Keep(ctx, map[string]string{notePrefix + a.Key: ""})
}

// found reads what became of a former attempt.
func (b *bot) found(ctx context.Context, a listen.Reply) (listen.Receipt, bool, error) {
	if b.host.Kept == nil {
		return listen.Receipt{}, false, nil
	}
	kept, err := b.host.Kept(ctx)
	if err != nil {
		return listen.Receipt{}, false, fmt.Errorf("telegram: read notes: %w", err)
	}
	value, noted := kept[notePrefix+a.Key]
	if !noted || value == "" {
		return listen.Receipt{}, false, nil
	}
	var m mark
	if err := json.Unmarshal([]byte(value), &m); err != nil {
		return listen.Receipt{}, false, fmt.Errorf("telegram: a note that cannot be read: %w", unsure())
	}
	if m.Key != "" {
		return listen.Receipt{Key: m.Key, URL: m.URL}, true, nil
	}
	if now := released(a); now > m.Released { // by a director, who was told that nobody knows
		return listen.Receipt{}, false, nil
	}
	return listen.Receipt{}, false, fmt.Errorf("telegram: nobody knows whether it arrived: %w", unsure())
}

func unsure() error { return &lastword.Mistake{Key: "why.telegram_unsure"} }

// released is when a director let the answer go, Unix milliseconds.
func released(a listen.Reply) int64 {
	if a.Released.IsZero() {
		return 0
	}
	return a.Released.UnixMilli()
}
