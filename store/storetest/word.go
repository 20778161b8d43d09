package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"lastword"
)

func testDecisions(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "Bitte vegan!"), f.post("tom", "Auch vegan"))
	th := f.gather("Vegane Stiefel", 1, v...)
	proposal := lastword.Decision{ID: f.db.NewID(), Company: f.company.ID, Theme: th, Verdict: lastword.Later,
		When: f.clock.Now().AddDate(0, 1, 0), Reason: map[string]string{"de": "Im Winter."}, By: f.adviser.ID}
	f.must(f.db.AddDecision(t.Context(), proposal, f.entry("proposed")))
	equal(t, "proposed, undecided", f.theme(th).Verdict, lastword.Verdict(""))

	first := f.decide(th, lastword.Yes)
	equal(t, "stands", first.Stands, f.clock.Now())
	equal(t, "verdict", f.theme(th).Verdict, lastword.Yes)
	equal(t, "voice", f.voice(v[0].ID).Circle, lastword.Decided)
	drafts := f.draft(first)
	equal(t, "drafts", len(drafts), 2)
	f.release(f.director, drafts[0])

	second := f.decide(th, lastword.No)
	equal(t, "supersedes", second.Supersedes, first.ID)
	old, err := f.db.Decision(t.Context(), f.company.ID, first.ID)
	f.must(err)
	equal(t, "superseded by", old.SupersededBy, second.ID)
	for _, a := range drafts {
		equal(t, "the former one's answer", f.answer(a.ID).State, lastword.Withdrawn)
	}
	equal(t, "owed again", len(f.draft(second)), 2)

	f.must(f.db.ReopenTheme(t.Context(), f.company.ID, th, f.entry("reopened")))
	equal(t, "reopened", f.theme(th).Decision, 0)
	equal(t, "voice open", f.voice(v[0].ID).Circle, lastword.Open)
	owed, err := f.db.ToAnswer(t.Context(), f.company.ID, second.ID, 0, 10)
	f.must(err)
	equal(t, "owed by a decision that ended", len(owed), 0)
	all, err := f.db.Decisions(t.Context(), f.company.ID, th, 10)
	f.must(err)
	equal(t, "history", len(all), 3)
}

func testJoint(t *testing.T, f *fixture) {
	f.company.Rule = lastword.AllDirectors
	f.must(f.db.SaveCompany(t.Context(), f.director, f.company))
	th := f.gather("Weite", 1, f.say(f.post("mia", "Bitte weiter"))...)
	d := f.decide(th, lastword.Yes)
	equal(t, "after one of two", d.Stands.IsZero(), true)
	consent := func(by lastword.Member, digest string) (lastword.Decision, error) {
		return f.db.ConsentDecision(t.Context(), d, false, f.consent(lastword.OfDecision, d.ID, digest, by), f.entry("consent"))
	}
	if _, err := consent(f.second, "something else"); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("consent to another content: %v", err)
	}
	got, err := consent(f.adviser, d.Digest())
	f.must(err)
	equal(t, "an adviser's consent counts", !got.Stands.IsZero(), false)
	got, err = consent(f.second, d.Digest())
	f.must(err)
	equal(t, "after both", got.Stands.IsZero(), false)
	a := f.draft(got)[0]
	equal(t, "one director", f.release(f.director, a), lastword.Outcome{Waiting: 1})
	equal(t, "still", f.answer(a.ID).State, lastword.Draft)
	if _, err := f.db.Outgoing(t.Context(), f.company.ID, a.ID); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("in the outbox after one of two: %v", err)
	}
	f.must(f.db.EditAnswer(t.Context(), f.company.ID, a.ID, f.second.ID, "Anders."))
	a = f.answer(a.ID)
	equal(t, "the other, to another text", f.release(f.second, a), lastword.Outcome{Waiting: 1})
	equal(t, "the first, to that text", f.release(f.director, a), lastword.Outcome{Released: 1})
}

