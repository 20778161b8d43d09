package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"lastword"

	"lastword/answer"
	"lastword/demo"
	"lastword/listen"
	"lastword/listen/stage"
)

// stages are the networks of the demo. On those with Reply the company's
// answers go out by themselves, on the others by hand, as on the real ones.
var stages = []lastword.Network{
	{Name: "bluesky", Title: "Bluesky", Reply: true, Limit: 300, Unit: lastword.Graphemes, MaxBytes: 3000},
	{Name: "mastodon", Title: "Mastodon", Reply: true, Limit: 500, Unit: lastword.Characters},
	{Name: "facebook", Title: "Facebook", Reply: true, Limit: 8000, Unit: lastword.Characters},
	{Name: "mail", Title: "E-Mail", Reply: true},
	{Name: "instagram", Title: "Instagram", Reply: true, Limit: 2200, Unit: lastword.Characters},
	{Name: "x", Title: "X", Limit: 280, Unit: lastword.Weighted},
	{Name: "reviews", Title: "Bewertungen", Limit: 4000, Unit: lastword.Characters},
	{Name: "feed", Title: "Blogs"},
	{Name: "hackernews", Title: "Hacker News"},
}

// A play is the throw-away company while it is being set up.
type play struct {
	*App
	clock    *clock
	company  lastword.Company
	members  map[int64]lastword.Member // by their number in package demo
	stages   map[string]*stage.Stage
	channels map[string]lastword.Channel
}

// A clock shows the time of the play until it is set going.
type clock struct{ fixed atomic.Pointer[time.Time] }

func (c *clock) set(t time.Time) { c.fixed.Store(&t) }
func (c *clock) run()            { c.fixed.Store(nil) }

func (c *clock) now() time.Time {
	if t := c.fixed.Load(); t != nil {
		return *t
	}
	return time.Now()
}

// Demo runs a throw-away company in a temporary folder, prints one link that
// signs the visitor in as its director, and removes everything when ctx ends.
func Demo(ctx context.Context, address string, out io.Writer) error {
	folder, err := os.MkdirTemp("", "lastword-demo-")
	if err != nil {
		return err
	}
	return errors.Join(runDemo(ctx, Config{Data: folder, Listen: address, Log: "error"}, out), os.RemoveAll(folder))
}

func runDemo(ctx context.Context, c Config, out io.Writer) error {
	l, err := listener(ctx, c.Listen)
	if err != nil {
		return err
	}
	c.Listen = l.Addr().String()
	p, err := setUpDemo(ctx, c)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	link, err := newLink(ctx, p.DB, p.Config, p.company.ID, p.members[1].ID, 30*24*time.Hour)
	if err != nil {
		return errors.Join(err, l.Close(), p.Close())
	}
	_, err = fmt.Fprintf(out, "%s\n\nThis signs you in as %s, director of %s.\nEverything is invented and gone when you press Ctrl-C.\n",
		link, p.members[1].Name, p.company.Name)
	if err == nil {
		err = p.Serve(ctx, l)
	}
	return errors.Join(err, p.Close())
}

// setUpDemo plays six weeks: what was heard, what was decided, what was
// answered. What follows comes in while one looks.
func setUpDemo(ctx context.Context, c Config) (*play, error) {
	now := time.Now()
	p := &play{clock: &clock{}, members: map[int64]lastword.Member{}, stages: map[string]*stage.Stage{}, channels: map[string]lastword.Channel{}}
	p.clock.set(now.Add(-91 * 24 * time.Hour))
	var connectors []listen.Connector
	for _, n := range stages {
		p.stages[n.Name] = stage.New(n)
		connectors = append(connectors, p.stages[n.Name])
	}
	o := c.storeOptions(c.logger())
	o.Now = p.clock.now
	a, err := open(ctx, c, o, append(connectors, shipped()...))
	if err != nil {
		return nil, err
	}
	p.App = a
	p.rehearsal = true
	if err := p.act(ctx, now); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return p, nil
}

