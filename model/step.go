package model

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"sync"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/internal/openai"
)

// Store is what is kept of a company's endpoint.
type Store interface {
	Company(ctx context.Context, id int64) (lastword.Company, error)
	// Model returns the endpoint with its key; one that was never set up is off.
	Model(ctx context.Context, company int64) (lastword.Model, error)
	// Spend takes tokens off a day's budget, all or, with false, none; negative ones
	// are given back.
	Spend(ctx context.Context, company, day, tokens, budget int64) (bool, error)
	Spent(ctx context.Context, company, day int64) (int64, error)
	// Directions returns what is kept of texts in a space, by their digests.
	Directions(ctx context.Context, company int64, space string, digests []string) (map[string]lastword.Direction, error)
	// SaveDirections keeps directions until the voices that brought them go.
	SaveDirections(ctx context.Context, company int64, space string, voices []int64, digests []string, at []lastword.Direction) error
}

// A Step asks the companies' endpoints. Its methods may be called by many at a
// time, but not by a page, except for Try: they wait for the endpoint.
type Step struct {
	Store  Store
	Client *openai.Client
	Now    func() time.Time
	Log    *slog.Logger
	// Inner reports whether the operator lets a host of the inner network be
	// reached; such a one may be spoken to without TLS.
	Inner func(host string) bool
	// Reference are texts of ours by which a model for embeddings is measured when it
	// is tried, and Useful reports whether it is of any use that puts them there. None
	// means that it is not measured.
	Reference []string
	Useful    func(at []lastword.Direction) bool

	mu      sync.Mutex
	fuses   map[int64]*fuse
	reaches map[int64]reach
}

// Why nothing was asked.
var (
	errOff    = fmt.Errorf("the company uses no such model: %w", lastword.ErrUnavailable)
	errSpent  = fmt.Errorf("the day's budget is spent: %w", lastword.ErrUnavailable)
	errBroken = fmt.Errorf("the endpoint failed a moment ago and is left alone: %w", lastword.ErrUnavailable)
)

// Uses reports what a company's endpoint is used for now.
func (s *Step) Uses(ctx context.Context, company int64) (embed, chat bool, err error) {
	m, err := s.Store.Model(ctx, company)
	return m.On && m.Embed != "", m.On && m.Chat != "", err
}

// Ask puts a question to a company's language model and decodes the answer into
// into. It returns an error that wraps lastword.ErrUnavailable where there is none
// to ask now, and any other where the answer is of no use; into is not to be
// trusted in either case, nor without a check in any other.
func (s *Step) Ask(ctx context.Context, company int64, a lastword.Ask, into any) error {
	m, err := s.Store.Model(ctx, company)
	if err != nil {
		return err
	}
	if !m.On || m.Chat == "" {
		return errOff
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	a = masked(a)
	cost := estimate(string(openai.ChatBody(m.Chat, a))) + int64(a.Most)
	return s.paid(ctx, m, cost, func(ctx context.Context) (int64, error) {
		return s.Client.Chat(ctx, server(m), m.Chat, a, into)
	})
}

// masked is an Ask as it leaves the house.
func masked(a lastword.Ask) lastword.Ask {
	data := make([]lastword.Datum, len(a.Data))
	for i, d := range a.Data {
		d.Text = Mask(d.Text)
		data[i] = d
	}
	a.Data = data
	return a
}

func server(m lastword.Model) openai.Server { return openai.Server{Address: m.Address, Key: m.Key} }

// estimate is about how many tokens a text takes: more rather than fewer.
func estimate(s string) int64 { return int64(len(s))/3 + 1 }

// paid makes one call within the budget and behind the company's fuse.
func (s *Step) paid(ctx context.Context, m lastword.Model, cost int64, call func(context.Context) (int64, error)) error {
	if err := s.fuse(m).closed(s.Now()); err != nil {
		return err
	}
	day, err := s.day(ctx, m.Company)
	if err != nil {
		return err
	}
	ok, err := s.Store.Spend(ctx, m.Company, day, cost, m.Budget)
	if err != nil {
		return err
	}
	if !ok {
		s.reached(m.Company, errSpent)
		return errSpent
	}
	took, err := call(ctx)
	if !errors.Is(ctx.Err(), context.Canceled) { // else it was we who gave up
		s.fuse(m).note(s.Now(), err)
		s.reached(m.Company, err)
	}
	if back := s.settle(context.WithoutCancel(ctx), m.Company, day, cost, took, err); back != nil {
		s.Log.Warn("tokens not counted", "company", m.Company, "err", back)
	}
	return err
}

// settle corrects what was set aside for a call to what it took. Where the server
// does not say, and may have worked, that is what was set aside.
func (s *Step) settle(ctx context.Context, company, day, cost, took int64, err error) error {
	switch {
	case took > 0:
		took -= cost
	case err != nil && !worked(err):
		took = -cost
	default:
		return nil
	}
	_, err = s.Store.Spend(ctx, company, day, took, math.MaxInt64/2)
	return err
}

// worked reports whether a server may have worked for a call that failed.
func worked(err error) bool {
	for _, e := range []error{httpx.ErrTooSlow, httpx.ErrTooLarge, openai.ErrShape, openai.ErrCut, context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// day is today in the company's zone, in days since 1970.
func (s *Step) day(ctx context.Context, company int64) (int64, error) {
	c, err := s.Store.Company(ctx, company)
	if err != nil {
		return 0, err
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		zone = time.UTC
	}
	y, m, d := s.Now().In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60), nil
}

// A State is how a company's endpoint fares, for a page.
type State = lastword.ModelState

// State tells what was spent today and how the last call went.
func (s *Step) State(ctx context.Context, company int64) (State, error) {
	day, err := s.day(ctx, company)
	if err != nil {
		return State{}, err
	}
	spent, err := s.Store.Spent(ctx, company, day)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.reaches[company]
	return State{Spent: spent, Asked: r.at, Why: r.why}, err
}

// A reach is how the last call to an endpoint went.
type reach struct {
	at  time.Time
	why string // key of the catalogue; empty if it went well
}

func (s *Step) reached(company int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reaches == nil {
		s.reaches = map[int64]reach{}
	}
	s.reaches[company] = reach{s.Now(), Why(err)}
}

// Why says in a text of the catalogue what went wrong; empty if nothing did.
func Why(err error) string {
	var status *httpx.StatusError
	var wait *httpx.WaitError
	switch {
	case err == nil:
		return ""
	case errors.Is(err, errSpent):
		return "model.why.spent"
	case errors.Is(err, httpx.ErrInner):
		return "model.why.inner"
	case errors.Is(err, httpx.ErrTooLarge):
		return "model.why.large"
	case errors.Is(err, openai.ErrCut):
		return "model.why.cut"
	case errors.Is(err, openai.ErrShape):
		return "model.why.shape"
	case errors.Is(err, lastword.ErrDenied):
		return "model.why.denied"
	case errors.Is(err, lastword.ErrNotFound):
		return "model.why.not_found"
	case errors.Is(err, httpx.ErrTooSlow), errors.Is(err, context.DeadlineExceeded):
		return "model.why.slow"
	case errors.As(err, &wait), errors.As(err, &status) && status.Code == http.StatusTooManyRequests:
		return "model.why.busy"
	case errors.As(err, &status) && status.Code >= 500:
		return "model.why.failing"
	case errors.As(err, &status):
		return "model.why.refused"
	case errors.Is(err, lastword.ErrUnavailable):
		return "model.why.unreachable"
	}
	return "model.why.unknown"
}
