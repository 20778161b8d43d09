package listen_test

import (
	"context"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
)

// slow is a place that takes its time to tell how it publishes.
type slow struct {
	poller
	answer chan int
}

func (s slow) Publish(context.Context, listen.Reply) (listen.Receipt, error) {
	return listen.Receipt{}, nil
}

func (s slow) Manner(ctx context.Context) lastword.Manner {
	m := lastword.Manner{Network: lastword.Network{Name: "net", Limit: 500}}
	select {
	case m.Limit = <-s.answer:
	case <-ctx.Done():
	}
	return m
}

// Nobody waits for a place that does not tell how it publishes: until it does, what
// is usual there holds.
func TestOutletsWaitForNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	answer := make(chan int, 1)
	place := &script{info: listen.Info{Name: "net", Network: lastword.Network{Name: "net"}}}
	place.open = func(listen.Account, listen.Host) (listen.Source, error) { return slow{answer: answer}, nil }
	h.account("net", "")
	p := h.places(place)
	limit := func() int {
		t.Helper()
		outlets, err := p.Outlets(t.Context(), h.company.ID)
		if err != nil || len(outlets) != 1 {
			t.Fatalf("outlets %+v, %v", outlets, err)
		}
		return outlets[0].Manner.Limit
	}
	for range 2 {
		if got := limit(); got != 500 {
			t.Errorf("before the place told, a post holds %d, want 500", got)
		}
	}
	answer <- 5000
	for range 1000 {
		if limit() == 5000 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("what the place told is not heeded: %d", limit())
}
