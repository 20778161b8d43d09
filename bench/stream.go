package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"lastword"
	"lastword/listen"
	"lastword/listen/bluesky"
	"lastword/match"
)

// StreamOptions say what Stream measures.
type StreamOptions struct {
	Data   string // folder of the shared data
	Memory int    // events that are decoded and matched in memory
	Wire   int    // events that come over a socket on loopback
}

// A StreamReport says how fast Bluesky's stream is heard.
type StreamReport struct {
	Cores     int         `json:"cores"`
	MeanBytes float64     `json:"mean_bytes"` // of a frame
	Packed    float64     `json:"packed"`     // bytes of a compressed frame
	Queries   int         `json:"queries"`
	Rows      []StreamRow `json:"rows"`
	// Posts a second: as in the real frames, and at the pace that is taken for a busy
	// day; and the minutes in which 36 hours of them are caught up with.
	RealPerS    float64 `json:"real_per_s"`
	BusyPerS    float64 `json:"busy_per_s"`
	CatchUpReal float64 `json:"catch_up_real_min"`
	CatchUpBusy float64 `json:"catch_up_busy_min"`
}

// A StreamRow is one way of hearing the same events.
type StreamRow struct {
	What    string  `json:"what"`
	Events  int     `json:"events"`
	Seconds float64 `json:"seconds"` // of one core in memory; of the clock over the wire
	PerS    float64 `json:"events_per_s"`
	MBPerS  float64 `json:"mb_per_s"` // of frames as JSON
	Hits    int     `json:"hits"`
}

// String returns the report as a table.
func (r StreamReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "frames of %.0f bytes, %.0f compressed; %d queries; %d cores\n", r.MeanBytes, r.Packed, r.Queries, r.Cores)
	fmt.Fprintf(&b, "%-42s %9s %9s %11s %9s %7s\n", "", "events", "seconds", "events/s", "MB/s", "hits")
	for _, x := range r.Rows {
		fmt.Fprintf(&b, "%-42s %9d %9.2f %11.0f %9.1f %7d\n", x.What, x.Events, x.Seconds, x.PerS, x.MBPerS, x.Hits)
	}
	fmt.Fprintf(&b, "36 hours at %.0f posts/s, as in the real frames: %.1f min; at %.0f posts/s: %.1f min", r.RealPerS, r.CatchUpReal, r.BusyPerS, r.CatchUpBusy)
	return b.String()
}

const (
	busyPerS    = 60
	outage      = 36 * 60 * 60 // seconds
	streamTexts = 4000         // different frames
)

// Stream measures.
func Stream(ctx context.Context, o StreamOptions) (StreamReport, error) {
	r := StreamReport{Cores: runtime.GOMAXPROCS(0), BusyPerS: busyPerS}
	f, perS, err := realFrames(o.Data)
	if err != nil {
		return r, err
	}
	set, err := road{}.queries()
	if err != nil {
		return r, err
	}
	r.Queries, r.RealPerS = 100, perS
	if err := f.pack(); err != nil {
		return r, err
	}
	r.MeanBytes, r.Packed = mean(f.plain), mean(f.packed)
	if err := f.inMemory(&r, set, o.Memory); err != nil {
		return r, err
	}
	slowest := 0.0
	for _, packed := range []bool{false, true} {
		heard, err := f.overWire(ctx, &r, set, o.Wire, packed)
		if err != nil {
			return r, err
		}
		if slowest == 0 || heard < slowest {
			slowest = heard
		}
	}
	r.CatchUpReal, r.CatchUpBusy = outage*perS/slowest/60, outage*busyPerS/slowest/60
	return r, nil
}

func mean(frames [][]byte) float64 {
	sum := 0
	for _, f := range frames {
		sum += len(f)
	}
	return float64(sum) / float64(max(1, len(frames)))
}

// streamFrames are the same events in both forms.
type streamFrames struct {
	plain, packed [][]byte
	dict          []byte
	encoder       *zstd.Encoder
	bytes         int // of all plain ones
}

