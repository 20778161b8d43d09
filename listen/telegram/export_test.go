package telegram

import (
	"encoding/json"
	"log/slog"
	"time"

	"lastword"
	"lastword/listen"
)

// Secret is what Telegram proves itself by.
func Secret(token, hook string) string { return (&bot{token: token, hook: hook}).secret() }

// DecodeUpdate reads one update as it would be heard.
func DecodeUpdate(raw []byte) (e lastword.Event, heard bool, drop string) {
	b := &bot{id: "123456", host: listen.Host{Log: slog.New(slog.DiscardHandler), Now: time.Now, Dropped: func(string, string) {}}}
	u, ok := readUpdate(json.RawMessage(raw))
	if !ok {
		return e, false, Unreadable
	}
	return b.event(u)
}
