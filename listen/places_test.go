package listen_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
)

// replier takes answers, or fails as it is told to.
type replier struct {
	poller
	account listen.Account
	place   *answered
}

type answered struct {
	mu    sync.Mutex
	fail  error
	keys  []string
	times []time.Time
	by    []listen.Account
}

func (r replier) Reply(_ context.Context, _ lastword.Post, a listen.Reply) (listen.Receipt, error) {
	r.place.mu.Lock()
	defer r.place.mu.Unlock()
	r.place.keys, r.place.times = append(r.place.keys, a.Key), append(r.place.times, time.Now())
	r.place.by = append(r.place.by, r.account)
	return listen.Receipt{Key: "n" + a.Key, URL: "https://net.example/" + a.Key}, r.place.fail
}

func (r replier) Find(_ context.Context, _ lastword.Post, key string) (listen.Receipt, bool, error) {
	r.place.mu.Lock()
	defer r.place.mu.Unlock()
	for _, k := range r.place.keys {
		if k == key {
			return listen.Receipt{Key: "n" + key}, true, nil
		}
	}
	return listen.Receipt{}, false, nil
}

// answers makes a connector whose sources answer only where a token is set.
func answers(name, network string) (*script, *answered) {
	place := &answered{}
	s := &script{info: listen.Info{Name: name, Network: lastword.Network{Name: network, Reply: true}}}
	s.open = func(a listen.Account, _ listen.Host) (listen.Source, error) {
		at := poller{f: func(context.Context, listen.Host, string, listen.Hear) error { return nil }}
		switch a.Settings["token"] {
		case "":
			return at, nil
		case "wrong":
			return nil, &lastword.Mistake{Key: "connector.wrong", Field: "token"}
		}
		return replier{at, a, place}, nil
	}
	return s, place
}

func (h *house) places(connectors ...*script) *listen.Places {
	p := &listen.Places{Accounts: h.db, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Client: func(lastword.Channel) *http.Client { return http.DefaultClient }}
	for _, c := range connectors {
		p.Connectors = append(p.Connectors, c)
	}
	return p
}

func (h *house) account(connector, token string) lastword.Channel {
	return h.channel(connector, func(c *lastword.Channel) { c.Secrets = map[string]string{"token": token} })
}

// released is when a director let the answers of these tests go.
var released = time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)

// cleared makes an answer that a director released.
func (h *house) cleared(id, channel int64) lastword.Cleared {
	h.Helper()
	a := lastword.Answer{ID: id, Company: h.company.ID, Channel: channel, Text: "Das machen wir.", Lang: "de", Released: released}
	c, err := lastword.Clear(h.company, []lastword.Member{h.director},
		[]lastword.Release{{ID: id, Digest: a.Digest(), By: h.director.ID}}, a)
	h.must(err)
	return c
}

func TestRoute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		opened, _ := answers("net", "net")
		onlyHears := polls("feed", time.Hour, nil)
		h := newHouse(t, opened, onlyHears)
		p := h.places(opened, onlyHears)
		check := func(what string, channel int64, wantChannel int64, wantWhy string) {
			t.Helper()
			v := lastword.Voice{Company: h.company.ID, Channel: channel, Post: lastword.Post{Network: "net"}}
			got, err := p.Route(t.Context(), v)
			if err != nil || got.Channel != wantChannel || got.Why != wantWhy || got.ByHand != (wantChannel == 0) {
				t.Errorf("%s: %+v, %v; want %d, %q", what, got, err, wantChannel, wantWhy)
			}
		}
		stream := h.account("net", "")
		check("nobody can", stream.ID, 0, "why.no_account")
		first := h.account("net", "t1")
		check("another channel can", stream.ID, first.ID, "")
		second := h.account("net", "t2")
		check("the one that heard", second.ID, second.ID, "")
		second.Paused, second.Secrets = true, nil
		_, err := h.db.SaveChannel(t.Context(), h.director, second)
		h.must(err)
		check("the one that heard is paused", second.ID, first.ID, "")
		h.account("net", "wrong")
		l, err := h.db.LeaseOne(t.Context(), "test", h.company.ID, first.ID, time.Now().Add(time.Minute))
		h.must(err)
		h.must(h.db.Release(t.Context(), l, lastword.Health{State: lastword.Refused}))
		check("the only one is refused", stream.ID, 0, "why.refused")
		v := lastword.Voice{Company: h.company.ID, Post: lastword.Post{Network: "feed"}}
		if got, err := p.Route(t.Context(), v); err != nil || got.Channel != 0 || got.Why != "why.by_hand" {
			t.Errorf("feed: %+v, %v", got, err)
		}
	})
}

// choosy answers a voice as its Ref says.
type choosy struct{ replier }

