package model_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/internal/badmodel"
	"lastword/internal/httpx"
	"lastword/internal/openai"
	"lastword/model"
	"lastword/store"
)

// house is a company with an endpoint, on a real store.
type house struct {
	*testing.T
	db       *store.DB
	step     *model.Step
	server   *badmodel.Server
	director lastword.Member
	mu       sync.Mutex
	at       time.Time
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{T: t, at: time.Date(2026, 11, 23, 22, 50, 0, 0, time.UTC), server: badmodel.New()}
	t.Cleanup(h.server.Close)
	db, err := store.Open(t.Context(), store.Options{Folder: t.TempDir(), Now: h.now})
	h.must(err)
	t.Cleanup(func() { h.must(db.Close()) })
	h.db = db
	c, err := db.AddCompany(t.Context(), lastword.Company{Name: "Lind", Lang: "de", Zone: "Europe/Berlin", Rule: lastword.AnyDirector})
	h.must(err)
	h.director, err = db.SaveMember(t.Context(), lastword.Member{Company: c.ID}, lastword.Member{Name: "Anna", Role: lastword.Director})
	h.must(err)
	client := httpx.New(httpx.Options{Allow: []string{h.server.Host}, Pace: -1, Timeout: 4 * time.Second, MaxBody: 1 << 20})
	t.Cleanup(client.Close)
	h.step = &model.Step{Store: db, Now: h.now, Log: slog.New(slog.DiscardHandler), Client: &openai.Client{
		HTTP: client.HTTP(), Pause: func(context.Context, time.Duration) error { return nil }}}
	h.server.Chat = func(string, string) string { return `{"answer":"Halbe Größen."}` }
	h.save(1_000_000)
	h.on()
	return h
}

func (h *house) save(budget int64) {
	h.Helper()
	h.must(h.db.SaveModel(h.Context(), h.director, lastword.Model{Address: h.server.URL, Key: "sk-secret", Embed: "e", Chat: "c", Budget: budget}))
}

func (h *house) on() {
	h.Helper()
	m, err := h.db.Model(h.Context(), h.director.Company)
	h.must(err)
	h.must(h.db.SwitchModel(h.Context(), h.director, true, m.Digest()))
}

func (h *house) ask() error {
	var into struct{ Answer string }
	return h.step.Ask(h.Context(), h.director.Company, lastword.Ask{Name: "x", Task: "Say it.", Most: 100,
		Data: []lastword.Datum{{ID: 1, Text: "Frag mia@example.org oder @mia, Tel. 0631 4455667, https://x.example/y?z=1"}}}, &into)
}

func TestAskMasksWhoSpeaks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(h.ask())
	body := h.server.Seen()[0].Body
	for _, leak := range []string{"mia", "4455667", "x.example"} {
		if strings.Contains(body, leak) {
			t.Errorf("%q leaves the house: %s", leak, body)
		}
	}
	if !strings.Contains(body, "[account] oder [account]") {
		t.Errorf("sent %s", body)
	}
}

func TestOffAsksNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(h.db.SwitchModel(t.Context(), h.director, false, ""))
	if err := h.ask(); !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("asked while off: %v", err)
	}
	said := []lastword.Saying{{Voice: -1, Text: "a"}}
	if space, at := h.step.Directions(t.Context(), h.director.Company, said, true); space != "" || len(at) != 0 {
		t.Errorf("%q, %v while off", space, at)
	}
	if n := len(h.server.Seen()); n != 0 {
		t.Errorf("%d requests while off", n)
	}
}

// The budget is a day's in the company's zone; what a call did not take is given
// back, and what it took beyond is counted.
func TestBudget(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(h.ask())
	state, err := h.step.State(t.Context(), h.director.Company)
	h.must(err)
	if state.Spent != 100 || state.Why != "" {
		t.Fatalf("%+v after a call of 100 tokens", state)
	}
	h.save(600)
	n := len(h.server.Seen())
	for range 5 {
		err = h.ask()
	}
	if !errors.Is(err, lastword.ErrUnavailable) || len(h.server.Seen()) == n {
		t.Errorf("%v after %d requests", err, len(h.server.Seen())-n)
	}
	state, err = h.step.State(t.Context(), h.director.Company)
	h.must(err)
	if state.Spent > 600 || state.Why != "model.why.spent" {
		t.Errorf("%+v of 600", state)
	}
	h.pass(15 * time.Minute) // 0:05 in Berlin
	h.must(h.ask())
	h.server.Fault = func(int, string) badmodel.Fault { return badmodel.Broken }
	before, err := h.step.State(t.Context(), h.director.Company)
	h.must(err)
	if err := h.ask(); err == nil {
		t.Error("a broken server answered")
	}
	after, err := h.step.State(t.Context(), h.director.Company)
	h.must(err)
	if before.Spent != after.Spent || after.Why != "model.why.failing" {
		t.Errorf("%+v, then %+v", before, after)
	}
}

