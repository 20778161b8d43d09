package openai

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"lastword"
	"lastword/internal/httpx"
)

// A Server is where to ask, and as whom.
type Server struct {
	Address string // up to the version, such as https://models.example.org/v1
	Key     string // may be empty
}

// Why an answer cannot be used.
var (
	ErrShape = errors.New("the answer is not of the shape that was asked for")
	ErrCut   = errors.New("the answer breaks off at its limit")
)

// A Client asks servers. It is safe for concurrent use.
type Client struct {
	// HTTP came from package httpx: it bounds time and size, and refuses inner
	// networks.
	HTTP *http.Client
	// Pause waits between two attempts; nil means for as long as it is told.
	Pause func(ctx context.Context, d time.Duration) error
}

const (
	attempts  = 3
	firstWait = time.Second
	longest   = 10 * time.Second // waits that are worth waiting for here
)

// post sends a body and returns that of the answer. What time may mend is tried
// again, as soon as the server asks for, unless that is too long.
func (c *Client) post(ctx context.Context, s Server, path string, body []byte) ([]byte, error) {
	wait := firstWait
	for attempt := 1; ; attempt++ {
		answer, err := c.once(ctx, s, path, body)
		if err == nil || attempt == attempts || !errors.Is(err, lastword.ErrUnavailable) {
			return answer, err
		}
		asked, _ := httpx.RetryAfter(err)
		pause := cmp.Or(asked, wait)
		if pause > longest || c.pause(ctx, pause) != nil {
			return nil, err
		}
		wait *= 2
	}
}

func (c *Client) pause(ctx context.Context, d time.Duration) error {
	if c.Pause != nil {
		return c.Pause(ctx, d)
	}
	t := time.NewTimer(d + 50*time.Millisecond) // the server's clock may be a little behind
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) once(ctx context.Context, s Server, path string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(s.Address, "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("openai: %w", lastword.ErrInvalid) // err repeats the address
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	if s.Key != "" {
		r.Header.Set("Authorization", "Bearer "+s.Key)
	}
	resp, err := httpx.Do(unbent(c.HTTP), r)
	if err != nil {
		return nil, fmt.Errorf("openai: %w", err)
	}
	answer, err := httpx.Read(resp)
	if err != nil {
		return nil, fmt.Errorf("openai: %w", err)
	}
	return answer, nil
}

// unbent follows no redirect: what leaves the house goes to the address that a
// director saw, and to no other.
func unbent(c *http.Client) *http.Client {
	own := *c
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}
