package app

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/internal/badplace"
)

// A record says what should be stored of a stream, worked out from what was said
// and nothing else: a post is kept from the first wording on that the query
// wants, follows its author's edits, and goes when it is deleted.
type record struct {
	stream *badplace.Jetstream
	chance *rand.Rand
	posts  []*modelPost
}

type modelPost struct {
	did, rkey, text string
	kept, gone      bool
	edits           int
}

func (p *modelPost) key() string { return "at://" + p.did + "/app.bsky.feed.post/" + p.rkey }

// wording is a text that the query wants, or not.
func (m *record) wording(n, version int, wanted bool) string {
	thing := "Das Wetter"
	if wanted {
		thing = "Der Hobel"
	}
	return fmt.Sprintf("%s Nummer %d wäre in der %d. Fassung besser.", thing, n, version)
}

// step lets somebody say, edit or delete something.
func (m *record) step() {
	old := m.any()
	switch what := m.chance.IntN(10); {
	case old == nil || what < 6:
		m.say(m.chance.IntN(3) == 0)
	case what < 9:
		old.edits++
		m.edit(old, m.chance.IntN(2) == 0)
	default:
		m.stream.Delete(old.did, old.rkey)
		old.gone = true
	}
}

func (m *record) say(wanted bool) *modelPost {
	n := len(m.posts)
	p := &modelPost{did: did(m.chance.IntN(300)), rkey: rkey(n), text: m.wording(n, 1, wanted), kept: wanted}
	m.stream.Say(p.did, p.rkey, p.text)
	m.posts = append(m.posts, p)
	return p
}

func (m *record) edit(p *modelPost, wanted bool) {
	p.text = m.wording(len(m.posts), p.edits+1, wanted)
	p.kept = p.kept || wanted
	m.stream.Edit(p.did, p.rkey, p.text)
}

// any returns a post that is still there, mostly a young one.
func (m *record) any() *modelPost {
	if len(m.posts) == 0 {
		return nil
	}
	back := 1 + m.chance.IntN(min(len(m.posts), []int{20, 20, 5000}[m.chance.IntN(3)]))
	if p := m.posts[len(m.posts)-back]; !p.gone {
		return p
	}
	return nil
}

// speak lets people speak until told to stop.
func (m *record) speak(stop <-chan struct{}) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			m.step()
		}
	}
}

// A stream that is heard by a process that is killed again and again, over
// connections that end again and again, is stored as if nothing had happened.
func TestCrashStream(t *testing.T) {
	t.Parallel()
	stream := badplace.NewJetstream()
	t.Cleanup(stream.Close)
	stream.CutAfter = 400
	h := newHouse(t, "")
	h.query("Hobel")
	inner := strings.TrimPrefix(stream.URL(), "http://")
	channel := h.channel(lastword.Channel{Connector: "bluesky", Name: "Strom", Settings: map[string]string{"hosts": stream.URL()}})
	m := &record{stream: stream, chance: rand.New(rand.NewPCG(3, 4))}
	for range 700 {
		m.step() // what was said before anybody listened, within the hour
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { defer close(stopped); m.speak(stop) }()
	chance := rand.New(rand.NewPCG(5, 6))
	for n := range kills() {
		before, c := stream.Connections(), h.serve(inner)
		if n%4 != 0 { // otherwise it may die before it listens
			await(t, "the stream is heard", longest, func() bool { return stream.Connections() > before })
		}
		linger(c, time.Duration(chance.IntN(1000))*time.Millisecond)
		c.kill()
	}
	close(stop)
	<-stopped
	last := m.say(true)
	c := h.serve(inner)
	h.beside(func(a *App) {
		await(t, "everything is heard and understood", longest, func() bool {
			vs, err := a.DB.FindVoices(t.Context(), h.company.ID, lastword.VoiceFilter{Search: fmt.Sprintf("%q", last.text)})
			h.must(err)
			open, err := a.DB.OpenJobs(t.Context())
			h.must(err)
			return len(vs) == 1 && open == 0
		})
	})
	c.stop()
	t.Logf("%d posts on %d connections", len(m.posts), stream.Connections())
	h.inside(func(a *App) {
		h.holdsModel(a, m, channel)
		h.allUnderstood(a)
		h.themesCount(a)
		h.auditHolds(a)
	})
}

// holdsModel compares the store with what should be in it.
func (h *house) holdsModel(a *App, m *record, channel lastword.Channel) {
	h.Helper()
	stored := map[string]lastword.VoiceRow{}
	for _, v := range h.voices(a) {
		stored[v.Key] = v
	}
	kept, gone := 0, 0
	for _, p := range m.posts {
		v, there := stored[p.key()]
		switch {
		case there != p.kept:
			h.Errorf("%s %q is stored: %v, want %v", p.key(), p.text, there, p.kept)
		case !there:
			continue
		case p.gone && (v.GoneAt.IsZero() || v.Text != ""):
			h.Errorf("%s is deleted and still there: %q", p.key(), v.Text)
		case !p.gone && v.Text != p.text:
			h.Errorf("%s reads %q, want %q", p.key(), v.Text, p.text)
		}
		kept++
		if p.gone {
			gone++
		}
	}
	if len(stored) != kept || kept == 0 || gone == 0 {
		h.Errorf("%d voices are stored, want %d of which %d are gone", len(stored), kept, gone)
	}
	h.countsOnce(a, channel, kept)
}

// countsOnce proves that what was heard twice was counted once.
func (h *house) countsOnce(a *App, channel lastword.Channel, kept int) {
	h.Helper()
	c, err := a.DB.Channel(h.Context(), h.company.ID, channel.ID)
	h.must(err)
	qs, err := a.DB.Queries(h.Context(), h.company.ID)
	h.must(err)
	totals, err := a.DB.Totals(h.Context(), h.company.ID, time.Time{})
	h.must(err)
	if int(c.Health.Heard) != kept || int(qs[0].Hits) != kept || totals.Heard != kept {
		h.Errorf("the channel heard %d, the query hit %d, the days count %d; want %d", c.Health.Heard, qs[0].Hits, totals.Heard, kept)
	}
}
