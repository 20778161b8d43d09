package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lastword"
)

func testAudit(t *testing.T, f *fixture) {
	f.must(f.db.SaveCompany(t.Context(), f.director, f.company))
	n, head, err := f.db.VerifyAudit(t.Context(), f.company.ID)
	f.must(err)
	tail, err := f.db.AuditTail(t.Context(), f.company.ID, 0, 3)
	f.must(err)
	equal(t, "entries told", len(tail), 3)
	equal(t, "newest", tail[0].Seq, n)
	equal(t, "head", tail[0].Hash, head)
	older, err := f.db.AuditTail(t.Context(), f.company.ID, tail[2].Seq, 3)
	f.must(err)
	equal(t, "next page begins with", older[0].Seq, tail[2].Seq-1)
}

func testLinks(t *testing.T, f *fixture) {
	until := f.clock.Now().Add(time.Hour)
	f.must(f.db.NewLink(t.Context(), f.company.ID, f.second.ID, "geheim", until))
	found, err := f.db.FindLink(t.Context(), "geheim", f.clock.Now())
	f.must(err)
	equal(t, "found", found.Name, f.second.Name)
	if _, err := f.db.FindLink(t.Context(), "geheim", until); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("a link that ended: %v", err)
	}
	used, err := f.db.UseLink(t.Context(), "geheim", f.clock.Now())
	f.must(err)
	equal(t, "used", used.ID, f.second.ID)
	if _, err := f.db.UseLink(t.Context(), "geheim", f.clock.Now()); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("a second use: %v", err)
	}
}

func testSessions(t *testing.T, f *fixture) {
	until := f.clock.Now().Add(time.Hour)
	f.must(f.db.SaveSession(t.Context(), "tok", []byte("a"), until))
	f.must(f.db.SaveSession(t.Context(), "tok", []byte("b"), until))
	data, found, err := f.db.Session(t.Context(), "tok", f.clock.Now())
	f.must(err)
	equal(t, "session", string(data), "b")
	equal(t, "found", found, true)
	_, found, err = f.db.Session(t.Context(), "tok", until)
	f.must(err)
	equal(t, "found after its end", found, false)
	f.must(f.db.DropSession(t.Context(), "tok"))
	_, found, err = f.db.Session(t.Context(), "tok", f.clock.Now())
	f.must(err)
	equal(t, "found after it was dropped", found, false)
	f.must(f.db.SetPassword(t.Context(), f.company.ID, f.director.ID, "hash"))
	m := f.director
	m.Email = "anna@example.org"
	_, err = f.db.SaveMember(t.Context(), f.director, m)
	f.must(err)
	cs, err := f.db.MemberByEmail(t.Context(), "anna@example.org")
	f.must(err)
	if len(cs) != 1 || cs[0].Hash != "hash" || cs[0].ID != f.director.ID {
		t.Errorf("by e-mail: %+v", cs)
	}
}

