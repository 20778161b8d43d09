package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"lastword"
	"lastword/listen"
)

// homeFor is how long is believed what a server says of itself.
const homeFor = time.Hour

// A source is one opened channel. Several goroutines may use it.
type source struct {
	host   listen.Host
	set    settings
	all    bool // everything heard is for the company
	client *client
	rhythm rhythm

	mu     sync.Mutex
	home   home
	homeAt time.Time
	told   bool // that the server does not search
}

// A rhythm is how often things are done while a source streams.
type rhythm struct {
	round   time.Duration // asking what is not streamed
	look    time.Duration // looking at the latest voices again, and what streams leave out
	retry   int           // rounds until streams are tried again that could not be had
	silence time.Duration // until a stream without a sign of life counts as broken
	beat    time.Duration // an event waits so long for company
}

// A home is the server that is asked, and who we are there.
type home struct {
	instance
	own profile // no id without an account
}

func newSource(c connector, set settings, host listen.Host) *source {
	return &source{
		host: host, set: set, all: c.own,
		client: &client{
			http: host.HTTP, now: host.Now, base: set.base, limits: c.budgetsOf(set.base, set.token),
			tokens: &tokens{access: set.token, refresh: set.refresh, client: set.client, secret: set.secret, keep: host.Keep, kept: host.Kept},
		},
		rhythm: rhythm{
			round: roundEvery, look: 10 * time.Minute, retry: 30,
			silence: 90 * time.Second, beat: 250 * time.Millisecond,
		},
	}
}

// where returns what is known of the server and of ourselves there.
func (s *source) where(ctx context.Context) (home, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.host.Now(); !s.homeAt.IsZero() && now.Sub(s.homeAt) < homeFor {
		return s.home, nil
	}
	in, err := s.askInstance(ctx)
	if err != nil {
		return home{}, s.explain(err)
	}
	var own profile
	if s.set.token != "" {
		if err := s.client.do(ctx, get("/api/v1/accounts/verify_credentials", nil), &own); err != nil {
			return home{}, s.explain(err)
		}
		if own.ID == "" {
			return home{}, fmt.Errorf("mastodon: %s names no account: %w", hostOf(s.set.base), lastword.ErrUnavailable)
		}
	}
	s.home, s.homeAt = home{instance: in, own: own}, s.host.Now()
	return s.home, nil
}

// known is what where returned last.
func (s *source) known() home {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.home
}

// askInstance asks for the second form of the answer and, of a server that does
// not have it (Mastodon before 4.0, Friendica), for the first.
func (s *source) askInstance(ctx context.Context) (instance, error) {
	var err error
	for _, path := range []string{"/api/v2/instance", "/api/v1/instance"} {
		var a instanceAnswer
		err = s.client.do(ctx, get(path, nil), &a)
		switch {
		case err == nil && (a.Version != "" || a.URI != "" || a.Domain != ""):
			return a.instance(s.set.base), nil
		case err == nil, errors.Is(err, errMalformed):
			err = because(lastword.ErrUnavailable, "no-mastodon")
		case errors.Is(err, lastword.ErrNotFound), errors.Is(err, lastword.ErrInvalid), errors.Is(err, lastword.ErrGone):
			var m *lastword.Mistake
			if errors.As(err, &m) {
				return instance{}, err
			}
			err = because(lastword.ErrInvalid, "no-mastodon")
		default:
			return instance{}, err
		}
	}
	return instance{}, err
}

// explain says of a refusal what a person can do about it.
func (s *source) explain(err error) error {
	what, kind := "", lastword.ErrDenied
	switch code := statusOf(err); {
	case code == http.StatusUnauthorized || code == http.StatusUnprocessableEntity:
		// 422 "This method requires an authenticated user" is what servers before
		// Mastodon 4.4 answer to a token that is nobody's.
		what = "token-refused"
	case code == http.StatusForbidden:
		what = "scope-read"
	case code == http.StatusNotFound || code == http.StatusGone:
		what, kind = "no-mastodon", lastword.ErrInvalid
	default:
		return err
	}
	if s.set.token == "" && kind == lastword.ErrDenied {
		what = "signin"
	}
	return fmt.Errorf("%w: %v", because(kind, what), err)
}

// A visit is one run of a source.
type visit struct {
	*source
	home
	c    cursor
	hear listen.Hear
	more bool // there was more than is read at once

	batch []lastword.Event
	moved bool
	ahead map[string]point // by timeline: where its mark goes once that is old enough
}

// A point is an id and when it was heard.
type point struct {
	id id
	at time.Time
}

func (s *source) visit(ctx context.Context, at string, hear listen.Hear) (*visit, error) {
	c, err := parseCursor(at)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	h, err := s.where(ctx)
	if err != nil {
		return nil, err
	}
	return &visit{source: s, home: h, c: c, hear: hear, ahead: map[string]point{}}, nil
}

// Poll implements listen.Source.
func (s *source) Poll(ctx context.Context, at string, hear listen.Hear) error {
	v, err := s.visit(ctx, at, hear)
	if err != nil {
		return err
	}
	if err := v.round(ctx, nil); err != nil {
		return err
	}
	if v.more {
		s.host.Next(time.Second)
	}
	return v.tell(ctx, nil)
}

// round reads every timeline that is not live, those of mentions and searches in
// any case, and looks at the latest voices again.
func (v *visit) round(ctx context.Context, live map[timeline]bool) error {
	for _, t := range v.set.timelines {
		if live[t] && t.kind != mentions {
			continue
		}
		if err := v.catchUp(ctx, t); err != nil {
			return err
		}
	}
	return v.lookAgain(ctx)
}

// tell hands events over with the cursor after them.
func (v *visit) tell(ctx context.Context, events []lastword.Event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := v.hear(ctx, events, v.c.String()); err != nil {
		return &hearError{err}
	}
	v.moved = false
	return nil
}

// note remembers a voice to be looked at again, where all that is heard is kept.
func (v *visit) note(e lastword.Event) {
	if !v.all || e.Post.Own {
		return
	}
	i := id(strings.TrimPrefix(e.Post.Key, v.domain+"/"))
	switch e.Op {
	case lastword.Said:
		r, _ := refOf(e.Post)
		v.c.watch(i, author{ID: r.By, Key: e.Post.Author.Key})
	case lastword.Deleted:
		v.c.unwatch(i)
	}
}
