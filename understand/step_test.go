package understand_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/store"
	"lastword/understand"
)

// A spy is the real store that remembers which jobs were left.
type spy struct {
	*store.DB
	next []lastword.Job
}

func (s *spy) SaveLabels(ctx context.Context, company int64, labels []lastword.Label, next ...lastword.Job) error {
	s.next = append(s.next, next...)
	return s.DB.SaveLabels(ctx, company, labels, next...)
}

// A desk is a step at work for one company.
type desk struct {
	*testing.T
	db      *spy
	step    understand.Step
	company lastword.Company
	boss    lastword.Member
	channel lastword.Leased
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &desk{T: t, db: &spy{DB: db}}
	d.step = understand.Step{Store: d.db, Model: load(t)}
	d.company, err = db.AddCompany(t.Context(), lastword.Company{Name: "Lumenhaus", Names: []string{"Glow"}, Lang: "de", Rule: lastword.AnyDirector})
	d.must(err)
	d.boss, err = db.SaveMember(t.Context(), lastword.Member{Company: d.company.ID}, lastword.Member{Company: d.company.ID, Name: "Ada", Role: lastword.Director, Lang: "de"})
	d.must(err)
	c, err := db.SaveChannel(t.Context(), d.boss, lastword.Channel{Company: d.company.ID, Connector: "bluesky", Name: "b", All: true})
	d.must(err)
	d.channel, err = db.LeaseOne(t.Context(), "test", d.company.ID, c.ID, time.Now().Add(time.Hour))
	d.must(err)
	return d
}

// teach lets the director put voices right until the machine has got it.
func (d *desk) teach(k lastword.Kinds) {
	d.Helper()
	var posts []lastword.Post
	for i, l := range kilns(5) {
		posts = append(posts, lastword.Post{Key: fmt.Sprint("kiln", i), Text: l.Post.Text})
	}
	for _, id := range d.hear(posts...) {
		if v := d.voice(id); strings.HasPrefix(v.Key, "kiln") {
			d.do(id)
			d.must(d.db.CorrectVoice(d.Context(), d.boss, id, k, lastword.Negative))
		}
	}
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// hear stores posts and returns their voices' ids by key.
func (d *desk) hear(posts ...lastword.Post) map[string]int64 {
	d.Helper()
	var events []lastword.Event
	for i := range posts {
		posts[i].Network, posts[i].SaidAt = "bluesky", time.Now().Add(-time.Hour)
		posts[i].Author = lastword.Author{Key: "mia", Handle: "mia"}
		events = append(events, lastword.Event{Post: posts[i]})
	}
	_, err := d.db.SaveHeard(d.Context(), d.channel, "c", events, nil)
	d.must(err)
	rows, err := d.db.FindVoices(d.Context(), d.company.ID, lastword.VoiceFilter{Limit: 100, Own: true})
	d.must(err)
	ids := map[string]int64{}
	for _, row := range rows {
		ids[row.Key] = row.ID
	}
	return ids
}

func (d *desk) do(ids ...int64) {
	d.Helper()
	d.must(d.step.Do(d.Context(), lastword.Job{Kind: lastword.Understand, Company: d.company.ID, IDs: ids}))
}

func (d *desk) voice(id int64) lastword.Voice {
	d.Helper()
	vs, err := d.db.Voices(d.Context(), d.company.ID, []int64{id})
	d.must(err)
	if len(vs) != 1 {
		d.Fatalf("%d voices with id %d", len(vs), id)
	}
	return vs[0]
}

func TestStepLabelsAndPassesOn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.hear(
		lastword.Post{Key: "wish", Text: "@lumenhaus Bitte baut doch endlich einen Dimmer in die Lampen ein!"},
		lastword.Post{Key: "other", Text: "What a nice glow this Morning in Berlin"},
	)
	d.do(ids["wish"], ids["other"])
	wish := d.voice(ids["wish"])
	if wish.Kinds&lastword.Wish == 0 || wish.Language != "de" || wish.Wish == "" || wish.Version != understand.Version {
		t.Errorf("label %+v", wish.Label)
	}
	if other := d.voice(ids["other"]); other.Version != understand.Version || other.Circle != lastword.Aside {
		t.Errorf("not about us: %+v, circle %d", other.Label, other.Circle)
	}
	if len(d.db.next) != 1 || d.db.next[0].Kind != lastword.Gather || !slices.Equal(d.db.next[0].IDs, []int64{ids["wish"]}) {
		t.Errorf("next: %+v", d.db.next)
	}
}

