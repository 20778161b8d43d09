package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
)

const (
	patience = 25 // seconds that Telegram lets a question wait (getUpdates, timeout)
	atOnce   = 100
	keeps    = 24 * time.Hour     // that Telegram keeps updates ("Getting updates")
	forgets  = 6 * 24 * time.Hour // after a week without updates their numbers begin anew, anywhere (Update, update_id)
)

// A cursor is how far was heard.
type cursor struct {
	Next int64 `json:"n"`           // the number of the next update
	Last int64 `json:"l,omitempty"` // when the last one came, Unix seconds
	Seen int64 `json:"s,omitempty"` // when Telegram was asked last, Unix seconds
}

func parseCursor(at string) (c cursor, err error) {
	if at == "" {
		return c, nil
	}
	if err := json.Unmarshal([]byte(at), &c); err != nil {
		return c, fmt.Errorf("telegram: cursor: %w", err)
	}
	return c, nil
}

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // numbers only
	}
	return string(b)
}

// source fetches updates.
type source struct{ *bot }

// Poll implements listen.Source: what waits at Telegram.
func (s *source) Poll(ctx context.Context, at string, hear listen.Hear) error {
	c, err := s.begin(at)
	if err != nil {
		return err
	}
	for {
		before := c.Next
		n, err := s.round(ctx, &c, 0, hear)
		if err != nil || n == 0 {
			return err
		}
		if c.Next == before {
			return fmt.Errorf("telegram: the same updates again: %w", lastword.ErrUnavailable)
		}
	}
}

// Stream implements listen.Streamer: questions that wait until something happens.
func (s *source) Stream(ctx context.Context, at string, hear listen.Hear) error {
	c, err := s.begin(at)
	if err != nil {
		return err
	}
	for {
		if _, err := s.round(ctx, &c, patience, hear); err != nil {
			return err
		}
	}
}

// begin reads the cursor, and tells what Telegram threw away while it was not
// asked.
func (b *bot) begin(at string) (cursor, error) {
	c, err := parseCursor(at)
	now := b.host.Now()
	if seen := time.Unix(c.Seen, 0); err == nil && c.Seen > 0 && now.Sub(seen) > keeps {
		b.host.Dropped(Gap, seen.UTC().Format(time.RFC3339)+" – "+now.Add(-keeps).UTC().Format(time.RFC3339))
	}
	return c, err
}

// round asks once, and hands over what came. Asking with a number tells Telegram
// that all before it may go, so it is asked only after those were kept.
func (s *source) round(ctx context.Context, c *cursor, wait int, hear listen.Hear) (int, error) {
	raw, err := s.updates(ctx, *c, wait)
	if err != nil {
		return 0, err
	}
	next := *c
	next.Seen = s.host.Now().Unix()
	events := s.events(raw, &next)
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if len(raw) > 0 || next.Seen-c.Seen >= patience {
		if err := hear(ctx, events, next.String()); err != nil {
			return 0, err
		}
		*c = next
	}
	return len(raw), ctx.Err()
}

// updates is getUpdates. A question that waits takes no place at the host from
// others that have something to say.
func (s *source) updates(ctx context.Context, c cursor, wait int) ([]json.RawMessage, error) {
	ask := map[string]any{"limit": atOnce, "timeout": wait, "allowed_updates": wanted}
	if now := s.host.Now(); c.Next > 0 && now.Sub(time.Unix(c.Last, 0)) < forgets {
		ask["offset"] = c.Next
	}
	if wait > 0 {
		ctx = httpx.Waiting(ctx)
	}
	var raw []json.RawMessage
	err := s.call(ctx, "getUpdates", ask, &raw)
	var no *refusal
	if errors.As(err, &no) && no.Code == http.StatusConflict {
		return nil, s.conflict(ctx, err)
	}
	if len(raw) > atOnce {
		raw = raw[:atOnce]
	}
	return raw, err
}

// events makes events of updates, and moves the cursor behind them. One without a
// number is passed over: there is no way to say that it was heard.
func (b *bot) events(raw []json.RawMessage, c *cursor) (events []lastword.Event) {
	for _, r := range raw {
		u, ok := readUpdate(r)
		if u.ID > 0 {
			c.Next, c.Last = u.ID+1, b.host.Now().Unix()
		}
		if !ok {
			b.host.Dropped(Unreadable, fmt.Sprintf("update %d", u.ID))
			continue
		}
		e, heard, drop := b.event(u)
		if heard {
			events = append(events, e)
		}
		if drop != "" {
			b.host.Dropped(drop, u.place())
		}
	}
	return events
}

// place names an update for those who look up what was left out.
func (u update) place() string {
	if u.Member != nil && u.Member.Chat.Title != "" {
		return u.Member.Chat.Title
	}
	return fmt.Sprintf("update %d", u.ID)
}

// conflict says why updates cannot be fetched: they are pushed to somebody, which
// a person must end, unless it is us; or somebody else fetches them just now.
func (s *source) conflict(ctx context.Context, err error) error {
	var info struct {
		URL string `json:"url"`
	}
	if asked := s.call(ctx, "getWebhookInfo", struct{}{}, &info); asked != nil || info.URL == "" {
		return err
	}
	if s.hook != "" && info.URL == s.hook { // the settings were changed: they are to be fetched now
		if ended := s.call(ctx, "deleteWebhook", map[string]any{"drop_pending_updates": false}, nil); ended != nil {
			return ended
		}
		return err
	}
	return fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "connector.telegram.error.taken", Field: fieldToken, Kind: lastword.ErrDenied})
}
