package app

import (
	"errors"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/internal/badplace"
	"lastword/represent"
)

// publisher is a house that says something by itself at a bad place.
type publisher struct {
	*house
	pds     *badplace.PDS
	stream  *badplace.Jetstream
	channel lastword.Channel
	said    []lastword.Version // as released
}

func newPublisher(t testing.TB, database string) *publisher {
	p := &publisher{house: newHouse(t, database), pds: badplace.NewPDS(appPassword), stream: badplace.NewJetstream()}
	t.Cleanup(p.pds.Close)
	t.Cleanup(p.stream.Close)
	p.channel = p.house.channel(lastword.Channel{Connector: "blueskyaccount", Name: "Hobelwerk", All: true,
		Settings: p.pds.Settings(p.stream.URL()), Secrets: map[string]string{"password": appPassword}})
	return p
}

func (p *publisher) serve() *child {
	p.Helper()
	return p.house.serve(append(p.pds.Hosts(), strings.TrimPrefix(p.stream.URL(), "http://"))...)
}

// draft keeps a thread of three posts that begins with a word of its own.
func (p *publisher) draft(a *App, word string, due time.Time) lastword.StoryRow {
	p.Helper()
	id, err := a.stories.Begin(p.Context(), p.director)
	p.must(err)
	text := word + " " + strings.Repeat("Der Hobel liegt jetzt auch in der linken Hand. ", 14)
	p.must(a.stories.Save(p.Context(), p.director, id, represent.Draft{Text: text, Due: due, Channels: []int64{p.channel.ID}}))
	row, err := a.DB.Story(p.Context(), p.company.ID, id)
	p.must(err)
	if len(row.Versions) != 1 || len(row.Versions[0].Parts) != 3 {
		p.Fatalf("%s becomes %+v", word, row.Versions)
	}
	return row
}

func (p *publisher) release(a *App, word string, due time.Time) {
	p.Helper()
	row := p.draft(a, word, due)
	out, err := a.stories.Release(p.Context(), p.director, row.ID, represent.Consents(row.Versions))
	p.must(err)
	if out.Released != 1 {
		p.Fatalf("released %+v", out)
	}
	p.said = append(p.said, row.Versions...)
}

func (p *publisher) awaitSent(limit time.Duration) {
	p.Helper()
	p.beside(func(a *App) {
		await(p, "all is published", limit, func() bool {
			for _, v := range p.said {
				now, err := a.DB.Version(p.Context(), p.company.ID, v.ID)
				p.must(err)
				if now.State != lastword.Sent {
					return false
				}
			}
			return true
		})
	})
}

// publishedOnce proves that each part of what was released stands once at the
// place, each in reply to the one before.
func (p *publisher) publishedOnce(a *App) {
	p.Helper()
	records := p.pds.Records()
	byText := map[string][]badplace.Record{}
	for _, r := range records {
		byText[r.Text+" < "+r.Parent] = append(byText[r.Text+" < "+r.Parent], r)
	}
	n := 0
	for _, v := range p.said {
		parent := ""
		for _, part := range v.Parts {
			n++
			got := byText[part+" < "+parent]
			if len(got) != 1 {
				p.Fatalf("%.20q in reply to %q stands %d times", part, parent, len(got))
			}
			parent = "at://" + badplace.Account + "/app.bsky.feed.post/" + got[0].Key
		}
		there, err := a.DB.Placed(p.Context(), p.company.ID, v.ID)
		p.must(err)
		if len(there) != len(v.Parts) || there[len(there)-1].Key != parent {
			p.Errorf("it is said to stand at %+v", there)
		}
	}
	if len(records) != n {
		p.Errorf("%d records, want %d", len(records), n)
	}
	_, _, err := a.DB.VerifyAudit(p.Context(), p.company.ID)
	p.must(err)
}

