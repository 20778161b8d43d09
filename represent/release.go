package represent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lastword"
)

// DigestAll returns one digest for many consents, as the log keeps it: SHA-256 in
// hex over their digests, sorted, each with a line feed after it.
func DigestAll(consents []Consent) string {
	digests := make([]string, len(consents))
	for i, c := range consents {
		digests[i] = c.Digest + "\n"
	}
	slices.Sort(digests)
	sum := sha256.Sum256([]byte(strings.Join(digests, "")))
	return hex.EncodeToString(sum[:])
}

// Consents are those to all drafts of a story as they stand.
func Consents(vs []lastword.Version) []Consent {
	var all []Consent
	for _, v := range vs {
		if v.State == lastword.Draft {
			all = append(all, Consent{ID: v.ID, Digest: v.Digest()})
		}
	}
	return all
}

// Release is a director's consent to these contents of a story. Each goes out at
// its time once as many directors as the company's rule demands consented to
// exactly it; what is no longer as it was shown is left as it is and counted as
// Changed. What a place would not take is a *lastword.Mistake: then nothing is
// released.
func (s *Step) Release(ctx context.Context, m lastword.Member, story int64, consents []Consent) (lastword.Outcome, error) {
	if !m.MayRelease() {
		return lastword.Outcome{}, forbidden("release", m)
	}
	if len(consents) == 0 {
		return lastword.Outcome{}, &lastword.Mistake{Key: "mistake.story_nowhere"}
	}
	row, err := s.Store.Story(ctx, m.Company, story)
	if err != nil {
		return lastword.Outcome{}, err
	}
	if err := s.sound(ctx, row, consents); err != nil {
		return lastword.Outcome{}, err
	}
	releases := make([]lastword.Release, len(consents))
	for i, c := range consents {
		releases[i] = lastword.Release{Company: m.Company, Subject: lastword.OfVersion, ID: c.ID, Digest: c.Digest, By: m.ID, At: s.Now()}
	}
	entry := s.entry(m, "story.released", lastword.OfStory, story, map[string]any{"count": len(consents), "digest": DigestAll(consents)})
	return s.Store.ReleaseVersions(ctx, m.Company, releases, entry)
}

// sound says what a place would not take.
func (s *Step) sound(ctx context.Context, row lastword.StoryRow, consents []Consent) error {
	outlets, err := s.Places.Outlets(ctx, row.Company)
	if err != nil {
		return err
	}
	for _, c := range consents {
		i := slices.IndexFunc(row.Versions, func(v lastword.Version) bool { return v.ID == c.ID })
		if i < 0 {
			return fmt.Errorf("represent: version %d is none of story %d: %w", c.ID, row.ID, lastword.ErrNotFound)
		}
		v := row.Versions[i]
		at := slices.IndexFunc(outlets, func(o lastword.Outlet) bool { return o.Channel.ID == v.Channel })
		if at < 0 {
			return &lastword.Mistake{Key: "mistake.story_channel", Field: fmt.Sprint("version-", v.ID)}
		}
		if wrong := WrongOf(outlets[at].Manner, v, row.Versions); len(wrong) > 0 {
			wrong[0].Field = fmt.Sprint("version-", v.ID)
			return wrong[0]
		}
	}
	return nil
}

// TakeBack makes drafts of what is released of a story and has not begun to leave
// the house; lastword.ErrConflict where nothing is left to take back.
func (s *Step) TakeBack(ctx context.Context, m lastword.Member, story int64) error {
	if !m.MayRelease() {
		return forbidden("take back", m)
	}
	n, err := s.Store.TakeBackStory(ctx, m.Company, story, s.entry(m, "story.taken_back", lastword.OfStory, story, nil))
	if err == nil && n == 0 {
		err = fmt.Errorf("represent: nothing left to take back: %w", lastword.ErrConflict)
	}
	return err
}

