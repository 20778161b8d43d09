package theme

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"lastword"
)

// Store is what gathering reads and writes.
type Store interface {
	Company(ctx context.Context, id int64) (lastword.Company, error)
	Voices(ctx context.Context, company int64, ids []int64) ([]lastword.Voice, error)

	// SampleVoices returns up to most stored voices, newest first, with their
	// labels and places: those of all themes and of none.
	SampleVoices(ctx context.Context, company int64, most int) ([]lastword.Voice, error)

	// LiveThemes returns the themes that are not merged away, with their models,
	// and a stamp. The stamp is another one after any change to a theme's name,
	// model, decision or existence, and after a person moved a voice.
	LiveThemes(ctx context.Context, company int64) (themes []lastword.Theme, stamp int64, err error)

	// SavePlacements saves, in one transaction, if the company's stamp still is
	// stamp, and else returns lastword.ErrConflict and changes nothing:
	//   - each theme, by ID: one not yet there is added; of one that is there,
	//     Kinds, Lang and Model are replaced, and Name unless NamedBy is set;
	//     with Into set, all voices of the theme go over to that theme with their
	//     Fit, and the theme is merged away;
	//   - each membership: Theme, Fit and CopyOf of the voice, except of one that
	//     is gone or that a person placed (FitBy ≠ 0);
	//   - what follows from them: Voices, Copies, Open, Doubtful, Feeling, First
	//     and Last of the themes touched, and their days;
	//   - the jobs.
	// It returns the new stamp. Saving the same again changes nothing.
	SavePlacements(ctx context.Context, company, stamp int64, themes []lastword.Theme, m []lastword.Membership, next ...lastword.Job) (int64, error)

	// SavePairs keeps which themes the machine finds alike, in place of what it found
	// before; pairs on which a person said something stay as they are.
	SavePairs(ctx context.Context, company int64, pairs []lastword.Pair) error

	// NewID returns an id that was never used before.
	NewID() int64
}

// A Step does the Gather jobs and what people decide about themes. It may be
// used by many goroutines; the work of one company is done one at a time.
type Step struct {
	Store    Store
	Desk     Desk
	Embedder func(names []string) Embedder // nil means NewTerms
	Meanings Meanings                      // nil: no company has an endpoint
	Words    Words                         // nil: no company has a language model
	Wordings Wordings                      // where Words are kept
	Log      *slog.Logger                  // nil: nothing is told

	// Recent is how many of the newest voices a company's machine is restored
	// from; 0 means 5,000.
	Recent int
	// Companies is how many machines are kept in memory; 0 means 16.
	Companies int
	// Features is how many different words and word parts a machine may know
	// before it is restored from the recent voices, so that its memory stays
	// bounded at about 120 bytes for each; 0 means 1,000,000.
	Features int

	mu    sync.Mutex
	homes map[int64]*home
	turn  int64
}

// A home holds one company's machine while it is in use. While what it did for
// one job is saved, it works on the next: saving waits for the disk, and works
// in the order of the machine. Who needs both locks takes mu first.
type home struct {
	mu        sync.Mutex
	used      int64 // turn in which it was used last; guarded by Step.mu
	machine   *Clusterer
	space     string // in which an endpoint puts the machine's voices; empty for none
	reference reference
	worded    map[int64]float32 // theme → voices when a job was left to word it
	epoch     int64             // rises with each new machine
	decisions map[int64]int64   // theme → its standing decision
	suggested int               // voices that were settled when pairs of themes were last looked for

	failed atomic.Int64 // epoch of which something could not be saved: its machine knows of placements that nobody else does
	saving sync.Mutex
	stamp  int64 // guarded by saving
}

// tries is how often a job starts anew because somebody else changed a theme
// meanwhile.
const tries = 4

