package mastodon

import (
	"context"
	"errors"
	"slices"
	"time"

	"lastword"
	"lastword/listen"
)

// catchUp reads what a timeline has after its mark.
func (v *visit) catchUp(ctx context.Context, t timeline) error {
	mark := v.c.Marks[t.String()]
	switch {
	case mark == "":
		return v.first(ctx, t)
	case t.kind == search:
		return v.searched(ctx, t, mark)
	}
	return v.onward(ctx, t, mark)
}

// first reads a timeline backwards from now, as far as the channel reaches back,
// and hands it over oldest first.
func (v *visit) first(ctx context.Context, t timeline) error {
	var all []item
	oldest, before := v.host.Now().Add(-v.set.back), id("")
	for n := range pagesFirst {
		items, err := v.page(ctx, t, "", before, 0)
		if err != nil {
			return err
		}
		if before != "" {
			items = slices.DeleteFunc(items, func(it item) bool { return !newer(string(before), string(it.id)) })
		}
		if len(items) == 0 {
			break
		}
		all = append(all, items...)
		before = items[0].id
		if at := items[0].at; !at.IsZero() && at.Before(oldest) {
			break
		}
		if n == pagesFirst-1 {
			v.host.Dropped(listen.Gap, t.String()+" "+listen.Span(oldest, items[0].at))
		}
	}
	sortItems(all)
	i := 0
	for i < len(all) && all[i].at.Before(oldest) {
		i++
	}
	v.c.settle(t, all[:i], v.host.Now())
	return v.take(ctx, t, all[i:])
}

// onward reads a timeline forward from its mark, page by page. A public timeline
// that has run too far ahead is met at its present, and the gap is told.
func (v *visit) onward(ctx context.Context, t timeline, from id) error {
	for n := range pagesMost {
		items, err := v.page(ctx, t, from, "", n)
		if err != nil {
			return err
		}
		items = slices.DeleteFunc(items, func(it item) bool { return !newer(string(it.id), string(from)) })
		if len(items) == 0 {
			return nil
		}
		if err := v.take(ctx, t, items); err != nil {
			return err
		}
		from = items[len(items)-1].id
		if n == pagesMost-1 && t.kind == public {
			return v.leap(ctx, t, items[len(items)-1])
		}
	}
	// What came in the last minutes is read every time; only what lies behind the
	// mark would be read for ever.
	v.more = v.c.Marks[t.String()] == from
	return nil
}

// leap goes to the present of a timeline that cannot be caught up with.
func (v *visit) leap(ctx context.Context, t timeline, last item) error {
	items, err := v.page(ctx, t, "", "", 0)
	if err != nil {
		return err
	}
	items = slices.DeleteFunc(items, func(it item) bool { return !newer(string(it.id), string(last.id)) })
	if len(items) == 0 {
		return nil
	}
	v.host.Dropped(listen.Gap, t.String()+" "+listen.Span(last.at, items[0].at))
	v.c.move(t.String(), items[0].id)
	return v.take(ctx, t, items)
}

// searchPages is how many pages of one search are read at once.
const searchPages = 5

// searched reads what a search finds after the mark. Its pages come newest
// first, so that all are there before any is handed over. A server that does not
// search for us costs no more than that.
func (v *visit) searched(ctx context.Context, t timeline, mark id) error {
	var all []item
	for n := range searchPages {
		items, err := v.page(ctx, t, mark, "", n)
		if err != nil {
			return err
		}
		all = append(all, items...)
		if len(items) < pageSize {
			break
		}
		if n == searchPages-1 {
			v.host.Dropped(listen.Gap, t.String()+" "+listen.Span(time.Time{}, items[0].at))
		}
	}
	all = slices.DeleteFunc(all, func(it item) bool { return !newer(string(it.id), string(mark)) })
	sortItems(all)
	return v.take(ctx, t, all)
}

// page reads one page, sorted, without what has no id to be sorted by.
func (v *visit) page(ctx context.Context, t timeline, after, before id, n int) ([]item, error) {
	p, err := v.ask(ctx, t, t.call(v.instance, after, before, n))
	if err != nil {
		return nil, err
	}
	items := t.read(p[:min(len(p), 4*pageSize)])
	items = slices.DeleteFunc(items, func(it item) bool {
		if it.id == "" {
			v.host.Dropped(dropStatus, t.String())
		}
		return it.id == ""
	})
	sortItems(items)
	return items, nil
}

