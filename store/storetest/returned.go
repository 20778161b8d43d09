package storetest

import (
	"testing"
	"time"

	"lastword"
)

// testReturned hears that an answer that was taken for sent came back: its
// circles are open again, and who releases it again sends it anew, without the
// same report undoing that too.
func testReturned(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "a"), f.post("mia", "a, noch einmal"), f.post("tom", "b"))
	drafts := f.draft(f.decide(f.gather("Zurück", 1, v...), lastword.Yes))
	f.release(f.director, drafts...)
	var mias lastword.AnswerRow
	for i, a := range drafts {
		f.must(f.db.Attempted(t.Context(), f.company.ID, a.ID, f.clock.Now()))
		f.must(f.db.Delivered(t.Context(), f.company.ID, a.ID, []string{"<eins>", "<zwei>"}[i], "https://net.example/r", f.clock.Now()))
		if a.Voice.Author.Handle == "mia" {
			mias = a
		}
	}
	native := "<eins>"
	if mias.ID == drafts[1].ID {
		native = "<zwei>"
	}
	back := lastword.Event{Op: lastword.Returned, Why: "why.mail_full",
		Post: lastword.Post{Network: "bluesky", Key: native, SaidAt: f.clock.Now().Add(time.Minute)}}

	for name, spoil := range map[string]func(*lastword.Event){
		"another's":          func(e *lastword.Event) { e.Post.Key = "<drei>" },
		"none":               func(e *lastword.Event) { e.Post.Key = "" },
		"of another network": func(e *lastword.Event) { e.Post.Network = "mail" },
		"long before it":     func(e *lastword.Event) { e.Post.SaidAt = f.clock.Now().Add(-time.Hour) },
	} {
		wrong := back
		spoil(&wrong)
		equal(t, name, f.hear(wrong), lastword.Saved{})
	}
	equal(t, "still sent", f.answer(mias.ID).State, lastword.Sent)

	equal(t, "came back", f.hear(back), lastword.Saved{Returned: 1})
	got := f.answer(mias.ID)
	equal(t, "state", got.State, lastword.Failed)
	equal(t, "why", got.Why, "why.mail_full")
	equal(t, "when it was sent", got.Sent.IsZero(), true)
	for _, said := range v {
		open := said.Author.Handle == "mia"
		equal(t, "circle of "+said.Text, f.voice(said.ID).Circle == lastword.Decided, open)
		equal(t, "answer of "+said.Text, f.voice(said.ID).Answer == 0, open)
	}
	totals, err := f.db.Totals(t.Context(), f.company.ID, f.clock.Now().Add(-24*time.Hour))
	f.must(err)
	equal(t, "totals", totals, lastword.Totals{Heard: 3, Open: 2, Failed: 1, Closed: 1, Decided: 1})
	equal(t, "told twice", f.hear(back), lastword.Saved{})

	f.clock.Add(24 * time.Hour)
	f.must(f.db.EditAnswer(t.Context(), f.company.ID, mias.ID, f.director.ID, "Neu."))
	equal(t, "released again", f.release(f.director, f.answer(mias.ID)), lastword.Outcome{Released: 1})
	out, err := f.db.Outgoing(t.Context(), f.company.ID, mias.ID)
	f.must(err)
	equal(t, "attempts: it is known not to be there", out.Attempts, 0)
	f.must(f.db.Attempted(t.Context(), f.company.ID, mias.ID, f.clock.Now()))
	f.must(f.db.Delivered(t.Context(), f.company.ID, mias.ID, native, "", f.clock.Now()))
	equal(t, "yesterday's report once more", f.hear(back), lastword.Saved{})
	equal(t, "sent", f.answer(mias.ID).State, lastword.Sent)
}
