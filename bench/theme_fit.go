package bench

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"lastword"
	"lastword/theme"
)

// A Calibration is what [CalibrateThemes] finds for package theme to hold.
type Calibration struct {
	Weights  []float64 `json:"weights"`  // of theme.Evidence's traits, where voices are put alike
	Posts    []float64 `json:"posts"`    // of the same, for posts
	Ties     []float64 `json:"ties"`     // of the traits that Clusterer.Ties yields
	Beside   []float64 `json:"beside"`   // of the traits that Clusterer.Beside yields
	Past     []float64 `json:"past"`     // of the first of theme.Evidence's traits, where nothing else is known
	Examples int       `json:"examples"` // placements they were fitted on
	Pure     float64   `json:"pure"`     // share pure among those then at Fit ≥ lastword.Sure
	Share    float64   `json:"share"`    // of the examples that reach it

	// By how much what package theme holds says something else than what was found, as
	// the mean difference of the probabilities, 0…1.
	Drift struct {
		Weights, Posts, Ties, Beside, Past float64
	} `json:"drift"`
}

// CalibrateThemes fits the logistic model behind theme.Evidence.Fit on the
// calibrating half of the intents: meanings learnt from one half of those, voices
// of the other, and the other way round. A voice fits if its intent is the
// commonest of its theme's other voices; pure is a voice of its theme's commonest
// intent, as purity is usually counted.
func CalibrateThemes(ctx context.Context, o ThemeOptions) (Calibration, error) {
	es, err := theme.ReadExamples(o.Data)
	if err != nil {
		return Calibration{}, err
	}
	es, _ = parted(es)
	one, other := parted(es)
	var all, ties, beside []example
	for _, fold := range [2][2][]theme.Example{{one, other}, {other, one}} {
		sense, err := learnt(o, fold[0])
		if err != nil {
			return Calibration{}, err
		}
		placed, err := placements(ctx, sense, fold[1], o.Seed)
		if err != nil {
			return Calibration{}, err
		}
		all, ties, beside = append(all, placed.voices...), append(ties, placed.ties...), append(beside, placed.beside...)
	}
	if len(all) == 0 {
		return Calibration{}, fmt.Errorf("bench: themes: nothing to calibrate on: %w", lastword.ErrNotFound)
	}
	posts, err := postPlacements(ctx, o.Data)
	if err != nil {
		return Calibration{}, err
	}
	beside = append(beside, posts.beside...)
	s := theme.Shipped()
	first := firstTraits(all, len(s.Past))
	posts.voices = firstTraits(posts.voices, len(s.Posts))
	c := Calibration{Beside: logistic(beside, loosely), Weights: logistic(all, firmly), Posts: logistic(posts.voices, loosely), Ties: logistic(ties, loosely), Past: logistic(first, loosely), Examples: len(all) + len(posts.voices)}
	c.Pure, c.Share = atSure(all, c.Weights)
	c.Drift.Weights, c.Drift.Posts, c.Drift.Past = drift(all, c.Weights, s.Weights), drift(posts.voices, c.Posts, s.Posts), drift(first, c.Past, s.Past)
	c.Drift.Ties, c.Drift.Beside = drift(ties, c.Ties, s.Ties), drift(beside, c.Beside, s.Beside)
	return c, nil
}

// firstTraits are examples of which only the first n traits are known.
func firstTraits(es []example, n int) []example {
	es = slices.Clone(es)
	for i := range es {
		es[i].x = es[i].x[:n]
	}
	return es
}

// drift is the mean difference of what two models say of examples; 1 where they are
// not of the same traits.
func drift(es []example, a, b []float64) float64 {
	if len(a) != len(b) {
		return 1
	}
	sum, all := 0.0, 0.0
	for _, e := range es {
		sum += e.weight * math.Abs(1/(1+math.Exp(-dot(a, e.x)))-1/(1+math.Exp(-dot(b, e.x))))
		all += e.weight
	}
	return sum / max(all, 1e-9)
}

// postPlacements gathers the invented posts, in several orders, as they come and
// again at night.
func postPlacements(ctx context.Context, data string) (learnable, error) {
	const orders = 4
	var all learnable
	publics, err := calibratingPosts()
	if err != nil {
		return all, err
	}
	said, err := saidIn("de", data)
	if err != nil {
		return all, err
	}
	for _, p := range publics {
		for seed := range uint64(orders) {
			crowd, err := p.amid(said, seed)
			if err != nil {
				return all, err
			}
			if err := all.posts(ctx, company{crowd.mixed(seed), 1}, p.names); err != nil {
				return all, err
			}
		}
		for i := range uint64(beginners) {
			if err := all.posts(ctx, company{few(p.mixed(i), 100+i, 4, 2), 1.0 / beginners}, p.names); err != nil {
				return all, err
			}
		}
	}
	return all, nil
}

