package bench

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
	"lastword/listen/feed"
	"lastword/match"
	"lastword/store"
)

// poll asks all feeds once, and then once more at times spread over the seconds.
func (r *FeedsReport) poll(ctx context.Context, o FeedsOptions) error {
	folder, err := os.MkdirTemp("", "lastword-feeds")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	db, err := store.Open(ctx, store.Options{Folder: folder})
	if err != nil {
		return err
	}
	defer db.Close()
	site := newFeedSite(o.Feeds)
	defer site.Close()
	all, err := r.connect(ctx, db, site, o.Feeds)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := r.run(ctx, db, func() bool { return site.count() >= o.Feeds }); err != nil {
		return err
	}
	r.FirstS = time.Since(began).Seconds()
	r.FirstPerS = float64(o.Feeds) / r.FirstS
	return r.onTime(ctx, db, site, all, o)
}

// connect makes a channel of each feed. No query wants what they bring: listening
// is measured, not storing.
func (r *FeedsReport) connect(ctx context.Context, db *store.DB, site *feedSite, n int) ([]lastword.Channel, error) {
	c, err := db.AddCompany(ctx, lastword.Company{Name: "Bench", Lang: "de", Zone: "Europe/Berlin", Rule: lastword.AnyDirector})
	if err != nil {
		return nil, err
	}
	all := make([]lastword.Channel, n)
	for i := range all {
		all[i], err = db.SaveChannel(ctx, lastword.Member{Company: c.ID}, lastword.Channel{Connector: "feed", Name: strconv.Itoa(i),
			Settings: map[string]string{"url": site.URL + "/" + strconv.Itoa(i)}})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// run runs the listening of the program until done.
func (r *FeedsReport) run(ctx context.Context, db *store.DB, done func() bool) error {
	client := httpx.New(httpx.Options{Allow: []string{"127.0.0.1"}, Pace: -1, PerHost: 64}) // one host stands for ten thousand
	defer client.Close()
	runner := &listen.Runner{
		Store: db, Connectors: []listen.Connector{feed.New(nil)}, Now: time.Now, Owner: "bench", Log: slog.New(slog.DiscardHandler),
		Client:  func(lastword.Channel) *http.Client { return client.HTTP() },
		Compile: func([]lastword.Query) (listen.Matcher, error) { return match.Compile(nil, nil), nil },
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, within := errgroup.WithContext(ctx)
	group.Go(func() error { return runner.Run(within) })
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-within.Done():
			return within.Err()
		case <-tick.C:
		}
	}
	cancel()
	return group.Wait()
}

// onTime makes the feeds due one after the other and looks how late each is asked.
func (r *FeedsReport) onTime(ctx context.Context, db *store.DB, site *feedSite, all []lastword.Channel, o FeedsOptions) error {
	start := time.Now().Add(5 * time.Second).Add(time.Duration(o.Feeds) * 15 * time.Millisecond) // for making them due
	due := make([]time.Time, len(all))
	for i, c := range all {
		due[i] = start.Add(time.Duration(o.Seconds) * time.Second * time.Duration(i) / time.Duration(len(all)))
		l, err := db.LeaseOne(ctx, "bench", c.Company, c.ID, time.Now().Add(time.Minute))
		if err != nil {
			return fmt.Errorf("bench: feed %d: %w", i, err)
		}
		if err := db.Release(ctx, l, lastword.Health{State: lastword.Fine, LastTry: time.Now(), NextTry: due[i]}); err != nil {
			return fmt.Errorf("bench: feed %d: %w", i, err)
		}
	}
	if time.Now().After(start) { // those would be late already
		return fmt.Errorf("bench: this machine is too slow to make %d feeds due in time", len(all))
	}
	site.forget()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Until(start)):
	}
	cpu, began := processTime(), time.Now()
	if err := r.run(ctx, db, func() bool { return site.count() >= len(all) }); err != nil {
		return err
	}
	elapsed := time.Since(began)
	r.CPUShare = (processTime() - cpu).Seconds() / elapsed.Seconds() / float64(r.Cores)
	r.RSSMB = float64(peakRSS()) / (1 << 20)
	var behind []float64
	for i, at := range site.asked() {
		behind = append(behind, max(0, at.Sub(due[i]).Seconds()))
	}
	r.Polls = len(all)
	r.PollsPerS = float64(r.Polls) / float64(o.Seconds)
	r.LateP50S, r.LateP99S = quantile(behind, 0.5), quantile(behind, 0.99)
	return nil
}

// A feedSite serves many feeds on loopback, each of twenty entries. A tenth of them
// have one more entry when they are asked again; the others say 304.
type feedSite struct {
	*httptest.Server
	mu   sync.Mutex
	at   []time.Time // when each was asked first, since the last forget
	n    int
	more bool
}

func newFeedSite(n int) *feedSite {
	s := &feedSite{at: make([]time.Time, n)}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	return s
}

func (s *feedSite) serve(w http.ResponseWriter, r *http.Request) {
	i, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
	if err != nil || i < 0 || i >= len(s.at) {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	if s.at[i].IsZero() {
		s.at[i] = time.Now()
		s.n++
	}
	entries := 20
	if s.more && i%10 == 0 {
		entries = 21
	}
	s.mu.Unlock()
	tag := fmt.Sprintf(`"%d-%d"`, i, entries)
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
	fmt.Fprintf(w, `<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Blatt %d</title><link>https://blatt-%d.example</link>`, i, i)
	for e := entries; e > 0; e-- {
		fmt.Fprintf(w, `<item><guid isPermaLink="false">%d-%d</guid><title>Meldung %d</title><pubDate>Tue, %02d Sep 2026 08:00:00 +0000</pubDate><description>&lt;p&gt;Die Werkstatt hat im Herbst länger offen, und die Hobel für Linkshänder sind wieder da. Wer mag, kommt am Samstag vorbei.&lt;/p&gt;</description></item>`, i, e, e, e)
	}
	fmt.Fprint(w, `</channel></rss>`)
}

func (s *feedSite) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

func (s *feedSite) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at, s.n, s.more = make([]time.Time, len(s.at)), 0, true
}

func (s *feedSite) asked() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]time.Time(nil), s.at...)
}
