package theme_test

import (
	"context"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/internal/badmodel"
	"lastword/internal/httpx"
	"lastword/internal/openai"
	"lastword/model"
	"lastword/theme"
)

// foreign are English voices that want what German ones do and share no words with
// them, nor with each other.
var foreign = []spoken{
	{"half", "Your shoe numbers jump too far, I always fall into the gap.", "", "en", problem},
	{"laces", "These strings snapped on day one.", "", "en", problem},
	{"late", "Still nothing at my door after a fortnight.", "", "en", problem},
	{"vienna", "Austria deserves a branch of yours, the capital first.", "", "en", wish},
}

// polyglot is an endpoint whose vectors depend on what a text is about and hardly
// on its language; like many models it puts all texts near each other.
func polyglot(text string) []float64 {
	subject := text
	for _, v := range slices.Concat(invented, foreign) {
		if v.text == text && v.about != "none" {
			subject = v.about
		}
	}
	for i, r := range theme.Reference() {
		if r.Text == text {
			subject = theme.Reference()[i/2*2].Text
		}
	}
	at := make([]float64, 96)
	for i, part := range []string{"all", subject, text} {
		rng := seeded(part)
		for j := range at {
			at[j] += [3]float64{2, 1, 0.5}[i] * rng.NormFloat64()
		}
	}
	return at
}

func seeded(s string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // a hash takes everything
	return rand.New(rand.NewPCG(h.Sum64(), 1))
}

// memory keeps what model.Step keeps.
type memory struct {
	*shelf
	model lastword.Model
	mu    sync.Mutex
	spent int64
	kept  map[string]lastword.Direction
}

func (m *memory) Model(context.Context, int64) (lastword.Model, error) { return m.model, nil }

func (m *memory) Spend(_ context.Context, _, _, tokens, budget int64) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if tokens > 0 && m.spent+tokens > budget {
		return false, nil
	}
	m.spent += tokens
	return true, nil
}

func (m *memory) Spent(context.Context, int64, int64) (int64, error) { return m.spent, nil }

func (m *memory) Directions(_ context.Context, _ int64, space string, digests []string) (map[string]lastword.Direction, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := map[string]lastword.Direction{}
	for _, d := range digests {
		if at, ok := m.kept[space+d]; ok {
			found[d] = at
		}
	}
	return found, nil
}

func (m *memory) SaveDirections(_ context.Context, _ int64, space string, _ []int64, digests []string, at []lastword.Direction) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, d := range digests {
		m.kept[space+d] = at[i]
	}
	return nil
}

// lent is a step with an endpoint, and voices in two languages to gather.
type lent struct {
	*shelf
	step   *theme.Step
	server *badmodel.Server
	store  *memory
	ids    []int64
}

func newLent(t *testing.T) *lent {
	t.Helper()
	server := badmodel.New()
	t.Cleanup(server.Close)
	server.Embed = polyglot
	client := httpx.New(httpx.Options{Allow: []string{server.Host}, Pace: -1, Timeout: time.Minute})
	t.Cleanup(client.Close)
	vs, ids := said()
	for i, f := range foreign {
		id := int64(len(invented) + 1 + i)
		vs = append(vs, voiceOf(theme.Item{ID: id, Text: f.text, Lang: f.lang, Kinds: f.kinds}, 0, 0))
		ids = append(ids, id)
	}
	l := &lent{shelf: newShelf(t, vs...), server: server, ids: ids}
	l.store = &memory{shelf: l.shelf, kept: map[string]lastword.Direction{}, model: lastword.Model{
		Company: 1, Address: server.URL, Embed: "polyglot", On: true, Budget: 1_000_000}}
	asks := &model.Step{Store: l.store, Now: time.Now, Log: slog.New(slog.DiscardHandler), Client: &openai.Client{
		HTTP: client.HTTP(), Pause: func(context.Context, time.Duration) error { return nil }}}
	l.step = &theme.Step{Store: l.shelf, Desk: l.shelf, Meanings: asks}
	return l
}

func (l *lent) gather(ids ...int64) {
	l.t.Helper()
	if err := l.step.Do(l.t.Context(), lastword.Job{Kind: lastword.Gather, Company: 1, IDs: ids}); err != nil {
		l.t.Fatal(err)
	}
}

// themeOf is where most voices about something are.
func (l *lent) themeOf(what string) int64 {
	count, best := map[int64]int{}, int64(0)
	for _, id := range about(what) {
		if th := l.voices[id].Theme; th != 0 {
			if count[th]++; count[th] > count[best] {
				best = th
			}
		}
	}
	return best
}

// joined are those of the foreign voices that are in the theme of what they want.
func (l *lent) joined() (n int) {
	for i, f := range foreign {
		if v := l.voices[int64(len(invented)+1+i)]; v.Theme != 0 && v.Theme == l.themeOf(f.about) {
			n++
		}
	}
	return n
}

// mixed tells themes that hold voices about different things.
func (l *lent) mixed() (themes []map[string]int) {
	by := map[int64]map[string]int{}
	for i, v := range slices.Concat(invented, foreign) {
		if th := l.voices[int64(i+1)].Theme; th != 0 && v.about != "none" {
			if by[th] == nil {
				by[th] = map[string]int{}
			}
			by[th][v.about]++
		}
	}
	for _, abouts := range by {
		if len(abouts) > 1 {
			themes = append(themes, abouts)
		}
	}
	return themes
}