// What the company hears stays in without its name, and a question is asked of
// it; from anywhere else it would not.
func TestStepTrustsTheChannel(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const s = "Was kostet der Versand?"
	ids := d.hear(lastword.Post{Key: "a", Text: s})
	d.do(ids["a"])
	if got := d.voice(ids["a"]); got.About < 0.5 || len(d.db.next) != 1 || got.Kinds != lastword.Question {
		t.Errorf("about %.2f, %v %.2f, next %+v", got.About, got.Kinds, got.P, d.db.next)
	}
	if got := load(t).Judge(lastword.Post{Text: s}, []string{"Lumenhaus"}).About; got >= 0.5 {
		t.Errorf("from nowhere: %.2f", got)
	}
}

func TestStepTwiceDoesNothingMore(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.hear(lastword.Post{Key: "a", Text: "Danke, Lumenhaus!"})
	d.do(ids["a"], 12345)
	d.do(ids["a"])
	if len(d.db.next) != 1 {
		t.Errorf("next: %+v", d.db.next)
	}
}

func TestStepLeavesOwnAndGoneAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.hear(lastword.Post{Key: "own", Text: "Wir haben geöffnet", Own: true}, lastword.Post{Key: "gone", Text: "Lumenhaus, bitte!"})
	_, err := d.db.SaveHeard(t.Context(), d.channel, "c", []lastword.Event{{Op: lastword.Deleted, Post: lastword.Post{Network: "bluesky", Key: "gone"}}}, nil)
	d.must(err)
	d.do(ids["own"], ids["gone"])
	if len(d.db.next) != 0 || d.voice(ids["own"]).Version != 0 || d.voice(ids["gone"]).Version != 0 {
		t.Errorf("own %+v, gone %+v, next %+v", d.voice(ids["own"]).Label, d.voice(ids["gone"]).Label, d.db.next)
	}
}

func TestStepKeepsWhatAPersonSaid(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.hear(lastword.Post{Key: "a", Text: "@lumenhaus Die Lampe in Grün, das wäre was. Grüße"})
	d.must(d.db.CorrectVoice(t.Context(), d.boss, ids["a"], lastword.Wish|lastword.Praise, lastword.Negative))
	d.do(ids["a"])
	got := d.voice(ids["a"])
	if got.Kinds != lastword.Wish|lastword.Praise || got.Feeling != lastword.Negative || got.KindsBy != d.boss.ID || got.Wish == "" || got.Version == 0 {
		t.Errorf("label %+v", got.Label)
	}
}

func TestStepReadsWithWhatWasTaught(t *testing.T) {
	t.Parallel()
	d, other := newDesk(t), newDesk(t)
	d.teach(lastword.Problem)
	for _, x := range []*desk{d, other} {
		id := x.hear(lastword.Post{Key: "next", Text: crackles.Text})["next"]
		x.do(id)
		if got := x.voice(id).Kinds&lastword.Problem != 0; got != (x == d) {
			t.Errorf("a problem: %v, taught: %v", got, x == d)
		}
	}
}

