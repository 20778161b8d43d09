package listen_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
)

// threads is a place whose answers go on in replies to themselves. It is killed
// after as many posts as it is told to: before it takes one, or just after.
type threads struct {
	poller
	at *threadPlace
}

type threadPlace struct {
	posts []threadPost
	kill  int  // after so many more posts nothing works
	late  bool // what kills is taken all the same
}

type threadPost struct{ key, below, text string }

var errKilled = errors.New("killed")

func (s threads) Reply(_ context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, error) {
	if s.at.kill--; s.at.kill < 0 && !s.at.late {
		return listen.Receipt{}, errors.Join(errKilled, lastword.ErrUnavailable)
	}
	s.at.posts = append(s.at.posts, threadPost{a.Key, to.Key, a.Text})
	if s.at.kill < 0 {
		return listen.Receipt{}, errors.Join(errKilled, lastword.ErrUnavailable)
	}
	return listen.Receipt{Key: "p" + a.Key, URL: "https://net.example/" + a.Key}, nil
}

func (s threads) Find(_ context.Context, to lastword.Post, key string) (listen.Receipt, bool, error) {
	for _, p := range s.at.posts {
		if p.key == key && p.below == to.Key {
			return listen.Receipt{Key: "p" + key, URL: "https://net.example/" + key}, true, nil
		}
	}
	return listen.Receipt{}, false, nil
}

func (threads) After(_ lastword.Post, r listen.Receipt) lastword.Post {
	return lastword.Post{Key: r.Key}
}

// A long answer becomes a thread. Wherever it is killed, the next attempt goes on
// with it and says nothing twice.
func TestAThreadIsGoneOnWith(t *testing.T) {
	t.Parallel()
	sentences := []string{"Wir bauen den Schuh in halben Größen.", "Die ersten stehen im März im Laden.", "Danke, dass Sie gefragt haben."}
	place := &script{info: listen.Info{Name: "net", Pace: time.Millisecond,
		Network: lastword.Network{Name: "net", Reply: true, Limit: 40, Unit: lastword.Characters, Thread: 3}}}
	var at *threadPlace
	place.open = func(listen.Account, listen.Host) (listen.Source, error) { return threads{at: at}, nil }
	h := newHouse(t, place)
	c := h.account("net", "t")
	a := lastword.Answer{ID: 4711, Company: h.company.ID, Channel: c.ID, Text: strings.Join(sentences, " "), Lang: "de"}
	cleared, err := lastword.Clear(h.company, []lastword.Member{h.director}, []lastword.Release{{ID: a.ID, Digest: a.Digest(), By: h.director.ID}}, a)
	h.must(err)
	to := lastword.Post{Key: "voice"}
	for kill := range 4 {
		for _, late := range []bool{false, true} {
			at = &threadPlace{kill: kill, late: late}
			p := &listen.Places{Accounts: h.db, Connectors: []listen.Connector{place}, Now: time.Now, Log: slog.New(slog.DiscardHandler),
				Client: func(lastword.Channel) *http.Client { return http.DefaultClient }}
			native, _, err := p.Reply(t.Context(), cleared, to)
			if killed := kill < 3; killed != errors.Is(err, errKilled) {
				t.Fatalf("killed after %d: %v", kill, err)
			}
			at.kill = 100
			if _, _, found, err := p.Find(t.Context(), cleared, to); err != nil || found != (len(at.posts) == 3) {
				t.Errorf("killed after %d: found %v with %d of 3 parts, %v", kill, found, len(at.posts), err)
			}
			native, _, err = p.Reply(t.Context(), cleared, to)
			if err != nil || native != "p4711" {
				t.Errorf("killed after %d: %q, %v", kill, native, err)
			}
			var texts []string
			below := "voice"
			for _, post := range at.posts {
				texts = append(texts, post.text)
				if post.below != below {
					t.Errorf("%q stands below %q, not %q", post.text, post.below, below)
				}
				below = "p" + post.key
			}
			if !slices.Equal(texts, sentences) {
				t.Errorf("killed after %d: said %q", kill, texts)
			}
		}
	}
}

// Where it would be more posts than the network threads, it stays whole, and is
// refused by the place.
func TestTooLongForAThread(t *testing.T) {
	t.Parallel()
	at := &threadPlace{kill: 100}
	place := &script{info: listen.Info{Name: "net", Network: lastword.Network{Name: "net", Reply: true, Limit: 10, Unit: lastword.Characters, Thread: 2}}}
	place.open = func(listen.Account, listen.Host) (listen.Source, error) { return threads{at: at}, nil }
	h := newHouse(t, place)
	c := h.account("net", "t")
	a := lastword.Answer{ID: 1, Company: h.company.ID, Channel: c.ID, Text: "Eins zwei drei vier fünf sechs sieben.", Lang: "de"}
	cleared, err := lastword.Clear(h.company, []lastword.Member{h.director}, []lastword.Release{{ID: 1, Digest: a.Digest(), By: h.director.ID}}, a)
	h.must(err)
	_, _, err = h.places(place).Reply(t.Context(), cleared, lastword.Post{})
	h.must(err)
	if len(at.posts) != 1 || at.posts[0].text != a.Text {
		t.Errorf("said %+v", at.posts)
	}
	v := lastword.Voice{Company: h.company.ID, Channel: c.ID, Post: lastword.Post{Network: "net"}}
	if way, err := h.places(place).Route(t.Context(), v); err != nil || way.Network.Thread != 2 || way.Network.Limit != 10 {
		t.Errorf("the way: %+v, %v", way, err)
	}
}
