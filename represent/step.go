package represent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lastword"
	"lastword/internal/length"
	"lastword/internal/text"
)

// Step is the hull around the company's own posts. Its methods may be called by
// many at a time. Who may not is told lastword.ErrForbidden; what is wrong in what
// somebody entered is a *lastword.Mistake.
type Step struct {
	Store  Store
	Places Places
	Pages  Pages // nil: no cards are made of links
	Now    func() time.Time
	Log    *slog.Logger

	// Home is where a story can be read in the company's blog; empty where it has none.
	Home func(ctx context.Context, company int64, s lastword.Story) string
}

// A Consent is a director's word that exactly the content which Digest names may
// go out.
type Consent struct {
	ID     int64 // of the version
	Digest string
}

// Bounds of a story.
const (
	longText  = 100_000 // characters
	longTitle = 300
	most      = 10 // pictures
	longAlt   = 2000
)

// A Draft is what a person makes of a story.
type Draft struct {
	Title, Text, Lang string
	Due               time.Time
	Channels          []int64
	Pictures          []lastword.Picture // in order, each with what it shows; those that are not among them go
	Changed           time.Time          // of the story as the person saw it; zero: as it is now
}

// Begin makes an empty story. Every member may.
func (s *Step) Begin(ctx context.Context, m lastword.Member) (int64, error) {
	if !m.Left.IsZero() {
		return 0, forbidden("begin a story", m)
	}
	c, err := s.Store.Company(ctx, m.Company)
	if err != nil {
		return 0, err
	}
	story := lastword.Story{ID: s.Store.NewID(), Company: m.Company, Lang: c.Lang, By: m.ID}
	return story.ID, s.Store.AddStory(ctx, story, s.entry(m, "story.begun", lastword.OfStory, story.ID, nil))
}

// Save keeps a draft and fits it anew to each place that was chosen; what a person
// worded by hand stays. Every member may, as long as nothing of it is released:
// then it is lastword.ErrConflict, as it is where somebody else changed it
// meanwhile.
func (s *Step) Save(ctx context.Context, m lastword.Member, id int64, d Draft) error {
	row, err := s.edit(ctx, m, id)
	if err != nil {
		return err
	}
	if !d.Changed.IsZero() {
		row.Changed = d.Changed
	}
	story := row.Story
	story.Title, story.Text = Untracked(text.Clean(strings.ReplaceAll(d.Title, "\n", " "))), Untracked(text.Clean(d.Text))
	story.Pictures, story.Due = own(row.Pictures, d.Pictures), d.Due
	if d.Lang != "" {
		story.Lang = d.Lang
	}
	if err := bounded(story); err != nil {
		return err
	}
	if !d.Due.IsZero() && d.Due.Before(s.Now()) && !d.Due.Equal(row.Due) {
		return &lastword.Mistake{Key: "mistake.story_past", Field: "due"}
	}
	return s.save(ctx, row, story, d.Channels)
}

// own are the story's own pictures as a person put them in order and described them.
func own(had, wanted []lastword.Picture) []lastword.Picture {
	var kept []lastword.Picture
	for _, w := range wanted {
		i := slices.IndexFunc(had, func(p lastword.Picture) bool { return p.Digest == w.Digest })
		if i < 0 || slices.ContainsFunc(kept, func(p lastword.Picture) bool { return p.Digest == w.Digest }) {
			continue
		}
		p := had[i]
		p.Alt = text.Clean(w.Alt)
		kept = append(kept, p)
	}
	return kept
}

func bounded(s lastword.Story) error {
	for _, b := range []struct {
		field, value string
		most         int
	}{{"title", s.Title, longTitle}, {"text", s.Text, longText}} {
		if utf8.RuneCountInString(b.value) > b.most {
			return &lastword.Mistake{Key: "mistake.long", Field: b.field, Args: map[string]any{"Max": b.most}}
		}
	}
	if len(s.Pictures) > most {
		return &lastword.Mistake{Key: "mistake.story_pictures", Field: "picture", Args: map[string]any{"Limit": most}}
	}
	for _, p := range s.Pictures {
		if utf8.RuneCountInString(p.Alt) > longAlt {
			return &lastword.Mistake{Key: "mistake.long", Field: "alt-" + p.Digest, Args: map[string]any{"Max": longAlt}}
		}
	}
	return nil
}

