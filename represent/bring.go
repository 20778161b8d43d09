package represent

import (
	"context"
	"errors"
	"slices"
	"strings"

	"lastword"
	"lastword/internal/length"
	"lastword/internal/picture"
	"lastword/internal/text"
)

// AddPicture takes an image into a story: what a camera wrote into it stays
// outside, and it is made to fit every place. What cannot be taken is a
// *lastword.Mistake.
func (s *Step) AddPicture(ctx context.Context, m lastword.Member, story int64, file []byte, alt string) error {
	row, err := s.edit(ctx, m, story)
	if err != nil {
		return err
	}
	p, body, err := picture.Take(file)
	if err != nil {
		return err
	}
	p.Alt = text.Clean(alt)
	if slices.ContainsFunc(row.Pictures, func(had lastword.Picture) bool { return had.Digest == p.Digest }) {
		return &lastword.Mistake{Key: "mistake.picture_twice", Field: "picture"}
	}
	changed := row.Story
	changed.Pictures = append(slices.Clone(row.Pictures), p)
	if err := bounded(changed); err != nil {
		return err
	}
	if err := s.Store.SavePicture(ctx, m.Company, p, body); err != nil {
		return err
	}
	return s.save(ctx, row, changed, chosen(row.Versions))
}

// Bounds of what a stranger's page says of itself.
const (
	longCardTitle = 200
	longCardText  = 300
)

// unfurl makes a card of a story's first link. A page that says nothing of itself
// has none, and is not asked again.
func (s *Step) unfurl(ctx context.Context, company, id int64) error {
	row, err := s.Store.Story(ctx, company, id)
	if err != nil || s.Pages == nil {
		return ignore(err, lastword.ErrNotFound)
	}
	address := length.First(row.Text)
	if address == "" || row.Card.URL == address {
		return nil
	}
	card := lastword.Card{URL: address}
	title, description, image, err := s.Pages.Look(ctx, address)
	switch {
	case err != nil && ctx.Err() != nil:
		return err
	case err != nil:
		s.Log.InfoContext(ctx, "no card of a link", "company", company, "story", id, "err", err)
	default:
		card.Title, card.Description = line(title, longCardTitle), line(description, longCardText)
	}
	if p, body, err := picture.Take(image); err == nil && card.Title != "" {
		if err := s.Store.SavePicture(ctx, company, p, body); err != nil {
			return err
		}
		card.Picture = p.Digest
	}
	story := row.Story
	story.Card = card
	vs, err := s.Versions(ctx, lastword.StoryRow{Story: story, Versions: row.Versions}, chosen(row.Versions))
	if err != nil {
		return err
	}
	// Who changed or released it meanwhile was faster: it stays as they saw it.
	return ignore(s.Store.SaveCard(ctx, story, vs), lastword.ErrConflict)
}

func ignore(err, what error) error {
	if errors.Is(err, what) {
		return nil
	}
	return err
}

// line is a stranger's text as one line, at most so long.
func line(s string, most int) string {
	return strings.Join(strings.Fields(text.CleanTo(s, most)), " ")
}