// One program, two companies: what one teaches is not for the other.
func TestStepTeachesNobodyElse(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.teach(lastword.Problem)
	second, err := d.db.AddCompany(t.Context(), lastword.Company{Name: "Lumenhaus", Lang: "de", Rule: lastword.AnyDirector})
	d.must(err)
	boss, err := d.db.SaveMember(t.Context(), lastword.Member{Company: second.ID}, lastword.Member{Company: second.ID, Name: "Bo", Role: lastword.Director, Lang: "de"})
	d.must(err)
	c, err := d.db.SaveChannel(t.Context(), boss, lastword.Channel{Company: second.ID, Connector: "bluesky", Name: "b", All: true})
	d.must(err)
	lease, err := d.db.LeaseOne(t.Context(), "test", second.ID, c.ID, time.Now().Add(time.Hour))
	d.must(err)
	d.company, d.boss, d.channel = second, boss, lease
	id := d.hear(lastword.Post{Key: "next", Text: crackles.Text})["next"]
	d.do(id)
	if got := d.voice(id); got.Kinds != 0 {
		t.Errorf("the other company's voice is %v", got.Kinds)
	}
}

func TestStepRereadsWhatWaits(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.hear(lastword.Post{Key: "waits", Text: crackles.Text}, lastword.Post{Key: "aside", Text: crackles.Text + "!"},
		lastword.Post{Key: "said", Text: crackles.Text + "."})
	d.do(ids["waits"], ids["aside"], ids["said"])
	d.must(d.db.SetAside(t.Context(), d.boss, ids["aside"], true))
	d.must(d.db.CorrectVoice(t.Context(), d.boss, ids["said"], lastword.Praise, lastword.Positive))
	aside := d.voice(ids["aside"]).Kinds
	d.teach(lastword.Problem)
	d.db.next = nil
	reread := func() {
		d.must(d.step.Reread(t.Context(), lastword.Job{Kind: lastword.Reread, Company: d.company.ID}))
	}
	reread()
	if v := d.voice(ids["waits"]); v.Kinds&lastword.Problem == 0 {
		t.Errorf("what waits is %v (%.2f)", v.Kinds, v.P)
	}
	if v := d.voice(ids["aside"]); v.Kinds != aside {
		t.Errorf("what was set aside is %v", v.Kinds)
	}
	if v := d.voice(ids["said"]); v.Kinds != lastword.Praise || v.KindsBy != d.boss.ID {
		t.Errorf("what a person said is %v", v.Kinds)
	}
	if len(d.db.next) != 1 || d.db.next[0].Kind != lastword.Gather || !slices.Equal(d.db.next[0].IDs, []int64{ids["waits"]}) {
		t.Errorf("next: %+v", d.db.next)
	}
	reread()
	if len(d.db.next) != 1 {
		t.Errorf("a second time: %+v", d.db.next)
	}
}

// A correction that is undone takes its lesson along, in the same program and in
// one that starts afresh.
func TestStepUnlearns(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.hear(lastword.Post{Key: "first", Text: crackles.Text})["first"]
	d.do(first)
	plain := d.voice(first).Label
	d.teach(lastword.Problem)
	all, err := d.db.Corrections(t.Context(), d.company.ID, 0, 100)
	d.must(err)
	for _, c := range all {
		d.must(d.db.UndoCorrection(t.Context(), d.boss, c.ID))
		d.do(c.Of.ID)
		if v := d.voice(c.Of.ID); v.KindsBy != 0 || v.Version != understand.Version {
			t.Errorf("undone: %+v", v.Label)
		}
	}
	for _, step := range []*understand.Step{&d.step, {Store: d.db, Model: load(t)}} {
		d.must(step.Reread(t.Context(), lastword.Job{Kind: lastword.Reread, Company: d.company.ID}))
		if got := d.voice(first).Label; got != plain {
			t.Errorf("read as %+v, before as %+v", got, plain)
		}
	}
}

func TestStepStopsWithItsContext(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.hear(lastword.Post{Key: "a", Text: "Lumenhaus"})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	err := d.step.Do(ctx, lastword.Job{Company: d.company.ID, IDs: []int64{ids["a"]}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := d.step.Do(t.Context(), lastword.Job{Company: 99, IDs: []int64{1}}); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("of no company: %v", err)
	}
}