// pack compresses the frames one by one, by a dictionary made of some of them.
func (f *streamFrames) pack() error {
	some := f.plain[:min(len(f.plain), 400)]
	dict, err := zstd.BuildDict(zstd.BuildDictOptions{ID: 77, Contents: some, History: bytes.Join(some[:min(len(some), 40)], nil),
		Offsets: [3]int{1, 4, 8}, Level: zstd.SpeedDefault})
	if err != nil {
		return fmt.Errorf("bench: dictionary: %w", err)
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderDict(dict), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	f.dict, f.encoder = dict, enc
	for _, p := range f.plain {
		f.packed = append(f.packed, enc.EncodeAll(p, nil))
		f.bytes += len(p)
	}
	return nil
}

// inMemory decodes and matches on one core, against no more than looking at the
// same bytes.
func (f *streamFrames) inMemory(r *StreamReport, set *match.Set, events int) error {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderDicts(f.dict), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer dec.Close()
	var buffer, sum []byte
	var into []int64
	unpack := func(i int) ([]byte, error) {
		var err error
		buffer, err = dec.DecodeAll(f.packed[i], buffer[:0])
		return buffer, err
	}
	unread := 0
	hear := func(frame []byte) bool {
		e, ok := bluesky.DecodeV2(frame)
		if !ok {
			unread++
		}
		into = set.Match(&e.Post, into[:0])
		return ok && len(into) > 0
	}
	sum = make([]byte, 4096)
	copied := func(frame []byte) bool { copy(sum, frame); return bytes.IndexByte(frame, '\n') >= 0 }
	plain := func(i int) ([]byte, error) { return f.plain[i], nil }
	for _, way := range []struct {
		what string
		take func(int) ([]byte, error)
		do   func([]byte) bool
	}{
		{"in memory: bytes only", plain, copied},
		{"in memory: JSON, decoded and matched", plain, hear},
		{"in memory: zstd, unpacked only", unpack, copied},
		{"in memory: zstd, decoded and matched", unpack, hear},
	} {
		row, err := f.timed(way.what, events, way.take, way.do)
		if err != nil {
			return err
		}
		r.Rows = append(r.Rows, row)
	}
	if unread > 0 {
		return fmt.Errorf("bench: %d of the frames were not understood", unread)
	}
	return nil
}

func (f *streamFrames) timed(what string, events int, take func(int) ([]byte, error), do func([]byte) bool) (StreamRow, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	row := StreamRow{What: what, Events: events}
	began := threadTime()
	for n := range events {
		frame, err := take(n % len(f.plain))
		if err != nil {
			return row, fmt.Errorf("bench: frame %d: %w", n, err)
		}
		if do(frame) {
			row.Hits++
		}
	}
	row.rate((threadTime() - began).Seconds(), f)
	return row, nil
}

func (r *StreamRow) rate(seconds float64, f *streamFrames) {
	r.Seconds = seconds
	r.PerS = float64(r.Events) / seconds
	r.MBPerS = r.PerS * float64(f.bytes) / float64(len(f.plain)) / 1e6
}

// overWire hears the events from a server on loopback, which runs on the same
// cores, against no more than reading them. It returns events a second as heard.
func (f *streamFrames) overWire(ctx context.Context, r *StreamReport, set *match.Set, events int, packed bool) (float64, error) {
	srv, err := newFlood(f, events, packed)
	if err != nil {
		return 0, err
	}
	defer srv.Close()
	name := map[bool]string{false: "JSON", true: "zstd"}[packed]
	began := time.Now()
	if err := srv.readOnly(ctx); err != nil {
		return 0, err
	}
	row := StreamRow{What: "over a socket: " + name + ", read only", Events: events}
	row.rate(time.Since(began).Seconds(), f)
	r.Rows = append(r.Rows, row)
	src, err := bluesky.New().Open(listen.Account{Settings: map[string]string{"hosts": srv.URL, "back": "0"}}, listen.Host{
		HTTP: http.DefaultClient, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Dropped: func(string, string) {}, Next: func(time.Duration) {},
	})
	if err != nil {
		return 0, fmt.Errorf("bench: %w", err)
	}
	row = StreamRow{What: "over a socket: " + name + ", heard and matched"}
	var into []int64
	began = time.Now()
	err = src.(listen.Streamer).Stream(ctx, "", func(_ context.Context, events []lastword.Event, _ string) error {
		for i := range events {
			if into = set.Match(&events[i].Post, into[:0]); len(into) > 0 {
				row.Hits++
			}
		}
		row.Events += len(events)
		return nil
	})
	row.rate(time.Since(began).Seconds(), f)
	r.Rows = append(r.Rows, row)
	if row.Events != events || !errors.Is(err, lastword.ErrUnavailable) && !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("bench: heard %d of %d events: %w", row.Events, events, err)
	}
	return row.PerS, nil
}
