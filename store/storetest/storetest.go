// Package storetest holds the promises that the store keeps, in both databases.
package storetest

import (
	"fmt"
	"testing"
	"time"

	"lastword"
	"lastword/store"
)

// A Clock is the time of one test: it stands still unless told to move.
type Clock struct{ now time.Time }

// Now is the time at present.
func (c *Clock) Now() time.Time { return c.now }

// Add lets time pass.
func (c *Clock) Add(d time.Duration) { c.now = c.now.Add(d) }

// NewClock starts at a fixed moment.
func NewClock() *Clock { return &Clock{time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)} }

// Exercise checks every promise against the databases that open gives, a fresh
// one each time.
func Exercise(t *testing.T, open func(testing.TB, *Clock) *store.DB) {
	for name, test := range map[string]func(*testing.T, *fixture){
		"hear":            testHear,
		"hear again":      testHearAgain,
		"hear edits":      testEdits,
		"hear hidden":     testHidden,
		"hear deletions":  testDeletions,
		"turns private":   testTurnsPrivate,
		"voice keys":      testVoiceKeys,
		"hear accounts":   testAccounts,
		"expire":          testExpire,
		"hear fenced":     testFence,
		"rhythm":          testRhythm,
		"breaks":          testBreaks,
		"same moment":     testSameMoment,
		"threads":         testThreads,
		"find":            testFind,
		"search":          testSearch,
		"labels":          testLabels,
		"corrections":     testCorrections,
		"lessons":         testLessons,
		"announcements":   testAnnouncements,
		"pairs":           testPairs,
		"audit":           testAudit,
		"links":           testLinks,
		"sessions":        testSessions,
		"leases":          testLeases,
		"secrets":         testSecrets,
		"signing in":      testSigningIn,
		"probes":          testProbes,
		"decisions":       testDecisions,
		"joint directors": testJoint,
		"answers":         testAnswers,
		"once a person":   testOncePerPerson,
		"doubtful":        testDoubtful,
		"alone":           testAlone,
		"replied to":      testRepliedTo,
		"undo":            testUndo,
		"objection":       testObjection,
		"delivery":        testDelivery,
		"returned":        testReturned,
		"courier":         testCourier,
		"notices":         testNotices,
		"notice filters":  testNoticeFilters,
		"given by hand":   testGivenByHand,
		"gone on the way": testGoneOnTheWay,
		"two companies":   testCompanies,
		"counts":          testCounts,
		"merged at once":  testMergedAtOnce,
		"people":          testPeople,
		"find people":     testFindPeople,
		"export":          testExport,
		"model":           testModel,
		"model budget":    testBudget,
		"directions":      testDirections,
		"wordings":        testWordings,
		"phrases":         testPhrases,
		"stories":         testStories,
		"story release":   testStoryRelease,
		"story move":      testStoryMove,
		"publishing":      testPublishing,
		"who left":        testReleasedByWhoLeft,
		"amend":           testAmend,
		"pictures":        testPictures,
		"blog":            testBlog,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := NewClock()
			test(t, newFixture(t, open(t, clock), clock))
		})
	}
}

// A fixture is a company with two directors, an adviser and one channel.
type fixture struct {
	*testing.T
	db        *store.DB
	clock     *Clock
	company   lastword.Company
	director  lastword.Member
	second    lastword.Member
	adviser   lastword.Member
	channel   lastword.Leased
	heardKeys int
}

func newFixture(t *testing.T, db *store.DB, clock *Clock) *fixture {
	f := &fixture{T: t, db: db, clock: clock}
	f.addCompany("Schuhwerk Lind GmbH")
	f.channel = f.addChannel("feed", true)
	return f
}

func (f *fixture) addCompany(name string) {
	f.Helper()
	c, err := f.db.AddCompany(f.Context(), lastword.Company{Name: name, Names: []string{name}, Lang: "de",
		Zone: "Europe/Berlin", Rule: lastword.AnyDirector, Minutes: 10})
	f.must(err)
	f.company = c
	add := func(name string, role lastword.Role) lastword.Member {
		m, err := f.db.SaveMember(f.Context(), lastword.Member{Company: c.ID}, lastword.Member{Name: name, Role: role, Lang: "de"})
		f.must(err)
		return m
	}
	f.director, f.second = add("Anna Lind", lastword.Director), add("Jens Lind", lastword.Director)
	f.adviser = add("Mara Weiß", lastword.Adviser)
}

