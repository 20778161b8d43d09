package bluesky_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lastword"
	"lastword/listen"
)

// in runs a test in its own time.
func in(t *testing.T, test func(t *testing.T)) {
	t.Parallel()
	synctest.Test(t, test)
}

func TestStreamHandsOverWhatWasSaidAndWhatIsGone(t *testing.T) {
	in(t, func(t *testing.T) {
		now := time.Now()
		account := `{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#account","seq":%d,"did":"` + customer +
			`","time":"` + now.UTC().Format(time.RFC3339Nano) + `","account":{"active":%v,"did":"` + customer + `","seq":1,"status":%q,"time":"x"}}}`
		c := oneHost(t, &jetstream{talk: func(s *served) {
			s.send(v2(1, now, "eins"),
				strings.NewReplacer(`"create"`, `"update"`, `"seq":1,`, `"seq":2,`).Replace(v2(1, now, "eins!")),
				strings.NewReplacer(`"create"`, `"delete"`, `"seq":1,`, `"seq":3,`).Replace(v2(1, now, "")),
				fmt.Sprintf(account, 4, false, "deleted"), fmt.Sprintf(account, 5, false, "takendown"),
				fmt.Sprintf(account, 6, false, "throttled"), fmt.Sprintf(account, 7, true, ""))
			s.wait()
		}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := c.src.(listen.Streamer).Stream(ctx, "", c.hear)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Stream = %v, want the end of its context", err)
		}
		var ops []lastword.Op
		for _, e := range c.events {
			ops = append(ops, e.Op)
		}
		want := []lastword.Op{lastword.Said, lastword.Edited, lastword.Deleted, lastword.AccountGone, lastword.AccountAway, lastword.AccountBack}
		if !slices.Equal(ops, want) {
			t.Fatalf("ops = %v, want %v", ops, want)
		}
		p := c.events[0].Post
		if p.Key != "at://"+customer+"/app.bsky.feed.post/3k00000000001" || p.Text != "eins" || p.Lang != "de" || p.Author.Key != customer {
			t.Errorf("post = %+v", p)
		}
		if e := c.events[1].Post; e.Key != p.Key || e.Text != "eins!" {
			t.Errorf("edited %+v, want the key of what was said", e)
		}
		if d := c.events[2].Post; d.Key != p.Key || d.Network != "bluesky" {
			t.Errorf("deleted %+v, want the key of what was said", d)
		}
	})
}

func TestStreamGathersBatchesBySizeAndByTime(t *testing.T) {
	in(t, func(t *testing.T) {
		start := time.Now()
		c := oneHost(t, &jetstream{talk: func(s *served) {
			for i := range int64(2500) {
				s.send(v2(i+1, start, "viel"))
			}
			s.wait()
		}})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var last time.Duration
		c.onHear = func() error { last = time.Since(start); return nil }
		if err := c.src.(listen.Streamer).Stream(ctx, "", c.hear); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if len(c.events) != 2500 || slices.Max(c.sizes) > 1000 {
			t.Errorf("%d events in batches of %v, want 2500 in batches of at most 1000", len(c.events), c.sizes)
		}
		if last > 250*time.Millisecond {
			t.Errorf("the last batch waited %v, want at most 250ms", last)
		}
	})
}

func TestStreamResumesWhereItWasOnV2(t *testing.T) {
	in(t, func(t *testing.T) {
		now := time.Now()
		j := &jetstream{talk: func(s *served) {
			if s.nth == 1 {
				s.send(v2(7, now, "a"), v2(8, now, "b"))
				return
			}
			s.send(v2(8, now, "b"), v2(9, now, "c")) // inclusive, as the wire has it
		}}
		c := oneHost(t, j)
		for range 2 {
			if err := c.stream(t); !errors.Is(err, lastword.ErrUnavailable) {
				t.Errorf("Stream = %v, want lastword.ErrUnavailable", err)
			}
		}
		if got := c.texts(); got != "a b c" {
			t.Errorf("heard %q, want a b c", got)
		}
		if got := j.requests(); !slices.Equal(got, []string{"v2 cursor=", "v2 cursor=8"}) {
			t.Errorf("asked for %q", got)
		}
	})
}

func TestStreamFallsBackToV1AndRemembersIt(t *testing.T) {
	in(t, func(t *testing.T) {
		now := time.Now()
		j := &jetstream{wires: []int{1}, talk: func(s *served) { s.send(v1(int64(s.nth), now, "eins")) }}
		c := oneHost(t, j)
		for range 2 {
			if err := c.stream(t); !errors.Is(err, lastword.ErrUnavailable) {
				t.Errorf("Stream = %v, want lastword.ErrUnavailable", err)
			}
		}
		want := []string{"v2 cursor=", "v1 cursor=", fmt.Sprintf("v1 cursor=%d", now.UnixMicro())}
		if got := j.requests(); !slices.Equal(got, want) {
			t.Errorf("asked for %q, want %q", got, want)
		}
		if len(c.events) != 2 {
			t.Errorf("heard %q, want both", c.texts())
		}
	})
}

func TestStreamLeavesAHostThatStalls(t *testing.T) {
	in(t, func(t *testing.T) {
		now := time.Now()
		one := &jetstream{talk: func(s *served) {
			if s.nth == 1 {
				s.send(v2(100, now, "a"))
			}
			s.wait()
		}}
		two := &jetstream{talk: func(s *served) { s.send(v2(5, now, "b")) }}
		c := open(t, map[string]*jetstream{"one.test": one, "two.test": two},
			map[string]string{"hosts": "http://one.test, http://two.test", "back": "0"})
		start := time.Now()
		if err := c.stream(t); !errors.Is(err, lastword.ErrUnavailable) || !strings.Contains(err.Error(), "silent") {
			t.Errorf("Stream = %v, want that the host fell silent", err)
		}
		if d := time.Since(start); d < time.Minute || d > 70*time.Second {
			t.Errorf("gave the host up after %v, want about a minute", d)
		}
		if err := c.stream(t); !errors.Is(err, lastword.ErrUnavailable) {
			t.Errorf("second Stream = %v", err)
		}
		if got := c.texts(); got != "a b" {
			t.Errorf("heard %q, want a b", got)
		}
		want := fmt.Sprintf("v2 cursor=%d", now.Add(-5*time.Second).UnixMicro())
		if got := two.requests(); len(got) != 1 || got[0] != want {
			t.Errorf("the second host was asked for %q, want %q: a count of another host is worth nothing", got, want)
		}
	})
}

func TestStreamStartsAnewWhereTheCursorIsTooOld(t *testing.T) {
	in(t, func(t *testing.T) {
		now := time.Now()
		old, oldest := now.Add(-50*time.Hour), now.Add(-36*time.Hour)
		j := &jetstream{
			refuse: func(q url.Values) (int, string) {
				if q.Get("cursor") == "3" {
					return 400, "CursorTooOld"
				}
				return 0, ""
			},
			talk: func(s *served) {
				s.send(`{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#info","name":"OutdatedCursor","message":"x"}}`,
					v2(900, oldest, "a"), v2(901, now, "b"))
			},
		}
		c := oneHost(t, j)
		c.cursor = fmt.Sprintf(`{"w":2,"h":"one.test","s":3,"t":%d}`, old.UnixMicro())
		if err := c.stream(t); !errors.Is(err, lastword.ErrUnavailable) {
			t.Errorf("Stream = %v", err)
		}
		if got := c.texts(); got != "a b" {
			t.Errorf("heard %q, want all from the oldest on", got)
		}
		want := old.UTC().Format(time.RFC3339) + "/" + oldest.UTC().Format(time.RFC3339)
		if c.host.drops()["gap"] != 1 || c.host.place("gap") != want {
			t.Errorf("dropped %v at %q, want one gap %s", c.host.drops(), c.host.place("gap"), want)
		}
	})
}

func TestStreamNoticesAV1HostThatForgot(t *testing.T) {
	in(t, func(t *testing.T) {
		now := time.Now()
		c := oneHost(t, &jetstream{wires: []int{1}, talk: func(s *served) { s.send(v1(1, now.Add(-20*time.Hour), "a")) }})
		c.cursor = fmt.Sprintf(`{"w":1,"h":"one.test","t":%d}`, now.Add(-30*time.Hour).UnixMicro())
		if err := c.stream(t); !errors.Is(err, lastword.ErrUnavailable) {
			t.Errorf("Stream = %v", err)
		}
		if c.host.drops()["gap"] != 1 {
			t.Errorf("dropped %v, want one gap: v1 clamps in silence", c.host.drops())
		}
	})
}

func TestStreamSeesThatAHostCountsAnew(t *testing.T) {
	in(t, func(t *testing.T) {
		now := time.Now()
		j := &jetstream{talk: func(s *served) {
			if s.from == "5000" {
				s.send(v2(12, now, "present")) // the host was set up anew: 5000 lies in its future
				s.wait()
				return
			}
			s.send(v2(10, now, "missed"), v2(11, now, "too"), v2(12, now, "present"))
		}}
		c := oneHost(t, j)
		c.cursor = fmt.Sprintf(`{"w":2,"h":"one.test","s":5000,"t":%d}`, now.UnixMicro())
		if err := c.stream(t); !errors.Is(err, lastword.ErrUnavailable) {
			t.Errorf("Stream = %v", err)
		}
		if got := c.texts(); got != "missed too present" {
			t.Errorf("heard %q, want what was missed too", got)
		}
	})
}

func TestStreamPassesByWhatItCannotRead(t *testing.T) {
	in(t, func(t *testing.T) {
		now := time.Now()
		huge := v2(3, now, strings.Repeat("x", 2<<20))
		c := oneHost(t, &jetstream{talk: func(s *served) {
			s.send(v2(1, now, "a"),
				`{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#hologram","seq":2}}`,
				huge, `{"$type":"mess`, `[]`, ``,
				v2(4, now, strings.Repeat("ä", 1501)),
				strings.Replace(v2(5, now, "x"), `app.bsky.feed.post",`, `app.bsky.feed.like",`, 2),
				strings.Replace(v2(6, now, "x"), `"create"`, `"revive"`, 1),
				v2(9, now, "b"))
		}})
		if err := c.stream(t); !errors.Is(err, lastword.ErrUnavailable) {
			t.Errorf("Stream = %v", err)
		}
		if got := c.texts(); got != "a b" {
			t.Errorf("heard %q, want a b", got)
		}
		want := map[string]int{"frame-kind-unknown": 1, "frame-too-big": 1, "frame-unreadable": 3, "text-too-long": 1, "operation-unknown": 1}
		if got := c.host.drops(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("dropped %v, want %v", got, want)
		}
		if got := c.host.place("frame-kind-unknown"); got != "hologram" {
			t.Errorf("unknown kind told as %q", got)
		}
	})
}

func TestStreamGivesUpAWireThatItDoesNotUnderstand(t *testing.T) {
	in(t, func(t *testing.T) {
		c := oneHost(t, &jetstream{talk: func(s *served) {
			for range 200 {
				s.send(`{"$type":"envelope/3","body":{}}`)
			}
			s.wait()
		}})
		err := c.stream(t)
		if !errors.Is(err, lastword.ErrUnavailable) || !strings.Contains(err.Error(), "does not understand") {
			t.Errorf("Stream = %v, want that the wire is not understood", err)
		}
		if n := c.host.drops()["frame-kind-unknown"]; n != 100 {
			t.Errorf("%d frames were counted, want 100", n)
		}
	})
}

func TestStreamTellsWhyTheHostEndedIt(t *testing.T) {
	in(t, func(t *testing.T) {
		now := time.Now()
		c := oneHost(t, &jetstream{talk: func(s *served) {
			s.send(v2(1, now, "a"), `{"$type":"error","error":"ConsumerTooSlow","message":"read faster"}`)
		}})
		err := c.stream(t)
		if !errors.Is(err, lastword.ErrUnavailable) || !strings.Contains(err.Error(), "ConsumerTooSlow") {
			t.Errorf("Stream = %v, want ConsumerTooSlow", err)
		}
		if c.texts() != "a" {
			t.Errorf("heard %q, want what came before", c.texts())
		}
	})
}

func TestStreamOfAHostThatCutsAFrame(t *testing.T) {
	in(t, func(t *testing.T) {
		now := time.Now()
		c := oneHost(t, &jetstream{talk: func(s *served) {
			s.send(v2(1, now, "a"))
			w, err := s.conn.Writer(s.ctx, 1)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := w.Write([]byte(v2(2, now, "b")[:80])); err != nil {
				t.Error(err)
			}
		}})
		if err := c.stream(t); !errors.Is(err, lastword.ErrUnavailable) {
			t.Errorf("Stream = %v, want lastword.ErrUnavailable", err)
		}
		if c.texts() != "a" || !strings.Contains(c.cursor, `"s":1,`) {
			t.Errorf("heard %q up to %s, want a up to 1", c.texts(), c.cursor)
		}
	})
}

func TestStreamLetsTheHostWaitWhileHearIsSlow(t *testing.T) {
	in(t, func(t *testing.T) {
		const all = 12_000
		now := time.Now()
		var sent, mostAhead atomic.Int64
		c := oneHost(t, &jetstream{talk: func(s *served) {
			for i := range int64(all) {
				s.send(v2(i+1, now, "v"))
				sent.Store(i + 1)
			}
		}})
		c.onHear = func() error {
			time.Sleep(2 * time.Minute) // longer than a host may be silent
			mostAhead.Store(max(mostAhead.Load(), sent.Load()-int64(len(c.events))))
			return nil
		}
		if err := c.stream(t); !errors.Is(err, lastword.ErrUnavailable) || strings.Contains(err.Error(), "silent") {
			t.Errorf("Stream = %v, want the end of the connection", err)
		}
		if len(c.events) != all {
			t.Errorf("heard %d, want %d", len(c.events), all)
		}
		// 4,096 wait in the channel, 1,000 in the batch, a few in the pipe.
		if n := mostAhead.Load(); n > 5200 {
			t.Errorf("the host was %d events ahead, want it to wait", n)
		}
	})
}

func TestStreamReturnsTheErrorOfHear(t *testing.T) {
	in(t, func(t *testing.T) {
		now := time.Now()
		one := &jetstream{talk: func(s *served) { s.send(v2(1, now, "a")); s.wait() }}
		two := &jetstream{talk: func(s *served) { s.wait() }}
		c := open(t, map[string]*jetstream{"one.test": one, "two.test": two},
			map[string]string{"hosts": "http://one.test http://two.test", "back": "0"})
		full := errors.New("the store is full")
		c.onHear = func() error { return full }
		if err := c.stream(t); err != full {
			t.Errorf("Stream = %v, want exactly what hear returned", err)
		}
		if n := len(two.requests()); n != 0 {
			t.Errorf("another host was asked %d times: it cannot heal our store", n)
		}
	})
}

func TestPollEndsAtThePresent(t *testing.T) {
	in(t, func(t *testing.T) {
		now := time.Now()
		j := &jetstream{talk: func(s *served) {
			s.send(v2(1, now.Add(-time.Hour), "a"), v2(2, now.Add(-time.Minute), "b"), v2(3, now.Add(time.Second), "c"), v2(4, now, "d"))
			s.wait()
		}}
		c := open(t, map[string]*jetstream{"one.test": j}, map[string]string{"hosts": "http://one.test"})
		if err := c.src.Poll(t.Context(), "", c.hear); err != nil {
			t.Fatal(err)
		}
		if c.texts() != "a b c" {
			t.Errorf("heard %q, want a b c", c.texts())
		}
		want := fmt.Sprintf("v2 cursor=%d", now.Add(-time.Hour-5*time.Second).UnixMicro())
		if got := j.requests(); len(got) != 1 || got[0] != want {
			t.Errorf("asked for %q, want an hour back: %q", got, want)
		}
	})
}

func TestPollEndsInSilence(t *testing.T) {
	in(t, func(t *testing.T) {
		c := oneHost(t, &jetstream{talk: func(s *served) { s.send(v2(1, time.Now().Add(-time.Hour), "a")); s.wait() }})
		start := time.Now()
		if err := c.src.Poll(t.Context(), "", c.hear); err != nil {
			t.Error(err)
		}
		if d := time.Since(start); c.texts() != "a" || d > 10*time.Second {
			t.Errorf("heard %q in %v, want a within seconds", c.texts(), d)
		}
	})
}

func TestStreamWithTheHostsDictionary(t *testing.T) {
	in(t, func(t *testing.T) {
		now := time.Now()
		dict, enc := dictionary(t, 77)
		j := &jetstream{dict: dict, compress: enc, talk: func(s *served) {
			if s.enc == nil {
				t.Error("the stream was asked for without the dictionary")
			}
			s.send(v2(1, now, "a"), v2(2, now, "b"))
		}}
		c := oneHost(t, j)
		if err := c.stream(t); !errors.Is(err, lastword.ErrUnavailable) || c.texts() != "a b" {
			t.Errorf("heard %q, %v, want a b", c.texts(), err)
		}
	})
}

func TestStreamComesPlainWhereTheDictionaryIsWrong(t *testing.T) {
	in(t, func(t *testing.T) {
		now := time.Now()
		dict, _ := dictionary(t, 77)
		_, other := dictionary(t, 78)
		j := &jetstream{dict: dict, compress: other, talk: func(s *served) {
			s.send(v2(1, now, "a"), v2(2, now, "b"))
		}}
		c := oneHost(t, j)
		if err := c.stream(t); !errors.Is(err, lastword.ErrUnavailable) || c.texts() != "a b" {
			t.Errorf("heard %q, %v, want a b", c.texts(), err)
		}
		if n := len(c.host.drops()); n != 0 {
			t.Errorf("dropped %v, want nothing lost", c.host.drops())
		}
	})
}

func TestStreamFetchesARetiredDictionaryAnew(t *testing.T) {
	in(t, func(t *testing.T) {
		now := time.Now()
		dict, enc := dictionary(t, 77)
		j := &jetstream{dict: dict, compress: enc}
		j.talk = func(s *served) { s.send(v2(int64(s.nth), now, "a")) }
		tries := 0
		j.refuse = func(q url.Values) (int, string) {
			if tries++; tries <= 2 && q.Get("zstdDictionary") != "" {
				return 400, "UnknownZstdDictionary"
			}
			return 0, ""
		}
		c := oneHost(t, j)
		if err := c.stream(t); !errors.Is(err, lastword.ErrUnavailable) || c.texts() != "a" {
			t.Errorf("heard %q, %v, want a", c.texts(), err)
		}
		if tries != 3 {
			t.Errorf("asked %d times, want: old dictionary, fetched anew, plain", tries)
		}
	})
}

func TestStreamRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		status int
		error  string
		want   error
	}{
		{"busy", 503, "ServiceUnavailable", lastword.ErrUnavailable},
		{"forbidden", 403, "", lastword.ErrDenied},
		{"another dialect", 400, "InvalidRequest", lastword.ErrUnavailable},
		{"no wire at all", 404, "", lastword.ErrUnavailable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				c := oneHost(t, &jetstream{refuse: func(url.Values) (int, string) { return tt.status, tt.error }})
				if err := c.stream(t); !errors.Is(err, tt.want) {
					t.Errorf("Stream = %v, want %v", err, tt.want)
				}
			})
		})
	}
}

func TestStreamRefusesACursorThatIsNotIts(t *testing.T) {
	in(t, func(t *testing.T) {
		c := oneHost(t, &jetstream{})
		c.cursor = "3mptbyo7dms2m"
		if err := c.stream(t); err == nil || errors.Is(err, lastword.ErrUnavailable) {
			t.Errorf("Stream = %v, want an error of our own", err)
		}
	})
}
