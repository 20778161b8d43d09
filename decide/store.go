package decide

import (
	"context"

	"lastword"
)

// Store is what decide needs kept.
type Store interface {
	NewID() int64
	Company(ctx context.Context, id int64) (lastword.Company, error)
	Theme(ctx context.Context, company, id int64) (lastword.Theme, error)
	Decision(ctx context.Context, company, id int64) (lastword.Decision, error)

	// AddDecision keeps a new decision as a proposal.
	AddDecision(ctx context.Context, d lastword.Decision, entry lastword.Entry) error

	// ConsentDecision records the release by a director and, once the company's
	// rule is met, lets the decision stand, supersede the theme's former one and
	// leave next, all together with the entry. With add it keeps the decision
	// itself in the same transaction. It returns the decision as it is then, and
	// lastword.ErrConflict where the digest is no longer the decision's.
	ConsentDecision(ctx context.Context, d lastword.Decision, add bool, r lastword.Release, entry lastword.Entry, next ...lastword.Job) (lastword.Decision, error)

	// ReopenTheme ends the standing decision of a theme: drafts not yet released
	// are withdrawn, voices not yet answered are open again.
	ReopenTheme(ctx context.Context, company, theme int64, entry lastword.Entry) error
}
