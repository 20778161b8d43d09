package storetest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"lastword"
)

func testHear(t *testing.T, f *fixture) {
	saved := f.hear(
		lastword.Event{Post: f.post("mia", "Der Wanderschuh drückt.")},
		lastword.Event{Post: f.post("tom", "Gibt es halbe Größen?")},
	)
	equal(t, "saved", saved, lastword.Saved{New: 2})
	c, err := f.db.Channel(t.Context(), f.company.ID, f.channel.ID)
	f.must(err)
	equal(t, "cursor", c.Cursor, "c")
	equal(t, "heard", c.Health.Heard, 2)
	vs := f.find(lastword.VoiceFilter{})
	if len(vs) != 2 || vs[0].Text != "Gibt es halbe Größen?" || vs[0].Who.Handle != "tom" || vs[0].Person.Name != "tom" {
		t.Errorf("newest first: %+v", vs)
	}
}

func testHearAgain(t *testing.T, f *fixture) {
	p := f.post("mia", "Bitte in Weit!")
	for i, want := range []lastword.Saved{{New: 1}, {Known: 1}} {
		equal(t, "saved "+string(rune('1'+i)), f.hear(lastword.Event{Post: p}), want)
	}
	equal(t, "in one batch", f.hear(lastword.Event{Post: f.post("tom", "a")}, lastword.Event{Post: p}, lastword.Event{Post: p}), lastword.Saved{New: 1, Known: 2})
	people, err := f.db.People(t.Context(), f.company.ID, lastword.PersonFilter{})
	f.must(err)
	equal(t, "people", len(people), 2)
}

func testVoiceKeys(t *testing.T, f *fixture) {
	var want []string
	for _, who := range []string{"mia", "tom", "eva"} {
		p := f.post(who, "Bitte in Weit, sagt "+who)
		f.hear(lastword.Event{Post: p})
		want = append(want, p.Key)
	}
	gone := f.post("kai", "Das nehme ich zurück.")
	f.hear(lastword.Event{Post: gone})
	f.hear(lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: gone.Network, Key: gone.Key}})
	slices.Sort(want)
	network := gone.Network
	keys := func(after string, most int) []string {
		got, err := f.db.VoiceKeys(t.Context(), f.company.ID, network, after, most)
		f.must(err)
		return got
	}
	equal(t, "all that are there", strings.Join(keys("", 10), " "), strings.Join(want, " "))
	equal(t, "the next after one", strings.Join(keys(want[0], 1), " "), want[1])
	equal(t, "after the last", len(keys(want[2], 10)), 0)
	other, err := f.db.VoiceKeys(t.Context(), f.company.ID+1, network, "", 10)
	f.must(err)
	equal(t, "of another company", len(other), 0)

	authors := func(company int64, network string, voices ...string) string {
		got, err := f.db.VoiceAuthors(t.Context(), company, network, voices)
		f.must(err)
		return strings.Join(got, " ")
	}
	again := f.post("mia", "Und in Rot, sagt mia")
	f.hear(lastword.Event{Post: again})
	equal(t, "who said them", authors(f.company.ID, network, want[0], again.Key, gone.Key, "nothing"), "id-kai id-mia")
	equal(t, "who said nothing", authors(f.company.ID, network), "")
	equal(t, "who said it elsewhere", authors(f.company.ID, "elsewhere", again.Key), "")
	equal(t, "who said it to another company", authors(f.company.ID+1, network, again.Key), "")
}

