package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"lastword"
	"lastword/internal/jobs"
	"lastword/internal/pgtest"
	"lastword/listen/bluesky"
	"lastword/match"
	"lastword/store"
	"lastword/theme"
	"lastword/understand"
)

// PipelineOptions say what Pipeline measures.
type PipelineOptions struct {
	Data     string // folder of the shared data; its posts are read, never kept
	Posts    int    // that hit, one after the other
	Sparse   int    // of which one in a thousand hits
	Postgres string // an empty database; a server is started where none is given
}

// A PipelineReport says how fast voices go from the wire to their themes.
type PipelineReport struct {
	Cores     int           `json:"cores"`
	MeanBytes float64       `json:"mean_bytes"` // of a text
	Rows      []PipelineRow `json:"rows"`
	Missing   string        `json:"missing,omitempty"` // what could not be measured, and why
}

// A PipelineRow is one run: from the first frame to the moment when the last
// voice lies in its theme and no job is left.
type PipelineRow struct {
	Store     string  `json:"store"`
	Hitting   string  `json:"hitting"` // all, or 1 in 1,000
	Posts     int     `json:"posts"`
	Stored    int     `json:"stored"`
	Placed    int     `json:"placed"` // in a theme
	HeardS    float64 `json:"heard_s"`
	DoneS     float64 `json:"done_s"`
	PostsPerS float64 `json:"posts_per_s"` // over DoneS
}

// String returns the report as a table.
func (r PipelineReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "decode, match, store, understand, gather; %d cores, texts of %.0f bytes\n", r.Cores, r.MeanBytes)
	fmt.Fprintf(&b, "%-11s %-10s %9s %8s %8s %9s %9s %10s\n", "store", "hitting", "posts", "stored", "placed", "heard s", "done s", "posts/s")
	for _, x := range r.Rows {
		fmt.Fprintf(&b, "%-11s %-10s %9d %8d %8d %9.2f %9.2f %10.0f\n", x.Store, x.Hitting, x.Posts, x.Stored, x.Placed, x.HeardS, x.DoneS, x.PostsPerS)
	}
	return b.String() + r.Missing
}

// Pipeline measures the road of a voice on both databases.
func Pipeline(ctx context.Context, o PipelineOptions) (PipelineReport, error) {
	posts, err := matchPosts(o.Data)
	if err != nil {
		return PipelineReport{}, err
	}
	r := PipelineReport{Cores: runtime.GOMAXPROCS(0), MeanBytes: meanBytes(posts)}
	model, err := understand.Load()
	if err != nil {
		return r, err
	}
	err = onSQLite(ctx, &r, o, model, posts)
	if err == nil {
		err = onPostgres(ctx, &r, o, model, posts)
	}
	if errors.Is(err, pgtest.ErrMissing) {
		r.Missing, err = err.Error(), nil
	}
	return r, err
}

func onSQLite(ctx context.Context, r *PipelineReport, o PipelineOptions, model *understand.Model, posts []lastword.Post) error {
	for _, sparse := range []bool{false, true} {
		if err := inFolder(func(folder string) error {
			return pipelineRow(ctx, r, "SQLite", store.Options{Folder: folder}, roadOf(o, model, posts, sparse))
		}); err != nil {
			return err
		}
	}
	return nil
}

func onPostgres(ctx context.Context, r *PipelineReport, o PipelineOptions, model *understand.Model, posts []lastword.Post) error {
	if o.Postgres != "" {
		return inFolder(func(folder string) error {
			return pipelineRow(ctx, r, "PostgreSQL", store.Options{Folder: folder, Postgres: o.Postgres}, roadOf(o, model, posts, false))
		})
	}
	server, err := pgtest.Start(ctx)
	if err != nil {
		return err
	}
	for _, sparse := range []bool{false, true} {
		err = errors.Join(err, inFolder(func(folder string) error {
			url, err := server.Database(ctx)
			if err != nil {
				return err
			}
			return pipelineRow(ctx, r, "PostgreSQL", store.Options{Folder: folder, Postgres: url}, roadOf(o, model, posts, sparse))
		}))
	}
	return errors.Join(err, server.Close())
}

// inFolder runs f in a temporary folder.
func inFolder(f func(folder string) error) error {
	folder, err := os.MkdirTemp("", "lastword-bench-")
	if err != nil {
		return err
	}
	return errors.Join(f(folder), os.RemoveAll(folder))
}

// A road is one run to measure.
type road struct {
	model  *understand.Model
	posts  []lastword.Post
	n      int
	sparse bool
}

func roadOf(o PipelineOptions, model *understand.Model, posts []lastword.Post, sparse bool) road {
	n := o.Posts
	if sparse {
		n = o.Sparse
	}
	return road{model, posts, n, sparse}
}

func pipelineRow(ctx context.Context, r *PipelineReport, name string, o store.Options, w road) error {
	db, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	row, err := w.run(ctx, db)
	row.Store = name
	r.Rows = append(r.Rows, row)
	return errors.Join(err, db.Close())
}

