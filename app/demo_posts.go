package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"lastword"

	"lastword/demo"
	"lastword/listen/blog"
	"lastword/represent"
)

// speak lets the company say something by itself: what is out, with what was said
// to it, what is planned, and what is drafted. The clock stands at what is out.
func (p *play) speak(ctx context.Context, now time.Time) error {
	by := p.members[1]
	if err := (blogs{p.App}).Save(ctx, by, p.company, demo.Blog()); err != nil {
		return err
	}
	own, err := p.DB.Blog(ctx, p.company.ID)
	if err != nil {
		return err
	}
	channels := map[string]int64{blog.Name: own.Channel}
	for name, c := range p.channels {
		channels[name] = c.ID
	}
	for _, s := range demo.Stories(now) {
		if !s.Said.IsZero() {
			p.clock.set(s.Said)
		}
		if err := p.tell(ctx, by, s, channels); err != nil {
			return fmt.Errorf("%s: %w", s.Title, err)
		}
	}
	return nil
}

// tell drafts one story and, where it is meant to, releases and publishes it.
func (p *play) tell(ctx context.Context, by lastword.Member, s demo.Story, channels map[string]int64) error {
	id, err := p.stories.Begin(ctx, p.members[3])
	if err != nil {
		return err
	}
	draft := represent.Draft{Title: s.Title, Text: s.Text, Lang: s.Lang, Due: s.Due}
	for _, n := range s.Networks {
		draft.Channels = append(draft.Channels, channels[n])
	}
	if err := p.stories.Save(ctx, p.members[3], id, draft); err != nil {
		return err
	}
	if s.Alt != "" {
		drawing, err := demo.Drawing()
		if err != nil {
			return err
		}
		if err := p.stories.AddPicture(ctx, p.members[3], id, drawing, s.Alt); err != nil {
			return err
		}
	}
	if !s.Released {
		return nil
	}
	row, err := p.DB.Story(ctx, p.company.ID, id)
	if err != nil {
		return err
	}
	if _, err := p.stories.Release(ctx, by, id, represent.Consents(row.Versions)); err != nil || !s.Due.IsZero() {
		return err
	}
	// The blog's first: what others link to must stand.
	slices.SortStableFunc(row.Versions, func(a, b lastword.Version) int { return cmp.Compare(a.Cites, b.Cites) })
	for _, v := range row.Versions {
		if err := p.stories.Do(ctx, lastword.Job{Kind: lastword.Publish, Company: p.company.ID, IDs: []int64{v.ID}}); err != nil {
			return err
		}
	}
	return p.reply(ctx, s, row.Versions)
}

// reply hears what was said to a story.
func (p *play) reply(ctx context.Context, s demo.Story, versions []lastword.Version) error {
	for _, v := range versions {
		placed, err := p.DB.Placed(ctx, p.company.ID, v.ID)
		if err != nil {
			return err
		}
		var events []lastword.Event
		for n, r := range s.Replies {
			if r.Network != v.Network || len(placed) == 0 {
				continue
			}
			key := fmt.Sprintf("reply-to-%d-%d", v.ID, n)
			events = append(events, lastword.Event{Op: lastword.Said, Post: lastword.Post{Network: r.Network, Key: key, URL: "https://" + r.Network + ".example/" + key,
				Author: lastword.Author{Key: r.Handle, Handle: r.Handle, Name: r.Name}, Text: r.Text, Lang: r.Lang,
				Parent: placed[0].Key, Root: placed[0].Key, SaidAt: p.clock.now().Add(r.After)}})
		}
		if len(events) == 0 {
			continue
		}
		was := p.clock.now()
		p.clock.set(events[len(events)-1].Post.SaidAt.Add(time.Minute))
		queries, err := p.DB.Queries(ctx, p.company.ID)
		if err != nil {
			return err
		}
		wanted, err := compile(queries)
		if err != nil {
			return err
		}
		err = p.save(ctx, v.Network, events, wanted)
		p.clock.set(was)
		if err != nil {
			return err
		}
	}
	return nil
}
