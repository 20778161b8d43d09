package app

import (
	"fmt"
	"io"
	"testing"
	"time"

	"lastword"
)

// kiln is what a customer of the house says of a trouble that the machine does not
// take for one by itself.
const kiln = "@hobelwerk Der Brennofen knistert heute"

// What directors put right is learnt by the running program, known to the next
// one, forgotten when it is undone, and none of another company's business.
func TestCorrectionsTeachThroughTheHouse(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	second := lastword.Company{Name: "Zweite Brennerei", Names: []string{"Hobelwerk"}, Lang: "de", Zone: "Europe/Berlin", Rule: lastword.AnyDirector, Minutes: 10}
	waiting := int64(0)
	h.inside(func(a *App) {
		var err error
		second, err = a.DB.AddCompany(t.Context(), second)
		h.must(err)
		waiting = h.hears(a, h.company.ID, kiln)
		h.knows(a, h.company.ID, waiting, 0)
		for i := range 5 {
			v := h.hears(a, h.company.ID, fmt.Sprintf("@hobelwerk Mein Brennofen knistert, Tag %d", i))
			h.must(a.DB.CorrectVoice(t.Context(), h.director, v, lastword.Problem, lastword.Negative))
		}
		h.digested(a)
		h.knows(a, h.company.ID, h.hears(a, h.company.ID, kiln+"!"), lastword.Problem)
		h.knows(a, h.company.ID, waiting, lastword.Problem)
		h.knows(a, second.ID, h.hears(a, second.ID, kiln), 0)
	})
	h.inside(func(a *App) {
		h.knows(a, h.company.ID, h.hears(a, h.company.ID, kiln+"!!"), lastword.Problem)
		h.knows(a, second.ID, h.hears(a, second.ID, kiln+"!"), 0)
		all, err := a.DB.Corrections(t.Context(), h.company.ID, 0, 100)
		h.must(err)
		for _, c := range all {
			h.must(a.DB.UndoCorrection(t.Context(), h.director, c.ID))
		}
		h.digested(a)
		h.knows(a, h.company.ID, h.hears(a, h.company.ID, kiln+"."), 0)
		h.knows(a, h.company.ID, waiting, 0)
	})
}

// digested lets the program do all that is left to do.
func (h *house) digested(a *App) {
	h.Helper()
	h.must(a.digest(h.Context(), ImportOptions{Err: io.Discard}))
}

// hears lets a company hear a text, understands it and returns the voice.
func (h *house) hears(a *App, company int64, text string) int64 {
	h.Helper()
	by := lastword.Member{Company: company, ID: h.director.ID}
	c, err := a.DB.SaveChannel(h.Context(), by, lastword.Channel{Connector: "bluesky", Name: text, All: true})
	h.must(err)
	lease, err := a.DB.LeaseOne(h.Context(), "test", company, c.ID, time.Now().Add(time.Hour))
	h.must(err)
	post := lastword.Post{Network: "bluesky", Key: text, Text: text, Lang: "de", SaidAt: time.Now().Add(-time.Minute),
		Author: lastword.Author{Key: "mia", Handle: "mia"}}
	_, err = a.DB.SaveHeard(h.Context(), lease, "c", []lastword.Event{{Post: post}}, nil)
	h.must(err)
	h.digested(a)
	found, err := a.DB.FindVoices(h.Context(), company, lastword.VoiceFilter{Limit: 100})
	h.must(err)
	for _, v := range found {
		if v.Text == text {
			return v.ID
		}
	}
	h.Fatalf("%q was not heard", text)
	return 0
}

func (h *house) knows(a *App, company, voice int64, want lastword.Kinds) {
	h.Helper()
	v, err := a.DB.VoiceRow(h.Context(), company, voice)
	h.must(err)
	if v.Kinds != want {
		h.Errorf("%q is %v (%.2f), want %v", v.Text, v.Kinds, v.P, want)
	}
}