// Move sets when a story goes out; zero: as soon as it is released. What was
// released needs a new release, which a director gives by moving it: then what
// became of it is told. Of staff and advisers it becomes a draft again.
func (s *Step) Move(ctx context.Context, m lastword.Member, story int64, due time.Time) (lastword.Outcome, error) {
	var none lastword.Outcome
	row, err := s.edit(ctx, m, story)
	if err != nil {
		return none, err
	}
	if !due.IsZero() && due.Before(s.Now()) {
		return none, &lastword.Mistake{Key: "mistake.story_past", Field: "due"}
	}
	was := map[int64]bool{}
	for _, v := range row.Versions {
		if v.State == lastword.Released {
			was[v.ID] = true
		}
	}
	entry := s.entry(m, "story.moved", lastword.OfStory, story, map[string]any{"due": due.UTC().Format(time.RFC3339)})
	if err := s.Store.MoveStory(ctx, m.Company, story, due, entry); err != nil || len(was) == 0 || !m.MayRelease() {
		return none, err
	}
	if row, err = s.Store.Story(ctx, m.Company, story); err != nil {
		return none, err
	}
	// Between the two steps nothing can go out: a draft is what waits for a release.
	consents := slices.DeleteFunc(Consents(row.Versions), func(c Consent) bool { return !was[c.ID] })
	return s.Release(ctx, m, story, consents)
}

// Retry is a director's new consent to what failed of a story, as it stands. The
// delivery then first looks whether an earlier attempt did arrive.
func (s *Step) Retry(ctx context.Context, m lastword.Member, story int64) (lastword.Outcome, error) {
	if !m.MayRelease() {
		return lastword.Outcome{}, forbidden("retry", m)
	}
	row, err := s.Store.Story(ctx, m.Company, story)
	if err != nil {
		return lastword.Outcome{}, err
	}
	var consents []Consent
	for _, v := range row.Versions {
		if v.State == lastword.Failed {
			consents = append(consents, Consent{ID: v.ID, Digest: v.Digest()})
		}
	}
	if len(consents) == 0 {
		return lastword.Outcome{}, fmt.Errorf("represent: nothing failed here: %w", lastword.ErrConflict)
	}
	if err := s.sound(ctx, row, consents); err != nil {
		return lastword.Outcome{}, err
	}
	if _, err := s.Store.DraftAgain(ctx, m.Company, story, s.entry(m, "story.retried", lastword.OfStory, story, nil)); err != nil {
		return lastword.Outcome{}, err
	}
	return s.Release(ctx, m, story, consents)
}

// Amend begins a change of a published version, where its place lets words be
// changed, and returns the draft of it. It goes out once it is released.
func (s *Step) Amend(ctx context.Context, m lastword.Member, id int64) (int64, error) {
	v, err := s.Store.Version(ctx, m.Company, id)
	if err != nil {
		return 0, err
	}
	if _, err := s.edit(ctx, m, v.Story); err != nil {
		return 0, err
	}
	o, err := s.outlet(ctx, v)
	if err != nil {
		return 0, err
	}
	if !o.Manner.Edit {
		return 0, &lastword.Mistake{Key: "mistake.story_fixed"}
	}
	change := lastword.Version{ID: s.Store.NewID(), Company: v.Company, Story: v.Story, Channel: v.Channel, Network: v.Network,
		Content: v.Content, ByHand: m.ID, Replaces: v.ID}
	change.Due, change.Cites = time.Time{}, 0
	return change.ID, s.Store.AddVersion(ctx, change)
}

func (s *Step) outlet(ctx context.Context, v lastword.Version) (lastword.Outlet, error) {
	outlets, err := s.Places.Outlets(ctx, v.Company)
	if err != nil {
		return lastword.Outlet{}, err
	}
	i := slices.IndexFunc(outlets, func(o lastword.Outlet) bool { return o.Channel.ID == v.Channel })
	if i < 0 {
		return lastword.Outlet{}, &lastword.Mistake{Key: "mistake.story_channel"}
	}
	return outlets[i], nil
}

// TakeDown has a published version removed at its place, where that is possible. A
// director alone may: what is gone there is gone.
func (s *Step) TakeDown(ctx context.Context, m lastword.Member, id int64) error {
	if !m.MayRelease() {
		return forbidden("take down", m)
	}
	v, err := s.Store.Version(ctx, m.Company, id)
	if err != nil {
		return err
	}
	o, err := s.outlet(ctx, v)
	if err != nil {
		return err
	}
	if !o.Manner.Remove {
		return &lastword.Mistake{Key: "mistake.story_stays"}
	}
	return s.Store.TakeDown(ctx, m.Company, id, s.entry(m, "version.taken_down", lastword.OfVersion, id, map[string]any{"url": v.URL}))
}

// keyOf returns the text of the catalogue that tells a person of err.
func keyOf(err error, otherwise string) string {
	var mistake *lastword.Mistake
	if errors.As(err, &mistake) {
		return mistake.Key
	}
	return otherwise
}
