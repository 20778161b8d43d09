package listen

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"lastword"
)

// Accounts is what Places needs kept.
type Accounts interface {
	// Channels lists a company's channels; their secrets may be left out.
	Channels(ctx context.Context, company int64) ([]lastword.Channel, error)
	Keeping
}

// Places is how answers reach the networks: through the same connectors and
// channels that hear them. Its methods may be called by many at a time.
type Places struct {
	Accounts   Accounts
	Connectors []Connector
	Client     func(lastword.Channel) *http.Client
	Now        func() time.Time
	Log        *slog.Logger
	Dial       Dial               // Host.Dial
	Hook       func(int64) string // as Runner.Hook
	Album      Album              // of the pictures that are published; nil: none are

	// Shown is where a place may fetch a picture; nil or empty where nobody outside
	// reaches us.
	Shown func(company int64, digest string) string

	mu     sync.Mutex
	opened map[int64]*place // by channel
}

// Pace of the answers through one channel: as fast as a person might, a little
// faster at the beginning.
const (
	repliesEvery = time.Second
	repliesBurst = 3
)

// place is one channel, opened to answer.
type place struct {
	print   [sha256.Size]byte // of connector, settings and secrets
	source  Source
	network lastword.Network
	limiter *rate.Limiter

	mu     sync.Mutex
	quiet  time.Time       // until then the place wishes to be left alone
	manner lastword.Manner // how it publishes, as it told last
	asked  time.Time       // when it was asked that
}

// Network tells what a network allows, as the connector says that can answer
// there, or else any that hears it.
func (p *Places) Network(name string) (lastword.Network, bool) {
	var found lastword.Network
	for _, c := range p.Connectors {
		if n := c.Info().Network; n.Name == name && (found.Name == "" || n.Reply && !found.Reply) {
			found = n
		}
	}
	return found, found.Name != ""
}

// Route picks the way in which a voice is best answered: the first that is open
// and needs no hand, through the channel that heard it or else another of the
// same network. Where there is none it returns a way by hand and why:
// "why.by_hand" where the network is answered by people only, "why.refused" where
// a channel could but is refused, "why.no_account" where none is connected that
// could, or the place's own reason.
func (p *Places) Route(ctx context.Context, v lastword.Voice) (lastword.Way, error) {
	ways, err := p.Ways(ctx, v)
	if err != nil {
		return lastword.Way{}, err
	}
	for _, w := range ways {
		if w.Channel != 0 && !w.ByHand && w.Open(p.Now()) {
			return w, nil
		}
	}
	for _, w := range ways {
		if w.ByHand && w.Open(p.Now()) {
			w.Channel = 0
			return w, nil
		}
	}
	if len(ways) > 0 {
		return lastword.Way{ReplyOption: lastword.ReplyOption{ByHand: true, Why: cmp.Or(ways[0].Why, "why.by_hand"), At: ways[0].At}}, nil
	}
	return lastword.Way{ReplyOption: lastword.ReplyOption{ByHand: true, Why: "why.by_hand"}}, nil
}

// Ways lists how a voice can be answered, through every channel that could, the
// one that heard it first. What is closed is told with its reason.
func (p *Places) Ways(ctx context.Context, v lastword.Voice) ([]lastword.Way, error) {
	byHand := lastword.Way{ReplyOption: lastword.ReplyOption{ByHand: true, Why: "why.by_hand", At: v.URL}}
	if n, known := p.Network(v.Network); !known || !n.Reply {
		return []lastword.Way{byHand}, nil
	}
	all, err := p.Accounts.Channels(ctx, v.Company)
	if err != nil {
		return nil, fmt.Errorf("listen: channels of %d: %w", v.Company, err)
	}
	slices.SortStableFunc(all, func(a, b lastword.Channel) int { return heardFirst(a, v) - heardFirst(b, v) })
	var ways []lastword.Way
	byHand.Why = "why.no_account"
	for _, c := range all {
		r, err := p.replies(ctx, c, v.Network)
		switch {
		case err != nil:
			return nil, err
		case r == nil:
		case c.Health.State == lastword.Refused:
			byHand.Why = "why.refused"
		default:
			ways = append(ways, p.waysOf(r, c, v.Post)...)
		}
	}
	if !slices.ContainsFunc(ways, func(w lastword.Way) bool { return w.Open(p.Now()) }) {
		if len(ways) > 0 {
			byHand.Why = ways[0].Why
		}
		ways = append(ways, byHand)
	}
	return ways, nil
}