func testAnswers(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "a"), f.post("tom", "b"), f.post("eva", "c"))
	d := f.decide(f.gather("Alles", 1, v...), lastword.Yes)
	drafts := f.draft(d)
	equal(t, "drafts", len(drafts), 3)
	again, err := f.db.SaveDrafts(t.Context(), f.company.ID, []lastword.Answer{{ID: f.db.NewID(), Voice: v[0].ID, Identity: v[0].Identity,
		Theme: d.Theme, Decision: d.ID, Network: "bluesky", Lang: "de", Text: "noch eine", Token: "x"}})
	f.must(err)
	equal(t, "a second draft to a voice", again, 0)
	stale := drafts[0]
	f.must(f.db.EditAnswer(t.Context(), f.company.ID, stale.ID, f.director.ID, "Anderer Text"))
	equal(t, "released as shown before the edit", f.release(f.director, stale, drafts[1]), lastword.Outcome{Released: 1, Changed: 1})
	equal(t, "released twice", f.release(f.director, drafts[1]), lastword.Outcome{Changed: 1})
	if err := f.db.EditAnswer(t.Context(), f.company.ID, drafts[1].ID, f.director.ID, "zu spät"); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("edit after the release: %v", err)
	}
	hand, err := f.db.SaveDrafts(t.Context(), f.company.ID, nil)
	f.must(err)
	equal(t, "no drafts", hand, 0)
	counts, err := f.db.AnswerCounts(t.Context(), f.company.ID, d.ID)
	f.must(err)
	equal(t, "drafts left", counts[lastword.Draft], 2)
	n, err := f.db.MoveAnswers(t.Context(), f.company.ID, []int64{drafts[2].ID}, []lastword.AnswerState{lastword.Draft}, lastword.Withdrawn, "why.director", f.entry("withdrawn"))
	f.must(err)
	equal(t, "withdrawn", n, 1)
	equal(t, "its voice", f.voice(f.answer(drafts[2].ID).Voice.ID).Circle, lastword.Open)
	owed, err := f.db.ToAnswer(t.Context(), f.company.ID, d.ID, 0, 10)
	f.must(err)
	equal(t, "owed", len(owed), 0)
	public, err := f.db.Public(t.Context(), drafts[1].Token)
	f.must(err)
	equal(t, "public page's theme", public.Theme.Name, "Alles")
	if _, err := f.db.Public(t.Context(), stale.Token); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("the public page of a draft: %v", err)
	}
}

func testOncePerPerson(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "einmal"), f.post("mia", "zweimal"), f.post("mia.k", "dreimal"), f.post("tom", "auch"))
	f.must(f.db.MergePeople(t.Context(), f.director, v[2].Person.ID, v[0].Person.ID))
	d := f.decide(f.gather("Oft", 1, v...), lastword.Yes)
	drafts := f.draft(d)
	equal(t, "answers to two people", len(drafts), 2)
	f.release(f.director, drafts...)
	for _, a := range drafts {
		f.must(f.db.Delivered(t.Context(), f.company.ID, a.ID, "native", "https://example.org/r", f.clock.Now()))
	}
	for _, v := range v {
		equal(t, v.Text, f.voice(v.ID).Circle, lastword.Closed)
	}
	equal(t, "theme open", f.theme(d.Theme).Open, 0)
}