// An endpoint that keeps failing is left alone for a while, then asked once.
func TestFuse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	fault := badmodel.Shape
	h.server.Fault = func(int, string) badmodel.Fault { return fault }
	for range 10 {
		if err := h.ask(); err == nil {
			t.Fatal("it answered")
		}
	}
	if n := len(h.server.Seen()); n != 3 {
		t.Errorf("%d requests before it was left alone", n)
	}
	h.pass(31 * time.Second)
	for range 3 {
		if err := h.ask(); err == nil {
			t.Fatal("it answered")
		}
	}
	if n := len(h.server.Seen()); n != 4 {
		t.Errorf("%d requests after the rest", n)
	}
	fault = badmodel.None
	if err := h.ask(); !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("asked too soon: %v", err)
	}
	h.pass(11 * time.Minute)
	h.must(h.ask())
	h.must(h.ask())
}

func TestDirectionsAreAskedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	said := []lastword.Saying{{Voice: -1, Text: "Halbe Größen"}, {Voice: -2, Text: "Half sizes"}, {Voice: -3, Text: "Halbe Größen"}}
	for range 2 {
		space, at := h.step.Directions(t.Context(), h.director.Company, said, true)
		if space == "" || len(at) != 3 {
			t.Fatalf("%q, %v", space, at)
		}
	}
	if n := len(h.server.Seen()); n != 1 {
		t.Errorf("%d requests", n)
	}
	if strings.Count(h.server.Seen()[0].Body, "Halbe") != 1 {
		t.Error("the same text was asked about twice")
	}
	if _, at := h.step.Directions(t.Context(), h.director.Company, []lastword.Saying{{Voice: -4, Text: "neu"}}, false); len(at) != 0 || len(h.server.Seen()) != 1 {
		t.Error("asked though only what is kept was wanted")
	}
}

// A failure in the midst of many texts: those before it are known.
func TestDirectionsHalfWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.server.Fault = func(n int, _ string) badmodel.Fault {
		if n > 1 {
			return badmodel.Broken
		}
		return badmodel.None
	}
	var said []lastword.Saying
	for i := range 200 {
		said = append(said, lastword.Saying{Voice: int64(-1 - i), Text: strings.Repeat("x", i+1)})
	}
	if _, at := h.step.Directions(t.Context(), h.director.Company, said, true); len(at) != openai.MostTexts {
		t.Errorf("%d are known", len(at))
	}
}

func TestTry(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(h.db.SwitchModel(t.Context(), h.director, false, ""))
	got, err := h.step.Try(t.Context(), h.director.Company)
	h.must(err)
	if got.Said != "Halbe Größen." || got.Numbers != 2 || got.EmbedWhy+got.ChatWhy != "" {
		t.Errorf("%+v", got)
	}
	for fault, why := range map[badmodel.Fault]string{
		badmodel.Denied: "model.why.denied", badmodel.Busy: "model.why.busy", badmodel.Broken: "model.why.failing", badmodel.Page: "model.why.shape",
		badmodel.Huge: "model.why.large", badmodel.Slow: "model.why.slow", badmodel.Cut: "model.why.unreachable",
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.server.Fault = func(int, string) badmodel.Fault { return fault }
			if got, err := h.step.Try(t.Context(), h.director.Company); err != nil || got.EmbedWhy != why || got.ChatWhy != why || got.Said != "" {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	s := &model.Step{Inner: func(host string) bool { return host == "127.0.0.1:11434" || host == "gpu.inner" }}
	for address, key := range map[string]string{
		"https://models.example/v1":       "",
		"http://127.0.0.1:11434/v1":       "",
		"http://gpu.inner:8000/v1":        "",
		"http://models.example/v1":        "mistake.model_plain",
		"http://127.0.0.1:22/v1":          "mistake.model_plain",
		"ftp://models.example/v1":         "mistake.model_address",
		"https://a:b@models.example/v1":   "mistake.model_address",
		"https://models.example/v1?key=1": "mistake.model_address",
		"models.example":                  "mistake.model_address",
		"":                                "mistake.model_address",
	} {
		err := s.Check(lastword.Model{Address: address, Embed: "e", Budget: 1})
		var m *lastword.Mistake
		if key == "" && err != nil || key != "" && (!errors.As(err, &m) || m.Key != key) {
			t.Errorf("%q: %v, want %q", address, err, key)
		}
	}
	if s.Check(lastword.Model{Address: "https://m.example", Budget: 1}) == nil || s.Check(lastword.Model{Address: "https://m.example", Chat: "c"}) == nil {
		t.Error("no model, or no budget, is fine")
	}
}
