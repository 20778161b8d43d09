package bluesky

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/klauspost/compress/zstd"

	"lastword"
	"lastword/listen"
)

// How a session keeps time, counted in beats so that it needs no clock.
const (
	beat       = 250 * time.Millisecond // the longest that an event waits for company
	silence    = 240                    // beats (60 s) without a frame: the host has stalled
	caughtUp   = 20                     // beats (5 s) without a frame: a poll has all there is
	idleSave   = 20                     // beats after which a cursor without events is saved
	batchSize  = 1000                   // events handed over at once
	pollSave   = 20 * batchSize         // frames after which a poll saves its cursor
	ahead      = 4096                   // frames read before the host has to wait
	strangeMax = 100                    // frames that we cannot read before giving the wire up
)

var (
	errStalled    = fmt.Errorf("bluesky: the host fell silent: %w", lastword.ErrUnavailable)
	errDictionary = errors.New("bluesky: the host's frames do not fit its dictionary")
	errRestarted  = errors.New("bluesky: the host counts anew")
	errUntil      = errors.New("bluesky: as far as asked")
)

// A session reads one connection. One goroutine reads and judges frames, and
// ends before run returns; the other gathers batches and hands them over.
// Between them lies a bounded channel: where hear is slow, the host waits.
type session struct {
	conn    *websocket.Conn
	dec     *zstd.Decoder // nil for plain frames
	wire    wire
	to      target
	dropped func(reason, place string)
	host    string
	gapFrom int64 // events from here on may be missing, Unix microseconds, or 0

	cursor  *cursor
	batch   []lastword.Event
	frames  int // that came
	strange int // of them, that we could not read
	quiet   int // beats since the last frame
	unsaved int // beats since the cursor was saved
	moved   bool
}

func (s *session) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	in := make(chan heard, ahead)
	var ended error
	var reader sync.WaitGroup
	reader.Go(func() {
		defer close(in)
		ended = s.read(ctx, in)
	})
	err := s.gather(ctx, in)
	cancel()
	// The goodbye may fail where the connection did; it is over either way.
	_ = s.conn.CloseNow()
	reader.Wait()
	if err == nil {
		err = ended
	}
	return err
}