func testDoubtful(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "sicher"), f.post("tom", "zweifelhaft"))
	th := f.gather("Zweifel", lastword.Sure-.01, v[1])
	_, stamp, err := f.db.LiveThemes(t.Context(), f.company.ID)
	f.must(err)
	_, err = f.db.SavePlacements(t.Context(), f.company.ID, stamp, nil, []lastword.Membership{{Voice: v[0].ID, Theme: th, Fit: lastword.Sure}})
	f.must(err)
	equal(t, "doubtful", f.theme(th).Doubtful, 1)
	d := f.decide(th, lastword.Yes)
	drafts := f.draft(d)
	if len(drafts) != 1 || drafts[0].Voice.ID != v[0].ID {
		t.Fatalf("a doubtful voice is answered in bulk: %+v", drafts)
	}
	place := func(fit float64) {
		t.Helper()
		_, stamp, err := f.db.LiveThemes(t.Context(), f.company.ID)
		f.must(err)
		_, err = f.db.SavePlacements(t.Context(), f.company.ID, stamp, nil, []lastword.Membership{{Voice: v[0].ID, Theme: th, Fit: fit}})
		f.must(err)
	}
	place(lastword.Sure - .01)
	equal(t, "drafts to a voice that became doubtful", len(f.answers(lastword.AnswerFilter{Decision: d.ID})), 0)
	place(lastword.Sure)
	equal(t, "owed once it is sure again", len(f.draft(d)), 1)
	f.must(f.db.EditAnswer(t.Context(), f.company.ID, f.answers(lastword.AnswerFilter{Decision: d.ID})[0].ID, f.director.ID, "Von Hand."))
	place(lastword.Sure - .01)
	equal(t, "drafts that a person wrote", len(f.answers(lastword.AnswerFilter{Decision: d.ID})), 1)
	place(lastword.Sure)
	confirmed := lastword.Membership{Voice: v[1].ID, Theme: th, Fit: 1, By: f.director.ID}
	f.must(f.db.MoveVoices(t.Context(), f.company.ID, f.director.ID, []lastword.Membership{confirmed, {Voice: v[0].ID, Theme: th, Fit: lastword.Sure - .02}}, nil))
	equal(t, "the other, less sure since", f.voice(v[0].ID).Fit, lastword.Sure-.02)
	equal(t, "placed by the machine still", f.voice(v[0].ID).FitBy, 0)
	left, err := f.db.PlacedVoices(t.Context(), f.company.ID, th, 10)
	f.must(err)
	if len(left) != 1 || left[0].ID != v[0].ID {
		t.Errorf("placed by the machine: %+v", left)
	}
	place(lastword.Sure)
	equal(t, "after a person looked", f.theme(th).Doubtful, 0)
	equal(t, "owed then", len(f.draft(d)), 2)
	_, stamp, err = f.db.LiveThemes(t.Context(), f.company.ID)
	f.must(err)
	_, err = f.db.SavePlacements(t.Context(), f.company.ID, stamp, nil, []lastword.Membership{{Voice: v[1].ID, Theme: 0}})
	f.must(err)
	equal(t, "the machine moves what a person placed", f.voice(v[1].ID).Theme, th)
	_, err = f.db.SavePlacements(t.Context(), f.company.ID, stamp, nil, nil)
	if !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("a stale stamp: %v", err)
	}
}

func testUndo(t *testing.T, f *fixture) {
	d := f.decide(f.gather("Undo", 1, f.say(f.post("mia", "a"), f.post("tom", "b"))...), lastword.Yes)
	drafts := f.draft(d)
	equal(t, "released", f.release(f.director, drafts...), lastword.Outcome{Released: 2})
	f.must(f.db.Attempted(t.Context(), f.company.ID, drafts[0].ID, f.clock.Now()))
	ids := []int64{drafts[0].ID, drafts[1].ID}
	n, err := f.db.MoveAnswers(t.Context(), f.company.ID, ids, []lastword.AnswerState{lastword.Released}, lastword.Draft, "", f.entry("undone"))
	f.must(err)
	equal(t, "undone", n, 1)
	equal(t, "one that an attempt was made for", f.answer(drafts[0].ID).State, lastword.Released)
	equal(t, "the other", f.answer(drafts[1].ID).State, lastword.Draft)
	equal(t, "its consents", f.answer(drafts[1].ID).Consents, 0)
}

func testObjection(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "bitte"), f.post("tom", "auch"))
	d := f.decide(f.gather("Wunsch", 1, v...), lastword.Yes)
	drafts := f.draft(d)
	f.release(f.director, drafts...)
	p := v[0].Person
	p.Objected = f.clock.Now()
	f.must(f.db.SavePerson(t.Context(), f.director, p))
	for _, a := range drafts {
		want := lastword.Released
		if a.Voice.ID == v[0].ID {
			want = lastword.Withdrawn
		}
		equal(t, "answer to "+a.Who.Handle, f.answer(a.ID).State, want)
	}
	equal(t, "what they say later", f.hear(lastword.Event{Post: f.post("mia", "neu")}), lastword.Saved{Refused: 1})
}

