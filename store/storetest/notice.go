package storetest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"lastword"
)

// courier sets one up for all kinds, and switches it on.
func (f *fixture) courier(change ...func(*lastword.Courier)) lastword.Courier {
	f.Helper()
	c := lastword.Courier{Company: f.company.ID, Address: "https://crm.example/hook", Kinds: lastword.NoticeKinds[:]}
	for _, do := range change {
		do(&c)
	}
	f.must(f.db.SaveCourier(f.Context(), f.director, c))
	f.must(f.db.RenewCourierKey(f.Context(), f.director, "whsec_eins"))
	f.must(f.db.SwitchCourier(f.Context(), f.director, true, c.Digest()))
	return c
}

// told lists what waits to be told, oldest first: kind and subject.
func (f *fixture) told() (all []lastword.Notice) {
	f.Helper()
	ns, err := f.db.Notices(f.Context(), f.company.ID, 1000)
	f.must(err)
	slices.Reverse(ns)
	return slices.DeleteFunc(ns, func(n lastword.Notice) bool { return n.State != lastword.NoticeWaits })
}

func (f *fixture) kinds() string {
	f.Helper()
	var all []string
	for _, n := range f.told() {
		all = append(all, string(n.Kind))
	}
	return strings.Join(all, " ")
}

func testCourier(t *testing.T, f *fixture) {
	none, err := f.db.Courier(t.Context(), f.company.ID)
	f.must(err)
	equal(t, "before it is set up", none.Address, "")
	if err := f.db.RenewCourierKey(t.Context(), f.director, "k"); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("a key for nothing: %v", err)
	}
	c := lastword.Courier{Company: f.company.ID, Address: "https://crm.example/hook", Kinds: []lastword.NoticeKind{lastword.VoiceHeard}}
	f.must(f.db.SaveCourier(t.Context(), f.director, c))
	get := func() lastword.Courier {
		t.Helper()
		c, err := f.db.Courier(t.Context(), f.company.ID)
		f.must(err)
		return c
	}
	if err := f.db.SwitchCourier(t.Context(), f.director, true, c.Digest()); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("on without a key: %v", err)
	}
	f.must(f.db.RenewCourierKey(t.Context(), f.director, "whsec_eins"))
	if err := f.db.SwitchCourier(t.Context(), f.director, true, "another"); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("switched on unseen: %v", err)
	}
	if err := f.db.SwitchCourier(t.Context(), f.adviser, true, c.Digest()); !errors.Is(err, lastword.ErrForbidden) {
		t.Errorf("switched on by an adviser: %v", err)
	}
	f.must(f.db.SwitchCourier(t.Context(), f.director, true, c.Digest()))
	f.must(f.db.SaveCourier(t.Context(), f.director, c))
	equal(t, "on after nothing changed", get().On, true)
	f.must(f.db.RenewCourierKey(t.Context(), f.director, "whsec_zwei"))
	equal(t, "key", get().Key+" "+get().Former, "whsec_zwei whsec_eins")
	f.clock.Add(25 * time.Hour)
	equal(t, "former key a day later", get().Former, "")
	c.Private = true
	f.must(f.db.SaveCourier(t.Context(), f.director, c))
	equal(t, "on after more is told", get().On, false)
	equal(t, "key kept", get().Key, "whsec_zwei")
	c.Address = "https://elsewhere.example"
	f.must(f.db.SaveCourier(t.Context(), f.director, c))
	equal(t, "key taken elsewhere", get().Keyed, false)
	f.must(f.db.RenewCourierKey(t.Context(), f.director, "whsec_drei"))
	f.must(f.db.SwitchCourier(t.Context(), f.director, true, c.Digest()))
	f.must(f.db.CourierGone(t.Context(), f.company.ID))
	equal(t, "on after the address was gone", get().On, false)
	_, _, err = f.db.VerifyAudit(t.Context(), f.company.ID)
	f.must(err)
}

