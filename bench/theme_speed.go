package bench

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

	"lastword"
	"lastword/theme"
)

const (
	manyCount    = 10_000 // themes
	manyMeasured = 5_000  // voices whose placing is timed
)

// manyThemes times single assignments into a Clusterer that holds count
// themes. The voices are made up of words drawn as in a language, the commonest
// often (Zipf's law): each says three of its theme's four words and six others.
func manyThemes(ctx context.Context, seed uint64, count int) (ThemeSpeed, error) {
	var ids int64
	c := theme.New(theme.Config{NewID: func() int64 { ids++; return ids }})
	t := newTalk(seed, 4*count) // not every one founds a theme
	voice := int64(0)
	assign := func(about int) {
		voice++
		c.Assign(theme.Item{ID: voice, Text: t.voice(about), Lang: "de", Kinds: lastword.Wish})
	}
	for about := 0; int(ids) < count && about < len(t.themes); about++ {
		if err := ctx.Err(); err != nil {
			return ThemeSpeed{}, err
		}
		for range 3 {
			assign(about)
		}
	}
	r := ThemeSpeed{Themes: int(ids)}
	size := 0
	models := c.Changed(1)
	for _, m := range models {
		size += len(m.Model)
	}
	r.ModelSize = float64(size) / float64(max(len(models), 1))
	r.Micros, r.Median = timed(manyMeasured, func() { assign(t.rng.IntN(int(ids))) })
	return r, nil
}

// timed returns what n calls cost in µs: the mean of CPU time, and the median
// of the time that went by.
func timed(n int, call func()) (mean, median float64) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	took := make([]time.Duration, n)
	cpu := threadTime()
	for i := range took {
		start := time.Now()
		call()
		took[i] = time.Since(start)
	}
	cpu = threadTime() - cpu
	slices.Sort(took)
	micros := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
	return micros(cpu) / float64(n), micros(took[n/2])
}

// talk makes up voices.
type talk struct {
	rng    *rand.Rand
	zipf   *rand.Zipf
	words  []string
	themes [][]string
}

func newTalk(seed uint64, themes int) *talk {
	const vocabulary = 20_000
	rng := rand.New(rand.NewPCG(seed, 5))
	t := &talk{rng: rng, zipf: rand.NewZipf(rng, 1.1, 3, vocabulary-1)}
	syllables := strings.Fields("ba be bi bo bu da de di do du fa fe fi ga ge gi ka ke ki ko la le li lo ma me mi mo na ne ni no pa pe pi po ra re ri ro sa se si so ta te ti to wa we wi")
	for range vocabulary {
		var w strings.Builder
		for range 2 + rng.IntN(3) {
			w.WriteString(syllables[rng.IntN(len(syllables))])
		}
		t.words = append(t.words, w.String())
	}
	for range themes {
		var own []string
		for range 4 {
			own = append(own, t.words[rng.IntN(vocabulary)])
		}
		t.themes = append(t.themes, own)
	}
	return t
}

func (t *talk) voice(about int) string {
	words := slices.Clone(t.themes[about])
	t.rng.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	words = words[:3]
	for range 6 {
		words = append(words, t.words[t.zipf.Uint64()])
	}
	t.rng.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	return strings.Join(words, " ")
}
