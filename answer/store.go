package answer

import (
	"context"
	"time"

	"lastword"
)

// Store is what answer needs kept.
type Store interface {
	Desk
	Outbox
}

// Desk keeps answers until they are released.
type Desk interface {
	NewID() int64
	Company(ctx context.Context, id int64) (lastword.Company, error)
	// Members lists who works here, those who left too.
	Members(ctx context.Context, company int64) ([]lastword.Member, error)
	Theme(ctx context.Context, company, id int64) (lastword.Theme, error)
	Decision(ctx context.Context, company, id int64) (lastword.Decision, error)

	// ToAnswer lists voices that surely belong to the decision's theme, are not
	// answered, set aside, gone, hidden or our own, whose person has not objected
	// and has no answer to this decision yet: one voice a person (the latest
	// said), near-copies too, ids above after, lowest first.
	ToAnswer(ctx context.Context, company, decision, after int64, most int) ([]lastword.VoiceRow, error)

	// SaveDrafts keeps drafts, except where the voice or the person has an answer
	// to the decision already, and returns how many were new.
	SaveDrafts(ctx context.Context, company int64, drafts []lastword.Answer) (int, error)

	AnswerRow(ctx context.Context, company, id int64) (lastword.AnswerRow, error)
	VoiceRow(ctx context.Context, company, id int64) (lastword.VoiceRow, error)

	// EditAnswer changes the text of a draft or a failed answer (which becomes a
	// draft again); anything else is lastword.ErrConflict.
	EditAnswer(ctx context.Context, company, id, by int64, text string) error

	// ReleaseAnswers records the director's releases and, where the company's rule
	// is met for an answer (lastword.Clear), moves it to the outbox with its job,
	// or hands it over where it has no channel; all together with the entry.
	// Drafts whose digest is no longer the one released count as Changed.
	ReleaseAnswers(ctx context.Context, company int64, releases []lastword.Release, entry lastword.Entry) (lastword.Outcome, error)

	// MoveAnswers takes answers from one of the states to another, with entry, and
	// returns how many moved. Taking back a released answer removes it from the
	// outbox unless an attempt was made. A withdrawn answer opens its voice again.
	MoveAnswers(ctx context.Context, company int64, ids []int64, from []lastword.AnswerState, to lastword.AnswerState, why string, entry lastword.Entry) (int, error)

	// GiveByHand closes the circle of an answer that a person gave by hand.
	GiveByHand(ctx context.Context, company, id int64, url string, entry lastword.Entry) error
}

// Outbox keeps released answers until they are delivered.
type Outbox interface {
	// Outgoing returns the outbox row of an answer, cleared anew from the releases
	// that are stored. lastword.ErrNotFound: nothing waits there any more.
	Outgoing(ctx context.Context, company, answer int64) (Outgoing, error)

	// Attempted counts an attempt, before it is made.
	Attempted(ctx context.Context, company, answer int64, at time.Time) error

	// Delivered closes the circle: the answer is sent and its voices are closed.
	Delivered(ctx context.Context, company, answer int64, native, url string, at time.Time) error

	// Undelivered ends the delivery: the answer becomes failed, handed over or
	// withdrawn, and leaves the outbox.
	Undelivered(ctx context.Context, company, answer int64, to lastword.AnswerState, why string) error
}

// Outgoing is one content on its way out.
type Outgoing = lastword.Outgoing

// Places is how answers reach the networks.
type Places interface {
	// Network tells what a network allows; false if nothing is known of it.
	Network(name string) (lastword.Network, bool)

	// Route picks the way in which a voice is best answered; one without a channel
	// goes by hand, and says why.
	Route(ctx context.Context, v lastword.Voice) (lastword.Way, error)

	// Reply and Find are those of listen.Replier, for a channel.
	Reply(ctx context.Context, c lastword.Cleared, to lastword.Post) (native, url string, err error)
	Find(ctx context.Context, c lastword.Cleared, to lastword.Post) (native, url string, found bool, err error)
}
