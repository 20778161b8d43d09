package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"

	"lastword"
	"lastword/match"
)

// MatchOptions say what Match measures.
type MatchOptions struct {
	Data   string // folder of the shared data; its posts are read, never kept
	Sizes  []int  // numbers of queries; 1,000, 10,000 and 100,000 where empty
	Rounds int    // how often each timing is taken; 9 where 0
	Seed   uint64 // of queries and samples
}

// A MatchReport says how fast saved queries are asked, and whether rightly.
type MatchReport struct {
	Posts     int        `json:"posts"` // real posts; fewer than the 200,000 of the reference
	MeanBytes float64    `json:"mean_bytes"`
	Tokenised Rate       `json:"tokenised"` // the same posts, no query
	Rounds    int        `json:"rounds"`
	Seed      uint64     `json:"seed"`
	Clock     string     `json:"clock"` // what a second is: of CPU, or of the wall
	Rows      []MatchRow `json:"rows"`
}

// A Rate is posts per second on one core, over some rounds through all posts. Of
// the fastest the machine's other work took least.
type Rate struct {
	Median float64 `json:"median_posts_per_s"`
	Best   float64 `json:"best_posts_per_s"`
}

// A MatchRow is one set of queries.
type MatchRow struct {
	Kind        string  `json:"kind"` // selective or broad
	Queries     int     `json:"queries"`
	Rate        Rate    `json:"rate"`
	OfTokenised float64 `json:"of_tokenised"`   // the median as a share of that without queries
	Tried       float64 `json:"tried_per_post"` // queries run
	Matches     float64 `json:"matches_per_post"`
	QueryBytes  float64 `json:"bytes_per_query"` // heap held by the compiled set
	BuildS      float64 `json:"build_s"`         // of one thread
	Checked     int     `json:"checked"`         // pairs of query and post asked one by one as well
	Differences int     `json:"differences"`
}

// String returns the report as a table.
func (r MatchReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d posts, mean %.0f bytes; tokenised only %.0f posts/s, best %.0f; median of %d rounds, %s, seed %d\n",
		r.Posts, r.MeanBytes, r.Tokenised.Median, r.Tokenised.Best, r.Rounds, r.Clock, r.Seed)
	fmt.Fprintf(&b, "%-10s %8s %10s %10s %8s %8s %8s %8s %8s %9s %6s\n",
		"kind", "queries", "posts/s", "best", "of tok.", "tried", "matches", "B/query", "build s", "checked", "diffs")
	for _, x := range r.Rows {
		fmt.Fprintf(&b, "%-10s %8d %10.0f %10.0f %8.2f %8.2f %8.3f %8.0f %8.2f %9d %6d\n",
			x.Kind, x.Queries, x.Rate.Median, x.Rate.Best, x.OfTokenised, x.Tried, x.Matches, x.QueryBytes, x.BuildS, x.Checked, x.Differences)
	}
	return b.String()
}

// Match measures package match over real posts. It fails where the data cannot
// be read, or ctx ends.
func Match(ctx context.Context, o MatchOptions) (MatchReport, error) {
	if len(o.Sizes) == 0 {
		o.Sizes = []int{1000, 10_000, 100_000}
	}
	if o.Rounds == 0 {
		o.Rounds = 9
	}
	posts, err := matchPosts(o.Data)
	if err != nil {
		return MatchReport{}, fmt.Errorf("bench: read posts: %w", err)
	}
	random := rand.New(rand.NewPCG(o.Seed, 1))
	random.Shuffle(len(posts), func(i, j int) { posts[i], posts[j] = posts[j], posts[i] })
	asStream(posts)
	r := MatchReport{Posts: len(posts), MeanBytes: meanBytes(posts), Rounds: o.Rounds, Seed: o.Seed, Clock: matchClock}
	r.Tokenised = rateOf(match.Compile(nil, nil), posts, o.Rounds)
	vocabulary := newVocabulary(posts)
	for _, kind := range []matchKind{selective, broad} {
		for _, size := range o.Sizes {
			if err := ctx.Err(); err != nil {
				return r, err
			}
			row, err := matchRow(o, kind, size, posts, vocabulary)
			if err != nil {
				return r, err
			}
			row.OfTokenised = row.Rate.Median / r.Tokenised.Median
			r.Rows = append(r.Rows, row)
		}
	}
	return r, nil
}

func matchRow(o MatchOptions, kind matchKind, size int, posts []lastword.Post, v vocabulary) (MatchRow, error) {
	random := rand.New(rand.NewPCG(o.Seed, uint64(size)<<1|uint64(len(kind.name)&1)))
	queries, err := v.queries(random, kind, size)
	if err != nil {
		return MatchRow{}, err
	}
	var f match.Frequencies
	for i := range min(len(posts), 20_000) { // what a running server has seen, too
		f.Learn(&posts[i])
	}
	row := MatchRow{Kind: kind.name, Queries: size}
	before := heapInUse()
	set, seconds := timedCompile(queries, &f)
	row.BuildS = seconds
	row.QueryBytes = float64(heapInUse()-before) / float64(size)
	runtime.KeepAlive(&f) // freed earlier, it would be taken for the set's gain
	row.Tried, row.Matches = perPost(set, posts)
	row.Rate = rateOf(set, posts, o.Rounds)
	row.Checked, row.Differences = differences(random, set, queries, posts)
	return row, nil
}

// heapInUse returns the bytes in use after everything unused is gone.
func heapInUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func perPost(set *match.Set, posts []lastword.Post) (tried, matches float64) {
	var ids []int64
	for i := range posts {
		tried += float64(set.Tried(&posts[i]))
		ids = set.Match(&posts[i], ids[:0])
		matches += float64(len(ids))
	}
	n := float64(len(posts))
	return tried / n, matches / n
}

func timedCompile(queries []match.Numbered, f *match.Frequencies) (set *match.Set, seconds float64) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start := threadTime()
	set = match.Compile(queries, f)
	return set, (threadTime() - start).Seconds()
}

// rateOf matches all posts for some rounds.
func rateOf(set *match.Set, posts []lastword.Post, rounds int) Rate {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	rates := make([]float64, rounds)
	ids := make([]int64, 0, 1<<16)
	for r := range rates {
		start := threadTime()
		for i := range posts {
			ids = set.Match(&posts[i], ids[:0])
		}
		rates[r] = float64(len(posts)) / (threadTime() - start).Seconds()
	}
	slices.Sort(rates)
	return Rate{Median: rates[rounds/2], Best: rates[rounds-1]}
}

// How much is asked one by one, for every set: this many posts, and of the
// queries so many, besides all that the set says it wants.
const (
	checkPosts   = 300
	checkQueries = 500
)

// differences counts where the set and a query by itself disagree.
func differences(random *rand.Rand, set *match.Set, queries []match.Numbered, posts []lastword.Post) (checked, wrong int) {
	for range checkPosts {
		p := &posts[random.IntN(len(posts))]
		got := set.Match(p, nil)
		slices.Sort(got)
		for _, id := range got {
			checked++
			if !queries[id].Matches(p) {
				wrong++
			}
		}
		for range checkQueries {
			q := queries[random.IntN(len(queries))]
			_, found := slices.BinarySearch(got, q.ID)
			checked++
			if q.Matches(p) != found {
				wrong++
			}
		}
	}
	return checked, wrong
}