// testNotices tells what happened in the transaction in which it happened: each
// once, nothing private, nothing of the past, nothing while it is off.
func testNotices(t *testing.T, f *fixture) {
	f.say(f.post("vor", "ehe jemand es wissen wollte"))
	equal(t, "while it is off", f.kinds(), "")
	f.courier()
	secret, old, own := f.post("eva", "unter uns"), f.post("eva", "damals"), f.post("lind", "von uns")
	secret.Private, own.Own, old.SaidAt = true, true, f.clock.Now().Add(-49*time.Hour)
	v := f.say(f.post("mia", "a"), f.post("tom", "b"), secret, old, own)
	for range 2 { // heard twice, told once
		equal(t, "heard", f.kinds(), "voice.heard voice.heard")
		f.hear(lastword.Event{Post: v[0].Post})
	}
	d := f.decide(f.gather("Melden", 1, v[0], v[1], v[2]), lastword.Yes)
	drafts := f.draft(d)
	f.release(f.director, drafts...)
	for i, a := range drafts {
		if i == 0 {
			f.must(f.db.Undelivered(t.Context(), f.company.ID, a.ID, lastword.Failed, "why.denied"))
			continue
		}
		f.must(f.db.Delivered(t.Context(), f.company.ID, a.ID, "at://"+a.Voice.Author.Handle, "https://net.example/r", f.clock.Now()))
	}
	got := f.told()
	counts := map[lastword.NoticeKind]int{}
	for _, n := range got {
		counts[n.Kind]++
		if a := n.Subject; n.Kind == lastword.AnswerDelivered || n.Kind == lastword.AnswerFailed {
			equal(t, "an answer to a private voice", f.answer(a).Voice.Private, false)
		}
	}
	equal(t, "decided", counts[lastword.ThemeDecided], 1)
	equal(t, "delivered and failed, but for the private one", counts[lastword.AnswerDelivered]+counts[lastword.AnswerFailed], 2)

	told, err := f.db.Telling(t.Context(), f.company.ID, got[0].ID)
	f.must(err)
	equal(t, "says", told.Voice.Text, "a")
	equal(t, "to", told.Courier.Address, "https://crm.example/hook")
	f.must(f.db.Told(t.Context(), f.company.ID, got[0].ID, lastword.NoticeWaits, 503, "notice.why.refused"))
	f.must(f.db.Told(t.Context(), f.company.ID, got[0].ID, lastword.NoticeSent, 200, ""))
	f.must(f.db.Told(t.Context(), f.company.ID, got[0].ID, lastword.NoticeFailed, 0, "late"))
	if _, err := f.db.Telling(t.Context(), f.company.ID, got[0].ID); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("told, and waits: %v", err)
	}
	all, err := f.db.Notices(t.Context(), f.company.ID, 1000)
	f.must(err)
	first := all[len(all)-1]
	equal(t, "state, tries, code", first, lastword.Notice{Company: f.company.ID, ID: first.ID, Kind: lastword.VoiceHeard, Subject: v[0].ID,
		Made: first.Made, State: lastword.NoticeSent, Attempts: 2, Tried: first.Tried, Code: 200})

	before := len(f.told())
	f.hear(lastword.Event{Op: lastword.Deleted, Post: v[0].Post}, lastword.Event{Op: lastword.Deleted, Post: v[2].Post}, lastword.Event{Op: lastword.Deleted, Post: v[0].Post})
	more := f.told()[before:]
	if len(more) != 1 || more[0].Kind != lastword.VoiceGone || more[0].Subject != v[0].ID {
		t.Errorf("after two were deleted, one of them private: %+v", more)
	}
	f.clock.Add(31 * 24 * time.Hour)
	f.must(f.db.Told(t.Context(), f.company.ID, more[0].ID, lastword.NoticeSent, 200, ""))
	rest, err := f.db.Notices(t.Context(), f.company.ID, 1000)
	f.must(err)
	if slices.ContainsFunc(rest, func(n lastword.Notice) bool { return n.ID == first.ID }) {
		t.Error("what was told a month ago is still listed")
	}
	lind := f.company
	f.addCompany("Andere AG")
	if _, err := f.db.Telling(t.Context(), f.company.ID, rest[len(rest)-1].ID); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("another company's notice: %v", err)
	}
	equal(t, "another company", f.kinds(), "")
	f.company = lind
}

func testNoticeFilters(t *testing.T, f *fixture) {
	q, err := f.db.SaveQuery(t.Context(), f.director, lastword.Query{Name: "Stiefel", Text: "stiefel"})
	f.must(err)
	f.courier(func(c *lastword.Courier) {
		c.Query, c.Private = q.ID, true
		c.Kinds = []lastword.NoticeKind{lastword.VoiceHeard}
	})
	wanted, other, secret := f.post("mia", "Stiefel"), f.post("tom", "Schuhe"), f.post("eva", "Stiefel unter uns")
	secret.Private = true
	_, err = f.db.SaveHeard(t.Context(), f.channel, "c", []lastword.Event{{Post: wanted}, {Post: other}, {Post: secret}}, [][]int64{{q.ID}, nil, {q.ID}})
	f.must(err)
	waits := f.told()
	equal(t, "wanted, private ones too", f.kinds(), "voice.heard voice.heard")
	n, err := f.db.Telling(t.Context(), f.company.ID, waits[0].ID)
	f.must(err)
	equal(t, "its query", strings.Join(n.Queries, ","), "Stiefel")
	v := f.find(lastword.VoiceFilter{})
	one, two := f.gather("Eins", 1, v[0]), f.gather("Zwei", 1, v[1])
	f.courier(func(c *lastword.Courier) { c.Theme, c.Kinds = two, []lastword.NoticeKind{lastword.ThemeDecided} })
	f.decide(one, lastword.Yes)
	d := f.decide(two, lastword.No)
	last := f.told()[len(waits):]
	if len(last) != 1 || last[0].Subject != d.ID {
		t.Errorf("of two themes one was to be told: %+v", last)
	}
}
