package bluesky_test

import (
	"fmt"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"lastword/listen"
	"lastword/listen/bluesky"
	"lastword/listen/listentest"
)

func TestThePromisesOfAConnector(t *testing.T) {
	t.Parallel()
	account := map[string]string{"handle": "hobelwerk.test", "password": "abcd-efgh-ijkl-mnop"}
	listentest.Exercise(t, bluesky.New(), nil)
	listentest.Exercise(t, bluesky.New(), account)
	listentest.Exercise(t, bluesky.NewAccount(), account)
}

// A host that holds what was said and sends it from the cursor on, as the wires
// have it: inclusive.
func TestThePromisesOfASource(t *testing.T) {
	t.Parallel()
	for _, wire := range []int{2, 1} {
		t.Run(fmt.Sprint("v", wire), func(t *testing.T) {
			t.Parallel()
			said := &archive{wire: wire, start: time.Now().Add(-time.Hour).Truncate(time.Millisecond)}
			said.grow(1200)
			srv := httptest.NewServer(&jetstream{t: t, wires: []int{wire}, talk: said.tell})
			t.Cleanup(srv.Close)
			listentest.ExerciseSource(t, listentest.Place{
				Network: "bluesky",
				Grow:    func() { said.grow(3) },
				Open: func() listen.Source {
					src, err := bluesky.New().Open(listen.Account{Settings: map[string]string{"hosts": srv.URL, "back": "2"}}, newHost(t).Host)
					if err != nil {
						t.Fatal(err)
					}
					return src
				},
			})
		})
	}
}

// An archive is all that was said at a host, a millisecond apart. Its last post
// is always seen in the future, which is where every poll ends.
type archive struct {
	wire  int
	start time.Time
	mu    sync.Mutex
	n     int64
}

func (a *archive) grow(n int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.n += n
}

func (a *archive) at(i int64) time.Time { return a.start.Add(time.Duration(i) * time.Millisecond) }

func (a *archive) tell(s *served) {
	a.mu.Lock()
	n := a.n
	a.mu.Unlock()
	from, err := strconv.ParseInt(s.from, 10, 64)
	if err != nil {
		s.t.Errorf("asked for %q", s.from)
	}
	for i := int64(1); i <= n; i++ {
		at := a.at(i)
		if i == n {
			at = at.Add(3 * time.Hour)
		}
		switch {
		case from < 1e15 && i < from, from >= 1e15 && at.UnixMicro() < from:
		case a.wire == 1:
			s.send(v1(i, at, "Wort"))
		default:
			s.send(v2(i, at, "Wort"))
		}
	}
	s.wait()
}