// save keeps a story with the versions that follow from it, and has its first link
// looked at where that is a new one.
func (s *Step) save(ctx context.Context, row lastword.StoryRow, story lastword.Story, channels []int64) error {
	first := length.First(story.Text)
	if story.Card.URL != first {
		story.Card = lastword.Card{}
	}
	vs, err := s.Versions(ctx, lastword.StoryRow{Story: story, Versions: row.Versions}, channels)
	if err != nil {
		return err
	}
	var next []lastword.Job
	if first != "" && story.Card.URL == "" && s.Pages != nil {
		next = append(next, lastword.Job{Kind: lastword.Unfurl, Company: story.Company, IDs: []int64{story.ID}})
	}
	return s.Store.SaveStory(ctx, story, vs, next...)
}

// Versions fits a story to channels: what Save would keep. What was published or
// has begun to be stays as it is.
func (s *Step) Versions(ctx context.Context, row lastword.StoryRow, channels []int64) ([]lastword.Version, error) {
	outlets, err := s.Places.Outlets(ctx, row.Company)
	if err != nil {
		return nil, err
	}
	vs, had := []lastword.Version(nil), map[int64]lastword.Version{}
	for _, v := range row.Versions {
		switch open := v.State == lastword.Draft || v.State == lastword.Failed; {
		case v.Replaces != 0:
			if open { // a change of something published is worded by itself
				vs = append(vs, v)
			}
		default:
			had[v.Channel] = v
		}
	}
	outlets = ownFirst(outlets)
	var home Home
	for _, o := range outlets {
		v, known := had[o.Channel.ID]
		chosen := slices.Contains(channels, o.Channel.ID)
		if known && v.State != lastword.Draft && v.State != lastword.Failed {
			if o.Manner.Own && v.State == lastword.Sent {
				home = Home{URL: v.URL, Version: v.ID}
			}
			continue
		}
		if !chosen {
			continue
		}
		if frozen, err := s.begun(ctx, v); err != nil || frozen {
			if err != nil {
				return nil, err
			}
			vs = append(vs, v)
			continue
		}
		if !known {
			v = lastword.Version{ID: s.Store.NewID(), Company: row.Company, Story: row.ID, Channel: o.Channel.ID, Network: o.Manner.Name}
		}
		v.Content = s.content(o.Manner, row.Story, v, home)
		if o.Manner.Own && s.Home != nil {
			home = Home{URL: s.Home(ctx, row.Company, row.Story), Version: v.ID}
		}
		vs = append(vs, v)
	}
	return vs, nil
}

// ownFirst puts the company's own blog first: others may link to it.
func ownFirst(outlets []lastword.Outlet) []lastword.Outlet {
	outlets = slices.Clone(outlets)
	slices.SortStableFunc(outlets, func(a, b lastword.Outlet) int {
		switch {
		case a.Manner.Own == b.Manner.Own:
			return 0
		case a.Manner.Own:
			return -1
		}
		return 1
	})
	return outlets
}

// begun reports whether a part of a failed version stands at its place already:
// then it is finished as it was begun, or not at all.
func (s *Step) begun(ctx context.Context, v lastword.Version) (bool, error) {
	if v.State != lastword.Failed {
		return false, nil
	}
	there, err := s.Store.Placed(ctx, v.Company, v.ID)
	return len(there) > 0, err
}