// What a place lets nobody keep for long goes in time, whether its channel is heard,
// held or removed, and nothing else does.
func testExpire(t *testing.T, f *fixture) {
	ours := f.post("wir", "Das sagen wir selbst.")
	ours.Own = true
	old := f.say(f.post("mia", "Das war vorgestern."), ours)
	elsewhere := f.post("mia", "Anderswo gesagt.")
	elsewhere.Network = "elsewhere"
	f.hear(lastword.Event{Post: elsewhere})
	f.clock.Add(48 * time.Hour)
	l, err := f.db.LeaseOne(t.Context(), "test", f.company.ID, f.channel.ID, f.clock.Now().Add(time.Hour))
	f.must(err)
	f.channel = l
	young := f.say(f.post("tom", "Das ist von heute."))
	network, bound := old[0].Network, f.clock.Now().Add(-24*time.Hour)
	expire := func(company, channel int64) int {
		n, err := f.db.Expire(t.Context(), company, channel, network, bound)
		f.must(err)
		return n
	}
	equal(t, "of another company", expire(f.company.ID+1, f.channel.ID), 0)
	equal(t, "through another channel", expire(f.company.ID, f.channel.ID+1), 0)
	f.must(f.db.DeleteChannel(t.Context(), f.director, f.channel.ID))
	gone, err := f.db.GoneChannels(t.Context(), f.company.ID)
	f.must(err)
	if len(gone) != 1 || gone[0].ID != f.channel.ID || gone[0].Connector != f.channel.Connector {
		t.Errorf("removed channels: %+v", gone)
	}
	equal(t, "forgotten", expire(f.company.ID, f.channel.ID), 1)
	equal(t, "again", expire(f.company.ID, f.channel.ID), 0)
	if v := f.voice(old[0].ID); v.Text != "" || v.GoneAt.IsZero() {
		t.Errorf("it still says %q", v.Text)
	}
	if f.voice(old[1].ID).Text == "" || f.voice(young[0].ID).Text == "" {
		t.Error("more was forgotten than had to be")
	}
	left := func() int {
		f.must(f.db.ForgetGone(t.Context(), f.company.ID, f.channel.ID, network))
		gone, err := f.db.GoneChannels(t.Context(), f.company.ID)
		f.must(err)
		return len(gone)
	}
	equal(t, "while something is kept", left(), 1)
	bound = f.clock.Now().Add(time.Hour)
	equal(t, "the rest", expire(f.company.ID, f.channel.ID), 1)
	equal(t, "when nothing is", left(), 0)
}

func testEdits(t *testing.T, f *fixture) {
	p := f.post("mia", "Die Sohle lößt sich.")
	v := f.say(p)[0]
	f.must(f.db.SaveLabels(t.Context(), f.company.ID, []lastword.Label{{Voice: v.ID, Kinds: lastword.Problem, Version: 3, About: 1}}))
	p.Text = "Die Sohle löst sich ab."
	equal(t, "saved", f.hear(lastword.Event{Post: p}), lastword.Saved{Edited: 1})
	got := f.voice(v.ID)
	if got.Text != p.Text || got.Version != 0 || got.EditedAt.IsZero() {
		t.Errorf("after the edit: %q, version %d, edited %v", got.Text, got.Version, got.EditedAt)
	}
	equal(t, "found by the old words", len(f.find(lastword.VoiceFilter{Search: "lößt"})), 0)
	equal(t, "found by the new words", len(f.find(lastword.VoiceFilter{Search: "löst ab"})), 1)
}

// testHidden hides at its source what everybody could read: from then on it is
// private, whatever is heard of it later.
func testHidden(t *testing.T, f *fixture) {
	p := f.post("mia", "Das war zu grob gesagt.")
	v := f.say(p)[0]
	equal(t, "public", f.voice(v.ID).Private, false)
	hidden := p
	hidden.Private = true
	equal(t, "said again", f.hear(lastword.Event{Post: hidden}), lastword.Saved{Known: 1})
	equal(t, "a repetition hides nothing", f.voice(v.ID).Private, false)
	equal(t, "hidden", f.hear(lastword.Event{Op: lastword.Edited, Post: hidden}), lastword.Saved{Edited: 1})
	got := f.voice(v.ID)
	if !got.Private || got.Text != p.Text || !got.EditedAt.IsZero() {
		t.Errorf("hidden: %+v", got)
	}
	p.Text = "Das war zu grob gesagt, Entschuldigung."
	equal(t, "edited", f.hear(lastword.Event{Op: lastword.Edited, Post: p}), lastword.Saved{Edited: 1})
	equal(t, "still private", f.voice(v.ID).Private, true)
}