// With an endpoint, who says it in English is where those are who say it in German;
// but no such voice is surely there until a person has looked.
func TestEndpointJoinsLanguages(t *testing.T) {
	t.Parallel()
	l := newLent(t)
	l.gather(l.ids...)
	if n := l.joined(); n != len(foreign) {
		t.Errorf("%d of %d voices joined across languages", n, len(foreign))
	}
	if m := l.mixed(); len(m) > 0 {
		t.Errorf("mixed themes: %v", m)
	}
	for i, f := range foreign {
		if v := l.voices[int64(len(invented)+1+i)]; v.Fit >= lastword.Sure {
			t.Errorf("%q is surely there (%.3f) by an endpoint's word", f.text, v.Fit)
		}
	}
	sure := 0
	for _, v := range l.voices {
		if v.Fit >= lastword.Sure {
			sure++
		}
	}
	if sure < 6 { // 11 without an endpoint
		t.Errorf("only %d voices are sure: the endpoint makes work", sure)
	}
	for _, r := range l.server.Seen() {
		if strings.Contains(r.Body, "Falkenhorst GmbH") || r.Path != "/v1/embeddings" {
			t.Errorf("sent %s %s", r.Path, r.Body)
		}
	}
	asked := len(l.server.Seen())
	fresh := &theme.Step{Store: l.shelf, Desk: l.shelf, Meanings: l.step.Meanings}
	before := l.themeOf("half")
	again := int64(len(l.ids) + 1)
	l.voices[again] = voiceOf(theme.Item{ID: again, Text: foreign[0].text + " Really!", Lang: "en", Kinds: problem}, 0, 0)
	l.step = fresh
	l.gather(again)
	if n := len(l.server.Seen()) - asked; n != 1 {
		t.Errorf("%d requests for one new voice after a restart", n)
	}
	if l.themeOf("half") != before || l.joined() != len(foreign) {
		t.Error("a restart moved voices")
	}
}

func TestWithoutEndpointTheyStayApart(t *testing.T) {
	t.Parallel()
	l := newLent(t)
	l.store.model.On = false
	l.gather(l.ids...)
	if n := l.joined(); n == len(foreign) {
		t.Errorf("all %d joined by the program alone: the test shows nothing", n)
	}
	if n := len(l.server.Seen()); n != 0 {
		t.Errorf("%d requests though it is off", n)
	}
}

// An endpoint that is of no use changes nothing: what is saved is, byte by byte,
// what is saved without one.
func TestUselessEndpointChangesNothing(t *testing.T) {
	t.Parallel()
	alone := newLent(t)
	alone.store.model.On = false
	alone.gather(alone.ids...)
	for _, f := range []badmodel.Fault{badmodel.Broken, badmodel.Busy, badmodel.Cut, badmodel.Shape, badmodel.Page, badmodel.Denied, "same", "spent"} {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			l := newLent(t)
			switch f {
			case "same": // everything lies in one place
				l.server.Embed = func(string) []float64 { return []float64{1, 2, 3} }
			case "spent":
				l.store.model.Budget = 1
			default:
				l.server.Fault = func(int, string) badmodel.Fault { return f }
			}
			l.gather(l.ids...)
			if !reflect.DeepEqual(l.voices, alone.voices) || !reflect.DeepEqual(l.themes, alone.themes) {
				t.Error("voices or themes differ from those without an endpoint")
			}
		})
	}
}

// An endpoint that fails half-way: the themes stay the themes they are, and who
// comes later is placed by the program alone.
func TestEndpointFailsHalfWay(t *testing.T) {
	t.Parallel()
	l := newLent(t)
	half := slices.Concat(l.ids[:26], l.ids[len(invented):])
	l.gather(half...)
	joined, themes := l.joined(), map[string]int64{}
	if joined == 0 {
		t.Fatal("nobody joined across languages")
	}
	for _, what := range []string{"half", "laces", "late", "vegan", "vienna"} {
		themes[what] = l.themeOf(what)
	}
	l.server.Fault = func(int, string) badmodel.Fault { return badmodel.Broken }
	l.gather(l.ids[26:len(invented)]...)
	for what, id := range themes {
		if got := l.themeOf(what); id != 0 && got != id {
			t.Errorf("%s went from theme %d to %d", what, id, got)
		}
	}
	if n := l.joined(); n != joined {
		t.Errorf("%d voices are joined across languages, %d before", n, joined)
	}
	if m := l.mixed(); len(m) > 0 {
		t.Errorf("mixed themes: %v", m)
	}
	for _, id := range []int64{33, 34} { // Vienna and a late parcel, said after it failed
		if v := l.voices[id]; v.Theme != l.themeOf(invented[id-1].about) {
			t.Errorf("%q is in theme %d", v.Text, v.Theme)
		}
	}
}

// What was not said in public does not leave the house.
func TestPrivateVoicesStayInside(t *testing.T) {
	t.Parallel()
	l := newLent(t)
	v := l.voices[4]
	v.Private = true
	l.voices[4] = v
	hidden := l.voices[5]
	hidden.Hidden = true
	l.voices[5] = hidden
	l.gather(l.ids...)
	if len(l.server.Seen()) == 0 {
		t.Fatal("nothing was asked")
	}
	for _, r := range l.server.Seen() {
		if strings.Contains(r.Body, "halbe größen") || strings.Contains(r.Body, "Seit 12 Tagen") {
			t.Error("a private or hidden voice was sent")
		}
	}
	if l.voices[4].Theme != l.themeOf("half") {
		t.Error("the private voice is not with the others")
	}
}
