// Package seen tells what is new in a place that only lists what it has, newest
// first, and says neither what changed nor what is gone. What was heard is
// remembered by digests, looked at again once an hour, and asked for where it is
// no longer listed.
package seen

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lastword"
)

// An Entry is one thing that a place lists.
type Entry struct {
	Post lastword.Post // Key tells entries apart
	Says string        // what makes another text of it; empty: title and text
}

// A mark remembers an entry. In JSON it is one string.
type mark struct {
	key  string
	says uint32
	at   int64 // when it was said, Unix seconds
}

func markOf(e Entry) mark {
	says := sha256.Sum256([]byte(cmp.Or(e.Says, e.Post.Title+"\x00"+e.Post.Text)))
	return mark{key: e.Post.Key, says: binary.BigEndian.Uint32(says[:]), at: e.Post.SaidAt.Unix()}
}

// MarshalText writes the mark.
func (m mark) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%x %x %s", m.says, m.at, m.key), nil
}

// UnmarshalText reads it.
func (m *mark) UnmarshalText(text []byte) error {
	says, rest, _ := strings.Cut(string(text), " ")
	at, key, ok := strings.Cut(rest, " ")
	if !ok || key == "" {
		return fmt.Errorf("seen: a mark that is none")
	}
	digest, err1 := strconv.ParseUint(says, 16, 32)
	unix, err2 := strconv.ParseInt(at, 16, 64)
	*m = mark{key, uint32(digest), unix}
	return cmp.Or(err1, err2)
}

// A cursor is what was heard.
type cursor struct {
	Of    string `json:"of"`              // of which place; another one begins anew
	Marks []mark `json:"m,omitempty"`     // in the order in which they were said
	Floor int64  `json:"floor,omitempty"` // what was said before is not watched any more, Unix seconds
	Swept int64  `json:"swept,omitempty"` // when all that is watched was last looked at, Unix seconds
}

// A Place is one poll of a place.
type Place struct {
	Of      string // names the account or page; what was seen elsewhere says nothing here
	Network string
	Now     time.Time
	Hear    func(ctx context.Context, events []lastword.Event, cursor string) error
	Dropped func(reason, place string)

	// Page lists the entries from the newest on, the first page as 1, and reports
	// whether there are more.
	Page func(ctx context.Context, page int) (entries []Entry, more bool, err error)

	// Gone asks for an entry that is no longer listed; nil where not being listed
	// says nothing.
	Gone func(ctx context.Context, key string) (bool, error)

	// Unasked tells the keys of which not being listed says nothing although Gone
	// knows of others; nil: none.
	Unasked func(key string) bool

	// Forget is for places whose terms let nothing be kept that is not looked at
	// again: what is no longer watched is handed over as deleted.
	Forget bool

	Watch int // how many entries are watched; 0 means 500
	First int // pages read of the past in the first poll; 0 means 10
	Most  int // pages read at once; 0 means 50
}

const (
	batch  = 100 // events handed over at once
	asked  = 20  // entries asked for by Gone in one poll
	sweep  = time.Hour
	missed = "gap" // more was said than is read at once
)

// Poll hears what changed and what is new, oldest first.
func (p Place) Poll(ctx context.Context, text string) error {
	c, err := p.parse(text)
	if err != nil {
		return err
	}
	r := &run{Place: p, cursor: c, saved: text, full: p.Now.Sub(time.Unix(c.Swept, 0)) >= sweep}
	listed, all, err := r.list(ctx)
	if err != nil {
		return err
	}
	if r.full && p.Gone != nil {
		if err := r.gone(ctx, listed, all); err != nil {
			return err
		}
	}
	if err := r.handOver(ctx, r.unheard(listed)); err != nil {
		return err
	}
	next := r.cursor
	if r.full {
		next.Swept = p.Now.Unix()
	}
	return r.save(ctx, nil, next)
}

// Swept returns when all that a cursor watches was last looked at; the zero time
// where it never was, or nobody knows.
func Swept(text string) time.Time {
	var c cursor
	if text == "" || json.Unmarshal([]byte(text), &c) != nil || c.Swept == 0 {
		return time.Time{}
	}
	return time.Unix(c.Swept, 0)
}

// parse reads a cursor. One that is not ours is an error and no reason to begin
// anew in silence.
func (p Place) parse(text string) (cursor, error) {
	c := cursor{Of: p.Of}
	if text == "" {
		return c, nil
	}
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return cursor{}, fmt.Errorf("%s: cursor: %w", p.Network, err)
	}
	if c.Of != p.Of {
		return cursor{Of: p.Of}, nil
	}
	return c, nil
}

type run struct {
	Place
	cursor cursor
	saved  string
	full   bool // look at all that is watched
}