// run sends frames down the road, while the workers of the real queue follow.
func (w road) run(ctx context.Context, db *store.DB) (PipelineRow, error) {
	row := PipelineRow{Hitting: "all", Posts: w.n}
	if w.sparse {
		row.Hitting = "1 in 1,000"
	}
	company, leased, err := w.found(ctx, db)
	if err != nil {
		return row, err
	}
	working, stop := context.WithCancel(ctx)
	worked := make(chan error, 1)
	go func() { worked <- db.Queue().Run(working, w.handlers(db), time.Second) }()
	start := time.Now()
	row.Stored, err = w.hear(ctx, db, leased)
	row.HeardS = time.Since(start).Seconds()
	if err == nil {
		err = idle(ctx, db)
	}
	row.DoneS = time.Since(start).Seconds()
	row.PostsPerS = float64(w.n) / row.DoneS
	stop()
	if err = errors.Join(err, <-worked); err != nil {
		return row, err
	}
	none, err := db.CountVoices(ctx, company, lastword.VoiceFilter{NoTheme: true}, row.Stored)
	row.Placed = row.Stored - none
	return row, err
}

func (w road) handlers(db *store.DB) map[lastword.JobKind]jobs.Handler {
	return map[lastword.JobKind]jobs.Handler{
		lastword.Understand: (&understand.Step{Store: db, Model: w.model}).Do,
		lastword.Gather:     (&theme.Step{Store: db, Desk: db}).Do,
	}
}

// found makes a company with a channel that has been leased.
func (w road) found(ctx context.Context, db *store.DB) (company int64, l lastword.Leased, err error) {
	c, err := db.AddCompany(ctx, lastword.Company{Name: "Bench", Lang: "de", Zone: "UTC", Rule: lastword.AnyDirector})
	if err != nil {
		return 0, l, err
	}
	ch, err := db.SaveChannel(ctx, lastword.Member{Company: c.ID}, lastword.Channel{Connector: "bluesky", Name: "stream"})
	if err != nil {
		return 0, l, err
	}
	l, err = db.LeaseOne(ctx, "bench", c.ID, ch.ID, time.Now().Add(time.Hour))
	return c.ID, l, err
}

// told is the word that makes a post hit.
const told = "lastwordbench"

// queries are a hundred, as a company has them, of which one hits.
func (w road) queries() (*match.Set, error) {
	var numbered []match.Numbered
	for i := range 100 {
		text := fmt.Sprintf(`(marke%dx OR "produkt %dx") AND (schuh* OR lieferung) NOT gewinnspiel`, i, i)
		if i == 0 {
			text = told
		}
		q, err := match.Parse(text)
		if err != nil {
			return nil, err
		}
		numbered = append(numbered, match.Numbered{ID: int64(i + 1), Query: q})
	}
	return match.Compile(numbered, nil), nil
}

// atOnce is how many events the stream hands over at the most.
const atOnce = 1000

// hear decodes, matches and stores all frames, and returns how many were kept.
func (w road) hear(ctx context.Context, db *store.DB, l lastword.Leased) (int, error) {
	set, err := w.queries()
	if err != nil {
		return 0, err
	}
	frames := w.frames()
	var events []lastword.Event
	var hits [][]int64
	stored := 0
	save := func(cursor int) error {
		saved, err := db.SaveHeard(ctx, l, fmt.Sprint(cursor), events, hits)
		stored += saved.New
		events, hits = events[:0], hits[:0]
		return err
	}
	var into []int64
	for i := range w.n {
		e, ok := bluesky.Decode(frames.at(i))
		if !ok {
			return stored, fmt.Errorf("frame %d was not understood", i)
		}
		if into = set.Match(&e.Post, into[:0]); len(into) == 0 {
			continue
		}
		events, hits = append(events, e), append(hits, append([]int64(nil), into...))
		if len(events) == atOnce {
			if err := save(i); err != nil {
				return stored, err
			}
		}
	}
	return stored, save(w.n)
}

// frames writes the posts as a stream sends them: the same few thousand texts
// again and again, each time under another key and by another person.
type frames struct {
	start  time.Time
	heads  [2][][]byte // without and with the word that hits
	sparse bool
	buffer []byte
}

func (w road) frames() *frames {
	f := &frames{start: time.Now().Add(-time.Duration(w.n) * time.Millisecond), sparse: w.sparse}
	for hit := range f.heads {
		for _, p := range w.posts {
			text := p.Text
			if hit == 1 {
				text += " " + told
			}
			quoted, err := json.Marshal(text)
			if err != nil {
				continue // a text that is no JSON string is none that a stream sends
			}
			f.heads[hit] = append(f.heads[hit], quoted)
		}
	}
	return f
}

// at returns frame i. It is valid until the next call.
func (f *frames) at(i int) []byte {
	hit := 1
	if f.sparse && i%1000 != 0 {
		hit = 0
	}
	said := f.start.Add(time.Duration(i) * time.Millisecond)
	f.buffer = fmt.Appendf(f.buffer[:0], `{"did":"did:plc:%024d","time_us":%d,"kind":"commit","commit":{"rev":"r","operation":"create","collection":"app.bsky.feed.post","rkey":"3k%011d","record":{"$type":"app.bsky.feed.post","createdAt":%q,"langs":["de"],"text":%s},"cid":"bafyreib"}}`,
		i%5000, said.UnixMicro(), i, said.UTC().Format(time.RFC3339Nano), f.heads[hit][i%len(f.heads[hit])])
	return f.buffer
}

// idle waits until no job is open.
func idle(ctx context.Context, db *store.DB) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		open, err := db.OpenJobs(ctx)
		if err != nil || open == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
