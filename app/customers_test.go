package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/answer"
	"lastword/internal/badplace"
)

// A customers is a house whose customers wait for answers at a bad place.
type customers struct {
	*house
	pds     *badplace.PDS
	stream  *badplace.Jetstream
	channel lastword.Channel
	answers []lastword.AnswerRow // as released
}

const appPassword = "abcd-efgh-ijkl-mnop"

// newCustomers lets n customers ask for the same thing.
func newCustomers(t testing.TB, database string, n int) *customers {
	c := &customers{house: newHouse(t, database), pds: badplace.NewPDS(appPassword), stream: badplace.NewJetstream()}
	t.Cleanup(c.pds.Close)
	t.Cleanup(c.stream.Close)
	c.channel = c.house.channel(lastword.Channel{Connector: "blueskyaccount", Name: "Hobelwerk", All: true,
		Settings: c.pds.Settings(c.stream.URL()), Secrets: map[string]string{"password": appPassword}})
	c.inside(func(a *App) { c.ask(a, n) })
	return c
}

// ask stores what the customers said, in a theme to which it surely belongs.
func (c *customers) ask(a *App, n int) {
	c.Helper()
	var events []lastword.Event
	for i := range n {
		text := fmt.Sprintf("Bitte baut den Hobel für Linkshänder, ich bin die %d., die fragt.", i+1)
		key := c.pds.Ask(did(i), rkey(i), text)
		events = append(events, lastword.Event{Op: lastword.Said, Post: lastword.Post{Network: "bluesky", Key: key, Text: text, Lang: "de",
			Author: lastword.Author{Key: did(i), Handle: fmt.Sprintf("kundin%d.test", i)}, SaidAt: time.Now().Add(-time.Hour)}})
	}
	l, err := a.DB.LeaseOne(c.Context(), "test", c.company.ID, c.channel.ID, time.Now().Add(time.Minute))
	c.must(err)
	_, err = a.DB.SaveHeard(c.Context(), l, "", events, nil)
	c.must(err)
	c.must(a.DB.Release(c.Context(), l, lastword.Health{State: lastword.Fine}))
	_, stamp, err := a.DB.LiveThemes(c.Context(), c.company.ID)
	c.must(err)
	th := lastword.Theme{ID: a.DB.NewID(), Company: c.company.ID, Name: "Linkshänder", Lang: "de", Kinds: lastword.Wish}
	var placed []lastword.Membership
	for _, v := range c.voices(a) {
		placed = append(placed, lastword.Membership{Voice: v.ID, Theme: th.ID, Fit: 1})
	}
	_, err = a.DB.SavePlacements(c.Context(), c.company.ID, stamp, []lastword.Theme{th}, placed)
	c.must(err)
	d, err := a.decisions.Decide(c.Context(), c.director, th.ID, lastword.Decision{Verdict: lastword.Yes,
		Reason: map[string]string{"de": "Der Hobel für Linkshänder kommt im Mai."}})
	c.must(err)
	drafted, err := a.answers.Draft(c.Context(), c.company.ID, d.ID)
	c.must(err)
	if drafted != n {
		c.Fatalf("%d drafts, want %d", drafted, n)
	}
}

// all lists the answers.
func (c *customers) all(a *App) []lastword.AnswerRow {
	c.Helper()
	as, err := a.DB.Answers(c.Context(), c.company.ID, lastword.AnswerFilter{Limit: 1000})
	c.must(err)
	return as
}

// release gives the director's word on up to n drafts.
func (c *customers) release(a *App, n int) {
	c.Helper()
	var consents []answer.Consent
	for _, row := range c.all(a) {
		if row.State == lastword.Draft && len(consents) < n {
			c.answers = append(c.answers, row)
			consents = append(consents, answer.Consent{ID: row.ID, Digest: row.Digest()})
		}
	}
	out, err := a.answers.Release(c.Context(), c.director, consents)
	c.must(err)
	if out.Released != len(consents) {
		c.Fatalf("released %+v, want %d", out, len(consents))
	}
}

// serve starts the program with the bad place within reach.
func (c *customers) serve() *child {
	c.Helper()
	return c.house.serve(append(c.pds.Hosts(), strings.TrimPrefix(c.stream.URL(), "http://"))...)
}

// awaitStates waits until all released answers are in the state.
func (c *customers) awaitStates(limit time.Duration, want lastword.AnswerState) {
	c.Helper()
	c.beside(func(a *App) {
		var counts map[lastword.AnswerState]int
		defer func() {
			if c.Failed() {
				c.Logf("answers: %v", counts)
			}
		}()
		await(c, "all answers are "+string(want), limit, func() bool {
			var err error
			counts, err = a.DB.AnswerCounts(c.Context(), c.company.ID, 0)
			c.must(err)
			return counts[want] == len(c.answers)
		})
	})
}

// answeredOnce proves that each released answer stands once at the place, under
// the voice that it goes to, and that its circle is closed.
func (c *customers) answeredOnce(a *App) {
	c.Helper()
	at := map[string][]badplace.Record{}
	for _, r := range c.pds.Records() {
		at[r.Parent] = append(at[r.Parent], r)
	}
	for _, was := range c.answers {
		got := at[was.Voice.Key]
		if len(got) != 1 || got[0].Text != was.Text {
			c.Errorf("at %s stands %+v, want %q once", was.Voice.Key, got, was.Text)
		}
	}
	if n := len(c.pds.Records()); n != len(c.answers) {
		c.Errorf("%d records, want %d", n, len(c.answers))
	}
	for _, row := range c.all(a) {
		if row.State == lastword.Draft {
			continue // nobody released it
		}
		if row.State != lastword.Sent || row.Voice.Circle != lastword.Closed || row.Voice.Answer != row.ID || row.URL == "" {
			c.Errorf("answer %d is %s (%s), its voice %d", row.ID, row.State, row.Why, row.Voice.Circle)
		}
	}
	c.auditHolds(a)
}