func (p *play) act(ctx context.Context, now time.Time) error {
	if err := p.found(ctx, now); err != nil {
		return err
	}
	past, err := demo.Posts(now)
	if err != nil {
		return err
	}
	for _, d := range demo.Decisions(now) {
		if past, err = p.hear(ctx, past, d.Decision.Stands); err != nil {
			return err
		}
		if err := p.decide(ctx, d); err != nil {
			return fmt.Errorf("demo: decide %s: %w", d.Wish, err)
		}
	}
	if err := p.speak(ctx, now); err != nil {
		return fmt.Errorf("demo: posts: %w", err)
	}
	if _, err := p.hear(ctx, past, now); err != nil {
		return err
	}
	if err := p.check(ctx); err != nil {
		return fmt.Errorf("demo: check: %w", err)
	}
	if err := p.know(ctx); err != nil {
		return err
	}
	p.clock.run()
	return p.foretell(now)
}

// found makes the company with its members, channels and queries.
func (p *play) found(ctx context.Context, now time.Time) error {
	var err error
	record := demo.Company(now)
	record.Public = p.Config.address()
	if p.company, err = p.DB.AddCompany(ctx, record); err != nil {
		return err
	}
	by := lastword.Member{Company: p.company.ID}
	for _, m := range demo.Members(now) {
		number := m.ID
		m.ID = 0
		if m, err = p.DB.SaveMember(ctx, by, m); err != nil {
			return err
		}
		p.members[number] = m
	}
	by = p.members[1]
	for _, n := range stages {
		c, err := p.DB.SaveChannel(ctx, by, lastword.Channel{Connector: stage.Name(n.Name), Name: n.Title, All: true})
		if err != nil {
			return err
		}
		p.channels[n.Name] = c
	}
	for _, q := range demo.Queries(now) {
		if _, err := p.DB.SaveQuery(ctx, by, q); err != nil {
			return err
		}
	}
	return nil
}

// hear lets the company hear the posts said until a moment, day by day,
// understand them and gather them. It returns the posts that remain.
func (p *play) hear(ctx context.Context, posts []lastword.Event, until time.Time) ([]lastword.Event, error) {
	n := slices.IndexFunc(posts, func(e lastword.Event) bool { return e.Post.SaidAt.After(until) })
	if n < 0 {
		n = len(posts)
	}
	queries, err := p.DB.Queries(ctx, p.company.ID)
	if err != nil {
		return nil, err
	}
	wanted, err := compile(queries)
	if err != nil {
		return nil, err
	}
	byNetwork := map[string][]lastword.Event{}
	for _, e := range posts[:n] {
		byNetwork[e.Post.Network] = append(byNetwork[e.Post.Network], e)
	}
	p.clock.set(until)
	for _, network := range slices.Sorted(maps.Keys(byNetwork)) {
		if err := p.save(ctx, network, byNetwork[network], wanted); err != nil {
			return nil, fmt.Errorf("demo: hear %s: %w", network, err)
		}
	}
	return posts[n:], p.digest(ctx)
}

func (p *play) save(ctx context.Context, network string, events []lastword.Event, wanted listen.Matcher) error {
	now := p.clock.now()
	l, err := p.DB.LeaseOne(ctx, "demo", p.company.ID, p.channels[network].ID, now.Add(time.Minute))
	if err != nil {
		return err
	}
	hits := make([][]int64, len(events))
	for i := range events {
		hits[i] = wanted.Match(&events[i].Post, nil)
	}
	if _, err := p.DB.SaveHeard(ctx, l, "", events, hits); err != nil {
		return err
	}
	return p.DB.Release(ctx, l, lastword.Health{State: lastword.Fine, LastTry: now})
}

