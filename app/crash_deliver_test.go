package app

import (
	"database/sql"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/internal/badplace"

	_ "modernc.org/sqlite" // to look into the database from outside
)

// A blow is the moment in a delivery at which the process is killed.
type blow int

const (
	unkept   blow = iota // it dies before the place kept anything, and the place keeps nothing
	heedless             // it dies before the place kept anything, and the place keeps it all the same
	unheard              // it dies when the place has kept it, before it hears of that
	anywhere             // at a random moment
)

// A striker kills a process from inside the place that it is writing to.
type striker struct {
	mu    sync.Mutex
	at    *child // nil: nobody is to be struck
	blow  blow
	after int // attempts that pass before
	calm  int // attempts that nobody was struck in
	hits  map[blow]int
	plan  []badplace.Fault // of the calm attempts, again and again
}

// aim lets the blow hit p in the attempt after so many.
func (s *striker) aim(p *child, b blow, after int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at, s.blow, s.after = p, b, after
}

// created is asked at the begin of each attempt. It kills while the place
// waits, so that nothing can happen in between.
func (s *striker) created(int) badplace.Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil || s.after > 0 {
		s.after--
		s.calm++
		return s.plan[(s.calm-1)%len(s.plan)]
	}
	if s.blow == unheard {
		return badplace.Fine // kept will strike
	}
	s.strike()
	if s.blow == unkept {
		return badplace.Mute
	}
	return badplace.Fine
}

// kept is told when the place has kept a record that it has not answered yet.
func (s *striker) kept(int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at != nil && s.blow == unheard && s.after <= 0 {
		s.strike()
	}
}

func (s *striker) strike() {
	s.at.kill()
	s.at = nil
	s.hits[s.blow]++
}

// Answers that go out through a place on its bad days, by a process that is
// killed again and again in the middle of an attempt, arrive once.
func TestCrashDelivery(t *testing.T) {
	t.Parallel()
	blows := []blow{unkept, unheard, heedless, anywhere, heedless, unheard}
	if testing.Short() {
		blows = blows[:3]
	}
	c := newCustomers(t, "", len(blows)+2)
	s := &striker{hits: map[blow]int{}, plan: []badplace.Fault{badplace.Cut, badplace.Broken, badplace.Late, badplace.Mute, badplace.Limited, badplace.Fine}}
	c.pds.OnCreate, c.pds.Kept = s.created, s.kept
	chance := rand.New(rand.NewPCG(8, 9))
	c.inside(func(a *App) { c.release(a, 2) })
	for n, b := range blows {
		c.inside(func(a *App) { c.release(a, 1) })
		p := c.serve()
		if b == anywhere {
			linger(p, time.Duration(chance.IntN(4000))*time.Millisecond)
			p.kill()
			continue
		}
		s.aim(p, b, n%2)
		select {
		case <-p.done:
		case <-time.After(longest):
			t.Fatalf("nothing was tried\n%s", p.err)
		}
	}
	p := c.serve()
	c.awaitStates(longest, lastword.Sent)
	p.stop()
	t.Logf("%d attempts, struck %v, faults %v", c.pds.Tries(), s.hits, c.pds.Faults())
	for _, f := range s.plan {
		if c.pds.Faults()[f] == 0 && !testing.Short() {
			t.Errorf("fault %d never happened", f)
		}
	}
	c.inside(c.answeredOnce)
}

// Who comes after a dead process looks after the queue at once: what waits for
// another attempt does not wait until the dead one's term is over (15 s).
func TestNewLeaderAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	db, err := sql.Open("sqlite", "file:"+filepath.Join(h.config.Data, "lastword.db")+"?mode=ro&_pragma=busy_timeout(5000)")
	h.must(err)
	t.Cleanup(func() { h.must(db.Close()) })
	leader := func() (name string) {
		err := db.QueryRowContext(t.Context(), `SELECT leader_id FROM river_leader`).Scan(&name)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			t.Fatal(err)
		}
		return name
	}
	first := h.serve()
	await(t, "somebody leads", 10*time.Second, func() bool { return leader() != "" })
	dead := leader()
	first.kill()
	h.serve()
	await(t, "the next one leads", 5*time.Second, func() bool { now := leader(); return now != "" && now != dead })
}
