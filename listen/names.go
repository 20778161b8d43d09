package listen

import (
	"context"
	"slices"
	"sync"
	"time"

	"lastword"
)

const (
	namedFor   = 24 * time.Hour  // how long a name is believed, and one that was not found not asked for
	nameWithin = 3 * time.Second // one look-up may take, as long as hearing waits for it
	namesLater = time.Minute     // until the next look-up after one that failed
	namesMost  = 100_000         // authors of one network that are remembered

	// namesAtOnce is how many authors one look-up names: the most that
	// app.bsky.actor.getProfiles takes.
	namesAtOnce = 25
)

// names remembers who the authors are whom a place names by their key only, so
// that each is looked up at most once a day, whichever channel hears them.
type names struct {
	mu       sync.Mutex
	networks map[string]*directory
}

func newNames() *names { return &names{networks: map[string]*directory{}} }

// A directory is what is known of one network's authors. It is locked while the
// network is asked: a second channel that hears the same person in this moment
// must not keep them without a name.
type directory struct {
	mu    sync.Mutex
	known map[string]named // by key
	quiet time.Time        // nothing is looked up before
}

// A named author was looked up; one who was not found has a Profile without a
// key.
type named struct {
	Profile
	at time.Time
}

func (n *names) of(network string) *directory {
	n.mu.Lock()
	defer n.mu.Unlock()
	d := n.networks[network]
	if d == nil {
		d = &directory{known: map[string]named{}}
		n.networks[network] = d
	}
	return d
}

// introduce gives the authors of the events that will be kept their names. A
// place that does not tell them costs no voice: it is kept without.
func (h *hearing) introduce(ctx context.Context, events []lastword.Event, hits [][]int64) {
	if h.namer == nil {
		return
	}
	strangers := map[string][]*lastword.Post{} // by network
	for i := range events {
		p := &events[i].Post
		kept := len(hits[i]) > 0 || h.leased.All && events[i].Op == lastword.Said
		if kept && p.Author.Key != "" && p.Author.Handle == "" && p.Author.Name == "" {
			strangers[p.Network] = append(strangers[p.Network], p)
		}
	}
	for network, posts := range strangers {
		h.names.of(network).introduce(ctx, h, posts)
	}
}

func (d *directory) introduce(ctx context.Context, h *hearing, posts []*lastword.Post) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if keys := d.unknown(posts, h.Now()); len(keys) > 0 {
		d.ask(ctx, h, keys)
	}
	for _, p := range posts {
		who := d.known[p.Author.Key]
		if who.Key == "" {
			continue
		}
		p.Author.Handle, p.Author.Name = who.Handle, who.Name
		if p.Author.URL == "" {
			p.Author.URL = who.URL
		}
		p.Private = p.Private || who.Private
	}
}

// unknown returns, each once, whom to look up now.
func (d *directory) unknown(posts []*lastword.Post, now time.Time) []string {
	if now.Before(d.quiet) {
		return nil
	}
	var keys []string
	seen := map[string]bool{}
	for _, p := range posts {
		key := p.Author.Key
		if who, ok := d.known[key]; seen[key] || ok && now.Sub(who.at) < namedFor {
			continue
		}
		seen[key] = true
		keys = append(keys, key)
	}
	return keys
}

// ask looks keys up, until the place fails once. An old name outlives that.
func (d *directory) ask(ctx context.Context, h *hearing, keys []string) {
	d.forget(h.Now(), len(keys))
	for part := range slices.Chunk(keys, namesAtOnce) {
		found, err := h.lookUp(ctx, part)
		now := h.Now()
		for _, key := range part {
			if who, ok := found[key]; ok || err == nil {
				d.known[key] = named{who, now}
			}
		}
		if err != nil && ctx.Err() == nil {
			d.quiet = now.Add(max(namesLater, min(waitOf(err), namedFor)))
			h.log.InfoContext(ctx, "authors not looked up", "err", err)
		}
		if err != nil {
			return
		}
	}
}

func (h *hearing) lookUp(ctx context.Context, keys []string) (map[string]Profile, error) {
	ctx, cancel := context.WithTimeout(ctx, nameWithin)
	defer cancel()
	return h.namer.Names(ctx, keys)
}

// forget makes room for more authors: first those who would be looked up anyway,
// then all.
func (d *directory) forget(now time.Time, more int) {
	if len(d.known)+more <= namesMost {
		return
	}
	for key, who := range d.known {
		if now.Sub(who.at) >= namedFor {
			delete(d.known, key)
		}
	}
	if len(d.known)+more > namesMost {
		clear(d.known)
	}
}