// beginners is how many companies have only just begun to hear posts.
const beginners = 20

// posts adds one company's posts as they come, and again after the night.
func (l *learnable) posts(ctx context.Context, co company, names []string) error {
	c, places, _, err := stream(ctx, co.voices, nil, names...)
	if err != nil {
		return err
	}
	l.voices = append(l.voices, postExamples(co, places)...)
	for _, p := range c.Consolidate() {
		places[p.Voice-1] = p
	}
	home(c, places)
	l.voices = append(l.voices, postExamples(co, places)...)
	if co.weight == 1 {
		l.beside = append(l.beside, besideOf(c, co, places)...)
	}
	return nil
}

// postExamples are the posts in themes of which somebody could decide anything: those
// in which no two want the same are left out. A post fits if no other want is as
// common in its theme.
func postExamples(co company, places []theme.Placement) []example {
	counts := intentCounts(co.voices, places)
	var es []example
	for i, p := range places {
		own, other := 0, 0
		for intent, n := range counts[p.Theme] {
			if intent == co.voices[i].intent {
				own = n
			} else {
				other = max(other, n)
			}
		}
		if p.Theme != 0 && p.CopyOf == 0 && max(own, other) > 1 {
			es = append(es, example{x: p.Evidence.Traits(), right: oneIf(own > other), pure: oneIf(own >= other)})
		}
	}
	for i := range es {
		es[i].weight = co.weight / float64(len(es))
	}
	return es
}

// learnt is what words mean as far as es tell, and what is said beside.
func learnt(o ThemeOptions, es []theme.Example) (*theme.Sense, error) {
	said, err := theme.ReadSaid(o.Data)
	if err != nil {
		return nil, err
	}
	return theme.Learn(append(slices.Clone(es), said...), theme.Seed), nil
}

// A learnable is what one knows after voices were gathered whose intents are known.
type learnable struct {
	voices []example // whether they are where they belong
	ties   []example // whether neighbours want the same
	beside []example // whether themes near each other do
}

// placements gathers voices as companies of several sizes would hear them, as they come
// and again at night.
func placements(ctx context.Context, sense *theme.Sense, place []theme.Example, seed uint64) (learnable, error) {
	var all learnable
	for _, name := range setNames(place) {
		for i, co := range companies(shuffled(place, name, seed)) {
			c, places, _, err := stream(ctx, co.voices, sense)
			if err != nil {
				return all, err
			}
			come := examples(co, places)
			if i == 0 {
				all.ties = append(all.ties, tiesOf(c, co.voices)...)
			}
			for _, p := range c.Consolidate() {
				places[p.Voice-1] = p
			}
			home(c, places)
			if i < 5 {
				all.beside = append(all.beside, besideOf(c, co, places)...)
			}
			all.voices = append(all.voices, halved(append(come, examples(co, places)...))...)
		}
	}
	return all, nil
}

// halved lets each example count half: there are as many of the day as of the night.
func halved(es []example) []example {
	for i := range es {
		es[i].weight /= 2
	}
	return es
}

// besideOf are the pairs of a company's themes that are near each other.
func besideOf(c *theme.Clusterer, co company, places []theme.Placement) []example {
	commonest := commonestIntents(co.voices, places)
	var es []example
	for p, traits := range c.Beside() {
		if len(traits) > 1 {
			es = append(es, example{x: traits, right: oneIf(commonest[p.A] == commonest[p.B])})
		}
	}
	for i := range es {
		es[i].weight = 1 / float64(len(es))
	}
	return es
}

// tiesOf are the pairs of neighbours among a company's voices, every fourth voice's.
func tiesOf(c *theme.Clusterer, voices []intentVoice) []example {
	const every = 4
	var es []example
	c.Ties(func(a, b int64, traits []float64) bool {
		if a%every == 0 {
			es = append(es, example{x: traits, right: oneIf(voices[a-1].intent == voices[b-1].intent)})
		}
		return true
	})
	for i := range es {
		es[i].weight = 1 / float64(len(es))
	}
	return es
}

// A company is voices as one company hears them.
type company struct {
	voices []intentVoice
	weight float64 // of all its placements together
}