// gather returns nil when the reader ended and all is handed over.
func (s *session) gather(ctx context.Context, in <-chan heard) error {
	beats := time.NewTicker(beat)
	defer beats.Stop()
	for {
		select {
		case h, open := <-in:
			if !open {
				return s.flush(ctx)
			}
			if err := s.take(ctx, h); err != nil {
				return err
			}
		case <-beats.C:
			if err := s.tick(ctx); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// take accepts one judged frame.
func (s *session) take(ctx context.Context, h heard) error {
	s.frames++
	s.quiet = 0
	if err := s.place(h); err != nil {
		return err
	}
	switch {
	case h.failure != nil:
		return errors.Join(s.flush(ctx), h.failure)
	case h.behind && s.gapFrom == 0:
		s.gapFrom = s.cursor.Time
	case h.reason != "":
		if err := s.drop(h); err != nil {
			return err
		}
	}
	s.step(h)
	if s.polls() && h.at >= s.to.until.UnixMicro() {
		return errors.Join(s.flush(ctx), errUntil)
	}
	if len(s.batch) >= batchSize || s.polls() && s.frames%pollSave == 0 {
		return s.flush(ctx)
	}
	return nil
}

// polls reports whether there is an end.
func (s *session) polls() bool { return !s.to.until.IsZero() }

// place compares a frame with where we are. A count below ours means that the
// host began anew: its present would silently hide what we missed.
func (s *session) place(h heard) error {
	if s.wire == wireV2 && h.seq > 0 && h.seq < s.cursor.Seq {
		return errRestarted
	}
	if s.gapFrom > 0 && h.at > 0 {
		if h.at > s.gapFrom+time.Minute.Microseconds() {
			s.dropped(listen.Gap, span(s.gapFrom, h.at))
		}
		s.gapFrom = 0
	}
	return nil
}

func span(from, to int64) string {
	return listen.Span(time.UnixMicro(from), time.UnixMicro(to))
}

func (s *session) drop(h heard) error {
	place := h.place
	if place == "" {
		place = fmt.Sprintf("%s after %d", s.host, max(s.cursor.Seq, s.cursor.Time))
	}
	s.dropped(h.reason, place)
	switch h.reason {
	case dropUnreadable, dropUnknown, dropFrameFormat:
		s.strange++
	}
	if s.strange >= strangeMax && s.strange == s.frames {
		return fmt.Errorf("%s: the first %d frames: %s %s: %w", s.host, s.frames, h.reason, h.place, errWire)
	}
	return nil
}

// step keeps the event and the position. The first event after a cursor is the
// one that the cursor names; it was handed over before.
func (s *session) step(h heard) {
	again := s.wire == wireV2 && h.seq > 0 && h.seq == s.cursor.Seq
	if h.isEvent && !again {
		s.batch = append(s.batch, h.event)
	}
	if h.at > 0 {
		s.cursor.Host, s.cursor.Wire = s.host, s.wire
		s.cursor.step(h)
		if s.to.seen {
			s.cursor.Seen = max(s.cursor.Seen, s.cursor.Time-overlap.Microseconds())
		}
		s.moved = true
	}
}

// tick hands over what waits, and watches the silence.
func (s *session) tick(ctx context.Context) error {
	s.quiet++
	s.unsaved++
	switch {
	case s.quiet >= silence:
		return errors.Join(s.flush(ctx), errStalled)
	case s.polls() && s.quiet >= caughtUp:
		return errors.Join(s.flush(ctx), errUntil)
	case s.polls():
		return nil // nobody waits for a single event of the past
	case len(s.batch) > 0 || s.moved && s.unsaved >= idleSave:
		return s.flush(ctx)
	}
	return nil
}

// flush hands over the batch and the cursor after it. Time that hear takes is
// not the host's silence.
func (s *session) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil || !s.moved {
		return err
	}
	batch := s.batch
	s.batch, s.moved, s.unsaved = nil, false, 0
	if err := s.to.hear(ctx, batch, s.cursor.String()); err != nil {
		return &hearError{err}
	}
	s.quiet = 0
	return nil
}

// A hearError is an error of ours, which no other host can heal.
type hearError struct{ error }

// Unwrap returns what hear returned.
func (e *hearError) Unwrap() error { return e.error }

// read judges frames until the connection ends.
func (s *session) read(ctx context.Context, in chan<- heard) error {
	read := readV1
	if s.wire == wireV2 {
		read = readV2
	}
	var raw, plain bytes.Buffer
	for {
		binary, whole, err := s.readFrame(ctx, &raw)
		if err != nil {
			return fmt.Errorf("bluesky: %s: %w", s.host, errors.Join(lastword.ErrUnavailable, err))
		}
		h := heard{reason: dropTooBig}
		switch {
		case whole && binary != (s.dec != nil):
			h.reason = dropFrameFormat
		case whole:
			frame, err := s.decode(raw.Bytes(), &plain)
			if err != nil {
				return err
			}
			h = s.to.listener.hear(read(frame))
		}
		select {
		case in <- h:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// readFrame reads one message into buf. Of a message that is too large it keeps
// nothing, and reads on behind it.
func (s *session) readFrame(ctx context.Context, buf *bytes.Buffer) (binary, whole bool, err error) {
	kind, r, err := s.conn.Reader(ctx)
	if err != nil {
		return false, false, err
	}
	buf.Reset()
	n, err := buf.ReadFrom(io.LimitReader(r, maxFrame+1))
	if err == nil && n > maxFrame {
		buf.Reset()
		_, err = io.Copy(io.Discard, r)
	}
	return kind == websocket.MessageBinary, n <= maxFrame, err
}

// decode undoes the compression. One frame that does not fit its dictionary
// ends the session: the stream is asked for again without one, and nothing is
// lost.
func (s *session) decode(raw []byte, plain *bytes.Buffer) ([]byte, error) {
	if s.dec == nil {
		return raw, nil
	}
	out, err := s.dec.DecodeAll(raw, plain.AvailableBuffer())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDictionary, err)
	}
	if cap(out) > plain.Cap() {
		*plain = *bytes.NewBuffer(out[:0])
	}
	return out, nil
}
