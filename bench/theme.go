package bench

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"lastword"
	"lastword/theme"
)

// ThemeOptions say what [Themes] measures.
type ThemeOptions struct {
	Data  string // folder of the shared data; required
	Seed  uint64 // of the order of the voices
	Quick bool   // leave out the k-means baseline and the 10,000 themes
}

// ThemeReport says how well and how fast voices are gathered into themes, on
// intents that the calibration did not see.
type ThemeReport struct {
	Sets  []ThemeSet `json:"sets"`
	Speed ThemeSpeed `json:"speed"`
}

// A ThemeSet is the result on one collection of voices with known intents. All
// shares are of all its voices, 0…1.
type ThemeSet struct {
	Name       string     `json:"name"`
	Voices     int        `json:"voices"`
	Intents    int        `json:"intents"`
	Themes     int        `json:"themes"`
	Singles    float64    `json:"singles"`     // share left without a theme
	Quality    Clustering `json:"quality"`     // every single voice counts as a theme of its own
	KMeans     Clustering `json:"kmeans"`      // baseline: spherical k-means on tf-idf of words, k known
	Bulk       float64    `json:"bulk_95"`     // greatest share, surest first, that is still 95 % pure
	Sure       float64    `json:"sure"`        // share with Fit ≥ lastword.Sure
	SurePure   float64    `json:"sure_pure"`   // of them, those of their theme's commonest intent
	SureOthers float64    `json:"sure_others"` // stricter: of the commonest intent of the theme's other voices
	SureThemes int        `json:"sure_themes"` // decisions that answer them
	PerSecond  float64    `json:"per_second"`  // voices placed in a second of one core
}

// ThemeSpeed is what one assignment costs beside many themes.
type ThemeSpeed struct {
	Themes    int     `json:"themes"`
	Micros    float64 `json:"micros"`     // mean CPU time of a voice, embedding included
	Median    float64 `json:"median"`     // time that went by, in µs
	ModelSize float64 `json:"model_size"` // mean bytes of a theme's model
}

type intentVoice struct {
	item   theme.Item
	intent string
}

var themeSets = [...]struct{ name, file, lang string }{
	{"Banking77", "banking77-train.en.jsonl", "en"},
	{"CLINC150", "clinc150-train.en.jsonl", "en"},
	{"MASSIVE de", "massive-train.de.jsonl", "de"},
}

// A half of the intents of every set: one is for calibration only, the other
// for reporting only.
type half bool

const (
	calibrating half = true
	reporting   half = false
)

// halfOf parts intents evenly: by their hash, every other one calibrates.
func halfOf(all map[string]bool, of half) map[string]bool {
	key := func(intent string) uint64 {
		d := sha256.Sum256([]byte(intent))
		return binary.BigEndian.Uint64(d[:8])
	}
	sorted := slices.SortedFunc(maps.Keys(all), func(a, b string) int { return cmp.Compare(key(a), key(b)) })
	taken := map[string]bool{}
	for i, intent := range sorted {
		taken[intent] = (i%2 == 0) == bool(of)
	}
	return taken
}

// Themes measures on the reporting half of the intents of every set under
// o.Data/themes, its voices in random order.
func Themes(ctx context.Context, o ThemeOptions) (ThemeReport, error) {
	var r ThemeReport
	for _, s := range themeSets {
		voices, err := intents(o, s.file, s.lang, reporting)
		if err != nil {
			return r, err
		}
		set, err := gather(ctx, s.name, voices)
		if err != nil {
			return r, err
		}
		if !o.Quick {
			set.KMeans = kmeans(voices, set.Intents, o.Seed)
		}
		r.Sets = append(r.Sets, set)
	}
	if o.Quick {
		return r, nil
	}
	speed, err := manyThemes(ctx, o.Seed, manyCount)
	r.Speed = speed
	return r, err
}

// intents reads one set's voices of one half, in random order.
func intents(o ThemeOptions, file, lang string, of half) ([]intentVoice, error) {
	f, err := os.Open(filepath.Join(o.Data, "themes", file))
	if err != nil {
		return nil, fmt.Errorf("bench: themes: %w", err)
	}
	defer f.Close()
	var voices []intentVoice
	all := map[string]bool{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var row struct{ Text, Intent string }
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return nil, fmt.Errorf("bench: themes: %s: %w", file, err)
		}
		if row.Intent != "oos" { // CLINC150's own mark for no intent at all
			all[row.Intent] = true
			voices = append(voices, intentVoice{theme.Item{Text: row.Text, Lang: lang, Kinds: lastword.Wish}, row.Intent})
		}
	}
	taken := halfOf(all, of)
	voices = slices.DeleteFunc(voices, func(v intentVoice) bool { return !taken[v.intent] })
	rand.New(rand.NewPCG(o.Seed, 77)).Shuffle(len(voices), func(i, j int) { voices[i], voices[j] = voices[j], voices[i] })
	for i := range voices {
		voices[i].item.ID = int64(i + 1)
	}
	return voices, lines.Err()
}

// gather streams the voices through a Clusterer and scores where they ended.
func gather(ctx context.Context, name string, voices []intentVoice) (ThemeSet, error) {
	places, took, err := stream(ctx, voices)
	if err != nil {
		return ThemeSet{}, err
	}
	set := judge(voices, places)
	set.Name, set.PerSecond = name, float64(len(voices))/took.Seconds()
	return set, nil
}

// stream returns the last placement of every voice.
func stream(ctx context.Context, voices []intentVoice) ([]theme.Placement, time.Duration, error) {
	places := make([]theme.Placement, len(voices))
	var ids int64
	c := theme.New(theme.Config{NewID: func() int64 { ids++; return ids }})
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start := threadTime()
	for _, v := range voices {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		for _, p := range c.Assign(v.item) {
			places[p.Voice-1] = p
		}
	}
	took := threadTime() - start
	for i := range places {
		places[i].Theme = c.Home(places[i].Theme)
	}
	return places, took, nil
}

// String is the report as a table.
func (r ThemeReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-11s %6s %7s %6s %7s  %-24s %-24s %7s %6s %6s %6s %6s %8s\n", "set", "voices", "intents", "themes",
		"singles", "V / ARI / B³", "k-means V / ARI / B³", "bulk95", "sure", "pure", "strict", "themes", "voices/s")
	for _, s := range r.Sets {
		fmt.Fprintf(&b, "%-11s %6d %7d %6d %6.1f%%  %-24s %-24s %6.1f%% %5.1f%% %5.1f%% %5.1f%% %6d %8.0f\n", s.Name, s.Voices, s.Intents,
			s.Themes, 100*s.Singles, s.Quality, s.KMeans, 100*s.Bulk, 100*s.Sure, 100*s.SurePure, 100*s.SureOthers, s.SureThemes, s.PerSecond)
	}
	if r.Speed.Themes > 0 {
		fmt.Fprintf(&b, "beside %d themes: %.0f µs of CPU a voice, median %.0f µs, %.0f bytes a model\n",
			r.Speed.Themes, r.Speed.Micros, r.Speed.Median, r.Speed.ModelSize)
	}
	return b.String()
}