// companies returns the voices as one large company would hear them, and some of
// them as smaller ones would, each with a few wishes of its own, and as ones
// that have only just begun: what proves a place differs with how much was heard.
func companies(voices []intentVoice) []company {
	all := []company{{voices, 3}}
	for i := range uint64(4) {
		all = append(all, company{few(voices, i, 20, 8), 0.5})
	}
	for i := range uint64(40) {
		all = append(all, company{few(voices, 100+i, 5, 2), 0.025})
	}
	return all
}

// few returns the voices of some intents, of the first as many as least, of each
// further one two more: some wishes are common, some are not.
func few(voices []intentVoice, seed uint64, wishes, least int) []intentVoice {
	intents := map[string]bool{}
	for _, v := range voices {
		intents[v.intent] = true
	}
	names := slices.Sorted(maps.Keys(intents))
	rng := rand.New(rand.NewPCG(seed, 20))
	rng.Shuffle(len(names), func(a, b int) { names[a], names[b] = names[b], names[a] })
	most := map[string]int{}
	for rank, name := range names[:min(wishes, len(names))] {
		most[name] = least + 2*rank
	}
	return firstOf(voices, most)
}

// firstOf returns the first voices of each intent, as many as most says.
func firstOf(voices []intentVoice, most map[string]int) []intentVoice {
	var part []intentVoice
	got := map[string]int{}
	for _, v := range voices {
		if got[v.intent] < most[v.intent] {
			got[v.intent]++
			v.item.ID = int64(len(part) + 1)
			part = append(part, v)
		}
	}
	return part
}

type example struct {
	x      []float64
	right  float64 // the commonest intent of the theme's other voices
	pure   float64 // the commonest intent of the theme
	weight float64
}

func examples(co company, places []theme.Placement) []example {
	right, strict := agreement(co.voices, places)
	var es []example
	for i, p := range places {
		if p.Theme != 0 && p.CopyOf == 0 {
			es = append(es, example{p.Evidence.Traits(), oneIf(strict[i]), oneIf(right[i]), 1})
		}
	}
	for i := range es {
		es[i].weight = co.weight / float64(len(es))
	}
	return es
}

// Ridges: how firmly weights are held near 0, against examples that weigh about 36
// together where intents are known by thousands, and as much where they are few.
const (
	firmly  = 0.05
	loosely = 0.01
)

// logistic is weighted logistic regression by Newton's method with a small
// ridge (iteratively reweighted least squares).
func logistic(es []example, ridge float64) []float64 {
	const rounds = 25
	n := len(es[0].x)
	w := make([]float64, n)
	for range rounds {
		grad, hess := make([]float64, n), make([][]float64, n)
		for i := range hess {
			hess[i] = make([]float64, n)
			hess[i][i], grad[i] = ridge, -ridge*w[i]
		}
		for _, e := range es {
			p := 1 / (1 + math.Exp(-dot(w, e.x)))
			for i, xi := range e.x {
				grad[i] += e.weight * (e.right - p) * xi
				for j, xj := range e.x {
					hess[i][j] += e.weight * p * (1 - p) * xi * xj
				}
			}
		}
		for i, d := range solve(hess, grad) {
			w[i] += d
		}
	}
	return w
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

// solve is Gaussian elimination with partial pivoting; a and b are used up.
func solve(a [][]float64, b []float64) []float64 {
	n := len(b)
	for c := range n {
		best := c
		for r := c; r < n; r++ {
			if math.Abs(a[r][c]) > math.Abs(a[best][c]) {
				best = r
			}
		}
		a[c], a[best], b[c], b[best] = a[best], a[c], b[best], b[c]
		for r := c + 1; r < n; r++ {
			f := a[r][c] / a[c][c]
			for k := c; k < n; k++ {
				a[r][k] -= f * a[c][k]
			}
			b[r] -= f * b[c]
		}
	}
	for c := n - 1; c >= 0; c-- {
		b[c] = (b[c] - dot(a[c][c+1:], b[c+1:])) / a[c][c]
	}
	return b
}

// atSure returns how pure the examples are that w puts at lastword.Sure or above,
// and which share of all they are.
func atSure(es []example, w []float64) (pure, share float64) {
	good, sum, all := 0.0, 0.0, 0.0
	for _, e := range es {
		all += e.weight
		if 1/(1+math.Exp(-dot(w, e.x))) >= lastword.Sure {
			sum += e.weight
			good += e.weight * e.pure
		}
	}
	return good / max(sum, 1e-9), sum / all
}