func testDelivery(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "a"), f.post("tom", "b"))
	d := f.decide(f.gather("Post", 1, v...), lastword.Yes)
	drafts := f.draft(d)
	f.release(f.director, drafts...)
	a := drafts[0]
	out, err := f.db.Outgoing(t.Context(), f.company.ID, a.ID)
	f.must(err)
	cleared, ok := out.Cleared.Answer()
	equal(t, "cleared", ok, true)
	equal(t, "text", cleared.Text, a.Text)
	equal(t, "to", out.To.ID, a.Voice.ID)
	f.must(f.db.Attempted(t.Context(), f.company.ID, a.ID, f.clock.Now()))
	f.must(f.db.Undelivered(t.Context(), f.company.ID, a.ID, lastword.Failed, "why.denied"))
	equal(t, "failed", f.answer(a.ID).State, lastword.Failed)
	f.must(f.db.EditAnswer(t.Context(), f.company.ID, a.ID, f.director.ID, "Neu."))
	equal(t, "released again", f.release(f.director, f.answer(a.ID)), lastword.Outcome{Released: 1})
	out, err = f.db.Outgoing(t.Context(), f.company.ID, a.ID)
	f.must(err)
	equal(t, "attempts remembered", out.Attempts, 1)
	for range 2 { // told twice, done once
		f.must(f.db.Delivered(t.Context(), f.company.ID, a.ID, "at://x", "https://example.org/r", f.clock.Now()))
	}
	got := f.answer(a.ID)
	equal(t, "sent", got.State, lastword.Sent)
	equal(t, "url", got.URL, "https://example.org/r")
	equal(t, "closed", f.voice(a.Voice.ID).Answer, a.ID)
	if _, err := f.db.Outgoing(t.Context(), f.company.ID, a.ID); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("still in the outbox: %v", err)
	}

	f.second.Left = f.clock.Now()
	f.director.Left = f.clock.Now()
	_, err = f.db.SaveMember(t.Context(), f.second, f.director)
	f.must(err)
	if _, err := f.db.Outgoing(t.Context(), f.company.ID, drafts[1].ID); !errors.Is(err, lastword.ErrForbidden) {
		t.Errorf("released by a director who left before it went out: %v", err)
	}
	f.must(f.db.Undelivered(t.Context(), f.company.ID, drafts[1].ID, lastword.Withdrawn, "why.gone"))
	equal(t, "a voice that the network says is gone", f.voice(drafts[1].Voice.ID).Text, "")
	totals, err := f.db.Totals(t.Context(), f.company.ID, f.clock.Now().Add(-24*time.Hour))
	f.must(err)
	equal(t, "totals", totals, lastword.Totals{Heard: 2, Closed: 1, Decided: 1})
}

// testGivenByHand hears, under a voice, the reply that a person gave there by hand.
func testGivenByHand(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "a"), f.post("tom", "b"))
	drafts := f.draft(f.decide(f.gather("Von Hand", 1, v...), lastword.Yes))
	f.release(f.director, drafts...)
	for _, a := range drafts {
		f.must(f.db.Undelivered(t.Context(), f.company.ID, a.ID, lastword.HandedOver, "why.by_hand"))
	}
	given, other := drafts[0], drafts[1]
	reply := f.post("lind", "Das machen wir.")
	reply.Own, reply.Parent, reply.URL = true, f.voice(given.Voice.ID).Key, "https://net.example/given"
	for range 2 { // heard twice, ticked off once
		f.hear(lastword.Event{Post: reply})
	}
	got := f.answer(given.ID)
	equal(t, "state", got.State, lastword.Sent)
	equal(t, "url", got.URL, reply.URL)
	equal(t, "circle", f.voice(given.Voice.ID).Circle, lastword.Closed)
	equal(t, "the other", f.answer(other.ID).State, lastword.HandedOver)
	_, _, err := f.db.VerifyAudit(t.Context(), f.company.ID)
	f.must(err)
}

// Voices in no theme wait too; a person's word takes one, and its copies, into a
// theme of their own, whose name goes with the last of them.
func testAlone(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "Wann kommt der blaue?"), f.post("tom", "Wann kommt der blaue??"), f.post("eva", "Schön hier."))
	alone := lastword.VoiceFilter{NoTheme: true, Original: true, Circle: []lastword.Circle{lastword.Open}}
	equal(t, "at first", len(f.find(alone)), 3)
	_, stamp, err := f.db.LiveThemes(t.Context(), f.company.ID)
	f.must(err)
	_, err = f.db.SavePlacements(t.Context(), f.company.ID, stamp, nil, []lastword.Membership{{Voice: v[1].ID, CopyOf: v[0].ID}})
	f.must(err)
	f.must(f.db.SetAside(t.Context(), f.director, v[2].ID, true))
	left := f.find(alone)
	equal(t, "without copies and what needs no answer", len(left), 1)
	equal(t, "the one", left[0].ID, v[0].ID)

	th := lastword.Theme{ID: f.db.NewID(), Company: f.company.ID, Name: "Der blaue", Lang: "de", Kinds: lastword.Question}
	own := lastword.Membership{Voice: v[0].ID, Theme: th.ID, Fit: 1, By: f.director.ID}
	f.must(f.db.MoveVoices(t.Context(), f.company.ID, f.director.ID, []lastword.Membership{own}, []lastword.Theme{th}))
	equal(t, "alone after that", len(f.find(alone)), 0)
	equal(t, "the copy's theme", f.voice(v[1].ID).Theme, th.ID)
	drafts := f.draft(f.decide(th.ID, lastword.Yes))
	equal(t, "drafts", len(drafts), 2)

	for _, gone := range v[:2] {
		f.hear(lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: gone.Network, Key: gone.Key}})
	}
	equal(t, "name of what is gone", f.theme(th.ID).Name, "–")
}

