package stage

import (
	"context"
	"fmt"

	"lastword"
	"lastword/listen"
)

// manners are the networks of the play on which the company publishes, each as the
// real one does: one of them takes no pictures this way.
var manners = map[string]lastword.Manner{
	"bluesky":  {Thread: true, Cards: true, Pictures: 4, LongAlt: 2000},
	"mastodon": {Thread: true, Unfurls: true, Pictures: 4, LongAlt: 1500},
	"facebook": {},
}

// fixed are those on which nothing that was published can be changed.
var fixed = map[string]bool{"bluesky": true}

// publishing is a source through which posts can be published.
type publishing struct{ answering }

// Manner implements listen.Mannered.
func (s publishing) Manner(context.Context) lastword.Manner {
	m := manners[s.network.Name]
	m.Network = s.network
	return m
}

// Post implements listen.Poster: each part appears once.
func (s publishing) Post(_ context.Context, p listen.Post) ([]listen.Receipt, error) {
	var got []listen.Receipt
	for i, part := range p.Parts {
		key := fmt.Sprintf("post-%s-%d", p.Key, i)
		r := listen.Receipt{Key: key, URL: "https://" + s.network.Name + ".example/" + key}
		s.mu.Lock()
		_, there := s.sent[key]
		s.sent[key] = r
		s.mu.Unlock()
		if !there {
			said := lastword.Post{Network: s.network.Name, Key: r.Key, URL: r.URL, Text: part, Lang: p.Lang, Own: true, SaidAt: s.host.Now(),
				Author: lastword.Author{Key: "ahlenbach", Handle: "ahlenbach", Name: "Schuhfabrik Ahlenbach"}}
			if i > 0 {
				said.Parent, said.Root = got[i-1].Key, got[0].Key
			}
			s.Play(lastword.Event{Op: lastword.Said, Post: said})
		}
		got = append(got, r)
	}
	return got, nil
}

// Publish implements listen.Publisher.
func (s publishing) Publish(ctx context.Context, a listen.Reply) (listen.Receipt, error) {
	got, err := s.Post(ctx, listen.Post{Key: a.Key, Parts: []string{a.Text}, Lang: a.Lang})
	if err != nil {
		return listen.Receipt{}, err
	}
	return got[0], nil
}

// editing is a source through which posts can be changed too.
type editing struct{ publishing }

// Edit implements listen.Editor.
func (s editing) Edit(_ context.Context, key string, a listen.Reply) error {
	return s.change(key, func(p lastword.Post) lastword.Event {
		p.Text = a.Text
		return lastword.Event{Op: lastword.Edited, Post: p}
	})
}

// Remove implements listen.Remover.
func (s publishing) Remove(_ context.Context, key string) error {
	return s.change(key, func(p lastword.Post) lastword.Event { return lastword.Event{Op: lastword.Deleted, Post: p} })
}

func (s publishing) change(key string, to func(lastword.Post) lastword.Event) error {
	s.mu.Lock()
	r, there := s.sent[key]
	s.mu.Unlock()
	if there {
		p := lastword.Post{Network: s.network.Name, Key: key, URL: r.URL, Own: true, SaidAt: s.host.Now(),
			Author: lastword.Author{Key: "ahlenbach", Handle: "ahlenbach", Name: "Schuhfabrik Ahlenbach"}}
		s.Play(to(p))
	}
	return nil
}

var (
	_ listen.Poster = publishing{}
	_ listen.Editor = editing{}
)
