package stage_test

import (
	"context"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/stage"
)

func TestStage(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	s := stage.New(lastword.Network{Name: "bluesky", Reply: true})
	customer := lastword.Post{Network: "bluesky", Key: "k1", Text: "Halbe Größen, bitte", SaidAt: now.Add(-time.Minute)}
	s.Play(lastword.Event{Post: customer}, lastword.Event{Post: lastword.Post{Network: "bluesky", Key: "later", SaidAt: now.Add(time.Minute)}})
	src, err := s.Open(listen.Account{}, listen.Host{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	var heard []string
	cursor := ""
	poll := func() {
		t.Helper()
		err := src.Poll(t.Context(), cursor, func(_ context.Context, events []lastword.Event, next string) error {
			for _, e := range events {
				heard = append(heard, e.Post.Key)
			}
			cursor = next
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	poll()
	poll()
	now = now.Add(time.Second)
	r, err := src.(listen.Replier).Reply(t.Context(), customer, listen.Reply{Key: "7", Text: "Ja."})
	if err != nil {
		t.Fatal(err)
	}
	if found, ok, err := src.(listen.Replier).Find(t.Context(), customer, "7"); err != nil || !ok || found != r {
		t.Errorf("Find = %v, %v, %v", found, ok, err)
	}
	now = now.Add(time.Second)
	poll()
	now = now.Add(time.Hour)
	poll()
	if got := len(heard); got != 3 || heard[0] != "k1" || heard[1] != r.Key || heard[2] != "later" {
		t.Errorf("heard %v", heard)
	}
}

func TestByHand(t *testing.T) {
	t.Parallel()
	src, err := stage.New(lastword.Network{Name: "x"}).Open(listen.Account{}, listen.Host{})
	if err != nil {
		t.Fatal(err)
	}
	if _, can := src.(listen.Replier); can {
		t.Error("a network that is answered by hand has a Replier")
	}
}