func testRepliedTo(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "Kommt der blaue?"))
	a := f.draft(f.decide(f.gather("Der blaue", 1, v...), lastword.Yes))[0]
	f.release(f.director, a)
	f.must(f.db.Delivered(t.Context(), f.company.ID, a.ID, "at://ours", "https://example.org/r", f.clock.Now()))
	to, other := f.post("mia", "Danke. Wann?"), f.post("tom", "Wann?")
	to.Parent, other.Parent = "at://ours", "at://somebody"
	rs := f.say(to, other)
	got, err := f.db.RepliedTo(t.Context(), f.company.ID, rs[0].ID)
	f.must(err)
	equal(t, "the answer", got.ID, a.ID)
	equal(t, "what it answered", got.Voice.Text, "Kommt der blaue?")
	for _, id := range []int64{rs[1].ID, v[0].ID} {
		if _, err := f.db.RepliedTo(t.Context(), f.company.ID, id); !errors.Is(err, lastword.ErrNotFound) {
			t.Errorf("voice %d replies to an answer: %v", id, err)
		}
	}
}

// testGoneOnTheWay deletes voices whose answers are on their way: one that was
// tried may already stand at the network, so the outbox looks once more.
func testGoneOnTheWay(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "a"), f.post("tom", "b"))
	drafts := f.draft(f.decide(f.gather("Fort", 1, v...), lastword.Yes))
	f.release(f.director, drafts...)
	tried, untried := drafts[0], drafts[1]
	f.must(f.db.Attempted(t.Context(), f.company.ID, tried.ID, f.clock.Now()))
	for _, gone := range v {
		f.hear(lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: gone.Network, Key: gone.Key}})
	}
	equal(t, "untried", f.answer(untried.ID).State, lastword.Withdrawn)
	equal(t, "tried", f.answer(tried.ID).State, lastword.Released)
	out, err := f.db.Outgoing(t.Context(), f.company.ID, tried.ID)
	f.must(err)
	if out.Attempts != 1 || out.To.GoneAt.IsZero() {
		t.Errorf("the outbox does not know that it was tried, and for whom: %+v", out)
	}
	f.must(f.db.Delivered(t.Context(), f.company.ID, tried.ID, "at://x", "https://example.org/r", f.clock.Now()))
	equal(t, "found at the network", f.answer(tried.ID).State, lastword.Sent)
}

func testCounts(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "eins"), f.post("tom", "zwei"), f.post("eva", "drei"))
	a := f.gather("A", 1, v[0], v[1])
	b := f.gather("B", 1, v[2])
	f.move(v[1], b)
	equal(t, "A after the move", f.theme(a).Voices, 1)
	equal(t, "B after the move", f.theme(b).Voices, 2)
	f.must(f.db.MergeThemes(t.Context(), f.company.ID, f.director.ID, a, b, []byte("beide"), []byte("Unterschied")))
	th := f.theme(b)
	if th.Voices != 3 || th.Open != 3 || !th.First.Equal(v[0].SaidAt) || !th.Last.Equal(v[2].SaidAt) {
		t.Errorf("B after the merge: %+v", th)
	}
	equal(t, "A is a signpost", f.theme(a).Into, b)
	days, err := f.db.Days(t.Context(), f.company.ID, []int64{b, a, 0}, f.clock.Now(), 3)
	f.must(err)
	if !slices.Equal(days[b], []int{0, 0, 3}) || !slices.Equal(days[a], []int{0, 0, 0}) || !slices.Equal(days[0], []int{0, 0, 3}) {
		t.Errorf("days = %v", days)
	}
	byNetwork, err := f.db.DaysByNetwork(t.Context(), f.company.ID, b, f.clock.Now(), 3)
	f.must(err)
	if !slices.Equal(byNetwork["bluesky"], []int{0, 0, 3}) {
		t.Errorf("days by network = %v", byNetwork)
	}
	n, _, err := f.db.PeopleBehind(t.Context(), f.company.ID, b, 5)
	f.must(err)
	equal(t, "people", n, 3)
	list, err := f.db.Themes(t.Context(), f.company.ID, lastword.ThemeFilter{Search: "b"})
	f.must(err)
	equal(t, "listed", len(list), 1)
	f.must(f.db.RenameTheme(t.Context(), f.company.ID, f.director.ID, b, "Beste"))
	_, stamp, err := f.db.LiveThemes(t.Context(), f.company.ID)
	f.must(err)
	_, err = f.db.SavePlacements(t.Context(), f.company.ID, stamp, []lastword.Theme{{ID: b, Name: "Maschine"}}, nil)
	f.must(err)
	equal(t, "a name that a person gave", f.theme(b).Name, "Beste")
}