func (choosy) Options(to lastword.Post) []lastword.ReplyOption {
	closed := lastword.ReplyOption{Closed: true, Why: "why.window"}
	byHand := lastword.ReplyOption{ByHand: true, Why: "why.summons", At: "https://net.example/answer"}
	ended := lastword.ReplyOption{Until: time.Now().Add(-time.Second), Why: "why.window"}
	long := lastword.ReplyOption{Private: true, Network: lastword.Network{Name: "net", Limit: 1000}}
	return map[string][]lastword.ReplyOption{"open": {closed, long}, "hand": {closed, byHand}, "late": {ended}}[to.Ref]
}

// Where a place answers voices in different ways, the best open one is taken.
func TestRouteChooses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net := &script{info: listen.Info{Name: "net", Network: lastword.Network{Name: "net", Reply: true}}}
		net.open = func(a listen.Account, _ listen.Host) (listen.Source, error) {
			return choosy{replier{account: a, place: &answered{}}}, nil
		}
		h := newHouse(t, net)
		p, ch := h.places(net), h.account("net", "t")
		for ref, want := range map[string]lastword.Way{
			"open": {Channel: ch.ID, ReplyOption: lastword.ReplyOption{Private: true, Network: lastword.Network{Name: "net", Limit: 1000}}},
			"hand": {ReplyOption: lastword.ReplyOption{ByHand: true, Why: "why.summons", At: "https://net.example/answer"}},
			"late": {ReplyOption: lastword.ReplyOption{ByHand: true, Why: "why.window", At: "https://net.example/said"}},
		} {
			v := lastword.Voice{Company: h.company.ID, Channel: ch.ID, Post: lastword.Post{Network: "net", Ref: ref, URL: "https://net.example/said"}}
			if got, err := p.Route(t.Context(), v); err != nil || got != want {
				t.Errorf("%s: %+v, %v; want %+v", ref, got, err, want)
			}
		}
	})
}

// What a place gives to come back with is kept under seal, beside what is there.
func TestKeep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var host listen.Host
		net, _ := answers("net", "net")
		open := net.open
		net.open = func(a listen.Account, h listen.Host) (listen.Source, error) { host = h; return open(a, h) }
		h := newHouse(t, net)
		ch := h.account("net", "t1")
		v := lastword.Voice{Company: h.company.ID, Channel: ch.ID, Post: lastword.Post{Network: "net"}}
		_, err := h.places(net).Route(t.Context(), v)
		h.must(err)
		h.must(host.Keep(t.Context(), map[string]string{"refresh": "r2"}))
		got, err := h.db.Secret(t.Context(), h.company.ID, ch.ID)
		h.must(err)
		if got.Secrets["token"] != "t1" || got.Secrets["refresh"] != "r2" {
			t.Errorf("kept %v", got.Secrets)
		}
		h.must(h.db.KeepSecrets(t.Context(), h.company.ID, ch.ID, map[string]string{"refresh": "r3"}))
		now, err := host.Kept(t.Context())
		h.must(err)
		if now["refresh"] != "r3" {
			t.Errorf("kept meanwhile, and read: %v", now)
		}
	})
}

// Nothing goes out that is not cleared; what goes out goes once a second after
// the first three, under the answer's own key.
func TestReplyIsPaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net, place := answers("net", "net")
		h := newHouse(t, net)
		p := h.places(net)
		if _, _, err := p.Reply(t.Context(), lastword.Cleared{}, lastword.Post{}); !errors.Is(err, lastword.ErrForbidden) {
			t.Errorf("uncleared: %v", err)
		}
		c := h.account("net", "t")
		start := time.Now()
		var group sync.WaitGroup
		for i := range 10 {
			group.Go(func() {
				native, url, err := p.Reply(t.Context(), h.cleared(int64(100+i), c.ID), lastword.Post{})
				if err != nil || native != fmt.Sprint("n", 100+i) || url == "" {
					t.Errorf("%q, %q, %v", native, url, err)
				}
			})
		}
		group.Wait()
		if took := time.Since(start).Round(time.Second); took != 7*time.Second || len(place.keys) != 10 {
			t.Errorf("%d answers in %s", len(place.keys), took)
		}
		if n := len(net.opened()); n != 1 {
			t.Errorf("opened %d times", n)
		}
		if _, _, found, err := p.Find(t.Context(), h.cleared(105, c.ID), lastword.Post{}); err != nil || !found {
			t.Errorf("found: %v, %v", found, err)
		}
		c.Secrets = map[string]string{"token": "t2"}
		_, err := h.db.SaveChannel(t.Context(), h.director, c)
		h.must(err)
		_, _, err = p.Reply(t.Context(), h.cleared(200, c.ID), lastword.Post{})
		h.must(err)
		if last := place.by[len(place.by)-1]; last.Settings["token"] != "t2" {
			t.Errorf("answered with the old token")
		}
	})
}

