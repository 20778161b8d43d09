package seen_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/internal/seen"
)

var now = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

// shelf is a place with numbered entries.
type shelf struct {
	all     []seen.Entry
	away    map[string]bool // not listed
	gone    map[string]bool
	clock   time.Time
	cursor  string
	dropped int
	pages   int
	fail    int // the n-th hear fails
	forget  bool
}

func newShelf(n int) *shelf {
	s := &shelf{away: map[string]bool{}, gone: map[string]bool{}, clock: now}
	s.add(n)
	return s
}

func (s *shelf) add(n int) {
	for range n {
		i := len(s.all)
		s.all = append(s.all, seen.Entry{Post: lastword.Post{Network: "shelf", Key: fmt.Sprint("k ", i), Text: fmt.Sprint("Nummer ", i),
			SaidAt: now.Add(time.Duration(i-10_000) * time.Minute)}})
	}
}

func (s *shelf) page(_ context.Context, n int) ([]seen.Entry, bool, error) {
	s.pages++
	var all []seen.Entry
	for _, e := range slices.Backward(s.all) {
		if !s.away[e.Post.Key] {
			all = append(all, e)
		}
	}
	from := min((n-1)*10, len(all))
	to := min(from+10, len(all))
	return all[from:to], to < len(all), nil
}

var errFull = errors.New("full")

func (s *shelf) poll(t *testing.T) (events []lastword.Event) {
	t.Helper()
	calls := 0
	p := seen.Place{Of: "a", Network: "shelf", Now: s.clock, Page: s.page, Watch: 50, First: 8, Most: 12, Forget: s.forget,
		Dropped: func(string, string) { s.dropped++ },
		Gone:    func(_ context.Context, key string) (bool, error) { return s.gone[key], nil },
		Hear: func(_ context.Context, e []lastword.Event, c string) error {
			if calls++; calls == s.fail {
				return errFull
			}
			events, s.cursor = append(events, e...), c
			return nil
		}}
	err := p.Poll(t.Context(), s.cursor)
	if err != nil && !(s.fail > 0 && errors.Is(err, errFull)) {
		t.Fatal(err)
	}
	return events
}

func keys(events []lastword.Event) string {
	var all []string
	for _, e := range events {
		all = append(all, fmt.Sprint(e.Op, " ", e.Post.Key))
	}
	return strings.Join(all, ", ")
}

func TestNewChangedAndGone(t *testing.T) {
	t.Parallel()
	s := newShelf(30)
	if got := s.poll(t); len(got) != 30 || got[0].Post.Key != "k 0" {
		t.Fatalf("at first: %s", keys(got))
	}
	if got := s.poll(t); len(got) != 0 {
		t.Errorf("again: %s", keys(got))
	}
	s.pages = 0
	s.add(2)
	if got := s.poll(t); keys(got) != "0 k 30, 0 k 31" || s.pages != 2 {
		t.Errorf("two more: %s in %d pages", keys(got), s.pages)
	}
	s.all[3].Post.Text = "anders"
	s.away["k 4"], s.gone["k 4"] = true, true
	s.away["k 5"] = true // hidden from the list, and still there
	if got := s.poll(t); len(got) != 0 {
		t.Errorf("before the hour is over: %s", keys(got))
	}
	s.clock = now.Add(2 * time.Hour)
	if got := s.poll(t); keys(got) != "2 k 4, 1 k 3" {
		t.Errorf("after an hour: %s", keys(got))
	}
	if got := s.poll(t); len(got) != 0 {
		t.Errorf("twice: %s", keys(got))
	}
}

func TestOnlySoMuchIsWatched(t *testing.T) {
	t.Parallel()
	s := newShelf(300)
	if got := s.poll(t); len(got) != 80 || s.dropped != 0 {
		t.Fatalf("at first: %d, %d dropped", len(got), s.dropped)
	}
	s.all[240].Post.Text, s.all[260].Post.Text = "zu alt", "anders"
	s.clock = now.Add(2 * time.Hour)
	if got := s.poll(t); keys(got) != "1 k 260" {
		t.Errorf("changes: %s", keys(got))
	}
	s.add(200)
	if got := s.poll(t); len(got) != 120 || s.dropped != 1 {
		t.Errorf("after an outage: %d, %d dropped", len(got), s.dropped)
	}
	if got := s.poll(t); len(got) != 0 {
		t.Errorf("again: %s", keys(got))
	}
}

func TestWhatIsNotWatchedIsForgotten(t *testing.T) {
	t.Parallel()
	s := newShelf(50)
	s.forget = true
	if got := s.poll(t); len(got) != 50 {
		t.Fatalf("at first: %s", keys(got))
	}
	s.add(2)
	if got := s.poll(t); keys(got) != "0 k 50, 0 k 51, 2 k 0, 2 k 1" {
		t.Errorf("two more: %s", keys(got))
	}
}

func TestCrash(t *testing.T) {
	t.Parallel()
	for fail := 1; fail < 4; fail++ {
		s := newShelf(0)
		s.all = nil
		s.add(75)
		s.fail = fail
		got := s.poll(t)
		s.fail = 0
		got = append(got, s.poll(t)...)
		if len(got) != 75 {
			t.Errorf("failing at %d: %d events", fail, len(got))
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(`{"of":"a","m":["1 2 k"]}`)
	f.Fuzz(func(t *testing.T, c string) {
		var out string
		p := seen.Place{Of: "a", Network: "shelf", Now: now, Page: func(context.Context, int) ([]seen.Entry, bool, error) { return nil, false, nil },
			Dropped: func(string, string) {}, Hear: func(_ context.Context, _ []lastword.Event, s string) error { out = s; return nil }}
		if p.Poll(t.Context(), c) == nil && out != "" {
			if err := p.Poll(t.Context(), out); err != nil {
				t.Errorf("%q became %q: %v", c, out, err)
			}
		}
	})
}
