package bluesky

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"lastword/listen"
)

// A stream listens to Jetstream at the first of several hosts that answers.
type stream struct {
	host     listen.Host
	bases    []string      // https://host, in order of preference
	back     time.Duration // that a new channel hears of the past
	resolver resolver

	mu    sync.Mutex
	dicts map[string]*dictionary // by base; nil: plain frames only
}

// A target says what to hear, and how far.
type target struct {
	listener listener
	hear     listen.Hear
	until    time.Time // no time: until the connection ends
	seen     bool      // notifications are caught up, and stay so while we hear
}

// A way is what we learned about one host while asking for its stream.
type way struct {
	base    string
	wire    wire
	gapFrom int64
	renewed bool // the dictionary was fetched once more
	resumed bool // by time instead of by count
	fell    bool // back to the other wire
}

// listen reads until the connection ends or the target is reached. A host that
// brought nothing is no reason to give up before the others were asked.
func (s *stream) listen(ctx context.Context, c cursor, to target) error {
	if c.Time == 0 && s.back > 0 {
		c.Time = s.host.Now().Add(-s.back).UnixMicro()
	}
	var failed []error
	for _, base := range s.order(c.Host) {
		frames, err := s.visit(ctx, base, &c, to)
		var ours *hearError
		switch {
		case errors.As(err, &ours):
			return ours.error
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errUntil):
			return nil
		case frames > 0:
			return err
		}
		s.host.Log.Info("bluesky: host brought nothing", "host", hostOf(base), "why", err)
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// order puts the host that we were at first: its count is exact.
func (s *stream) order(host string) []string {
	bases := slices.Clone(s.bases)
	i := slices.IndexFunc(bases, func(b string) bool { return hostOf(b) == host })
	if i > 0 {
		bases[0], bases[i] = bases[i], bases[0]
	}
	return bases
}

// visit asks one host, in every way that it may still answer to, and returns
// how many frames came.
func (s *stream) visit(ctx context.Context, base string, c *cursor, to target) (int, error) {
	w := way{base: base, wire: wireV2}
	if c.Host == hostOf(base) && c.Wire == wireV1 {
		w.wire = wireV1 // it did not know v2 when we came last
	}
	total := 0
	for {
		frames, err := s.connect(ctx, &w, c, to)
		total += frames
		if err == nil || ctx.Err() != nil || !s.another(&w, c, err) {
			return total, err
		}
	}
}

// another changes the way by what went wrong, and reports whether it did. Each
// change is made once, so that it comes to an end.
func (s *stream) another(w *way, c *cursor, err error) bool {
	var no *refusal
	switch errors.As(err, &no); {
	case errors.Is(err, errDictionary):
		s.setDictionary(w.base, nil)
		return true
	case errors.Is(err, errRestarted):
		return w.byTime(c)
	case no == nil:
		return false
	case no.unknownMethod() && !w.fell:
		w.fell, w.wire = true, wireV1+wireV2-w.wire
		return true
	case no.name == "CursorTooOld":
		w.gapFrom = c.Time
		return w.byTime(c)
	case no.name == "UnknownZstdDictionary" && !w.renewed:
		w.renewed = true
		s.forget(w.base)
		return true
	case no.name == "UnknownZstdDictionary" && s.hasDictionary(w.base):
		s.setDictionary(w.base, nil)
		return true
	}
	return false
}

func (w *way) byTime(c *cursor) bool {
	if w.resumed {
		return false
	}
	*c = c.byTime()
	w.resumed = true
	return true
}

func (s *stream) connect(ctx context.Context, w *way, c *cursor, to target) (int, error) {
	r := request{base: w.base, wire: w.wire, from: c.from(hostOf(w.base), w.wire)}
	if w.wire == wireV2 {
		r.dict = s.dictionary(ctx, w.base)
	}
	conn, err := r.dial(ctx, s.host.HTTP, s.host.Now())
	if err != nil {
		return 0, err
	}
	if c.Host != hostOf(w.base) || c.Wire != w.wire {
		*c = c.byTime() // a count of another host compares with nothing here
	}
	se := &session{
		conn: conn, wire: w.wire, to: to, dropped: s.host.Dropped,
		host: hostOf(w.base), cursor: c, gapFrom: w.gapFrom,
	}
	// v1 begins in silence with the oldest it has.
	if r.from > 0 && s.host.Now().Sub(time.UnixMicro(c.Time)) > kept {
		se.gapFrom = c.Time
	}
	if r.dict != nil {
		if se.dec, err = r.dict.decoder(); err != nil {
			return 0, errors.Join(errDictionary, err, conn.CloseNow())
		}
		defer se.dec.Close()
	}
	err = se.run(ctx)
	return se.frames, err
}

// dictionary returns the host's dictionary, or nil where frames shall come
// plain. One that cannot be had costs bandwidth and is no reason to stay away.
func (s *stream) dictionary(ctx context.Context, base string) *dictionary {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, known := s.dicts[base]; known {
		return d
	}
	ctx, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	d, err := fetchDictionary(ctx, s.host.HTTP, base)
	if err != nil {
		s.host.Log.Info("bluesky: stream comes uncompressed", "host", hostOf(base), "why", err)
		d = nil
	}
	if ctx.Err() == nil {
		s.dicts[base] = d
	}
	return d
}

func (s *stream) setDictionary(base string, d *dictionary) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dicts[base] = d
}

func (s *stream) forget(base string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.dicts, base)
}

func (s *stream) hasDictionary(base string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dicts[base] != nil
}
