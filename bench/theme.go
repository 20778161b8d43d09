package bench

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

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
	Night      ThemeNight `json:"night"`       // the same after the nightly consolidation
}

// A ThemeNight is how it stands in the morning, when all was gathered anew, and how
// often the machine is right to ask whether two themes want the same.
type ThemeNight struct {
	Themes     int        `json:"themes"`
	Quality    Clustering `json:"quality"`
	Bulk       float64    `json:"bulk_95"`
	Sure       float64    `json:"sure"`
	SurePure   float64    `json:"sure_pure"`
	Asked      int        `json:"asked"`       // pairs of themes that are suggested
	AskedRight int        `json:"asked_right"` // of them, those of which the commonest intent is the same
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

// parted returns the examples whose intents are of one half of their set's, and
// the others.
func parted(es []theme.Example) (calibrate, report []theme.Example) {
	all := map[string]map[string]bool{}
	for _, e := range es {
		if all[e.Set] == nil {
			all[e.Set] = map[string]bool{}
		}
		all[e.Set][e.Intent] = true
	}
	taken := map[string]map[string]bool{}
	for set := range all {
		taken[set] = halfOf(all[set], calibrating)
	}
	for _, e := range es {
		if taken[e.Set][e.Intent] {
			calibrate = append(calibrate, e)
		} else {
			report = append(report, e)
		}
	}
	return calibrate, report
}

// Themes measures on the reporting half of the intents of every set under
// o.Data/themes, its voices in random order, with meanings learnt from the other
// half alone. Unless o.Quick, it also measures the other way round, marked ⇄,
// where the weights behind Fit are not new to the intents, what people said
// elsewhere, and the posts of the demo's company by what they were written about, of
// which no calibration knows. A few constants of gathering (how finely voices are parted, how they
// are tied, what is taken off the middle) were chosen by the mean over both ways
// round: neither half is wholly new to those.
func Themes(ctx context.Context, o ThemeOptions) (ThemeReport, error) {
	var r ThemeReport
	es, err := theme.ReadExamples(o.Data)
	if err != nil {
		return r, err
	}
	seen, unseen := parted(es)
	sense, err := learnt(o, seen)
	if err != nil {
		return r, err
	}
	if err := r.measure(ctx, o, unseen, sense); err != nil || o.Quick {
		return r, err
	}
	other, err := learnt(o, unseen)
	if err != nil {
		return r, err
	}
	if err := r.measure(ctx, o, turned(seen), other); err != nil {
		return r, err
	}
	others, err := otherVoices(o.Data)
	if err != nil {
		return r, err
	}
	if err := r.measure(ctx, o, others, sense); err != nil {
		return r, err
	}
	if err := r.measurePosts(ctx, o.Seed); err != nil {
		return r, err
	}
	r.Speed, err = manyThemes(ctx, o.Seed, manyCount)
	return r, err
}

// turned names the sets for the way round in which the halves change places.
func turned(es []theme.Example) []theme.Example {
	es = slices.Clone(es)
	for i := range es {
		es[i].Set += " ⇄"
	}
	return es
}

func setNames(es []theme.Example) []string {
	var names []string
	for _, e := range es {
		if !slices.Contains(names, e.Set) {
			names = append(names, e.Set)
		}
	}
	return names
}

// shuffled returns the voices of one set in random order.
func shuffled(es []theme.Example, set string, seed uint64) []intentVoice {
	var voices []intentVoice
	for _, e := range es {
		if e.Set == set {
			voices = append(voices, intentVoice{e.Item, e.Intent})
		}
	}
	rand.New(rand.NewPCG(seed, 77)).Shuffle(len(voices), func(i, j int) { voices[i], voices[j] = voices[j], voices[i] })
	for i := range voices {
		voices[i].item.ID = int64(i + 1)
	}
	return voices
}

// gather streams the voices through a Clusterer and scores where they ended.
func gather(ctx context.Context, name string, voices []intentVoice, sense *theme.Sense, names ...string) (ThemeSet, error) {
	c, places, took, err := stream(ctx, voices, sense, names...)
	if err != nil {
		return ThemeSet{}, err
	}
	set := judge(voices, places)
	set.Name, set.PerSecond = name, float64(len(voices))/took.Seconds()
	set.Night = overnight(c, voices, places)
	return set, nil
}

// overnight is how it stands after all was gathered anew.
func overnight(c *theme.Clusterer, voices []intentVoice, places []theme.Placement) ThemeNight {
	for _, p := range c.Consolidate() {
		places[p.Voice-1] = p
	}
	home(c, places)
	set := judge(voices, places)
	n := ThemeNight{Themes: set.Themes, Quality: set.Quality, Bulk: set.Bulk, Sure: set.Sure, SurePure: set.SurePure}
	commonest := commonestIntents(voices, places)
	for _, p := range c.Suggest(1000) {
		n.Asked++
		if commonest[p.A] == commonest[p.B] {
			n.AskedRight++
		}
	}
	return n
}

// commonestIntents of the themes.
func commonestIntents(voices []intentVoice, places []theme.Placement) map[int64]string {
	commonest := map[int64]string{}
	for id, by := range intentCounts(voices, places) {
		for _, intent := range slices.Sorted(maps.Keys(by)) {
			if by[intent] > by[commonest[id]] {
				commonest[id] = intent
			}
		}
	}
	return commonest
}

// intentCounts counts the voices of each intent in each theme.
func intentCounts(voices []intentVoice, places []theme.Placement) map[int64]map[string]int {
	counts := map[int64]map[string]int{}
	for i, p := range places {
		if counts[p.Theme] == nil {
			counts[p.Theme] = map[string]int{}
		}
		counts[p.Theme][voices[i].intent]++
	}
	return counts
}

func home(c *theme.Clusterer, places []theme.Placement) {
	for i := range places {
		places[i].Theme = c.Home(places[i].Theme)
	}
}

// stream returns the last placement of every voice.
func stream(ctx context.Context, voices []intentVoice, sense *theme.Sense, names ...string) (*theme.Clusterer, []theme.Placement, time.Duration, error) {
	places := make([]theme.Placement, len(voices))
	var ids int64
	c := theme.New(theme.Config{NewID: func() int64 { ids++; return ids }, Sense: sense, Names: names})
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start := threadTime()
	for _, v := range voices {
		if err := ctx.Err(); err != nil {
			return nil, nil, 0, err
		}
		for _, p := range c.Assign(v.item) {
			places[p.Voice-1] = p
		}
	}
	took := threadTime() - start
	home(c, places)
	return c, places, took, nil
}

// String is the report as a table.
func (r ThemeReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-13s %6s %7s %6s %7s  %-24s %-24s %7s %6s %6s %6s %6s %8s\n", "set", "voices", "intents", "themes",
		"singles", "V / ARI / B³", "k-means V / ARI / B³", "bulk95", "sure", "pure", "strict", "themes", "voices/s")
	for _, s := range r.Sets {
		fmt.Fprintf(&b, "%-13s %6d %7d %6d %6.1f%%  %-24s %-24s %6.1f%% %5.1f%% %5.1f%% %5.1f%% %6d %8.0f\n", s.Name, s.Voices, s.Intents,
			s.Themes, 100*s.Singles, s.Quality, s.KMeans, 100*s.Bulk, 100*s.Sure, 100*s.SurePure, 100*s.SureOthers, s.SureThemes, s.PerSecond)
		fmt.Fprintf(&b, "%-13s %6s %7s %6d %7s  %-24s %-24s %6.1f%% %5.1f%% %5.1f%%    asks %d times, rightly %d\n", "  next morning", "", "",
			s.Night.Themes, "", s.Night.Quality, "", 100*s.Night.Bulk, 100*s.Night.Sure, 100*s.Night.SurePure, s.Night.Asked, s.Night.AskedRight)
	}
	if r.Speed.Themes > 0 {
		fmt.Fprintf(&b, "beside %d themes: %.0f µs of CPU a voice, median %.0f µs, %.0f bytes a model\n",
			r.Speed.Themes, r.Speed.Micros, r.Speed.Median, r.Speed.ModelSize)
	}
	return b.String()
}
