package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/httpx"
	"lastword/listen"
)

// A bot asks the Bot API. It holds no state.
type bot struct {
	http    *http.Client
	host    listen.Host
	server  string
	token   string
	id      string // of the bot: the number before the token's colon
	channel string // in which own posts are published; may be empty
	own     map[string]bool
	hook    string
}

// A refusal is an answer of the Bot API that is not ok ("Making requests").
type refusal struct {
	Code        int    `json:"error_code"`
	Description string `json:"description"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`        // seconds
		MovedTo    int64 `json:"migrate_to_chat_id"` // the group has become another
	} `json:"parameters"`
}

func (r *refusal) Error() string { return fmt.Sprintf("telegram: answered %d", r.Code) }

// Unwrap tells by the code alone what kind of failure it is. 404 is a token that
// no bot has.
func (r *refusal) Unwrap() error {
	switch {
	case r.Code == http.StatusUnauthorized, r.Code == http.StatusNotFound:
		return &lastword.Mistake{Key: "connector.telegram.error.refused", Field: fieldToken, Kind: lastword.ErrDenied}
	case r.Code == http.StatusTooManyRequests, r.Code == http.StatusConflict, r.Code >= 500:
		return lastword.ErrUnavailable
	}
	return lastword.ErrInvalid
}

// says reports whether the description has one of the phrases. The Bot API has one
// code for all that is wrong with a request; tokens are never judged so.
func (r *refusal) says(phrases ...string) bool {
	for _, p := range phrases {
		if strings.Contains(strings.ToLower(r.Description), p) {
			return true
		}
	}
	return false
}

// call asks for one method and decodes its result into out, if that is not nil.
func (b *bot) call(ctx context.Context, method string, in, out any) error {
	return b.ask(ctx, method, api.Request{JSON: in}, out)
}

// upload asks for a method with a form of bytes.
func (b *bot) upload(ctx context.Context, method string, form []byte, kind string, out any) error {
	return b.ask(ctx, method, api.Request{Raw: form, Header: http.Header{"Content-Type": {kind}}}, out)
}

func (b *bot) ask(ctx context.Context, method string, r api.Request, out any) error {
	r.URL = b.server + "/bot" + b.token + "/" + method
	var said struct {
		OK     bool            `json:"ok"`
		Result json.RawMessage `json:"result"`
	}
	_, err := api.Do(ctx, b.http, r, &said)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return b.explain(method, err)
	}
	if !said.OK {
		return fmt.Errorf("telegram: %s: an answer that is neither: %w", method, lastword.ErrUnavailable)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(said.Result, out); err != nil {
		return fmt.Errorf("telegram: %s: %w: %w", method, api.ErrMalformed, lastword.ErrUnavailable)
	}
	return nil
}

// explain reads what the Bot API said with its refusal; what it did not say
// itself (a proxy's page) stays an error of HTTP, and says nothing of the token.
func (b *bot) explain(method string, err error) error {
	body, status, refused := api.Refusal(err)
	no := &refusal{}
	if refused && json.Unmarshal(body, no) == nil && no.Code >= 400 {
		if wait := time.Duration(no.Parameters.RetryAfter) * time.Second; no.Code == http.StatusTooManyRequests && wait > 0 {
			return &listen.RetryAfter{Wait: wait, Err: fmt.Errorf("telegram: %s: %w", method, no)}
		}
		return fmt.Errorf("telegram: %s: %w", method, no)
	}
	if wait, ok := httpx.RetryAfter(err); ok {
		return &listen.RetryAfter{Wait: wait, Err: fmt.Errorf("telegram: %s: %w", method, errors.Join(lastword.ErrUnavailable, err))}
	}
	if refused {
		return fmt.Errorf("telegram: %s: answered %d by something that is not the Bot API: %w", method, status, lastword.ErrUnavailable)
	}
	return fmt.Errorf("telegram: %s: %w", method, err)
}

// notSent reports whether an error proves that nothing was done: Telegram refused,
// or was never reached.
func notSent(err error) bool {
	var no *refusal
	if errors.As(err, &no) {
		return no.Code < 500
	}
	var wait *httpx.WaitError
	var dial *net.OpError
	var name *net.DNSError
	return errors.As(err, &wait) || errors.As(err, &name) || errors.As(err, &dial) && dial.Op == "dial" ||
		errors.Is(err, httpx.ErrInner) || errors.Is(err, httpx.ErrScheme)
}

// me is who the token belongs to (User, as getMe returns it).
type me struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	ReadsAll bool   `json:"can_read_all_group_messages"`
}

func (b *bot) me(ctx context.Context) (m me, err error) {
	return m, b.call(ctx, "getMe", struct{}{}, &m)
}