// content is what a version says: what a person worded, or what follows from the
// draft.
func (s *Step) content(m lastword.Manner, story lastword.Story, v lastword.Version, home Home) lastword.Content {
	c := Fit(m, story, home)
	if v.ByHand == 0 {
		return c
	}
	c.Title, c.Parts, c.Card, c.Cites = v.Title, v.Parts, lastword.Card{}, 0
	if home.URL != "" && strings.Contains(strings.Join(c.Parts, "\n"), home.URL) {
		c.Cites = home.Version
	}
	return carded(m, story.Card, c)
}

// EditVersion words a version by hand: it no longer follows the draft. A line of
// three dashes divides the parts of a thread.
func (s *Step) EditVersion(ctx context.Context, m lastword.Member, id int64, title, words string) error {
	return s.reword(ctx, m, id, func(v *lastword.Version) error {
		v.Title, v.Parts, v.ByHand = Untracked(text.Clean(title)), Divided(Untracked(words)), m.ID
		switch {
		case len(v.Parts) == 0:
			return &lastword.Mistake{Key: "mistake.story_empty", Field: "words"}
		case utf8.RuneCountInString(words) > longText:
			return &lastword.Mistake{Key: "mistake.long", Field: "words", Args: map[string]any{"Max": longText}}
		}
		return nil
	})
}

// Follow lets a version follow the draft again.
func (s *Step) Follow(ctx context.Context, m lastword.Member, id int64) error {
	return s.reword(ctx, m, id, func(v *lastword.Version) error {
		if v.Replaces != 0 {
			return fmt.Errorf("represent: version %d is a change of its own: %w", id, lastword.ErrConflict)
		}
		v.ByHand = 0
		return nil
	})
}

func (s *Step) reword(ctx context.Context, m lastword.Member, id int64, change func(*lastword.Version) error) error {
	v, err := s.Store.Version(ctx, m.Company, id)
	if err != nil {
		return err
	}
	row, err := s.edit(ctx, m, v.Story)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(row.Versions, func(v lastword.Version) bool { return v.ID == id })
	if i < 0 || row.Versions[i].State != lastword.Draft && row.Versions[i].State != lastword.Failed {
		return fmt.Errorf("represent: version %d is no draft: %w", id, lastword.ErrConflict)
	}
	if begun, err := s.begun(ctx, row.Versions[i]); err != nil || begun {
		return errors.Join(err, fmt.Errorf("represent: a part of version %d stands already: %w", id, lastword.ErrConflict))
	}
	if err := change(&row.Versions[i]); err != nil {
		return err
	}
	return s.save(ctx, row, row.Story, chosen(row.Versions))
}

// chosen are the channels that a story has versions for.
func chosen(vs []lastword.Version) []int64 {
	var all []int64
	for _, v := range vs {
		if v.Replaces == 0 {
			all = append(all, v.Channel)
		}
	}
	return all
}

// edit loads a story that m may change.
func (s *Step) edit(ctx context.Context, m lastword.Member, id int64) (lastword.StoryRow, error) {
	if !m.Left.IsZero() {
		return lastword.StoryRow{}, forbidden("edit a story", m)
	}
	return s.Store.Story(ctx, m.Company, id)
}

// Delete forgets a story of which nothing has left the house; otherwise it is
// lastword.ErrConflict. Every member may.
func (s *Step) Delete(ctx context.Context, m lastword.Member, id int64) error {
	if _, err := s.edit(ctx, m, id); err != nil {
		return err
	}
	return s.Store.DeleteStory(ctx, m.Company, id, s.entry(m, "story.deleted", lastword.OfStory, id, nil))
}

func (s *Step) entry(m lastword.Member, act string, of lastword.Subject, id int64, detail map[string]any) lastword.Entry {
	e := lastword.Entry{Company: m.Company, At: s.Now(), By: m.ID, Act: act, Subject: of, ID: id, Detail: "{}"}
	if body, err := json.Marshal(detail); err == nil && detail != nil { // words and numbers: they encode
		e.Detail = string(body)
	}
	return e
}

func forbidden(act string, m lastword.Member) error {
	return fmt.Errorf("represent: member %d may not %s: %w", m.ID, act, lastword.ErrForbidden)
}