func (v *visit) ask(ctx context.Context, t timeline, k call) (page, error) {
	if t.kind != search {
		var p page
		if err := v.client.do(ctx, k, &p); err != nil {
			return nil, v.explain(err)
		}
		return p, nil
	}
	var found struct{ Statuses page }
	err := v.client.do(ctx, k, &found)
	switch code := statusOf(err); {
	case err == nil:
		return found.Statuses, nil
	case code == 0, code == 401, code == 429:
		return nil, v.explain(err)
	}
	v.host.Log.Info("mastodon: no search", "why", err)
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.told {
		v.told = true
		v.host.Dropped(dropNoQuest, t.name)
	}
	return nil, nil
}

func sortItems(items []item) {
	slices.SortFunc(items, func(a, b item) int {
		switch {
		case newer(string(b.id), string(a.id)):
			return -1
		case a.id == b.id:
			return 0
		}
		return 1
	})
}

// take hands items over that are sorted, and moves the mark behind each batch.
func (v *visit) take(ctx context.Context, t timeline, items []item) error {
	for batch := range slices.Chunk(items, pageSize) {
		var events []lastword.Event
		for _, it := range batch {
			if e, ok := v.event(lastword.Said, it); ok {
				v.note(e)
				events = append(events, e)
			}
		}
		v.c.settle(t, batch, v.host.Now())
		if err := v.tell(ctx, events); err != nil {
			return err
		}
	}
	return nil
}

// How many voices one call names (Mastodon takes no more than twenty), and how
// many are asked for one by one.
const (
	lookAtOnce = 20
	lookSingly = 20
)

// lookAgain looks whether the latest voices were changed or are gone: an edit is
// streamed to nobody who was only mentioned, and what happens while nobody
// streams is told to nobody.
func (v *visit) lookAgain(ctx context.Context) error {
	now := v.host.Now()
	since := time.Unix(v.c.Looked, 0)
	if v.c.Looked != 0 && now.Sub(since) < v.rhythm.look {
		return nil
	}
	first := v.c.Looked == 0
	v.c.Looked, v.moved = now.Unix(), true
	if first || len(v.c.Watch)+len(v.c.Away) == 0 {
		return nil
	}
	events, err := v.changed(ctx, since.Add(-slack))
	if len(events) == 0 {
		return err
	}
	return errors.Join(err, v.tell(ctx, events))
}

// changed asks for the voices together, and for those that do not come once
// more alone: only a server's word about one of them (404) says that it is gone,
// since a server that does not know the call may answer anything.
func (v *visit) changed(ctx context.Context, since time.Time) ([]lastword.Event, error) {
	var events []lastword.Event
	var lost []id
	suspects := 0
	for part := range slices.Chunk(slices.Clone(v.c.Watch), lookAtOnce) {
		there, err := v.together(ctx, part)
		if err != nil {
			return events, err
		}
		for _, i := range slices.Backward(part) {
			it, known := there[i]
			if !known {
				if suspects++; suspects > lookSingly {
					continue
				}
				var gone bool
				if it, gone, err = v.alone(ctx, i); err != nil {
					return events, err
				}
				if gone {
					lost = append(lost, i)
					events = append(events, v.deleted(i))
					continue
				}
			}
			if it.status == nil || it.status.EditedAt.Before(since) {
				continue
			}
			if e, ok := v.event(lastword.Edited, it); ok {
				v.note(e)
				events = append(events, e)
			}
		}
	}
	accounts, err := v.states(ctx, lost)
	for _, i := range lost {
		v.c.unwatch(i)
	}
	return append(events, accounts...), err
}

// together is GET /api/v1/statuses (Mastodon 4.3).
func (v *visit) together(ctx context.Context, ids []id) (map[id]item, error) {
	k := get("/api/v1/statuses", map[string][]string{})
	for _, i := range ids {
		k.query.Add("id[]", string(i))
	}
	var p page
	err := v.client.do(ctx, k, &p)
	switch code := statusOf(err); {
	case code == 401, code == 429, err != nil && code == 0 && !errors.Is(err, errMalformed):
		return nil, v.explain(err)
	}
	there := map[id]item{}
	for _, raw := range p {
		if it := readStatus(raw); it.status != nil && slices.Contains(ids, it.id) {
			there[it.id] = it
		}
	}
	return there, nil
}

// alone asks for one voice. One that cannot be had now is neither changed nor
// gone.
func (v *visit) alone(ctx context.Context, i id) (it item, gone bool, err error) {
	var s status
	err = v.client.do(ctx, get("/api/v1/statuses/"+string(i), nil), &s)
	switch code := statusOf(err); {
	case err == nil && s.ID == i:
		return item{id: i, at: s.CreatedAt.Time, status: &s}, false, nil
	case code == 404, code == 410:
		return item{}, true, nil
	case code == 401, code == 429, err != nil && code == 0 && !errors.Is(err, errMalformed):
		return item{}, false, v.explain(err)
	}
	return item{}, false, nil
}
