package listen

import (
	"context"
	"time"

	"lastword"
)

// Store is what listen needs kept.
type Store interface {
	Leases
	Hearing
	Keeping
	Rhythms
}

// Rhythms tell how a channel has spoken.
type Rhythms interface {
	// Rhythm returns the hours since the given time in which things were said that a
	// channel brought, but for our own.
	Rhythm(ctx context.Context, company, channel int64, since time.Time) (lastword.Rhythm, error)
}

// Leases say which process runs which channel.
type Leases interface {
	// Lease takes up to most channels, of all companies, that are due (their next
	// try is not after now, they are not paused or done) and that no other owner
	// holds, until the given time. Secrets are decrypted.
	Lease(ctx context.Context, owner string, now, until time.Time, most int) ([]Leased, error)
	// LeaseOne takes one channel, due or not; lastword.ErrConflict while another
	// holds it, or where it is gone.
	LeaseOne(ctx context.Context, owner string, company, channel int64, until time.Time) (Leased, error)
	// Renew prolongs a lease; lastword.ErrConflict if it was lost.
	Renew(ctx context.Context, l Leased, until time.Time) error
	// Release gives a lease back and says how the channel fares.
	Release(ctx context.Context, l Leased, h lastword.Health) error
	// Report says how a channel fares while its lease is held.
	Report(ctx context.Context, l Leased, h lastword.Health) error
}

// Keeping keeps what a place gives a channel to come back with.
type Keeping interface {
	// KeepSecrets adds to a channel's secrets, or replaces those of the same name; an
	// empty one is forgotten.
	// The lease stays; lastword.ErrNotFound if the channel is gone.
	KeepSecrets(ctx context.Context, company, channel int64, secrets map[string]string) error
	// Secret returns a channel with its secrets; lastword.ErrNotFound if it is gone.
	Secret(ctx context.Context, company, channel int64) (lastword.Channel, error)
}

// A Leased is a channel that we alone may run, under the fence of its lease.
type Leased = lastword.Leased

// Hearing keeps what is heard.
type Hearing interface {
	Queries(ctx context.Context, company int64) ([]lastword.Query, error)

	// SaveHeard keeps the cursor, the voices among the events, who said them, which
	// queries wanted them, and the job to understand them, together or not at all.
	// hits[i] are the queries that want events[i]; a Said event without any is kept
	// only where the channel takes all, or where it edits a voice that is known.
	// Deletions and account states reach every table. lastword.ErrConflict: the
	// lease was lost, nothing was kept.
	SaveHeard(ctx context.Context, l Leased, cursor string, events []lastword.Event, hits [][]int64) (lastword.Saved, error)

	// VoiceKeys lists the keys of a network's voices that are not gone, rising, after
	// the given one.
	VoiceKeys(ctx context.Context, company int64, network, after string, most int) ([]string, error)

	// VoiceAuthors lists the keys of who said a network's voices, each once, rising.
	VoiceAuthors(ctx context.Context, company int64, network string, voices []string) ([]string, error)

	// SetAside keeps items that could not be read, where people can see them.
	SaveUnreadable(ctx context.Context, company, channel int64, items []lastword.Unreadable) error
}