// Do places the voices of a Gather job into themes, and leaves a DraftJob for
// each standing decision that got new voices to answer. Voices that are not
// ours, say nothing of any kind, or have a place, are left alone, so that a job
// may run twice. It returns an error that wraps lastword.ErrConflict if others
// changed themes faster than it could follow; the job may then be tried again.
func (s *Step) Do(ctx context.Context, job lastword.Job) error {
	h := s.home(job.Company)
	err := lastword.ErrConflict
	for range tries {
		if err = s.gather(ctx, h, job); !errors.Is(err, lastword.ErrConflict) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("theme: gather for company %d: %w", job.Company, err)
	}
	return nil
}

// gather does the job once.
func (s *Step) gather(ctx context.Context, h *home, job lastword.Job) error {
	voices, err := s.Store.Voices(ctx, job.Company, job.IDs)
	if err != nil {
		return err
	}
	items := unplaced(voices)
	if len(items) == 0 {
		return nil
	}
	space, later := s.locate(ctx, h, job.Company, voices, items)
	chat, err := s.speaks(ctx, job.Company)
	if err != nil {
		return err
	}
	done, err := s.assign(ctx, h, gathering{job.Company, arriving(items), space, later, chat})
	if err != nil {
		return err
	}
	return s.save(ctx, h, job.Company, done)
}

// An assigned is what the machine did for one job, to be saved.
type assigned struct {
	epoch  int64
	placed []lastword.Membership
	themes []lastword.Theme
	next   []lastword.Job
	pairs  []lastword.Pair // nil where nothing is new about them
}

// A gathering is what one job asks of a machine.
type gathering struct {
	company int64
	voices  []newcomer
	space   string  // of the items' directions
	later   []int64 // voices of which the endpoint had no time to tell
	chat    bool    // themes are to be worded
}

// assign lets the company's machine place voices. When it returns without an
// error, the right to save is held: nobody saves what was done later before it.
func (s *Step) assign(ctx context.Context, h *home, g gathering) (assigned, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := s.wake(ctx, h, g.company, g.space); err != nil {
		return assigned{}, err
	}
	a := assigned{epoch: h.epoch, placed: memberships(h.machine.assignAll(g.voices))}
	a.themes = h.machine.Changed(g.company)
	if settled := h.machine.Settled(); settled != h.suggested {
		a.pairs, h.suggested = h.machine.Suggest(mostPairs), settled
	}
	a.next = h.drafts(g.company, a.placed)
	if len(g.later) > 0 {
		a.next = append(a.next, lastword.Job{Kind: lastword.Mean, Company: g.company, IDs: g.later})
	}
	if g.chat {
		a.next = append(a.next, h.toWord(g.company, a.themes)...)
	}
	if most := cmp.Or(s.Features, 1_000_000); h.machine.Features() > most {
		h.machine = nil
	}
	h.saving.Lock()
	return a, nil
}

// save keeps what the machine did. Whatever goes wrong, the machine is not used
// again: it knows of placements that were not saved.
func (s *Step) save(ctx context.Context, h *home, company int64, a assigned) error {
	defer h.saving.Unlock()
	if h.failed.Load() == a.epoch {
		return fmt.Errorf("what came before was not saved: %w", lastword.ErrConflict)
	}
	if len(a.placed) > 0 || len(a.themes) > 0 {
		stamp, err := s.Store.SavePlacements(ctx, company, h.stamp, a.themes, a.placed, a.next...)
		if err != nil {
			h.failed.Store(a.epoch)
			return err
		}
		h.stamp = stamp
	}
	if a.pairs == nil {
		return nil
	}
	return s.Store.SavePairs(ctx, company, a.pairs)
}

// unplaced returns the voices that look for a theme, oldest first.
func unplaced(voices []lastword.Voice) []Item {
	var items []Item
	for _, v := range voices {
		if ours(v) && v.Theme == 0 && v.FitBy == 0 {
			items = append(items, ItemOf(v))
		}
	}
	slices.SortFunc(items, func(a, b Item) int { return cmp.Compare(a.ID, b.ID) })
	return items
}