func testDeletions(t *testing.T, f *fixture) {
	p := f.post("mia", "Das nehme ich zurück.")
	v := f.say(p)[0]
	th := f.gather("Rücknahme", 1, v)
	f.draft(f.decide(th, lastword.No))
	gone := lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: p.Network, Key: p.Key}}
	equal(t, "deleted", f.hear(gone), lastword.Saved{Deleted: 1})
	equal(t, "deleted again", f.hear(gone), lastword.Saved{})
	got := f.voice(v.ID)
	if got.Text != "" || got.URL != "" || got.GoneAt.IsZero() || got.Circle != lastword.Aside {
		t.Errorf("a deleted voice still says %q, %q, %v", got.Text, got.URL, got.Circle)
	}
	equal(t, "found", len(f.find(lastword.VoiceFilter{Search: "nehme"})), 0)
	equal(t, "theme's voices", f.theme(th).Voices, 0)
	as := f.answers(lastword.AnswerFilter{})
	equal(t, "answer", as[0].State, lastword.Withdrawn)
	equal(t, "why", as[0].Why, "why.gone")
	equal(t, "said again under the same key", f.hear(lastword.Event{Post: p}), lastword.Saved{Known: 1})
	equal(t, "its text", f.voice(v.ID).Text, "")
	mixed := f.post("tom", "Nur kurz")
	equal(t, "said and deleted in one batch", f.hear(lastword.Event{Post: mixed},
		lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: mixed.Network, Key: mixed.Key}}), lastword.Saved{New: 1, Deleted: 1})
}

func testAccounts(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "Hallo Lind"), f.post("mia", "Noch etwas"), f.post("tom", "Ich auch"))
	account := func(op lastword.Op) lastword.Event {
		return lastword.Event{Op: op, Post: lastword.Post{Network: "bluesky", Author: lastword.Author{Key: "id-mia"}}}
	}
	f.hear(account(lastword.AccountAway))
	equal(t, "while away", len(f.find(lastword.VoiceFilter{})), 1)
	f.hear(account(lastword.AccountBack))
	equal(t, "back", len(f.find(lastword.VoiceFilter{})), 3)
	f.hear(account(lastword.AccountGone))
	for _, v := range v[:2] {
		got := f.voice(v.ID)
		if got.Text != "" || got.Who.Handle != "" || got.Person.Name != "" {
			t.Errorf("erased, and still there: %q by %q, %q", got.Text, got.Who.Handle, got.Person.Name)
		}
	}
	equal(t, "the other's", f.voice(v[2].ID).Text, "Ich auch")
}

func testFence(t *testing.T, f *fixture) {
	old := f.channel
	f.clock.Add(2 * time.Hour)
	taken, err := f.db.LeaseOne(t.Context(), "other", f.company.ID, old.ID, f.clock.Now().Add(time.Hour))
	f.must(err)
	_, err = f.db.SaveHeard(t.Context(), old, "late", []lastword.Event{{Post: f.post("mia", "zu spät")}}, nil)
	if !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("SaveHeard under a lost lease = %v, want ErrConflict", err)
	}
	equal(t, "voices", len(f.find(lastword.VoiceFilter{})), 0)
	f.channel = taken
	equal(t, "the new owner", f.hear(lastword.Event{Post: f.post("mia", "jetzt")}).New, 1)
}

func testThreads(t *testing.T, f *fixture) {
	root, reply, deep := f.post("mia", "Wer hat Weite H?"), f.post("lind", "Wir bald."), f.post("mia", "Wann?")
	root.SaidAt = f.clock.Now().Add(-3 * time.Hour)
	reply.Parent, reply.Own, deep.Parent = root.Key, true, reply.Key
	// The answer is heard before what it answers.
	vs := f.say(deep)
	f.say(reply)
	f.say(root)
	thread, err := f.db.Thread(t.Context(), f.company.ID, vs[0].ID)
	f.must(err)
	var texts []string
	for _, v := range thread {
		texts = append(texts, v.Text)
	}
	equal(t, "thread", strings.Join(texts, " | "), "Wer hat Weite H? | Wir bald. | Wann?")
}