// Threads that go out through a place on its bad days, by a process that is killed
// again and again in the middle of an attempt, are published once.
func TestCrashPublishing(t *testing.T) {
	t.Parallel()
	blows := []blow{unkept, unheard, heedless, unheard}
	if testing.Short() {
		blows = blows[:2]
	}
	c := newPublisher(t, "")
	s := &striker{hits: map[blow]int{}, plan: []badplace.Fault{badplace.Cut, badplace.Fine, badplace.Fine, badplace.Mute, badplace.Fine, badplace.Fine, badplace.Broken, badplace.Fine}}
	c.pds.OnCreate, c.pds.Kept = s.created, s.kept
	for n, b := range blows {
		c.inside(func(a *App) { c.release(a, string(rune('A'+n)), time.Time{}) })
		p := c.serve()
		s.aim(p, b, n%3)
		select {
		case <-p.done:
		case <-time.After(longest):
			t.Fatalf("nothing was tried\n%s", p.err)
		}
	}
	p := c.serve()
	c.awaitSent(longest)
	p.stop()
	t.Logf("%d attempts, struck %v, faults %v", c.pds.Tries(), s.hits, c.pds.Faults())
	c.inside(c.publishedOnce)
}

// What is planned goes out at its time, by whichever process runs then, and not
// before.
func TestPlannedPostWaits(t *testing.T) {
	t.Parallel()
	c := newPublisher(t, "")
	due := time.Now().Add(6 * time.Second)
	c.inside(func(a *App) { c.release(a, "Geplant", due) })
	first := c.serve()
	first.kill()
	if n := len(c.pds.Records()); n != 0 && time.Now().Before(due) {
		t.Errorf("%d records before the time has come", n)
	}
	p := c.serve()
	c.awaitSent(longest)
	p.stop()
	if time.Now().Before(due) {
		t.Error("published before its time")
	}
	c.inside(c.publishedOnce)
}

// Many jobs for one version, as a calendar that was moved to and fro leaves them:
// it is published once, and not while another attempt is under way.
func TestManyJobsPublishOnce(t *testing.T) {
	t.Parallel()
	c := newPublisher(t, "")
	c.inside(func(a *App) {
		row := c.draft(a, "Oft", time.Time{})
		for n := range 6 {
			due := time.Now().Add(time.Duration(n+1) * time.Hour)
			if n == 5 {
				due = time.Time{}
			}
			out, err := a.stories.Move(t.Context(), c.director, row.ID, due)
			c.must(err)
			if n > 0 && out.Released != 1 {
				t.Fatalf("moved by a director, and released anew: %+v", out)
			}
			row, err = a.DB.Story(t.Context(), c.company.ID, row.ID)
			c.must(err)
			if n == 0 {
				_, err = a.stories.Release(t.Context(), c.director, row.ID, represent.Consents(row.Versions))
				c.must(err)
			}
		}
		c.said = row.Versions
	})
	p := c.serve()
	c.awaitSent(longest)
	p.stop()
	c.inside(c.publishedOnce)
}

// What is released cannot be edited, what was edited needs a new release, and who
// may not release does not.
func TestStoryIsReleasedAsShown(t *testing.T) {
	t.Parallel()
	c := newPublisher(t, "")
	c.inside(func(a *App) {
		row := c.draft(a, "Erst", time.Now().Add(time.Hour))
		shown := represent.Consents(row.Versions)
		staff, err := a.DB.SaveMember(t.Context(), c.director, lastword.Member{Name: "Per", Role: lastword.Staff, Lang: "de"})
		c.must(err)
		if _, err := a.stories.Release(t.Context(), staff, row.ID, shown); !errors.Is(err, lastword.ErrForbidden) {
			t.Errorf("released by staff: %v", err)
		}
		change := represent.Draft{Text: "Etwas anderes.", Due: row.Due, Channels: []int64{c.channel.ID}}
		c.must(a.stories.Save(t.Context(), staff, row.ID, change))
		out, err := a.stories.Release(t.Context(), c.director, row.ID, shown)
		c.must(err)
		if out != (lastword.Outcome{Changed: 1}) {
			t.Errorf("released as it was shown before the edit: %+v", out)
		}
		row, err = a.DB.Story(t.Context(), c.company.ID, row.ID)
		c.must(err)
		_, err = a.stories.Release(t.Context(), c.director, row.ID, represent.Consents(row.Versions))
		c.must(err)
		if err := a.stories.Save(t.Context(), c.director, row.ID, change); !errors.Is(err, lastword.ErrConflict) {
			t.Errorf("edited after the release: %v", err)
		}
		if _, err := a.stories.Move(t.Context(), staff, row.ID, row.Due.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		row, err = a.DB.Story(t.Context(), c.company.ID, row.ID)
		c.must(err)
		if row.Versions[0].State != lastword.Draft {
			t.Errorf("moved by staff, it is %s", row.Versions[0].State)
		}
	})
}