// testMergedAtOnce merges themes as the machine does: of one its voices are left, of
// another one is left that is decided, of the last none is.
func testMergedAtOnce(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "eins"), f.post("tom", "zwei"), f.post("eva", "drei"), f.post("ben", "vier"), f.post("lea", "fünf"))
	kept, full, decided, empty := f.gather("Bleibt", 1, v[0]), f.gather("Voll", 1, v[1], v[2]), f.gather("Entschieden", 1, v[3]), f.gather("Leer", 1, v[4])
	drafts := f.draft(f.decide(decided, lastword.Yes))
	_, stamp, err := f.db.LiveThemes(t.Context(), f.company.ID)
	f.must(err)
	into := func(from, to int64) lastword.Theme {
		return lastword.Theme{ID: from, Name: f.theme(from).Name, Into: to}
	}
	all := []lastword.Theme{into(full, kept), into(decided, kept), into(empty, kept)}
	placed := []lastword.Membership{{Voice: v[4].ID, Theme: kept, Fit: 1}}
	stamp, err = f.db.SavePlacements(t.Context(), f.company.ID, stamp, all, placed)
	f.must(err)
	th := f.theme(kept)
	if th.Voices != 5 || th.Open != 5 || !th.First.Equal(v[0].SaidAt) || !th.Last.Equal(v[4].SaidAt) {
		t.Errorf("after the merges: %+v", th)
	}
	for _, id := range []int64{full, decided, empty} {
		got := f.theme(id)
		if got.Into != kept || got.Voices != 0 || got.Open != 0 || got.Decision != 0 || !got.First.IsZero() {
			t.Errorf("%s is no signpost: %+v", got.Name, got)
		}
	}
	for _, w := range v {
		equal(t, "theme of a voice", f.voice(w.ID).Theme, kept)
	}
	equal(t, "the answer to the decided one", f.answer(drafts[0].ID).State, lastword.Withdrawn)
	days, err := f.db.Days(t.Context(), f.company.ID, []int64{kept, full, empty}, f.clock.Now(), 1)
	f.must(err)
	equal(t, "days", fmt.Sprint(days[kept], days[full], days[empty]), "[5] [0] [0]")
	n, _, err := f.db.PeopleBehind(t.Context(), f.company.ID, kept, 9)
	f.must(err)
	equal(t, "people", n, 5)
	f.mergesNot(stamp, kept, lastword.ErrConflict, into(kept, full))
	other, third := f.gather("Neu", 1), f.gather("Dritte", 1)
	_, stamp, err = f.db.LiveThemes(t.Context(), f.company.ID)
	f.must(err)
	f.mergesNot(stamp, other, lastword.ErrConflict, into(other, other))
	f.mergesNot(stamp, other, lastword.ErrConflict, into(other, third), into(third, kept))
	f.mergesNot(stamp, other, lastword.ErrNotFound, into(other, 7))
}

// mergesNot tries to merge themes, of which one is to stay as it is.
func (f *fixture) mergesNot(stamp, stays int64, want error, themes ...lastword.Theme) {
	f.Helper()
	if _, err := f.db.SavePlacements(f.Context(), f.company.ID, stamp, themes, nil); !errors.Is(err, want) {
		f.Errorf("got %v, want %v", err, want)
	}
	equal(f.T, "into", f.theme(stays).Into, int64(0))
}
