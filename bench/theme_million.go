package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"lastword"
	"lastword/theme"
)

// ThemeMillion is what it costs to gather very many voices on one machine.
type ThemeMillion struct {
	Voices      int     `json:"voices"`
	Themes      int     `json:"themes"`
	Seconds     float64 `json:"seconds"`     // until all were placed, in batches as they come from the queue
	Median      float64 `json:"median"`      // µs that went by for one more, alone
	P99         float64 `json:"p99"`         // µs
	Most        float64 `json:"most"`        // µs: with one gathering anew among them
	Memory      int     `json:"memory"`      // most bytes that the program held
	Consolidate float64 `json:"consolidate"` // seconds of one nightly consolidation
	Features    int     `json:"features"`    // words and word pairs that are known in the end
}

// ManyVoices gathers so many made-up voices and times placing more of them: a
// thousand themes of unlike size, and words drawn as in a language, among them new
// ones again and again.
func ManyVoices(ctx context.Context, seed uint64, voices int) (ThemeMillion, error) {
	const themes, batch, more = 1000, 256, 5000
	var ids int64
	c := theme.New(theme.Config{NewID: func() int64 { ids++; return ids }})
	t, r := newTalk(seed, themes), ThemeMillion{Voices: voices}
	next := func(id int) theme.Item {
		about := min(int(t.rng.ExpFloat64()*themes/6), themes-1)
		text := t.voice(about)
		if id%3 == 0 {
			text += fmt.Sprintf(" %s%d", t.words[t.rng.IntN(len(t.words))], id) // a name, a number, a slip: never heard before
		}
		return theme.Item{ID: int64(id), Text: text, Lang: "de", Kinds: lastword.Wish}
	}
	start := time.Now()
	for id := 1; id <= voices; {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		var some []theme.Item
		for ; len(some) < batch && id <= voices; id++ {
			some = append(some, next(id))
		}
		c.AssignBatch(some)
		c.Changed(1)
		if id%(batch*64) < batch {
			r.Memory = max(r.Memory, held())
		}
	}
	r.Seconds = time.Since(start).Seconds()
	took := make([]float64, more)
	for i := range took {
		item, before := next(voices+1+i), time.Now()
		c.Assign(item)
		took[i] = float64(time.Since(before).Nanoseconds()) / 1000
	}
	slices.Sort(took)
	r.Median, r.P99, r.Most = took[more/2], took[more*99/100], took[more-1]
	start = time.Now()
	c.Consolidate()
	r.Consolidate = time.Since(start).Seconds()
	r.Memory, r.Features, r.Themes = max(r.Memory, held()), c.Features(), len(c.Live())
	return r, nil
}

// held is how many bytes the program holds of the system's memory.
func held() int {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.Sys - m.HeapReleased)
}

// String is the figures in a sentence each.
func (m ThemeMillion) String() string {
	return fmt.Sprintf("%d voices in %d themes, placed in %.0f s, %.0f voices/s\none more: median %.0f µs, p99 %.0f µs, most %.0f µs\nmemory %d MB at the most, %d features known\nconsolidation %.1f s",
		m.Voices, m.Themes, m.Seconds, float64(m.Voices)/max(m.Seconds, 1e-9), m.Median, m.P99, m.Most, m.Memory>>20, m.Features, m.Consolidate)
}