// list reads pages until all of one is known, or all that is watched was seen.
// All reports whether there is nothing beyond.
func (r *run) list(ctx context.Context) (listed []Entry, all bool, err error) {
	most := cmp.Or(r.Most, 50)
	if len(r.cursor.Marks) == 0 {
		most = cmp.Or(r.First, 10)
	}
	for page := 1; page <= most; page++ {
		some, more, err := r.Page(ctx, page)
		if err != nil {
			return nil, false, err
		}
		listed = append(listed, some...)
		if !more {
			return listed, true, nil
		}
		if len(r.cursor.Marks) > 0 && r.enough(some) {
			return listed, false, nil
		}
	}
	if len(r.cursor.Marks) > 0 {
		r.Dropped(missed, r.Of)
	}
	return listed, false, nil
}

func (r *run) enough(page []Entry) bool {
	for _, e := range page {
		m := markOf(e)
		old, known := r.cursor.find(m.key)
		if r.full && m.at >= r.cursor.Marks[0].at || !r.full && (!known || old != m) && m.at >= r.cursor.Floor {
			return false
		}
	}
	return len(page) > 0
}

func (c cursor) find(key string) (mark, bool) {
	for _, m := range c.Marks {
		if m.key == key {
			return m, true
		}
	}
	return mark{}, false
}

// A heard is an entry to hand over.
type heard struct {
	entry Entry
	mark  mark
	op    lastword.Op
}

// unheard returns what of the listed entries is new or changed, oldest first.
func (r *run) unheard(listed []Entry) (all []heard) {
	known := map[string]mark{}
	for _, m := range r.cursor.Marks {
		known[m.key] = m
	}
	for _, e := range listed {
		m := markOf(e)
		switch old, is := known[m.key]; {
		case is && old.says == m.says, !is && m.at < r.cursor.Floor:
			continue
		case is:
			all = append(all, heard{e, m, lastword.Edited})
		default:
			all = append(all, heard{e, m, lastword.Said})
		}
		known[m.key] = m
	}
	slices.SortStableFunc(all, func(a, b heard) int { return cmp.Compare(a.mark.at, b.mark.at) })
	return all
}

func (r *run) handOver(ctx context.Context, all []heard) error {
	for some := range slices.Chunk(all, batch) {
		next := r.cursor
		next.Marks = slices.Clone(next.Marks)
		var events []lastword.Event
		for _, h := range some {
			events = append(events, lastword.Event{Op: h.op, Post: h.entry.Post})
			next.Marks = slices.DeleteFunc(next.Marks, func(m mark) bool { return m.key == h.mark.key })
			next.Marks = append(next.Marks, h.mark)
		}
		slices.SortStableFunc(next.Marks, func(a, b mark) int { return cmp.Compare(a.at, b.at) })
		if over := len(next.Marks) - cmp.Or(r.Watch, 500); over > 0 {
			next.Floor = max(next.Floor, next.Marks[over-1].at+1)
			for _, m := range next.Marks[:over] {
				if r.Forget {
					events = append(events, lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: r.Network, Key: m.key}})
				}
			}
			next.Marks = next.Marks[over:]
		}
		if err := r.save(ctx, events, next); err != nil {
			return err
		}
	}
	return nil
}

// gone hears which of the watched entries are neither listed nor there.
func (r *run) gone(ctx context.Context, listed []Entry, all bool) error {
	there, lowest := map[string]bool{}, r.Now.Unix()
	for _, e := range listed {
		m := markOf(e)
		there[m.key], lowest = true, min(lowest, m.at)
	}
	next, left := r.cursor, asked
	next.Marks = slices.Clone(next.Marks)
	var events []lastword.Event
	for _, m := range r.cursor.Marks {
		if there[m.key] || !all && m.at <= lowest || left == 0 || r.Unasked != nil && r.Unasked(m.key) {
			continue
		}
		left--
		is, err := r.Gone(ctx, m.key)
		if err != nil {
			return err
		}
		if is {
			next.Marks = slices.DeleteFunc(next.Marks, func(o mark) bool { return o.key == m.key })
			events = append(events, lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: r.Network, Key: m.key}})
		}
	}
	return r.save(ctx, events, next)
}

// save hands over events with the cursor after them, or the cursor alone where
// it has changed.
func (r *run) save(ctx context.Context, events []lastword.Event, next cursor) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	raw, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("%s: cursor: %w", r.Network, err)
	}
	if len(events) == 0 && string(raw) == r.saved {
		return nil
	}
	if err := r.Hear(ctx, events, string(raw)); err != nil {
		return err
	}
	r.cursor, r.saved = next, string(raw)
	return nil
}