func (f *fixture) addChannel(connector string, all bool) lastword.Leased {
	f.Helper()
	c, err := f.db.SaveChannel(f.Context(), f.director, lastword.Channel{Connector: connector, Name: connector, All: all})
	f.must(err)
	l, err := f.db.LeaseOne(f.Context(), "test", f.company.ID, c.ID, f.clock.Now().Add(time.Hour))
	f.must(err)
	return l
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// post invents a post by an author.
func (f *fixture) post(author, text string) lastword.Post {
	f.heardKeys++
	return lastword.Post{Network: "bluesky", Key: fmt.Sprintf("post-%d", f.heardKeys), URL: "https://example.org/p",
		Author: lastword.Author{Key: "id-" + author, Handle: author, Name: author}, Text: text,
		SaidAt: f.clock.Now().Add(-time.Hour).Add(time.Duration(f.heardKeys) * time.Second)}
}

// hear saves events and returns what became of them.
func (f *fixture) hear(events ...lastword.Event) lastword.Saved {
	f.Helper()
	saved, err := f.db.SaveHeard(f.Context(), f.channel, "c", events, nil)
	f.must(err)
	return saved
}

// say saves posts and returns their voices, in the same order.
func (f *fixture) say(posts ...lastword.Post) []lastword.VoiceRow {
	f.Helper()
	events := make([]lastword.Event, len(posts))
	for i, p := range posts {
		events[i] = lastword.Event{Op: lastword.Said, Post: p}
	}
	f.hear(events...)
	byKey := map[string]lastword.VoiceRow{}
	for _, v := range f.find(lastword.VoiceFilter{Limit: 1000, Own: true}) {
		byKey[v.Key] = v
	}
	vs := make([]lastword.VoiceRow, len(posts))
	for i, p := range posts {
		vs[i] = byKey[p.Key]
	}
	return vs
}

func (f *fixture) find(filter lastword.VoiceFilter) []lastword.VoiceRow {
	f.Helper()
	vs, err := f.db.FindVoices(f.Context(), f.company.ID, filter)
	f.must(err)
	return vs
}

func (f *fixture) voice(id int64) lastword.VoiceRow {
	f.Helper()
	v, err := f.db.VoiceRow(f.Context(), f.company.ID, id)
	f.must(err)
	return v
}

func (f *fixture) theme(id int64) lastword.Theme {
	f.Helper()
	th, err := f.db.Theme(f.Context(), f.company.ID, id)
	f.must(err)
	return th
}

// gather places voices into a new theme with the given fit.
func (f *fixture) gather(name string, fit float64, voices ...lastword.VoiceRow) int64 {
	f.Helper()
	th := lastword.Theme{ID: f.db.NewID(), Company: f.company.ID, Name: name, Lang: "de", Kinds: lastword.Wish}
	ms := make([]lastword.Membership, len(voices))
	for i, v := range voices {
		ms[i] = lastword.Membership{Voice: v.ID, Theme: th.ID, Fit: fit}
	}
	_, stamp, err := f.db.LiveThemes(f.Context(), f.company.ID)
	f.must(err)
	_, err = f.db.SavePlacements(f.Context(), f.company.ID, stamp, []lastword.Theme{th}, ms)
	f.must(err)
	return th.ID
}

// move places a voice by the first director's word.
func (f *fixture) move(v lastword.VoiceRow, theme int64) {
	f.Helper()
	m := lastword.Membership{Voice: v.ID, Theme: theme, Fit: 1, By: f.director.ID}
	f.must(f.db.MoveVoices(f.Context(), f.company.ID, f.director.ID, []lastword.Membership{m}, nil))
}

// decide lets a decision by the first director stand.
func (f *fixture) decide(theme int64, v lastword.Verdict) lastword.Decision {
	f.Helper()
	d := lastword.Decision{ID: f.db.NewID(), Company: f.company.ID, Theme: theme, Verdict: v,
		Reason: map[string]string{"de": "Das haben wir gehört."}, By: f.director.ID}
	d, err := f.db.ConsentDecision(f.Context(), d, true, f.consent(lastword.OfDecision, d.ID, d.Digest(), f.director), f.entry("decided"))
	f.must(err)
	return d
}

func (f *fixture) consent(s lastword.Subject, id int64, digest string, by lastword.Member) lastword.Release {
	return lastword.Release{Company: f.company.ID, Subject: s, ID: id, Digest: digest, By: by.ID, At: f.clock.Now()}
}

func (f *fixture) entry(act string) lastword.Entry {
	return lastword.Entry{Company: f.company.ID, By: f.director.ID, Act: act, Subject: lastword.OfTheme, Detail: "{}"}
}

// draft keeps an answer to each voice that the decision owes one, through the
// fixture's channel.
func (f *fixture) draft(d lastword.Decision) []lastword.AnswerRow {
	f.Helper()
	owed, err := f.db.ToAnswer(f.Context(), f.company.ID, d.ID, 0, 1000)
	f.must(err)
	var drafts []lastword.Answer
	for _, v := range owed {
		id := f.db.NewID()
		drafts = append(drafts, lastword.Answer{ID: id, Company: f.company.ID, Voice: v.ID, Identity: v.Identity, Theme: d.Theme,
			Decision: d.ID, Channel: f.channel.ID, Network: v.Network, Lang: "de", Text: "Danke, " + v.Who.Handle,
			Token: fmt.Sprint("token", id), Made: f.clock.Now()})
	}
	_, err = f.db.SaveDrafts(f.Context(), f.company.ID, drafts)
	f.must(err)
	return f.answers(lastword.AnswerFilter{Decision: d.ID, Limit: 1000})
}

func (f *fixture) answers(filter lastword.AnswerFilter) []lastword.AnswerRow {
	f.Helper()
	as, err := f.db.Answers(f.Context(), f.company.ID, filter)
	f.must(err)
	return as
}

func (f *fixture) answer(id int64) lastword.AnswerRow {
	f.Helper()
	a, err := f.db.AnswerRow(f.Context(), f.company.ID, id)
	f.must(err)
	return a
}

// release releases answers as they are, by a director.
func (f *fixture) release(by lastword.Member, answers ...lastword.AnswerRow) lastword.Outcome {
	f.Helper()
	rs := make([]lastword.Release, len(answers))
	for i, a := range answers {
		rs[i] = f.consent(lastword.OfAnswer, a.ID, a.Digest(), by)
	}
	o, err := f.db.ReleaseAnswers(f.Context(), f.company.ID, rs, f.entry("released"))
	f.must(err)
	return o
}

// equal fails unless got is want.
func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}
