package mastodon

import (
	"context"
	"errors"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
)

const (
	batchSize = 100              // events handed over at once
	idleSave  = 20 * time.Second // after which a cursor without events is saved
)

// Stream implements listen.Streamer. The streams are opened first and the past
// is read then, so that nothing falls between the two. What the server does not
// stream is asked for every minute, and tried again as a stream after a while.
func (s *source) Stream(ctx context.Context, at string, hear listen.Hear) error {
	v, err := s.visit(ctx, at, hear)
	if err != nil {
		return err
	}
	t := s.tap(ctx, v.home)
	defer t.close()
	if err := v.round(ctx, nil); err != nil {
		return err
	}
	if err := v.tell(ctx, nil); err != nil {
		return err
	}
	whole := t.whole(s.set.timelines)
	for rounds := 1; ; rounds++ {
		wait := s.rhythm.look
		if !whole || len(t.live) == 0 {
			wait = s.rhythm.round
		}
		if v.more {
			v.more, wait = false, time.Millisecond
		}
		if err := v.listen(ctx, t, wait); err != nil {
			return err
		}
		if !whole && s.set.token != "" && rounds >= s.rhythm.retry {
			return nil // and be called again
		}
		if err := v.again(ctx, t); err != nil {
			return err
		}
	}
}

// again is a round while streams are open. A server that cannot be asked just
// now is no reason to hang up on what it streams.
func (v *visit) again(ctx context.Context, t *taps) error {
	err := v.round(ctx, t.live)
	if err == nil || ctx.Err() != nil || len(t.live) == 0 {
		return err
	}
	var ours *hearError
	if errors.Is(err, lastword.ErrUnavailable) && !errors.As(err, &ours) {
		v.host.Log.Info("mastodon: listening on without asking", "why", err)
		return nil
	}
	return err
}

// A hearError is an error of ours: nothing that the server does can mend it.
type hearError struct{ error }

// Unwrap returns what hear returned.
func (e *hearError) Unwrap() error { return e.error }

// listen hears what the streams bring, for as long as wait, or until one ends.
func (v *visit) listen(ctx context.Context, t *taps, wait time.Duration) error {
	until := time.NewTimer(wait)
	defer until.Stop()
	beats := time.NewTicker(v.rhythm.beat)
	defer beats.Stop()
	idle := 0
	for {
		select {
		case f := <-t.in:
			if f.err != nil {
				return errors.Join(v.flush(ctx), f.err)
			}
			v.heard(f)
			if len(v.batch) < batchSize {
				continue
			}
		case <-beats.C:
			idle++
			if len(v.batch) == 0 && (!v.moved || time.Duration(idle)*v.rhythm.beat < idleSave) {
				continue
			}
		case <-until.C:
			return v.flush(ctx)
		case <-ctx.Done():
			return ctx.Err()
		}
		idle = 0
		if err := v.flush(ctx); err != nil {
			return err
		}
	}
}

// flush hands over what waits.
func (v *visit) flush(ctx context.Context) error {
	if len(v.batch) == 0 && !v.moved {
		return nil
	}
	batch := v.batch
	v.batch = nil
	return v.tell(ctx, batch)
}

// heard takes one frame of a stream.
func (v *visit) heard(f frame) {
	if f.reason != "" {
		v.host.Dropped(f.reason, f.from.String())
		return
	}
	switch f.event {
	case "update":
		v.said(f, lastword.Said)
	case "status.update":
		v.said(f, lastword.Edited)
	case "notification":
		it := readNotification(f.payload)
		v.pass(f.from, it)
		v.keep(lastword.Said, it)
	case "delete":
		i := id(strings.Trim(strings.TrimSpace(string(f.payload)), `"`))
		if !isID(string(i)) {
			v.host.Dropped(dropFrame, f.from.String())
			return
		}
		e := v.deleted(i)
		v.note(e)
		v.batch = append(v.batch, e)
	}
}

// said takes a post. Of the own account's stream, which carries what all those
// say whom it follows, it takes what concerns it.
func (v *visit) said(f frame, op lastword.Op) {
	it := readStatus(f.payload)
	if f.from.kind == mentions {
		if it.status != nil && !it.status.concerns(v.own.ID) {
			return
		}
	} else if op == lastword.Said {
		v.pass(f.from, it)
	}
	v.keep(op, it)
}

func (v *visit) keep(op lastword.Op, it item) {
	if e, ok := v.event(op, it); ok {
		v.note(e)
		v.batch = append(v.batch, e)
	}
}

// pass moves the mark of a timeline behind what is streamed: to what came so
// long ago that nothing is sorted in before it any more.
func (v *visit) pass(t timeline, it item) {
	now := v.host.Now()
	switch next, known := v.ahead[t.String()]; {
	case it.id == "":
	case !known:
		v.ahead[t.String()] = point{it.id, now}
	case now.Sub(next.at) >= t.lag():
		v.c.move(t.String(), next.id)
		v.moved = true
		v.ahead[t.String()] = point{it.id, now}
	}
}
