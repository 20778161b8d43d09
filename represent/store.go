package represent

import (
	"context"
	"time"

	"lastword"
)

// Store is what represent needs kept.
type Store interface {
	Desk
	Outbox
	Album
}

// Desk keeps stories until they are released.
type Desk interface {
	NewID() int64
	Company(ctx context.Context, id int64) (lastword.Company, error)
	Story(ctx context.Context, company, id int64) (lastword.StoryRow, error)
	Version(ctx context.Context, company, id int64) (lastword.Version, error)
	AddStory(ctx context.Context, s lastword.Story, entry lastword.Entry) error

	// SaveStory keeps a draft with all versions that follow from it; drafts and
	// failures that are not among them go, unless an attempt was made. It returns
	// lastword.ErrConflict where something of it is released, or the story is no
	// longer as it was at s.Changed.
	SaveStory(ctx context.Context, s lastword.Story, versions []lastword.Version, next ...lastword.Job) error

	// SaveCard keeps what became known of a story's link, as SaveStory does; to who
	// edits the story it is no change.
	SaveCard(ctx context.Context, s lastword.Story, versions []lastword.Version) error

	// DeleteStory forgets a story of which nothing has left the house.
	DeleteStory(ctx context.Context, company, id int64, entry lastword.Entry) error

	// MoveStory sets when it goes out. What is released becomes a draft again.
	MoveStory(ctx context.Context, company, id int64, due time.Time, entry lastword.Entry) error

	// ReleaseVersions records the director's releases and, where the company's rule
	// is met for a version (lastword.ClearVersion), moves it to the outbox with its
	// job, all together with the entry.
	ReleaseVersions(ctx context.Context, company int64, releases []lastword.Release, entry lastword.Entry) (lastword.Outcome, error)

	// TakeBackStory makes drafts of what is released and untried.
	TakeBackStory(ctx context.Context, company, id int64, entry lastword.Entry) (int, error)
	DraftAgain(ctx context.Context, company, story int64, entry lastword.Entry) (int64, error)
	AddVersion(ctx context.Context, v lastword.Version) error
	TakeDown(ctx context.Context, company, id int64, entry lastword.Entry) error
}

// Outbox keeps released versions until they are published.
type Outbox interface {
	// OutgoingVersion returns a version on its way out, cleared anew from the releases
	// that are stored. lastword.ErrNotFound: nothing waits there any more.
	OutgoingVersion(ctx context.Context, company, id int64) (lastword.OutgoingVersion, error)

	// ClaimVersion counts an attempt before it is made, and keeps others away.
	ClaimVersion(ctx context.Context, company, id int64, attempts int, now, until time.Time) error
	// EndAttempt lets another attempt begin, knowing what this one brought out.
	EndAttempt(ctx context.Context, company, id int64, got []lastword.Placed) error

	Published(ctx context.Context, company, id int64, got []lastword.Placed, at time.Time) error
	Unpublished(ctx context.Context, company, id int64, why string, got []lastword.Placed) error

	Placed(ctx context.Context, company, version int64) ([]lastword.Placed, error)
	TakenDown(ctx context.Context, company, id int64, why string) error
}

// Album keeps pictures under their digests.
type Album interface {
	SavePicture(ctx context.Context, company int64, p lastword.Picture, bytes []byte) error
}

// Places is how posts reach the networks.
type Places interface {
	// Outlets lists the channels that can publish.
	Outlets(ctx context.Context, company int64) ([]lastword.Outlet, error)
	// Publish, Amend and Remove are those of listen.Places.
	Publish(ctx context.Context, c lastword.ClearedVersion, known []lastword.Placed) ([]lastword.Placed, error)
	Amend(ctx context.Context, c lastword.ClearedVersion, stands []lastword.Placed) error
	Remove(ctx context.Context, company, channel int64, stands []lastword.Placed) error
}

// Pages reads what a web page says of itself.
type Pages interface {
	// Look returns the title and the description of a page and the bytes of its
	// picture, as far as it has them.
	Look(ctx context.Context, address string) (title, description string, picture []byte, err error)
}
