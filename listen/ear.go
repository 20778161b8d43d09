package listen

import (
	"context"
	"sync"
	"time"

	"lastword"
)

// An ear remembers what was last made of a channel's silence. It is judged once in
// every hour of the clock, for that is how finely its past is kept, and of a
// silent channel whenever it has spoken.
type ear struct {
	mu    sync.Mutex
	at    time.Time // when it was judged last
	quiet lastword.Quiet
	spoke bool // since then
}

func newEar(h lastword.Health) ear { return ear{at: h.LastTry, quiet: h.Quiet} }

// heard notes that the channel brought something.
func (e *ear) heard() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.spoke = true
}

// quieten says of a channel that fares well whether it is silent. What cannot be
// judged now stays as it was.
func (h *hearing) quieten(ctx context.Context, health *lastword.Health) {
	if health.State != lastword.Fine && health.State != lastword.Silent {
		return
	}
	e := &h.ear
	e.mu.Lock()
	defer e.mu.Unlock()
	was, now := !e.quiet.Since.IsZero(), h.Now()
	if was && e.spoke || !now.Truncate(time.Hour).Equal(e.at.Truncate(time.Hour)) {
		r, err := h.Store.Rhythm(ctx, h.leased.Company, h.leased.ID, now.Add(-RhythmBack-lagMost))
		switch {
		case err == nil:
			e.quiet, e.at, e.spoke = Silence(r, now, was), now, false
		case ctx.Err() == nil:
			h.log.WarnContext(ctx, "rhythm not read", "err", err)
		}
	}
	health.Quiet, health.State = e.quiet, lastword.Fine
	if !e.quiet.Since.IsZero() {
		health.State = lastword.Silent
	}
}

// lagMost is how late a place may tell of things.
const lagMost = 4 * 24 * time.Hour