func heardFirst(c lastword.Channel, v lastword.Voice) int {
	if c.ID == v.Channel {
		return 0
	}
	return 1
}

// waysOf are the ways that one channel offers.
func (p *Places) waysOf(r Replier, c lastword.Channel, to lastword.Post) []lastword.Way {
	n := p.networkOf(c)
	chooser, ok := r.(Chooser)
	if !ok {
		return []lastword.Way{{Channel: c.ID, ReplyOption: lastword.ReplyOption{At: to.URL, Network: threaded(r, n, n)}}}
	}
	var ways []lastword.Way
	for _, o := range chooser.Options(to) {
		if !o.ByHand {
			o.Network = threaded(r, o.Network, n)
		}
		ways = append(ways, lastword.Way{Channel: c.ID, ReplyOption: o})
	}
	return ways
}

// replies returns the channel's source if it can answer on the network, or nil.
// Wrong settings mean that it cannot; what is wrong shows in the channel's health.
func (p *Places) replies(ctx context.Context, c lastword.Channel, network string) (Replier, error) {
	known := connector(p.Connectors, c.Connector)
	if known == nil || c.Paused {
		return nil, nil
	}
	if n := known.Info().Network; n.Name != network || !n.Reply {
		return nil, nil
	}
	at, err := p.open(ctx, c.Company, c.ID)
	if errors.Is(err, lastword.ErrDenied) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r, _ := at.source.(Replier)
	return r, nil
}

// Reply gives a cleared answer through its channel, at that channel's pace. It
// returns lastword.ErrForbidden for what is not cleared, and otherwise the
// errors of Replier; where the place asks for a pause, now or lately, that is a
// *RetryAfter.
func (p *Places) Reply(ctx context.Context, c lastword.Cleared, to lastword.Post) (native, url string, err error) {
	a, at, r, err := p.replier(ctx, c)
	if err != nil {
		return "", "", err
	}
	parts := p.partsOf(r, at, to, replyOf(a))
	if len(parts) > 1 {
		got, err := p.thread(ctx, at, r.(Threader), to, parts)
		return got.Key, got.URL, err
	}
	got, err := p.say(ctx, at, r, to, parts[0])
	return got.Key, got.URL, err
}

// say gives one reply, at the pace of the place.
func (p *Places) say(ctx context.Context, at *place, r Replier, to lastword.Post, a Reply) (Receipt, error) {
	if err := at.limiter.Wait(ctx); err != nil {
		if ctx.Err() != nil {
			return Receipt{}, ctx.Err()
		}
		return Receipt{}, &RetryAfter{Wait: repliesEvery, Err: fmt.Errorf("too many answers at once: %w", lastword.ErrUnavailable)}
	}
	if err := at.waits(p.Now()); err != nil { // it may have asked while we waited
		return Receipt{}, err
	}
	got, err := r.Reply(ctx, to, a)
	return got, at.heed(err, p.Now())
}

// Find looks at the place whether a cleared answer is already there.
func (p *Places) Find(ctx context.Context, c lastword.Cleared, to lastword.Post) (native, url string, found bool, err error) {
	a, at, r, err := p.replier(ctx, c)
	if err != nil {
		return "", "", false, err
	}
	parts := p.partsOf(r, at, to, replyOf(a))
	first, found, err := p.find(ctx, at, r, to, parts[0])
	got := first
	for _, part := range parts[1:] {
		if err != nil || !found { // a thread is there when its last part is
			break
		}
		got, found, err = p.find(ctx, at, r, r.(Threader).After(to, got), part)
	}
	return first.Key, first.URL, found, err
}

func (p *Places) find(ctx context.Context, at *place, r Replier, to lastword.Post, a Reply) (got Receipt, found bool, err error) {
	if f, ok := r.(Finder); ok {
		got, found, err = f.FindReply(ctx, to, a)
	} else {
		got, found, err = r.Find(ctx, to, a.Key)
	}
	return got, found, at.heed(err, p.Now())
}

// replyOf is what goes out of an answer.
func replyOf(a lastword.Answer) Reply {
	return Reply{Key: strconv.FormatInt(a.ID, 10), Made: a.Made, Released: a.Released, Text: a.Text, Lang: a.Lang}
}