// A channel whose place renews its credentials with every answer keeps its pace.
func TestRenewedCredentialsKeepThePace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net, _ := answers("net", "net")
		h := newHouse(t, net)
		p := h.places(net)
		c := h.account("net", "t")
		start := time.Now()
		for i := range 6 {
			_, _, err := p.Reply(t.Context(), h.cleared(int64(100+i), c.ID), lastword.Post{})
			h.must(err)
			h.must(h.db.KeepSecrets(t.Context(), h.company.ID, c.ID, map[string]string{"refresh": fmt.Sprint(i)}))
		}
		if took := time.Since(start).Round(time.Second); took != 3*time.Second {
			t.Errorf("6 answers in %s", took)
		}
	})
}

// A place that asks for a pause is left alone by all, and the wish reaches who
// asked, whatever its form.
func TestPlaceAsksForAPause(t *testing.T) {
	t.Parallel()
	for name, asked := range map[string]error{
		"ours":   &listen.RetryAfter{Wait: time.Minute, Err: lastword.ErrUnavailable},
		"client": fmt.Errorf("post: %w", &httpx.WaitError{Host: "net.example", Wait: time.Minute}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				net, place := answers("net", "net")
				h := newHouse(t, net)
				p, c := h.places(net), h.account("net", "t")
				place.fail = asked
				for i, want := range []time.Duration{time.Minute, 50 * time.Second} {
					_, _, err := p.Reply(t.Context(), h.cleared(1, c.ID), lastword.Post{})
					var wait interface{ RetryIn() time.Duration }
					if !errors.As(err, &wait) || wait.RetryIn() != want || !errors.Is(err, lastword.ErrUnavailable) {
						t.Errorf("try %d: %v", i, err)
					}
					time.Sleep(10 * time.Second)
				}
				place.fail = nil
				time.Sleep(41 * time.Second)
				_, _, err := p.Reply(t.Context(), h.cleared(1, c.ID), lastword.Post{})
				h.must(err)
				if len(place.keys) != 2 {
					t.Errorf("asked %d times, want 2", len(place.keys))
				}
			})
		})
	}
}

func TestReplyNeedsAPerson(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		net, _ := answers("net", "net")
		h := newHouse(t, net)
		p := h.places(net)
		for what, channel := range map[string]int64{"gone": 1, "wrong": h.account("net", "wrong").ID, "no account": h.account("net", "").ID} {
			_, _, err := p.Reply(t.Context(), h.cleared(1, channel), lastword.Post{})
			if !errors.Is(err, lastword.ErrDenied) || errors.Is(err, lastword.ErrInvalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

func TestProbe(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		poll    func(ctx context.Context, _ listen.Host, _ string, hear listen.Hear) error
		refused bool
		why     string
	}{
		{"hears", func(ctx context.Context, _ listen.Host, _ string, hear listen.Hear) error {
			return fmt.Errorf("wrapped: %w", hear(ctx, nil, "c"))
		}, false, ""},
		{"empty", func(context.Context, listen.Host, string, listen.Hear) error { return nil }, false, ""},
		{"denied", func(context.Context, listen.Host, string, listen.Hear) error { return lastword.ErrDenied }, true, "why.denied"},
		{"hangs", func(ctx context.Context, _ listen.Host, _ string, _ listen.Hear) error { return silent(ctx) }, false, "why.unavailable"},
		{"odd", func(context.Context, listen.Host, string, listen.Hear) error { return errors.New("odd") }, false, "why.internal"},
		{"panics", func(context.Context, listen.Host, string, listen.Hear) error { panic("a stranger's text") }, false, "why.internal"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				p := h.places(polls("place", time.Hour, tt.poll))
				got := p.Probe(t.Context(), lastword.Channel{ID: 7, Connector: "place"}, true)
				if got.Refused != tt.refused || got.Why != tt.why || got.At.IsZero() || got.Channel != 7 {
					t.Errorf("%+v", got)
				}
				if told := len(got.Abilities) > 0; told != (tt.why == "") {
					t.Errorf("abilities: %v", got.Abilities)
				}
				unasked := p.Probe(t.Context(), lastword.Channel{Connector: "place"}, false)
				if unasked.Why != "" || len(unasked.Abilities) != len(lastword.AbilityNames()) || !unasked.Abilities[0].Can {
					t.Errorf("without asking: %+v", unasked)
				}
			})
		})
	}
	t.Run("unknown", func(t *testing.T) {
		t.Parallel()
		got := newHouse(t).places().Probe(t.Context(), lastword.Channel{Connector: "nowhere"}, true)
		if got.Why != "why.unknown_connector" || !got.Refused {
			t.Errorf("%+v", got)
		}
	})
}

func TestNetworkPrefersOneThatAnswers(t *testing.T) {
	t.Parallel()
	can, _ := answers("net-account", "net")
	p := &listen.Places{Connectors: []listen.Connector{polls("net", time.Hour, nil), can}}
	if n, ok := p.Network("net"); !ok || !n.Reply {
		t.Errorf("%+v, %v", n, ok)
	}
	if _, ok := p.Network("nowhere"); ok {
		t.Error("an unknown network is known")
	}
}
