package httpx

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"lastword"
)

func TestHostsPaceAndWidth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hs := newHosts(2, 500*time.Millisecond)
		var (
			mu           sync.Mutex
			starts       []time.Duration
			running, top int
			began        = time.Now()
			wg           sync.WaitGroup
		)
		for range 6 {
			wg.Go(func() {
				leave, err := hs.enter(t.Context(), "a.example")
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				starts = append(starts, time.Since(began))
				running++
				top = max(top, running)
				mu.Unlock()
				time.Sleep(3 * time.Second)
				mu.Lock()
				running--
				mu.Unlock()
				leave()
			})
		}
		wg.Wait()
		if top != 2 {
			t.Errorf("%d ran at a time, want 2", top)
		}
		for i := 1; i < len(starts); i++ {
			if gap := starts[i] - starts[i-1]; gap < 500*time.Millisecond {
				t.Errorf("start %d came %s after the one before", i, gap)
			}
		}
		if last := starts[len(starts)-1]; last > 7*time.Second {
			t.Errorf("the last of six started after %s: turns are wasted", last)
		}
	})
}

func TestHostsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hs := newHosts(1, time.Hour)
		for _, name := range []string{"a.example", "b.example"} {
			began := time.Now()
			if _, err := hs.enter(t.Context(), name); err != nil || time.Since(began) > 0 {
				t.Errorf("%s: waited %s, %v", name, time.Since(began), err)
			}
		}
	})
}

func TestHostsRememberRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hs := newHosts(1, 0)
		leave, err := hs.enter(t.Context(), "a.example")
		if err != nil {
			t.Fatal(err)
		}
		queued := make(chan error, 1)
		go func() {
			_, err := hs.enter(t.Context(), "a.example")
			queued <- err
		}()
		synctest.Wait()
		hs.quiet("a.example", time.Minute)
		hs.quiet("a.example", time.Second) // a shorter wish does not shorten the wait
		leave()
		var wait *WaitError
		if err := <-queued; !errors.As(err, &wait) || wait.Wait != time.Minute {
			t.Errorf("who queued got %v, want a wait of a minute", err)
		}
		time.Sleep(20 * time.Second)
		_, err = hs.enter(t.Context(), "a.example")
		if !errors.As(err, &wait) || wait.Wait != 40*time.Second || !errors.Is(err, lastword.ErrUnavailable) {
			t.Errorf("after 20 s: %v, want a wait of 40 s", err)
		}
		time.Sleep(41 * time.Second)
		if leave, err = hs.enter(t.Context(), "a.example"); err != nil {
			t.Fatalf("after the wait: %v", err)
		}
		time.Sleep(time.Second)
		leave()
		if len(hs.at) != 0 {
			t.Errorf("%d idle hosts are kept", len(hs.at))
		}
	})
}

func TestHostsLetGoWhenCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hs := newHosts(1, time.Minute)
		leave, err := hs.enter(t.Context(), "a.example")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := hs.enter(ctx, "a.example"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting for a place: %v", err)
		}
		leave()
		leave() // twice does not free two places
		if _, err := hs.enter(ctx, "a.example"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting for the pace: %v", err)
		}
		time.Sleep(3 * time.Minute)
		for range 2 {
			began := time.Now()
			leave, err := hs.enter(t.Context(), "a.example")
			if err != nil {
				t.Fatal(err)
			}
			leave()
			if w := time.Since(began); w > time.Minute {
				t.Errorf("waited %s though nobody is there", w)
			}
		}
	})
}

func TestHostsForgetThoseWhoseWaitRanOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hs := newHosts(1, 0)
		for i := range 500 {
			hs.quiet(string(rune('a'+i%26))+time.Duration(i).String(), time.Second)
		}
		time.Sleep(2 * time.Second)
		for i := range 600 {
			leave, err := hs.enter(t.Context(), "other"+time.Duration(i).String())
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
			leave()
		}
		if len(hs.at) > 520 {
			t.Errorf("%d hosts kept", len(hs.at))
		}
	})
}