// replier opens the way of a cleared answer. A channel that is gone, wrongly set
// or without an account is lastword.ErrDenied: a person must act.
func (p *Places) replier(ctx context.Context, c lastword.Cleared) (lastword.Answer, *place, Replier, error) {
	a, ok := c.Answer()
	if !ok {
		return a, nil, nil, fmt.Errorf("listen: an answer that is not cleared: %w", lastword.ErrForbidden)
	}
	at, err := p.open(ctx, a.Company, a.Channel)
	if err != nil {
		return a, nil, nil, err
	}
	r, ok := at.source.(Replier)
	if !ok {
		return a, nil, nil, fmt.Errorf("listen: channel %d cannot answer: %w", a.Channel, lastword.ErrDenied)
	}
	return a, at, r, at.waits(p.Now())
}

// open returns the channel's place, opened anew only where its settings or
// secrets changed, so that a session is not begun for every answer.
func (p *Places) open(ctx context.Context, company, channel int64) (*place, error) {
	c, err := p.Accounts.Secret(ctx, company, channel)
	if errors.Is(err, lastword.ErrNotFound) {
		return nil, fmt.Errorf("listen: channel %d is gone: %w", channel, lastword.ErrDenied)
	}
	if err != nil {
		return nil, fmt.Errorf("listen: channel %d: %w", channel, err)
	}
	print, err := fingerprint(c)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := p.opened[channel]; at != nil && at.print == print {
		return at, nil
	}
	source, err := open(p.Connectors, c, p.host(c), p.Hook)
	if err != nil { // %v: a wrong setting is not a wrong text
		return nil, fmt.Errorf("listen: channel %d: %v: %w", channel, err, lastword.ErrDenied)
	}
	at := &place{print: print, source: source, network: p.networkOf(c), limiter: rate.NewLimiter(rate.Every(p.pace(c)), repliesBurst)}
	if former := p.opened[channel]; former != nil { // renewed credentials are no new patience
		at.limiter, at.quiet = former.limiter, former.until()
	}
	if p.opened == nil {
		p.opened = map[int64]*place{}
	}
	p.opened[channel] = at
	return at, nil
}

// pace is the least time between two answers through a channel.
func (p *Places) pace(c lastword.Channel) time.Duration {
	if known := connector(p.Connectors, c.Connector); known != nil && known.Info().Pace > 0 {
		return known.Info().Pace
	}
	return repliesEvery
}

func (p *Places) host(c lastword.Channel) Host {
	return Host{
		HTTP: p.Client(c), Dial: p.Dial, Now: p.Now,
		Log:     p.Log.With("company", c.Company, "channel", c.ID, "connector", c.Connector),
		Dropped: func(string, string) {}, Next: func(time.Duration) {},
		Keep: func(ctx context.Context, secrets map[string]string) error {
			return p.Accounts.KeepSecrets(ctx, c.Company, c.ID, secrets)
		},
		Kept: kept(p.Accounts, c),
	}
}

// kept reads a channel's secrets anew; nil for a channel that is only tried.
func kept(from Keeping, c lastword.Channel) func(context.Context) (map[string]string, error) {
	if c.ID == 0 {
		return nil
	}
	return func(ctx context.Context) (map[string]string, error) {
		now, err := from.Secret(ctx, c.Company, c.ID)
		return now.Secrets, err
	}
}

// fingerprint tells settings apart without keeping them.
func fingerprint(c lastword.Channel) ([sha256.Size]byte, error) {
	body, err := json.Marshal([]any{c.Company, c.Connector, c.Settings, c.Secrets})
	if err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("listen: settings of channel %d: %w", c.ID, err)
	}
	return sha256.Sum256(body), nil
}

// waits returns a *RetryAfter while the place wishes to be left alone.
func (a *place) waits(now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if wait := a.quiet.Sub(now); wait > 0 {
		return &RetryAfter{Wait: wait, Err: lastword.ErrUnavailable}
	}
	return nil
}

// until returns when the place may be spoken to again.
func (a *place) until() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.quiet
}

// heed notes for how long the place wishes to be left alone, and gives every
// such error the same form.
func (a *place) heed(err error, now time.Time) error {
	wait := waitOf(err)
	if wait <= 0 {
		return err
	}
	a.mu.Lock()
	a.quiet = now.Add(min(wait, pollMost))
	a.mu.Unlock()
	var known *RetryAfter
	if errors.As(err, &known) {
		return err
	}
	return &RetryAfter{Wait: wait, Err: err}
}