func testFind(t *testing.T, f *fixture) {
	vs := f.say(f.post("mia", "eins"), f.post("tom", "zwei"), f.post("mia", "drei"))
	own := f.post("lind", "vier")
	own.Own = true
	f.say(own)
	f.must(f.db.SaveLabels(t.Context(), f.company.ID, []lastword.Label{
		{Voice: vs[0].ID, Language: "de", Kinds: lastword.Wish | lastword.Problem, Feeling: lastword.Negative, About: 1, Version: 1},
		{Voice: vs[1].ID, Language: "en", Kinds: lastword.Praise, Feeling: lastword.Positive, About: 1, Version: 1},
		{Voice: vs[2].ID, Language: "de", About: .1, Version: 1},
	}))
	th := f.gather("Weite", .5, vs[0])
	negative := lastword.Negative
	for name, c := range map[string]struct {
		filter lastword.VoiceFilter
		want   int
	}{
		"all":          {lastword.VoiceFilter{}, 3},
		"own too":      {lastword.VoiceFilter{Own: true}, 4},
		"wishes":       {lastword.VoiceFilter{Kinds: lastword.Wish}, 1},
		"any of two":   {lastword.VoiceFilter{Kinds: lastword.Wish | lastword.Praise}, 2},
		"other":        {lastword.VoiceFilter{Other: true}, 1},
		"negative":     {lastword.VoiceFilter{Feeling: &negative}, 1},
		"open":         {lastword.VoiceFilter{Circle: []lastword.Circle{lastword.Open}}, 2},
		"not about us": {lastword.VoiceFilter{Circle: []lastword.Circle{lastword.Aside}}, 1},
		"theme":        {lastword.VoiceFilter{Theme: th}, 1},
		"no theme":     {lastword.VoiceFilter{NoTheme: true}, 2},
		"doubtful":     {lastword.VoiceFilter{Doubtful: true}, 1},
		"sure":         {lastword.VoiceFilter{Theme: th, Surely: true}, 0},
		"person":       {lastword.VoiceFilter{Person: vs[0].Person.ID}, 2},
		"network":      {lastword.VoiceFilter{Network: "x"}, 0},
		"language":     {lastword.VoiceFilter{Language: "en"}, 1},
		"since":        {lastword.VoiceFilter{Since: vs[1].SaidAt}, 2},
		"until":        {lastword.VoiceFilter{Until: vs[1].SaidAt}, 1},
		"next page":    {lastword.VoiceFilter{Before: vs[1].ID}, 1},
		"limit":        {lastword.VoiceFilter{Limit: 2}, 2},
		"search":       {lastword.VoiceFilter{Search: "zwei", Kinds: lastword.Praise}, 1},
	} {
		got := f.find(c.filter)
		equal(t, name, len(got), c.want)
		n, err := f.db.CountVoices(t.Context(), f.company.ID, c.filter, 100)
		f.must(err)
		if c.filter.Limit == 0 {
			equal(t, name+", counted", n, c.want)
		}
	}
}

func testSearch(t *testing.T, f *fixture) {
	f.say(f.post("mia", "Der Größenberater im Shop ist falsch"), f.post("tom", "Schnürsenkel reißen ständig"))
	for search, want := range map[string]int{
		"shop":                     1,
		"SHOP falsch":              1,
		"shop schnürsenkel":        0,
		`"shop ist"`:               1,
		`"ist shop"`:               0,
		"schnür*":                  1,
		"schnür":                   0,
		`a" OR text:"* NEAR(`:      0,
		`'); DROP TABLE voice`:     0,
		"…":                        0,
		"   ":                      2,
		"größenberater*":           1,
		strings.Repeat("a ", 5000): 0,
	} {
		equal(t, "found by "+search[:min(len(search), 30)], len(f.find(lastword.VoiceFilter{Search: search})), want)
	}
}

func testLabels(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "Wieder schwarz, bitte!"))[0]
	label := lastword.Label{Voice: v.ID, Language: "de", Kinds: lastword.Wish, P: [4]float64{.9, .1, 0, .2},
		Wish: "Wieder schwarz", Feeling: lastword.Neutral, PFeeling: .6, About: .9, Version: 2}
	f.must(f.db.SaveLabels(t.Context(), f.company.ID, []lastword.Label{label}))
	equal(t, "label", f.voice(v.ID).Label, label)
	f.must(f.db.CorrectVoice(t.Context(), f.director, v.ID, lastword.Praise, lastword.Positive))
	label.Version = 3
	f.must(f.db.SaveLabels(t.Context(), f.company.ID, []lastword.Label{label}))
	got := f.voice(v.ID)
	equal(t, "kinds that a person gave", got.Kinds, lastword.Praise)
	equal(t, "feeling that a person gave", got.Feeling, lastword.Positive)
	equal(t, "corrected by", got.KindsBy, f.director.ID)
	f.must(f.db.SetAside(t.Context(), f.director, v.ID, true))
	equal(t, "set aside", f.voice(v.ID).Circle, lastword.Aside)
	f.must(f.db.SetAside(t.Context(), f.director, v.ID, false))
	equal(t, "taken up", f.voice(v.ID).Circle, lastword.Open)
}