func testLeases(t *testing.T, f *fixture) {
	c, err := f.db.SaveChannel(t.Context(), f.director, lastword.Channel{Connector: "feed", Name: "zwei"})
	f.must(err)
	now := f.clock.Now()
	until := now.Add(time.Minute)
	mine := func(ls []lastword.Leased) []int64 {
		var ids []int64
		for _, l := range ls {
			if l.Company == f.company.ID {
				ids = append(ids, l.ID)
			}
		}
		return ids
	}
	first, err := f.db.Lease(t.Context(), "a", now, until, 10)
	f.must(err)
	if got := mine(first); !slices.Equal(got, []int64{c.ID}) {
		t.Fatalf("leased %v, want %v alone: the fixture's own is taken", got, c.ID)
	}
	for _, owner := range []string{"a", "b"} {
		again, err := f.db.Lease(t.Context(), owner, now, until, 10)
		f.must(err)
		equal(t, "leased again by "+owner, len(again), 0)
	}
	late := until.Add(time.Second)
	second, err := f.db.Lease(t.Context(), "b", late, late.Add(time.Minute), 10)
	f.must(err)
	equal(t, "after the end", len(mine(second)), 1)
	if err := f.db.Renew(t.Context(), first[0], late.Add(time.Hour)); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("renew a lost lease: %v", err)
	}
	next := late.Add(10 * time.Minute)
	f.must(f.db.Release(t.Context(), second[0], lastword.Health{State: lastword.Fine, NextTry: next, Dropped: map[string]int64{"no text": 2}}))
	third, err := f.db.Lease(t.Context(), "a", next.Add(-time.Second), next.Add(time.Hour), 10)
	f.must(err)
	equal(t, "before it is due", len(mine(third)), 0)
	got, err := f.db.Channel(t.Context(), f.company.ID, c.ID)
	f.must(err)
	equal(t, "dropped", got.Health.Dropped["no text"], 2)
	f.must(f.db.PollSoon(t.Context(), f.company.ID, c.ID))
	fourth, err := f.db.Lease(t.Context(), "a", late, next, 10)
	f.must(err)
	equal(t, "asked for", len(mine(fourth)), 1)
	f.must(f.db.SaveUnreadable(t.Context(), f.company.ID, c.ID, []lastword.Unreadable{{Place: "line 3", Reason: "no text"}, {Place: "line 3", Reason: "no text"}}))
	us, err := f.db.Unreadable(t.Context(), f.company.ID, c.ID, 10)
	f.must(err)
	equal(t, "unreadable", len(us), 1)
	f.must(f.db.SaveUnreadable(t.Context(), f.company.ID, c.ID, []lastword.Unreadable{{Place: "line 4", Reason: "no text"}, {Place: "line 5", Reason: "gap"}, {Place: "line 6", Reason: "no text"}}))
	places := func(reason string, before int64, most int) (all []string) {
		us, err := f.db.PlacesAside(t.Context(), f.company.ID, c.ID, reason, before, most)
		f.must(err)
		for _, u := range us {
			all = append(all, u.Place)
		}
		return all
	}
	equal(t, "of one reason", strings.Join(places("no text", 0, 10), ", "), "line 6, line 4, line 3")
	equal(t, "the latest", strings.Join(places("gap", 0, 1), ", "), "line 5")
	equal(t, "older ones", strings.Join(places("no text", us[0].ID+1, 10), ", "), "line 3")
	equal(t, "of no reason", len(places("", 0, 10)), 0)
}

func testSecrets(t *testing.T, f *fixture) {
	c, err := f.db.SaveChannel(t.Context(), f.director, lastword.Channel{Connector: "bluesky", Name: "Lind",
		Settings: map[string]string{"handle": "lind.test"}, Secrets: map[string]string{"password": "abcd-efgh"}})
	f.must(err)
	equal(t, "told after saving", len(c.Secrets), 0)
	c.Name = "Schuhwerk Lind"
	_, err = f.db.SaveChannel(t.Context(), f.director, c)
	f.must(err)
	plain, err := f.db.Channel(t.Context(), f.company.ID, c.ID)
	f.must(err)
	equal(t, "told to pages", len(plain.Secrets), 0)
	open, err := f.db.Secret(t.Context(), f.company.ID, c.ID)
	f.must(err)
	equal(t, "kept through the change", open.Secrets["password"], "abcd-efgh")
	f.must(f.db.KeepSecrets(t.Context(), f.company.ID, c.ID, map[string]string{"sent1": "a", "sent2": "b"}))
	f.must(f.db.KeepSecrets(t.Context(), f.company.ID, c.ID, map[string]string{"sent1": "", "sent3": "c", "sent4": ""}))
	kept, err := f.db.Secret(t.Context(), f.company.ID, c.ID)
	f.must(err)
	equal(t, "secrets, an empty one forgotten", fmt.Sprint(kept.Secrets), "map[password:abcd-efgh sent2:b sent3:c]")
	equal(t, "name", open.Name, "Schuhwerk Lind")
	c.Secrets = map[string]string{"refresh": "r1"}
	_, err = f.db.SaveChannel(t.Context(), f.director, c)
	f.must(err)
	open, err = f.db.Secret(t.Context(), f.company.ID, c.ID)
	f.must(err)
	equal(t, "one added", open.Secrets["refresh"], "r1")
	equal(t, "the other kept", open.Secrets["password"], "abcd-efgh")
}

