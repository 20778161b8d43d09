package listen

import (
	"maps"
	"sync"

	"lastword"
)

// Unwanted is the reason of posts that no query wants. They are counted only.
const Unwanted = "unwanted"

const (
	listedMost  = 1000 // items of one reason that one run lists
	reasonsMost = 100  // reasons that one channel counts; others are "other"
	placeMost   = 500  // bytes of a place that are kept
)

// drops counts what a run left out, on top of what was left out before.
type drops struct {
	mu     sync.Mutex
	by     map[string]int64
	listed map[string]int
	items  []lastword.Unreadable
}

func newDrops(before map[string]int64) *drops {
	by := maps.Clone(before)
	if by == nil {
		by = map[string]int64{}
	}
	return &drops{by: by, listed: map[string]int{}}
}

// add is Host.Dropped.
func (d *drops) add(reason, place string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	reason = d.counted(reason, 1)
	if d.listed[reason] >= listedMost {
		return
	}
	d.listed[reason]++
	d.items = append(d.items, lastword.Unreadable{Place: place[:min(len(place), placeMost)], Reason: reason})
}

func (d *drops) count(reason string, n int) {
	if n == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counted(reason, n)
}

func (d *drops) counted(reason string, n int) string {
	if _, known := d.by[reason]; !known && len(d.by) >= reasonsMost {
		reason = "other"
	}
	d.by[reason] += int64(n)
	return reason
}

func (d *drops) counts() map[string]int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.by)
}

// unreadable hands over, once, the items to show.
func (d *drops) unreadable() []lastword.Unreadable {
	d.mu.Lock()
	defer d.mu.Unlock()
	items := d.items
	d.items = nil
	return items
}