// testSameMoment hears a file that tells only the day: thousands of posts share
// one millisecond.
func testSameMoment(t *testing.T, f *fixture) {
	at := f.clock.Now().Add(-24 * time.Hour)
	for range 3 {
		var events []lastword.Event
		for range 1000 {
			p := f.post("mia", "am selben Tag")
			p.SaidAt = at
			events = append(events, lastword.Event{Post: p})
		}
		equal(t, "saved", f.hear(events...), lastword.Saved{New: 1000})
	}
	n, err := f.db.CountVoices(t.Context(), f.company.ID, lastword.VoiceFilter{Since: at, Until: at.Add(time.Millisecond), Search: "selben"}, 5000)
	f.must(err)
	equal(t, "found again", n, 3000)
}

func testRhythm(t *testing.T, f *fixture) {
	ctx := t.Context()
	at := func(hours int) time.Time { return f.clock.Now().Add(-time.Duration(hours) * time.Hour) }
	said := func(who string, hours int, own bool) lastword.Event {
		p := f.post(who, "Vor Stunden gesagt von "+who)
		p.SaidAt, p.Own = at(hours), own
		return lastword.Event{Post: p}
	}
	f.hear(said("mia", 30, false), said("tom", 30, false), said("eva", 5, false), said("wir", 5, true), said("alt", 24*365, false))
	f.hear(said("kai", 5, false))
	rhythm := func() lastword.Rhythm {
		r, err := f.db.Rhythm(ctx, f.company.ID, f.channel.ID, at(24*100))
		f.must(err)
		return r
	}
	got := rhythm()
	equal(t, "zone", got.Zone, "Europe/Berlin")
	equal(t, "lag", got.Lag, 5*time.Hour)
	equal(t, "hours", len(got.Hours), 2)
	equal(t, "the older hour", got.Hours[0], lastword.Hour{At: at(30).Unix() / 3600, Voices: 2})
	equal(t, "the later hour", got.Hours[1], lastword.Hour{At: at(5).Unix() / 3600, Voices: 2})
	_, err := f.db.Rhythm(ctx, f.company.ID+1, f.channel.ID, at(1000))
	equal(t, "of another company", errors.Is(err, lastword.ErrNotFound), true)

	quiet := lastword.Quiet{Since: at(3), Usual: 12.5, Brought: 1}
	f.must(f.db.Report(ctx, f.channel, lastword.Health{State: lastword.Silent, LastTry: at(0), Quiet: quiet}))
	c, err := f.db.Channel(ctx, f.company.ID, f.channel.ID)
	f.must(err)
	equal(t, "state", c.Health.State, lastword.Silent)
	if !c.Health.Quiet.Since.Equal(quiet.Since) || c.Health.Quiet.Usual != 12.5 || c.Health.Quiet.Brought != 1 {
		t.Errorf("quiet: %+v", c.Health.Quiet)
	}

	// A query that asks for something else makes other channels poorer, not one
	// that takes all.
	q, err := f.db.SaveQuery(ctx, f.director, lastword.Query{Name: "Lind", Text: "lind"})
	f.must(err)
	f.must(f.db.DeleteQuery(ctx, f.director, q.ID))
	equal(t, "hours of a channel that takes all", len(rhythm().Hours), 2)
	c.Settings = map[string]string{"url": "https://example.org/other"}
	_, err = f.db.SaveChannel(ctx, f.director, c)
	f.must(err)
	equal(t, "hours of another address", len(rhythm().Hours), 0)
	equal(t, "heard since", rhythm().From.Equal(f.clock.Now()), true)

	asked := f.addChannel("bluesky", false)
	f.channel = asked
	v := f.post("ute", "Lind drückt")
	_, err = f.db.SaveHeard(ctx, asked, "c", []lastword.Event{{Post: v}}, [][]int64{{q.ID}})
	f.must(err)
	equal(t, "hours of a channel with queries", len(rhythm().Hours), 1)
	q, err = f.db.SaveQuery(ctx, f.director, lastword.Query{Name: "Lind", Text: "lind"})
	f.must(err)
	equal(t, "after one more query", len(rhythm().Hours), 1)
	q.Text = "lind AND schuh"
	_, err = f.db.SaveQuery(ctx, f.director, q)
	f.must(err)
	equal(t, "after another query", len(rhythm().Hours), 0)
}