func testCompanies(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "nur für Lind"))[0]
	th := f.gather("Nur Lind", 1, v)
	d := f.decide(th, lastword.Yes)
	a := f.draft(d)[0]
	lind, channel := f.company, f.channel
	f.addCompany("Andere AG")
	other := f.company.ID
	missing := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, lastword.ErrNotFound) {
			t.Errorf("%s of another company: %v", what, err)
		}
	}
	_, err := f.db.VoiceRow(t.Context(), other, v.ID)
	missing("voice", err)
	_, err = f.db.Theme(t.Context(), other, th)
	missing("theme", err)
	_, err = f.db.Decision(t.Context(), other, d.ID)
	missing("decision", err)
	_, err = f.db.AnswerRow(t.Context(), other, a.ID)
	missing("answer", err)
	_, err = f.db.Channel(t.Context(), other, channel.ID)
	missing("channel", err)
	_, _, err = f.db.Person(t.Context(), other, v.Person.ID)
	missing("person", err)
	equal(t, "search", len(f.find(lastword.VoiceFilter{Search: "nur"})), 0)
	missing("naming a theme", f.db.RenameTheme(t.Context(), other, f.director.ID, th, "Fremd"))
	missing("moving a voice", f.db.MoveVoices(t.Context(), other, f.director.ID, []lastword.Membership{{Voice: v.ID, By: f.director.ID}}, nil))
	missing("correcting a voice", f.db.CorrectVoice(t.Context(), f.director, v.ID, lastword.Wish, 0))
	f.company = lind
	corrected := f.correct(v, lastword.Problem, lastword.Negative)
	f.company.ID = other
	missing("undoing a correction", f.db.UndoCorrection(t.Context(), lastword.Member{Company: other, ID: f.director.ID}, corrected.ID))
	_, lessons, err := f.db.Lessons(t.Context(), other, 10)
	f.must(err)
	equal(t, "lessons of another company", len(lessons), 0)
	out, err := f.db.ReleaseAnswers(t.Context(), other, []lastword.Release{f.consent(lastword.OfAnswer, a.ID, a.Digest(), f.director)}, f.entry("r"))
	f.must(err)
	equal(t, "releasing another company's answer", out, lastword.Outcome{Changed: 1})
	f.company = lind
	equal(t, "the answer", f.answer(a.ID).State, lastword.Draft)
}

func testPeople(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "eins"), f.post("mia.k", "zwei"))
	p := v[0].Person
	p.Stage, p.Weight, p.Note = "customer", 3, "Einkauf"
	f.must(f.db.SavePerson(t.Context(), f.director, p))
	f.must(f.db.MergePeople(t.Context(), f.director, v[1].Person.ID, p.ID))
	got, identities, err := f.db.Person(t.Context(), f.company.ID, p.ID)
	f.must(err)
	equal(t, "voices", got.Voices, 2)
	equal(t, "identities", len(identities), 2)
	important, err := f.db.People(t.Context(), f.company.ID, lastword.PersonFilter{Important: true, Search: "MIA.K"})
	f.must(err)
	equal(t, "important, by any identity's handle", len(important), 1)
	equal(t, "voices of both", len(f.find(lastword.VoiceFilter{Person: p.ID})), 2)
}

// testFindPeople looks for somebody who was heard before thousands of others.
func testFindPeople(t *testing.T, f *fixture) {
	herta := f.say(f.post("herta.anders", "Guten Morgen"))[0].Person
	var crowd []lastword.Event
	for i := range 2001 {
		crowd = append(crowd, lastword.Event{Op: lastword.Said, Post: f.post(fmt.Sprintf("nina-%d", i), "Hallo")})
	}
	f.hear(crowd...)
	found := func(search string) int {
		people, err := f.db.People(t.Context(), f.company.ID, lastword.PersonFilter{Search: search, Limit: 100})
		f.must(err)
		return len(people)
	}
	equal(t, "by how a name begins", found("HERTA"), 1)
	equal(t, "by how names of many begin", found("nina-"), 100)
	equal(t, "by what stands within a name heard lately", found("ina-2000"), 1)
	equal(t, "by what stands within a name heard long ago", found("anders"), 0)
	herta.Weight = 1
	f.must(f.db.SavePerson(t.Context(), f.director, herta))
	equal(t, "by what stands within the name of an important person", found("anders"), 1)
	equal(t, "by a sign that stands for anything elsewhere", found("%"), 0)
}
