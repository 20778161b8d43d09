// Package stage is the place where the throw-away company of `lastword demo`
// hears its customers: one connector for each network, that hands over written
// posts at their time, takes answers, and shows them in their threads. Nothing
// of it leaves the process.
package stage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"lastword"
	"lastword/listen"
)

// A Stage is one network of the play. It is a listen.Connector with one account.
type Stage struct {
	network lastword.Network
	reply   bool

	mu    sync.Mutex
	posts []lastword.Event // by the time at which they are heard
	sent  map[string]listen.Receipt
}

// New returns the stage of a network. Where the network's Reply is not set,
// answers go by hand, as they do on the real one.
func New(n lastword.Network) *Stage {
	return &Stage{network: n, reply: n.Reply, sent: map[string]listen.Receipt{}}
}

// Name is the connector's name for a network.
func Name(network string) string { return "stage" + network }

// Play adds posts that are heard once their time has come.
func (s *Stage) Play(events ...lastword.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posts = append(s.posts, events...)
	slices.SortStableFunc(s.posts, func(a, b lastword.Event) int { return a.Post.SaidAt.Compare(b.Post.SaidAt) })
}

// Info implements listen.Connector.
func (s *Stage) Info() listen.Info {
	return listen.Info{Name: Name(s.network.Name), Network: s.network, Every: time.Second, All: true, Hidden: true, Pace: 20 * time.Millisecond}
}

// Open implements listen.Connector.
func (s *Stage) Open(_ listen.Account, host listen.Host) (listen.Source, error) {
	if _, publishes := manners[s.network.Name]; s.reply && publishes {
		out := publishing{answering{source{s, host}}}
		if fixed[s.network.Name] {
			return out, nil
		}
		return editing{out}, nil
	}
	if s.reply {
		return answering{source{s, host}}, nil
	}
	return source{s, host}, nil
}

type source struct {
	*Stage
	host listen.Host
}

// Poll implements listen.Source. The cursor is the time of the last post.
func (s source) Poll(ctx context.Context, cursor string, hear listen.Hear) error {
	after, err := strconv.ParseInt(cmp.Or(cursor, "0"), 10, 64)
	if err != nil {
		return fmt.Errorf("stage: cursor: %w", lastword.ErrInvalid)
	}
	events := s.due(time.UnixMilli(after))
	if len(events) == 0 {
		return nil
	}
	last := events[len(events)-1].Post.SaidAt.UnixMilli()
	return hear(ctx, events, strconv.FormatInt(last, 10))
}

// due returns the posts said after the given time and not after now.
func (s source) due(after time.Time) []lastword.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.host.Now()
	var events []lastword.Event
	for _, e := range s.posts {
		if e.Post.SaidAt.After(after) && !e.Post.SaidAt.After(now) {
			events = append(events, e)
		}
	}
	return events
}

// answering is a source through which answers can be given.
type answering struct{ source }

// Reply implements listen.Replier: the answer appears in its thread.
func (s answering) Reply(_ context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, error) {
	r := listen.Receipt{Key: "reply-" + a.Key, URL: "https://" + s.network.Name + ".example/reply/" + a.Key}
	s.mu.Lock()
	s.sent[a.Key] = r
	s.mu.Unlock()
	s.Play(lastword.Event{Op: lastword.Said, Post: lastword.Post{
		Network: s.network.Name, Key: r.Key, URL: r.URL, Text: a.Text, Lang: a.Lang, Own: true, Private: to.Private,
		Author: lastword.Author{Key: "ahlenbach", Handle: "ahlenbach", Name: "Schuhfabrik Ahlenbach"},
		Parent: to.Key, Root: cmp.Or(to.Root, to.Key), SaidAt: s.host.Now(),
	}})
	return r, nil
}

// Find implements listen.Replier.
func (s answering) Find(_ context.Context, _ lastword.Post, key string) (listen.Receipt, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.sent[key]
	return r, ok, nil
}
