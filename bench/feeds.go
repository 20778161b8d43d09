package bench

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"lastword/internal/syndication"
)

// eachFeed reads the documents below folder that are feeds by their names, in
// the order of their paths.
func eachFeed(folder string, do func(name string, body []byte)) error {
	var paths []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ext := strings.ToLower(filepath.Ext(path)); !d.IsDir() && slices.Contains([]string{".xml", ".json", ".rss", ".atom"}, ext) {
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	slices.Sort(paths)
	for _, path := range paths {
		body, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("bench: %w", err)
		}
		do(filepath.Base(path), body)
	}
	return nil
}

// FeedsOptions say what Feeds measures.
type FeedsOptions struct {
	Data    string // folder of the shared data
	Feeds   int    // on a server on loopback
	Seconds int    // over which their polls are spread
}

// A FeedsReport says what of real feeds is read, and whether many are asked on
// time.
type FeedsReport struct {
	Cores int `json:"cores"`
	// Of the documents found in the wild that are whole feeds: how many are read with
	// every entry, and with no entry that shows what a browser would not: markup,
	// entities, signs of a wrong character set.
	Documents int      `json:"documents"`
	Pieces    int      `json:"pieces"` // cut out of a feed: no feed, and refused as none
	Read      int      `json:"read"`
	Share     float64  `json:"share"`
	Entries   int      `json:"entries"`
	Unread    []string `json:"unread,omitempty"`
	P50US     float64  `json:"decode_p50_us"`
	P99US     float64  `json:"decode_p99_us"`
	PeakKB    float64  `json:"peak_kb"` // allocated for the most expensive document

	Feeds     int     `json:"feeds"`
	FirstS    float64 `json:"first_s"`     // to ask all once, as fast as it goes
	FirstPerS float64 `json:"first_per_s"` // requests a second
	Polls     int     `json:"polls"`       // in the time over which they are spread
	PollsPerS float64 `json:"polls_per_s"`
	LateP50S  float64 `json:"late_p50_s"` // behind the time at which a feed was due
	LateP99S  float64 `json:"late_p99_s"`
	CPUShare  float64 `json:"cpu_share"` // of all cores, the server's part included
	RSSMB     float64 `json:"rss_mb"`    // at most, of the whole process
}

// String returns the report as lines.
func (r FeedsReport) String() string {
	return fmt.Sprintf(`documents found in the wild: %d feeds (and %d pieces of some), %d read as a browser would show them (%.1f %%), %d entries
decoded in %.0f µs (median), %.0f µs (99 %%); at most %.0f KB for one
%d feeds on loopback, %d cores: all asked once in %.1f s, %.0f requests/s
spread over time: %d polls, %.0f/s, %.2f s late (median), %.2f s (99 %%); %.0f %% of all cores with the server; %.0f MB at most
%s`, r.Documents, r.Pieces, r.Read, 100*r.Share, r.Entries, r.P50US, r.P99US, r.PeakKB,
		r.Feeds, r.Cores, r.FirstS, r.FirstPerS, r.Polls, r.PollsPerS, r.LateP50S, r.LateP99S, 100*r.CPUShare, r.RSSMB,
		strings.Join(r.Unread, "\n"))
}

// Feeds measures.
func Feeds(ctx context.Context, o FeedsOptions) (FeedsReport, error) {
	r := FeedsReport{Cores: runtime.GOMAXPROCS(0), Feeds: o.Feeds}
	var spans []float64
	err := eachFeed(filepath.Join(o.Data, "streams", "feeds"), func(name string, body []byte) {
		if span, ok := r.document(name, body); ok {
			spans = append(spans, span)
		}
	})
	if err != nil {
		return r, err
	}
	r.Share = float64(r.Read) / float64(max(1, r.Documents))
	r.P50US, r.P99US = quantile(spans, 0.5), quantile(spans, 0.99)
	if o.Feeds <= 0 {
		return r, nil
	}
	return r, r.poll(ctx, o)
}

// decodeRounds is how often each document is decoded; the fastest counts.
const decodeRounds = 20

// document reads one and returns the microseconds that it took.
func (r *FeedsReport) document(name string, body []byte) (span float64, ok bool) {
	text := string(body)
	entries := strings.Count(text, "</item>") + strings.Count(text, "</entry>")
	if strings.Contains(text, "jsonfeed.org") {
		entries = strings.Count(text, `"date_published"`)
	}
	feed, err := syndication.Decode(body, "", nil)
	if strings.Contains(name, "FirstEntry") || entries == 0 {
		r.Pieces++
		return 0, false
	}
	r.Documents++
	bad := ""
	switch {
	case err != nil:
		bad = err.Error()
	case len(feed.Items) != entries:
		bad = fmt.Sprintf("%d of %d entries", len(feed.Items), entries)
	default:
		bad = unlikeBrowser(feed)
	}
	if bad != "" {
		r.Unread = append(r.Unread, name+": "+bad)
	} else {
		r.Read++
		r.Entries += len(feed.Items)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _ = syndication.Decode(body, "", nil) // judged above
	runtime.ReadMemStats(&after)
	r.PeakKB = max(r.PeakKB, float64(after.TotalAlloc-before.TotalAlloc)/1024)
	span = math.Inf(1)
	for range decodeRounds {
		began := time.Now()
		_, _ = syndication.Decode(body, "", nil)
		span = min(span, float64(time.Since(began).Nanoseconds())/1000)
	}
	return span, true
}

// markup is what a browser shows to nobody: tags and entities that were not read,
// and UTF-8 that was read as another character set.
var markup = regexp.MustCompile(`</?(p|div|br|a|img|span|em|strong|li|ul|ol|h[1-6]|blockquote|table|td)\b[^>]*>|&(amp|lt|gt|quot|nbsp|#\d+|#x[0-9a-fA-F]+);|Ã[¤¶¼Ÿ©]|â€|\x{FFFD}`)

// unlikeBrowser says of the first entry that shows such what it shows. Entries about
// markup may quote it: their share must be small.
func unlikeBrowser(f syndication.Feed) string {
	odd, first := 0, ""
	for _, it := range f.Items {
		if it.Title == "" && it.Text == "" {
			return "an entry without words"
		}
		if found := markup.FindString(it.Title); found != "" {
			odd++
			first = cmp.Or(first, it.Title)
		}
		if found := markup.FindAllString(it.Text, -1); len(found) > 0 && !strings.Contains(strings.ToLower(it.Text), "code") && !strings.Contains(strings.ToLower(it.Text), "html") {
			odd++
			first = cmp.Or(first, found[0])
		}
	}
	if odd*5 > len(f.Items) {
		return fmt.Sprintf("%d of %d entries show %q", odd, len(f.Items), first)
	}
	return ""
}
