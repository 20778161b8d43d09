package answer_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/answer"
	"lastword/store"
)

// clock stands still unless told to move.
type clock struct {
	sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.Lock()
	defer c.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.Lock()
	defer c.Unlock()
	c.now = c.now.Add(d)
}

// network is a foreign place that takes answers as it is told to.
type network struct {
	lastword.Network
	channel int64
	byHand  bool
	fail    []error // one for each call; nil takes the answer
	lose    bool    // a failed call takes the answer all the same
	taken   map[int64][]string
	asked   int
}

func (n *network) Route(context.Context, lastword.Voice) (lastword.Way, error) {
	if n.byHand {
		return lastword.Way{ReplyOption: lastword.ReplyOption{ByHand: true, Why: "why.by_hand"}}, nil
	}
	return lastword.Way{Channel: n.channel}, nil
}

func (n *network) lookup(name string) (lastword.Network, bool) { return n.Network, name == n.Name }

func (n *network) Reply(_ context.Context, c lastword.Cleared, _ lastword.Post) (string, string, error) {
	a, ok := c.Answer()
	if !ok {
		return "", "", lastword.ErrForbidden
	}
	var err error
	if len(n.fail) > 0 {
		err, n.fail = n.fail[0], n.fail[1:]
	}
	if err == nil || n.lose {
		n.taken[a.ID] = append(n.taken[a.ID], a.Text)
	}
	return fmt.Sprint("native-", a.ID), fmt.Sprint("https://net.example/", a.ID), err
}

func (n *network) Find(_ context.Context, c lastword.Cleared, _ lastword.Post) (string, string, bool, error) {
	n.asked++
	a, _ := c.Answer()
	return fmt.Sprint("native-", a.ID), fmt.Sprint("https://net.example/", a.ID), len(n.taken[a.ID]) > 0, nil
}

// places makes a network the only place there is.
type places struct{ *network }

func (p places) Network(name string) (lastword.Network, bool) { return p.lookup(name) }

// house is a company with voices, in a store of its own.
type house struct {
	testing.TB
	ctx              context.Context
	db               *store.DB
	step             *answer.Step
	net              *network
	clock            *clock
	company          lastword.Company
	director, second lastword.Member
	staff            lastword.Member
	channel          lastword.Leased
	said             int
}

func newHouse(t testing.TB, rule lastword.Rule) *house {
	t.Helper()
	c := &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	h := &house{TB: t, ctx: t.Context(), clock: c}
	db, err := store.Open(h.ctx, store.Options{Folder: t.TempDir(), Now: c.Now})
	h.must(err)
	h.db = db
	t.Cleanup(func() { h.must(db.Close()) })
	h.company, err = db.AddCompany(h.ctx, lastword.Company{Name: "Muster GmbH", Lang: "de", Zone: "Europe/Berlin", Rule: rule, Minutes: 10})
	h.must(err)
	h.director, h.second = h.member("Anna Lind", lastword.Director), h.member("Jens Lind", lastword.Director)
	h.staff = h.member("Kim Roth", lastword.Staff)
	ch, err := db.SaveChannel(h.ctx, h.director, lastword.Channel{Connector: "bluesky", Name: "wir", All: true})
	h.must(err)
	h.channel, err = db.LeaseOne(h.ctx, "test", h.company.ID, ch.ID, c.Now().Add(1000*time.Hour))
	h.must(err)
	h.net = &network{channel: ch.ID, taken: map[int64][]string{},
		Network: lastword.Network{Name: "bluesky", Reply: true, Limit: 300, Unit: lastword.Graphemes, MaxBytes: 3000}}
	h.step = &answer.Step{Store: db, Places: places{h.net}, Now: c.Now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler)}
	return h
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) member(name string, role lastword.Role) lastword.Member {
	h.Helper()
	m, err := h.db.SaveMember(h.ctx, lastword.Member{Company: h.company.ID}, lastword.Member{Name: name, Role: role, Lang: "de"})
	h.must(err)
	return m
}