func memberships(placed []Placement) []lastword.Membership {
	var ms []lastword.Membership
	for _, p := range placed {
		if p.Theme != 0 || p.CopyOf != 0 || p.Left {
			ms = append(ms, lastword.Membership{Voice: p.Voice, Theme: p.Theme, Fit: p.Fit, CopyOf: p.CopyOf})
		}
	}
	return ms
}

// drafts returns a job for each standing decision on a theme that got voices.
func (h *home) drafts(company int64, placed []lastword.Membership) []lastword.Job {
	var jobs []lastword.Job
	seen := map[int64]bool{}
	for _, m := range placed {
		if d := h.decisions[m.Theme]; d != 0 && !seen[d] {
			seen[d] = true
			jobs = append(jobs, lastword.Job{Kind: lastword.DraftJob, Company: company, IDs: []int64{d}})
		}
	}
	return jobs
}

// mostJudged is how many of people's latest words on pairs of themes are heeded.
const mostJudged = 300

// wake restores the company's machine if it is not in memory, or not to be used,
// or sees voices in another space.
func (s *Step) wake(ctx context.Context, h *home, company int64, space string) error {
	return s.wakeWith(ctx, h, company, space, cmp.Or(max(s.Recent, 0), 5000))
}

// wakeWith is wake, of so many recent voices.
func (s *Step) wakeWith(ctx context.Context, h *home, company int64, space string, most int) error {
	if h.machine != nil && h.failed.Load() != h.epoch && h.space == space {
		return nil
	}
	h.saving.Lock() // the store must know all that was done before
	defer h.saving.Unlock()
	h.machine = nil
	c, err := s.Store.Company(ctx, company)
	if err != nil {
		return err
	}
	themes, stamp, err := s.Store.LiveThemes(ctx, company)
	if err != nil {
		return err
	}
	judged, err := s.Desk.JudgedPairs(ctx, company, mostJudged)
	if err != nil {
		return err
	}
	recent, err := s.Store.SampleVoices(ctx, company, most)
	if err != nil {
		return err
	}
	names := append([]string{c.Name}, c.Names...)
	cfg := Config{Names: names, Lang: c.Lang, NewID: s.Store.NewID, Embedder: s.embedder(names), Judged: judged}
	cfg.Space, h.space = h.reference.measured(space), space
	h.machine, err = restore(cfg, themes, recent, s.kept(ctx, company, space, recent))
	h.epoch++
	h.suggested = 0
	h.stamp, h.decisions = stamp, map[int64]int64{}
	for _, t := range themes {
		h.decisions[t.ID] = t.Decision
	}
	return err
}

func (s *Step) embedder(names []string) Embedder {
	if s.Embedder == nil {
		return NewTerms(names)
	}
	return s.Embedder(names)
}

// home returns a company's place in memory, and lets the machine that was not
// used for longest go when there are too many.
func (s *Step) home(company int64) *home {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.homes == nil {
		s.homes = map[int64]*home{}
	}
	h := s.homes[company]
	if h == nil {
		s.makeRoom()
		h = &home{}
		s.homes[company] = h
	}
	s.turn++
	h.used = s.turn
	return h
}

// makeRoom drops the idle machine that was not used for longest. One at work is
// kept, and so is its lock: two machines of one company must never run at once.
func (s *Step) makeRoom() {
	most := s.Companies
	if most <= 0 {
		most = 16
	}
	if len(s.homes) < most {
		return
	}
	oldest := int64(0)
	for id, h := range s.homes {
		if oldest == 0 || h.used < s.homes[oldest].used {
			oldest = id
		}
	}
	h := s.homes[oldest]
	if !h.mu.TryLock() {
		return
	}
	defer h.mu.Unlock()
	if h.saving.TryLock() {
		h.machine = nil
		delete(s.homes, oldest)
		h.saving.Unlock()
	}
}
