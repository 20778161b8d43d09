package listen_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"lastword"
	"lastword/listen"
)

// A register is a stream whose authors are keys only, and who they are.
type register struct {
	streamer
	names func(ctx context.Context, keys []string) (map[string]listen.Profile, error)
}

func (r register) Names(ctx context.Context, keys []string) (map[string]listen.Profile, error) {
	return r.names(ctx, keys)
}

// registers makes a connector of such streams.
func registers(name string, f func(ctx context.Context, a listen.Account, cursor string, hear listen.Hear) error,
	names func(ctx context.Context, keys []string) (map[string]listen.Profile, error)) *script {
	s := streams(name, f)
	s.open = func(a listen.Account, _ listen.Host) (listen.Source, error) {
		return register{streamer{account: a, stream: f}, names}, nil
	}
	return s
}

// by is a post of just now by an author who is known by a key only.
func by(author string, key int, text string) lastword.Event {
	e := said("place", key, text)
	e.Post.Author = lastword.Author{Key: author}
	return e
}

func knows(keys []string) (map[string]listen.Profile, error) {
	found := map[string]listen.Profile{}
	for _, k := range keys {
		found[k] = listen.Profile{Author: lastword.Author{Key: k, Handle: k + ".test", Name: "Frau " + k, URL: "https://place.test/" + k}}
	}
	return found, nil
}

// Whoever is kept gets a name before, in batches, once a day; who is not kept is
// nobody's business.
func TestAuthorsAreNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked [][]string
		times := 0
		names := func(_ context.Context, keys []string) (map[string]listen.Profile, error) {
			asked = append(asked, keys)
			return knows(keys)
		}
		place := registers("place", func(ctx context.Context, _ listen.Account, _ string, hear listen.Hear) error {
			events := []lastword.Event{by("wetter", 900, "Schönes Wetter")}
			for i := range 60 {
				events = append(events, by(fmt.Sprint("a", i), i, "Kaffee"))
			}
			named := said("place", 901, "Kaffee")
			events = append(events, by("a0", 902, "Noch ein Kaffee"), named)
			times++
			for i := range events {
				events[i].Post.Key += fmt.Sprint("-", times)
			}
			if err := hear(ctx, events, fmt.Sprint(times)); err != nil {
				return err
			}
			return silent(ctx)
		}, names)
		h := newHouse(t, place)
		h.channel("place", nil)
		h.query("Kaffee")
		h.listens()
		if len(asked) != 3 || len(asked[0]) != 25 || len(asked[2]) != 10 {
			t.Errorf("asked %v, want 60 authors in batches of 25", asked)
		}
		for _, v := range h.voices() {
			if want := v.Author.Key + ".test"; v.Author.Key != "who" && (v.Author.Handle != want || v.Author.Name != "Frau "+v.Author.Key) {
				t.Errorf("%s is kept as %+v", v.Key, v.Author)
			}
		}
		time.Sleep(23 * time.Hour)
		h.listens()
		if n := len(h.voices()); n != 2*62 || len(asked) != 3 {
			t.Errorf("on the same day: %d voices, asked %d times, want 124 and 3", n, len(asked))
		}
		time.Sleep(time.Hour)
		h.listens()
		if n := len(h.voices()); n != 3*62 || len(asked) != 6 {
			t.Errorf("on the next day: %d voices, asked %d times, want 186 and 6", n, len(asked))
		}
	})
}

// listens runs the house's runner for a few seconds.
func (h *house) listens() {
	h.start(h.runner)
	time.Sleep(5 * time.Second)
	synctest.Wait()
	h.stop()
}

// Someone who took another name is kept under it from the next day on, and one
// who asks not to be shown outside is not.
func TestNamesAreLookedUpAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		times := 0
		who := listen.Profile{Author: lastword.Author{Key: "a", Handle: "alt.test", Name: "Alt"}}
		place := registers("place", func(ctx context.Context, _ listen.Account, _ string, hear listen.Hear) error {
			times++
			if err := hear(ctx, []lastword.Event{by("a", times, "Kaffee")}, fmt.Sprint(times)); err != nil {
				return err
			}
			who = listen.Profile{Author: lastword.Author{Key: "a", Handle: "neu.test", Name: "Neu"}, Private: true}
			return silent(ctx)
		}, func(context.Context, []string) (map[string]listen.Profile, error) {
			return map[string]listen.Profile{"a": who}, nil
		})
		h := newHouse(t, place)
		h.channel("place", nil)
		h.query("Kaffee")
		for range 3 {
			h.listens()
			time.Sleep(13 * time.Hour)
		}
		vs := h.voices() // newest first
		if len(vs) != 3 || vs[0].Author.Handle != "neu.test" || !vs[0].Private || vs[1].Private || vs[2].Private {
			t.Errorf("kept %+v", vs)
		}
	})
}

// A place that fails to tell names, or takes for ever, costs no voice and little
// time, and is left alone for as long as it wishes.
func TestNamesThatCannotBeLookedUp(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fails func(ctx context.Context) error
		tries int // in four minutes
	}{
		"away": {func(context.Context) error { return lastword.ErrUnavailable }, 4},
		"too much": {func(context.Context) error {
			return &listen.RetryAfter{Wait: 90 * time.Second, Err: lastword.ErrUnavailable}
		}, 3},
		"slow":         {func(ctx context.Context) error { return silent(ctx) }, 4},
		"some unknown": {func(context.Context) error { return errors.New("odd") }, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				place := registers("place", func(ctx context.Context, _ listen.Account, _ string, hear listen.Hear) error {
					for i := range 48 {
						if err := hear(ctx, []lastword.Event{by(fmt.Sprint("a", i), i, "Kaffee")}, fmt.Sprint(i)); err != nil {
							return err
						}
						time.Sleep(5 * time.Second)
					}
					return silent(ctx)
				}, func(ctx context.Context, _ []string) (map[string]listen.Profile, error) {
					tries++
					return nil, tt.fails(ctx)
				})
				h := newHouse(t, place)
				c := h.channel("place", nil)
				h.query("Kaffee")
				h.start(h.runner)
				time.Sleep(5 * time.Minute)
				synctest.Wait()
				if n := len(h.voices()); n != 48 || h.health(c).State != lastword.Fine {
					t.Errorf("%d voices of 48, %+v", n, h.health(c))
				}
				if tries < tt.tries-1 || tries > tt.tries+1 {
					t.Errorf("asked %d times in four minutes, want about %d", tries, tt.tries)
				}
			})
		})
	}
}

// Stopping in the middle of a look-up keeps nothing, so that what was heard is
// heard again and gets its name.
func TestStopWhileNamesAreLookedUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := true
		place := registers("place", func(ctx context.Context, _ listen.Account, cursor string, hear listen.Hear) error {
			if cursor == "" {
				if err := hear(ctx, []lastword.Event{by("a", 1, "Kaffee")}, "1"); err != nil {
					return err
				}
			}
			return silent(ctx)
		}, func(ctx context.Context, keys []string) (map[string]listen.Profile, error) {
			if slow {
				return nil, silent(ctx)
			}
			return knows(keys)
		})
		h := newHouse(t, place)
		h.channel("place", nil)
		h.query("Kaffee")
		h.start(h.runner)
		time.Sleep(time.Second)
		h.stop()
		if n := len(h.voices()); n != 0 {
			t.Fatalf("%d voices were kept while names were looked up", n)
		}
		slow = false
		h.start(h.runner)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if vs := h.voices(); len(vs) != 1 || vs[0].Author.Handle != "a.test" {
			t.Errorf("kept %+v", vs)
		}
	})
}