// digest understands and gathers what was heard, at once: the jobs that were
// left for it find nothing to do later.
func (p *play) digest(ctx context.Context) error {
	ids, err := p.DB.WithoutLabel(ctx, p.company.ID, 1, time.Time{}, 10_000)
	if err != nil || len(ids) == 0 {
		return err
	}
	if err := p.understand.Do(ctx, lastword.Job{Kind: lastword.Understand, Company: p.company.ID, IDs: ids}); err != nil {
		return err
	}
	return p.themes.Do(ctx, lastword.Job{Kind: lastword.Gather, Company: p.company.ID, IDs: ids})
}

// decide puts a decision of the past on the theme in which most posts of its
// wish have come to lie, and answers the people behind it.
func (p *play) decide(ctx context.Context, past demo.Past) error {
	theme, err := p.themeOf(ctx, past.Wish)
	if err != nil || theme == 0 {
		return err
	}
	by := p.members[past.Decision.By]
	d, err := p.decisions.Decide(ctx, by, theme, past.Decision)
	if err != nil {
		return err
	}
	if _, err := p.answers.Draft(ctx, p.company.ID, d.ID); err != nil {
		return err
	}
	return p.answer(ctx, by, d.ID)
}

// themeOf finds the theme of most posts of a wish; 0 if there is none.
func (p *play) themeOf(ctx context.Context, wish string) (int64, error) {
	wishes, err := demo.Wishes()
	if err != nil {
		return 0, err
	}
	count := map[int64]int{}
	vs, err := p.DB.FindVoices(ctx, p.company.ID, lastword.VoiceFilter{Limit: 10_000})
	for _, w := range wishes {
		if w.Name != wish {
			continue
		}
		for _, v := range vs {
			if v.Theme != 0 && slices.Contains(w.Keys, v.Key) {
				count[v.Theme]++
			}
		}
	}
	best := int64(0)
	for _, id := range slices.Sorted(maps.Keys(count)) {
		if best == 0 || count[id] > count[best] {
			best = id
		}
	}
	return best, err
}

// answer releases and delivers all drafts of a decision.
func (p *play) answer(ctx context.Context, by lastword.Member, decision int64) error {
	drafts, err := p.DB.Answers(ctx, p.company.ID, lastword.AnswerFilter{Decision: decision, State: []lastword.AnswerState{lastword.Draft}, Limit: 1000})
	if err != nil {
		return err
	}
	consents := make([]answer.Consent, len(drafts))
	for i, a := range drafts {
		consents[i] = answer.Consent{ID: a.ID, Digest: a.Digest()}
	}
	if len(consents) == 0 {
		return nil
	}
	if _, err := p.answers.Release(ctx, by, consents); err != nil {
		return err
	}
	for _, c := range consents {
		if err := p.answers.Do(ctx, lastword.Job{Kind: lastword.Deliver, Company: p.company.ID, IDs: []int64{c.ID}}); err != nil {
			return err
		}
	}
	return nil
}

// know tells the company who matters, and joins the accounts of one person.
func (p *play) know(ctx context.Context) error {
	for _, c := range demo.Contacts() {
		var first lastword.Person
		for _, i := range c.Identities {
			found, err := p.DB.PersonOf(ctx, p.company.ID, i.Network, i.Key)
			if errors.Is(err, lastword.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if first.ID == 0 {
				first = found
			} else if err := p.DB.MergePeople(ctx, p.members[3], found.ID, first.ID); err != nil {
				return err
			}
		}
		if first.ID == 0 {
			continue
		}
		known := c.Person
		known.ID = first.ID
		if err := p.DB.SavePerson(ctx, p.members[3], known); err != nil {
			return err
		}
	}
	return nil
}

// foretell puts on stage what will be said while one looks.
func (p *play) foretell(now time.Time) error {
	said := now
	for n := 0; ; n++ {
		e, wait, ok, err := demo.Later(n, said)
		if err != nil || !ok {
			return err
		}
		said = said.Add(wait)
		e.Post.SaidAt = said
		if s, ok := p.stages[e.Post.Network]; ok {
			s.Play(e)
		}
	}
}
