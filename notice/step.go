package notice

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/internal/stdhook"
)

// Store is what is kept of notices.
type Store interface {
	Courier(ctx context.Context, company int64) (lastword.Courier, error)
	// Telling returns a notice that waits, with what it says now;
	// lastword.ErrNotFound where it waits no more.
	Telling(ctx context.Context, company, id int64) (lastword.Telling, error)
	// Told says how an attempt ended: one that waits is tried again.
	Told(ctx context.Context, company, id int64, to lastword.NoticeState, code int, why string) error
	// CourierGone switches the courier off.
	CourierGone(ctx context.Context, company int64) error
}

// Step brings notices out. Its methods may be called by many at a time.
type Step struct {
	Store Store
	HTTP  *http.Client // unable to reach inner networks, but for hosts that the operator listed
	Now   func() time.Time
	Log   *slog.Logger
	// Inner reports whether the operator lets a host of the inner network be
	// reached; such a one may be spoken to without TLS.
	Inner func(host string) bool
}

// patience is how long a notice is tried.
const patience = 72 * time.Hour

// Why a notice did not arrive: keys of the catalogue.
const (
	whyOff         = "notice.why.off"
	whyGone        = "notice.why.gone"
	whyClosed      = "notice.why.closed"
	whyRefused     = "notice.why.refused"
	whyInner       = "notice.why.inner"
	whyUnreachable = "notice.why.unreachable"
	whyKey         = "notice.why.key"
)

// Do does a Tell job: IDs are notices. It may be done twice. Where the other
// program is not to be reached the rest waits too; where it refuses one notice, the
// others go on. An error means that it should be done again; where the program
// asked for a pause, the error has a method RetryIn() time.Duration.
func (s *Step) Do(ctx context.Context, job lastword.Job) error {
	var again error
	for _, id := range job.IDs {
		err := s.tell(ctx, job.Company, id)
		if err == nil {
			continue
		}
		again = err
		var refused *refusedError
		if !errors.As(err, &refused) {
			break
		}
	}
	return again
}

// refusedError is a notice that the other program does not take, and perhaps will.
type refusedError struct{ error }

func (s *Step) tell(ctx context.Context, company, id int64) error {
	t, err := s.Store.Telling(ctx, company, id)
	if errors.Is(err, lastword.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("notice %d: %w", id, err)
	}
	body, there := Body(t)
	switch {
	case !t.Courier.On:
		return s.Store.Told(ctx, company, id, lastword.NoticeDropped, 0, whyOff)
	case !there:
		return s.Store.Told(ctx, company, id, lastword.NoticeDropped, 0, whyGone)
	}
	code, err := s.send(ctx, t.Courier, idOf(t.Notice), body)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		return s.Store.Told(ctx, company, id, lastword.NoticeSent, code, "")
	}
	return s.failed(ctx, t.Notice, code, err)
}

// failed says what becomes of a notice that did not arrive. An address that says it
// is gone for good is told nothing more (Standard Webhooks, "410 Gone").
func (s *Step) failed(ctx context.Context, n lastword.Notice, code int, err error) error {
	why, to := whyOf(code, err), lastword.NoticeWaits
	switch {
	case code == http.StatusGone:
		why, to = whyClosed, lastword.NoticeFailed
		if err := s.Store.CourierGone(ctx, n.Company); err != nil {
			return fmt.Errorf("notice %d: %w", n.ID, err)
		}
	case errors.Is(err, stdhook.ErrKey):
		to = lastword.NoticeFailed
	case s.Now().Sub(n.Made) > patience:
		to = lastword.NoticeFailed
	}
	if kept := s.Store.Told(ctx, n.Company, n.ID, to, code, why); kept != nil {
		return fmt.Errorf("notice %d: %w", n.ID, kept)
	}
	if to == lastword.NoticeFailed {
		s.Log.WarnContext(ctx, "notice not told", "company", n.Company, "notice", n.ID, "kind", n.Kind, "code", code, "err", err)
		return nil
	}
	// %v: what kind of failure it is must not end the job.
	again := fmt.Errorf("notice %d: %v", n.ID, err)
	if wait, asked := httpx.RetryAfter(err); asked {
		return &laterError{again, min(wait, time.Hour)}
	}
	if code >= 400 && code < 500 && code != http.StatusTooManyRequests && code != http.StatusRequestTimeout {
		return &refusedError{again}
	}
	return again
}

// laterError asks for a pause.
type laterError struct {
	error
	wait time.Duration
}

// RetryIn returns how long the other program wishes us to wait.
func (e *laterError) RetryIn() time.Duration { return e.wait }

// whyOf tells a person of a failure.
func whyOf(code int, err error) string {
	switch {
	case code != 0:
		return whyRefused
	case errors.Is(err, stdhook.ErrKey):
		return whyKey
	case errors.Is(err, httpx.ErrInner):
		return whyInner
	}
	return whyUnreachable
}

// idOf is the id of a notice for the other program: the same however often it is
// sent.
func idOf(n lastword.Notice) string { return "msg_" + number(n.ID) }

// send sends one message and returns how it was answered; 0: not at all. Only
// success is taken for one: an address that leads elsewhere is not followed.
func (s *Step) send(ctx context.Context, c lastword.Courier, id string, body []byte) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Address, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("an address that is none: %w", lastword.ErrInvalid)
	}
	r.Header.Set("Content-Type", "application/json")
	if err := stdhook.Sign(r.Header, id, s.Now(), body, c.Key, c.Former); err != nil {
		return 0, err
	}
	direct := *s.HTTP
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := httpx.Do(&direct, r)
	var no *httpx.StatusError
	if errors.As(err, &no) {
		return no.Code, err
	}
	if err != nil {
		return 0, err
	}
	code := resp.StatusCode
	// What it says beside success is nobody's business; read, so that the connection
	// may be used again.
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	_ = resp.Body.Close()
	if code/100 != 2 {
		return code, fmt.Errorf("answered %d: %w", code, lastword.ErrInvalid)
	}
	return code, nil
}

// A Trial is what came of calling the other program once.
type Trial = lastword.CourierTrial

// Try sends a test, and waits for it.
func (s *Step) Try(ctx context.Context, company int64) (Trial, error) {
	c, err := s.Store.Courier(ctx, company)
	if err != nil {
		return Trial{}, fmt.Errorf("notice: %w", err)
	}
	n := lastword.Notice{Company: company, Kind: lastword.TestNotice, Made: s.Now()}
	body, _ := Body(lastword.Telling{Notice: n})
	code, err := s.send(ctx, c, fmt.Sprintf("test_%d", s.Now().UnixMilli()), body)
	if ctx.Err() != nil {
		return Trial{}, ctx.Err()
	}
	t := Trial{Tried: true, Code: code}
	if err != nil {
		t.Why = whyOf(code, err)
	}
	return t, nil
}

// Check says what cannot be as it is set up.
func (s *Step) Check(c lastword.Courier) error {
	u, err := url.Parse(c.Address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.Fragment != "" || u.User != nil:
		return &lastword.Mistake{Key: "mistake.courier_address", Field: "address"}
	case u.Scheme == "http" && !s.inner(strings.ToLower(u.Host)) && !s.inner(strings.ToLower(u.Hostname())):
		return &lastword.Mistake{Key: "mistake.courier_plain", Field: "address"}
	case len(c.Kinds) == 0:
		return &lastword.Mistake{Key: "mistake.courier_none", Field: "kinds"}
	}
	return nil
}

func (s *Step) inner(host string) bool { return s.Inner != nil && s.Inner(host) }
