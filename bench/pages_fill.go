package bench

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"time"

	"lastword"
	"lastword/app"
	"lastword/store"
	"lastword/understand"
)

// fillStore makes a company with many voices: real texts, each said many times
// by others, over two years, in themes of falling size.
func fillStore(ctx context.Context, o PagesOptions) error {
	posts, err := matchPosts(o.Data)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, store.Options{Folder: o.Folder})
	if err != nil {
		return err
	}
	f := &filler{db: db, posts: posts, random: rand.New(rand.NewPCG(1, 1)), start: time.Now().AddDate(-2, 0, 0), n: o.Voices}
	if err := errors.Join(f.fill(ctx), db.Close()); err != nil {
		return err
	}
	return settle(ctx, o.Folder)
}

// settle serves the store until no job is open: the program reads what was
// filled in, and drafts the answers that were decided.
func settle(ctx context.Context, folder string) error {
	a, err := app.Open(ctx, app.Config{Data: folder, Listen: "127.0.0.1:0", Log: "error"})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, a.Close())
	}
	serving, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- a.Serve(serving, l) }()
	err = idle(ctx, a.DB)
	stop()
	return errors.Join(err, <-served, a.Close())
}

type filler struct {
	db      *store.DB
	posts   []lastword.Post
	random  *rand.Rand
	start   time.Time
	n       int
	company lastword.Company
	member  lastword.Member
	leased  lastword.Leased
	themes  []lastword.Theme
}

// What is filled in.
const (
	manyFilled    = 400    // themes that a million voices lie in
	manyImportant = 300    // people whom the company cares for
	fillBatch     = 10_000 // voices of one transaction
)

func (f *filler) fill(ctx context.Context) (err error) {
	f.company, err = f.db.AddCompany(ctx, lastword.Company{Name: "Bench", Lang: "de", Zone: "Europe/Berlin", Rule: lastword.AnyDirector, Minutes: 10})
	if err != nil {
		return err
	}
	by := lastword.Member{Company: f.company.ID}
	if f.member, err = f.db.SaveMember(ctx, by, lastword.Member{Name: "Bench", Role: lastword.Director, Lang: "de"}); err != nil {
		return err
	}
	ch, err := f.db.SaveChannel(ctx, f.member, lastword.Channel{Connector: "file", Name: "bench", All: true, Paused: true})
	if err != nil {
		return err
	}
	if f.leased, err = f.db.LeaseOne(ctx, "bench", f.company.ID, ch.ID, time.Now().Add(24*time.Hour)); err != nil {
		return err
	}
	for i := range manyFilled {
		f.themes = append(f.themes, lastword.Theme{ID: f.db.NewID(), Name: "Thema " + strconv.Itoa(i+1), Lang: "de", Kinds: lastword.Wish})
	}
	for from := 0; from < f.n; from += fillBatch {
		if err := f.batch(ctx, from, min(fillBatch, f.n-from)); err != nil {
			return err
		}
	}
	if err := f.care(ctx); err != nil {
		return err
	}
	return f.decide(ctx)
}

// care makes some people important.
func (f *filler) care(ctx context.Context) error {
	people, err := f.db.People(ctx, f.company.ID, lastword.PersonFilter{Limit: manyImportant})
	if err != nil {
		return err
	}
	for i, p := range people {
		p.Weight = 1 + i%5
		if err := f.db.SavePerson(ctx, f.member, p); err != nil {
			return err
		}
	}
	return nil
}

// batch stores, labels and places voices.
func (f *filler) batch(ctx context.Context, from, n int) error {
	events := f.events(from, n)
	if _, err := f.db.SaveHeard(ctx, f.leased, strconv.Itoa(from), events, nil); err != nil {
		return err
	}
	ids, err := f.db.WithoutLabel(ctx, f.company.ID, understand.Version, events[0].Post.SaidAt, n)
	if err != nil {
		return err
	}
	labels := make([]lastword.Label, len(ids))
	for i, id := range ids {
		labels[i] = lastword.Label{Voice: id, Language: "de", Kinds: lastword.AllKinds[f.random.IntN(4)], About: 1,
			Version: understand.Version, Feeling: lastword.Feeling(f.random.IntN(3) - 1)}
	}
	if err := f.db.SaveLabels(ctx, f.company.ID, labels); err != nil {
		return err
	}
	_, stamp, err := f.db.LiveThemes(ctx, f.company.ID)
	if err != nil {
		return err
	}
	var fresh []lastword.Theme
	if from == 0 {
		fresh = f.themes
	}
	_, err = f.db.SavePlacements(ctx, f.company.ID, stamp, fresh, f.places(ids))
	return err
}

// events are n voices from the given one on, each a little later than the last.
func (f *filler) events(from, n int) []lastword.Event {
	events := make([]lastword.Event, n)
	step := 2 * 365 * 24 * time.Hour / time.Duration(f.n)
	for i := range events {
		p := f.posts[f.random.IntN(len(f.posts))]
		p.Network = []string{"bluesky", "x", "mail", "feed"}[f.random.IntN(4)]
		p.Key, p.SaidAt = strconv.Itoa(from+i), f.start.Add(time.Duration(from+i)*step)
		who := strconv.Itoa(f.random.IntN(f.n/8 + 1))
		p.Author = lastword.Author{Key: who, Handle: "person" + who}
		events[i].Post = p
	}
	return events
}

// places puts three voices of four into themes, which fall in size as words do
// in a text.
func (f *filler) places(ids []int64) []lastword.Membership {
	placed := make([]lastword.Membership, 0, len(ids))
	for _, id := range ids {
		if f.random.IntN(4) > 0 {
			th := int(manyFilled * f.random.Float64() * f.random.Float64() * f.random.Float64())
			placed = append(placed, lastword.Membership{Voice: id, Theme: f.themes[th].ID, Fit: .5 + f.random.Float64()/2})
		}
	}
	return placed
}

// decide puts decisions on some of the themes, so that drafts wait.
func (f *filler) decide(ctx context.Context) error {
	for i := 50; i < manyFilled; i += 50 {
		d := lastword.Decision{ID: f.db.NewID(), Company: f.company.ID, Theme: f.themes[i].ID, Verdict: lastword.Yes,
			Reason: map[string]string{"de": "Das machen wir.", "en": "We will do it."}, By: f.member.ID}
		r := lastword.Release{Company: f.company.ID, Subject: lastword.OfDecision, ID: d.ID, Digest: d.Digest(), By: f.member.ID}
		e := lastword.Entry{Company: f.company.ID, By: f.member.ID, Act: "decided", Subject: lastword.OfDecision, ID: d.ID, Detail: "{}"}
		_, err := f.db.ConsentDecision(ctx, d, true, r, e, lastword.Job{Kind: lastword.DraftJob, Company: f.company.ID, IDs: []int64{d.ID}})
		if err != nil {
			return err
		}
	}
	return nil
}