func testBreaks(t *testing.T, f *fixture) {
	ctx := t.Context()
	f.must(f.db.Release(ctx, f.channel, lastword.Health{State: lastword.Fine, NextTry: f.clock.Now().Add(time.Minute)}))
	first := f.clock.Now()
	lease := func() time.Time {
		now := f.clock.Now()
		ls, err := f.db.Lease(ctx, "test", now, now.Add(time.Minute), 10)
		f.must(err)
		equal(t, "leased", len(ls), 1)
		f.must(f.db.Release(ctx, ls[0], lastword.Health{State: lastword.Fine, NextTry: now.Add(time.Minute)}))
		r, err := f.db.Rhythm(ctx, f.company.ID, f.channel.ID, now)
		f.must(err)
		return r.From
	}
	f.clock.Add(2 * time.Minute)
	equal(t, "run in time", lease().Equal(first), true)
	f.clock.Add(5 * time.Hour)
	equal(t, "after a break", lease().Equal(f.clock.Now()), true)
}

// A voice that its author withdraws from the public becomes private, with or
// without another text, and what was made of it to be shown goes; it stays private.
func testTurnsPrivate(t *testing.T, f *fixture) {
	p, q := f.post("mia", "Halbe Größen fehlen"), f.post("tom", "Half sizes please")
	vs := f.say(p, q)
	th := f.gather("Größen", 1, vs...)
	wording := lastword.Wording{Theme: th, Name: "Halbe Größen", Lang: "de", Voices: 2, Shown: []int64{vs[0].ID, vs[1].ID},
		Sentences: []lastword.Sentence{{Text: "Es fehlen halbe Größen.", Voices: []int64{vs[0].ID}}}}
	f.must(f.db.SaveWording(t.Context(), f.company.ID, wording))
	f.draft(f.decide(th, lastword.Yes))
	var token string
	for _, a := range f.answers(lastword.AnswerFilter{}) {
		f.release(f.director, a)
		if a.Answer.Voice == vs[0].ID {
			token = a.Token
		}
	}
	page := func() lastword.Public {
		p, err := f.db.Public(t.Context(), token)
		f.must(err)
		return p
	}
	equal(t, "before", page().Voice.Text, p.Text)
	p.Private = true
	equal(t, "withdrawn", f.hear(lastword.Event{Op: lastword.Edited, Post: p}), lastword.Saved{Edited: 1})
	equal(t, "private", f.voice(vs[0].ID).Private, true)
	equal(t, "its text", f.voice(vs[0].ID).Text, p.Text)
	if shown := page(); shown.Voice.Text != "" || shown.Author != "" || shown.Voice.Wish != "" {
		t.Errorf("the public page says %q by %q", shown.Voice.Text, shown.Author)
	}
	if _, err := f.db.Wording(t.Context(), f.company.ID, th); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("the wording that was made of it: %v", err)
	}
	if err := f.db.SaveWording(t.Context(), f.company.ID, wording); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("a wording that was on its way: %v", err)
	}
	equal(t, "again", f.hear(lastword.Event{Op: lastword.Edited, Post: p}), lastword.Saved{Known: 1})
	p.Private, p.Text = false, "Halbe Größen fehlen sehr"
	f.hear(lastword.Event{Op: lastword.Edited, Post: p})
	equal(t, "as another channel sees it", f.voice(vs[0].ID).Private, true)
	q.Private, q.Text = true, "Half sizes, please!"
	equal(t, "with another text", f.hear(lastword.Event{Op: lastword.Edited, Post: q}), lastword.Saved{Edited: 1})
	equal(t, "private", f.voice(vs[1].ID).Private, true)
	equal(t, "its new text", f.voice(vs[1].ID).Text, q.Text)
}
