package web

import (
	"context"
	"net/url"
	"time"

	"lastword"
	"lastword/answer"
	"lastword/brief"
)

// Themes puts voices and themes in order by a person's word.
type Themes interface {
	Rename(ctx context.Context, m lastword.Member, theme int64, name string) error
	Merge(ctx context.Context, m lastword.Member, from, into int64) error
	Split(ctx context.Context, m lastword.Member, theme int64, voices []int64, name string) (int64, error)
	// Found makes a theme of a voice that is in none, to answer it by itself; where it
	// is in one, that is returned.
	Found(ctx context.Context, m lastword.Member, voice int64) (int64, error)
	// TellApart says that two themes do not want the same.
	TellApart(ctx context.Context, m lastword.Member, a, b int64) error
	// Move places voices into a theme; 0 takes them out of any.
	Move(ctx context.Context, m lastword.Member, voices []int64, theme int64) error
	Confirm(ctx context.Context, m lastword.Member, voices []int64) error
	Reject(ctx context.Context, m lastword.Member, voices []int64) error
}

// Decisions keeps the last word.
type Decisions interface {
	// Decide lets a director's decision stand, as far as the company's rule
	// allows, and keeps that of anyone else as a proposal.
	Decide(ctx context.Context, m lastword.Member, theme int64, d lastword.Decision) (lastword.Decision, error)
	// Consent is the word of a further director on exactly the content of digest.
	Consent(ctx context.Context, m lastword.Member, decision int64, digest string) (lastword.Decision, error)
	Reopen(ctx context.Context, m lastword.Member, theme int64) error
}

// Answers drafts, releases and delivers what goes back.
type Answers interface {
	// Draft words the answers to a standing decision and returns how many were new.
	Draft(ctx context.Context, company, decision int64) (int, error)
	Edit(ctx context.Context, m lastword.Member, answer int64, text string) error
	// Fitting says how long a text of an answer is by the way that it takes, and in
	// which parts it goes out.
	Fitting(ctx context.Context, company, answer int64, text string) (answer.Length, []string, error)
	// Release is a director's consent to exactly these contents.
	Release(ctx context.Context, m lastword.Member, c []answer.Consent) (lastword.Outcome, error)
	Withdraw(ctx context.Context, m lastword.Member, answers []int64) error
	Retry(ctx context.Context, m lastword.Member, answers []int64) error
	GivenByHand(ctx context.Context, m lastword.Member, answer int64) error
	// Undo takes released answers back to drafts as long as they have not left.
	Undo(ctx context.Context, m lastword.Member, answers []int64) error
}

// Briefer fits what matters into today's minutes.
type Briefer interface {
	Briefing(ctx context.Context, m lastword.Member, now time.Time) (brief.Briefing, error)
}

// Channels reaches the places that are connected.
type Channels interface {
	// Open checks a channel's settings without calling out, with the secrets that
	// are stored. A wrong setting is a *lastword.Mistake naming the field. Signing
	// says that what the place grants is not there yet.
	Open(ctx context.Context, c lastword.Channel, signing bool) error
	// Probe asks the place what the channel may do there, and keeps the answer.
	Probe(ctx context.Context, company, channel int64) (lastword.Probe, error)
	// PollNow asks for a poll as soon as possible and does not wait for it.
	PollNow(ctx context.Context, company, channel int64) error
	// Authorize returns the address at which a person signs in at the place, and
	// what is to be kept until then.
	Authorize(ctx context.Context, c lastword.Channel, redirect, state string) (address string, kept map[string]string, err error)
	// SignedIn keeps what the place grants for the query with which it sent the
	// person back, and polls. A refusal is a *lastword.Mistake and changes nothing.
	SignedIn(ctx context.Context, by lastword.Member, begun lastword.SigningIn, answer url.Values) error
	// Spending tells what a channel has cost this month; false where its place asks no
	// money.
	Spending(ctx context.Context, company, channel int64) (lastword.Spending, bool, error)
	// Forecast asks its place what a channel would cost, and keeps it with the
	// spending; false where that cannot be asked.
	Forecast(ctx context.Context, company, channel int64) (bool, error)
}

// Models lends a company's endpoint. Nothing but Try waits for it.
type Models interface {
	// Model returns the endpoint without its key; one that was never set up has no
	// address.
	Model(ctx context.Context, company int64) (lastword.Model, error)
	Uses(ctx context.Context, company int64) (embed, chat bool, err error)
	// Save keeps where it is. An empty Key keeps the one stored. What is wrong is a
	// *lastword.Mistake. Where a director agreed to something else it is off then.
	Save(ctx context.Context, by lastword.Member, m lastword.Model) error
	// Preview is what leaves the house, byte by byte but for the key; real is false
	// where a text of ours stands for voices that are not there yet.
	Preview(ctx context.Context, company int64) (requests []lastword.Outbound, real bool, err error)
	// Switch turns it on by a director who saw what digest names, or off;
	// lastword.ErrConflict where that is no longer what is set up.
	Switch(ctx context.Context, by lastword.Member, on bool, digest string) error
	// Try calls it once with a text of ours.
	Try(ctx context.Context, company int64) (lastword.ModelTrial, error)
	State(ctx context.Context, company int64) (lastword.ModelState, error)
}

// Couriers are which other program of a company is told what.
type Couriers interface {
	// Courier returns it without its keys; one that was never set up has no address.
	Courier(ctx context.Context, company int64) (lastword.Courier, error)
	// Save keeps where notices go, and which. What is wrong is a *lastword.Mistake.
	// Where a director agreed to something else it is off then.
	Save(ctx context.Context, by lastword.Member, c lastword.Courier) error
	// NewKey gives it a new key and returns it; the one before is good for a day.
	NewKey(ctx context.Context, by lastword.Member) (string, error)
	// Preview is what leaves the house, byte by byte; real is false where something
	// is invented, since there is nothing of its kind yet.
	Preview(ctx context.Context, company int64) (requests []lastword.Outbound, real bool, err error)
	// Switch turns it on by a director who saw what digest names, or off;
	// lastword.ErrConflict where that is no longer what is set up.
	Switch(ctx context.Context, by lastword.Member, on bool, digest string) error
	// Try sends a test and waits for it.
	Try(ctx context.Context, company int64) (lastword.CourierTrial, error)
	// Notices lists the latest, newest first.
	Notices(ctx context.Context, company int64, most int) ([]lastword.Notice, error)
}
