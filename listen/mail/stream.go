package mail

import (
	"context"
	"time"

	"github.com/emersion/go-imap/v2"

	"lastword/listen"
)

// How long we wait for a server to speak by itself. RFC 2177 asks to begin IDLE
// anew within 29 minutes; routers forget a silent connection long before.
const (
	idleFor = 9 * time.Minute
	noopFor = time.Minute // for servers without IDLE
)

// Stream implements listen.Streamer: IDLE (RFC 2177) in the first folder, or
// asking once a minute; the other folders are looked into every five minutes.
func (b *mailbox) Stream(ctx context.Context, at string, hear listen.Hear) error {
	c, err := parseCursor(at)
	if err != nil {
		return err
	}
	s, err := b.signIn(ctx)
	if err != nil {
		return err
	}
	defer s.leave()
	for {
		if err := s.round(ctx, c, hear); err != nil {
			return err
		}
		if err := s.wait(ctx); err != nil {
			return err
		}
	}
}

// wait returns when something came, or when it is time to look anyway. What came
// since the last look is told to any command (RFC 3501 §7.3.1), but by some
// servers not to IDLE.
func (s *session) wait(ctx context.Context) error {
	s.line.allow(budget)
	if err := s.failed(ctx, "noop", s.Noop().Wait()); err != nil || len(s.news) > 0 {
		return err
	}
	if !s.caps.Has(imap.CapIdle) {
		return s.pause(ctx, noopFor)
	}
	most := idleFor
	if len(s.box.folders) > 1 {
		most = every
	}
	idle, err := s.Idle()
	if err != nil {
		return s.failed(ctx, "idle", err)
	}
	if err := s.pause(ctx, most); err != nil {
		return err
	}
	s.line.allow(budget)
	if err := idle.Close(); err != nil {
		return s.failed(ctx, "idle", err)
	}
	return s.failed(ctx, "idle", idle.Wait())
}

// pause waits until the server speaks, the connection ends, or the time is over.
func (s *session) pause(ctx context.Context, most time.Duration) error {
	s.line.rest(most + commandLimit)
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.news:
	case <-timer.C:
	case <-s.Closed():
	}
	return ctx.Err()
}
