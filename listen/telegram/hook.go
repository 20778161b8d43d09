package telegram

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"lastword"
	"lastword/listen"
)

// maxUpdate bounds one that is pushed, in bytes.
const maxUpdate = 1 << 20

// pushed takes updates that Telegram pushes.
type pushed struct{ *bot }

// Poll implements listen.Source: it sees to it that updates are pushed here, and
// tells where they do not arrive.
func (p *pushed) Poll(ctx context.Context, at string, hear listen.Hear) error {
	c, err := p.begin(at)
	if err != nil {
		return err
	}
	var info struct {
		URL     string   `json:"url"`
		Allowed []string `json:"allowed_updates"`
		FailAt  int64    `json:"last_error_date"`
		Waiting int      `json:"pending_update_count"`
	}
	if err := p.call(ctx, "getWebhookInfo", struct{}{}, &info); err != nil {
		return err
	}
	if info.URL != p.hook || len(info.Allowed) != len(wanted) {
		set := map[string]any{"url": p.hook, "secret_token": p.secret(), "allowed_updates": wanted, "max_connections": 1, "drop_pending_updates": false}
		if err := p.call(ctx, "setWebhook", set, nil); err != nil {
			return err
		}
	}
	if failed := time.Unix(info.FailAt, 0); info.URL == p.hook && info.Waiting > 0 && p.host.Now().Sub(failed) < time.Hour {
		return &lastword.Mistake{Key: "connector.telegram.error.unreached", Kind: lastword.ErrUnavailable}
	}
	c.Seen = p.host.Now().Unix()
	return hear(ctx, nil, c.String())
}

// Receive implements listen.Receiver. Telegram proves itself by the secret that it
// was given, and pushes again what is not answered with success.
func (p *pushed) Receive(w http.ResponseWriter, r *http.Request, at string, hear listen.Hear) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	given := r.Header.Get("X-Telegram-Bot-Api-Secret-Token")
	if subtle.ConstantTimeCompare([]byte(given), []byte(p.secret())) != 1 {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpdate))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	c, err := parseCursor(at)
	if err != nil {
		c = cursor{}
	}
	c.Seen = p.host.Now().Unix()
	events := p.events([]json.RawMessage{raw}, &c)
	if err := hear(r.Context(), events, c.String()); err != nil {
		p.host.Log.Warn("telegram: what was pushed could not be stored", "err", err)
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}