// say lets n people say something, each once, and gathers it into a theme.
func (h *house) say(n int, change func(*lastword.Post)) (theme int64) {
	h.Helper()
	events := make([]lastword.Event, n)
	for i := range events {
		p := lastword.Post{Network: "bluesky", Key: fmt.Sprint("post-", h.said), Text: "Bitte wieder Ersatzteile anbieten",
			Author: lastword.Author{Key: fmt.Sprint("who-", h.said), Handle: fmt.Sprint("wer", h.said), Name: "Wer auch immer"},
			SaidAt: h.clock.Now().Add(time.Duration(i-n) * time.Second)}
		if change != nil {
			change(&p)
		}
		events[i] = lastword.Event{Post: p}
		h.said++
	}
	_, err := h.db.SaveHeard(h.ctx, h.channel, "c", events, nil)
	h.must(err)
	th := lastword.Theme{ID: h.db.NewID(), Company: h.company.ID, Name: "Ersatzteile", Lang: "de"}
	var labels []lastword.Label
	var places []lastword.Membership
	for _, v := range h.voices(n) {
		labels = append(labels, lastword.Label{Voice: v.ID, Language: "de", Kinds: lastword.Wish, About: 1, Version: 1})
		places = append(places, lastword.Membership{Voice: v.ID, Theme: th.ID, Fit: 0.95})
	}
	h.must(h.db.SaveLabels(h.ctx, h.company.ID, labels))
	_, stamp, err := h.db.LiveThemes(h.ctx, h.company.ID)
	h.must(err)
	_, err = h.db.SavePlacements(h.ctx, h.company.ID, stamp, []lastword.Theme{th}, places)
	h.must(err)
	return th.ID
}

func (h *house) voices(n int) []lastword.VoiceRow {
	h.Helper()
	vs, err := h.db.FindVoices(h.ctx, h.company.ID, lastword.VoiceFilter{Limit: n})
	h.must(err)
	if len(vs) != n {
		h.Fatalf("%d voices are kept, want %d", len(vs), n)
	}
	return vs
}

// decide lets a yes stand by as many directors as the rule demands.
func (h *house) decide(theme int64) lastword.Decision {
	h.Helper()
	d := lastword.Decision{ID: h.db.NewID(), Company: h.company.ID, Theme: theme, Verdict: lastword.Yes, By: h.director.ID,
		Reason: map[string]string{"de": "Viele haben darum gebeten.", "en": "Many asked for it."}}
	for i, m := range []lastword.Member{h.director, h.second} {
		r := lastword.Release{Company: h.company.ID, Subject: lastword.OfDecision, ID: d.ID, Digest: d.Digest(), By: m.ID}
		e := lastword.Entry{Company: h.company.ID, By: m.ID, Act: "test", Subject: lastword.OfDecision, Detail: "{}"}
		kept, err := h.db.ConsentDecision(h.ctx, d, i == 0, r, e)
		h.must(err)
		if !kept.Stands.IsZero() {
			return kept
		}
	}
	h.Fatal("the decision does not stand")
	return d
}

// drafted says, decides and drafts, and returns the answers.
func (h *house) drafted(n int, change func(*lastword.Post)) []lastword.AnswerRow {
	h.Helper()
	d := h.decide(h.say(n, change))
	drafted, err := h.step.Draft(h.ctx, h.company.ID, d.ID)
	h.must(err)
	if drafted != n {
		h.Fatalf("%d drafts, want %d", drafted, n)
	}
	return h.answers()[:n]
}

// answers lists all, newest first.
func (h *house) answers() []lastword.AnswerRow {
	h.Helper()
	as, err := h.db.Answers(h.ctx, h.company.ID, lastword.AnswerFilter{Limit: 2000})
	h.must(err)
	return as
}

func (h *house) answer(id int64) lastword.AnswerRow {
	h.Helper()
	a, err := h.db.AnswerRow(h.ctx, h.company.ID, id)
	h.must(err)
	return a
}

// release releases answers as they are.
func (h *house) release(m lastword.Member, as ...lastword.AnswerRow) answer.Outcome {
	h.Helper()
	o, err := h.step.Release(h.ctx, m, consents(as...))
	h.must(err)
	return o
}

func consents(as ...lastword.AnswerRow) []answer.Consent {
	cs := make([]answer.Consent, len(as))
	for i, a := range as {
		cs[i] = answer.Consent{ID: a.ID, Digest: answer.Digest(a.Answer)}
	}
	return cs
}

// deliver does the job of delivering, once.
func (h *house) deliver(id int64) error {
	return h.step.Do(h.ctx, lastword.Job{Kind: lastword.Deliver, Company: h.company.ID, IDs: []int64{id}})
}

func ids(as []lastword.AnswerRow) []int64 {
	all := make([]int64, len(as))
	for i, a := range as {
		all[i] = a.ID
	}
	return all
}
